/**
 * What going from one mapping to another does to access: who gains, loses, rises and falls, where, and how many.
 *
 * Pure. It is what `core/access.ts` says of both, subtracted, and is counted without looking at anybody in a community
 * whose links are the same (test/effect.test.ts holds the two against each other). Laws: A1, A2, A3, A5 of the counts.
 */
import type { AccessShift, Effect } from '../contract/draft.ts';
import { type Link, linkKey, lowers, type Mapping } from './mapping.ts';
import { breath, grant, type Rosters, roleOrder } from './rosters.ts';

type Kind = AccessShift['kind'];
/** One person in one community, by the store's number. */
export type Shift = Readonly<{ person: number; community: string; from: string | null; to: string | null; kind: Kind }>;
export type Effected = Readonly<Omit<Effect, 'named'> & { named: readonly Shift[] }>;

/** What is lost is told first. */
const kinds: readonly Kind[] = ['loses', 'falls', 'rises', 'gains'];

/**
 * @param limit how many shifts are told one by one
 * @returns undefined where more people had to be looked up than the rosters do
 */
export function* effectOf(
  before: Mapping,
  after: Mapping,
  rosters: Rosters,
  limit: number,
): Generator<void, Effected | undefined> {
  const orders = [roleOrder(before), roleOrder(after)] as const;
  const [was, is] = [new Uint8Array(rosters.size), new Uint8Array(rosters.size)];
  const touched = new Uint8Array(rosters.size);
  const told: Record<Kind, Shift[]> = { loses: [], falls: [], rises: [], gains: [] };
  const communities: Effect['communities'] = [];
  const left: number[] = [];
  const come: number[] = [];
  const linksOf = [before, after].map(({ links }) => Map.groupBy(links, ({ community }) => community));
  const [old = new Map(), next = new Map()] = linksOf as Map<string, Link[]>[];

  for (const community of changedCommunities(before, after, old, next)) {
    const links = [old.get(community) ?? [], next.get(community) ?? []] as const;
    yield* grant(links[0], orders[0], rosters, was);
    yield* grant(links[1], orders[1], rosters, is);
    const count = { community, before: 0, after: 0, gains: 0, loses: 0, rises: 0, falls: 0 };
    let work = 0;
    for (const part of [...links[0], ...links[1]].flatMap((link) => rosters.parts(link))) {
      for (const person of part) {
        work += 1;
        if (work % breath === 0) yield;
        const [from, to] = [was[person] as number, is[person] as number];
        if (from === 0 && to === 0) continue; // not active, or looked at already
        was[person] = 0;
        is[person] = 0;
        if (from > 0) count.before += 1;
        if (to > 0) count.after += 1;
        const roles = { from: orders[0][from] || null, to: orders[1][to] || null };
        if (roles.from === roles.to) continue;
        const kind = kindOf(after, roles.from, roles.to);
        count[kind] += 1;
        touched[person] = 1;
        if (kind === 'loses') left.push(person);
        if (kind === 'gains') come.push(person);
        if (told[kind].length < limit) told[kind].push({ person, community, ...roles, kind });
      }
    }
    yield;
    if (count.gains + count.loses + count.rises + count.falls > 0) communities.push(count);
  }

  const sum = (of: (one: Effect['communities'][number]) => number) =>
    communities.reduce((all, one) => all + of(one), 0);
  const total = {
    gains: sum(({ gains }) => gains),
    loses: sum(({ loses }) => loses),
    rises: sum(({ rises }) => rises),
    falls: sum(({ falls }) => falls),
  };
  const named = kinds.flatMap((kind) => told[kind]).slice(0, limit);
  const losesAll = yield* without(left, after.links, rosters);
  const gainsFirst = yield* without(come, before.links, rosters);
  if (losesAll === undefined || gainsFirst === undefined) return undefined;
  return {
    ...total,
    people: ones(touched),
    losesAll,
    gainsFirst,
    communities,
    named,
    more: total.gains + total.loses + total.rises + total.falls - named.length,
  };
}

function ones(flags: Uint8Array): number {
  let count = 0;
  for (const flag of flags) count += flag;
  return count;
}

function kindOf(after: Mapping, from: string | null, to: string | null): Kind {
  if (from === null) return 'gains';
  if (to === null) return 'loses';
  return lowers(after, from, to) ? 'falls' : 'rises';
}

/** The links of the communities in which the two differ, of both. */
export function linksAround(before: Mapping, after: Mapping): Link[] {
  const [old, next] = [before, after].map(({ links }) => Map.groupBy(links, ({ community }) => community)) as [
    Map<string, Link[]>,
    Map<string, Link[]>,
  ];
  return changedCommunities(before, after, old, next).flatMap((community) => [
    ...(old.get(community) ?? []),
    ...(next.get(community) ?? []),
  ]);
}

function changedCommunities(
  before: Mapping,
  after: Mapping,
  old: ReadonlyMap<string, readonly Link[]>,
  next: ReadonlyMap<string, readonly Link[]>,
): string[] {
  const all = [...new Set([...old.keys(), ...next.keys()])].sort();
  if (JSON.stringify(before.roles) !== JSON.stringify(after.roles)) return all;
  return all.filter((community) => {
    const [one = [], other = []] = [old.get(community), next.get(community)];
    if (one.length === other.length && one.every((link, at) => link === other[at])) return false;
    const [was, is] = [old, next].map((links) => new Set((links.get(community) ?? []).map(linkKey)));
    return !was || !is || was.size !== is.size || !was.isSubsetOf(is);
  });
}

/** How many of these people, each once, the links give nothing at all. */
function* without(
  people: readonly number[],
  links: readonly Link[],
  rosters: Rosters,
): Generator<void, number | undefined> {
  if (people.length === 0) return 0;
  if (rosters.lacking) return yield* rosters.lacking(new Set(people), links);
  const lacking = new Uint8Array(rosters.size);
  let count = 0;
  for (const person of people) {
    count += 1 - (lacking[person] as number);
    lacking[person] = 1;
  }
  let work = 0;
  for (const link of links) {
    for (const part of rosters.parts(link)) {
      for (const person of part) {
        count -= lacking[person] as number;
        lacking[person] = 0;
      }
      work += part.length;
      if (work > breath) {
        work = 0;
        yield;
      }
    }
    if (count === 0) break;
  }
  return count;
}
