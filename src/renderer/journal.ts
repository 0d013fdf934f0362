/**
 * The journal as a filter shows it: read back piece by piece on the relay, added to at its end as entries come, and shown
 * as far as it has come. What was found last is remembered, for a page that is opened again or a relay that is away.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { JournalFilter, JournalRow } from '../../daemon/contract/journal.ts';
import type { Failure } from '../preload/contract.ts';
import { useRelay } from './store.ts';

export type Narrowing = Omit<JournalFilter, 'kinds'> & Readonly<{ kind: JournalRow['kind'] | '' }>;
export const wide: Narrowing = { kind: '', source: '', about: '', from: null, to: null, text: '' };

type Found = Readonly<{
  rows: readonly JournalRow[];
  /** Where to go on; null: nothing is older. */
  next: number | null;
  head: number;
}>;
export type Reading = Readonly<{
  /** Undefined until the first answer. */
  rows: readonly JournalRow[] | undefined;
  /** The entry it has read back to, while it still reads. */
  at: number | undefined;
  failure: Failure | undefined;
  /** Reads on; undefined where nothing is older, or it reads already. */
  older: (() => void) | undefined;
}>;

const page = 200;
/** So many pieces of fifty thousand entries are read by themselves; further back only on request. */
const pieces = 20;
const known = new Map<string, Found>();

export function useFound({ kind, ...filter }: Narrowing): Reading {
  const call = useRelay((state) => state.call);
  const beat = useRelay((state) => state.beat);
  const key = JSON.stringify({ ...filter, kinds: kind === '' ? [] : [kind] });
  const [found, setFound] = useState<Readonly<{ key: string; is: Found | undefined }>>({ key, is: known.get(key) });
  const [at, setAt] = useState<number>();
  const [failure, setFailure] = useState<Failure>();
  const latest = useRef(key);
  latest.current = key;
  const busy = useRef('');
  const mine = found.key === key ? found.is : known.get(key);

  const learn = useCallback((about: string, is: Found): void => {
    known.delete(about);
    known.set(about, is);
    const [oldest] = known.keys();
    if (known.size > 5 && oldest !== undefined) known.delete(oldest);
    if (latest.current === about) setFound({ key: about, is });
  }, []);

  /** Reads back from `before` until a page is full, and shows what it has after every piece. */
  const readBack = useCallback(
    async (about: string, start: Found | undefined): Promise<void> => {
      const question = JSON.parse(about) as JournalFilter;
      let rows = start?.rows ?? [];
      let next = start?.next ?? undefined;
      let head = start?.head;
      const wanted = rows.length + page;
      for (let piece = 0; piece < pieces && rows.length < wanted && latest.current === about; piece += 1) {
        const before = next === undefined ? {} : { before: next };
        const reply = await call('journal.find', { ...question, ...before, limit: wanted - rows.length });
        if (latest.current !== about) return;
        setFailure(reply.ok ? undefined : reply);
        if (!reply.ok) return;
        rows = [...rows, ...reply.value.items];
        head ??= reply.value.head;
        learn(about, { rows, next: reply.value.next, head });
        if (reply.value.next === null) return;
        next = reply.value.next;
        setAt(next);
      }
    },
    [call, learn],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: beat says that something may have come
  useEffect(() => {
    if (busy.current === key) return;
    const alone = async (work: () => Promise<void>) => {
      busy.current = key;
      await work();
      if (busy.current === key) {
        busy.current = '';
        setAt(undefined);
      }
    };
    const before = known.get(key);
    if (before === undefined) return void alone(() => readBack(key, undefined));
    void alone(async () => {
      const question = JSON.parse(key) as JournalFilter;
      const reply = await call('journal.find', { ...question, after: before.head, limit: page });
      if (latest.current !== key) return;
      setFailure(reply.ok ? undefined : reply);
      if (!reply.ok) return;
      const { items, next, head } = reply.value;
      // More came than one page holds: what is between is missing, so it begins anew at the end.
      if (next !== null) return readBack(key, undefined);
      if (items.length > 0 || head !== before.head) learn(key, { ...before, rows: [...items, ...before.rows], head });
    });
  }, [key, beat, call, learn, readBack]);

  const older = useCallback(() => {
    const start = known.get(key);
    if (start === undefined || busy.current === key) return;
    busy.current = key;
    void readBack(key, start).finally(() => {
      if (busy.current === key) busy.current = '';
      setAt(undefined);
    });
  }, [key, readBack]);

  return {
    rows: mine?.rows,
    at,
    failure,
    older: mine === undefined || mine.next === null || at !== undefined ? undefined : older,
  };
}

/** For another test: what was found in one journal says nothing of another. */
export const forgetFound = (): void => known.clear();
