/** Backups while pushes come in, by the clock, and the way back; through the command line where a person would. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../daemon/cli/program.ts';
import type { Terminal } from '../daemon/cli/terminal.ts';
import { takeLock } from '../daemon/lock.ts';
import { backupDesk } from '../daemon/relay/backup.ts';
import { backup } from '../daemon/store/backup.ts';
import { commit } from '../daemon/store/commit.ts';
import { leaveLog, looking, open } from '../daemon/store/db.ts';
import { verify } from '../daemon/store/proof.ts';
import { check } from '../daemon/store/rebuild.ts';
import { settings } from '../daemon/store/settings.ts';
import { stores } from './stores.ts';

let folder: string;
let data: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  data = join(folder, 'relay');
  mkdirSync(data);
  file = join(data, 'relay.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The command line, with no relay running. */
async function cli(...argv: readonly string[]) {
  const collect = () => {
    const stream = Object.assign(new PassThrough(), { isTTY: false, said: '' });
    stream.on('data', (chunk) => {
      stream.said += chunk;
    });
    return stream;
  };
  const [stdout, stderr] = [collect(), collect()];
  const terminal = { stdin: Readable.from(['']), stdout, stderr } as unknown as Terminal;
  const code = await run(argv, terminal);
  return { code, out: stdout.said, err: stderr.said };
}
const body = (userName: string) => ({ userName, externalId: `ext-${userName}`, title: 'Engineer' });
async function company(people: number) {
  const kept = await stores(file);
  for (let at = 0; at < people; at += 50)
    await kept.push(
      ...Array.from({ length: 50 }, (_, i) => ({
        method: 'POST' as const,
        kind: 'User' as const,
        body: body(`p${at + i}@x.test`),
      })),
    );
  return kept;
}

describe('A backup', () => {
  test('J3 taken while pushes come in is whole: a chain that holds, and the directory it gives', async () => {
    const kept = await company(600);
    const target = join(folder, 'b.db');
    let made: Awaited<ReturnType<typeof backup>> | undefined;
    const making = backup(kept.db, target, 7).then((done) => {
      made = done;
    });
    let pushed = 600;
    while (made === undefined) {
      await kept.push({ method: 'POST', kind: 'User', body: body(`p${pushed++}@x.test`) });
      await new Promise(setImmediate);
    }
    await making;
    expect(pushed).toBeGreaterThan(603);
    expect(readdirSync(folder).sort()).toEqual(['b.db', 'relay']);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    await looking(target, async (db) => {
      const chain = await verify(db);
      expect(chain).toMatchObject({ ok: true, head: made?.head });
      expect(chain.entries).toBeGreaterThanOrEqual(601);
      expect(await check(db)).toMatchObject({ ok: true, differences: [] });
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    });
    expect(await kept.journal.verify()).toMatchObject({ ok: true, entries: pushed + 1 });
    await kept.close();
  });

  test('overwrites nothing, leaves nothing half-written, and says what is wrong with the place', async () => {
    const kept = await company(50);
    writeFileSync(join(folder, 'there'), 'mine');
    await expect(backup(kept.db, join(folder, 'there'), 0)).rejects.toThrow('There is a file at');
    expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('mine');
    await expect(backup(kept.db, join(folder, 'no/where'), 0)).rejects.toThrow('its folder is not there');
    await expect(backup(kept.db, 'b.db', 0)).rejects.toThrow('not an absolute path');
    await expect(backup(kept.db, join(folder, 'b.db'), 0, () => true)).rejects.toThrow('given up');
    expect(readdirSync(folder).sort()).toEqual(['relay', 'there']);
    await kept.close();
  });

  test('J3 of a damaged journal is refused, and the last good one stays', async () => {
    const kept = await company(50);
    kept.db.exec('DROP TRIGGER journal_no_update; UPDATE journal SET at = 1 WHERE seq = 9');
    await expect(backup(kept.db, join(folder, 'b.db'), 0)).rejects.toThrow('damaged at entry 9');
    expect(readdirSync(folder)).toEqual(['relay']);
    await kept.close();
  });
});

