import { randomBytes } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import type { Push } from '../daemon/core/directory.ts';
import { cursors } from '../daemon/cursor.ts';
import { provider } from '../daemon/provider.ts';
import { type Door, openDoor } from './door.ts';

let door: Door;
let count = 0;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

/** A name nobody has: the door is shared by the tests of this book. */
const fresh = (stem = 'person') => `${stem}.${++count}@x.test`;
const newUser = async (more: object = {}): Promise<string> =>
  (await door.post('/Users', { userName: fresh(), ...more })).body.id;
const newGroup = async (members: readonly string[] = [], displayName = fresh('group')): Promise<string> =>
  (await door.post('/Groups', { displayName, members: members.map((value) => ({ value })) })).body.id;
const listed = async (path: string): Promise<string[]> =>
  (await door.get(path)).body.Resources.map(({ id }: { id: string }) => id);
const where = (kind: 'Users' | 'Groups', filter: string, more = '') =>
  `/${kind}?filter=${encodeURIComponent(filter)}${more}`;

describe('A user', () => {
  test('I3 is created with 201, Location, ETag and meta, and reads the same at once', async () => {
    const userName = fresh();
    const sent = {
      schemas: [urn.user, urn.enterprise],
      externalId: 'e7',
      userName,
      active: 'True',
      meta: { resourceType: 'User', location: 'https://elsewhere.test' },
      name: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
      emails: [{ primary: true, type: 'work', value: userName }],
      addresses: null,
      groups: [],
      roles: [],
      password: 'secret-canary',
      [urn.enterprise]: { department: 'Engines', manager: 'm1' },
      'urn:acme:2.0:User': { badge: 7 },
    };
    const made = await door.post('/Users', sent);
    expect(made.status).toBe(201);
    expect(made.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    const { id, meta } = made.body;
    const location = `${door.base}/Users/${id}`;
    expect(made.headers.get('location')).toBe(location);
    expect(made.headers.get('etag')).toBe('W/"1"');
    expect(meta).toEqual({
      resourceType: 'User',
      location,
      version: 'W/"1"',
      created: expect.any(String),
      lastModified: meta.created,
    });
    expect(made.body).toEqual({
      schemas: [urn.user, urn.enterprise, 'urn:acme:2.0:User'],
      id,
      externalId: 'e7',
      userName,
      active: true,
      name: sent.name,
      emails: sent.emails,
      [urn.enterprise]: { department: 'Engines', manager: { value: 'm1' } },
      'urn:acme:2.0:User': { badge: 7 },
      meta,
    });
    const read = await door.get(`/Users/${id}`);
    expect([read.status, read.body, read.headers.get('etag')]).toEqual([200, made.body, 'W/"1"']);
  });

  test('is changed by PATCH with 200 and the whole of it, and by PUT as a whole', async () => {
    const id = await newUser({ title: 'Engineer', externalId: 'k' });
    const patched = await door.patch(`/Users/${id}`, [
      { op: 'Replace', path: 'active', value: 'False' },
      { op: 'Add', path: 'nickName', value: 'Babs' },
    ]);
    expect([patched.status, patched.headers.get('etag')]).toEqual([200, 'W/"2"']);
    expect(patched.body).toMatchObject({ id, active: false, nickName: 'Babs', title: 'Engineer' });
    const userName = fresh();
    const put = await door.put(`/Users/${id}`, { ...patched.body, userName, title: null, nickName: undefined });
    expect([put.status, put.headers.get('etag')]).toEqual([200, 'W/"3"']);
    expect(put.body).toMatchObject({ id, userName, active: false, externalId: 'k' });
    expect(put.body).not.toHaveProperty('title');
    expect(put.body).not.toHaveProperty('nickName');
    expect((await door.get(`/Users/${id}`)).body).toEqual(put.body);
  });

  test('is not switched on again by a PUT that does not say so', async () => {
    const id = await newUser({ active: false, title: 'Engineer' });
    const userName = fresh();
    const put = await door.put(`/Users/${id}`, { userName });
    expect([put.status, put.body.active, put.body.title]).toEqual([200, false, undefined]);
    expect((await door.put(`/Users/${id}`, { userName, active: null })).body.active).toBe(false);
    expect((await door.put(`/Users/${id}`, { userName, active: 'True' })).body.active).toBe(true);
    // Nobody ever switched it off: then there is nothing to keep.
    expect((await door.put(`/Users/${id}`, { userName })).body).not.toHaveProperty('active');
  });

  test('is deleted with 204, and is 404 everywhere from then on', async () => {
    const id = await newUser();
    const gone = await door.delete(`/Users/${id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    const patch = [{ op: 'replace', path: 'title', value: 'x' }];
    const answers = [
      await door.get(`/Users/${id}`),
      await door.delete(`/Users/${id}`),
      await door.patch(`/Users/${id}`, patch),
      await door.put(`/Users/${id}`, { userName: fresh() }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect(body).toEqual({ schemas: [urn.error], status: '404', detail: `There is no User "${id}"` });
    }
  });

  test('I3 that was changed and deleted in one commit was changed all the same, and there is nothing to show', async () => {
    const id = await newUser();
    const cases = provider({
      push: door.queue.push,
      directory: door.store,
      cursors: cursors(randomBytes(32), randomBytes),
    });
    const about = { source: 'entra', kind: 'User', id } as const;
    const Operations = [{ op: 'replace', path: 'title', value: 'x' }];
    const commits = door.batches.length;
    const answers = await Promise.all([
      cases.push({ ...about, method: 'PATCH', body: { Operations } }, { base: door.base }),
      cases.push({ ...about, method: 'DELETE' }, { base: door.base }),
    ]);
    expect(door.batches.slice(commits)).toEqual([2]);
    expect(answers).toEqual([{ status: 204, version: 2 }, { status: 204 }]);
  });

  test('I4 whose push is on disk but cannot be read back was pushed all the same: nobody is told to send it again', async () => {
    const failing = async () => {
      throw new Sqlite.SqliteError('disk I/O error', 'SQLITE_IOERR_READ');
    };
    const cases = provider({
      push: door.queue.push,
      directory: { get: failing, find: failing },
      cursors: cursors(randomBytes(32), randomBytes),
    });
    const id = await newUser();
    const [user, group] = [{ source: 'entra', kind: 'User', id } as const, { source: 'entra', kind: 'Group' } as const];
    const view = { base: door.base };
    const Operations = [{ op: 'replace', path: 'title', value: 'x' }];
    expect(await cases.push({ ...user, method: 'PATCH', body: { Operations } }, view)).toEqual({
      status: 204,
      version: 2,
    });
    expect(await cases.push({ ...user, method: 'PUT', body: { userName: fresh() } }, view)).toMatchObject({
      status: 204,
    });
    const made = await cases.push({ ...group, method: 'POST', body: { displayName: fresh('group') } }, view);
    const known = JSON.parse(made.text ?? '');
    expect(made).toMatchObject({ status: 201, version: 1, location: `${door.base}/Groups/${known.id}` });
    expect((await door.get(`/Groups/${known.id}`)).body).toMatchObject(known);
    // A look is another thing: it can be had later.
    await expect(cases.get('entra', 'User', id, view)).rejects.toMatchObject({ status: 503 });
  });

  test('shows the groups it is directly in, which nobody can set', async () => {
    const id = await newUser({ groups: [{ value: 'x' }] });
    const team = await newGroup([id], 'Staff of Ada');
    await newGroup([team]);
    expect((await door.get(`/Users/${id}`)).body.groups).toEqual([
      { value: team, $ref: `${door.base}/Groups/${team}`, type: 'direct', display: 'Staff of Ada' },
    ]);
    expect(await listed(where('Users', `groups.value eq "${team}"`))).toEqual([id]);
    expect(await listed(where('Users', `groups[value eq "${team}" and type eq "direct"]`))).toEqual([id]);
    expect(await listed(where('Users', `groups[value eq "${team}" and type eq "indirect"]`))).toEqual([]);
    const refused = await door.patch(`/Users/${id}`, [{ op: 'remove', path: 'groups' }]);
    expect([refused.status, refused.body.scimType]).toEqual([400, 'mutability']);
  });
});

describe('The name of a group', () => {
  test('is the new one in all who are in it, at once, however it was changed', async () => {
    const id = await newUser();
    const team = await newGroup([id], 'Before');
    const shown = async () =>
      (await door.get(`/Users/${id}`)).body.groups.map(({ display }: { display: string }) => display);
    expect(await shown()).toEqual(['Before']);
    await door.patch(`/Groups/${team}`, [{ op: 'Replace', path: 'displayName', value: 'Patched' }]);
    expect(await shown()).toEqual(['Patched']);
    await door.put(`/Groups/${team}`, { displayName: 'Put' });
    expect(await shown()).toEqual(['Put']);
    expect(await listed(where('Users', `id eq "${id}" and groups.display eq "put"`))).toEqual([id]);
    // In a commit that fails and is tried again one by one, too.
    const rename = { op: 'replace', value: { displayName: 'After' } };
    const outcomes = await door.store.accept([
      { source: 'entra', method: 'PATCH', kind: 'Group', id: team, body: { Operations: [rename] } },
      { source: 'nobody', method: 'POST', kind: 'User', body: { userName: fresh() } },
    ]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false]);
    expect(await shown()).toEqual(['After']);
    await door.delete(`/Groups/${team}`);
    expect((await door.get(`/Users/${id}`)).body.groups).toBeUndefined();
    expect(door.reports.splice(0)).toHaveLength(1);
  });

  test('stays the old one when the change was rolled back', async () => {
    const id = await newUser();
    const team = await newGroup([id], 'Kept');
    const shown = async () => (await door.get(`/Users/${id}`)).body.groups[0].display;
    expect(await shown()).toBe('Kept');
    door.db.exec("CREATE TEMP TRIGGER refuse BEFORE UPDATE OF version ON team BEGIN SELECT RAISE(ABORT, 'no'); END");
    const answer = await door.patch(`/Groups/${team}`, [{ op: 'replace', path: 'displayName', value: 'Lost' }]);
    door.db.exec('DROP TRIGGER refuse');
    expect(answer.status).toBe(500);
    expect(await shown()).toBe('Kept');
    expect(door.reports.splice(0)).toHaveLength(2);
  });
});

describe('A group', () => {
  test('has members that are people and groups, each with type, name and address', async () => {
    const ada = await newUser({ displayName: 'Ada' });
    const inner = await newGroup([], 'Inner');
    const made = await door.post('/Groups', {
      displayName: 'Outer',
      externalId: 'g',
      members: [{ value: inner }, { value: ada, $ref: null, display: 'ignored' }],
    });
    expect(made.status).toBe(201);
    expect(made.body.members).toEqual([
      { value: ada, $ref: `${door.base}/Users/${ada}`, type: 'User', display: 'Ada' },
      { value: inner, $ref: `${door.base}/Groups/${inner}`, type: 'Group', display: 'Inner' },
    ]);
    expect((await door.get(`/Groups/${made.body.id}`)).body).toEqual(made.body);
  });

  test('is changed by PATCH with 204, or with 200 when attributes are asked for (RFC 7644 §3.5.2)', async () => {
    const [ada, id] = [await newUser(), await newGroup()];
    const operations = [{ op: 'Add', path: 'members', value: [{ value: ada }] }];
    const patched = await door.patch(`/Groups/${id}`, operations);
    expect([patched.status, patched.text, patched.headers.get('etag')]).toEqual([204, '', 'W/"2"']);
    const shown = await door.patch(`/Groups/${id}?attributes=members.value`, operations);
    expect([shown.status, shown.body]).toEqual([200, { schemas: [urn.group], id, members: [{ value: ada }] }]);
  });

  test('keeps what a PATCH does not name, alone or beside members', async () => {
    const ada = await newUser();
    const { id } = (await door.post('/Groups', { displayName: fresh('group'), externalId: 'kept' })).body;
    const rename = { op: 'replace', path: 'displayName', value: 'Renamed' };
    const add = { op: 'add', path: 'members', value: [{ value: ada }] };
    for (const operations of [[rename], [add, { ...rename, value: 'Renamed again' }], [add]])
      expect((await door.patch(`/Groups/${id}`, operations)).status).toBe(204);
    expect((await door.get(`/Groups/${id}`)).body).toMatchObject({
      externalId: 'kept',
      displayName: 'Renamed again',
      members: [{ value: ada }],
    });
  });

  test('takes Okta’s path-less rename and members in one PATCH, and its PUT with the whole list', async () => {
    const [ada, ben, id] = [await newUser(), await newUser(), await newGroup()];
    const patched = await door.patch(`/Groups/${id}`, [
      { op: 'replace', value: { id, displayName: 'Renamed' } },
      { op: 'add', path: 'members', value: [{ value: ada, display: null }] },
    ]);
    expect(patched.status).toBe(204);
    const put = await door.put(`/Groups/${id}`, {
      ...(await door.get(`/Groups/${id}`)).body,
      members: [{ value: ben }],
    });
    expect(put.body).toMatchObject({ displayName: 'Renamed', members: [{ value: ben }] });
    expect(put.body.members).toHaveLength(1);
  });

  test('I9 is another version once a group or somebody in it is deleted', async () => {
    const [ada, inner] = [await newUser(), await newGroup()];
    const outer = await newGroup([ada, inner]);
    const etag = async () => (await door.get(`/Groups/${outer}`)).headers.get('etag');
    const first = await etag();
    await door.delete(`/Groups/${inner}`);
    const second = await etag();
    await door.delete(`/Users/${ada}`);
    expect([first, second, await etag()]).toEqual(['W/"1"', 'W/"2"', 'W/"3"']);
    const stale = await door.put(`/Groups/${outer}`, { displayName: 'x', members: [] }, { 'if-match': second ?? '' });
    expect(stale.status).toBe(412);
  });

  test('is found by displayName and by member, without its members being read when they are not wanted', async () => {
    const [ada, ben] = [await newUser(), await newUser()];
    const id = await newGroup([ada], 'Unheard Of');
    expect(await listed(where('Groups', 'displayName eq "unheard of"', '&excludedAttributes=members'))).toEqual([id]);
    const [shown] = (await door.get(where('Groups', 'displayName eq "Unheard Of"', '&excludedAttributes=members'))).body
      .Resources;
    expect(shown).not.toHaveProperty('members');
    expect(await listed(where('Groups', `id eq "${id}" and members eq "${ada}"`))).toEqual([id]);
    expect(await listed(where('Groups', `id eq "${id}" and members[value eq "${ada}"]`))).toEqual([id]);
    expect(await listed(where('Groups', `members.value eq "${ada}"`))).toEqual([id]);
    expect(await listed(where('Groups', `members[type eq "Group" and value eq "${ada}"]`))).toEqual([]);
    expect(await listed(where('Groups', `id eq "${id}" and members eq "${ben}"`))).toEqual([]);
    expect(await listed(where('Groups', `id eq "${id}" and not (members eq "${ada}")`))).toEqual([]);
    expect(await listed(where('Groups', `id eq "${id}" and members[type eq "User" and value eq "${ada}"]`))).toEqual([
      id,
    ]);
    expect(await listed(where('Groups', `id eq "${id}" and members[type eq "Group" and value eq "${ada}"]`))).toEqual(
      [],
    );
  });
});

describe('A list', () => {
  let own: Door;
  const ids: string[] = [];
  beforeAll(async () => {
    own = await openDoor();
    for (let index = 1; index <= 7; index += 1) {
      const body = {
        userName: `p${index}@x.test`,
        externalId: `E${index}`,
        active: index !== 3,
        displayName: index % 2 ? 'Odd' : 'Even',
        emails: [
          { type: 'work', value: `work${index}@x.test` },
          { type: 'home', value: 'home@x.test' },
        ],
      };
      ids.push((await own.post('/Users', body)).body.id);
    }
  });
  afterAll(() => own.close());
  const numbers = async (query: string): Promise<number[]> => {
    const { body } = await own.get(`/Users?${query}`);
    return body.Resources.map(({ id }: { id: string }) => ids.indexOf(id) + 1);
  };
  const filtered = (filter: string) => numbers(`filter=${encodeURIComponent(filter)}`);

  test.each<[string, number[], number]>([
    ['', [1, 2, 3, 4, 5, 6, 7], 1],
    ['startIndex=1&count=3', [1, 2, 3], 1],
    ['startIndex=4&count=3', [4, 5, 6], 4],
    ['startIndex=7&count=3', [7], 7],
    ['startIndex=8&count=3', [], 8],
    ['startIndex=0&count=2', [1, 2], 1],
    ['startIndex=-5&count=2', [1, 2], 1],
    ['count=0', [], 1],
    ['count=-1', [], 1],
    ['count=5000', [1, 2, 3, 4, 5, 6, 7], 1],
  ])('pages as RFC 7644 §3.4.2.4 has it, in the order of creation: ?%s', async (query, expected, startIndex) => {
    const { status, body } = await own.get(`/Users?${query}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ schemas: [urn.list], totalResults: 7, startIndex, itemsPerPage: expected.length });
    expect(await numbers(query)).toEqual(expected);
    expect(await numbers(`${query}&filter=userName%20pr`)).toEqual(expected);
  });

  test.each<[string, number[]]>([
    ['userName eq "P2@X.TEST"', [2]],
    ['username Eq "p2@x.test"', [2]],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "p2@x.test"', [2]],
    ['externalId eq "E2"', [2]],
    ['externalId eq "e2"', []],
    ['externalId eq E2', [2]],
    ['userName eq "p2@x.test" and externalId eq "E2"', [2]],
    ['userName eq "p2@x.test" and externalId eq "E3"', []],
    ['userName eq "p2@x.test" or externalId eq "E3"', [2, 3]],
    ['emails[type eq "work"].value eq "work5@x.test"', [5]],
    ['emails[type eq "home"].value eq "work5@x.test"', []],
    ['emails[type eq "work" and value eq "WORK5@x.test"]', [5]],
    ['emails.value eq "home@x.test" and active eq false', [3]],
    ['emails eq "p4@x.test"', []],
    ['active eq "False"', [3]],
    ['displayName eq "odd" and not (userName sw "p1")', [3, 5, 7]],
    ['userName eq "nobody@x.test"', []],
    ['id eq "nobody"', []],
    ['meta.created gt "2020-01-01T00:00:00Z"', [1, 2, 3, 4, 5, 6, 7]],
  ])('finds by index or by reading through, the same: %s', async (filter, expected) => {
    expect(await filtered(filter)).toEqual(expected);
    // With a term that is always true and no index in front, everything is read: the answer must not depend on it.
    expect(await filtered(`(${filter}) and (userName pr or title pr)`)).toEqual(expected);
    expect(await filtered(`not (not (${filter}))`)).toEqual(expected);
  });

  test('is not found by an extension’s attribute that is called like an indexed one', async () => {
    const acme = 'urn:acme:2.0:User';
    const extension = { userName: 'p2@x.test', externalId: 'E3', id: ids[3], emails: [{ value: 'work4@x.test' }] };
    const { id } = (await own.post('/Users', { userName: 'acme@x.test', [acme]: extension })).body;
    for (const filter of [
      'userName eq "P2@x.test"',
      'externalId eq "E3"',
      `id eq "${ids[3]}"`,
      'emails[value eq "work4@x.test"]',
      'emails.value eq "work4@x.test"',
    ]) {
      const { body } = await own.get(`/Users?filter=${encodeURIComponent(`${acme}:${filter}`)}`);
      expect(body.Resources.map((one: { id: string }) => one.id)).toEqual([id]);
    }
    await own.delete(`/Users/${id}`);
  });

  test('is asked by the addresses it shows: meta.location, and whom $ref names', async () => {
    const [first, second] = ids;
    const team = (await own.post('/Groups', { displayName: 'Asked', members: [{ value: first }] })).body.id;
    const asked = async (path: string, filter: string, headers = {}) =>
      (await own.get(`/${path}?filter=${encodeURIComponent(filter)}`, headers)).body.Resources.map(
        ({ id }: { id: string }) => id,
      );
    const { base } = own;
    expect(await asked('Users', `meta.location eq "${base}/Users/${first}"`)).toEqual([first]);
    expect(await asked('Users', `meta.location ew "${first}" and userName pr`)).toEqual([first]);
    expect(await asked('Users', `groups.$ref eq "${base}/Groups/${team}"`)).toEqual([first]);
    expect(await asked('Groups', `members.$ref eq "${base}/Users/${first}"`)).toEqual([team]);
    expect(await asked('Groups', `members[$ref eq "${base}/Users/${second}"]`)).toEqual([]);
    await own.delete(`/Groups/${team}`);
  });

  test('finds a user by the e-mail that is its userName too', async () => {
    const userName = 'same@x.test';
    const id = (await own.post('/Users', { userName, emails: [{ type: 'work', value: 'SAME@x.test' }] })).body.id;
    const { body } = await own.get(
      `/Users?filter=${encodeURIComponent('emails[type eq "work"].value eq "same@X.test"')}`,
    );
    expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual([id]);
    await own.delete(`/Users/${id}`);
  });

  test('never holds more than 1,000, and a hundred when nobody says; what is deleted is not counted', async () => {
    const large = await openDoor();
    const body = (index: number) => ({ userName: `p${index}` });
    const pushes = Array.from(
      { length: 1003 },
      (_, index): Push => ({ source: 'okta', method: 'POST', kind: 'User', body: body(index) }),
    );
    const outcomes = await large.store.accept(pushes);
    const okta = { authorization: 'okta' };
    const page = async (query: string) => (await large.get(`/Users?attributes=id&${query}`, okta)).body;
    expect(await page('count=5000')).toMatchObject({ totalResults: 1003, itemsPerPage: 1000 });
    expect(await page('')).toMatchObject({ totalResults: 1003, itemsPerPage: 100 });
    const last = await page('startIndex=1001&count=1000');
    expect(last.Resources.map(({ id }: { id: string }) => id)).toEqual(
      outcomes.slice(1000).map((made) => made.ok && made.id),
    );
    for (const made of outcomes.slice(0, 2)) if (made.ok) await large.delete(`/Users/${made.id}`, okta);
    expect(await page('startIndex=1000')).toMatchObject({ totalResults: 1001, itemsPerPage: 2 });
    expect((await large.get('/Users')).body.totalResults).toBe(0);
    await large.close();
  });

  test('is asked for with POST to /.search too, per kind or over all, where each kind is asked what it has', async () => {
    const asked = {
      schemas: [urn.search],
      filter: 'userName eq "p2@x.test"',
      attributes: ['userName'],
      startIndex: 1,
      count: 10,
    };
    const perKind = await own.post('/Users/.search', asked);
    expect(perKind.body.Resources).toEqual([{ schemas: [urn.user], id: ids[1], userName: 'p2@x.test' }]);
    expect((await own.post('/.search', asked)).body).toEqual(perKind.body);
    const group = (await own.post('/Groups', { displayName: 'Odd' })).body.id;
    const over = await own.post('/.search', { filter: 'displayName eq "odd"', startIndex: 4, count: 2 });
    expect(over.body).toMatchObject({ totalResults: 5, startIndex: 4, itemsPerPage: 2 });
    expect(over.body.Resources.map(({ id }: { id: string }) => id)).toEqual([ids[6], group]);
    expect((await own.post('/.search', { filter: 'nonsense eq "x"' })).body.scimType).toBe('invalidFilter');
    for (const wrong of [{ filter: 7 }, { count: 'x' }, { attributes: 'userName' }])
      expect((await own.post('/.search', wrong)).status).toBe(400);
  });

  test.each([
    ['filter=userName%20like%20%22x%22', 'invalidFilter'],
    ['filter=nonsense%20eq%20%22x%22', 'invalidFilter'],
    ['filter=userName%20eq', 'invalidFilter'],
    ['count=many', 'invalidValue'],
    ['startIndex=1.5', 'invalidValue'],
  ])('I5 that cannot be understood is a 400 with the type: ?%s', async (query, scimType) => {
    const { status, body } = await own.get(`/Users?${query}`);
    expect([status, body.scimType]).toEqual([400, scimType]);
    expect(body.detail.length).toBeGreaterThan(10);
  });
});

