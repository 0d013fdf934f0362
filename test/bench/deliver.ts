/**
 * `npm run bench -- deliver [part…]`: what leaves for Steeple, and how. Against a sink that answers after 20 ms (sandbox/sink.ts),
 * in the process that measures; the relay is the whole one, as `start` runs it, in a process of its own.
 *
 *   load    a first load: writes a second against the floor, which is 8 in flight over 20 ms = 400; and writes against the
 *           least there can be: people + groups + memberships/100
 *   idle    with nothing to do: bytes written to disk, and CPU, over half a minute
 *   drain   100,000 owed deliveries: the heap after a full collection, every tenth of the way
 *   kill    from SIGKILL to the next write, the relay started again at once
 *
 * Each line says what was asked for beside what was measured. `BENCH_PEOPLE` makes it smaller for a trial.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ask, client } from '../../daemon/cli/client.ts';
import type { JsonObject } from '../../daemon/contract/scim.ts';
import { type Sink, sink } from '../../daemon/sandbox/sink.ts';
import { open } from '../../daemon/store/db.ts';
import { directory } from '../../daemon/store/directory.ts';
import { journal } from '../../daemon/store/journal.ts';
import { mappings } from '../../daemon/store/mapping.ts';
import { settings } from '../../daemon/store/settings.ts';
import { sources } from '../../daemon/store/sources.ts';
import { bundle } from '../bundle.ts';

type Usage = Readonly<{ cpuMs: number; rssMb: number; heapMb: number }>;
type Size = Readonly<{ people: number; groups: number; each: number }>;
type Side = Readonly<{ child: ChildProcess; ask: Ask; data: string }>;

const scale = Number(process.env.BENCH_PEOPLE ?? 20_000) / 20_000;
const latencyMs = 20;
const inFlight = 8;
const parts = process.argv.slice(3);
const wanted = (part: string) => parts.length === 0 || parts.includes(part);
const say = (result: object) => process.stdout.write(`${JSON.stringify({ bench: 'deliver', ...result })}\n`);
const round = (value: number, digits = 2) => Number(value.toFixed(digits));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const folders: string[] = [];

/** A directory with everybody in it, and each group linked to a community of its own. */
async function fill({ people, groups, each }: Size, flying = inFlight): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'bench-deliver-'));
  folders.push(data);
  const db = open(join(data, 'relay.db'));
  db.pragma('synchronous = OFF'); // nothing here has to survive a crash
  const log = journal(db);
  const report = (cause: unknown): never => {
    throw cause;
  };
  const store = directory(db, log, { newId: randomUUID, now: Date.now, report });
  const source = await sources(db, log).add({ kind: 'entra', name: 'bench', token: 'bench', by: 'bench', now: 1 });
  const push = async (bodies: readonly JsonObject[], kind: 'User' | 'Group') =>
    (await store.accept(bodies.map((body) => ({ source, method: 'POST', kind, body })))).map((outcome) =>
      outcome.ok ? outcome.id : report(outcome.error),
    );
  const user = (index: number): JsonObject => ({
    externalId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    userName: `person.${index}@example.test`,
    displayName: `Person Number ${index}`,
    name: { familyName: `Number ${index}`, givenName: 'Person' },
    emails: [{ primary: true, type: 'work', value: `person.${index}@example.test` }],
  });
  const ids: string[] = [];
  for (let from = 0; from < people; from += 1000) {
    const count = Math.min(1000, people - from);
    ids.push(
      ...(await push(
        Array.from({ length: count }, (_, at) => user(from + at)),
        'User',
      )),
    );
  }
  const teams: string[] = [];
  for (let at = 0; at < groups; at += 1) {
    const members = Array.from({ length: each }, (_, next) => ({ value: ids[(at * each + next) % people]! }));
    teams.push(...(await push([{ displayName: `Group ${at}`, externalId: `group-${at}`, members }], 'Group')));
  }
  const map = mappings(db, log);
  await map.catalogue(
    teams.map((_, at) => ({ id: `community-${at}`, name: `Community ${at}` })),
    'file',
    'bench',
    1,
  );
  const links = teams.map((id, at) => ({ source, group: { id }, community: `community-${at}`, role: 'contributor' }));
  const { faults } = await map.publish(JSON.stringify({ version: 1, links }), 'bench', '', 1);
  if (faults.length > 0) throw new Error(faults[0]?.message);
  const kept = settings(db);
  kept.set('policy', { ...kept.get('policy'), inFlight: flying });
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return data;
}

