/** `npm run crash [kills] [seed]`: the long form of test/kills.test.ts, 2,000 kills; two relays at a time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../bundle.ts';
import { crashes } from './world.ts';

const [kills = 2000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'crash-built-'));
try {
  const file = await bundle(join(import.meta.dirname, 'relay.ts'), folder);
  const each = Math.min(50, kills);
  let started = 0;
  await Promise.all(
    [0, 1].map(async () => {
      while (started * each < kills) {
        const mine = seed + started++;
        const begun = performance.now();
        const result = await crashes(file, each, mine);
        const seconds = Math.round((performance.now() - begun) / 1000);
        process.stdout.write(`${JSON.stringify({ crash: each, seed: mine, ...result, seconds })}\n`);
      }
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
