/**
 * Opens the relay's database: pragmas stated and read back, migrations run, newer databases refused. And says which of
 * SQLite's failures are the machine's and not ours: a full disk, a damaged file, a lock that does not go.
 *
 * `synchronous = FULL` is not decoration: better-sqlite3 is compiled so that WAL defaults to NORMAL, which may lose the
 * last commits on power loss, and by then we have answered 201 (I1). Laws: I1 (durability), I4, J3 (newer refused).
 */
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, statSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { Unavailable } from '../errors.ts';
import { type Migration, migrations } from './migrations.ts';

export type { Database } from 'better-sqlite3';

const pragmas: readonly (readonly [name: string, value: string | number, readBack: string | number])[] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['busy_timeout', 5000, 5000],
  ['trusted_schema', 'OFF', 0],
  // 16 MB: the indexes of 20,000 people fit, and what does not is one read from the system's own cache away.
  ['cache_size', -16_000, -16_000],
  ['temp_store', 'MEMORY', 2],
  // 64 MB of log before its pages are carried over: a page many pushes touch is then written once, and commits that have to
  // wait for that are rarer (npm run bench -- intake).
  ['wal_autocheckpoint', 16_000, 16_000],
];

/** `:memory:` for logic in tests; a file for everything that must survive. `steps` is there for the migrations' tests. */
export function open(path: string, steps: readonly Migration[] = migrations): Database {
  // A new, empty database here would refuse every provider, and look as if nothing had ever been.
  if (!existsSync(path) && existsSync(`${path}.restoring`))
    throw new Unavailable(
      `A restore was cut short: there is no ${path}, and what was there is kept beside it. Restore the backup again.`,
    );
  return prepared(new Sqlite(path), path, steps);
}

/** Leaves the write-ahead log to another program, which must be there: else it grows for ever. */
export function leaveLog(db: Database): void {
  db.pragma('wal_autocheckpoint = 0');
  if (db.pragma('wal_autocheckpoint', { simple: true }) !== 0) throw new Error('SQLite goes on moving its log');
}

/** A database in memory again, from the bytes `serialize` gave. Migrated where an older version wrote it. */
export const unpacked = (bytes: Buffer): Database => prepared(new Sqlite(bytes), ':memory:', migrations);

function prepared(db: Database, path: string, steps: readonly Migration[]): Database {
  try {
    for (const [name, value, readBack] of pragmas) {
      db.pragma(`${name} = ${value}`);
      const actual = db.pragma(name, { simple: true });
      const expected = name === 'journal_mode' && path === ':memory:' ? 'memory' : readBack;
      if (actual !== expected)
        throw new Error(`SQLite keeps ${name} = ${String(actual)}, and the relay needs ${value}`);
    }
    migrate(db, path, steps);
    return db;
  } catch (cause) {
    db.close();
    throw unavailable(cause) ?? cause;
  }
}

const newer = (version: number, latest: number): Unavailable =>
  new Unavailable(
    `This database is of version ${version}, and this program knows versions up to ${latest}. Nothing was changed. ` +
      'Start the version that wrote it, or restore the backup made before the upgrade.',
  );

/** The version a file has, and the one this program would make of it. @throws Unavailable when it is newer (J3) */
export function versionOf(path: string): Readonly<{ version: number; latest: number }> {
  const latest = migrations.at(-1)?.number ?? 0;
  const db = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version > latest) throw newer(version, latest);
    return { version, latest };
  } finally {
    db.close();
  }
}

/** A second connection to a database that is open already: for reading beside the relay's own thread. */
export function openToRead(path: string): Database {
  const db = new Sqlite(path, { readonly: true, fileMustExist: true });
  for (const pragma of ['trusted_schema = OFF', 'cache_size = -16000', 'temp_store = MEMORY', 'busy_timeout = 5000'])
    db.pragma(pragma);
  return db;
}

function migrate(db: Database, path: string, steps: readonly Migration[]): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  const latest = steps.at(-1)?.number ?? 0;
  if (version > latest) throw newer(version, latest);
  const due = steps.filter(({ number }) => number > version);
  if (due.length === 0) return;
  if (version > 0 && existsSync(path)) {
    db.pragma('wal_checkpoint(TRUNCATE)');
    const draft = `${path}.before-${latest}.partial`;
    copyFileSync(path, draft);
    flush(draft);
    renameSync(draft, `${path}.before-${latest}`);
  }
  // All of them or none: killed in between, the next start would put a half-migrated database in the place of the copy.
  db.unsafeMode(true); // a step may change a CHECK, for which SQLite has no other way than writing its own schema
  db.transaction(() => {
    for (const { number, sql } of due) {
      db.exec(sql);
      db.pragma(`user_version = ${number}`);
    }
  }).immediate();
  db.unsafeMode(false);
}

/** To the disk; also a folder, so that a new name in it survives a power cut. Windows has no such thing for folders. */
export function flush(path: string): void {
  if (process.platform === 'win32' && statSync(path).isDirectory()) return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Shows a database file as it is at this moment, whoever writes meanwhile. For what takes long: it asks nothing of the
 * connection that pushes are waiting for.
 */
export async function looking<T>(path: string, look: (db: Database) => Promise<T>): Promise<T> {
  const db = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    db.pragma('trusted_schema = OFF');
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get(); // the first read is where the view is taken
    return await look(db);
  } catch (cause) {
    throw unavailable(cause) ?? cause;
  } finally {
    db.close();
  }
}

/** SQLite's result codes for trouble with the disk or the file, and what a person does about each. */
const troubles: readonly (readonly [code: RegExp, trouble: string])[] = [
  [/^SQLITE_FULL/, 'The disk that holds the relay is full. Free space on it.'],
  [/^SQLITE_(IOERR|CANTOPEN)/, "The relay cannot read or write its disk. Look at the disk and at the system's log."],
  [/^SQLITE_(CORRUPT|NOTADB)/, "The relay's database is damaged. Stop the relay and restore a backup."],
  [/^SQLITE_READONLY/, "The relay may not write to its database. Look at the file's owner and at the mount."],
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)/, "Another program keeps the relay's database locked. Close it."],
  [/^SQLITE_NOMEM/, 'The machine is out of memory.'],
];

/**
 * The 503 for a failure of SQLite that no caller caused (I4); `undefined` for anything else, which is then a bug.
 * Nothing was stored: whatever transaction met it was rolled back.
 */
export function unavailable(thrown: unknown): Unavailable | undefined {
  if (!(thrown instanceof Sqlite.SqliteError)) return undefined;
  const { code } = thrown;
  const trouble = troubles.find(([pattern]) => pattern.test(code))?.[1];
  return trouble === undefined
    ? undefined
    : new Unavailable(`${trouble} Nothing was stored; the request can be repeated.`, 60, { cause: thrown });
}

/** What runs: for the doctor, and for whoever reads its answer. */
export function versionsOf(db: Database): string {
  const sqlite = db.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? '?';
  return `Node ${process.versions.node}, SQLite ${sqlite}, schema ${String(db.pragma('user_version', { simple: true }))} of ${migrations.at(-1)?.number ?? 0}`;
}

/**
 * One for each connection: where a dozen rooms ask for the same, its statements would be a third of all that a start
 * prepares, and what one has parsed the next would parse again.
 */
export function perConnection<T extends object>(prepare: (db: Database) => T): (db: Database) => T {
  const known = new WeakMap<Database, T>();
  return (db) => {
    const found = known.get(db) ?? prepare(db);
    known.set(db, found);
    return found;
  };
}
