/**
 * The planner: sees to it that whoever a push touched is planned again, soon and not too often.
 *
 * What is owed a plan is in the database, so nothing here has to be remembered: a crash, or a failure, leaves it owed. A
 * burst of pushes is planned together once it pauses, or at the latest after `latestMs`.
 */
import type { Log } from './log.ts';
import type { Planning } from './store/planning.ts';

const quietMs = 25;
const latestMs = 500;
/** How often it is asked what time alone has changed: dates and days of grace that have come, quiet hours that are over. */
const ripenMs = 30_000;

export function planner(
  parts: Readonly<{
    planning: Planning;
    /** What time alone has changed is owed a plan; gives how much of it there is. */
    ripen(): Promise<number>;
    planned(people: number): void;
    /** What else must look at what was pushed. */
    before?(): Promise<void>;
    now(): number;
    log: Log;
  }>,
) {
  const { planning, ripen, planned, now, log } = parts;
  let timer: NodeJS.Timeout | undefined;
  let firstAt: number | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  async function run(): Promise<void> {
    try {
      await parts.before?.();
      const people = await planning.reconcile(now());
      if (people !== undefined) planned(people); // groups may be owed writes where no person is
    } catch (error) {
      log.error('planning failed; it stays owed', { error });
      if (!stopped) setTimeout(soon, 5000).unref();
    }
  }

  function soon(): void {
    if (stopped) return;
    firstAt ??= performance.now();
    clearTimeout(timer);
    const left = latestMs - (performance.now() - firstAt);
    timer = setTimeout(
      () => {
        firstAt = undefined;
        running = (running ?? Promise.resolve()).then(run);
      },
      Math.max(0, Math.min(quietMs, left)),
    );
  }

  const clock = setInterval(() => {
    running = (running ?? Promise.resolve()).then(async () => {
      try {
        if ((await ripen()) > 0) soon();
      } catch (error) {
        log.error('what time has changed is not planned yet', { error });
      }
    });
  }, ripenMs).unref();

  return {
    /** Something may be owed a plan. */
    soon,
    async stop(): Promise<void> {
      stopped = true;
      clearInterval(clock);
      clearTimeout(timer);
      await running;
    },
  };
}
