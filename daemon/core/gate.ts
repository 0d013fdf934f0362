/**
 * The gate: decides which changes may leave for Steeple, and which wait for a person.
 *
 * Pure. It judges risks: a person removed, access to a community revoked, a role downgraded. Everything else is none of
 * its business and flows, also for a person who has something held (G7). The state of an item a person must decide on:
 *
 *            approve           it left
 *   held ───────────▶ approved ────────▶ sent
 *    │ ▲ keep   undo │
 *    │ ╰──── kept ◀──╯      any open state ──▶ withdrawn   when the source undoes the change (G5)
 *
 * Laws (test/gate.test.ts): G3 a removal leaves only by approval; G4 a kept item stays kept until the source changes its
 * mind; G5 an undone change closes its item; G6 limits; G7 the rest flows. What is sent, and in which order: core/plan.ts.
 */

import type { PlanLimit } from '../contract/plan.ts';
import type { GateRule, Policy } from '../contract/policy.ts';
import type { HeldState } from '../contract/review.ts';
import { fold } from './directory.ts';

export type RiskKind = 'remove' | 'revoke' | 'downgrade';
/** One thing that would be taken from one person. `community` is '' for 'remove', which is about all of them. */
export type Risk = Readonly<{
  person: number;
  userName: string;
  kind: RiskKind;
  community: string;
  from: string;
  to: string | null;
  /** After this and the person's other changes nothing would be left of their access. */
  lastAccess: boolean;
  /** A linked group that gave it is deleted, or empty. */
  groupGone: boolean;
  /** The communities whose top role it takes: for 'remove' every one they administer. */
  administers: readonly string[];
}>;
export type OpenState = Extract<HeldState, 'held' | 'approved' | 'kept'>;
export type OpenItem = Readonly<{
  id: number;
  person: number;
  kind: RiskKind;
  community: string;
  from: string;
  to: string | null;
  state: OpenState;
  rule: GateRule;
  why: string;
}>;
/** What the gate must know of the world beyond the risks in front of it. */
export type Circumstances = Readonly<{
  policy: Policy;
  activePeople: number;
  /** Risks of others that left in the last 24 hours or are on their way, by kind. */
  departed: Readonly<Record<RiskKind, number>>;
  /** The same by pair, as `community\0role`. */
  departedFrom: Pick<ReadonlyMap<string, number>, 'get'>;
  /** Head-count in Steeple now, by pair. */
  holders: Pick<ReadonlyMap<string, number>, 'get'>;
  /**
   * Holders of the top role by community: in Steeple now, less those whose loss of it is on its way already; and those
   * this world newly gives it to.
   */
  administrators: Pick<ReadonlyMap<string, number>, 'get'>;
  newAdministrators: ReadonlyMap<string, number>;
}>;
export type Verdict =
  | Readonly<{ go: true; item?: OpenItem }>
  | Readonly<{ go: false; rule: GateRule; why: string; item?: OpenItem }>;

export const riskKey = (risk: Readonly<{ person: number; kind: RiskKind; community: string }>): string =>
  `${risk.person} ${risk.kind} ${risk.community}`;
export const pair = (community: string, role: string): string => `${community}\0${role}`;

/** The most of a kind that may leave in 24 hours: the smaller of percentage and cap, never under the floor. */
export function limitOf(policy: Policy, activePeople: number): number {
  const share = Math.floor((policy.limitPercent * activePeople) / 100);
  return Math.max(policy.limitFloor, Math.min(share, policy.limitCap));
}

/** An item stands for a risk only while it is about the same change: another role is another decision. */
export const matches = (item: OpenItem, risk: Risk): boolean => item.from === risk.from && item.to === risk.to;

/** The open item that stands for a risk, if any. */
export function itemFor(risk: Risk, items: ReadonlyMap<string, OpenItem>): OpenItem | undefined {
  const item = items.get(riskKey(risk));
  return item && matches(item, risk) ? item : undefined;
}

