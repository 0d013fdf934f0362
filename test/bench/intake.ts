/**
 * How fast pushes are taken, every one on disk before its answer, as a share of what the same Express can do at all.
 *
 * The floor runs in the same minutes, by turns with the relay, under the same load: the Entra mix of a look-up, a create
 * and a membership PATCH for each new person, on a directory that already holds 20,000 people in 500 groups. Ratios are
 * medians over the rounds. `BENCH_PEOPLE` sets another size.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ask, clients, drive, median, percentile, type Told } from './wire.ts';

const people = Number(process.env.BENCH_PEOPLE ?? 20_000);
const groups = 500;
const rounds = 5;
const perRound = 3_000;

type Usage = Readonly<{ cpuMs: number; rssMb: number }>;
const say = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);
const data = mkdtempSync(join(tmpdir(), 'bench-'));
const children = [
  fork(join(import.meta.dirname, '..', 'doorprocess.ts'), [data]),
  fork(join(import.meta.dirname, 'floor.ts')),
];
const told = <T>(index: number, ask = true): Promise<T> =>
  new Promise((resolve, reject) => {
    children[index]!.once('message', (message) => resolve(message as T));
    children[index]!.once('exit', (code) => reject(new Error(`a server ended with ${code}`)));
    if (ask) children[index]!.send('usage');
  });

const user = (index: number) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  externalId: `0a21f0f2-8d2a-4f8e-bf98-${String(index).padStart(12, '0')}`,
  userName: `person.${index}@example.test`,
  active: true,
  displayName: `Person Number ${index}`,
  emails: [{ primary: true, type: 'work', value: `person.${index}@example.test` }],
  meta: { resourceType: 'User' },
  name: { formatted: `Person Number ${index}`, familyName: `Number ${index}`, givenName: 'Person' },
  roles: [],
  title: 'Engineer',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: `Department ${index % 40}` },
});
const lookUp = (index: number): Ask => ({
  method: 'GET',
  path: `/Users?filter=userName+eq+%22person.${index}%40example.test%22`,
});
const addMember = (group: string, member: string): Ask => ({
  method: 'PATCH',
  path: `/Groups/${group}`,
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'Add', path: 'members', value: [{ value: member }] }],
  },
});
const must = (reply: Told, status: number): Told => {
  if (reply.status === status) return reply;
  throw new Error(`expected ${status}, got ${reply.status}: ${reply.text}`);
};
const idIn = ({ text }: Told): string => (JSON.parse(text) as { id: string }).id;

try {
  const [relay, floor] = await Promise.all([told<{ url: string }>(0, false), told<{ url: string }>(1, false)]);
  const ids: string[] = [];
  let next = 0;
  /** One person of the mix. The floor is sent the very same, and what it answers is not looked at. */
  const mix = (isRelay: boolean, latencies: number[]) => async (_: number, ask: (ask: Ask) => Promise<Told>) => {
    const index = next++;
    const looked = await ask(lookUp(index));
    const created = await ask({ method: 'POST', path: '/Users', body: user(index) });
    const id = isRelay ? idIn(must(created, 201)) : 'x';
    const added = await ask(addMember(ids[index % groups] ?? 'x', id));
    if (isRelay) must(added, 204);
    latencies.push(looked.ms, created.ms, added.ms);
  };

  const eight = await clients(relay.url, 'entra', 8);
  await drive(eight, groups, async (index, ask) => {
    ids[index] = idIn(
      must(await ask({ method: 'POST', path: '/Groups', body: { displayName: `Group ${index}` } }), 201),
    );
  });
  const before = await told<Usage>(0);
  const seconds = await drive(eight, people, mix(true, []));
  const filled = await told<Usage>(0);
  say({
    bench: 'intake.fill',
    people,
    groups,
    requests: people * 3,
    seconds: round(seconds, 1),
    perSecond: Math.round((people * 3) / seconds),
    cpuMsPerPush: round((filled.cpuMs - before.cpuMs) / (people * 2), 3),
    rssMb: Math.round(filled.rssMb),
  });
  const floorEight = await clients(`${floor.url}/scim/v2`, 'entra', 8);
  await drive(floorEight, 3_000, mix(false, []));

  for (const concurrency of [8, 32]) {
    const sides = [
      {
        isRelay: true,
        over: await clients(relay.url, 'entra', concurrency),
        rates: [] as number[],
        p95: [] as number[],
        cpu: [] as number[],
      },
      {
        isRelay: false,
        over: await clients(`${floor.url}/scim/v2`, 'entra', concurrency),
        rates: [] as number[],
        p95: [] as number[],
        cpu: [] as number[],
      },
    ];
    for (let turn = 0; turn < rounds; turn += 1) {
      for (const [index, side] of sides.entries()) {
        const latencies: number[] = [];
        const start = await told<Usage>(index);
        const took = await drive(side.over, perRound / 3, mix(side.isRelay, latencies));
        const end = await told<Usage>(index);
        side.rates.push(perRound / took);
        side.p95.push(percentile(latencies, 0.95));
        side.cpu.push((end.cpuMs - start.cpuMs) / perRound);
      }
    }
    const [ours, theirs] = sides as [(typeof sides)[0], (typeof sides)[0]];
    say({
      bench: 'intake.mix',
      concurrency,
      people,
      perSecond: Math.round(median(ours.rates)),
      floorPerSecond: Math.round(median(theirs.rates)),
      ratioToFloor: round(median(ours.rates.map((rate, turn) => rate / theirs.rates[turn]!)), 2),
      p95Ms: round(median(ours.p95), 2),
      floorP95Ms: round(median(theirs.p95), 2),
      p95Ratio: round(median(ours.p95) / median(theirs.p95), 2),
      // All of the relay's CPU, its look-ups too, over the pushes alone: two of every three requests.
      cpuMsPerPush: round((median(ours.cpu) * 3) / 2, 3),
      cpuMsPerRequest: round(median(ours.cpu), 3),
      floorCpuMsPerRequest: round(median(theirs.cpu), 3),
      // Near 1: the server, not the load generator, is what limits the rate.
      busy: round(median(ours.cpu.map((cpu, turn) => (cpu * ours.rates[turn]!) / 1000)), 2),
      floorBusy: round(median(theirs.cpu.map((cpu, turn) => (cpu * theirs.rates[turn]!) / 1000)), 2),
    });
    for (const { over } of sides) for (const { close } of over) close();
  }

  const [{ ask }] = eight as [(typeof eight)[0]];
  const everybody: string[] = [];
  for (let startIndex = 1; everybody.length < people; startIndex += 1000) {
    const page = await ask({ method: 'GET', path: `/Users?attributes=id&count=1000&startIndex=${startIndex}` });
    const { Resources } = JSON.parse(page.text) as { Resources: { id: string }[] };
    everybody.push(...Resources.map(({ id }) => id));
  }
  const groupOf = async (size: number) => {
    const members = everybody.slice(0, size).map((value) => ({ value }));
    return idIn(
      must(
        await ask({ method: 'POST', path: '/Groups?attributes=id', body: { displayName: `Of ${size}`, members } }),
        201,
      ),
    );
  };
  const sizes = [100, people];
  const those = [await groupOf(100), await groupOf(people)];
  const spent: number[][] = [[], []];
  const stranger = idIn(must(await ask({ method: 'POST', path: '/Users', body: user(next++) }), 201));
  for (let turn = 0; turn < 400; turn += 1) {
    for (const [side, group] of those.entries()) {
      const op = turn % 2 === 0 ? 'Add' : 'Remove';
      const told = await ask({
        ...addMember(group, stranger),
        body: { Operations: [{ op, path: 'members', value: [{ value: stranger }] }] },
      });
      spent[side]!.push(must(told, 204).ms);
    }
  }
  say({
    bench: 'intake.membership',
    sizes,
    ms: spent.map((times) => round(median(times), 3)),
    ratio: round(median(spent[1]!) / median(spent[0]!), 2),
  });

  const timed = async (path: string) => {
    const times: number[] = [];
    const start = await told<Usage>(0);
    for (let turn = 0; turn < 200; turn += 1) times.push(must(await ask({ method: 'GET', path }), 200).ms);
    const end = await told<Usage>(0);
    return { ms: round(median(times), 2), cpuMs: round((end.cpuMs - start.cpuMs) / 200, 2) };
  };
  say({ bench: 'intake.read', what: 'first page of 100', ...(await timed('/Users?count=100')) });
  say({
    bench: 'intake.read',
    what: 'last page of 100',
    ...(await timed(`/Users?count=100&startIndex=${people - 100}`)),
  });
  say({ bench: 'intake.read', what: 'userName eq', ...(await timed(lookUp(7).path)) });
  say({
    bench: 'intake.read',
    what: 'externalId eq',
    ...(await timed(`/Users?filter=externalId+eq+%22${user(7).externalId}%22`)),
  });
  say({
    bench: 'intake.read',
    what: 'work e-mail eq',
    ...(await timed(`/Users?filter=${encodeURIComponent('emails[type eq "work"].value eq "person.7@example.test"')}`)),
  });
  say({
    bench: 'intake.read',
    what: 'displayName co (read through)',
    ...(await timed(`/Users?count=1&filter=${encodeURIComponent('displayName co "Number 77"')}`)),
  });
  say({ bench: 'intake.memory', rssMb: Math.round((await told<Usage>(0)).rssMb) });
  for (const { close } of [...eight, ...floorEight]) close();
} finally {
  for (const child of children) child.disconnect();
  rmSync(data, { recursive: true, force: true });
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
