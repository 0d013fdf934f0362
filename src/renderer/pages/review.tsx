/**
 * What waits for a person: one item after the other, by mouse or by key (a approve, k keep, j next, u undo). Nothing of
 * what is listed here has left for Steeple.
 */
import { CloseButton, TextInput } from '@mantine/core';
import { IconChecks, IconSearch, IconUserCheck } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HeldItem, HeldState } from '../../../daemon/contract/review.ts';
import { useFormat } from '../format.ts';
import { useCommunityName } from '../names.ts';
import { type Choice, canUndo, useReview } from '../review.ts';
import { stay, useRoute } from '../route.ts';
import { statusOf, useAnswer, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Filters } from '../ui/filters.tsx';
import { Grid } from '../ui/grid.tsx';
import { Page, Split } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/tag.tsx';
import { Key, Moment } from '../ui/words.tsx';
import { Item, stateTones } from './review/item.tsx';
import classes from './review/review.module.css';
import { Told } from './review/told.tsx';

const groups = {
  waiting: ['held'],
  decided: ['approved', 'kept', 'sent', 'withdrawn'],
} as const satisfies Record<string, readonly HeldState[]>;
const most = 2_000;

export function Review() {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const status = useRelay(statusOf);
  const { rest } = useRoute();
  const [group, setGroup] = useState<keyof typeof groups>('waiting');
  const [text, setText] = useState('');
  const [choice, setChoice] = useState<Choice>();
  const { value, failure } = useAnswer('review.list', { states: [...groups[group]], limit: most });
  const problem = useReview((state) => state.failure);

  const items = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const ordered = [...(value?.items ?? [])].sort((a, b) =>
      group === 'waiting' ? a.since - b.since || a.id - b.id : (b.decidedAt ?? b.since) - (a.decidedAt ?? a.since),
    );
    return ordered.filter(({ name, userName, community }) => {
      const all = `${name} ${userName} ${community === null ? '' : communityName(community)}`.toLowerCase();
      return words.every((word) => all.includes(word));
    });
  }, [value, text, group, communityName]);

  // A link may name an item that is decided already, or gone: then it is asked for by itself.
  const wanted = rest === undefined ? undefined : Number(rest);
  const listed = items.find(({ id }) => id === wanted);
  const elsewhere = useAnswer(
    'review.show',
    wanted !== undefined && value !== undefined && listed === undefined && Number.isInteger(wanted)
      ? { id: wanted }
      : undefined,
  );
  const item = listed ?? (wanted === undefined ? items[0] : elsewhere.value);

  function choose(next: HeldItem | undefined): void {
    setChoice(undefined);
    stay('review', next?.id);
  }
  /** The one after the item, or before it at the end of the list: what a reader goes on with. */
  function neighbour(of: HeldItem): HeldItem | undefined {
    const at = items.findIndex(({ id }) => id === of.id);
    return items[at + 1] ?? items[at - 1];
  }

  useKeys({
    a: () => item?.state === 'held' && setChoice('approve'),
    k: () => item?.state === 'held' && setChoice('keep'),
    j: () => item && choose(items[items.findIndex(({ id }) => id === item.id) + 1]), // after the last one: the first
    u: () => {
      const last = useReview.getState().last;
      if (last !== undefined && canUndo(last.item)) void useReview.getState().undo(last.item);
    },
  });

  if (status !== undefined && group === 'waiting' && wanted === undefined && value?.total === 0)
    return (
      <Page title={t('nav.review')} lead={t('review.lead')}>
        <Told />
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
        <div className={classes.keys} aria-hidden>
          <span>
            {t('review.approve')} <Key name="A" />
          </span>
          <span>
            {t('review.keep')} <Key name="K" />
          </span>
          <span>
            {t('review.next')} <Key name="J" />
          </span>
          <span>
            {t('undo')} <Key name="U" />
          </span>
        </div>
      }
    >
      {failure !== undefined && <Problem failure={failure} />}
      {problem !== undefined && <Problem failure={problem} title={t('review.refused')} />}
      <Told />
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
              <TextInput
                leftSection={<IconSearch size={14} aria-hidden />}
                placeholder={t('review.search')}
                aria-label={t('review.search')}
                value={text}
                onChange={({ currentTarget }) => setText(currentTarget.value)}
                rightSection={
                  text !== '' && <CloseButton size="xs" aria-label={t('clear')} onClick={() => setText('')} />
                }
              />
            </div>
            {value !== undefined && items.length === 0 ? (
              <Empty icon={IconSearch} title={t(text === '' ? 'review.noneHere' : 'preview.noMatch')} />
            ) : (
              <Grid<HeldItem>
                label={t(`review.${group}`)}
                rows={items}
                columns={[
                  {
                    key: 'item',
                    title: t('review.oldest'),
                    width: 'minmax(0, 1fr)',
                    cell: (row) => <Line item={row} communityName={communityName} />,
                  },
                ]}
                keyOf={({ id }) => id}
                chosen={item?.id}
                onChoose={choose}
                rowHeight={57}
                foot={
                  value !== undefined && value.total > value.items.length
                    ? t('review.first', { here: format.number(value.items.length), all: format.number(value.total) })
                    : undefined
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
              onChoice={setChoice}
              onDecided={() => choose(neighbour(item))}
            />
          )
        }
      />
    </Page>
  );
}

function Line({ item, communityName }: Readonly<{ item: HeldItem; communityName: (id: string) => string }>) {
  const { t } = useTranslation();
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
        {item.state !== 'held' && <Tag tone={stateTones[item.state]}>{t(`state.${item.state}`)}</Tag>}
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