const told = <T>(child: ChildProcess, ask = true): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the relay ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
    if (ask) child.send('usage');
  });

let built: Promise<string> | undefined;
/** As it is delivered: one built file, which Node compiles once for all. */
async function start(data: string): Promise<Side> {
  built ??= bundle(join(import.meta.dirname, 'relay.ts'), mkdtempSync(join(tmpdir(), 'bench-built-')));
  const file = await built;
  const env = { ...process.env, STEEPLE_RELAY_KEYCHAIN: 'off', NODE_COMPILE_CACHE: join(file, '../../cache') };
  const child = fork(file, [data], { env, execArgv: ['--expose-gc'] });
  await told(child, false);
  return { child, ask: client(data), data };
}
const end = async ({ child }: Side) => {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();
  await ended;
};

/** Everything is owed, and begins to leave. */
async function enable({ ask }: Side, to: Sink): Promise<void> {
  await ask('upstream.set', { url: to.scimUrl, token: to.token, by: 'bench' });
  const { id } = await ask('plan.make', { offset: 0, limit: 1 });
  await ask('sync.enable', { plan: id, by: 'bench' });
}
const writesOf = (to: Sink) => {
  const { posts, puts, patches, deletes } = to.counts();
  return posts + puts + patches + deletes;
};
/** Until nothing is owed any more. `at` is told of each tenth of `total` writes. */
async function drained({ ask }: Side, to: Sink, total: number, at: (tenth: number) => Promise<void> = async () => {}) {
  let tenth = 0;
  for (;;) {
    while (tenth < 10 && writesOf(to) >= (total * (tenth + 1)) / 10) await at(++tenth);
    await sleep(20);
    // Asking costs the relay something, so it is not asked before it can be done.
    if (writesOf(to) < total * 0.98) continue;
    const { deliveries, owesPlan } = await ask('status', {});
    if (deliveries.owed + deliveries.sending + owesPlan === 0) return;
    await sleep(200);
  }
}

/** The floor: the same client, 8 in flight, writing the same thing again and again and doing nothing else. */
async function floor(seconds: number): Promise<number> {
  const to = await sink({ latencyMs });
  const child = fork(join(import.meta.dirname, 'sender.ts'), [to.scimUrl, String(inFlight)]);
  while (writesOf(to) === 0) await sleep(5);
  const before = writesOf(to);
  const begun = performance.now();
  await sleep(seconds * 1000);
  const perSecond = (writesOf(to) - before) / ((performance.now() - begun) / 1000);
  child.kill();
  await to.close();
  return perSecond;
}

async function load(): Promise<void> {
  const people = Math.round(20_000 * scale);
  const size = { people, groups: Math.max(1, Math.round(people / 100)), each: Math.min(1000, people) };
  const memberships = size.groups * size.each;
  const to = await sink({ latencyMs });
  const relay = await start(await fill(size));
  await enable(relay, to);
  const least = people + size.groups + memberships / 100;
  while (writesOf(to) === 0) await sleep(1);
  const begun = performance.now();
  const before = await told<Usage>(relay.child);
  const marks: number[] = [];
  await drained(relay, to, least, async () => void marks.push(performance.now()));
  const after = await told<Usage>(relay.child);
  const writes = writesOf(to);
  // From one tenth to nine: the last ends with a wait for the next look at the counters, and in the first the groups are
  // made, each with three look-ups (by its key and its name before, for a twin behind), which take the places of writes.
  const between = (from: number, to: number) => ((marks[to] ?? 0) - (from < 0 ? begun : (marks[from] ?? 0))) / 1000;
  const perSecond = (least * 0.8) / between(0, 8);
  const fromTheFirst = (least * 0.9) / between(-1, 8);
  const possible = (1000 / latencyMs) * inFlight;
  const floorPerSecond = await floor(5);
  say({
    what: 'writes a second, 8 in flight over 20 ms',
    perSecond: Math.round(perSecond),
    possible,
    ratio: round(perSecond / possible, 3),
    sinkMeanMs: round(to.counts().meanMs, 1),
    floorPerSecond: Math.round(floorPerSecond),
    toFloor: round(perSecond / floorPerSecond, 3),
    cpuMsPerWrite: round((after.cpuMs - before.cpuMs) / writes, 3),
    withLookUps: { perSecond: Math.round(fromTheFirst), ratio: round(fromTheFirst / possible, 3) },
    asked: { ratio: 0.9 },
  });
  say({
    what: 'writes of a first load',
    ...size,
    memberships,
    writes,
    least,
    ratio: round(writes / least, 4),
    reads: to.counts().reads,
    asked: { ratio: 1.02 },
  });
  if (wanted('idle')) await idle(relay);
  await end(relay);
  await to.close();
}

