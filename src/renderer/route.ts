/** Which page is shown: the address's fragment. Links are plain links, so back and a new tab work. */
import { useSyncExternalStore } from 'react';
import { type PageName, type Route, routeOf } from './address.ts';

export const to = (page: PageName, rest?: string | number): string =>
  rest === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(rest).replaceAll('%2F', '/')}`;

/** Moves without leaving a step behind for every arrow key. */
export const stay = (page: PageName, rest?: string | number): void => {
  if (location.hash === to(page, rest)) return;
  history.replaceState(null, '', to(page, rest));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
};

const subscribe = (changed: () => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};
const hashNow = () => location.hash;

export const useRoute = (): Route => routeOf(useSyncExternalStore(subscribe, hashNow));
