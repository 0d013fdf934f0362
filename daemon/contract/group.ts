/** One group of a source: what it gives, who is in it, what serves it in Steeple, and what became of it. */
import { z } from 'zod';
import { call, page } from './call.ts';
import { GroupRow, Happening, PersonRow } from './people.ts';

const Named = z.object({ id: z.string(), displayName: z.string() });

export const GroupFile = GroupRow.extend({
  state: z.enum(['live', 'deleted']),
  /** Active people in it, at any depth. */
  people: z.int(),
  /** Groups directly in it, and groups it is directly in. */
  inside: z.array(Named.extend({ members: z.int() })),
  within: z.array(Named),
  /** What its links give, and the group in Steeple that serves each; null where Steeple has none yet. */
  gives: z.array(
    z.object({
      community: z.string(),
      role: z.string(),
      steeple: z.object({ id: z.string(), displayName: z.string(), members: z.int() }).nullable(),
    }),
  ),
  lastPush: z.object({ seq: z.int(), at: z.int() }),
  /** Newest first, the latest hundred of the last fifty thousand entries and deliveries. */
  history: z.array(Happening),
});
export type GroupFile = z.infer<typeof GroupFile>;

export const groupCalls = {
  'group.show': call(z.strictObject({ id: z.string() }), GroupFile),
  /** People directly in it, by userName. */
  'group.members': call(
    z.strictObject({ id: z.string(), filter: z.string().max(200).default(''), ...page }),
    z.object({ items: z.array(PersonRow), total: z.int() }),
  ),
} as const;
