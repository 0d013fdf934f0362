/**
 * Whether the provider, the directory and Steeple agree. The counts alone cannot tell (Steeple also has accounts no source names,
 * and groups of ours where the directory has its own), so the sentence comes from a plan, and the counts stand beside it.
 */
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Status } from '../../../../daemon/contract/status.ts';
import { useFormat } from '../../format.ts';
import { whenIdle } from '../../idle.ts';
import { useSourceName } from '../../names.ts';
import { to } from '../../route.ts';
import { useAnswer } from '../../store.ts';
import { Panel } from '../../ui/page.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Counts, Gap } from '../preview/counts.tsx';
import classes from './overview.module.css';

/** Once the browser has drawn what it has, and has nothing else to do. */
function useSettled(): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => whenIdle(() => setSettled(true)), []);
  return settled;
}

export function Agreement({ status }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const { directory, observed, owesPlan, deliveries } = status;
  const moving = owesPlan > 0 || deliveries.owed > 0 || deliveries.sending > 0;
  // While things move a plan is out of date before it is shown; and while sync is off, making one reads all of Steeple,
  // which is for the person to ask for. Only what a plan is made from makes a new one, not every change.
  // And whoever has just come first sees what is known already.
  const settled = useSettled();
  const ask = settled && status.sync.state === 'on' && !moving;
  const { value: plan, failure, again } = useAnswer('plan.make', ask ? { limit: 1 } : undefined, false);
  const basis = [status.journal.entries, status.mapping.version, status.held.count].join();
  const planned = useRef(basis);
  useEffect(() => {
    if (planned.current !== basis) again();
    planned.current = basis;
  }, [basis, again]);
  // It asks Steeple whether it answers, so not with every push: what the provider's page says changes when somebody types.
  const preflight = useAnswer('preflight.show', {}, false);
  const counts = preflight.value?.counts ?? [];
  const [typing, setTyping] = useState(false);
  /** What the providers' pages come to; undefined where not all of it was typed in. */
  const expected = (what: 'users' | 'groups'): number | undefined => {
    const all = counts.map((row) => row.expected?.[what] ?? null);
    return all.length === 0 || all.includes(null) ? undefined : all.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  };
  const rows = [
    ['people', expected('users'), directory.active, observed.users],
    ['groups', expected('groups'), directory.groups, observed.groups],
    ['memberships', undefined, directory.memberships, observed.memberships],
  ] as const;
  return (
    <Panel
      title={t('agree')}
      aside={
        moving ? (
          <Tag tone="note">{t('agree.moving')}</Tag>
        ) : status.sync.state === 'off' ? (
          <a href={to('preview')} className={classes.aside}>
            {t('agree.off')}
          </a>
        ) : plan === undefined ? (
          failure && (
            <span className={classes.aside}>
              <Said by={failure.said}>{failure.message}</Said>
            </span>
          )
        ) : plan.total.people === 0 && plan.operations.length === 0 ? (
          <Tag tone="good">{t('agree.yes')}</Tag>
        ) : (
          <a href={to('preview')} className={classes.aside}>
            {t('agree.no', { count: plan.total.people })}
            {plan.summary.held > 0 && ` · ${t('agree.held', { count: plan.summary.held })}`}
          </a>
        )
      }
      flush
    >
      <table className={classes.counts}>
        <thead>
          <tr>
            <th scope="col">
              <span className={classes.unseen}>{t('agree.what')}</span>
            </th>
            <th scope="col">{t('agree.provider')}</th>
            <th scope="col">{t('agree.directory')}</th>
            <th scope="col">{t('agree.steeple')}</th>
            <th scope="col" className={classes.wide}>
              {t('agree.note')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([what, said, ours, theirs]) => (
            <tr key={what}>
              <th scope="row">{t(`agree.${what}`)}</th>
              <td>{said === undefined ? '–' : format.number(said)}</td>
              <td>{format.number(ours)}</td>
              <td>{observed.at === null ? '–' : format.number(theirs)}</td>
              <td className={classes.wide}>
                {what === 'people'
                  ? plan !== undefined && plan.strangers.length > 0
                    ? t('agree.strangers', { count: plan.strangers.length })
                    : ''
                  : t(`agree.${what}.note`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {counts.length > 0 && (
        <div className={classes.provider}>
          <span className={classes.tags}>
            {counts.map((row) => (
              <span key={row.source}>
                {t('agree.page', { source: sourceName(row.source) })} <Gap row={row} />
              </span>
            ))}
          </span>
          <Button
            variant="default"
            size="compact-xs"
            aria-expanded={typing}
            onClick={() => setTyping((before) => !before)}
          >
            {t(typing ? 'agree.typed' : 'agree.type')}
          </Button>
        </div>
      )}
      {typing && preflight.value !== undefined && <Counts preflight={preflight.value} again={preflight.again} />}
    </Panel>
  );
}
