/**
 * The plan: what it takes to make Steeple say what the directory says, as changes a person can read and operations a
 * machine can send. One code path for the preview, for enabling, and for every push after it.
 *
 * Pure. It is given cases (a person on both sides) and the world around them, and may be given everybody or only those a
 * push touched. Accounts no case names are strangers and never reach it, so it cannot write to them (P3).
 *
 * Laws (test/plan.test.ts): P1 applied in full, observed equals desired; P2 planning again yields nothing; P4 what frees a
 * userName comes before what takes it, and swaps work; P5 same inputs, same decision; P6 changes and operations agree;
 * P7 near-linear. Which changes may leave: core/gate.ts. How one is sent: core/delivery.ts. How it reads: core/planview.ts.
 */
import type { GateRule, HeldState, PlanLimit, Policy } from '../contract/admin.ts';
import type { Json, JsonObject, PatchOperation } from '../contract/scim.ts';
import type { Access } from './access.ts';
import { type Account, patchOf } from './account.ts';
import { fold } from './directory.ts';
import {
  type Circumstances,
  judge,
  matches,
  type OpenItem,
  pair,
  type Risk,
  type RiskKind,
  riskKey,
  type Verdict,
} from './gate.ts';
import { type Mapping, pairKey, rankOf, type Target, topRole } from './mapping.ts';

export type Observed = Readonly<{
  num: number;
  steepleId: string;
  active: boolean;
  account: Account;
  /** Whether it is recorded as ours. An account found by name or externalId is adopted when the plan is carried out. */
  linked: boolean;
}>;
/** One person on both sides. Keys of targets are sorted. */
export type Case = Readonly<{
  num: number;
  id: string;
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
  /** Which linked person's account holds a folded userName in Steeple, for the names these cases want. */
  nameHolders: ReadonlyMap<string, number>;
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
export type AccessDelta = Readonly<{
  community: string;
  from: string | null;
  to: string | null;
  hold?: { rule: GateRule; why: string };
}>;
export type ChangeKind = 'create' | 'adopt' | 'update' | 'remove' | 'reactivate' | 'none';
export type Change = Readonly<{
  case: Case;
  kind: ChangeKind;
  access: readonly AccessDelta[];
  hold?: { rule: GateRule; why: string };
}>;
export type NewItem = Readonly<{ risk: Risk; rule: GateRule; why: string }>;
export type ItemEnd = Readonly<{ id: number; state: Extract<HeldState, 'withdrawn' | 'sent'> }>;
export type Decision = Readonly<{
  changes: readonly Change[];
  operations: readonly Operation[];
  opens: readonly NewItem[];
  ends: readonly ItemEnd[];
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
  const top = topRole(world.mapping);
  const drafts = world.cases.map((one) => draft(one, world, top));
  const newAdministrators = new Map<string, number>();
  for (const { access } of drafts)
    for (const { community, from, to } of access)
      if (to !== null && to === top && from !== top)
        newAdministrators.set(community, (newAdministrators.get(community) ?? 0) + 1);

  const risks = drafts.flatMap((one) => one.risks);
  const { policy } = world;
  const { verdicts, limits } = judge(risks, world.items, { ...world.circumstances, policy, newAdministrators });
  const holdOf = (key: string) => {
    const verdict = verdicts.get(key);
    return verdict && !verdict.go ? { rule: verdict.rule, why: verdict.why } : undefined;
  };

  const changes: Change[] = [];
  const userWrites: Operation[] = [];
  const memberWrites: Operation[] = [];
  const removals: Operation[] = [];
  for (const { one, kind, access, risks } of drafts) {
    const removal = kind === 'remove' ? holdOf(riskKey({ person: one.num, kind: 'remove', community: '' })) : undefined;
    const heldIn = new Set<string>();
    const deltas = access.map((delta): AccessDelta => {
      const risk = risks.find(({ community }) => community === delta.community);
      const hold = removal ?? (risk && holdOf(riskKey(risk)));
      if (hold) heldIn.add(delta.community);
      return hold ? { ...delta, hold } : delta;
    });
    if (kind !== 'none' || deltas.length > 0)
      changes.push({ case: one, kind, access: deltas, ...(removal && { hold: removal }) });
    userWrites.push(...accountWrites(one, kind));
    memberWrites.push(...membershipWrites(one, kind, removal !== undefined, heldIn, deltas, world));
    if (kind === 'remove' && !removal) removals.push(removalOf(one, policy));
  }
  return {
    changes,
    operations: [
      ...inNameOrder(userWrites, world),
      ...groupWrites(world),
      ...memberWrites,
      ...groupDeletes(world),
      ...removals,
    ],
    ...itemsAfter(world, drafts, risks, verdicts),
    limits,
  };
}

type Draft = Readonly<{ one: Case; kind: ChangeKind; access: readonly AccessDelta[]; risks: readonly Risk[] }>;

/** What should change for one person, before the gate. */
function draft(one: Case, world: World, top: string | undefined): Draft {
  const { observed, wanted } = one;
  const now = observed?.active ? rolesOf(one.holds, world) : new Map<string, string>();
  const removed = !wanted && observed?.linked === true && observed.active;
  if (!wanted && !removed) {
    const stale = one.known && observed?.linked && patchOf(one.account, observed.account).length > 0;
    return { one, kind: stale ? 'update' : 'none', access: [], risks: [] };
  }
  const access: AccessDelta[] = [];
  for (const community of [...new Set([...now.keys(), ...one.access.keys()])].sort()) {
    const from = now.get(community) ?? null;
    const to = one.access.get(community)?.role ?? null;
    if (from !== to) access.push({ community, from, to });
  }
  const base = { person: one.num, userName: one.account.userName };
  if (removed) {
    const administers = [...now].filter(([, role]) => role === top).map(([community]) => community);
    const risk: Risk = {
      ...base,
      kind: 'remove',
      community: '',
      from: '',
      to: null,
      lastAccess: true,
      groupGone: false,
      administers,
    };
    return { one, kind: 'remove', access, risks: [risk] };
  }
  const lower = (from: string, to: string | null) =>
    to === null || rankOf(world.mapping, to) < rankOf(world.mapping, from);
  const risks = access.flatMap(({ community, from, to }): Risk[] =>
    from !== null && lower(from, to)
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
          },
        ]
      : [],
  );
  return { one, kind: kindOf(one), access, risks };
}

