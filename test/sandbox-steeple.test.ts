/**
 * The sandbox does what Steeple documents, and what a strict SCIM server does: over real HTTP, never in process.
 * `daemon/sandbox/faults.ts` has its own book, test/sandbox-faults.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request as rawRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import SCIMMY from 'scimmy';
import { expect, onTestFinished, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { memberChanges, type Operation, settled } from '../daemon/sandbox/membership.ts';
import { sink } from '../daemon/sandbox/sink.ts';
import { type SandboxOptions, type SandboxSteeple, steeple } from '../daemon/sandbox/steeple.ts';

/** Answers are read as they come; what they must be is what the tests say. */
type Loose = ReturnType<typeof JSON.parse>;

type Answer = { status: number; headers: Headers; body: Loose };

async function call(method: string, url: string | URL, token: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

function faceOf(sandbox: SandboxSteeple) {
  const scim = (method: string, path: string, body?: unknown) =>
    call(method, `${sandbox.scimUrl}${path}`, sandbox.token, body);
  return {
    ...sandbox,
    scim,
    find: async (path: string, filter: string) =>
      (await scim('GET', `${path}?filter=${encodeURIComponent(filter)}`)).body,
    admin: async (name: string, body: unknown = {}) =>
      call('POST', new URL(`api/${name}`, sandbox.admin), sandbox.token, body),
    state: async () => (await call('GET', new URL('state', sandbox.admin), sandbox.token)).body,
    page: sandbox.admin,
    async user(userName: string, more: object = {}): Promise<string> {
      const answer = await scim('POST', '/Users', { schemas: [urn.user], userName, active: true, ...more });
      expect(answer.status).toBe(201);
      return answer.body.id;
    },
    async group(displayName: string, members: string[] = []): Promise<string> {
      const named = members.map((value) => ({ value }));
      const answer = await scim('POST', '/Groups', { schemas: [urn.group], displayName, members: named });
      expect(answer.status).toBe(201);
      return answer.body.id;
    },
    patch: (path: string, ...Operations: object[]) => scim('PATCH', path, { schemas: [urn.patch], Operations }),
    members: async (id: string): Promise<string[]> =>
      ((await scim('GET', `/Groups/${id}`)).body.members ?? []).map(({ value }: { value: string }) => value).sort(),
  };
}

async function sandboxOf(options: SandboxOptions = {}) {
  const sandbox = await steeple(options);
  onTestFinished(() => sandbox.close());
  return faceOf(sandbox);
}

/** The page's buttons, as a browser sends them. */
const click = (page: string, action: string, fields: Record<string, string>) =>
  fetch(`${page}/${action}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

test('the SCIM address answers discovery, and locations lie under it', async () => {
  const { scim, scimUrl, user } = await sandboxOf();
  expect((await scim('GET', '/ServiceProviderConfig')).body).toMatchObject({
    patch: { supported: true },
    bulk: { supported: false },
  });
  expect((await scim('GET', '/ResourceTypes')).body.Resources.map((type: Loose) => type.name).sort()).toEqual([
    'Group',
    'User',
  ]);
  expect((await scim('GET', '/Schemas')).status).toBe(200);
  const id = await user('ada@x.test');
  expect((await scim('GET', `/Users/${id}`)).body.meta.location).toBe(`${scimUrl}/Users/${id}`);
  for (const path of ['/Bulk', '/Me'])
    expect((await scim(path === '/Me' ? 'GET' : 'POST', path, path === '/Me' ? undefined : {})).status).toBe(501);
});

test('a missing or wrong bearer is a SCIM 401, on every SCIM path', async () => {
  const { scimUrl } = await sandboxOf();
  for (const path of ['/Users', '/Groups/none', '/ServiceProviderConfig']) {
    const answer = await call('GET', `${scimUrl}${path}`, 'not-the-token');
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({
      schemas: [urn.error],
      status: '401',
      detail: expect.stringContaining('token'),
    });
  }
});

test('until SSO is configured every SCIM request is refused with a SCIM 403 that says so', async () => {
  const { scim, state, admin, page } = await sandboxOf({ sso: false });
  for (const [method, path] of [
    ['GET', '/Users'],
    ['POST', '/Users'],
    ['GET', '/ServiceProviderConfig'],
  ] as const) {
    const answer = await scim(method, path, method === 'POST' ? { userName: 'ada' } : undefined);
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({
      schemas: [urn.error],
      status: '403',
      detail: expect.stringMatching(/SSO must be configured first/),
    });
  }
  expect((await admin('sync', { enabled: true })).status).toBe(409);
  expect((await state()).users).toEqual([]);
  await click(page, 'sso', { configured: 'true' });
  expect((await scim('GET', '/Users')).status).toBe(200);
  await admin('sso', { configured: false });
  expect((await scim('GET', '/Users')).status).toBe(403);
});

test('a user can be created, read, changed by PATCH and PUT, and deleted', async () => {
  const { scim, patch, user } = await sandboxOf();
  const id = await user('ada@x.test', { externalId: 'e1', name: { givenName: 'Ada' }, password: 'canary' });
  expect((await scim('GET', `/Users/${id}`)).body).toMatchObject({
    userName: 'ada@x.test',
    externalId: 'e1',
    active: true,
  });
  expect(JSON.stringify((await scim('GET', `/Users/${id}`)).body)).not.toContain('canary');

  const renamed = await patch(
    `/Users/${id}`,
    { op: 'replace', path: 'name.familyName', value: 'Lovelace' },
    { op: 'replace', path: 'active', value: false },
  );
  expect(renamed.body).toMatchObject({ name: { givenName: 'Ada', familyName: 'Lovelace' }, active: false });
  expect((await scim('PUT', `/Users/${id}`, { schemas: [urn.user], userName: 'ada@y.test' })).body).toMatchObject({
    userName: 'ada@y.test',
  });
  expect((await scim('GET', `/Users/${id}`)).body.name).toBeUndefined();

  expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204);
  expect((await scim('GET', `/Users/${id}`)).status).toBe(404);
  expect((await scim('DELETE', `/Users/${id}`)).status).toBe(404);
  expect((await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: true })).status).toBe(404);
});

test('userName is unique whatever its case, on create, PUT and PATCH, and free again after a delete', async () => {
  const { scim, patch, user } = await sandboxOf();
  const ada = await user('Ada@x.test');
  const bob = await user('bob@x.test');
  const taken = await scim('POST', '/Users', { schemas: [urn.user], userName: 'ADA@X.TEST' });
  expect(taken.status).toBe(409);
  expect(taken.body).toMatchObject({ status: '409', scimType: 'uniqueness' });
  expect((await scim('PUT', `/Users/${bob}`, { schemas: [urn.user], userName: 'aDa@x.test' })).status).toBe(409);
  expect((await patch(`/Users/${bob}`, { op: 'replace', path: 'userName', value: 'ADA@x.test' })).status).toBe(409);
  expect((await patch(`/Users/${ada}`, { op: 'replace', path: 'userName', value: 'ADA@x.test' })).status).toBe(200);
  await scim('DELETE', `/Users/${ada}`);
  await user('ada@x.test');
});

test('what RFC-strict servers refuse is refused: string booleans, broken JSON, unknown members, nonsense', async () => {
  const { scim, scimUrl, token, patch, user, group, state } = await sandboxOf();
  const ada = await user('ada@x.test');
  const staff = await group('Staff', [ada]);
  const before = await state();
  const refused = [
    await patch(`/Users/${ada}`, { op: 'Replace', path: 'active', value: 'False' }),
    await patch(`/Users/${ada}`, { op: 'replace', path: 'nonsense', value: 1 }),
    await patch(`/Users/${ada}`, { op: 'erase', path: 'active' }),
    await patch(`/Groups/${staff}`, { op: 'add', path: 'members', value: [{ value: 'nobody' }] }),
    await patch(`/Groups/${staff}`, { op: 'add', path: 'members', value: [{ display: 'Ada' }] }),
    await patch(`/Groups/${staff}`, { op: 'add', path: 'members', value: 'ada' }),
    await scim('PATCH', `/Groups/${staff}`, { schemas: [urn.patch], Operations: [null] }),
    await scim('PATCH', `/Users/${ada}`, { schemas: [urn.patch], Operations: [null] }),
    await scim('POST', '/Groups', { schemas: [urn.group] }),
    await scim('POST', '/Users', { schemas: [urn.user], displayName: 'no userName' }),
    await scim('GET', `/Users?filter=${encodeURIComponent('userName eq')}`),
  ];
  for (const answer of refused) {
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ schemas: [urn.error], status: '400', detail: expect.any(String) });
  }
  const broken = await fetch(`${scimUrl}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    body: '{"userName":',
  });
  expect(broken.status).toBe(400);
  expect(await broken.json()).toMatchObject({ schemas: [urn.error], scimType: 'invalidSyntax' });
  const after = await state();
  expect({ users: after.users, groups: after.groups }).toEqual({ users: before.users, groups: before.groups });
});

