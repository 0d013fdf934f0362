/**
 * Random small companies for the planner's properties: a directory, a mapping over it, and what Steeple happens to hold.
 *
 * Pools are tiny on purpose: five people over six names, three groups, two communities. Worlds must often agree in all but
 * one thing, or a planner that ignores that thing passes. Names are reused across the two sides, so that swaps, rings,
 * adoptions and names that somebody deleted still occupies all happen in a few hundred runs.
 */
import fc from 'fast-check';
import { Policy } from '../../daemon/contract/policy.ts';
import type { Account } from '../../daemon/core/account.ts';
import { fold, type PersonState } from '../../daemon/core/directory.ts';
import { type Link, type Mapping, mirrorKey, pairKey, type Team } from '../../daemon/core/mapping.ts';

export type Person = Readonly<{ num: number; state: PersonState; account: Account }>;
/** The left side: what the sources say, and what the mapping makes of it. Pairs are [around, inside]. */
export type Company = Readonly<{
  people: readonly Person[];
  teams: readonly Team[];
  nested: readonly (readonly [number, number])[];
  members: readonly (readonly [number, number])[];
  mapping: Mapping;
  policy: Policy;
}>;
/** The right side. `person`: whose account it is on record; null: a stranger's. */
export type Kept = Readonly<{ id: string; active: boolean; account: Account; person: number | null }>;
export type KeptGroup = Readonly<{ key: string; name: string; members: readonly string[] }>;
export type Steeple = Readonly<{ accounts: readonly Kept[]; groups: readonly KeptGroup[] }>;

const names = ['ada', 'Ada', 'ben', 'BEN', 'cho', 'dee'] as const;
const userName = fc.constantFrom(...names);
const attributes = {
  givenName: fc.constantFrom('', 'Ada', 'Ben'),
  familyName: fc.constantFrom('', 'Lovelace'),
  displayName: fc.constantFrom('', 'A', 'B'),
  email: fc.constantFrom('', 'a@x.test', 'b@x.test'),
};
const account = fc.record<Account>({ userName, externalId: fc.constantFrom('', 'e1', 'e2'), ...attributes });

export const communities = ['finance', 'sales'] as const;
const community = fc.constantFrom(...communities);
const twoRoles = [
  { id: 'contributor', rank: 1 },
  { id: 'administrator', rank: 2 },
];
const threeRoles = [{ id: 'owner', rank: 30 }, ...twoRoles];
const teamNums = [11, 12, 13] as const;
const link = (roles: readonly string[]): fc.Arbitrary<Link> =>
  fc.record({
    source: fc.constantFrom('entra', 'entra', 'entra', 'okta'),
    team: fc.constantFrom(...teamNums.map((num) => `t${num}`)),
    community,
    role: fc.constantFrom(...roles),
  });

export const mapping = (mode: fc.Arbitrary<Mapping['mode']>): fc.Arbitrary<Mapping> =>
  fc.constantFrom(twoRoles, threeRoles).chain((roles) =>
    fc.record({
      mode,
      nameTemplate: fc.constantFrom('{community} – {role}', '{role}@{community}'),
      roles: fc.constant(roles),
      links: fc.uniqueArray(link(roles.map(({ id }) => id)), {
        maxLength: 5,
        selector: (one) => JSON.stringify(one),
      }),
    }),
  );

export const policy = (): fc.Arbitrary<Policy> =>
  fc
    .record({
      removal: fc.constantFrom('deactivate', 'delete'),
      limitPercent: fc.constantFrom(10, 50),
      limitFloor: fc.constantFrom(0, 1, 5),
      limitCap: fc.constantFrom(1, 25),
      groupOver: fc.constantFrom(0, 1, 10),
      groupPercent: fc.constantFrom(25, 50, 100),
      protected: fc.constantFrom([], [], ['ADA'], ['ben', 'nobody']),
    })
    .map((some) => Policy.parse(some));

