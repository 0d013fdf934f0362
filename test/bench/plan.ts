/**
 * `npm run bench -- plan [people]`: whole plans as the relay makes them (beside its thread), any page of one, planning one
 * person again, and how long the relay's loop is held up meanwhile; from 1,000 people to 100,000, or for just as many as named.
 *
 * At 100,000 there are 2,000 groups, 2,000,000 memberships, 300 communities and 3,000 links, and Steeple is empty, so that
 * everybody is created and gets everything: the largest plan there is. Rows are put into the tables as they are; what intake
 * costs is another benchmark. The floor is reading the same rows with plain SELECTs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { surveyor } from '../../daemon/surveyor.ts';
import { stores } from '../stores.ts';

setFlagsFromString('--optimize-for-size'); // as the relay runs
const print = (result: object) => process.stdout.write(`${JSON.stringify({ bench: 'plan', ...result })}\n`);
const round = (value: number) => Math.round(value * 100) / 100;
const rss = () => Math.round(process.memoryUsage.rss() / 1e6);

async function fill(file: string, people: number): Promise<void> {
  const { db, source, settings, close } = await stores(file);
  settings.set('scannedAt', 1);
  const [groups, communities, links] = [
    Math.max(20, people / 50),
    Math.max(3, Math.round((people * 3) / 1000)),
    Math.max(30, (people * 3) / 100),
  ];
  const person =
    db.prepare(`INSERT INTO person (id, source, state, user_name, user_name_key, external_id, name, name_key, body, version, created_at, modified_at, seq)
    VALUES (@id, @source, 'active', @name, @name, @id, @name, @name, @body, 1, 1, 1, 0)`);
  const team =
    db.prepare(`INSERT INTO team (id, source, state, display_name, display_name_key, external_id, body, version, created_at, modified_at, seq)
    VALUES (@id, @source, 'live', @id, @id, @id, '{}', 2, 1, 1, 0)`);
  const member = db.prepare('INSERT OR IGNORE INTO membership (team, person) VALUES (?, ?)');
  const community = db.prepare("INSERT INTO community (id, name, origin, seen_at) VALUES (?, ?, 'file', 1)");
  db.transaction(() => {
    for (let at = 0; at < people; at += 1) {
      const name = `person.${at}@example.test`;
      const body = JSON.stringify({
        schemas: [],
        userName: name,
        externalId: `guid-${at}`,
        name: { givenName: 'Person', familyName: `Number ${at}` },
        emails: [{ value: name, type: 'work', primary: true }],
      });
      person.run({ id: `guid-${at}`, source, name, body });
    }
    for (let at = 0; at < groups; at += 1) team.run({ id: `group-${at}`, source });
    // Twenty groups each, spread evenly.
    for (let at = 0; at < people; at += 1)
      for (let one = 0; one < 20; one += 1) member.run(((at * 7 + one * 97) % groups) + 1, at + 1);
    for (let at = 0; at < communities; at += 1) community.run(`c${at}`, `Community ${at}`);
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

async function measure(file: string, people: number): Promise<void> {
  const relay = await stores(file);
  const surveys = surveyor(file);
  const { db, planning, settings } = relay;
  const timed = async <T>(work: () => T | Promise<T>): Promise<[number, T]> => {
    const begun = performance.now();
    const result = await work();
    return [performance.now() - begun, result];
  };
  const tables = ['person', 'team'].map((table) => db.prepare(`SELECT * FROM ${table}`));
  const joined = db.prepare('SELECT team, group_concat(person) FROM membership GROUP BY team');

  const loop = monitorEventLoopDelay({ resolution: 1 });
  const touch = db.prepare('UPDATE person SET seq = seq + 1 WHERE num = ?');
  let pushes = 0;
  const pushing = setInterval(() => touch.run((pushes++ % people) + 1), 5);
  loop.enable();
  const [firstMs, found] = await timed(() => surveys.make('published', 1));
  await relay.planning.shelf.shelve(found.bound, 1);
  loop.disable();
  clearInterval(pushing);
  const [ms] = await timed(() => surveys.make('published', 1));
  const rssMb = rss();
  const { id, total } = found.bound.outline;
  const bytes = found.bound.parts.reduce((sum, { body }) => sum + body.length, 0);
  const [floorMs] = await timed(() => [...tables.map((rows) => rows.all().length), joined.all().length]);
  print({
    what: 'whole plan',
    people,
    changed: total.people,
    operations: total.operations,
    firstMs: round(firstMs),
    ms: round(ms),
    floorMs: round(floorMs),
    ratio: round(ms / floorMs),
    rssMb,
    keptMb: round(bytes / 1e6),
    target: { ms: 3000, rssMb: 400 },
  });
  print({
    what: 'loop held up during a plan, with pushes',
    people,
    pushes,
    maxMs: round(loop.max / 1e6),
    p99Ms: round(loop.percentile(99) / 1e6),
    target: { maxMs: 20 },
  });

  const filter = { text: '', change: [], community: '', movement: [] } as const;
  const pages: [string, () => Promise<unknown>][] = [
    ['first', () => surveys.people(id, undefined, { offset: 0, limit: 100 })],
    ['last', () => surveys.people(id, undefined, { offset: people - 100, limit: 100 })],
    ['searched', () => surveys.people(id, { ...filter, text: '99' }, { offset: 50, limit: 100 })],
    [
      'of a community',
      () => surveys.people(id, { ...filter, community: 'c1', movement: ['enters'] }, { offset: 50, limit: 100 }),
    ],
    ['of operations', () => surveys.operations(id, { offset: people, limit: 100 })],
  ];
  for (const [what, work] of pages) {
    const times: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) times.push((await timed(work))[0]);
    const [cold = 0] = times;
    print({
      what: `page, ${what}`,
      people,
      coldMs: round(cold),
      ms: round(times.sort((a, b) => a - b)[2] ?? 0),
      target: { ms: 50 },
    });
  }

  settings.set('sync', { state: 'on', since: 1, by: 'bench', plan: null });
  await planning.owe([7]);
  await planning.step(2, 64);
  const again: number[] = [];
  for (let turn = 0; turn < 9; turn += 1) {
    await planning.owe([turn + 10]);
    again.push((await timed(() => planning.step(2, 64)))[0]);
  }
  print({ what: 'one person again', people, ms: round(again.sort((a, b) => a - b)[4] ?? 0), target: { ms: 20 } });
  const steps: number[] = [];
  for (let turn = 0; turn < 9; turn += 1) {
    await planning.owe(Array.from({ length: 64 }, (_, at) => 1000 + turn * 0 + at - 500));
    steps.push((await timed(() => planning.step(2, 64)))[0]);
  }
  print({
    what: 'a step of 64 people',
    people,
    ms: round(steps.sort((a, b) => a - b)[4] ?? 0),
    maxMs: round(steps.at(-1) ?? 0),
    target: { maxMs: 20 },
  });
  await surveys.close();
  await relay.close();
}

const filling = process.env.BENCH_LOAD;
const measuring = process.env.BENCH_MEASURE;
const named = Number(process.argv[3] ?? 0);
if (filling !== undefined) await fill(filling, named);
else if (measuring !== undefined) await measure(measuring, named);
else
  for (const people of named > 0 ? [named] : [1000, 10_000, 100_000]) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-plan-'));
    const file = join(folder, 'relay.db');
    const argv = [...process.argv.slice(1, 3), String(people)];
    // Each in a process of its own, so that what is measured is planning alone.
    for (const env of [{ BENCH_LOAD: file }, { BENCH_MEASURE: file }])
      spawnSync(process.execPath, argv, { env: { ...process.env, ...env }, stdio: 'inherit' });
    rmSync(folder, { recursive: true, force: true });
  }
