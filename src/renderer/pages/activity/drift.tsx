/** What somebody changed in Steeple of what is ours, and a choice for each: put it back, take it over, or leave it alone. */
import { Button } from '@mantine/core';
import { IconCircleCheck, IconRadar2, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DriftReport, DriftRow, DriftState } from '../../../../daemon/contract/drift.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { stay, to } from '../../route.ts';
import { isAway, statusOf, useAnswer, useKept, useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Filters } from '../../ui/filters.tsx';
import { Grid } from '../../ui/grid.tsx';
import { More } from '../../ui/more.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Moment, OneLine } from '../../ui/words.tsx';
import classes from './activity.module.css';
import { Change, DecideAll, driftTones, useDriftWords } from './change.tsx';

const groups = {
  open: ['open'],
  standing: ['adopted', 'ignored'],
  over: ['restored', 'closed'],
} as const satisfies Record<string, readonly DriftState[]>;
type Group = keyof typeof groups;

export function Drift({ chosen }: Readonly<{ chosen: number | undefined }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useDriftWords();
  const status = useRelay(statusOf);
  const [group, setGroup] = useState<Group>('open');
  const [limit, setLimit] = useState(200);
  const { value, failure, again } = useKept(useAnswer('drift.show', { states: [...groups[group]], limit }));
  const rows = value?.items.filter(({ state }) => groups[group].some((one) => one === state)) ?? [];
  const row = rows.find(({ id }) => id === chosen) ?? (group === 'open' ? rows[0] : undefined);
  const off = status?.sync.state !== 'on';
  return (
    <>
      {failure !== undefined && <Problem failure={failure} />}
      <Scan last={value?.last ?? null} nextAt={value?.nextAt ?? null} off={off} onDone={again} />
      <Split
        list={
          <>
            <div className={classes.tools}>
              <Filters
                label={t('drift.filter')}
                value={group}
                onChange={setGroup}
                options={(Object.keys(groups) as Group[]).map((name) => ({
                  value: name,
                  label: t(`drift.group.${name}`),
                  count: name === 'open' ? status?.drift?.open : undefined,
                }))}
              />
              {group === 'open' && rows.length > 1 && (
                <DecideAll rows={rows} total={value?.total ?? 0} onDone={again} />
              )}
            </div>
            {value !== undefined && rows.length === 0 ? (
              <Empty
                icon={group === 'open' ? IconCircleCheck : IconSearch}
                title={t(off && group === 'open' ? 'drift.off' : `drift.none.${group}`)}
                action={off && group === 'open' ? <a href={to('preview')}>{t('drift.toPreview')}</a> : undefined}
              >
                {group === 'open' && t(off ? 'drift.offWhy' : 'drift.noneWhy')}
              </Empty>
            ) : (
              <Grid<DriftRow>
                label={t('activity.drift')}
                rows={rows}
                {...(value !== undefined && { total: value.total })}
                columns={[
                  {
                    key: 'what',
                    title: t('drift.what'),
                    width: 'minmax(0, 1fr)',
                    cell: (one) => (
                      <div className={classes.twoLines}>
                        <OneLine>{words.title(one)}</OneLine>
                        <OneLine quiet>{words.change(one)}</OneLine>
                      </div>
                    ),
                  },
                  {
                    key: 'found',
                    title: t('drift.found'),
                    width: '122px',
                    cell: ({ foundAt }) => <span className={classes.quiet}>{format.brief(foundAt)}</span>,
                  },
                  {
                    key: 'state',
                    title: t('column.state'),
                    width: '104px',
                    cell: ({ state }) => <Tag tone={driftTones[state]}>{t(`drift.${state}`)}</Tag>,
                  },
                ]}
                keyOf={({ id }) => id}
                chosen={row?.id}
                onChoose={({ id }) => stay('activity', `drift/${id}`)}
                rowHeight={52}
                foot={
                  value !== undefined && value.items.length < value.total ? (
                    <More here={value.items.length} all={value.total} onMore={() => setLimit(limit + 1_000)} />
                  ) : undefined
                }
              />
            )}
          </>
        }
        detail={
          row === undefined ? (
            <Empty icon={IconRadar2} title={t('drift.choose')} />
          ) : (
            <Change key={`${row.id} ${row.state}`} row={row} onDone={again} />
          )
        }
      />
    </>
  );
}

type ScanProps = Readonly<{ last: DriftReport | null; nextAt: number | null; off: boolean; onDone(): void }>;

/** When Steeple was last read from end to end, what came of it, and a way to do it now. */
function Scan({ last, nextAt, off, onDone }: ScanProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  async function scan(): Promise<void> {
    const { call, me } = useRelay.getState();
    setBusy(true);
    const reply = await call('drift.scan', { by: me.trim() });
    setBusy(false);
    setFailure(reply.ok ? undefined : reply);
    onDone();
  }
  return (
    <>
      {failure !== undefined && <Problem failure={failure} title={t('drift.notRead')} />}
      {last?.problem && (
        <Notice tone="warn" title={t('drift.problem')}>
          <Said>{last.problem}</Said>
        </Notice>
      )}
      <div className={classes.scan}>
        <div role="status">
          {busy
            ? t('drift.scanning')
            : last === null
              ? t('drift.never')
              : last.problem === null && (
                  <>
                    {t('drift.last', {
                      users: format.number(last.users),
                      groups: format.number(last.groups),
                      count: last.found,
                    })}{' '}
                    · <Moment at={last.at} />
                  </>
                )}
          {nextAt !== null && !busy && (
            <span className={classes.quiet}> {t('drift.next', { when: format.when(nextAt) })}</span>
          )}
          {nextAt === null && !off && !busy && (
            <span className={classes.quiet}>
              {' '}
              {t('drift.unplanned')} <a href={to('settings', 'policy')}>{t('drift.toPolicy')}</a>
            </span>
          )}
        </div>
        <Button variant="default" loading={busy} disabled={off || away || nobody} onClick={() => void scan()}>
          {t('drift.scan')}
        </Button>
      </div>
    </>
  );
}
