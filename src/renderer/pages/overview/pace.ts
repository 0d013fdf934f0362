/**
 * How fast it flows: what was counted lately, remembered while the page is open. The relay counts from its beginning and
 * keeps no rates; the difference between two counts is one.
 */
import { useEffect, useState } from 'react';
import { useRelay } from '../../store.ts';

type Sample = Readonly<{ at: number; pushed: number; done: number }>;
export type Pace = Readonly<{ pushed: number; done: number }>;

const spanMs = 60_000;
const leastMs = 10_000; // a rate over less than this jumps about
const tickMs = 5_000;
let samples: readonly Sample[] = [];

/** Adds what was counted at a time, and gives what came a minute, over the last minute. Exported for its test. */
export function paceOf(before: readonly Sample[], now: Sample): Readonly<{ kept: readonly Sample[]; pace: Pace }> {
  const last = before.at(-1);
  // Counts that fall are another relay's: what was remembered says nothing about this one.
  const same = last === undefined || (now.pushed >= last.pushed && now.done >= last.done) ? before : [];
  const kept = [...same.filter(({ at }) => now.at - at <= spanMs), now];
  const first = kept[0] ?? now;
  const minutes = Math.max(now.at - first.at, leastMs) / 60_000;
  const each = (count: number) => Math.round(count / minutes);
  return { kept, pace: { pushed: each(now.pushed - first.pushed), done: each(now.done - first.done) } };
}

/** Pushes and deliveries a minute. `done` is how many deliveries are done so far; undefined while that is not known. */
export function usePace(done: number | undefined): Pace {
  const pushed = useRelay((state) => state.status?.journal.pushes);
  const [pace, setPace] = useState<Pace>({ pushed: 0, done: 0 });
  useEffect(() => {
    if (pushed === undefined || done === undefined) return;
    const look = () => {
      const next = paceOf(samples, { at: Date.now(), pushed, done });
      samples = next.kept;
      setPace(({ pushed: was, done: did }) =>
        was === next.pace.pushed && did === next.pace.done ? { pushed: was, done: did } : next.pace,
      );
    };
    look();
    const timer = setInterval(look, tickMs); // when nothing comes any more, the rate has to fall by itself
    return () => clearInterval(timer);
  }, [pushed, done]);
  return pace;
}
