import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../daemon/contract/scim.ts';
import { withoutPassword } from '../daemon/core/password.ts';
import { groupFrom, userFrom } from '../daemon/core/resource.ts';
import { Malformed } from '../daemon/errors.ts';
import { acmeUrn, enterpriseUrn, hostileObject, userDocuments } from './arbitraries.ts';

const coreUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';

function refusal(read: () => unknown): Malformed {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof Malformed) return thrown;
    throw thrown;
  }
  return expect.fail('it was accepted');
}
const userRefusal = (more: JsonObject) => refusal(() => userFrom({ userName: 'ada', ...more }));
/** What is read beside the userName that every user needs. */
const read = (more: JsonObject): JsonObject => {
  const { userName: _, ...rest } = userFrom({ userName: 'ada', ...more });
  return rest;
};

describe('creates as providers send them', () => {
  test('Entra, core and enterprise', () => {
    const body: JsonObject = {
      schemas: [coreUrn, enterpriseUrn],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: 'Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1',
      active: true,
      emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b-0777-472c-9f96-4f70d2226f2e@testuser.com' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [],
    };
    const { schemas: _, meta: __, roles: ___, ...kept } = body;
    expect(userFrom(body)).toEqual(kept);
    expect(Object.keys(userFrom(body))).toEqual(Object.keys(kept));
  });

  test('Entra, older: nulls everywhere, flat manager and department, a URN that lacks a colon', () => {
    const body: JsonObject = {
      schemas: [coreUrn, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User'],
      externalId: 'jyoung',
      userName: 'jyoung',
      active: true,
      addresses: null,
      displayName: 'Joy Young',
      emails: [{ type: 'work', value: 'jyoung@contoso.com', primary: true }],
      meta: { resourceType: 'User' },
      name: { familyName: 'Young', givenName: 'Joy' },
      phoneNumbers: null,
      preferredLanguage: null,
      title: null,
      department: null,
      manager: null,
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0User': { department: 'Sales', manager: null },
    };
    expect(userFrom(body)).toEqual({
      externalId: 'jyoung',
      userName: 'jyoung',
      active: true,
      displayName: 'Joy Young',
      emails: [{ type: 'work', value: 'jyoung@contoso.com', primary: true }],
      name: { familyName: 'Young', givenName: 'Joy' },
      [enterpriseUrn]: { department: 'Sales' },
    });
  });

  test('flat manager and department with values belong to the enterprise extension', () => {
    expect(read({ manager: 'm1', department: 'Sales' })).toEqual({
      [enterpriseUrn]: { manager: { value: 'm1' }, department: 'Sales' },
    });
  });

  test.each<[string, Json]>([
    ['a string', 'm1'],
    ['an object', { value: 'm1' }],
    ['a list of one object', [{ value: 'm1' }]],
    ['a list of one string', ['m1']],
    ['with $ref null', { $ref: null, value: 'm1' }],
    ['with the readOnly displayName', { value: 'm1', displayName: 'The Boss' }],
  ])('manager as %s is kept in the complex form', (_, manager) => {
    expect(read({ [enterpriseUrn]: { manager } })).toEqual({ [enterpriseUrn]: { manager: { value: 'm1' } } });
  });

  test.each<[string, Json]>([
    ['null', null],
    ['an empty string', ''],
    ['an empty list', []],
    ['an empty value', { value: '' }],
    ['a null value', { value: null, $ref: 'x' }],
    ['an empty object', {}],
  ])('manager as %s is unassigned', (_, manager) => {
    expect(read({ [enterpriseUrn]: { manager } })).toEqual({});
  });

  test('Okta: groups, a random password, locale; later PUT back with id, meta and groups as read', () => {
    const body: JsonObject = {
      schemas: [coreUrn],
      userName: 'test.user@okta.local',
      name: { givenName: 'Test', familyName: 'User' },
      emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
      displayName: 'Test User',
      locale: 'en-US',
      externalId: '00ujl29u0le5T6Aj10h7',
      groups: [],
      password: '1mz050nq',
      active: true,
    };
    const { schemas: _, groups: __, password: ___, ...kept } = body;
    expect(userFrom(body)).toEqual(kept);
    const back = { ...kept, id: '23a35c27', meta: { resourceType: 'User' }, groups: [{ value: 'g1', display: 'G' }] };
    expect(userFrom(back)).toEqual(kept);
  });

  test("Microsoft's Postman test: active as a string", () => {
    expect(read({ active: 'True' })).toEqual({ active: true });
    expect(read({ active: 'false' })).toEqual({ active: false });
    expect(read({ emails: [{ value: 'a@x', primary: 'True' }] })).toEqual({
      emails: [{ value: 'a@x', primary: true }],
    });
  });

  test('OneLogin: id null', () => {
    expect(read({ id: null })).toEqual({});
  });

  test('app roles as JSON text stay the text they are', () => {
    const roles = [
      {
        primary: true,
        type: 'WindowsAzureActiveDirectoryRole',
        value: '{"id":"18d14569","value":"Admin","displayName":"Admin"}',
      },
    ];
    expect(read({ roles })).toEqual({ roles });
  });

  test('Entra group: an unknown schema URI, created without members', () => {
    const body: JsonObject = {
      schemas: [
        'urn:ietf:params:scim:schemas:core:2.0:Group',
        'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
      ],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'displayName',
      meta: { resourceType: 'Group' },
    };
    expect(groupFrom(body)).toEqual({
      attributes: { externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159', displayName: 'displayName' },
      members: undefined,
    });
  });

  test.each<[string, JsonObject, readonly string[] | undefined]>([
    ['Okta create', { members: [] }, []],
    [
      'Okta PUT',
      {
        members: [
          { value: 'u1', display: 'ada' },
          { value: 'u2', display: null },
        ],
      },
      ['u1', 'u2'],
    ],
    ['null', { members: null }, []],
    ['absent', {}, undefined],
    ['ids alone', { members: ['u1', 'u1', 'u2'] }, ['u1', 'u2']],
    ['one object', { MEMBERS: { VALUE: 'u1', $ref: null } }, ['u1']],
  ])('members of a group: %s', (_, more, members) => {
    expect(groupFrom({ displayName: 'G', ...more })).toEqual({ attributes: { displayName: 'G' }, members });
  });
});

describe('names', () => {
  test('any case is made canonical, sub-attributes too', () => {
    expect(userFrom({ USERNAME: 'ada', Name: { GIVENNAME: 'Ada' }, eMails: [{ VALUE: 'a@x', Type: 'work' }] })).toEqual(
      {
        userName: 'ada',
        name: { givenName: 'Ada' },
        emails: [{ value: 'a@x', type: 'work' }],
      },
    );
  });

  test('dotted, URN-qualified and wrapped names are the attributes they name', () => {
    expect(
      userFrom({
        [`${coreUrn}:userName`]: 'ada',
        'name.givenName': 'Ada',
        [`${enterpriseUrn}:department`]: 'D',
        [coreUrn]: { title: 'Countess' },
      }),
    ).toEqual({ userName: 'ada', name: { givenName: 'Ada' }, [enterpriseUrn]: { department: 'D' }, title: 'Countess' });
  });

  test('the same said twice is fine, two different things are refused by name', () => {
    expect(read({ title: 'A', TITLE: 'A' })).toEqual({ title: 'A' });
    expect(read({ department: null, [enterpriseUrn]: { department: 'D' } })).toEqual({
      [enterpriseUrn]: { department: 'D' },
    });
    expect(read({ name: { givenName: 'A' }, 'name.familyName': 'B' })).toEqual({
      name: { givenName: 'A', familyName: 'B' },
    });
    expect(userRefusal({ title: 'A', TITLE: 'B' }).message).toContain('"TITLE" is given twice');
    expect(userRefusal({ USERNAME: 'ben' }).message).toContain('"USERNAME" is given twice');
    expect(userRefusal({ emails: [{ value: 'a', VALUE: 'b' }] }).message).toContain('given twice');
  });
});

describe('nothing is lost', () => {
  test('extensions and attributes nobody described come back as sent', () => {
    const more: JsonObject = {
      favourite: {
        colours: ['red', { shade: null }],
        big: 9007199254740991,
        tiny: -0.25,
        at: '2026-11-23T09:30:00+01:00',
      },
      constructor: 'plain data',
      'x-y': '',
      [acmeUrn]: { badge: 7, Nested: { list: [[], [null]] } },
      'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User': { x: 1 },
      [enterpriseUrn]: { favourite: 'kept' },
    };
    const { 'x-y': _, ...kept } = more;
    expect(read(more)).toEqual(kept);
    expect(JSON.stringify(read(more))).toBe(JSON.stringify(kept));
  });

  test('an attribute of an extension sent by its full name goes into the extension', () => {
    expect(read({ [`${acmeUrn}:badge`]: '7' })).toEqual({ [acmeUrn]: { badge: '7' } });
    expect(read({ 'urn:acme:1.0:badge': '7' })).toEqual({ 'urn:acme:1.0': { badge: '7' } });
    expect(read({ [`${acmeUrn}:boss`]: { note: 'n' } })).toEqual({ [acmeUrn]: { boss: { note: 'n' } } });
  });

  test.each([
    'Ünïcødé 名前 👩‍💻',
    '\u202eright to left',
    'e\u0301 stays decomposed',
    '\ud800 lone',
    'a\0b',
    '  spaces  ',
  ])('%j in a title', (title) => {
    expect(JSON.stringify(read({ title }))).toBe(JSON.stringify({ title }));
  });

  test('what says nothing is not kept beside what does', () => {
    expect(read({ emails: [{}, { value: 'a@x' }, { display: '' }, { value: '', type: 'work' }, null] })).toEqual({
      emails: [{ value: 'a@x' }],
    });
    expect(read({ addresses: [{ country: null }] })).toEqual({});
    expect(read({ [enterpriseUrn]: { 'manager.displayName': 'Their name', manager: 'm1' } })).toEqual({
      [enterpriseUrn]: { manager: { value: 'm1' } },
    });
  });

  test('reading what was read changes nothing', () => {
    const law = fc.property(userDocuments(), (user) => {
      expect(JSON.stringify(userFrom(user))).toBe(JSON.stringify(user));
    });
    fc.assert(law);
  });

  test('the document shares nothing with the body', () => {
    const body: JsonObject = { userName: 'ada', emails: [{ value: 'a' }], [acmeUrn]: { deep: { list: [1] } } };
    const user = userFrom(body);
    ((body[acmeUrn] as JsonObject).deep as JsonObject).list = 'changed';
    (body.emails as JsonObject[])[0]!.value = 'changed';
    expect(user).toEqual({ userName: 'ada', emails: [{ value: 'a' }], [acmeUrn]: { deep: { list: [1] } } });
  });
});

test('I5 a path is no name for an attribute: only PATCH takes it', () => {
  const refused = userRefusal({ 'emails[type eq "work"].value': 'a' });
  expect(refused.scimType).toBe('invalidSyntax');
  expect(refused.message).toBe(
    String.raw`"emails[type eq \"work\"].value" is a path, which only PATCH takes; send the attribute itself`,
  );
  expect(userRefusal({ [`${acmeUrn}:doors[n eq 1]`]: { open: true } }).message).toContain('only PATCH takes');
});

describe('I5 what cannot be typed is refused by name', () => {
  test.each<[string, JsonObject, string]>([
    ['active', { active: 'maybe' }, '"active" must be a boolean (true or false), not a string'],
    ['active as a number', { active: 0 }, '"active" must be a boolean (true or false), not a number'],
    ['title', { title: 5 }, '"title" must be a string, not a number'],
    ['name as a string', { name: 'Ada' }, '"name" must be an object, not a string'],
    ['name.givenName', { name: { givenName: ['Ada'] } }, '"name.givenName" must be a string, not a list'],
    ['emails as a number', { emails: 5 }, '"emails" must be an object, not a number'],
    ['an e-mail', { emails: [{ value: 'a' }, { value: 5 }] }, '"emails[1].value" must be a string, not a number'],
    ['an e-mail that is a list', { emails: [['a']] }, '"emails[0]" must be an object, not a list'],
    ['primary', { emails: [{ value: 'a', primary: 'yes' }] }, '"emails[0].primary" must be a boolean'],
    [
      'two primaries',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: 'true' },
        ],
      },
      '"emails" has 2 primary values',
    ],
    ['two managers', { manager: ['a', 'b'] }, '"manager" holds one value, not a list'],
    ['manager', { [enterpriseUrn]: { manager: 5 } }, `"${enterpriseUrn}:manager" must be an object, not a number`],
    ['the enterprise extension', { [enterpriseUrn]: 'x' }, 'must be an object, not a string'],
    ['schemas', { schemas: coreUrn }, '"schemas" must be a list of schema URIs, not a string'],
    ['schemas of numbers', { schemas: [1] }, '"schemas" must be a list of schema URIs'],
    ['externalId', { externalId: 7 }, '"externalId" must be a string, not a number'],
    ['a long externalId', { externalId: 'x'.repeat(1025) }, 'at most 1024'],
    ['NUL in displayName', { displayName: 'a\0b' }, '"displayName" holds a character that is not text'],
    [
      'a number that would not come back',
      { [acmeUrn]: { badge: 2 ** 53 } },
      `"${acmeUrn}:badge" holds a number too large`,
    ],
    [
      'more than can be compared cheaply',
      { favourite: { list: Array.from({ length: 1001 }, () => 1) } },
      'at most 1000',
    ],
    ['infinity', { favourite: Number.POSITIVE_INFINITY }, '"favourite" holds a number too large'],
    [
      'more than can be patched cheaply',
      { emails: Array.from({ length: 1001 }, (_, n) => `${n}@x`) },
      '"emails" has 1001 values',
    ],
  ])('%s', (_, more, message) => {
    const refused = userRefusal(more);
    expect(refused.scimType).toBe('invalidValue');
    expect(refused.message).toContain(message);
  });

  test.each<[string, JsonObject]>([
    ['absent', {}],
    ['null', { userName: null }],
    ['empty', { userName: '' }],
    ['blank', { userName: ' \t' }],
  ])('userName is required: %s', (_, body) => {
    const { scimType, message } = refusal(() => userFrom(body));
    expect(scimType).toBe('invalidValue');
    expect(message).toContain('"userName" is required');
  });

  test.each(['\ud800', 'a\0', 'x'.repeat(1025)])('userName must be text that a column can hold: %j', (userName) => {
    expect(refusal(() => userFrom({ userName })).scimType).toBe('invalidValue');
  });

  test('displayName of a group is required, and its members are ids', () => {
    expect(refusal(() => groupFrom({ members: [] })).message).toContain('"displayName" is required');
    expect(refusal(() => groupFrom({ displayName: 'G', members: ['u1'], Members: [] })).message).toContain(
      '"Members" is given twice',
    );
    expect(refusal(() => groupFrom({ displayName: 'G', members: ['\ud800'] })).message).toContain(
      '"members[0].value" holds',
    );
    for (const members of [[{}], [{ value: null }], [''], [5], [{ value: ['u1'] }], [null]] as Json[])
      expect(refusal(() => groupFrom({ displayName: 'G', members })).message).toContain(
        '"members[0].value" must be the id of a member',
      );
  });

  test('a refusal does not quote what was sent as a value', () => {
    expect(userRefusal({ name: 'hunter2' }).message).not.toContain('hunter2');
    expect(userRefusal({ active: 'hunter2' }).message).not.toContain('hunter2');
  });
});

