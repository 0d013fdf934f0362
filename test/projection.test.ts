import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../daemon/contract/scim.ts';
import { project, projection, type Selection, wants } from '../daemon/core/projection.ts';
import { acmeUrn, enterpriseUrn, userDocuments } from './arbitraries.ts';

const user: JsonObject = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterpriseUrn],
  id: 'u1',
  userName: 'ada@x.test',
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [{ value: 'ada@x.test', type: 'work' }, { type: 'home' }],
  [enterpriseUrn]: { department: 'D', manager: { value: 'm1', $ref: '../Users/m1' } },
  [acmeUrn]: { badge: 7, boss: { value: 'b' } },
  favourite: 'blue',
  meta: { resourceType: 'User', version: 'W/"1"' },
};
const always = { schemas: user.schemas!, id: 'u1' };
const shown = (selection: Selection) => project(user, 'User', selection);

describe('attributes (RFC 7644 §3.9)', () => {
  test.each<[string, JsonObject]>([
    ['id', always],
    ['userName', { ...always, userName: 'ada@x.test' }],
    ['USERNAME, meta', { ...always, userName: 'ada@x.test', meta: user.meta! }],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName', { ...always, userName: 'ada@x.test' }],
    ['name.givenName', { ...always, name: { givenName: 'Ada' } }],
    ['name.givenName,name', { ...always, name: user.name! }],
    ['name,name.givenName', { ...always, name: user.name! }],
    ['emails.value', { ...always, emails: [{ value: 'ada@x.test' }] }],
    ['emails', { ...always, emails: user.emails! }],
    [`${enterpriseUrn}:department`, { ...always, [enterpriseUrn]: { department: 'D' } }],
    [`${enterpriseUrn}:manager.value`, { ...always, [enterpriseUrn]: { manager: { value: 'm1' } } }],
    ['manager', { ...always, [enterpriseUrn]: { manager: { value: 'm1', $ref: '../Users/m1' } } }],
    [enterpriseUrn, { ...always, [enterpriseUrn]: user[enterpriseUrn]! }],
    [`${acmeUrn}:Badge,${acmeUrn}:boss.value`, { ...always, [acmeUrn]: { badge: 7, boss: { value: 'b' } } }],
    ['favourite', { ...always, favourite: 'blue' }],
    ['nonsense', always],
    ['__proto__,constructor', always],
  ])('%s', (attributes, expected) => {
    expect(shown({ attributes })).toEqual(expected);
    expect(shown({ attributes: attributes.split(',') })).toEqual(expected);
  });

  test('what is always shown of a resource is so of the resource only, not of what is inside it', () => {
    const inside = { id: 7, schemas: ['x'], badge: 1, boss: { id: 8, value: 'b' } };
    const resource = { ...always, [acmeUrn]: inside };
    const of = (selection: Selection) => project(resource, 'User', selection);
    expect(of({ attributes: `${acmeUrn}:badge,${acmeUrn}:boss.value` })).toEqual({
      ...always,
      [acmeUrn]: { badge: 1, boss: { value: 'b' } },
    });
    expect(of({ excludedAttributes: `id,schemas,${acmeUrn}:id,${acmeUrn}:schemas,${acmeUrn}:boss.id` })).toEqual({
      ...always,
      [acmeUrn]: { badge: 1, boss: { value: 'b' } },
    });
  });

  test.each(['', ' ', ',', undefined])('%j asks for nothing in particular, so everything is shown', (attributes) => {
    expect(shown({ attributes })).toBe(user);
  });
});

describe('excludedAttributes (RFC 7644 §3.9)', () => {
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(user).filter(([name]) => !names.includes(name)));
  test.each<[string, JsonObject]>([
    ['emails', without('emails')],
    ['id,schemas,emails', without('emails')],
    ['EMAILS,meta', without('emails', 'meta')],
    ['name.givenName', { ...user, name: { familyName: 'Byron' } }],
    ['name.givenName,name.familyName', without('name')],
    ['emails.type', { ...user, emails: [{ value: 'ada@x.test' }] }],
    ['manager.$ref', { ...user, [enterpriseUrn]: { department: 'D', manager: { value: 'm1' } } }],
    [enterpriseUrn, without(enterpriseUrn)],
    [`${enterpriseUrn}:manager`, { ...user, [enterpriseUrn]: { department: 'D' } }],
    ['members', user],
    ['nonsense', user],
  ])('%s', (excludedAttributes, expected) => {
    expect(shown({ excludedAttributes })).toEqual(expected);
  });

  test('both given, both apply', () => {
    expect(shown({ attributes: 'userName,name', excludedAttributes: 'name.familyName' })).toEqual({
      ...always,
      userName: 'ada@x.test',
      name: { givenName: 'Ada' },
    });
  });
});

describe('wants tells before anything is loaded', () => {
  test.each<[Selection, boolean]>([
    [{}, true],
    [{ excludedAttributes: 'members' }, false],
    [{ excludedAttributes: 'MEMBERS,meta' }, false],
    [{ excludedAttributes: 'urn:ietf:params:scim:schemas:core:2.0:Group:members' }, false],
    [{ excludedAttributes: 'members.display' }, true],
    [{ attributes: 'id' }, false],
    [{ attributes: 'displayName' }, false],
    [{ attributes: 'members.value' }, true],
    [{ attributes: 'members', excludedAttributes: 'members' }, false],
    [{ attributes: '' }, true],
  ])('%j', (selection, expected) => {
    expect(wants('members', 'Group', selection)).toBe(expected);
  });

  test('id and schemas are wanted whatever is asked', () => {
    const { wants: wanted } = projection('User', { attributes: 'userName', excludedAttributes: 'id,schemas' });
    expect([wanted('id'), wanted('schemas'), wanted('emails')]).toEqual([true, true, false]);
  });
});

test('what is selected and what is excluded by the same names make up the whole, and nothing else', () => {
  const names = fc.constantFrom(
    'userName',
    'emails',
    'emails.value',
    'name',
    'name.givenName',
    'title',
    enterpriseUrn,
    `${enterpriseUrn}:department`,
    `${acmeUrn}:badge`,
    'id',
  );
  /** Every leaf with its path, list positions left out: those of emptied entries move. */
  const leaves = (value: Json, path = ''): string[] =>
    typeof value !== 'object' || value === null
      ? [`${path}=${value}`]
      : Array.isArray(value)
        ? value.flatMap((item) => leaves(item, path))
        : Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${path}/${name}`));
  const law = fc.property(userDocuments(), fc.array(names, { minLength: 1, maxLength: 3 }), (document, chosen) => {
    const resource = { schemas: ['s'], id: 'u1', ...document };
    const selected = leaves(project(resource, 'User', { attributes: chosen.join(',') }));
    const rest = leaves(project(resource, 'User', { excludedAttributes: chosen.join(',') }));
    const twice = leaves({ schemas: ['s'], id: 'u1' });
    expect([...selected, ...rest].sort()).toEqual([...leaves(resource), ...twice].sort());
    expect(selected).toEqual(expect.arrayContaining(twice));
  });
  fc.assert(law, { numRuns: 500 });
});
