/** Upstreams that are strict, and upstreams that are odd: with each of them Steeple comes to say what the directory says. */
import { afterEach, describe, expect, test } from 'vitest';
import { type Oddities, oddSteeple } from './oddsteeple.ts';
import { rig } from './rig.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function stage(odd: Oddities) {
  const box = await oddSteeple(odd);
  const relay = await rig({ url: box.url, token: 'token' });
  open.push(box.close, relay.close);
  return { box, relay };
}
type Stage = Awaited<ReturnType<typeof stage>>;

/** Ada administers Finance, Ben contributes there, Cho and Ben in Sales. */
async function finance({ relay }: Stage) {
  const ids = await relay.push(
    ...['ada', 'ben', 'cho'].map((name) => ({
      method: 'POST' as const,
      kind: 'User' as const,
      body: { userName: `${name}@x.test`, externalId: `ext-${name}`, displayName: name },
    })),
  );
  const [ada, ben, cho] = ids as [string, string, string];
  const contributors = await relay.group('fin-c', [ada, ben]);
  const administrators = await relay.group('fin-a', [ada]);
  const sales = await relay.group('sales-c', [cho, ben]);
  await relay.map([
    [contributors, 'finance', 'contributor'],
    [administrators, 'finance', 'administrator'],
    [sales, 'sales', 'contributor'],
  ]);
  await relay.enable();
  return { ada, ben, cho, sales };
}
const full = {
  'finance – Administrators': ['ada@x.test'],
  'finance – Contributors': ['ben@x.test'],
  'sales – Contributors': ['ben@x.test', 'cho@x.test'],
};

/** Create, rename, add, take out and switch off: everything the relay ever writes. */
async function wholeStory(where: Stage) {
  const { box, relay } = where;
  const { ada, ben, cho, sales } = await finance(where);
  expect(await relay.settle()).toBe(true);
  expect(box.shape()).toEqual(full);
  expect(box.users.size).toBe(3);

  await relay.patchUser(cho, { displayName: 'Cho the Second', userName: 'cho2@x.test' });
  await relay.members(sales, 'add', [ada]);
  await relay.members(sales, 'remove', [ben]);
  await relay.patchUser(ben, { active: false });
  await relay.settle();
  for (const { id } of await relay.held()) await relay.decide('approve', id);
  expect(await relay.settle()).toBe(true);
  expect(box.shape()).toEqual({
    'finance – Administrators': ['ada@x.test'],
    'finance – Contributors': [],
    'sales – Contributors': ['ada@x.test', 'cho2@x.test'],
  });
  const people = [...box.users.values()].map((user) => [user.userName, user.displayName, user.active !== false]);
  expect(people.sort()).toEqual([
    ['ada@x.test', 'ada', true],
    ['ben@x.test', 'ben', false],
    ['cho2@x.test', 'Cho the Second', true],
  ]);
  expect((await relay.outbox.counts()).dead).toBe(0);
  await relay.scan();
  expect((await relay.planning.preview(Date.now())).total).toMatchObject({ people: 0, operations: 0 });
}

const upstreams: Readonly<Record<string, Oddities>> = {
  'a plain one': {},
  'one without a ServiceProviderConfig': { configMissing: true },
  'one that gives ids as numbers': { numbers: true },
  'one that answers 200 to a creation': { createdStatus: 200 },
  'one that answers 201 with nothing but an absolute Location': { createdBody: false },
  'one that answers 201 with nothing but the path': { createdBody: false, location: 'path' },
  'one that answers 201 with nothing and a Location at another server': { createdBody: false, location: 'foreign' },
  'one that answers 201 with nothing at all': { createdBody: false, location: 'none' },
  'one that shows what it made and no Location': { location: 'none' },
  'one whose errors are HTML pages': { html: true, filter404: true },
  'one that answers 404 to a filter nobody matches': { filter404: true },
  'one that says "True" and "False"': { words: true },
  'one whose lists leave members out': { bareLists: true },
  'a strict one: 100 members a PATCH, eq filters, no replace of members': { strict: true, noTarget: true },
  'one that declares no PATCH': { patch: 'no' },
  'one that declares no PATCH, and compares versions': { patch: 'no', versions: true },
  'one that answers 501 to PATCH without having said so': { patch: 'undeclared' },
  'one with no PATCH, words for numbers and bare lists': { patch: 'no', words: true, numbers: true, bareLists: true },
  'one with Bulk': { bulk: { operations: 50 } },
  'one with Bulk of two operations': { bulk: { operations: 2 } },
  'one with Bulk that shows no resources': { bulk: { operations: 50, response: false } },
  'one with Bulk that gives codes as SCIM 1.1 did': { bulk: { operations: 50, status: 'code' } },
  'one with Bulk of few bytes': { bulk: { operations: 50, bytes: 900 } },
  'one that declares Bulk and has none': { bulk: { operations: 50, broken: true } },
  'one with Bulk and without PATCH': { bulk: { operations: 50 }, patch: 'no' },
};

