/**
 * What left, batch by batch: who lost what, what a click brings back and what nobody but Steeple's support can; playing a
 * batch back, whole or for some; and what an earlier undo brought back and still stands, which can be ended.
 */
import { Button, Checkbox } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UndoEntry } from '../../../../daemon/contract/undo.ts';
import type { Output } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName } from '../../names.ts';
import { stay, to } from '../../route.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page, Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine, useRoleName } from '../../ui/words.tsx';
import { Pins } from './pins.tsx';
import classes from './review.module.css';

type Row = Output<'undo.list'>[number];

export function Back({ chosen }: Readonly<{ chosen: string | undefined }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const counted = useCounted();
  const { value, failure, again } = useAnswer('undo.list', {});
  const rows = [...(value ?? [])].sort((a, b) => b.madeAt - a.madeAt);
  const row = rows.find(({ file }) => file === chosen) ?? rows[0];
  const frame = { title: t('back.page'), lead: t('back.words'), actions: <ToQueue /> };
  if (value?.length === 0)
    return (
      <Page {...frame}>
        <Empty icon={IconHistory} title={t('back.none')} action={<a href={to('review')}>{t('back.toQueue')}</a>}>
          {t('back.noneWhy')}
        </Empty>
        <Pins />
      </Page>
    );
  return (
    <Page {...frame} fills>
      {failure !== undefined && <Problem failure={failure} />}
      <Pins />
      <Split
        wide
        list={
          <Grid<Row>
            label={t('back.page')}
            rows={rows}
            columns={[
              {
                key: 'batch',
                title: t('back.batch'),
                width: 'minmax(0, 1fr)',
                cell: (one) => (
                  <div className={classes.line}>
                    <span className={classes.name}>{format.when(one.madeAt)}</span>
                    <OneLine quiet>{counted(one)}</OneLine>
                  </div>
                ),
              },
              {
                key: 'state',
                title: t('column.state'),
                width: '96px',
                align: 'end',
                cell: ({ problem, playedAt }) =>
                  problem ? (
                    <Tag tone="risk">{t('back.damaged')}</Tag>
                  ) : (
                    playedAt !== null && <Tag tone="good">{t('back.played')}</Tag>
                  ),
              },
            ]}
            keyOf={({ file }) => file}
            chosen={row?.file}
            onChoose={({ file }) => stay('review', `back/${file}`)}
            rowHeight={52}
          />
        }
        detail={row === undefined ? null : <Batch key={row.file} row={row} onPlayed={again} />}
      />
    </Page>
  );
}

/** What a batch took, in numbers. */
function useCounted(): (row: Row) => string {
  const { t } = useTranslation();
  return ({ removed, revoked, downgraded }) => {
    const parts = [
      removed > 0 && t('bulk.remove', { count: removed }),
      revoked > 0 && t('bulk.revoke', { count: revoked }),
      downgraded > 0 && t('bulk.downgrade', { count: downgraded }),
    ];
    return parts.filter((part) => part !== false).join(', ');
  };
}

function ToQueue() {
  const { t } = useTranslation();
  return (
    <Button component="a" href={to('review')} variant="default">
      {t('back.toQueue')}
    </Button>
  );
}

