/** What waits for a person, and what they may decide. On another machine than the relay: bundle.ts. */
import { z } from 'zod';
import { call, page } from './call.ts';
import { GateRule } from './policy.ts';
import { Said } from './said.ts';

export const HeldState = z.enum(['held', 'approved', 'kept', 'withdrawn', 'sent']);
export type HeldState = z.infer<typeof HeldState>;
export const HeldKind = z.enum(['remove', 'revoke', 'downgrade']);
export type HeldKind = z.infer<typeof HeldKind>;

/** The push that caused an item. */
export const Cause = z.object({
  /** Its entry in the journal. */
  seq: z.int(),
  at: z.int(),
  source: z.string().nullable(),
  /** What it said: 'PATCH User: active false', 'DELETE Group', 'mapping.publish by ann'. */
  words: z.string(),
  /** For a page's own words. 'push': `what` is the method and the kind of resource; 'decision': what was decided, and `by`. */
  facts: z.object({ kind: z.enum(['push', 'refusal', 'decision']), what: z.string(), by: z.string() }).optional(),
});
export type Cause = z.infer<typeof Cause>;

/** One thing somebody, or a standing approval, decided about a person. */
export const Decided = z.object({
  item: z.int(),
  at: z.int(),
  event: z.enum(['approve', 'keep', 'undo', 'stand', 'lapse', 'return']),
  /** Of two that are needed it was the first. */
  first: z.boolean(),
  by: z.string(),
  reason: z.string(),
  /** Through which door: 'console' is a person's own session, 'socket' whoever owns the relay, 'bundle' a signed file. */
  via: z.enum(['console', 'socket', 'bundle', 'relay']),
  until: z.int().nullable(),
  journal: z.int(),
});
export type Decided = z.infer<typeof Decided>;

export const HeldItem = z.object({
  id: z.int(),
  kind: HeldKind,
  state: HeldState,
  userName: z.string(),
  name: z.string(),
  personId: z.string(),
  source: z.string(),
  community: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** What they hold in Steeple now. */
  access: z.array(z.object({ community: z.string(), role: z.string() })),
  rule: GateRule,
  why: z.string(),
  /** What cannot be brought back by a click, in words; empty when all of it can. */
  lost: z.string(),
  /** What comes back with a click, in words. */
  returns: z.string(),
  /** The same three, by code. */
  said: z.object({ why: Said.nullable(), lost: Said.nullable(), returns: Said.nullable() }).optional(),
  since: z.int(),
  journal: z.int(),
  /** The last decision: null when there is none in force. On a held item: the first of the two approvals it needs. */
  decidedBy: z.string().nullable(),
  decidedAt: z.int().nullable(),
  reason: z.string().nullable(),
  /** Kept until then, and held again after; null: until the source changes its mind. */
  until: z.int().nullable(),
  /** The standing approval under which it leaves; null: a person decided, or nobody has. */
  standing: z.string().nullable(),
  /** When it leaves by itself unless somebody keeps it; null: it does not. */
  leavesAt: z.int().nullable(),
  /** How many decisions there are on this person, whatever became of them. */
  earlier: z.int(),
});
export type HeldItem = z.infer<typeof HeldItem>;
/** With what takes a look of its own. */
export const HeldFile = HeldItem.extend({ cause: Cause.nullable(), decisions: z.array(Decided) });
export type HeldFile = z.infer<typeof HeldFile>;

/** Which items. What is left out does not narrow. */
export const HeldFilter = z.strictObject({
  states: z.array(HeldState).default(['held']),
  kinds: z.array(HeldKind).optional(),
  rules: z.array(GateRule).optional(),
  community: z.string().optional(),
  source: z.string().optional(),
  /** In the person's name or userName, ignoring case. */
  text: z.string().max(200).optional(),
  /** Waiting for at least, and for at most, so many days. */
  minDays: z.number().min(0).optional(),
  maxDays: z.number().min(0).optional(),
});
export type HeldFilter = z.infer<typeof HeldFilter>;

const by = z.string().min(1).max(200);
const reason = z.string().trim().min(1).max(1000);
const ids = z.array(z.int()).min(1).max(10_000);
const decision = { ids, by, reason };
const decided = z.object({ items: z.array(HeldItem) });

export const reviewCalls = {
  /** In the order of waiting, the oldest first. `total` is of the whole, and what `review.bulk` wants typed back. */
  'review.list': call(
    z.strictObject({ ...HeldFilter.shape, ...page }),
    z.object({ items: z.array(HeldItem), total: z.int() }),
  ),
  /** How many there are by kind, rule, source and community, for the filters of a page. */
  'review.counts': call(
    HeldFilter,
    z.object({
      total: z.int(),
      oldestAt: z.int().nullable(),
      kinds: z.record(z.string(), z.int()),
      rules: z.record(z.string(), z.int()),
      sources: z.record(z.string(), z.int()),
      communities: z.record(z.string(), z.int()),
    }),
  ),
  'review.show': call(z.strictObject({ id: z.int() }), HeldFile),
  'review.approve': call(z.strictObject(decision), decided),
  /** `until`: they come back as held then. */
  'review.keep': call(z.strictObject({ ...decision, until: z.int().optional() }), decided),
  'review.undo': call(z.strictObject({ id: z.int(), by, reason: z.string().max(1000).default('') }), HeldItem),
  /** Decides on whatever the filter finds, all or none; refused when it is not exactly `count` of them. */
  'review.bulk': call(
    z.strictObject({
      event: z.enum(['approve', 'keep', 'undo']),
      filter: HeldFilter,
      count: z.int().min(1),
      until: z.int().optional(),
      by,
      reason,
    }),
    z.object({ decided: z.int(), /** So many of them wait for a second person. */ first: z.int() }),
  ),
} as const;
