/**
 * The survey: what a sync would do for everybody, at a size where nobody's case can be kept in memory.
 *
 * It says exactly what core/plan.ts `decide` says of the same world (test/survey.test.ts proves it on random ones), and
 * differs in how: whoever could lose something, or changes a name that others may want, is given to `decide` together;
 * everybody else, which is nearly all, is compared by numbers, twice over, and kept nowhere.
 *
 * Pure. Laws: P5 people are met in the order of the store's numbers; P7 a fixed number of passes.
 */
import { patchOf } from './account.ts';
import { fold } from './directory.ts';
import type { Hold } from './gate.ts';
import { type Link, topRole } from './mapping.ts';
import { type Case, type Change, type ChangeKind, decideInParts, kindOf, type Parts, type World } from './plan.ts';
import { lineKinds } from './planline.ts';
import { type Successors, successorsOf } from './succession.ts';
import { reclaiming } from './takeback.ts';

export type Head = Omit<Case, 'access' | 'targets' | 'holds'>;
/** What numbers stand for. A grant is `community * roles.length + role`; targets are in the order of their keys. */
export type Lexicon = Readonly<{
  communities: readonly string[];
  roles: readonly string[];
  ranks: readonly number[];
  targets: readonly string[];
}>;
/**
 * Everybody, by position. `fill` functions write into the row they are given, and give how many they wrote: grants one a
 * community, in the order of the communities; targets in no order.
 */
export type Census = Omit<World, 'cases' | 'promoted'> &
  Readonly<{
    size: number;
    lexicon: Lexicon;
    head(at: number): Head;
    caseAt(at: number): Case;
    /** What the directory and the mapping give; nothing to whoever is not wanted. */
    fillNext(at: number, row: Int32Array): number;
    /** What their memberships give in Steeple now, were their account switched on. */
    fillNow(at: number, row: Int32Array): number;
    /** The links that speak for somebody, by number, and so the winner of each community first; -1 where a way to one counts. */
    fillReasons(at: number, row: Int32Array): number;
    /** By community, then the higher rank, then the group's number. */
    links: readonly Link[];
    linkCommunity: Int32Array;
    fillTargets(at: number, row: Int32Array): number;
    /** In managed mode: by grant, the target that gives it. There `fillTargets` is these of `fillNext`. */
    grantTarget?: Int32Array | undefined;
    fillHolds(at: number, row: Int32Array): number;
  }>;

export type Sink = Readonly<{
  /**
   * Somebody for whom something changes, and nothing can be held. Three numbers a change: the community, and the roles
   * from and to, -1 for none; `moves` is written over afterwards.
   */
  plain(at: number, kind: ChangeKind, moves: Int32Array, count: number): void;
  odd(at: number, change: Change): void;
  /** Somebody who is taken back, and all of theirs waits for the same; `moves` as above. */
  back(at: number, hold: Hold, moves: Int32Array, count: number): void;
  /** Memberships of one person that are written, in order: by number of their target. */
  member(at: number, add: boolean, target: number): void;
  /** Everybody, changed or not: what they have in Steeple, and what they are to have. */
  roll(at: number, now: Int32Array, nowCount: number, next: Int32Array, nextCount: number): void;
}>;

/** An account that is written, of somebody whose name nobody else wants. `paths`: the attributes that change, as the plan shows them. */
export type PlainName = Readonly<{ at: number; kind: 'user.create' | 'user.update'; paths: string }>;

/** No row is longer: nobody is in more communities, or groups of ours, than there are. */
const widthOf = ({ communities, targets }: Lexicon): number => Math.max(communities.length, targets.length) + 1;

/** Meets two rows of grants, community by community, in their order; -1 stands for no role. */
export function walk(
  rows: Readonly<{ now: Int32Array; nowCount: number; next: Int32Array; nextCount: number; width: number }>,
  visit: (community: number, from: number, to: number) => void,
): void {
  const { now, nowCount, next, nextCount, width } = rows;
  let here = 0;
  let there = 0;
  while (here < nowCount || there < nextCount) {
    const from = here < nowCount ? (now[here] as number) : Number.MAX_SAFE_INTEGER;
    const to = there < nextCount ? (next[there] as number) : Number.MAX_SAFE_INTEGER;
    const [fromIn, toIn] = [Math.floor(from / width), Math.floor(to / width)];
    const community = fromIn < toIn ? fromIn : toIn;
    if (fromIn === community) here += 1;
    if (toIn === community) there += 1;
    visit(community, fromIn === community ? from % width : -1, toIn === community ? to % width : -1);
  }
}

