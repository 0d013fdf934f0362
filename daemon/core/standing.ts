/**
 * Standing approvals: what a named person allowed to leave without being asked each time, inside its limits (G3).
 *
 * Pure. One answers only the rules 'removal' and 'last-access', and only where no other rule would hold the change: never
 * for a protected account, a last administrator, an emptied group, a source that shrank, or beyond a limit of G6. When
 * more is due than it allows in 24 hours, none of it leaves by itself; what it let go before stays let go.
 */
import type { StandingApproval } from '../contract/policy.ts';
import type { Circumstances, OpenItem, Risk } from './gate.ts';

export const dayMs = 86_400_000;

export const inForce = ({ until, enabledAt }: StandingApproval, now: number): boolean =>
  now < until && enabledAt <= now;

/** Whether it speaks of such a change at all, whenever it may leave. */
export const speaksOf = ({ kinds, sources }: StandingApproval, risk: Pick<Risk, 'kind' | 'source'>): boolean =>
  kinds.some((kind) => kind === risk.kind) && (sources.length === 0 || sources.includes(risk.source));

/** From when on an item that waits since `since` may leave by itself. Days of grace run from when it was enabled at the earliest. */
export const dueAt = ({ afterDays, enabledAt }: StandingApproval, since: number): number =>
  Math.max(since, afterDays === 0 ? since : enabledAt) + afterDays * dayMs;

/** By risk, the standing approval that covers it now; absent where none does. */
export function standingFor(
  risks: readonly Risk[],
  itemOf: (risk: Risk) => OpenItem | undefined,
  isFirm: (risk: Risk) => boolean,
  { policy, now, standingUsed }: Pick<Circumstances, 'policy' | 'now' | 'standingUsed'>,
): ReadonlyMap<string, string> {
  const covered = new Map<string, string>();
  const standing = policy.standing.filter((one) => inForce(one, now));
  if (standing.length === 0) return covered;
  const due = new Map<string, Risk[]>();
  for (const risk of risks) {
    const item = itemOf(risk);
    if (item?.state === 'approved' && item.standing === null) continue; // a person has decided
    if (item && item.rule !== 'removal' && item.rule !== 'last-access') continue;
    if (risk.kind === 'revoke' && !risk.lastAccess) continue;
    if (isFirm(risk)) continue;
    const mine = standing.filter((one) => speaksOf(one, risk));
    // What one let go it goes on covering; else the first that is due.
    const one = item?.standing
      ? mine.find(({ id }) => id === item.standing)
      : mine.find((candidate) => dueAt(candidate, item?.since ?? now) <= now);
    if (one) due.set(one.id, [...(due.get(one.id) ?? []), risk]);
  }
  for (const { id, upTo } of standing) {
    const some = due.get(id) ?? [];
    const isNew = (risk: Risk) => itemOf(risk)?.standing !== id;
    const room = (standingUsed.get(id) ?? 0) + some.length <= upTo;
    for (const risk of some) if (room || !isNew(risk)) covered.set(`${risk.person} ${risk.kind} ${risk.community}`, id);
  }
  return covered;
}

/** When a held item leaves by itself unless somebody keeps it; null where no standing approval speaks of it before it ends. */
export function leavesAt(
  standing: readonly StandingApproval[],
  item: Pick<Risk, 'kind' | 'source'> & Readonly<{ rule: string; since: number }>,
  now: number,
): number | null {
  if (item.rule !== 'removal' && item.rule !== 'last-access') return null;
  const due = standing
    .filter((one) => inForce(one, now) && speaksOf(one, item) && dueAt(one, item.since) < one.until)
    .map((one) => dueAt(one, item.since));
  return due.length === 0 ? null : Math.min(...due);
}