describe('Backups by the clock', () => {
  const hour = 3_600_000;
  async function desk() {
    const kept = await company(50);
    const time = { now: Date.UTC(2026, 10, 25, 18) };
    const { db, settings, journal } = kept;
    const said: string[] = [];
    const make = () =>
      backupDesk({
        db,
        settings,
        decide: async (actor, body, work) =>
          commit(db, journal, () => {
            work();
            journal.append({ at: time.now, kind: 'decision', actor, body });
          }),
        changed: () => {},
        log: { info: () => {}, error: (event) => void said.push(event) },
        now: () => time.now,
      });
    const to = join(folder, 'backups');
    mkdirSync(to);
    return {
      kept,
      time,
      make,
      to,
      said,
      ask: (d: ReturnType<typeof make>, keep = 2) =>
        d.handlers['backup.schedule']({ everyMs: 24 * hour, keep, dir: to, by: 'ann' }),
    };
  }

  test('are made when due, also after a restart, and only as many are kept as were asked for', async () => {
    const { kept, time, make, to, ask } = await desk();
    writeFileSync(join(to, 'relay-20200101T000000Z.db'), 'of another relay');
    await ask(make());
    let later = make();
    for (const hours of [23, 1, 24, 24, 5]) {
      time.now += hours * hour;
      later = make();
      await later.tick();
    }
    expect(readdirSync(to).sort()).toEqual([
      'relay-20200101T000000Z.db',
      'relay-20261127T180000Z.db',
      'relay-20261128T180000Z.db',
    ]);
    expect(later.shown()).toMatchObject({
      problem: null,
      dueAt: Date.UTC(2026, 10, 29, 18),
      last: { at: Date.UTC(2026, 10, 28, 18) },
    });
    await later.handlers['backup.stop']({ by: 'ann' });
    time.now += 100 * hour;
    await later.tick();
    expect(readdirSync(to)).toHaveLength(3);
    await kept.close();
  });

  test('one that a kill cut short, while it was copied or right after, goes with the rotation', async () => {
    const { kept, time, make, to, ask } = await desk();
    await ask(make());
    const cut = join(to, 'relay-20261126T180000Z.db');
    const state = kept.settings.get('backups');
    time.now += 24 * hour;
    writeFileSync(`${cut}.partial`, 'half');
    writeFileSync(`${cut}.partial-journal`, 'half');
    kept.settings.set('backups', { ...state, made: [...state.made, cut] });
    time.now += 1000;
    await make().tick();
    expect(readdirSync(to).sort()).toEqual(['relay-20261125T180000Z.db', 'relay-20261126T180001Z.db']);
    expect(kept.settings.get('backups').made.map((path) => path.slice(-19))).toEqual([
      '20261125T180000Z.db',
      '20261126T180001Z.db',
    ]);
    await kept.close();
  });

  test('its name is on record before it is begun, and no more once it has failed', async () => {
    const { kept, make, to, ask } = await desk();
    const seen: string[][] = [];
    const set = kept.settings.set;
    vi.spyOn(kept.settings, 'set').mockImplementation((key, value) => {
      if (key === 'backups') seen.push((value as { made: string[] }).made.map((path) => path.slice(-19)));
      set(key, value);
    });
    await ask(make());
    expect(seen[0]).toEqual(['20261125T180000Z.db']);
    rmSync(to, { recursive: true });
    await expect(ask(make())).rejects.toThrow('its folder is not there');
    expect(seen.at(-1)).toEqual(['20261125T180000Z.db']);
    await kept.close();
  });

  test('that fail are told until one succeeds, and are tried again soon', async () => {
    const { kept, time, make, to, said, ask } = await desk();
    const one = make();
    await ask(one);
    rmSync(to, { recursive: true });
    time.now += 24 * hour;
    await one.tick();
    expect(one.shown().problem).toContain('its folder is not there');
    expect(said).toEqual(['backup failed']);
    await one.tick();
    expect(said).toHaveLength(1); // not every minute
    expect(make().shown().problem).toContain('its folder is not there'); // a restart does not hide it
    mkdirSync(to);
    time.now += hour / 4;
    await one.tick();
    expect(one.shown().problem).toBe(null);
    expect(readdirSync(to)).toHaveLength(1);
    await kept.close();
  });

  test('to a folder that is not there are refused when they are asked for', async () => {
    const { kept, make, to, ask } = await desk();
    rmSync(to, { recursive: true });
    const one = make();
    await expect(ask(one)).rejects.toThrow('its folder is not there');
    expect(one.shown().schedule).toBe(null);
    await kept.close();
  });

  test('go on when the clock has jumped back by a year, and make one and not a year of them when it jumps ahead', async () => {
    const { kept, time, make, to, ask } = await desk();
    const one = make();
    await ask(one, 9);
    time.now -= 365 * 24 * hour;
    await one.tick();
    await one.tick();
    expect(readdirSync(to)).toHaveLength(2);
    time.now += 2 * 365 * 24 * hour;
    await one.tick();
    await one.tick();
    expect(readdirSync(to)).toHaveLength(3);
    time.now -= 364 * 24 * hour;
    await one.tick();
    expect(readdirSync(to)).toHaveLength(4);
    await kept.close();
  });
});

