/**
 * Faults on demand: what a network and an overloaded server do, by a list of rules and a seed, so that a bad day can be
 * repeated exactly.
 *
 * Rules are read in order. Every latency rule that matches adds up; of the others, the first that fires decides.
 * "after" means that the write was applied and only its answer was lost: the fault that makes clients write twice.
 *
 *   latency            wait `ms` before anything else
 *   too-many-requests  429 with `Retry-After: retryAfter`, nothing applied
 *   unauthorized       401, nothing applied
 *   error-before       `status` (500), nothing applied          error-after  applied, then `status`
 *   drop-before        connection cut, nothing applied          drop-after   applied, then cut
 *   stale-read         a GET answers as if the last write had not happened yet
 */
import { z } from 'zod';

const pattern = z.string().refine((source) => {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}, 'is not a regular expression');

export const FaultRule = z
  .strictObject({
    fault: z.enum([
      'latency',
      'too-many-requests',
      'unauthorized',
      'error-before',
      'error-after',
      'drop-before',
      'drop-after',
      'stale-read',
    ]),
    /** Absent: any. */
    methods: z.array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])).optional(),
    /** A regular expression on the path, without its query. Absent: any. */
    path: pattern.optional(),
    /** Let this many matching requests pass first. */
    skip: z.int().min(0).default(0),
    /** Fire this many times at most. Absent: for ever. */
    times: z.int().min(1).optional(),
    /** Chance to fire on a matching request, drawn from the seed. */
    probability: z.number().min(0).max(1).default(1),
    /** Milliseconds, for latency. */
    ms: z.int().min(0).max(60_000).default(0),
    /** Seconds, for too-many-requests. */
    retryAfter: z.int().min(0).max(3600).default(1),
    /** For error-before and error-after. */
    status: z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]).default(500),
  })
  .readonly();
export type FaultRule = z.infer<typeof FaultRule>;
export const FaultRules = z.strictObject({ seed: z.int().default(1), rules: z.array(FaultRule).max(100) });
export type FaultRules = z.input<typeof FaultRules>;

export type Verdict = Readonly<{ delayMs: number; rule: FaultRule | undefined }>;
export type Faults = ReturnType<typeof faults>;

/** Mulberry32: small, and the same on every machine. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function faults(first: FaultRules = { rules: [] }) {
  let roll = dice(1);
  let active: { rule: FaultRule; path: RegExp | undefined; met: number; fired: number }[] = [];

  function set(given: FaultRules) {
    const { seed, rules } = FaultRules.parse(given);
    roll = dice(seed);
    active = rules.map((rule) => {
      return { rule, path: rule.path === undefined ? undefined : new RegExp(rule.path), met: 0, fired: 0 };
    });
  }
  function fires(slot: (typeof active)[number], method: string, path: string): boolean {
    const { rule } = slot;
    if (rule.fault === 'stale-read' && method !== 'GET') return false;
    if (rule.methods && !rule.methods.some((named) => named === method)) return false;
    if (slot.path && !slot.path.test(path)) return false;
    slot.met += 1;
    if (slot.met <= rule.skip || (rule.times !== undefined && slot.fired >= rule.times)) return false;
    if (rule.probability < 1 && roll() >= rule.probability) return false;
    slot.fired += 1;
    return true;
  }

  set(first);
  return {
    set,
    decide(method: string, path: string): Verdict {
      let delayMs = 0;
      for (const slot of active) {
        if (!fires(slot, method, path)) continue;
        if (slot.rule.fault !== 'latency') return { delayMs, rule: slot.rule };
        delayMs += slot.rule.ms;
      }
      return { delayMs, rule: undefined };
    },
    describe: () => active.map(({ rule, fired }) => ({ ...rule, fired })),
  };
}
