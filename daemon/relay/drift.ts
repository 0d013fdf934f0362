/** The use cases about drift: what somebody changed in Steeple, and a choice for each (G8). */
import type { Handlers } from '../contract/admin.ts';
import type { driftCalls } from '../contract/drift.ts';
import type { DriftWatch } from '../drift.ts';
import type { Drifts } from '../store/drifts.ts';

export type DriftParts = Readonly<{ drifts: Drifts; drifting: Pick<DriftWatch, 'scan' | 'last' | 'nextAt'> }>;

export function driftHandlers({
  drifts,
  drifting,
  changed,
  now,
}: DriftParts & Readonly<{ changed(...what: readonly string[]): void; now(): number }>): Pick<
  Handlers,
  keyof typeof driftCalls
> {
  return {
    'drift.show': async ({ states, offset, limit }) => {
      const { items, total } = await drifts.list(states, offset, limit);
      return { items, total, last: drifting.last(), nextAt: drifting.nextAt() };
    },
    'drift.scan': async ({ by }) => {
      const report = await drifting.scan(by);
      changed('drift', 'status', 'journal');
      return report;
    },
    'drift.decide': async ({ ids, choice, reason, by }) => {
      const items = await drifts.decide([...new Set(ids)], choice, by, reason, now());
      changed('drift', 'status', 'plan');
      return { items };
    },
  };
}
