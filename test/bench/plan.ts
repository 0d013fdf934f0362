/**
 * `npm run bench -- plan [people]`: whole plans as the relay makes them (beside its thread), any page of one, planning one
 * person again, and how long the relay's loop is held up meanwhile; from 1,000 people to 100,000, or for just as many as named.
 *
 * At 100,000 there are 2,000 groups, 2,000,000 memberships, 300 communities and 3,000 links. First Steeple is empty, so that
 * everybody is created and gets everything: the largest plan there is. Then it holds all of that (`full`), as it does every
 * day, and then all of it is taken back. Rows are put into the tables as they are; what intake costs is another benchmark. The floor is reading the same rows
 * with plain SELECTs. `Cpu` is what others on the machine do not stretch. What was asked, beside what was measured, and how
 * each grows, come at the end.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanOf } from '../../daemon/contract/plan.ts';
import { temper } from '../../daemon/heap.ts';
import { surveyor } from '../../daemon/surveyor.ts';
import { stores } from '../stores.ts';
import { figure } from './figure.ts';
import { type Taken, timed } from './turns.ts';
import { median } from './wire.ts';

const print = (result: object) => process.stdout.write(`${JSON.stringify({ bench: 'plan', ...result })}\n`);
const round = (value: number) => Math.round(value * 100) / 100;
/** The most this process ever had. */
const peakMb = () => Math.round(process.resourceUsage().maxRSS / 1e3);
type Result = Readonly<{ what: string; people: number } & Record<string, unknown>>;

async function fill(file: string, people: number): Promise<void> {
  const { db, source, settings, close } = await stores(file);
  settings.set('scannedAt', 1);
  const [groups, communities, links] = [
    Math.max(20, people / 50),
    Math.max(3, Math.round((people * 3) / 1000)),
    Math.max(30, (people * 3) / 100),
  ];
  // In SQL and in the order of the tables: two million rows that cross from JavaScript one by one take most of a minute.
  db.transaction(() => {
    db.exec(`
      WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at < ${people - 1}),
        p (at, name) AS (SELECT at, 'person.' || at || '@example.test' FROM n)
      INSERT INTO person (id, source, state, user_name, user_name_key, external_id, name, name_key, body, version, created_at, modified_at, seq)
        SELECT 'guid-' || at, '${source}', 'active', name, name, 'guid-' || at, name, name,
          json_object('schemas', json_array(), 'userName', name, 'externalId', 'guid-' || at,
            'name', json_object('givenName', 'Person', 'familyName', 'Number ' || at),
            'emails', json_array(json_object('value', name, 'type', 'work', 'primary', json('true')))), 1, 1, 1, 0 FROM p;
      WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at < ${groups - 1})
      INSERT INTO team (id, source, state, display_name, display_name_key, external_id, body, version, created_at, modified_at, seq)
        SELECT 'group-' || at, '${source}', 'live', 'group-' || at, 'group-' || at, 'group-' || at, '{}', 2, 1, 1, 0 FROM n;
      -- Twenty groups each, spread evenly.
      WITH RECURSIVE k (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM k WHERE at < 19)
      INSERT OR IGNORE INTO membership (team, person)
        SELECT ((num - 1) * 7 + at * 97) % ${groups} + 1 AS team, num FROM person, k ORDER BY team, num;
      WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at < ${communities - 1})
      INSERT INTO community (id, name, origin, seen_at) SELECT 'c' || at, 'Community ' || at, 'file', 1 FROM n`);
    const rows = Array.from({ length: links }, (_, at) => ({
      source,
      team: `group-${at % groups}`,
      community: `c${(at * 31) % communities}`,
      role: at % 5 === 0 ? 'administrator' : 'contributor',
    }));
    const unique = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
    const roles = [
      { id: 'contributor', rank: 1 },
      { id: 'administrator', rank: 2 },
    ];
    const body = JSON.stringify({ mode: 'managed', nameTemplate: '{community} – {role}', roles, links: unique });
    db.prepare("INSERT INTO mapping (at, author, note, body) VALUES (1, 'bench', '', ?)").run(body);
  })();
  db.pragma('wal_checkpoint(TRUNCATE)');
  await close();
}