test.each(Object.entries(upstreams))('D9 Steeple says what the directory says: %s', async (_, odd) => {
  await wholeStory(await stage(odd));
});

test('D8 a Location at another server is never asked', async () => {
  const where = await stage({ createdBody: false, location: 'foreign' });
  await finance(where);
  await where.relay.settle();
  // Each of the three was made once, and written to under the id that the Location named.
  expect(where.box.writes().filter(({ path }) => path === '/Users')).toHaveLength(3);
  expect(where.box.shape()).toEqual(full);
});

test('D7 250 people go into a group of a strict server 100 at a time', async () => {
  const { box, relay } = await stage({ strict: true });
  const people = await relay.push(
    ...Array.from({ length: 250 }, (_, at) => ({
      method: 'POST' as const,
      kind: 'User' as const,
      body: { userName: `p${at}@x.test` },
    })),
  );
  await relay.map([[await relay.group('team', people), 'finance', 'contributor']]);
  await relay.enable();
  expect(await relay.settle()).toBe(true);
  const sizes = box
    .writes()
    .filter(({ path }) => path.startsWith('/Groups/'))
    .map(({ body = {} }) => (body.Operations as { value: unknown[] }[])[0]?.value.length);
  expect(sizes).toEqual([100, 100, 50]);
  expect(box.shape()['finance – Contributors']).toHaveLength(250);
});

