/**
 * The places outside the product a person may be taken to, by name. The page names one; only this file turns a name into
 * an address, so nothing that reaches the page can make it (or the app) open an address of somebody else's choosing.
 *
 * Pure. Used by src/main/links.ts before `shell.openExternal`, and by the page where it runs in a browser.
 */

/** `steeple-integrations` is the page of the organization's own Steeple: Administration > Integrations. */
export type Link = 'steeple-help' | 'steeple-integrations';
export const links = ['steeple-help', 'steeple-integrations'] as const satisfies readonly Link[];

/** Our own pages, by the first word of their address: what the page routes to, and what a link from outside may name. */
export const pages = [
  'overview',
  'setup',
  'mapping',
  'preview',
  'review',
  'people',
  'groups',
  'activity',
  'settings',
] as const;

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * The address of a named link, or `undefined` where there is none to go to.
 * @param upstream Steeple's SCIM URL as the administrator pasted it; only its origin is used
 */
export function addressOf(link: Link, upstream: string | null): string | undefined {
  if (link === 'steeple-help') return 'https://help.steeple.com/';
  const given = upstream === null ? null : URL.parse(upstream);
  if (given === null) return undefined;
  const safe = given.protocol === 'https:' || (given.protocol === 'http:' && loopback.test(given.hostname));
  return safe ? `${given.origin}/administration/integrations` : undefined;
}
