/**
 * Access keys: how the desktop app on one machine speaks to a relay on another. A key is one named person's, lasts until it
 * is revoked, and is shown once; only a hash is kept. It opens the admin API on the console port, and nothing else.
 */
import { z } from 'zod';
import { call, none } from './call.ts';

export const Key = z.object({
  id: z.string(),
  /** What it is for: 'Ada’s laptop'. */
  name: z.string(),
  /** In whose name everything done with it is done. */
  person: z.string(),
  createdAt: z.int(),
  /** Since this relay was started; null: not used yet. */
  seenAt: z.int().nullable(),
});
export type Key = z.infer<typeof Key>;

export const keyCalls = {
  'key.list': call(none, z.array(Key)),
  'key.add': call(
    z.strictObject({
      name: z.string().trim().min(1).max(100),
      person: z.string().trim().min(1).max(200),
      by: z.string(),
    }),
    z.object({ id: z.string(), console: z.string(), key: z.string() }),
  ),
  'key.revoke': call(z.strictObject({ id: z.string(), by: z.string() }), z.array(Key)),
} as const;
