/**
 * One file out of an entry and all it imports, so that a process that is killed and started again many times starts fast;
 * beside it what the relay starts as threads of its own. Native modules stay outside and are found where they are installed.
 */
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = join(import.meta.dirname, '..');
const isNative = (id: string): boolean => /^(better-sqlite3|keytar)$/.test(id);

async function one(entry: string, outDir: string, entryFileNames: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: false,
      target: 'node24',
      rolldownOptions: {
        external: isNative,
        output: {
          entryFileNames,
          codeSplitting: false,
          paths: (id: string) =>
            isNative(id) ? pathToFileURL(join(root, 'node_modules', id, 'lib/index.js')).href : id,
        },
      },
    },
  });
}

/** Gives the path of the bundle, in a folder of its own inside `folder`. */
export async function bundle(entry: string, folder = mkdtempSync(join(tmpdir(), 'bundle-'))): Promise<string> {
  await one(entry, join(folder, 'out'), 'entry.mjs');
  await one(join(root, 'daemon/surveyworker.ts'), join(folder, 'out/main'), 'surveyworker.js'); // where surveyor.ts looks
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json')); // by which the program knows its version
  return join(folder, 'out/entry.mjs');
}
