/**
 * What a delivery's report comes to for the outbox: done, owed again and when, or dead, with what was learnt of Steeple.
 *
 * It decides by core/delivery.ts, and asks Steeple once more where that says so (D2, D6). It keeps nothing and sets
 * nothing off: what follows for everybody else is the forwarder's.
 */
import { type Outcome, type Step, stepAfter } from './core/delivery.ts';
import type { Courier, Report } from './courier.ts';
import type { Job } from './store/claims.ts';
import type { Effect } from './store/observed.ts';
import type { Settlement } from './store/outbox.ts';

export type Conclusion = Readonly<{ step: Step; settlement: Settlement; gone: boolean }>;

/** `draw` gives a number in [0, 1). */
export async function conclude(
  job: Job,
  report: Report,
  carrier: Courier,
  draw: () => number,
  now: () => number,
): Promise<Conclusion> {
  const { answer } = report;
  let step = stepAfter(job.kind, answer, job.attempt, draw());
  let found: readonly Effect[] = [];
  let gone = false;
  if (step.do === 'look') {
    const finding = await carrier.find(job);
    const looked = (outcome: Outcome) => stepAfter(job.kind, outcome, job.attempt, draw(), true);
    if (finding.is === 'unknown') step = looked(finding.answer);
    else if (finding.is === 'same' || (answer.kind === 'conflict' && finding.is !== 'met')) step = looked(answer);
    else {
      // Gone by every name: somebody removed it in Steeple. Planning decides whether it is to be made again.
      gone = finding.is === 'gone';
      if (finding.is !== 'elsewhere') step = { do: 'done' };
      found = finding.effects;
    }
  }
  return { step, settlement: settlementOf(job, report, step, found, now()), gone };
}

function settlementOf(job: Job, report: Report, step: Step, found: readonly Effect[], at: number): Settlement {
  const { answer, done } = report;
  const dead = report.dead?.map(({ id, answer: why }) => ({ id, ...fate(job, why) }));
  const base = {
    job,
    at,
    status: statusOf(answer),
    effects: [...report.effects, ...found],
    ...(done && { done }),
    ...(dead && { dead }),
  };
  switch (step.do) {
    case 'done':
      return { ...base, state: report.undone ? 'ready' : 'done' };
    case 'look': // to where it was found
      return { ...base, state: 'ready' };
    case 'dead':
      return { ...base, state: 'dead', cause: step.cause, remedy: step.remedy };
    case 'stop':
      return { ...base, state: 'ready', unsure: job.unsure, cause: step.cause };
    default:
      return {
        ...base,
        state: 'ready',
        dueAt: at + step.afterMs,
        unsure: step.unsure || job.unsure,
        cause: step.cause,
      };
  }
}

/** Why one of many was refused, in words. */
function fate(job: Job, answer: Outcome): { status: number | undefined; cause: string; remedy: string } {
  const step = stepAfter(job.kind, answer, job.attempt, 0);
  const words = step.do === 'dead' ? step : { cause: 'Steeple refused it', remedy: 'Retry it, or drop it.' };
  return { status: statusOf(answer), cause: words.cause, remedy: words.remedy };
}

const statusOf = (answer: Outcome): number | undefined => ('status' in answer ? answer.status : undefined);
