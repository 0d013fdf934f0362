/** Whose account is whose. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Account } from '../daemon/core/account.ts';
import { fold } from '../daemon/core/directory.ts';
import { type Candidate, match, type Seeker } from '../daemon/core/match.ts';

const account = (userName: string, externalId = ''): Account => ({
  userName,
  externalId,
  givenName: '',
  familyName: '',
  displayName: '',
  email: '',
});
const seeker = (num: number, userName: string, externalId = '', active = true): Seeker => ({
  num,
  active,
  account: account(userName, externalId),
});
const candidate = (num: number, name: string, more: Partial<Candidate> = {}): Candidate => ({
  num,
  userNameKey: fold(name),
  externalId: null,
  person: null,
  orphaned: false,
  ...more,
});
/** As the store gives it: the active people by externalId. */
function claimsOf(people: readonly Seeker[]): Map<string, number[]> {
  const claims = new Map<string, number[]>();
  for (const { num, active, account } of people)
    if (active) claims.set(account.externalId, [...(claims.get(account.externalId) ?? []), num]);
  return claims;
}
/** `person → account`, with `*` where it is ours on record already. */
function pairs(people: readonly Seeker[], candidates: readonly Candidate[], claims = claimsOf(people)) {
  return Object.fromEntries(
    [...match(people, candidates, claims)].map(([num, { candidate, linked }]) => [
      num,
      `${candidate.num}${linked ? '*' : ''}`,
    ]),
  );
}

describe('An account', () => {
  test('that is recorded as ours stays so, whatever it is called by now', () => {
    expect(
      pairs([seeker(1, 'ada', 'e1')], [candidate(7, 'x', { person: 1 }), candidate(8, 'ada', { externalId: 'e1' })]),
    ).toEqual({
      1: '7*',
    });
    expect(pairs([seeker(1, 'ada', 'e1', false)], [candidate(7, 'x', { person: 1 })])).toEqual({ 1: '7*' });
  });

  test('is found by externalId before it is found by name, and the name decides between two of one externalId', () => {
    const both = [candidate(7, 'ada'), candidate(8, 'other', { externalId: 'e1' })];
    expect(pairs([seeker(1, 'ada', 'e1')], both)).toEqual({ 1: '8' });
    const twins = [candidate(7, 'other', { externalId: 'e1' }), candidate(8, 'ADA', { externalId: 'e1' })];
    expect(pairs([seeker(1, 'Ada', 'e1')], twins)).toEqual({ 1: '8' });
  });

  test('is found by name, ignoring case, where no externalId speaks', () => {
    expect(pairs([seeker(1, 'Ada@X.test')], [candidate(7, 'aDA@x.TEST')])).toEqual({ 1: '7' });
    expect(pairs([seeker(1, 'ada', 'e1')], [candidate(7, 'ada', { externalId: 'e9' })])).toEqual({ 1: '7' });
    expect(pairs([seeker(1, 'ada', '')], [candidate(7, 'ben', { externalId: '' })])).toEqual({});
  });

  test('of somebody else’s externalId is not taken by name', () => {
    const people = [seeker(1, 'ada', 'e1'), seeker(2, 'ben', 'e2')];
    expect(pairs(people, [candidate(7, 'ada', { externalId: 'e2' })])).toEqual({ 2: '7' });
    // Also where that other person is not among those who are looked at.
    expect(pairs([people[0]!], [candidate(7, 'ada', { externalId: 'e2' })], claimsOf(people))).toEqual({});
  });

  test('whose externalId two people carry is told by the name alone', () => {
    const people = [seeker(1, 'ada', '7'), seeker(2, 'ben', '7')];
    expect(pairs(people, [candidate(5, 'ben', { externalId: '7' })])).toEqual({ 2: '5' });
    expect(pairs(people, [candidate(5, 'cho', { externalId: '7' })])).toEqual({});
  });

  test('is never taken by an inactive person, unless it is recorded as theirs: who was never sent is never removed', () => {
    expect(pairs([seeker(1, 'ada', 'e1', false)], [candidate(7, 'ada', { externalId: 'e1' })])).toEqual({});
  });

  test('of a deleted person goes to who came back under the name or the externalId, and else stays to be removed', () => {
    const gone = seeker(1, 'ada', 'e1', false);
    const left = candidate(7, 'ada', { person: 1, orphaned: true, externalId: 'e1' });
    expect(pairs([gone], [left])).toEqual({ 1: '7*' });
    expect(pairs([gone, seeker(2, 'Ada', 'e2')], [left])).toEqual({ 2: '7' });
    expect(pairs([gone, seeker(2, 'new', 'e1')], [left])).toEqual({ 2: '7' });
    expect(pairs([gone, seeker(2, 'new', 'e2')], [left])).toEqual({ 1: '7*' });
  });

  test('of a deleted person is not taken by somebody who has one already', () => {
    const people = [seeker(1, 'ada', 'e1'), seeker(2, 'old', 'e1', false)];
    const theirs = [
      candidate(7, 'x', { person: 1 }),
      candidate(8, 'old', { person: 2, orphaned: true, externalId: 'e1' }),
    ];
    expect(pairs(people, theirs)).toEqual({ 1: '7*', 2: '8*' });
  });

  test('of another person on record is never taken', () => {
    expect(pairs([seeker(2, 'ada', 'e1')], [candidate(7, 'ada', { person: 1, externalId: 'e1' })])).toEqual({});
  });
});

