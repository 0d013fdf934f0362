import fc from 'fast-check';
import SCIMMY from 'scimmy';
import { describe, expect, test } from 'vitest';
import type { ResourceKind } from '../daemon/contract/scim.ts';
import { type Path, parsePath } from '../daemon/core/path.ts';
import {
  type Attribute,
  enterpriseSchema,
  groupSchema,
  placeOf,
  type Schema,
  userSchema,
} from '../daemon/core/schema.ts';
import { Malformed } from '../daemon/errors.ts';
import { acmeUrn, enterpriseUrn } from './arbitraries.ts';

/** The names in a path, without the definitions that came with them. */
const names = ({ urn, attribute, sub, filter }: Path) => ({
  ...(urn && { urn }),
  attribute,
  ...(sub && { sub }),
  ...(filter && { filter: filter.kind }),
});
const read = (text: string, kind: ResourceKind = 'User') => names(parsePath(text, kind));

function refusal(text: string, kind: ResourceKind = 'User'): Malformed {
  try {
    parsePath(text, kind);
  } catch (thrown) {
    if (thrown instanceof Malformed) return thrown;
    throw thrown;
  }
  return expect.fail(`${text} was accepted`);
}

describe('paths as providers write them', () => {
  test.each<[string, object]>([
    ['active', { attribute: 'active' }],
    ['ACTIVE', { attribute: 'active' }],
    [' displayName ', { attribute: 'displayName' }],
    ['name.givenName', { attribute: 'name', sub: 'givenName' }],
    ['emails[type eq "work"].value', { attribute: 'emails', sub: 'value', filter: 'compare' }],
    ['Emails[Type EQ "work"].Value', { attribute: 'emails', sub: 'value', filter: 'compare' }],
    ['emails[type eq "work" and primary eq true]', { attribute: 'emails', filter: 'and' }],
    ['phoneNumbers[type eq "mobile"].value', { attribute: 'phoneNumbers', sub: 'value', filter: 'compare' }],
    ['addresses[type eq "work"].formatted', { attribute: 'addresses', sub: 'formatted', filter: 'compare' }],
    ['addresses[type eq "[work].x"].country', { attribute: 'addresses', sub: 'country', filter: 'compare' }],
    ['roles[primary eq "True"].value', { attribute: 'roles', sub: 'value', filter: 'compare' }],
    ['urn:ietf:params:scim:schemas:core:2.0:User:name.familyName', { attribute: 'name', sub: 'familyName' }],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].value',
      { attribute: 'emails', sub: 'value', filter: 'compare' },
    ],
    [`${enterpriseUrn}:employeeNumber`, { urn: enterpriseUrn, attribute: 'employeeNumber' }],
    [`${enterpriseUrn.toUpperCase()}:DEPARTMENT`, { urn: enterpriseUrn, attribute: 'department' }],
    [`${enterpriseUrn}:manager.value`, { urn: enterpriseUrn, attribute: 'manager', sub: 'value' }],
    ['manager', { urn: enterpriseUrn, attribute: 'manager' }],
    [`${enterpriseUrn}.manager.value`, { urn: enterpriseUrn, attribute: 'manager', sub: 'value' }],
    ['urn:ietf:params:scim:schemas:core:2.0:User.name.familyName', { attribute: 'name', sub: 'familyName' }],
    ['manager[value eq "m"]', { urn: enterpriseUrn, attribute: 'manager', filter: 'compare' }],
    ['manager.displayName', { urn: enterpriseUrn, attribute: 'manager', sub: 'displayName' }],
    [enterpriseUrn, { attribute: enterpriseUrn }],
    [`${acmeUrn}:badge`, { urn: acmeUrn, attribute: 'badge' }],
    [`${acmeUrn}:badge.colour`, { urn: acmeUrn, attribute: 'badge', sub: 'colour' }],
    [
      `${acmeUrn}:badges[kind eq "door"].number`,
      { urn: acmeUrn, attribute: 'badges', sub: 'number', filter: 'compare' },
    ],
    [acmeUrn, { attribute: acmeUrn }],
    [
      'urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User:CustomAttribute',
      { urn: 'urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User', attribute: 'CustomAttribute' },
    ],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each<[string, object]>([
    ['members', { attribute: 'members' }],
    ['members[value eq "u1"]', { attribute: 'members', filter: 'compare' }],
    ['members[value eq"u1"]', { attribute: 'members', filter: 'compare' }],
    ['externalId', { attribute: 'externalId' }],
    ['urn:ietf:params:scim:schemas:core:2.0:Group:displayName', { attribute: 'displayName' }],
  ])('of a group: %s', (text, expected) => {
    expect(read(text, 'Group')).toEqual(expected);
  });
});

