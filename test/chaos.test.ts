/** Bad days at random, in both modes; what must hold: chaos/world.ts. `CHAOS_RUNS` plays more of them. */
import { expect, test } from 'vitest';
import { chaosSeeds } from './chaos/seeds.ts';
import { chaos } from './chaos/world.ts';

const runs = Number(process.env.CHAOS_RUNS ?? 3);
const first = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const fresh = Array.from({ length: runs }, (_, at) =>
  (['managed', 'mirror'] as const).map((mode): [typeof mode, number] => [mode, first + at]),
).flat();

test.each([...chaosSeeds, ...fresh])('D2 D9 a random history through every fault: %s, seed %i', async (mode, seed) => {
  const { writes } = await chaos(mode, seed, 60);
  expect(writes).toBeGreaterThan(15);
});