describe('A restore', () => {
  const target = () => join(folder, 'b.db');
  async function backedUp() {
    const kept = await company(50);
    settings(kept.db).set('sync', { state: 'on', since: 1, by: 'ann', plan: 'p' });
    settings(kept.db).set('scannedAt', 1);
    await backup(kept.db, target(), 0);
    await kept.push({ method: 'POST', kind: 'User', body: body('late@x.test') });
    await kept.close();
  }
  const names = (path: string) =>
    looking(path, async (db) => db.prepare<[], string>('SELECT user_name FROM person').pluck().all());

  test('J3 puts it in place, proven; switches sync off; keeps what was there; and says what to do', async () => {
    await backedUp();
    const refused = await cli('restore', target(), '--data', data);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('--replace-existing-database') });
    expect(await names(file)).toContain('late@x.test');
    const done = await cli('restore', target(), '--data', data, '--replace-existing-database', '--json', '--by', 'ann');
    expect(done).toMatchObject({ code: 0, err: '' });
    const said = JSON.parse(done.out);
    expect(said).toMatchObject({ entries: 51, head: { seq: 51 } });
    expect(said.todo.join()).toMatch(/Sync is off.*after entry 51.*upstream set --token-stdin.*Restart provisioning/);
    expect(await names(file)).not.toContain('late@x.test');
    expect(await names(said.replaced)).toContain('late@x.test');
    const kept = await stores(file);
    expect(kept.settings.get('sync')).toMatchObject({ state: 'off', by: 'ann' });
    expect(kept.settings.get('scannedAt')).toBe(null);
    expect(kept.journal.tail(1)[0]).toMatchObject({ actor: 'ann', body: { what: 'restore', file: 'b.db', entry: 51 } });
    expect(await kept.journal.verify()).toMatchObject({ ok: true, entries: 52 });
    await kept.close();
    expect(readdirSync(data).filter((name) => name.includes('restoring'))).toEqual([]);
    // On an empty folder no permission is needed.
    expect((await cli('restore', target(), '--data', join(folder, 'other'))).code).toBe(0);
    expect(await names(join(folder, 'other/relay.db'))).toHaveLength(50);
  });

  test('J3 is refused, and changes nothing, for what is damaged, newer, no backup, or where a relay runs', async () => {
    await backedUp();
    const restore = (path: string) => cli('restore', path, '--data', data, '--replace-existing-database');
    const spoilt = (name: string, spoil: (db: Sqlite.Database) => void) => {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(target()));
      const db = new Sqlite(path);
      spoil(db);
      db.close();
      return path;
    };
    const cut = join(folder, 'cut.db');
    writeFileSync(cut, readFileSync(target()));
    truncateSync(cut, statSync(cut).size - 8192);
    const text = join(folder, 'text');
    writeFileSync(text, 'a letter, or a list, or whatever else there is');
    const cases: readonly (readonly [path: string, why: RegExp])[] = [
      [
        spoilt('edited.db', (db) =>
          db.exec("DROP TRIGGER journal_no_update; UPDATE journal SET body = '{}' WHERE seq = 5"),
        ),
        /damaged at entry 5/,
      ],
      [
        spoilt('person.db', (db) => db.exec("UPDATE person SET name = 'x' WHERE num = 3")),
        /not the one that its journal gives/,
      ],
      [spoilt('newer.db', (db) => db.pragma('user_version = 9999')), /version 9999/],
      // An index that lost a row: only SQLite's own check can see it.
      [
        spoilt('index.db', (db) => {
          db.unsafeMode();
          db.pragma('writable_schema = ON');
          db.exec(
            "UPDATE sqlite_schema SET sql = replace(sql, 'external_id)', 'name)') WHERE name = 'person_external_id'",
          );
        }),
        /SQLite finds it damaged/,
      ],
      [cut, /damaged|malformed/],
      [text, /no backup|no database/],
      [join(folder, 'nothing'), /nothing at/],
    ];
    const before = readdirSync(data).sort();
    for (const [path, why] of cases) {
      const { code, err } = await restore(path);
      expect(code, path).toBe(1);
      expect(err, path).toMatch(why);
    }
    const lock = takeLock(data);
    expect((await restore(target())).err).toContain('already runs on this folder');
    lock.release();
    expect(readdirSync(data).sort()).toEqual(before);
    expect(await names(file)).toContain('late@x.test');
  });

  test('J3 killed while it moved the old database aside is told at the next start, and restored again keeps all of the old one', async () => {
    await backedUp();
    const late = await stores(file);
    await late.push({ method: 'POST', kind: 'User', body: body('latest@x.test') });
    const [main, log] = [readFileSync(file), readFileSync(`${file}-wal`)];
    await late.close();
    const at = (names: Readonly<Record<string, Buffer>>) => {
      for (const name of readdirSync(data)) rmSync(join(data, name));
      for (const [name, bytes] of Object.entries(names)) writeFileSync(join(data, name), bytes);
    };
    const draft = readFileSync(target());
    // Each instant between two of its renames.
    at({ 'relay.db.replaced-5': main, 'relay.db-wal': log, 'relay.db.restoring': draft });
    expect(() => open(file)).toThrow('A restore was cut short');
    expect(existsSync(file)).toBe(false);
    expect((await cli('restore', target(), '--data', data)).code).toBe(0);
    expect(await names(join(data, 'relay.db.replaced-5'))).toContain('latest@x.test');
    expect(await names(file)).toHaveLength(50);
    at({ 'relay.db.replaced-5': main, 'relay.db.replaced-5-wal': log, 'relay.db.restoring': draft });
    expect(() => open(file)).toThrow('A restore was cut short');
    expect((await cli('restore', target(), '--data', data)).code).toBe(0);
    expect(await names(join(data, 'relay.db.replaced-5'))).toContain('latest@x.test');
    expect(await names(file)).toHaveLength(50);
    // And before any of them: the old one is whole, and starts.
    at({ 'relay.db': main, 'relay.db-wal': log, 'relay.db.restoring': draft });
    open(file).close();
    expect(await names(file)).toContain('latest@x.test');
  });

  test('J3 of an older version is migrated on the way', async () => {
    await backedUp();
    const old = join(folder, 'old.db');
    const { migrations } = await import('../daemon/store/migrations.ts');
    open(old, migrations.slice(0, 2)).close();
    expect((await cli('restore', old, '--data', join(folder, 'other'))).code).toBe(0);
    expect(readdirSync(join(folder, 'other'))).toEqual(['relay.db']);
  });
});

