/**
 * Opens the relay's database: pragmas stated and read back, migrations run, newer databases refused.
 *
 * `synchronous = FULL` is not decoration: better-sqlite3 is compiled so that WAL defaults to NORMAL, which may lose the
 * last commits on power loss, and by then we have answered 201 (I1). Laws: I1 (durability), J3 (newer refused).
 */
import { copyFileSync, existsSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { Unavailable } from '../errors.ts';
import { migrations } from './migrations.ts';

export type { Database } from 'better-sqlite3';

const pragmas: readonly (readonly [name: string, value: string | number, readBack: string | number])[] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['busy_timeout', 5000, 5000],
  ['trusted_schema', 'OFF', 0],
  ['cache_size', -32_000, -32_000],
  ['temp_store', 'MEMORY', 2],
];

/** `:memory:` for logic in tests; a file for everything that must survive. */
export function open(path: string): Database {
  const db = new Sqlite(path);
  try {
    for (const [name, value, readBack] of pragmas) {
      db.pragma(`${name} = ${value}`);
      const actual = db.pragma(name, { simple: true });
      const expected = name === 'journal_mode' && path === ':memory:' ? 'memory' : readBack;
      if (actual !== expected)
        throw new Error(`SQLite keeps ${name} = ${String(actual)}, and the relay needs ${value}`);
    }
    migrate(db, path);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

function migrate(db: Database, path: string): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  const latest = migrations.at(-1)?.number ?? 0;
  if (version > latest) {
    throw new Unavailable(
      `This database is of version ${version}, and this program knows versions up to ${latest}. Nothing was changed. ` +
        'Start the version that wrote it, or restore the backup made before the upgrade.',
    );
  }
  const due = migrations.filter(({ number }) => number > version);
  if (due.length === 0) return;
  if (version > 0 && existsSync(path)) {
    db.pragma('wal_checkpoint(TRUNCATE)');
    copyFileSync(path, `${path}.before-${latest}`);
  }
  for (const { number, sql } of due) {
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${number}`);
    }).immediate();
  }
}
