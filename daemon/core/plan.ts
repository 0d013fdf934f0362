/**
 * The plan: what it takes to make Steeple say what the directory says, as changes a person can read and operations a
 * machine can send. One code path for the preview, for enabling, and for every push after it.
 *
 * Pure. It is given cases (a person on both sides) and the world around them, and may be given everybody or only those a
 * push touched. Accounts no case names are strangers and never reach it, so it cannot write to them (P3).
 *
 * Laws (test/plan.test.ts): P1 applied in full, observed equals desired; P2 planning again yields nothing; P4 what frees a
 * userName comes before what takes it, and swaps work; P5 same inputs, same decision; P6 changes and operations agree;
 * P7 near-linear. Which changes may leave: core/gate.ts. The operations that follow: core/writes.ts. In which order names
 * change hands: core/names.ts. How it reads: core/planview.ts.
 */

import type { PlanLimit } from '../contract/plan.ts';
import type { GateRule, Policy } from '../contract/policy.ts';
import type { HeldState } from '../contract/review.ts';
import type { JsonObject } from '../contract/scim.ts';
import { type Access, noAccess } from './access.ts';
import { type Account, patchOf } from './account.ts';
import { cautious } from './caution.ts';
import {
  type Circumstances,
  itemFor,
  judge,
  matches,
  type OpenItem,
  pair,
  type Risk,
  type RiskKind,
  riskKey,
  type Verdict,
} from './gate.ts';
import { groupsLeft } from './leaving.ts';
import { lowers, type Mapping, pairKey, rankOf, type Target, topRole } from './mapping.ts';
import { inNameOrder, stuckNames } from './names.ts';
import { reclaimed } from './takeback.ts';
import {
  accountWrite,
  aside,
  groupDeletes,
  groupWrites,
  membershipWrites,
  type PersonWrite,
  removalOf,
} from './writes.ts';

export type Observed = Readonly<{
  num: number;
  steepleId: string;
  active: boolean;
  account: Account;
  /** Whether it is recorded as ours. An account found by name or externalId is adopted when the plan is carried out. */
  linked: boolean;
  /** Ours, and made by the relay: not one that was there before and taken over. */
  made?: boolean;
}>;
/** One person on both sides. Keys of targets are sorted. */
export type Case = Readonly<{
  num: number;
  id: string;
  source: string;
  account: Account;
  /** Active at the source: to be in Steeple. */
  wanted: boolean;
  /** Still known to the source, active or not: its attributes may be written. */
  known: boolean;
  observed: Observed | undefined;
  access: Access;
  targets: readonly string[];
  holds: readonly string[];
}>;
export type ObservedGroup = Readonly<{ key: string; num: number; steepleId: string; name: string; adopted: boolean }>;
export type World = Readonly<{
  mapping: Mapping;
  policy: Policy;
  cases: readonly Case[];
  targets: ReadonlyMap<string, Target>;
  groups: ReadonlyMap<string, ObservedGroup>;
  items: ReadonlyMap<string, OpenItem>;
  /** Pairs of which a linked group is deleted or empty, as `community\0role`. */
  gonePairs: Pick<ReadonlySet<string>, 'has'>;
  /** Which linked person's account has a folded userName in Steeple, for the names these cases want; they are among the cases. */
  nameHolders: ReadonlyMap<string, number>;
  /** How many people who are not among the cases newly get the top role, by community: core/survey.ts knows. */
  promoted?: Pick<ReadonlyMap<string, number>, 'get'>;
  refused?: Pick<ReadonlySet<number>, 'has'>; // Steeple does not take what would give them more: they make up for nobody
  /** Sync is switched on for the first time: it adds and updates, and takes nothing away without a person. */
  first?: boolean;
  takingBack?: boolean; // core/takeback.ts
  circumstances: Omit<Circumstances, 'policy' | 'newAdministrators'>;
}>;

