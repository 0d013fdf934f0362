/** A word that says what kind or state something is in. The tone repeats the word, it never replaces it. */
import type { ReactNode } from 'react';
import classes from './tag.module.css';

/** What a statement asks of the reader: nothing, to know it, to look at it, to be careful. */
export type Tone = 'good' | 'note' | 'warn' | 'risk' | 'quiet';

export function Tag({ tone = 'quiet', children }: Readonly<{ tone?: Tone; children: ReactNode }>) {
  return (
    <span className={classes.tag} data-tone={tone}>
      {children}
    </span>
  );
}
