/**
 * What the relay says of itself is true: every claim of /Schemas is tried on a user or a group, attribute by attribute, from
 * what is served and nothing else.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { enterpriseSchema, groupSchema, userSchema } from '../daemon/core/schema.ts';
import { type Door, openDoor } from './door.ts';

type Attribute = Readonly<{
  name: string;
  type: string;
  multiValued: boolean;
  required: boolean;
  caseExact: boolean;
  mutability: string;
  returned: string;
  uniqueness: string;
  subAttributes?: readonly Attribute[];
}>;
/** One attribute, or one part of a complex one, of the schema it stands in. */
type Claim = Readonly<{ schema: string; attribute: Attribute; sub?: Attribute; path: string }>;

const claims: readonly Claim[] = [userSchema, enterpriseSchema, groupSchema].flatMap(({ id: schema, attributes }) =>
  (attributes as readonly Attribute[]).flatMap((attribute): Claim[] => {
    const path = schema === urn.enterprise ? `${schema}:${attribute.name}` : attribute.name;
    const whole = { schema, attribute, path };
    const parts = (attribute.subAttributes ?? []).map((sub) => ({ ...whole, sub, path: `${path}.${sub.name}` }));
    return attribute.type === 'complex' ? parts : [whole];
  }),
);

let door: Door;
let member: string;
let count = 0;
beforeAll(async () => {
  door = await openDoor();
  member = (await door.post('/Users', { userName: 'member', displayName: 'Member' })).body.id;
});
afterAll(() => door.close());

const kindOf = ({ schema }: Claim) => (schema === urn.group ? 'Groups' : 'Users');
const isReadOnly = ({ attribute, sub }: Claim) => [attribute, sub].some((one) => one?.mutability === 'readOnly');
const traits = ({ attribute, sub }: Claim) => sub ?? attribute;
/** Values of the claim's type, told apart by `letter`. */
const valueFor = (claim: Claim, letter: string): unknown => {
  const { type } = traits(claim);
  return type === 'boolean' ? true : type === 'binary' ? `QUJD${letter}a==` : `${letter}aB ${++count}`;
};
/** A resource that says nothing but `value` at the claim's place, and what its kind requires. */
const bodyWith = (claim: Claim, value: unknown): Record<string, unknown> => {
  const { schema, attribute, sub } = claim;
  const entry =
    sub === undefined ? value : { ...(attribute.multiValued && { value: `v${++count}` }), [sub.name]: value };
  const whole = { [attribute.name]: attribute.multiValued ? [entry] : entry };
  const named = kindOf(claim) === 'Users' ? { userName: `u${++count}` } : { displayName: `g${++count}` };
  return { ...named, ...(schema === urn.enterprise ? { [schema]: whole } : whole) };
};
// biome-ignore lint/suspicious/noExplicitAny: it looks into answers of every shape
const shownIn = ({ schema, attribute, sub }: Claim, body: any): unknown => {
  const found = (schema === urn.enterprise ? body[schema] : body)?.[attribute.name];
  const entry = Array.isArray(found) ? found[0] : found;
  return sub === undefined ? entry : entry?.[sub.name];
};
const made = async (claim: Claim, value: unknown) => {
  const answer = await door.post(`/${kindOf(claim)}`, bodyWith(claim, value));
  expect([claim.path, answer.status, answer.body.detail]).toEqual([claim.path, 201, undefined]);
  return answer.body;
};
const finds = async (claim: Claim, id: string, value: unknown): Promise<boolean | number> => {
  const filter = `id eq "${id}" and ${claim.path} eq ${JSON.stringify(value)}`;
  const { status, body } = await door.get(`/${kindOf(claim)}?attributes=id&filter=${encodeURIComponent(filter)}`);
  return status === 200 ? body.totalResults === 1 : status;
};

const isMembers = ({ attribute }: Claim) => attribute.name === 'members';
const writable = claims.filter((claim) => !isReadOnly(claim) && !isMembers(claim));
const shown = writable.filter((claim) => traits(claim).returned !== 'never');
const readOnly = claims.filter(isReadOnly);
const named = (some: readonly Claim[]) => some.map((claim) => [claim.path, claim] as const);

