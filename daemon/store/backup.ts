/**
 * Backups: a copy of the database made in small steps between pushes, and the way back.
 *
 * A copy counts only when its chain holds, read from the copy; until then it lies under another name. What is in the
 * database is in the copy, so no secret is: tokens of sources are hashes there, Steeple's are in the keychain (S1).
 *
 * Laws: J3 (a backup taken under load restores to a consistent state). Read next: closed.ts (restore, with no relay running).
 */
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import type { Backup } from '../contract/backup.ts';
import { Forbidden, Malformed, Unavailable } from '../errors.ts';
import { commit } from './commit.ts';
import { flush, unavailable } from './db.ts';
import { journal } from './journal.ts';
import { verify } from './proof.ts';
import { settings } from './settings.ts';

/** 64 KB at a time: a push that waits for one is not late, and between two of them a commit has its turn. */
const pagesATurn = 16;
/** Of the walk along the copy's chain: half a millisecond. */
const rowsATurn = 100;

/**
 * Copies `db` to `file`, which must be absolute and new.
 * @param stopped asked between steps; once true, the copy is given up
 * @throws Forbidden, Malformed for the name; Unavailable for the disk
 */
export async function backup(db: Database, file: string, at: number, stopped = () => false): Promise<Backup> {
  if (!isAbsolute(file)) throw new Malformed('invalidValue', `${file} is not an absolute path`);
  if (existsSync(file)) throw new Forbidden(`There is a file at ${file} already, and a backup overwrites none`);
  const draft = `${file}.partial`;
  try {
    // Made by us first, since SQLite would let the group and others read it.
    closeSync(openSync(draft, 'w', 0o600));
    await db.backup(draft, {
      progress: () => {
        if (stopped()) throw new Unavailable('The relay stops, so the backup was given up');
        return pagesATurn;
      },
    });
    const head = await provenHead(draft);
    flush(draft);
    if (existsSync(file)) throw new Forbidden(`There is a file at ${file} by now, and a backup overwrites none`);
    renameSync(draft, file);
    flush(dirname(file));
    return { file, at, bytes: statSync(file).size, head };
  } catch (problem) {
    clearDraft(file);
    throw explained(problem, file);
  }
}

/** One file, with no write-ahead log beside it; and its last entry, once the chain up to there has been walked. */
async function provenHead(file: string): Promise<Backup['head']> {
  const copy = new Sqlite(file);
  try {
    copy.pragma('journal_mode = DELETE');
    const { ok, bad, head } = await verify(copy, undefined, rowsATurn);
    if (!ok)
      throw new Unavailable(
        `The journal is damaged at entry ${bad?.seq}: ${bad?.problem}. A backup of it would be no backup; keep the last good one.`,
      );
    return head;
  } finally {
    copy.close();
  }
}

function explained(problem: unknown, file: string): unknown {
  const { code, message } = problem as NodeJS.ErrnoException;
  const words = {
    ENOENT: 'its folder is not there',
    EACCES: 'the relay may not write there',
    ENOSPC: 'the disk is full',
  };
  const known = words[code as keyof typeof words] ?? (code?.startsWith('E') ? message : undefined);
  if (known !== undefined) return new Unavailable(`${file} cannot be written: ${known}`, 60, { cause: problem });
  const trouble = unavailable(problem);
  if (trouble !== undefined)
    return new Unavailable(`The backup ${file} failed. ${message}. Look at its disk.`, 60, { cause: problem });
  if (problem instanceof TypeError && /directory does not exist/.test(message))
    return new Unavailable(`${file} cannot be written: its folder is not there`, 60, { cause: problem });
  return problem;
}

/** What a backup is written to until it is proven, and what SQLite may put beside that. */
const clearDraft = (file: string): void => {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${file}.partial${end}`, { force: true });
};

/** Takes away backups of the schedule, the oldest first, until `keep` are left; gives what is left. */
export function rotated(files: readonly string[], keep: number): string[] {
  for (const file of files) clearDraft(file);
  const there = files.filter((file) => existsSync(file));
  const gone = there.slice(0, Math.max(0, there.length - keep));
  for (const file of gone) rmSync(file, { force: true });
  return there.slice(gone.length);
}

/** What SQLite itself finds wrong with a file; empty when nothing is. */
export function faultsOf(db: Database): string[] {
  const rows = db.prepare<[], string>('PRAGMA integrity_check(20)').pluck().all();
  return rows.length === 1 && rows[0] === 'ok' ? [] : rows;
}

/**
 * What must be so in a database that comes back from a backup: what happened since is not in it, so nothing may be sent
 * from it before somebody has looked, and Steeple must be read again first.
 */
export function comeBack(db: Database, from: Readonly<{ by: string; at: number; file: string; seq: number }>): void {
  const log = journal(db);
  const kept = settings(db);
  commit(db, log, () => {
    const { by, at, file, seq } = from;
    log.append({ at, kind: 'decision', actor: by, body: { what: 'restore', file, entry: seq } });
    kept.set('sync', { state: 'off', since: at, by, plan: null });
    kept.set('scannedAt', null);
  });
  db.pragma('wal_checkpoint(TRUNCATE)');
}
