/**
 * What the CLI, the app and the console may ask of the relay: one table of calls, each with the shape of its question
 * and of its answer. `POST /api/CALL` with the input as JSON answers `{ok:true,value}` or `{ok:false,code,message}`.
 *
 * Served by http/admin.ts over `admin.sock` (owner only) and, behind a session, on the console port. Times are
 * milliseconds since 1970. Secrets go in (`upstream.set`) and, once, out (`source.add`, `source.rotate`); never else.
 */
import { z } from 'zod';

const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });
const none = z.strictObject({});

export const SourceKind = z.enum(['entra', 'okta', 'scim']);
export type SourceKind = z.infer<typeof SourceKind>;

/** An address, or a range of them as CIDR has it: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
export const AddressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

export const Source = z.object({
  id: z.string(),
  kind: SourceKind,
  name: z.string(),
  state: z.enum(['active', 'revoked']),
  createdAt: z.int(),
  lastSeenAt: z.int().nullable(),
  users: z.int(),
  groups: z.int(),
  /** When the token replaced by the last rotation stops working. */
  oldTokenUntil: z.int().nullable(),
  /** From where its requests are taken; null: from anywhere. */
  allow: z.array(z.string()).nullable(),
  /** Requests a second; null: as many as come. */
  rate: z.int().nullable(),
  /** What it was refused since the relay was started; a look at something that is not there is no refusal. */
  refusals: z.object({ count: z.int(), lastAt: z.int().nullable(), detail: z.string().nullable() }),
});
export type Source = z.infer<typeof Source>;

/** Shown once; only a hash is kept. */
export const SourceSecret = z.object({ id: z.string(), tenantUrl: z.string(), secretToken: z.string() });
export type SourceSecret = z.infer<typeof SourceSecret>;

/** What the upstream test found, in the order it looks. */
export const UpstreamVerdict = z.enum([
  'not-set',
  'cannot-connect',
  'tls',
  'not-scim',
  'token-refused',
  'sso-not-configured',
  'fine',
]);
export type UpstreamVerdict = z.infer<typeof UpstreamVerdict>;
export const UpstreamTest = z.object({
  verdict: UpstreamVerdict,
  detail: z.string(),
  remedy: z.string(),
  users: z.int().nullable(),
  groups: z.int().nullable(),
});
export type UpstreamTest = z.infer<typeof UpstreamTest>;
export const Upstream = z.object({
  url: z.string().nullable(),
  token: z.boolean(),
  apiUrl: z.string().nullable(),
  apiToken: z.boolean(),
  /** Which store holds the tokens, in words: 'keychain', 'sealed file (…)'. */
  kept: z.string(),
});
export type Upstream = z.infer<typeof Upstream>;

export const Community = z.object({
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
});
export type Community = z.infer<typeof Community>;
export const CommunityRow = Community.extend({
  state: z.enum(['listed', 'missing']),
  origin: z.enum(['api', 'file', 'hand']),
});
export type CommunityRow = z.infer<typeof CommunityRow>;

export const Role = z.object({ id: z.string().min(1).max(100), rank: z.int() });
export type Role = z.infer<typeof Role>;
export const defaultRoles: readonly Role[] = [
  { id: 'contributor', rank: 1 },
  { id: 'administrator', rank: 2 },
];

/** The file a person writes and keeps in git. A `displayName` is resolved once, at import, to the group's stable id. */
export const MappingFile = z.strictObject({
  version: z.literal(1),
  mode: z.enum(['managed', 'mirror']).default('managed'),
  nameTemplate: z.string().min(1).max(200).default('{community} – {role}'),
  roles: z
    .array(z.strictObject({ id: z.string().min(1).max(100), rank: z.int() }))
    .min(1)
    .default([...defaultRoles]),
  links: z.array(
    z.strictObject({
      source: z.string(),
      group: z.union([
        z.strictObject({ externalId: z.string() }),
        z.strictObject({ id: z.string() }),
        z.strictObject({ displayName: z.string() }),
      ]),
      community: z.string(),
      role: z.string(),
    }),
  ),
});
export type MappingFile = z.infer<typeof MappingFile>;

/** One thing wrong with a mapping file. `line` counts from 1 in the text that was given; null where it has no line. */
export const MappingFault = z.object({ line: z.int().nullable(), path: z.string(), message: z.string() });
export type MappingFault = z.infer<typeof MappingFault>;

export const LinkRow = z.object({
  source: z.string(),
  groupId: z.string(),
  group: z.string(),
  externalId: z.string().nullable(),
  community: z.string(),
  role: z.string(),
  /** The group is gone at the source; the link stays, and gives nobody anything (A6). */
  broken: z.boolean(),
  people: z.int(),
});
export type LinkRow = z.infer<typeof LinkRow>;
export const MappingView = z.object({
  version: z.int(),
  at: z.int().nullable(),
  author: z.string(),
  note: z.string(),
  mode: z.enum(['managed', 'mirror']),
  nameTemplate: z.string(),
  roles: z.array(Role),
  links: z.array(LinkRow),
  cycles: z.array(z.array(z.string())),
});
export type MappingView = z.infer<typeof MappingView>;

