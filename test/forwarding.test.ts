/** From an accepted push to Steeple: real stores, real forwarder, a proxy that misbehaves, and the sandbox behind it. */
import { afterEach, expect, test } from 'vitest';
import { type SandboxSteeple, steeple } from '../daemon/sandbox/steeple.ts';
import { gatekeeper } from './gatekeeper.ts';
import { type Rig, rig } from './rig.ts';

type Stage = { box: SandboxSteeple; gate: Awaited<ReturnType<typeof gatekeeper>>; relay: Rig };
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function stage(options: { strict?: boolean } = {}): Promise<Stage> {
  const box = await steeple(options);
  const gate = await gatekeeper(box.scimUrl);
  const relay = await rig({ url: gate.url, token: box.token });
  open.push(box.close, gate.close, relay.close);
  return { box, gate, relay };
}

type State = {
  users: { id: string; userName: string; externalId: string | null; active: boolean }[];
  groups: { id: string; displayName: string; members: string[] }[];
  writes: number;
};
async function state({ box }: Pick<Stage, 'box'>): Promise<State> {
  const url = box.admin.replace(/integrations$/, 'state?parts=users,groups,writes');
  const { users, groups, writes } = (await (
    await fetch(url, { headers: { authorization: `Bearer ${box.token}` } })
  ).json()) as State;
  return { users, groups, writes };
}
/** Groups by name, with the userNames in them: what a person would compare. */
async function shape(where: Pick<Stage, 'box'>): Promise<Record<string, string[]>> {
  const { users, groups } = await state(where);
  const names = new Map(users.map(({ id, userName }) => [id, userName]));
  return Object.fromEntries(
    groups.map(({ displayName, members }) => [displayName, members.map((id) => names.get(id) ?? id).sort()]).sort(),
  );
}
const scim = (box: SandboxSteeple, method: string, path: string, body?: object) =>
  fetch(`${box.scimUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${box.token}`, 'content-type': 'application/scim+json' },
    ...(body && { body: JSON.stringify(body) }),
  });

/** Ada and Ben in Finance as contributors, Ada as administrator too, Cho in Sales. */
async function finance(relay: Rig) {
  const [ada, ben, cho] = [
    await relay.user('ada@x.test'),
    await relay.user('ben@x.test'),
    await relay.user('cho@x.test'),
  ];
  const contributors = await relay.group('fin-c', [ada, ben]);
  const administrators = await relay.group('fin-a', [ada]);
  const sales = await relay.group('sales-c', [cho, ben]);
  await relay.map([
    [contributors, 'finance', 'contributor'],
    [administrators, 'finance', 'administrator'],
    [sales, 'sales', 'contributor'],
  ]);
  return { ada, ben, cho, contributors, administrators, sales };
}

test('G1 nothing but reads reaches Steeple before sync is enabled, whatever is pushed, mapped and planned', async () => {
  const { gate, relay } = await stage();
  const { ada, contributors } = await finance(relay);
  await relay.scan();
  await relay.planning.preview(Date.now());
  await relay.patchUser(ada, { active: false });
  await relay.members(contributors, 'remove', [ada]);
  await relay.planning.reconcile(Date.now());
  relay.sender.wake();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(gate.seen.length).toBeGreaterThan(0);
  expect(gate.writes()).toEqual([]);
});

test('P1 P2 D9 after enabling Steeple equals desired, and planning again yields nothing', async () => {
  const where = await stage();
  const { relay } = where;
  await finance(relay);
  await relay.enable();
  expect(await relay.settle()).toBe(true);
  expect(await shape(where)).toEqual({
    'finance – Administrators': ['ada@x.test'],
    'finance – Contributors': ['ben@x.test'],
    'sales – Contributors': ['ben@x.test', 'cho@x.test'],
  });
  await relay.scan();
  const again = await relay.planning.preview(Date.now());
  expect(again.total).toMatchObject({ people: 0, operations: 0 });
});

test('P3 an account no source names is never written to, and is listed', async () => {
  const { box, gate, relay } = await stage();
  const made = (await (
    await scim(box, 'POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'stranger@x.test',
    })
  ).json()) as { id: string };
  await finance(relay);
  const plan = await relay.enable();
  expect(plan.strangers.map(({ userName }) => userName)).toEqual(['stranger@x.test']);
  await relay.settle();
  expect(gate.writes().filter(({ path, body }) => `${path} ${body}`.includes(made.id))).toEqual([]);
});

test('P3 a person who was inactive from the first push is never sent, nor is an account of their name touched', async () => {
  const { box, gate, relay } = await stage();
  await scim(box, 'POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'dan@x.test',
  });
  await relay.user('dan@x.test', { active: false });
  await relay.user('eva@x.test', { active: false });
  const plan = await relay.enable();
  await relay.settle();
  expect(plan.strangers.map(({ userName }) => userName)).toEqual(['dan@x.test']);
  expect(gate.writes()).toEqual([]);
  expect(await relay.held()).toEqual([]);
});

test('an account Steeple already has under the same name is adopted, not made twice', async () => {
  const where = await stage();
  const { box, relay } = where;
  await scim(box, 'POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ADA@x.test',
  });
  await finance(relay);
  const plan = await relay.enable();
  expect(plan.summary).toMatchObject({ create: 2, adopt: 1 });
  await relay.settle();
  const { users } = await state(where);
  expect(users.map(({ userName, externalId }) => [userName.toLowerCase(), externalId]).sort()).toEqual([
    ['ada@x.test', 'ext-ada@x.test'],
    ['ben@x.test', 'ext-ben@x.test'],
    ['cho@x.test', 'ext-cho@x.test'],
  ]);
});

