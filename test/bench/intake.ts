/**
 * `npm run bench -- intake`: how fast pushes are taken, every one on disk before its answer, as a share of what the same
 * Express can do at all. `BENCH_PEOPLE` sets how many people are there already (20,000), in 500 groups.
 *
 * The load is the first cycle of Entra: for each new person a look-up, a create and a membership PATCH. The floor
 * (floor.ts) is sent the very same, in the same minutes, by turns with the relay; ratios are medians over the rounds.
 * The relay is the whole relay, and plans what it is sent meanwhile. CPU is its own, over all its threads.
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
import { type Ask, type Client, clients, drive, median, percentile, type Told } from './wire.ts';

const people = Number(process.env.BENCH_PEOPLE ?? 20_000);
const groups = 500;
const rounds = 5;
const peoplePerRound = 1_000;
const token = 'bench';

type Usage = Readonly<{ cpuMs: number; rssMb: number }>;
type Ask1 = Client['ask'];
const say = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

const told = <T>(child: ChildProcess, ask = true): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a server ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
    if (ask) child.send('usage');
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
const member = (group: string, id: string, op: 'Add' | 'Remove'): Ask => ({
  method: 'PATCH',
  path: `/Groups/${group}`,
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op, path: 'members', value: [{ value: id }] }],
  },
});

let next = 0;
/** One new person: look-up, create, membership. What the floor answers is not looked at. */
const mix = (ids: readonly string[], isRelay: boolean, latencies: number[]) => async (_: number, ask: Ask1) => {
  const index = next++;
  const person = user(index);
  const looked = await ask(found(`userName eq "${person.userName}"`));
  const created = await ask({ method: 'POST', path: '/Users', body: person });
  const id = isRelay ? idIn(must(created, 201)) : 'x';
  const added = await ask(member(ids[index % groups] ?? 'x', id, 'Add'));
  if (isRelay) must(added, 204);
  latencies.push(looked.ms, created.ms, added.ms);
};

type Side = Readonly<{ child: ChildProcess; url: string; isRelay: boolean }>;

