/**
 * Held items: what waits for a person, what was decided about it, and how it ended.
 *
 * Each decision is one guarded UPDATE and one journal entry, in one transaction (G8). Opening and ending items is part of
 * planning (store/planning.ts), which passes what core/gate.ts decided.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { GateRule } from '../contract/policy.ts';
import { HeldState } from '../contract/review.ts';
import type { JsonObject } from '../contract/scim.ts';
import { accountOf } from '../core/account.ts';
import { type Event, next, type OpenItem } from '../core/gate.ts';
import type { ItemEnd, NewItem } from '../core/plan.ts';
import { nameOf } from '../core/planview.ts';
import { NotFound, Stale } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import { owed } from './owed.ts';

const Row = z.object({
  id: z.int(),
  person: z.int(),
  kind: z.enum(['remove', 'revoke', 'downgrade']),
  community: z.string(),
  from_role: z.string().nullable(),
  to_role: z.string().nullable(),
  state: HeldState,
  rule: GateRule,
  why: z.string(),
  since: z.int(),
  seq: z.int(),
  decided_by: z.string().nullable(),
  decided_at: z.int().nullable(),
  reason: z.string().nullable(),
});
const Shown = Row.extend({ personId: z.string(), personBody: z.string() });
/** An item with the person it is about; what they hold in Steeple is added by whoever knows it. */
export type Item = Readonly<z.infer<typeof Row>> & Readonly<{ personId: string; userName: string; name: string }>;
export type Reviews = ReturnType<typeof reviews>;

const Open = Row.extend({ state: z.enum(['held', 'approved', 'kept']) });
/** A row of `held` that is still open, as the gate knows it. */
export function openItem(raw: unknown): OpenItem {
  const { id, person, kind, community, from_role, to_role, state, rule, why } = Open.parse(raw);
  return { id, person, kind, community, from: from_role ?? '', to: to_role, state, rule, why };
}

export type Decision = Readonly<{
  event: Extract<Event, 'approve' | 'keep' | 'undo'>;
  by: string;
  reason: string;
  at: number;
  /** The policy asks for two different people before anything leaves (G8). */
  twoPerson: boolean;
}>;

export function reviews(db: Database, journal: Journal) {
  const columns =
    'held.*, person.id AS personId, person.body AS personBody FROM held JOIN person ON person.num = held.person';
  const listed = db.prepare<{ states: string; limit: number; offset: number }, unknown>(`
    SELECT ${columns} WHERE held.state IN (SELECT value FROM json_each(@states))
    ORDER BY held.since, held.id LIMIT @limit OFFSET @offset`);
  const counted = db.prepare<{ states: string }, { n: number }>(
    'SELECT count(*) AS n FROM held WHERE state IN (SELECT value FROM json_each(@states))',
  );
  const oldest = db.prepare<[], { count: number; oldestAt: number | null }>(
    "SELECT count(*) AS count, min(since) AS oldestAt FROM held WHERE state = 'held'",
  );
  const one = db.prepare<{ id: number }, unknown>(`SELECT ${columns} WHERE held.id = @id`);
  const ofPerson = db.prepare<{ person: number }, unknown>(
    `SELECT ${columns} WHERE held.person = @person ORDER BY held.id DESC`,
  );
  const move = db.prepare<{
    id: number;
    was: string;
    state: string;
    by: string | null;
    at: number | null;
    reason: string | null;
  }>(`
    UPDATE held SET state = @state, decided_by = @by, decided_at = @at, reason = @reason WHERE id = @id AND state = @was`);
  const end = db.prepare<{ id: number; state: string; at: number }>(
    "UPDATE held SET state = @state, ended_at = @at WHERE id = @id AND state IN ('held', 'approved', 'kept')",
  );
  const open = db.prepare<Record<string, string | number | null>>(`
    INSERT INTO held (person, kind, community, from_role, to_role, rule, why, since, seq)
    VALUES (@person, @kind, @community, @from, @to, @rule, @why, @since, @seq)`);
  const owe = owed(db);

  function shown(raw: unknown): Item {
    const { personBody, personId, ...row } = Shown.parse(raw);
    const account = accountOf(JSON.parse(personBody) as JsonObject);
    return { ...row, personId, userName: account.userName, name: nameOf(account) };
  }
  function find(id: number): Item {
    const row = one.get({ id });
    if (row === undefined) throw new NotFound(`There is no held item ${id}`);
    return shown(row);
  }
  const listOf = (states: readonly HeldState[]) => JSON.stringify(states);

  return {
    list: async (states: readonly HeldState[], offset: number, limit: number) => ({
      items: listed.all({ states: listOf(states), offset, limit }).map(shown),
      total: counted.get({ states: listOf(states) })?.n ?? 0,
    }),
    show: async (id: number): Promise<Item> => find(id),
    ofPerson: async (person: number): Promise<Item[]> => ofPerson.all({ person }).map(shown),
    waiting: async () => oldest.get() ?? { count: 0, oldestAt: null },

    /** All or none: a batch in which one item has moved on changes nothing, and names that item. */
    decide: async (ids: readonly number[], { event, by, reason, at, twoPerson }: Decision): Promise<Item[]> =>
      commit(db, journal, () =>
        ids.map((id) => {
          const item = find(id);
          const after = next(item.state, event);
          if (after === undefined)
            throw new Stale(`Item ${id} (${item.userName}) is ${item.state}, so it cannot be ${words[event]}`);
          // Who has decided on an item that is still held has approved it. Who kept it has not.
          const seconds = item.state === 'held' && item.decided_by !== null;
          if (twoPerson && event === 'approve' && seconds && item.decided_by === by)
            throw new Stale(`${by} has approved item ${id} already, and the policy asks for two different people`);
          const first = twoPerson && event === 'approve' && !seconds;
          const decision = event === 'undo' ? { by: null, at: null, reason: null } : { by, at, reason };
          if (move.run({ id, was: item.state, state: first ? 'held' : after, ...decision }).changes !== 1)
            throw new Stale(`Item ${id} has just been decided by somebody else`);
          const seq = journal.append({
            at,
            kind: 'decision',
            actor: by,
            subject: item.personId,
            body: {
              what: `review.${event}`,
              item: id,
              change: { kind: item.kind, community: item.community, from: item.from_role, to: item.to_role },
              reason,
              ...(first && { first: true }),
            },
          });
          owe.people([item.person], seq);
          return find(id);
        }),
      ),

    /** Inside planning's transaction: what the gate now holds, and what is over. */
    follow(opens: readonly NewItem[], ends: readonly ItemEnd[], seqOf: (person: number) => number, at: number): void {
      for (const { id, state } of ends) end.run({ id, state, at });
      for (const { risk, rule, why } of opens) {
        const { person, kind, community, from, to } = risk;
        const roles = kind === 'remove' ? { from: null, to: null } : { from, to };
        open.run({ person, kind, community, ...roles, rule, why, since: at, seq: seqOf(person) });
      }
    },
  };
}
const words = { approve: 'approved', keep: 'kept', undo: 'undone' } as const;
