/** A place with nothing in it yet: why, and what to do next. */
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './empty.module.css';

type Props = Readonly<{ icon: Icon; title: string; children?: ReactNode; action?: ReactNode }>;

export function Empty({ icon: Picture, title, children, action }: Props) {
  return (
    <div className={classes.empty} data-empty>
      <Picture size={28} stroke={1.5} aria-hidden className={classes.icon} />
      <div className={classes.title}>{title}</div>
      {children !== undefined && <div className={classes.words}>{children}</div>}
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  );
}
