/**
 * `npm run bench -- scale`: what a large directory costs: 100,000 people, 2,000 groups and 2,000,000 memberships, one
 * group of them with everybody in it. `BENCH_PEOPLE` sets another number of people; all else shrinks with it.
 * `BENCH_FOLDER` names a folder to fill once and measure again later.
 *
 * A process of its own fills the database through the store, so that what is measured, the whole relay as `start` runs
 * it, starts cold on what it finds. Three floors run in the same minutes: for reads the same Express answering a
 * constant (floor.ts); for starting and for memory the same relay on an empty folder; for a membership push the same
 * push on a group of 100. CPU is the relay's own, over all its threads.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../daemon/contract/scim.ts';
import { open } from '../../daemon/store/db.ts';
import { directory } from '../../daemon/store/directory.ts';
import { journal } from '../../daemon/store/journal.ts';
import { sources } from '../../daemon/store/sources.ts';
import { figure } from './figure.ts';
import { type Ask, type Client, clients, median, percentile, type Told } from './wire.ts';

type Usage = Readonly<{ cpuMs: number; rssMb: number }>;
/** Ids by index, for the requests to name. */
type Filled = Readonly<{ people: readonly string[]; groups: readonly string[]; stranger: string; seconds: number }>;

const people = Number(process.env.BENCH_PEOPLE ?? 100_000);
const groups = Math.ceil(people / 50);
const memberships = people * 20;
const token = 'scale';
const say = (result: object) => process.stdout.write(`${JSON.stringify({ bench: 'scale', ...result })}\n`);
const round = (value: number, digits = 2) => Number(value.toFixed(digits));

const guid = (index: number) => `0a21f0f2-8d2a-4f8e-bf98-${String(index).padStart(12, '0')}`;
const user = (index: number): JsonObject => ({
  externalId: guid(index),
  userName: `person.${index}@example.test`,
  active: index % 50 !== 7,
  displayName: `Person Number ${index}`,
  title: 'Editor',
  emails: [{ primary: true, type: 'work', value: `person.${index}@example.test` }],
  name: { formatted: `Person Number ${index}`, familyName: `Number ${index}`, givenName: 'Person' },
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: `E${index}`, department: 'Books' },
});
/** The first group has everybody in it, the second 100, the others share the rest. */
const sizeOf = (index: number) =>
  index === 0 ? people : index === 1 ? 100 : Math.floor((memberships - people - 100) / (groups - 2));

/** 37 and the number of people have no divisor in common: nobody is named twice. */
const group =
  (made: readonly string[]) =>
  (index: number): JsonObject => ({
    displayName: `Group Number ${index}`,
    externalId: guid(people + index),
    members: Array.from({ length: sizeOf(index) }, (_, at) => ({ value: made[(index * 7919 + at * 37) % people]! })),
  });
function* batches(count: number, size: number): Generator<readonly number[]> {
  for (let from = 0; from < count; from += size)
    yield Array.from({ length: Math.min(size, count - from) }, (_, at) => from + at);
}

async function fill(data: string): Promise<Filled> {
  const begun = performance.now();
  const db = open(join(data, 'relay.db'));
  // Nothing here has to survive a crash.
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -1000000');
  const log = journal(db);
  const report = (cause: unknown): never => {
    throw cause;
  };
  const store = directory(db, log, { newId: randomUUID, now: Date.now, report });
  const known = sources(db, log);
  if ((await known.list(Date.now())).length === 0) {
    const source = await known.add({ kind: 'entra', name: token, token, by: 'bench', now: Date.now() });
    const push = async (bodies: readonly JsonObject[], kind: 'User' | 'Group') => {
      const outcomes = await store.accept(bodies.map((body) => ({ source, method: 'POST', kind, body })));
      return outcomes.map((outcome) => (outcome.ok ? outcome.id : report(outcome.error)));
    };
    const made: string[] = [];
    for (const batch of batches(people + 1, 1000)) made.push(...(await push(batch.map(user), 'User')));
    for (const batch of batches(groups, 50)) await push(batch.map(group(made)), 'Group');
  }
  const idsOf = (table: 'person' | 'team') =>
    db.prepare<[], string>(`SELECT id FROM ${table} ORDER BY num`).pluck().all();
  const made = idsOf('person');
  const teams = idsOf('team');
  db.close();
  // The one made last is in no group yet.
  const stranger = made.pop()!;
  return { people: made, groups: teams, stranger, seconds: (performance.now() - begun) / 1000 };
}

const told = <T>(child: ChildProcess, ask = true): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
    if (ask) child.send('usage');
  });
const end = (child: ChildProcess): Promise<unknown> => {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();
  return ended;
};

type Side = Readonly<{ child: ChildProcess; ask: (ask: Ask) => Promise<Told> }>;