test('filters find by userName and displayName without case, by externalId and id exactly, and by member', async () => {
  const { find, user, group } = await sandboxOf();
  const ada = await user('ada@x.test', { externalId: 'E1' });
  const bob = await user('bob@x.test', { externalId: 'e1' });
  const quoted = await group('Team "A" \\ B', [ada]);
  await group('Finance – Administrators', [bob]);
  const users = async (filter: string) => (await find('/Users', filter)).Resources.map(({ id }: { id: string }) => id);
  const groups = async (filter: string) =>
    (await find('/Groups', filter)).Resources.map(({ id }: { id: string }) => id);

  expect(await users('userName eq "ADA@X.test"')).toEqual([ada]);
  expect(await users(`${urn.user}:userName eq "ada@x.test"`)).toEqual([ada]);
  expect(await users('externalId eq "E1"')).toEqual([ada]);
  expect(await users(`id eq "${bob}"`)).toEqual([bob]);
  expect(await users('userName eq "ada@x.test" and externalId eq "e1"')).toEqual([]);
  expect(await users('userName eq "nobody"')).toEqual([]);
  expect(await users('userName eq "ada@x.test" or userName eq "bob@x.test"')).toEqual([ada, bob]);
  expect(await users('userName sw "bob"')).toEqual([bob]);
  expect(await groups(`displayName eq ${JSON.stringify('team "a" \\ b')}`)).toEqual([quoted]);
  expect((await groups('displayName eq "finance – administrators"')).length).toBe(1);
  expect(await groups(`members eq "${ada}"`)).toEqual([quoted]);
  expect(await groups(`members[value eq "${ada}"]`)).toEqual([quoted]);
  expect(await groups(`id eq "${quoted}" and members eq "${ada}"`)).toEqual([quoted]);
  expect(await groups(`id eq "${quoted}" and members eq "${bob}"`)).toEqual([]);
  expect(await find('/Users', 'userName eq "nobody"')).toMatchObject({ totalResults: 0, startIndex: 1 });
});

