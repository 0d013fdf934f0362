/**
 * Retention: old entries move to files in DATA/archive, and the chain goes on as one (J1).
 *
 * An archive is an export of a range, zstd: it begins with the hash it goes on from and ends with the one it ends at. The
 * checkpoint that lets the entries go is itself an entry of the chain, and keeps the directory as of there, made again from
 * the journal, so that a rebuild needs no archive (J2). Order: the file is on disk and walked, then one commit for decision
 * and checkpoint, then the rows go, some at a time. Killed in between, the next start goes on with that, or takes away the file.
 */
import { hash as sha256 } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createZstdCompress, createZstdDecompress, zstdCompress } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { Checkpoint } from '../contract/journal.ts';
import { Unavailable } from '../errors.ts';
import { type Archiving, genesis, type Link } from './chain.ts';
import { commit } from './commit.ts';
import { flush } from './db.ts';
import type { Journal } from './journal.ts';
import { type Archives, latestCheckpoint, linkColumns, verifyLines } from './proof.ts';
import { replayed } from './rebuild.ts';

const pageRows = 500;

/** The lines of an archive, or of any export that is compressed. Opened when they are asked for: readline waits for nobody. */
export async function* unpackedLines(file: string): AsyncGenerator<string> {
  const input = createReadStream(file);
  const text = createZstdDecompress();
  // A generator that is left early, or a file that cannot be read, must leave no handle behind.
  const done = pipeline(input, text).catch((problem: unknown) => void text.destroy(problem as Error));
  try {
    yield* createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
    await done;
  } finally {
    input.destroy();
    text.destroy();
  }
}

/** Writes lines to a compressed file: whole and on disk, or not at all. */
export async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  const draft = `${file}.partial`;
  async function* broken() {
    for await (const line of lines) yield `${line}\n`;
  }
  try {
    await pipeline(Readable.from(broken()), createZstdCompress(), createWriteStream(draft, { mode: 0o600 }));
    flush(draft);
    renameSync(draft, file);
  } catch (problem) {
    rmSync(draft, { force: true });
    throw problem;
  }
}

const columns = 'seq, hash, first, at, file, decision';
export const checkpoints = (db: Database): Checkpoint[] =>
  z.array(Checkpoint).parse(db.prepare(`SELECT ${columns} FROM checkpoint ORDER BY seq`).all());

/** The archives of a database, oldest first. @throws Unavailable naming one that is not there */
export function archivesOf(db: Database, dir: string): Archives {
  return checkpoints(db).map(({ file }) => {
    const path = join(dir, file);
    if (!existsSync(path))
      throw new Unavailable(`The archive ${file} is not in ${dir}. Put it back there to have it walked.`);
    return { name: file, lines: unpackedLines(path) };
  });
}

export type Retention = Readonly<{
  dir: string;
  /** Entries older than this go; the first younger one stops it, whatever the clock said to those after. */
  before: number;
  at: number;
  by: string;
}>;

/** Moves entries into an archive. Gives the checkpoint, or nothing where nothing is that old. */
export async function archive(db: Database, log: Journal, { dir, before, at, by }: Retention) {
  const start = latestCheckpoint(db) ?? { seq: 0, hash: genesis };
  const range = { from: start.seq, until: lastBefore(db, start.seq, before) };
  if (range.until <= start.seq) return { checkpoint: null, entries: 0 };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const name = `journal-${start.seq + 1}-${range.until}`;
  // After an older backup was restored, the archives of the time since are still there: they are not written over.
  const file = existsSync(join(dir, `${name}.ndjson.zst`)) ? `${name}-${at}.ndjson.zst` : `${name}.ndjson.zst`;
  await writeLines(join(dir, file), linesOf(db, start, range.until));
  flush(dir);
  const { ok, bad, head } = await verifyLines(unpackedLines(join(dir, file)), true);
  if (!ok || head?.seq !== range.until)
    throw new Unavailable(`Nothing was archived: the journal is damaged at entry ${bad?.seq ?? range.until}`);
  const { fresh } = await replayed(db, range.until);
  const snapshot = await packed(fresh);
  const counts = z.object({ pushes: z.int(), refusals: z.int() }).parse(
    db
      .prepare(`SELECT coalesce(sum(kind = 'push'), 0) AS pushes, coalesce(sum(kind = 'refusal'), 0) AS refusals
                  FROM journal WHERE seq > @from AND seq <= @until`)
      .get(range),
  );
  const made: Omit<Archiving, 'what'> = {
    first: start.seq + 1,
    seq: head.seq,
    start: start.hash,
    hash: head.hash,
    file,
    snapshot: sha256('sha256', snapshot),
  };
  commit(db, log, () => {
    const decision = log.append({ at, kind: 'decision', actor: by, body: { what: 'journal.checkpoint', ...made } });
    db.prepare(`INSERT INTO checkpoint (seq, hash, first, at, file, decision, pushes, refusals, snapshot)
                VALUES (@seq, @hash, @first, @at, @file, @decision, @pushes, @refusals, @snapshot)`).run({
      ...made,
      ...counts,
      at,
      decision,
      snapshot,
    });
    db.prepare('UPDATE checkpoint SET snapshot = NULL WHERE seq < @seq').run({ seq: made.seq });
  });
  await letGo(db);
  return { checkpoint: checkpoints(db).at(-1) ?? null, entries: range.until - range.from };
}

