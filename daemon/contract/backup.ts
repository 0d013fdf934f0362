/** Backups: copies of the database made while the relay works. No secret is in one; see docs/recovery.md. */
import { z } from 'zod';
import { call, none } from './call.ts';

export const Backup = z.object({
  /** Absolute. */
  file: z.string(),
  at: z.int(),
  bytes: z.int(),
  /** The last entry of the journal in it, and its hash. */
  head: z.object({ seq: z.int(), hash: z.string() }).nullable(),
});
export type Backup = z.infer<typeof Backup>;

export const BackupSchedule = z.object({
  everyMs: z.int().min(60_000),
  /** How many files of the schedule are kept. */
  keep: z.int().min(1).max(10_000),
  /** A folder, absolute. */
  dir: z.string().min(1),
  by: z.string(),
  since: z.int(),
});
export type BackupSchedule = z.infer<typeof BackupSchedule>;

export const Backups = z.object({
  schedule: BackupSchedule.nullable(),
  /** The last one the schedule made. */
  last: Backup.nullable(),
  /** When the next is due; null without a schedule. */
  dueAt: z.int().nullable(),
  /** Why the last attempt of the schedule failed, and what to do; null when it did not. */
  problem: z.string().nullable(),
});
export type Backups = z.infer<typeof Backups>;

export const backupCalls = {
  /** `file`: absolute, as the relay's own user sees it. Refused where a file is there already. */
  'backup.make': call(z.strictObject({ file: z.string().min(1), by: z.string() }), Backup),
  'backup.show': call(none, Backups),
  'backup.schedule': call(
    z.strictObject({ ...BackupSchedule.pick({ everyMs: true, keep: true, dir: true }).shape, by: z.string() }),
    Backups,
  ),
  'backup.stop': call(z.strictObject({ by: z.string() }), Backups),
} as const;
