/** The clock of the relay, and what a jump of the wall's clock may not do to moments that are written down. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clock } from '../daemon/clock.ts';
import { longestOverlapMs } from '../daemon/contract/source.ts';
import { open } from '../daemon/store/db.ts';
import { carry, settle } from '../daemon/store/moments.ts';

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