test('paging shows everybody once, in a stable order, never more than 200 at a time', async () => {
  const { scim, user, group } = await sandboxOf();
  const ids: string[] = [];
  for (let n = 0; n < 205; n += 1) ids.push(await user(`p${n}@x.test`));
  const list = async (query: string) => (await scim('GET', `/Users?${query}`)).body;
  const seen: string[] = [];
  for (let startIndex = 1; startIndex <= ids.length; startIndex += 50) {
    const page = await list(`startIndex=${startIndex}&count=50`);
    expect(page).toMatchObject({ totalResults: 205, startIndex, itemsPerPage: page.Resources.length });
    seen.push(...page.Resources.map(({ id }: { id: string }) => id));
  }
  expect(seen).toEqual(ids);
  expect(await list('')).toMatchObject({ totalResults: 205, itemsPerPage: 100 });
  expect((await list('count=1000')).Resources.length).toBe(200);
  expect(await list('count=0')).toMatchObject({ totalResults: 205, Resources: [] });
  expect(await list('startIndex=300')).toMatchObject({ totalResults: 205, Resources: [] });
  expect((await list('startIndex=0&count=1')).Resources[0].id).toBe(ids[0]);

  const staff = await group('Staff', ids.slice(0, 3));
  expect((await scim('GET', `/Groups/${staff}`)).body.members.length).toBe(3);
  for (const query of ['excludedAttributes=members', 'attributes=displayName']) {
    expect((await scim('GET', `/Groups/${staff}?${query}`)).body.members).toBeUndefined();
    expect((await scim('GET', `/Groups?${query}`)).body.Resources[0].members).toBeUndefined();
  }
  expect((await scim('GET', '/Groups?attributes=members')).body.Resources[0].members.length).toBe(3);
});

test('a group PATCH takes members in every dialect, all or nothing, and a rename leaves them alone', async () => {
  const { scim, patch, user, group, members, find } = await sandboxOf();
  const [a, b, c] = [await user('a'), await user('b'), await user('c')];
  const id = await group('Staff', [a]);
  const path = `/Groups/${id}`;
  const add = (...ids: string[]) => ({ op: 'add', path: 'members', value: ids.map((value) => ({ value })) });

  expect((await patch(path, add(a, b))).status).toBe(204);
  expect(await members(id)).toEqual([a, b].sort());
  expect((await patch(path, { op: 'remove', path: `members[value eq "${b}"]` }, add(c))).status).toBe(204);
  expect(await members(id)).toEqual([a, c].sort());
  expect((await patch(path, { op: 'Remove', path: 'members', value: [{ value: c, $ref: null }] })).status).toBe(204);
  expect(await members(id)).toEqual([a]);
  expect((await patch(path, { op: 'replace', path: 'members', value: [{ value: b }] })).status).toBe(204);
  expect(await members(id)).toEqual([b]);
  expect(
    (await patch(path, { op: 'replace', value: { members: [{ value: a }, { value: c }], displayName: 'All' } })).status,
  ).toBe(204);
  expect(await members(id)).toEqual([a, c].sort());
  expect((await patch(path, { op: 'replace', value: { id, displayName: 'Everyone' } })).status).toBe(204);
  expect((await find('/Groups', 'displayName eq "everyone"')).totalResults).toBe(1);
  expect((await find('/Groups', 'displayName eq "staff"')).totalResults).toBe(0);
  expect(await members(id)).toEqual([a, c].sort());

  const half = await patch(path, { op: 'replace', path: 'displayName', value: 'Half' }, add(b), add('nobody'));
  expect(half.status).toBe(400);
  expect(half.body.detail).toContain('nobody');
  expect((await scim('GET', path)).body.displayName).toBe('Everyone');
  expect(await members(id)).toEqual([a, c].sort());

  expect((await patch(path, { op: 'remove', path: 'members' })).status).toBe(204);
  expect(await members(id)).toEqual([]);
  await patch(path, add(a));
  expect((await patch(path, { op: 'remove', path: 'displayName' })).status).toBe(400);
  // This one is left to SCIMMY whole.
  expect((await patch(path, { op: 'remove', path: `members[value eq "${a}" and value pr]` })).status).toBe(204);
  expect(await members(id)).toEqual([]);
});

