import { describe, expect, test } from 'vitest';
import type { Json, JsonObject, ResourceKind } from '../daemon/contract/scim.ts';
import { type MemberIntent, patchGroup, patchUser, readPatch } from '../daemon/core/patch.ts';
import { userFrom } from '../daemon/core/resource.ts';
import { Malformed, TooLarge } from '../daemon/errors.ts';
import { acmeUrn, enterpriseUrn } from './arbitraries.ts';

const coreUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const envelope = (...Operations: Json[]): JsonObject => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});

const ada: JsonObject = userFrom({
  userName: 'ada@x.test',
  active: true,
  displayName: 'Ada',
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [
    { value: 'ada@x.test', type: 'work', primary: true },
    { value: 'ada@home.test', type: 'home' },
  ],
  [enterpriseUrn]: { department: 'Engines', manager: { value: 'm1', $ref: '../Users/m1' } },
  [acmeUrn]: { badge: 7, tags: ['x'], boss: { value: 'b', note: 'n' } },
});
const apply = (user: JsonObject, ...operations: Json[]) => patchUser(user, readPatch(envelope(...operations), 'User'));
/** Ada with some attributes otherwise; `undefined` is none. */
const with_ = (more: Record<string, Json | undefined>): JsonObject =>
  Object.fromEntries(
    Object.entries({ ...ada, ...more }).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
const enterprise = (more: Record<string, Json | undefined>) => ({
  [enterpriseUrn]: Object.fromEntries(
    Object.entries({ ...(ada[enterpriseUrn] as JsonObject), ...more }).filter(
      (entry): entry is [string, Json] => entry[1] !== undefined,
    ),
  ),
});
const acme = (more: JsonObject) => ({ [acmeUrn]: { ...(ada[acmeUrn] as JsonObject), ...more } });
const [work, home] = ada.emails as [JsonObject, JsonObject];

function refusal(run: () => unknown): Malformed {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Malformed) return thrown;
    throw thrown;
  }
  return expect.fail('it was accepted');
}

type Shape = [what: string, operation: JsonObject, after: JsonObject];

