/** The journal: what came in, what was refused, what was decided. */
import { z } from 'zod';
import { call, none } from './call.ts';

export const JournalRow = z.object({
  seq: z.int(),
  at: z.int(),
  kind: z.enum(['push', 'refusal', 'decision']),
  source: z.string().nullable(),
  actor: z.string().nullable(),
  subject: z.string().nullable(),
  body: z.unknown(),
  hash: z.string(),
});
export type JournalRow = z.infer<typeof JournalRow>;

export const Verified = z.object({
  ok: z.boolean(),
  entries: z.int(),
  /** The first entry that is wrong, and what is wrong with it. */
  bad: z.object({ seq: z.int(), problem: z.string() }).nullable(),
});
export type Verified = z.infer<typeof Verified>;

export const journalCalls = {
  'journal.tail': call(
    z.strictObject({ before: z.int().optional(), limit: z.int().min(1).max(1000).default(50) }),
    z.array(JournalRow),
  ),
  'journal.show': call(z.strictObject({ seq: z.int() }), JournalRow),
  'journal.verify': call(none, Verified),
} as const;
