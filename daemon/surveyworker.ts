/**
 * The surveying thread: reads the database on a connection of its own, and answers what surveyor.ts asks, in order.
 *
 * Nothing is written here: the connection cannot. Bytes of a plan are handed over, not copied.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { RelayError } from './errors.ts';
import { openToRead } from './store/db.ts';
import { rehearse } from './store/rehearsal.ts';
import { surveying } from './store/surveying.ts';
import type { Answer, Question } from './surveyor.ts';

const { path } = z.object({ path: z.string() }).parse(workerData);
const calls = { ...surveying(openToRead(path)), rehearse };

parentPort?.on('message', ({ id, call, input }: Question) => {
  const answer = (say: Answer) => parentPort?.postMessage(say, buffersIn(say));
  try {
    const value = (calls[call] as (...some: readonly unknown[]) => unknown)(...input);
    answer({ id, value });
  } catch (thrown) {
    const status = thrown instanceof RelayError ? thrown.status : 500;
    answer({ id, error: { status, message: thrown instanceof Error ? thrown.message : String(thrown) } });
  }
});

function buffersIn(answer: Answer): ArrayBuffer[] {
  const bound =
    'value' in answer ? (answer.value as { bound?: { parts: { body: Uint8Array<ArrayBuffer> }[] } })?.bound : undefined;
  // The parts of a plan share one (store/binding.ts).
  return [...new Set((bound?.parts ?? []).map(({ body }) => body.buffer))];
}
