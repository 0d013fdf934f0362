/**
 * Drift: what Steeple holds of ours that neither the sources nor the relay put there. Found by a scan, on a schedule
 * (`policy.driftEveryHours`) or on demand, while sync is on; nothing is written about it until a person chooses, unless
 * `policy.drift` is 'restore'.
 */
import { z } from 'zod';
import { call, page } from './call.ts';

/**
 * 'attribute' names one in `attribute`. 'member-…' names a group in `group`. In 'account-on' somebody switched on again by
 * hand is active whom the directory wants off. 'group-twin': there is a second group of the name, or the externalId, of one of
 * ours; `expected` and `inSteeple` are the ids of ours and of the other. It is no other than these two choices: 'adopt' goes on
 * with the second one, 'ignore' with the first. Neither group is deleted.
 */
export const DriftKind = z.enum([
  'account-gone',
  'account-off',
  'account-on',
  'attribute',
  'member-added',
  'member-gone',
  'group-gone',
  'group-renamed',
  'group-twin',
]);
export type DriftKind = z.infer<typeof DriftKind>;

/**
 * 'restored': planned again, so that Steeple says what the directory says; what that takes away waits for review as
 * always. 'adopted': Steeple's change counts as right until the source itself changes that very thing. 'ignored': left
 * alone, and asked about again at `askAgainAt` or when it changes. 'closed': it is no longer so, without a choice.
 */
export const DriftState = z.enum(['open', 'restored', 'adopted', 'ignored', 'closed']);
export type DriftState = z.infer<typeof DriftState>;
export const DriftChoice = z.enum(['restore', 'adopt', 'ignore']);
export type DriftChoice = z.infer<typeof DriftChoice>;

export const DriftRow = z.object({
  id: z.int(),
  kind: DriftKind,
  /** Whom it is about; null for a group as such. */
  userName: z.string().nullable(),
  /** The group in Steeple; null for an account as such. */
  group: z.string().nullable(),
  /** 'displayName', 'email' …; null but for kind 'attribute'. */
  attribute: z.string().nullable(),
  /** As the relay left it, and as Steeple has it now: a value, or null for "not there". */
  expected: z.string().nullable(),
  inSteeple: z.string().nullable(),
  state: DriftState,
  foundAt: z.int(),
  decidedBy: z.string().nullable(),
  decidedAt: z.int().nullable(),
  reason: z.string().nullable(),
  /** When an ignored one is asked about again; null for all others. */
  askAgainAt: z.int().nullable(),
});
export type DriftRow = z.infer<typeof DriftRow>;

/** How the last scan while sync was on ended. `problem`: why nothing was concluded, in words; null where it ended well. */
export const DriftReport = z.object({
  at: z.int(),
  tookMs: z.int(),
  problem: z.string().nullable(),
  users: z.int(),
  groups: z.int(),
  /** New ones; those that ended by themselves; all that wait for a choice now. */
  found: z.int(),
  closed: z.int(),
  open: z.int(),
});
export type DriftReport = z.infer<typeof DriftReport>;

export const driftCalls = {
  'drift.show': call(
    z.strictObject({ states: z.array(DriftState).default(['open']), ...page }),
    z.object({
      items: z.array(DriftRow),
      total: z.int(),
      /** Null: never scanned since sync was switched on. */
      last: DriftReport.nullable(),
      /** Null: no scan is planned, since sync is off or the schedule is. */
      nextAt: z.int().nullable(),
    }),
  ),
  'drift.scan': call(z.strictObject({ by: z.string() }), DriftReport),
  'drift.decide': call(
    z.strictObject({
      ids: z.array(z.int()).min(1),
      choice: DriftChoice,
      reason: z.string().max(1000).default(''),
      by: z.string(),
    }),
    z.object({ items: z.array(DriftRow) }),
  ),
} as const;
