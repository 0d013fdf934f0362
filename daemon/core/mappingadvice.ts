/**
 * Advice on a mapping: what is broken in it, and what an admin most likely did not mean.
 *
 * Pure. Each piece has a code for pages in other languages, and the English sentence. Nothing here stops anything: what
 * keeps a mapping from being in force is core/mappingedit.ts `faultsIn`. Steeple's own advice (help.steeple.com): at
 * least two groups a community, one for contributors and one for administrators.
 */
import type { Advice } from '../contract/draft.ts';
import type { CommunityRow } from '../contract/mapping.ts';
import { type Link, linkKey, type Mapping, type Team, topRole } from './mapping.ts';
import { nameClashes } from './mappingedit.ts';
import { catalogueOf, expand, starOf } from './mappingrule.ts';
import type { Survey } from './mappingsurvey.ts';

export type Advised = Readonly<{
  mapping: Mapping;
  /** Deleted ones included. */
  teams: readonly Team[];
  /** Ids of the groups that each group is in, at any depth. */
  around(team: Team): readonly string[];
  communities: readonly CommunityRow[];
  survey: Survey;
  activePeople: number;
  /** Rings, by the ids of their groups. */
  cycles: readonly (readonly string[])[];
}>;

/** More communities than this from one group look like a mistake. */
const manyCommunities = 5;
/** Fewer people than this may well all be administrators. */
const fewPeople = 3;

export function adviceOn(advised: Advised): Advice[] {
  const { mapping, teams, communities, survey } = advised;
  const byId = new Map(teams.map((team) => [team.id, team]));
  const listed = new Map(communities.map((one) => [one.id, one]));
  const communityName = (id: string) => listed.get(id)?.name ?? id;
  const about = ({ source, team, community, role, rule }: Link) => ({
    source,
    groupId: team,
    group: byId.get(team)?.name ?? team,
    community,
    communityName: communityName(community),
    role,
    ...(rule !== undefined && { rule }),
  });
  const isBroken = ({ source, team }: Link) => byId.get(team)?.source !== source || byId.get(team)?.live !== true;
  return [
    ...linkAdvice(),
    ...communityAdvice(),
    ...groupAdvice(),
    ...ruleAdvice(advised, byId, communityName, about),
    ...(mapping.mode === 'managed' ? nameClashes(mapping, communityName) : []).map(
      (words): Advice => ({ code: 'name-clash', level: 'warning', words }),
    ),
    ...advised.cycles.map((ring): Advice => {
      const others = ring.map((id) => byId.get(id)?.name ?? id);
      const words = `These groups hold each other in a ring, which changes nobody’s access: ${others.join(', ')}`;
      return { code: 'cycle', level: 'hint', words, others };
    }),
  ];

  function linkAdvice(): Advice[] {
    const top = topRole(mapping);
    return survey.links.flatMap(({ link, people, idle }): Advice[] => {
      const of = about(link);
      const what = `The link from ${of.group} to ${of.communityName} (${link.role})`;
      if (isBroken(link))
        return [
          {
            code: 'link-broken',
            level: 'warning',
            words: `${what} is broken: the group is gone at ${link.source}`,
            ...of,
          },
        ];
      if (people === 0)
        return [
          {
            code: 'link-empty',
            level: 'hint',
            words: `${what} gives nobody anything: nobody active is in the group`,
            ...of,
          },
        ];
      if (idle)
        return [
          {
            code: 'link-idle',
            level: 'hint',
            words: `${what} gives nobody anything: everybody in the group has that or more from other links`,
            ...of,
          },
        ];
      if (link.role === top && people >= fewPeople && people === advised.activePeople)
        return [
          {
            code: 'everybody-administrator',
            level: 'warning',
            words: `${of.group} has everybody in it, so everybody is ${link.role} of ${of.communityName}`,
            ...of,
            count: people,
          },
        ];
      return [];
    });
  }

  function communityAdvice(): Advice[] {
    const roles = mapping.roles.map(({ id }) => id);
    const top = topRole(mapping);
    return [...Map.groupBy(mapping.links, ({ community }) => community)].flatMap(([community, links]): Advice[] => {
      const of = { community, communityName: communityName(community) };
      const linked = new Set(links.map(({ role }) => role));
      const others = roles.filter((role) => !linked.has(role));
      const count = survey.communities.get(community)?.people ?? 0;
      const found: Advice[] = [];
      if (listed.get(community)?.state !== 'listed')
        found.push({
          code: 'community-missing',
          level: 'warning',
          words: `${of.communityName} is gone from the catalogue, and ${links.length === 1 ? 'a link names' : `${links.length} links name`} it; nobody’s access has changed`,
          ...of,
          count: links.length,
        });
      if (others.length > 0)
        found.push({
          code: 'one-role',
          level: 'hint',
          words: `${of.communityName} has no group for ${others.join(' or ')}: Steeple advises at least two groups, contributors and administrators`,
          ...of,
          others,
        });
      if (
        top !== undefined &&
        roles.length > 1 &&
        count >= fewPeople &&
        survey.communities.get(community)?.roles.get(top) === count
      )
        found.push({
          code: 'everybody-administrator',
          level: 'warning',
          words: `All ${count} people of ${of.communityName} are ${top}`,
          ...of,
          role: top,
          count,
        });
      return found;
    });
  }

  function groupAdvice(): Advice[] {
    const linksOf = Map.groupBy(mapping.links, ({ source, team }) => `${source}\0${team}`);
    const isLinked = ({ source, id }: Pick<Team, 'source' | 'id'>) => linksOf.has(`${source}\0${id}`);
    return teams.flatMap((team): Advice[] => {
      const of = { source: team.source, groupId: team.id, group: team.name };
      if (!team.live) return [];
      const fed = [...new Set((linksOf.get(`${team.source}\0${team.id}`) ?? []).map(({ community }) => community))];
      if (fed.length > manyCommunities) {
        const others = fed.map(communityName).sort();
        const words = `${team.name} feeds ${fed.length} communities: whoever enters it enters all of them`;
        return [{ code: 'group-feeds-many', level: 'hint', words, ...of, others, count: fed.length }];
      }
      if (fed.length > 0 || advised.around(team).some((id) => isLinked({ source: team.source, id }))) return [];
      const words = `No link speaks for ${team.name}: being in it gives nothing`;
      return [{ code: 'group-unlinked', level: 'hint', words, ...of }];
    });
  }
}

