/**
 * How many people a mapping gives what: each link, each community and role; and which links add nothing to the others.
 *
 * Pure. Read next: core/mappingadvice.ts, which says it in words.
 */
import type { Link, Mapping } from './mapping.ts';
import { breath, grant, headcount, type Rosters, roleOrder } from './rosters.ts';

/** `idle`: everybody in the group has as much from other links of the community. */
export type LinkCount = Readonly<{ link: Link; people: number; idle: boolean }>;
/** `roles`: those whose highest role it is, by role; a role nobody has is not there. */
export type CommunityCount = Readonly<{ people: number; roles: ReadonlyMap<string, number> }>;
export type Survey = Readonly<{
  links: readonly LinkCount[];
  communities: ReadonlyMap<string, CommunityCount>;
}>;

export function* survey(mapping: Mapping, rosters: Rosters): Generator<void, Survey> {
  const order = roleOrder(mapping);
  const scratch = new Uint8Array(rosters.size);
  const counter: Counter = { many: new Uint8Array(rosters.size), last: new Uint16Array(rosters.size) };
  const sizes = new Map<string, number>();
  const counts = new Map<Link, LinkCount>();
  const communities = new Map<string, CommunityCount>();
  for (const [community, links] of Map.groupBy(mapping.links, (link) => link.community)) {
    yield* grant(links, order, rosters, scratch);
    const roles = new Map<string, number>();
    let people = 0;
    for (const part of links.flatMap((link) => rosters.parts(link)))
      for (const person of part) {
        const role = scratch[person] as number;
        if (role === 0) continue;
        scratch[person] = 0;
        people += 1;
        roles.set(order[role] as string, (roles.get(order[role] as string) ?? 0) + 1);
      }
    communities.set(community, { people, roles });
    const idle = yield* idleLinks(links, order, rosters, counter);
    for (const link of links) {
      const key = `${link.source}\0${link.team}`;
      const size = sizes.get(key) ?? headcount(rosters.parts(link), rosters, scratch);
      sizes.set(key, size);
      counts.set(link, { link, people: size, idle: size > 0 && idle.has(link) });
    }
    yield;
  }
  return { links: mapping.links.map((link) => counts.get(link) as LinkCount), communities };
}

/**
 * By person: how many links of a level or above they have, up to two, and the last that counted them, as one whose group
 * holds others lists a person several times. All zero between two levels.
 */
type Counter = Readonly<{ many: Uint8Array; last: Uint16Array }>;

/** Of one community's links those that everybody in could do without, the others staying as they are. */
function* idleLinks(
  links: readonly Link[],
  order: readonly string[],
  rosters: Rosters,
  { many, last }: Counter,
): Generator<void, ReadonlySet<Link>> {
  const idle = new Set<Link>();
  if (links.length < 2) return idle;
  const rank = (link: Link) => order.indexOf(link.role);
  const levels = [...new Set(links.map(rank))];
  let work = 0;
  for (const level of levels) {
    for (const [at, link] of links.entries()) {
      if (rank(link) < level) continue;
      for (const part of rosters.parts(link))
        for (const person of part)
          if (last[person] !== at + 1) {
            last[person] = at + 1;
            many[person] = Math.min(2, (many[person] as number) + 1);
          }
    }
    for (const link of links)
      if (rank(link) === level) {
        const parts = rosters.parts(link);
        if (parts.every((part) => part.every((person) => rosters.active[person] === 0 || many[person] === 2)))
          idle.add(link);
      }
    for (const link of links)
      for (const part of rosters.parts(link)) {
        for (const person of part) {
          many[person] = 0;
          last[person] = 0;
        }
        work += part.length;
        if (work > breath) {
          work = 0;
          yield;
        }
      }
  }
  return idle;
}
