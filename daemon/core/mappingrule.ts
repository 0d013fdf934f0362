/**
 * Rules for many groups: which links a pattern on displayNames comes to, as the directory and the catalogue are now.
 *
 * Pure. A rule gives nobody anything. What it expands to is put before a person: in a draft, seen before it is published,
 * or as a proposal that waits when a group turns up later. Once a link is in the mapping it is pinned to the group's and
 * the community's stable ids, so renaming either can only lead to another proposal, never to another access (A4).
 *
 * Nothing is guessed: what a star stands for must name one community. Read next: core/mappingedit.ts, store/expansions.ts.
 */
import type { Community, Rule } from '../contract/mapping.ts';
import { fold } from './directory.ts';
import { type Link, linkKey, type Mapping, rulesOf } from './mapping.ts';

/** A live group as a rule sees it. */
export type Named = Readonly<{ id: string; source: string; name: string }>;
/** A group that fits and gives no link: its star names no community, or these. */
export type Unclear = Readonly<{ team: Named; star: string; communities: readonly string[] }>;
export type Expanded = Readonly<{ links: readonly Link[]; unclear: readonly Unclear[] }>;
/** The communities a star may name. */
export type Catalogue = Readonly<{ named(star: string, as: Rule['star']): readonly string[] }>;

/** In names of groups what separates words is often another sign than in the community's name. */
const spaced = (name: string): string =>
  fold(name)
    .replace(/[\s_-]+/g, ' ')
    .trim();

export function catalogueOf(communities: readonly Community[]): Catalogue {
  const byId = Map.groupBy(communities, ({ id }) => fold(id));
  const byName = Map.groupBy(communities, ({ name }) => spaced(name));
  return {
    named(star, as) {
      const found = [
        ...(as === 'name' ? [] : (byId.get(fold(star)) ?? [])),
        ...(as === 'id' ? [] : (byName.get(spaced(star)) ?? [])),
      ];
      return [...new Set(found.map(({ id }) => id))].sort();
    },
  };
}

/** What the one `*` of a pattern stands for in a name, folded; nothing where the name does not fit. */
export function starOf(pattern: string, name: string): string | undefined {
  const [before = '', after] = fold(pattern).split('*');
  const folded = fold(name);
  if (after === undefined || folded.length <= before.length + after.length) return undefined;
  if (!folded.startsWith(before) || !folded.endsWith(after)) return undefined;
  return folded.slice(before.length, folded.length - after.length).trim() || undefined;
}

export function expand(rule: Rule, teams: Iterable<Named>, catalogue: Catalogue): Expanded {
  const links: Link[] = [];
  const unclear: Unclear[] = [];
  for (const team of teams) {
    if (team.source !== rule.source) continue;
    const star = starOf(rule.pattern, team.name);
    if (star === undefined) continue;
    const communities = catalogue.named(star, rule.star);
    const [community] = communities;
    if (community === undefined || communities.length > 1) unclear.push({ team, star, communities });
    else links.push({ source: rule.source, team: team.id, community, role: rule.role, rule: rule.id });
  }
  return { links, unclear };
}

/** The links that the rules of a mapping would make and that it does not have, each once, whichever rule came first. */
export function proposals(mapping: Mapping, teams: readonly Named[], catalogue: Catalogue): Link[] {
  const known = new Set(mapping.links.map(linkKey));
  return rulesOf(mapping).flatMap((rule) =>
    expand(rule, teams, catalogue).links.filter((link) => {
      const isNew = !known.has(linkKey(link));
      known.add(linkKey(link));
      return isNew;
    }),
  );
}
