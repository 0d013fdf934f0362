/**
 * Pins: what an undo brought back although the source says otherwise. To the planner a pinned person is wanted, and has the
 * pinned roles, so bringing back goes the way of every other write, and is no change any more once it is done.
 *
 * Pure. A pin is moot when the source gives the same again: from then on the source decides, as it does for everybody (G4).
 */
import type { Access, Held } from './access.ts';
import { type Mapping, rankOf } from './mapping.ts';

export type Pin = Readonly<{ person: number; community: string; role: string }>;
export type Pinned = Readonly<{ wanted: boolean; access: Access; moot: readonly Pin[] }>;

/** What somebody should have: `source` is what the sources and the mapping give them. */
export function pinned(
  source: Readonly<{ wanted: boolean; access: Access }>,
  pins: readonly Pin[],
  mapping: Pick<Mapping, 'roles' | 'links'>,
): Pinned {
  const account = pins.some(({ community }) => community === '');
  const wanted = source.wanted || account;
  if (!wanted) return { ...source, moot: [] }; // roles alone bring nobody back
  const access = new Map<string, Held>(source.access);
  const moot = pins.filter(({ community, role }) => {
    if (community === '') return source.wanted;
    const own = source.access.get(community);
    if (own !== undefined && rankOf(mapping, own.role) >= rankOf(mapping, role)) return true;
    // A pair that no link feeds any more has no group to be put in.
    if (mapping.links.some((link) => link.community === community && link.role === role))
      access.set(community, { community, role, because: [] });
    return false;
  });
  const inOrder = [...access].sort(([a], [b]) => (a < b ? -1 : 1));
  return { wanted, access: new Map(inOrder), moot };
}
