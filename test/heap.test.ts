/** A day of traffic in a few seconds: what the relay keeps in memory does not grow with what has passed through it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { oddSteeple } from './oddsteeple.ts';
import { rig } from './rig.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('a day of pushes, plans, deliveries, failures and scans leaves the heap as it was', {
  timeout: 300_000,
}, async () => {
  const box = await oddSteeple();
  const relay = await rig({ url: box.url, token: 'token' }, { speed: 2000 });
  try {
    const people = await relay.push(
      ...Array.from({ length: 200 }, (_, at) => ({
        method: 'POST' as const,
        kind: 'User' as const,
        body: { userName: `p${at}@x.test`, displayName: 'first' },
      })),
    );
    const teams = [await relay.group('a', people), await relay.group('b', people.slice(0, 100))] as const;
    await relay.map([
      [teams[0], 'finance', 'contributor'],
      [teams[1], 'sales', 'contributor'],
    ]);
    await relay.enable();
    expect(await relay.settle(60_000)).toBe(true);
    const heap: number[] = [];
    for (let hour = 0; hour < 24; hour += 1) {
      let refused = 0;
      // Now and then Steeple fails, and an answer is lost.
      box.interfere(({ method }) => {
        if (method === 'GET' || ++refused % 10 > 1) return undefined;
        return refused % 10 === 0 ? { status: 500, body: { detail: 'tired' } } : 'lose';
      });
      await relay.push(
        ...people.slice((hour * 20) % 200, ((hour * 20) % 200) + 20).map((id) => ({
          method: 'PATCH' as const,
          kind: 'User' as const,
          id,
          body: { Operations: [{ op: 'replace', value: { displayName: `at ${hour}` } }] },
        })),
      );
      const some = people.slice(hour * 4, hour * 4 + 4);
      await relay.members(teams[1], hour % 2 === 0 ? 'remove' : 'add', some);
      expect(await relay.settle(60_000)).toBe(true);
      box.interfere(() => undefined);
      if (hour % 6 === 5) await relay.drifting.scan();
      box.seen.length = 0;
      collect();
      heap.push(process.memoryUsage().heapUsed / 1e6);
    }
    // The first hours fill caches and compile code.
    expect(Math.min(...heap.slice(-4)) - Math.min(...heap.slice(4, 8)), heap.map(Math.round).join(' ')).toBeLessThan(2);
  } finally {
    await relay.close();
    await box.close();
  }
});
