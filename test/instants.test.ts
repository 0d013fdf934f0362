/**
 * What a kill would leave behind at each instant of everything a person can do. A whole relay plays a story of decisions; at
 * each of its commits, right before and right after, its folder is copied as it lies on the disk, which is what a SIGKILL
 * leaves. Each copy has to be a whole one: SQLite's own check, the chain with its archives, the directory the journal gives,
 * nothing answered lost, nothing owed that takes away and nobody approved (I1, J1, J2, G3). kills.test.ts does the same to
 * pushes and sending, with real kills.
 */
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Ask, client } from '../daemon/cli/client.ts';
import { decisionsOn, openBundle, unsealedKey } from '../daemon/core/bundle.ts';
import { type Running, start } from '../daemon/main.ts';
import { journalDesk } from '../daemon/relay/journal.ts';
import { archivesOf } from '../daemon/store/archive.ts';
import { faultsOf } from '../daemon/store/backup.ts';
import { open } from '../daemon/store/db.ts';
import { journal } from '../daemon/store/journal.ts';
import { verify } from '../daemon/store/proof.ts';
import { check } from '../daemon/store/rebuild.ts';
import { settings } from '../daemon/store/settings.ts';
import { clients } from './bench/wire.ts';
import { oddSteeple } from './oddsteeple.ts';
import { until } from './processes.ts';

type Instant = Readonly<{ folder: string; during: string; floor: number }>;
const root = mkdtempSync(join(tmpdir(), 'instants-'));
const data = join(root, 'relay');
const backups = join(root, 'backups');
const instants: Instant[] = [];
/** What is being asked, and the last entry that the answers so far spoke of. */
let during = '';
let floor = 0;
let last = '';

/** The folder as it lies there, where that is another than before. What only a living process needs is left out. */
function instant(): void {
  const files = readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/relay\.lock|-shm$/.test(entry.name) && !entry.parentPath.includes('cache'))
    .map((entry) => relative(data, join(entry.parentPath, entry.name)))
    .map((name) => [name, readFileSync(join(data, name))] as const);
  const digest = files.map(([name, bytes]) => `${name} ${hash('sha1', bytes)}`).join('\n');
  if (digest === last) return;
  last = digest;
  const folder = join(root, `at-${instants.length}`);
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  instants.push({ folder, during, floor });
}

/** SQLite's commits: transactions, and statements that are one of their own. */
function watched(): () => void {
  const isOurs = (db: Sqlite.Database) => db.name === join(data, 'relay.db');
  type Work = (...args: unknown[]) => unknown;
  type Transaction = Work & { immediate: Work; deferred: Work; exclusive: Work };
  const prototype = Sqlite.prototype as unknown as { transaction(work: Work): Transaction };
  const one = new Sqlite(':memory:');
  const statement = Object.getPrototypeOf(one.prepare('SELECT 1')) as { run: Work };
  one.close();
  const [{ transaction }, { run }] = [{ ...prototype, transaction: prototype.transaction }, { run: statement.run }];
  prototype.transaction = function (this: Sqlite.Database, work) {
    const inner = transaction.call(this, (...args: unknown[]) => {
      const result = work(...args);
      if (isOurs(this)) instant();
      return result;
    });
    const outer =
      (go: Work): Work =>
      (...args) => {
        const result = go(...args);
        if (isOurs(this)) instant();
        return result;
      };
    return Object.assign(outer(inner), {
      immediate: outer(inner.immediate),
      deferred: outer(inner.deferred),
      exclusive: outer(inner.exclusive),
    });
  };
  statement.run = function (this: Sqlite.Statement, ...args) {
    const result = run.apply(this, args);
    if (isOurs(this.database) && !this.database.inTransaction) instant();
    return result;
  };
  return () => {
    prototype.transaction = transaction;
    statement.run = run;
  };
}

let unwatch = () => {};
let relay: Running | undefined;
const box = await oddSteeple();
beforeAll(() => mkdirSync(backups));
afterEach(() => {
  unwatch();
  vi.restoreAllMocks();
});
afterAll(async () => {
  await relay?.stop();
  await box.close();
  rmSync(root, { recursive: true, force: true });
});

const here = { host: '127.0.0.1', port: 0 };
const by = 'ann';
const reason = 'ticket 7';

