/**
 * The plan being read. It is made when asked for, and then stays as it is: a plan that changed under the reader's eyes
 * could be enabled without having been read. Large plans come in pages; what has come is shown while the rest follows.
 */
import { create } from 'zustand';
import type { PersonChange, PlanOperation, PlanPage } from '../../daemon/contract/plan.ts';
import type { Failure } from '../preload/contract.ts';
import { useRelay } from './store.ts';

export type Loaded = Readonly<{
  plan: Omit<PlanPage, 'people' | 'operations'>;
  people: readonly PersonChange[];
  operations: readonly PlanOperation[];
  madeAt: number;
}>;

type State = Readonly<{
  loaded: Loaded | undefined;
  failure: Failure | undefined;
  making: boolean;
  /** Makes a plan of how things are now. Settles when its first page is there; the rest follows by itself. */
  make(): Promise<Loaded | undefined>;
}>;

const firstPage = 500;
const nextPage = 2_000;

export const usePlan = create<State>()((set, get) => ({
  loaded: undefined,
  failure: undefined,
  making: false,
  async make() {
    if (get().making) return get().loaded;
    set({ making: true, failure: undefined });
    const reply = await useRelay.getState().call('plan.make', { limit: firstPage });
    if (!reply.ok) {
      set({ making: false, failure: reply });
      return undefined;
    }
    const { people, operations, ...plan } = reply.value;
    const loaded: Loaded = { plan, people, operations, madeAt: Date.now() };
    set({ making: false, loaded });
    void follow(plan.id);
    return loaded;
  },
}));

export const isWhole = ({ plan, people, operations }: Loaded): boolean =>
  people.length >= plan.total.people && operations.length >= plan.total.operations;

/** Fetches what is missing of a plan, for as long as it is the one being read. */
async function follow(id: string): Promise<void> {
  const current = () => {
    const { loaded } = usePlan.getState();
    return loaded?.plan.id === id ? loaded : undefined;
  };
  for (let offset = firstPage; ; offset += nextPage) {
    const before = current();
    if (before === undefined || isWhole(before)) return;
    const reply = await useRelay.getState().call('plan.show', { id, offset, limit: nextPage });
    const now = current();
    if (now === undefined) return;
    if (!reply.ok) {
      usePlan.setState({ failure: reply });
      return;
    }
    const { people, operations } = reply.value;
    usePlan.setState({
      loaded: { ...now, people: [...now.people, ...people], operations: [...now.operations, ...operations] },
    });
    if (people.length === 0 && operations.length === 0) return; // fewer than promised: do not ask for ever
  }
}

export type CommunityChange = Readonly<{
  community: string;
  people: number;
  granted: number;
  changed: number;
  revoked: number;
  held: number;
}>;

/** The plan's changes of access by community, the most affected first. */
export function byCommunity(people: readonly PersonChange[]): CommunityChange[] {
  const sums = new Map<string, { people: number; granted: number; changed: number; revoked: number; held: number }>();
  for (const { access } of people) {
    for (const { community, from, to, held } of access) {
      const sum = sums.get(community) ?? { people: 0, granted: 0, changed: 0, revoked: 0, held: 0 };
      sum.people += 1;
      if (from === null) sum.granted += 1;
      else if (to === null) sum.revoked += 1;
      else sum.changed += 1;
      if (held) sum.held += 1;
      sums.set(community, sum);
    }
  }
  return [...sums]
    .map(([community, sum]) => ({ community, ...sum }))
    .sort((a, b) => b.people - a.people || (a.community < b.community ? -1 : 1));
}

export type Kind = 'all' | 'held' | PersonChange['change'];

/** Narrows the people shown: by what happens to them, by community, and by what was typed (name, userName, community). */
export function narrowed(
  people: readonly PersonChange[],
  by: Readonly<{ kind: Kind; community: string | undefined; text: string }>,
  communityName: (id: string) => string,
): readonly PersonChange[] {
  const words = by.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (by.kind === 'all' && by.community === undefined && words.length === 0) return people;
  return people.filter((person) => {
    if (by.kind === 'held' && !person.held && !person.access.some(({ held }) => held)) return false;
    if (by.kind !== 'all' && by.kind !== 'held' && person.change !== by.kind) return false;
    if (by.community !== undefined && !person.access.some(({ community }) => community === by.community)) return false;
    if (words.length === 0) return true;
    const names = person.access.map(({ community }) => communityName(community)).join(' ');
    const text = `${person.name} ${person.userName} ${names}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
