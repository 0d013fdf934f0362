/**
 * What a sync would do: a plan, as pages of people, communities and operations; its strangers and gaps; plans kept by name,
 * compared, and written out. Every list is paged and filtered here, so that a page never holds a whole plan.
 */
import { z } from 'zod';
import { call, page } from './call.ts';
import { Because, Which } from './mapping.ts';
import { GateRule } from './policy.ts';
import { Said } from './said.ts';

/** What happens to somebody in one community. */
export const Movement = z.enum(['enters', 'leaves', 'rises', 'falls']);
export type Movement = z.infer<typeof Movement>;

export const AccessChange = z.object({
  community: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  because: z.array(Because),
  held: z.boolean(),
  /** Why it waits: null when it does not. `reason` says it in words. */
  rule: GateRule.nullable(),
  reason: z.string(),
  reasonSaid: Said.nullable().optional(),
});
export type AccessChange = z.infer<typeof AccessChange>;

/** 'none': the account itself stays as it is; only access changes. 'adopt': Steeple has it already, and it becomes ours. */
export const ChangeKind = z.enum(['create', 'adopt', 'update', 'remove', 'reactivate', 'none']);
export type ChangeKind = z.infer<typeof ChangeKind>;

export const PersonChange = z.object({
  userName: z.string(),
  name: z.string(),
  personId: z.string(),
  change: ChangeKind,
  access: z.array(AccessChange),
  held: z.boolean(),
  rule: GateRule.nullable(),
  reason: z.string(),
  reasonSaid: Said.nullable().optional(),
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

/** A stranger that somebody declared to be made by hand on purpose. It is no longer a surprise; Steeple is not told. */
export const External = z.object({
  steepleId: z.string(),
  userName: z.string(),
  reason: z.string(),
  owner: z.string(),
  /** When to look at it again; null: never. */
  reviewAt: z.int().nullable(),
  by: z.string(),
  at: z.int(),
  /** The account is in Steeple as last read; whether it is still nobody's; and whether the day to look at it has come. */
  present: z.boolean(),
  stranger: z.boolean(),
  due: z.boolean(),
});
export type External = z.infer<typeof External>;

export const Stranger = z.object({
  steepleId: z.string(),
  userName: z.string(),
  active: z.boolean(),
  access: z.array(z.object({ community: z.string(), role: z.string() })),
  /** What Steeple will do to it, and why we do not touch it. */
  note: z.string(),
  /** 'loses-access': all of it, once sync is on. 'kept': declared external. 'none': it is switched off already. */
  fate: z.enum(['loses-access', 'kept', 'none']).optional(),
  /** Who declared it external, and why; null: nobody did. */
  external: External.pick({ reason: true, owner: true, reviewAt: true }).nullable().optional(),
});
export type Stranger = z.infer<typeof Stranger>;

export const PlanOperation = z.object({
  order: z.int(),
  method: z.enum(['POST', 'PATCH', 'DELETE']),
  resource: z.string(),
  summary: z.string(),
  said: Said.optional(),
  /** Of one that changes who is in a group: how many enter it and leave it. `plan.members` says who. */
  members: z.object({ enter: z.int(), leave: z.int() }).optional(),
});
export type PlanOperation = z.infer<typeof PlanOperation>;

/** Somebody an operation puts into a group of Steeple's, or takes out of it; and all that the plan changes for them. */
export const PlanMember = z.object({ side: z.enum(['enters', 'leaves']), person: PersonChange });
export type PlanMember = z.infer<typeof PlanMember>;

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
  /** Of the changes of role, those to a lower one. */
  downgrades: z.int().optional(),
});
export type PlanSummary = z.infer<typeof PlanSummary>;

/** One community in a plan. Head-counts are of people whose highest role it is, strangers apart. */
export const CommunityChange = z.object({
  community: z.string(),
  name: z.string(),
  /** With access in Steeple now, and once all of the plan is carried out, what waits for a person included. */
  before: z.int(),
  after: z.int(),
  enters: z.int(),
  leaves: z.int(),
  rises: z.int(),
  falls: z.int(),
  /** Of these changes, how many would wait for a person. */
  held: z.int(),
  /** Active accounts in it that no source names. */
  strangers: z.int(),
  /** In the order of the ranks. */
  roles: z.array(z.object({ role: z.string(), before: z.int(), after: z.int() })),
});
export type CommunityChange = z.infer<typeof CommunityChange>;

