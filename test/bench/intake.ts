/**
 * `npm run bench -- intake`: how fast pushes are taken, every one on disk before its answer, as a share of what the same
 * Express can do at all; with 2,000 people there already and with 20,000, in 500 groups; then what a large directory costs
 * (scale.ts). `BENCH_PEOPLE` measures one number of people only. `BENCH_PROFILE` names a folder for the relay's CPU profile.
 *
 * The load is the first cycle of Entra: for each new person a look-up, a create and a membership PATCH. The floor
 * (floor.ts) is sent the very same, in the same minutes, by turns with the relay; ratios are medians over the rounds.
 * Both are warm: the engine goes on compiling for some ten thousand requests of a kind, so the relay's process first receives
 * another company, in another folder, and the floor as many requests.
 * The relay is the whole relay, and plans what it is sent meanwhile. CPU is its own, over all its threads. What a push costs
 * is measured where there is nothing but pushes, creates and memberships: a look-up is a request and no push.
 *
 * A third server by turns with them (bare.ts) does nothing but make pushes durable: how much of the floor this machine leaves to
 * that is about the most a relay could reach. `shareOfBare` is the relay's part of it.
 *
 * `busy` and `floorBusy` tell who was the limit: near 1 the server, else the client that sends the load.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '../../daemon/store/db.ts';
import { journal } from '../../daemon/store/journal.ts';
import { sources } from '../../daemon/store/sources.ts';
import { figure } from './figure.ts';
import { type Ask, type Client, clients, drive, median, percentile, type Told } from './wire.ts';

const groups = 500;
const rounds = 5;
const peoplePerRound = 1_000;
const warmingPeople = 10_000;
const token = 'bench';

type Usage = Readonly<{ cpuMs: number; rssMb: number }>;
type Ask1 = Client['ask'];
const say = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

const told = <T>(child: ChildProcess, ask: 'usage' | object | null = 'usage'): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a server ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
    if (ask !== null) child.send(ask);
  });
const must = (reply: Told, status: number): Told => {
  if (reply.status === status) return reply;
  throw new Error(`expected ${status}, got ${reply.status}: ${reply.text}`);
};
const idIn = ({ text }: Told): string => (JSON.parse(text) as { id: string }).id;

/** The directory's own ids, and names, come in no order: 7919 and 1,000,003 have no divisor in common. */
const scattered = (index: number): string => String((index * 7919) % 1_000_003);
const user = (index: number) => {
  const userName = `person.${scattered(index)}@example.test`;
  return {
    schemas: [
      'urn:ietf:params:scim:schemas:core:2.0:User',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    ],
    externalId: `0a21f0f2-8d2a-4f8e-bf98-${scattered(index + 17).padStart(12, '0')}`,
    userName,
    active: true,
    displayName: `Person Number ${index}`,
    emails: [{ primary: true, type: 'work', value: userName }],
    meta: { resourceType: 'User' },
    name: { formatted: `Person Number ${index}`, familyName: `Number ${index}`, givenName: 'Person' },
    roles: [],
    title: 'Engineer',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: `Department ${index % 40}` },
  };
};
const found = (filter: string): Ask => ({ method: 'GET', path: `/Users?filter=${encodeURIComponent(filter)}` });
const member = (group: string, id: string): Ask => ({
  method: 'PATCH',
  path: `/Groups/${group}`,
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'Add', path: 'members', value: [{ value: id }] }],
  },
});

let next = 0;
/** One new person: look-up (in the mix only), create, membership. What the floor answers is not looked at. */
const mix =
  (ids: readonly string[], isRelay: boolean, latencies: number[], load = 'mix') =>
  async (_: number, ask: Ask1) => {
    const index = next++;
    const person = user(index);
    if (load === 'mix') latencies.push((await ask(found(`userName eq "${person.userName}"`))).ms);
    const created = await ask({ method: 'POST', path: '/Users', body: person });
    const id = isRelay ? idIn(must(created, 201)) : 'x';
    const added = await ask(member(ids[index % groups] ?? 'x', id));
    if (isRelay) must(added, 204);
    latencies.push(created.ms, added.ms);
  };

type Side = Readonly<{ child: ChildProcess; url: string; isRelay: boolean }>;

async function fill(relay: Side, people: number): Promise<string[]> {
  const ids: string[] = [];
  const over = clients(relay.url, token, 8);
  await drive(over, groups, async (index, ask) => {
    ids[index] = idIn(
      must(await ask({ method: 'POST', path: '/Groups', body: { displayName: `Group ${index}` } }), 201),
    );
  });
  const before = await told<Usage>(relay.child);
  const seconds = await drive(over, people, mix(ids, true, []));
  const { cpuMs, rssMb } = await told<Usage>(relay.child);
  say({
    bench: 'intake.fill',
    people,
    groups,
    perSecond: Math.round((people * 3) / seconds),
    cpuMsPerPush: round((cpuMs - before.cpuMs) / (people * 2), 3),
    rssMb: Math.round(rssMb),
  });
  for (const { close } of over) close();
  return ids;
}

