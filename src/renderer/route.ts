/** Which page is shown: the address's fragment, `#/review/12`. Links are plain links, so back and a new tab work. */
import { useSyncExternalStore } from 'react';
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

export const to = (page: PageName, rest?: string | number): string =>
  rest === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(rest).replaceAll('%2F', '/')}`;

/** Moves without leaving a step behind for every arrow key. */
export const stay = (page: PageName, rest?: string | number): void => {
  if (location.hash === to(page, rest)) return;
  history.replaceState(null, '', to(page, rest));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand, and not an encoding
  }
}

const subscribe = (changed: () => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};
const hashNow = () => location.hash;

export const routeNow = (): Route => routeOf(location.hash);
export const useRoute = (): Route => routeOf(useSyncExternalStore(subscribe, hashNow));