test.each<[string, string]>([
  ['at the top', '{"userName":"ada","__proto__":1}'],
  ['in a complex attribute', '{"userName":"ada","name":{"__proto__":{"givenName":"x"}}}'],
  ['in an entry', '{"userName":"ada","emails":[{"value":"a","__proto__":{}}]}'],
  ['in an extension', `{"userName":"ada","${acmeUrn}":{"__proto__":{}}}`],
  ['in the enterprise extension', `{"userName":"ada","${enterpriseUrn}":{"__proto__":{}}}`],
  ['in the core URN', `{"userName":"ada","${coreUrn}":{"__proto__":{}}}`],
  ['deep in what nobody described', '{"userName":"ada","favourite":[{"a":{"__proto__":{}}}]}'],
])('I10 __proto__ %s is refused by name', (_, text) => {
  const { scimType, message } = refusal(() => userFrom(JSON.parse(text)));
  expect(scimType).toBe('invalidSyntax');
  expect(message).toBe('"__proto__" is not an attribute name');
});

describe('I7 passwords', () => {
  const spellings = [
    'password',
    'PASSWORD',
    ' Password',
    `${coreUrn}:password`,
    `${coreUrn.toUpperCase()}:Password`,
    `${acmeUrn}:password`,
  ];
  test.each(spellings)('%s is dropped from a document', (name) => {
    expect(JSON.stringify(userFrom({ userName: 'ada', [name]: 'hunter2' }))).toBe('{"userName":"ada"}');
  });

  test.each<[string, JsonObject]>([
    ['in the core URN', { [coreUrn]: { password: 'hunter2' } }],
    ['in an extension', { [acmeUrn]: { password: 'hunter2' } }],
    ['in the enterprise extension', { [enterpriseUrn]: { Password: 'hunter2' } }],
    ['in an entry', { emails: [{ value: 'a', password: 'hunter2' }] }],
    ['deep in what nobody described', { favourite: [{ a: { PASSWORD: 'hunter2' } }] }],
  ])('dropped %s', (_, more) => {
    expect(JSON.stringify(userFrom({ userName: 'ada', ...more }))).not.toContain('hunter2');
    expect(JSON.stringify(withoutPassword(more))).not.toContain('hunter2');
  });

  test.each<[string, JsonObject]>([
    ['a path', { op: 'replace', path: 'password', value: 'hunter2' }],
    ['a path in capitals', { OP: 'replace', PATH: ' PASSWORD ', VALUE: 'hunter2' }],
    ['a URN-qualified path', { op: 'Add', path: `${coreUrn}:password`, value: { x: 'hunter2' } }],
    ['a path with the secret in it', { op: 'replace', path: 'password[value eq "hunter2"]', value: true }],
    ['no path', { op: 'replace', value: { password: 'hunter2', active: false } }],
    ['no path, URN-qualified', { op: 'replace', value: { [`${coreUrn}:PassWord`]: 'hunter2' } }],
    ['no path, wrapped', { op: 'replace', value: { [coreUrn]: { password: 'hunter2' } } }],
  ])('dropped from a PATCH body: %s', (_, operation) => {
    for (const body of [
      { Operations: [operation] },
      { operations: [{ op: 'add', path: 'title', value: 'x' }, operation] },
    ])
      expect(JSON.stringify(withoutPassword(body))).not.toContain('hunter2');
  });

  test('what has none is handed back as it is, and what looks like one is kept', () => {
    const body: JsonObject = {
      passwordPolicies: 1,
      note: 'password',
      emails: [{ value: 'password' }],
      Operations: [{ path: 'emails[value eq "password"]', value: 1 }],
    };
    expect(withoutPassword(body)).toBe(body);
  });

  test('a body nested too deep to write down is cut, not thrown', () => {
    let deep: Json = 'x';
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(JSON.stringify(withoutPassword({ deep }))).toContain('cut: nested too deep');
  });

  test('nothing but passwords is taken out, wherever they are', () => {
    const canary = 'hunter2';
    const law = fc.property(hostileObject(), fc.constantFrom(...spellings), (body, name) => {
      const planted = { ...body, [name]: canary, list: [{ ...body, [name]: canary }] };
      expect(JSON.stringify(withoutPassword(planted))).not.toContain(canary);
      const once = withoutPassword(planted);
      expect(withoutPassword(once)).toBe(once);
    });
    fc.assert(law);
  });
});
