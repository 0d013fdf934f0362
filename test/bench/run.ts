/** `npm run bench -- NAME`: runs test/bench/NAME.ts, which prints one JSON line per result. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const name = process.argv[2] ?? '';
const file = join(here, `${name}.ts`);

if (!/^[a-z]+$/.test(name) || name === 'run' || !existsSync(file)) {
  const parts = new Set(['run', 'wire', 'floor', 'relay', 'sender', 'figure', 'turns', 'frames']);
  const known = readdirSync(here)
    .filter((entry) => entry.endsWith('.ts'))
    .map((entry) => entry.slice(0, -3))
    .filter((entry) => !parts.has(entry));
  process.stderr.write(`Name a benchmark: ${known.join(', ')}\n`);
  process.exitCode = 2;
} else {
  await import(pathToFileURL(file).href);
}
