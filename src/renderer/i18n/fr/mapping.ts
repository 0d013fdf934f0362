/** French: Mapping. */
import type { mapping as english } from '../en/mapping.ts';
import type { Phrases } from '../phrases.ts';

export const mapping: Phrases<typeof english> = {};