/** Steeple as it is when all of the plan has arrived: each person in the group of their best role. */
async function settle(file: string): Promise<void> {
  const { db, surveys, mappings, close } = await stores(file);
  const targets = surveys.make('published', 1).bound.outline.communities ?? [];
  const pair = (community: string, role: string) => `pair:${community}/${role}`;
  const group = db.prepare(
    'INSERT INTO observed_group (steeple_id, display_name, target, seen_at) VALUES (?, ?, ?, 1)',
  );
  db.transaction(() => {
    for (const { community, name } of targets)
      for (const [role, plural] of [
        ['contributor', 'Contributors'],
        ['administrator', 'Administrators'],
      ] as const)
        group.run(pair(community, role), `${name} – ${plural}`, pair(community, role));
    db.exec(`
      INSERT INTO observed_user (steeple_id, user_name, user_name_key, external_id, active, body, person, origin, seen_at)
      SELECT 's' || num, user_name, user_name_key, external_id, 1, json_object('userName', user_name, 'externalId',
        external_id, 'givenName', body ->> '$.name.givenName', 'familyName', body ->> '$.name.familyName', 'displayName',
        '', 'email', user_name), num, 'created', 1 FROM person`);
    db.exec('CREATE TEMP TABLE link (team INTEGER, community TEXT, rank INTEGER)');
    const link = db.prepare('INSERT INTO link SELECT num, ?, ? FROM team WHERE id = ?');
    for (const { team, community, role } of mappings.inForce().mapping.links)
      link.run(community, role === 'administrator' ? 2 : 1, team);
    db.exec(`
      INSERT INTO observed_member (grp, usr)
      SELECT g.num, o.num FROM (
        SELECT person, community, max(rank) AS best FROM link JOIN membership USING (team) GROUP BY person, community) b
      JOIN observed_group g ON g.target = 'pair:' || b.community || '/' || iif(b.best = 2, 'administrator', 'contributor')
      JOIN observed_user o ON o.person = b.person`);
  })();
  db.pragma('wal_checkpoint(TRUNCATE)');
  await close();
}

/** Makes a whole plan, with pushes meanwhile, and puts it on the shelf. */
async function whole(file: string, people: number, kind: string, of: PlanOf = 'published'): Promise<void> {
  const relay = await stores(file);
  const surveys = surveyor(file);
  const { db } = relay;
  // As the relay does while it reads Steeple, which is what a first plan begins with.
  const ready = performance.now();
  await surveys.warm();
  const readyMs = round(performance.now() - ready);
  const touch = db.prepare('UPDATE person SET seq = seq + 1 WHERE num = ?');
  let pushes = 0;
  const pushing = setInterval(() => touch.run((pushes++ % people) + 1), 5);
  let id = '';
  let made = 0;
  let parts = 0;
  const before = process.cpuUsage();
  const first = await timed(async () => {
    const begun = performance.now();
    const { bound } = await surveys.make(of, 1);
    made = performance.now() - begun;
    id = bound.outline.id;
    parts = bound.parts.reduce((sum, { body }) => sum + body.length, 0);
    await relay.planning.shelf.shelve(bound, 1);
  });
  clearInterval(pushing);
  const rssMb = peakMb();
  const spent = process.cpuUsage(before);
  const again = performance.now();
  await surveys.make(of, 1);
  const ms = performance.now() - again;
  const tables = ['person', 'team'].map((table) => db.prepare(`SELECT * FROM ${table}`));
  const joined = db.prepare('SELECT team, group_concat(person) FROM membership GROUP BY team');
  const observed = db.prepare('SELECT grp, group_concat(usr) FROM observed_member GROUP BY grp');
  const floor = performance.now();
  for (const rows of [...tables, joined, observed]) rows.all();
  const floorMs = performance.now() - floor;
  const { total } = relay.planning.shelf.outlineOf(id);
  const cpuMs = round((spent.user + spent.system) / 1000 - first.cpu);
  const kept = { changed: total.people, operations: total.operations, keptMb: round(parts / 1e6) };
  print({
    what: kind,
    people,
    ...kept,
    readyMs,
    firstMs: round(made),
    ms: round(ms),
    cpuMs,
    floorMs: round(floorMs),
    rssMb,
  });
  print({
    what: `loop held up, ${kind}`,
    people,
    pushes,
    ms: round(first.blocksMs),
    cpuMs: round(first.blocksCpu),
  });
  if (kind === 'whole plan') await pages(surveys, id, people);
  await surveys.close();
  await relay.close();
}

async function pages(surveys: ReturnType<typeof surveyor>, id: string, people: number): Promise<void> {
  const filter = { text: '', change: [], community: '', movement: [] } as const;
  const at = (offset: number) => ({ offset, limit: 100 });
  const all: [string, () => Promise<unknown>][] = [
    ['first', () => surveys.people(id, undefined, at(0))],
    ['last', () => surveys.people(id, undefined, at(people - 100))],
    ['searched', () => surveys.people(id, { ...filter, text: '99' }, at(50))],
    ['of a community', () => surveys.people(id, { ...filter, community: 'c1', movement: ['enters'] }, at(50))],
    ['of a movement', () => surveys.people(id, { ...filter, movement: ['enters'] }, at(50))],
    ['of operations', () => surveys.operations(id, at(people))],
  ];
  await surveys.outline(id); // as whoever makes a plan asks first
  for (const [what, work] of all) {
    const turns: Taken[] = [];
    for (let turn = 0; turn < 5; turn += 1) turns.push(await timed(work));
    const ms = round(median(turns.map((one) => one.ms)));
    const blocksCpu = round(Math.max(...turns.map((one) => one.blocksCpu)));
    print({ what: `page, ${what}`, people, coldMs: round(turns[0]?.ms ?? 0), ms, blocksCpu });
  }
}

