/**
 * Keeps a sandbox across restarts: one JSON file, `organization.json`, in the directory it is given.
 *
 * It promises little, on purpose. The file is replaced whole (written beside, then renamed), so it is never half a file;
 * it is written when the sandbox is closed, and about a second after a change, at the latest ten seconds after one. A
 * sandbox that is killed may forget those last seconds: it is a toy that plays Steeple, and the relay it judges must
 * cope with a Steeple that forgot. The request log and the faults are not kept. Tokens are: 0600, and they open nothing
 * but this sandbox.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedOrganization } from './organization.ts';
import type { Received } from './received.ts';

export type Saved = Readonly<{
  version: 1;
  token: string;
  apiToken: string;
  directory: ReturnType<Received['save']>;
  organization: SavedOrganization;
}>;

const quietMs = 1_000;
const patienceMs = 10_000;

/** `take` is asked for the state at each write. Without a directory nothing is kept. */
export function snapshot(directory: string | undefined, take: () => Saved) {
  const file = directory === undefined ? undefined : join(directory, 'organization.json');
  let timer: NodeJS.Timeout | undefined;
  let owedSince: number | undefined;

  function write() {
    clearTimeout(timer);
    owedSince = undefined;
    if (file === undefined || directory === undefined) return;
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(take()), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return {
    write,
    /** Something changed: write soon. */
    owe() {
      if (file === undefined) return;
      const now = performance.now();
      owedSince ??= now;
      clearTimeout(timer);
      timer = setTimeout(write, Math.min(quietMs, Math.max(0, owedSince + patienceMs - now)));
      timer.unref();
    },
  };
}

/** What an earlier sandbox left in this directory; `undefined` when there was none. */
export function savedIn(directory: string | undefined): Saved | undefined {
  if (directory === undefined) return undefined;
  const file = join(directory, 'organization.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
  const saved = JSON.parse(text) as Saved;
  if (saved.version !== 1)
    throw new Error(`${file} was written by another version of the sandbox; delete it to start anew`);
  return saved;
}
