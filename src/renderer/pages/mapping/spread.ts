/** Rows of known heights, one under the other: where each begins, and which of them a window shows. */
import { type RefObject, useLayoutEffect, useState } from 'react';

/** `starts[i]` is where row i begins; the last one is where they all end. */
export function spread(heights: readonly number[]): Float64Array {
  const starts = new Float64Array(heights.length + 1);
  for (const [at, height] of heights.entries()) starts[at + 1] = (starts[at] as number) + height;
  return starts;
}

/** The row that lies at `y`; the first or the last one where it lies outside. */
export function rowAt(starts: Float64Array, y: number): number {
  let [low, high] = [0, starts.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= y) low = middle;
    else high = middle - 1;
  }
  return Math.max(low, 0);
}

/** First and last row to be drawn, both included; `[0, -1]` where there are none. */
export function shown(starts: Float64Array, { top, height }: Window, spare: number): readonly [number, number] {
  const last = starts.length - 2;
  if (last < 0) return [0, -1];
  return [Math.max(rowAt(starts, top) - spare, 0), Math.min(rowAt(starts, top + height) + spare, last)];
}

export type Window = Readonly<{ top: number; height: number }>;

/** What of a scrolling element is in sight, once a frame at most. */
export function useWindow(scroller: RefObject<HTMLElement | null>): Window {
  const [window, setWindow] = useState<Window>({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let due = 0;
    const look = () => {
      due = 0;
      const { scrollTop: top, clientHeight: height } = element;
      setWindow((before) => (before.top === top && before.height === height ? before : { top, height }));
    };
    const soon = () => {
      due ||= requestAnimationFrame(look);
    };
    look();
    element.addEventListener('scroll', soon, { passive: true });
    const sizes = new ResizeObserver(soon);
    sizes.observe(element);
    return () => {
      cancelAnimationFrame(due);
      element.removeEventListener('scroll', soon);
      sizes.disconnect();
    };
  }, [scroller]);
  return window;
}
