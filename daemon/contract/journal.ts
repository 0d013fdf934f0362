/**
 * The journal: what came in, what was refused, what was decided; and what proves it.
 *
 * How the hashes are made, so that anybody can check an export: ARCHITECTURE.md, "The chain".
 */
import { z } from 'zod';
import { call, none } from './call.ts';

export const JournalRow = z.object({
  seq: z.int(),
  at: z.int(),
  kind: z.enum(['push', 'refusal', 'decision']),
  source: z.string().nullable(),
  actor: z.string().nullable(),
  subject: z.string().nullable(),
  /** What is left of it, where the entry was erased. */
  body: z.unknown(),
  hash: z.string(),
  /** The decision to erase what a person's data it held; null: it is as it was written. */
  erasedBy: z.int().nullable().default(null),
});
export type JournalRow = z.infer<typeof JournalRow>;

/** Which entries; what is left out does not narrow. */
export const JournalFilter = z.strictObject({
  kinds: z.array(JournalRow.shape.kind).default([]),
  /** The id of a source; '' is any. */
  source: z.string().max(200).default(''),
  /** The id of a person or a group: entries about it, and those that name it. */
  about: z.string().max(200).default(''),
  /** From then on, and before then. */
  from: z.int().nullable().default(null),
  to: z.int().nullable().default(null),
  /** In what the entry holds, who it is by or what it is about, ignoring the case of ASCII letters. */
  text: z.string().max(200).default(''),
});
export type JournalFilter = z.infer<typeof JournalFilter>;

export const Verified = z.object({
  ok: z.boolean(),
  /** How many entries were looked at and found good. */
  entries: z.int(),
  /** The first entry that is wrong, and what is wrong with it. */
  bad: z.object({ seq: z.int(), problem: z.string() }).nullable(),
  /** The first entry looked at; more than 1 where those before it are archived. */
  first: z.int().default(1),
  /** The last good entry and its hash: keep it somewhere else, and nobody can write the whole chain anew unnoticed. */
  head: z.object({ seq: z.int(), hash: z.string() }).nullable().default(null),
  /** How many of the entries hold less than was written, by a decision in the chain. */
  erased: z.int().default(0),
  /** Archive files that were walked, oldest first. */
  archives: z.array(z.string()).default([]),
});
export type Verified = z.infer<typeof Verified>;

/** Whether the directory made again from the journal is the one the relay works with (J2). */
export const Rebuilt = z.object({
  ok: z.boolean(),
  /** Entries applied. */
  entries: z.int(),
  /** The entry whose directory was the start: 0, or the last checkpoint. */
  from: z.int(),
  /** The first difference in each table, in words. */
  differences: z.array(z.string()),
});
export type Rebuilt = z.infer<typeof Rebuilt>;

/** A piece of the journal that was moved out of the database. */
export const Checkpoint = z.object({
  /** The last entry archived, and its hash: where the entries that are left begin. */
  seq: z.int(),
  hash: z.string(),
  first: z.int(),
  at: z.int(),
  /** The archive's name in DATA/archive. */
  file: z.string(),
  /** The decision in the chain that says all this. */
  decision: z.int(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

export const Erased = z.object({
  /** The person's id; all that is left of them. */
  person: z.string(),
  /** The decision in the chain. */
  decision: z.int(),
  /** Entries that hold less now, in the database and in archives. */
  entries: z.int(),
  archives: z.array(z.string()),
  /** Entries about other people that name this one, and were left as they are. */
  mentions: z.array(z.int()),
  /** What else holds their data, and what to do about it. */
  remains: z.array(z.string()),
});
export type Erased = z.infer<typeof Erased>;

export const journalCalls = {
  'journal.tail': call(
    z.strictObject({ before: z.int().optional(), limit: z.int().min(1).max(1000).default(50) }),
    z.array(JournalRow),
  ),
  /**
   * The entries that a filter lets through, the newest first: those older than `before`, or those newer than `after`. Reads
   * at most fifty thousand entries at a time, so it may give fewer than `limit`, or none, and still say where to go on.
   */
  'journal.find': call(
    z.strictObject({
      ...JournalFilter.shape,
      before: z.int().optional(),
      after: z.int().optional(),
      limit: z.int().min(1).max(1000).default(50),
    }),
    z.object({
      items: z.array(JournalRow),
      /** To be asked for as `before`; null: there is nothing older. */
      next: z.int().nullable(),
      /** The newest entry there was: to be asked for as `after`. */
      head: z.int(),
    }),
  ),
  'journal.show': call(z.strictObject({ seq: z.int() }), JournalRow),
  /** `archive`: walk the archives too, from the first entry ever. */
  'journal.verify': call(z.strictObject({ archive: z.boolean().default(false) }), Verified),
  /** How far the verification that runs just now has come; null: none does. */
  'journal.progress': call(none, z.object({ entries: z.int(), of: z.int() }).nullable()),
  'journal.check': call(none, Rebuilt),
  /** Lines of an export: NDJSON, without their line breaks. The first page begins with the line that opens the file. */
  'journal.page': call(
    z.strictObject({ after: z.int().nullable().default(null), limit: z.int().min(1).max(5000).default(1000) }),
    z.object({ lines: z.array(z.string()), after: z.int(), done: z.boolean() }),
  ),
  /** Moves entries older than `days` into an archive; the policy's `journalDays` where it is left out. */
  'journal.archive': call(
    z.strictObject({ days: z.int().min(0).optional(), by: z.string() }),
    z.object({ checkpoint: Checkpoint.nullable(), entries: z.int() }),
  ),
  'journal.archives': call(none, z.array(Checkpoint)),
  /** `person`: an id, or a userName that one person has had. They must be gone at the source. */
  'journal.erase': call(
    z.strictObject({ person: z.string().min(1), reason: z.string().min(1).max(500), by: z.string() }),
    Erased,
  ),
} as const;
