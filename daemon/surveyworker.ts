/**
 * The surveying thread: reads the database on a connection of its own, and answers what surveyor.ts asks, in order.
 *
 * Nothing is written here: the connection cannot. Bytes of a plan are handed over, not copied.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { packed } from './core/planpack.ts';
import { RelayError } from './errors.ts';
import { openToRead } from './store/db.ts';
import { type Found, surveying } from './store/surveying.ts';
import type { Answer, Question } from './surveyor.ts';

const { path } = z.object({ path: z.string() }).parse(workerData);
const calls = surveying(openToRead(path));
// What making a plan leaves is collected at once, while the relay puts the plan on the shelf: else its first page waits for that.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('globalThis.gc') as (() => void) | undefined; // a runtime may not have it

/** A plan that is opened is read first, and searched in later. */
const soonMs = 100;

parentPort?.on('message', ({ id, call, input }: Question) => {
  const answer = (say: Answer, moved: ArrayBuffer[] = []) => parentPort?.postMessage(say, moved);
  try {
    const value = (calls[call] as (...some: readonly unknown[]) => unknown)(...input);
    if (call === 'make') {
      const { bound, ...rest } = value as Found;
      const { parts, ...told } = bound;
      const pack = packed(parts);
      // The parts share one buffer (store/binding.ts).
      answer({ id, made: { ...rest, bound: told, pack } }, [
        pack.all.buffer as ArrayBuffer,
        pack.places.buffer as ArrayBuffer,
      ]);
    } else answer({ id, value });
    if (call === 'make' && collect) setImmediate(collect);
    if (call === 'outline') setTimeout(() => calls.expect(String(input[0])), soonMs).unref();
  } catch (thrown) {
    const status = thrown instanceof RelayError ? thrown.status : 500;
    answer({ id, error: { status, message: thrown instanceof Error ? thrown.message : String(thrown) } });
  }
});
