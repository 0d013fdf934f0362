/** A value to be pasted somewhere else: what it is called there, the value itself, and a button that copies it. */
import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Copy } from './copy.tsx';
import classes from './value.module.css';

type Props = Readonly<{
  /** As the other side's screen calls it: in English there, so it is marked so. */
  label: string;
  value: string;
  foreign?: boolean;
  note?: ReactNode;
}>;

export function Value({ label, value, foreign = false, note }: Props) {
  const { t } = useTranslation();
  const name = useId();
  return (
    <div className={classes.value}>
      <span id={name} className={classes.label} lang={foreign ? 'en' : undefined}>
        {label}
      </span>
      <code className={classes.code}>{value}</code>
      <Copy value={value}>
        {({ copied, copy }) => (
          <Button
            variant={copied ? 'light' : 'default'}
            size="compact-xs"
            onClick={copy}
            aria-describedby={name}
            leftSection={copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
          >
            {copied ? t('copied') : t('copy')}
          </Button>
        )}
      </Copy>
      {note !== undefined && <div className={classes.note}>{note}</div>}
    </div>
  );
}

/** What is chosen there rather than pasted. */
export function Choice({ label, children }: Readonly<{ label: string; children: ReactNode }>) {
  return (
    <div className={classes.value}>
      <span className={classes.label} lang="en">
        {label}
      </span>
      <span className={classes.choice} lang="en">
        {children}
      </span>
    </div>
  );
}

export function Values({ children }: Readonly<{ children: ReactNode }>) {
  return <div className={classes.values}>{children}</div>;
}