test('member changes taken from a PATCH come to what SCIMMY would have made of it', async () => {
  const pool = fc.constantFrom('a', 'b', 'c');
  const value = fc.uniqueArray(pool, { minLength: 1, maxLength: 3 }).map((ids) => ids.map((id) => ({ value: id })));
  const operation: fc.Arbitrary<Operation> = fc.oneof(
    value.map((members) => ({ op: 'add', path: 'members', value: members })),
    value.map((members) => ({ op: 'Add', value: { members } })),
    value.map((members) => ({ op: 'replace', path: 'members', value: members })),
    value.map((members) => ({ op: 'Remove', path: 'members', value: members })),
    pool.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
    fc.tuple(pool, pool).map(([x, y]) => ({ op: 'remove', path: `members[value eq "${x}" or value eq "${y}"]` })),
    fc.constant({ op: 'remove', path: 'members' }),
    pool.map((name) => ({ op: 'replace', path: 'displayName', value: name })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(pool),
      fc.array(operation, { minLength: 1, maxLength: 5 }),
      async (held, operations) => {
        const message = { schemas: [urn.patch], Operations: structuredClone(operations) };
        const resource = { id: 'g', displayName: 'Staff', members: held.map((id) => ({ value: id })) };
        const before = new SCIMMY.Schemas.Group(resource as never, 'out');
        // SCIMMY fails on removing by value from a group that is empty; RFC 7644 §3.5.2.2 calls that no change.
        const applied = await new SCIMMY.Messages.PatchOp(message as never).apply(before).catch((refused) => {
          expect(refused.message).toContain("reading 'filter'");
          return fc.pre(false);
        });
        const after = applied ?? before;
        const theirs = new Set<string>((after.members ?? []).map(({ value }: { value: string }) => value));

        const { changes } = memberChanges(operations) ?? expect.fail('could not be told apart');
        const { adds, removes } = settled(changes, new Set(held));
        expect(new Set(held).difference(removes).union(adds)).toEqual(theirs);
      },
    ),
  );
});

test('strict mode refuses what strict servers refuse, and takes RFC 7644 as it is written', async () => {
  const { scim, patch, user, group, members } = await sandboxOf({ strict: true });
  const ids: string[] = [];
  for (let n = 0; n < 101; n += 1) ids.push(await user(`p${n}`));
  const id = await group('Staff');
  const path = `/Groups/${id}`;
  const value = (some: string[]) => some.map((value) => ({ value }));
  const filtered = (filter: string) => scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);

  expect((await patch(path, { op: 'add', path: 'members', value: value(ids.slice(0, 100)) })).status).toBe(204);
  const refused = [
    await patch(path, { op: 'add', path: 'members', value: value(ids) }),
    await patch(
      path,
      { op: 'add', path: 'members', value: value(ids.slice(50)) },
      ...ids.slice(0, 50).map((one) => ({ op: 'remove', path: `members[value eq "${one}"]` })),
    ),
    await patch(path, { op: 'replace', path: 'members', value: value([ids[0]!]) }),
    await patch(path, { op: 'Add', path: 'members', value: value([ids[100]!]) }),
    await patch(path, { op: 'replace', value: { displayName: 'All' } }),
    await patch(`/Users/${ids[0]}`, { op: 'Replace', path: 'active', value: false }),
    await filtered('userName sw "p1"'),
    await filtered('userName eq "p1" or userName eq "p2"'),
    await filtered('not (userName eq "p1")'),
    await filtered('emails[type ne "work"]'),
  ];
  for (const answer of refused) expect(answer.status).toBe(400);
  expect(refused[0]!.body.detail).toContain('101 member changes');
  expect(refused[6]!.body.scimType).toBe('invalidFilter');
  expect((await members(id)).length).toBe(100);
  expect((await filtered('userName eq "P1" and active eq true')).body.totalResults).toBe(1);
  expect((await patch(`/Users/${ids[0]}`, { op: 'replace', path: 'active', value: false })).status).toBe(200);
});

async function company() {
  const face = await sandboxOf();
  await face.admin('people', {
    people: [
      {
        userName: 'ada@x.test',
        access: [{ community: 'finance', role: 'administrator' }],
        posts: ['Welcome', 'Budget'],
      },
      { userName: 'old@x.test', access: [{ community: 'finance', role: 'contributor' }], posts: ['History'] },
      { userName: 'agency@y.test', external: true, access: [{ community: 'sales', role: 'contributor' }] },
    ],
  });
  const ada = await face.user('ADA@x.test', {
    externalId: 'e-ada',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
  });
  const bob = await face.user('bob', { emails: [{ value: 'bob@x.test', type: 'work' }] });
  const contributors = await face.group('Finance – Contributors', [ada, bob]);
  const administrators = await face.group('Finance – Administrators', [bob]);
  return { ...face, ada, bob, contributors, administrators };
}
const accessOf = (state: Loose) =>
  state.access.map((row: Loose) => `${row.userName} ${row.role} ${row.community}`).sort();
