/** Every released version of the database, made from its own SQL with rows in it, becomes the one of today. */
import { hash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalRow } from '../daemon/contract/journal.ts';
import { Unavailable } from '../daemon/errors.ts';
import { type Database, open } from '../daemon/store/db.ts';
import { journal } from '../daemon/store/journal.ts';
import { migrations } from '../daemon/store/migrations.ts';
import { check, rebuild } from '../daemon/store/rebuild.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'versions-'));
  file = join(folder, 'relay.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const latest = migrations.at(-1)!.number;

/** What a source sent, long ago: somebody who is there, somebody who left, and a group. */
const history: readonly Omit<JournalRow, 'hash' | 'erasedBy'>[] = (
  [
    ['decision', 'entra', { what: 'source.add', kind: 'entra', name: 'Entra' }],
    ['push', 'u-1', { method: 'POST', kind: 'User', id: 'u-1', body: { userName: 'ada@x.test', title: 'Dr "é"\n' } }],
    ['push', 'u-2', { method: 'POST', kind: 'User', id: 'u-2', body: { userName: 'ben@x.test' } }],
    ['refusal', undefined, { method: 'POST', kind: 'User', status: 409, detail: 'taken' }],
    [
      'push',
      'g-1',
      { method: 'POST', kind: 'Group', id: 'g-1', body: { displayName: 'staff', members: [{ value: 'u-1' }] } },
    ],
    ['push', 'u-2', { method: 'DELETE', kind: 'User', id: 'u-2' }],
  ] as const
).map(([kind, subject, body], index) => ({
  seq: index + 1,
  at: 1000 + index,
  kind,
  source: 'entra',
  actor: kind === 'decision' ? 'ann' : null,
  subject: subject ?? null,
  body,
}));

/** A database as version `number` left it, hashes made as that version made them: written here anew, to be an oracle. */
function released(number: number): void {
  const db = open(
    file,
    migrations.filter((step) => step.number <= number),
  );
  const today = open(':memory:');
  rebuild(
    history.map((entry) => ({ ...entry, hash: '', erasedBy: null })),
    today,
  );
  let before = Buffer.alloc(32);
  for (const { seq, at, kind, source, actor, subject, body } of history) {
    const said = JSON.stringify(body);
    const text = `${before.toString('hex')}\n${JSON.stringify([seq, at, kind, source, actor, subject])}\n${said}`;
    before = Buffer.from(hash('sha256', text), 'hex');
    db.prepare(
      'INSERT INTO journal (seq, at, kind, source, actor, subject, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(seq, at, kind, source, actor, subject, said, before);
  }
  for (const table of ['source', 'person', 'team', 'membership']) copy(table, today, db);
  db.prepare("INSERT INTO setting (key, value) VALUES ('policy', '{\"limitCap\":7}')").run();
  today.close();
  db.close();
}

/** Rows of today, as far as the older table has columns for them. */
function copy(table: string, from: Database, to: Database): void {
  const columns = to.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
  for (const row of from.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all())
    to.prepare(`INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map((name) => `@${name}`).join()})`).run(
      row,
    );
}

describe('A database of an earlier version', () => {
  test.each(migrations.filter(({ number }) => number < latest).map(({ number }) => number))(
    'J1 J2 J3 version %i keeps its rows, its chain and its directory, and goes on',
    async (number) => {
      released(number);
      const db = open(file);
      expect(db.pragma('user_version', { simple: true })).toBe(latest);
      expect(db.prepare('SELECT user_name, state FROM person ORDER BY id').raw().all()).toEqual([
        ['ada@x.test', 'active'],
        ['ben@x.test', 'deleted'],
      ]);
      expect(db.prepare("SELECT value FROM setting WHERE key = 'policy'").pluck().get()).toBe('{"limitCap":7}');
      const log = journal(db);
      expect(await log.verify()).toMatchObject({ ok: true, entries: 6, bad: null });
      expect(log.append({ at: 2000, kind: 'decision', actor: 'ann', body: { what: 'policy.set' } })).toBe(7);
      expect(await log.verify()).toMatchObject({ ok: true, entries: 7 });
      db.exec('DROP TRIGGER journal_no_update');
      db.exec("UPDATE journal SET body = replace(body, 'ada', 'eve') WHERE seq = 2");
      expect((await log.verify()).bad?.seq).toBe(2);
      db.exec("UPDATE journal SET body = replace(body, 'eve', 'ada') WHERE seq = 2");
      expect(await check(db)).toMatchObject({ ok: true, differences: [] });
      db.close();
      expect(new Sqlite(`${file}.before-${latest}`, { readonly: true }).pragma('user_version', { simple: true })).toBe(
        number,
      );
    },
  );

  test('J3 the way back that docs/running.md tells: the older program refuses the new database, and takes the copy from before', () => {
    released(2);
    const older = migrations.slice(0, 2);
    open(file).close();
    const upgraded = readFileSync(file);
    expect(() => open(file, older)).toThrow(/version \d+, and this program knows versions up to 2/);
    expect(readFileSync(file).equals(upgraded)).toBe(true);
    renameSync(`${file}.before-${latest}`, file);
    const back = open(file, older);
    expect(back.pragma('user_version', { simple: true })).toBe(2);
    expect(back.prepare('SELECT count(*) FROM journal').pluck().get()).toBe(6);
    back.close();
    // And forward again, which is one more upgrade.
    open(file).close();
    expect(existsSync(`${file}.before-${latest}`)).toBe(true);
  });

  test('J1 an entry of the old way cannot be passed off as one of the new', async () => {
    released(2);
    const db = open(file);
    db.exec("DROP TRIGGER journal_no_update; UPDATE journal SET v = 2, salt = 'x' WHERE seq = 3");
    expect((await journal(db).verify()).bad?.seq).toBe(3);
    db.close();
  });

  test('J3 a newer one is refused, and not a byte of it or beside it changes', () => {
    released(latest);
    const db = new Sqlite(file);
    db.pragma(`user_version = ${latest + 1}`);
    db.close();
    copyFileSync(file, `${file}.copy`);
    expect(() => open(file)).toThrow(Unavailable);
    expect(readFileSync(file).equals(readFileSync(`${file}.copy`))).toBe(true);
  });
});
