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

export const deliveryCalls = {
  'delivery.list': call(
    z.strictObject({ state: DeliveryState.optional(), ...page }),
    z.object({ items: z.array(DeliveryRow), total: z.int() }),
  ),
  'delivery.retry': call(z.strictObject({ ids: z.array(z.int()).min(1), by: z.string() }), z.array(DeliveryRow)),
  'delivery.drop': call(z.strictObject({ id: z.int(), reason: z.string().min(1), by: z.string() }), DeliveryRow),
} as const;