/**
 * Takes away what an archiving that was killed before its commit left in the folder: it holds people's data that nothing
 * would ever erase. A whole file goes only where the database has its last entry, by number and hash: one that a later
 * database wrote, before an older backup was restored, may be all there is of that time.
 */
export async function clearLeftovers(db: Database, dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  const known = new Set(checkpoints(db).map(({ file }) => file));
  const hashOf = db.prepare<{ seq: number }, string>('SELECT lower(hex(hash)) FROM journal WHERE seq = @seq').pluck();
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (/^journal-\d+-\d+(-\d+)?\.ndjson\.zst\.partial$/.test(name)) rmSync(path, { force: true });
    const [, until] = /^journal-\d+-(\d+)(?:-\d+)?\.ndjson\.zst$/.exec(name) ?? [];
    if (until === undefined || known.has(name)) continue;
    const { head } = await verifyLines(unpackedLines(path), true);
    if (head?.seq === Number(until) && hashOf.get({ seq: head.seq }) === head.hash) rmSync(path);
  }
}

/** A directory as bytes for a checkpoint. Closes it. */
export async function packed(fresh: Database): Promise<Buffer> {
  try {
    fresh.exec('VACUUM'); // what was erased in it must not linger in its free pages
    return await promisify(zstdCompress)(fresh.serialize());
  } finally {
    fresh.close();
  }
}

function lastBefore(db: Database, after: number, before: number): number {
  const young = db
    .prepare<{ after: number; before: number }, number>(
      'SELECT seq FROM journal WHERE seq > @after AND at >= @before ORDER BY seq LIMIT 1',
    )
    .pluck()
    .get({ after, before });
  if (young !== undefined) return young - 1;
  return db.prepare<[], number | null>('SELECT max(seq) FROM journal').pluck().get() ?? after;
}

async function* linesOf(db: Database, start: Readonly<{ seq: number; hash: string }>, until: number) {
  const page = db.prepare<{ after: number; until: number }, Link>(
    `SELECT ${linkColumns} FROM journal WHERE seq > @after AND seq <= @until ORDER BY seq LIMIT ${pageRows}`,
  );
  yield JSON.stringify({ journal: 1, after: start.seq, hash: start.hash });
  let { seq, hash } = start;
  for (let rows = page.all({ after: seq, until }); rows.length > 0; rows = page.all({ after: seq, until })) {
    for (const row of rows) yield JSON.stringify(row);
    ({ seq, hash } = rows.at(-1) ?? start);
    await turn();
  }
  yield JSON.stringify({ end: seq, hash });
}

/** Takes away the rows that a checkpoint covers, some in each turn. Goes on where an earlier run was killed. */
export async function letGo(db: Database): Promise<void> {
  const first = db.prepare<[], number | null>('SELECT min(seq) FROM journal').pluck();
  const remove = db.prepare<{ until: number }>('DELETE FROM journal WHERE seq <= @until');
  const covered = latestCheckpoint(db)?.seq ?? 0;
  for (let seq = first.get() ?? 0; seq > 0 && seq <= covered; seq += pageRows) {
    remove.run({ until: Math.min(covered, seq + pageRows - 1) });
    await turn();
  }
}
