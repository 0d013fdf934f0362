import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between, cycles, ways } from '../daemon/core/access.ts';
import type { Mapping, Team } from '../daemon/core/mapping.ts';
import { type Company, company as companies } from './arbitraries/world.ts';
import { link, mapped, team } from './plan/example.ts';
import { desiredRoles } from './plan/oracle.ts';

type Pairs = readonly (readonly [around: number, inside: number])[];
const parentsOf = (nested: Pairs) =>
  new Map([...Map.groupBy(nested, ([, inside]) => inside)].map(([at, some]) => [at, some.map(([around]) => around)]));
const childrenOf = (nested: Pairs) =>
  new Map([...Map.groupBy(nested, ([around]) => around)].map(([at, some]) => [at, some.map(([, inside]) => inside)]));
const byNum = (teams: readonly Team[]) => new Map(teams.map((one) => [one.num, one]));
const accessOf = (
  { mapping, teams, nested, members }: Pick<Company, 'mapping' | 'teams' | 'nested' | 'members'>,
  person: number,
) =>
  ways(mapping, byNum(teams), parentsOf(nested)).accessOf(members.flatMap(([at, who]) => (who === person ? [at] : [])));
const rolesOf = (access: ReturnType<typeof accessOf>) => [...access].map(([community, { role }]) => [community, role]);

test('A1, A3, A5: access is what the links of all groups around somebody give, the highest rank in each community', () => {
  const law = fc.property(companies(), (one) => {
    for (const { num, account } of one.people) {
      const access = accessOf(one, num);
      const expected = desiredRoles(one, { num, account, state: 'active' });
      expect(new Map(rolesOf(access) as [string, string][])).toEqual(expected);
      expect([...access.keys()]).toEqual([...access.keys()].sort());
    }
  });
  fc.assert(law, { numRuns: 500 });
});

test('A3: the explanation names every link that contributes, the winner first, by a real and shortest way', () => {
  const law = fc.property(companies(), (one) => {
    const { mapping, teams, nested, members } = one;
    const isLive = (num: number) => teams.some((known) => known.num === num && known.live);
    const distances = (from: readonly number[]) => {
      const found = new Map(from.filter(isLive).map((num) => [num, 0]));
      for (let round = 0; round < teams.length; round += 1)
        for (const [around, inside] of nested) {
          const steps = found.get(inside);
          if (steps !== undefined && isLive(around) && steps + 1 < (found.get(around) ?? Infinity))
            found.set(around, steps + 1);
        }
      return found;
    };
    for (const { num } of one.people) {
      const direct = members.flatMap(([at, who]) => (who === num ? [at] : []));
      const distance = distances(direct);
      const named = [...accessOf(one, num).values()].flatMap(({ because }) => because);
      const idOf = (at: number) => teams.find((known) => known.num === at)?.id;
      const contributing = mapping.links.filter(
        ({ team, source }) => source === 'entra' && [...distance.keys()].some((at) => idOf(at) === team),
      );
      expect(new Set(named.map(({ link }) => link))).toEqual(new Set(contributing));
      expect(named).toHaveLength(contributing.length);
      for (const { team, through } of named) {
        expect(through).toHaveLength(distance.get(team) ?? -1);
        const way = [...through, team];
        expect(direct).toContain(way[0]);
        for (const [at, inside] of through.entries())
          expect(nested.some(([around, within]) => around === way[at + 1] && within === inside)).toBe(true);
      }
      for (const { because, role } of accessOf(one, num).values()) {
        expect(because.map(({ winner }) => winner)).toEqual(because.map((_, at) => at === 0));
        expect(because[0]?.link.role).toBe(role);
      }
    }
  });
  fc.assert(law, { numRuns: 300 });
});

test('A1: the order in which groups, memberships and links are loaded changes neither access nor its explanation', () => {
  const law = fc.property(companies(), (one) => {
    const turned = {
      mapping: { ...one.mapping, links: [...one.mapping.links].reverse() },
      teams: [...one.teams].reverse(),
      nested: [...one.nested].reverse(),
      members: [...one.members].reverse(),
    };
    for (const { num } of one.people) expect([...accessOf(turned, num)]).toEqual([...accessOf(one, num)]);
  });
  fc.assert(law, { numRuns: 500 });
});

test('A1: of two ways equally short the explanation takes the one by the smaller numbers, however they are loaded', () => {
  const teams = byNum([11, 12, 13, 14].map((num) => team(num)));
  const nested: Pairs = [
    [13, 11],
    [12, 11],
    [14, 13],
    [14, 12],
  ];
  for (const pairs of [nested, [...nested].reverse()]) {
    const { accessOf } = ways(mapped(link(14, 'finance')), teams, parentsOf(pairs));
    const through = (direct: readonly number[]) => accessOf(direct).get('finance')?.because[0]?.through;
    expect([through([11]), through([13, 12]), through([12, 13])]).toEqual([[11, 12], [12], [12]]);
  }
});

