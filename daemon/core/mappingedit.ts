/**
 * Edits of a mapping: links set and removed, rules put in and taken out, and one mapping's changes made again on another.
 *
 * Pure. A mapping is a value; every edit gives another. What is wrong with one is said in words by `faultsIn`, so that a
 * draft can be drawn in any order and is only judged when it is to be published.
 */
import type { Role, Rule } from '../contract/mapping.ts';
import { fold } from './directory.ts';
import { type Link, linkKey, type Mapping, pairName, rulesOf } from './mapping.ts';
import { type Catalogue, expand, type Named } from './mappingrule.ts';
import { say } from './saying.ts';

/** Setting a link that is there leaves it as it is, its rule included; removing one that is not is nothing. */
export function withLinks(mapping: Mapping, add: readonly Link[], remove: readonly Link[]): Mapping {
  // Of thousands of links only those of the same groups need a closer look.
  const teams = new Set([...add, ...remove].map(({ team }) => team));
  const gone = new Set(remove.map(linkKey));
  const left = mapping.links.filter((link) => !teams.has(link.team) || !gone.has(linkKey(link)));
  const there = new Set(left.filter(({ team }) => teams.has(team)).map(linkKey));
  const added = add.filter((link) => {
    const isNew = !there.has(linkKey(link));
    there.add(linkKey(link));
    return isNew;
  });
  return { ...mapping, links: [...left, ...added] };
}

const withRules = ({ rules: _, ...mapping }: Mapping, rules: readonly Rule[]): Mapping =>
  rules.length === 0 ? mapping : { ...mapping, rules };

/**
 * A rule put in, or changed, with what it expands to. Of what the rule as it was had given, everything goes that it still
 * gave and the new one does not. What it had given to a group that is called otherwise by now stays: that was confirmed,
 * and nobody is speaking of it here (A4).
 */
export function withRule(mapping: Mapping, rule: Rule, teams: readonly Named[], catalogue: Catalogue): Mapping {
  const old = rulesOf(mapping).find(({ id }) => id === rule.id);
  const rules = old ? rulesOf(mapping).map((one) => (one === old ? rule : one)) : [...rulesOf(mapping), rule];
  const { links } = expand(rule, teams, catalogue);
  const given = new Set(links.map(linkKey));
  const gave = new Set(old ? expand(old, teams, catalogue).links.map(linkKey) : []);
  const dropped = mapping.links.filter(
    (link) => link.rule === rule.id && gave.has(linkKey(link)) && !given.has(linkKey(link)),
  );
  return withLinks(withRules(mapping, rules), links, dropped);
}

/** A rule taken out, with its links, or with its links kept as if a person had drawn them. */
export function withoutRule(mapping: Mapping, id: string, keepLinks: boolean): Mapping {
  const links = keepLinks
    ? mapping.links.map(({ rule, ...link }): Link => (rule === undefined || rule === id ? link : { ...link, rule }))
    : mapping.links.filter(({ rule }) => rule !== id);
  const rules = rulesOf(mapping).filter((rule) => rule.id !== id);
  return { ...withRules(mapping, rules), links };
}

/** Whether an edit changed nothing. Links that nobody touched are the same objects, so thousands cost little. */
export function alike({ links, ...rest }: Mapping, { links: others, ...more }: Mapping): boolean {
  return (
    links.length === others.length &&
    same(rest, more) &&
    links.every((link, at) => link === others[at] || same(link, others[at]))
  );
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What `draft` changes of `base`, made again on `now`. Where both changed the same setting or rule, the draft's wins. */
export function rebased(base: Mapping, draft: Mapping, now: Mapping): Mapping {
  const [was, is] = [new Set(base.links.map(linkKey)), new Set(draft.links.map(linkKey))];
  const added = draft.links.filter((link) => !was.has(linkKey(link)));
  const removed = base.links.filter((link) => !is.has(linkKey(link)));
  const pick = <K extends 'mode' | 'nameTemplate' | 'roles'>(key: K): Mapping[K] =>
    same(draft[key], base[key]) ? now[key] : draft[key];
  const [before, drawn, current] = [base, draft, now].map(
    (one) => new Map(rulesOf(one).map((rule) => [rule.id, rule])),
  ) as [Map<string, Rule>, Map<string, Rule>, Map<string, Rule>];
  const rules = [...new Set([...current.keys(), ...drawn.keys()])].flatMap((id) => {
    const rule = same(drawn.get(id), before.get(id)) ? current.get(id) : drawn.get(id);
    return rule === undefined ? [] : [rule];
  });
  const settings = { mode: pick('mode'), nameTemplate: pick('nameTemplate'), roles: pick('roles') };
  return tidy(withLinks(withRules({ ...now, ...settings }, rules), added, removed));
}

/** A link whose rule is gone is a link like any other. */
export function tidy(mapping: Mapping): Mapping {
  const ids = new Set(rulesOf(mapping).map(({ id }) => id));
  const links = mapping.links.map(
    ({ rule, ...link }): Link => (rule !== undefined && ids.has(rule) ? { ...link, rule } : link),
  );
  return { ...mapping, links };
}

/** Why a mapping cannot be in force, in words; broken links and missing communities are no reason (A6). */
export function faultsIn(mapping: Mapping, communityName: (id: string) => string | undefined): string[] {
  const roles = new Set(mapping.roles.map(({ id }) => id));
  const lost = new Map<string, number>();
  for (const { role } of mapping.links) if (!roles.has(role)) lost.set(role, (lost.get(role) ?? 0) + 1);
  return [
    ...roleFaults(mapping.roles).map(({ message }) => message),
    ...[...lost].map(([role, count]) => say('mapping.unlisted-role', { count, role })),
    ...rulesOf(mapping).flatMap(({ id, role }) =>
      roles.has(role) ? [] : [say('mapping.unlisted-role-rule', { rule: id, role })],
    ),
    ...(mapping.mode === 'managed' ? nameClashes(mapping, communityName) : []),
  ];
}

export type RoleFault = Readonly<{ at: number; field: 'id' | 'rank'; message: string }>;
/** Roles that are named twice, or share a rank. */
export function roleFaults(roles: readonly Role[]): RoleFault[] {
  const faults: RoleFault[] = [];
  const ranks = new Map<number, string>();
  const ids = new Set<string>();
  for (const [at, { id, rank }] of roles.entries()) {
    const other = ranks.get(rank);
    if (ids.has(id)) faults.push({ at, field: 'id', message: say('mapping.role-twice', { role: id }) });
    else if (other !== undefined)
      faults.push({
        at,
        field: 'rank',
        message: say('mapping.rank-twice', { role: other, rank }),
      });
    ids.add(id);
    ranks.set(rank, other ?? id);
  }
  return faults;
}

/** Two pairs must not end up as one group in Steeple, where people tell groups apart by name. */
export function nameClashes(
  { nameTemplate, links }: Pick<Mapping, 'nameTemplate' | 'links'>,
  communityName: (id: string) => string | undefined,
): string[] {
  const pairs = new Map<string, { community: string; role: string }>();
  const clashes = new Set<string>();
  const seen = new Set<string>();
  for (const { community, role } of links) {
    const key = `${community}\0${role}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const name = fold(pairName(nameTemplate, communityName(community) ?? community, role));
    const other = pairs.get(name);
    if (other === undefined) pairs.set(name, { community, role });
    else if (other.community !== community || other.role !== role) {
      const pair = { otherCommunity: community, otherRole: role };
      clashes.add(say('mapping.name-clash', { template: nameTemplate, ...other, ...pair }));
    }
  }
  return [...clashes];
}
