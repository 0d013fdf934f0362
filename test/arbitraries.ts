/**
 * Random values for property tests, from small pools on purpose: two values must often agree in all but one thing, or a
 * mutant that ignores that thing survives.
 */
import fc from 'fast-check';
import type { Json, JsonObject } from '../daemon/contract/scim.ts';

const words = fc.constantFrom('ada', 'ADA', 'ben', 'a b');
const types = fc.constantFrom('work', 'home', 'Work');

const definedOnly = (object: Record<string, Json | undefined>): JsonObject =>
  Object.fromEntries(Object.entries(object).filter((entry): entry is [string, Json] => entry[1] !== undefined));

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

export type Email = { value?: string; type?: string; primary?: boolean };

/** At most one primary, and no two e-mails alike in value and type: what a document of the directory can hold. */
export const emails = (): fc.Arbitrary<Email[]> =>
  fc
    .uniqueArray(
      fc.record({
        value: fc.constantFrom('a@x.test', 'b@x.test', 'A@x.test'),
        type: maybe(types),
        primary: maybe(fc.boolean()),
      }),
      { maxLength: 3, selector: ({ value, type }) => `${value} ${type}` },
    )
    .map((entries) => {
      let taken = false;
      return entries.map((entry) => {
        const primary = entry.primary === true && taken ? false : entry.primary;
        taken ||= primary === true;
        return definedOnly({ ...entry, primary }) as Email;
      });
    });

export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const acmeUrn = 'urn:acme:2.0:User';

/** A user as the directory keeps it. */
export const userDocuments = (): fc.Arbitrary<JsonObject> =>
  fc
    .record({
      userName: fc.constantFrom('ada@x.test', 'ben@x.test', 'Ben@x.test'),
      externalId: maybe(fc.constantFrom('e1', 'E1', '7')),
      displayName: maybe(words),
      title: maybe(words),
      active: maybe(fc.boolean()),
      name: maybe(
        fc
          .record({ givenName: words, familyName: words }, { requiredKeys: [] })
          .filter((name) => Object.keys(name).length > 0),
      ),
      emails: emails().map((entries) => (entries.length > 0 ? (entries as Json) : undefined)),
      [enterpriseUrn]: maybe(
        fc
          .record(
            { department: words, manager: fc.record({ value: fc.constantFrom('m1', 'M1') }) },
            { requiredKeys: [] },
          )
          .filter((extension) => Object.keys(extension).length > 0),
      ),
      [acmeUrn]: maybe(fc.record({ badge: fc.constantFrom<Json>('7', 7, true), tags: fc.constant(['x', 'y']) })),
    })
    .map((user) => definedOnly(user as Record<string, Json | undefined>));

/** Names and values that have broken readers of JSON before. */
const hostileNames = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\0',
  '\ud800',
  '\u202eresu',
  'a.b.c',
  'a[b',
  ']',
  'urn:',
  'urn:x',
  'urn:x:__proto__',
  'urn:acme:2.0:User',
  'urn:acme:2.0:User:__proto__',
  'urn:acme:2.0:User:constructor',
  'urn:ietf:params:scim:schemas:core:2.0:User',
  enterpriseUrn,
  `${enterpriseUrn}:manager.value`,
  'schemas',
  'SCHEMAS',
  'id',
  'meta',
  'password',
  'userName',
  'USERNAME',
  'displayName',
  'name',
  'name.givenName',
  'emails',
  'emails.value',
  'members',
  'members.value',
  'manager',
  'active',
  'op',
  'path',
  'value',
  'Operations',
  'emails[type eq "work"]',
  'emails[type eq "work"].value',
  'emails[',
  'emails[]',
  'members[value eq "u1"]',
  'members[not (value pr)]',
  'constructor.prototype',
  '__proto__.polluted',
  '$ref',
  'primary',
);
const hostileScalars = fc.constantFrom<Json>(
  null,
  true,
  false,
  0,
  -0,
  1e308,
  Number.MAX_SAFE_INTEGER,
  1e21,
  '',
  ' ',
  'add',
  'Add',
  'replace',
  'remove',
  'REMOVE',
  'True',
  'x',
  '\0',
  '\ud800',
  '__proto__',
  'constructor.prototype.polluted',
  'emails[type eq "work"].value',
  'members',
  'displayName',
  'userName',
  enterpriseUrn,
  acmeUrn,
);

/** Any JSON as `JSON.parse` gives it, `__proto__` as an own key included. */
export const hostileJson = (): fc.Arbitrary<Json> =>
  fc.letrec<{ any: Json }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      hostileScalars,
      fc.array(tie('any'), { maxLength: 4 }),
      fc
        .array(fc.tuple(hostileNames, tie('any')), { maxLength: 5 })
        .map((entries): Json => Object.fromEntries(entries)),
    ),
  })).any;

export const hostileObject = (): fc.Arbitrary<JsonObject> =>
  fc.array(fc.tuple(hostileNames, hostileJson()), { maxLength: 6 }).map((entries) => Object.fromEntries(entries));

/** A PATCH body that looks right on the outside. */
export const hostilePatch = (): fc.Arbitrary<JsonObject> =>
  fc
    .array(
      fc.record(
        {
          op: fc.constantFrom<Json>('add', 'Add', 'replace', 'Replace', 'remove', 'Remove', 'move', 3),
          path: fc.oneof(hostileNames, hostileScalars),
          value: hostileJson(),
        },
        { requiredKeys: ['op'] },
      ),
      { maxLength: 5 },
    )
    .map((Operations): JsonObject => ({ Operations: Operations as Json[] }));