async function idle({ child }: Side): Promise<void> {
  await sleep(80_000); // after a minute the surveying thread ends, and Node writes its compiled code, once
  const written = () => {
    const io = readFileSync(`/proc/${child.pid}/io`, 'utf8');
    return Number(/^write_bytes: (\d+)/m.exec(io)?.[1]);
  };
  const seconds = 30;
  const before = { bytes: written(), ...(await told<Usage>(child)) };
  await sleep(seconds * 1000);
  const after = { bytes: written(), ...(await told<Usage>(child)) };
  say({
    what: 'idle',
    seconds,
    bytesWritten: after.bytes - before.bytes,
    coreShare: round((after.cpuMs - before.cpuMs) / (seconds * 1000), 5),
    asked: { bytesWritten: 0, coreShare: 0.005 },
  });
}

async function drain(): Promise<void> {
  const people = Math.round(100_000 * scale);
  const to = await sink({ latencyMs: 2 });
  const relay = await start(await fill({ people, groups: 1, each: 1 }, 32));
  await enable(relay, to);
  const heap: number[] = [];
  const rss: number[] = [];
  const begun = performance.now();
  await drained(relay, to, people, async () => {
    const { heapMb, rssMb } = await told<Usage>(relay.child);
    heap.push(round(heapMb, 1));
    rss.push(Math.round(rssMb));
  });
  const seconds = (performance.now() - begun) / 1000;
  say({
    what: 'heap while many owed deliveries drain',
    owed: people,
    perSecond: Math.round(people / seconds),
    heapMb: heap,
    rssMb: rss,
    growthMb: round((heap.at(-1) ?? 0) - (heap[1] ?? 0), 1),
    asked: { growthMb: 5 },
  });
  await end(relay);
  await to.close();
}

async function kill(): Promise<void> {
  const to = await sink({ latencyMs });
  let relay = await start(await fill({ people: Math.round(20_000 * scale), groups: 1, each: 1 }));
  await enable(relay, to);
  const taken: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    for (const before = writesOf(to); writesOf(to) < before + 100; ) await sleep(5);
    const gone = new Promise((resolve) => relay.child.once('exit', resolve));
    const killedAt = performance.now();
    relay.child.kill('SIGKILL');
    await gone;
    await sleep(latencyMs + 5); // what was on its way is answered to nobody
    const before = writesOf(to);
    const starting = start(relay.data);
    while (writesOf(to) === before) await sleep(1);
    taken.push(performance.now() - killedAt);
    relay = await starting;
  }
  say({
    what: 'from SIGKILL to the next write',
    ms: taken.map(Math.round),
    medianMs: Math.round(taken.sort((a, b) => a - b)[2] ?? 0),
    asked: { ms: 1000 },
  });
  await end(relay);
  await to.close();
}

try {
  if (wanted('load') || wanted('idle')) await load();
  if (wanted('drain')) await drain();
  if (wanted('kill')) await kill();
} finally {
  if (built !== undefined) folders.push(join(await built, '../..'));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