describe('user shapes, as providers send them', () => {
  test.each<Shape>([
    ['Entra: disable', { op: 'Replace', path: 'active', value: 'False' }, with_({ active: false })],
    ['Entra flagged: disable', { op: 'replace', path: 'active', value: false }, with_({ active: false })],
    ['lower-case string', { op: 'replace', path: 'active', value: 'false' }, with_({ active: false })],
    ['Entra: disable by Add', { op: 'Add', path: 'active', value: 'False' }, with_({ active: false })],
    ['Okta: disable, path-less', { op: 'replace', value: { active: false } }, with_({ active: false })],
    ['path null', { op: 'replace', path: null, value: { active: 'False' } }, with_({ active: false })],
    ['path empty', { op: 'replace', path: '', value: { active: 'False' } }, with_({ active: false })],
    ['Entra: add a single value', { op: 'Add', path: 'nickName', value: 'Babs' }, with_({ nickName: 'Babs' })],
    [
      'Entra, older: a single value as a list of one reference',
      { op: 'Replace', path: 'displayName', value: [{ $ref: null, value: 'Lady Ada' }] },
      with_({ displayName: 'Lady Ada' }),
    ],
    [
      'Entra, older: a part as a list of one reference',
      { op: 'Replace', path: 'emails[type eq "work"].value', value: [{ $ref: null, value: 'a@new.test' }] },
      with_({ emails: [{ ...work, value: 'a@new.test' }, home] }),
    ],
    ['Entra, older: disable', { op: 'Replace', path: 'active', value: [{ value: 'False' }] }, with_({ active: false })],
    [
      'Entra, older: cleared',
      { op: 'Replace', path: 'displayName', value: [{ $ref: null, value: null }] },
      with_({ displayName: undefined }),
    ],
    ['add where one is', { op: 'add', path: 'displayName', value: 'Lady Ada' }, with_({ displayName: 'Lady Ada' })],
    [
      'a part of the name',
      { op: 'Replace', path: 'name.givenName', value: 'Augusta' },
      with_({ name: { givenName: 'Augusta', familyName: 'Byron' } }),
    ],
    [
      'part of a name, partial',
      { op: 'Replace', path: 'name', value: { familyName: 'Lovelace' } },
      with_({ name: { givenName: 'Ada', familyName: 'Lovelace' } }),
    ],
    [
      'part of a name, cleared',
      { op: 'replace', path: 'name', value: { givenName: '', FAMILYNAME: 'L' } },
      with_({ name: { familyName: 'L' } }),
    ],
    [
      'part of a name, cleared by null',
      { op: 'replace', path: 'name.givenName', value: null },
      with_({ name: { familyName: 'Byron' } }),
    ],
    [
      'part of a name, in two cases, of which one says nothing',
      {
        op: 'replace',
        path: 'name',
        value: { givenName: 'Augusta', GIVENNAME: null, FamilyName: '', familyName: 'L' },
      },
      with_({ name: { givenName: 'Augusta', familyName: 'L' } }),
    ],
    ['the name, removed', { op: 'remove', path: 'name' }, with_({ name: undefined })],
    ['the name, with nothing in it', { op: 'replace', path: 'name', value: {} }, ada],
    [
      'work e-mail',
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'a@new.test' },
      with_({ emails: [{ ...work, value: 'a@new.test' }, home] }),
    ],
    [
      'work e-mail, any case',
      { op: 'REPLACE', path: 'EMAILS[TYPE EQ "Work"].VALUE', value: 'a@new.test' },
      with_({ emails: [{ ...work, value: 'a@new.test' }, home] }),
    ],
    [
      'an e-mail that was not there, Add',
      { op: 'Add', path: 'emails[type eq "other"].value', value: 'o@x' },
      with_({ emails: [work, home, { type: 'other', value: 'o@x' }] }),
    ],
    [
      'an e-mail that was not there, Replace',
      { op: 'Replace', path: 'emails[type eq "other"].value', value: 'o@x' },
      with_({ emails: [work, home, { type: 'other', value: 'o@x' }] }),
    ],
    [
      'a phone where there was none',
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 (5) 5' },
      with_({ phoneNumbers: [{ type: 'mobile', value: '+1 (5) 5' }] }),
    ],
    [
      'an address part where there was none',
      { op: 'Add', path: 'addresses[type eq "work"].country', value: 'UK' },
      with_({ addresses: [{ type: 'work', country: 'UK' }] }),
    ],
    [
      'a role where there was none',
      { op: 'Add', path: 'roles[primary eq "True"].value', value: '{"id":"r"}' },
      with_({ roles: [{ primary: true, value: '{"id":"r"}' }] }),
    ],
    [
      'an e-mail that was not there, whole',
      { op: 'replace', path: 'emails[type eq "other"]', value: { value: 'o@x' } },
      with_({ emails: [work, home, { type: 'other', value: 'o@x' }] }),
    ],
    ['an e-mail that was not there, cleared', { op: 'replace', path: 'emails[type eq "other"].value', value: '' }, ada],
    ['an e-mail that was not there, nothing', { op: 'replace', path: 'emails[type eq "other"]', value: {} }, ada],
    [
      'an entry, partial',
      { op: 'replace', path: 'emails[type eq "home"]', value: { display: 'At home' } },
      with_({ emails: [work, { ...home, display: 'At home' }] }),
    ],
    [
      'an entry, as a list of one',
      { op: 'replace', path: 'emails[type eq "home"]', value: [{ value: 'h@x' }] },
      with_({ emails: [work, { ...home, value: 'h@x' }] }),
    ],
    [
      'an entry, its kind changed',
      { op: 'replace', path: 'emails[type eq "home"].type', value: 'other' },
      with_({ emails: [work, { ...home, type: 'other' }] }),
    ],
    [
      'an entry, cleared',
      { op: 'replace', path: 'emails[type eq "home"].value', value: '' },
      with_({ emails: [work] }),
    ],
    [
      'an entry, cleared by null',
      { op: 'replace', path: 'emails[type eq "home"]', value: null },
      with_({ emails: [work] }),
    ],
    ['an entry, removed', { op: 'remove', path: 'emails[type eq "home"]' }, with_({ emails: [work] })],
    ['an entry, its value removed', { op: 'Remove', path: 'emails[type eq "home"].value' }, with_({ emails: [work] })],
    [
      'an entry, one of its parts removed',
      { op: 'remove', path: 'emails[type eq "work"].primary' },
      with_({ emails: [{ value: 'ada@x.test', type: 'work' }, home] }),
    ],
    ['an entry that is not there, removed', { op: 'remove', path: 'emails[type eq "other"]' }, ada],
    [
      'every entry, one part removed',
      { op: 'remove', path: 'emails.type' },
      with_({ emails: [{ value: 'ada@x.test', primary: true }, { value: 'ada@home.test' }] }),
    ],
    ['every entry, its value removed', { op: 'remove', path: 'emails.value' }, with_({ emails: undefined })],
    [
      'every entry, its value cleared',
      { op: 'Replace', path: 'emails.value', value: '' },
      with_({ emails: undefined }),
    ],
    ['all e-mails, removed', { op: 'remove', path: 'emails' }, with_({ emails: undefined })],
    [
      'all e-mails, replaced',
      { op: 'replace', path: 'emails', value: [{ value: 'n@x' }] },
      with_({ emails: [{ value: 'n@x' }] }),
    ],
    [
      'all e-mails, replaced by one object',
      { op: 'replace', path: 'emails', value: { value: 'n@x' } },
      with_({ emails: [{ value: 'n@x' }] }),
    ],
    ['all e-mails, cleared', { op: 'replace', path: 'emails', value: [] }, with_({ emails: undefined })],
    [
      'an e-mail, added',
      { op: 'add', path: 'emails', value: [{ value: 'n@x', type: 'other' }] },
      with_({ emails: [work, home, { value: 'n@x', type: 'other' }] }),
    ],
    [
      'an e-mail that is there, added',
      { op: 'add', path: 'emails', value: [{ type: 'home', value: 'ada@home.test' }] },
      ada,
    ],
    ['nothing, added', { op: 'add', path: 'emails', value: [] }, ada],
    [
      'an e-mail, removed by value',
      { op: 'Remove', path: 'emails', value: [{ value: 'ADA@home.test' }] },
      with_({ emails: [work] }),
    ],
    [
      'an e-mail, removed by value and type',
      { op: 'remove', path: 'emails', value: [{ value: 'ada@home.test', type: 'work' }] },
      ada,
    ],
    ['an e-mail, removed by a list that names none', { op: 'remove', path: 'emails', value: [] }, ada],
    [
      'an e-mail, removed by a list that says nothing',
      { op: 'remove', path: 'emails', value: [{}, null, { value: null }] },
      ada,
    ],
    [
      'another primary',
      { op: 'add', path: 'emails[type eq "home"].primary', value: 'True' },
      with_({
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      }),
    ],
    [
      'another primary, with a new entry',
      { op: 'add', path: 'emails', value: [{ value: 'n@x', primary: true }] },
      with_({ emails: [{ ...work, primary: false }, home, { value: 'n@x', primary: true }] }),
    ],
    [
      'another primary, with a made entry',
      { op: 'add', path: 'emails[type eq "other"]', value: { value: 'o@x', primary: true } },
      with_({ emails: [{ ...work, primary: false }, home, { type: 'other', value: 'o@x', primary: true }] }),
    ],
    [
      'Entra: manager as a string behind its URN',
      { op: 'add', path: `${enterpriseUrn}:manager`, value: 'm2' },
      with_(enterprise({ manager: { value: 'm2' } })),
    ],
    [
      'Entra: manager, flat, a list of one',
      { op: 'Add', path: 'manager', value: [{ $ref: 'http://x/Users/m2', value: 'm2' }] },
      with_(enterprise({ manager: { $ref: 'http://x/Users/m2', value: 'm2' } })),
    ],
    [
      'manager, its value',
      { op: 'replace', path: `${enterpriseUrn}:manager.value`, value: 'm2' },
      with_(enterprise({ manager: { value: 'm2' } })),
    ],
    ['manager, its value as it is', { op: 'replace', path: `${enterpriseUrn}:manager.value`, value: 'm1' }, ada],
    [
      'e-mails of one kind, removed by a list',
      { op: 'remove', path: 'emails', value: [{ type: 'home' }] },
      with_({ emails: [work] }),
    ],
    [
      'manager cleared by ""',
      { op: 'Replace', path: `${enterpriseUrn}:manager`, value: '' },
      with_(enterprise({ manager: undefined })),
    ],
    [
      'manager cleared by {value: ""}',
      { op: 'Replace', path: `${enterpriseUrn}:manager`, value: { value: '' } },
      with_(enterprise({ manager: undefined })),
    ],
    ['manager, its value removed', { op: 'remove', path: 'manager.value' }, with_(enterprise({ manager: undefined }))],
    [
      'manager, its value cleared',
      { op: 'replace', path: 'manager.value', value: '' },
      with_(enterprise({ manager: undefined })),
    ],
    [
      'manager cleared by null',
      { op: 'replace', path: `${enterpriseUrn}:manager`, value: null },
      with_(enterprise({ manager: undefined })),
    ],
    ['manager removed', { op: 'Remove', path: `${enterpriseUrn}:manager` }, with_(enterprise({ manager: undefined }))],
    [
      'Entra flagged: manager removed by a filter',
      { op: 'remove', path: 'manager[value eq "m1"]' },
      with_(enterprise({ manager: undefined })),
    ],
    [
      'manager removed by a filter behind its URN',
      { op: 'remove', path: `${enterpriseUrn}:manager[value eq "m1"].value` },
      with_(enterprise({ manager: undefined })),
    ],
    ['another manager, removed by a filter', { op: 'remove', path: 'manager[value eq "M1"]' }, ada],
    [
      'manager replaced where the filter fits',
      { op: 'replace', path: 'manager[value eq "m1"]', value: { value: 'm2' } },
      with_(enterprise({ manager: { value: 'm2' } })),
    ],
    [
      'department, with a dot behind the URN',
      { op: 'Add', path: `${enterpriseUrn}.department`, value: 'Looms' },
      with_(enterprise({ department: 'Looms' })),
    ],
    ['schemas, which follow the attributes', { op: 'add', path: 'schemas', value: [enterpriseUrn, acmeUrn] }, ada],
    [
      'department',
      { op: 'Add', path: `${enterpriseUrn}:department`, value: 'Looms' },
      with_(enterprise({ department: 'Looms' })),
    ],
    [
      'department, with the URN that lacks a colon',
      { op: 'Add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department', value: 'Looms' },
      with_(enterprise({ department: 'Looms' })),
    ],
    [
      'the extension, partial',
      { op: 'replace', path: enterpriseUrn, value: { department: 'Looms' } },
      with_(enterprise({ department: 'Looms' })),
    ],
    ['the extension, removed', { op: 'remove', path: enterpriseUrn }, with_({ [enterpriseUrn]: undefined })],
    [
      'the extension, cleared',
      { op: 'replace', path: enterpriseUrn, value: null },
      with_({ [enterpriseUrn]: undefined }),
    ],
    [
      'Entra flagged: several in one path-less op',
      {
        op: 'replace',
        value: {
          displayName: 'Lady',
          'name.givenName': 'Augusta',
          [`${enterpriseUrn}:employeeNumber`]: '1',
          externalId: 'e',
        },
      },
      with_({
        displayName: 'Lady',
        name: { givenName: 'Augusta', familyName: 'Byron' },
        ...enterprise({ employeeNumber: '1' }),
        externalId: 'e',
      }),
    ],
    [
      'path-less, nested',
      { op: 'add', value: { name: { givenName: 'Augusta' }, [enterpriseUrn]: { department: null } } },
      with_({ name: { givenName: 'Augusta', familyName: 'Byron' }, ...enterprise({ department: undefined }) }),
    ],
    [
      'path-less, an object behind the URN of an extension nobody described',
      { op: 'replace', value: { [`${acmeUrn}:boss`]: { note: 'N' }, 'urn:beta:1.0:User:x': { y: [1] } } },
      with_({ ...acme({ boss: { value: 'b', note: 'N' } }), 'urn:beta:1.0:User': { x: { y: [1] } } }),
    ],
    [
      'path-less, with what is readOnly',
      { op: 'replace', value: { id: 'x', meta: {}, groups: [], schemas: [coreUrn], displayName: 'L' } },
      with_({ displayName: 'L' }),
    ],
    [
      'path-less, a list',
      { op: 'replace', value: { emails: [{ value: 'n@x' }] } },
      with_({ emails: [{ value: 'n@x' }] }),
    ],
    [
      'path-less, with value paths as keys beside others, in the order sent',
      {
        op: 'replace',
        value: {
          'emails[type eq "work"].value': 'n@x',
          'name.givenName': 'Augusta',
          'ADDRESSES[type eq "work"].country': 'UK',
          [`${coreUrn}:emails[type eq "work"].display`]: 'N',
          [`${acmeUrn}:tags[value eq "x"]`]: 'y',
        },
      },
      with_({
        emails: [{ ...work, value: 'n@x', display: 'N' }, home],
        name: { givenName: 'Augusta', familyName: 'Byron' },
        addresses: [{ type: 'work', country: 'UK' }],
        ...acme({ tags: ['y'] }),
      }),
    ],
    [
      'path-less, a value path whose value is an object',
      { op: 'add', value: { 'emails[type eq "other"]': { value: 'o@x' }, 'groups[value eq "g"].display': 'x' } },
      with_({ emails: [work, home, { type: 'other', value: 'o@x' }] }),
    ],
    [
      'the core URN in front',
      { op: 'replace', path: `${coreUrn}:displayName`, value: 'L' },
      with_({ displayName: 'L' }),
    ],
    [
      'the core URN as the path',
      { op: 'replace', path: coreUrn, value: { displayName: 'L' } },
      with_({ displayName: 'L' }),
    ],
    [
      'keys of the operation in any case',
      { Op: 'Replace', PATH: 'displayName', Value: 'L' },
      with_({ displayName: 'L' }),
    ],
    ['cleared by ""', { op: 'Replace', path: 'displayName', value: '' }, with_({ displayName: undefined })],
    ['cleared by null', { op: 'Replace', path: 'displayName', value: null }, with_({ displayName: undefined })],
    [
      'removed, with the old value beside it',
      { op: 'Remove', path: 'displayName', value: 'Ada' },
      with_({ displayName: undefined }),
    ],
    ['removed, and not there', { op: 'Remove', path: 'title' }, ada],
    ['password', { op: 'replace', path: 'password', value: 'hunter2' }, ada],
    ['password, path-less', { op: 'replace', value: { password: 'hunter2' } }, ada],
    ['an attribute nobody described', { op: 'Add', path: `${acmeUrn}:badge`, value: 8 }, with_(acme({ badge: 8 }))],
    [
      'an attribute nobody described, any case',
      { op: 'Add', path: 'URN:ACME:2.0:User:BADGE', value: 8 },
      with_(acme({ badge: 8 })),
    ],
    [
      'a list nobody described, added to',
      { op: 'add', path: `${acmeUrn}:tags`, value: ['x', 'y'] },
      with_(acme({ tags: ['x', 'y'] })),
    ],
    [
      'a list nobody described, taken from',
      { op: 'remove', path: `${acmeUrn}:tags[value eq "x"]` },
      with_({ [acmeUrn]: { badge: 7, boss: { value: 'b', note: 'n' } } }),
    ],
    [
      'a value of a list nobody described, replaced',
      { op: 'replace', path: `${acmeUrn}:tags[value eq "X"]`, value: 'y' },
      with_(acme({ tags: ['y'] })),
    ],
    [
      'a value of a list nobody described, where it is not yet',
      { op: 'add', path: `${acmeUrn}:tags[value eq "y"]`, value: 'y' },
      with_(acme({ tags: ['x', 'y'] })),
    ],
    [
      'a list nobody described, replaced',
      { op: 'replace', path: `${acmeUrn}:tags`, value: 'x' },
      with_(acme({ tags: 'x' })),
    ],
    [
      'a part nobody described',
      { op: 'replace', path: `${acmeUrn}:boss.note`, value: 'N' },
      with_(acme({ boss: { value: 'b', note: 'N' } })),
    ],
    [
      'an object nobody described, merged',
      { op: 'replace', path: `${acmeUrn}:boss`, value: { note: 'N', x: 1 } },
      with_(acme({ boss: { value: 'b', note: 'N', x: 1 } })),
    ],
    [
      'an extension nobody described, merged',
      { op: 'replace', path: acmeUrn, value: { badge: 8 } },
      with_(acme({ badge: 8 })),
    ],
    ['an extension nobody described, removed', { op: 'remove', path: acmeUrn }, with_({ [acmeUrn]: undefined })],
    [
      'an extension removed, with its old value beside it',
      { op: 'remove', path: acmeUrn, value: { badge: 7 } },
      with_({ [acmeUrn]: undefined }),
    ],
    [
      'a new extension',
      { op: 'add', path: 'urn:beta:1.0:User:x', value: { y: [1] } },
      with_({ 'urn:beta:1.0:User': { x: { y: [1] } } }),
    ],
    [
      'Entra: a custom attribute',
      { op: 'Add', path: 'urn:ietf:params:scim:schemas:extension:Custom:2.0:User:Cost', value: '5' },
      with_({ 'urn:ietf:params:scim:schemas:extension:Custom:2.0:User': { Cost: '5' } }),
    ],
    [
      'an extension whose URN ends in a version',
      { op: 'add', path: 'urn:beta:1.0:badge', value: '5' },
      with_({ 'urn:beta:1.0': { badge: '5' } }),
    ],
  ])('%s', (_, operation, after) => {
    const before = JSON.stringify(ada);
    const result = apply(ada, operation);
    expect(result.user).toEqual(after);
    expect(result.changed).toBe(JSON.stringify(after) !== before);
    if (!result.changed) expect(result.user).toBe(ada);
    expect(JSON.stringify(ada)).toBe(before);
  });

  test('userName and active in one PATCH', () => {
    const { user } = apply(
      ada,
      { op: 'Replace', path: 'userName', value: 'ben@x.test' },
      { op: 'Replace', path: 'active', value: 'False' },
    );
    expect(user).toEqual(with_({ userName: 'ben@x.test', active: false }));
  });

  test('operations take effect in order', () => {
    const { user } = apply(
      ada,
      { op: 'remove', path: 'emails' },
      { op: 'add', path: 'emails[type eq "work"].value', value: 'first@x' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'second@x' },
      { op: 'add', path: 'emails[type eq "work"].primary', value: true },
    );
    expect(user.emails).toEqual([{ type: 'work', value: 'second@x', primary: true }]);
  });

  test('a value list that says nothing removes nothing, where nobody described the list either', () => {
    const user = with_(acme({ doors: [{ n: 1 }, { n: 2 }] }));
    const doors = `${acmeUrn}:doors`;
    expect(apply(user, { op: 'remove', path: doors, value: [{}] }).changed).toBe(false);
    expect(apply(user, { op: 'remove', path: doors, value: [{ n: 2 }] }).user).toEqual(
      with_(acme({ doors: [{ n: 1 }] })),
    );
  });

  test('what is undone within one PATCH is no change', () => {
    expect(apply(ada, { op: 'add', path: 'title', value: 'x' }, { op: 'remove', path: 'title' })).toEqual({
      user: ada,
      changed: false,
    });
  });

  test('an attribute behind a URN that ends in a version is found again', () => {
    const { user } = apply(ada, { op: 'add', path: 'urn:beta:1.0:badge', value: '5' });
    expect(apply(user, { op: 'remove', path: 'urn:beta:1.0:badge' }).user).toEqual(ada);
  });

  test('the gallery harness: optional attributes cleared by "" and then by null are absent both times', () => {
    for (const path of [
      'displayName',
      'title',
      'name.givenName',
      'emails[type eq "work"].value',
      `${enterpriseUrn}:department`,
      `${enterpriseUrn}:manager`,
    ]) {
      const cleared = apply(ada, { op: 'Replace', path, value: '' }).user;
      expect(apply(cleared, { op: 'Replace', path, value: null })).toEqual({ user: cleared, changed: false });
    }
  });
});

