/**
 * Who is in which group, as compact lists: for counting over many links at once, where `core/access.ts` explains one person.
 *
 * Pure. A group is the lists of everybody directly in it and in each live group inside it, at any depth (A5); somebody may
 * stand in several of them, and counts once. Who is not active counts nowhere (A2).
 *
 * Whatever walks over many people is a generator that pauses now and then, so that its caller can let others go first.
 */
import type { Link, Mapping, Team } from './mapping.ts';

export type Rosters = Readonly<{
  /** Every person's number is smaller. */
  size: number;
  /** 1 for who is active, by number. */
  active: Uint8Array;
  /** The lists of numbers that make up a link's group; none for a group that is gone, or is another source's (A4). */
  parts(link: Pick<Link, 'source' | 'team'>): readonly Uint32Array[];
  /**
   * Where not all lists are there: how many of these active people, each once, the links give nothing at all. Undefined: they
   * are too many to be looked up.
   */
  lacking?(people: ReadonlySet<number>, links: readonly Link[]): Generator<void, number | undefined>;
}>;

/** After so many list entries a walk pauses: a millisecond or two. */
export const breath = 10_000;

/** The live groups inside a group, itself first, each once: so a cycle ends (A5). */
export function inside(
  start: number,
  teams: ReadonlyMap<number, Pick<Team, 'live'>>,
  children: ReadonlyMap<number, readonly number[]>,
): number[] {
  const found = new Set<number>();
  if (teams.get(start)?.live) found.add(start);
  for (const here of found) for (const child of children.get(here) ?? []) if (teams.get(child)?.live) found.add(child);
  return [...found];
}

/** How many active people are in the lists, each once. `seen` is all zero, and is again afterwards. */
export function headcount(parts: readonly Uint32Array[], { active }: Rosters, seen: Uint8Array): number {
  let count = 0;
  const [only, ...more] = parts;
  if (only && more.length === 0) {
    for (const person of only) count += active[person] as number;
    return count;
  }
  for (const part of parts)
    for (const person of part)
      if (active[person] === 1 && seen[person] === 0) {
        seen[person] = 1;
        count += 1;
      }
  for (const part of parts) for (const person of part) seen[person] = 0;
  return count;
}

/** The same for many groups: each group's once, by `groupKey`. */
export function* headcounts(
  links: Iterable<Pick<Link, 'source' | 'team'>>,
  rosters: Rosters,
): Generator<void, ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const seen = new Uint8Array(rosters.size);
  let work = 0;
  for (const link of links) {
    if (counts.has(groupKey(link))) continue;
    const parts = rosters.parts(link);
    counts.set(groupKey(link), headcount(parts, rosters, seen));
    for (const { length } of parts) work += length;
    if (work > breath) {
      work = 0;
      yield;
    }
  }
  return counts;
}
export const groupKey = ({ source, team }: Pick<Link, 'source' | 'team'>): string => `${source}\0${team}`;

/** Roles from the lowest up, as numbers from 1: 0 is no role. One that is not listed is below all. */
export function roleOrder({ roles, links }: Pick<Mapping, 'roles' | 'links'>): readonly string[] {
  const listed = [...roles].sort((a, b) => a.rank - b.rank).map(({ id }) => id);
  const odd = new Set(links.map(({ role }) => role)).difference(new Set(listed));
  return ['', ...[...odd].sort(), ...listed];
}

/** Marks in `into` the highest role each person has from these links. `into` is by number, with an index of `order`. */
export function* grant(
  links: readonly Link[],
  order: readonly string[],
  rosters: Rosters,
  into: Uint8Array,
): Generator<void, void> {
  let work = 0;
  for (const link of links) {
    const role = order.indexOf(link.role);
    for (const part of rosters.parts(link)) {
      for (const person of part)
        if (rosters.active[person] === 1 && role > (into[person] as number)) into[person] = role;
      work += part.length;
      if (work > breath) {
        work = 0;
        yield;
      }
    }
  }
}