describe('Beside a program that replicates the write-ahead log, as Litestream does', () => {
  // Its program cannot be had here. This does to the database what its source does: two tables of its own, a long reading
  // transaction so that nobody else moves the log, its own checkpoints; and the replica is the file and what was logged since.
  test('J3 the relay goes on, backups and proofs pass, and what is restored from the replica is whole', async () => {
    const kept = await company(50);
    leaveLog(kept.db);
    const other = new Sqlite(file);
    other.exec(
      'CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER); CREATE TABLE _litestream_lock (id INTEGER)',
    );
    other.exec('INSERT INTO _litestream_seq VALUES (1, 1)');
    other.pragma('wal_checkpoint(TRUNCATE)');
    other.exec('BEGIN; SELECT count(1) FROM _litestream_seq');
    const snapshot = readFileSync(file);
    for (let at = 0; at < 20; at += 1)
      await kept.push({ method: 'POST', kind: 'User', body: body(`late-${at}@x.test`) });
    await backup(kept.db, join(folder, 'b.db'), 0);
    expect(readFileSync(file).equals(snapshot)).toBe(true); // nobody but the replicating program moves the log
    expect(await looking(file, (db) => verify(db))).toMatchObject({ ok: true, entries: 71 });
    expect(await looking(file, check)).toMatchObject({ ok: true });
    writeFileSync(join(folder, 'replica.db'), snapshot);
    writeFileSync(join(folder, 'replica.db-wal'), readFileSync(`${file}-wal`));
    other.exec('ROLLBACK');
    other.pragma('wal_checkpoint(TRUNCATE)');
    await kept.push({ method: 'POST', kind: 'User', body: body('latest@x.test') });
    other.close();
    await kept.close();
    for (const from of ['replica.db', 'b.db']) {
      const to = join(folder, `from-${from}`);
      expect(await cli('restore', join(folder, from), '--data', to)).toMatchObject({ code: 0, err: '' });
      const again = await stores(join(to, 'relay.db'));
      expect(again.settings.get('sync').state).toBe('off');
      expect(again.db.prepare('SELECT count(*) FROM person').pluck().get()).toBe(70);
      expect(await again.journal.verify()).toMatchObject({ ok: true, entries: 72 });
      await again.close();
    }
  });
});

