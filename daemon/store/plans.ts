/**
 * The shelf of plans: puts bound ones on it a few parts at a time, keeps those that have a name, and lets the others go when
 * fifty newer ones have been made. How a plan is read: leafing.ts.
 *
 * A plan is there once all of it is: until then its state is 'writing', and nobody finds it.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { PlanRow } from '../contract/plan.ts';
import { say } from '../core/saying.ts';
import { NotFound } from '../errors.ts';
import type { Bound, Part, PlanOutline } from './binding.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';

export type Plans = ReturnType<typeof plans>;
/** What somebody has looked at in a plan. */
export const Looked = z.partialRecord(
  z.enum(['removals', 'downgrades', 'strangers']),
  z.object({ by: z.string(), at: z.int() }),
);
export type Looked = z.infer<typeof Looked>;
const bytesAtOnce = 256 * 1024;
/** Plans without a name take no more of the disk than this, the last one apart. */
const mostBytes = 256 * 1024 * 1024;
const weightOf = (parts: readonly Part[]): number => parts.reduce((sum, { body }) => sum + body.length, 0);

const Row = z.object({
  id: z.string(),
  at: z.int(),
  risk: z.string(),
  outline: z.string(),
  name: z.string(),
  note: z.string(),
  kept_by: z.string().nullable(),
  looked: z.string(),
});

export function plans(db: Database, journal: Journal) {
  const begin = db.prepare<{ id: string; at: number; risk: string; outline: string }>(`
    INSERT INTO plan (id, at, risk, outline, state) VALUES (@id, @at, @risk, @outline, 'writing')
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, outline = excluded.outline`);
  const stateOf = db.prepare<{ id: string }, string>('SELECT state FROM plan WHERE id = @id').pluck();
  const part = db.prepare<Part & { plan: string }>(
    'INSERT OR REPLACE INTO plan_part (plan, line, at, body) VALUES (@plan, @line, @at, @body)',
  );
  const finish = db.prepare<{ id: string }>("UPDATE plan SET state = 'whole' WHERE id = @id");
  const one = db.prepare<{ id: string }, unknown>("SELECT * FROM plan WHERE id = @id AND state = 'whole'");
  const latest = db
    .prepare<[], string>("SELECT id FROM plan WHERE state = 'whole' ORDER BY at DESC, id LIMIT 1")
    .pluck();
  const listed = db.prepare<{ offset: number; limit: number }, unknown>(
    "SELECT * FROM plan WHERE state = 'whole' ORDER BY at DESC, id LIMIT @limit OFFSET @offset",
  );
  const counted = db.prepare<[], number>("SELECT count(*) FROM plan WHERE state = 'whole'").pluck();
  const weigh = db.prepare<{ id: string; bytes: number }>('UPDATE plan SET bytes = @bytes WHERE id = @id');
  const forget = db.prepare<{ most: number }>(`
    DELETE FROM plan WHERE name = '' AND id NOT IN (
      SELECT id FROM (SELECT id, row_number() OVER latest AS place, sum(bytes) OVER latest AS total FROM plan
        WHERE name = '' WINDOW latest AS (ORDER BY at DESC, id))
      WHERE place = 1 OR (place <= 50 AND total <= @most))`);
  const name = db.prepare<{ id: string; name: string; note: string; by: string | null }>(
    'UPDATE plan SET name = @name, note = @note, kept_by = @by WHERE id = @id',
  );
  const setLooked = db.prepare<{ id: string; looked: string }>('UPDATE plan SET looked = @looked WHERE id = @id');

  function found(id: string) {
    const row = Row.optional().parse(one.get({ id }));
    if (row === undefined) throw new NotFound(say('plan.unknown', { plan: id }));
    return row;
  }
  function rowOf({ id, at, outline, name: called, note, kept_by }: z.infer<typeof Row>): PlanRow {
    const { basedOn, summary, total } = JSON.parse(outline) as PlanOutline;
    const { mapping, of = 'published' } = basedOn;
    return { id, at, mapping, of, summary, strangers: total.strangers ?? 0, name: called, note, keptBy: kept_by };
  }

  return {
    /** Inside the caller's transaction: all of a plan at once. */
    put({ outline, risk, parts }: Bound, at: number): void {
      const { id } = outline;
      const known = stateOf.get({ id }) === 'whole';
      begin.run({ id, at, risk, outline: JSON.stringify(outline) });
      if (!known) {
        for (const piece of parts) part.run({ plan: id, ...piece });
        weigh.run({ id, bytes: weightOf(parts) });
        finish.run({ id });
      }
      forget.run({ most: mostBytes });
    },
    /** The same in many short transactions, with a turn of the loop between them. */
    async shelve({ outline, risk, parts }: Bound, at: number): Promise<void> {
      const { id } = outline;
      const known = stateOf.get({ id }) === 'whole';
      begin.run({ id, at, risk, outline: JSON.stringify(outline) });
      for (let from = 0; !known && from < parts.length; ) {
        await new Promise(setImmediate);
        db.transaction(() => {
          for (let bytes = 0; from < parts.length && bytes < bytesAtOnce; from += 1) {
            const piece = parts[from] as Part;
            bytes += piece.body.length;
            part.run({ plan: id, ...piece });
          }
        }).immediate();
      }
      if (!known) {
        weigh.run({ id, bytes: weightOf(parts) });
        finish.run({ id });
      }
      forget.run({ most: mostBytes });
    },
    /** @throws NotFound */
    riskOf: (id: string): string => found(id).risk,
    /** @throws NotFound */
    outlineOf: (id: string): PlanOutline => JSON.parse(found(id).outline) as PlanOutline,
    /** @throws NotFound */
    row: (id: string): PlanRow => rowOf(found(id)),
    latest: (): string | undefined => latest.get(),
    list: (offset: number, limit: number) => ({
      items: z.array(Row).parse(listed.all({ offset, limit })).map(rowOf),
      total: counted.get() ?? 0,
    }),
    /** Gives it a name to be kept by; '' lets it go in its time. @throws NotFound */
    keep(id: string, given: Readonly<{ name: string; note: string }>, by: string, at: number): PlanRow {
      return commit(db, journal, () => {
        const row = found(id);
        const kept = given.name !== '';
        name.run({ id, ...given, by: kept ? by : null });
        const what = kept
          ? { what: 'plan.keep', plan: id, ...given }
          : { what: 'plan.release', plan: id, name: row.name };
        journal.append({ at, kind: 'decision', actor: by, body: what });
        return rowOf(found(id));
      });
    },
    /** @throws NotFound */
    looked: (id: string): Looked => Looked.parse(JSON.parse(found(id).looked)),
    /** @throws NotFound */
    look: (id: string, parts: readonly (keyof Looked)[], by: string, at: number): void =>
      commit(db, journal, () => {
        const before = Looked.parse(JSON.parse(found(id).looked));
        const after = { ...before, ...Object.fromEntries(parts.map((one) => [one, { by, at }])) };
        setLooked.run({ id, looked: JSON.stringify(after) });
        journal.append({ at, kind: 'decision', actor: by, body: { what: 'preflight.look', plan: id, parts } });
      }),
  };
}