export type Operation = Readonly<{
  kind:
    | 'user.create'
    | 'user.update'
    | 'user.deactivate'
    | 'user.delete'
    | 'group.create'
    | 'group.update'
    | 'group.delete'
    | 'member.add'
    | 'member.remove';
  lane: string;
  person?: number;
  target?: string;
  community?: string;
  risk?: RiskKind;
  role?: string;
  body: JsonObject;
  frees?: string;
  takes?: string;
}>;
/** Why a change waits for a person. */
export type Hold = Readonly<{ rule: GateRule; why: string }>;
export type AccessDelta = Readonly<{
  community: string;
  from: string | null;
  to: string | null;
  hold?: Hold;
}>;
export type ChangeKind = 'create' | 'adopt' | 'update' | 'remove' | 'reactivate' | 'none';
/** Somebody for whom something changes: their account, their access, or memberships that make no difference to access. */
export type Change = Readonly<{
  case: Case;
  kind: ChangeKind;
  access: readonly AccessDelta[];
  hold?: Hold;
}>;
export type NewItem = Readonly<{ risk: Risk; rule: GateRule; why: string }>;
/** A standing approval covers a change: its item is approved by it from the next plan on. */
export type ItemStand = Readonly<{ risk: Risk; standing: string }>;
export type ItemEnd = Readonly<{ id: number; state: Extract<HeldState, 'withdrawn' | 'sent'> }>;
export type Decision = Readonly<{
  changes: readonly Change[];
  operations: readonly Operation[];
  opens: readonly NewItem[];
  ends: readonly ItemEnd[];
  stands: readonly ItemStand[];
  /** Items that a standing approval covers no more. */
  lapses: readonly number[];
  limits: readonly PlanLimit[];
}>;

/** Roles that memberships of target groups give, the highest for each community. */
export function rolesOf(holds: readonly string[], world: Pick<World, 'targets' | 'mapping'>): Map<string, string> {
  const roles = new Map<string, string>();
  for (const key of holds) {
    for (const { community, role } of world.targets.get(key)?.grants ?? []) {
      const known = roles.get(community);
      if (known === undefined || rankOf(world.mapping, role) > rankOf(world.mapping, known)) roles.set(community, role);
    }
  }
  return roles;
}

export function decide(world: World): Decision {
  const { names, groups, members, deletes, removals, ...rest } = decideInParts(world);
  return { ...rest, operations: [...names, ...groups, ...members, ...deletes, ...removals] };
}

/** The same, its operations still apart: they are sent in this order. */
export type Parts = Omit<Decision, 'operations'> &
  Readonly<Record<'names' | 'groups' | 'members' | 'deletes' | 'removals', readonly Operation[]>>;
export function decideInParts(world: World): Parts {
  const top = topRole(world.mapping);
  // In the order of the store's numbers, whatever order they came in (P5).
  const drafts = [...world.cases].sort((a, b) => a.num - b.num).map((one) => draft(one, world, top));
  const stuck = stuckNames(
    drafts.flatMap(({ write, removal }) => [...(write ? [write] : []), ...(removal ? [removal] : [])]),
    world.nameHolders,
  );
  const promoted = new Map<string, number>();
  for (const { one, kind, access } of drafts) {
    if (kind === 'create' && stuck.has(one.num)) continue;
    for (const { community, from, to } of access)
      if (to !== null && to === top && from !== top && !world.refused?.has(one.num))
        promoted.set(community, (promoted.get(community) ?? 0) + 1);
  }
  const newAdministrators = {
    get: (community: string) => (promoted.get(community) ?? 0) + (world.promoted?.get(community) ?? 0),
  };
  const risks = drafts.flatMap((one) => one.risks);
  const judged = judge(risks, world.items, { ...world.circumstances, policy: world.policy, newAdministrators });
  const careful = world.first ? cautious(judged.verdicts) : judged.verdicts;
  const verdicts = world.takingBack ? reclaimed(careful) : careful;

  const changes: Change[] = [];
  const names: PersonWrite[] = [];
  const memberWrites: Operation[] = [];
  const removals: PersonWrite[] = [];
  for (const one of drafts) {
    const { change, write, memberships } = settle(one, stuck.get(one.one.num), verdicts, world);
    if (change.kind !== 'none' || change.access.length > 0 || memberships.length > 0) changes.push(change);
    if (write) names.push(write);
    memberWrites.push(...memberships);
    // A deletion that frees a name somebody takes goes with the names, any other removal comes last.
    // Approved it may be, and wait all the same: for a source that shrank, or a standing approval that lapsed.
    if (one.removal && one.risks.every((risk) => verdicts.get(riskKey(risk))?.go)) removals.push(one.removal);
  }
  const taken = new Set(names.map(({ takes }) => takes));
  const isTaken = ({ frees }: PersonWrite) => frees !== undefined && taken.has(frees);
  return {
    changes,
    names: inNameOrder([...names, ...removals.filter(isTaken)], aside),
    groups: groupWrites(world),
    members: memberWrites,
    deletes: groupDeletes(world),
    removals: removals.filter((removal) => !isTaken(removal)),
    ...itemsAfter(world, drafts, risks, verdicts),
    limits: judged.limits,
  };
}