describe('With no relay running', () => {
  test('J1 J2 a folder and a backup are verified, rebuilt, exported and copied; what is bad is named, with 1', async () => {
    const kept = await company(50);
    await kept.close();
    const on = ['--data', data] as const;
    expect(await cli('journal', 'verify', ...on)).toMatchObject({
      code: 0,
      out: expect.stringContaining('51 entries'),
    });
    expect(await cli('journal', 'rebuild', '--check', ...on)).toMatchObject({
      code: 0,
      out: expect.stringContaining('51 entries applied'),
    });
    const copy = join(folder, 'copy.db');
    expect((await cli('backup', copy, ...on)).code).toBe(0);
    expect((await cli('journal', 'verify', copy)).code).toBe(0);
    expect((await cli('journal', 'rebuild', '--check', copy)).code).toBe(0);
    const ndjson = join(folder, 'journal.ndjson');
    expect(JSON.parse((await cli('journal', 'export', ndjson, ...on, '--json')).out)).toMatchObject({
      entries: 51,
      end: 51,
    });
    expect(statSync(ndjson).mode & 0o777).toBe(0o600);
    expect((await cli('journal', 'verify', ndjson)).code).toBe(0);
    writeFileSync(ndjson, readFileSync(ndjson, 'utf8').replace('p7@x.test', 'p8@x.test'));
    const bad = await cli('journal', 'verify', ndjson, '--json');
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({ ok: false, bad: { seq: 9 } });
    expect(bad.err).toContain('damaged at entry 9');
    const db = new Sqlite(file);
    db.exec("UPDATE person SET name = 'somebody else' WHERE num = 7");
    db.close();
    expect(await cli('journal', 'rebuild', '--check', ...on)).toMatchObject({
      code: 1,
      err: expect.stringContaining('somebody else'),
    });
    expect(existsSync(join(data, 'relay.lock'))).toBe(false);
    expect((await cli('journal', 'verify', '--data', join(folder, 'nowhere'))).err).toContain('nothing at');
  });
});