/** What is missing about people who are to be in Steeple. */
export const Gap = z.enum(['no-community', 'no-email', 'no-name']);
export type Gap = z.infer<typeof Gap>;
export const GapRow = z.object({
  userName: z.string(),
  name: z.string(),
  personId: z.string(),
  source: z.string(),
  gaps: z.array(Gap),
});
export type GapRow = z.infer<typeof GapRow>;

/** A mapping; or 'take-back': what it would be to take back all accounts the relay made in Steeple (`sync.disable`). */
export const PlanOf = z.union([Which, z.literal('take-back')]);
export type PlanOf = z.infer<typeof PlanOf>;

export const Plan = z.object({
  id: z.string(),
  basedOn: z.object({
    journal: z.int(),
    /** The version in force; of a plan of the draft, the version it was begun from. */
    mapping: z.int(),
    observedAt: z.int(),
    /** As `status.grounds.observed` was then. */
    observed: z.int().optional(),
    /** Of a plan of the draft: the draft's edition, as `mapping.draft` says it. */
    edition: z.int().optional(),
    /** Which mapping was previewed; the published one where it is left out. Only a plan of the published one can be enabled. */
    of: PlanOf.optional(),
  }),
  summary: PlanSummary,
  limits: z.array(PlanLimit),
  /** The first thousand; `plan.strangers` pages through all. */
  strangers: z.array(Stranger),
  people: z.array(PersonChange),
  operations: z.array(PlanOperation),
  warnings: z.array(z.string()),
  /** The warnings by code, in the same order. */
  warningsSaid: z.array(Said.nullable()).optional(),
  communities: z.array(CommunityChange).optional(),
  gaps: z.object({ noCommunity: z.int(), noEmail: z.int(), noName: z.int() }).optional(),
  /**
   * People Steeple may write an invitation to: those created, with an e-mail address. Whether it does is an option of
   * Steeple's that nothing outside can read (`known` is false); with SSO it is not needed.
   */
  invitations: z.object({ atMost: z.int(), withoutEmail: z.int(), known: z.literal(false) }).optional(),
});
export type Plan = z.infer<typeof Plan>;

/** A page of a plan: `people` and `operations` are cut to offset and limit, the rest is of the whole. */
export const PlanPage = Plan.extend({
  total: z.object({
    people: z.int(),
    operations: z.int(),
    strangers: z.int().optional(),
    gaps: z.int().optional(),
  }),
});
export type PlanPage = z.infer<typeof PlanPage>;

/** A plan in the list of plans. */
export const PlanRow = z.object({
  id: z.string(),
  at: z.int(),
  mapping: z.int(),
  of: PlanOf,
  summary: PlanSummary,
  strangers: z.int(),
  /** '' for one that was not kept: it goes when fifty newer ones have been made. */
  name: z.string(),
  note: z.string(),
  keptBy: z.string().nullable(),
});
export type PlanRow = z.infer<typeof PlanRow>;

/** One person in two plans; null where that plan changes nothing for them. */
export const PersonDifference = z.object({
  userName: z.string(),
  name: z.string(),
  personId: z.string(),
  before: PersonChange.nullable(),
  after: PersonChange.nullable(),
});
export type PersonDifference = z.infer<typeof PersonDifference>;
export const PlanComparison = z.object({
  before: PlanRow,
  after: PlanRow,
  /** People only the later one changes; only the earlier; both, in another way; both, in the same way. */
  added: z.int(),
  dropped: z.int(),
  changed: z.int(),
  same: z.int(),
  communities: z.array(z.object({ community: z.string(), name: z.string(), before: z.int(), after: z.int() })),
  people: z.array(PersonDifference),
  total: z.int(),
});
export type PlanComparison = z.infer<typeof PlanComparison>;

