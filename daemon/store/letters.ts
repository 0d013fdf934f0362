/**
 * Deliveries as a person sees them and decides about them: the list, and what becomes of a dead letter (D5).
 *
 * Each decision is one guarded UPDATE and one journal entry, in one transaction (G8). A delivery that was dropped is owed
 * again only when what it is about changes (outbox.ts).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { DeliveryRow, type DeliveryState } from '../contract/delivery.ts';
import { NotFound, Stale } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';

export function letters(db: Database, journal: Journal) {
  const columns = `id, kind, coalesce((SELECT 'Users/' || user_name FROM person WHERE num = delivery.person) || CASE
      WHEN target IS NULL THEN '' ELSE ' in ' || coalesce((SELECT display_name FROM observed_group g WHERE g.target = delivery.target), target) END,
      'Groups/' || coalesce((SELECT display_name FROM observed_group g WHERE g.target = delivery.target), target)) AS resource,
    state, attempt, due_at AS dueAt, status, cause, remedy, created_at AS createdAt, settled_at AS settledAt FROM delivery`;
  const listed = db.prepare<{ state: string | null; limit: number; offset: number }, unknown>(
    `SELECT ${columns} WHERE @state IS NULL OR state = @state ORDER BY id DESC LIMIT @limit OFFSET @offset`,
  );
  const total = db
    .prepare<{ state: string | null }, number>('SELECT count(*) FROM delivery WHERE @state IS NULL OR state = @state')
    .pluck();
  const one = db.prepare<{ id: number }, unknown>(`SELECT ${columns} WHERE id = @id`);
  // In doubt, since nobody knows what became of the last try (D2).
  const revive = db.prepare<{ id: number }>(`
    UPDATE delivery SET state = 'ready', due_at = 0, attempt = 0, unsure = 1, cause = NULL, remedy = NULL, settled_at = NULL
    WHERE id = @id AND state = 'dead'`);
  const drop = db.prepare<{ id: number; at: number; reason: string }>(`
    UPDATE delivery SET state = 'dropped', settled_at = @at, remedy = @reason WHERE id = @id AND state IN ('dead', 'ready')`);

  function shown(id: number): DeliveryRow {
    const row = one.get({ id });
    if (row === undefined) throw new NotFound(`There is no delivery ${id}`);
    return DeliveryRow.parse(row);
  }

  return {
    list: async (state: DeliveryState | undefined, offset: number, limit: number) => ({
      items: z.array(DeliveryRow).parse(listed.all({ state: state ?? null, limit, offset })),
      total: total.get({ state: state ?? null }) ?? 0,
    }),
    /** All or none: where one of them is not dead nothing is retried, and it is named. */
    retry: async (ids: readonly number[], by: string, at: number): Promise<DeliveryRow[]> =>
      commit(db, journal, () =>
        ids.map((id) => {
          const { state } = shown(id);
          if (revive.run({ id }).changes !== 1)
            throw new Stale(`Delivery ${id} is ${state}: only a dead one can be retried`);
          journal.append({ at, kind: 'decision', actor: by, body: { what: 'delivery.retry', delivery: id } });
          return shown(id);
        }),
      ),
    drop: async (id: number, reason: string, by: string, at: number): Promise<DeliveryRow> =>
      commit(db, journal, () => {
        const { state } = shown(id);
        if (drop.run({ id, at, reason }).changes !== 1)
          throw new Stale(`Delivery ${id} is ${state}: only one that is ready or dead can be dropped`);
        journal.append({ at, kind: 'decision', actor: by, body: { what: 'delivery.drop', delivery: id, reason } });
        return shown(id);
      }),
  };
}
