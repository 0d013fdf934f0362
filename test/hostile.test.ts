/** I10: whatever is sent, it is understood or refused with words, and the process stays as it was. */
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Json, JsonObject, ResourceKind } from '../daemon/contract/scim.ts';
import { matches, parseFilter } from '../daemon/core/filter.ts';
import { withoutPassword } from '../daemon/core/password.ts';
import { patchGroup, patchUser, readPatch } from '../daemon/core/patch.ts';
import { parsePath } from '../daemon/core/path.ts';
import { project } from '../daemon/core/projection.ts';
import { groupFrom, userFrom } from '../daemon/core/resource.ts';
import { RelayError, TooLarge } from '../daemon/errors.ts';
import { acmeUrn, enterpriseUrn, hostileJson, hostileObject, hostilePatch, userDocuments } from './arbitraries.ts';

const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Object];
const picture = () => prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String));
let untouched: string[][];
beforeAll(() => {
  untouched = picture();
});
afterEach(() => {
  expect(picture()).toEqual(untouched);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** Runs it; a refusal is fine, anything else that is thrown is not. */
function tries<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof RelayError)) throw thrown;
    expect(thrown.status).toBeGreaterThanOrEqual(400);
    expect(thrown.status).toBeLessThan(500);
    expect(thrown.message.length).toBeLessThan(2000);
    return undefined;
  }
}

/** Everything the door does with a body. What was accepted must be JSON, and be read again as itself. */
function door(body: JsonObject): void {
  const before = JSON.stringify(body);
  tries(() => withoutPassword(body));
  const user = tries(() => userFrom(body));
  if (user) {
    expect(JSON.stringify(userFrom(JSON.parse(JSON.stringify(user))))).toBe(JSON.stringify(user));
    for (const filter of ['userName pr', `${acmeUrn}:constructor pr`, 'emails[not (value eq "x")]'])
      matches(parseFilter(filter, 'User'), user);
    project(user, 'User', { attributes: '__proto__,constructor,emails.value', excludedAttributes: 'name.prototype' });
  }
  tries(() => groupFrom(body));
  for (const kind of ['User', 'Group'] as ResourceKind[]) {
    const operations = tries(() => readPatch(body, kind));
    if (operations === undefined) continue;
    const document = { userName: 'ada', displayName: 'G' };
    const after = tries(() =>
      kind === 'User' ? patchUser(document, operations).user : patchGroup(document, operations).attributes,
    );
    expect(document).toEqual({ userName: 'ada', displayName: 'G' });
    if (after) JSON.stringify(after);
  }
  expect(JSON.stringify(body)).toBe(before);
}

test('I10 any JSON object as a body', () => {
  fc.assert(fc.property(hostileObject(), door), { numRuns: 700 });
});

test('I10 any JSON in the place of an attribute', () => {
  const names = fc.constantFrom(
    'emails',
    'name',
    'manager',
    'active',
    'members',
    'roles',
    enterpriseUrn,
    acmeUrn,
    'addresses',
    'schemas',
    'meta',
    'favourite',
  );
  fc.assert(
    fc.property(names, hostileJson(), (name, value) => door({ userName: 'ada', displayName: 'G', [name]: value })),
    { numRuns: 700 },
  );
});

test('I10 any PATCH, on any user', () => {
  const law = fc.property(hostilePatch(), userDocuments(), (body, user) => {
    door(body);
    const before = JSON.stringify(user);
    tries(() => patchUser(user, readPatch(body, 'User')));
    expect(JSON.stringify(user)).toBe(before);
  });
  fc.assert(law, { numRuns: 1000 });
});

const nest = (levels: number, wrap: (inner: Json) => Json): Json => {
  let value: Json = 'x';
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
};
const pollution =
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"userName":"ada","displayName":"G"}';

