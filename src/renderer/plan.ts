/**
 * The plan being read. It is made when asked for, and then stays as it is: a plan that changed under the reader's eyes
 * could be enabled without having been read. Only what is said once of the whole is here; its people, operations and
 * accounts stay with the relay, which filters them, and come as they are looked at (paged.ts).
 */
import { create } from 'zustand';
import type { ChangeKind, Movement, PlanPage, PlanRow } from '../../daemon/contract/plan.ts';
import type { Failure, Question } from '../preload/contract.ts';
import { useRelay } from './store.ts';

export type Outline = Omit<PlanPage, 'people' | 'operations'>;
export type Loaded = Readonly<{
  plan: Outline;
  madeAt: number;
  /** It was not made just now, but taken from the plans that are kept. */
  fromShelf: boolean;
}>;
export type MappingOf = 'published' | 'draft';

/** What narrows the people of the plan. All of it is answered by the relay. */
export type Filter = Readonly<{
  kind: 'all' | 'held' | ChangeKind;
  text: string;
  /** '': in any. */
  community: string;
  movement: 'any' | Movement;
}>;
export const everybody: Filter = { kind: 'all', text: '', community: '', movement: 'any' };

type State = Readonly<{
  loaded: Loaded | undefined;
  failure: Failure | undefined;
  making: boolean;
  filter: Filter;
  setFilter(change: Partial<Filter>): void;
  /** Makes a plan of how things are now: of the mapping that is published, or of the draft. */
  make(of?: MappingOf): Promise<Loaded | undefined>;
  /** Shows a plan that was made before. */
  open(row: Pick<PlanRow, 'id' | 'at'>): Promise<Loaded | undefined>;
}>;

export const usePlan = create<State>()((set, get) => {
  async function load(
    name: 'plan.make' | 'plan.show',
    question: Question<'plan.make'> | Question<'plan.show'>,
    madeAt: number | undefined,
  ): Promise<Loaded | undefined> {
    if (get().making) return get().loaded;
    set({ making: true, failure: undefined });
    const reply = await useRelay.getState().call(name, question as Question<'plan.show'>);
    if (!reply.ok) {
      set({ making: false, failure: reply });
      return undefined;
    }
    const { people: _, operations: __, ...plan } = reply.value;
    const loaded: Loaded = { plan, madeAt: madeAt ?? Date.now(), fromShelf: madeAt !== undefined };
    set({ making: false, loaded });
    return loaded;
  }
  return {
    loaded: undefined,
    failure: undefined,
    making: false,
    filter: everybody,
    setFilter: (change) => set({ filter: { ...get().filter, ...change } }),
    make: (of = 'published') => load('plan.make', { of, limit: 1 }, undefined),
    open: ({ id, at }) => load('plan.show', { id, limit: 1 }, at),
  };
});

/** The filter as the relay's question. What narrows nothing is left out, so that one question has one form. */
export const questionOf = (id: string, { kind, text, community, movement }: Filter): Question<'plan.people'> => ({
  id,
  ...(text.trim() !== '' && { text: text.trim() }),
  ...(kind === 'held' ? { held: true } : kind !== 'all' && { change: [kind] }),
  ...(community !== '' && { community }),
  ...(movement !== 'any' && { movement: [movement] }),
});

export const isDraft = ({ basedOn }: Outline): boolean => (basedOn.of ?? 'published') !== 'published';
