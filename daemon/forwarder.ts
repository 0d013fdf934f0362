/**
 * The forwarder: claims what is owed to Steeple, sends it, and settles it with what Steeple answered. One in flight per
 * resource, several resources at once.
 *
 * What an answer means is decided in core/delivery.ts, how one delivery is carried in courier.ts, what becomes of it in
 * conclusion.ts; here is when they go. How many at once: core/pace.ts. Whether any at all: circuit.ts (D4). Nothing leaves
 * while sync is off (G1).
 *
 * A claim waits for the disk, and while it waits nothing else is done. So under load many are claimed at once, in advance
 * (`claimed`), and what ended is settled a few together; with little to do, each is settled at once.
 */
import { circuit } from './circuit.ts';
import { conclude } from './conclusion.ts';
import type { Pace as PaceView } from './contract/delivery.ts';
import { backoff, type Outcome, type Step, stepAfter } from './core/delivery.ts';
import { firstPace, type Pace, paced, room, spent } from './core/pace.ts';
import { courier } from './courier.ts';
import type { Log } from './log.ts';
import type { Steeple } from './steeple.ts';
import type { Job } from './store/claims.ts';
import type { Outbox, Settlement } from './store/outbox.ts';

export type Forwarder = ReturnType<typeof forwarder>;
type Parts = Readonly<{
  outbox: Outbox;
  /** The client for the upstream that is set, or `undefined` while none is. Asked for anew for every round. */
  upstream(): Promise<Steeple | undefined>;
  allowed(): Readonly<{ on: boolean; inFlight: number; batch: number; quiet: boolean }>;
  /** Called after something was settled: held items may have ended, people may be owed a plan. */
  settled(): void;
  now(): number;
  random(): number;
  log: Log;
  probeMs?: number;
  secondLookMs?: number;
}>;

/** What ended waits so long for others, while there is more to send without it. */
const settleMs = 20;
/** How many are claimed in advance, in windows: each claim waits for the disk, and 4 of them made every tenth answer wait too. */
const ahead = 12;

