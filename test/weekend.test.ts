/** A Steeple that is away from Friday evening to Monday morning, with the relay's own clock run fast. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { oddSteeple } from './oddsteeple.ts';
import { type Rig, rig } from './rig.ts';

const hour = 3_600_000;

test('D3 D5 a weekend without Steeple, over two restarts: it is asked seldom, nothing is given up, and everything arrives once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weekend-'));
  const box = await oddSteeple({ twins: true }); // who wrote twice would have somebody twice
  let away = false;
  box.interfere(() => (away ? { status: 503, body: 'back on Monday' } : undefined));
  // An hour in 36 ms.
  const open = (begun: number): Promise<Rig> =>
    rig({ url: box.url, token: 'token' }, { file: join(folder, 'relay.db'), speed: 100_000, begun });
  let relay = await open(Date.UTC(2026, 10, 27, 18));
  try {
    const people = [];
    for (let at = 0; at < 8; at += 1) people.push(await relay.user(`p${at}@x.test`, { displayName: 'before' }));
    await relay.enable();
    expect(await relay.settle()).toBe(true);

    away = true;
    for (const id of people) await relay.patchUser(id, { displayName: 'after' });
    for (let at = 0; at < 4; at += 1) await relay.user(`late${at}@x.test`);
    const [asked, friday] = [box.seen.length, relay.now()];
    let attempts = 0;
    for (const part of [1, 2, 3]) {
      while (relay.now() < friday + part * 21 * hour) await relay.settle(5);
      await relay.close();
      const at = relay.now();
      if (part === 3) away = false;
      relay = await open(at);
      await relay.outbox.recover();
      expect(await relay.outbox.counts()).toMatchObject({ dead: 0, owed: 12, sending: 0 });
      const tried = relay.db.prepare<[], number>('SELECT max(attempt) FROM delivery').pluck().get() ?? 0;
      expect(tried).toBeGreaterThanOrEqual(attempts); // a restart begins nothing anew
      attempts = tried;
      const due = relay.db.prepare<[], number>('SELECT max(due_at) FROM delivery').pluck().get() ?? 0;
      expect(due).toBeLessThanOrEqual(at + hour);
    }
    expect(attempts).toBeGreaterThan(1);
    // Once a minute at most, and what the first tries came to before it was clear that it is away.
    expect(box.seen.length - asked).toBeLessThan(63 * 60 + 100);
    expect(await relay.settle()).toBe(true);
    expect((await relay.outbox.counts()).dead).toBe(0);
    const names = [...box.users.values()].map(({ userName, displayName }) => `${userName} ${displayName ?? ''}`.trim());
    const first = people.map((_, at) => `p${at}@x.test after`);
    expect(names.sort()).toEqual([...['late0', 'late1', 'late2', 'late3'].map((name) => `${name}@x.test`), ...first]);
  } finally {
    await relay.close();
    await box.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
