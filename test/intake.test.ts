import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Outcome, Push, Spoilt } from '../daemon/core/directory.ts';
import { companyOn, intake } from '../daemon/intake.ts';
import { clients } from './bench/wire.ts';
import { type Door, openDoor } from './door.ts';

const opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
async function doorOf(...args: Parameters<typeof openDoor>): Promise<Door> {
  const door = await openDoor(...args);
  opened.push(door.close);
  return door;
}
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'intake-'));
  opened.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
const user = (index: number) => ({ userName: `person${index}@x.test` });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('The queue of pushes', () => {
  const push: Push = { source: 'entra', method: 'DELETE', kind: 'User', id: 'x' };
  const outcome: Outcome = { ok: true, status: 204, seq: 1, id: 'x', version: 1, changed: true };

  /** The turns of the loop that are asked for while nobody pushes. The test runner asks for one itself now and then. */
  async function turnsInPeace(): Promise<number> {
    const asked = vi.spyOn(globalThis, 'setImmediate');
    await new Promise((resolve) => setTimeout(resolve, 30));
    const turns = asked.mock.calls.length;
    asked.mockRestore();
    return turns;
  }

  test('I1 answers no push before the commit it is in, and gives each its own outcome', async () => {
    const events: string[] = [];
    const times: number[] = [];
    const queue = intake({
      async accept(items) {
        events.push(`commit of ${items.length}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push('on disk');
        return items.map((item, seq) => ({ ...outcome, seq, id: item.id ?? '' }));
      },
      accepted: () => events.push('accepted'),
      took: (ms) => times.push(ms),
    });
    const answers = many(3, async (index) => {
      const answer = await queue.push({ ...push, id: String(index) });
      events.push(`answered ${answer.ok && answer.id} ${answer.ok && answer.seq}`);
    });
    await Promise.all(answers);
    expect(events).toEqual(['commit of 3', 'on disk', 'accepted', 'answered 0 0', 'answered 1 1', 'answered 2 2']);
    expect(times.map((ms) => ms > 10)).toEqual([true, true, true]);
  });

  test('takes along what comes turn by turn, as long as some does', async () => {
    const sizes: number[] = [];
    const queue = intake({
      async accept(items: readonly (Push | Spoilt)[]) {
        sizes.push(items.length);
        return items.map(() => outcome);
      },
    });
    await queue.push(push);
    const answers = [queue.push(push)];
    for (let turn = 0; turn < 5; turn += 1) {
      answers.push(queue.push(push));
      await new Promise(setImmediate);
    }
    await Promise.all(answers);
    // A lone one waits for nobody.
    expect(sizes).toEqual([1, 6]);
  });

  describe.each([
    ['asleep', companyOn(1).looks],
    ['looking for them', companyOn(2).looks],
  ])('waits for whoever was answered a moment ago, %s', (how, looks) => {
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
    };
    const hour = 3_600_000;
    function queued(times: Readonly<{ momentMs: number; patienceMs: number }>) {
      const sizes: number[] = [];
      const queue = intake({
        async accept(items: readonly (Push | Spoilt)[]) {
          sizes.push(items.length);
          return items.map(() => outcome);
        },
        company: { ...times, looks },
      });
      return { sizes, push: (from: number) => queue.push(push, from) };
    }
    const [ada, ben] = [1, 2];

    test('so that they share the next commit too', async () => {
      const { sizes, push } = queued({ momentMs: hour, patienceMs: hour });
      await Promise.all([push(ada), push(ben)]);
      const first = push(ada);
      await turns(10);
      await Promise.all([first, push(ben)]);
      expect(sizes).toEqual([2, 2]);
    });

    test(how === 'asleep' ? 'without a turn of the loop' : 'without sleeping', async () => {
      const { push } = queued({ momentMs: hour, patienceMs: hour });
      await Promise.all([push(ada), push(ben)]);
      const first = push(ada);
      const turns = await turnsInPeace();
      if (how !== 'asleep') expect(turns).toBeGreaterThan(20);
      else expect(turns).toBeLessThan(10);
      await Promise.all([first, push(ben)]);
    });

    test('but of many not for the last eighth, and of a few for every one', async () => {
      const { sizes, push } = queued({ momentMs: hour, patienceMs: hour });
      const everybody = many(24, (index) => index);
      await Promise.all(everybody.map(push));
      const most = everybody.slice(0, 20).map(push);
      expect(await turnsInPeace()).toBeLessThan(10); // many wake the thread anyway
      expect(sizes).toEqual([24]);
      await Promise.all([...most, push(20)]);
      expect(sizes).toEqual([24, 21]);
      const eight = queued({ momentMs: hour, patienceMs: hour });
      await Promise.all(everybody.slice(0, 8).map(eight.push));
      const seven = everybody.slice(0, 7).map(eight.push);
      await turns(10);
      expect(eight.sizes).toEqual([8]);
      await Promise.all([...seven, eight.push(7)]);
      expect(eight.sizes).toEqual([8, 8]);
    });

    test('but not when it is the same one, who pushes alone', async () => {
      const { sizes, push } = queued({ momentMs: hour, patienceMs: hour });
      for (let turn = 0; turn < 3; turn += 1) await push(ada);
      expect(sizes).toEqual([1, 1, 1]);
    });

    test('not for who was answered long ago', async () => {
      const { sizes, push } = queued({ momentMs: -1, patienceMs: hour });
      await Promise.all([push(ada), push(ben)]);
      await push(ada);
      expect(sizes).toEqual([2, 1]);
    });

    test('not for ever, and not again and again in vain', async () => {
      const { sizes, push } = queued({ momentMs: hour, patienceMs: 1 });
      await Promise.all([push(ada), push(ben)]);
      await push(ada); // in vain
      const second = push(ada);
      await turns(10);
      await Promise.all([second, push(ben)]);
      expect(sizes).toEqual([2, 1, 1, 1]);
    });
  });

  test('takes a push that comes just as the last is answered', async () => {
    const queue = intake({
      accept: async (items) => items.map(() => outcome),
      company: { momentMs: 1000, patienceMs: 1, looks: false },
    });
    let left = 50;
    const again = async (from: number): Promise<void> => {
      await queue.push(push, from);
      for (let turn = 0; turn < from; turn += 1) await undefined;
      left -= 1;
      if (left > 0) await again((from + 1) % 12);
    };
    await again(0);
    expect(left).toBe(0);
  });

  test('I10 bounds what one commit takes and what waits, and turns the rest away with Retry-After', async () => {
    const sizes: number[] = [];
    const queue = intake({
      async accept(items: readonly (Push | Spoilt)[]) {
        sizes.push(items.length);
        return items.map(() => outcome);
      },
    });
    const answers = await Promise.all(many(10_005, () => queue.push(push)));
    expect(Math.max(...sizes)).toBe(256);
    const turnedAway = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
    expect(turnedAway).toHaveLength(5);
    expect(turnedAway[0]).toMatchObject({ status: 503, retryAfter: expect.any(Number) });
    await queue.idle();
    expect((await queue.push(push)).ok).toBe(true);
  });
});

describe('Pushes that come at the same time', () => {
  test('I1 share commits, and are all there afterwards', async () => {
    const door = await doorOf();
    // On connections that are in use already, written in one turn: so the server finds them all at once.
    const connections = await clients(door.base, 'entra', 40);
    await Promise.all(connections.map(({ ask }) => ask({ method: 'GET', path: '/Users?count=0' })));
    const answers = await Promise.all(
      connections.map(({ ask }, index) => ask({ method: 'POST', path: '/Users', body: user(index) })),
    );
    for (const { close } of connections) close();
    expect(answers.map(({ status }) => status)).toEqual(many(40, () => 201));
    expect(door.batches.length).toBeLessThan(20);
    expect((await door.get('/Users?count=0')).body.totalResults).toBe(40);
    expect(new Set(answers.map(({ text }) => JSON.parse(text).id)).size).toBe(40);
  });

  test('I1 in the middle of an end: what was answered is stored, and what was stored is answered', async () => {
    let ending: Promise<void> | undefined;
    let made = 0;
    // It ends in the middle of a commit.
    const newId = () => {
      made += 1;
      if (made === 20) ending = door.server.close();
      return randomUUID();
    };
    const door = await doorOf(undefined, { newId, graceMs: 60_000 });
    const answered: string[] = [];
    const left = await Promise.all(
      many(8, async (lane) => {
        for (let next = lane; next < 4_000; next += 8) {
          const reply = await door.post('/Users', user(next)).catch(() => undefined);
          if (reply === undefined) return lane;
          expect(reply.status).toBe(201);
          answered.push(reply.body.id);
        }
        return undefined;
      }),
    );
    await ending;
    await door.queue.idle();
    expect(left).toEqual(many(8, (lane) => lane));
    const stored = door.db.prepare<[], string>('SELECT id FROM person').pluck().all();
    expect(stored.sort()).toEqual(answered.sort());
  });

  test('I9 on one group and one user all take effect: no update is lost', async () => {
    const door = await doorOf();
    const people = await Promise.all(many(40, (index) => door.post('/Users', user(index))));
    const group = (await door.post('/Groups', { displayName: 'staff' })).body.id;
    const ada = (await door.post('/Users', { userName: 'ada@x.test' })).body.id;
    const attributes = ['title', 'nickName', 'locale', 'userType', 'timezone', 'preferredLanguage', 'displayName'];
    await Promise.all([
      ...people.map(({ body }) =>
        door.patch(`/Groups/${group}`, [{ op: 'Add', path: 'members', value: [{ value: body.id }] }]),
      ),
      ...attributes.map((path) => door.patch(`/Users/${ada}`, [{ op: 'Add', path, value: path }])),
    ]);
    const { members, meta } = (await door.get(`/Groups/${group}`)).body;
    expect(members).toHaveLength(40);
    expect(meta.version).toBe('W/"41"');
    expect((await door.get(`/Users/${ada}`)).body).toMatchObject(
      Object.fromEntries(attributes.map((name) => [name, name])),
    );
  });

  test('I9 with one If-Match exactly one passes, and the others are told the version there is', async () => {
    const door = await doorOf();
    const id = (await door.post('/Users', user(0))).body.id;
    const answers = await Promise.all(
      many(20, (index) =>
        door.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: `t${index}` }], { 'if-match': 'W/"1"' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 412);
    expect(refused).toHaveLength(19);
    expect(refused[0]?.body.detail).toContain('W/"2"');
  });

  test('I8 of two creates under one userName one passes, in one commit as in two', async () => {
    const door = await doorOf();
    const answers = await Promise.all(
      many(10, (index) => door.post('/Users', { userName: index % 2 ? 'Ada' : 'ADA' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...many(9, () => 409)]);
  });

  test('a bug met by one is a 500 for that one, reported, and its neighbours are stored', async () => {
    // Ids are made in the order of the batch: the second create fails in the shared commit, and again by itself.
    let made = 0;
    const newId = () => {
      made += 1;
      if (made === 2 || made === 4) throw new TypeError('a bug');
      return randomUUID();
    };
    const door = await doorOf(':memory:', { newId });
    expect((await door.get('/Users?count=0')).body.totalResults).toBe(0);
    const outcomes = await door.store.accept(
      many(3, (index): Push => ({ source: 'entra', method: 'POST', kind: 'User', body: user(index) })),
    );
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(door.reports).toEqual([expect.stringContaining('a bug')]);
    expect((await door.get('/Users')).body.totalResults).toBe(2);
    expect(await door.log.verify()).toMatchObject({ ok: true });
    made = 3;
    const answer = await door.post('/Users', user(7));
    expect([answer.status, answer.body.detail]).toEqual([500, 'Internal error']);
  });
});

describe('A disk that fails', () => {
  test('I4 when it is full every push is a 503 with Retry-After, nothing is half-written, and room is enough to go on', async () => {
    const door = await doorOf(join(folder(), 'relay.db'));
    await door.post('/Users', user(0));
    expect((await door.get('/Users?count=0')).body.totalResults).toBe(1);
    const before = door.log.counts();
    const pages = door.db.pragma('page_count', { simple: true });
    door.db.pragma(`max_page_count = ${pages}`);
    const long = 'x'.repeat(20_000);
    const answers = await Promise.all(many(5, (index) => door.post('/Users', { ...user(index + 1), title: long })));
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(body).toMatchObject({ status: '503', detail: expect.stringContaining('full') });
    }
    expect(door.log.counts()).toEqual(before);
    expect(door.reports.some((report) => report.includes('SQLITE_FULL') || report.includes('full'))).toBe(true);
    expect((await door.get('/Users')).body.totalResults).toBe(1);
    door.db.pragma('max_page_count = 100000');
    expect((await door.post('/Users', user(1))).status).toBe(201);
    expect(await door.log.verify()).toMatchObject({ ok: true, entries: before.entries + 1 });
  });

  test('I4 when it turns read-only pushes are 503s, and reads go on', async () => {
    const door = await doorOf(join(folder(), 'relay.db'));
    const id = (await door.post('/Users', user(0))).body.id;
    door.db.pragma('query_only = ON');
    expect((await door.post('/Users', user(1))).status).toBe(503);
    expect((await door.get(`/Users/${id}`)).status).toBe(200);
  });

  test('I4 when the file is damaged pushes and reads are 503s that say what to do, and nothing crashes', async () => {
    const path = join(folder(), 'relay.db');
    const first = await openDoor(path);
    await first.post('/Users', user(0));
    await first.close();
    const plain = new Sqlite(path);
    const pageSize = Number(plain.pragma('page_size', { simple: true }));
    const roots = plain
      .prepare<[], number>("SELECT rootpage FROM sqlite_master WHERE name IN ('journal', 'person')")
      .pluck()
      .all();
    plain.close();
    const file = openSync(path, 'r+');
    for (const root of roots) writeSync(file, Buffer.alloc(pageSize, 0xff), 0, pageSize, (root - 1) * pageSize);
    closeSync(file);
    const door = await doorOf(path);
    for (const answer of [await door.post('/Users', user(1)), await door.get('/Users')]) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).not.toBeNull();
      expect(answer.body.detail).toContain('damaged');
    }
    expect(door.reports.length).toBeGreaterThan(0);
  });
});