/** One batch: its people, what comes back of each, and playing it back. */
function Batch({ row, onPlayed }: Readonly<{ row: Row; onPlayed(): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const counted = useCounted();
  const { value, failure } = useAnswer('undo.show', row.problem ? undefined : { file: row.file }, false);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [done, setDone] = useState<Output<'undo.play'>>();
  if (row.problem)
    return (
      <article className={classes.item}>
        <h2>{format.when(row.madeAt)}</h2>
        <Notice tone="risk" title={t('back.damaged.title')}>
          <Said by={row.problemSaid}>{row.problem}</Said>
        </Notice>
        <code>{row.file}</code>
      </article>
    );
  if (value === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  const people = [...new Map(value.entries.map((entry) => [entry.person, entry])).keys()];
  const chosen = people.filter((person) => !left.has(person));
  const removals = value.entries.filter(({ kind, person }) => kind === 'remove' && !left.has(person)).length;
  const toggle = (person: string) => {
    const next = new Set(left);
    if (!next.delete(person)) next.add(person);
    setLeft(next);
  };
  return (
    <article className={classes.item}>
      <header>
        <h2>{t('back.left', { when: format.when(value.madeAt) })}</h2>
        <p className={classes.quiet}>{counted(row)}</p>
      </header>
      {done !== undefined && <Played done={done} />}
      {row.playedAt !== null && done === undefined && (
        <Notice tone="good">{t('back.playedAt', { when: format.when(row.playedAt) })}</Notice>
      )}
      <ul className={classes.taken}>
        {value.entries.map((entry) => (
          <Taken
            key={`${entry.person} ${entry.kind} ${entry.sentAt}`}
            entry={entry}
            checked={!left.has(entry.person)}
            onToggle={() => toggle(entry.person)}
          />
        ))}
      </ul>
      <div className={classes.buttons}>
        <AskWhy
          main
          title={t('back.title', { when: format.when(value.madeAt) })}
          opens={t(left.size === 0 ? 'back.open' : 'back.openSome', { count: chosen.length })}
          does={t('back.do')}
          ready={chosen.length > 0}
          act={async (said) => {
            const some = left.size === 0 ? {} : { people: chosen };
            const reply = await useRelay.getState().call('undo.play', { file: row.file, ...some, ...said });
            if (!reply.ok) return reply;
            setDone(reply.value);
            onPlayed();
            return undefined;
          }}
        >
          <p>{t('back.askSome', { count: chosen.length })}</p>
          {removals > 0 && (
            <Notice tone="risk" title={t('lost')}>
              {t('back.lost', { count: removals })}
            </Notice>
          )}
        </AskWhy>
      </div>
    </article>
  );
}

type TakenProps = Readonly<{ entry: UndoEntry; checked: boolean; onToggle(): void }>;

/** What one person lost, what comes back and what does not. */
function Taken({ entry, checked, onToggle }: TakenProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const role = useRoleName();
  const { userName, name, kind, access, by, reason, sentAt } = entry;
  const called = name || userName;
  return (
    <li>
      <Checkbox checked={checked} onChange={onToggle} aria-label={t('back.include', { name: called })} />
      <div>
        <a href={to('people', userName)}>{called}</a> <span className={classes.quiet}>{userName}</span>{' '}
        <Tag tone={kind === 'remove' ? 'risk' : 'warn'}>{t(`held.${kind}.short`)}</Tag>
        <div>
          <span className={classes.quiet}>{t('back.returns')}</span>{' '}
          {format.list([
            ...(kind === 'remove' ? [t('back.account')] : []),
            ...access.map((one) => `${communityName(one.community)} – ${role(one.role)}`),
          ]) || '–'}
        </div>
        {kind === 'remove' && (
          <div>
            <span className={classes.quiet}>{t('back.not')}</span> {t('back.posts')}
          </div>
        )}
        <div className={classes.quiet}>
          {format.when(sentAt)}
          {by !== null && ` · ${t('back.by', { name: by })}`}
          {reason !== null && reason !== '' && ` · “${reason}”`}
        </div>
      </div>
    </li>
  );
}

function Played({ done: { restored, not, lost, lostSaid } }: Readonly<{ done: Output<'undo.play'> }>) {
  const { t } = useTranslation();
  const count = new Set(restored.map(({ person }) => person)).size;
  return (
    <>
      <Notice tone="good" live="polite" title={t('back.done', { count })}>
        {t('back.on')}
      </Notice>
      {not.length > 0 && (
        <Notice tone="warn" title={t('back.notDone', { count: not.length })}>
          <ul className={classes.waiting}>
            {not.map(({ person, userName, why, said }) => (
              <li key={`${person} ${why}`}>
                <strong>{userName}</strong>: <Said by={said}>{why}</Said>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {lost !== '' && (
        <Notice tone="risk" title={t('lost')}>
          <Said by={lostSaid}>{lost}</Said>
        </Notice>
      )}
    </>
  );
}