/** Steps as the planner makes them: one person whom a push touched, and 24 who are judged together and carried out eight at a time. */
async function steps(file: string, people: number): Promise<void> {
  const relay = await stores(file);
  const { db, planning, settings } = relay;
  settings.set('sync', { state: 'on', since: 1, by: 'bench', plan: null });
  const counted = await timed(() => planning.ready());
  print({ what: 'getting ready', people, ms: round(counted.ms), blocksCpu: round(counted.blocksCpu) });
  await planning.owe([7]);
  await planning.step(2, 8, 24);
  const leave = db.prepare(
    'DELETE FROM membership WHERE person = ? AND team IN (SELECT team FROM membership WHERE person = ? LIMIT 1)',
  );
  const off = db.prepare("UPDATE person SET state = 'inactive' WHERE num = ?");
  for (const [what, change] of [
    ['one person again', (num: number) => leave.run(num, num)],
    ['one person who is switched off', (num: number) => off.run(num)],
  ] as const) {
    const turns: Taken[] = [];
    for (let turn = 0; turn < 15; turn += 1) {
      const num = turn + (what === 'one person again' ? 10 : 110);
      change(num);
      await planning.owe([num]);
      turns.push(await timed(() => planning.step(2, 8, 24)));
    }
    const ms = round(median(turns.map((one) => one.ms)));
    const cpuMs = round(median(turns.map((one) => one.cpu)));
    print({ what, people, ms, cpuMs, maxMs: round(Math.max(...turns.map((one) => one.ms))) });
  }
  const turns: Taken[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    for (let num = 200; num < 224; num += 1) leave.run(num + turn * 24, num + turn * 24);
    await planning.owe(Array.from({ length: 24 }, (_, at) => 200 + turn * 24 + at));
    for (let more = true; more; ) {
      const one = await timed(async () => {
        const step = await planning.step(2, 8, 24);
        more = step !== undefined && step !== 'unjudged' && step.more;
      });
      turns.push(one);
    }
  }
  print({
    what: 'a step of 24 people',
    people,
    ms: round(median(turns.map((one) => one.ms))),
    maxMs: round(Math.max(...turns.map((one) => one.ms))),
    maxCpu: round(Math.max(...turns.map((one) => one.cpu))),
  });
  await relay.close();
}

const tasks = {
  fill,
  settle,
  whole: (file: string, people: number) => whole(file, people, 'whole plan'),
  full: (file: string, people: number) => whole(file, people, 'whole plan, full'),
  back: (file: string, people: number) => whole(file, people, 'taking everybody back', 'take-back'),
  steps,
};
temper(); // as the relay runs
const task = process.env.BENCH_TASK as keyof typeof tasks | undefined;
const named = Number(process.argv[3] ?? 0);
if (task !== undefined) await tasks[task](process.env.BENCH_FILE ?? '', named);
else {
  const results: Result[] = [];
  const sizes = named > 0 ? [named] : [1000, 10_000, 100_000];
  for (const people of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-plan-'));
    const argv = [...process.argv.slice(1, 3), String(people)];
    // Each in a process of its own, so that what is measured is planning alone.
    for (const task of ['fill', 'whole', 'settle', 'full', 'back', 'steps'] satisfies (keyof typeof tasks)[]) {
      const env = { ...process.env, BENCH_TASK: task, BENCH_FILE: join(folder, 'relay.db') };
      const { stdout } = spawnSync(process.execPath, argv, {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
      });
      process.stdout.write(stdout);
      for (const line of stdout.split('\n')) if (line !== '') results.push(JSON.parse(line) as Result);
    }
    rmSync(folder, { recursive: true, force: true });
  }
  conclude(results, sizes);
}

/** How each grows with the company, and what was asked of the largest. */
function conclude(results: readonly Result[], sizes: readonly number[]): void {
  const largest = Math.max(...sizes);
  for (const [what, some] of Map.groupBy(results, (one) => one.what)) {
    const ms = Object.fromEntries(some.map((one) => [one.people, one.ms]));
    const [least, most] = [some[0]?.ms, some.at(-1)?.ms].map(Number);
    if (some.length > 1) print({ growth: what, ms, times: round((most ?? 0) / (least || 1)) });
  }
  const asked = (what: string, of: (one: Result) => unknown, atMost: number, name = what) => {
    const one = results.find((result) => result.what === what && result.people === largest);
    if (one) figure('plan', `${name}, ${largest} people`, Number(of(one)), { atMost });
  };
  for (const kind of ['whole plan', 'whole plan, full']) {
    asked(kind, ({ ms }) => ms, 3000, `${kind}, ms`);
    asked(kind, ({ firstMs }) => firstMs, 3000, `${kind}, the first of a thread, ms`);
    asked(kind, ({ rssMb }) => rssMb, 400, `${kind}, MB`);
    asked(`loop held up, ${kind}`, ({ cpuMs }) => cpuMs, 20, `loop held up, ${kind}, CPU ms`);
  }
  for (const what of ['first', 'last', 'searched', 'of a community', 'of a movement', 'of operations'])
    asked(`page, ${what}`, ({ coldMs }) => coldMs, 50, `page, ${what}, cold, ms`);
  for (const what of ['one person again', 'one person who is switched off'])
    asked(what, ({ ms }) => ms, 20, `${what}, ms`);
  asked('a step of 24 people', ({ maxCpu }) => maxCpu, 20, 'the longest step of 24 people, CPU ms');
}
