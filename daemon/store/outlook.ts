/**
 * What a change of the mapping would do, what a rule would come to, and what is odd about a mapping: for whoever draws it.
 *
 * Reads only, in slices (rosters.ts), and each answer is of one moment of the directory.
 */
import type { Database } from 'better-sqlite3';
import type { AccessShift, Advice, AdviceCode, Effect, RuleTrial } from '../contract/draft.ts';
import type { LinkKey, Rule, Which } from '../contract/mapping.ts';
import type { MappingDiff } from '../contract/versions.ts';
import { cycles } from '../core/access.ts';
import { type Link, linkKey, type Mapping } from '../core/mapping.ts';
import { adviceOn } from '../core/mappingadvice.ts';
import { diffOf } from '../core/mappingdiff.ts';
import { withLinks } from '../core/mappingedit.ts';
import { type Effected, effectOf, linksAround } from '../core/mappingeffect.ts';
import { catalogueOf, expand, proposals } from '../core/mappingrule.ts';
import { survey } from '../core/mappingsurvey.ts';
import { headcount } from '../core/rosters.ts';
import type { Mappings } from './mapping.ts';
import { inTurns, type Rolls } from './rosters.ts';
import type { Teams } from './teams.ts';

export type Outlook = ReturnType<typeof outlook>;
export type Drawing = Readonly<{
  base: Which;
  against?: Which | undefined;
  add: readonly LinkKey[];
  remove: readonly LinkKey[];
  limit: number;
}>;
const linkOf = ({ groupId: team, ...key }: LinkKey): Link => ({ ...key, team });

export function outlook(
  db: Database,
  { mappings, rolls, teams }: Readonly<{ mappings: Mappings; rolls: Rolls; teams: Teams }>,
) {
  const called = db.prepare<{ nums: string }, { num: number; personId: string; userName: string; name: string }>(`
    SELECT num, id AS personId, user_name AS userName, name FROM person
    WHERE num IN (SELECT value FROM json_each(@nums))`);

  /** What the rules of a mapping would make now, beyond its links. */
  const proposed = (mapping: Mapping): Link[] => proposals(mapping, teams.live(), catalogueOf(mappings.listed()));

  /** The lists that looking at this mapping needs, one reading at a time: to be there before somebody draws. */
  let getting: Promise<unknown> | undefined;
  function ready(links: readonly Link[]): void {
    if (getting !== undefined || rolls.has(links)) return;
    getting = rolls.of(links).finally(() => {
      getting = undefined;
    });
    getting.catch(() => {}); // whoever needs them reads them, and hears of it
  }

  async function effectBetween(before: Mapping, after: Mapping, limit: number): Promise<Effected> {
    const all = [...before.links, ...after.links];
    // Whoever loses something in one community may have something in any other: where not all lists are there yet, that
    // is looked up for the few it is about.
    if (!rolls.has(all)) {
      const moment = await rolls.of(linksAround(before, after));
      const found = await inTurns(effectOf(before, after, { ...moment, lacking: rolls.lacking }, limit));
      if (found !== undefined && rolls.isNow(moment)) {
        ready(all);
        return found;
      }
    }
    const found = await inTurns(effectOf(before, after, await rolls.of(all), limit));
    if (found === undefined) throw new Error('Lists are never looked up');
    return found;
  }

  return {
    proposals: proposed,
    /** Whoever looks at a mapping may draw in it soon. */
    expect: (of: Which): void => ready(mappings.which(of).mapping.links),
    effect: async ({ base, against, add, remove, limit }: Drawing): Promise<Effect> => {
      const from = mappings.which(base).mapping;
      const after = withLinks(from, add.map(linkOf), remove.map(linkOf));
      const before = against === undefined ? from : mappings.which(against).mapping;
      const { named, ...counts } = await effectBetween(before, after, limit);
      const people = new Map(
        called.all({ nums: JSON.stringify(named.map(({ person }) => person)) }).map(({ num, ...who }) => [num, who]),
      );
      return {
        ...counts,
        named: named.flatMap(({ person, ...shift }): AccessShift[] => {
          const who = people.get(person);
          return who === undefined ? [] : [{ ...who, ...shift }];
        }),
      };
    },

    diff: async (from: Which, to: Which): Promise<MappingDiff> => {
      const communities = mappings.communityNames();
      const groups = new Map(teams.all().map(({ id, name }) => [id, name]));
      const [was, is] = [from, to].map((which) => ({ which, mapping: mappings.which(which).mapping })) as [
        { which: Which; mapping: Mapping },
        { which: Which; mapping: Mapping },
      ];
      return diffOf(was, is, { community: (id) => communities.get(id), group: (id) => groups.get(id) });
    },

    try: async (rule: Rule, of: Which): Promise<RuleTrial> => {
      const { mapping } = mappings.which(of);
      const names = mappings.communityNames();
      const there = new Set(mapping.links.map(linkKey));
      const { links, unclear } = expand(rule, teams.live(), catalogueOf(mappings.listed()));
      const moment = await rolls.of(links);
      const groups = new Map(moment.teams.map(({ id, name }) => [id, name]));
      const seen = new Uint8Array(moment.size);
      return {
        links: links.map((link) => ({
          source: link.source,
          groupId: link.team,
          community: link.community,
          role: link.role,
          group: groups.get(link.team) ?? link.team,
          communityName: names.get(link.community) ?? link.community,
          people: headcount(moment.parts(link), moment, seen),
          there: there.has(linkKey(link)),
        })),
        unclear: unclear.map(({ team, star, communities }) => ({
          groupId: team.id,
          group: team.name,
          star,
          communities: [...communities],
        })),
      };
    },

    /** How many active people are in each of these groups, at any depth. */
    people: async (groups: readonly Readonly<{ source: string; groupId: string }>[]): Promise<number[]> => {
      const keys = groups.map(({ source, groupId: team }) => ({ source, team }));
      const moment = await rolls.of(keys);
      const seen = new Uint8Array(moment.size);
      return keys.map((key) => headcount(moment.parts(key), moment, seen));
    },

    advice: async (of: Which, limit: number) => {
      const { mapping } = mappings.which(of);
      const moment = await rolls.of(mapping.links);
      const counted = await inTurns(survey(mapping, moment));
      const byNum = new Map(moment.teams.map((team) => [team.num, team]));
      const grouped = (key: 'team' | 'child', value: 'team' | 'child') =>
        new Map(
          [...Map.groupBy(moment.nestings, (row) => row[key])].map(([at, rows]) => [at, rows.map((row) => row[value])]),
        );
      const parents = grouped('child', 'team');
      const around = (num: number): Set<number> => {
        const found = new Set(parents.get(num));
        for (const here of found) for (const parent of parents.get(here) ?? []) found.add(parent);
        return found;
      };
      const idOf = (num: number): string => byNum.get(num)?.id ?? '';
      const all = adviceOn({
        mapping,
        teams: moment.teams,
        around: ({ num }) => [...around(num)].map(idOf),
        communities: await mappings.communities(),
        survey: counted,
        activePeople: moment.active.reduce((sum, one) => sum + one, 0),
        cycles: cycles(grouped('team', 'child')).map((ring) => ring.map(idOf)),
      });
      const total: Partial<Record<AdviceCode, number>> = {};
      const items = all.filter(({ code }): boolean => {
        total[code] = (total[code] ?? 0) + 1;
        return (total[code] as number) <= limit;
      });
      return { items: items satisfies Advice[], total };
    },
  };
}