test('G2 a plan whose removals have changed since is refused, and the new plan is named', async () => {
  const { box, gate, relay } = await stage();
  await scim(box, 'POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada@x.test',
  });
  const { ada, ben } = await finance(relay);
  await relay.scan();
  const plan = await relay.planning.preview(Date.now());
  await relay.patchUser(ben, { displayName: 'Benjamin' });
  await relay.patchUser(ada, { active: false });
  const refusal = await relay.planning.enable(plan.id, 'test', Date.now()).catch((thrown: Error) => thrown);
  const named = /plan-[0-9a-f]{16}/g.exec((refusal as Error).message.replace(plan.id, ''))?.[0] ?? '';
  expect(relay.page(named, 0, 1).strangers.map(({ userName }) => userName)).toEqual(['ada@x.test']);
  expect(relay.settings.get('sync').state).toBe('off');
  expect(gate.writes()).toEqual([]);
  await relay.planning.enable(named, 'test', Date.now());
  expect(relay.settings.get('sync')).toMatchObject({ state: 'on', plan: named });
});

test('G2 additions alone do not make a plan stale', async () => {
  const { relay } = await stage();
  await finance(relay);
  await relay.scan();
  const plan = await relay.planning.preview(Date.now());
  await relay.user('new@x.test');
  await relay.planning.enable(plan.id, 'test', Date.now());
  expect(relay.settings.get('sync').state).toBe('on');
});

test('G3 G7 a removal waits for a person while the same person’s other changes, and everybody else’s, flow', async () => {
  const where = await stage();
  const { relay } = where;
  const { ada, ben, sales } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.patchUser(ben, { active: false, displayName: 'Ben the Leaver' });
  await relay.members(sales, 'add', [ada]);
  await relay.settle();
  const [item, ...more] = await relay.held();
  expect(item).toMatchObject({ kind: 'remove', userName: 'ben@x.test', state: 'held', rule: 'removal' });
  expect(more).toEqual([]);
  expect((await state(where)).users.every(({ active }) => active)).toBe(true);
  expect(await shape(where)).toEqual({
    'finance – Administrators': ['ada@x.test'],
    'finance – Contributors': ['ben@x.test'],
    'sales – Contributors': ['ada@x.test', 'ben@x.test', 'cho@x.test'],
  });
  const found = (await (await scim(where.box, 'GET', '/Users?filter=userName eq "ben@x.test"')).json()) as {
    Resources: { displayName: string }[];
  };
  expect(found.Resources[0]?.displayName).toBe('Ben the Leaver');

  await relay.decide('approve', item?.id ?? 0);
  await relay.settle();
  expect((await state(where)).users.find(({ userName }) => userName === 'ben@x.test')?.active).toBe(false);
  expect((await shape(where))['sales – Contributors']).toEqual(['ada@x.test', 'cho@x.test']);
  expect((await relay.reviews.show(item?.id ?? 0)).state).toBe('sent');
});

test('G4 a kept person stays, also when the source repeats itself, until it changes its mind', async () => {
  const where = await stage();
  const { relay } = where;
  const { ben } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.patchUser(ben, { active: false });
  await relay.settle();
  const item = (await relay.held())[0]?.id ?? 0;
  await relay.decide('keep', item);
  await relay.patchUser(ben, { active: false, title: 'again' });
  await relay.settle();
  expect((await relay.reviews.show(item)).state).toBe('kept');
  expect((await state(where)).users.every(({ active }) => active)).toBe(true);
  await relay.patchUser(ben, { active: true });
  await relay.settle();
  expect((await relay.reviews.show(item)).state).toBe('withdrawn');
  await relay.patchUser(ben, { active: false });
  await relay.settle();
  expect((await relay.held()).map(({ userName, id }) => [userName, id > item])).toEqual([['ben@x.test', true]]);
});

test('G5 an approved removal that the source undoes before it left is never sent', async () => {
  const { gate, relay } = await stage();
  const { ben } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.patchUser(ben, { active: false });
  await relay.settle();
  const item = (await relay.held())[0]?.id ?? 0;
  const before = gate.writes().length;
  await relay.decide('approve', item);
  await relay.patchUser(ben, { active: true });
  await relay.settle();
  expect((await relay.reviews.show(item)).state).toBe('withdrawn');
  expect(gate.writes().slice(before)).toEqual([]);
});

test('G8 every decision is in the journal: who, when, what and why', async () => {
  const { relay } = await stage();
  const { ben } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.patchUser(ben, { active: false });
  await relay.settle();
  const item = (await relay.held())[0]?.id ?? 0;
  await relay.decide('keep', item);
  await relay.decide('undo', item);
  await relay.decide('approve', item);
  const decisions = relay.journal
    .tail(50)
    .filter(({ kind }) => kind === 'decision')
    .map(({ actor, body }) => [actor, (body as { what: string }).what]);
  expect(decisions.slice(0, 4)).toEqual([
    ['reviewer', 'review.approve'],
    ['reviewer', 'review.undo'],
    ['reviewer', 'review.keep'],
    ['test', 'sync.enable'],
  ]);
  expect(relay.journal.tail(1)[0]).toMatchObject({
    subject: ben,
    body: { item, reason: 'test', change: { kind: 'remove' } },
  });
});

test('G8 under the two-person policy one approval is not enough, and the same person cannot give both', async () => {
  const { relay } = await stage();
  const { ben } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.patchUser(ben, { active: false });
  await relay.settle();
  const id = (await relay.held())[0]?.id ?? 0;
  const approve = (by: string) =>
    relay.reviews.decide([id], { event: 'approve', by, reason: 'left', at: 1, twoPerson: true });
  expect((await approve('ann'))[0]).toMatchObject({ state: 'held', decided_by: 'ann' });
  await expect(approve('ann')).rejects.toThrow('two different people');
  expect((await approve('bob'))[0]).toMatchObject({ state: 'approved', decided_by: 'bob' });
});

