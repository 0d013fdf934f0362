/**
 * A world as the store would load it: the small company and the small Steeple of arbitraries/world.ts, put together as
 * store/world.ts puts them together. What a plan should come to is not asked here, but in plan/oracle.ts.
 */
import { cycles, noAccess, ways } from '../../daemon/core/access.ts';
import { fold } from '../../daemon/core/directory.ts';
import { type OpenItem, type RiskKind, riskKey } from '../../daemon/core/gate.ts';
import { leftover, mirrorKey, rankOf, targets } from '../../daemon/core/mapping.ts';
import { type Case, managedTargets, rolesOf, type World } from '../../daemon/core/plan.ts';
import type { Census } from '../../daemon/core/survey.ts';
import type { Company, Steeple } from '../arbitraries/world.ts';
import { administratorsOf, departedFrom, gonePairs, holdersOf } from './oracle.ts';
import { type Departure, matched } from './scene.ts';

export function worldOf(
  company: Company,
  steeple: Steeple,
  items: readonly OpenItem[] = [],
  departures: readonly Departure[] = [],
  scope?: ReadonlySet<number>,
): World {
  const { mapping, policy } = company;
  const teams = new Map(company.teams.map((team) => [team.num, team]));
  const way = ways(mapping, teams, grouped(company.nested, 1, 0));
  const accounts = matched(company, steeple);
  const wantedTargets = targets(mapping, company.teams, (id) => id.toUpperCase());
  const byKey = new Map(wantedTargets.map((target) => [target.key, target]));
  for (const { key, name } of steeple.groups) if (!byKey.has(key)) byKey.set(key, leftover(key, name, mapping));
  const cases = company.people.map(({ num, state, account }): Case => {
    const wanted = state === 'active';
    const direct = wanted ? company.members.flatMap(([team, person]) => (person === num ? [team] : [])) : [];
    const access = wanted ? way.accessOf(direct) : noAccess;
    const reached = new Set(direct.flatMap((team) => way.from(team).map((one) => one.team)));
    const mine = accounts.get(num);
    return {
      num,
      id: `p${num}`,
      source: 'entra',
      account,
      wanted,
      known: state !== 'deleted',
      observed: mine && {
        num: steeple.accounts.indexOf(mine.account),
        steepleId: mine.account.id,
        active: mine.account.active,
        account: mine.account.account,
        linked: mine.linked,
      },
      access,
      targets:
        mapping.mode === 'managed'
          ? managedTargets(access)
          : [...reached].map((team) => mirrorKey(teams.get(team)?.id ?? '')).sort(),
      holds: steeple.groups
        .flatMap(({ key, members }) => (mine && members.includes(mine.account.id) ? [key] : []))
        .sort(),
    };
  });
  const nameHolders = new Map(
    steeple.accounts.flatMap(({ account, person }): [string, number][] =>
      person === null ? [] : [[fold(account.userName), person]],
    ),
  );
  const total = (kind: RiskKind) => departures.filter((one) => one.kind === kind).length;
  const inScope = closed(scope ?? new Set(cases.map(({ num }) => num)), cases, nameHolders);
  return {
    mapping,
    policy,
    cases: cases.filter(({ num }) => inScope.has(num)),
    targets: byKey,
    groups: new Map(
      steeple.groups.map(({ key, name }, num) => [key, { key, num, steepleId: `g${num}`, name, adopted: false }]),
    ),
    items: new Map(items.filter(({ person }) => inScope.has(person)).map((item) => [riskKey(item), item])),
    gonePairs: gonePairs(company),
    nameHolders,
    circumstances: {
      now: 0,
      counts: new Map([
        [
          '',
          {
            activePeople: company.people.filter(({ state }) => state === 'active').length,
            departed: { remove: total('remove'), revoke: total('revoke'), downgrade: total('downgrade') },
          },
        ],
      ]),
      protects: new Map(),
      alarms: new Map(),
      standingUsed: new Map(),
      departedFrom: departedFrom(departures),
      holders: holdersOf(company, steeple),
      administrators: administratorsOf(company, steeple),
    },
  };
}

/** Whoever has a name that somebody in scope wants is looked at together with them, as store/world.ts does. */
function closed(
  scope: ReadonlySet<number>,
  cases: readonly Case[],
  holders: ReadonlyMap<string, number>,
): ReadonlySet<number> {
  const all = new Set(scope);
  for (const num of all) {
    const one = cases.find((other) => other.num === num);
    const name = one && fold(one.account.userName);
    const holder = name === undefined ? undefined : holders.get(name);
    const user = cases.find(({ observed }) => observed && fold(observed.account.userName) === name);
    for (const other of [holder, user?.num]) if (other !== undefined) all.add(other);
  }
  return all;
}

/** By the second of each pair its firsts, or the other way round. */
function grouped(pairs: readonly (readonly [number, number])[], key: 0 | 1, value: 0 | 1): Map<number, number[]> {
  return new Map([...Map.groupBy(pairs, (one) => one[key])].map(([num, some]) => [num, some.map((one) => one[value])]));
}

export const ringsOf = (company: Company): number[][] => cycles(grouped(company.nested, 0, 1));

/** The same world by numbers, as store/census.ts loads it; put together from the cases, and not from the directory. */
export function censusOf(world: World): Census {
  const { cases, mapping, targets: byKey, ...rest } = world;
  const people = [...cases].sort((a, b) => a.num - b.num);
  const grants = [...byKey.values()].flatMap((target) => target.grants);
  const ranked = [...mapping.roles].sort((a, b) => a.rank - b.rank).map(({ id }) => id);
  const roles = [...new Set([...ranked, ...[...grants, ...mapping.links].map(({ role }) => role)])];
  const communities = [...new Set([...grants, ...mapping.links].map(({ community }) => community))].sort();
  const targets = [...byKey.keys()].sort();
  const grantAt = (community: string, role: string) =>
    communities.indexOf(community) * roles.length + roles.indexOf(role);
  const fill = (row: Int32Array, values: readonly number[]) => {
    for (const [at, value] of values.entries()) row[at] = value;
    return values.length;
  };
  const links = [...mapping.links].sort((a, b) => (a.community < b.community ? -1 : a.community > b.community ? 1 : 0));
  return {
    ...rest,
    mapping,
    targets: byKey,
    size: people.length,
    lexicon: { communities, roles, ranks: roles.map((role) => rankOf(mapping, role)), targets },
    links,
    linkCommunity: Int32Array.from(links, ({ community }) => communities.indexOf(community)),
    head: (at) => people[at] as Case,
    caseAt: (at) => people[at] as Case,
    fillNext: (at, row) =>
      fill(
        row,
        [...(people[at] as Case).access.values()]
          .filter(() => (people[at] as Case).wanted)
          .map(({ community, role }) => grantAt(community, role))
          .sort((a, b) => a - b),
      ),
    fillNow: (at, row) =>
      fill(
        row,
        [...rolesOf((people[at] as Case).holds, world)]
          .map(([community, role]) => grantAt(community, role))
          .sort((a, b) => a - b),
      ),
    fillReasons: () => -1,
    fillTargets: (at, row) =>
      fill(
        row,
        (people[at] as Case).targets.map((key) => targets.indexOf(key)),
      ),
    fillHolds: (at, row) =>
      fill(
        row,
        (people[at] as Case).holds.map((key) => targets.indexOf(key)),
      ),
  };
}
