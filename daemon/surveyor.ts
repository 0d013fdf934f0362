/**
 * The surveyor: whole plans, and pages of them, made in a thread beside the relay's own, so that no push waits for them.
 *
 * The thread is started when it is first asked, or while Steeple is read for a plan of many, and ended when it was not asked for
 * a while: at rest a relay pays nothing for it.
 * One that dies fails what was asked of it, and the next question starts another. Calls are answered in their order.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Packed, unpacked } from './core/planpack.ts';
import { NotFound, Stale, Unavailable } from './errors.ts';
import type { Bound, Line } from './store/binding.ts';
import type { Found, Surveying } from './store/surveying.ts';
import { root } from './version.ts';

/** The same calls as store/surveying.ts has, each a promise. */
export type Surveyor = {
  readonly [C in keyof Surveying]: (...input: Parameters<Surveying[C]>) => Promise<ReturnType<Surveying[C]>>;
} & Readonly<{
  /** A whole plan of many people is about to be asked for: starts the thread, for loading its program takes a while. */
  warm?(): Promise<void>;
}>;
export type Question = Readonly<{ id: number; call: keyof Surveying; input: readonly unknown[] }>;
/** A plan that was made: as store/surveying.ts gives it, its parts packed. */
export type Made = Readonly<Omit<Found, 'bound'> & { bound: Omit<Bound, 'parts'>; pack: Packed<Line> }>;
export type Answer = Readonly<
  { id: number } & ({ value: unknown } | { made: Made } | { error: Readonly<{ status: number; message: string }> })
>;

const idleMs = 5 * 60_000;
// A plan of 100,000 people keeps some 150 MB. Where young objects have little room, what is thrown away at once does not
// spread over memory: at that size it saves 140 MB, and costs nothing that can be measured.
const resourceLimits = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 12 };
/** The built relay has it as a file of its own (electron.vite.config.ts); from source Node runs it as it is. */
const file = import.meta.filename.endsWith('.ts')
  ? join(root, 'daemon/surveyworker.ts')
  : join(root, 'out/main/surveyworker.js');
const calls = [
  'make',
  'outline',
  'people',
  'peopleAt',
  'operations',
  'members',
  'strangers',
  'gaps',
  'compare',
  'export',
  'history',
  'lastPushes',
  'activeStrangers',
] as const satisfies readonly (keyof Surveying)[];

/** `path`: the database, which must be a file. */
export function surveyor(path: string): Required<Surveyor> & Readonly<{ close(): Promise<void> }> {
  let worker: Worker | undefined;
  let asked = 0;
  let timer: NodeJS.Timeout | undefined;
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();

  function start(): Worker {
    const made = new Worker(file, { workerData: { path }, resourceLimits });
    made.unref();
    made.on('message', (answer: Answer) => {
      const waiting = open.get(answer.id);
      open.delete(answer.id);
      if ('error' in answer) waiting?.reject(errorOf(answer.error));
      else if ('made' in answer) waiting?.resolve(foundIn(answer.made));
      else waiting?.resolve(answer.value);
      rest();
    });
    const end = (cause: Error) => {
      if (worker === made) worker = undefined;
      fail(cause);
    };
    made.on('error', end);
    made.on('exit', (code) => end(new Error(`The surveying thread ended with ${code}`)));
    return made;
  }
  function fail(cause: Error): void {
    for (const [id, { reject }] of open) {
      open.delete(id);
      reject(cause);
    }
  }
  function rest(): void {
    clearTimeout(timer);
    if (open.size > 0) return;
    timer = setTimeout(() => void stop(), idleMs).unref();
  }
  async function stop(): Promise<void> {
    clearTimeout(timer);
    const ending = worker;
    worker = undefined;
    // Who still waits, while the relay is being stopped, is told so; it is no fault.
    fail(new Unavailable('The relay is being stopped; ask again when it runs', 5));
    await ending?.terminate();
  }
  function ask(call: keyof Surveying, input: readonly unknown[]): Promise<unknown> {
    clearTimeout(timer);
    worker ??= start();
    const question: Question = { id: ++asked, call, input };
    const answered = new Promise((resolve, reject) => open.set(question.id, { resolve, reject }));
    worker.ref();
    worker.postMessage(question);
    return answered.finally(() => open.size === 0 && worker?.unref());
  }

  const asking = Object.fromEntries(calls.map((call) => [call, (...input: unknown[]) => ask(call, input)]));
  return {
    ...(asking as unknown as Surveyor),
    async warm(): Promise<void> {
      if (worker === undefined) await ask('lastPushes', [[]]);
    },
    close: stop,
  };
}

const foundIn = ({ bound, pack, ...rest }: Made): Found => ({ ...rest, bound: { ...bound, parts: unpacked(pack) } });

/** A failure a person can act on stays one across the thread. */
function errorOf({ status, message }: Readonly<{ status: number; message: string }>): Error {
  if (status === 404) return new NotFound(message);
  if (status === 409) return new Stale(message);
  return new Error(message);
}