test('D1 one write per resource is on its way at a time, while others proceed', async () => {
  const { gate, relay } = await stage();
  const people = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => relay.user(`${name}@x.test`)));
  const team = await relay.group('team', people);
  await relay.map([[team, 'finance', 'contributor']]);
  await relay.enable();
  gate.delay(30);
  await relay.settle();
  for (const [at, id] of people.entries()) await relay.patchUser(id, { displayName: `Person ${at}` });
  await relay.planning.reconcile(Date.now());
  relay.sender.wake();
  for (const [at, id] of people.entries()) await relay.patchUser(id, { displayName: `Person ${at} again` });
  await relay.settle();
  const writes = gate.writes();
  const overlap = (a: (typeof writes)[number], b: (typeof writes)[number]) =>
    a.startedAt < b.endedAt && b.startedAt < a.endedAt;
  const pairs = writes.flatMap((a, at) => writes.slice(at + 1).map((b) => [a, b] as const));
  expect(pairs.filter(([a, b]) => a.method === 'PATCH' && a.path === b.path && overlap(a, b))).toEqual([]);
  expect(pairs.some(([a, b]) => a.path !== b.path && overlap(a, b))).toBe(true);
});

test.each(['drop-after', 'drop-before'] as const)(
  'D2 a create whose answer is lost (%s) makes nobody twice',
  async (fault) => {
    const where = await stage();
    const { gate, relay } = where;
    await finance(relay);
    const lost = new Set<string>();
    gate.interfere(({ method, path, body }) => {
      const key = `${method} ${path} ${body}`;
      if (method === 'GET' || lost.has(key)) return undefined;
      lost.add(key);
      return fault;
    });
    await relay.enable();
    expect(await relay.settle()).toBe(true);
    const { users, groups } = await state(where);
    expect(users.map(({ userName }) => userName).sort()).toEqual(['ada@x.test', 'ben@x.test', 'cho@x.test']);
    expect(groups).toHaveLength(3);
    expect(await shape(where)).toMatchObject({ 'sales – Contributors': ['ben@x.test', 'cho@x.test'] });
    expect(lost.size).toBeGreaterThanOrEqual(9);
  },
);

const nothingFound = {
  status: 200,
  body: JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 0,
    Resources: [],
  }),
};
test('D2 a group whose creation is carried out after it was looked for in vain is there once', async () => {
  const where = await stage();
  const { gate, relay } = where;
  await finance(relay);
  const name = 'sales – Contributors';
  let posts = 0;
  // The first answer is lost, and the look after it sees nothing yet.
  gate.interfere(({ method, path, body }) => {
    if (method === 'POST' && path === '/Groups' && body.includes(name)) return ++posts === 1 ? 'drop-after' : undefined;
    if (posts === 1 && method === 'GET' && path.startsWith('/Groups?')) return nothingFound;
    return undefined;
  });
  await relay.enable();
  expect(await relay.settle()).toBe(true);
  expect(posts).toBe(2);
  expect((await state(where)).groups.map(({ displayName }) => displayName).sort()).toEqual([
    'finance – Administrators',
    'finance – Contributors',
    name,
  ]);
  expect((await shape(where))[name]).toEqual(['ben@x.test', 'cho@x.test']);
});

test('D2 of two groups of ours the one with people in it stays, and one that somebody filled is not deleted', async () => {
  const where = await stage();
  const { box, relay } = where;
  await finance(relay);
  await relay.enable();
  await relay.settle();
  const name = 'sales – Contributors';
  const target = relay.db
    .prepare<{ name: string }, { target: string; id: string }>(
      'SELECT target, steeple_id AS id FROM observed_group WHERE display_name = @name',
    )
    .get({ name });
  const { users } = await state(where);
  const ada = users.find(({ userName }) => userName === 'ada@x.test')?.id;
  for (const members of [[], [{ value: ada }]])
    await scim(box, 'POST', '/Groups', { schemas: [], displayName: name, externalId: target?.target, members });
  relay.observed.apply({ kind: 'group-gone', target: target?.target ?? '' }, Date.now());
  await relay.planning.owe('all');
  expect(await relay.settle()).toBe(true);
  const { groups } = await state(where);
  const left = groups.filter(({ displayName }) => displayName === name);
  expect(left.map(({ id, members }) => [id === target?.id, members.length])).toEqual([
    [true, 2],
    [false, 1],
  ]);
});

test('D2 a group of ours whose members Steeple does not name is not deleted as an empty one', async () => {
  const where = await stage();
  const { box, gate, relay } = where;
  await finance(relay);
  await relay.enable();
  await relay.settle();
  const name = 'sales – Contributors';
  const { target } = relay.db
    .prepare<{ name: string }, { target: string }>('SELECT target FROM observed_group WHERE display_name = @name')
    .get({ name }) as { target: string };
  await scim(box, 'POST', '/Groups', { schemas: [], displayName: name, externalId: target });
  gate.interfere(({ method, path }) => {
    const id = /^\/Groups\/([^/?]+)/.exec(path)?.[1];
    if (method !== 'GET' || id === undefined) return undefined;
    return { status: 200, body: JSON.stringify({ schemas: [], id, displayName: name, externalId: target }) };
  });
  relay.observed.apply({ kind: 'group-gone', target }, Date.now());
  await relay.planning.owe('all');
  await relay.settle();
  gate.interfere(() => undefined);
  const { groups } = await state(where);
  expect(groups.filter(({ displayName }) => displayName === name)).toHaveLength(2);
});

