/**
 * What a step of planning and a turn of sending ask of the database does not grow with what is owed: no statement of theirs
 * reads through the deliveries, or through all that is owed a plan. Told by SQLite's own words for how it will look, since
 * a clock would say it on a calm day only.
 */
import { expect, test } from 'vitest';
import { claims } from '../daemon/store/claims.ts';
import { type Database, open } from '../daemon/store/db.ts';
import { journal } from '../daemon/store/journal.ts';
import { observing } from '../daemon/store/observed.ts';
import { outbox } from '../daemon/store/outbox.ts';
import { owed } from '../daemon/store/owed.ts';

/** The statements that a part of the store prepares. */
function statements(of: (db: Database) => unknown): { db: Database; all: string[] } {
  const db = open(':memory:');
  const all: string[] = [];
  const watching = new Proxy(db, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'prepare') return value.bind(target);
      return (sql: string) => {
        all.push(sql);
        return target.prepare(sql);
      };
    },
  });
  of(watching);
  return { db, all: [...new Set(all)] };
}

/** How SQLite goes about each, by what it looks at. */
function ways(of: (db: Database) => unknown): { sql: string; way: string }[] {
  const { db, all } = statements(of);
  const found = all.flatMap((sql) => {
    const names = [...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name ?? '', null]);
    const places = [...sql.matchAll(/\?/g)].map(() => null);
    const asked = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    const rows = names.length > 0 ? asked.all(Object.fromEntries(names)) : asked.all(...places);
    return rows.map(({ detail }) => ({ sql: sql.replace(/\s+/g, ' ').trim(), way: detail }));
  });
  db.close();
  return found;
}

const sending = (db: Database) => {
  claims(db);
  outbox(db, journal(db), observing(db));
};
/** What is asked now and then, by a person or at the start, may count; and in these indexes are only few rows. */
const nowAndThen =
  /^SELECT open\.n|^SELECT count\(\*\) FROM delivery WHERE @state|^SELECT id, kind, coalesce|LIMIT 1000\)/;
const few = /INDEX delivery_(busy|dead|head|risk)\b/;
/** Groups, one after the other, each found by a skip: not a table. */
const skips = /^WITH RECURSIVE d \(lane\)/;

test('no statement that claims, settles or replaces reads through the deliveries', () => {
  const through = ways(sending).filter(
    ({ sql, way }) =>
      /^(SCAN|SEARCH) (delivery|[dear])\b(?!.*\()/.test(way) &&
      !few.test(way) &&
      !nowAndThen.test(sql) &&
      !(skips.test(sql) && way === 'SCAN d'),
  );
  expect(through).toEqual([]);
});

test('of a line, which may hold as many rows as a group has members, no row is looked for among the others', () => {
  const found = ways(sending).filter(({ sql, way }) => way.includes('delivery_open') && !nowAndThen.test(sql));
  expect(found.length).toBeGreaterThan(5);
  // Whether a group has anything beside its own deletion is answered by the first two rows; a skip takes the first.
  for (const { sql, way } of found)
    expect(way, sql).toMatch(/\(lane=\? AND state=\?( AND <expr>=\?)?( AND id<\?)?\)|\(lane>\? AND lane<\?\)/);
  // Members come in their order, so that a hundred are taken off the front and not chosen from all.
  expect(ways(sending).filter(({ sql, way }) => sql.includes('AS groupId') && /TEMP B-TREE/.test(way))).toEqual([]);
});

test('what a status counts of deliveries, it counts in indexes of those that are open, busy or dead', () => {
  const found = ways(sending).filter(({ sql }) => sql.startsWith('SELECT open.n'));
  expect(found.map(({ way }) => way).filter((way) => /^(SCAN|SEARCH) delivery/.test(way))).toEqual([
    'SCAN delivery USING COVERING INDEX delivery_open',
    expect.stringMatching(/INDEX delivery_busy/),
    expect.stringMatching(/INDEX delivery_dead/),
    expect.stringMatching(/PRIMARY KEY \(rowid=\?\)/),
  ]);
});

test('how many are owed a plan is counted only as far as a step asks, and busy people are looked up one by one', () => {
  const { db, all } = statements(owed);
  expect(all.filter((sql) => /SELECT person FROM delivery\s+WHERE/.test(sql))).toEqual([]);
  db.exec('PRAGMA foreign_keys = OFF');
  const put = db.prepare("INSERT INTO owed (kind, num, seq) VALUES ('person', ?, 1)");
  for (let num = 1; num <= 50; num += 1) put.run(num);
  const owe = owed(db);
  expect([owe.isAny(), owe.count(), owe.size(10), owe.size(49), owe.size(50), owe.size(60)]).toEqual([
    true,
    50,
    11,
    50,
    50,
    50,
  ]);
  db.close();
});
