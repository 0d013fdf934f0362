/** Numbers and times in the page's language, by Intl. Times are milliseconds since 1970. */
import { useSyncExternalStore } from 'react';
import { useLanguage } from './i18n/tongue.ts';

export type Format = ReturnType<typeof formats>;

const units: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** Made when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export function formats(language: string, wished: readonly string[] = []) {
  // The person's own variant of the language, where they have one: en-GB writes dates as en-US does not.
  const locale = wished.find((tag) => tag.startsWith(language)) ?? language;
  // Each costs some milliseconds, and a page needs few of them.
  const number = once(() => new Intl.NumberFormat(locale));
  const percent = once(() => new Intl.NumberFormat(locale, { style: 'percent' }));
  const time = (options: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(locale, options));
  const when = time({ dateStyle: 'medium', timeStyle: 'short' });
  const exact = time({ dateStyle: 'medium', timeStyle: 'medium' });
  const brief = time({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const day = time({ dateStyle: 'medium' });
  const clock = time({ timeStyle: 'short' });
  const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
  const list = once(() => new Intl.ListFormat(locale, { type: 'conjunction' }));
  return {
    locale,
    number: (value: number) => number().format(value),
    percent: (share: number) => percent().format(share),
    when: (at: number) => when().format(at),
    exact: (at: number) => exact().format(at),
    /** Without the year, with the second: for long lists of what happened lately. */
    brief: (at: number) => brief().format(at),
    day: (at: number) => day().format(at),
    clock: (at: number) => clock().format(at),
    list: (parts: readonly string[]) => list().format(parts),
    /** "3 minutes ago", "yesterday"; under a minute "now". */
    ago(at: number, now: number): string {
      const [unit, ms] = units.find(([, ms]) => Math.abs(now - at) >= ms) ?? ['second', Number.POSITIVE_INFINITY];
      return relative().format(Math.trunc((at - now) / ms) || 0, unit);
    },
  };
}

/** One set a language, for all who ask: made anew in every row of a list, they cost more than the list. */
const made = new Map<string, Format>();

export function useFormat(): Format {
  const language = useLanguage();
  const key = [language, ...navigator.languages].join(' ');
  const format = made.get(key) ?? formats(language, navigator.languages);
  made.set(key, format);
  return format;
}

const stepMs = 30_000;
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const shown = new Set<() => void>();
function timeNow(): number {
  if (Math.abs(Date.now() - now) >= stepMs) now = Date.now();
  return now;
}
function listen(moved: () => void): () => void {
  shown.add(moved);
  timer ??= setInterval(() => {
    for (const one of shown) one();
  }, stepMs);
  return () => {
    shown.delete(moved);
    if (shown.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, moving on every half minute, for all at once: for what is said relative to it. */
export const useNow = (): number => useSyncExternalStore(listen, timeNow);
