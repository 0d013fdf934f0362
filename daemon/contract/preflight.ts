/**
 * The pre-flight: what should be so before sync is switched on, each item green or with what to do; and switching it on
 * and off. An item that `blocks` must be green. Any other may be accepted by its code, by whoever enables; nothing is
 * passed over in silence: what was accepted is in the journal.
 */
import { z } from 'zod';
import { call } from './call.ts';
import { Said } from './said.ts';
import { Status } from './status.ts';

export const preflightCodes = [
  'sso',
  'upstream',
  'mapping',
  'plan',
  'cycle',
  'counts',
  'removals',
  'downgrades',
  'strangers',
  'externals',
] as const;
export const PreflightCode = z.enum(preflightCodes);
export type PreflightCode = z.infer<typeof PreflightCode>;

export const PreflightItem = z.object({
  code: PreflightCode,
  /** The source it is about, for 'cycle' and 'counts'; null: all, or none in particular. */
  source: z.string().nullable(),
  state: z.enum(['green', 'attention', 'blocked']),
  /** True: enabling is refused while it is not green. False: it may be accepted by its code. */
  blocks: z.boolean(),
  /** What is so, and what to do; '' where nothing is to be done. In English, and beside it by code. */
  words: z.string(),
  todo: z.string(),
  wordsSaid: Said.nullable().optional(),
  todoSaid: Said.nullable().optional(),
  /** Numbers and names that the words are made of. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** Who confirmed it, when, and their note; null: nobody. */
  confirmed: z.object({ by: z.string(), at: z.int(), note: z.string() }).nullable(),
});
export type PreflightItem = z.infer<typeof PreflightItem>;

/** Users and groups: what the provider's page says (typed in), what its pushes came to here, and what Steeple holds. */
export const CountRow = z.object({
  source: z.string(),
  expected: z.object({ users: z.int().nullable(), groups: z.int().nullable(), by: z.string(), at: z.int() }).nullable(),
  here: z.object({ users: z.int(), groups: z.int() }),
});
export type CountRow = z.infer<typeof CountRow>;

export const Preflight = z.object({
  /** Nothing blocks, and nothing needs attention. */
  ready: z.boolean(),
  /** Nothing blocks: what is left can be accepted. */
  possible: z.boolean(),
  /** Sync has never been on: enabling adds and updates only, unless the removals shown are accepted as well. */
  first: z.boolean(),
  plan: z.string().nullable(),
  items: z.array(PreflightItem),
  counts: z.array(CountRow),
  steeple: z.object({ users: z.int(), groups: z.int(), at: z.int().nullable() }),
});
export type Preflight = z.infer<typeof Preflight>;

export const preflightCalls = {
  /** Asks Steeple whether it answers (a read). `plan`: the one that is to be enabled; '' is the last one made. */
  'preflight.show': call(z.strictObject({ plan: z.string().default('') }), Preflight),
  /**
   * A person says so: SSO is configured in Steeple; or a full cycle of a source has been seen. `yes: false` takes it back.
   */
  'preflight.confirm': call(
    z.strictObject({
      code: z.enum(['sso', 'cycle']),
      source: z.string().optional(),
      yes: z.boolean().default(true),
      note: z.string().max(1000).default(''),
      by: z.string(),
    }),
    Preflight,
  ),
  /** What the provider's page says it has in scope; null: not known. */
  'preflight.expect': call(
    z.strictObject({
      source: z.string(),
      users: z.int().min(0).nullable(),
      groups: z.int().min(0).nullable(),
      by: z.string(),
    }),
    Preflight,
  ),
  /** Somebody has looked at these parts of this very plan. */
  'preflight.look': call(
    z.strictObject({
      plan: z.string(),
      parts: z.array(z.enum(['removals', 'downgrades', 'strangers'])).min(1),
      by: z.string(),
    }),
    Preflight,
  ),
  /**
   * `accept`: the items accepted although they are not green. Left out, as by a script that only names a plan, all that may
   * be accepted are, and the journal says which. `removals`: approve the removals and downgrades the plan shows as well
   * (they would wait for a person otherwise; under the two-person rule this is the first of the two).
   */
  'sync.enable': call(
    z.strictObject({
      plan: z.string(),
      by: z.string(),
      accept: z.array(PreflightCode).optional(),
      removals: z.boolean().default(false),
    }),
    Status.extend({ accepted: z.array(PreflightCode).default([]) }),
  ),
  /**
   * `owed`: what becomes of what is still to be sent. 'keep' (for when sync is on again), 'send' the rest first (nothing
   * new is planned), 'drop' it (a new plan finds what is still needed).
   *
   * `people`: what becomes of the people Steeple holds because of us. 'leave' them as they are; or 'take-back': each account that
   * the relay made there becomes a held item, and is removed once a person has approved it; only that is sent while sync is
   * off. It needs `owed: 'drop'`. Sync may be off already: then 'take-back' begins it, and 'leave' ends it, and withdraws what
   * still waits. Enabling sync ends it as well. Look first with `plan.make {of: 'take-back'}`.
   */
  'sync.disable': call(
    z.strictObject({
      by: z.string(),
      reason: z.string().default(''),
      owed: z.enum(['keep', 'send', 'drop']).default('keep'),
      people: z.enum(['leave', 'take-back']).default('leave'),
    }),
    /** `stays`: people of ours in Steeple who go on having their account: made by the relay, and taken over by it. */
    Status.extend({ stays: z.object({ created: z.int(), adopted: z.int() }).optional() }),
  ),
} as const;
