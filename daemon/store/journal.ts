/**
 * The journal: the ordered record of pushes, refusals and decisions. Append-only (triggers see to it) and hash-chained:
 * each entry's hash covers its contents and the hash before it, so an edit, a removal or a reorder shows (J1).
 *
 * `append` is called inside the caller's transaction: an entry and its effect are committed together or not at all (I1).
 *
 * Read next: chain.ts (how a hash is made), proof.ts (verifying), archive.ts (retention), erasing.ts (one person's data).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JournalRow, Verified } from '../contract/journal.ts';
import { readJson } from '../contract/numeral.ts';
import { genesis, type Link, salts, sealed } from './chain.ts';
import { verify } from './proof.ts';

export type Entry = Readonly<{
  at: number;
  kind: 'push' | 'refusal' | 'decision';
  source?: string | undefined;
  actor?: string | undefined;
  subject?: string | undefined;
  body: unknown;
}>;
export type Journal = ReturnType<typeof journal>;

/** A row as the columns below give it. */
export const Row = z.object({
  seq: z.int(),
  at: z.int(),
  kind: z.enum(['push', 'refusal', 'decision']),
  source: z.string().nullable(),
  actor: z.string().nullable(),
  subject: z.string().nullable(),
  body: z.string(),
  hash: z.string(),
  erasedBy: z.int().nullable(),
});
type Row = z.infer<typeof Row>;
export const columns = 'seq, at, kind, source, actor, subject, body, lower(hex(hash)) AS hash, erased_by AS erasedBy';
/** Text as SQLite keeps it: half of a surrogate pair would come back as another character, and break the chain. */
const kept = (text: string | undefined): string | null => text?.toWellFormed() ?? null;

export const shown = ({ body, ...row }: Row): JournalRow => ({ ...row, body: readJson(body) });

