/** How a browser gets into the console. */
import { z } from 'zod';
import { call, none } from './call.ts';

export const consoleCalls = {
  /** A one-time ticket for the console: valid for two minutes, and for one log-in. */
  'console.ticket': call(none, z.object({ url: z.string(), expiresAt: z.int() })),
} as const;