test('D2 of somebody who is not to be created any more one "not there" is not believed', async () => {
  const where = await stage();
  const { gate, relay } = where;
  const ada = await relay.user('ada@x.test');
  await relay.enable();
  let lost = false;
  let looks = 0;
  gate.interfere(({ method, path }) => {
    if (method === 'POST' && !lost) {
      lost = true;
      return 'drop-after';
    }
    if (method !== 'GET' || !lost || !path.startsWith('/Users?')) return undefined;
    looks += 1;
    // By externalId and by userName: the first look is answered from before the creation.
    return looks > 2 ? undefined : nothingFound;
  });
  await relay.planning.reconcile(Date.now());
  relay.sender.wake();
  await expect.poll(() => lost).toBe(true);
  await relay.patchUser(ada, { active: false });
  expect(await relay.settle()).toBe(true);
  // It is ours, so switching it off waits for somebody.
  expect(await relay.held()).toMatchObject([{ kind: 'remove', userName: 'ada@x.test' }]);
});

test('D2 after a lost answer it looks before it writes again', async () => {
  const { gate, relay } = await stage();
  await relay.user('ada@x.test');
  let dropped = false;
  gate.interfere(({ method }) => {
    if (method !== 'POST' || dropped) return undefined;
    dropped = true;
    return 'drop-after';
  });
  await relay.enable();
  await relay.settle();
  const after = gate.seen.slice(gate.seen.findIndex(({ method }) => method === 'POST') + 1);
  expect(after.map(({ method, path }) => `${method} ${path.split('?')[0]}`)[0]).toBe('GET /Users');
  expect(gate.writes().filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('D2 a process that stops with a write on its way looks for it after the restart', async () => {
  const where = await stage();
  const { box, gate, relay } = where;
  await relay.user('ada@x.test');
  await relay.enable();
  await relay.planning.reconcile(Date.now());
  // Claimed and sent, and then the process is gone before the answer.
  const [job] = await relay.outbox.claim(Date.now(), 1, 100);
  expect(job?.kind).toBe('user.create');
  await scim(box, 'POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada@x.test',
    externalId: 'ext-ada@x.test',
  });
  const next = await rig({ url: gate.url, token: box.token }, { file: relay.file });
  open.push(next.close);
  await next.outbox.recover();
  expect(await next.settle()).toBe(true);
  expect((await state(where)).users).toHaveLength(1);
});

test('D3 Retry-After is obeyed, and nothing is lost to it', async () => {
  const where = await stage();
  const { gate, relay } = where;
  await relay.user('ada@x.test');
  let refusedAt = 0;
  gate.interfere(({ method }) => {
    if (method !== 'POST' || refusedAt > 0) return undefined;
    refusedAt = performance.now();
    return { status: 429, headers: { 'retry-after': '1' } };
  });
  await relay.enable();
  await relay.settle();
  const again = gate.seen.filter(({ method, startedAt }) => method === 'POST' && startedAt > refusedAt);
  expect(again[0]?.startedAt).toBeGreaterThanOrEqual(refusedAt + 950);
  expect((await state(where)).users).toHaveLength(1);
});

test('D3 a delivery that waits for its next try is still owed after a restart', async () => {
  const where = await stage();
  const { box, gate, relay } = where;
  await relay.user('ada@x.test');
  gate.interfere(({ method }) => (method === 'POST' ? { status: 503, headers: { 'retry-after': '1' } } : undefined));
  await relay.enable();
  await relay.settle(300);
  expect(await relay.outbox.counts()).toMatchObject({ owed: 1 });
  await relay.sender.stop();
  gate.interfere(() => undefined);
  const next = await rig({ url: gate.url, token: box.token }, { file: relay.file });
  open.push(next.close);
  expect(await next.settle()).toBe(true);
  expect((await state(where)).users).toHaveLength(1);
});

test('D4 a refused token stops everything, nothing is lost, and a new token sets it going', async () => {
  const where = await stage();
  const { box, gate, relay } = where;
  await finance(relay);
  await relay.enable();
  await relay.reconnect({ url: gate.url, token: 'wrong' });
  await relay.settle(500);
  expect(relay.sender.circuit()).toMatchObject({ state: 'open' });
  expect(relay.sender.circuit().remedy).toContain('upstream set');
  const tried = gate.seen.length;
  await relay.settle(300);
  expect(gate.seen.length).toBe(tried);
  await relay.reconnect({ url: gate.url, token: box.token });
  expect(await relay.settle()).toBe(true);
  expect((await state(where)).users).toHaveLength(3);
});

test('D5 what Steeple refuses for good becomes a dead letter with cause and remedy, and others proceed', async () => {
  const where = await stage();
  const { gate, relay } = where;
  const { ben } = await finance(relay);
  gate.interfere(({ method, body }) =>
    method === 'POST' && body.includes('ben@x.test')
      ? { status: 400, body: JSON.stringify({ detail: 'name.familyName is required', status: '400', schemas: [] }) }
      : undefined,
  );
  await relay.enable();
  await relay.settle(1500);
  const { items } = await relay.outbox.list('dead', 0, 10);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ kind: 'user.create', status: 400 });
  expect(items[0]?.cause).toContain('name.familyName is required');
  expect(items[0]?.remedy).not.toBe('');
  expect((await state(where)).users).toHaveLength(2);

  // Corrected at the source, the new push replaces it.
  gate.interfere(() => undefined);
  await relay.patchUser(ben, { 'name.familyName': 'Ng' });
  await relay.settle();
  expect((await state(where)).users).toHaveLength(3);
  expect((await relay.outbox.counts()).dead).toBe(0);
});

test('D6 one 404 on an update is no proof: the account is found by name and written to, not made again', async () => {
  const where = await stage();
  const { gate, relay } = where;
  const { ada } = await finance(relay);
  await relay.enable();
  await relay.settle();
  let lied = false;
  gate.interfere(({ method, path }) => {
    if (method !== 'PATCH' || !path.startsWith('/Users/') || lied) return undefined;
    lied = true;
    return { status: 404, body: JSON.stringify({ detail: 'not found', status: '404', schemas: [] }) };
  });
  const posts = gate.writes().filter(({ method }) => method === 'POST').length;
  await relay.patchUser(ada, { displayName: 'Ada L.' });
  expect(await relay.settle()).toBe(true);
  expect(lied).toBe(true);
  expect(gate.writes().filter(({ method }) => method === 'POST')).toHaveLength(posts);
  const found = (await (await scim(where.box, 'GET', '/Users?filter=userName eq "ada@x.test"')).json()) as {
    Resources: { displayName: string }[];
  };
  expect(found.Resources.map(({ displayName }) => displayName)).toEqual(['Ada L.']);
});

