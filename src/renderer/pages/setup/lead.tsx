/** What a step is about, in a sentence or two, before anything can be done in it. */
import type { ReactNode } from 'react';
import classes from './setup.module.css';

export function Lead({ children }: Readonly<{ children: ReactNode }>) {
  return <p className={classes.lead}>{children}</p>;
}
