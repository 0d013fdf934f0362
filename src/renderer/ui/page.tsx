/** The frame of every page: its name and what it is for, what can be done, and the rest. */
import type { ReactNode } from 'react';
import classes from './page.module.css';

type Props = Readonly<{
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** Fills the window and scrolls inside, for pages that are a list. */
  fills?: boolean;
  children: ReactNode;
}>;

export function Page({ title, lead, actions, fills = false, children }: Props) {
  return (
    <div className={classes.page} data-fills={fills}>
      <header className={classes.head}>
        <div className={classes.titles}>
          <h1>{title}</h1>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={classes.rest}>{children}</div>
    </div>
  );
}

type PanelProps = Readonly<{ title?: ReactNode; aside?: ReactNode; flush?: boolean; children: ReactNode }>;

/** A bordered surface with a name. `flush` leaves the padding to what is in it. */
export function Panel({ title, aside, flush = false, children }: PanelProps) {
  return (
    <section className={classes.panel}>
      {title !== undefined && (
        <div className={classes.panelHead}>
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      <div className={flush ? classes.flush : classes.padded}>{children}</div>
    </section>
  );
}

/** A list on the left, what is chosen in it on the right. Both scroll by themselves. */
export function Split({
  list,
  detail,
  wide = false,
}: Readonly<{ list: ReactNode; detail: ReactNode; wide?: boolean }>) {
  return (
    <div className={classes.split} data-wide={wide}>
      <div className={classes.list}>{list}</div>
      <aside className={classes.detail}>{detail}</aside>
    </div>
  );
}

/** Name and value, in two columns that line up. */
export function Facts({ rows }: Readonly<{ rows: readonly (readonly [name: string, value: ReactNode])[] }>) {
  return (
    <dl className={classes.facts}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
