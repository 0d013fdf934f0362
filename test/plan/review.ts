/** Held items from one decision to the next, as the store carries them: opened, decided by a person, ended. */
import { expect } from 'vitest';
import { type Event, next, type OpenItem, type OpenState, riskKey } from '../../daemon/core/gate.ts';
import type { Decision } from '../../daemon/core/plan.ts';

export function followed(items: readonly OpenItem[], { opens, ends }: Pick<Decision, 'opens' | 'ends'>): OpenItem[] {
  const ended = new Set(ends.map(({ id }) => id));
  const open = items.filter(({ id }) => !ended.has(id));
  const last = Math.max(0, ...items.map(({ id }) => id));
  for (const [at, { risk, rule, why }] of opens.entries()) {
    const { person, kind, community, from, to } = risk;
    open.push({
      id: last + 1 + at,
      person,
      kind,
      community,
      from,
      to,
      state: 'held',
      rule,
      why,
      since: 0,
      decidedAt: null,
      standing: null,
    });
  }
  // The store has one open item for each change (a unique index).
  expect(new Set(open.map(riskKey)).size).toBe(open.length);
  return open;
}

/** A person's decision; what the state machine refuses changes nothing. */
export function decided(
  items: readonly OpenItem[],
  at: number,
  event: Extract<Event, 'approve' | 'keep' | 'undo'>,
): OpenItem[] {
  const chosen = items[at % Math.max(1, items.length)];
  const state = chosen && next(chosen.state, event);
  if (!chosen || !state) return [...items];
  return items.map((item) => (item === chosen ? { ...item, state: state as OpenState } : item));
}
export const allApproved = (items: readonly OpenItem[]): OpenItem[] =>
  items.map((item) => ({ ...item, state: 'approved' as const }));