/** One group that speaks for a role, as an explanation names it. */
export const Because = z.object({
  source: z.string(),
  groupId: z.string(),
  group: z.string(),
  role: z.string(),
  /** The groups between the person and the linked one, nearest first; empty when they are in it directly. */
  through: z.array(z.string()),
  winner: z.boolean(),
});
export type Because = z.infer<typeof Because>;

/** The rules by which the gate holds a change for a person (core/gate.ts); `held.why` says the same in words. */
export const GateRule = z.enum([
  'removal',
  'last-access',
  'group-gone',
  'last-administrator',
  'protected',
  'limit',
  'group-limit',
]);
export type GateRule = z.infer<typeof GateRule>;

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

/** 'dropped': by a person. 'outdated': refused or dropped, and since then no longer needed. */
export const DeliveryState = z.enum(['ready', 'sending', 'done', 'dead', 'dropped', 'outdated']);
export type DeliveryState = z.infer<typeof DeliveryState>;
export const DeliveryRow = z.object({
  id: z.int(),
  kind: z.string(),
  resource: z.string(),
  state: DeliveryState,
  attempt: z.int(),
  dueAt: z.int(),
  status: z.int().nullable(),
  cause: z.string().nullable(),
  remedy: z.string().nullable(),
  createdAt: z.int(),
  settledAt: z.int().nullable(),
});
export type DeliveryRow = z.infer<typeof DeliveryRow>;

export const Policy = z.strictObject({
  /** How a removal leaves: `active:false`, or DELETE. */
  removal: z.enum(['deactivate', 'delete']).default('deactivate'),
  /** Limits of the rolling 24 hours (G6): the smaller of the percentage and the cap, never under the floor. */
  limitPercent: z.number().min(0).max(100).default(10),
  limitCap: z.int().min(0).default(25),
  limitFloor: z.int().min(0).default(5),
  groupPercent: z.number().min(0).max(100).default(25),
  groupOver: z.int().min(0).default(10),
  /** userNames never to be removed or downgraded without a person, compared ignoring case. */
  protected: z.array(z.string()).default([]),
  twoPerson: z.boolean().default(false),
  membersPerPatch: z.int().min(1).max(1000).default(100),
  inFlight: z.int().min(1).max(64).default(8),
});
export type Policy = z.infer<typeof Policy>;

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
  }),
  directory: z.object({ users: z.int(), active: z.int(), groups: z.int(), memberships: z.int() }),
  observed: z.object({ users: z.int(), groups: z.int(), memberships: z.int(), at: z.int().nullable() }),
  journal: z.object({ entries: z.int(), pushes: z.int(), refusals: z.int(), lastAt: z.int().nullable() }),
  mapping: z.object({ version: z.int(), links: z.int(), broken: z.int() }),
  held: z.object({ count: z.int(), oldestAt: z.int().nullable() }),
  deliveries: z.object({ owed: z.int(), sending: z.int(), dead: z.int(), oldestAt: z.int().nullable() }),
  circuit: z.object({
    state: z.enum(['closed', 'open']),
    reason: z.string().nullable(),
    remedy: z.string().nullable(),
  }),
  owesPlan: z.int(),
  sources: z.array(Source),
  upstream: Upstream,
});
export type Status = z.infer<typeof Status>;

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

export const PersonRow = z.object({
  id: z.string(),
  source: z.string(),
  state: z.enum(['active', 'inactive', 'deleted']),
  userName: z.string(),
  name: z.string(),
  email: z.string(),
  groups: z.int(),
});
export type PersonRow = z.infer<typeof PersonRow>;
export const GroupRow = z.object({
  id: z.string(),
  source: z.string(),
  displayName: z.string(),
  externalId: z.string().nullable(),
  members: z.int(),
  links: z.array(z.object({ community: z.string(), role: z.string() })),
});
export type GroupRow = z.infer<typeof GroupRow>;

export const Why = z.object({
  person: PersonRow,
  inSteeple: z
    .object({ steepleId: z.string(), active: z.boolean(), origin: z.enum(['created', 'adopted']) })
    .nullable(),
  access: z.array(
    z.object({
      community: z.string(),
      role: z.string().nullable(),
      inSteeple: z.string().nullable(),
      because: z.array(Because),
    }),
  ),
  groups: z.array(z.object({ id: z.string(), displayName: z.string(), through: z.array(z.string()) })),
  held: z.array(HeldItem),
  lastPush: z.object({ seq: z.int(), at: z.int() }),
});
export type Why = z.infer<typeof Why>;

const page = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(10_000).default(100) };
const decision = z.strictObject({
  ids: z.array(z.int()).min(1).max(10_000),
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(1000),
});
const decided = z.object({ items: z.array(HeldItem) });

