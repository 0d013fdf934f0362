/** Whole plans from the thread beside the relay's own: the same as from this one, and there again when the thread has died. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotFound, Unavailable } from '../daemon/errors.ts';
import { surveyor } from '../daemon/surveyor.ts';
import { type Stores, stores } from './stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'surveyor-'));
const file = join(folder, 'relay.db');
const threads: Worker[] = [];
const remember = (thread: Worker) => void threads.push(thread);
let relay: Stores;
let surveys: ReturnType<typeof surveyor>;
beforeAll(async () => {
  process.on('worker', remember);
  relay = await stores(file);
  const people = await Promise.all(['ada', 'ben', 'cho'].map((name) => relay.user(`${name}@x.test`)));
  const team = await relay.group('Treasury', people.slice(0, 2));
  await relay.map([[team, 'finance', 'contributor']]);
  surveys = surveyor(file);
});
afterAll(async () => {
  process.off('worker', remember);
  await surveys.close();
  await relay.close();
  rmSync(folder, { recursive: true });
});

test('P5 a plan made beside the relay’s thread is the plan made in it, byte for byte', async () => {
  const beside = await surveys.make('published', 1);
  const here = relay.surveys.make('published', 1);
  expect(beside).toEqual(here);
  expect(beside.bound.outline.summary).toMatchObject({ create: 3, grants: 2 });
});

test('a thread that dies fails what it was asked, and the next question starts another', async () => {
  await surveys.make('published', 1);
  const last = threads.at(-1);
  const asked = [surveys.make('published', 1), surveys.lastPushes(['x'])].map((one) =>
    one.catch((error) => String(error)),
  );
  await last?.terminate();
  for (const answer of await Promise.all(asked)) expect(answer).toContain('The surveying thread ended');
  expect((await surveys.make('published', 1)).bound.outline.id).toBe(
    relay.surveys.make('published', 1).bound.outline.id,
  );
  expect(threads.at(-1)).not.toBe(last);
});

test('what a person can act on stays so across the thread, and the thread goes on', async () => {
  const before = threads.length;
  await expect(surveys.outline('plan-none')).rejects.toThrow(NotFound);
  expect((await surveys.make('published', 1)).bound.outline.summary.create).toBe(3);
  expect(threads).toHaveLength(before);
});

test('who still waits when the thread is closed is told that the relay is being stopped', async () => {
  const waiting = [surveys.make('published', 1), surveys.outline('plan-none')];
  const told = waiting.map((one) => expect(one).rejects.toThrow(Unavailable));
  await surveys.close();
  await Promise.all(told);
});

test('a thread that was closed is started again by whoever asks next', async () => {
  await surveys.close();
  expect((await surveys.make('published', 1)).bound.outline.summary.create).toBe(3);
});

test('a thread that is there is not started again for what is about to be asked', async () => {
  const fresh = surveyor(file);
  const before = threads.length;
  await fresh.warm();
  await fresh.warm();
  expect(threads).toHaveLength(before + 1);
  expect((await fresh.make('published', 1)).bound).toEqual(relay.surveys.make('published', 1).bound);
  expect(threads).toHaveLength(before + 1);
  await fresh.close();
});