describe('group shapes, as providers send them', () => {
  type GroupShape = [what: string, operation: JsonObject, members: readonly object[], attributes?: JsonObject];
  const attributes: JsonObject = { displayName: 'G', externalId: 'e' };
  const [op] = [0];

  test.each<GroupShape>([
    [
      'Entra: add',
      { op: 'Add', path: 'members', value: [{ $ref: null, value: 'u1' }] },
      [{ kind: 'add', ids: ['u1'], op }],
    ],
    [
      'Entra: remove by a list',
      { op: 'Remove', path: 'members', value: [{ value: 'u1091' }] },
      [{ kind: 'remove', ids: ['u1091'], op }],
    ],
    [
      'Entra flagged: remove by a filter',
      { op: 'remove', path: 'members[value eq "u1"]' },
      [{ kind: 'remove', ids: ['u1'], op }],
    ],
    ['the RFC, no space', { op: 'remove', path: 'members[value eq"u1"]' }, [{ kind: 'remove', ids: ['u1'], op }]],
    [
      'by address: a member is whom its $ref names',
      {
        op: 'remove',
        path: 'members[$ref eq "https://relay.test/scim/v2/Users/u1" or $ref eq "../Groups/g1" or value eq "u2"]',
      },
      [{ kind: 'remove', ids: ['u1', 'g1', 'u2'], op }],
    ],
    [
      'several by a filter',
      { op: 'remove', path: 'members[value eq "u1" or value eq "u2"]' },
      [{ kind: 'remove', ids: ['u1', 'u2'], op }],
    ],
    [
      'a filter and a list: the filter says which',
      { op: 'remove', path: 'members[value eq "u1"]', value: [{ value: 'u2' }] },
      [{ kind: 'remove', ids: ['u1'], op }],
    ],
    [
      'Okta: add with display',
      {
        op: 'add',
        path: 'members',
        value: [
          { value: 'u1', display: 'a@x' },
          { value: 'u2', display: null },
        ],
      },
      [{ kind: 'add', ids: ['u1', 'u2'], op }],
    ],
    [
      'Okta: full push',
      { op: 'replace', path: 'members', value: [{ value: 'u1' }] },
      [{ kind: 'replace', ids: ['u1'], op }],
    ],
    [
      'Okta: full push, path-less',
      { op: 'replace', value: { members: [{ value: 'u1' }] } },
      [{ kind: 'replace', ids: ['u1'], op }],
    ],
    ['add, path-less', { op: 'add', value: { members: ['u1', 'u1'] } }, [{ kind: 'add', ids: ['u1'], op }]],
    [
      'Okta: rename, path-less, with id',
      { op: 'replace', value: { id: 'abf4', displayName: 'New' } },
      [],
      { displayName: 'New', externalId: 'e' },
    ],
    ['Okta: the id and the same name', { op: 'replace', value: { id: 'abf4', displayName: 'G' } }, []],
    ['rename', { op: 'Replace', path: 'displayName', value: 'New' }, [], { displayName: 'New', externalId: 'e' }],
    ['externalId', { op: 'Add', path: 'externalId', value: 'E' }, [], { displayName: 'G', externalId: 'E' }],
    [
      'members and a name',
      { op: 'replace', value: { members: [], displayName: 'New' } },
      [{ kind: 'remove-all', op }],
      { displayName: 'New', externalId: 'e' },
    ],
    ['remove all', { op: 'remove', path: 'members' }, [{ kind: 'remove-all', op }]],
    ['remove all, value null', { op: 'Remove', path: 'members', value: null }, [{ kind: 'remove-all', op }]],
    ['replace by null', { op: 'Replace', path: 'members', value: null }, [{ kind: 'remove-all', op }]],
    ['replace by nothing', { op: 'replace', path: 'members', value: [] }, [{ kind: 'remove-all', op }]],
    ['remove nobody', { op: 'remove', path: 'members', value: [] }, []],
    ['add nobody', { op: 'add', path: 'members', value: [] }, []],
    ['add null', { op: 'add', path: 'members', value: null }, []],
    ['any case', { op: 'ADD', path: 'MEMBERS', value: { VALUE: 'u1' } }, [{ kind: 'add', ids: ['u1'], op }]],
    ['one id', { op: 'add', path: 'members', value: 'u1' }, [{ kind: 'add', ids: ['u1'], op }]],
  ])('%s', (_, operation, members, after = attributes) => {
    const result = patchGroup(attributes, readPatch(envelope(operation), 'Group'));
    expect(result).toEqual({ attributes: after, changed: after !== attributes, members });
    if (!result.changed) expect(result.attributes).toBe(attributes);
  });

  test('a filter that names no ids is an intent of its own', () => {
    for (const filter of [
      'type eq "User"',
      'value sw "u"',
      'not (value eq "u1")',
      'value eq "u1" and type eq "User"',
      'value eq "u1" or type eq "x"',
      'value eq "u1" and value eq "u2"',
    ]) {
      const { members } = patchGroup(
        attributes,
        readPatch(envelope({ op: 'remove', path: `members[${filter}]` }), 'Group'),
      );
      expect(members).toMatchObject([{ kind: 'remove-where', op: 0 }]);
    }
  });

  test('Okta: remove and add in one PATCH stay in order, each with its operation', () => {
    const operations = readPatch(
      envelope(
        { op: 'remove', path: 'members[value eq "u1"]' },
        { op: 'replace', value: { id: 'x', displayName: 'New', members: null } },
        { op: 'add', path: 'members', value: [{ value: 'u2', display: 'b' }] },
      ),
      'Group',
    );
    const expected: MemberIntent[] = [
      { kind: 'remove', ids: ['u1'], op: 0 },
      { kind: 'remove-all', op: 1 },
      { kind: 'add', ids: ['u2'], op: 2 },
    ];
    expect(patchGroup({ displayName: 'G' }, operations)).toEqual({
      attributes: { displayName: 'New' },
      changed: true,
      members: expected,
    });
  });

  test('I6 thousands of members, in one operation or one by one, are read without any list of members', () => {
    const ids = Array.from({ length: 100_000 }, (_, n) => `u${n}`);
    const list = readPatch(
      envelope({ op: 'Add', path: 'members', value: ids.map((value) => ({ $ref: null, value })) }),
      'Group',
    );
    expect(patchGroup({ displayName: 'G' }, list).members).toEqual([{ kind: 'add', ids, op: 0 }]);
    const single = readPatch(
      envelope(...ids.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }))),
      'Group',
    );
    const { members } = patchGroup({ displayName: 'G' }, single);
    expect(members.length).toBe(100_000);
    expect(members[99_999]).toEqual({ kind: 'remove', ids: ['u99999'], op: 99_999 });
  });
});

