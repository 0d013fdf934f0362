/**
 * Drift: reads Steeple from end to end while sync is on, by the clock or when asked, and has what somebody changed there
 * written down. It only reads; what is done about it is a person's choice (store/drifts.ts), or a standing policy's.
 *
 * Not while sync is off, when every plan begins with a scan of its own, nor while the circuit is open. A list that is cut
 * short, or shrinks while it is read, is no list: nothing is concluded, and it is tried again soon.
 */

import type { Circuit } from './circuit.ts';
import type { DriftReport } from './contract/drift.ts';
import { RelayError, Stale } from './errors.ts';
import type { Log } from './log.ts';
import type { Keeper } from './observer.ts';
import type { Steeple } from './steeple.ts';
import type { Drifts } from './store/drifts.ts';
import type { Settings } from './store/settings.ts';

type Parts = Readonly<{
  drifts: Drifts;
  settings: Settings;
  /** Reads all of it into the keeper. @throws Unavailable */
  read(steeple: Steeple, keeper: Keeper): Promise<void>;
  upstream(): Promise<Steeple>;
  circuit(): Circuit;
  /** Somebody may be owed a plan. */
  changed(): void;
  now(): number;
  log: Log;
}>;
export type DriftWatch = ReturnType<typeof driftWatch>;

const hour = 3_600_000;
const againMs = hour / 4;
/** How often the clock is looked at. */
const lookMs = hour / 6;

export function driftWatch({ drifts, settings, read, upstream, circuit, changed, now, log }: Parts) {
  let running: Promise<DriftReport> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function scan(by?: string): Promise<DriftReport> {
    const at = now();
    const report = (more: Partial<DriftReport>): DriftReport => {
      const none = { users: 0, groups: 0, found: 0, closed: 0, open: drifts.open().open };
      return { at, tookMs: Math.max(0, now() - at), problem: null, ...none, ...more };
    };
    const keep = (result: DriftReport) => {
      settings.set('drift', result);
      return result;
    };
    const failed = async (problem: string): Promise<DriftReport> => {
      if (by !== undefined) await drifts.failed(now(), by, problem);
      return report({ problem });
    };
    try {
      drifts.reading.begin();
      await read(await upstream(), drifts.reading);
      // What was switched off meanwhile compares with nothing any more.
      if (settings.get('sync').state === 'off') return failed('Sync was switched off meanwhile');
      const restoreAs = settings.get('policy').drift === 'restore' ? 'policy' : undefined;
      const result = keep(report(await drifts.finish(at, restoreAs, by)));
      if (result.found > 0) log.warn('drift found', { count: result.found });
      changed();
      return result;
    } catch (cause) {
      if (!(cause instanceof RelayError)) throw cause;
      log.warn('drift scan failed', { error: cause });
      return keep(await failed(cause.message));
    }
  }

  /** When the next one is due; null where none is planned. */
  function nextAt(): number | null {
    const { state, since } = settings.get('sync');
    const everyMs = settings.get('policy').driftEveryHours * hour;
    if (state === 'off' || everyMs === 0) return null;
    const last = settings.get('drift');
    if (last === null || last.at < (since ?? 0)) return (since ?? now()) + everyMs;
    return last.at + (last.problem === null ? everyMs : Math.min(everyMs, againMs));
  }

  function watch(): void {
    clearTimeout(timer);
    const left = (nextAt() ?? Number.POSITIVE_INFINITY) - now();
    timer = setTimeout(
      () => {
        const due = nextAt();
        const isDue = due !== null && due <= now() && circuit().state === 'closed';
        const done = isDue ? once().catch((error: unknown) => log.error('drift scan', { error })) : Promise.resolve();
        void done.then(watch);
      },
      Math.max(1000, Math.min(left, lookMs)),
    ).unref();
  }

  function once(by?: string): Promise<DriftReport> {
    running ??= scan(by).finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    nextAt,
    last: () => settings.get('drift'),
    /** `by`: who asked for it. @throws Stale while sync is off or the circuit is open, in words for the admin */
    async scan(by?: string): Promise<DriftReport> {
      if (settings.get('sync').state === 'off')
        throw new Stale('Sync is off: look at a plan instead, which compares with everything that Steeple holds');
      const { state, reason } = circuit();
      if (state === 'open') throw new Stale(`Steeple cannot be asked just now: ${reason}`);
      return once(by);
    },
    start: watch,
    async stop(): Promise<void> {
      clearTimeout(timer);
      await running?.catch(() => undefined);
    },
  };
}
