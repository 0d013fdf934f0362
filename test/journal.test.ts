import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Database, open } from '../daemon/store/db.ts';
import { type Entry, journal } from '../daemon/store/journal.ts';

const entry = fc.record<Entry>({
  at: fc.constantFrom(0, 1, 2),
  kind: fc.constantFrom('push', 'refusal', 'decision'),
  source: fc.constantFrom('entra', 'okta', undefined),
  actor: fc.constantFrom('ada', undefined),
  subject: fc.constantFrom('a', 'b', undefined),
  body: fc.constantFrom({ a: 1 }, { a: 2 }, {}, 'a\nb', null),
});

/** A journal of `entries`, and the database under it with its triggers gone, as somebody with a hex editor finds it. */
function written(entries: readonly Entry[]): { db: Database; log: ReturnType<typeof journal> } {
  const db = open(':memory:');
  const log = journal(db);
  for (const one of entries) log.append(one);
  db.exec('DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete');
  return { db, log };
}

type Tampering = Readonly<{ name: string; at: number; sql: readonly string[]; firstBad: number }>;

const tamperings = (entries: number): fc.Arbitrary<Tampering> =>
  fc.integer({ min: 1, max: entries }).chain((at) =>
    fc.constantFrom<Tampering>(
      ...[
        'at = at + 1',
        "body = body || ' '",
        "source = coalesce(source, '') || 'x'",
        "kind = iif(kind = 'push', 'refusal', 'push')",
      ]
        .concat(["actor = coalesce(actor, '') || 'x'", "subject = coalesce(subject, '') || 'x'", 'hash = zeroblob(32)'])
        .map((set) => ({
          name: `edit ${set}`,
          at,
          sql: [`UPDATE journal SET ${set} WHERE seq = ${at}`],
          firstBad: at,
        })),
      { name: 'remove one', at, sql: [`DELETE FROM journal WHERE seq = ${at}`], firstBad: at },
      { name: 'cut off the end', at, sql: [`DELETE FROM journal WHERE seq >= ${at}`], firstBad: at },
      {
        name: 'remove one and close the gap',
        at,
        sql: [`DELETE FROM journal WHERE seq = ${at}`, `UPDATE journal SET seq = seq - 1 WHERE seq > ${at}`],
        firstBad: at,
      },
      ...(at < entries
        ? [
            {
              name: 'swap two neighbours',
              at,
              sql: [
                `UPDATE journal SET seq = -1 WHERE seq = ${at}`,
                `UPDATE journal SET seq = ${at} WHERE seq = ${at + 1}`,
                `UPDATE journal SET seq = ${at + 1} WHERE seq = -1`,
              ],
              firstBad: at,
            },
          ]
        : []),
    ),
  );

describe('The journal', () => {
  test('J1 verifies as written, and names the first bad entry after any edit, removal or reorder', async () => {
    const law = fc.asyncProperty(
      fc
        .array(entry, { minLength: 1, maxLength: 6 })
        .chain((entries) => fc.tuple(fc.constant(entries), tamperings(entries.length))),
      async ([entries, { sql, firstBad }]) => {
        const { db, log } = written(entries);
        try {
          expect(await log.verify()).toMatchObject({ ok: true, entries: entries.length, bad: null });
          for (const statement of sql) db.exec(statement);
          expect((await log.verify()).bad?.seq).toBe(firstBad);
        } finally {
          db.close();
        }
      },
    );
    await fc.assert(law, { numRuns: 200 });
  });

  test('J1 says what is wrong with the first bad entry', async () => {
    const { db, log } = written([1, 2, 3].map((at): Entry => ({ at, kind: 'push', body: {} })));
    db.exec('DELETE FROM journal WHERE seq = 2');
    expect((await log.verify()).bad).toEqual({ seq: 2, problem: 'it is missing' });
    db.exec('DELETE FROM journal WHERE seq = 3');
    expect((await log.verify()).bad?.problem).toContain('it is missing, and so is all that followed, up to entry 3');
    db.exec('UPDATE journal SET at = 7');
    expect((await log.verify()).bad).toEqual({ seq: 1, problem: expect.stringContaining('its hash does not cover') });
    db.close();
  });

  test('J1 is append-only: neither an update nor a delete passes, whoever asks', () => {
    const db = open(':memory:');
    journal(db).append({ at: 1, kind: 'decision', body: {} });
    expect(() => db.exec('UPDATE journal SET at = 2')).toThrow('append-only');
    expect(() => db.exec('DELETE FROM journal')).toThrow('append-only');
    db.close();
  });

  test('J1 goes on with the chain after a rolled-back append and after a restart', async () => {
    const db = open(':memory:');
    const log = journal(db);
    log.append({ at: 1, kind: 'push', body: 1 });
    expect(() =>
      db
        .transaction(() => {
          log.append({ at: 2, kind: 'push', body: 2 });
          throw new Error('rolled back');
        })
        .immediate(),
    ).toThrow('rolled back');
    log.forget();
    expect(log.append({ at: 3, kind: 'push', body: 3 })).toBe(2);
    expect(journal(db).append({ at: 4, kind: 'refusal', body: 4 })).toBe(3);
    expect(await log.verify()).toMatchObject({ ok: true, entries: 3, bad: null });
    expect([...log.entries()].map(({ body }) => body)).toEqual([1, 3, 4]);
    db.close();
  });

  test('J1 can be verified and read while pushes go on', async () => {
    const db = open(':memory:');
    const log = journal(db);
    for (let at = 0; at < 2500; at += 1) log.append({ at, kind: 'push', body: {} });
    const verifying = log.verify();
    let read = 0;
    for (const { seq } of log.entries()) {
      read = seq;
      if (seq % 500 === 0 && seq <= 2500) log.append({ at: 0, kind: 'push', body: {} });
    }
    expect(read).toBe(2505);
    expect(await verifying).toMatchObject({ ok: true, entries: 2505, bad: null });
    db.close();
  });

  test('shows entries newest first, one by number, and counts them by kind', () => {
    const db = open(':memory:');
    const log = journal(db);
    expect(log.counts()).toEqual({ entries: 0, pushes: 0, refusals: 0, lastAt: null, lastPush: 0 });
    for (const kind of ['push', 'refusal', 'push', 'decision'] as const) log.append({ at: 7, kind, body: { kind } });
    expect(log.counts()).toEqual({ entries: 4, pushes: 2, refusals: 1, lastAt: 7, lastPush: 3 });
    expect(log.tail(2).map(({ seq }) => seq)).toEqual([4, 3]);
    expect(log.tail(2, 3).map(({ seq }) => seq)).toEqual([2, 1]);
    expect(log.show(2)).toMatchObject({ seq: 2, kind: 'refusal', source: null, body: { kind: 'refusal' } });
    expect(log.show(5)).toBeUndefined();
    db.close();
  });
});