/** Median time and CPU of a request, over as many as there are, each another. */
async function cost({ child, ask }: Side, times: number, request: (turn: number) => Ask, status?: number) {
  for (let turn = 0; turn < 20; turn += 1) await ask(request(times + turn));
  const taken: number[] = [];
  const before = await told<Usage>(child);
  for (let turn = 0; turn < times; turn += 1) {
    const answer = await ask(request(turn));
    if (status !== undefined && answer.status !== status) throw new Error(`expected ${status}: ${answer.text}`);
    taken.push(answer.ms);
  }
  const after = await told<Usage>(child);
  return {
    ms: median(taken),
    p95: percentile(taken, 0.95),
    cpuMs: (after.cpuMs - before.cpuMs) / times,
    rssMb: after.rssMb,
  };
}

/** From the command, `steeple-relay start`, to its ready line, as a service manager waits for it. */
async function startOf(program: string, data: string): Promise<number> {
  const begun = performance.now();
  const at = ['--scim', '127.0.0.1:0', '--console', '127.0.0.1:0', '--log-level', 'silent'];
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [program, 'start', '--data', data, ...at], { stdio: [...stdio] });
  await Promise.race([
    once(child.stdout!, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`start ended with ${code}`))),
  ]);
  const ms = performance.now() - begun;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return ms;
}

/** Of the source, and of the built relay where `npm run build` has made it. The first start keeps its code for the rest. */
async function starts(full: string, empty: string): Promise<void> {
  const root = join(import.meta.dirname, '../..');
  for (const program of ['daemon/cli.ts', 'out/main/cli.js']) {
    const path = join(root, program);
    if (!existsSync(path)) {
      say({ what: 'start to ready', program, skipped: 'it is not built; npm run build makes it' });
      continue;
    }
    const first = await startOf(path, full);
    await startOf(path, empty);
    const taken: number[][] = [[], []];
    for (let turn = 0; turn < 5; turn += 1)
      for (const [index, data] of [full, empty].entries()) taken[index]!.push(await startOf(path, data));
    const ms = Math.round(median(taken[0]!));
    say({ what: 'start to ready', program, ms, firstMs: Math.round(first), floorMs: Math.round(median(taken[1]!)) });
    figure('scale', `start to ready in ms, ${program}`, ms, { atMost: 1000 });
  }
}

