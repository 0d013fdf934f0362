/**
 * What loosens the policy: lets something leave that waited before, or waits for fewer people. Under the two-person rule
 * that takes two (G8).
 *
 * Pure. When in doubt it loosens: a change that this file does not understand is one.
 */
import type { Policy } from '../contract/policy.ts';

type Judge<K extends keyof Policy> = (before: Policy[K], after: Policy[K]) => boolean;
const more = (before: number, after: number): boolean => after > before;
const less = (before: number, after: number): boolean => after < before;
const never = () => false;
const fewer = (before: readonly string[], after: readonly string[]): boolean =>
  before.some((one) => !after.includes(one));
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
/** An override tightens only where it was there already and all its numbers are as they were or lower. */
function looser(
  before: Readonly<Record<string, Readonly<Record<string, number | undefined>>>>,
  after: Readonly<Record<string, Readonly<Record<string, number | undefined>>>>,
): boolean {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].some((key) => {
    const [was, is] = [before[key], after[key]];
    if (same(was, is)) return false;
    if (was === undefined || is === undefined) return true;
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].some((name) => {
      const [from, to] = [was[name], is[name]];
      return from !== to && (from === undefined || to === undefined || to > from);
    });
  });
}

const judges: Readonly<{ [K in keyof Policy]: Judge<K> }> = {
  removal: (before, after) => before === 'deactivate' && after === 'delete',
  limitPercent: more,
  limitCap: more,
  limitFloor: more,
  groupPercent: more,
  groupOver: more,
  sourceLimits: looser,
  communityLimits: looser,
  protected: fewer,
  protectedGroups: fewer,
  protectedFilter: (before, after) => before !== '' && before !== after,
  shrinkPercent: more,
  shrinkFloor: more,
  shrinkOver: more,
  shrinkMinutes: (before, after) =>
    less(before.entra, after.entra) || less(before.okta, after.okta) || less(before.scim, after.scim),
  quietHours: (before, after) => before.some((one) => !after.some((other) => same(one, other))),
  standing: (before, after) => after.some((one) => !before.some((other) => same(one, other))),
  twoPerson: (before, after) => before && !after,
  membersPerPatch: never,
  inFlight: never,
  deliveryDays: never, // what is forgotten is over, and the journal has why
  journalDays: never, // what leaves the database is in the archive, and the chain goes on
  driftEveryHours: never,
  // What it restores goes through the gate like everything else.
  drift: never,
};

/** Whether going from one policy to the other loosens anything. */
export function loosens(before: Policy, after: Policy): boolean {
  const check = <K extends keyof Policy>(key: K) => judges[key](before[key], after[key]);
  return (Object.keys(judges) as (keyof Policy)[]).some(check);
}