function kindOf({ observed, account }: Case): ChangeKind {
  if (observed === undefined) return 'create';
  if (!observed.active) return 'reactivate';
  if (!observed.linked) return 'adopt';
  return patchOf(account, observed.account).length > 0 ? 'update' : 'none';
}

const plain = (account: Account): JsonObject => ({ ...account });
const patchBody = (operations: readonly PatchOperation[]): Json =>
  operations.map(({ op, path, value }) => ({ op, path, ...(value !== undefined && { value }) }));

/** Writes to the account itself, removal aside: attributes flow also while a removal is held (G7). */
function accountWrites(one: Case, kind: ChangeKind): Operation[] {
  const { observed, account, num } = one;
  const lane = `user:${num}`;
  if (kind === 'create') {
    const body = { account: plain(account) };
    return [{ kind: 'user.create', lane, person: num, body, takes: fold(account.userName) }];
  }
  if (observed === undefined || (!one.wanted && !one.known) || (!one.wanted && !observed.linked)) return [];
  const patch = patchOf(account, observed.account);
  if (kind === 'reactivate') patch.push({ op: 'replace', path: 'active', value: true });
  if (patch.length === 0) return [];
  const from = fold(observed.account.userName);
  const to = fold(account.userName);
  return [
    {
      kind: 'user.update',
      lane,
      person: num,
      body: { account: plain(account), was: plain(observed.account), patch: patchBody(patch) },
      ...(from !== to && { frees: from, takes: to }),
    },
  ];
}

function removalOf({ num, observed }: Case, policy: Policy): Operation {
  const lane = `user:${num}`;
  const body = observed === undefined ? {} : { was: plain(observed.account) };
  if (policy.removal === 'deactivate') return { kind: 'user.deactivate', lane, person: num, risk: 'remove', body };
  const frees = fold(observed?.account.userName ?? '');
  return { kind: 'user.delete', lane, person: num, risk: 'remove', body, frees };
}

/**
 * Memberships that should change. Where something is held in a community, what the person has there stays exactly as it
 * is; in managed mode nothing is added there either, since the role they keep already stands for the community.
 */
function membershipWrites(
  one: Case,
  kind: ChangeKind,
  removalHeld: boolean,
  heldIn: ReadonlySet<string>,
  deltas: readonly AccessDelta[],
  world: World,
): Operation[] {
  if (removalHeld || (!one.wanted && !one.observed?.linked)) return [];
  if (kind === 'remove' && world.policy.removal === 'delete') return []; // Steeple drops the memberships with the account
  const grants = (key: string) => world.targets.get(key)?.grants ?? [];
  const isHeld = (key: string) => grants(key).some(({ community }) => heldIn.has(community));
  const wanted = new Set(one.wanted ? one.targets : []);
  const has = new Set(one.holds);
  const add = [...wanted].filter((key) => !has.has(key) && !(world.mapping.mode === 'managed' && isHeld(key)));
  const remove = [...has].filter((key) => !wanted.has(key) && !isHeld(key));
  const write = (kind: 'member.add' | 'member.remove', key: string): Operation => {
    const communities = grants(key);
    const community = communities.length === 1 ? communities[0]?.community : undefined;
    return {
      kind,
      lane: `group:${key}`,
      person: one.num,
      target: key,
      body: {},
      ...(community !== undefined && { community }),
    };
  };
  const marked = remove.map((key): Operation => {
    const lost = deltas.find(
      ({ community, from, to }) =>
        from !== null &&
        (to === null || rankOf(world.mapping, to) < rankOf(world.mapping, from)) &&
        grants(key).some((grant) => grant.community === community && grant.role === from),
    );
    const operation = write('member.remove', key);
    // Leaving with a removal is counted once, as the removal.
    if (kind === 'remove' || lost?.from == null) return operation;
    return {
      ...operation,
      community: lost.community,
      risk: lost.to === null ? 'revoke' : 'downgrade',
      role: lost.from,
    };
  });
  return [...add.sort().map((key) => write('member.add', key)), ...marked.sort((a, b) => (a.lane < b.lane ? -1 : 1))];
}