type Draft = Readonly<{
  one: Case;
  kind: ChangeKind;
  access: readonly AccessDelta[];
  risks: readonly Risk[];
  /** What would be written to the account; and its removal, where a person approved that. */
  write?: PersonWrite | undefined;
  removal?: PersonWrite | undefined;
}>;

/** What should change for one person, before the gate. */
function draft(one: Case, world: World, top: string | undefined): Draft {
  const { observed, wanted } = one;
  const now = rolesNow(one, world);
  const removed = !wanted && observed?.linked === true && observed.active;
  if (!wanted && !removed) {
    const write = one.known && observed?.linked ? accountWrite(one, 'update') : undefined;
    return { one, kind: write ? 'update' : 'none', access: [], risks: [], write };
  }
  const next = wanted ? one.access : noAccess; // A2, whatever the case says
  const access: AccessDelta[] = [];
  for (const community of [...new Set([...now.keys(), ...next.keys()])].sort()) {
    const from = now.get(community) ?? null;
    const to = next.get(community)?.role ?? null;
    if (from !== to) access.push({ community, from, to });
  }
  const base = { person: one.num, userName: one.account.userName, source: one.source };
  const left = groupsLeft(one, world);
  if (removed) {
    const administers = [...now].flatMap(([community, role]) => (role === top ? [community] : [])).sort();
    const risk: Risk = {
      ...base,
      kind: 'remove',
      community: '',
      from: '',
      to: null,
      lastAccess: true,
      groupGone: false,
      administers,
      groups: left(),
      roles: [...now].sort(([a], [b]) => (a < b ? -1 : 1)).map(([community, role]) => ({ community, role })),
    };
    const leaves = itemFor(risk, world.items)?.state === 'approved';
    // Of an account about to be deleted nothing needs to be right any more.
    const write = one.known && !(leaves && world.policy.removal === 'delete') ? accountWrite(one, 'remove') : undefined;
    const removal = leaves ? removalOf(one, world.policy, risk.groups) : undefined;
    return { one, kind: 'remove', access, risks: [risk], write, removal };
  }
  const risks = access.flatMap(({ community, from, to }): Risk[] =>
    from !== null && lowers(world.mapping, from, to)
      ? [
          {
            ...base,
            kind: to === null ? 'revoke' : 'downgrade',
            community,
            from,
            to,
            lastAccess: one.access.size === 0,
            groupGone: world.gonePairs.has(pair(community, from)),
            administers: from === top ? [community] : [],
            groups: left({ community, role: from }),
            roles: [{ community, role: from }],
          },
        ]
      : [],
  );
  const kind = kindOf(one);
  return { one, kind, access, risks, write: accountWrite(one, kind) };
}

/** What somebody's memberships give them in Steeple now; nothing while their account is switched off. */
const rolesNow = (one: Case, world: World): Map<string, string> =>
  one.observed?.active ? rolesOf(one.holds, world) : new Map();

export function kindOf({ observed, account }: Pick<Case, 'observed' | 'account'>): ChangeKind {
  if (observed === undefined) return 'create';
  if (!observed.active) return 'reactivate';
  if (!observed.linked) return 'adopt';
  return patchOf(account, observed.account).length > 0 ? 'update' : 'none';
}

type Settled = Readonly<{ change: Change; write: PersonWrite | undefined; memberships: readonly Operation[] }>;

