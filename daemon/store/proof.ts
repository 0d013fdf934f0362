/**
 * Proves a journal: walks the chain in a database, in an export, or in its archives and then the database as one chain,
 * and names the first entry that does not hold (J1).
 *
 * Entries cut off at the end show too: SQLite remembers the highest number it ever gave, and an export says how it ends.
 * Not proven here: that nobody wrote the whole chain anew; for that, keep the last hash (`head`) somewhere else.
 *
 * Works on whatever connection it is given, live or not, and lets others have a turn between pages.
 */
import { hash as sha256 } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Verified } from '../contract/journal.ts';
import { Stale } from '../errors.ts';
import { type Bad, Closing, genesis, Link, Opening, type Place, walker } from './chain.ts';

/** Two milliseconds' worth: pushes get their turn between. */
const rowsInPage = 400;
/** The columns of a row, named as the lines of an export are. */
export const linkColumns = `seq, at, kind, source, actor, subject, v, salt, digest, erased_by AS erasedBy, body,
  lower(hex(hash)) AS hash`;
type Walk = ReturnType<typeof walker>;

const told = (walk: Walk, from: number, bad: Bad | undefined, archives: readonly string[] = []): Verified => {
  const { seq, hash } = walk.place();
  return {
    ok: bad === undefined,
    entries: seq - from,
    bad: bad ?? null,
    first: from + 1,
    head: seq === 0 ? null : { seq, hash },
    erased: walk.erased(),
    archives: [...archives],
  };
};

const Latest = z
  .object({ seq: z.int(), hash: z.string(), file: z.string(), snapshot: z.instanceof(Buffer).nullable() })
  .optional();

/** Where the entries in the database begin: after the last checkpoint. */
export const latestCheckpoint = (db: Database) =>
  Latest.parse(db.prepare('SELECT seq, hash, file, snapshot FROM checkpoint ORDER BY seq DESC LIMIT 1').get());

/** Archives in order: the name of each, and its lines. */
export type Archives = readonly Readonly<{ name: string; lines: AsyncIterable<string> }>[];

/**
 * The chain in a database; with `archives`, from the first entry of the first of them.
 * @param rows how many are read before others have a turn
 * @param tell told the last entry that held, after each page
 */
export async function verify(
  db: Database,
  archives?: Archives,
  rows = rowsInPage,
  tell: (seq: number) => void = () => {},
): Promise<Verified> {
  const checkpoint = latestCheckpoint(db);
  const start: Place = checkpoint ?? { seq: 0, hash: genesis };
  const walk = walker(archives === undefined ? start : { seq: 0, hash: genesis });
  const from = archives === undefined ? start.seq : 0;
  const names = archives?.map(({ name }) => name);
  for (const { name, lines } of archives ?? []) {
    const bad = await alongLines(walk, lines, false);
    if (bad) return told(walk, from, { ...bad, problem: `in the archive ${name}: ${bad.problem}` }, names);
    tell(walk.place().seq);
  }
  const at = walk.place();
  if (at.seq !== start.seq || at.hash !== start.hash) {
    const problem =
      at.seq < start.seq
        ? `it is missing: the archives end here, and the database begins at entry ${start.seq + 1}`
        : 'the archives and the database do not meet';
    return told(walk, from, { seq: Math.min(at.seq, start.seq) + 1, problem }, names);
  }
  return told(walk, from, await alongRows(walk, db, start, rows, tell), names);
}

async function alongRows(
  walk: Walk,
  db: Database,
  start: Place,
  most: number,
  tell: (seq: number) => void,
): Promise<Bad | undefined> {
  // Bare rows: here the hash is the check, not the schema, for every entry there is gets read.
  const after = db.prepare<{ seq: number }, Link>(
    `SELECT ${linkColumns} FROM journal WHERE seq > @seq ORDER BY seq LIMIT ${most}`,
  );
  const given = db.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").pluck();
  for (;;) {
    const rows = after.all({ seq: walk.place().seq });
    for (const row of rows) {
      const bad = walk.step(row);
      if (bad) return bad;
    }
    tell(walk.place().seq);
    if (rows.length < most) break;
    await turn();
  }
  // Read in one turn with the last page: an entry appended meanwhile would else look like one cut off.
  const { seq } = walk.place();
  const highest = given.get() ?? 0;
  if (highest > seq)
    return { seq: seq + 1, problem: `it is missing, and so is all that followed, up to entry ${highest}` };
  return walk.unnamed() ?? unfounded(walk, db, start);
}

