/**
 * What waits for a person: one item after the other, by mouse or by key (a approve, k keep, j next, u undo), or all that a
 * filter finds at once. Nothing of what is listed here has left for Steeple. With the relay away one goes on deciding.
 */
import { ActionIcon, Menu } from '@mantine/core';
import { IconChecks, IconDots, IconSearch, IconUserCheck } from '@tabler/icons-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HeldItem, HeldState } from '../../../daemon/contract/review.ts';
import { firstHeld } from '../ahead.ts';
import { useFormat } from '../format.ts';
import { useWords } from '../i18n/tongue.ts';
import { useCommunityName } from '../names.ts';
import { type Choice, canUndo, useReview } from '../review.ts';
import { stay, to, useRoute } from '../route.ts';
import { statusOf, useAnswer, useKept, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Filters } from '../ui/filters.tsx';
import { Grid } from '../ui/grid.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page, Split } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/tag.tsx';
import { Key, Moment } from '../ui/words.tsx';
import { Alarms } from './review/alarms.tsx';
import { Back } from './review/back.tsx';
import { BulkButton, type Done } from './review/bulk.tsx';
import { Bundled } from './review/bundled.tsx';
import { BundleIn, BundleModal, BundleOut } from './review/bundles.tsx';
import { Item, stateTones } from './review/item.tsx';
import { filterOf, isNarrow, Narrow, wide } from './review/narrow.tsx';
import classes from './review/review.module.css';
import { Told } from './review/told.tsx';
import { ReturnedDecisions, WaitingDecisions } from './review/waiting.tsx';

const groups = {
  waiting: ['held'],
  decided: ['approved', 'kept', 'sent', 'withdrawn'],
} as const satisfies Record<string, readonly HeldState[]>;

/** So many are here by themselves; more where they are asked for. */
const step = 500;

/** `#/review/12` is an item; `#/review/back` what left; `#/review/bundle` a file from another relay. */
export function Review() {
  const [part, ...file] = (useRoute().rest ?? '').split('/');
  if (part === 'back') return <Back chosen={file.join('/') || undefined} />;
  return part === 'bundle' ? <Bundled /> : <Queue />;
}

