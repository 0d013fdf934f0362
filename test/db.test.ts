import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../daemon/errors.ts';
import { leaveLog, open, unavailable } from '../daemon/store/db.ts';
import { migrations } from '../daemon/store/migrations.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'db-'));
  file = join(folder, 'relay.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const next = { number: (migrations.at(-1)?.number ?? 0) + 1, name: 'next', breaking: false };

describe('The database', () => {
  test('I1 is opened with a write-ahead log that is flushed at every commit, and says so when asked', () => {
    const db = open(file);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);
    db.close();
  });

  test('leaves its log to another program where it is told to, as docs/recovery.md says of Litestream', () => {
    const db = open(file);
    expect(db.pragma('wal_autocheckpoint', { simple: true })).toBe(16_000);
    leaveLog(db);
    const fill = db.prepare("INSERT OR REPLACE INTO setting (key, value) VALUES ('a', hex(randomblob(200000)))");
    for (let at = 0; at < 60; at += 1) fill.run();
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(4800 * 4096);
    expect(readFileSync(join(import.meta.dirname, '../docs/recovery.md'), 'utf8')).toContain('--external-checkpoints');
    db.close();
  });

  test('I1 is refused when a pragma does not take: here a temporary database, which cannot have a write-ahead log', () => {
    expect(() => open('')).toThrow('SQLite keeps journal_mode = delete, and the relay needs WAL');
  });

  test('J3 of a newer version is refused, and not a byte of it changes', () => {
    const db = open(file);
    db.pragma(`user_version = ${next.number}`);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    const before = readFileSync(file);
    expect(() => open(file)).toThrow(Unavailable);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('J3 is copied before a migration, and the copy is the database as it was', () => {
    const first = open(file);
    first.prepare("INSERT INTO setting (key, value) VALUES ('a', '1')").run();
    first.close();
    open(file, [...migrations, { ...next, sql: 'CREATE TABLE added (a)' }]).close();
    const kept = join(folder, 'kept.db');
    copyFileSync(`${file}.before-${next.number}`, kept);
    const copy = open(kept);
    expect(copy.prepare('SELECT value FROM setting').pluck().get()).toBe('1');
    expect(copy.pragma('user_version', { simple: true })).toBe(next.number - 1);
    copy.close();
  });

  test('J3 stays at its version when a migration fails half-way', () => {
    open(file).close();
    const broken = { ...next, sql: 'CREATE TABLE added (a); CREATE TABLE added (a)' };
    expect(() => open(file, [...migrations, broken])).toThrow('already exists');
    const db = open(file);
    expect(db.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'added'").pluck().get()).toBe(0);
    db.close();
  });

  test('J3 makes all steps or none, so that the copy from before them stays one of before them', () => {
    open(file).close();
    const steps = [
      { ...next, sql: 'CREATE TABLE added (a)' },
      { ...next, number: next.number + 1, sql: 'CREATE TABLE added (a)' },
    ];
    const copy = `${file}.before-${next.number + 1}`;
    for (const _ of ['killed', 'and started again']) {
      expect(() => open(file, [...migrations, ...steps])).toThrow('already exists');
      const kept = new Sqlite(copy, { readonly: true });
      expect(kept.pragma('user_version', { simple: true })).toBe(next.number - 1);
      kept.close();
    }
    expect(existsSync(`${copy}.partial`)).toBe(false);
    open(file).close();
  });

  test('is made by every step, in order, and is not copied when it is new', () => {
    open(file).close();
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
    expect(existsSync(`${file}.before-${migrations.length}`)).toBe(false);
  });

  test('I4 a full disk, a damaged or locked file and a lost mount are 503s with a remedy; a bug is not', () => {
    for (const code of [
      'SQLITE_FULL',
      'SQLITE_IOERR_WRITE',
      'SQLITE_CORRUPT_INDEX',
      'SQLITE_NOTADB',
      'SQLITE_READONLY',
      'SQLITE_BUSY',
    ]) {
      const failure = unavailable(new Sqlite.SqliteError('it failed', code));
      expect(failure, code).toBeInstanceOf(Unavailable);
      expect(failure?.retryAfter).toBeGreaterThan(0);
      expect(failure?.message).toContain('Nothing was stored');
    }
    expect(unavailable(new Sqlite.SqliteError('UNIQUE constraint failed', 'SQLITE_CONSTRAINT_UNIQUE'))).toBeUndefined();
    expect(unavailable(new TypeError('a bug'))).toBeUndefined();
  });
});
