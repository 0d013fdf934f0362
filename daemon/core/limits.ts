/**
 * The limits of the rolling 24 hours (G6): by kind of change, for everybody and for each source that has limits of its own;
 * and by mapped group.
 *
 * Pure. A mapped group is the group in Steeple that gives the role: in managed mode the one the relay keeps for a pair, as
 * `pair(community, role)`, so that leaving one of two provider groups that feed it counts for nothing; in mirror mode the
 * provider's own group, since the link is on that. Everybody who leaves counts, whether their change waits or not.
 */
import type { PlanLimit } from '../contract/plan.ts';
import type { GateRule, Policy } from '../contract/policy.ts';
import type { Circumstances, Risk, RiskKind } from './gate.ts';
import { say } from './saying.ts';

/** Active people, and what left in the last 24 hours of those who are not in front of the gate, or is on its way. */
export type Counts = Readonly<{ activePeople: number; departed: Readonly<Record<RiskKind, number>> }>;
type Limits = Pick<Policy, 'limitPercent' | 'limitCap' | 'limitFloor'>;
/** Others who are removed and wait for a person anyway, so that nobody judges them: by source, and by mapped group. */
export type Leaving = Readonly<Record<'sources' | 'groups', ReadonlyMap<string, number>>>;
/** Where a limit counts: a source with limits of its own, or '' for all the others together. */
export type LimitScope = string;

export const scopeOf = (policy: Policy, source: string): LimitScope =>
  Object.hasOwn(policy.sourceLimits, source) ? source : '';

/** The most of a kind that may leave in 24 hours: the smaller of percentage and cap, never under the floor. */
export function limitOf({ limitPercent, limitCap, limitFloor }: Limits, activePeople: number): number {
  return Math.max(limitFloor, Math.min(Math.floor((limitPercent * activePeople) / 100), limitCap));
}

/** What is left out of an override is as for everybody. A key may be there without a value. */
function over<T extends object>(base: T, some: Readonly<{ [K in keyof T]?: T[K] | undefined }> | undefined): T {
  const stated = Object.entries(some ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(stated) };
}
export const limitsOf = (policy: Policy, scope: LimitScope): Limits => over<Limits>(policy, policy.sourceLimits[scope]);
export const groupLimitsOf = (policy: Policy, community: string): Pick<Policy, 'groupPercent' | 'groupOver'> =>
  over<Pick<Policy, 'groupPercent' | 'groupOver'>>(policy, policy.communityLimits[community]);

const limitKey = (scope: LimitScope, kind: RiskKind): string => JSON.stringify([scope, kind]);
const kinds = ['remove', 'revoke', 'downgrade'] as const;

/** By scope and kind; those for everybody are always there. */
export function kindLimits(
  risks: readonly Risk[],
  { policy, counts, leaving }: Pick<Circumstances, 'policy' | 'counts' | 'leaving'>,
): ReadonlyMap<string, PlanLimit> {
  const others = [...(leaving?.sources ?? [])];
  const scopes = ['', ...Object.keys(policy.sourceLimits).sort()];
  return new Map(
    scopes.flatMap((scope) => {
      const { activePeople, departed } = counts.get(scope) ?? nobody;
      const limit = limitOf(limitsOf(policy, scope), activePeople);
      return kinds.map((kind): [string, PlanLimit] => {
        const here = risks.filter((risk) => risk.kind === kind && scopeOf(policy, risk.source) === scope).length;
        const more = kind === 'remove' ? others.filter(([source]) => scopeOf(policy, source) === scope) : [];
        const count = more.reduce((sum, [, some]) => sum + some, departed[kind] + here);
        return [limitKey(scope, kind), { kind, scope: scope || 'everybody', count, limit, tripped: count > limit }];
      });
    }),
  );
}
const nobody: Counts = { activePeople: 0, departed: { remove: 0, revoke: 0, downgrade: 0 } };

/** By group, and by the community whose override counts: a mirrored group may give roles in several. */
export function groupLimits(
  risks: readonly Risk[],
  { policy, holders, departedFrom, leaving }: Pick<Circumstances, 'policy' | 'holders' | 'departedFrom' | 'leaving'>,
): ReadonlyMap<string, PlanLimit> {
  const left = new Map<string, { people: Set<number>; communities: Set<string>; others: number }>();
  function leave(group: string, community: string) {
    const known = left.get(group) ?? { people: new Set(), communities: new Set(), others: 0 };
    left.set(group, known);
    known.communities.add(communityOf(group) ?? community);
    return known;
  }
  for (const { groups, person, community } of risks)
    for (const group of groups) leave(group, community).people.add(person);
  for (const [group, count] of leaving?.groups ?? []) leave(group, '').others = count;
  const limits = new Map<string, PlanLimit>();
  for (const [group, { people, communities, others }] of left) {
    const gone = departedFrom.get(group) ?? 0;
    const size = (holders.get(group) ?? 0) + gone; // as it was before anybody left
    // Of several communities the strictest counts.
    const strictest = [...communities]
      .map((community) => groupLimitsOf(policy, community))
      .filter(({ groupOver }) => size > groupOver)
      .map(({ groupPercent }) => Math.floor((groupPercent * size) / 100));
    if (strictest.length === 0) continue;
    const limit = Math.min(...strictest);
    const count = gone + people.size + others;
    limits.set(group, { kind: 'group', scope: group.replace('\0', ' '), count, limit, tripped: count > limit });
  }
  return limits;
}
/** The community of a managed group; nothing where a group is a mirrored one. */
const communityOf = (group: string): string | undefined => (group.includes('\0') ? group.split('\0')[0] : undefined);

/** The limits that a risk runs into. */
export function tripped(
  risk: Risk,
  byKind: ReadonlyMap<string, PlanLimit>,
  byGroup: ReadonlyMap<string, PlanLimit>,
  { policy }: Pick<Circumstances, 'policy'>,
): { rule: GateRule; why: string }[] {
  const holds: { rule: GateRule; why: string }[] = [];
  const scope = scopeOf(policy, risk.source);
  const kind = byKind.get(limitKey(scope, risk.kind));
  if (kind?.tripped) {
    const { count, limit } = kind;
    const why =
      scope === '' ? say('hold.limit', { count, limit }) : say('hold.source-limit', { count, source: scope, limit });
    holds.push({ rule: 'limit', why });
  }
  for (const key of risk.groups) {
    const group = byGroup.get(key);
    if (group?.tripped)
      holds.push({
        rule: 'group-limit',
        why: say('hold.group-limit', { count: group.count, group: group.scope, limit: group.limit }),
      });
  }
  return holds;
}