export function journal(db: Database) {
  // By place, not by name: every push runs it, and finding ten values by their names costs as much as writing them.
  const insert = db.prepare<
    [Link['seq'], Link['at'], Link['kind'], ...(string | null)[], Link['body'], Link['hash'], Link['v'], Link['salt']]
  >(`
    INSERT INTO journal (seq, at, kind, source, actor, subject, body, hash, v, salt)
    VALUES (?, ?, ?, ?, ?, ?, ?, unhex(?), ?, ?)`);
  const last = db.prepare<[], unknown>(`
    SELECT seq, lower(hex(hash)) AS hash FROM journal
    UNION ALL SELECT seq, hash FROM checkpoint ORDER BY seq DESC LIMIT 1`);
  const one = db.prepare<{ seq: number }, unknown>(`SELECT ${columns} FROM journal WHERE seq = @seq`);
  const archived = db
    .prepare<{ seq: number }, string>('SELECT file FROM checkpoint WHERE @seq BETWEEN first AND seq')
    .pluck();
  const before = db.prepare<{ before: number; limit: number }, unknown>(
    `SELECT ${columns} FROM journal WHERE seq < @before ORDER BY seq DESC LIMIT @limit`,
  );
  const after = db.prepare<{ after: number; limit: number }, unknown>(
    `SELECT ${columns} FROM journal WHERE seq > @after ORDER BY seq LIMIT @limit`,
  );
  const checkpoint = db.prepare<[], unknown>(`
    SELECT coalesce(max(seq), 0) AS seq, coalesce(max(seq), 0) AS entries, coalesce(sum(pushes), 0) AS pushes,
           coalesce(sum(refusals), 0) AS refusals, max(at) AS lastAt,
           coalesce(max(CASE WHEN pushes > 0 THEN seq END), 0) AS lastPush FROM checkpoint`);
  const since = db.prepare<{ seq: number }, unknown>(`
    SELECT coalesce(max(seq), @seq) AS seq, count(*) AS entries, coalesce(sum(kind = 'push'), 0) AS pushes,
           coalesce(sum(kind = 'refusal'), 0) AS refusals, max(at) AS lastAt,
           coalesce(max(CASE kind WHEN 'push' THEN seq END), 0) AS lastPush FROM journal WHERE seq > @seq`);
  const Last = z.object({ seq: z.int(), hash: z.string() }).optional();
  const Counted = z.object({
    seq: z.int(),
    entries: z.int(),
    pushes: z.int(),
    refusals: z.int(),
    lastAt: z.int().nullable(),
    lastPush: z.int(),
  });
  const page = (seq: number): Row[] => z.array(Row).parse(after.all({ after: seq, limit: 1000 }));
  const salt = salts();
  // The head of the chain is kept in memory between commits; a rollback must forget it (see `forget`).
  let head: { seq: number; hash: string } | undefined;
  // What was counted once is not read again: the table may hold millions, and whoever looks at the status asks.
  let counted: z.infer<typeof Counted> | undefined;

  return {
    /** Appends inside the caller's transaction, and gives the entry's number. */
    append(entry: Entry): number {
      head ??= Last.parse(last.get()) ?? { seq: 0, hash: genesis };
      const link = {
        seq: head.seq + 1,
        at: entry.at,
        kind: entry.kind,
        source: kept(entry.source),
        actor: kept(entry.actor),
        subject: kept(entry.subject),
        body: JSON.stringify(entry.body),
        v: 2,
        salt: salt(),
      } as const;
      const hash = sealed(link, head.hash);
      const { seq, at, kind, source, actor, subject, body, v } = link;
      insert.run(seq, at, kind, source, actor, subject, body, hash, v, link.salt);
      head = { seq: link.seq, hash };
      return link.seq;
    },
    /** To be called when a transaction that appended was rolled back. */
    forget(): void {
      head = undefined;
    },
    lastSeq: (): number => head?.seq ?? Last.parse(last.get())?.seq ?? 0,
    /** Of all entries ever, archived ones too. `lastPush`: its number; of one that is archived, the end of that archive. */
    counts() {
      const known = counted ?? Counted.parse(checkpoint.get());
      const fresh = Counted.parse(since.get({ seq: known.seq }));
      const all: typeof known = {
        seq: fresh.seq,
        entries: known.entries + fresh.entries,
        pushes: known.pushes + fresh.pushes,
        refusals: known.refusals + fresh.refusals,
        lastAt: fresh.lastAt ?? known.lastAt,
        lastPush: Math.max(known.lastPush, fresh.lastPush),
      };
      // In a transaction the newest entries may still be rolled back, and their numbers be given again.
      if (!db.inTransaction) counted = all;
      const { seq: _, ...counts } = all;
      return counts;
    },
    show: (seq: number): JournalRow | undefined => {
      const row = Row.optional().parse(one.get({ seq }));
      return row && shown(row);
    },
    /** The archive that an entry was moved to, by its file name. */
    archiveOf: (seq: number): string | undefined => archived.get({ seq }),
    tail: (limit: number, beforeSeq = Number.MAX_SAFE_INTEGER): JournalRow[] =>
      z
        .array(Row)
        .parse(before.all({ before: beforeSeq, limit }))
        .map(shown),
    /** The entries that follow, in order. */
    after: (seq: number, limit: number): JournalRow[] =>
      z
        .array(Row)
        .parse(after.all({ after: seq, limit }))
        .map(shown),
    /** Every entry in order, for replay. Read in pages, so others may write meanwhile. */
    *entries(afterSeq = 0): Generator<JournalRow> {
      let seq = afterSeq;
      for (let rows = page(seq); rows.length > 0; rows = page(seq)) {
        for (const row of rows) yield shown(row);
        seq = rows.at(-1)?.seq ?? seq;
      }
    },
    /** Walks the chain from where it begins, and names the first entry that does not hold. Lets pushes through as it goes. */
    verify: (): Promise<Verified> => verify(db),
  };
}
