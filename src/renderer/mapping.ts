/**
 * The mapping as it is drawn: its links, groups and communities, asked together, and the one way to change it. A change
 * shows at once and is asked for; when the relay's answer differs, the answer stands.
 *
 * The picture is of the draft. It is asked again when the draft, the version in force or the directory is another, and not
 * with every push of a busy provider.
 */
import { create } from 'zustand';
import type { Board, BoardLink, CommunityCard, GroupCard } from '../../daemon/contract/draft.ts';
import type { LinkKey } from '../../daemon/contract/mapping.ts';
import type { Failure } from '../preload/contract.ts';
import { mostDrawn } from './ahead.ts';
import { useRelay } from './store.ts';

/** `removed`: published, and gone in the draft. */
export type Drawn = Omit<BoardLink, 'isNew'> & Readonly<{ key: string; state: 'there' | 'new' | 'removed' }>;
export type Change = Readonly<{ add: readonly LinkKey[]; remove: readonly LinkKey[] }>;

export const groupKey = ({ source, id }: Readonly<{ source: string; id: string }>): string => `${source} ${id}`;
export const portKey = ({ community, role }: Readonly<{ community: string; role: string }>): string =>
  JSON.stringify([community, role]);
export const linkKey = ({ source, groupId, community, role }: LinkKey): string =>
  JSON.stringify([source, groupId, community, role]);
export const bare = ({ source, groupId, community, role }: LinkKey): LinkKey => ({ source, groupId, community, role });

type State = Readonly<{
  board: Board | undefined;
  groups: readonly GroupCard[];
  communities: readonly CommunityCard[];
  links: readonly Drawn[];
  failure: Failure | undefined;
  /** What was changed here, to be taken back, the last first. */
  done: readonly Change[];
  load(): Promise<void>;
  /** The same, unless it is being asked for already. */
  begin(): Promise<void>;
  /** @returns the failure, where it was refused */
  change(change: Change, by: string): Promise<Failure | undefined>;
  takeBack(by: string): Promise<Failure | undefined>;
}>;

export const useMapping = create<State>()((set, get) => {
  let turn = 0;
  let last: Promise<unknown> = Promise.resolve();
  let underway: Promise<void> | undefined;
  function load(): Promise<void> {
    const asking = ask().finally(() => {
      if (underway === asking) underway = undefined;
    });
    underway = asking;
    return asking;
  }
  async function ask(): Promise<void> {
    turn += 1;
    const mine = turn;
    const { call } = useRelay.getState();
    const [board, groups, communities] = await Promise.all([
      call('mapping.board', {}),
      call('mapping.groups', { limit: mostDrawn }),
      call('mapping.communities', { limit: mostDrawn }),
    ]);
    if (mine !== turn) return; // a newer asking is on its way
    const failed = [board, groups, communities].find((reply) => !reply.ok);
    if (!board.ok || !groups.ok || !communities.ok) return set({ failure: failed as Failure });
    set({
      board: board.value,
      groups: groups.value.items,
      communities: communities.value.items,
      links: drawn(board.value),
      failure: undefined,
    });
  }
  async function apply(change: Change, by: string): Promise<Failure | undefined> {
    const { add, remove } = change;
    set(({ links, groups, board }) => ({ links: foreseen(links, groups, change, board) }));
    // One after the other: a change and its taking back, pressed at once, must not overtake each other.
    const mine = last.then(async () => {
      const reply = await useRelay.getState().call('mapping.draft.change', { add: [...add], remove: [...remove], by });
      await load();
      return reply.ok ? undefined : reply;
    });
    last = mine;
    return mine;
  }
  return {
    board: undefined,
    groups: [],
    communities: [],
    links: [],
    failure: undefined,
    done: [],
    load,
    begin: () => underway ?? load(),
    async change(change, by) {
      set(({ done }) => ({ done: [change, ...done].slice(0, 100) }));
      const failure = await apply(change, by);
      if (failure !== undefined) set(({ done }) => ({ done: done.filter((one) => one !== change) }));
      return failure;
    },
    async takeBack(by) {
      const [last, ...rest] = get().done;
      if (last === undefined) return undefined;
      set({ done: rest });
      return apply({ add: last.remove, remove: last.add }, by);
    },
  };
});

function drawn(board: Board): Drawn[] {
  const there = board.links.map(
    ({ isNew, ...link }): Drawn => ({ ...link, key: linkKey(link), state: isNew ? 'new' : 'there' }),
  );
  const gone = board.removed.map(
    (link): Drawn => ({ ...link, key: linkKey(link), state: 'removed', rule: null, broken: false, people: 0 }),
  );
  return [...there, ...gone];
}

/** What the links will be, until the relay has said. */
export function foreseen(
  links: readonly Drawn[],
  groups: readonly GroupCard[],
  { add, remove }: Change,
  board: Board | undefined,
): Drawn[] {
  const published = new Set(board?.removed.map(linkKey));
  const going = new Set(remove.map(linkKey));
  const coming = new Set(add.map(linkKey));
  const people = new Map(groups.map((group) => [groupKey(group), group.people]));
  const kept = links.flatMap((link): Drawn[] => {
    if (coming.has(link.key)) return [];
    if (!going.has(link.key)) return [link];
    return link.state === 'new' ? [] : [{ ...link, state: 'removed' }];
  });
  const fresh = add.map((link): Drawn => {
    const key = linkKey(link);
    const before = links.find((one) => one.key === key);
    const state = published.has(key) || before?.state === 'there' ? 'there' : 'new';
    const count = people.get(groupKey({ source: link.source, id: link.groupId })) ?? 0;
    return { ...bare(link), key, state, rule: null, broken: false, people: count };
  });
  return [...kept, ...fresh];
}
