/** 200 kills of a relay under load; `npm run crash` is the long form. What must hold: crash/world.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from './bundle.ts';
import { crashSeeds } from './crash/seeds.ts';
import { crashes } from './crash/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'crash-built-'));
let file = '';
beforeAll(async () => {
  file = await bundle(join(import.meta.dirname, 'crash/relay.ts'), folder);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fresh = [1, 2].map((turn) => (Date.now() % 1_000_000) + turn);
test.concurrent.each([...fresh, ...crashSeeds])(
  'I1 J1 D2 D9 G3 killed 100 times, at every commit and in between: nothing answered is lost, nobody is there twice (seed %i)',
  { timeout: 1_800_000 },
  async (seed) => {
    const { answered, byPoint } = await crashes(file, 100, seed);
    expect(answered).toBeGreaterThan(200);
    expect(byPoint).toBe(50);
  },
);
