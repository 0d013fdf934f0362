/**
 * How an item was when somebody looked at it, and what of that has changed since. A decision made on an old view counts
 * only where nothing has (G9).
 *
 * Pure.
 */
import type { HeldItem } from '../contract/review.ts';
import { say } from './saying.ts';

type Role = HeldItem['access'][number];
export type Mark = Readonly<{
  state: string;
  change: readonly [kind: string, community: string | null, from: string | null, to: string | null];
  rule: string;
  /** Who approved first, where two are needed; null: nobody. */
  first: string | null;
  access: readonly (readonly [community: string, role: string])[];
  /** How often somebody had decided about it; a bundle of an earlier version does not say. */
  decisions?: number;
}>;

const inOrder = (access: readonly Role[]) =>
  access
    .map(({ community, role }): [string, string] => [community, role])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

export const markOf = (
  { state, kind, community, from, to, rule, decidedBy, access }: HeldItem,
  decisions: number,
): Mark => ({
  state,
  change: [kind, community, from, to],
  rule,
  first: decidedBy,
  access: inOrder(access),
  decisions,
});

const roles = (access: Mark['access']): string =>
  access.map(([community, role]) => `${community}: ${role}`).join(', ') || 'nothing';
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What has changed since, in words; nothing where the item is as it was. */
export function changedSince(before: Mark, item: HeldItem, decisions: number): string | undefined {
  const now = markOf(item, decisions);
  if (now.state !== before.state) {
    const states = { state: now.state, before: before.state };
    if (now.state === 'withdrawn') return say('changed.withdrawn');
    return item.decidedBy === null
      ? say('changed.state', states)
      : say('changed.state-by', { ...states, by: item.decidedBy });
  }
  if (!same(now.change, before.change)) return say('changed.another');
  if (now.rule !== before.rule) return say('changed.rule', { rule: now.rule, before: before.rule });
  if (now.first !== before.first)
    return now.first === null ? say('changed.first-gone') : say('changed.first', { by: now.first });
  if (!same(now.access, before.access))
    return say('changed.access', { access: roles(now.access), before: roles(before.access) });
  // Also where all was taken back: whoever did that has decided, and a file brought once more is no new decision.
  if (before.decisions !== undefined && now.decisions !== before.decisions) return say('changed.decided');
  return undefined;
}