/** Sorts the first `count` of a short row. */
export function ascend(row: Int32Array, count: number): void {
  if (count > 48) {
    row.subarray(0, count).sort();
    return;
  }
  for (let at = 1; at < count; at += 1) {
    const value = row[at] as number;
    let to = at - 1;
    for (; to >= 0 && (row[to] as number) > value; to -= 1) row[to + 1] = row[to] as number;
    row[to + 1] = value;
  }
}

/**
 * Everybody is met once by `sink`, in the order of the store's numbers. Where they are taken back (core/takeback.ts), `changes` and
 * `opens` are of those only whom a decision tells apart: nothing is carried out by such a plan.
 */
export type Surveyed = Parts &
  Readonly<{ plainNames: readonly PlainName[]; successors: Successors; each(sink: Sink): void }>;
export function survey(census: Census): Surveyed {
  const { size, lexicon } = census;
  const width = lexicon.roles.length;
  const top = topRole(census.mapping);
  const topIx = top === undefined ? -1 : lexicon.roles.indexOf(top);
  const next = new Int32Array(widthOf(lexicon));
  const now = new Int32Array(widthOf(lexicon));
  const back = census.takingBack ? reclaiming(census) : undefined;
  const holdAt = new Map<number, Hold>();
  const isOdd = new Uint8Array(size);
  const kinds = new Uint8Array(size);
  const promoted = new Int32Array(lexicon.communities.length);
  const freed = new Set<string>();
  const plainNames: PlainName[] = [];
  for (let at = 0; at < size; at += 1) {
    const head = census.head(at);
    isOdd[at] = oddity(head, at) ? 1 : 0;
    if (isOdd[at] && head.observed) freed.add(fold(head.observed.account.userName));
  }
  for (let at = 0; at < size; at += 1) {
    const head = census.head(at);
    if (isOdd[at] || !head.wanted) continue;
    const kind = kindOf(head);
    if (kind === 'create' && freed.size > 0 && freed.has(fold(head.account.userName))) {
      isOdd[at] = 1;
      continue;
    }
    kinds[at] = lineKinds.indexOf(kind);
    if (kind === 'create') plainNames.push({ at, kind: 'user.create', paths: '' });
    else {
      const changed = head.observed ? patchOf(head.account, head.observed.account) : [];
      if (changed.length === 0 && kind !== 'reactivate') continue;
      const paths = [...changed.map(({ path }) => path), ...(kind === 'reactivate' ? ['active'] : [])].join(', ');
      plainNames.push({ at, kind: 'user.update', paths });
    }
  }
  const cases: Case[] = [];
  for (let at = 0; at < size; at += 1) if (isOdd[at]) cases.push(census.caseAt(at));
  // Only who has the top role now can leave a community without it, and only then it matters who newly gets it.
  if (topIx >= 0 && cases.some(({ observed, holds }) => observed?.active && holds.length > 0))
    for (let at = 0; at < size; at += 1)
      if (!isOdd[at] && census.head(at).wanted && !census.refused?.has(census.head(at).num))
        eachPromotion(at, (community) => {
          promoted[community] = (promoted[community] as number) + 1;
        });
  const promotions = new Map<string, number>();
  for (const [community, count] of promoted.entries())
    if (count > 0) promotions.set(lexicon.communities[community] as string, count);
  const circumstances = back ? { ...census.circumstances, leaving: back.leaving(holdAt.keys()) } : census.circumstances;
  const parts = decideInParts({ ...census, circumstances, cases, promoted: promotions });
  const successors = successorsOf(parts.changes, census.mapping, (left, put) => {
    for (let at = 0; at < size; at += 1)
      if (!isOdd[at] && census.head(at).wanted)
        eachPromotion(at, (community) => {
          const id = lexicon.communities[community] as string;
          if (left.has(id)) put(id, census.head(at).num);
        });
  });

  /** Whether `decide` must see them among others: something could be held, or a name change hands. */
  function oddity(head: Head, at: number): boolean {
    const { wanted, known, account, observed } = head;
    if (!wanted) {
      if (!observed?.linked) return false;
      const hold = observed.active ? back?.holdOn(head) : undefined;
      if (hold) holdAt.set(at, hold);
      if (hold) return false;
      return (
        observed.active || (known && patchOf(account, observed.account).length > 0) || census.fillHolds(at, now) > 0
      );
    }
    const name = fold(account.userName);
    if (observed === undefined) return census.nameHolders.has(name);
    if (fold(observed.account.userName) !== name) return true;
    return observed.active && isLowered(at);
  }
  function isLowered(at: number): boolean {
    const held = census.fillNow(at, now);
    if (held === 0) return false;
    const given = census.fillNext(at, next);
    let other = 0;
    for (let here = 0; here < held; here += 1) {
      const grant = now[here] as number;
      const community = Math.floor(grant / width);
      while (other < given && Math.floor((next[other] as number) / width) < community) other += 1;
      const match = other < given ? (next[other] as number) : -1;
      if (Math.floor(match / width) !== community) return true;
      if ((lexicon.ranks[match % width] as number) < (lexicon.ranks[grant % width] as number)) return true;
    }
    return false;
  }
  function eachPromotion(at: number, visit: (community: number) => void): void {
    const held = nowOf(at);
    const given = census.fillNext(at, next);
    walk({ now, nowCount: held, next, nextCount: given, width }, (community, from, to) => {
      if (to === topIx && from !== topIx) visit(community);
    });
  }
  function nowOf(at: number): number {
    return census.head(at).observed?.active ? census.fillNow(at, now) : 0;
  }

  function each(sink: Sink): void {
    const changes = new Map(parts.changes.map((change) => [change.case.num, change]));
    const members = Map.groupBy(parts.members, ({ person }) => person ?? 0);
    const targetIx = new Map(lexicon.targets.map((key, ix) => [key, ix]));
    const wants = new Int32Array(widthOf(lexicon));
    const holds = new Int32Array(widthOf(lexicon));
    const moves = new Int32Array(3 * widthOf(lexicon));
    // A group that is deleted takes its memberships along.
    const isGone = Uint8Array.from(lexicon.targets, (key) => (census.targets.get(key)?.standing === 'gone' ? 1 : 0));
    const mark = new Int32Array(lexicon.targets.length).fill(-1);
    for (let at = 0; at < size; at += 1) {
      const head = census.head(at);
      const held = nowOf(at);
      const given = census.fillNext(at, next);
      sink.roll(at, now, held, next, given);
      if (isOdd[at]) {
        const change = changes.get(head.num);
        if (change) sink.odd(at, change);
        for (const { kind, target = '' } of members.get(head.num) ?? [])
          sink.member(at, kind === 'member.add', targetIx.get(target) ?? -1);
        continue;
      }
      const hold = holdAt.get(at);
      if (hold) {
        for (let here = 0; here < held; here += 1) {
          const grant = now[here] as number;
          moves[here * 3] = Math.floor(grant / width);
          moves[here * 3 + 1] = grant % width;
          moves[here * 3 + 2] = -1;
        }
        sink.back(at, hold, moves, held);
      }
      if (!head.wanted) continue;
      const kind = lineKinds[kinds[at] as number] as ChangeKind;
      let moved = 0;
      walk({ now, nowCount: held, next, nextCount: given, width }, (community, from, to) => {
        if (from === to) return;
        moves[moved * 3] = community;
        moves[moved * 3 + 1] = from;
        moves[moved * 3 + 2] = to;
        moved += 1;
      });
      const written = memberships(at, given);
      if (kind !== 'none' || moved > 0 || written) sink.plain(at, kind, moves, moved);
    }

    /** The targets they lack, and those they have too many; by key, what is added first. Gives whether there were any. */
    function memberships(at: number, given: number): boolean {
      const wanted = wantedTargets(at, given);
      const has = census.fillHolds(at, holds);
      for (let here = 0; here < has; here += 1) mark[holds[here] as number] = at;
      let some = 0;
      for (let here = 0; here < wanted; here += 1) {
        const target = wants[here] as number;
        if (mark[target] === at) mark[target] = -2 - at;
        else wants[some++] = target;
      }
      ascend(wants, some);
      for (let here = 0; here < some; here += 1) sink.member(at, true, wants[here] as number);
      ascend(holds, has);
      let gone = 0;
      for (let here = 0; here < has; here += 1) {
        const target = holds[here] as number;
        if (mark[target] !== at || isGone[target] === 1) continue;
        gone += 1;
        sink.member(at, false, target);
      }
      return some + gone > 0;
    }
    /** What they are to have is known already where it says in which groups they are to be. */
    function wantedTargets(at: number, given: number): number {
      const { grantTarget } = census;
      if (grantTarget === undefined) return census.fillTargets(at, wants);
      for (let here = 0; here < given; here += 1) wants[here] = grantTarget[next[here] as number] as number;
      return given;
    }
  }
  return { ...parts, plainNames, successors, each };
}