describe('What an answer shows', () => {
  test.each([
    'attributes=userName,emails.type',
    'attributes=USERNAME,urn:ietf:params:scim:schemas:core:2.0:User:emails.type',
  ])('is what %s names, and always id and schemas, on every verb', async (query) => {
    const userName = fresh();
    const body = { userName, title: 'x', emails: [{ type: 'work', value: userName }] };
    const made = await door.post(`/Users?${query}`, body);
    const { id } = made.body;
    const expected = { schemas: [urn.user], id, userName, emails: [{ type: 'work' }] };
    expect(made.body).toEqual(expected);
    expect((await door.get(`/Users/${id}?${query}`)).body).toEqual(expected);
    expect((await door.put(`/Users/${id}?${query}`, body)).body).toEqual(expected);
    expect((await door.patch(`/Users/${id}?${query}`, [{ op: 'replace', path: 'title', value: 'y' }])).body).toEqual(
      expected,
    );
    expect((await door.get(where('Users', `id eq "${id}"`, `&${query}`))).body.Resources).toEqual([expected]);
  });

  test('leaves out what excludedAttributes names, but never id', async () => {
    const id = await newUser({ title: 'x' });
    const { body } = await door.get(`/Users/${id}?excludedAttributes=id,title,meta`);
    expect(body).toEqual({ schemas: [urn.user], id, userName: expect.any(String) });
  });

  test('is addressed as the client addressed the relay, and believes no proxy that is not configured', async () => {
    const id = await newUser();
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'relay.example' };
    expect((await door.get(`/Users/${id}`, forwarded)).body.meta.location).toBe(`${door.base}/Users/${id}`);
    const behind = await openDoor(':memory:', { trustProxy: ['127.0.0.0/8'] });
    const made = await behind.post('/Users', { userName: 'a' }, forwarded);
    expect(made.headers.get('location')).toBe(`https://relay.example/scim/v2/Users/${made.body.id}`);
    await behind.close();
  });

  test('is plain JSON to who takes nothing else, and SCIM’s own type to everybody else', async () => {
    const type = async (accept: string) => (await door.get('/Users?count=0', { accept })).headers.get('content-type');
    expect(await type('application/json')).toBe('application/json; charset=utf-8');
    for (const accept of ['*/*', 'application/scim+json', 'application/scim+json, application/json'])
      expect(await type(accept)).toBe('application/scim+json; charset=utf-8');
  });

  test('I9 is nothing but 304 when the client has this version, and 412 when it writes over another', async () => {
    const id = await newUser();
    const known = await door.get(`/Users/${id}`, { 'if-none-match': 'W/"1"' });
    expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', 'W/"1"']);
    expect((await door.get(`/Users/${id}`, { 'if-none-match': 'W/"2"' })).status).toBe(200);
    const late = { 'if-match': 'W/"7"' };
    for (const answer of [
      await door.put(`/Users/${id}`, { userName: fresh() }, late),
      await door.patch(`/Users/${id}`, [{ op: 'remove', path: 'title' }], late),
      await door.delete(`/Users/${id}`, late),
    ])
      expect([answer.status, answer.body.status]).toEqual([412, '412']);
    // On a write, If-None-Match names the versions it must not be (RFC 9110 §13.1.2); on a read, If-Match those it must.
    for (const headers of [
      { 'if-none-match': '*' },
      { 'if-none-match': '"9", W/"1"' },
      { ...late, 'if-none-match': 'W/"9"' },
    ])
      for (const answer of [
        await door.put(`/Users/${id}`, { userName: fresh() }, headers),
        await door.patch(`/Users/${id}`, [{ op: 'remove', path: 'title' }], headers),
        await door.delete(`/Users/${id}`, headers),
      ])
        expect([answer.status, answer.body.status]).toEqual([412, '412']);
    expect((await door.get(`/Users/${id}`, late)).status).toBe(412);
    expect((await door.ask('HEAD', `/Users/${id}`, undefined, { 'if-none-match': '*' })).status).toBe(304);
    expect((await door.get(`/Users/${id}`, { 'if-match': 'W/"1"' })).headers.get('etag')).toBe('W/"1"');
    // Nothing is there yet that a condition could be about.
    expect((await door.post('/Users', { userName: fresh() }, { 'if-none-match': '*', ...late })).status).toBe(201);
    const both = { 'if-match': 'W/"1"', 'if-none-match': 'W/"2"' };
    expect((await door.delete(`/Users/${id}`, both)).status).toBe(204);
  });
});

