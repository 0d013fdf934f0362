/**
 * The forwarder: claims what is owed to Steeple, sends it, and settles it with what Steeple answered. One in flight per
 * resource, several resources at once.
 *
 * What an answer means is decided in core/delivery.ts, how one delivery is carried in courier.ts; here is when they go and
 * what follows. How many at once: core/pace.ts. Whether any at all: circuit.ts (D4). Nothing leaves while sync is off (G1).
 */

import { circuit } from './circuit.ts';
import type { Pace as PaceView } from './contract/delivery.ts';
import { backoff, type Outcome, type Step, stepAfter } from './core/delivery.ts';
import { firstPace, type Pace, paced, room, spent } from './core/pace.ts';
import { courier, type Report } from './courier.ts';
import type { Log } from './log.ts';
import type { Steeple } from './steeple.ts';
import type { Job } from './store/claims.ts';
import type { Effect } from './store/observed.ts';
import type { Outbox, Settlement } from './store/outbox.ts';

export type Forwarder = ReturnType<typeof forwarder>;
type Parts = Readonly<{
  outbox: Outbox;
  /** The client for the upstream that is set, or `undefined` while none is. Asked for anew for every round. */
  upstream(): Promise<Steeple | undefined>;
  allowed(): Readonly<{ on: boolean; inFlight: number; batch: number }>;
  /** Called after something was settled: held items may have ended, people may be owed a plan. */
  settled(): void;
  now(): number;
  random(): number;
  log: Log;
  probeMs?: number;
}>;