test('D6 an account that was deleted in Steeple is made again, with its access, and nobody else is touched', async () => {
  const where = await stage();
  const { box, relay } = where;
  const { ada } = await finance(relay);
  await relay.enable();
  await relay.settle();
  const gone = (await state(where)).users.find(({ userName }) => userName === 'ada@x.test')?.id ?? '';
  await scim(box, 'DELETE', `/Users/${gone}`);
  await relay.patchUser(ada, { displayName: 'Ada L.' });
  expect(await relay.settle()).toBe(true);
  expect(await shape(where)).toMatchObject({ 'finance – Administrators': ['ada@x.test'] });
  expect((await state(where)).users).toHaveLength(3);
});

test('D6 an account that was deleted and made again in Steeple under another id is linked anew', async () => {
  const where = await stage();
  const { box, relay } = where;
  const { ada } = await finance(relay);
  await relay.enable();
  await relay.settle();
  const gone = (await state(where)).users.find(({ userName }) => userName === 'ada@x.test')?.id ?? '';
  await scim(box, 'DELETE', `/Users/${gone}`);
  await scim(box, 'POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada@x.test',
    externalId: 'ext-ada@x.test',
  });
  await relay.patchUser(ada, { displayName: 'Ada L.' });
  expect(await relay.settle()).toBe(true);
  expect((await state(where)).users).toHaveLength(3);
  expect((await relay.explaining.why('ada@x.test', Date.now())).inSteeple?.steepleId).not.toBe(gone);
});

test.each(['deactivate', 'delete'] as const)(
  'D6 D9 while something in front of Steeple answers 404 to everything, nobody is taken for gone (%s)',
  async (removal) => {
    const where = await stage();
    const { gate, relay } = where;
    relay.settings.set('policy', { ...relay.settings.get('policy'), removal });
    const { ada, ben, sales } = await finance(relay);
    await relay.enable();
    await relay.settle();
    const before = await state(where);
    await relay.patchUser(ben, { active: false });
    await relay.settle();
    const held = await relay.held();
    gate.interfere(() => ({ status: 404, body: 'default backend - 404' }));
    await relay.decide('approve', ...held.map(({ id }) => id));
    await relay.patchUser(ada, { displayName: 'Ada L.' });
    await relay.members(sales, 'add', [ada]);
    expect(await relay.settle(1500)).toBe(false);
    expect((await relay.explaining.why('ben@x.test', Date.now())).inSteeple).not.toBeNull();
    gate.interfere(() => undefined);
    expect(await relay.settle()).toBe(true);
    const after = await state(where);
    expect(after.users.find(({ userName }) => userName === 'ben@x.test')?.active ?? false).toBe(false);
    expect(after.users.filter(({ userName }) => userName !== 'ben@x.test').map(({ id }) => id)).toEqual(
      before.users.filter(({ userName }) => userName !== 'ben@x.test').map(({ id }) => id),
    );
    expect(await shape(where)).toMatchObject({ 'sales – Contributors': ['ada@x.test', 'cho@x.test'] });
  },
);

test('D4 an outage that ends with a refused token says so, and what to do', async () => {
  const box = await steeple();
  const gate = await gatekeeper(box.scimUrl);
  const relay = await rig({ url: gate.url, token: box.token }, { probeMs: 20 });
  open.push(box.close, gate.close, relay.close);
  for (let at = 0; at < 12; at += 1) await relay.user(`p${at}@x.test`);
  await relay.enable();
  gate.interfere(() => ({ status: 500 }));
  await relay.settle(300);
  expect(relay.sender.circuit()).toMatchObject({ state: 'open', kind: 'outage' });
  gate.interfere(() => ({ status: 401 }));
  await relay.settle(300);
  expect(relay.sender.circuit()).toMatchObject({ state: 'open', kind: 'token' });
  expect(relay.sender.circuit().remedy).toContain('upstream set');
  gate.interfere(() => ({ status: 403, body: JSON.stringify({ detail: 'Configure SSO first' }) }));
  await relay.settle(300);
  expect(relay.sender.circuit()).toMatchObject({ state: 'open', kind: 'sso' });
  gate.interfere(() => undefined);
  expect(await relay.settle()).toBe(true);
  expect((await state({ box })).users).toHaveLength(12);
});

test('D7 only lower-case, pathful PATCH operations leave, with at most 100 members in one, and a strict server takes them', async () => {
  const where = await stage({ strict: true });
  const { gate, relay } = where;
  const people = await relay.push(
    ...Array.from({ length: 130 }, (_, at) => ({
      method: 'POST' as const,
      kind: 'User' as const,
      body: { userName: `p${at}@x.test`, externalId: `e${at}` },
    })),
  );
  const everybody = await relay.group('all', people);
  const few = await relay.group('few', people);
  await relay.map([
    [everybody, 'finance', 'contributor'],
    [few, 'sales', 'contributor'],
  ]);
  await relay.enable();
  expect(await relay.settle(30_000)).toBe(true);
  await relay.members(few, 'remove', people.slice(0, 4));
  await relay.patchUser(people[0] as string, { displayName: 'Zero', name: { givenName: 'Zed', familyName: 'Ero' } });
  expect(await relay.settle()).toBe(true);
  const operations = gate
    .writes()
    .filter(({ method }) => method === 'PATCH')
    .map(
      ({ body }) => (JSON.parse(body) as { Operations: { op: string; path?: string; value?: unknown }[] }).Operations,
    );
  expect(operations.length).toBeGreaterThan(4);
  for (const list of operations) {
    expect(list.every(({ op, path }) => ['add', 'remove', 'replace'].includes(op) && (path ?? '') !== '')).toBe(true);
    const named = list.flatMap(({ path, value }) => {
      if (path === 'members') return value as unknown[];
      return path?.startsWith('members[') ? [path] : [];
    });
    expect(named.length).toBeLessThanOrEqual(100);
  }
  const { groups } = await state(where);
  expect(groups.map(({ members }) => members.length).sort()).toEqual([126, 130]);
});

