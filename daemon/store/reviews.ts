/**
 * Held items: what waits for a person, and how it ended. What was decided about it: deciding.ts.
 *
 * Opening and ending items is part of planning (store/planning.ts), which passes what core/gate.ts decided.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { GateRule } from '../contract/policy.ts';
import { type HeldFilter, HeldKind, HeldState } from '../contract/review.ts';
import type { JsonObject } from '../contract/scim.ts';
import { accountOf } from '../core/account.ts';
import { fold } from '../core/directory.ts';
import type { OpenItem } from '../core/gate.ts';
import type { ItemEnd, NewItem } from '../core/plan.ts';
import { nameOf } from '../core/planview.ts';
import { say } from '../core/saying.ts';
import { dayMs } from '../core/standing.ts';
import { NotFound } from '../errors.ts';
import { deciding } from './deciding.ts';
import type { Journal } from './journal.ts';

const Row = z.object({
  id: z.int(),
  person: z.int(),
  kind: HeldKind,
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
  kept_until: z.int().nullable(),
  standing: z.string().nullable(),
  ended_at: z.int().nullable(),
});
const Shown = Row.extend({
  personId: z.string(),
  personBody: z.string(),
  source: z.string(),
  roles: z.string(),
  earlier: z.int(),
  decisions: z.int(),
});
const Roles = z.array(z.object({ community: z.string(), role: z.string() }));
/** An item with the person it is about; what they hold in Steeple is added by whoever knows it. */
export type Item = Readonly<z.infer<typeof Row>> &
  Readonly<{
    personId: string;
    source: string;
    userName: string;
    name: string;
    /** What it takes, as it was when the item was opened. */
    roles: readonly Readonly<{ community: string; role: string }>[];
    /** How many decisions there are on this person, and on this very item. */
    earlier: number;
    decisions: number;
  }>;
export type Reviews = ReturnType<typeof reviews>;
/** What a filter may leave out. */
export type Narrowing = Readonly<Partial<HeldFilter>>;

const Open = Row.extend({ state: z.enum(['held', 'approved', 'kept']) });
/** A row of `held` that is still open, as the gate knows it. */
export function openItem(raw: unknown): OpenItem {
  const { id, person, kind, community, from_role, to_role, state, rule, why, since, decided_at, standing } =
    Open.parse(raw);
  const change = { person, kind, community, from: from_role ?? '', to: to_role };
  return { id, ...change, state, rule, why, since, decidedAt: decided_at, standing };
}

type Asked = Readonly<Record<string, string | number | null>>;