export function forwarder({ outbox, upstream, allowed, settled, now, random, log, probeMs = 60_000 }: Parts) {
  const line = circuit({ now, random, probeMs });
  let pace: Pace = firstPace(allowed().inFlight, now());
  let ability: PaceView['upstream'] = null;
  let inFlight = 0;
  let stopping = false;
  let pumping = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  const waiting: Settlement[] = [];
  let flushing: Promise<void> | undefined;
  const idle = new Set<() => void>();
  /** Counts upstreams and tokens: an answer to an earlier one says nothing about the one in use. */
  let era = 0;
  /** What could not be settled, because the disk was full or we have a bug: given back before anything else is claimed. */
  const adrift: Job[] = [];

  /** Everything that ended in this turn of the loop is settled in one commit. */
  function settle(settlement: Settlement): Promise<void> {
    waiting.push(settlement);
    flushing ??= new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        flushing = undefined;
        outbox.settle(waiting.splice(0)).then(resolve, reject);
      });
    });
    return flushing;
  }

  function later(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void pump(), Math.max(0, Math.min(ms, 2_147_483_647)));
    timer.unref();
  }

  async function pump(): Promise<void> {
    if (pumping) {
      again = true;
      return;
    }
    pumping = true;
    try {
      do {
        again = false;
        await round();
      } while (again);
    } catch (cause) {
      log.error('forwarder.round', { error: cause });
      later(1000);
    } finally {
      pumping = false;
      if (inFlight === 0) for (const done of idle) done();
    }
  }

  async function round(): Promise<void> {
    const { on, inFlight: limit, batch } = allowed();
    if (stopping) return;
    await giveBack();
    if (!on) return;
    const began = era;
    const steeple = await upstream();
    if (steeple === undefined) return;
    if (line.waitMs() > 0) return later(line.waitMs());
    if (line.isOpen() && !(await probe(steeple))) return later(line.waitMs());
    const isNew = ability === null;
    await steeple.learn();
    if (began !== era) {
      again = true; // while it was asked another took its place
      return;
    }
    const { patch, bulk, bulkBytes, etag } = steeple.ability();
    ability = { patch, bulk, bulkBytes, etag };
    if (isNew) log.info('upstream learnt', { detail: JSON.stringify(ability) });
    const first = line.isTrying(); // after an outage one goes ahead of all
    const bundle = first ? 1 : Math.max(bulk, 1);
    const time = now();
    const { may, afterMs } = room(pace, inFlight, first ? 1 : limit, bundle, time);
    if (may === 0) return afterMs === undefined ? undefined : later(afterMs);
    const jobs = await outbox.claim(time, may, batch);
    pace = spent(pace, Math.ceil(jobs.length / bundle), time);
    for (const job of jobs) {
      inFlight += 1;
      void run(job, steeple, began)
        .catch((cause: unknown) => {
          log.error('forwarder.job', { error: cause, delivery: job.ids[0] });
          adrift.push(job);
        })
        .finally(() => {
          inFlight -= 1;
          settled();
          void pump();
        });
    }
    if (jobs.length === 0 && inFlight === 0) {
      const due = await outbox.nextDue(time);
      if (due !== undefined) later(due - time);
    }
  }

  /** Nobody knows what became of it, so it is looked up when its turn comes again. */
  async function giveBack(): Promise<void> {
    for (let job = adrift[0]; job; job = adrift[0]) {
      const dueAt = now() + backoff(job.attempt - 1, random());
      const cause = 'The relay itself failed while it sent this';
      await outbox.settle([{ job, state: 'ready', at: now(), dueAt, unsure: true, cause, effects: [] }]);
      adrift.shift();
    }
  }

  /** Whether Steeple answers us again. */
  async function probe(steeple: Steeple): Promise<boolean> {
    const isClosed = line.probed(await steeple.listUsers(1, 1));
    if (isClosed) log.info('circuit.closed');
    return isClosed;
  }

  async function run(job: Job, steeple: Steeple, began: number): Promise<void> {
    const carrier = courier(steeple, outbox.ownerOf);
    const startedAt = performance.now();
    const report = await carrier.carry(job);
    const { answer } = report;
    if (began === era)
      pace = paced(pace, { kind: signalOf(answer), tookMs: performance.now() - startedAt }, allowed().inFlight, now());
    let step = stepAfter(job.kind, answer, job.attempt, random());
    let effects: readonly Effect[] = [];
    if (step.do === 'look') {
      const finding = await carrier.find(job);
      const looked = (outcome: Outcome) => stepAfter(job.kind, outcome, job.attempt, random(), true);
      if (finding.is === 'unknown') step = looked(finding.answer);
      else if (finding.is === 'same' || (answer.kind === 'conflict' && finding.is !== 'met')) step = looked(answer);
      else {
        // Gone by every name: somebody removed it in Steeple. Planning decides whether it is to be made again.
        if (finding.is === 'gone') log.warn('gone from Steeple', { kind: job.kind });
        if (finding.is !== 'elsewhere') step = { do: 'done' };
        effects = finding.effects;
      }
    }
    await conclude(job, report, step, effects, began === era);
  }

  /** `current`: it was answered by the upstream, and to the token, that are in use. */
  async function conclude(
    job: Job,
    report: Report,
    step: Step,
    found: readonly Effect[],
    current: boolean,
  ): Promise<void> {
    const { answer, done } = report;
    const status = statusOf(answer);
    const dead = report.dead?.map(({ id, answer }) => ({ id, ...fate(job, answer) }));
    for (const { id, status } of dead ?? []) log.warn('delivery dead', { delivery: id, kind: job.kind, status });
    const base = {
      job,
      at: now(),
      status,
      effects: [...report.effects, ...found],
      ...(done && { done }),
      ...(dead && { dead }),
    };
    switch (step.do) {
      case 'done':
        if (current) line.worked();
        return settle({ ...base, state: report.undone ? 'ready' : 'done' });
      case 'look': // to where it was found
        if (current) line.worked();
        return settle({ ...base, state: 'ready' });
      case 'dead':
        log.warn('delivery dead', { delivery: job.ids[0], kind: job.kind, status });
        if (current) line.worked();
        return settle({ ...base, state: 'dead', cause: step.cause, remedy: step.remedy });
      case 'stop':
        if (!current) return settle({ ...base, state: 'ready', unsure: job.unsure, cause: step.cause });
        log.error('sending stopped', { status });
        line.stop(step, answer.kind === 'unauthorized' && answer.sso);
        return settle({ ...base, state: 'ready', unsure: job.unsure, cause: step.cause });
      default:
        if (current && line.failed(answer, step.afterMs, laneOf(job))) log.warn('circuit.open', { status });
        return settle({
          ...base,
          state: 'ready',
          dueAt: now() + step.afterMs,
          unsure: step.unsure || job.unsure,
          cause: step.cause,
        });
    }
  }

  /** Why one of many was refused, in words. */
  function fate(job: Job, answer: Outcome): { status: number | undefined; cause: string; remedy: string } {
    const step = stepAfter(job.kind, answer, job.attempt, 0);
    const words = step.do === 'dead' ? step : { cause: 'Steeple refused it', remedy: 'Retry it, or drop it.' };
    return { status: statusOf(answer), cause: words.cause, remedy: words.remedy };
  }

  return {
    /** Something may be owed: look for it soon. */
    wake: (): void => void pump(),
    circuit: line.show,
    pace: (): PaceView => ({
      inFlight,
      window: Math.round(pace.window * 10) / 10,
      limit: allowed().inFlight,
      perSecond: pace.rate === undefined ? null : Math.round(pace.rate * 10) / 10,
      latencyMs: pace.latencyMs === undefined ? null : Math.round(pace.latencyMs),
      pausedUntil: line.pausedUntil(),
      upstream: ability,
    }),
    /** The upstream or its token changed: what stopped us may be over. */
    reset(): void {
      era += 1;
      line.reset();
      pace = firstPace(allowed().inFlight, now());
      ability = null;
      void pump();
    },
    /** Claims nothing more, and waits for what is on its way. */
    async stop(): Promise<void> {
      stopping = true;
      clearTimeout(timer);
      if (inFlight > 0 || pumping) await new Promise<void>((resolve) => idle.add(resolve));
      await flushing;
    },
  };
}

const statusOf = (answer: Outcome): number | undefined => ('status' in answer ? answer.status : undefined);
const laneOf = ({ person, target }: Job): string => (person === undefined ? `group:${target}` : `user:${person}`);

function signalOf({ kind }: Outcome): 'fine' | 'busy' | 'failed' {
  if (kind === 'busy') return 'busy';
  return ['failed', 'lost', 'odd', 'unreachable'].includes(kind) ? 'failed' : 'fine';
}
