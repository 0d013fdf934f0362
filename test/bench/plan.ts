/**
 * `npm run bench -- plan [users] [groups]`: the whole plan for a company, planning one person again, and a page of a plan.
 *
 * The floor is reading the rows a plan needs with plain SELECTs, in the same run; so a slow machine slows both.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { JsonObject } from '../../daemon/contract/scim.ts';
import type { Push } from '../../daemon/core/directory.ts';
import { company } from '../../daemon/sandbox/people.ts';
import { rig } from '../rig.ts';

setFlagsFromString('--optimize-for-size'); // as the relay runs
const [users = 20_000, groups = 500] = process.argv.slice(3).map(Number);
// The database is filled by a process of its own, so that what is measured here is planning alone.
const loading = process.env.BENCH_LOAD;
const folder = loading ?? mkdtempSync(join(tmpdir(), 'bench-plan-'));
if (loading === undefined)
  spawnSync(process.execPath, process.argv.slice(1), { env: { ...process.env, BENCH_LOAD: folder }, stdio: 'inherit' });
const relay = await rig({ url: 'http://127.0.0.1:9', token: 'none' }, { file: join(folder, 'relay.db') });
const print = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);
const rss = () => Math.round(process.memoryUsage().rss / 1e6);

async function load(): Promise<void> {
  const made = company({ users, groups, seed: 'bench' });
  const ids = new Map<string, string>();
  const send = async (items: readonly (Omit<Push, 'source'> & { key: string })[]) => {
    for (let at = 0; at < items.length; at += 256) {
      const some = items.slice(at, at + 256);
      const given = await relay.push(...some.map(({ key: _, ...item }) => item));
      for (const [index, { key }] of some.entries()) ids.set(key, given[index] as string);
    }
  };
  const user = ({ id, userName, email, givenName, familyName, active }: (typeof made.people)[number]): JsonObject => ({
    userName,
    externalId: id,
    active,
    name: { givenName: givenName ?? null, familyName: familyName ?? null },
    emails: email === undefined ? [] : [{ value: email, type: 'work', primary: true }],
  });
  await send(made.people.map((one) => ({ key: one.id, method: 'POST', kind: 'User', body: user(one) })));
  await send(
    made.groups.map(({ id, displayName }) => ({
      key: id,
      method: 'POST',
      kind: 'Group',
      body: { displayName, externalId: id },
    })),
  );
  await send(
    made.groups.map(({ id, people, groups }) => ({
      key: id,
      method: 'PATCH',
      kind: 'Group',
      id: ids.get(id) as string,
      body: {
        Operations: [
          {
            op: 'add',
            path: 'members',
            value: [...people, ...groups].map((member) => ({ value: ids.get(member) as string })),
          },
        ],
      },
    })),
  );
  await relay.mappings.catalogue(made.communities, 'file', 'bench', 1);
  const links = made.links.map(({ groupId, community, role }) => ({
    source: relay.source,
    group: { externalId: groupId },
    community,
    role,
  }));
  const { faults } = await relay.mappings.publish(JSON.stringify({ version: 1, links }), 'bench', '', 2);
  if (faults.length > 0) throw new Error(faults[0]?.message);
}

/** The median of `times` runs, in milliseconds. */
async function median(times: number, work: () => unknown): Promise<number> {
  const taken: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  return taken.sort((a, b) => a - b)[Math.floor(times / 2)] as number;
}
const round = (value: number) => Math.round(value * 100) / 100;

async function measure(): Promise<void> {
  const tables = ['person', 'membership', 'team', 'nesting'].map((table) => relay.db.prepare(`SELECT * FROM ${table}`));
  const whole = await median(3, () => relay.planning.preview(Date.now()));
  const rssMb = rss(); // before the floor, which holds every row at once
  const floor = await median(3, () => tables.map((rows) => rows.all().length));
  print({
    bench: 'plan',
    what: 'whole',
    users,
    groups,
    ms: round(whole),
    floorMs: round(floor),
    ratio: round(whole / floor),
    rssMb,
  });

  const { num } = relay.db.prepare('SELECT num FROM person LIMIT 1').get() as { num: number };
  await relay.planning.enable((await relay.planning.preview(Date.now())).id, 'bench', Date.now());
  const first = await median(1, () => relay.planning.reconcile(Date.now()));
  print({
    bench: 'plan',
    what: 'carry out the whole plan',
    users,
    groups,
    ms: round(first),
    ratio: round(first / floor),
  });
  const one = await median(9, async () => {
    await relay.planning.owe([num]);
    await relay.planning.reconcile(Date.now());
  });
  print({ bench: 'plan', what: 'one person again', users, groups, ms: round(one), ratio: round(one / floor) });
}

await (loading === undefined ? measure() : load());
await relay.close();
if (loading === undefined) rmSync(folder, { recursive: true, force: true });
