/** A sentence of the relay's by its code and facts, as answers carry it beside the English. The sentences: sentences.ts. */
import { z } from 'zod';

/** `code` is one of `SaidCode` (sentences.ts); a newer relay may know more of them. */
export const Said = z.object({ code: z.string(), facts: z.record(z.string(), z.union([z.string(), z.number()])) });
export type Said = z.infer<typeof Said>;
