/**
 * Plans as they were shown: an outline, and the lines in compressed parts, so that any page of a large plan is read
 * without the rest. The id is a digest of the text of the plan (P5); `basedOn` is not part of it, since the same plan made
 * a minute later is the same plan.
 */
import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { PersonChange, Plan, PlanOperation, type PlanPage } from '../contract/plan.ts';
import type { Draft } from '../core/planview.ts';
import { NotFound } from '../errors.ts';

export type Plans = ReturnType<typeof plans>;
type Line = 'people' | 'operations';
const linesInPart = 500;
const Outline = Plan.omit({ people: true, operations: true }).extend({
  total: z.object({ people: z.int(), operations: z.int() }),
});
export type PlanOutline = z.infer<typeof Outline>;

export function plans(db: Database) {
  const save = db.prepare<{ id: string; at: number; risk: string; outline: string }>(`
    INSERT INTO plan (id, at, risk, outline) VALUES (@id, @at, @risk, @outline)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, risk = excluded.risk, outline = excluded.outline`);
  const part = db.prepare<{ plan: string; line: Line; at: number; body: Buffer }>(
    'INSERT OR REPLACE INTO plan_part (plan, line, at, body) VALUES (@plan, @line, @at, @body)',
  );
  const one = db.prepare<{ id: string }, { risk: string; outline: string }>(
    'SELECT risk, outline FROM plan WHERE id = @id',
  );
  const parts = db.prepare<{ plan: string; line: Line; first: number; last: number }, { body: Buffer }>(
    'SELECT body FROM plan_part WHERE plan = @plan AND line = @line AND at BETWEEN @first AND @last ORDER BY at',
  );
  const forget = db.prepare<[]>('DELETE FROM plan WHERE id NOT IN (SELECT id FROM plan ORDER BY at DESC LIMIT 50)');

  function found(id: string) {
    const row = one.get({ id });
    if (row === undefined) throw new NotFound(`There is no plan ${id}, or it is older than the last fifty`);
    return row;
  }
  /** The lines from `offset` on, at most `limit`, out of the parts they are in. */
  function read(plan: string, line: Line, offset: number, limit: number): unknown[] {
    const first = Math.floor(offset / linesInPart);
    const last = Math.floor((offset + limit - 1) / linesInPart);
    const rows = parts.all({ plan, line, first, last });
    const lines = rows.flatMap(({ body }) => JSON.parse(zstdDecompressSync(body).toString()) as unknown[]);
    const skipped = offset - first * linesInPart;
    return lines.slice(skipped, skipped + limit);
  }

  return {
    /** Writes a draft down, inside the caller's transaction. */
    keep({ outline, people, operations, risk }: Draft, at: number): PlanOutline {
      const { basedOn, ...said } = outline;
      const hash = createHash('sha256').update(JSON.stringify([basedOn.mapping, said]));
      const made: { line: Line; at: number; body: Buffer }[] = [];
      const total = { people: 0, operations: 0 };
      const write = (line: Line, all: Iterable<unknown>) => {
        let open: string[] = [];
        const close = () => {
          made.push({
            line,
            at: made.filter((other) => other.line === line).length,
            body: zstdCompressSync(`[${open.join()}]`),
          });
          open = [];
        };
        for (const item of all) {
          const text = JSON.stringify(item);
          hash.update(text);
          open.push(text);
          total[line] += 1;
          if (open.length === linesInPart) close();
        }
        if (open.length > 0) close();
      };
      write('people', people);
      write('operations', operations);
      const id = `plan-${hash.digest('hex').slice(0, 16)}`;
      const kept: PlanOutline = { id, ...outline, total };
      save.run({ id, at, risk, outline: JSON.stringify(kept) });
      for (const piece of made) part.run({ plan: id, ...piece });
      forget.run();
      return kept;
    },
    /** @throws NotFound */
    riskOf: (id: string): string => found(id).risk,
    /** @throws NotFound */
    page(id: string, offset: number, limit: number): PlanPage {
      const outline = Outline.parse(JSON.parse(found(id).outline));
      return {
        ...outline,
        people: z.array(PersonChange).parse(read(id, 'people', offset, limit)),
        operations: z.array(PlanOperation).parse(read(id, 'operations', offset, limit)),
      };
    },
  };
}
