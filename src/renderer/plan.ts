/**
 * The plan being read. It is made when asked for, and then stays as it is: a plan that changed under the reader's eyes
 * could be enabled without having been read. Only what is said once of the whole is here; its people, operations and
 * accounts stay with the relay, which filters them, and come as they are looked at (paged.ts).
 */
import { create } from 'zustand';
import type { ChangeKind, Movement, PlanPage, PlanRow } from '../../daemon/contract/plan.ts';
import type { Failure, Question } from '../preload/contract.ts';
import { ask, lastPlans } from './ahead.ts';
import { pageSize } from './paged.ts';
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
  /** What the plan that is being made is of; undefined while none is, or one is fetched from the shelf. */
  wanted: MappingOf | undefined;
  filter: Filter;
  setFilter(change: Partial<Filter>): void;
  /** Makes a plan of how things are now: of the mapping that is published, or of the draft. */
  make(of?: MappingOf): Promise<Loaded | undefined>;
  /** The first plan of a visit. The last one that was made is shown at once, until the new one is there. */
  begin(): Promise<void>;
  /** Shows a plan that was made before. */
  open(row: Pick<PlanRow, 'id' | 'at'>): Promise<Loaded | undefined>;
}>;

export const usePlan = create<State>()((set, get) => {
  async function load(
    name: 'plan.make' | 'plan.show',
    question: Question<'plan.make'> | Question<'plan.show'>,
    madeAt: number | undefined,
  ): Promise<Loaded | undefined> {
    set({ making: true, failure: undefined });
    const reply = await useRelay.getState().call(name, question as Question<'plan.show'>);
    if (!reply.ok) {
      set({ making: false, wanted: undefined, failure: reply });
      return undefined;
    }
    const { people: _, operations: __, ...plan } = reply.value;
    const loaded: Loaded = { plan, madeAt: madeAt ?? Date.now(), fromShelf: madeAt !== undefined };
    set({ making: false, wanted: undefined, loaded });
    return loaded;
  }
  /** The last plan of the mapping that is in force, as far as it is still kept. */
  async function last(): Promise<Loaded | undefined> {
    const { call } = useRelay.getState();
    const list = await call('plan.list', { limit: lastPlans });
    const rows = list.ok ? list.value.items.filter(({ of }) => of === 'published') : [];
    const row = rows.reduce<PlanRow | undefined>(
      (newest, one) => (one.at > (newest?.at ?? 0) ? one : newest),
      undefined,
    );
    const shown = row && (await call('plan.show', { id: row.id, limit: 1 }));
    if (row === undefined || !shown?.ok) return undefined;
    const { people: _, operations: __, ...plan } = shown.value;
    return { plan, madeAt: row.at, fromShelf: true };
  }
  /** One after the other: who asks for the draft's plan while another is being made gets it after that. */
  let turn: Promise<unknown> = Promise.resolve();
  function next<R>(work: () => Promise<R>): Promise<R> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }
  let looking = false;
  return {
    loaded: undefined,
    failure: undefined,
    making: false,
    wanted: undefined,
    filter: everybody,
    setFilter: (change) => set({ filter: { ...get().filter, ...change } }),
    make: (of = 'published') => {
      set({ wanted: of });
      return next(() => {
        set({ wanted: of });
        return load('plan.make', { of, limit: 1 }, undefined);
      });
    },
    async begin() {
      if (looking || get().making || get().loaded !== undefined) return;
      looking = true;
      const before = await last();
      looking = false;
      if (get().making || get().loaded !== undefined) return; // somebody made one, or opened one, meanwhile
      if (before !== undefined) {
        // Whoever reads plans in the relay also makes them: its people first, or they would wait for the new one.
        const people = { ...questionOf(before.plan.id, get().filter), offset: 0, limit: pageSize };
        const here = ask(useRelay.getState().bridge, 'plan.people', people);
        set({ loaded: before, making: true });
        await here;
      }
      await get().make();
      // Where none can be made, what stands in the way is said in its place. The earlier one is still on the shelf.
      if (get().failure !== undefined && get().loaded === before) set({ loaded: undefined });
    },
    open: ({ id, at }) => next(() => load('plan.show', { id, limit: 1 }, at)),
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
