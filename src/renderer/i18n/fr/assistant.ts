/** French: the assistant. */
import type { assistant as english } from '../en/assistant.ts';
import type { Phrases } from '../phrases.ts';

export const assistant: Phrases<typeof english> = {};