const memberOf = (state: Loose, userName: string) =>
  state.people.find((person: Loose) => person.userName === userName)?.member;

test("while synchronization is off, pushes and links are recorded and counted and change nobody's standing", async () => {
  const { admin, state, contributors } = await company();
  expect((await admin('link', { group: contributors, community: 'finance', role: 'contributor' })).status).toBe(200);
  const now = await state();
  expect(now.sync).toEqual({ enabled: false });
  expect(now.counts).toMatchObject({ users: 2, groups: 2 });
  expect(now.links).toEqual([
    { groupId: contributors, displayName: 'Finance – Contributors', community: 'finance', role: 'contributor' },
  ]);
  expect(now.people.length).toBe(3);
  expect(accessOf(now)).toEqual([
    'ada@x.test administrator finance',
    'agency@y.test contributor sales',
    'old@x.test contributor finance',
  ]);
});

test('enabling applies access: found or created, the highest role wins, the unnamed lose all, external accounts keep theirs', async () => {
  const { admin, state, contributors, bob, group } = await company();
  await admin('link', { group: contributors, community: 'finance', role: 'contributor' });
  await admin('link', { group: 'finance – administrators', community: 'finance', role: 'administrator' });
  // The lower role comes last for Bob, and must not win for that.
  await admin('link', { group: await group('Finance – Visitors', [bob]), community: 'finance', role: 'contributor' });
  expect((await admin('sync', { enabled: true })).status).toBe(200);
  const now = await state();
  expect(accessOf(now)).toEqual([
    'ADA@x.test contributor finance',
    'agency@y.test contributor sales',
    'bob administrator finance',
  ]);
  expect(now.people.map(({ userName, origin, member }: Loose) => [userName, origin, member])).toEqual([
    ['ADA@x.test', 'directory', true],
    ['old@x.test', 'hand', false],
    ['agency@y.test', 'external', true],
    ['bob', 'directory', true],
  ]);
  expect(now.posts.every(({ visible }: Loose) => visible)).toBe(true);
});

test('once enabled every SCIM write takes effect at once, and disabling freezes the organization', async () => {
  const { scim, patch, admin, state, ada, bob, contributors, administrators, user } = await company();
  await admin('link', { group: contributors, community: 'finance', role: 'contributor' });
  await admin('link', { group: administrators, community: 'finance', role: 'administrator' });
  await admin('sync', { enabled: true });

  await patch(`/Groups/${administrators}`, { op: 'add', path: 'members', value: [{ value: ada }] });
  await patch(`/Groups/${administrators}`, { op: 'remove', path: `members[value eq "${bob}"]` });
  expect(accessOf(await state())).toEqual([
    'ADA@x.test administrator finance',
    'agency@y.test contributor sales',
    'bob contributor finance',
  ]);
  await admin('link', { group: contributors, community: 'sales', role: 'administrator' });
  expect(accessOf(await state())).toEqual([
    'ADA@x.test administrator finance',
    'ADA@x.test administrator sales',
    'agency@y.test contributor sales',
    'bob administrator sales',
  ]);
  await admin('unlink', { group: contributors });
  await scim('DELETE', `/Groups/${administrators}`);
  expect(accessOf(await state())).toEqual(['agency@y.test contributor sales']);
  expect((await state()).links).toEqual([]);
  await user('eve@x.test');
  expect(memberOf(await state(), 'eve@x.test')).toBe(true);

  await admin('sync', { enabled: false });
  await scim('DELETE', `/Users/${ada}`);
  expect(memberOf(await state(), 'ADA@x.test')).toBe(true);
  await admin('sync', { enabled: true });
  expect(memberOf(await state(), 'ADA@x.test')).toBe(false);
});