/** Groups Steeple lacks, or has under another name. Groups are created empty, and filled once their people are there. */
function groupWrites(world: World): Operation[] {
  const writes: Operation[] = [];
  for (const target of world.targets.values()) {
    const group = world.groups.get(target.key);
    const base = { lane: `group:${target.key}`, target: target.key, body: { displayName: target.name } };
    if (target.standing !== 'wanted') continue;
    if (group === undefined) writes.push({ kind: 'group.create', ...base });
    else if (group.name !== target.name) writes.push({ kind: 'group.update', ...base });
  }
  return writes.sort((a, b) => (a.lane < b.lane ? -1 : 1));
}

const groupDeletes = (world: World): Operation[] =>
  [...world.targets.values()]
    .filter(({ key, standing }) => standing === 'gone' && world.groups.has(key))
    .map(({ key }) => ({ kind: 'group.delete', lane: `group:${key}`, target: key, body: {} }) satisfies Operation);

/**
 * Puts what frees a userName before what takes it (P4). People who pass names round in a ring block each other, so one of
 * each ring first steps aside to a name nobody has.
 */
function inNameOrder(writes: readonly Operation[], world: World): Operation[] {
  const byPerson = new Map(writes.map((write) => [write.person as number, write]));
  const ordered: Operation[] = [];
  const done = new Set<number>();
  const parked: Operation[] = [];
  for (const write of writes) {
    // Follow the names: who holds the one this write needs, who holds the one that write needs, and so on.
    const chain: Operation[] = [];
    const inChain = new Set<number>();
    let here: Operation | undefined = write;
    while (here && !done.has(here.person as number) && !inChain.has(here.person as number)) {
      chain.push(here);
      inChain.add(here.person as number);
      const holder: number | undefined = here.takes === undefined ? undefined : world.nameHolders.get(here.takes);
      const following: Operation | undefined =
        holder === undefined || holder === here.person ? undefined : byPerson.get(holder);
      here = following?.frees !== undefined ? following : undefined;
    }
    if (here && inChain.has(here.person as number)) parked.push(park(here));
    for (const link of chain.reverse()) {
      ordered.push(link);
      done.add(link.person as number);
    }
  }
  return [...parked, ...ordered];
}

/** The parking name keeps the shape of the old one (often an e-mail address), and cannot belong to anybody else. */
function park(write: Operation): Operation {
  const name = `parked-${write.person}.${write.frees ?? ''}`;
  return {
    kind: 'user.update',
    lane: write.lane,
    ...(write.person !== undefined && { person: write.person }),
    body: {
      was: write.body.was ?? null,
      park: name,
      patch: patchBody([{ op: 'replace', path: 'userName', value: name }]),
    },
    ...(write.frees !== undefined && { frees: write.frees }),
    takes: fold(name),
  };
}

/** Which items to open, and which to close because what they were about is gone. */
function itemsAfter(
  world: World,
  drafts: readonly Draft[],
  risks: readonly Risk[],
  verdicts: ReadonlyMap<string, Verdict>,
): Pick<Decision, 'opens' | 'ends'> {
  const opens = risks.flatMap((risk): NewItem[] => {
    const verdict = verdicts.get(riskKey(risk));
    return verdict && !verdict.go && !verdict.item ? [{ risk, rule: verdict.rule, why: verdict.why }] : [];
  });
  const byKey = new Map(risks.map((risk) => [riskKey(risk), risk]));
  const cases = new Map(drafts.map((one) => [one.one.num, one]));
  const ends = [...world.items].flatMap(([key, item]): ItemEnd[] => {
    const about = cases.get(item.person);
    if (about === undefined) return []; // not in front of us this time
    const risk = byKey.get(key);
    if (risk && matches(item, risk)) return [];
    return [{ id: item.id, state: item.state === 'approved' && hasLeft(item, about, world) ? 'sent' : 'withdrawn' }];
  });
  return { opens, ends };
}

/** Whether an approved change is no longer owed because it was carried out, rather than because the source undid it. */
function hasLeft(item: OpenItem, { one }: Draft, world: World): boolean {
  if (item.kind === 'remove') return !one.wanted && !one.observed?.active;
  const now = one.observed?.active ? rolesOf(one.holds, world).get(item.community) : undefined;
  return (now ?? null) === item.to && (one.access.get(item.community)?.role ?? null) === item.to;
}

export const managedTargets = (access: Access): string[] =>
  [...access.values()].map(({ community, role }) => pairKey(community, role)).sort();
