/**
 * A list of the relay's of any length, of which only the pages in sight are here. What is filtered and counted is filtered
 * and counted there; a page that scrolls away far enough is let go, so 100,000 rows cost no more than a screenful.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure, Output, Question, Relayed } from '../preload/contract.ts';
import { useRelay } from './store.ts';

/** What a call lists: `items`, or the people of a comparison. */
type Listed<O> = O extends { items: readonly (infer R)[]; total: number }
  ? R
  : O extends { people: readonly (infer R)[]; total: number }
    ? R
    : never;
type Listing = {
  [C in Relayed]: [Listed<Output<C>>] extends [never]
    ? never
    : Question<C> extends { offset?: number | undefined; limit?: number | undefined }
      ? C
      : never;
}[Relayed];
export type Item<C extends Listing> = Listed<Output<C>>;

export const pageSize = 200;
/** Rows fetched before they come into sight. */
const ahead = 40;
/** Over rows that are not here, so often is asked what is in sight. */
const betweenLooksMs = 100;
/** Pages kept; the farthest from what is in sight goes first. */
const mostPages = 50;

export type Paged<R> = Readonly<{
  /** As long as the list; a hole is a row that is not here yet. `undefined`: not heard yet. */
  rows: readonly (R | undefined)[] | undefined;
  /** Changes when the list is another one, whose rows begin at the top. */
  list: string;
  /** Another question is being asked than the one shown. */
  asking: boolean;
  failure: Failure | undefined;
  onRange(first: number, last: number): void;
}>;

type Shown<R> = Readonly<{ key: string; rows: readonly (R | undefined)[]; pages: readonly number[] }>;

/** One page more, and the farthest one less where there are too many. Exported for its test. */
export function withPage<R>(before: Shown<R>, page: number, items: readonly R[], total: number): Shown<R> {
  const rows =
    before.rows.length === total ? [...before.rows] : Array.from({ length: total }, (_, at) => before.rows[at]);
  for (const [at, item] of items.entries()) if (page * pageSize + at < total) rows[page * pageSize + at] = item;
  const pages = [...before.pages.filter((one) => one !== page), page];
  if (pages.length > mostPages) {
    const far = pages.reduce((most, one) => (Math.abs(one - page) > Math.abs(most - page) ? one : most), page);
    rows.fill(undefined, far * pageSize, (far + 1) * pageSize);
    return { ...before, rows, pages: pages.filter((one) => one !== far) };
  }
  return { ...before, rows, pages };
}

/**
 * @param question without offset and limit; another question begins another list, and the one before stays until it is there
 * @param basis what the answer rests on beside the question: pages in sight are asked for again when it changes
 */
export function usePaged<C extends Listing>(
  name: C,
  question: Question<C>,
  basis: string | number = '',
): Paged<Item<C>> {
  const call = useRelay((state) => state.call);
  const key = JSON.stringify(question);
  const [shown, setShown] = useState<Shown<Item<C>>>();
  const [failure, setFailure] = useState<Failure>();
  const asked = useRef(new Set<string>());
  const range = useRef<readonly [first: number, last: number]>([0, 0]);
  const current = useRef(key);
  current.current = key;

  const fetch = useCallback(
    async (page: number): Promise<void> => {
      const about = `${key} ${page}`;
      if (asked.current.has(about)) return;
      asked.current.add(about);
      const paging = { ...(JSON.parse(key) as object), offset: page * pageSize, limit: pageSize };
      const reply = await call(name, paging as unknown as Question<C>);
      asked.current.delete(about);
      if (current.current !== key) return; // a question nobody asks any more
      setFailure(reply.ok ? undefined : reply);
      if (!reply.ok) return;
      const answer = reply.value as { items?: Item<C>[]; people?: Item<C>[]; total: number };
      const found = answer.items ?? answer.people ?? [];
      setShown((before) =>
        withPage(before?.key === key ? before : { key, rows: [], pages: [] }, page, found, answer.total),
      );
    },
    [call, name, key],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: basis is what makes it ask once more
  useEffect(() => {
    const [first, last] = shown?.key === key ? range.current : [0, 0];
    for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page += 1) void fetch(page);
  }, [fetch, key, basis]);

  const known = useRef(shown);
  known.current = shown;
  const look = useCallback(() => {
    const { current: here } = known;
    if (here?.key !== key) return;
    const [first, last] = range.current;
    const begins = Math.max(first - ahead, 0);
    const ends = Math.min(last + ahead, here.rows.length - 1);
    for (let page = Math.floor(begins / pageSize); page <= Math.floor(ends / pageSize); page += 1)
      if (!here.pages.includes(page)) void fetch(page);
  }, [fetch, key]);
  const looked = useRef(Number.NEGATIVE_INFINITY);
  const later = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(later.current), []);
  // At the pace of a hand the next page is asked for before it is in sight. Who flies over a long list is not shown every
  // page in between, which nobody reads and which would keep the relay, and this thread, from the one they stop at.
  const onRange = useCallback(
    (first: number, last: number) => {
      range.current = [first, last];
      clearTimeout(later.current);
      const soonest = looked.current + betweenLooksMs - performance.now();
      const isFlown = known.current?.rows[first] === undefined && known.current?.rows[last] === undefined;
      const now = () => {
        looked.current = performance.now();
        look();
      };
      if (isFlown && soonest > 0) later.current = setTimeout(now, soonest);
      else now();
    },
    [look],
  );
  return { rows: shown?.rows, list: shown?.key ?? '', asking: shown?.key !== key, failure, onRange };
}
