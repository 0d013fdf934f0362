/** The policy of the gate, its rules by name, and the alarms it raises. */
import { z } from 'zod';
import { call, none } from './call.ts';

/** The rules by which the gate holds a change for a person (core/gate.ts); `held.why` says the same in words. */
export const GateRule = z.enum([
  'removal',
  'last-access',
  'group-gone',
  'last-administrator',
  'protected',
  'limit',
  'group-limit',
  'source-shrank',
  'first-sync',
  'take-back',
]);
export type GateRule = z.infer<typeof GateRule>;

const percent = z.number().min(0).max(100);
const whole = z.int().min(0);
const minutes = z
  .int()
  .min(1)
  .max(24 * 60);
const who = { by: z.string().min(1).max(200) };
const reason = z.string().trim().min(1).max(1000);

/** Limits of one source: what leaves of its people is counted apart, against these. What is left out is as for everybody. */
export const SourceLimits = z.strictObject({
  limitPercent: percent.optional(),
  limitCap: whole.optional(),
  limitFloor: whole.optional(),
});
/** Limits of the groups of one community. */
export const CommunityLimits = z.strictObject({ groupPercent: percent.optional(), groupOver: whole.optional() });

/** Hours, by the clock of a named place, in which nothing destructive leaves. Where `to` is not after `from` it is the next day. */
export const QuietHours = z.strictObject({
  /** 1 is Monday, 7 is Sunday: the day on which the hours begin. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7),
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  /** An IANA name: 'Europe/Paris'. */
  timeZone: z.string().min(1).max(64),
});
export type QuietHours = z.infer<typeof QuietHours>;

/** What a named person allows to leave without being asked each time, inside its limits (G3). */
export const StandingApproval = z.strictObject({
  id: z.string(),
  /** 'remove': people switched off or deleted at the source; 'revoke': somebody's last access. */
  kinds: z.array(z.enum(['remove', 'revoke'])).min(1),
  /** Only people of these sources; of all where it is empty. */
  sources: z.array(z.string()),
  /** At most so many in a rolling 24 hours. When more are due, none of them leaves by itself. */
  upTo: z.int().min(1).max(100_000),
  /** Grace: an item leaves only after so many days without anybody objecting (keeping it); 0 is at once. */
  afterDays: z.int().min(0).max(365),
  /** It ends then, by itself. */
  until: z.int(),
  enabledBy: z.string(),
  enabledAt: z.int(),
  reason: z.string(),
});
export type StandingApproval = z.infer<typeof StandingApproval>;

export const Policy = z.strictObject({
  /** How a removal leaves: `active:false`, or DELETE. */
  removal: z.enum(['deactivate', 'delete']).default('deactivate'),
  /** Limits of the rolling 24 hours (G6): the smaller of the percentage and the cap, never under the floor. */
  limitPercent: percent.default(10),
  limitCap: whole.default(25),
  limitFloor: whole.default(5),
  groupPercent: percent.default(25),
  groupOver: whole.default(10),
  /** By the id of a source, and of a community. */
  sourceLimits: z.record(z.string(), SourceLimits).default({}),
  communityLimits: z.record(z.string(), CommunityLimits).default({}),
  /** userNames never to be removed or downgraded without a person, compared ignoring case. */
  protected: z.array(z.string()).default([]),
  /** Ids of groups (`groups` lists them) whose members, at any depth, are protected; `policy.set` takes their names too. */
  protectedGroups: z.array(z.string()).default([]),
  /** A SCIM filter on people (`title co "Director"`); whoever it matches is protected. '' is nobody. */
  protectedFilter: z.string().max(8192).default(''),
  /** The source shrank: this share of its active people, or of a linked group of over `shrinkOver`, gone within a cycle. */
  shrinkPercent: percent.default(50),
  /** Fewer gone than this raise no alarm. */
  shrinkFloor: whole.default(5),
  shrinkOver: whole.default(20),
  /** How long a cycle is, by kind of source. Entra's takes 20 to 40 minutes; Okta's pushes come at once. */
  shrinkMinutes: z
    .strictObject({ entra: minutes.default(60), okta: minutes.default(60), scim: minutes.default(60) })
    .default({ entra: 60, okta: 60, scim: 60 }),
  quietHours: z.array(QuietHours).max(20).default([]),
  /** Set by `policy.stand`, ended by `policy.unstand`: never by `policy.set`. */
  standing: z.array(StandingApproval).max(50).default([]),
  /** An approval, and whatever loosens this policy, needs two different people. */
  twoPerson: z.boolean().default(false),
  membersPerPatch: z.int().min(1).max(1000).default(100),
  inFlight: z.int().min(1).max(64).default(8),
  /** Days after which entries of the journal move to DATA/archive; 0: they stay. */
  journalDays: z.int().min(0).max(36_500).default(0),
  /**
   * Days after which a delivery that is over is no longer listed, nor in a person's history; 0: for ever. What was pushed and
   * decided is in the journal, and what is refused, dropped or still owed stays whatever its age.
   */
  deliveryDays: z.int().min(0).max(36_500).default(365),
  /** How often Steeple is read from end to end while sync is on; 0: never by itself. */
  driftEveryHours: z.number().min(0).max(168).default(6),
  /** What is done about what somebody changed in Steeple: 'report' waits for a person, 'restore' puts it right at once. */
  drift: z.enum(['report', 'restore']).default('report'),
});
export type Policy = z.infer<typeof Policy>;

