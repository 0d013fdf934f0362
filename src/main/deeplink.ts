/**
 * `steeple-companion://review/12`: an address that opens the app at one of its pages. Any program can hand one over, a web
 * page included, so it names a place and nothing else: no action, no value that is kept. Pure.
 */
import { pages } from '../preload/links.ts';

export const linkScheme = 'steeple-companion';
/** What may stand behind a page: an item's number, a userName, a section. */
const plain = /^[\w@.+-]{1,200}$/;

/** The page's own fragment, or `undefined` for what is no address of ours. */
export function routeOf(link: string): string | undefined {
  const url = URL.parse(link);
  if (url?.protocol !== `${linkScheme}:` || url.username !== '' || url.search !== '' || url.hash !== '')
    return undefined;
  const page = pages.find((name) => name === url.host);
  if (page === undefined) return undefined;
  const rest = url.pathname.split('/').slice(1).filter(Boolean).map(decoded);
  if (rest.length > 2 || !rest.every((part) => part !== undefined && plain.test(part))) return undefined;
  return ['#', page, ...rest.map((part) => encodeURIComponent(part ?? ''))].join('/');
}

/** The first address of ours among a command line's words: how Windows and Linux hand one over. */
export const linkAmong = (argv: readonly string[]): string | undefined =>
  argv.find((word) => word.startsWith(`${linkScheme}:`));

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
