/**
 * Finds entries of the journal by what they are, when they came, whom they are about and what they say.
 *
 * Reads only, from the newest back, a few hundred entries at a time with a turn of the loop between: an index for this would
 * cost every push a page to flush. Asked again with `after`, it reads only what has come since.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JournalFilter, JournalRow } from '../contract/journal.ts';
import { columns, Row, shown } from './journal.ts';

export type Find = JournalFilter & Readonly<{ before?: number | undefined; after?: number | undefined; limit: number }>;
export type Finds = Readonly<{ items: JournalRow[]; next: number | null; head: number }>;

/** Two milliseconds' worth. */
const rowsInSlice = 400;
const mostRead = 50_000;
const Ends = z.object({ first: z.int().nullable(), head: z.int().nullable() });

/** A text as LIKE takes it literally. */
const inside = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

export function finding(db: Database, { slice = rowsInSlice, most = mostRead } = {}) {
  const ends = db.prepare<[], unknown>('SELECT min(seq) AS first, max(seq) AS head FROM journal');
  const within = db.prepare<Record<string, string | number | null>>(`
    SELECT ${columns} FROM journal WHERE seq >= @low AND seq <= @high
      AND (@kinds = '[]' OR kind IN (SELECT value FROM json_each(@kinds)))
      AND (@source = '' OR source = @source)
      AND (@from IS NULL OR at >= @from) AND (@to IS NULL OR at < @to)
      AND (@about = '' OR subject = @about OR instr(body, @about) > 0)
      AND (@text = '' OR body LIKE @written ESCAPE '\\' OR actor LIKE @like ESCAPE '\\' OR subject LIKE @like ESCAPE '\\')
    ORDER BY seq DESC LIMIT @limit`);

  return async ({ kinds, source, about, from, to, text, before, after, limit }: Find): Promise<Finds> => {
    const { first, head } = Ends.parse(ends.get());
    if (first === null || head === null) return { items: [], next: null, head: after ?? 0 };
    const like = inside(text);
    // Inside a body a quote or a backslash is written as JSON writes it.
    const written = inside(JSON.stringify(text).slice(1, -1));
    const asked = { kinds: JSON.stringify(kinds), source, about, from, to, text, like, written };
    const lowest = Math.max(first, (after ?? 0) + 1);
    const items: JournalRow[] = [];
    let high = Math.min(head, (before ?? head + 1) - 1);
    for (let read = 0; high >= lowest && items.length < limit && read < most; read += slice) {
      if (read > 0) await turn();
      const low = Math.max(lowest, high - slice + 1);
      const rows = z.array(Row).parse(within.all({ ...asked, low, high, limit: limit - items.length }));
      items.push(...rows.map(shown));
      high = items.length < limit ? low - 1 : (items.at(-1)?.seq ?? low) - 1;
    }
    return { items, next: high < lowest ? null : high + 1, head };
  };
}