test('P4 two people who swap their userNames both arrive, and a ring of three as well', async () => {
  const where = await stage();
  const { relay } = where;
  const [ada, ben] = [await relay.user('ada@x.test'), await relay.user('ben@x.test')];
  const ring = [await relay.user('r1@x.test'), await relay.user('r2@x.test'), await relay.user('r3@x.test')];
  await relay.enable();
  await relay.settle();
  await relay.patchUser(ada, { userName: 'tmp@x.test' });
  await relay.patchUser(ben, { userName: 'ada@x.test' });
  await relay.patchUser(ada, { userName: 'ben@x.test' });
  await relay.patchUser(ring[0] as string, { userName: 'r0@x.test' });
  await relay.patchUser(ring[2] as string, { userName: 'r1@x.test' });
  await relay.patchUser(ring[1] as string, { userName: 'r3@x.test' });
  await relay.patchUser(ring[0] as string, { userName: 'r2@x.test' });
  expect(await relay.settle()).toBe(true);
  const { users } = await state(where);
  const byExternal = Object.fromEntries(users.map(({ externalId, userName }) => [externalId, userName]));
  expect(byExternal).toEqual({
    'ext-ada@x.test': 'ben@x.test',
    'ext-ben@x.test': 'ada@x.test',
    'ext-r1@x.test': 'r2@x.test',
    'ext-r2@x.test': 'r3@x.test',
    'ext-r3@x.test': 'r1@x.test',
  });
});

test('P4 who waits for the names of somebody held gets them, one after the other, once the removal is approved', async () => {
  const where = await stage();
  const { relay } = where;
  relay.settings.set('policy', { ...relay.settings.get('policy'), removal: 'delete' });
  const { ada, ben, cho } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.push({ method: 'DELETE', kind: 'User', id: ada });
  await relay.patchUser(ben, { userName: 'ada@x.test' });
  await relay.patchUser(cho, { userName: 'ben@x.test', displayName: 'Cho' });
  expect(await relay.settle()).toBe(true);
  const names = async () => (await state(where)).users.map(({ userName }) => userName).sort();
  expect(await names()).toEqual(['ada@x.test', 'ben@x.test', 'cho@x.test']);
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  expect(await relay.settle()).toBe(true);
  expect(await names()).toEqual(['ada@x.test', 'ben@x.test']);
});

test('P4 a name that comes free in Steeple by hand goes to whoever waits for it', async () => {
  const where = await stage();
  const { relay, box } = where;
  const { ada, ben } = await finance(relay);
  await relay.enable();
  await relay.settle();
  const old = (await state(where)).users.find(({ userName }) => userName === 'ada@x.test')?.id;
  await relay.push({ method: 'DELETE', kind: 'User', id: ada });
  await relay.patchUser(ben, { userName: 'ada@x.test' });
  await relay.settle();
  expect((await scim(box, 'DELETE', `/Users/${old}`)).status).toBe(204);
  await relay.scan();
  expect(await relay.settle()).toBe(true);
  expect((await state(where)).users.map(({ userName }) => userName).sort()).toEqual(['ada@x.test', 'cho@x.test']);
});

test('removal by DELETE, where the policy says so, is held and sent as such', async () => {
  const where = await stage();
  const { gate, relay } = where;
  relay.settings.set('policy', { ...relay.settings.get('policy'), removal: 'delete' });
  const { ben } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.push({ method: 'DELETE', kind: 'User', id: ben });
  await relay.settle();
  expect(gate.writes().some(({ method }) => method === 'DELETE')).toBe(false);
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  await relay.settle();
  expect((await state(where)).users.map(({ userName }) => userName).sort()).toEqual(['ada@x.test', 'cho@x.test']);
});

test('a person deleted and made again at the source under the same name keeps the account: no removal, no second one', async () => {
  const where = await stage();
  const { relay } = where;
  const { ben, sales } = await finance(relay);
  await relay.enable();
  await relay.settle();
  const before = (await state(where)).users.find(({ userName }) => userName === 'ben@x.test')?.id;
  await relay.push({ method: 'DELETE', kind: 'User', id: ben });
  await relay.settle();
  expect(await relay.held()).toHaveLength(1);
  const again = await relay.user('ben@x.test');
  await relay.members(sales, 'add', [again]);
  await relay.settle();
  const { users } = await state(where);
  expect(users.filter(({ userName }) => userName === 'ben@x.test')).toMatchObject([{ id: before, active: true }]);
  expect((await relay.held()).filter(({ kind }) => kind === 'remove')).toEqual([]);
});

test('A6 a group deleted at the source holds its revocations, and its link stays, marked broken', async () => {
  const where = await stage();
  const { relay } = where;
  const { sales } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.push({ method: 'DELETE', kind: 'Group', id: sales });
  await relay.settle();
  expect((await relay.held()).map(({ userName, kind, community }) => [userName, kind, community]).sort()).toEqual([
    ['ben@x.test', 'revoke', 'sales'],
    ['cho@x.test', 'revoke', 'sales'],
  ]);
  expect((await shape(where))['sales – Contributors']).toEqual(['ben@x.test', 'cho@x.test']);
  const { links } = await relay.editing.boards.show('published');
  expect(links.filter(({ broken }) => broken).map(({ community }) => community)).toEqual(['sales']);
});

