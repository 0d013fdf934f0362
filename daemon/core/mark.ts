/**
 * How an item was when somebody looked at it, and what of that has changed since. A decision made on an old view counts
 * only where nothing has (G9).
 *
 * Pure.
 */
import type { HeldItem } from '../contract/review.ts';

type Role = HeldItem['access'][number];
export type Mark = Readonly<{
  state: string;
  change: readonly [kind: string, community: string | null, from: string | null, to: string | null];
  rule: string;
  /** Who approved first, where two are needed; null: nobody. */
  first: string | null;
  access: readonly (readonly [community: string, role: string])[];
}>;

const inOrder = (access: readonly Role[]) =>
  access
    .map(({ community, role }): [string, string] => [community, role])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

export const markOf = ({ state, kind, community, from, to, rule, decidedBy, access }: HeldItem): Mark => ({
  state,
  change: [kind, community, from, to],
  rule,
  first: decidedBy,
  access: inOrder(access),
});

const roles = (access: Mark['access']): string =>
  access.map(([community, role]) => `${community}: ${role}`).join(', ') || 'nothing';
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What has changed since, in words; nothing where the item is as it was. */
export function changedSince(before: Mark, item: HeldItem): string | undefined {
  const now = markOf(item);
  if (now.state !== before.state) {
    const by = item.decidedBy === null ? '' : ` by ${item.decidedBy}`;
    return now.state === 'withdrawn'
      ? 'The source has taken the change back, so there is nothing to decide any more'
      : `It is ${now.state}${by} since, and was ${before.state}`;
  }
  if (!same(now.change, before.change)) return 'It is about another change now';
  if (now.rule !== before.rule) return `It waits under another rule now (${now.rule}, and was ${before.rule})`;
  if (now.first !== before.first)
    return now.first === null ? 'Its first approval was taken back since' : `${now.first} has approved it since`;
  if (!same(now.access, before.access))
    return `What they hold in Steeple has changed: now ${roles(now.access)}; it was ${roles(before.access)}`;
  return undefined;
}