async function compare(
  relay: Side,
  floor: Side,
  bare: Side,
  ids: readonly string[],
  { people, concurrency, load }: Readonly<{ people: number; concurrency: number; load: 'mix' | 'pushes' }>,
): Promise<void> {
  const requests = peoplePerRound * (load === 'mix' ? 3 : 2);
  const sides = [relay, floor, bare].map((side) => ({
    ...side,
    over: clients(side.url, token, concurrency),
    rates: [] as number[],
    p95: [] as number[],
    cpu: [] as number[],
  }));
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const { child, isRelay, over, rates, p95, cpu } of sides) {
      const latencies: number[] = [];
      const before = await told<Usage>(child);
      const seconds = await drive(over, peoplePerRound, mix(ids, isRelay, latencies, load));
      const after = await told<Usage>(child);
      rates.push(requests / seconds);
      p95.push(percentile(latencies, 0.95));
      cpu.push((after.cpuMs - before.cpuMs) / requests);
    }
  }
  const [ours, theirs, durable] = sides as [(typeof sides)[0], (typeof sides)[0], (typeof sides)[0]];
  const busy = ({ cpu, rates }: typeof ours) => round(median(cpu.map((ms, turn) => (ms * rates[turn]!) / 1000)));
  const over = (one: typeof ours, other: typeof ours) =>
    round(median(one.rates.map((rate, turn) => rate / other.rates[turn]!)));
  const ratio = over(ours, theirs);
  const p95Ratio = round(median(ours.p95) / median(theirs.p95));
  const cpuMsPerRequest = round(median(ours.cpu), 3);
  say({
    bench: `intake.${load}`,
    concurrency,
    people,
    perSecond: Math.round(median(ours.rates)),
    floorPerSecond: Math.round(median(theirs.rates)),
    ratioToFloor: ratio,
    bareRatioToFloor: over(durable, theirs),
    shareOfBare: over(ours, durable),
    p95Ms: round(median(ours.p95)),
    floorP95Ms: round(median(theirs.p95)),
    p95Ratio,
    cpuMsPerRequest,
    floorCpuMsPerRequest: round(median(theirs.cpu), 3),
    busy: busy(ours),
    floorBusy: busy(theirs),
  });
  const where = `${concurrency} at once, ${people} people`;
  if (load === 'mix') {
    figure('intake', `ratio to the floor, ${where}`, ratio, { atLeast: 0.45, aim: 0.6 });
    figure('intake', `p95 over the floor's, ${where}`, p95Ratio, { atMost: 3 });
  } else figure('intake', `CPU a push in ms, ${where}`, cpuMsPerRequest, { atMost: 0.2 });
  for (const { over } of sides) for (const { close } of over) close();
}

async function folder(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'bench-intake-'));
  const db = open(join(data, 'relay.db'));
  await sources(db, journal(db)).add({ kind: 'entra', name: 'bench', token, by: 'bench', now: Date.now() });
  db.close();
  return data;
}

async function warm({ url }: Side): Promise<void> {
  const over = clients(url, token, 32);
  await drive(over, warmingPeople, mix([], false, []));
  for (const { close } of over) close();
}

async function measure(people: number): Promise<void> {
  const [before, data, kept] = [await folder(), await folder(), mkdtempSync(join(tmpdir(), 'bench-bare-'))];
  const profile = process.env.BENCH_PROFILE;
  const execArgv = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
  const children = [
    fork(join(import.meta.dirname, 'relay.ts'), [before], { execArgv }),
    fork(join(import.meta.dirname, 'floor.ts')),
    fork(join(import.meta.dirname, 'bare.ts'), [kept]),
  ];
  try {
    const [ours, theirs, durable] = children as [ChildProcess, ChildProcess, ChildProcess];
    const relayAt = ({ url }: { url: string }): Side => ({ child: ours, url, isRelay: true });
    await fill(relayAt(await told(ours, null)), warmingPeople);
    const sideOf = async (child: ChildProcess): Promise<Side> => {
      const { url } = await told<{ url: string }>(child, null);
      return { child, url: `${url}/scim/v2`, isRelay: false };
    };
    const [floor, bare] = [await sideOf(theirs), await sideOf(durable)];
    for (const side of [floor, bare]) await warm(side);
    const relay = relayAt(await told(ours, { folder: data }));
    const ids = await fill(relay, people);
    for (const load of ['mix', 'pushes'] as const)
      for (const concurrency of [8, 32]) await compare(relay, floor, bare, ids, { people, concurrency, load });
  } finally {
    const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) child.disconnect();
    await Promise.all(ended);
    for (const path of [before, data, kept]) rmSync(path, { recursive: true, force: true });
  }
}

const sizes = process.env.BENCH_PEOPLE === undefined ? [2_000, 20_000] : [Number(process.env.BENCH_PEOPLE)];
for (const people of sizes) await measure(people);
// What is asked of a large directory is measured there, and printed in the same way.
if (process.env.BENCH_PEOPLE === undefined) await import('./scale.ts');
