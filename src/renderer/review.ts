/**
 * Decisions as they are taken: one store, so that a decision under way survives a look at another page. One taken while
 * the relay is away waits here, and in the browser's storage, and is sent when it is back, if the item is still about the
 * same change; else it comes back with what is different (as G9 has it for a bundle).
 */
import { create } from 'zustand';
import type { HeldItem } from '../../daemon/contract/review.ts';
import type { Failure } from '../preload/contract.ts';
import { useRelay } from './store.ts';

export type Choice = 'approve' | 'keep';
/** `until`: kept until then, and held again after; undefined: until the source changes its mind. */
export type Decision = Readonly<{ choice: Choice; reason: string; until?: number | undefined }>;
/** A decision that waits for the relay, with the item as the person saw it. */
export type Waiting = Decision & Readonly<{ item: HeldItem; by: string; at: number }>;
/** One that was not taken when the relay came back, and why. */
export type Returned = Waiting & Readonly<{ now: HeldItem | undefined; failure: Failure | undefined }>;

type State = Readonly<{
  /** Ids of items whose decision, or its undoing, is on its way. */
  deciding: ReadonlySet<number>;
  /** By the item's id. */
  waiting: ReadonlyMap<number, Waiting>;
  returned: readonly Returned[];
  /** The last decision, as long as it can be taken back from the page. */
  last: Readonly<{ item: HeldItem; choice: Choice | 'undo'; waits: boolean }> | undefined;
  failure: Failure | undefined;
  /** True when the relay took it, or it waits for the relay. The reason typed stays in `drafts` until then. */
  decide(item: HeldItem, decision: Decision): Promise<boolean>;
  undo(item: HeldItem): Promise<boolean>;
  /** Takes back a decision that still waits. */
  withdraw(id: number): void;
  /** Sends what waits, one after the other. */
  flush(): Promise<void>;
  dismiss(): void;
  /** The person has read what came back. */
  read(): void;
}>;

export const draftOf = (id: number): string => `review/${id}`;
const remembered = 'steeple-companion.waiting';

function remember(waiting: ReadonlyMap<number, Waiting>): void {
  if (waiting.size === 0) localStorage.removeItem(remembered);
  else localStorage.setItem(remembered, JSON.stringify([...waiting.values()]));
}
function recall(): ReadonlyMap<number, Waiting> {
  try {
    const kept = JSON.parse(localStorage.getItem(remembered) ?? '[]') as Waiting[];
    return new Map(kept.map((one) => [one.item.id, one]));
  } catch {
    return new Map(); // written by another version
  }
}

/** Still the change that was looked at. Another one under the same number is another decision. */
export const isSame = (seen: HeldItem, now: HeldItem): boolean =>
  now.state === 'held' &&
  now.kind === seen.kind &&
  now.community === seen.community &&
  now.from === seen.from &&
  now.to === seen.to &&
  now.since === seen.since &&
  now.decidedBy === seen.decidedBy;

let flushing = false;

export const useReview = create<State>()((set, get) => ({
  deciding: new Set(),
  waiting: recall(),
  returned: [],
  last: undefined,
  failure: undefined,
  async decide(item, decision) {
    const { call, me, setDraft, presence } = useRelay.getState();
    const wait = (): true => {
      const one = { ...decision, item, by: me.trim(), at: Date.now() };
      const waiting = new Map(get().waiting).set(item.id, one);
      remember(waiting);
      setDraft(draftOf(item.id), '');
      set({ waiting, last: { item, choice: decision.choice, waits: true } });
      return true;
    };
    if (get().deciding.has(item.id)) return false; // a key pressed twice is one decision
    set({ failure: undefined });
    if (presence === 'away') return wait();
    set({ deciding: new Set(get().deciding).add(item.id) });
    const { choice, reason, until } = decision;
    const question = { ids: [item.id], by: me.trim(), reason: reason.trim() };
    const reply =
      choice === 'approve'
        ? await call('review.approve', question)
        : await call('review.keep', { ...question, ...(until !== undefined && { until }) });
    set({ deciding: new Set([...get().deciding].filter((id) => id !== item.id)) });
    // The answer was lost with the relay: it is asked for again when it is back, and then looked at before it is sent.
    if (!reply.ok && reply.code === 'offline') return wait();
    if (!reply.ok) {
      set({ failure: reply });
      return false;
    }
    setDraft(draftOf(item.id), '');
    set({ last: { item: reply.value.items[0] ?? item, choice, waits: false } });
    return true;
  },
  async undo(item) {
    const { call, me } = useRelay.getState();
    if (get().deciding.has(item.id)) return false;
    set({ failure: undefined, deciding: new Set(get().deciding).add(item.id) });
    const reply = await call('review.undo', { id: item.id, by: me.trim() });
    set({ deciding: new Set([...get().deciding].filter((id) => id !== item.id)) });
    if (reply.ok) set({ last: { item: reply.value, choice: 'undo', waits: false } });
    else set({ failure: reply });
    return reply.ok;
  },
  withdraw(id) {
    const waiting = new Map(get().waiting);
    waiting.delete(id);
    remember(waiting);
    set({ waiting, last: undefined });
  },
  async flush() {
    if (flushing) return;
    flushing = true;
    try {
      for (const one of get().waiting.values()) {
        const { call, presence } = useRelay.getState();
        if (presence !== 'here') return;
        const { item, choice, reason, until, by } = one;
        const found = await call('review.show', { id: item.id });
        if (!found.ok && (found.code === 'offline' || found.code === 'unauthorized')) return;
        const same = found.ok && isSame(item, found.value);
        const question = { ids: [item.id], by, reason };
        const reply = !same
          ? undefined
          : choice === 'approve'
            ? await call('review.approve', question)
            : await call('review.keep', { ...question, ...(until !== undefined && { until }) });
        if (reply !== undefined && !reply.ok && (reply.code === 'offline' || reply.code === 'unauthorized')) return;
        const waiting = new Map(get().waiting);
        waiting.delete(item.id);
        remember(waiting);
        const failure = reply !== undefined && !reply.ok ? reply : undefined;
        const back = { ...one, now: found.ok ? found.value : undefined, failure };
        set({ waiting, ...(reply?.ok !== true && { returned: [...get().returned, back] }) });
      }
    } finally {
      flushing = false;
    }
  },
  dismiss() {
    set({ last: undefined, failure: undefined });
  },
  read() {
    set({ returned: [] });
  },
}));

/** An item can be taken back until it has left for Steeple. */
export const canUndo = ({ state }: HeldItem): boolean => state === 'approved' || state === 'kept';

// Whatever page is open when the relay comes back: what waits is sent.
useRelay.subscribe(({ presence, status }, before) => {
  const back =
    presence === 'here' && status !== undefined && (before.presence !== 'here' || before.status === undefined);
  if (back && useReview.getState().waiting.size > 0) void useReview.getState().flush();
});
