/** How the app keeps a relay at hand: attach to one that runs, else start one; begin again whenever it is lost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Child, keeper, pauseMs } from '../src/main/daemon.ts';
import { relayOf } from '../src/main/relay.ts';

/** Something that is settled from outside. */
function promised<V = void>() {
  let settle: (value: V) => void = () => {};
  const promise = new Promise<V>((done) => {
    settle = done;
  });
  return { promise, settle };
}

/** A world in which the test decides when a relay answers, when it is lost, and what a child does. */
function world(answering: boolean) {
  const told: string[] = [];
  const waits: number[] = [];
  const children: { ready: (up: boolean) => void; die: () => void; stopped: boolean }[] = [];
  let running = answering;
  let local = true;
  let lose = () => {};
  let step = promised();
  const moved = () => {
    step.settle();
    step = promised();
  };
  const kept = keeper({
    answers: async () => running,
    listen: (heard, ended) => {
      const lost = promised();
      lose = () => lost.settle();
      ended.addEventListener('abort', () => lost.settle());
      heard();
      moved();
      return lost.promise;
    },
    here: () => local,
    fork: (): Child => {
      const ready = promised<boolean>();
      const ended = promised();
      const child = {
        ready: (up: boolean) => {
          running = up;
          ready.settle(up);
        },
        die: () => {
          running = false;
          ready.settle(false);
          ended.settle();
          lose();
        },
        stopped: false,
      };
      children.push(child);
      moved();
      const stop = () => {
        child.stopped = true;
        child.die();
      };
      return { ready: ready.promise, ended: ended.promise, stop };
    },
    wait: async (ms) => {
      waits.push(ms);
      await new Promise((done) => setImmediate(done)); // so that what the test does meanwhile is seen
    },
    heard: (what) => void told.push(what),
  });
  return {
    kept,
    told,
    waits,
    children,
    goes: (here: boolean) => {
      local = here;
      kept.move();
    },
    stops: (now: boolean) => {
      running = now;
      lose();
    },
    /** The next time it listens to a relay, or forks one. */
    next: () => step.promise,
  };
}

test('a relay that runs already is attached to, never started, and left running when the app quits', async () => {
  const at = world(true);
  const listening = at.next();
  const run = at.kept.run();
  await listening;
  expect(at.kept.how()).toBe('found');
  expect(at.told).toEqual(['here', 'changed']);
  await at.kept.stop();
  await run;
  expect(at.children).toHaveLength(0);
});

test('where none runs one is started, and stopped with the app', async () => {
  const at = world(false);
  const forked = at.next();
  const run = at.kept.run();
  await forked;
  const listening = at.next();
  at.children[0]?.ready(true);
  await listening;
  expect(at.kept.how()).toBe('own');
  await at.kept.stop();
  await run;
  expect(at.children.map(({ stopped }) => stopped)).toEqual([true]);
});

test('a relay of ours that dies is started again, and the page is told both', async () => {
  const at = world(false);
  const forked = at.next();
  const run = at.kept.run();
  await forked;
  const listening = at.next();
  at.children[0]?.ready(true);
  await listening;
  const again = at.next();
  at.children[0]?.die();
  await again;
  expect(at.children).toHaveLength(2);
  const back = at.next();
  at.children[1]?.ready(true);
  await back;
  expect(at.told).toEqual(['here', 'changed', 'away', 'here', 'changed']);
  await at.kept.stop();
  await run;
});

test('one that was found and is lost is looked for before one is started', async () => {
  const at = world(true);
  const listening = at.next();
  const run = at.kept.run();
  await listening;
  const again = at.next();
  at.stops(true); // the stream broke, the relay did not
  await again;
  expect(at.children).toHaveLength(0);
  expect(at.kept.how()).toBe('found');
  await at.kept.stop();
  await run;
});

test('another machine’s relay is attached to and never started here; coming back finds our own', async () => {
  const at = world(true);
  const listening = at.next();
  const run = at.kept.run();
  await listening;
  const away = at.next();
  at.goes(false);
  await away;
  expect([at.kept.how(), at.told]).toEqual(['remote', ['here', 'changed', 'here', 'changed']]);
  at.stops(false);
  await expect.poll(() => at.waits.length).toBeGreaterThan(2);
  expect(at.children).toHaveLength(0);
  const forked = at.next();
  at.goes(true);
  await forked;
  expect(at.children).toHaveLength(1);
  await at.kept.stop();
  await run;
});

test('one that cannot start is tried again ever more slowly, up to half a minute', async () => {
  const at = world(false);
  let forked = at.next();
  const run = at.kept.run();
  for (let turn = 0; turn < 4; turn += 1) {
    await forked;
    forked = at.next();
    at.children.at(-1)?.die();
  }
  await forked;
  expect(at.waits.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
  expect(at.told).toEqual([]);
  expect(pauseMs(50)).toBe(30_000);
  await at.kept.stop();
  await run;
});

test.skipIf(process.platform === 'win32')(
  'it hears over the socket what changed, and when the relay is gone',
  async () => {
    const data = mkdtempSync(join(tmpdir(), 'relay-'));
    const streams: ServerResponse[] = [];
    const opened = promised();
    const server = createServer((request, response) => {
      if (request.url !== '/api/events')
        return void response.end(JSON.stringify({ ok: false, code: 'unavailable', message: 'x' }));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': listening\n\n');
      streams.push(response);
      opened.settle();
    });
    try {
      const relay = relayOf(data, tmpdir());
      expect(await relay.answers()).toBe(false);
      await new Promise<void>((done) => void server.listen(join(data, 'admin.sock'), done));
      expect(await relay.answers()).toBe(true); // it refuses, but it is there
      const heard = promised();
      let times = 0;
      const ended = relay.listen(() => {
        times += 1;
        heard.settle();
      }, new AbortController().signal);
      await opened.promise;
      streams[0]?.write('data: {"type":"changed","what":["status"]}\n\n');
      await heard.promise;
      expect(times).toBe(1); // the comment before it is not an event
      streams[0]?.destroy();
      await ended;
    } finally {
      await new Promise((done) => void server.close(done));
      rmSync(data, { recursive: true, force: true });
    }
  },
);
