/** What a sync would do: a plan, as pages of people and operations. */
import { z } from 'zod';
import { call, page } from './call.ts';
import { Because } from './mapping.ts';
import { GateRule } from './policy.ts';

export const AccessChange = z.object({
  community: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  because: z.array(Because),
  held: z.boolean(),
  /** Why it waits: null when it does not. `reason` says it in words. */
  rule: GateRule.nullable(),
  reason: z.string(),
});
export type AccessChange = z.infer<typeof AccessChange>;

export const PersonChange = z.object({
  userName: z.string(),
  name: z.string(),
  personId: z.string(),
  /** 'none': the account itself stays as it is; only access changes. 'adopt': Steeple has it already, and it becomes ours. */
  change: z.enum(['create', 'adopt', 'update', 'remove', 'reactivate', 'none']),
  access: z.array(AccessChange),
  held: z.boolean(),
  rule: GateRule.nullable(),
  reason: z.string(),
});
export type PersonChange = z.infer<typeof PersonChange>;

export const PlanLimit = z.object({
  kind: z.string(),
  /** What the limit counts: everybody, or one target group. */
  scope: z.string(),
  count: z.int(),
  limit: z.int(),
  tripped: z.boolean(),
});
export type PlanLimit = z.infer<typeof PlanLimit>;

export const Stranger = z.object({
  steepleId: z.string(),
  userName: z.string(),
  active: z.boolean(),
  access: z.array(z.object({ community: z.string(), role: z.string() })),
  /** What Steeple will do to it, and why we do not touch it. */
  note: z.string(),
});
export type Stranger = z.infer<typeof Stranger>;

export const PlanOperation = z.object({
  order: z.int(),
  method: z.enum(['POST', 'PATCH', 'DELETE']),
  resource: z.string(),
  summary: z.string(),
});
export type PlanOperation = z.infer<typeof PlanOperation>;

export const PlanSummary = z.object({
  create: z.int(),
  adopt: z.int(),
  update: z.int(),
  remove: z.int(),
  reactivate: z.int(),
  grants: z.int(),
  revokes: z.int(),
  roleChanges: z.int(),
  held: z.int(),
});
export type PlanSummary = z.infer<typeof PlanSummary>;

export const Plan = z.object({
  id: z.string(),
  basedOn: z.object({ journal: z.int(), mapping: z.int(), observedAt: z.int() }),
  summary: PlanSummary,
  limits: z.array(PlanLimit),
  strangers: z.array(Stranger),
  people: z.array(PersonChange),
  operations: z.array(PlanOperation),
  warnings: z.array(z.string()),
});
export type Plan = z.infer<typeof Plan>;

/** A page of a plan: `people` and `operations` are cut to offset and limit, the rest is of the whole. */
export const PlanPage = Plan.extend({ total: z.object({ people: z.int(), operations: z.int() }) });
export type PlanPage = z.infer<typeof PlanPage>;

export const planCalls = {
  'plan.make': call(z.strictObject({ ...page }), PlanPage),
  'plan.show': call(z.strictObject({ id: z.string(), ...page }), PlanPage),
} as const;