test('a user disabled or deleted leaves and their posts become invisible; only support brings the posts back', async () => {
  const { scim, patch, admin, state, ada, bob, user } = await company();
  await admin('sync', { enabled: true });
  const mine = async () => (await state()).posts.filter(({ author }: Loose) => author === 'ADA@x.test');
  const active = (value: boolean) => patch(`/Users/${ada}`, { op: 'replace', path: 'active', value });

  await active(false);
  expect(memberOf(await state(), 'ADA@x.test')).toBe(false);
  expect((await mine()).map(({ visible }: Loose) => visible)).toEqual([false, false]);
  await active(true);
  expect(memberOf(await state(), 'ADA@x.test')).toBe(true);
  expect((await mine()).map(({ visible }: Loose) => visible)).toEqual([false, false]);

  expect((await admin('support/reassign', { from: 'ada@x.test', to: 'nobody' })).status).toBe(404);
  expect((await admin('support/reassign', { from: 'ada@x.test', to: 'old@x.test' })).status).toBe(409);
  expect((await admin('support/reassign', { from: 'ada@x.test', to: 'bob@x.test' })).body).toEqual({
    ok: true,
    posts: 2,
  });
  expect((await mine()).map(({ visible, assignedTo }: Loose) => [visible, assignedTo])).toEqual([
    [true, 'bob'],
    [true, 'bob'],
  ]);

  await scim('DELETE', `/Users/${bob}`);
  expect((await mine()).map(({ visible }: Loose) => visible)).toEqual([false, false]);
  expect(memberOf(await state(), 'bob')).toBe(false);
  await user('bob', { emails: [{ value: 'bob@x.test' }] });
  const back = await state();
  expect(memberOf(back, 'bob')).toBe(true);
  expect(back.people.filter(({ userName }: Loose) => userName === 'bob').length).toBe(1);
  expect((await mine()).map(({ visible }: Loose) => visible)).toEqual([false, false]);
});

test('a user already disabled when synchronization starts is a leaver, not an absentee, and an external account is neither', async () => {
  const { patch, admin, state, ada, user } = await company();
  await patch(`/Users/${ada}`, { op: 'replace', path: 'active', value: false });
  await user('agency@y.test', { active: false });
  await admin('sync', { enabled: true });
  const now = await state();
  expect(memberOf(now, 'ada@x.test')).toBe(false);
  expect(now.posts.map(({ title, visible }: Loose) => [title, visible])).toEqual([
    ['Welcome', false],
    ['Budget', false],
    ['History', true],
  ]);
  expect(memberOf(now, 'agency@y.test')).toBe(true);

  // The account follows the user it was matched to, whatever it is called when it comes back.
  await patch(
    `/Users/${ada}`,
    { op: 'replace', path: 'userName', value: 'countess' },
    { op: 'replace', path: 'active', value: true },
  );
  const back = await state();
  expect(back.people.length).toBe(now.people.length);
  expect(memberOf(back, 'countess')).toBe(true);
  expect((await admin('support/reassign', { from: 'ada@x.test', to: 'countess' })).status).toBe(404);
  expect((await admin('support/reassign', { from: 'countess', to: 'countess' })).body.posts).toBe(2);
});

test('an account made by hand is shown over SCIM and stays an absentee until a client writes it or puts it in a group', async () => {
  const { admin, state, user, patch, scim } = await sandboxOf();
  await admin('people', {
    people: ['one@x.test', 'two@x.test', 'three@x.test', 'four@x.test'].map((userName) => ({ userName })),
  });
  const shown = (await scim('GET', '/Users')).body;
  expect(shown.totalResults).toBe(4);
  const ids = new Map(shown.Resources.map(({ id, userName }: Loose) => [userName, id]));
  expect((await state()).counts).toMatchObject({ users: 0 });
  await patch(`/Users/${ids.get('one@x.test')}`, { op: 'replace', path: 'externalId', value: 'e1' });
  const again = await user('TWO@x.test');
  expect(again).toBe(ids.get('two@x.test'));
  expect((await state()).counts).toMatchObject({ users: 2 });
  await admin('sync', { enabled: true });
  const now = await state();
  expect(['one@x.test', 'TWO@x.test', 'three@x.test'].map((name) => memberOf(now, name))).toEqual([true, true, false]);
});

test('an account is found by e-mail when its userName is another, and keeps its posts', async () => {
  const { admin, state, user } = await sandboxOf();
  await admin('people', { people: [{ userName: 'legacy-17', email: 'Ada@x.test', posts: ['Welcome'] }] });
  await user('ada', { emails: [{ value: 'other@x.test' }, { value: 'ADA@x.test', primary: true }] });
  await admin('sync', { enabled: true });
  const now = await state();
  expect(now.people).toMatchObject([{ userName: 'ada', origin: 'directory', member: true }]);
  expect(now.posts).toMatchObject([{ author: 'ada', visible: true, assignedTo: null }]);
  expect((await admin('support/reassign', { from: 'ada', to: 'ada' })).body.posts).toBe(0);
});

test('an account goes to the active user of its name, whoever came first, and to one only', async () => {
  const { admin, state, user } = await sandboxOf();
  const emails = [{ value: 'ada@x.test' }];
  await admin('people', { people: [{ userName: 'ada@x.test', posts: ['Welcome'] }] });
  await user('former', { active: false, emails });
  await user('current', { emails });
  await user('twin', { emails });
  await admin('sync', { enabled: true });
  const now = await state();
  expect(now.people.map(({ userName, member }: Loose) => [userName, member])).toEqual([
    ['current', true],
    ['twin', true],
  ]);
  expect(now.posts).toMatchObject([{ author: 'current', visible: true }]);
});

