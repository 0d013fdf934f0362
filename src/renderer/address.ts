/** What an address says: `#/review/12` is the page and what it is about. Without React, for what runs before it is here. */
import { pages } from '../preload/links.ts';

export type PageName = (typeof pages)[number];
/** `rest` is what the page is about: an item's number, a userName, a tab, the section of a page. */
export type Route = Readonly<{ page: PageName; rest: string | undefined }>;

export function routeOf(hash: string): Route {
  const [page, ...rest] = hash.replace(/^#\/?/, '').split('/');
  const known = pages.find((name) => name === page);
  const about = rest.join('/');
  return { page: known ?? 'overview', rest: known === undefined || about === '' ? undefined : decoded(about) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand, and not an encoding
  }
}
