/**
 * Quiet hours: when nothing destructive leaves, by the clock of a named place.
 *
 * Pure: the moment is an argument, and the clock of a place is the Intl database's. A place it does not know cannot be
 * reckoned with, so it is quiet there (what cannot be computed is "no").
 */
import type { QuietHours } from '../contract/policy.ts';

const minuteMs = 60_000;
const dayMinutes = 24 * 60;
const weekMinutes = 7 * dayMinutes;
const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

const clocks = new Map<string, Intl.DateTimeFormat | undefined>();
function clockOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (!clocks.has(timeZone)) {
    try {
      clocks.set(
        timeZone,
        new Intl.DateTimeFormat('en-US', {
          timeZone,
          weekday: 'short',
          hour: '2-digit',
          minute: '2-digit',
          hourCycle: 'h23',
        }),
      );
    } catch {
      clocks.set(timeZone, undefined);
    }
  }
  return clocks.get(timeZone);
}
export const isTimeZone = (name: string): boolean => clockOf(name) !== undefined;

/** Minutes since Monday, 00:00, by the clock of the place. */
function minuteOfWeek(clock: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  return (
    days.indexOf(parts.get('weekday') ?? '') * dayMinutes + Number(parts.get('hour')) * 60 + Number(parts.get('minute'))
  );
}
const minuteOfDay = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** When these hours end, where they run at that moment; else the moment itself. */
function endOf({ days: begin, from, to, timeZone }: QuietHours, at: number): number {
  const clock = clockOf(timeZone);
  if (clock === undefined) return at + dayMinutes * minuteMs;
  const now = minuteOfWeek(clock, at);
  const [start, stop] = [minuteOfDay(from), minuteOfDay(to)];
  const length = stop > start ? stop - start : stop - start + dayMinutes;
  const left = begin.map((day) => {
    const since = (now - ((day - 1) * dayMinutes + start) + 2 * weekMinutes) % weekMinutes;
    return since < length ? length - since : 0;
  });
  const minutes = Math.max(0, ...left);
  if (minutes === 0) return at;
  const end = (Math.floor(at / minuteMs) + minutes) * minuteMs;
  // Where the clock of the place was moved meanwhile, it shows something else than was reckoned: by so much it is put right.
  const off = (minuteOfWeek(clock, end) - (now + minutes) + 2 * weekMinutes) % weekMinutes;
  return end - (off > weekMinutes / 2 ? off - weekMinutes : off) * minuteMs;
}

/**
 * When the quiet hours that run now end, in milliseconds; nothing where none run. Hours that follow one another without a
 * gap are one.
 */
export function quietUntil(hours: readonly QuietHours[], now: number): number | undefined {
  let end = now;
  // Hours that cover the whole week have no end; a week ahead is far enough to be asked again.
  while (end < now + weekMinutes * minuteMs) {
    const later = Math.max(end, ...hours.map((one) => endOf(one, end)));
    if (later === end) break;
    end = later;
  }
  return end === now ? undefined : end;
}
