/** What is owed to Steeple, and what became of it. */
import { z } from 'zod';
import { call, page } from './call.ts';

/** 'dropped': by a person. 'outdated': refused or dropped, and since then no longer needed. */
export const DeliveryState = z.enum(['ready', 'sending', 'done', 'dead', 'dropped', 'outdated']);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const DeliveryRow = z.object({
  id: z.int(),
  kind: z.string(),
  resource: z.string(),
  state: DeliveryState,
  attempt: z.int(),
  dueAt: z.int(),
  status: z.int().nullable(),
  cause: z.string().nullable(),
  remedy: z.string().nullable(),
  createdAt: z.int(),
  settledAt: z.int().nullable(),
});
export type DeliveryRow = z.infer<typeof DeliveryRow>;

/**
 * What a person may put in place of what Steeple refused. It leaves instead of the source's value for as long as the source
 * gives that same value; a new value from the source wins. `displayName` is the only one a group has.
 */
export const Correction = z
  .strictObject({
    userName: z.string().trim().min(1).max(300).optional(),
    givenName: z.string().trim().min(1).max(300).optional(),
    familyName: z.string().trim().min(1).max(300).optional(),
    displayName: z.string().trim().min(1).max(300).optional(),
    email: z.email().max(300).optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'names nothing to correct');
export type Correction = z.infer<typeof Correction>;

/** One delivery with what it writes. */
export const DeliveryView = DeliveryRow.extend({
  /** What `delivery.edit` takes for this one, with the values it would send now; empty where nothing can be edited. */
  editable: z.record(z.string(), z.string()),
  /** What leaves, as JSON. */
  body: z.record(z.string(), z.unknown()),
});
export type DeliveryView = z.infer<typeof DeliveryView>;

/** How fast the relay sends just now, and what it has learnt of Steeple. */
export const Pace = z.object({
  /** Requests on their way; how many may be; how many the policy allows. */
  inFlight: z.int(),
  window: z.number(),
  limit: z.int(),
  /** Requests a second Steeple was found to bear; null: no limit found. */
  perSecond: z.number().nullable(),
  /** A smoothed time to answer; null before the first. */
  latencyMs: z.number().nullable(),
  /** Nothing leaves before; null: nothing waits for a time. */
  pausedUntil: z.int().nullable(),
  /** What ServiceProviderConfig says; null before it was asked. `bulk`: operations in one request, 0 for none. */
  upstream: z.object({ patch: z.boolean(), bulk: z.int(), bulkBytes: z.int(), etag: z.boolean() }).nullable(),
});
export type Pace = z.infer<typeof Pace>;

export const deliveryCalls = {
  'delivery.list': call(
    z.strictObject({ state: DeliveryState.optional(), ...page }),
    z.object({ items: z.array(DeliveryRow), total: z.int() }),
  ),
  'delivery.show': call(z.strictObject({ id: z.int() }), DeliveryView),
  /** Puts right what Steeple refused, and plans again; the row itself becomes 'outdated'. */
  'delivery.edit': call(
    z.strictObject({ id: z.int(), set: Correction, reason: z.string().max(1000).default(''), by: z.string() }),
    DeliveryRow,
  ),
  'delivery.pace': call(z.strictObject({}), Pace),
  'delivery.retry': call(z.strictObject({ ids: z.array(z.int()).min(1), by: z.string() }), z.array(DeliveryRow)),
  'delivery.drop': call(z.strictObject({ id: z.int(), reason: z.string().min(1), by: z.string() }), DeliveryRow),
} as const;
