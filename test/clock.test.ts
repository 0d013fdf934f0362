/** The clock of the relay, and what a jump of the wall's clock may not do to moments that are written down. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clock } from '../daemon/clock.ts';
import { longestOverlapMs } from '../daemon/contract/source.ts';
import { steeple } from '../daemon/sandbox/steeple.ts';
import { open } from '../daemon/store/db.ts';
import { carry, settle } from '../daemon/store/moments.ts';
import { gatekeeper } from './gatekeeper.ts';
import { startRelayIn, until } from './processes.ts';

const day = 86_400_000;
const year = 365 * day;

function machine() {
  const time = { wall: 10 * year, steady: 5 };
  const jumps: (readonly [number, number])[] = [];
  const now = clock(
    () => time.wall,
    () => time.steady,
    (from, to) => jumps.push([from, to]),
  );
  const pass = (ms: number) => {
    time.wall += ms;
    time.steady += ms;
  };
  return { time, jumps, now, pass };
}

test('time never goes back and always passes, whatever the wall clock does; a jump ahead is told', () => {
  const step = fc.oneof(
    fc.record({ does: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 999, 70_000) }),
    fc.record({ does: fc.constant('set' as const), ms: fc.constantFrom(-year, -30_000, -1, 30_000, day, year) }),
  );
  const law = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    const { time, now, pass, jumps } = machine();
    let last = now();
    for (const { does, ms } of steps) {
      const told = jumps.length;
      if (does === 'set') time.wall += ms;
      else pass(ms);
      const at = now();
      expect(at).toBeGreaterThanOrEqual(last);
      // A wait of so long is over after so long, but for the minute in which a clock may be set right.
      if (does === 'pass') expect(at - last).toBeGreaterThanOrEqual(ms - 60_000);
      expect(at).toBeGreaterThanOrEqual(time.wall);
      if (at - last > 140_000) expect(jumps.length).toBe(told + 1);
      last = at;
    }
  });
  fc.assert(law);
});

test('a session of an hour lasts an hour when the wall clock goes back by a year, and a sleep is noticed', () => {
  const { time, now, pass, jumps } = machine();
  const ends = now() + 3_600_000;
  time.wall -= year;
  pass(3_599_000);
  expect(now()).toBeLessThan(ends);
  pass(1_000);
  expect(now()).toBeGreaterThanOrEqual(ends);
  expect(jumps).toEqual([]);
  const before = now();
  time.wall += year + 8 * 3_600_000;
  expect(now() - before).toBe(8 * 3_600_000);
  expect(jumps).toEqual([[before, before + 8 * 3_600_000]]);
});

test('D3 G6 I7 after a start with the clock a year back: retries are due, an overlap ends, departures count', () => {
  const db = open(':memory:');
  const now = 10 * year;
  const wrong = now + year;
  db.exec(`INSERT INTO source (id, kind, name, created_at) VALUES ('s', 'scim', 's', 1);
    INSERT INTO person (id, source, state, user_name, user_name_key, name, name_key, body, version, created_at, modified_at, seq)
      VALUES ('p', 's', 'inactive', 'p', 'p', 'p', 'p', '{}', 1, 1, 1, 1);`);
  const token = db.prepare("INSERT INTO source_token (hash, source, created_at, expires_at) VALUES (?, 's', 1, ?)");
  for (const [hash, ends] of [
    ['a', wrong + day],
    ['b', now + day],
    ['c', null],
  ] as const)
    token.run(Buffer.from(hash), ends);
  const owe = db.prepare(
    "INSERT INTO delivery (kind, lane, person, body, due_at, created_at) VALUES ('user.update', ?, 1, '{}', ?, 1)",
  );
  owe.run('later', wrong + 1000);
  owe.run('soon', now + 1000);
  const left = db.prepare("INSERT INTO departure (at, kind, person, community, role) VALUES (?, 'remove', 1, '', '')");
  left.run(wrong);
  left.run(now - 2 * day);
  settle(db, now);
  expect(db.prepare('SELECT due_at FROM delivery ORDER BY id').pluck().all()).toEqual([now, now + 1000]);
  expect(db.prepare('SELECT expires_at FROM source_token ORDER BY hash').pluck().all()).toEqual([
    now + longestOverlapMs,
    now + day,
    null,
  ]);
  expect(db.prepare('SELECT at FROM departure ORDER BY rowid').pluck().all()).toEqual([now, now - 2 * day]);
  // The clock jumps ahead by a year: who left within the day still counts, who left before that still does not.
  carry(db, now, now + year);
  expect(
    db
      .prepare('SELECT at FROM departure WHERE at > ?')
      .pluck()
      .all(now + year - day),
  ).toEqual([now + year]);
  db.close();
});

test('D3 J1 a running relay whose clock jumps back and ahead goes on receiving, sending and retrying', async () => {
  const data = mkdtempSync(join(tmpdir(), 'jump-'));
  const offset = join(data, 'offset');
  const set = (ms: number) => writeFileSync(offset, String(ms));
  set(0);
  const box = await steeple();
  const gate = await gatekeeper(box.scimUrl);
  const preload = pathToFileURL(join(import.meta.dirname, 'clockjump.ts')).href;
  const env = { CLOCK_OFFSET: offset, NODE_OPTIONS: `--import ${preload}` };
  const start = () => startRelayIn(env, join(data, 'relay'));
  let relay = await start();
  try {
    await relay.ask('upstream.set', { url: gate.url, token: box.token, by: 'ann' });
    const source = await relay.ask('source.add', { kind: 'scim', name: 'Test', by: 'ann' });
    const scim = (path: string, body: object) =>
      fetch(`${relay.scim}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${source.secretToken}`, 'content-type': 'application/scim+json' },
        body: JSON.stringify(body),
      });
    const { id: group } = (await (await scim('/Groups', { displayName: 'fin' })).json()) as { id: string };
    await relay.ask('communities.import', { text: JSON.stringify([{ id: 'fin', name: 'Fin' }]), by: 'ann' });
    const links = [{ source: source.id, group: { id: group }, community: 'fin', role: 'contributor' }];
    await relay.ask('mapping.import', { text: JSON.stringify({ version: 1, links }), note: '', by: 'ann' });
    const { id: plan } = await relay.ask('plan.make', { offset: 0, limit: 1 });
    await relay.ask('sync.enable', { plan, by: 'ann' });
    const push = async (userName: string) => expect((await scim('/Users', { userName })).status).toBe(201);
    const arrives = (userName: string) =>
      until(async () => {
        const { deliveries, owesPlan } = await relay.ask('status', {});
        const sent = gate.writes().some(({ method, body }) => method === 'POST' && body.includes(userName));
        return sent && deliveries.owed + deliveries.sending + owesPlan === 0;
      }, `${userName} is in Steeple`);
    await push('ada@x.test');
    await arrives('ada@x.test');
    set(-year);
    await push('ben@x.test');
    await arrives('ben@x.test');
    // What waits for its next try waits no longer, wherever the clock goes meanwhile.
    for (const [name, ms] of [
      ['cho@x.test', -2 * year],
      ['dan@x.test', 3 * day],
      ['eve@x.test', -year],
    ] as const) {
      let failed = false;
      gate.interfere(({ method }) => {
        if (method !== 'POST' || failed) return undefined;
        failed = true;
        return { status: 503 };
      });
      await push(name);
      await until(async () => failed, `${name} is refused once`);
      set(ms);
      await arrives(name);
    }
    const entries = await relay.ask('journal.tail', { limit: 100 });
    const times = entries.map(({ at }) => at).reverse();
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(await relay.ask('journal.verify', {})).toMatchObject({ ok: true });
    // Started again with the clock far behind what is written down.
    await relay.end('SIGTERM');
    set(-3 * year);
    relay = await start();
    await push('fay@x.test');
    await arrives('fay@x.test');
    expect(await relay.ask('journal.verify', {})).toMatchObject({ ok: true });
  } finally {
    await relay.end('SIGKILL');
    await gate.close();
    await box.close();
    rmSync(data, { recursive: true, force: true });
  }
});
