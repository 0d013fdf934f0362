/** One line of what needs somebody: what it is, why or since when, and the way to it. */
import { Button } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import type { Tone } from '../../ui/tag.tsx';
import classes from './overview.module.css';

type Props = Readonly<{
  tone: Tone;
  title: ReactNode;
  words: ReactNode;
  action?: Readonly<{ href: string; label: string }>;
}>;

export function Need({ tone, title, words, action }: Props) {
  const what = useId();
  return (
    <li className={classes.need} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      <span className={classes.what} id={what}>
        {title}
      </span>
      <span className={classes.why}>{words}</span>
      {action !== undefined && (
        <Button component="a" href={action.href} variant="default" size="compact-xs" aria-describedby={what}>
          {action.label}
        </Button>
      )}
    </li>
  );
}
