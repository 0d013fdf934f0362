/**
 * The journal: the ordered record of pushes, refusals and decisions. Append-only (triggers see to it) and hash-chained:
 * each entry's hash covers its contents and the hash before it, so an edit, a removal or a reorder shows (J1).
 *
 * `append` is called inside the caller's transaction: an entry and its effect are committed together or not at all (I1).
 * Entries cut off at the end show too: SQLite remembers the highest number it ever gave. Not proven here: that nobody
 * wrote the whole chain anew; for that, keep the last hash somewhere else.
 */
import { hash as digest } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JournalRow, Verified } from '../contract/journal.ts';

export type Entry = Readonly<{
  at: number;
  kind: 'push' | 'refusal' | 'decision';
  source?: string | undefined;
  actor?: string | undefined;
  subject?: string | undefined;
  body: unknown;
}>;
export type Journal = ReturnType<typeof journal>;

const genesis = Buffer.alloc(32);
const Row = z.object({
  seq: z.int(),
  at: z.int(),
  kind: z.enum(['push', 'refusal', 'decision']),
  source: z.string().nullable(),
  actor: z.string().nullable(),
  subject: z.string().nullable(),
  body: z.string(),
  hash: z.instanceof(Buffer),
});
type Row = z.infer<typeof Row>;

/** What the hash covers, in a form that cannot be read two ways: JSON text holds no bare line break. */
function sealed({ seq, at, kind, source, actor, subject, body }: Omit<Row, 'hash'>, prev: Buffer): Buffer {
  const text = `${prev.toString('hex')}\n${JSON.stringify([seq, at, kind, source, actor, subject])}\n${body}`;
  // As hex and back: twice as fast as asking for a buffer, and this runs for every push.
  return Buffer.from(digest('sha256', text), 'hex');
}

export function journal(db: Database) {
  const insert = db.prepare<Row>(`
    INSERT INTO journal (seq, at, kind, source, actor, subject, body, hash)
    VALUES (@seq, @at, @kind, @source, @actor, @subject, @body, @hash)`);
  const last = db.prepare<[], unknown>('SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1');
  const given = db.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").pluck();
  const one = db.prepare<{ seq: number }, unknown>('SELECT * FROM journal WHERE seq = @seq');
  const before = db.prepare<{ before: number; limit: number }, unknown>(
    'SELECT * FROM journal WHERE seq < @before ORDER BY seq DESC LIMIT @limit',
  );
  const after = db.prepare<{ after: number; limit: number }, unknown>(
    'SELECT * FROM journal WHERE seq > @after ORDER BY seq LIMIT @limit',
  );
  const counts = db.prepare<[], unknown>(`
    SELECT count(*) AS entries, coalesce(sum(kind = 'push'), 0) AS pushes,
           coalesce(sum(kind = 'refusal'), 0) AS refusals, max(at) AS lastAt FROM journal`);
  const Last = z.object({ seq: z.int(), hash: z.instanceof(Buffer) }).optional();
  const shown = (row: Row): JournalRow => ({
    seq: row.seq,
    at: row.at,
    kind: row.kind,
    source: row.source,
    actor: row.actor,
    subject: row.subject,
    body: JSON.parse(row.body),
    hash: row.hash.toString('hex'),
  });
  // Bare rows: in `verify` the hash is the check, not the schema, for it reads every entry there is.
  const page = (seq: number): Row[] => after.all({ after: seq, limit: 1000 }) as Row[];
  // The head of the chain is kept in memory between commits; a rollback must forget it (see `forget`).
  let head: { seq: number; hash: Buffer } | undefined;

  return {
    /** Appends inside the caller's transaction, and gives the entry's number. */
    append(entry: Entry): number {
      head ??= Last.parse(last.get()) ?? { seq: 0, hash: genesis };
      const row = {
        seq: head.seq + 1,
        at: entry.at,
        kind: entry.kind,
        source: entry.source ?? null,
        actor: entry.actor ?? null,
        subject: entry.subject ?? null,
        body: JSON.stringify(entry.body),
      };
      const hash = sealed(row, head.hash);
      insert.run({ ...row, hash });
      head = { seq: row.seq, hash };
      return row.seq;
    },
    /** To be called when a transaction that appended was rolled back. */
    forget(): void {
      head = undefined;
    },
    lastSeq: (): number => head?.seq ?? Last.parse(last.get())?.seq ?? 0,
    counts: () =>
      z
        .object({ entries: z.int(), pushes: z.int(), refusals: z.int(), lastAt: z.int().nullable() })
        .parse(counts.get()),
    show: (seq: number): JournalRow | undefined => {
      const row = Row.optional().parse(one.get({ seq }));
      return row && shown(row);
    },
    tail: (limit: number, beforeSeq = Number.MAX_SAFE_INTEGER): JournalRow[] =>
      z
        .array(Row)
        .parse(before.all({ before: beforeSeq, limit }))
        .map(shown),
    /** Every entry in order, for replay. Read in pages, so others may write meanwhile. */
    *entries(): Generator<JournalRow> {
      let seq = 0;
      for (let rows = page(seq); rows.length > 0; rows = page(seq)) {
        for (const row of rows) yield shown(Row.parse(row));
        seq = rows.at(-1)?.seq ?? seq;
      }
    },
    /** Walks the chain from the start, and names the first entry that does not hold. Lets pushes through as it goes. */
    async verify(): Promise<Verified> {
      let prev: Buffer = genesis;
      let seq = 0;
      const bad = (entry: number, problem: string): Verified => ({
        ok: false,
        entries: seq,
        bad: { seq: entry, problem },
      });
      for (let rows = page(seq); rows.length > 0; rows = page(seq)) {
        for (const row of rows) {
          if (row.seq !== seq + 1) return bad(seq + 1, 'it is missing');
          seq += 1;
          if (!sealed(row, prev).equals(row.hash))
            return bad(seq, 'its hash does not cover what it says and the entry before it');
          prev = row.hash;
        }
        await turn();
      }
      // Read last, and in one turn with the last page: an entry appended meanwhile would else look like one cut off.
      const highest = given.get() ?? 0;
      if (highest > seq) return bad(seq + 1, `it is missing, and so is all that followed, up to entry ${highest}`);
      return { ok: true, entries: seq, bad: null };
    },
  };
}