describe('What the relay says of itself', () => {
  test('names what it can do, and does it', async () => {
    const { body } = await door.get('/ServiceProviderConfig');
    expect(body).toMatchObject({
      schemas: [urn.config],
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      authenticationSchemes: [{ type: 'oauthbearertoken', name: expect.any(String), description: expect.any(String) }],
      meta: { resourceType: 'ServiceProviderConfig', location: `${door.base}/ServiceProviderConfig` },
    });
  });

  test('lists its resource types and schemas, gives each at its own address, and holds no null', async () => {
    for (const [path, names] of [
      ['/ResourceTypes', ['User', 'Group']],
      ['/Schemas', [urn.user, urn.enterprise, urn.group]],
    ] as const) {
      const { body, text } = await door.get(path);
      expect(body).toMatchObject({ schemas: [urn.list], totalResults: names.length });
      expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual(names);
      expect(text).not.toContain('null');
      for (const resource of body.Resources) {
        expect(resource.meta.location).toBe(`${door.base}${path}/${resource.id}`);
        expect((await door.get(`${path}/${encodeURIComponent(resource.id)}`)).body).toEqual(resource);
      }
    }
    expect((await door.get('/Schemas/urn:nobody')).status).toBe(404);
  });

  test('refuses a filter on it (RFC 7644 §4), and anything but reading', async () => {
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) {
      expect((await door.get(`${path}?filter=id%20pr`)).status).toBe(403);
      const refused = await door.post(path, {});
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });
});

