/**
 * The mapping: which provider group gives which (community, role), and the target groups that follow from it.
 *
 * Pure. A link is keyed by source and the group's stable id, so renaming a group or a community changes nobody's access
 * (A4). Reading a mapping file, with line numbers for what is wrong in it, is core/mappingfile.ts.
 */
import type { Role } from '../contract/admin.ts';

export type Link = Readonly<{ source: string; team: string; community: string; role: string }>;
export type Mode = 'managed' | 'mirror';
export type Mapping = Readonly<{
  mode: Mode;
  nameTemplate: string;
  roles: readonly Role[];
  links: readonly Link[];
}>;

/** A SCIM group the relay keeps in Steeple. `key` is its externalId there, and never changes with a name. */
export type Target = Readonly<{
  key: string;
  name: string;
  grants: readonly Grant[];
  /** 'wanted': the mapping asks for it. 'retained': it only still exists in Steeple. 'gone': to be deleted there. */
  standing: 'wanted' | 'retained' | 'gone';
}>;
export type Grant = Readonly<{ community: string; role: string }>;

/** Key of the one group that stands for a pair in managed mode. */
export const pairKey = (community: string, role: string): string =>
  `pair:${encodeURIComponent(community)}/${encodeURIComponent(role)}`;
/** Key of a provider's group forwarded as it is, in mirror mode. */
export const mirrorKey = (team: string): string => `group:${team}`;

/** `contributor` → `Contributors`: how a role reads in a group's name. */
const plural = (role: string): string => `${role.charAt(0).toUpperCase()}${role.slice(1)}s`;
export const pairName = (template: string, community: string, role: string): string =>
  template.replaceAll('{community}', community).replaceAll('{role}', plural(role));

/**
 * A group we keep in Steeple that the mapping asks for no longer. A pair's group is emptied, person by person through the
 * gate, and stays: somebody linked it by hand in Steeple. A mirrored group goes when its provider deleted it.
 */
export function leftover(key: string, name: string, mode: Mode): Target {
  const pair = /^pair:([^/]*)\/(.*)$/.exec(key);
  if (pair?.[1] !== undefined && pair[2] !== undefined) {
    const grant = { community: decodeURIComponent(pair[1]), role: decodeURIComponent(pair[2]) };
    return { key, name, grants: [grant], standing: 'retained' };
  }
  return { key, name, grants: [], standing: mode === 'mirror' ? 'gone' : 'retained' };
}

/** The rank of a role; a role the mapping does not know ranks below all. */
export const rankOf = (mapping: Mapping, role: string): number =>
  mapping.roles.find(({ id }) => id === role)?.rank ?? Number.NEGATIVE_INFINITY;

/** The role that must never be without a holder: the highest. */
export const topRole = (mapping: Mapping): string | undefined =>
  [...mapping.roles].sort((a, b) => b.rank - a.rank)[0]?.id;

/** A provider group as far as targets need it. */
export type Team = Readonly<{
  num: number;
  id: string;
  source: string;
  name: string;
  externalId: string | null;
  live: boolean;
}>;

/**
 * The groups Steeple should have. Managed: one for each pair that has a link, broken or not, so that a group deleted at
 * the source never takes down the group that was linked by hand in Steeple (A6). Mirror: every live provider group, and
 * the linked ones that are gone.
 */
export function targets(mapping: Mapping, teams: readonly Team[], communityName: (id: string) => string): Target[] {
  if (mapping.mode === 'managed') {
    const pairs = new Map<string, Target>();
    for (const { community, role } of mapping.links) {
      const key = pairKey(community, role);
      const name = pairName(mapping.nameTemplate, communityName(community), role);
      pairs.set(key, { key, name, grants: [{ community, role }], standing: 'wanted' });
    }
    return [...pairs.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }
  const grants = Map.groupBy(mapping.links, ({ team }) => team);
  return teams
    .filter(({ live, id }) => live || grants.has(id))
    .map(({ id, name }) => ({
      key: mirrorKey(id),
      name,
      grants: (grants.get(id) ?? []).map(({ community, role }) => ({ community, role })),
      standing: 'wanted' as const,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
