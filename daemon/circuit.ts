/**
 * The circuit between the relay and Steeple: closed, everything flows; open, nothing leaves but a probe now and then that
 * finds out whether it may close.
 *
 *   refused token, missing SSO   open at once (D4); a probe a minute at most, a person is told what to do
 *   no server, or one that only  open after `storm` failures with no success between them; probes come sooner at first,
 *   fails                        and a minute apart in the end. After it closes one write goes first.
 *   asked to wait (429, 503)     stays closed, and pauses for as long as the server says (D3)
 *
 * It holds no delivery and starts no timer: the forwarder asks `waitMs` and comes back.
 */
import { backoff, type Outcome, type Step } from './core/delivery.ts';

export type Circuit = Readonly<{
  state: 'closed' | 'open';
  kind: 'token' | 'sso' | 'outage' | null;
  reason: string | null;
  remedy: string | null;
  since: number | null;
  nextTryAt: number | null;
}>;

/** So many failures in a row, of more than one resource, are the server's and not a resource's. */
const storm = 10;
const each = 3;

const closed: Circuit = { state: 'closed', kind: null, reason: null, remedy: null, since: null, nextTryAt: null };
const outageRemedy =
  'Nothing needs to be done here: what is owed is kept, and sent once Steeple answers. If it stays so, look at the network ' +
  'and at Steeple’s own status; steeple-relay upstream test says more.';

export function circuit({ now, random, probeMs }: Readonly<{ now(): number; random(): number; probeMs: number }>) {
  let shown: Circuit = closed;
  let pausedUntil = 0;
  let failures = 0;
  /** How often each resource failed since the last success, up to `each`: one that always fails is no storm. */
  const failing = new Map<string, number>();
  /** How often it opened for an outage with no write through since. */
  let trips = 0;

  const pause = (ms: number) => {
    pausedUntil = Math.max(pausedUntil, now() + ms);
  };
  function open(kind: NonNullable<Circuit['kind']>, reason: string, remedy: string): void {
    const since = shown.state === 'open' ? shown.since : now();
    shown = { state: 'open', kind, reason, remedy, since, nextTryAt: null };
  }
  const outagePause = () => pause(Math.min(probeMs, backoff(Math.min(trips, 6), random())));

  return {
    show: (): Circuit => (shown.state === 'open' ? { ...shown, nextTryAt: pausedUntil } : shown),
    isOpen: () => shown.state === 'open',
    /** Milliseconds until anything may leave, a probe included; 0: now. A clock set back does not lengthen it. */
    waitMs(): number {
      const left = pausedUntil - now();
      if (left > longestMs) pausedUntil = now() + longestMs;
      return Math.max(0, Math.min(left, longestMs));
    },
    pausedUntil: (): number | null => (pausedUntil > now() ? pausedUntil : null),
    /** Steeple will have nothing of ours until somebody has set it right (D4). */
    stop(step: Extract<Step, { do: 'stop' }>, sso: boolean): void {
      open(sso ? 'sso' : 'token', step.cause, step.remedy);
      pausedUntil = now() + probeMs;
    },
    /** Something was answered as it should be, or refused for a reason of its own. */
    worked(): void {
      failures = 0;
      trips = 0;
      failing.clear();
    },
    /** `lane`: the resource it was about. Gives whether it opened now. */
    failed(answer: Outcome, afterMs: number, lane: string): boolean {
      failures += 1;
      const shortly = backoff(Math.min(failures, 6), random());
      if (answer.kind === 'busy') {
        pause(answer.retryAfterMs === undefined ? Math.min(afterMs, shortly) : afterMs);
        return false;
      }
      failing.set(lane, Math.min((failing.get(lane) ?? 0) + 1, each));
      if (shown.state === 'open') return false;
      // Nothing was said about any resource by a server that is not there.
      const count = answer.kind === 'unreachable' ? failures : [...failing.values()].reduce((sum, one) => sum + one, 0);
      const isStorm = count >= storm;
      if (!isStorm && trips === 0) {
        // Where nothing gets through, hammering with the next resource would not help: everybody waits a little.
        if (answer.kind === 'unreachable') pause(shortly);
        return false;
      }
      trips += 1;
      open('outage', 'detail' in answer ? answer.detail : 'Steeple does not answer', outageRemedy);
      outagePause();
      return true;
    },
    /** What the probe was answered. Gives whether it is closed now. `refused`: what that means, where it refused us (D4). */
    probed(answer: Outcome, refused?: Extract<Step, { do: 'stop' }>): boolean {
      if (answer.kind === 'ok') {
        shown = closed;
        failures = 0;
        failing.clear();
        return true;
      }
      if (answer.kind === 'unauthorized' && refused !== undefined) {
        // It is back, and will have nothing of ours; or it was the token, and now is something else.
        open(answer.sso ? 'sso' : 'token', refused.cause, refused.remedy);
        pause(probeMs);
      } else if (shown.kind === 'outage') {
        trips += 1;
        if (answer.kind === 'busy' && answer.retryAfterMs !== undefined) pause(answer.retryAfterMs);
        outagePause();
      } else pause(probeMs);
      return false;
    },
    /** Whether it closed after an outage and nothing has got through since: then one write goes first. */
    isTrying: () => shown.state === 'closed' && trips > 0,
    reset(): void {
      shown = closed;
      pausedUntil = 0;
      failures = 0;
      trips = 0;
      failing.clear();
    },
  };
}

/** As long as the longest Retry-After that is believed (answer.ts). */
const longestMs = 24 * 60 * 60 * 1000;
