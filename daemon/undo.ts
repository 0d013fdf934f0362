/**
 * Undo files: after each destructive batch one is written to DATA/undo, signed, with what was taken from whom. They hold no
 * secret; whoever reads the folder reads names.
 *
 * A batch is over when nothing destructive has left for a moment. What is in no file yet is in the database, so a crash
 * loses nothing: the next start writes it.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { say } from './core/saying.ts';
import { NotFound } from './errors.ts';
import { writeWhole } from './sealed.ts';

const quietMs = 2_000;
const most = 5_000;
const shape = /^undo-[\w-]+\.json$/;

export type UndoFolder = Readonly<{
  names(): Promise<string[]>;
  /** @throws NotFound */
  read(name: string): Promise<string>;
}>;

export function undoFolder(data: string): UndoFolder & Readonly<{ write(name: string, text: string): Promise<void> }> {
  const folder = join(data, 'undo');
  return {
    names: async () => {
      const names = await readdir(folder).catch(() => []);
      return names.filter((name) => shape.test(name)).sort();
    },
    async read(name) {
      // The name comes from outside: nothing but a file of ours, in this folder.
      if (!shape.test(name)) throw new NotFound(say('undo.missing', { file: name }));
      return readFile(join(folder, name), 'utf8').catch(() => {
        throw new NotFound(say('undo.missing', { file: name }));
      });
    },
    async write(name, text) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeWhole(join(folder, name), text);
    },
  };
}

/** Writes what was taken, some time after the last of it left. */
export function undoWriter<E extends Readonly<{ sentAt: number }>>(
  parts: Readonly<{
    waiting(limit: number): Promise<{ ids: number[]; entries: E[] }>;
    filed(ids: readonly number[], name: string): Promise<void>;
    /** The signed text of a batch. */
    signed(
      batch: Readonly<{ id: string; madeAt: number; from: number; to: number; entries: readonly E[] }>,
    ): Promise<string>;
    write(name: string, text: string): Promise<void>;
    now(): number;
    failed(cause: unknown): void;
  }>,
) {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    for (;;) {
      const { ids, entries } = await parts.waiting(most);
      const [first, last] = [entries[0], entries.at(-1)];
      if (first === undefined || last === undefined) return;
      const madeAt = parts.now();
      // By the number of its first entry: written again after a crash, it is the same file.
      const stamp = new Date(first.sentAt).toISOString().slice(0, 19).replaceAll(':', '-');
      const id = `undo-${stamp}-${ids[0]}`;
      await parts.write(`${id}.json`, await parts.signed({ id, madeAt, from: first.sentAt, to: last.sentAt, entries }));
      await parts.filed(ids, `${id}.json`);
    }
  }
  const run = (): Promise<void> => {
    running = running.then(flush).catch(parts.failed);
    return running;
  };
  return {
    /** Something was settled; perhaps it took something away. */
    soon(): void {
      clearTimeout(timer);
      timer = setTimeout(() => void run(), quietMs).unref();
    },
    flush: run,
    async stop(): Promise<void> {
      clearTimeout(timer);
      await run();
    },
  };
}