test('mirror mode forwards the providers’ groups as they are, nested people included, and deletes what they delete', async () => {
  const where = await stage();
  const { relay } = where;
  const [ada, ben] = [await relay.user('ada@x.test'), await relay.user('ben@x.test')];
  const inner = await relay.group('Inner', [ben]);
  const outer = await relay.group('Outer', [ada]);
  await relay.members(outer, 'add', [inner]);
  const other = await relay.group('Unlinked', [ada]);
  await relay.map([[outer, 'finance', 'contributor']], 'mirror');
  await relay.enable();
  await relay.settle();
  expect(await shape(where)).toEqual({
    Inner: ['ben@x.test'],
    Outer: ['ada@x.test', 'ben@x.test'],
    Unlinked: ['ada@x.test'],
  });
  await relay.push({ method: 'DELETE', kind: 'Group', id: other });
  await relay.settle();
  expect(Object.keys(await shape(where))).toEqual(['Inner', 'Outer']);
});

test('D5 one membership that Steeple refuses does not hold up the others of its batch', async () => {
  const where = await stage();
  const { gate, relay } = where;
  const people = await relay.push(
    ...Array.from({ length: 20 }, (_, at) => ({
      method: 'POST' as const,
      kind: 'User' as const,
      body: { userName: `p${at}@x.test` },
    })),
  );
  const team = await relay.group('team', people);
  await relay.map([[team, 'finance', 'contributor']]);
  let refused = '';
  gate.interfere(({ method, path, body }) => {
    if (method !== 'PATCH' || !path.startsWith('/Groups/')) return undefined;
    refused ||=
      (JSON.parse(body) as { Operations: { value: { value: string }[] }[] }).Operations[0]?.value[7]?.value ?? '';
    return body.includes(refused)
      ? { status: 400, body: '{"detail":"not this one","status":"400","schemas":[]}' }
      : undefined;
  });
  await relay.enable();
  await relay.settle(3000);
  expect((await state(where)).groups[0]?.members).toHaveLength(19);
  const { items } = await relay.outbox.list('dead', 0, 10);
  expect(items.map(({ kind, status }) => [kind, status])).toEqual([['member.add', 400]]);
});

test('D6 a member whom Steeple no longer has is made again, and then added', async () => {
  const where = await stage();
  const { box, relay } = where;
  const [ada, ben] = [await relay.user('ada@x.test'), await relay.user('ben@x.test')];
  const team = await relay.group('team', [ben]);
  await relay.map([[team, 'finance', 'contributor']]);
  await relay.enable();
  await relay.settle();
  const gone = (await state(where)).users.find(({ userName }) => userName === 'ada@x.test')?.id ?? '';
  await scim(box, 'DELETE', `/Users/${gone}`);
  await relay.members(team, 'add', [ada]);
  expect(await relay.settle()).toBe(true);
  expect(await shape(where)).toEqual({ 'finance – Contributors': ['ada@x.test', 'ben@x.test'] });
});

test('an account that is another person’s on record is never taken, also when both have one externalId', async () => {
  const where = await stage();
  const { gate, relay } = where;
  await relay.user('ada@x.test', { externalId: '7' });
  await relay.enable();
  await relay.settle();
  // The second one's creation is lost before it arrives, so it is looked up, and the look-up meets Ada.
  let dropped = false;
  gate.interfere(({ method }) => {
    if (method !== 'POST' || dropped) return undefined;
    dropped = true;
    return 'drop-before';
  });
  await relay.user('ben@x.test', { externalId: '7' });
  expect(await relay.settle()).toBe(true);
  expect((await state(where)).users.map(({ userName, externalId }) => [userName, externalId]).sort()).toEqual([
    ['ada@x.test', '7'],
    ['ben@x.test', '7'],
  ]);
});