test('invitation e-mails go to people who are new, only when the option is on, and can be read', async () => {
  const { admin, state, user } = await company();
  await admin('sync', { enabled: true });
  expect((await state()).invitations).toEqual([]);
  await admin('invitations', { enabled: true });
  await user('eve', { emails: [{ value: 'eve@x.test', primary: true }] });
  await user('old@x.test');
  expect((await state()).invitations).toMatchObject([
    { to: 'eve@x.test', subject: expect.any(String), text: expect.stringContaining('eve') },
  ]);
});

test('communities are listed by the public API, twenty a page, with its own token', async () => {
  const communities = Array.from({ length: 45 }, (_, n) => ({ id: `c${n}`, name: `Community ${n}` }));
  const { apiUrl, apiToken, token } = await sandboxOf({ communities });
  const list = (query: string) => call('GET', `${apiUrl}/v1/communities${query}`, apiToken);
  expect((await list('')).body).toEqual({
    data: communities.slice(0, 20),
    meta: { pagination: { total: 45, page: 1, per_page: 20 } },
  });
  expect((await list('?page=3')).body.data).toEqual(communities.slice(40));
  expect((await list('?page=2&per_page=30')).body).toMatchObject({
    data: communities.slice(30),
    meta: { pagination: { page: 2, per_page: 30 } },
  });
  expect((await list('?page=9')).body.data).toEqual([]);
  expect((await call('GET', `${apiUrl}/v1/communities`, token)).status).toBe(401);
});

test('the integrations page says it is a sandbox, reveals the credentials on Show, links and enables', async () => {
  const { page, scimUrl, token, user, group, state, find } = await sandboxOf({ sso: false });
  const read = async (query = '') => (await fetch(`${page}${query}`)).text();
  expect(await read()).toContain('This is not Steeple');
  expect(await read()).toContain('SSO only: no SCIM provisioning');
  expect(await read()).not.toContain('Identification</h2>');
  expect((await click(page, 'sync', { enabled: 'true' })).status).toBe(409);
  expect((await click(page, 'sso', { configured: 'true' })).status).toBe(303);
  expect((await click(page, 'install', { provider: 'entra' })).status).toBe(303);
  expect((await click(page, 'install', { provider: 'google' })).status).toBe(400);
  expect(await read()).toContain('Identification</h2>');
  expect(await read()).not.toContain(token);
  const revealed = await read('?show=identification');
  expect(revealed).toContain(scimUrl);
  expect(revealed).toContain(token);

  const ada = await user('ada@x.test');
  const id = await group('<script>alert("Finance")</script>', [ada]);
  expect((await find('/Groups', `id eq "${id}"`)).Resources[0].displayName).toContain('<script>');
  expect(await read()).toContain('&lt;script&gt;');
  expect(await read()).not.toContain('<script');
  expect(await read()).toMatch(/<strong>1<\/strong> users/);
  expect((await click(page, 'link', { group: id, community: 'nowhere', role: 'contributor' })).status).toBe(404);
  await click(page, 'link', { group: id, community: 'finance', role: 'administrator' });
  await click(page, 'invitations', { enabled: 'true' });
  await click(page, 'sync', { enabled: 'true' });
  const now = await state();
  expect(now.access).toEqual([{ userName: 'ada@x.test', community: 'finance', role: 'administrator' }]);
  expect(now.invitations.length).toBe(1);
  expect(await read()).toContain('Disable synchronization');
});

test('no other web page can drive the administration: foreign origins and foreign host names are refused', async () => {
  const { page, state, token } = await sandboxOf();
  const asked = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const url = new URL(path, page);
      const request = rawRequest(
        { host: url.hostname, port: url.port, path: url.pathname, method, headers },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject).end(method === 'POST' ? 'enabled=true' : undefined);
    });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await asked('POST', 'integrations/sync', { ...form, origin: 'https://evil.test' })).toBe(403);
  expect(await asked('POST', 'integrations/sync', { ...form, origin: 'null' })).toBe(403);
  expect(await asked('GET', 'integrations', { host: 'evil.test' })).toBe(403);
  expect(await asked('GET', 'state', {})).toBe(401);
  expect(await asked('GET', 'state', { authorization: `Bearer ${token}` })).toBe(200);
  expect((await state()).sync.enabled).toBe(false);
  expect(await asked('POST', 'integrations/sync', { ...form, origin: new URL(page).origin })).toBe(303);
});

test('admin calls refuse what they do not understand, and name it', async () => {
  const { admin, group } = await sandboxOf();
  await group('Twins');
  await group('twins');
  const answers = [
    [await admin('sync', { enabled: 'yes' }), 400, 'enabled'],
    [await admin('link', { group: 'Twins', community: 'finance', role: 'owner' }), 400, 'role'],
    [await admin('link', { group: 'Twins', community: 'finance', role: 'contributor' }), 409, '2 groups'],
    [await admin('link', { group: 'Nobody', community: 'finance', role: 'contributor' }), 404, 'Nobody'],
    [
      await admin('people', { people: [{ userName: 'a', access: [{ community: 'no', role: 'contributor' }] }] }),
      404,
      "'no'",
    ],
    [await admin('faults', { rules: [{ fault: 'drop-after', path: '(' }] }), 400, 'regular expression'],
  ] as const;
  for (const [answer, status, named] of answers) {
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ ok: false, message: expect.stringContaining(named) });
  }
});