describe('I5 a path that makes no sense is an invalidPath that names it', () => {
  test.each<[string, string]>([
    ['', 'no attribute ""'],
    ['favouriteColour', 'no attribute "favouriteColour"; an attribute of an extension is named with its schema URN'],
    ['name.nick', 'no attribute "name.nick"'],
    ['emails.value.x', 'no attribute "emails.value.x"'],
    ['emails[type eq "work"]value', 'no sub-attribute'],
    ['emails[type eq "work"]/value', 'no sub-attribute'],
    ['emails[type eq "work"].valeu', 'no sub-attribute "valeu"'],
    ['emails[type eq "work"].value.x', 'no sub-attribute'],
    ['__proto__', 'no attribute "__proto__"'],
    ['constructor.prototype', 'no attribute'],
    ['urn:acme:2.0:User:__proto__', 'no attribute'],
    ['urn:acme:2.0:User:a.__proto__', 'no attribute'],
    ['urn:acme:2.0:User:a.b.c', 'no attribute'],
    [`${enterpriseUrn}:favouriteColour`, 'no attribute'],
    [`${enterpriseUrn}.favouriteColour`, 'no attribute'],
    ['name.givenName familyName', 'no attribute'],
    ['/emails/0/value', 'no attribute'],
    ['$', 'no attribute'],
  ])('%s', (text, reason) => {
    const { scimType, message } = refusal(text);
    expect(scimType).toBe('invalidPath');
    expect(message).toContain(reason);
  });

  test.each<[string, string]>([
    ['emails[type eq "work"', '"]" is missing'],
    ['emails[tpye eq "work"].value', '"emails" has no attribute "tpye"'],
    ['emails[type xx "work"].value', 'an operator should be here'],
    ['emails[primary gt true]', '"gt" does not apply to "primary"'],
    ['emails[]', 'an attribute is missing'],
    ['userName[value eq "x"]', '"userName" has one value'],
    ['name[givenName eq "x"]', '"name" has one value'],
    ['manager[displayNames eq "x"]', '"manager" has no attribute "displayNames"'],
    ['manager.value[value eq "x"]', 'has one value'],
    [`${enterpriseUrn}[department eq "x"]`, 'has one value'],
    ['emails.value[type eq "x"]', 'has one value'],
  ])('what is wrong between the brackets is an invalidFilter (RFC 7644 §3.12): %s', (text, reason) => {
    const { scimType, message } = refusal(text);
    expect(scimType).toBe('invalidFilter');
    expect(message).toContain(reason);
  });

  test('members is no attribute of a user, nor emails of a group', () => {
    expect(refusal('members').message).toContain('User has no attribute "members"');
    expect(refusal('emails', 'Group').message).toContain('Group has no attribute "emails"');
  });

  test('I10 long and deep paths are refused', () => {
    expect(refusal('x'.repeat(1_000_000)).message).toContain('at most 8192');
    expect(refusal(`emails[${'('.repeat(2000)}`).message).toContain('nested deeper than 32');
  });
});

test('any attribute is found by any spelling: alone, behind its URN, in any case, with its sub-attributes', () => {
  const every = (schema: Schema, kind: ResourceKind) =>
    schema.attributes.flatMap((attribute) =>
      [attribute.name, ...(attribute.subAttributes ?? []).map((sub) => `${attribute.name}.${sub.name}`)].map(
        (name) => ({ schema, kind, name }),
      ),
    );
  const all = [...every(userSchema, 'User'), ...every(enterpriseSchema, 'User'), ...every(groupSchema, 'Group')];
  const law = fc.property(
    fc.constantFrom(...all),
    fc.boolean(),
    fc.func(fc.boolean()),
    ({ schema, kind, name }, qualified, upper) => {
      const plain = qualified ? `${schema.id}:${name}` : name;
      const text = [...plain]
        .map((letter, index) => (upper(index) ? letter.toUpperCase() : letter.toLowerCase()))
        .join('');
      const [attribute, sub] = name.split('.', 2);
      expect(read(text, kind)).toEqual({
        ...(schema === enterpriseSchema && { urn: enterpriseUrn }),
        attribute,
        ...(sub && { sub }),
      });
    },
  );
  fc.assert(law, { numRuns: 1000 });
});

test('the schemas have the attributes SCIMMY has, of the same types', () => {
  type Described = Pick<Attribute, 'name' | 'type'> & { subAttributes?: readonly Described[] };
  const flat = (attributes: readonly Described[], prefix = ''): string[] =>
    attributes.flatMap(({ name, type, subAttributes = [] }) => [
      `${prefix}${name}: ${type}`,
      ...flat(subAttributes, `${prefix}${name}.`),
    ]);
  const { User, EnterpriseUser, Group } = SCIMMY.Schemas;
  for (const [ours, theirs] of [
    [userSchema, User],
    [enterpriseSchema, EnterpriseUser],
    [groupSchema, Group],
  ] as const) {
    const described = theirs.definition.describe() as unknown as { id: string; name: string; attributes: Described[] };
    expect([ours.id, ours.name]).toEqual([described.id, described.name]);
    expect(flat(ours.attributes).sort()).toEqual(flat(described.attributes).sort());
  }
});

test('what /Schemas says is JSON with every property of RFC 7643 §7 and no null', () => {
  const check = (attribute: Attribute) => {
    expect(Object.keys(attribute)).toEqual(
      expect.arrayContaining([
        'name',
        'type',
        'multiValued',
        'description',
        'required',
        'caseExact',
        'mutability',
        'returned',
        'uniqueness',
      ]),
    );
    expect(attribute.type === 'complex').toBe(attribute.subAttributes !== undefined);
    attribute.subAttributes?.forEach(check);
  };
  for (const schema of [userSchema, enterpriseSchema, groupSchema]) {
    schema.attributes.forEach(check);
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(JSON.stringify(schema)).not.toContain('null');
  }
  expect(placeOf('userName', 'User')?.definition).toMatchObject({
    required: true,
    caseExact: false,
    uniqueness: 'server',
  });
  expect(placeOf('id', 'User')?.definition).toMatchObject({
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
  });
  expect(placeOf('externalId', 'Group')?.definition).toMatchObject({ caseExact: true, mutability: 'readWrite' });
  expect(placeOf('password', 'User')?.definition).toMatchObject({ mutability: 'writeOnly', returned: 'never' });
});