export function reviews(db: Database, journal: Journal) {
  const columns = `held.*, person.id AS personId, person.body AS personBody, person.source,
    (SELECT count(*) FROM review_decision d WHERE d.person = held.person) AS earlier,
    (SELECT count(*) FROM review_decision d WHERE d.item = held.id) AS decisions
    FROM held JOIN person ON person.num = held.person`;
  const narrowed = `held.state IN (SELECT value FROM json_each(@states))
    AND (@kinds IS NULL OR held.kind IN (SELECT value FROM json_each(@kinds)))
    AND (@rules IS NULL OR held.rule IN (SELECT value FROM json_each(@rules)))
    AND (@source IS NULL OR person.source = @source)
    AND (@community IS NULL OR held.community = @community OR (held.kind = 'remove' AND EXISTS (
      SELECT 1 FROM json_each(held.roles) WHERE json_extract(value, '$.community') = @community)))
    AND (@text IS NULL OR instr(person.user_name_key, @text) > 0 OR instr(person.name_key, @text) > 0)
    AND (@before IS NULL OR held.since <= @before) AND (@after IS NULL OR held.since >= @after)`;
  const listed = db.prepare<Asked & { limit: number; offset: number }, unknown>(`
    SELECT ${columns} WHERE ${narrowed} ORDER BY held.since, held.id LIMIT @limit OFFSET @offset`);
  const found = db
    .prepare<Asked, number>(`
      SELECT held.id FROM held JOIN person ON person.num = held.person WHERE ${narrowed} ORDER BY held.since, held.id`)
    .pluck();
  const counted = db.prepare<
    Asked,
    { kind: string; rule: string; source: string; community: string; n: number; oldestAt: number }
  >(`
    SELECT held.kind, held.rule, person.source, held.community, count(*) AS n, min(held.since) AS oldestAt
    FROM held JOIN person ON person.num = held.person WHERE ${narrowed}
    GROUP BY held.kind, held.rule, person.source, held.community`);
  const oldest = db.prepare<[], { count: number; oldestAt: number | null }>(
    "SELECT count(*) AS count, min(since) AS oldestAt FROM held WHERE state = 'held'",
  );
  const one = db.prepare<{ id: number }, unknown>(`SELECT ${columns} WHERE held.id = @id`);
  const ofPerson = db.prepare<{ person: number }, unknown>(
    `SELECT ${columns} WHERE held.person = @person ORDER BY held.id DESC`,
  );
  const end = db.prepare<{ id: number; state: string; at: number }>(
    "UPDATE held SET state = @state, ended_at = @at WHERE id = @id AND state IN ('held', 'approved', 'kept')",
  );
  // A removal of somebody who is active at the source is about nothing else.
  const taken = db.prepare<{ at: number }>(`
    UPDATE held SET state = 'withdrawn', ended_at = @at WHERE id IN (
      SELECT held.id FROM held JOIN person ON person.num = held.person
      WHERE held.state IN ('held', 'approved', 'kept') AND held.kind = 'remove'
        AND (held.rule = 'take-back' OR person.state = 'active') LIMIT 500)`);
  const open = db.prepare<Record<string, string | number | null>>(`
    INSERT INTO held (person, kind, community, from_role, to_role, rule, why, since, seq, groups, roles)
    VALUES (@person, @kind, @community, @from, @to, @rule, @why, @since, @seq, @groups, @roles)`);

  function shown(raw: unknown): Item {
    const { personBody, roles, ...row } = Shown.parse(raw);
    const account = accountOf(JSON.parse(personBody) as JsonObject);
    return { ...row, roles: Roles.parse(JSON.parse(roles)), userName: account.userName, name: nameOf(account) };
  }
  function find(id: number): Item {
    const row = one.get({ id });
    if (row === undefined) throw new NotFound(say('decision.unknown', { item: id }));
    return shown(row);
  }
  const listOf = (some: readonly string[] | undefined) => (some === undefined ? null : JSON.stringify(some));
  const asked = (
    { states = ['held'], kinds, rules, community, source, text, minDays, maxDays }: Narrowing,
    now: number,
  ) => ({
    states: listOf(states),
    kinds: listOf(kinds),
    rules: listOf(rules),
    community: community ?? null,
    source: source ?? null,
    text: text === undefined || text === '' ? null : fold(text),
    before: minDays === undefined ? null : now - minDays * dayMs,
    after: maxDays === undefined ? null : now - maxDays * dayMs,
  });
  const idsOf = (filter: Narrowing, now: number): number[] => found.all(asked(filter, now));

  return {
    ...deciding(db, journal, { find, idsOf }),
    list: async (filter: Narrowing, offset: number, limit: number, now = 0) => {
      const wanted = asked(filter, now);
      return {
        items: listed.all({ ...wanted, offset, limit }).map(shown),
        total: counted.all(wanted).reduce((sum, { n }) => sum + n, 0),
      };
    },
    counts: async (filter: Narrowing, now: number) => {
      const rows = counted.all(asked(filter, now));
      const by = (key: 'kind' | 'rule' | 'source' | 'community') =>
        Object.fromEntries(
          [...Map.groupBy(rows, (row) => row[key])]
            .filter(([name]) => name !== '') // a removal is about no one community
            .map(([name, some]) => [name, some.reduce((sum, { n }) => sum + n, 0)]),
        );
      return {
        total: rows.reduce((sum, { n }) => sum + n, 0),
        oldestAt: rows.length === 0 ? null : Math.min(...rows.map(({ oldestAt }) => oldestAt)),
        kinds: by('kind'),
        rules: by('rule'),
        sources: by('source'),
        communities: by('community'),
      };
    },
    show: async (id: number): Promise<Item> => find(id),
    ofPerson: async (person: number): Promise<Item[]> => ofPerson.all({ person }).map(shown),
    waiting: async () => oldest.get() ?? { count: 0, oldestAt: null },

    /** Taking back is over: ends some of what waits for that. Gives how much; nothing when there is no more. */
    withdrawTaken: (at: number): number => taken.run({ at }).changes,

    /** Inside planning's transaction: what the gate now holds, and what is over. */
    follow(opens: readonly NewItem[], ends: readonly ItemEnd[], seqOf: (person: number) => number, at: number): void {
      for (const { id, state } of ends) end.run({ id, state, at });
      for (const { risk, rule, why } of opens) {
        const { person, kind, community, from, to } = risk;
        const change = kind === 'remove' ? { from: null, to: null } : { from, to };
        const lists = { groups: JSON.stringify(risk.groups), roles: JSON.stringify(risk.roles) };
        open.run({ person, kind, community, ...change, rule, why, since: at, seq: seqOf(person), ...lists });
      }
    },
  };
}