function Queue() {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const status = useRelay(statusOf);
  const { rest } = useRoute();
  const [group, setGroup] = useState<keyof typeof groups>('waiting');
  const [by, setBy] = useState(wide);
  const [limit, setLimit] = useState(firstHeld);
  /** What is being decided, and of whom: it never passes to whoever comes up in that one's place. */
  const [chosen, setChosen] = useState<Readonly<{ id: number; choice: Choice }>>();
  const [done, setDone] = useState<Done>();
  const asked = useDeferredValue(by);
  const filter = filterOf([...groups[group]], asked);
  const { value, failure } = useKept(useAnswer('review.list', { ...filter, limit }));
  // The first can be read, and decided on, before the rest is here.
  useEffect(() => {
    if (value !== undefined && value.items.length < value.total && limit < step) setLimit(step);
  }, [value, limit]);
  const problem = useReview((state) => state.failure);
  const waits = useReview((state) => state.waiting);

  const items = useMemo(() => {
    // The relay narrows too; here it is for while it is away, or still thinking.
    const text = by.text.trim().toLowerCase();
    return [...(value?.items ?? [])]
      .filter(
        ({ name, userName, kind, rule, community, source, state }) =>
          groups[group].some((one) => one === state) &&
          (by.kind === '' || by.kind === kind) &&
          (by.rule === '' || by.rule === rule) &&
          (by.community === '' || by.community === community) &&
          (by.source === '' || by.source === source) &&
          `${name} ${userName}`.toLowerCase().includes(text),
      )
      .sort((a, b) =>
        group === 'waiting' ? a.since - b.since || a.id - b.id : (b.decidedAt ?? b.since) - (a.decidedAt ?? a.since),
      );
  }, [value, by, group]);

  // A link may name an item that is decided already, or gone: then it is asked for by itself.
  const wanted = rest === undefined || !/^\d+$/.test(rest) ? undefined : Number(rest);
  const listed = items.find(({ id }) => id === wanted);
  const elsewhere = useAnswer(
    'review.show',
    wanted !== undefined && value !== undefined && listed === undefined ? { id: wanted } : undefined,
  );
  const open = items.find(({ id }) => !waits.has(id)) ?? items[0];
  const item: HeldItem | undefined = listed ?? (wanted === undefined ? open : elsewhere.value);

  const choice = chosen?.id === item?.id ? chosen?.choice : undefined;
  const shown = useRef(item?.id);
  shown.current = item?.id;

  /** From here on the item stays before the reader, also where somebody else decides on it or its source changes its mind. */
  function decide(on: HeldItem, by: Choice | undefined): void {
    if (shown.current !== on.id) return;
    stay('review', on.id);
    setChosen(by && { id: on.id, choice: by });
  }
  function choose(next: HeldItem | undefined): void {
    setChosen(undefined);
    stay('review', next?.id);
  }
  /** The next one that is still to be decided, or the one before at the end of the list: what a reader goes on with. */
  function neighbour(of: HeldItem): HeldItem | undefined {
    const at = items.findIndex(({ id }) => id === of.id);
    const undecided = (one: HeldItem) => one.id !== of.id && !useReview.getState().waiting.has(one.id);
    return items.slice(at + 1).find(undecided) ?? items.slice(0, Math.max(at, 0)).findLast(undecided);
  }

  useKeys({
    a: () => item?.state === 'held' && decide(item, 'approve'),
    k: () => item?.state === 'held' && decide(item, 'keep'),
    j: () => item && choose(items[items.findIndex(({ id }) => id === item.id) + 1]), // after the last one: the first
    u: () => {
      const { last, undo, withdraw } = useReview.getState();
      if (last?.waits) withdraw(last.item.id);
      else if (last !== undefined && canUndo(last.item)) void undo(last.item);
    },
  });

  const nothing = group === 'waiting' && wanted === undefined && !isNarrow(by) && value?.total === 0;
  const above = (
    <>
      <Alarms />
      <WaitingDecisions />
      <ReturnedDecisions />
      {done !== undefined && (
        <Notice tone={done.choice === 'approve' ? 'note' : 'good'} live="polite">
          {t(done.choice === 'approve' ? 'bulk.approved' : 'bulk.kept', { count: done.decided })}
          {done.first > 0 && ` ${t('bulk.first', { count: done.first })}`}
        </Notice>
      )}
      <Told />
    </>
  );
  const actions = <More filter={filter} total={value?.total ?? 0} />;
  if (status !== undefined && nothing)
    return (
      <Page title={t('nav.review')} lead={t('review.lead')} actions={actions}>
        {above}
        <Empty
          icon={IconChecks}
          title={t('review.none')}
          action={
            <button type="button" className={classes.inline} onClick={() => setGroup('decided')}>
              {t('review.seeDecided')}
            </button>
          }
        >
          {t(status.sync.state === 'on' ? 'review.noneWhy' : 'review.noneOff')}
        </Empty>
      </Page>
    );
  return (
    <Page
      title={t('nav.review')}
      lead={t('review.lead')}
      fills
      actions={
        <>
          <Keys />
          {actions}
        </>
      }
    >
      {failure !== undefined && <Problem failure={failure} />}
      {problem !== undefined && <Problem failure={problem} title={t('review.refused')} />}
      {above}
      <Split
        wide
        list={
          <>
            <div className={classes.tools}>
              <Filters
                label={t('review.filter')}
                value={group}
                onChange={(next) => {
                  setGroup(next);
                  choose(undefined);
                }}
                options={[
                  { value: 'waiting', label: t('review.waiting'), count: status?.held.count },
                  { value: 'decided', label: t('review.decided') },
                ]}
              />
              <Narrow
                by={by}
                onChange={(next) => {
                  setBy(next);
                  setLimit(firstHeld);
                }}
              />
              {group === 'waiting' && value !== undefined && (isNarrow(by) || value.total > 1) && (
                <div className={classes.found}>
                  <span aria-live="polite">{t('narrow.found', { count: value.total })}</span>
                  <BulkButton filter={filter} total={value.total} onDone={setDone} />
                </div>
              )}
            </div>
            {value !== undefined && items.length === 0 ? (
              <Empty icon={IconSearch} title={t(isNarrow(by) ? 'preview.noMatch' : 'review.noneHere')} />
            ) : (
              <Grid<HeldItem>
                label={t(`review.${group}`)}
                rows={items}
                columns={[
                  {
                    key: 'item',
                    title: t('review.oldest'),
                    width: 'minmax(0, 1fr)',
                    cell: (row) => <Line item={row} waits={waits.has(row.id)} communityName={communityName} />,
                  },
                ]}
                keyOf={({ id }) => id}
                chosen={item?.id}
                onChoose={choose}
                rowHeight={57}
                foot={
                  value !== undefined && value.total > value.items.length ? (
                    <button type="button" className={classes.inline} onClick={() => setLimit(limit + 1_000)}>
                      {t('people.more', { here: format.number(value.items.length), all: format.number(value.total) })}
                    </button>
                  ) : undefined
                }
              />
            )}
          </>
        }
        detail={
          item === undefined ? (
            <Empty icon={IconUserCheck} title={t(elsewhere.failure ? 'review.gone' : 'review.choose')} />
          ) : (
            <Item
              key={item.id}
              item={item}
              choice={choice}
              onChoice={(next) => decide(item, next)}
              // Who has gone on to another one while the answer was on its way stays there, with what they are typing.
              onDecided={() => shown.current === item.id && choose(neighbour(item))}
            />
          )
        }
      />
    </Page>
  );
}