/** Judges all risks of one world together, since limits count them together. */
export function judge(
  risks: readonly Risk[],
  items: ReadonlyMap<string, OpenItem>,
  given: Circumstances,
): { verdicts: ReadonlyMap<string, Verdict>; limits: readonly PlanLimit[] } {
  // What a person decided to keep is not on its way out, and does not count.
  const leaving = risks.filter((risk) => itemFor(risk, items)?.state !== 'kept');
  const byKind = kindLimits(leaving, given);
  const byPair = groupLimits(leaving, given);
  const lonely = communitiesLeftAlone(leaving, given);
  const protectedNames = new Set(given.policy.protected.map(fold));

  const verdicts = new Map<string, Verdict>();
  for (const risk of risks) {
    const item = itemFor(risk, items);
    if (item?.state === 'approved') verdicts.set(riskKey(risk), { go: true, item });
    else if (item) verdicts.set(riskKey(risk), { go: false, rule: item.rule, why: item.why, item });
    else {
      const hold = ruleFor(risk);
      verdicts.set(riskKey(risk), hold ? { go: false, ...hold } : { go: true });
    }
  }
  const limits = [...byKind.values(), ...[...byPair].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, limit]) => limit)];
  return { verdicts, limits };

  function ruleFor(risk: Risk): { rule: GateRule; why: string } | undefined {
    if (protectedNames.has(fold(risk.userName))) return { rule: 'protected', why: 'This account is protected' };
    const alone = risk.administers.filter((community) => lonely.has(community));
    const leftAlone = `${alone.join(', ')} would be left without an administrator`;
    if (risk.kind === 'remove') {
      const why = 'Every removal from Steeple waits for a person';
      return { rule: 'removal', why: alone.length > 0 ? `${why}, and ${leftAlone}` : why };
    }
    if (alone.length > 0) return { rule: 'last-administrator', why: leftAlone };
    if (risk.lastAccess) return { rule: 'last-access', why: 'It is the last access this person has' };
    if (risk.groupGone) return { rule: 'group-gone', why: 'The group that gave it is deleted or empty' };
    const kind = byKind.get(risk.kind);
    if (kind?.tripped)
      return { rule: 'limit', why: `${kind.count} such changes in 24 hours, and the limit is ${kind.limit}` };
    const group = byPair.get(pair(risk.community, risk.from));
    if (group?.tripped)
      return {
        rule: 'group-limit',
        why: `${group.count} people leave ${group.scope} in 24 hours, and the limit is ${group.limit}`,
      };
    return undefined;
  }
}

function kindLimits(
  risks: readonly Risk[],
  { policy, activePeople, departed }: Circumstances,
): ReadonlyMap<RiskKind, PlanLimit> {
  const limit = limitOf(policy, activePeople);
  return new Map(
    (['remove', 'revoke', 'downgrade'] as const).map((kind) => {
      const count = departed[kind] + risks.filter((risk) => risk.kind === kind).length;
      return [kind, { kind, scope: 'everybody', count, limit, tripped: count > limit }];
    }),
  );
}

/** By pair. A removal leaves groups too, but is held whatever the group. */
function groupLimits(
  risks: readonly Risk[],
  { policy, holders, departedFrom }: Circumstances,
): ReadonlyMap<string, PlanLimit> {
  const leaving = Map.groupBy(
    risks.filter(({ kind }) => kind !== 'remove'),
    ({ community, from }) => pair(community, from),
  );
  const limits = new Map<string, PlanLimit>();
  for (const [key, some] of leaving) {
    const gone = departedFrom.get(key) ?? 0;
    const size = (holders.get(key) ?? 0) + gone; // as it was before anybody left
    if (size <= policy.groupOver) continue;
    const limit = Math.floor((policy.groupPercent * size) / 100);
    const count = gone + some.length;
    limits.set(key, { kind: 'group', scope: key.replace('\0', ' '), count, limit, tripped: count > limit });
  }
  return limits;
}

/** Communities whose administrators would all be gone if everything in front of us left. */
function communitiesLeftAlone(
  risks: readonly Risk[],
  { administrators, newAdministrators }: Circumstances,
): Set<string> {
  const losing = new Map<string, number>();
  for (const { administers } of risks)
    for (const community of administers) losing.set(community, (losing.get(community) ?? 0) + 1);
  const alone = [...losing].filter(([community, lost]) => {
    const before = administrators.get(community) ?? 0;
    return before - lost + (newAdministrators.get(community) ?? 0) <= 0;
  });
  return new Set(alone.map(([community]) => community));
}

export type Event = 'approve' | 'keep' | 'undo' | 'withdraw' | 'leave';
/** The whole state machine of an item; `undefined` is a refusal. */
export function next(state: HeldState, event: Event): HeldState | undefined {
  const table: Readonly<Record<Event, Partial<Record<HeldState, HeldState>>>> = {
    approve: { held: 'approved', kept: 'approved' },
    keep: { held: 'kept', approved: 'kept' },
    undo: { approved: 'held', kept: 'held' },
    withdraw: { held: 'withdrawn', approved: 'withdrawn', kept: 'withdrawn' },
    leave: { approved: 'sent' },
  };
  return table[event][state];
}