function ruleAdvice(
  { mapping, teams, communities }: Advised,
  byId: ReadonlyMap<string, Team>,
  communityName: (id: string) => string,
  about: (link: Link) => Partial<Advice>,
): Advice[] {
  const catalogue = catalogueOf(communities.filter(({ state }) => state === 'listed'));
  const live = teams.filter((team) => team.live);
  return (mapping.rules ?? []).flatMap((rule): Advice[] => {
    const { links, unclear } = expand(rule, live, catalogue);
    const fits = new Set(links.map(linkKey));
    const adrift = mapping.links.filter(
      (link) => link.rule === rule.id && byId.get(link.team)?.live === true && !fits.has(linkKey(link)),
    );
    const found: Advice[] = [];
    if (links.length + unclear.length === 0) {
      const words = `The rule ${rule.id} fits no group of ${rule.source}: none is called "${rule.pattern}"`;
      found.push({ code: 'rule-matches-nothing', level: 'warning', words, source: rule.source, rule: rule.id });
    }
    for (const { team, star, communities: named } of unclear) {
      const others = named.map(communityName);
      const names = named.length === 0 ? 'no community' : `several communities (${others.join(', ')})`;
      found.push({
        code: 'rule-unclear',
        level: 'hint',
        words: `${team.name} fits the rule ${rule.id}, and "${star}" names ${names}`,
        source: rule.source,
        groupId: team.id,
        group: team.name,
        rule: rule.id,
        others,
      });
    }
    for (const link of adrift) {
      const name = byId.get(link.team)?.name ?? link.team;
      const fitsStill = starOf(rule.pattern, name) !== undefined;
      const why = fitsStill ? 'speaks of something else by now' : 'does not fit the rule any more';
      const words = `${name} ${why} (${rule.id}); what it gives in ${communityName(link.community)} stays as it was confirmed`;
      found.push({ code: 'rule-adrift', level: 'hint', words, ...about(link), rule: rule.id });
    }
    return found;
  });
}
