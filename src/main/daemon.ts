/**
 * Keeps a relay at hand: attaches to one that runs on the data folder already, else starts one as a child, and begins
 * again whenever it is lost. The relay must answer the provider also while the app is closed, so a service that is
 * already there always comes first.
 *
 *   look ── answers ──▶ attached ── stream ends ──▶ look
 *     ╰── silent ──▶ fork ── ready ──▶ attached          (own child: it is stopped when the app quits)
 *                      ╰── died ──▶ wait, look
 *
 * Everything that touches the world is an argument. Test: test/daemon.test.ts.
 */
import type { Attached, Heard } from '../preload/contract.ts';

/** A relay the app started. */
export type Child = Readonly<{
  /** True once it answers, false if it ended before that. */
  ready: Promise<boolean>;
  ended: Promise<void>;
  /** Asks it to drain and end. */
  stop(): void;
}>;

export type Needs = Readonly<{
  answers(): Promise<boolean>;
  /** Resolves when the stream of events ends. */
  listen(heard: () => void, ended: AbortSignal): Promise<void>;
  /** Whether the relay that is wanted is one of this computer; another machine's is never started here. */
  here(): boolean;
  fork(): Child;
  wait(ms: number): Promise<void>;
  heard(what: Heard): void;
}>;

/** Doubles from half a second, to half a minute: a relay that cannot start must not be started in a tight loop. */
export const pauseMs = (failures: number): number => Math.min(30_000, 500 * 2 ** Math.min(failures, 10));

export function keeper({ answers, listen, here, fork, wait, heard }: Needs) {
  const stopping = new AbortController();
  let how: Attached['how'] = 'none';
  let child: Child | undefined;

  /** True when a relay answers, ours or somebody else's. */
  async function attach(): Promise<boolean> {
    if (await answers()) {
      how = !here() ? 'remote' : child === undefined ? 'found' : 'own';
      return true;
    }
    if (!here()) return false;
    // A living child that is silent is starting or draining; a second one on the same folder would be refused.
    if (child !== undefined || stopping.signal.aborted) return false;
    const started = fork();
    child = started;
    void started.ended.then(() => {
      if (child === started) child = undefined;
    });
    if (!(await started.ready)) return false;
    how = 'own';
    return true;
  }

  let moved = new AbortController();
  return {
    how: (): Attached['how'] => how,

    /** Another relay is wanted from now on: lets go of this one, which runs on, and looks again at once. */
    move(): void {
      moved.abort();
      moved = new AbortController();
    },

    /** Ends only after `stop`. */
    async run(): Promise<void> {
      let failures = 0;
      while (!stopping.signal.aborted) {
        if (await attach()) {
          failures = 0;
          heard('here');
          const move = moved.signal;
          await listen(() => heard('changed'), AbortSignal.any([stopping.signal, move]));
          how = 'none';
          if (move.aborted) continue;
          if (!stopping.signal.aborted) heard('away');
        }
        if (!stopping.signal.aborted) {
          const { signal } = moved;
          const move = new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
          await Promise.race([wait(pauseMs(failures)), move]);
        }
        failures += 1;
      }
    },

    /** Lets a relay that was found run on; stops one of our own and waits until it has drained. */
    async stop(): Promise<void> {
      stopping.abort();
      const mine = child;
      mine?.stop();
      await mine?.ended;
    },
  };
}