export const planFormats = ['json', 'csv', 'html'] as const;

/** Of a plan's people. Empty means all; several kinds mean any of them. */
const linesFilter = {
  /** Part of a userName or a name, in any case. */
  text: z.string().max(200).default(''),
  change: z.array(ChangeKind).default([]),
  community: z.string().max(200).default(''),
  /** In that community, or in any. */
  movement: z.array(Movement).default([]),
  held: z.boolean().optional(),
};

export const planCalls = {
  /** Reads Steeple (nothing else while sync is off), plans, keeps the plan, and gives its first page. */
  'plan.make': call(z.strictObject({ of: PlanOf.default('published'), ...page }), PlanPage),
  'plan.show': call(z.strictObject({ id: z.string(), ...page }), PlanPage),
  'plan.people': call(
    z.strictObject({ id: z.string(), ...linesFilter, ...page }),
    z.object({ items: z.array(PersonChange), total: z.int() }),
  ),
  'plan.operations': call(
    z.strictObject({ id: z.string(), ...page }),
    z.object({ items: z.array(PlanOperation), total: z.int() }),
  ),
  /**
   * Who enters and who leaves by the operation with this `order`; who enters first, each part by userName. `told` is false
   * where the plan was made by a version that wrote down only how many there are.
   */
  'plan.members': call(
    z.strictObject({
      id: z.string(),
      order: z.int().min(1),
      side: PlanMember.shape.side.optional(),
      /** Part of a userName or a name, in any case. */
      text: z.string().max(200).default(''),
      ...page,
    }),
    z.object({ items: z.array(PlanMember), total: z.int(), enter: z.int(), leave: z.int(), told: z.boolean() }),
  ),
  /** Those declared external carry who and why as it is now, not as it was when the plan was made. */
  'plan.strangers': call(
    z.strictObject({ id: z.string(), text: z.string().max(200).default(''), ...page }),
    z.object({ items: z.array(Stranger), total: z.int() }),
  ),
  'plan.gaps': call(
    z.strictObject({ id: z.string(), gap: Gap.optional(), ...page }),
    z.object({ items: z.array(GapRow), total: z.int() }),
  ),
  'plan.list': call(z.strictObject({ ...page }), z.object({ items: z.array(PlanRow), total: z.int() })),
  /** Keeps a plan for good, under a name; another name renames it. */
  'plan.keep': call(
    z.strictObject({
      id: z.string(),
      name: z.string().min(1).max(100),
      note: z.string().max(1000).default(''),
      by: z.string(),
    }),
    PlanRow,
  ),
  /** It is an ordinary plan again, and goes in its time. */
  'plan.release': call(z.strictObject({ id: z.string(), by: z.string() }), PlanRow),
  'plan.compare': call(z.strictObject({ before: z.string(), after: z.string(), ...page }), PlanComparison),
  /** A plan as a file, a piece at a time: ask again from `next` until it is null. */
  'plan.export': call(
    z.strictObject({
      id: z.string(),
      format: z.enum(planFormats),
      language: z.enum(['en', 'fr']).default('en'),
      from: z.int().min(0).default(0),
    }),
    z.object({ name: z.string(), type: z.string(), text: z.string(), next: z.int().nullable() }),
  ),

  'external.list': call(
    z.strictObject({ text: z.string().max(200).default(''), due: z.boolean().default(false), ...page }),
    z.object({ items: z.array(External), total: z.int(), due: z.int() }),
  ),
  /** Declares a stranger external, or changes what was declared. */
  'external.declare': call(
    z.strictObject({
      steepleIds: z.array(z.string()).min(1).max(1000),
      reason: z.string().min(1).max(1000),
      owner: z.string().min(1).max(200),
      reviewAt: z.int().nullable().default(null),
      by: z.string(),
    }),
    z.object({ items: z.array(External) }),
  ),
  'external.withdraw': call(
    z.strictObject({
      steepleIds: z.array(z.string()).min(1).max(1000),
      reason: z.string().min(1).max(1000),
      by: z.string(),
    }),
    z.object({ withdrawn: z.int() }),
  ),
} as const;
