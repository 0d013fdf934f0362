/** A statement that stands out: what is wrong or at risk, why, and what to do about it. */
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconShieldExclamation } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './notice.module.css';
import type { Tone } from './tag.tsx';

const icons = {
  good: IconCircleCheck,
  note: IconInfoCircle,
  quiet: IconInfoCircle,
  warn: IconAlertTriangle,
  risk: IconShieldExclamation,
} as const;

type Props = Readonly<{
  tone: Tone;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  /** Spoken at once by a screen reader: for what happens while the person is doing something else. */
  live?: 'polite' | 'assertive';
}>;

export function Notice({ tone, title, children, action, live }: Props) {
  const Icon = icons[tone];
  return (
    <div className={classes.notice} data-tone={tone} role={live === 'assertive' ? 'alert' : live && 'status'}>
      <Icon size={18} stroke={1.75} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        {title !== undefined && <div className={classes.title}>{title}</div>}
        {children !== undefined && <div>{children}</div>}
      </div>
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  );
}
