/**
 * One file out of an entry and all it imports, so that a process that is killed and started again many times starts fast.
 * Native modules stay outside and are found where they are installed.
 */
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

/** Gives the path of the bundle, in a folder of its own inside `folder`. */
export async function bundle(entry: string, folder = mkdtempSync(join(tmpdir(), 'bundle-'))): Promise<string> {
  const root = join(import.meta.dirname, '..');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir: join(folder, 'out'),
      emptyOutDir: false,
      target: 'node24',
      rolldownOptions: {
        external: (id: string) => /^(better-sqlite3|keytar)$/.test(id),
        output: {
          entryFileNames: 'entry.mjs',
          codeSplitting: false,
          paths: (id: string) =>
            /^(better-sqlite3|keytar)$/.test(id)
              ? pathToFileURL(join(root, 'node_modules', id, 'lib/index.js')).href
              : id,
        },
      },
    },
  });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json')); // by which the program knows its version
  return join(folder, 'out/entry.mjs');
}