async function fill(relay: Side): Promise<string[]> {
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

async function compare(relay: Side, floor: Side, ids: readonly string[], concurrency: number): Promise<void> {
  const requests = peoplePerRound * 3;
  const sides = [relay, floor].map((side) => ({
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
      const seconds = await drive(over, peoplePerRound, mix(ids, isRelay, latencies));
      const after = await told<Usage>(child);
      rates.push(requests / seconds);
      p95.push(percentile(latencies, 0.95));
      cpu.push((after.cpuMs - before.cpuMs) / requests);
    }
  }
  const [ours, theirs] = sides as [(typeof sides)[0], (typeof sides)[0]];
  const busy = ({ cpu, rates }: typeof ours) => round(median(cpu.map((ms, turn) => (ms * rates[turn]!) / 1000)));
  say({
    bench: 'intake.mix',
    concurrency,
    people,
    perSecond: Math.round(median(ours.rates)),
    floorPerSecond: Math.round(median(theirs.rates)),
    ratioToFloor: round(median(ours.rates.map((rate, turn) => rate / theirs.rates[turn]!))),
    p95Ms: round(median(ours.p95)),
    floorP95Ms: round(median(theirs.p95)),
    p95Ratio: round(median(ours.p95) / median(theirs.p95)),
    // All of the relay's CPU, look-ups and planning too, over the pushes alone: two of every three requests.
    cpuMsPerPush: round((median(ours.cpu) * 3) / 2, 3),
    cpuMsPerRequest: round(median(ours.cpu), 3),
    floorCpuMsPerRequest: round(median(theirs.cpu), 3),
    busy: busy(ours),
    floorBusy: busy(theirs),
  });
  for (const { over } of sides) for (const { close } of over) close();
}

/** One member in and out, of a small group and of one that everybody is in, by turns. */
async function memberships({ url }: Side): Promise<void> {
  const [{ ask, close }] = clients(url, token, 1) as [Client];
  const everybody: string[] = [];
  while (everybody.length < people) {
    const path = `/Users?attributes=id&count=1000&startIndex=${everybody.length + 1}`;
    const { Resources } = JSON.parse(must(await ask({ method: 'GET', path }), 200).text) as {
      Resources: { id: string }[];
    };
    everybody.push(...Resources.map(({ id }) => id));
  }
  const stranger = everybody.pop()!;
  const sizes = [100, everybody.length];
  const those: { id: string; ms: number[] }[] = [];
  for (const size of sizes) {
    const body = { displayName: `Of ${size}`, members: everybody.slice(0, size).map((value) => ({ value })) };
    const made = must(await ask({ method: 'POST', path: '/Groups?attributes=id', body }), 201);
    those.push({ id: idIn(made), ms: [] });
  }
  for (let turn = 0; turn < 400; turn += 1)
    for (const { id, ms } of those)
      ms.push(must(await ask(member(id, stranger, turn % 2 === 0 ? 'Add' : 'Remove')), 204).ms);
  const [small, large] = those.map(({ ms }) => median(ms)) as [number, number];
  say({ bench: 'intake.membership', sizes, ms: [round(small, 3), round(large, 3)], ratio: round(large / small) });
  close();
}

async function reads({ url, child }: Side): Promise<void> {
  const [{ ask, close }] = clients(url, token, 1) as [Client];
  const email = `emails[type eq "work"].value eq "${user(7).userName}"`;
  const asked: readonly (readonly [what: string, ask: Ask, times: number])[] = [
    ['first page of 100', { method: 'GET', path: '/Users?count=100' }, 100],
    ['last page of 100', { method: 'GET', path: `/Users?count=100&startIndex=${people - 100}` }, 100],
    ['userName eq', found(`userName eq "${user(7).userName}"`), 200],
    ['externalId eq', found(`externalId eq "${user(7).externalId}"`), 200],
    ['work e-mail eq', found(email), 200],
    ['displayName co, which reads through all', found('displayName co "Number 77"'), 10],
  ];
  for (const [what, request, times] of asked) {
    const ms: number[] = [];
    const before = await told<Usage>(child);
    for (let turn = 0; turn < times; turn += 1) ms.push(must(await ask(request), 200).ms);
    const after = await told<Usage>(child);
    const cpuMs = round((after.cpuMs - before.cpuMs) / times);
    say({ bench: 'intake.read', what, people, ms: round(median(ms)), cpuMs });
  }
  say({ bench: 'intake.memory', rssMb: Math.round((await told<Usage>(child)).rssMb) });
  close();
}

const data = mkdtempSync(join(tmpdir(), 'bench-intake-'));
const db = open(join(data, 'relay.db'));
await sources(db, journal(db)).add({ kind: 'entra', name: 'bench', token, by: 'bench', now: Date.now() });
db.close();
const children = [fork(join(import.meta.dirname, 'relay.ts'), [data]), fork(join(import.meta.dirname, 'floor.ts'))];
try {
  const [ours, theirs] = children as [ChildProcess, ChildProcess];
  const relay: Side = { child: ours, url: (await told<{ url: string }>(ours, false)).url, isRelay: true };
  const floor: Side = {
    child: theirs,
    url: `${(await told<{ url: string }>(theirs, false)).url}/scim/v2`,
    isRelay: false,
  };
  const ids = await fill(relay);
  // As warm as the relay is by now, or it would be a floor one can look down on.
  const warming = clients(floor.url, token, 8);
  await drive(warming, people / 2, mix([], false, []));
  for (const { close } of warming) close();
  for (const concurrency of [8, 32]) await compare(relay, floor, ids, concurrency);
  await memberships(relay);
  await reads(relay);
} finally {
  const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of children) child.disconnect();
  await Promise.all(ended);
  rmSync(data, { recursive: true, force: true });
}
