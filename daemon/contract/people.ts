/** The directory, and why somebody has what they have. */
import { z } from 'zod';
import { call, page } from './call.ts';
import { Because } from './mapping.ts';
import { HeldItem } from './review.ts';
import { Pin } from './undo.ts';

export const PersonRow = z.object({
  id: z.string(),
  source: z.string(),
  state: z.enum(['active', 'inactive', 'deleted']),
  userName: z.string(),
  name: z.string(),
  email: z.string(),
  groups: z.int(),
});
export type PersonRow = z.infer<typeof PersonRow>;

export const GroupRow = z.object({
  id: z.string(),
  source: z.string(),
  displayName: z.string(),
  externalId: z.string().nullable(),
  members: z.int(),
  links: z.array(z.object({ community: z.string(), role: z.string() })),
});
export type GroupRow = z.infer<typeof GroupRow>;

/** What a push did to a person; 'joined' and 'left' are about the group in `group`. */
export const Did = z.enum(['created', 'changed', 'switched-off', 'switched-on', 'deleted', 'joined', 'left']);
export type Did = z.infer<typeof Did>;

/** One thing that happened to a person or a group. */
export const Happening = z.object({
  at: z.int(),
  kind: z.enum(['push', 'refusal', 'decision', 'delivery']),
  /** The journal entry; null for a delivery, which has `delivery`. */
  seq: z.int().nullable(),
  delivery: z.int().nullable(),
  /** The source, or the person who decided; '' for a delivery. */
  who: z.string(),
  /** 'PATCH User', 'mapping.publish', 'member.add'. */
  what: z.string(),
  /** Of a push, where that is plain; absent in a group's story. */
  did: Did.nullable().optional(),
  /** The group it is about, by name: the source's own for a push, Steeple's for a delivery. */
  group: z.string().nullable().optional(),
  /** A few words more: what was set, the reason given, why it was refused, what became of a delivery. */
  detail: z.string(),
});
export type Happening = z.infer<typeof Happening>;

export const Why = z.object({
  person: PersonRow,
  inSteeple: z
    .object({ steepleId: z.string(), active: z.boolean(), origin: z.enum(['created', 'adopted']) })
    .nullable(),
  access: z.array(
    z.object({
      community: z.string(),
      role: z.string().nullable(),
      inSteeple: z.string().nullable(),
      because: z.array(Because),
    }),
  ),
  groups: z.array(z.object({ id: z.string(), displayName: z.string(), through: z.array(z.string()) })),
  /** Everything the gate ever held of them, the latest first: what waits, what was decided, what is over. */
  held: z.array(HeldItem),
  /** What an undo brought back and still stands against what the source says: access that no group explains. */
  pins: z.array(Pin).optional(),
  lastPush: z.object({ seq: z.int(), at: z.int() }),
  /**
   * From push to access, oldest first and the latest hundred: what sources pushed about them or their membership, what was
   * decided about them, what was sent to Steeple.
   */
  history: z.array(Happening).default([]),
});
export type Why = z.infer<typeof Why>;

export const peopleCalls = {
  why: call(z.strictObject({ userName: z.string() }), Why),
  people: call(
    z.strictObject({ filter: z.string().default(''), ...page }),
    z.object({ items: z.array(PersonRow), total: z.int() }),
  ),
  groups: call(
    z.strictObject({ filter: z.string().default(''), ...page }),
    z.object({ items: z.array(GroupRow), total: z.int() }),
  ),
} as const;
