/** Decisions as they are taken: one store, so that a decision under way survives a look at another page. */
import { create } from 'zustand';
import type { HeldItem } from '../../daemon/contract/review.ts';
import type { Failure } from '../preload/contract.ts';
import { useRelay } from './store.ts';

export type Choice = 'approve' | 'keep';

type State = Readonly<{
  /** Ids of items whose decision is on its way. */
  deciding: ReadonlySet<number>;
  /** The last decision, as long as it can be taken back from the page. */
  last: Readonly<{ item: HeldItem; choice: Choice | 'undo' }> | undefined;
  failure: Failure | undefined;
  /** True when the relay took it. The reason typed stays in `drafts` until then. */
  decide(item: HeldItem, choice: Choice, reason: string): Promise<boolean>;
  undo(item: HeldItem): Promise<boolean>;
  dismiss(): void;
}>;

export const draftOf = (id: number): string => `review/${id}`;

export const useReview = create<State>()((set, get) => ({
  deciding: new Set(),
  last: undefined,
  failure: undefined,
  async decide(item, choice, reason) {
    const { call, me, setDraft } = useRelay.getState();
    set({ deciding: new Set(get().deciding).add(item.id), failure: undefined });
    const reply = await call(`review.${choice}`, { ids: [item.id], by: me.trim(), reason: reason.trim() });
    const deciding = new Set([...get().deciding].filter((id) => id !== item.id));
    if (!reply.ok) {
      set({ deciding, failure: reply });
      return false;
    }
    setDraft(draftOf(item.id), '');
    set({ deciding, last: { item: reply.value.items[0] ?? item, choice } });
    return true;
  },
  async undo(item) {
    const { call, me } = useRelay.getState();
    set({ failure: undefined });
    const reply = await call('review.undo', { id: item.id, by: me.trim() });
    if (reply.ok) set({ last: { item: reply.value, choice: 'undo' } });
    else set({ failure: reply });
    return reply.ok;
  },
  dismiss() {
    set({ last: undefined, failure: undefined });
  },
}));

/** An item can be taken back until it has left for Steeple. */
export const canUndo = ({ state }: HeldItem): boolean => state === 'approved' || state === 'kept';
