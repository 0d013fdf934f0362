/** The undo files that the relay writes after each destructive batch, and playing them back. */
import { z } from 'zod';
import { call, none } from './call.ts';
import { Said } from './said.ts';

/** What left in one batch, for bringing back what can be. The body of a 'steeple-undo' envelope. */
export const UndoEntry = z.strictObject({
  /** The person's id in the directory. */
  person: z.string(),
  userName: z.string(),
  name: z.string(),
  kind: z.enum(['remove', 'revoke', 'downgrade']),
  /** What they held in Steeple and lost with it. */
  access: z.array(z.strictObject({ community: z.string(), role: z.string() })),
  sentAt: z.int(),
  /** By whose decision; null: no decision was needed, it was inside the limits. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
});
export type UndoEntry = z.infer<typeof UndoEntry>;
export const UndoBatch = z.strictObject({
  id: z.string(),
  relay: z.string(),
  madeAt: z.int(),
  from: z.int(),
  to: z.int(),
  entries: z.array(UndoEntry),
});
export type UndoBatch = z.infer<typeof UndoBatch>;

/** What an undo brought back although the source says otherwise. It stands until the source gives it again, or it is lifted. */
export const Pin = z.object({
  person: z.string(),
  userName: z.string(),
  /** '': the account itself. */
  community: z.string(),
  role: z.string(),
  by: z.string(),
  at: z.int(),
  reason: z.string(),
  file: z.string(),
});
export type Pin = z.infer<typeof Pin>;

const by = z.string().min(1).max(200);
const reason = z.string().trim().min(1).max(1000);

export const undoCalls = {
  'undo.list': call(
    none,
    z.array(
      z.object({
        file: z.string(),
        id: z.string(),
        madeAt: z.int(),
        removed: z.int(),
        revoked: z.int(),
        downgraded: z.int(),
        /** When it was played back; null: never. */
        playedAt: z.int().nullable(),
        /** Why it cannot be played back: it was changed, or is another relay's. Then nothing else of it is known. */
        problem: z.string().nullable().optional(),
        problemSaid: Said.nullable().optional(),
      }),
    ),
  ),
  'undo.show': call(z.strictObject({ file: z.string() }), UndoBatch),
  /** `people` narrows to some of its people, by id. */
  'undo.play': call(
    z.strictObject({ file: z.string(), people: z.array(z.string()).optional(), reason, by }),
    z.object({
      /** What is on its way back to Steeple. */
      restored: z.array(
        z.object({
          person: z.string(),
          userName: z.string(),
          what: z.string(),
          /** Both null: the account itself. */
          community: z.string().nullable().optional(),
          role: z.string().nullable().optional(),
        }),
      ),
      /** What is not, and why. */
      not: z.array(
        z.object({ person: z.string(), userName: z.string(), why: z.string(), said: Said.nullable().optional() }),
      ),
      /** What nobody but Steeple's support can bring back, in words; empty when there is nothing. */
      lost: z.string(),
      lostSaid: Said.nullable().optional(),
    }),
  ),
  /** What undos brought back and still stands. */
  'undo.pins': call(none, z.array(Pin)),
  /** Ends that for one person: what the source does not give them is judged as a removal again. */
  'undo.lift': call(z.strictObject({ person: z.string(), reason, by }), z.array(Pin)),
} as const;
