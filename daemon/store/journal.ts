/**
 * The journal: the ordered record of pushes, refusals and decisions. Append-only (triggers see to it) and hash-chained:
 * each entry's hash covers its contents and the hash before it, so an edit, a removal or a reorder shows (J1).
 *
 * `append` is called inside the caller's transaction: an entry and its effect are committed together or not at all (I1).
 */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JournalRow, Verified } from '../contract/admin.ts';

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
  prev: z.instanceof(Buffer),
  hash: z.instanceof(Buffer),
});
type Row = z.infer<typeof Row>;

/** What the hash covers, in a form that cannot be read two ways. */
const sealed = (row: Omit<Row, 'hash' | 'prev'>, prev: Buffer): Buffer =>
  createHash('sha256')
    .update(prev)
    .update(JSON.stringify([row.seq, row.at, row.kind, row.source, row.actor, row.subject, row.body]))
    .digest();

export function journal(db: Database) {
  const insert = db.prepare<Row>(`
    INSERT INTO journal (seq, at, kind, source, actor, subject, body, prev, hash)
    VALUES (@seq, @at, @kind, @source, @actor, @subject, @body, @prev, @hash)`);
  const last = db.prepare<[], unknown>('SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1');
  const one = db.prepare<{ seq: number }, unknown>('SELECT * FROM journal WHERE seq = @seq');
  const before = db.prepare<{ before: number; limit: number }, unknown>(
    'SELECT * FROM journal WHERE seq < @before ORDER BY seq DESC LIMIT @limit',
  );
  const every = db.prepare<[], unknown>('SELECT * FROM journal ORDER BY seq');
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
      insert.run({ ...row, prev: head.hash, hash });
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
    /** Every entry in order, one at a time: for replay. */
    *entries(): Generator<JournalRow> {
      for (const row of every.iterate()) yield shown(Row.parse(row));
    },
    /** Walks the chain from the start, and names the first entry that does not hold. */
    verify(): Verified {
      let prev: Buffer = genesis;
      let seq = 0;
      for (const raw of every.iterate()) {
        const row = raw as Row; // 200,000 entries a second is the aim: the hash is the check, not the schema
        seq += 1;
        const bad = (problem: string): Verified => ({ ok: false, entries: seq, bad: { seq: row.seq, problem } });
        if (row.seq !== seq) return bad(`entry ${seq} is missing`);
        if (!prev.equals(row.prev)) return bad('it does not continue the entry before it');
        if (!sealed(row, prev).equals(row.hash)) return bad('its contents do not match its hash');
        prev = row.hash;
      }
      return { ok: true, entries: seq, bad: null };
    },
  };
}
