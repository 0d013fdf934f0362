/**
 * The planner: sees to it that whoever a push touched is planned again, soon and not too often.
 *
 * What is owed a plan is in the database, so nothing here has to be remembered: a crash, or a failure, leaves it owed. A
 * burst of pushes is planned together once it pauses, or at the latest after `latestMs`. It is planned a few people at a time:
 * intake goes on between two steps, however many a push touched.
 *
 * While as much is on its way to Steeple as may be, more that is owed would only wait its turn. So steps are short then,
 * with a rest between them, and answers are taken and the next writes sent.
 */
import { setTimeout as rest, setImmediate as turn } from 'node:timers/promises';
import type { Log } from './log.ts';
import type { Planning } from './store/planning.ts';

const quietMs = 25;
const latestMs = 500;
/** How often it is asked what time alone has changed: dates and days of grace that have come, quiet hours that are over. */
const ripenMs = 30_000;
/** So many are judged together on the relay's own thread. */
const together = 24;
/** How long a push may have to wait for one step, and how many people a step begins with, before it is known what fits. */
const stepMs = 10;
const atFirst = 8;
/** While sending is at its limit: how long an answer may have to wait, and how many times as long as a step the rest after it is. */
const shortMs = 3;
const restTimes = 4;

export function planner(
  parts: Readonly<{
    planning: Planning;
    /** What time alone has changed is owed a plan; gives how much of it there is. */
    ripen(): Promise<number>;
    planned(people: number): void;
    /** Whether as much is on its way to Steeple as may be. */
    sending(): boolean;
    /** What else must look at what was pushed. */
    before?(): Promise<void>;
    now(): number;
    log: Log;
  }>,
) {
  const { planning, ripen, planned, sending, now, log } = parts;
  let timer: NodeJS.Timeout | undefined;
  let firstAt: number | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;
  /** So many are planned in one transaction, and then it is the turn of whatever else waits. */
  let atOnce = atFirst;
  function pace(people: number, ms: number, fits: number): void {
    if (ms > fits) atOnce = Math.max(1, Math.floor((people * fits) / ms));
    else if (people >= atOnce && ms < fits / 2) atOnce = Math.min(together, atOnce * 2);
  }

  async function run(): Promise<void> {
    try {
      await parts.before?.();
      await planning.ready();
      for (let more = true; more && !stopped; ) {
        const begun = performance.now();
        const step = await planning.step(now(), atOnce, together);
        if (step === undefined) return;
        const took = performance.now() - begun;
        const isBusy = sending();
        if (step !== 'unjudged' && step.people > 0) pace(step.people, took, isBusy ? shortMs : stepMs);
        if (step === 'unjudged') await planning.judge(now());
        else {
          planned(step.people); // groups may be owed writes where no person is
          more = step.more;
        }
        await (more && isBusy ? rest(took * restTimes) : turn());
      }
    } catch (error) {
      if (stopped) return;
      log.error('planning failed; it stays owed', { error });
      setTimeout(soon, 5000).unref();
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