/** Everything a person can decide, once. */
async function story(): Promise<void> {
  let ahead = 0;
  const real = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => real() + ahead);
  relay = await start({ data, scim: here, console: here, allowPlainHttpOffLoopback: false, logLevel: 'silent' });
  const plain = client(data);
  const ask: Ask = async (call, input) => {
    during = call;
    const answer = await plain(call, input);
    floor = (await plain('journal.tail', { limit: 1 }))[0]?.seq ?? 0;
    return answer;
  };
  const settled = (what: string) =>
    until(async () => {
      during = what;
      const { deliveries, owesPlan } = await plain('status', {});
      return deliveries.owed + deliveries.sending + owesPlan === 0;
    }, what);

  await ask('upstream.set', { url: box.url, token: 'token', by });
  const { id: source, secretToken } = await ask('source.add', { kind: 'scim', name: 'Test', by });
  const [pusher] = clients(relay.scim, secretToken, 1);
  const push = async (method: string, path: string, body: object): Promise<string> => {
    during = `${method} ${path}`;
    const told = await pusher!.ask({ method, path, body });
    expect(told.status, told.text).toBeLessThan(300);
    return told.text === '' ? '' : (JSON.parse(told.text) as { id: string }).id;
  };
  const people = new Map<string, string>();
  for (const name of ['adalove', 'benjam', 'charles', 'dorothy', 'everett', 'florence', 'gertrude', 'henriett'])
    people.set(name, await push('POST', '/Users', { userName: `${name}@x.test`, displayName: `${name} L` }));
  const change = (name: string, path: string, value: unknown) =>
    push('PATCH', `/Users/${people.get(name)}`, { Operations: [{ op: 'replace', path, value }] });
  const members = [...people.values()].map((value) => ({ value }));
  const team = await push('POST', '/Groups', { displayName: 'fin-admins', members });
  box.users.set('7', { id: '7', version: 1, userName: 'stranger@x.test', active: true });
  const list = ['fin', 'sales'].map((id) => ({ id, name: id }));
  await ask('communities.import', { text: JSON.stringify(list), by });
  const links = [{ source, group: { id: team }, community: 'fin', role: 'contributor' }];
  await ask('mapping.import', { text: JSON.stringify({ version: 1, links }), note: '', by });
  const plan = await ask('plan.make', { offset: 0, limit: 1 });
  await ask('sync.enable', { plan: plan.id, by });
  await settled('the first load');

  // Departures, and every way to decide about one.
  for (const name of ['adalove', 'benjam', 'charles', 'dorothy']) await change(name, 'active', false);
  await settled('departures');
  const heldOf = async (name: string) => {
    const { items } = await plain('review.list', { states: ['held'], offset: 0, limit: 100 });
    return items.find(({ userName }) => userName.startsWith(name))?.id ?? expect.fail(`${name} does not wait`);
  };
  await ask('review.approve', { ids: [await heldOf('adalove')], reason, by });
  const kept = await heldOf('benjam');
  await ask('review.keep', { ids: [kept], reason, by });
  await ask('review.undo', { id: kept, reason, by });
  const bundle = await ask('review.export', { filter: {}, reviewer: 'Rita', days: 1, by });
  const { subtle } = globalThis.crypto;
  const opened = (await openBundle(subtle, bundle.text)).bundle;
  if (opened.signs.mode !== 'passphrase') throw new Error('enrolled');
  const key = await unsealedKey(subtle, opened.signs, bundle.passphrase ?? '');
  const decision = { item: await heldOf('charles'), event: 'approve', reason, until: null } as const;
  await ask('review.import', { text: await decisionsOn(subtle, opened, [decision], key, Date.now()), by });
  await settled('approved departures');
  await until(async () => (await plain('undo.list', {})).length > 0, 'an undo file');
  const [file] = await plain('undo.list', {});
  await ask('undo.play', { file: file!.file, people: [people.get('adalove') ?? ''], reason, by });
  await settled('bringing back');
  await ask('undo.lift', { person: people.get('adalove') ?? '', reason, by });
  await ask('policy.set', { key: 'drift', value: 'report', reason, by });

  // What Steeple refuses.
  box.interfere(({ method, body }) =>
    method === 'PATCH' && JSON.stringify(body).includes('refused') ? { status: 400, body: 'no' } : undefined,
  );
  for (const name of ['everett', 'florence', 'gertrude']) await change(name, 'displayName', `refused ${name}`);
  await settled('refusals');
  const dead = (await plain('delivery.list', { state: 'dead', offset: 0, limit: 9 })).items.map(({ id }) => id);
  expect(dead).toHaveLength(3);
  await ask('delivery.edit', { id: dead[0]!, set: { displayName: 'As it should be' }, reason, by });
  await ask('delivery.drop', { id: dead[1]!, reason, by });
  box.interfere(() => undefined);
  await ask('delivery.retry', { ids: [dead[2]!], by });
  await settled('what was put right');

  // What somebody changed in Steeple.
  ahead += 300_000;
  const there = (name: string) => [...box.users.values()].find((user) => String(user.userName).startsWith(name))!;
  for (const name of ['everett', 'gertrude', 'henriett']) there(name).displayName = 'by hand';
  await ask('drift.scan', { by });
  const drifts = (await plain('drift.show', { states: ['open'], offset: 0, limit: 9 })).items.map(({ id }) => id);
  expect(drifts).toHaveLength(3);
  for (const [at, choice] of (['restore', 'adopt', 'ignore'] as const).entries())
    await ask('drift.decide', { ids: [drifts[at]!], choice, reason, by });
  await settled('drift');

  // The mapping, by hand and by rule.
  const { edition } = await plain('mapping.draft', {});
  const rule = { id: 'admins', source, pattern: '*-admins', star: 'either', role: 'administrator' } as const;
  const drafted = await ask('mapping.draft.rule', { rule, edition, by });
  await ask('mapping.draft.publish', { base: drafted.base, edition: drafted.edition, note: '', by });
  await push('POST', '/Groups', { displayName: 'sales-admins', members: members.slice(4) });
  await settled('a rule');
  await ask('external.declare', { steepleIds: ['7'], reason, owner: 'ann', reviewAt: null, by });
  const other = await ask('source.add', { kind: 'okta', name: 'Other', by });
  await ask('source.set', { id: other.id, rate: 5, by });
  await ask('source.rotate', { id: other.id, overlapHours: 1, by });
  await ask('source.revoke', { id: other.id, by });
  await ask('key.add', { name: 'laptop', person: 'ann', by });

  // The journal and its copies.
  for (const _ of [1, 2, 3]) {
    ahead += 2000;
    await ask('backup.schedule', { everyMs: 86_400_000, keep: 2, dir: backups, by });
  }
  expect(readdirSync(backups)).toHaveLength(2);
  await ask('journal.archive', { days: 0, by });
  await change('charles', 'title', 'gone');
  await ask('journal.archive', { days: 0, by });
  await ask('journal.erase', { person: people.get('charles') ?? '', reason, by });
  await ask('sync.disable', { by });
  pusher?.close();
}

const bytesOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== join(folder, 'undo'))
    .map((entry) => {
      const raw = readFileSync(join(entry.parentPath, entry.name));
      return (entry.name.endsWith('.zst') ? zstdDecompressSync(raw) : raw).toString('latin1');
    })
    .join('\n');

test('I1 J1 J2 G3 killed at any commit of anything a person decides, the relay finds a whole folder and goes on', async () => {
  unwatch = watched();
  await story();
  unwatch();
  expect(new Set(instants.map(({ during }) => during)).size).toBeGreaterThan(40);
  let erased = 0;
  for (const { folder, during, floor } of instants) {
    const said = `${basename(folder)}, during ${during}`;
    const db = open(join(folder, 'relay.db'));
    const dir = join(folder, 'archive');
    try {
      // What a start does with what is left half done.
      const log = journal(db);
      const nothing = {
        info: () => {},
        error: (_: string, { error }: { error?: unknown } = {}) => expect.fail(`${said}: ${error}`),
      };
      const parts = {
        db,
        journal: log,
        settings: settings(db),
        dir,
        recount: () => {},
        changed: () => {},
        log: nothing,
      };
      const desk = journalDesk({ ...parts, looking: (look) => look(db), now: Date.now });
      desk.start();
      await desk.stop();
      expect(faultsOf(db), said).toEqual([]);
      const chain = await verify(db, archivesOf(db, dir));
      expect(chain, said).toMatchObject({ ok: true });
      expect(chain.head?.seq ?? 0, said).toBeGreaterThanOrEqual(floor);
      expect(await check(db), said).toMatchObject({ ok: true, differences: [] });
      const stray = db
        .prepare(`SELECT d.id FROM delivery d WHERE d.kind IN ('user.deactivate', 'user.delete') AND d.state IN ('ready', 'sending')
          AND NOT EXISTS (SELECT 1 FROM held h WHERE h.person = d.person AND h.kind = 'remove' AND h.state IN ('approved', 'sent'))`)
        .all();
      expect(stray, said).toEqual([]);
      const files = existsSync(dir) ? readdirSync(dir) : [];
      const known = db.prepare<[], string>('SELECT file FROM checkpoint ORDER BY file').pluck().all();
      expect(files.sort(), said).toEqual(known);
      const isErased = db
        .prepare("SELECT count(*) FROM journal WHERE json_extract(body, '$.what') = 'journal.erase'")
        .pluck();
      if (isErased.get() === 1) {
        erased += 1;
        for (const word of ['charles@x.test', 'charles L'])
          expect(bytesOf(folder).includes(word), `${said}: ${word}`).toBe(false);
      }
    } finally {
      db.close();
    }
  }
  expect(erased).toBeGreaterThan(3);
});