test('what is tried here is what /Schemas serves', async () => {
  const { body } = await door.get('/Schemas');
  expect(body.Resources.map(({ meta: _, ...schema }: { meta: unknown }) => schema)).toEqual(
    JSON.parse(JSON.stringify([userSchema, enterpriseSchema, groupSchema])),
  );
  expect([writable.length, readOnly.length]).toEqual([61, 6]);
});

describe('What is readWrite', () => {
  test.each(named(shown))(
    'comes back as sent, and can be named, left out, sorted by and removed: %s',
    async (_, claim) => {
      const { path, attribute, sub } = claim;
      const kind = kindOf(claim);
      const value = valueFor(claim, 'x');
      const { id, ...body } = await made(claim, value);
      const given = attribute.required ? body[attribute.name] : value;
      expect(shownIn(claim, body)).toEqual(given);
      const at = `/${kind}/${id}`;
      const upper = encodeURIComponent(path.toUpperCase());
      const only = (await door.get(`${at}?attributes=${upper}`)).body;
      expect(shownIn(claim, only)).toEqual(given);
      expect(Object.keys(only).length).toBe(3);
      expect(shownIn(claim, (await door.get(`${at}?excludedAttributes=${upper}`)).body)).toBeUndefined();
      expect((await door.get(`/${kind}?count=0&sortBy=${encodeURIComponent(path)}`)).status).toBe(200);
      const view = kind === 'Groups' ? '?excludedAttributes=meta' : '';
      const gone = await door.patch(at + (view && '?attributes=displayName'), [{ op: 'remove', path }]);
      if (attribute.required && sub === undefined)
        expect([gone.status, gone.body.scimType]).toEqual([400, 'mutability']);
      else expect(shownIn(claim, gone.body)).toBeUndefined();
    },
  );

  test.each(named(shown))('is found by its value, in other letters where caseExact is false: %s', async (_, claim) => {
    const value = valueFor(claim, 'x');
    const body = await made(claim, value);
    const sent = claim.attribute.required ? shownIn(claim, body) : value;
    expect(await finds(claim, body.id, sent)).toBe(true);
    if (typeof sent !== 'string') return;
    expect(await finds(claim, body.id, sent.toUpperCase())).toBe(!traits(claim).caseExact);
    expect(await finds(claim, body.id, `${sent}x`)).toBe(false);
  });

  test.each(named(shown))('is of the type it is said to be: %s', async (path, claim) => {
    for (const wrong of [{ x: 1 }, 7]) {
      const { status, body } = await door.post(`/${kindOf(claim)}`, bodyWith(claim, wrong));
      expect([status, body.scimType, body.detail]).toEqual([
        400,
        'invalidValue',
        expect.stringContaining(traits(claim).name),
      ]);
    }
    expect(path).toBeTruthy();
  });

  test.each(named(shown))('is there once, or twice where uniqueness is none: %s', async (_, claim) => {
    const body = bodyWith(claim, valueFor(claim, 'x'));
    const { uniqueness, required } = traits(claim);
    expect((await door.post(`/${kindOf(claim)}`, body)).status).toBe(201);
    const again = { ...body, ...(!required && body.userName !== undefined && { userName: `u${++count}` }) };
    const second = await door.post(`/${kindOf(claim)}`, again);
    expect([second.status, second.body.scimType]).toEqual(
      uniqueness === 'none' ? [201, undefined] : [409, 'uniqueness'],
    );
  });

  test.each(named(claims.filter((claim) => traits(claim).required)))(
    'is required where it says so: %s',
    async (name, claim) => {
      const { [name]: _, ...body } = bodyWith(claim, 'x');
      const { status, body: refused } = await door.post(`/${kindOf(claim)}`, body);
      expect([status, refused.detail]).toEqual([400, expect.stringContaining(name)]);
    },
  );
});

describe('What is readOnly', () => {
  test.each(named(readOnly))('is passed over in a POST and a PUT, and refused in a PATCH: %s', async (path, claim) => {
    const kind = kindOf(claim);
    const sent = isMembers(claim)
      ? { displayName: `g${++count}`, members: [{ value: member, display: 'theirs' }] }
      : bodyWith(claim, valueFor(claim, 'x'));
    const { status, body } = await door.post(`/${kind}`, sent);
    const seen = [shownIn(claim, body), shownIn(claim, (await door.put(`/${kind}/${body.id}`, sent)).body)];
    expect([status, ...seen]).toEqual(isMembers(claim) ? [201, 'Member', 'Member'] : [201, undefined, undefined]);
    const refused = await door.patch(`/${kind}/${body.id}`, [{ op: 'replace', path, value: 'x' }]);
    expect([refused.status, refused.body.scimType]).toEqual([400, 'mutability']);
  });

  test.each(['id', 'meta', 'meta.created'])('is so for what every resource has: %s', async (path) => {
    const { status, body } = await door.patch(`/Users/${member}`, [{ op: 'replace', path, value: 'x' }]);
    expect([status, body.scimType]).toEqual([400, 'mutability']);
  });
});

