/**
 * The first sync adds and updates: what the gate would let go without a person deciding waits for one, too (G3).
 *
 * Pure. What was decided already stays decided.
 */
import type { Verdict } from './gate.ts';
import { say } from './saying.ts';

const why = say('hold.first-sync');

export const cautious = (verdicts: ReadonlyMap<string, Verdict>): ReadonlyMap<string, Verdict> =>
  new Map(
    [...verdicts].map(([key, verdict]): [string, Verdict] =>
      verdict.go && !verdict.item ? [key, { go: false, rule: 'first-sync', why }] : [key, verdict],
    ),
  );