describe('I10 a corpus of hostile bodies', () => {
  test.each<[string, () => Json]>([
    ['__proto__ and constructor', () => JSON.parse(pollution)],
    [
      '__proto__ in every place',
      () =>
        JSON.parse(
          `{"userName":"ada","name":${pollution},"emails":[${pollution}],"${enterpriseUrn}":${pollution},"${acmeUrn}":${pollution},"x":[${pollution}]}`,
        ),
    ],
    [
      '__proto__ in PATCH values',
      () =>
        JSON.parse(
          `{"Operations":[{"op":"add","value":${pollution}},{"op":"add","path":"name","value":${pollution}},{"op":"add","path":"emails[type eq \\"work\\"]","value":${pollution}}]}`,
        ),
    ],
    [
      'constructor.prototype in a PATCH of an extension',
      () => ({
        Operations: [
          { op: 'add', path: `${acmeUrn}:constructor.prototype`, value: { polluted: true } },
          { op: 'replace', path: `${acmeUrn}:constructor`, value: { polluted: true } },
        ],
      }),
    ],
    ['an operation that is an array', () => ({ Operations: [[]] })],
    ['100,000 levels of lists', () => ({ userName: 'ada', displayName: 'G', x: nest(100_000, (inner) => [inner]) })],
    [
      '100,000 levels of objects',
      () => ({ userName: 'ada', displayName: 'G', emails: nest(100_000, (value) => ({ value })) }),
    ],
    [
      '100,000 levels in an extension',
      () => ({ userName: 'ada', displayName: 'G', [acmeUrn]: nest(100_000, (inner) => ({ inner })) }),
    ],
    [
      '100,000 levels in a PATCH',
      () => ({ Operations: [{ op: 'add', path: `${acmeUrn}:x`, value: nest(100_000, (inner) => [inner]) }] }),
    ],
    [
      '1,000 levels of the core URN',
      () => ({
        ...(nest(1_000, (inner) => ({ 'urn:ietf:params:scim:schemas:core:2.0:User': inner })) as JsonObject),
        userName: 'ada',
      }),
    ],
    ['a megabyte of userName', () => ({ userName: 'x'.repeat(1_000_000), displayName: 'x'.repeat(1_000_000) })],
    ['a megabyte of title', () => ({ userName: 'ada', title: 'x'.repeat(1_000_000) })],
    ['a megabyte of name', () => ({ userName: 'ada', displayName: 'G', ['x'.repeat(1_000_000)]: 1 })],
    ['a megabyte of path', () => ({ Operations: [{ op: 'add', path: 'a.'.repeat(500_000), value: 1 }] })],
    [
      'a megabyte of colons',
      () => ({
        Operations: [{ op: 'add', path: 'urn:1:'.repeat(1_300), value: 1 }],
        [`urn${':1'.repeat(500_000)}`]: 1,
        userName: 'ada',
      }),
    ],
    ['a megabyte of op', () => ({ Operations: [{ op: 'x'.repeat(1_000_000) }] })],
    ['a path of quotes', () => ({ Operations: [{ op: 'remove', path: `emails[value eq "${'\\"'.repeat(4_000)}` }] })],
    ['a filter of brackets', () => ({ Operations: [{ op: 'remove', path: `emails[${'('.repeat(8_000)}` }] })],
    ['a filter of nots', () => ({ Operations: [{ op: 'remove', path: `members[${'not ('.repeat(1_600)}` }] })],
    ['100,000 attributes', () => Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`a${n}`, n]))],
    [
      '100,000 attributes of an extension, in two cases',
      () => ({
        userName: 'ada',
        [acmeUrn]: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`${n % 2 ? 'A' : 'a'}${n >> 1}`, n])),
      }),
    ],
    [
      '100,000 e-mails',
      () => ({
        userName: 'ada',
        emails: Array.from({ length: 100_000 }, (_, n) => ({ value: `${n}@x`, primary: true })),
      }),
    ],
    [
      '100,000 members without ids',
      () => ({ displayName: 'G', members: Array.from({ length: 100_000 }, () => ({ $ref: null })) }),
    ],
    [
      '100,000 operations',
      () => ({
        Operations: Array.from({ length: 100_000 }, (_, n) => ({
          op: 'add',
          path: 'emails',
          value: [{ value: `${n}@x` }],
        })),
      }),
    ],
    [
      '100,000 operations on one entry',
      () => ({
        Operations: Array.from({ length: 100_000 }, () => ({ op: 'replace', path: 'displayName', value: 'x' })),
      }),
    ],
    ['100,000 operations without sense', () => ({ Operations: Array.from({ length: 100_000 }, () => null) })],
    [
      '100,000 keys in one path-less operation',
      () => ({
        Operations: [
          { op: 'add', value: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`${acmeUrn}:a${n}`, n])) },
        ],
      }),
    ],
    [
      'lone surrogates and NUL everywhere',
      () => ({
        userName: '\ud800',
        '\udc00': '\0',
        emails: [{ value: '\ud800', '\0': 1 }],
        Operations: [{ op: 'add', path: '\ud800', value: '\0' }],
      }),
    ],
    ['right-to-left names', () => ({ '\u202eemaNresu': 'ada', userName: '\u202eada' })],
    ['numbers at the edge', () => ({ userName: 'ada', [acmeUrn]: JSON.parse('{"a":1e400}') })],
    [
      'negative zero and digits without end',
      () => ({ userName: 'ada', [acmeUrn]: JSON.parse('{"a":-0,"b":0.1234567890123456789,"c":12345678901234567890}') }),
    ],
  ])('%s', (_, make) => {
    const body = make() as JsonObject;
    // Comparing text before and after is what `door` does; what is too deep to be text is walked without it.
    const deep = /levels/.test(_);
    if (!deep) return door(body);
    tries(() => userFrom(body));
    tries(() => groupFrom(body));
    for (const kind of ['User', 'Group'] as ResourceKind[]) tries(() => readPatch(body, kind));
    JSON.stringify(withoutPassword(body));
  });

  test('a PATCH that compares a thousand entries over and over is refused before it takes long', () => {
    const emails = Array.from({ length: 1000 }, (_, n) => ({ value: `${n}@x`, type: 'work' }));
    const user = userFrom({ userName: 'ada', emails });
    const filter = Array.from({ length: 32 }, (_, n) => `value eq "none${n}"`).join(' or ');
    for (const operation of [
      { op: 'remove', path: `emails[${filter}]` },
      { op: 'add', path: 'emails', value: emails.slice(0, 200) },
      { op: 'remove', path: 'emails', value: emails.slice(0, 200).map(({ value }) => ({ value: `no ${value}` })) },
    ]) {
      const operations = readPatch({ Operations: Array.from({ length: 1000 }, () => operation) }, 'User');
      expect(() => patchUser(user, operations)).toThrow(TooLarge);
      expect(patchUser(user, operations.slice(0, 1)).changed).toBe(false);
    }
  });

  test.each([
    '__proto__',
    'constructor',
    'constructor.prototype',
    '__proto__.polluted',
    'toString',
    'hasOwnProperty',
    'urn:a:__proto__',
    `${acmeUrn}:__proto__.x`,
  ])('the path %s reaches no prototype', (path) => {
    tries(() => parsePath(path, 'User'));
    tries(() => parseFilter(`${path} eq "x"`, 'User'));
    for (const op of ['add', 'replace', 'remove']) door({ Operations: [{ op, path, value: { polluted: true } }] });
  });

  test('names of built-in properties in an extension are plain data', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
    for (const name of names) {
      const operations = readPatch(
        { Operations: [{ op: 'add', value: { [acmeUrn]: { [name]: { prototype: { polluted: true } } } } }] },
        'User',
      );
      const { user } = patchUser({ userName: 'ada' }, operations);
      expect(JSON.stringify(user)).toBe(`{"userName":"ada","${acmeUrn}":{"${name}":{"prototype":{"polluted":true}}}}`);
    }
  });
});
