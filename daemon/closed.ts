/**
 * What can be done with a data folder that no relay runs on, with a backup, and with an export: proving it, and restoring.
 * Loaded by the command line when no relay answers. Proving writes nothing to what it looks at.
 *
 * A database of an older version is looked at in a migrated copy; one of a newer version is refused (J3).
 */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Backup } from './contract/backup.ts';
import type { Rebuilt, Verified } from './contract/journal.ts';
import { Forbidden, Malformed, NotFound, Unavailable } from './errors.ts';
import { takeLock } from './lock.ts';
import { archivesOf, unpackedLines } from './store/archive.ts';
import { backup, comeBack, faultsOf } from './store/backup.ts';
import { type Database, flush, looking, open, unavailable, versionOf } from './store/db.ts';
import { exportPage, verify, verifyLines } from './store/proof.ts';
import { check } from './store/rebuild.ts';

type Kind = 'database' | 'export' | 'compressed';

/** Told by the first bytes: names mean nothing. */
function kindOf(file: string): Kind {
  const bytes = Buffer.alloc(16);
  const handle = openSync(file, 'r');
  readSync(handle, bytes);
  closeSync(handle);
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
async function* linesOf(file: string): AsyncGenerator<string> {
  if (kindOf(file) === 'compressed') yield* unpackedLines(file);
  else yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

/** Looks at a database without changing it. @throws Unavailable for one of a newer version */
async function inPlace<T>(file: string, look: (db: Database) => Promise<T>): Promise<T> {
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

/** A data folder, a backup, an export or an archive. `archive`: a data folder's archives too, as one chain. */
export async function verified(path: string, archive = false): Promise<Verified> {
  const file = found(path);
  const dir = join(dirname(file), 'archive');
  if (kindOf(file) === 'database') return inPlace(file, (db) => verify(db, archive ? archivesOf(db, dir) : undefined));
  return verifyLines(linesOf(file), kindOf(file) === 'compressed');
}

/** A data folder or a backup. */
export const checked = (path: string): Promise<Rebuilt> => inPlace(found(path), check);

/** The lines of an export of a data folder or a backup, a page at a time. */
export function exported(path: string, page: (lines: readonly string[]) => void): Promise<void> {
  return inPlace(found(path), async (db) => {
    for (let after: number | null = null, done = false; !done; ) {
      const next = exportPage(db, after, 1000);
      page(next.lines);
      ({ after, done } = next);
    }
  });
}

export type Restored = Readonly<{
  file: string;
  entries: number;
  head: Verified['head'];
  /** Where the database that was there lies now; null: there was none. */
  replaced: string | null;
  /** What is in no backup, and what has to be done before sync is enabled again. */
  todo: readonly string[];
}>;

/** Makes a backup of a folder that no relay runs on. */
export const backedUp = (data: string, file: string, at: number): Promise<Backup> =>
  inPlace(found(data), (db) => backup(db, file, at));

/**
 * Puts a backup in the place of a folder's database, once it is proven: SQLite's own check, the version, the chain, and the
 * directory made again from the journal. What was there is kept beside it.
 * @throws Unavailable when a relay runs there, or the backup does not pass; Forbidden when there is a database already
 */
export async function restored(
  data: string,
  file: string,
  { replace, by, at }: Readonly<{ replace: boolean; by: string; at: number }>,
): Promise<Restored> {
  if (kindOf(found(file)) !== 'database') throw new Malformed('invalidValue', `${file} is no backup of a relay`);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const lock = takeLock(data);
  const target = join(data, 'relay.db');
  const draft = `${target}.restoring`;
  const sweep = () => {
    for (const name of readdirSync(data)) if (name.startsWith('relay.db.restoring')) rmSync(join(data, name));
  };
  try {
    if (existsSync(target) && !replace)
      throw new Forbidden(
        `${data} has a database already. To put the backup in its place, say --replace-existing-database; ` +
          'what is there will be kept beside it.',
      );
    sweep();
    versionOf(file);
    for (const end of ['', '-wal'].filter((end) => existsSync(file + end))) copyFileSync(file + end, draft + end);
    chmodSync(draft, 0o600);
    const { entries, head } = await proven(draft, file);
    const db = open(draft);
    comeBack(db, { by, at, file: basename(file), seq: head?.seq ?? 0 });
    db.close();
    flush(draft);
    const replaced = replacing(target, at);
    // The log goes with its database: beside another one it would be written into it. The database first: where it is gone
    // no start takes the folder for a whole one (db.ts).
    if (replaced !== null)
      for (const end of ['', '-wal', '-shm'].filter((end) => existsSync(target + end)))
        renameSync(target + end, replaced + end);
    renameSync(draft, target);
    sweep();
    flush(data);
    return { file, entries, head, replaced, todo: todo(head?.seq ?? 0) };
  } catch (problem) {
    sweep();
    throw unavailable(problem) ?? problem;
  } finally {
    lock.release();
  }
}

/** The name for what is there; null: nothing is. A log alone was left by a restore that was cut short, and follows its database. */
function replacing(target: string, at: number): string | null {
  if (!existsSync(target) && !existsSync(`${target}-wal`)) return null;
  const kept = readdirSync(dirname(target))
    .filter((name) => /^relay\.db\.replaced-\d+$/.test(name))
    .sort();
  const latest = kept.at(-1);
  const isCut = !existsSync(target) && latest !== undefined;
  return isCut ? join(dirname(target), latest) : `${target}.replaced-${at}`;
}

async function proven(draft: string, name: string): Promise<Verified> {
  const refuse = (what: string) =>
    new Unavailable(`${name} was not restored, and nothing was changed: ${what}. Take an earlier backup.`);
  const faults = await inPlace(draft, async (db) => faultsOf(db));
  if (faults.length > 0) throw refuse(`SQLite finds it damaged (${faults[0]})`);
  const db = open(draft);
  try {
    const chain = await verify(db);
    if (!chain.ok) throw refuse(`its journal is damaged at entry ${chain.bad?.seq}: ${chain.bad?.problem}`);
    const { ok, differences } = await check(db);
    if (!ok) throw refuse(`its directory is not the one that its journal gives (${differences[0]})`);
    return chain;
  } finally {
    db.close();
  }
}

const todo = (seq: number): string[] => [
  `Sync is off. What was pushed, decided and sent after entry ${seq} is not in the backup.`,
  'Where this is another machine: give the token of Steeple (upstream set --token-stdin) and of its API again, and the ' +
    'certificate files. No secret is in a backup. The tokens of providers go on working, but for those rotated since.',
  'Start the relay, and have the provider send everything again (Entra: Restart provisioning; Okta: Force Sync, Push Now).',
  'Then look at a plan against Steeple as it is (plan), and enable sync with it.',
];