type Refusal = [what: string, operation: Json, scimType: string, ...words: string[]];
const emailsOther = 'emails[type ne "work"].value';

describe('I5 every refusal names operation and path, and nothing is changed', () => {
  test.each<Refusal>([
    [
      'op unknown',
      { op: 'move', path: 'title', value: 'x' },
      'invalidSyntax',
      '"op" must be "add", "remove" or "replace", not "move"',
    ],
    ['op missing', { path: 'title', value: 'x' }, 'invalidSyntax', '"op" must be', 'not missing'],
    ['op not a string', { op: 1, path: 'title' }, 'invalidSyntax', 'not a number'],
    ['not an object', 'replace', 'invalidSyntax', 'must be an object'],
    ['remove without a path', { op: 'remove' }, 'noTarget', '"remove": "path" is missing'],
    ['remove without a path, with a value', { op: 'remove', value: { title: 'x' } }, 'noTarget'],
    ['no path and no value', { op: 'replace' }, 'invalidValue', '"value" must be an object of attributes, not missing'],
    ['no path and a string', { op: 'add', value: 'x' }, 'invalidValue', 'not a string'],
    [
      'a path and no value',
      { op: 'replace', path: 'title' },
      'invalidValue',
      '"replace" at "title": "value" is missing',
    ],
    [
      'path not a string',
      { op: 'replace', path: ['title'], value: 'x' },
      'invalidPath',
      '"path" must be a string, not a list',
    ],
    [
      'path unknown',
      { op: 'replace', path: 'favourite', value: 'x' },
      'invalidPath',
      '"replace" at "favourite"',
      'User has no attribute "favourite"',
    ],
    [
      'key unknown',
      { op: 'replace', value: { favourite: 'x' } },
      'invalidPath',
      '"replace" at "favourite"',
      'an attribute of an extension is named with its schema URN in front',
    ],
    [
      'key unknown in the enterprise extension',
      { op: 'replace', value: { [enterpriseUrn]: { favourite: 'x' } } },
      'invalidPath',
      'favourite',
    ],
    ['sub-attribute unknown', { op: 'replace', path: 'name.nick', value: 'x' }, 'invalidPath', '"name.nick"'],
    [
      'filter unreadable',
      { op: 'replace', path: 'emails[type eq].value', value: 'x' },
      'invalidFilter',
      'a value is missing',
    ],
    ['filter on a single value', { op: 'replace', path: 'title[value eq "x"]', value: 'x' }, 'invalidFilter'],
    [
      'filter too long to be meant',
      { op: 'remove', path: `emails[${Array.from({ length: 33 }, () => 'value pr').join(' or ')}]` },
      'invalidFilter',
      'more than 32',
    ],
    [
      'readOnly id',
      { op: 'replace', path: 'id', value: 'x' },
      'mutability',
      '"replace" at "id": this attribute is readOnly',
    ],
    ['readOnly meta', { op: 'remove', path: 'meta.created' }, 'mutability'],
    ['readOnly groups', { op: 'add', path: 'groups', value: [{ value: 'g' }] }, 'mutability', '"add" at "groups"'],
    ['schemas removed', { op: 'remove', path: 'schemas', value: [acmeUrn] }, 'mutability', '"remove" at "schemas"'],
    ['schemas not a list', { op: 'add', path: 'schemas', value: acmeUrn }, 'invalidValue', 'a list of schema URIs'],
    [
      'another manager, replaced by a filter',
      { op: 'replace', path: 'manager[value eq "m7"]', value: { value: 'm2' } },
      'noTarget',
      'no value matches the filter',
    ],
    [
      'a key that is no readable path',
      { op: 'replace', value: { 'emails[type eq].value': 'x' } },
      'invalidFilter',
      'at "emails[type eq].value"',
      'a value is missing',
    ],
    [
      'an unknown attribute with a dot behind the URN',
      { op: 'replace', path: `${enterpriseUrn}.favourite`, value: 'x' },
      'invalidPath',
      'has no attribute',
    ],
    ["readOnly manager's name", { op: 'replace', path: 'manager.displayName', value: 'x' }, 'mutability'],
    [
      'userName removed',
      { op: 'Remove', path: 'userName' },
      'mutability',
      '"remove" at "userName": "userName" is required',
    ],
    ['userName emptied', { op: 'Replace', path: 'userName', value: '' }, 'invalidValue', '"userName" is required'],
    ['userName blank', { op: 'Replace', path: 'userName', value: '  ' }, 'invalidValue', '"userName" is required'],
    [
      'userName null, path-less',
      { op: 'replace', value: { userName: null } },
      'invalidValue',
      '"replace" at "userName"',
    ],
    [
      'active not a boolean',
      { op: 'Replace', path: 'active', value: 'no' },
      'invalidValue',
      '"replace" at "active": "active" must be a boolean',
    ],
    [
      'an e-mail not a string',
      { op: 'Replace', path: 'emails[type eq "fax"].value', value: 5 },
      'invalidValue',
      String.raw`"replace" at "emails[type eq \"fax\"].value": "emails.value" must be a string, not a number`,
    ],
    [
      'a single value as two',
      { op: 'replace', path: 'title', value: [{ value: 'x' }, { value: 'y' }] },
      'invalidValue',
      '"title" must be a string, not a list',
    ],
    [
      'a single value as an object that says more',
      { op: 'replace', path: 'title', value: [{ value: 'x', type: 'work' }] },
      'invalidValue',
      '"title" must be a string, not a list',
    ],
    [
      'a single value as another resource',
      { op: 'replace', path: 'title', value: [{ value: 'x', $ref: '../Users/1' }] },
      'invalidValue',
      '"title" must be a string, not a list',
    ],
    ['a list not a list', { op: 'add', path: 'emails', value: 5 }, 'invalidValue', '"emails" must be an object'],
    [
      'two primaries',
      {
        op: 'replace',
        path: 'emails',
        value: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      'invalidValue',
      '2 primary values',
    ],
    [
      'every entry made primary',
      { op: 'replace', path: 'emails[value pr].primary', value: true },
      'invalidValue',
      '2 values would be primary',
    ],
    [
      'a filter that describes no entry',
      { op: 'replace', path: emailsOther.replace('work', 'home').replace('type', 'type eq "x" and type'), value: 'x' },
      'noTarget',
      'no value matches the filter',
    ],
    ['a filter by a part of a word', { op: 'replace', path: 'emails[type sw "fa"].value', value: 'x' }, 'noTarget'],
    ['a filter with or', { op: 'replace', path: 'emails[type eq "x" or type eq "y"].value', value: 'x' }, 'noTarget'],
    [
      'a filter the value contradicts',
      { op: 'replace', path: 'emails[type eq "fax"].type', value: 'home' },
      'noTarget',
    ],
    [
      'a value that no list holds, nobody described',
      { op: 'replace', path: `${acmeUrn}:tags[value eq "y"]`, value: 'z' },
      'noTarget',
      'no value matches the filter',
    ],
    [
      'a value for all of several',
      { op: 'replace', path: 'emails.value', value: 'x' },
      'noTarget',
      '2 values; say which is meant',
    ],
    [
      'a part of what has none',
      { op: 'replace', path: `${acmeUrn}:badge.colour`, value: 'x' },
      'noTarget',
      '"badge" has no parts',
    ],
    [
      'the extension as a string',
      { op: 'replace', path: enterpriseUrn, value: 'x' },
      'invalidValue',
      'must be an object',
    ],
    ['__proto__ as a path', { op: 'add', path: '__proto__.polluted', value: 'x' }, 'invalidPath', '__proto__'],
    [
      '__proto__ in an extension',
      { op: 'add', value: JSON.parse(`{"${acmeUrn}":{"__proto__":{"polluted":1}}}`) },
      'invalidSyntax',
      '"__proto__" is not an attribute name',
    ],
  ])('%s', (_, operation, scimType, ...words) => {
    const before = JSON.stringify(ada);
    const first = { op: 'replace', path: 'displayName', value: 'changed' };
    const refused = refusal(() => apply(ada, first, operation));
    expect(refused.scimType).toBe(scimType);
    expect(refused.message).toMatch(/^Operations\[1\]/);
    for (const word of words) expect(refused.message).toContain(word);
    expect(JSON.stringify(ada)).toBe(before);
  });

  test.each<Refusal>([
    ['displayName removed', { op: 'remove', path: 'displayName' }, 'mutability', '"displayName" is required'],
    [
      'displayName emptied',
      { op: 'replace', path: 'displayName', value: '' },
      'invalidValue',
      '"displayName" is required',
    ],
    ['members without a value', { op: 'replace', path: 'members' }, 'invalidValue', '"value" is missing'],
    [
      'a member without an id',
      { op: 'add', path: 'members', value: [{ value: 'u1' }, { display: 'x' }] },
      'invalidValue',
      '"members[1].value" must be the id of a member',
    ],
    ['a member by number', { op: 'add', path: 'members', value: 5 }, 'invalidValue', 'not a number'],
    [
      'a membership edited',
      { op: 'replace', path: 'members[value eq "u1"].value', value: 'u2' },
      'mutability',
      'a membership cannot be edited',
    ],
    ['a membership replaced', { op: 'replace', path: 'members[value eq "u1"]', value: { value: 'u2' } }, 'mutability'],
    ['members.value', { op: 'add', path: 'members.value', value: 'u1' }, 'mutability'],
    [
      'a member by an address that names none',
      { op: 'remove', path: 'members[$ref eq "https://relay.test/u1"]' },
      'invalidFilter',
      'by its "value"',
    ],
    [
      'members by a part of their address',
      { op: 'remove', path: 'members[not ($ref ew "u1")]' },
      'invalidFilter',
      'by its "value"',
    ],
    [
      'a membership edited, path-less',
      { op: 'replace', value: { 'members[value eq "u1"].value': 'u2' } },
      'mutability',
      'a membership cannot be edited',
    ],
    [
      'an attribute of users',
      { op: 'add', path: 'userName', value: 'x' },
      'invalidPath',
      'Group has no attribute "userName"',
    ],
  ])('of a group: %s', (_, operation, scimType, ...words) => {
    const refused = refusal(() => patchGroup({ displayName: 'G' }, readPatch(envelope(operation), 'Group')));
    expect(refused.scimType).toBe(scimType);
    expect(refused.message).toMatch(/^Operations\[0\]/);
    for (const word of words) expect(refused.message).toContain(word);
  });

  test.each<[string, JsonObject]>([
    ['no Operations', {}],
    ['Operations null', { Operations: null }],
    ['Operations an object', { Operations: { op: 'add' } }],
    ['no operation', { Operations: [] }],
  ])('%s', (_, body) => {
    for (const kind of ['User', 'Group'] as ResourceKind[]) {
      const refused = refusal(() => readPatch(body, kind));
      expect(refused.scimType).toBe('invalidSyntax');
      expect(refused.message).toContain('"Operations" must be a list of one or more operations');
      expect(refused.message).not.toMatch(/not a list$/);
    }
  });

  test('operations in any case of the word', () => {
    expect(readPatch({ operations: [{ op: 'add', path: 'title', value: 'x' }] }, 'User').length).toBe(1);
  });

  test('I10 what is too much is refused before it is done', () => {
    const many = (length: number) =>
      envelope(...Array.from({ length }, (_, n) => ({ op: 'add', path: 'emails', value: `${n}@x` })));
    expect(() => readPatch(many(1001), 'User')).toThrow(TooLarge);
    expect(readPatch(many(1000), 'User').length).toBe(1000);
    expect(() => readPatch(many(100_001), 'Group')).toThrow(TooLarge);
    const full = userFrom({ userName: 'ada', emails: Array.from({ length: 1000 }, (_, n) => `${n}@y`) });
    expect(refusal(() => patchUser(full, readPatch(many(1), 'User'))).message).toContain('more than 1000 values');
  });
});
