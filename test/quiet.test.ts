/** Quiet hours by the clock of a named place, and what loosens a policy. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Policy, type QuietHours } from '../daemon/contract/policy.ts';
import { loosens } from '../daemon/core/loosening.ts';
import { quietUntil } from '../daemon/core/quiet.ts';

const hours = (some: Partial<QuietHours> = {}): QuietHours => ({
  days: [1, 2, 3, 4, 5],
  from: '18:00',
  to: '08:00',
  timeZone: 'Europe/Paris',
  ...some,
});
const at = (text: string) => Date.parse(text);
const until = (some: readonly QuietHours[], text: string) => {
  const end = quietUntil(some, at(text));
  return end === undefined ? undefined : new Date(end).toISOString().slice(0, 16);
};

test('quiet hours run over midnight, in winter and in summer, by the clock of the place', () => {
  expect(until([hours()], '2027-01-04T16:59:59Z')).toBeUndefined(); // a Monday, 17:59 in Paris
  expect(until([hours()], '2027-01-04T17:00Z')).toBe('2027-01-05T07:00');
  expect(until([hours()], '2027-01-05T06:59Z')).toBe('2027-01-05T07:00');
  expect(until([hours()], '2027-01-05T07:00Z')).toBeUndefined();
  expect(until([hours()], '2027-07-05T16:00Z')).toBe('2027-07-06T06:00');
  // Friday's go on into Saturday; Saturday has none of its own.
  expect(until([hours()], '2027-01-09T05:00Z')).toBe('2027-01-09T07:00');
  expect(until([hours()], '2027-01-09T20:00Z')).toBeUndefined();
  // The night in which the clocks go forward is an hour shorter.
  expect(until([hours({ days: [6] })], '2027-03-27T20:00Z')).toBe('2027-03-28T06:00');
});

test('hours that follow one another are one, and a place nobody knows is always quiet', () => {
  const weekend = hours({ days: [6, 7], from: '00:00', to: '00:00' });
  expect(until([hours(), weekend], '2027-01-08T18:00Z')).toBe('2027-01-09T23:00'.replace('09', '10'));
  expect(quietUntil([], 0)).toBeUndefined();
  expect(quietUntil([hours({ timeZone: 'Mars/Olympus' })], at('2027-01-05T12:00Z'))).toBeDefined();
});

test('inside its hours it is quiet and outside it is not, minute by minute', () => {
  const clock = (when: number) =>
    new Date(when).toLocaleString('sv-SE', { timeZone: 'America/New_York', weekday: undefined }).slice(11, 16);
  const day = (when: number) =>
    ((new Date(`${new Date(when).toLocaleDateString('sv-SE', { timeZone: 'America/New_York' })}T12:00Z`).getUTCDay() +
      6) %
      7) +
    1;
  const law = fc.property(
    fc.integer({ min: at('2027-03-01T00:00Z'), max: at('2027-04-01T00:00Z') }),
    fc.constantFrom('06:00', '12:30', '23:00'),
    fc.constantFrom('07:00', '12:31', '23:30'),
    fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
    (when, from, to, days) => {
      if (from >= to) return;
      const isQuiet = days.includes(day(when)) && clock(when) >= from && clock(when) < to;
      const end = quietUntil([{ days, from, to, timeZone: 'America/New_York' }], when);
      expect(end !== undefined).toBe(isQuiet);
      if (end !== undefined) expect([clock(end), clock(end - 1) < to]).toEqual([to, true]);
    },
  );
  fc.assert(law, { numRuns: 300 });
});

const policy = Policy.parse({});
const standing = {
  id: 'a',
  kinds: ['remove' as const],
  sources: [],
  upTo: 5,
  afterDays: 0,
  until: 10,
  enabledBy: 'ann',
  enabledAt: 0,
  reason: 'r',
};
test.each<[string, Partial<Policy>, Partial<Policy>, boolean]>([
  ['a higher limit', {}, { limitCap: 26 }, true],
  ['a lower limit', {}, { limitCap: 24 }, false],
  ['a higher floor', {}, { limitFloor: 6 }, true],
  ['only larger groups', {}, { groupOver: 11 }, true],
  ['one protected account less', { protected: ['a', 'b'] }, { protected: ['b'] }, true],
  ['one more', { protected: ['a'] }, { protected: ['b', 'a'] }, false],
  ['a protected group less', { protectedGroups: ['g'] }, { protectedGroups: [] }, true],
  ['another filter', { protectedFilter: 'title pr' }, { protectedFilter: 'title eq "x"' }, true],
  ['a first filter', {}, { protectedFilter: 'title pr' }, false],
  ['deletion instead of deactivation', {}, { removal: 'delete' }, true],
  ['a source counted apart', {}, { sourceLimits: { entra: { limitCap: 1 } } }, true],
  [
    'a source’s own limit lowered',
    { sourceLimits: { entra: { limitCap: 9 } } },
    { sourceLimits: { entra: { limitCap: 8 } } },
    false,
  ],
  ['and raised', { sourceLimits: { entra: { limitCap: 9 } } }, { sourceLimits: { entra: { limitCap: 10 } } }, true],
  [
    'and another of its limits told apart',
    { sourceLimits: { entra: { limitCap: 9 } } },
    { sourceLimits: { entra: { limitCap: 9, limitFloor: 4 } } },
    true,
  ],
  ['and taken away', { sourceLimits: { entra: { limitCap: 9 } } }, { sourceLimits: {} }, true],
  ['a slower alarm', {}, { shrinkPercent: 60 }, true],
  ['a shorter cycle', {}, { shrinkMinutes: { entra: 30, okta: 60, scim: 60 } }, true],
  ['quiet hours less', { quietHours: [hours()] }, { quietHours: [] }, true],
  ['quiet hours more', {}, { quietHours: [hours()] }, false],
  ['a standing approval', {}, { standing: [standing] }, true],
  ['a larger one', { standing: [standing] }, { standing: [{ ...standing, upTo: 6 }] }, true],
  ['none any more', { standing: [standing] }, { standing: [] }, false],
  ['one person instead of two', { twoPerson: true }, { twoPerson: false }, true],
  ['more in one request', {}, { membersPerPatch: 200 }, false],
])('G8 %s', (_what, before, after, expected) => {
  expect(loosens({ ...policy, ...before }, { ...policy, ...before, ...after })).toBe(expected);
  expect(loosens({ ...policy, ...after }, { ...policy, ...after })).toBe(false);
});
