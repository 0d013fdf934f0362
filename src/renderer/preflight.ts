/**
 * The items of the pre-flight: what is open, in which order, and where each is dealt with. Pure. In words: readiness.ts.
 * Shared by the preview, the set-up and the assistant, so that none of them reckons for itself.
 */

import type { Preflight, PreflightCode, PreflightItem } from '../../daemon/contract/preflight.ts';
import type { PageName } from './address.ts';

type Place = Readonly<{ page: PageName; rest?: string }>;

/** Where it is dealt with. Confirming and typing in is done on the list itself, in the preview. */
export function placeOf({ code, source }: Pick<PreflightItem, 'code' | 'source'>): Place {
  if (code === 'cycle')
    return source === null ? { page: 'setup', rest: 'provider' } : { page: 'setup', rest: `screens/${source}` };
  const places: Readonly<Record<Exclude<PreflightCode, 'cycle'>, Place>> = {
    sso: { page: 'setup', rest: 'sso' },
    upstream: { page: 'setup', rest: 'steeple' },
    mapping: { page: 'mapping' },
    plan: { page: 'preview', rest: 'preflight' },
    counts: { page: 'preview', rest: 'preflight' },
    removals: { page: 'preview', rest: 'people' },
    downgrades: { page: 'preview', rest: 'people' },
    strangers: { page: 'preview', rest: 'strangers' },
    externals: { page: 'preview', rest: 'strangers' },
  };
  return places[code];
}

/** What was accepted is accepted as it was read: an item that says something else must be accepted anew. */
export const keyOf = ({ code, source, words }: PreflightItem): string => `${code} ${source ?? ''} ${words}`;
export const isOpen = ({ state }: PreflightItem): boolean => state !== 'green';

/** Items that must be dealt with, then those that may be accepted, each group in the relay's order. */
export const openItems = ({ items }: Preflight): PreflightItem[] => [
  ...items.filter(({ blocks }) => blocks),
  ...items.filter((item) => isOpen(item) && !item.blocks),
];