/** One person's change as the gate lets it be: what waits is marked, what may leave is written. */
function settle(
  { one, kind, access, risks, write }: Draft,
  stuckAt: string | undefined,
  verdicts: ReadonlyMap<string, Verdict>,
  world: World,
): Settled {
  const holdOf = (risk: Risk | undefined): Hold | undefined => {
    const verdict = risk && verdicts.get(riskKey(risk));
    return verdict && !verdict.go ? { rule: verdict.rule, why: verdict.why } : undefined;
  };
  const nameless: Hold | undefined =
    stuckAt === undefined
      ? undefined
      : {
          rule: 'removal',
          why: `In Steeple "${stuckAt}" is still the name of an account that no source knows any more`,
        };
  if (kind === 'create' && nameless) {
    const deltas = access.map((delta) => ({ ...delta, hold: nameless }));
    return { change: { case: one, kind, access: deltas, hold: nameless }, write: undefined, memberships: [] };
  }
  const removal = kind === 'remove' ? holdOf(risks[0]) : undefined;
  const holds = new Map<string, Hold>();
  for (const { community } of access) {
    const hold = removal ?? holdOf(risks.find((risk) => risk.community === community));
    if (hold) holds.set(community, hold);
  }
  if (!removal) holdTogether(one, access, holds, world);
  const deltas = access.map((delta): AccessDelta => {
    const hold = holds.get(delta.community);
    return hold ? { ...delta, hold } : delta;
  });
  const hold = removal ?? nameless;
  return {
    change: { case: one, kind, access: deltas, ...(hold && { hold }) },
    write: nameless ? write && accountWrite(one, kind, { keepName: true }) : write,
    memberships: removal ? [] : membershipWrites(one, kind, new Set(holds.keys()), deltas, world),
  };
}

/**
 * One membership may speak for several communities (mirror mode). Where it stays for something that is held in one of
 * them, what it gives in the others cannot leave either, and is held with it.
 */
function holdTogether(one: Case, access: readonly AccessDelta[], holds: Map<string, Hold>, world: World): void {
  if (holds.size === 0) return;
  const wanted = new Set(one.targets);
  const grants = (key: string) => world.targets.get(key)?.grants ?? [];
  for (;;) {
    const kept = one.holds.filter(
      (key) => !wanted.has(key) && grants(key).some(({ community }) => holds.has(community)),
    );
    const roles = rolesOf([...wanted, ...kept], world);
    const tied = access.find(({ community, to }) => !holds.has(community) && (roles.get(community) ?? null) !== to);
    const cause = tied && kept.flatMap(grants).find(({ community }) => holds.has(community))?.community;
    const hold = cause === undefined ? undefined : holds.get(cause);
    if (!tied || !hold) return;
    const why = `It comes with the same group as their access to ${cause}, where a change waits`;
    holds.set(tied.community, { rule: hold.rule, why });
  }
}

/** Which items to open, and which to close because what they were about is gone. */
function itemsAfter(
  world: World,
  drafts: readonly Draft[],
  risks: readonly Risk[],
  verdicts: ReadonlyMap<string, Verdict>,
): Pick<Decision, 'opens' | 'ends' | 'stands' | 'lapses'> {
  const opens = risks.flatMap((risk): NewItem[] => {
    const verdict = verdicts.get(riskKey(risk));
    return verdict && !verdict.go && !verdict.item ? [{ risk, rule: verdict.rule, why: verdict.why }] : [];
  });
  const stands = risks.flatMap((risk): ItemStand[] => {
    const verdict = verdicts.get(riskKey(risk));
    return verdict && !verdict.go && verdict.stand !== undefined && verdict.item?.state !== 'kept'
      ? [{ risk, standing: verdict.stand }]
      : [];
  });
  const lapses = [...verdicts.values()].flatMap((verdict) =>
    !verdict.go && verdict.lapse && verdict.item ? [verdict.item.id] : [],
  );
  const byKey = new Map(risks.map((risk) => [riskKey(risk), risk]));
  const cases = new Map(drafts.map((one) => [one.one.num, one]));
  const ends = [...world.items]
    .sort(([, a], [, b]) => a.id - b.id)
    .flatMap(([key, item]): ItemEnd[] => {
      const about = cases.get(item.person);
      if (about === undefined) return []; // not in front of us this time
      const risk = byKey.get(key);
      if (risk && matches(item, risk)) return [];
      const now = rolesNow(about.one, world).get(item.community);
      // A removal hides the smaller changes behind it. What was decided about those must hold when it is undone (G4).
      if (about.kind === 'remove' && item.kind !== 'remove' && now === item.from) return [];
      const left = item.kind === 'remove' ? !about.one.observed?.active : (now ?? null) === item.to;
      return [{ id: item.id, state: item.state === 'approved' && left ? 'sent' : 'withdrawn' }];
    });
  return { opens, ends, stands, lapses };
}

export const managedTargets = (access: Access): string[] =>
  [...access.values()].map(({ community, role }) => pairKey(community, role)).sort();