test('What is immutable of a member is what the relay knows, whatever is said, and is not edited', async () => {
  const team = await door.post('/Groups', {
    displayName: 'Team',
    members: [{ value: member, type: 'Group', $ref: 'https://elsewhere.test', display: 'theirs' }],
  });
  expect(team.body.members).toEqual([
    { value: member, $ref: `${door.base}/Users/${member}`, type: 'User', display: 'Member' },
  ]);
  for (const { name } of claims.filter(isMembers).map(traits))
    for (const path of [`members.${name}`, `members[value eq "${member}"].${name}`]) {
      const { status, body } = await door.patch(`/Groups/${team.body.id}`, [{ op: 'replace', path, value: 'x' }]);
      expect([path, status, body.scimType]).toEqual([path, 400, 'mutability']);
    }
});

test('I7 what is never returned is neither shown, nor found, nor sorted by, and is taken all the same', async () => {
  const [password] = claims.filter((claim) => traits(claim).returned === 'never');
  expect(password?.path).toBe('password');
  const { status, body } = await door.post('/Users?attributes=password,userName', {
    userName: 'p',
    password: 'secret',
  });
  expect([status, Object.keys(body).sort()]).toEqual([201, ['id', 'schemas', 'userName']]);
  for (const query of ['filter=password%20pr', 'sortBy=password', 'filter=not%20(password%20eq%20"secret")'])
    expect((await door.get(`/Users?${query}`)).body.scimType).toBe('sensitive');
});

describe('The lists of discovery', () => {
  test('are whole: what they count, on one page, and each thing under its name in any letter case', async () => {
    for (const path of ['/ResourceTypes', '/Schemas']) {
      const { body } = await door.get(path);
      const { length } = body.Resources;
      expect(body).toMatchObject({ schemas: [urn.list], totalResults: length, startIndex: 1, itemsPerPage: length });
      // RFC 7644 §4: paging and sorting are passed over.
      expect((await door.get(`${path}?startIndex=2&count=1&sortBy=id&attributes=id`)).body).toEqual(body);
      for (const resource of body.Resources) {
        expect((await door.get(`${path}/${resource.id.toUpperCase()}`)).body).toEqual(resource);
        expect(resource.schemas).toEqual([path === '/Schemas' ? urn.schema : urn.resourceType]);
      }
    }
  });

  test('say where each type is, and that nobody needs the extension', async () => {
    const { Resources } = (await door.get('/ResourceTypes')).body;
    const at = ({ meta: _, description: __, ...type }: Record<string, unknown>) => type;
    expect(Resources.map(at)).toEqual([
      {
        schemas: [urn.resourceType],
        id: 'User',
        name: 'User',
        endpoint: '/Users',
        schema: urn.user,
        schemaExtensions: [{ schema: urn.enterprise, required: false }],
      },
      { schemas: [urn.resourceType], id: 'Group', name: 'Group', endpoint: '/Groups', schema: urn.group },
    ]);
    for (const { endpoint, schema } of Resources) {
      expect((await door.get(`${endpoint}?count=0`)).status).toBe(200);
      expect((await door.get(`/Schemas/${schema}`)).body.id).toBe(schema);
    }
  });
});

test('What is said not to be supported is not, and the bulk that is not has no operations', async () => {
  const { bulk, changePassword, ...can } = (await door.get('/ServiceProviderConfig')).body;
  expect([bulk, changePassword]).toEqual([
    { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    { supported: false },
  ]);
  expect((await door.post('/Bulk', {})).status).toBe(501);
  expect([can.patch, can.sort, can.etag].map(({ supported }) => supported)).toEqual([true, true, true]);
  expect(can.pagination.maxPageSize).toBe(can.filter.maxResults);
  for (const { type, name, description } of can.authenticationSchemes)
    expect([type, typeof name, typeof description]).toEqual(['oauthbearertoken', 'string', 'string']);
});
