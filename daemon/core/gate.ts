/**
 * The gate: decides which changes may leave for Steeple, and which wait for a person.
 *
 * Pure. It judges risks: a person removed, access to a community revoked, a role downgraded. Everything else is none of
 * its business and flows, also for a person who has something held (G7). The state of an item a person must decide on:
 *
 *            approve, stand    it left
 *   held ───────────▶ approved ────────▶ sent
 *    │ ▲ keep   undo │ lapse
 *    │ ╰──── kept ◀──╯      any open state ──▶ withdrawn   when the source undoes the change (G5)
 *       undo, return
 *
 * `stand` is a standing approval that covers it (core/standing.ts), `lapse` one that does so no more before it left;
 * `return` comes at the date until which somebody kept it.
 *
 * Laws (test/gate.test.ts): G3 a removal leaves only by approval; G4 a kept item stays kept until the source changes its
 * mind; G5 an undone change closes its item; G6 limits (core/limits.ts); G7 the rest flows. What is sent, and in which
 * order: core/plan.ts. When nothing destructive is sent at all: core/quiet.ts.
 */

import type { PlanLimit } from '../contract/plan.ts';
import type { GateRule, Policy } from '../contract/policy.ts';
import type { HeldKind, HeldState } from '../contract/review.ts';
import { fold } from './directory.ts';
import { type Counts, groupLimits, kindLimits, type Leaving, type LimitScope, tripped } from './limits.ts';
import { say } from './saying.ts';
import { standingFor } from './standing.ts';

export type RiskKind = HeldKind;
/** One thing that would be taken from one person. `community` is '' for 'remove', which is about all of them. */
export type Risk = Readonly<{
  person: number;
  userName: string;
  source: string;
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
  /** The mapped groups it takes them out of, as core/limits.ts counts them. */
  groups: readonly string[];
  /** What they lose, as a person reads it. */
  roles: readonly Readonly<{ community: string; role: string }>[];
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
  since: number;
  decidedAt: number | null;
  /** The standing approval by which it is approved; null: by a person. */
  standing: string | null;
}>;
/** What the gate must know of the world beyond the risks in front of it. */
export type Circumstances = Readonly<{
  policy: Policy;
  now: number;
  /** Only a few people are in front of the gate: where none of them loses anything, nobody asks for the limits. */
  few?: boolean;
  /**
   * By scope, '' for everybody: people of the sources it counts, and what left of theirs. A source without limits of its
   * own counts with everybody.
   */
  counts: Pick<ReadonlyMap<LimitScope, Counts>, 'get'>;
  /** Who of others left a group in the last 24 hours, or is on the way out of it, by group. */
  departedFrom: Pick<ReadonlyMap<string, number>, 'get'>;
  /** Who is removed besides, and waits whatever is found here (core/takeback.ts). */
  leaving?: Leaving;
  /** Head-count in Steeple now, by group. */
  holders: Pick<ReadonlyMap<string, number>, 'get'>;
  /**
   * Holders of the top role by community: in Steeple now, less those whose loss of it is on its way already; and those
   * this world newly gives it to.
   */
  administrators: Pick<ReadonlyMap<string, number>, 'get'>;
  newAdministrators: Pick<ReadonlyMap<string, number>, 'get'>;
  /** Why a person is protected, beyond being named in the policy: by a group, or by the filter. */
  protects: Pick<ReadonlyMap<number, string>, 'get'>;
  /** Sources that shrank, and when that was noticed. */
  alarms: ReadonlyMap<string, Readonly<{ raisedAt: number; why: string }>>;
  /** What others have used of a standing approval in the last 24 hours, or are about to. */
  standingUsed: Pick<ReadonlyMap<string, number>, 'get'>;
}>;
export type Verdict =
  | Readonly<{ go: true; item?: OpenItem }>
  | Readonly<{
      go: false;
      rule: GateRule;
      why: string;
      item?: OpenItem;
      /** The standing approval that covers it: from the next plan on it may leave. */
      stand?: string;
      /** It was covered by a standing approval, and is no more. */
      lapse?: true;
    }>;
