/** What a client asks for reaches the directory as it was meant, and what was not understood is never answered with everybody. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { type Door, openDoor } from './door.ts';

let door: Door;
const ids: string[] = [];
let team: string;
const people = [
  'ada+test@x.test',
  'ada test@x.test',
  'é+ü@x.test',
  'say "a+b"',
  'say "b c"',
  'back\\slash+@x.test',
  'ben@x.test',
];
beforeAll(async () => {
  door = await openDoor();
  for (const userName of people) ids.push((await door.post('/Users', { userName, title: 'x' })).body.id);
  team = (await door.post('/Groups', { displayName: 'Staff', members: [{ value: ids[0] }] })).body.id;
});
afterAll(() => door.close());

const found = async (query: string): Promise<(string | undefined)[]> => {
  const { status, body } = await door.get(`/Users?attributes=userName&${query}`);
  expect([query, status]).toEqual([query, 200]);
  return body.Resources.map(({ userName }: { userName: string }) => userName);
};

describe('A plus in a filter', () => {
  const filters = people.map((userName) => [userName, `userName eq ${JSON.stringify(userName)}`] as const);

  test.each<[string, (text: string) => string]>([
    ['encodeURIComponent', encodeURIComponent],
    ['encodeURI, which leaves it alone, as .NET’s EscapeUriString does', encodeURI],
    ['a form, where it is a space', (text) => new URLSearchParams({ filter: text }).toString().slice('filter='.length)],
    ['hand, quotes left alone', (text) => encodeURIComponent(text).replaceAll('%22', '"').replaceAll('%5C', '\\')],
    [
      'hand, what is in quotes encoded as an address has it, the rest as a form',
      (text) => encodeURIComponent(text).replace('userName%20eq%20', 'userName+eq+'),
    ],
  ])('means what it means to who encoded it with %s', async (_, encode) => {
    for (const [userName, filter] of filters)
      expect(await found(`filter=${encode(filter)}`), filter).toEqual([userName]);
  });

  test('is a plus where there are spaces as %20 beside it, in quotes or not', async () => {
    expect(await found('filter=userName%20eq%20ada+test@x.test')).toEqual(['ada+test@x.test']);
    const since = await found('filter=meta.created%20gt%20"2020-01-01T00:00:00+02:00"%20and%20userName%20sw%20"ben"');
    expect(since).toEqual(['ben@x.test']);
    expect(await found('filter=userName%20eq%20"ben@x.test"&sortBy=+userName+')).toEqual(['ben@x.test']);
  });
});

describe('I5 a name of a parameter', () => {
  test.each(['Filter', 'FILTER', 'filter'])(
    'is read in any letter case, in an address and in a body: %s',
    async (name) => {
      expect(await found(`${name}=userName%20eq%20"ben@x.test"`)).toEqual(['ben@x.test']);
      const { body } = await door.post('/Users/.search', { [name]: 'userName eq "ben@x.test"' });
      expect(body.totalResults).toBe(1);
    },
  );

  test('is read so in all of them', async () => {
    const query = 'StartIndex=2&COUNT=1&sortby=userName&SORTORDER=descending&Attributes=title';
    const expected = (
      await door.get('/Users?startIndex=2&count=1&sortBy=userName&sortOrder=descending&attributes=title')
    ).body;
    expect((await door.get(`/Users?${query}`)).body).toEqual(expected);
    const search = { STARTINDEX: 2, Count: 1, sortby: 'userName', sortorder: 'descending', ATTRIBUTES: ['title'] };
    expect((await door.post('/Users/.search', search)).body).toEqual(expected);
    const first = (await door.post('/Users/.search', { CURSOR: '', count: 4, excludedattributes: ['title'] })).body;
    expect(first.Resources[0]).not.toHaveProperty('title');
    expect((await door.get(`/Users?Cursor=${first.nextCursor}`)).body.Resources).toHaveLength(people.length - 4);
    expect((await door.get('/Schemas?FILTER=x')).status).toBe(403);
  });

  test('that is none of SCIM’s is passed over, as Entra’s switches are', async () => {
    expect(await found('aadOptscim062020&filter=userName%20eq%20"ben@x.test"')).toEqual(['ben@x.test']);
    expect(
      (await door.post('/Users/.search', { schemas: [urn.search], more: 1, filter: 'title eq "no"' })).body
        .totalResults,
    ).toBe(0);
  });

  test('that is null in a body is as good as absent (RFC 7643 §2.5)', async () => {
    const nothing = { filter: null, sortBy: null, sortOrder: null, startIndex: null, count: null, cursor: null };
    const { status, body } = await door.post('/Users/.search', {
      ...nothing,
      attributes: null,
      excludedAttributes: null,
    });
    expect([status, body]).toEqual([200, (await door.get('/Users')).body]);
  });

  test.each([
    'filter=userName%20eq%20"ben@x.test"&filter=userName%20pr',
    'filter=userName%20pr&Filter=title%20pr',
    'count=1&count=2',
    'cursor=&cursor=x',
  ])('that is given twice, in different ways, is refused: ?%s', async (query) => {
    const { status, body } = await door.get(`/Users?${query}`);
    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    expect(body.detail).toContain('twice');
  });

  test('that is given twice in a body, in two letter cases, is refused; the same thing twice is not', async () => {
    const refused = await door.post('/Users/.search', { filter: 'title pr', Filter: 'title eq "no"' });
    expect([refused.status, refused.body.detail]).toEqual([400, expect.stringContaining('twice')]);
    expect((await door.post('/Users/.search', { filter: 'title eq "no"', Filter: 'title eq "no"' })).status).toBe(200);
    expect((await door.get('/Users?count=1&count=1')).body.itemsPerPage).toBe(1);
  });

  test.each(['%FF', '%C3%28', '%ED%A0%80'])('whose text is no UTF-8 is refused: %s', async (bytes) => {
    const { status, body } = await door.get(`/Users?filter=userName%20eq%20"${bytes}"`);
    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    expect(body.detail).toContain('UTF-8');
  });

  test('may hold the very character that decoding puts where there is no text', async () => {
    expect(await found('filter=userName%20eq%20"%EF%BF%BD"')).toEqual([]);
  });
});

describe('A page', () => {
  const large = ['1000000000000000', '9007199254740993', '9223372036854775807', '9'.repeat(60)];

  test.each(large)('is asked for with as many digits as a client likes: %s', async (digits) => {
    expect((await door.get(`/Users?count=${digits}`)).body).toMatchObject({
      itemsPerPage: people.length,
      startIndex: 1,
    });
    expect((await door.get(`/Users?count=-${digits}`)).body).toMatchObject({
      itemsPerPage: 0,
      totalResults: people.length,
    });
    expect((await door.get(`/Users?startIndex=-${digits}`)).body).toMatchObject({
      itemsPerPage: people.length,
      startIndex: 1,
    });
    for (const more of ['', '&filter=title%20pr', '&sortBy=userName'])
      expect((await door.get(`/Users?startIndex=${digits}${more}`)).body).toMatchObject({
        itemsPerPage: 0,
        totalResults: people.length,
      });
    const body = `{"count":${digits},"startIndex":-${digits}}`;
    expect((await door.post('/Users/.search', body)).body).toMatchObject({
      itemsPerPage: people.length,
      startIndex: 1,
    });
    expect((await door.get(`/Users?cursor=&count=${digits}`)).body.scimType).toBe('invalidCount');
  });

  test.each(['1.5', '1e3', '0x10', 'all', '１', '1 2', '--1', '%2B'])('is of whole numbers: %s', async (count) => {
    expect((await door.get(`/Users?count=${encodeURIComponent(count)}`)).status).toBe(400);
  });
  test.each(['1.5', '1.0', '1e3', 'true', '[1]', '{}', '"x"'])('is of whole numbers in a body: %s', async (count) => {
    const { status, body } = await door.post('/Users/.search', `{"count":${count}}`);
    expect([status, body.detail]).toEqual([400, '"count" must be a whole number']);
  });
});

describe('An address of a resource', () => {
  test('is found by filter as it is answered, and by no other', async () => {
    const asked = async (kind: string, filter: string) =>
      (await door.get(`/${kind}?attributes=id&filter=${encodeURIComponent(filter)}`)).body.totalResults;
    const [user, group] = [`${door.base}/Users/${ids[0]}`, `${door.base}/Groups/${team}`];
    expect(await asked('Users', `meta.location eq "${user}"`)).toBe(1);
    expect(await asked('Users', `groups.$ref eq "${group}"`)).toBe(1);
    expect(await asked('Users', `groups[$ref eq "${group}"]`)).toBe(1);
    expect(await asked('Groups', `members.$ref eq "${user}"`)).toBe(1);
    expect(await asked('Groups', `meta.location eq "${group}"`)).toBe(1);
    expect(await asked('Users', `meta.location sw "${door.base}/Users/"`)).toBe(people.length);
    // As anybody else calls the relay, or in another letter case, it is another address.
    expect(await asked('Users', `meta.location eq "https://relay.example/scim/v2/Users/${ids[0]}"`)).toBe(0);
    expect(await asked('Groups', `members.$ref eq "${user.toUpperCase()}"`)).toBe(0);
    expect((await door.post('/.search', { filter: `meta.location eq "${group}"` })).body.totalResults).toBe(1);
  });

  test('and an id are compared letter by letter, wherever they stand', async () => {
    const upper = ids[0]?.toUpperCase();
    expect(upper).not.toBe(ids[0]);
    for (const [kind, name, value] of [
      ['Users', 'id', upper],
      ['Groups', 'members', upper],
      ['Groups', 'members.value', upper],
      ['Users', 'groups', team.toUpperCase()],
      ['Users', 'groups.value', team.toUpperCase()],
    ] as const) {
      const totals: number[] = [];
      for (const wanted of [value, value?.toLowerCase()])
        for (const filter of [`${name} eq "${wanted}"`, `not (not (${name} eq "${wanted}"))`])
          totals.push((await door.get(`/${kind}?filter=${encodeURIComponent(filter)}`)).body.totalResults);
      expect([name, ...totals]).toEqual([name, 0, 0, 1, 1]);
    }
  });

  test('is the same in what is shown of a group as in the whole of it', async () => {
    const { members } = (await door.get(`/Groups/${team}`)).body;
    expect(members[0].$ref).toBe(`${door.base}/Users/${ids[0]}`);
    expect((await door.get(`/Groups/${team}?attributes=members`)).body.members).toEqual(members);
    expect((await door.get(`/Groups?attributes=members.$ref`)).body.Resources[0].members).toEqual([
      { $ref: members[0].$ref },
    ]);
    const { groups } = (await door.get(`/Users/${ids[0]}`)).body;
    expect((await door.get(`/Users/${ids[0]}?attributes=groups`)).body.groups).toEqual(groups);
  });

  test('names a member to remove', async () => {
    const refs = (await door.get(`/Groups/${team}`)).body.members.map(({ $ref }: { $ref: string }) => $ref);
    const path = `members[$ref eq "${refs[0]}"]`;
    expect((await door.patch(`/Groups/${team}`, [{ op: 'remove', path }])).status).toBe(204);
    expect((await door.get(`/Groups/${team}`)).body.members).toBeUndefined();
    await door.patch(`/Groups/${team}`, [{ op: 'add', path: 'members', value: ids.map((value) => ({ value })) }]);
    const either = `members[$ref eq "/Users/${ids[1]}" or value eq "${ids[2]}"]`;
    await door.patch(`/Groups/${team}`, [{ op: 'remove', path: either }]);
    const left = (await door.get(`/Groups/${team}`)).body.members.map(({ value }: { value: string }) => value);
    expect(left).toEqual(ids.filter((id) => id !== ids[1] && id !== ids[2]));
  });
});

describe('What is to be seen', () => {
  test('is all of it where a parameter names nothing; and a PATCH of a group then says nothing (RFC 7644 §3.5.2)', async () => {
    const rename = [{ op: 'replace', path: 'displayName', value: 'Staff' }];
    for (const query of ['attributes=', 'attributes=,%20,', 'excludedAttributes=']) {
      expect((await door.get(`/Users/${ids[0]}?${query}`)).body).toHaveProperty('title');
      expect((await door.patch(`/Groups/${team}?${query}`, rename)).status).toBe(204);
    }
    expect((await door.patch(`/Groups/${team}?attributes=&Attributes=displayName`, rename)).body).toEqual({
      schemas: [urn.group],
      id: team,
      displayName: 'Staff',
    });
  });

  test('is what both say, where a parameter is given twice', async () => {
    const { body } = await door.get(`/Users/${ids[0]}?attributes=title&attributes=userName,id`);
    expect(body).toEqual({ schemas: [urn.user], id: ids[0], title: 'x', userName: people[0] });
  });

  test('I5 is not cut, however long the list is; a list without end is refused', async () => {
    const nobody = Array.from({ length: 990 }, (_, index) => `nobody${index}`);
    const excludedAttributes = [...nobody, 'title'];
    const query = `excludedAttributes=${excludedAttributes.join(',')}`;
    expect(query.length).toBeGreaterThan(8192);
    expect((await door.get(`/Users/${ids[0]}?${query}`)).body).not.toHaveProperty('title');
    const { body } = await door.post('/Users/.search', { excludedAttributes, count: 1 });
    expect(body.Resources[0]).not.toHaveProperty('title');
    const refused = await door.post('/Users/.search', { attributes: [...nobody, ...nobody] });
    expect([refused.status, refused.body.scimType]).toEqual([400, 'invalidValue']);
    expect(refused.body.detail).toContain('1000');
  });
});