/** A looser policy that somebody proposed, and that a second person must set as well. */
export const Proposal = z.object({
  key: z.string(),
  value: z.unknown(),
  by: z.string(),
  at: z.int(),
  reason: z.string(),
});
export type Proposal = z.infer<typeof Proposal>;
/** `proposal`: what waits for a second person; null when nothing does, and the policy is as it was asked to be. */
export const PolicyView = z.object({ ...Policy.shape, proposal: Proposal.nullable() });
export type PolicyView = z.infer<typeof PolicyView>;

/** A source, or one of its large groups, lost half of its people within a cycle. All its losses are held until it is cleared. */
export const Alarm = z.object({
  id: z.int(),
  source: z.string(),
  /** The group that shrank; null: the source as a whole. */
  group: z.string().nullable(),
  /** So many of so many were gone when it was raised. */
  gone: z.int(),
  before: z.int(),
  since: z.int(),
  /** The same in words. */
  detail: z.string(),
});
export type Alarm = z.infer<typeof Alarm>;

/** How the gate stands now. */
export const GateView = z.object({
  alarms: z.array(Alarm),
  /** Quiet hours run, and end then; null: they do not run. */
  quietUntil: z.int().nullable(),
  standing: z.array(
    z.object({
      id: z.string(),
      /** Used of `upTo` in the last 24 hours. */
      used: z.int(),
      /** Whether it counts: not ended, not revoked. */
      inForce: z.boolean(),
    }),
  ),
  proposal: Proposal.nullable(),
});
export type GateView = z.infer<typeof GateView>;

export const policyCalls = {
  'policy.show': call(none, PolicyView),
  /** Under the two-person rule a change that loosens is proposed first, and set when a second person asks for the same. */
  'policy.set': call(
    z.strictObject({ key: z.string(), value: z.unknown(), reason: z.string().max(1000).default(''), ...who }),
    PolicyView,
  ),
  'policy.stand': call(
    z.strictObject({
      kinds: StandingApproval.shape.kinds,
      sources: StandingApproval.shape.sources.default([]),
      upTo: StandingApproval.shape.upTo,
      afterDays: StandingApproval.shape.afterDays.default(0),
      until: StandingApproval.shape.until,
      reason,
      ...who,
    }),
    PolicyView,
  ),
  'policy.unstand': call(z.strictObject({ id: z.string(), reason, ...who }), PolicyView),
  /** Takes back what waits for a second person. */
  'policy.withdraw': call(z.strictObject({ reason: z.string().max(1000).default(''), ...who }), PolicyView),
  'gate.show': call(none, GateView),
  /** Ends every alarm of a source; what is held stays held, each for its own decision. */
  'gate.clear': call(z.strictObject({ source: z.string(), reason, ...who }), GateView),
} as const;