/** A checkpoint is believed only as a decision in the chain states it; so is the directory that it keeps. */
function unfounded(walk: Walk, db: Database, start: Place): Bad | undefined {
  if (start.seq === 0) return undefined;
  const stated = walk.checkpoints().findLast(({ seq }) => seq === start.seq);
  if (stated === undefined || stated.hash !== start.hash)
    return { seq: start.seq, problem: 'it and all before it are gone, and no decision in the chain archived them' };
  const snapshot = latestCheckpoint(db)?.snapshot;
  if (!snapshot || sha256('sha256', snapshot) !== walk.snapshot())
    return { seq: start.seq, problem: 'the directory kept with its checkpoint is not the one that the chain states' };
  return undefined;
}

async function alongLines(walk: Walk, lines: AsyncIterable<string>, whole: boolean): Promise<Bad | undefined> {
  try {
    return await alongEach(walk, lines, whole);
  } catch (problem) {
    // Compressed bytes that were damaged, or cut off, are an answer and no accident.
    return {
      seq: walk.place().seq + 1,
      problem: `the file cannot be read any further (${(problem as Error).message})`,
    };
  }
}

/** Reads an export line by line: opening, entries, closing. */
async function alongEach(walk: Walk, lines: AsyncIterable<string>, whole: boolean): Promise<Bad | undefined> {
  let opened = false;
  let closed = false;
  for await (const line of lines) {
    const { seq, hash } = walk.place();
    if (line === '') continue;
    const next = { seq: seq + 1, problem: 'its line cannot be read as an entry' };
    if (closed) return { ...next, problem: 'lines follow the one that closes the file' };
    const value = parsed(line);
    if (!opened) {
      const opening = Opening.safeParse(value).data;
      if (opening === undefined || opening.after !== seq || opening.hash !== hash)
        return { ...next, problem: 'the file does not go on from the entry before' };
      opened = true;
      continue;
    }
    if (line.startsWith('{"end"')) {
      const closing = Closing.safeParse(value).data;
      if (closing === undefined || closing.end !== seq || closing.hash !== hash)
        return { ...next, problem: `it is missing, and so is all that followed, up to entry ${closing?.end ?? '?'}` };
      closed = true;
      continue;
    }
    const link = Link.safeParse(value).data;
    if (link === undefined) return next;
    const bad = walk.step(link);
    if (bad) return bad;
  }
  if (!closed) return { seq: walk.place().seq + 1, problem: 'the file ends before the line that closes it' };
  return whole ? walk.unnamed() : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * The chain in an export, whatever entry it begins with: that entry's forerunner is taken from its opening line.
 *
 * `partial`: erasures decided after its end are not in it, so entries that were emptied are not held against it. An
 * archive is such a file.
 */
export async function verifyLines(lines: AsyncIterable<string>, partial = false): Promise<Verified> {
  const reader = lines[Symbol.asyncIterator]();
  const line = await reader.next();
  const opening = line.done ? undefined : Opening.safeParse(parsed(line.value)).data;
  if (opening === undefined) {
    const problem = 'the file does not begin as an export of a journal does';
    return told(walker({ seq: 0, hash: genesis }), 0, { seq: 1, problem });
  }
  const walk = walker({ seq: opening.after, hash: opening.hash });
  async function* again() {
    yield line.value as string;
    yield* { [Symbol.asyncIterator]: () => reader };
  }
  return told(walk, opening.after, await alongLines(walk, again(), !partial));
}

/**
 * A page of an export of the entries in the database: lines, and where the next page begins.
 * @throws Stale when what follows `after` has been archived meanwhile
 */
export function exportPage(db: Database, after: number | null, limit: number) {
  const start: Place = latestCheckpoint(db) ?? { seq: 0, hash: genesis };
  if (after !== null && after < start.seq)
    throw new Stale('Entries were archived while the journal was exported. Export it again.');
  const from = after ?? start.seq;
  const rows = db
    .prepare<{ from: number; limit: number }, Link>(
      `SELECT ${linkColumns} FROM journal WHERE seq > @from ORDER BY seq LIMIT @limit`,
    )
    .all({ from, limit });
  const lines = rows.map((row) => JSON.stringify(row));
  if (after === null) lines.unshift(JSON.stringify({ journal: 1, after: start.seq, hash: start.hash }));
  const done = rows.length < limit;
  const end = rows.at(-1)?.seq ?? from;
  if (done) {
    const hashOf = db.prepare<{ end: number }, string>('SELECT lower(hex(hash)) FROM journal WHERE seq = @end').pluck();
    lines.push(JSON.stringify({ end, hash: end === start.seq ? start.hash : hashOf.get({ end }) }));
  }
  return { lines, after: end, done };
}