export type Hold = Readonly<{ rule: GateRule; why: string }>;

export const riskKey = (risk: Readonly<{ person: number; kind: RiskKind; community: string }>): string =>
  `${risk.person} ${risk.kind} ${risk.community}`;
export const pair = (community: string, role: string): string => `${community}\0${role}`;

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
  const byKind = given.few && risks.length === 0 ? new Map<string, PlanLimit>() : kindLimits(leaving, given);
  const byGroup = groupLimits(leaving, given);
  const lonely = communitiesLeftAlone(leaving, given);
  const protectedNames = new Set(given.policy.protected.map(fold));
  const isFirm = (risk: Risk) => holdsOn(risk).some(({ rule }) => !soft.has(rule));
  const covered = standingFor(leaving, (risk) => itemFor(risk, items), isFirm, given);

  const verdicts = new Map<string, Verdict>();
  for (const risk of risks) verdicts.set(riskKey(risk), verdictOn(risk));
  const limits = [...byKind.values(), ...[...byGroup].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, limit]) => limit)];
  return { verdicts, limits };

  function verdictOn(risk: Risk): Verdict {
    const item = itemFor(risk, items);
    const stand = covered.get(riskKey(risk));
    if (item?.state === 'approved') {
      if (item.standing !== null)
        return item.standing === stand ? { go: true, item } : { go: false, ...ruleOf(item), item, lapse: true };
      // Whoever approves after the alarm has seen it; what was approved before waits until it is cleared.
      const alarm = given.alarms.get(risk.source);
      return alarm && (item.decidedAt ?? 0) <= alarm.raisedAt
        ? { go: false, rule: 'source-shrank', why: alarm.why, item }
        : { go: true, item };
    }
    const hold = item ? ruleOf(item) : holdsOn(risk)[0];
    if (hold === undefined) return { go: true };
    return { go: false, ...hold, ...(item && { item }), ...(stand !== undefined && { stand }) };
  }

  /** Every rule that asks for a person, the one to name first. */
  function holdsOn(risk: Risk): Hold[] {
    const holds: Hold[] = [];
    const hold = (rule: GateRule, why: string) => holds.push({ rule, why });
    if (protectedNames.has(fold(risk.userName))) hold('protected', say('hold.protected'));
    const protection = given.protects.get(risk.person);
    if (protection !== undefined) hold('protected', protection);
    const alarm = given.alarms.get(risk.source);
    if (alarm) hold('source-shrank', alarm.why);
    const alone = risk.administers.filter((community) => lonely.has(community));
    const communities = alone.join(', ');
    if (risk.kind === 'remove')
      hold('removal', alone.length > 0 ? say('hold.removal-alone', { communities }) : say('hold.removal'));
    if (alone.length > 0) hold('last-administrator', say('hold.last-administrator', { communities }));
    if (risk.kind !== 'remove' && risk.lastAccess) hold('last-access', say('hold.last-access'));
    if (risk.groupGone) hold('group-gone', say('hold.group-gone'));
    return [...holds, ...tripped(risk, byKind, byGroup, given)];
  }
}

/** The rules that a standing approval can answer; no other. */
const soft: ReadonlySet<GateRule> = new Set(['removal', 'last-access']);
const ruleOf = ({ rule, why }: OpenItem): Hold => ({ rule, why });

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

export type Event = 'approve' | 'keep' | 'undo' | 'stand' | 'lapse' | 'return' | 'withdraw' | 'leave';
/** The whole state machine of an item; `undefined` is a refusal. */
export function next(state: HeldState, event: Event): HeldState | undefined {
  const table: Readonly<Record<Event, Partial<Record<HeldState, HeldState>>>> = {
    approve: { held: 'approved', kept: 'approved' },
    keep: { held: 'kept', approved: 'kept' },
    undo: { approved: 'held', kept: 'held' },
    stand: { held: 'approved' },
    lapse: { approved: 'held' },
    return: { kept: 'held' },
    withdraw: { held: 'withdrawn', approved: 'withdrawn', kept: 'withdrawn' },
    leave: { approved: 'sent' },
  };
  return table[event][state];
}