/** Every call there is. A name that is not here does not exist. */
export const calls = {
  status: call(none, Status),

  'upstream.set': call(
    z.strictObject({
      url: z.string().optional(),
      token: z.string().min(1).optional(),
      apiUrl: z.string().optional(),
      apiToken: z.string().min(1).optional(),
      by: z.string(),
    }),
    Upstream.extend({ test: UpstreamTest }),
  ),
  'upstream.test': call(none, UpstreamTest),
  'upstream.show': call(none, Upstream),
  'upstream.clearToken': call(z.strictObject({ by: z.string() }), Upstream),

  'source.add': call(
    z.strictObject({ kind: SourceKind, name: z.string().min(1).max(100), by: z.string() }),
    SourceSecret,
  ),
  'source.list': call(none, z.array(Source)),
  'source.rotate': call(
    z.strictObject({
      id: z.string(),
      overlapHours: z
        .number()
        .min(0)
        .max(24 * 30)
        .default(24),
      by: z.string(),
    }),
    SourceSecret,
  ),
  'source.set': call(
    z.strictObject({
      id: z.string(),
      allow: z.array(AddressRange).min(1).max(1000).nullable().optional(),
      rate: z.int().min(1).max(100_000).nullable().optional(),
      by: z.string(),
    }),
    Source,
  ),
  'source.revoke': call(z.strictObject({ id: z.string(), by: z.string() }), Source),

  'communities.import': call(
    z.strictObject({ text: z.string().max(5_000_000), by: z.string() }),
    z.array(CommunityRow),
  ),
  'communities.list': call(none, z.array(CommunityRow)),
  'communities.refresh': call(z.strictObject({ by: z.string() }), z.array(CommunityRow)),

  'mapping.validate': call(
    z.strictObject({ text: z.string().max(5_000_000) }),
    z.object({ faults: z.array(MappingFault), links: z.int() }),
  ),
  'mapping.import': call(
    z.strictObject({ text: z.string().max(5_000_000), note: z.string().max(1000).default(''), by: z.string() }),
    MappingView,
  ),
  'mapping.export': call(none, MappingFile),
  'mapping.show': call(none, MappingView),

  'plan.make': call(z.strictObject({ ...page }), PlanPage),
  'plan.show': call(z.strictObject({ id: z.string(), ...page }), PlanPage),

  'sync.enable': call(z.strictObject({ plan: z.string(), by: z.string() }), Status),
  'sync.disable': call(z.strictObject({ by: z.string(), reason: z.string().default('') }), Status),

  'review.list': call(
    z.strictObject({ states: z.array(HeldState).default(['held']), ...page }),
    z.object({ items: z.array(HeldItem), total: z.int() }),
  ),
  'review.show': call(z.strictObject({ id: z.int() }), HeldItem),
  'review.approve': call(decision, decided),
  'review.keep': call(decision, decided),
  'review.undo': call(z.strictObject({ id: z.int(), by: z.string().min(1).max(200) }), HeldItem),

  'policy.show': call(none, Policy),
  'policy.set': call(z.strictObject({ key: z.string(), value: z.unknown(), by: z.string() }), Policy),

  why: call(z.strictObject({ userName: z.string() }), Why),
  people: call(
    z.strictObject({ filter: z.string().default(''), ...page }),
    z.object({ items: z.array(PersonRow), total: z.int() }),
  ),
  groups: call(
    z.strictObject({ filter: z.string().default(''), ...page }),
    z.object({ items: z.array(GroupRow), total: z.int() }),
  ),

  'journal.tail': call(
    z.strictObject({ before: z.int().optional(), limit: z.int().min(1).max(1000).default(50) }),
    z.array(JournalRow),
  ),
  'journal.show': call(z.strictObject({ seq: z.int() }), JournalRow),
  'journal.verify': call(none, Verified),

  'delivery.list': call(
    z.strictObject({ state: DeliveryState.optional(), ...page }),
    z.object({ items: z.array(DeliveryRow), total: z.int() }),
  ),
  'delivery.retry': call(z.strictObject({ ids: z.array(z.int()).min(1), by: z.string() }), z.array(DeliveryRow)),
  'delivery.drop': call(z.strictObject({ id: z.int(), reason: z.string().min(1), by: z.string() }), DeliveryRow),

  /** A one-time ticket for the console: valid for two minutes, and for one log-in. */
  'console.ticket': call(none, z.object({ url: z.string(), expiresAt: z.int() })),
} as const;

type Calls = typeof calls;
export type CallName = keyof Calls;
export type Input<C extends CallName> = z.infer<Calls[C]['input']>;
/** What a caller may leave out because the contract has a default. */
export type Question<C extends CallName> = z.input<Calls[C]['input']>;
export type Output<C extends CallName> = z.infer<Calls[C]['output']>;
/** What the relay must supply; leaving one call out is a compile error. */
export type Handlers = { readonly [C in CallName]: (input: Input<C>) => Promise<Output<C>> };
/** `code` is the name of the failure's class in errors.ts, lower-case, or 'internal'. */
export type Failure = Readonly<{ ok: false; code: string; message: string }>;
export type Reply<C extends CallName> = Readonly<{ ok: true; value: Output<C> }> | Failure;
