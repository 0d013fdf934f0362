/**
 * Who makes up for whom: a community may lose an administrator as long as it is given another.
 *
 * Pure. A plan that is carried out a few people at a time must not hold, in one step, the loss that it let go when it looked
 * at everybody (G6): whoever newly has the role may be in another step. So they are remembered by number, and looked at
 * again where it counts: a push may have taken back what they were to get.
 */
import { type Mapping, topRole } from './mapping.ts';
import { type Case, type Change, rolesOf, type World } from './plan.ts';

/** By community, where somebody loses the top role: some who newly get it. */
export type Successors = ReadonlyMap<string, readonly number[]>;
const successorsKept = 50;
/** @param more others who newly get it there, and for whom nothing can be held */
export function successorsOf(
  changes: readonly Change[],
  mapping: Mapping,
  more: (communities: ReadonlySet<string>, put: (community: string, person: number) => void) => void = () => {},
): Successors {
  const top = topRole(mapping) ?? null;
  const left = new Set(
    changes.flatMap(({ access }) =>
      access.flatMap(({ community, from, to }) => (from === top && to !== top ? [community] : [])),
    ),
  );
  const found = new Map<string, number[]>();
  const put = (community: string, person: number): void => {
    const known = found.get(community) ?? [];
    found.set(community, known);
    if (known.length < successorsKept) known.push(person);
  };
  if (left.size === 0) return found;
  for (const { case: one, access } of changes)
    for (const { community, from, to } of access)
      if (left.has(community) && to === top && from !== top) put(community, one.num);
  more(left, put);
  return found;
}

/** Whether they are to get the top role in a community, and do not have it yet. */
export function succeeds(one: Case, community: string, world: Pick<World, 'mapping' | 'targets' | 'refused'>): boolean {
  const top = topRole(world.mapping);
  const has = one.observed?.active ? rolesOf(one.holds, world).get(community) : undefined;
  if (world.refused?.has(one.num)) return false;
  return one.wanted && one.access.get(community)?.role === top && has !== top;
}