/** In a directory no two people who are not deleted have one userName (I8); whoever comes second gets one of their own. */
export function distinct(people: readonly Person[]): Person[] {
  const taken = new Set<string>();
  return people.map((person) => {
    if (person.state === 'deleted') return person;
    let unique = person.account.userName;
    while (taken.has(fold(unique))) unique = `${unique}${person.num}`;
    taken.add(fold(unique));
    return { ...person, account: { ...person.account, userName: unique } };
  });
}

export const person = fc.record({
  state: fc.constantFrom<PersonState>('active', 'active', 'active', 'inactive', 'deleted'),
  account,
});
const people = fc
  .array(person, { minLength: 1, maxLength: 5 })
  .map((some) => distinct(some.map((one, at) => ({ num: at + 1, ...one }))));

const teams = fc.tuple(...teamNums.map((num) => fc.tuple(fc.constant(num), fc.boolean(), fc.boolean()))).map((some) =>
  some.map(
    ([num, renamed, deleted]): Team => ({
      num,
      id: `t${num}`,
      source: 'entra',
      name: renamed ? `New ${num}` : `Team ${num}`,
      externalId: null,
      live: !deleted || num === 11,
    }),
  ),
);

export const company = (mode: fc.Arbitrary<Mapping['mode']> = fc.constantFrom('managed', 'mirror')) =>
  fc.record<Company>({
    people,
    teams,
    nested: fc.uniqueArray(fc.tuple(fc.constantFrom(...teamNums), fc.constantFrom(...teamNums)), {
      maxLength: 3,
      selector: String,
    }),
    members: fc.uniqueArray(fc.tuple(fc.constantFrom(...teamNums), fc.integer({ min: 1, max: 5 })), {
      maxLength: 9,
      selector: String,
    }),
    mapping: mapping(mode),
    policy: policy(),
  });

/** An account on the right, before its name is known to be free there. */
const seed = fc.record({
  person: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null, freq: 6 }),
  active: fc.constantFrom(true, true, true, false),
  /** As the directory has it, in all but maybe one attribute; else something else. */
  alike: fc.constantFrom(true, true, false),
  account,
  different: fc.constantFrom<keyof Account | 'none'>('none', 'none', 'userName', 'givenName', 'email', 'externalId'),
});
const groupKeys = [
  ...communities.flatMap((one) => ['contributor', 'administrator', 'owner'].map((role) => pairKey(one, role))),
  ...teamNums.map((num) => mirrorKey(`t${num}`)),
];
const group = fc.record({
  key: fc.constantFrom(...groupKeys),
  name: fc.constantFrom('finance – Contributors', 'Administrators@sales', 'Team 11', 'Old'),
  members: fc.subarray([0, 1, 2, 3, 4, 5]),
});

/** What Steeple holds: accounts of ours, strangers, groups we made, and some that an earlier mapping left behind. */
export const steeple = ({ people }: Company): fc.Arbitrary<Steeple> =>
  fc
    .tuple(fc.array(seed, { maxLength: 6 }), fc.uniqueArray(group, { maxLength: 5, selector: ({ key }) => key }))
    .map(([seeds, groups]) => {
      const taken = new Set<string>();
      const owners = new Set<number | null>();
      const accounts = seeds.map((one, at): Kept => {
        const owner = people.find(({ num }) => num === one.person && !owners.has(num));
        owners.add(owner?.num ?? null);
        const base = owner && one.alike ? owner.account : one.account;
        const wish = one.different === 'none' ? base : { ...base, [one.different]: one.account[one.different] };
        const unique = taken.has(fold(wish.userName)) ? `old${at}` : wish.userName;
        taken.add(fold(unique));
        return {
          id: `s${at}`,
          active: one.active,
          account: { ...wish, userName: unique },
          person: owner?.num ?? null,
        };
      });
      return {
        accounts,
        groups: groups.map(({ key, name, members }) => ({
          key,
          name,
          members: members.flatMap((at) => accounts[at]?.id ?? []),
        })),
      };
    });

export type Scene = Readonly<{ company: Company; steeple: Steeple }>;
export const scene = (mode?: fc.Arbitrary<Mapping['mode']>): fc.Arbitrary<Scene> =>
  company(mode).chain((one) => fc.record({ company: fc.constant(one), steeple: steeple(one) }));
