/**
 * The relay's clock: the wall's, but it never goes back while the relay runs, and it says when it was moved.
 *
 * Were it to go back by a year, retries would wait for a year, a session or the overlap of a rotated token would last a year
 * longer. So time goes on from where it was, by the steady clock, until the wall's has caught up. Ahead it goes with the
 * wall's: a machine that slept must know how late it is. What that means for limits is for `moved` (store/moments.ts).
 */
const unremarkable = 60_000;

/**
 * @param wall milliseconds since 1970, as the system says
 * @param steady milliseconds that never jump
 * @param moved told when time jumped ahead by more than a minute
 */
export function clock(wall: () => number, steady: () => number, moved: (from: number, to: number) => void = () => {}) {
  let last = wall();
  let mark = steady();
  return (): number => {
    const beat = steady();
    const due = last + Math.max(0, beat - mark);
    const said = wall();
    // A step back of less than a minute is a clock being set right: time waits for it.
    const at = said >= due - unremarkable ? Math.max(said, last) : Math.round(due);
    mark = beat;
    last = at;
    if (at > due + unremarkable) moved(Math.round(due), at);
    return at;
  };
}
