import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../daemon/contract/scim.ts';
import { type Account, accountOf, emailOf, patched, patchOf, resourceOf } from '../daemon/core/account.ts';

const word = fc.constantFrom('', 'a', 'b');
const account = fc.record<Account>({
  userName: fc.constantFrom('ada', 'Ada', 'ben'),
  externalId: word,
  givenName: word,
  familyName: word,
  displayName: word,
  email: word,
});
const overlay = (want: Account, have: Account): Account =>
  Object.fromEntries(
    Object.entries(have).map(([key, value]) => [
      key,
      want[key as keyof Account] === '' ? value : want[key as keyof Account],
    ]),
  ) as Account;

/** A server that knows nothing of accounts: it sets what a path names, and nothing else. */
function served(body: JsonObject, patch: ReturnType<typeof patchOf>): JsonObject {
  const next = structuredClone(body);
  for (const { op, path, value } of patch) {
    expect(op).toBe('replace');
    const [first = '', second] = path.split('.');
    if (second === undefined) next[first] = value ?? null;
    else next[first] = { ...(next[first] as JsonObject), [second]: value ?? null };
  }
  return next;
}

test('P1, P2: a patch makes one account into another, leaves what is not given, and is empty when they agree', () => {
  const law = fc.property(account, account, (want, have) => {
    const patch = patchOf(want, have);
    const after = accountOf(served(resourceOf(have), patch));
    expect(after).toEqual(overlay(want, have));
    expect(patched(have, patch)).toEqual(after);
    expect(patchOf(want, after)).toEqual([]);
    // Nothing is written that is right already.
    expect(patch).toHaveLength(
      Object.keys(want).filter((key) => overlay(want, have)[key as 'email'] !== have[key as 'email']).length,
    );
  });
  fc.assert(law, { numRuns: 500 });
});

test('what is posted reads back as the same account, active, with nothing empty in it', () => {
  const law = fc.property(account, (want) => {
    const resource = resourceOf(want);
    expect(accountOf(resource)).toEqual(want);
    expect(resource.active).toBe(true);
    expect(JSON.stringify(resource)).not.toMatch(/""|\[\]|\{\}/);
  });
  fc.assert(law);
});

test('the e-mail is the primary one, else the one for work, else the first that says anything', () => {
  const [home, work, other] = [
    { value: 'h@x.test', type: 'home' },
    { value: 'w@x.test', type: 'work' },
    { value: 'o@x.test', type: 'other', primary: true },
  ];
  expect(emailOf([home!, work!, other!])).toBe('o@x.test');
  expect(emailOf([home!, work!, { ...other!, primary: false }])).toBe('w@x.test');
  expect(emailOf([{ ...home!, primary: 'False' }, work!])).toBe('w@x.test');
  expect(emailOf([home!, { value: '', type: 'work', primary: true }])).toBe('h@x.test');
  expect(emailOf([null, 'x', 3, { type: 'work' }, home!])).toBe('h@x.test');
  for (const none of [undefined, null, [], 'a@x.test', { value: 'a@x.test' }]) expect(emailOf(none)).toBe('');
});

test('an account is read out of whatever a server answers', () => {
  const empty = { userName: '', externalId: '', givenName: '', familyName: '', displayName: '', email: '' };
  expect(accountOf({})).toEqual(empty);
  expect(accountOf({ userName: 3, externalId: null, name: ['Ada'], displayName: {}, emails: 'x' })).toEqual(empty);
  expect(accountOf({ userName: 'ada', active: false, name: { givenName: 'Ada', formatted: 'A' }, title: 'x' })).toEqual(
    {
      ...empty,
      userName: 'ada',
      givenName: 'Ada',
    },
  );
});

test('a patch that touches other things leaves the account as it is', () => {
  const have = accountOf({ userName: 'ada' });
  expect(patched(have, [{ op: 'replace', path: 'active', value: false }])).toEqual(have);
  expect(patched(have, [{ op: 'replace', path: 'title', value: 'x' }])).toEqual(have);
});
