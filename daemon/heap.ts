/**
 * How much memory V8 takes for the relay, between the two things it can be told: `--optimize-for-size` collects so often
 * that intake pays a fifth of its CPU for it, and without it a relay that receives 100,000 people stands at 60 MB more.
 *
 * So the young generation is kept at one size: large enough that what a push leaves is dead before it is looked at. V8
 * takes its largest size at the start only; while it runs there is a factor by which it grows, and the mode in which it
 * shrinks. The old generation grows in small steps, in every thread, for a plan of a whole company fills it.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Two halves; a power of two, as V8 doubles. */
const youngMb = 16;
const lookMs = 1000;

const young = (): number =>
  (getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0) / 2 ** 20;

/** For the whole process, from now on. Gives how to end it. */
export function temper(): () => void {
  setFlagsFromString('--heap-growing-percent=30');
  const look = () => {
    const now = young();
    setFlagsFromString(now > youngMb ? '--optimize-for-size' : '--no-optimize-for-size');
    setFlagsFromString(`--semi-space-growth-factor=${now < youngMb ? 2 : 1}`);
  };
  look();
  const timer = setInterval(look, lookMs).unref();
  return () => clearInterval(timer);
}
