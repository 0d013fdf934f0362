/** One call of the admin API, as data: the shape of its question and of its answer. */
import { z } from 'zod';

export const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });
export const none = z.strictObject({});
/** Why, for the journal: of decisions that are good enough without, but that somebody will ask about later. */
export const reason = z.string().trim().max(1000).optional();
export const page = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(10_000).default(100) };