test('the request log counts every SCIM write that arrived, applied or not, and can be cleared', async () => {
  const { scim, patch, user, state, admin, apiUrl, apiToken } = await sandboxOf();
  const ada = await user('ada@x.test');
  await scim('POST', '/Users', { schemas: [urn.user], userName: 'ada@x.test' });
  await scim('GET', '/Users?count=1');
  await scim('POST', '/.search', { schemas: [urn.search], filter: 'userName eq "ada@x.test"' });
  await patch(`/Users/${ada}`, { op: 'replace', path: 'active', value: true });
  await call('GET', `${apiUrl}/v1/communities`, apiToken);
  const { writes, counts, requests } = await state();
  expect(writes).toBe(3);
  expect(counts).toMatchObject({ requests: 6, reads: 3, writes: 3 });
  expect(requests.map((each: Loose) => [each.method, each.status, each.applied])).toEqual([
    ['POST', 201, true],
    ['POST', 409, false],
    ['GET', 200, false],
    ['POST', 200, false],
    ['PATCH', 204, true],
    ['GET', 200, false],
  ]);
  expect(requests[2]).toMatchObject({
    path: expect.stringMatching(/\/Users$/),
    query: 'count=1',
    at: expect.any(Number),
  });
  await admin('requests/clear');
  expect(await state()).toMatchObject({ writes: 0, requests: [], users: [{ userName: 'ada@x.test' }] });
});

test('two sandboxes in one process share no people and no addresses, even when asked at the same time', async () => {
  const [one, two] = [await sandboxOf(), await sandboxOf({ strict: true })];
  const both = [one, two, one, two, one, two, one, two];
  await Promise.all(
    both.map(async ({ scim, scimUrl }, n) => {
      const answer = await scim('POST', '/Users', { schemas: [urn.user], userName: `p${n}@x.test` });
      expect(answer.body.meta.location.startsWith(`${scimUrl}/Users/`)).toBe(true);
      const read = await scim('GET', '/Users');
      for (const { meta } of read.body.Resources) expect(meta.location.startsWith(scimUrl)).toBe(true);
    }),
  );
  const names = async (face: typeof one) => (await face.state()).users.map(({ userName }: Loose) => userName).sort();
  expect(await names(one)).toEqual(['p0@x.test', 'p2@x.test', 'p4@x.test', 'p6@x.test']);
  expect(await names(two)).toEqual(['p1@x.test', 'p3@x.test', 'p5@x.test', 'p7@x.test']);
  expect((await one.scim('GET', '/ServiceProviderConfig')).body.authenticationSchemes.length).toBe(1);
  expect((await call('GET', `${one.scimUrl}/Users`, two.token)).status).toBe(401);
});

test('a data directory keeps the organization and its tokens across a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'sandbox-'));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const first = await steeple({ data, communities: [{ id: 'c', name: 'C' }] });
  const face = faceOf(first);
  const ada = await face.user('ada@x.test');
  await face.group('Staff', [ada]);
  await face.admin('people', { people: [{ userName: 'old@x.test', posts: ['History'] }] });
  await face.admin('link', { group: 'Staff', community: 'c', role: 'administrator' });
  await face.admin('sync', { enabled: true });
  const before = await face.state();
  await first.close();

  const again = await sandboxOf({ data });
  expect([again.token, again.apiToken]).toEqual([first.token, first.apiToken]);
  const { requests: _, counts: __, writes: ___, ...kept } = await again.state();
  const { requests: ____, counts: _____, writes: ______, ...held } = before;
  expect(kept).toEqual(held);
  await again.scim('DELETE', `/Users/${ada}`);
  expect((await again.state()).access).toEqual([]);
});

test('the sink answers like a service provider and counts what it was sent', async () => {
  const drain = await sink({ latencyMs: 5 });
  onTestFinished(() => drain.close());
  const send = (method: string, path: string, body?: unknown) =>
    call(method, `${drain.scimUrl}${path}`, drain.token, body);
  expect((await send('GET', '/Users?count=1')).body).toMatchObject({ schemas: [urn.list], totalResults: 0 });
  const [one, two] = [await send('POST', '/Users', { userName: 'a' }), await send('POST', '/Users', { userName: 'b' })];
  expect([one.status, one.body.userName, one.body.id === two.body.id]).toEqual([201, 'a', false]);
  expect((await send('PATCH', `/Users/${one.body.id}`, {})).status).toBe(204);
  expect((await send('DELETE', `/Users/${one.body.id}`)).status).toBe(204);
  const { meanMs, ...counts } = drain.counts();
  expect(counts).toEqual({ requests: 5, reads: 1, posts: 2, puts: 0, patches: 1, deletes: 1 });
  expect(meanMs).toBeGreaterThan(3); // each by 1 ms sooner than said at most, where others came late
});
