/** The policy of the gate, and its rules by name. */
import { z } from 'zod';
import { call, none } from './call.ts';

/** The rules by which the gate holds a change for a person (core/gate.ts); `held.why` says the same in words. */
export const GateRule = z.enum([
  'removal',
  'last-access',
  'group-gone',
  'last-administrator',
  'protected',
  'limit',
  'group-limit',
]);
export type GateRule = z.infer<typeof GateRule>;

export const Policy = z.strictObject({
  /** How a removal leaves: `active:false`, or DELETE. */
  removal: z.enum(['deactivate', 'delete']).default('deactivate'),
  /** Limits of the rolling 24 hours (G6): the smaller of the percentage and the cap, never under the floor. */
  limitPercent: z.number().min(0).max(100).default(10),
  limitCap: z.int().min(0).default(25),
  limitFloor: z.int().min(0).default(5),
  groupPercent: z.number().min(0).max(100).default(25),
  groupOver: z.int().min(0).default(10),
  /** userNames never to be removed or downgraded without a person, compared ignoring case. */
  protected: z.array(z.string()).default([]),
  twoPerson: z.boolean().default(false),
  membersPerPatch: z.int().min(1).max(1000).default(100),
  inFlight: z.int().min(1).max(64).default(8),
  /** How often Steeple is read from end to end while sync is on; 0: never by itself. */
  driftEveryHours: z.number().min(0).max(168).default(6),
  /** What is done about what somebody changed in Steeple: 'report' waits for a person, 'restore' puts it right at once. */
  drift: z.enum(['report', 'restore']).default('report'),
});
export type Policy = z.infer<typeof Policy>;

export const policyCalls = {
  'policy.show': call(none, Policy),
  'policy.set': call(z.strictObject({ key: z.string(), value: z.unknown(), by: z.string() }), Policy),
} as const;
