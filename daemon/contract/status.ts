/** How the relay is, and whether it sends. */
import { z } from 'zod';
import { Backups } from './backup.ts';
import { call, none } from './call.ts';
import { Alarm } from './policy.ts';
import { Source } from './source.ts';
import { Upstream } from './upstream.ts';

export const Status = z.object({
  version: z.string(),
  startedAt: z.int(),
  pid: z.int(),
  data: z.string(),
  scim: z.string(),
  sync: z.object({
    state: z.enum(['off', 'on']),
    since: z.int().nullable(),
    by: z.string().nullable(),
    plan: z.string().nullable(),
    /** Off, and sending what was owed when it was switched off. */
    sending: z.boolean().optional(),
    /** Off, and what the relay made in Steeple is taken back; `people`: active accounts of its making that are still there. */
    takingBack: z.object({ people: z.int() }).optional(),
  }),
  /** External accounts declared, and how many of them are to be looked at again by now. */
  externals: z.object({ count: z.int(), due: z.int(), nextAt: z.int().nullable() }).optional(),
  directory: z.object({ users: z.int(), active: z.int(), groups: z.int(), memberships: z.int() }),
  observed: z.object({ users: z.int(), groups: z.int(), memberships: z.int(), at: z.int().nullable() }),
  journal: z.object({ entries: z.int(), pushes: z.int(), refusals: z.int(), lastAt: z.int().nullable() }),
  /**
   * What plans are made from, as numbers that move only when it has really become another. A plan is of how things are as long
   * as `entry` is no more than its `basedOn.journal`, `observed` no more than its `basedOn.observed`, and the mapping in force
   * the one of `basedOn.mapping`. `entry`: the last push, or decision that planning goes by; `observed`: how often what
   * Steeple is known to hold was found to be another. What the relay itself sends moves neither.
   */
  grounds: z.object({ entry: z.int(), observed: z.int() }).optional(),
  mapping: z.object({ version: z.int(), links: z.int(), broken: z.int(), proposed: z.int().optional() }),
  held: z.object({ count: z.int(), oldestAt: z.int().nullable() }),
  /** Alarms that stand: a source that shrank. A person clears them (`gate.clear`). */
  alarms: z.array(Alarm),
  /** Quiet hours run until then; null: they do not. Nothing destructive leaves meanwhile. */
  quietUntil: z.int().nullable(),
  deliveries: z.object({ owed: z.int(), sending: z.int(), dead: z.int(), oldestAt: z.int().nullable() }),
  circuit: z.object({
    state: z.enum(['closed', 'open']),
    /** What opened it: a refused token, SSO that is not configured, or a server that does not answer. */
    kind: z.enum(['token', 'sso', 'outage']).nullish(),
    since: z.int().nullish(),
    nextTryAt: z.int().nullish(),
    reason: z.string().nullable(),
    remedy: z.string().nullable(),
  }),
  /** What somebody changed in Steeple and nobody has decided about; absent where it is not known. */
  drift: z.object({ open: z.int(), oldestAt: z.int().nullable() }).optional(),
  owesPlan: z.int(),
  sources: z.array(Source),
  upstream: Upstream,
  /** Absent: the relay is of a version that makes none. */
  backup: Backups.optional(),
});
export type Status = z.infer<typeof Status>;

export const statusCalls = {
  status: call(none, Status),
} as const;