function Keys() {
  const { t } = useTranslation();
  const keys = [
    ['review.approve', 'A'],
    ['review.keep', 'K'],
    ['review.next', 'J'],
    ['undo', 'U'],
  ] as const;
  return (
    <div className={classes.keys} aria-hidden>
      {keys.map(([words, key]) => (
        <span key={key}>
          {t(words)} <Key name={key} />
        </span>
      ))}
    </div>
  );
}

type MoreProps = Readonly<{ filter: ReturnType<typeof filterOf>; total: number }>;

/** What is done now and then: a bundle out or in, and bringing back what left. */
function More({ filter, total }: MoreProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<'out' | 'in'>();
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size="md" aria-label={t('review.more')}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('out')}>{t('bundle.out')}</Menu.Item>
          <Menu.Item onClick={() => setOpen('in')}>{t('bundle.in')}</Menu.Item>
          <Menu.Item component="a" href={to('review', 'bundle')}>
            {t('bundle.here')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item component="a" href={to('review', 'back')}>
            {t('back')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <BundleModal open={open === 'out'} title={t('bundle.out.title')} onClose={close}>
        <BundleOut filter={{ ...filter, states: ['held'] }} total={total} onDone={close} />
      </BundleModal>
      <BundleModal open={open === 'in'} title={t('bundle.in.title')} onClose={close}>
        <BundleIn onDone={close} />
      </BundleModal>
    </>
  );
}

type LineProps = Readonly<{ item: HeldItem; waits: boolean; communityName: (id: string) => string }>;

function Line({ item, waits, communityName }: LineProps) {
  const t = useWords();
  return (
    <div className={classes.line}>
      <div className={classes.lineTop}>
        <span className={classes.name}>{item.name || item.userName}</span>
        <span className={classes.quiet}>
          <Moment at={item.state === 'held' ? item.since : (item.decidedAt ?? item.since)} />
        </span>
      </div>
      <div className={classes.lineTop}>
        <span className={classes.quiet}>
          {t(`held.${item.kind}.short`)}
          {item.community !== null && ` · ${communityName(item.community)}`}
        </span>
        {waits ? (
          <Tag tone="note">{t('offline.tag')}</Tag>
        ) : item.state !== 'held' ? (
          <Tag tone={stateTones[item.state]}>{t(`state.${item.state}`)}</Tag>
        ) : (
          item.decidedBy !== null && <Tag tone="note">{t('second.tag')}</Tag>
        )}
      </div>
    </div>
  );
}

/** Single keys, where nobody is typing and no dialog is open (WCAG 2.1.4 asks that they be off in a field). */
function useKeys(keys: Readonly<Record<string, () => unknown>>): void {
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      const target = event.target as HTMLElement;
      const typing = target.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu]');
      if (typing !== null || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const act = keys[event.key.toLowerCase()];
      if (act === undefined) return;
      event.preventDefault();
      act();
    }
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  });
}
