/**
 * What can be done with a data folder that no relay runs on, with a backup, and with an export: proving it. Loaded by the
 * command line when no relay answers; nothing here writes to what it looks at.
 *
 * A database of an older version is looked at in a migrated copy; one of a newer version is refused (J3).
 */
import { copyFileSync, createReadStream, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createZstdDecompress } from 'node:zlib';
import type { Rebuilt, Verified } from './contract/journal.ts';
import { Malformed, NotFound } from './errors.ts';
import { type Database, looking, open, versionOf } from './store/db.ts';
import { exportPage, verify, verifyLines } from './store/proof.ts';
import { check } from './store/rebuild.ts';

type Kind = 'database' | 'export' | 'compressed';

/** Told by the first bytes: names mean nothing. */
function kindOf(file: string): Kind {
  const bytes = Buffer.alloc(16);
  const handle = openSync(file, 'r');
  readSync(handle, bytes);
  if (bytes.toString('latin1') === 'SQLite format 3\0') return 'database';
  if (bytes.readUInt32LE() === 0xfd2fb528) return 'compressed'; // RFC 8878 §3.1.1
  if (bytes.toString('latin1').startsWith('{"journal"')) return 'export';
  throw new Malformed('invalidValue', `${file} is no database of a relay, no backup and no export of a journal`);
}

/** A data folder stands for the database in it. @throws NotFound */
function found(path: string): string {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'relay.db') : path;
  if (!existsSync(file)) throw new NotFound(`There is nothing at ${file}`);
  return file;
}

/** The lines of an export or an archive. */
export function linesOf(file: string): AsyncIterable<string> {
  const bytes = createReadStream(file);
  const text = kindOf(file) === 'compressed' ? bytes.pipe(createZstdDecompress()) : bytes;
  return createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
}

/** Looks at a database without changing it. @throws Unavailable for one of a newer version */
async function at<T>(file: string, look: (db: Database) => Promise<T>): Promise<T> {
  const { version, latest } = versionOf(file);
  if (version === latest) return looking(file, look);
  const folder = mkdtempSync(join(tmpdir(), 'steeple-relay-'));
  try {
    for (const end of ['', '-wal'].filter((end) => existsSync(file + end)))
      copyFileSync(file + end, join(folder, `copy.db${end}`));
    const db = open(join(folder, 'copy.db'));
    try {
      return await look(db);
    } finally {
      db.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A data folder, a backup, an export or an archive. */
export async function verified(path: string): Promise<Verified> {
  const file = found(path);
  if (kindOf(file) === 'database') return at(file, (db) => verify(db));
  return verifyLines(linesOf(file), kindOf(file) === 'compressed');
}

/** A data folder or a backup. */
export const checked = (path: string): Promise<Rebuilt> => at(found(path), check);

/** The lines of an export of a data folder or a backup, a page at a time. */
export function exported(path: string, page: (lines: readonly string[]) => void): Promise<void> {
  return at(found(path), async (db) => {
    for (let after: number | null = null, done = false; !done; ) {
      const next = exportPage(db, after, 1000);
      page(next.lines);
      ({ after, done } = next);
    }
  });
}
