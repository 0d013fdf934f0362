/** What waits for a person, and what they may decide. */
import { z } from 'zod';
import { call, page } from './call.ts';
import { GateRule } from './policy.ts';

export const HeldState = z.enum(['held', 'approved', 'kept', 'withdrawn', 'sent']);
export type HeldState = z.infer<typeof HeldState>;

export const HeldItem = z.object({
  id: z.int(),
  kind: z.enum(['remove', 'revoke', 'downgrade']),
  state: HeldState,
  userName: z.string(),
  name: z.string(),
  personId: z.string(),
  community: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** What they hold in Steeple now. */
  access: z.array(z.object({ community: z.string(), role: z.string() })),
  rule: GateRule,
  why: z.string(),
  /** What cannot be brought back by a click, in words; empty when all of it can. */
  lost: z.string(),
  since: z.int(),
  journal: z.int(),
  decidedBy: z.string().nullable(),
  decidedAt: z.int().nullable(),
  reason: z.string().nullable(),
});
export type HeldItem = z.infer<typeof HeldItem>;

const decision = z.strictObject({
  ids: z.array(z.int()).min(1).max(10_000),
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(1000),
});

const decided = z.object({ items: z.array(HeldItem) });

export const reviewCalls = {
  'review.list': call(
    z.strictObject({ states: z.array(HeldState).default(['held']), ...page }),
    z.object({ items: z.array(HeldItem), total: z.int() }),
  ),
  'review.show': call(z.strictObject({ id: z.int() }), HeldItem),
  'review.approve': call(decision, decided),
  'review.keep': call(decision, decided),
  'review.undo': call(z.strictObject({ id: z.int(), by: z.string().min(1).max(200) }), HeldItem),
} as const;