describe('Bulk', () => {
  const many = (relay: Stage['relay'], count: number) =>
    relay.push(
      ...Array.from({ length: count }, (_, at) => ({
        method: 'POST' as const,
        kind: 'User' as const,
        body: { userName: `p${at}@x.test` },
      })),
    );

  test('carries many writes in few requests, never more than maxOperations', async () => {
    const { box, relay } = await stage({ bulk: { operations: 20 } });
    await many(relay, 200);
    await relay.enable();
    expect(await relay.settle()).toBe(true);
    expect(box.users.size).toBe(200);
    expect(box.writes().every(({ path }) => path === '/Bulk')).toBe(true);
    expect(box.writes().length).toBeLessThanOrEqual(16);
    const sizes = box.writes().map(({ body = {} }) => (body.Operations as unknown[]).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(20);
  });

  test('D2 an answer that is lost is looked up for each operation, and nobody is made twice', async () => {
    const { box, relay } = await stage({ bulk: { operations: 20 } });
    await many(relay, 30);
    let lost = 0;
    box.interfere(({ path }) => {
      if (path !== '/Bulk' || lost > 0) return undefined;
      lost += 1;
      return 'lose';
    });
    await relay.enable();
    expect(await relay.settle()).toBe(true);
    expect(box.users.size).toBe(30);
    const made = box
      .writes()
      .flatMap(({ body = {} }) => body.Operations as { data: { userName: string } }[])
      .map(({ data }) => data.userName);
    expect(new Set(made).size).toBe(made.length);
    expect(made).toHaveLength(30);
    // One by one: each of the first bundle was asked for by its name before anything was concluded.
    expect(box.seen.filter(({ path }) => path.includes('userName%20eq')).length).toBeGreaterThanOrEqual(8);
  });

  test('D2 an operation the answer does not mention is looked up, the others are done', async () => {
    const { box, relay } = await stage({ bulk: { operations: 20 } });
    await many(relay, 5);
    let first = true;
    const { url } = box;
    box.interfere(({ path, body }) => {
      if (path !== '/Bulk' || !first) return undefined;
      first = false;
      const operations = body?.Operations as { bulkId: string; data: { userName: string } }[];
      const made = operations.slice(1).map(({ bulkId, data }, at) => {
        const id = `made-${at}`;
        box.users.set(id, { ...data, id, version: 1, active: true });
        return { method: 'POST', bulkId, status: '201', location: `${url}/Users/${id}` };
      });
      return { status: 200, body: { schemas: [], Operations: made } };
    });
    await relay.enable();
    expect(await relay.settle()).toBe(true);
    expect([...box.users.values()].map(({ userName }) => userName).sort()).toEqual(
      Array.from({ length: 5 }, (_, at) => `p${at}@x.test`),
    );
  });

  test('D5 one operation that is refused is a dead letter by itself', async () => {
    const { box, relay } = await stage({ bulk: { operations: 20 } });
    box.users.set('7', { id: '7', version: 1, userName: 'p3@x.test' });
    box.interfere(({ path, body }) => {
      if (path !== '/Bulk') return undefined;
      const operations = body?.Operations as { bulkId: string; data?: { userName?: string } }[];
      if (!operations.some(({ data }) => data?.userName === 'p1@x.test')) return undefined;
      return {
        status: 200,
        body: {
          schemas: [],
          Operations: operations.map(({ bulkId, data }) => {
            if (data?.userName === 'p1@x.test')
              return { bulkId, status: '400', response: { detail: 'no such domain', status: '400', schemas: [] } };
            const id = `n${bulkId}`;
            box.users.set(id, { ...data, id, version: 1 });
            return { bulkId, status: '201', response: { ...data, id } };
          }),
        },
      };
    });
    await many(relay, 3);
    await relay.enable();
    await relay.settle(3000);
    const { items } = await relay.outbox.list('dead', 0, 10);
    expect(items.map(({ resource, cause }) => [resource, cause])).toEqual([
      ['Users/p1@x.test', 'Steeple refused it (400): no such domain'],
    ]);
    expect((await relay.outbox.counts()).owed).toBe(0);
  });

  test('D3 a 429 to the whole is obeyed for each operation', async () => {
    const { box, relay } = await stage({ bulk: { operations: 20 } });
    await many(relay, 10);
    let told = 0;
    box.interfere(({ path }) => {
      if (path !== '/Bulk' || told > 0) return undefined;
      told = Date.now();
      return { status: 429, headers: { 'retry-after': '1' }, body: {} };
    });
    await relay.enable();
    expect(await relay.settle()).toBe(true);
    expect(Date.now() - told).toBeGreaterThanOrEqual(1000);
    expect(box.users.size).toBe(10);
  });
});

describe('Without PATCH', () => {
  test('what the relay does not know of a resource goes back as it came', async () => {
    const where = await stage({ patch: 'no', versions: true });
    const { cho } = await finance(where);
    await where.relay.settle();
    const user = [...where.box.users.values()].find(({ userName }) => userName === 'cho@x.test');
    Object.assign(user ?? {}, { nickName: 'C', 'urn:x': { desk: 7 } });
    await where.relay.patchUser(cho, { displayName: 'Cho B' });
    await where.relay.settle();
    expect(user).toMatchObject({ displayName: 'Cho B', nickName: 'C', 'urn:x': { desk: 7 }, externalId: 'ext-cho' });
  });

  test('a change by somebody else between reading and writing is not overwritten', async () => {
    const where = await stage({ patch: 'no', versions: true });
    const { box, relay } = where;
    const { cho } = await finance(where);
    await relay.settle();
    const user = [...box.users.values()].find(({ userName }) => userName === 'cho@x.test');
    let once = true;
    box.interfere(({ method }) => {
      if (method !== 'PUT' || !once || !user) return undefined;
      once = false;
      Object.assign(user, { nickName: 'meanwhile', version: user.version + 1 });
      return undefined;
    });
    await relay.patchUser(cho, { displayName: 'Cho B' });
    expect(await relay.settle()).toBe(true);
    expect(user).toMatchObject({ displayName: 'Cho B', nickName: 'meanwhile' });
  });

  test('members that a reading leaves out are asked for by name, and not lost', async () => {
    const where = await stage({ patch: 'no' });
    const { box, relay } = where;
    const { ada, sales } = await finance(where);
    await relay.settle();
    box.interfere(({ method, path }) => {
      const [, id] = /^\/Groups\/(\d+)$/.exec(path) ?? [];
      const group = method === 'GET' && id !== undefined ? box.groups.get(id) : undefined;
      return group && { status: 200, body: { id: group.id, displayName: group.displayName, schemas: [] } };
    });
    await relay.members(sales, 'add', [ada]);
    await relay.settle();
    expect(box.shape()['sales – Contributors']).toEqual(['ada@x.test', 'ben@x.test', 'cho@x.test']);
  });
});

test('D5 taking out who is not in the group any more is done, not a dead letter', async () => {
  const where = await stage({ noTarget: true });
  const { box, relay } = where;
  const { ben, cho, sales } = await finance(where);
  await relay.settle();
  const group = [...box.groups.values()].find(({ displayName }) => displayName === 'sales – Contributors');
  const account = [...box.users.values()].find(({ userName }) => userName === 'ben@x.test');
  group?.members.delete(account?.id ?? '');
  await relay.members(sales, 'remove', [ben, cho]);
  await relay.settle();
  for (const { id } of await relay.held()) await relay.decide('approve', id);
  expect(await relay.settle()).toBe(true);
  expect((await relay.outbox.counts()).dead).toBe(0);
  expect(box.shape()['sales – Contributors']).toEqual([]);
});