const names = ['ann', 'ben', 'cho'];
const externals = ['', 'e1', 'e2'];
/** People with a name each, active or not, some deleted; accounts of which some are theirs. */
const world = fc
  .record({
    people: fc.uniqueArray(
      fc.record({
        num: fc.integer({ min: 1, max: 5 }),
        userName: fc.constantFrom(...names, 'Dan'),
        externalId: fc.constantFrom(...externals),
        state: fc.constantFrom('active', 'inactive', 'deleted'),
      }),
      { selector: ({ num }) => num, maxLength: 5 },
    ),
    accounts: fc.array(
      fc.record({
        name: fc.constantFrom(...names, 'dan'),
        externalId: fc.constantFrom(...externals, null),
        owner: fc.integer({ min: 0, max: 5 }),
      }),
      { maxLength: 5 },
    ),
  })
  .map(({ people, accounts }) => {
    // Names are unique among those who are not deleted (I8), and nobody has two accounts on record.
    const taken = new Set<string>();
    const kept = people.filter(({ state, userName }) => {
      if (state === 'deleted') return true;
      if (taken.has(fold(userName))) return false;
      taken.add(fold(userName));
      return true;
    });
    const states = new Map(kept.map(({ num, state }) => [num, state]));
    const owners = new Set<number>();
    return {
      people: kept.map(({ num, userName, externalId, state }) => seeker(num, userName, externalId, state === 'active')),
      candidates: accounts.map(({ name, externalId, owner }, at) => {
        const person = states.has(owner) && !owners.has(owner) ? owner : null;
        if (person !== null) owners.add(person);
        return candidate(at + 10, name, {
          externalId,
          person,
          orphaned: person !== null && states.get(person) === 'deleted',
        });
      }),
    };
  });

test('P3 nobody has two accounts, no account two people, and who is not active has only what is on record', () => {
  fc.assert(
    fc.property(world, ({ people, candidates }) => {
      const found = match(people, candidates, claimsOf(people));
      expect(new Set([...found.values()].map((one) => one.candidate.num)).size).toBe(found.size);
      for (const [num, { candidate, linked }] of found) {
        expect(linked).toBe(candidate.person === num);
        if (!linked) {
          expect(people.find((one) => one.num === num)?.active).toBe(true);
          expect(candidate.person === null || candidate.orphaned).toBe(true);
        }
      }
      for (const { num, person, orphaned } of candidates)
        if (person !== null && !orphaned) expect(found.get(person)?.candidate.num).toBe(num);
    }),
    { numRuns: 500 },
  );
});

test('the order of people and accounts makes no difference, but for accounts of one externalId', () => {
  fc.assert(
    fc.property(world, ({ people, candidates }) => {
      const straight = pairs(people, candidates);
      expect(pairs([...people].reverse(), candidates, claimsOf(people))).toEqual(straight);
    }),
    { numRuns: 300 },
  );
});

/** Whom the store draws in beside one person (store/pairing.ts), and the accounts it then looks at. */
function around(num: number, people: readonly Seeker[], candidates: readonly Candidate[]) {
  const scope = new Set([num]);
  for (;;) {
    const inside = people.filter((one) => scope.has(one.num));
    const seen = candidates.filter(
      ({ person, userNameKey, externalId }) =>
        (person !== null && scope.has(person)) ||
        inside.some(
          ({ account }) =>
            fold(account.userName) === userNameKey || (account.externalId !== '' && account.externalId === externalId),
        ),
    );
    const before = scope.size;
    for (const { person, orphaned, userNameKey, externalId } of seen) {
      if (person !== null) scope.add(person);
      if (!orphaned) continue;
      for (const one of people)
        if (
          one.active &&
          (fold(one.account.userName) === userNameKey || (externalId !== null && one.account.externalId === externalId))
        )
          scope.add(one.num);
    }
    if (scope.size === before) return { people: inside, candidates: seen };
  }
}

test('P2 one person, with those around them, is given the same account as among all', () => {
  fc.assert(
    fc.property(world, ({ people, candidates }) => {
      const all = pairs(people, candidates);
      for (const { num } of people) {
        const few = around(num, people, candidates);
        expect(pairs(few.people, few.candidates, claimsOf(people))[num]).toEqual(all[num]);
      }
    }),
    { numRuns: 1000 },
  );
});
