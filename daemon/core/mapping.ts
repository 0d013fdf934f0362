/**
 * The mapping: which provider group gives which (community, role), and the target groups that follow from it.
 *
 * Pure. A link is keyed by source and the group's stable id, so renaming a group or a community changes nobody's access
 * (A4). Reading a mapping file, with line numbers for what is wrong in it, is core/mappingfile.ts.
 */
import type { Role, Rule } from '../contract/mapping.ts';

/** `rule`: which rule it came from, for whoever reads it; what it gives does not depend on it. */
export type Link = Readonly<{ source: string; team: string; community: string; role: string; rule?: string }>;
export type Mode = 'managed' | 'mirror';
export type Mapping = Readonly<{
  mode: Mode;
  nameTemplate: string;
  roles: readonly Role[];
  /** They give nobody anything: what they expand to does, once it is among the links. Absent: none. */
  rules?: readonly Rule[];
  links: readonly Link[];
}>;
export const rulesOf = ({ rules }: Pick<Mapping, 'rules'>): readonly Rule[] => rules ?? [];
/** Two links are one when this is equal; where they came from does not matter. */
export const linkKey = ({ source, team, community, role }: Link): string =>
  JSON.stringify([source, team, community, role]);

/** A SCIM group the relay keeps in Steeple. `key` is its externalId there, and never changes with a name. */
export type Target = Readonly<{
  key: string;
  name: string;
  grants: readonly Grant[];
  /** 'wanted': the mapping asks for it. 'retained': where Steeple has it, it stays. 'gone': to be deleted there. */
  standing: 'wanted' | 'retained' | 'gone';
}>;
export type Grant = Readonly<{ community: string; role: string }>;

/** Key of the one group that stands for a pair in managed mode. */
export const pairKey = (community: string, role: string): string => `pair:${encoded(community)}/${encoded(role)}`;
/** Key of a provider's group forwarded as it is, in mirror mode. */
export const mirrorKey = (team: string): string => `group:${team}`;
/** encodeURIComponent throws on half a surrogate pair, which a community list may well hold. */
const encoded = (part: string): string => encodeURIComponent(part.toWellFormed());

/** `contributor` → `Contributors`: how a role reads in a group's name. */
const plural = (role: string): string => `${role.charAt(0).toUpperCase()}${role.slice(1)}s`;
/** Both names go in at once and as they are: a community called `{role}` or `R$$D` keeps its name. */
export const pairName = (template: string, community: string, role: string): string =>
  template.replace(/\{community\}|\{role\}/g, (slot) => (slot === '{role}' ? plural(role) : community));

/**
 * A group we keep in Steeple that the mapping asks for no longer. A pair's group is emptied, person by person through the
 * gate, and stays: somebody linked it by hand in Steeple. A mirrored group goes when its provider deleted it; after a
 * change to managed mode it stays, and still gives what its links say, so that the gate sees what emptying it takes away.
 */
export function leftover(key: string, name: string, mapping: Pick<Mapping, 'mode' | 'links'>): Target {
  const pair = grantOf(key);
  if (pair) return { key, name, grants: [pair], standing: 'retained' };
  if (mapping.mode === 'mirror') return { key, name, grants: [], standing: 'gone' };
  const grants = mapping.links.filter(({ team }) => mirrorKey(team) === key);
  return { key, name, grants: grants.map(({ community, role }) => ({ community, role })), standing: 'retained' };
}

/** The inverse of `pairKey`. */
function grantOf(key: string): Grant | undefined {
  const [, community, role] = /^pair:([^/]*)\/([^/]*)$/.exec(key) ?? [];
  if (community === undefined || role === undefined) return undefined;
  return { community: decodeURIComponent(community), role: decodeURIComponent(role) };
}

/**
 * The rank of a role. One the mapping no longer knows ranks above all: nobody can tell what losing it means, so leaving
 * it for anything else is judged as a loss.
 */
export const rankOf = (mapping: Pick<Mapping, 'roles'>, role: string): number =>
  mapping.roles.find(({ id }) => id === role)?.rank ?? Number.POSITIVE_INFINITY;

/** Whether going from one role to another, or to none, takes something away. */
export const lowers = (mapping: Pick<Mapping, 'roles'>, from: string, to: string | null): boolean =>
  to === null || rankOf(mapping, to) < rankOf(mapping, from);

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
 * the source never takes down the group that was linked by hand in Steeple (A6). Mirror: every live provider group; a
 * linked one that is gone is kept where Steeple has it, but not made anew.
 */
export function targets(mapping: Mapping, teams: readonly Team[], communityName: (id: string) => string): Target[] {
  if (mapping.mode === 'managed') {
    const pairs = new Map<string, Target>();
    for (const { community, role } of mapping.links) {
      const key = pairKey(community, role);
      const name = pairName(mapping.nameTemplate, communityName(community), role);
      pairs.set(key, { key, name, grants: [{ community, role }], standing: 'wanted' });
    }
    return [...pairs.values()].sort(byKey);
  }
  const links = Map.groupBy(mapping.links, ({ team }) => team);
  return teams
    .flatMap(({ id, source, name, live }): Target[] => {
      const own = (links.get(id) ?? []).filter((link) => link.source === source);
      if (!live && own.length === 0) return [];
      const grants = own.map(({ community, role }) => ({ community, role }));
      return [{ key: mirrorKey(id), name, grants, standing: live ? 'wanted' : 'retained' }];
    })
    .sort(byKey);
}

const byKey = (a: Target, b: Target): number => (a.key < b.key ? -1 : 1);
