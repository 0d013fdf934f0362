/** French: Settings. */
import type { settings as english } from '../en/settings.ts';
import type { Phrases } from '../phrases.ts';

export const settings: Phrases<typeof english> = {};