describe('Other ways to ask', () => {
  beforeEach(() => expect(door.reports).toEqual([]));

  test('405 names what is possible, 501 says what is not offered, 404 what is not there; all are SCIM errors', async () => {
    const cases = [
      ['PUT', '/Users', 405, 'GET, HEAD, POST'],
      ['DELETE', '/Groups', 405, 'GET, HEAD, POST'],
      ['POST', '/Users/7', 405, 'GET, HEAD, PUT, PATCH, DELETE'],
      ['OPTIONS', '/Users/7', 405, 'GET, HEAD, PUT, PATCH, DELETE'],
      ['GET', '/.search', 405, 'POST'],
      ['GET', '/Me', 501, null],
      ['POST', '/Bulk', 501, null],
      ['GET', '/Nothing', 404, null],
      ['GET', '/Users/7/8', 404, null],
      ['GET', '/../../secret', 404, null],
    ] as const;
    for (const [method, path, status, allow] of cases) {
      const answer = await door.ask(method, path, method === 'POST' ? {} : undefined);
      expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([method, path, status, allow]);
      expect(answer.body).toMatchObject({ schemas: [urn.error], status: String(status), detail: expect.any(String) });
    }
  });

  test('HEAD gives the headers of GET and no body; a slash at the end and other letter case are forgiven', async () => {
    const id = await newUser();
    const read = await door.get(`/Users/${id}`);
    const response = await fetch(`${door.base}/Users/${id}`, {
      method: 'HEAD',
      headers: { authorization: 'Bearer entra' },
    });
    expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([200, 'W/"1"', '']);
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(read.text)));
    expect((await door.get(`/users/${id}/`)).body).toEqual(read.body);
  });
});