const rank3: Mapping = { ...mapped(), roles: [{ id: 'reader', rank: 0 }, ...mapped().roles] };

test('A3: of several links to one community the highest rank wins, then the nearest group, then the smallest number', () => {
  const mapping = {
    ...rank3,
    links: [
      link(11, 'finance', 'reader'),
      link(12, 'finance', 'administrator'),
      link(13, 'finance', 'administrator'),
      link(14, 'finance'),
    ],
  };
  const nested = [[12, 11]] as const;
  const because = (direct: readonly number[]) =>
    ways(mapping, byNum([11, 12, 13, 14].map((num) => team(num))), parentsOf(nested))
      .accessOf(direct)
      .get('finance')?.because;
  expect(because([11, 13, 14])?.map(({ team, winner, through }) => [team, winner, through])).toEqual([
    [13, true, []],
    [12, false, [11]],
    [14, false, []],
    [11, false, []],
  ]);
  expect(because([12, 13])?.map(({ team }) => team)).toEqual([12, 13]);
});

test('A4: a link is of one source: the same id under another source is another group, and a new name changes nothing', () => {
  const mapping = mapped({ ...link(11, 'finance'), source: 'okta' }, link(12, 'sales'));
  const all = {
    mapping,
    teams: [team(11), team(12)],
    nested: [],
    members: [
      [11, 1],
      [12, 1],
    ] as const,
  };
  expect(rolesOf(accessOf(all, 1))).toEqual([['sales', 'contributor']]);
  expect([...accessOf({ ...all, teams: [team(11, 'x'), team(12, 'y')] }, 1)]).toEqual([...accessOf(all, 1)]);
});

test('A6: a group that is gone gives nothing, and nothing comes through it', () => {
  const all = {
    mapping: mapped(link(11, 'finance'), link(12, 'sales'), link(13, 'hr')),
    teams: [team(11), team(12, 'gone', false), team(13)],
    nested: [
      [12, 11],
      [13, 12],
    ],
    members: [
      [11, 1],
      [12, 2],
    ],
  } as const;
  expect([rolesOf(accessOf(all, 1)), rolesOf(accessOf(all, 2))]).toEqual([[['finance', 'contributor']], []]);
  const way = ways(all.mapping, byNum(all.teams), new Map());
  expect([way.linksOf(11).length, way.linksOf(12).length]).toEqual([1, 0]);
});

test('A5: groups nested thousands deep count, and their explanation is the whole way', () => {
  const depth = 3000;
  const teams = Array.from({ length: depth }, (_, num) => team(num));
  const nested = teams.slice(1).map(({ num }) => [num, num - 1] as const);
  const way = ways(mapped(link(depth - 1, 'finance')), byNum(teams), parentsOf([...nested, [0, depth - 1]]));
  // Everybody's ways are kept at once, as they are when everybody is planned: chains must not be copied for each.
  const reached = [0, 1, 2, depth - 1].map((start) => way.from(start).length);
  expect(reached).toEqual([depth, depth, depth, depth]);
  expect(way.accessOf([0]).get('finance')?.because[0]?.through).toEqual(teams.slice(0, -1).map(({ num }) => num));
  const last = way.from(0).at(-1);
  expect(last && between(last)).toHaveLength(depth - 1);
  expect(cycles(childrenOf([...nested, [0, depth - 1]]))).toHaveLength(1);
});

test('A5: rings are reported, each once, with everybody in it and in order', () => {
  const node = fc.integer({ min: 0, max: 5 });
  const law = fc.property(fc.uniqueArray(fc.tuple(node, node), { maxLength: 10, selector: String }), (nested) => {
    // Two groups are in one ring when each can be reached from the other; one alone, when it holds itself.
    const inside = new Map([0, 1, 2, 3, 4, 5].map((num) => [num, new Set<number>()]));
    for (let round = 0; round < 6; round += 1)
      for (const [around, within] of nested)
        for (const one of [within, ...(inside.get(within) ?? [])]) inside.get(around)?.add(one);
    const isRound = (a: number, b: number) => inside.get(a)?.has(b) === true && inside.get(b)?.has(a) === true;
    const rings = new Set<string>();
    for (const num of inside.keys()) {
      const ring = [...inside.keys()].filter((other) => (other === num ? isRound(num, num) : isRound(num, other)));
      if (isRound(num, num)) rings.add(ring.join());
    }
    const found = cycles(childrenOf(nested));
    expect(found.map((ring) => ring.join())).toEqual([...rings].sort());
    expect(cycles(childrenOf([...nested].reverse()))).toEqual(found);
  });
  fc.assert(law, { numRuns: 500 });
});

test('somebody in no group, or with no link anywhere, has no access', () => {
  const all = {
    mapping: mapped(link(11, 'finance')),
    teams: [team(11), team(12)],
    nested: [],
    members: [[12, 2]] as const,
  };
  expect([accessOf(all, 1).size, accessOf(all, 2).size, accessOf({ ...all, mapping: mapped() }, 2).size]).toEqual([
    0, 0, 0,
  ]);
});