test('D4 an answer to the old token does not stop sending with the new one', async () => {
  const where = await stage();
  const { box, gate, relay } = where;
  await finance(relay);
  await relay.enable();
  await relay.planning.reconcile(Date.now());
  await relay.reconnect({ url: gate.url, token: 'wrong' });
  gate.delay(100);
  relay.sender.wake();
  while ((await relay.outbox.counts()).sending === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await relay.reconnect({ url: gate.url, token: box.token });
  gate.delay(0);
  expect(await relay.settle()).toBe(true);
  expect(relay.sender.circuit().state).toBe('closed');
  expect((await state(where)).users).toHaveLength(3);
});

test('D2 D9 a delivery that could not be settled is given back, looked for, and not sent twice', async () => {
  const where = await stage();
  const { gate, relay } = where;
  await relay.user('ada@x.test');
  await relay.enable();
  relay.db.exec(
    "CREATE TRIGGER broken BEFORE UPDATE ON delivery WHEN NEW.state = 'done' BEGIN SELECT RAISE(ABORT, 'disk'); END",
  );
  expect(await relay.settle(700)).toBe(false);
  relay.db.exec('DROP TRIGGER broken');
  expect(await relay.settle()).toBe(true);
  expect(gate.writes()).toHaveLength(1);
  expect((await state(where)).users).toHaveLength(1);
  expect((await relay.outbox.list('done', 0, 10)).total).toBe(1);
});

test.each([404, 409])('D5 a %i that is about one member does not hold up the others of its batch', async (status) => {
  const where = await stage();
  const { gate, relay } = where;
  const people = await relay.push(
    ...Array.from({ length: 9 }, (_, at) => ({
      method: 'POST' as const,
      kind: 'User' as const,
      body: { userName: `p${at}@x.test` },
    })),
  );
  const team = await relay.group('team', people);
  await relay.map([[team, 'finance', 'contributor']]);
  let refused = '';
  gate.interfere(({ method, path, body }) => {
    if (method !== 'PATCH' || !path.startsWith('/Groups/')) return undefined;
    refused ||=
      (JSON.parse(body) as { Operations: { value: { value: string }[] }[] }).Operations[0]?.value[4]?.value ?? '';
    return body.includes(refused)
      ? { status, body: `{"detail":"not this one","status":"${status}","schemas":[]}` }
      : undefined;
  });
  await relay.enable();
  await relay.settle(3000);
  expect((await state(where)).groups[0]?.members).toHaveLength(8);
  expect((await relay.outbox.list('dead', 0, 10)).items.map(({ kind }) => kind)).toEqual(['member.add']);
});

test('D6 a group that was deleted in Steeple is made again, with everybody in it, also who was just to be added', async () => {
  const where = await stage();
  const { box, relay } = where;
  const { ada, sales } = await finance(relay);
  await relay.enable();
  await relay.settle();
  const gone = (await state(where)).groups.find(({ displayName }) => displayName.startsWith('sales'))?.id ?? '';
  await scim(box, 'DELETE', `/Groups/${gone}`);
  await relay.members(sales, 'add', [ada]);
  expect(await relay.settle()).toBe(true);
  expect((await shape(where))['sales – Contributors']).toEqual(['ada@x.test', 'ben@x.test', 'cho@x.test']);
});

test('D9 an account that was made in Steeple since the scan is met, adopted, and brought to what the directory says', async () => {
  const where = await stage();
  const { box, gate, relay } = where;
  const ada = await relay.user('ada@x.test', { displayName: 'Ada Byron' });
  const team = await relay.group('team', [ada]);
  await relay.map([[team, 'finance', 'contributor']]);
  await relay.enable();
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  await scim(box, 'POST', '/Users', { schemas, userName: 'Ada@x.test', displayName: 'by hand', active: false });
  expect(await relay.settle()).toBe(true);
  const { users } = await state(where);
  expect(users).toMatchObject([{ userName: 'ada@x.test', active: true, externalId: 'ext-ada@x.test' }]);
  expect(await shape(where)).toEqual({ 'finance – Contributors': ['ada@x.test'] });
  const [found] = ((await (await scim(box, 'GET', '/Users')).json()) as { Resources: { displayName: string }[] })
    .Resources;
  expect(found?.displayName).toBe('Ada Byron');
  expect(gate.writes().filter(({ method }) => method === 'POST')).toHaveLength(2); // the one refused, and the group
});

test('G5 a removal that is queued, and undone by the source before it left, does not leave in between', async () => {
  const { gate, relay } = await stage();
  const { ben } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.patchUser(ben, { active: false });
  await relay.planning.reconcile(Date.now());
  const item = (await relay.held())[0]?.id ?? 0;
  await relay.decide('approve', item);
  await relay.planning.reconcile(Date.now());
  expect((await relay.outbox.counts()).owed).toBeGreaterThan(0);
  const before = gate.writes().length;
  await relay.patchUser(ben, { active: true });
  relay.sender.wake(); // before anybody has planned
  await new Promise((resolve) => setTimeout(resolve, 100));
  await relay.settle();
  expect(gate.writes().slice(before)).toEqual([]);
  expect((await relay.reviews.show(item)).state).toBe('withdrawn');
});

test('D2 G5 a removal whose answer was lost is looked for, and not sent again once the source has undone it', async () => {
  const where = await stage();
  const { gate, relay } = where;
  const { ben } = await finance(relay);
  await relay.enable();
  await relay.settle();
  await relay.patchUser(ben, { active: false });
  await relay.settle();
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  gate.interfere(({ body }) => (body.includes('"active"') ? 'drop-before' : undefined));
  await relay.planning.reconcile(Date.now());
  relay.sender.wake();
  while (gate.writes().at(-1)?.body.includes('"active"') !== true)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await relay.patchUser(ben, { active: true });
  gate.interfere(() => undefined);
  const before = gate.writes().length;
  expect(await relay.settle()).toBe(true);
  expect(
    gate
      .writes()
      .slice(before)
      .filter(({ body }) => body.includes('false')),
  ).toEqual([]);
  expect((await state(where)).users.every(({ active }) => active)).toBe(true);
  expect(await shape(where)).toMatchObject({ 'sales – Contributors': ['ben@x.test', 'cho@x.test'] });
});

test('G1 what was claimed in advance goes back when sync is switched off, and nothing more leaves', async () => {
  const { gate, relay } = await stage();
  await relay.push(
    ...Array.from({ length: 80 }, (_, at) => ({
      method: 'POST' as const,
      kind: 'User' as const,
      body: { userName: `p${at}@x.test` },
    })),
  );
  await relay.enable();
  gate.delay(40);
  await relay.planning.reconcile(Date.now());
  relay.sender.wake();
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
  while (gate.writes().length < 12) await turn();
  await relay.planning.disable('test', '', Date.now());
  relay.sender.wake();
  while ((await relay.outbox.counts()).sending > 0) await turn();
  const written = gate.writes().length;
  expect(written).toBeLessThanOrEqual(28); // those on their way, and no more
  const { items } = await relay.outbox.list('ready', 0, 100);
  expect(items).toHaveLength(80 - written);
  expect(items.every(({ attempt }) => attempt === 0)).toBe(true);
});

test('G5 what was claimed is looked at again before it leaves: a push since then may have undone it', async () => {
  const { relay } = await stage();
  const ada = await relay.user('ada@x.test');
  await relay.enable();
  await relay.planning.reconcile(Date.now());
  const [job] = await relay.outbox.claim(Date.now(), 1, 100);
  if (job === undefined) throw new Error('nothing was claimed');
  expect(relay.outbox.isFresh(job, Date.now())).toBe(true);
  await relay.patchUser(ada, { active: false });
  expect(relay.outbox.isFresh(job, Date.now())).toBe(false);
  await relay.outbox.release([job]);
  expect((await relay.outbox.list('ready', 0, 1)).items[0]).toMatchObject({ attempt: 0, state: 'ready' });
});
