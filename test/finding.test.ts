/** Finding entries of the journal, against a reading of every one of them; and what a verification tells as it goes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JournalRow } from '../daemon/contract/journal.ts';
import { open } from '../daemon/store/db.ts';
import { type Find, finding } from '../daemon/store/finding.ts';
import { type Entry, journal } from '../daemon/store/journal.ts';
import { verify } from '../daemon/store/proof.ts';

const entry = fc.record<Entry>({
  at: fc.constantFrom(1, 2, 3),
  kind: fc.constantFrom('push', 'refusal', 'decision'),
  source: fc.constantFrom('entra', 'okta', undefined),
  actor: fc.constantFrom('Ada', undefined),
  subject: fc.constantFrom('id-a', 'id-b', undefined),
  body: fc.constantFrom<unknown>({ name: 'Zoë "Z" 100%' }, { members: ['id-a'] }, { name: '1000' }, 'a\\b', null),
});
const any: Find = { kinds: [], source: '', about: '', from: null, to: null, text: '', limit: 100 };
const filter = fc.record<Find>({
  kinds: fc.subarray(['push', 'refusal', 'decision'] as const).map((some) => [...some]),
  source: fc.constantFrom('', 'entra', 'okta'),
  about: fc.constantFrom('', 'id-a', 'id-b'),
  from: fc.constantFrom(null, 2),
  to: fc.constantFrom(null, 3),
  text: fc.constantFrom('', 'ZOë', '"z"', '0%', 'ada', 'a\\b', '_'),
  limit: fc.constantFrom(1, 2, 100),
});

/** Written without a look at the SQL. ASCII letters alone are folded, as SQLite does. */
function fits({ kind, source, actor, subject, at, body }: JournalRow, by: Find): boolean {
  const folded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const written = JSON.stringify(body);
  const wanted = folded(by.text);
  const inBody = folded(written).includes(folded(JSON.stringify(by.text).slice(1, -1)));
  return (
    (by.kinds.length === 0 || by.kinds.includes(kind)) &&
    (by.source === '' || by.source === source) &&
    (by.about === '' || subject === by.about || written.includes(by.about)) &&
    (by.from === null || at >= by.from) &&
    (by.to === null || at < by.to) &&
    (inBody || [actor, subject].some((one) => one !== null && folded(one).includes(wanted)))
  );
}

test('what a filter lets through is found once, the newest first, however little is read at a time', async () => {
  const db = open(':memory:');
  db.exec('DROP TRIGGER journal_no_delete');
  const law = fc.asyncProperty(
    fc.array(entry, { maxLength: 12 }),
    filter,
    fc.constantFrom(1, 2, 5),
    fc.constantFrom(2, 4, 100),
    async (entries, by, slice, most) => {
      db.exec('DELETE FROM journal');
      const log = journal(db);
      for (const one of entries) log.append(one);
      const find = finding(db, { slice, most });
      const found: number[] = [];
      let asked = 0;
      for (let before: number | undefined; asked <= entries.length + 1; asked += 1) {
        const { items, next, head } = await find({ ...by, ...(before !== undefined && { before }) });
        expect(items.length).toBeLessThanOrEqual(by.limit);
        if (entries.length > 0) expect(head).toBe(entries.length);
        found.push(...items.map(({ seq }) => seq));
        if (next === null) break;
        before = next;
      }
      expect(asked).toBeLessThanOrEqual(entries.length); // it ends
      const whole = log.tail(100).filter((row) => fits(row, by));
      expect(found).toEqual(whole.map(({ seq }) => seq));
    },
  );
  await fc.assert(law, { numRuns: 150 });
  db.close();
});

test('I10 no more is read for one question than it may be, however little of it fits: it says where to go on', async () => {
  const db = open(':memory:');
  const log = journal(db);
  for (let at = 1; at <= 20; at += 1) log.append({ at, kind: at === 3 ? 'refusal' : 'push', body: { at } });
  const find = finding(db, { slice: 2, most: 6 });
  const asked = { ...any, kinds: ['refusal' as const] };
  const first = await find(asked);
  expect([first.items, first.next, first.head]).toEqual([[], 15, 20]);
  const second = await find({ ...asked, before: 15 });
  expect([second.items, second.next]).toEqual([[], 9]);
  const third = await find({ ...asked, before: 9 });
  expect([third.items.map(({ seq }) => seq), third.next]).toEqual([[3], 3]);
  db.close();
});

test('asked again with what it had seen, it gives only what has come since', async () => {
  const db = open(':memory:');
  const log = journal(db);
  const find = finding(db);
  expect(await find({ ...any, after: 0 })).toEqual({ items: [], next: null, head: 0 });
  for (const n of [1, 2, 3]) log.append({ at: n, kind: 'push', body: { n } });
  const { head } = await find(any);
  expect(head).toBe(3);
  expect((await find({ ...any, after: head })).items).toEqual([]);
  log.append({ at: 4, kind: 'decision', actor: 'ada', body: {} });
  log.append({ at: 5, kind: 'push', body: {} });
  const since = await find({ ...any, after: head });
  expect(since.items.map(({ seq }) => seq)).toEqual([5, 4]);
  expect(since).toMatchObject({ next: null, head: 5 });
  db.close();
});

test('J1 a verification tells how far it has come, page by page, and ends at the last entry', async () => {
  const db = open(':memory:');
  const log = journal(db);
  for (let n = 0; n < 7; n += 1) log.append({ at: n, kind: 'push', body: { n } });
  const told: number[] = [];
  expect(await verify(db, undefined, 3, (seq) => told.push(seq))).toMatchObject({ ok: true, entries: 7 });
  expect(told).toEqual([3, 6, 7]);
  db.close();
});
