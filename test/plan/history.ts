/**
 * Rounds of change: the directory, the mapping and Steeple itself move, people decide on what is held, and some or all are
 * planned again. Each round is carried out by the naive Steeple and held against the laws (plan/oracle.ts).
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { PersonState } from '../../daemon/core/directory.ts';
import type { OpenItem } from '../../daemon/core/gate.ts';
import type { Mapping } from '../../daemon/core/mapping.ts';
import { type Decision, decide } from '../../daemon/core/plan.ts';
import {
  type Company,
  distinct,
  mapping,
  type Person,
  person,
  type Scene,
  type Steeple,
} from '../arbitraries/world.ts';
import { worldOf } from './loaded.ts';
import { departuresOf, obeysTheLaws } from './oracle.ts';
import { allApproved, decided, followed } from './review.ts';
import { clear, type Departure } from './scene.ts';
import { applied } from './steeple.ts';

const who = fc.integer({ min: 1, max: 6 });
const team = fc.constantFrom(11, 12, 13);
const edit = fc.oneof(
  fc.record({
    what: fc.constant('state' as const),
    who,
    state: fc.constantFrom<PersonState>('active', 'inactive', 'inactive', 'deleted'),
  }),
  fc.record({ what: fc.constant('attributes' as const), who, like: person }),
  fc.record({ what: fc.constant('pass name' as const), who, to: who }),
  fc.record({ what: fc.constant('hire' as const), like: person }),
  fc.record({ what: fc.constant('member' as const), who, team }),
  fc.record({ what: fc.constant('member' as const), who, team }),
  fc.record({ what: fc.constant('nest' as const), team, inside: team }),
  fc.record({ what: fc.constant('team' as const), team, live: fc.boolean() }),
  fc.record({
    what: fc.constant('mapping' as const),
    to: mapping(fc.constantFrom<Mapping['mode']>('managed', 'mirror')),
  }),
  fc.record({ what: fc.constant('unlink' as const), at: fc.nat(4) }),
  fc.record({ what: fc.constant('drift' as const), account: fc.nat(5), group: fc.nat(5) }),
);
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;
const review = fc.record({ at: fc.nat(5), event: fc.constantFrom('approve', 'approve', 'keep', 'undo') });
export const rounds = () =>
  fc.array(
    fc.record({
      /** First of all the source takes back what it changed in the round before. */
      undo: fc.boolean(),
      edits: fc.array(edit, { maxLength: 3 }),
      reviews: fc.array(review, { maxLength: 3 }),
      scope: fc.option(fc.uniqueArray(who, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 2 }),
    }),
    { minLength: 1, maxLength: 5 },
  );

const toggled = <T>(list: readonly T[], one: T): T[] => {
  const rest = list.filter((other) => JSON.stringify(other) !== JSON.stringify(one));
  return rest.length < list.length ? rest : [...list, one];
};

function edited({ company, steeple }: Scene, one: Edit): Scene {
  const on = (change: Partial<Company>): Scene => ({ company: { ...company, ...change }, steeple });
  const people = (change: (person: Person) => Person) => on({ people: distinct(company.people.map(change)) });
  const nameOf = (num: number) => company.people.find((person) => person.num === num)?.account.userName;
  switch (one.what) {
    case 'state':
      // What is deleted at the source does not come back under its number.
      return people((person) =>
        person.num === one.who && person.state !== 'deleted' ? { ...person, state: one.state } : person,
      );
    case 'attributes':
      return people((person) =>
        person.num === one.who && person.state !== 'deleted' ? { ...person, account: one.like.account } : person,
      );
    case 'pass name':
      return people((person) => {
        const name = person.num === one.who ? nameOf(one.to) : person.num === one.to ? nameOf(one.who) : undefined;
        if (name === undefined || person.state === 'deleted') return person;
        return { ...person, account: { ...person.account, userName: name } };
      });
    case 'hire':
      return on({ people: distinct([...company.people, { ...one.like, num: company.people.length + 1 }]) });
    case 'member':
      return on({ members: toggled(company.members, [one.team, one.who] as const) });
    case 'nest':
      return on({ nested: toggled(company.nested, [one.team, one.inside] as const) });
    case 'team':
      return on({
        teams: company.teams.map((known) => (known.num === one.team ? { ...known, live: one.live } : known)),
      });
    case 'mapping':
      return on({ mapping: one.to });
    case 'unlink':
      return on({ mapping: { ...company.mapping, links: company.mapping.links.filter((_, at) => at !== one.at) } });
    case 'drift': {
      const account = steeple.accounts[one.account];
      const at = one.group % Math.max(1, steeple.groups.length);
      if (!account) return { company, steeple };
      const groups = steeple.groups.map((group, index) =>
        index === at ? { ...group, members: toggled(group.members, account.id) } : group,
      );
      return { company, steeple: { ...steeple, groups } };
    }
  }
}

/** As it was, but for people who came or were deleted meanwhile. */
function withdrawn(now: Company, before: Company): Company {
  const people = now.people.map((person) => {
    const was = before.people.find(({ num }) => num === person.num);
    return person.state === 'deleted' || was === undefined || was.state === 'deleted' ? person : was;
  });
  return { ...before, people: distinct(people) };
}

export type Seen = Readonly<{
  company: Company;
  before: Steeple;
  after: Steeple;
  decision: Decision;
  items: readonly OpenItem[];
}>;

/** Plays the rounds, and then settles everything by approving it. Gives what was seen in each. */
export function played(
  start: Scene,
  script: readonly (typeof rounds extends () => fc.Arbitrary<(infer R)[]> ? R : never)[],
): Seen[] {
  let now = clear(start);
  let items: OpenItem[] = [];
  const departures: Departure[] = [];
  const seen: Seen[] = [];

  function round(scope: readonly number[] | undefined): Decision {
    const world = worldOf(now.company, now.steeple, items, departures, scope && new Set(scope));
    const decision = decide(world);
    const after = applied(now.steeple, world, decision);
    const inFront = new Set(world.cases.map(({ num }) => num));
    const one = { company: now.company, before: now.steeple, after, scope: inFront };
    obeysTheLaws({ ...one, items, departures, decision });
    seen.push({ ...one, decision, items });
    departures.push(...departuresOf(one));
    items = followed(items, decision);
    now = { company: now.company, steeple: after };
    return decision;
  }

  let last = now.company;
  for (const { undo, edits, reviews, scope } of script) {
    if (undo) now = { ...now, company: withdrawn(now.company, last) };
    last = now.company;
    for (const one of edits) now = edited(now, one);
    now = clear(now);
    for (const { at, event } of reviews) items = decided(items, at, event);
    round(scope);
    // P2: what has been carried out is not planned again. Items may end: an approval that was carried out, and what a
    // removal that was carried out has made pointless.
    const again = round(scope);
    expect(again.operations).toEqual([]);
    expect(again.opens).toEqual([]);
  }
  for (let left = 3; left > 0; left -= 1) {
    items = allApproved(items);
    round(undefined);
  }
  const quiet = round(undefined);
  expect([quiet.operations, quiet.opens, quiet.ends]).toEqual([[], [], []]);
  return seen;
}