async function measure(folder: string): Promise<void> {
  const [full, empty] = [join(folder, 'full'), join(folder, 'empty')];
  for (const data of [full, empty]) mkdirSync(data, { recursive: true });
  const filler = fork(import.meta.filename, [], { env: { ...process.env, BENCH_FILL: full } });
  const { seconds, ...ids } = await told<Filled>(filler, false);
  say({ what: 'fill', people, groups, memberships, seconds: round(seconds, 1) });

  await starts(full, empty);
  const started = async (data: string) => {
    const child = fork(join(import.meta.dirname, 'relay.ts'), [data]);
    const { url } = await told<{ url: string }>(child, false);
    return { child, url, ...(await told<Usage>(child)) };
  };
  const idle = await started(empty);
  await end(idle.child);
  const relay = await started(full);
  const floor = fork(join(import.meta.dirname, 'floor.ts'));
  const floorUrl = (await told<{ url: string }>(floor, false)).url;
  const [ours] = clients(relay.url, token, 1) as [Client];
  const [theirs] = clients(`${floorUrl}/scim/v2`, token, 1) as [Client];
  const sides = { relay: { child: relay.child, ask: ours.ask }, floor: { child: floor, ask: theirs.ask } };

  const pick = (turn: number) => (turn * 7919) % people;
  const get = (path: string): Ask => ({ method: 'GET', path });
  const where = (kind: 'Users' | 'Groups', filter: string, more = '') =>
    get(`/${kind}?filter=${new URLSearchParams({ '': filter }).toString().slice(1)}${more}`);
  const bare = '&excludedAttributes=members';
  const reads: readonly (readonly [
    what: string,
    asked: 'page' | 'filter' | undefined,
    request: (turn: number) => Ask,
    times?: number,
  ])[] = [
    ['first page of 100 users', 'page', () => get('/Users?startIndex=1&count=100')],
    ['middle page of 100 users', undefined, () => get(`/Users?startIndex=${people / 2}&count=100`)],
    ['last page of 100 users', 'page', () => get(`/Users?startIndex=${people - 98}&count=100`)],
    [
      'last page, without their groups',
      'page',
      () => get(`/Users?startIndex=${people - 98}&count=100&excludedAttributes=groups`),
    ],
    ['first page of 100 groups', 'page', () => get(`/Groups?startIndex=1&count=100${bare}`)],
    ['last page of 100 groups', 'page', () => get(`/Groups?startIndex=${groups - 99}&count=100${bare}`)],
    ['userName eq', 'filter', (turn) => where('Users', `userName eq "PERSON.${pick(turn)}@example.test"`)],
    ['userName eq, nobody', 'filter', (turn) => where('Users', `userName eq "nobody.${turn}@example.test"`)],
    ['externalId eq', 'filter', (turn) => where('Users', `externalId eq "${guid(pick(turn))}"`)],
    [
      'work e-mail eq',
      'filter',
      (turn) => where('Users', `emails[type eq "work"].value eq "person.${pick(turn)}@example.test"`),
    ],
    [
      'group displayName eq',
      'filter',
      (turn) => where('Groups', `displayName eq "Group Number ${turn % groups}"`, bare),
    ],
    [
      'group externalId eq',
      'filter',
      (turn) => where('Groups', `externalId eq "${guid(people + (turn % groups))}"`, bare),
    ],
    [
      'id eq and members eq, everybody in it',
      'filter',
      (turn) => where('Groups', `id eq "${ids.groups[0]}" and members eq "${ids.people[pick(turn)]}"`, bare),
    ],
    [
      'members eq and id eq, not in it',
      'filter',
      (turn) => where('Groups', `members eq "${ids.people[pick(turn)]}" and id eq "${ids.groups[1]}"`, bare),
    ],
    [
      'id eq and manager eq',
      'filter',
      (turn) => where('Users', `id eq "${ids.people[pick(turn)]}" and manager eq "${ids.people[0]}"`, '&attributes=id'),
    ],
    ['one user by id', undefined, (turn) => get(`/Users/${ids.people[pick(turn)]}`)],
    [
      'user displayName eq (read through)',
      undefined,
      (turn) => where('Users', `displayName eq "Person Number ${turn}"`),
      10,
    ],
  ];
  let highestMb = relay.rssMb;
  for (const [what, asked, request, times = 200] of reads) {
    const floorCost = await cost(sides.floor, times, request);
    const { ms, p95, cpuMs, rssMb } = await cost(sides.relay, times, request, 200);
    highestMb = Math.max(highestMb, rssMb);
    say({
      what,
      ms: round(ms),
      p95Ms: round(p95),
      cpuMs: round(cpuMs, 3),
      floorMs: round(floorCost.ms),
      floorCpuMs: round(floorCost.cpuMs, 3),
    });
    if (asked === 'page') figure('scale', `${what}, in ms`, round(ms), { atMost: 3 });
    if (asked === 'filter') figure('scale', `${what}, CPU in ms`, round(cpuMs, 3), { atMost: 1 });
  }

  // In turns of 40, so that what else the machine does meets both.
  const spent = [0, 1].map(() => ({ ms: [] as number[], cpu: [] as number[] }));
  for (let turn = 0; turn < 10; turn += 1)
    for (const [side, index] of [1, 0].entries()) {
      const { ms, cpuMs } = await cost(
        sides.relay,
        40,
        (at) => ({
          method: 'PATCH',
          path: `/Groups/${ids.groups[index]}`,
          body: {
            Operations: [{ op: at % 2 === 0 ? 'Add' : 'Remove', path: 'members', value: [{ value: ids.stranger }] }],
          },
        }),
        204,
      );
      spent[side]!.ms.push(ms);
      spent[side]!.cpu.push(cpuMs);
    }
  const [small, large] = spent as [(typeof spent)[0], (typeof spent)[0]];
  say({
    what: 'membership push',
    sizes: [100, people],
    ms: [round(median(small.ms)), round(median(large.ms))],
    cpuMs: [round(median(small.cpu), 3), round(median(large.cpu), 3)],
    ratio: round(median(large.ms) / median(small.ms)),
    cpuRatio: round(median(large.cpu) / median(small.cpu)),
  });
  const ratio = round(median(large.ms) / median(small.ms));
  figure('scale', `membership push, groups of ${people} and of 100`, ratio, { atMost: 1.2 });

  const { rssMb } = await told<Usage>(relay.child);
  say({
    what: 'memory',
    atReadyMb: Math.round(relay.rssMb),
    highestMb: Math.round(Math.max(highestMb, rssMb)),
    floorMb: Math.round(idle.rssMb),
  });
  figure('scale', `memory in MB, ${people} people`, Math.round(Math.max(highestMb, rssMb)), { atMost: 250 });
  for (const { close } of [ours, theirs]) close();
  floor.disconnect();
  await end(relay.child);
}

const filling = process.env.BENCH_FILL;
if (filling !== undefined) process.send?.(await fill(filling), () => process.disconnect());
else {
  const kept = process.env.BENCH_FOLDER;
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'bench-scale-'));
  try {
    await measure(folder);
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
