/** How a browser gets into the console. */
import { z } from 'zod';
import { call } from './call.ts';

export const consoleCalls = {
  /**
   * A one-time ticket for the console: valid for two minutes, and for one log-in. The session it opens is that person's:
   * whatever is done in it is done in that name, whatever the page sends as `by`. Asked for from within a session, it is
   * for the same person.
   */
  'console.ticket': call(
    z.strictObject({ by: z.string().trim().min(1).max(200).optional() }),
    z.object({ url: z.string(), expiresAt: z.int(), name: z.string() }),
  ),
} as const;