export function forwarder({
  outbox,
  upstream,
  allowed,
  settled,
  now,
  random,
  log,
  probeMs = 60_000,
  secondLookMs,
}: Parts) {
  const line = circuit({ now, random, probeMs });
  let pace: Pace = firstPace(allowed().inFlight, now());
  let ability: PaceView['upstream'] = null;
  let inFlight = 0;
  let stopping = false;
  let pumping = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  /** Marked as on their way, and not begun. */
  let claimed: Job[] = [];
  /** Ended, and not written down. `since`: when the first of them ended. */
  let ended: Settlement[] = [];
  let since = 0;
  const idle = new Set<() => void>();
  /** Counts upstreams and tokens: an answer to an earlier one says nothing about the one in use. */
  let era = 0;
  /** What the last round found, as long as it let anything leave: a place that comes free is taken again by that. */
  let open: Readonly<{ steeple: Steeple; began: number; bundle: number }> | undefined;
  /** What could not be settled, because the disk was full or we have a bug: given back before anything else is claimed. */
  const adrift: Job[] = [];

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
      if (inFlight === 0 && ended.length === 0) for (const done of idle) done();
    }
  }

  async function round(): Promise<void> {
    const { on, inFlight: limit, batch, quiet } = allowed();
    open = undefined;
    await giveBack();
    const began = era;
    const steeple = stopping || !on ? undefined : await upstream();
    if (steeple === undefined || !(await mayLeave(steeple))) return halt();
    if (began !== era) {
      again = true; // while it was asked another took its place
      return;
    }
    const first = line.isTrying(); // after an outage one goes ahead of all
    const bundle = first ? 1 : Math.max(ability?.bulk ?? 0, 1);
    const most = first ? 1 : limit;
    await begin();
    open = { steeple, began, bundle };
    const room_ = room(pace, inFlight, most, bundle, now());
    const free = room_.may;
    const starving = free > 0 && claimed.length === 0;
    const wait = ended.length === 0 ? 0 : since + settleMs - performance.now();
    if (!starving && wait > 0) return later(wait);
    if (!starving && ended.length === 0) return room_.afterMs === undefined ? undefined : later(room_.afterMs);
    // In advance only where there is a crowd: a lone delivery is not in anybody's way.
    const store = first ? 0 : Math.floor(Math.min(pace.window, limit)) * bundle * ahead;
    // And not before half of it is gone: a claim waits for the disk, and to settle does not.
    const isStocked = inFlight > 0 && claimed.length * 2 > store;
    const wanted = isStocked ? 0 : Math.max(0, (inFlight > 0 ? store : free) - claimed.length);
    await turn(wanted, batch, quiet);
    await begin();
    if (claimed.length === 0 && inFlight === 0) {
      const due = await outbox.nextDue(now());
      if (due !== undefined) later(due - now());
    }

    async function begin(): Promise<void> {
      for (const released: Job[] = []; ; ) {
        const { may } = room(pace, inFlight, most, bundle, now());
        const going = claimed.splice(0, may);
        if (going.length === 0) {
          if (released.length > 0) await outbox.release(released);
          return;
        }
        pace = spent(pace, Math.ceil(going.length / bundle), now());
        for (const job of going) {
          // A push since it was claimed may have undone it (G5), a policy protect it, or quiet hours may have begun.
          if (outbox.isFresh(job, now(), quiet)) go(job, steeple as Steeple, began);
          else released.push(job);
        }
      }
    }
  }

  /** Whether anything may leave now; where not, when to look again is set. */
  async function mayLeave(steeple: Steeple): Promise<boolean> {
    if (line.waitMs() === 0 && line.isOpen()) await probe(steeple);
    if (line.waitMs() > 0) {
      later(line.waitMs());
      return false;
    }
    const isNew = ability === null;
    const began = era;
    await steeple.learn();
    if (began !== era) return true;
    const { patch, bulk, bulkBytes, etag } = steeple.ability();
    ability = { patch, bulk, bulkBytes, etag };
    if (isNew) log.info('upstream learnt', { detail: JSON.stringify(ability) });
    return true;
  }

  /** Nothing leaves: what was claimed is owed as before, and what ended is written down. */
  async function halt(): Promise<void> {
    const kept = claimed;
    claimed = [];
    if (kept.length > 0) await outbox.release(kept);
    if (ended.length > 0) await turn(0, 1, true);
  }

  /** One commit: what ended is settled, and up to `wanted` more are claimed. */
  async function turn(wanted: number, batch: number, quiet: boolean): Promise<void> {
    const settlements = ended;
    ended = [];
    if (settlements.length === 0 && wanted === 0) return;
    try {
      claimed.push(...(await outbox.turn(settlements, now(), wanted, batch, quiet)));
    } catch (cause) {
      for (const { job } of settlements) {
        log.error('forwarder.job', { error: cause, delivery: job.ids[0] });
        adrift.push(job);
      }
      later(1000);
      if (settlements.length === 0) throw cause;
    }
    if (settlements.length > 0) settled();
  }

  function go(job: Job, steeple: Steeple, began: number): void {
    inFlight += 1;
    void run(job, steeple, began)
      .catch((cause: unknown) => {
        log.error('forwarder.job', { error: cause, delivery: job.ids[0] });
        adrift.push(job);
      })
      .finally(() => {
        inFlight -= 1;
        refill();
        setImmediate(() => void pump());
      });
  }

  /**
   * The place of an answer that has just been read is taken again at once, by what was claimed in advance: whatever else
   * waits for its turn, a step of planning above all, would leave it empty. Anything out of the ordinary is the round's.
   */
  function refill(): void {
    if (open === undefined || open.bundle > 1 || open.began !== era || stopping) return;
    if (line.waitMs() > 0 || line.isOpen() || line.isTrying()) return;
    const { on, inFlight: limit, quiet } = allowed();
    const [next] = claimed;
    if (!on || next === undefined || room(pace, inFlight, limit, 1, now()).may < 1) return;
    if (!outbox.isFresh(next, now(), quiet)) return; // goes back, and that is a commit
    claimed.shift();
    pace = spent(pace, 1, now());
    go(next, open.steeple, open.began);
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
  async function probe(steeple: Steeple): Promise<void> {
    const began = era;
    const answer = await steeple.listUsers(1, 1);
    if (began !== era) return; // it says nothing about the upstream in use
    const step = stepAfter('user.update', answer, 1, random());
    if (line.probed(answer, step.do === 'stop' ? step : undefined)) log.info('circuit.closed');
  }

  async function run(job: Job, steeple: Steeple, began: number): Promise<void> {
    const carrier = courier(steeple, outbox.ownerOf, secondLookMs);
    const startedAt = performance.now();
    const report = await carrier.carry(job);
    const { answer } = report;
    const current = began === era; // answered by the upstream, and to the token, that are in use
    if (current) {
      const signal = { kind: signalOf(answer), tookMs: performance.now() - startedAt };
      pace = paced(pace, signal, allowed().inFlight, now());
    }
    const { step, settlement, gone } = await conclude(job, report, carrier, random, now);
    if (gone) log.warn('gone from Steeple', { kind: job.kind });
    for (const { id, status } of settlement.dead ?? [])
      log.warn('delivery dead', { delivery: id, kind: job.kind, status });
    if (step.do === 'dead')
      log.warn('delivery dead', { delivery: job.ids[0], kind: job.kind, status: settlement.status });
    if (current) follow(job, answer, step);
    if (ended.length === 0) since = performance.now();
    ended.push(settlement);
  }

  /** What an answer means for all that is owed. */
  function follow(job: Job, answer: Outcome, step: Step): void {
    const status = 'status' in answer ? answer.status : undefined;
    if (step.do === 'stop') {
      log.error('sending stopped', { status });
      line.stop(step, answer.kind === 'unauthorized' && answer.sso);
    } else if (step.do !== 'again') line.worked();
    else if (line.failed(answer, step.afterMs, laneOf(job))) log.warn('circuit.open', { status });
  }

  return {
    /** Whether as much is on its way as may be, and more is claimed. */
    isFull: (): boolean => claimed.length > 0 && inFlight >= Math.floor(Math.min(pace.window, allowed().inFlight)),
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
      void pump();
      if (inFlight > 0 || pumping || ended.length > 0) await new Promise<void>((resolve) => idle.add(resolve));
    },
  };
}

const laneOf = ({ person, target }: Job): string => (person === undefined ? `group:${target}` : `user:${person}`);

function signalOf({ kind }: Outcome): 'fine' | 'busy' | 'failed' {
  if (kind === 'busy') return 'busy';
  return ['failed', 'lost', 'odd', 'unreachable'].includes(kind) ? 'failed' : 'fine';
}
