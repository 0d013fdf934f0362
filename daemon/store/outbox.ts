/**
 * The outbox: deliveries owed to Steeple. What is owed is replaced whenever a person is planned again, so a hundred pushes
 * become the few writes that are still needed; what is on its way, or in doubt, is left alone until it is settled.
 *
 *   claim   ready → sending    only the head of a resource's line (D1); memberships of one group leave together (D7)
 *   settle  sending → done, ready (again), dead    with what Steeple is now known to hold, in one commit
 *
 * `attempt` fences: a claim that was given up, after a restart, can no longer settle. Laws: D1, D2, D3, D5, P4.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { DeliveryState } from '../contract/admin.ts';
import type { JsonObject } from '../contract/scim.ts';
import type { DeliveryKind } from '../core/delivery.ts';
import type { Operation } from '../core/plan.ts';
import { NotFound, Stale } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import type { Effect, Observing } from './observed.ts';
import { owed } from './owed.ts';

export type JobMember = Readonly<{ id: number; person: number; steepleId: string; add: boolean }>;
/** One request to Steeple. `steepleId` is of the resource it writes; absent where it does not exist yet. */
export type Job = Readonly<{
  ids: readonly number[];
  kind: DeliveryKind;
  person: number | undefined;
  target: string | undefined;
  steepleId: string | undefined;
  body: JsonObject;
  members: readonly JobMember[];
  attempt: number;
  unsure: boolean;
}>;
export type Settlement = Readonly<{
  job: Job;
  state: 'done' | 'ready' | 'dead';
  at: number;
  dueAt?: number;
  unsure?: boolean;
  status?: number | undefined;
  cause?: string;
  remedy?: string;
  effects: readonly Effect[];
  /** Rows of the job that are done, or refused for good, whatever becomes of the rest. */
  done?: readonly number[];
  dead?: readonly Readonly<{ id: number; status: number | undefined; cause: string; remedy: string }>[];
}>;
export type Outbox = ReturnType<typeof outbox>;

const Row = z.object({
  id: z.int(),
  kind: z.string(),
  lane: z.string(),
  person: z.int().nullable(),
  target: z.string().nullable(),
  body: z.string(),
  attempt: z.int(),
  unsure: z.int(),
});
type Row = Readonly<z.infer<typeof Row>>;
type OpenRow = Readonly<{
  id: number;
  kind: string;
  person: number | null;
  target: string | null;
  body: string;
  state: DeliveryState;
}>;
const Listed = z.object({
  id: z.int(),
  kind: z.string(),
  resource: z.string(),
  state: DeliveryState,
  attempt: z.int(),
  dueAt: z.int(),
  status: z.int().nullable(),
  cause: z.string().nullable(),
  remedy: z.string().nullable(),
  createdAt: z.int(),
  settledAt: z.int().nullable(),
});

export function outbox(db: Database, journal: Journal, observed: Observing) {
  const insert = db.prepare<Record<string, string | number | null>>(`
    INSERT INTO delivery (kind, lane, person, target, community, risk, role, body, frees, takes, created_at)
    VALUES (@kind, @lane, @person, @target, @community, @risk, @role, @body, @frees, @takes, @at)`);
  const openOf = db.prepare<{ nums: string }, OpenRow>(`
    SELECT id, kind, person, target, body, state FROM delivery
    WHERE state IN ('ready', 'dead', 'dropped') AND person IN (SELECT value FROM json_each(@nums))`);
  const openOfGroups = db.prepare<[], OpenRow>(`
    SELECT id, kind, person, target, body, state FROM delivery WHERE state IN ('ready', 'sending', 'dead', 'dropped') AND person IS NULL`);
  const remove = db.prepare<{ id: number }>("DELETE FROM delivery WHERE id = @id AND state = 'ready'");
  const outdate = db.prepare<{ id: number; at: number }>(`
    UPDATE delivery SET state = 'outdated', settled_at = @at WHERE id = @id AND state IN ('dead', 'dropped')`);
  const busy = db.prepare<[], { person: number }>(`
    SELECT DISTINCT person FROM delivery
    WHERE person IS NOT NULL AND (state = 'sending' OR (state = 'ready' AND unsure = 1))`);

  // The head of a line, when nothing of that line is on its way, and the userName it takes is not another account's of
  // ours. The conditions on state are written as the partial indexes have them, or SQLite would not use those.
  const heads = db.prepare<{ now: number; limit: number }, unknown>(`
    SELECT d.id, d.kind, d.lane, d.person, d.target, d.body, d.attempt, d.unsure FROM delivery d
    WHERE d.state = 'ready' AND d.kind NOT IN ('member.add', 'member.remove') AND d.due_at <= @now
      AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.lane = d.lane AND e.state IN ('ready', 'sending')
        AND (e.state = 'sending' OR (e.id < d.id AND e.kind NOT IN ('member.add', 'member.remove'))))
      AND NOT (d.kind = 'group.delete' AND EXISTS (SELECT 1 FROM delivery e WHERE e.lane = d.lane
        AND e.state IN ('ready', 'sending') AND e.id <> d.id))
      AND (d.takes IS NULL OR NOT EXISTS (
        SELECT 1 FROM observed_user o WHERE o.user_name_key = d.takes AND o.person IS NOT NULL AND o.person <> d.person))
    ORDER BY d.id LIMIT @limit`);
  // Skips from line to line, since one line may hold as many rows as a group has members.
  const memberLanes = db.prepare<[], { lane: string }>(`
    WITH RECURSIVE line (lane) AS (
      SELECT min(lane) FROM delivery WHERE state = 'ready' AND kind IN ('member.add', 'member.remove')
      UNION ALL
      SELECT (SELECT min(lane) FROM delivery
              WHERE state = 'ready' AND kind IN ('member.add', 'member.remove') AND lane > line.lane)
      FROM line WHERE line.lane IS NOT NULL)
    SELECT lane FROM line WHERE lane IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM delivery e WHERE e.lane = line.lane AND e.state IN ('ready', 'sending')
        AND (e.state = 'sending' OR e.kind IN ('group.create', 'group.update')))`);
  // Into a group once the account is there and active; out of it once what replaces it in the community is in place.
  const members = db.prepare<
    { lane: string; now: number; limit: number },
    Row & Readonly<{ steepleId: string; groupId: string }>
  >(`
    SELECT d.id, d.kind, d.lane, d.person, d.target, d.body, d.attempt, d.unsure, o.steeple_id AS steepleId, g.steeple_id AS groupId
    FROM delivery d JOIN observed_user o ON o.person = d.person JOIN observed_group g ON g.target = d.target
    WHERE d.lane = @lane AND d.state = 'ready' AND d.due_at <= @now AND d.kind IN ('member.add', 'member.remove')
      AND (d.kind = 'member.remove' OR o.active = 1)
      AND NOT (d.kind = 'member.remove' AND d.community IS NOT NULL AND EXISTS (
        SELECT 1 FROM delivery a WHERE a.person = d.person AND a.kind = 'member.add' AND a.community = d.community
          AND a.state IN ('ready', 'sending')))
    ORDER BY d.id LIMIT @limit`);
  const steepleUser = db.prepare<{ person: number }, { id: string }>(
    'SELECT steeple_id AS id FROM observed_user WHERE person = @person',
  );
  const steepleGroup = db.prepare<{ target: string }, { id: string }>(
    'SELECT steeple_id AS id FROM observed_group WHERE target = @target',
  );
  const owner = db.prepare<{ steepleId: string }, { person: number }>(`
    SELECT o.person FROM observed_user o JOIN person p ON p.num = o.person
    WHERE o.steeple_id = @steepleId AND p.state <> 'deleted'`);
  const take = db.prepare<{ ids: string }>(`
    UPDATE delivery SET state = 'sending', attempt = attempt + 1
    WHERE id IN (SELECT value FROM json_each(@ids)) AND state = 'ready'`);
  const settleOne = db.prepare<Record<string, string | number | null>>(`
    UPDATE delivery SET state = @state, due_at = @dueAt, unsure = @unsure, status = @status, cause = @cause, remedy = @remedy,
      settled_at = CASE WHEN @state = 'ready' THEN NULL ELSE @at END
    WHERE id = @id AND state = 'sending'`);
  const depart = db.prepare<{ id: number; at: number }>(`
    INSERT INTO departure (at, kind, person, community, role)
    SELECT @at, risk, person, coalesce(community, ''), coalesce(role, '') FROM delivery WHERE id = @id AND risk IS NOT NULL`);
  const riskyPerson = db
    .prepare<{ id: number }, number>('SELECT person FROM delivery WHERE id = @id AND risk IS NOT NULL')
    .pluck();
  const owe = owed(db);
  const recover = db.prepare<[]>("UPDATE delivery SET state = 'ready', unsure = 1, due_at = 0 WHERE state = 'sending'");
  const nextDue = db.prepare<{ now: number }, { at: number | null }>(
    "SELECT min(due_at) AS at FROM delivery WHERE state = 'ready' AND due_at > @now",
  );
  const counts = db.prepare<[], { owed: number; sending: number; dead: number; oldestAt: number | null }>(`
    SELECT coalesce(sum(state = 'ready'), 0) AS owed, coalesce(sum(state = 'sending'), 0) AS sending,
           coalesce(sum(state = 'dead'), 0) AS dead, min(CASE WHEN state <> 'dead' THEN created_at END) AS oldestAt
    FROM delivery WHERE state IN ('ready', 'sending', 'dead')`);
  const listColumns = `id, kind, coalesce((SELECT 'Users/' || user_name FROM person WHERE num = delivery.person) || CASE
      WHEN target IS NULL THEN '' ELSE ' in ' || coalesce((SELECT display_name FROM observed_group g WHERE g.target = delivery.target), target) END,
      'Groups/' || coalesce((SELECT display_name FROM observed_group g WHERE g.target = delivery.target), target)) AS resource,
    state, attempt, due_at AS dueAt, status, cause, remedy, created_at AS createdAt, settled_at AS settledAt FROM delivery`;
  const list = db.prepare<{ state: string | null; limit: number; offset: number }, unknown>(
    `SELECT ${listColumns} WHERE @state IS NULL OR state = @state ORDER BY id DESC LIMIT @limit OFFSET @offset`,
  );
  const total = db.prepare<{ state: string | null }, { n: number }>(
    'SELECT count(*) AS n FROM delivery WHERE @state IS NULL OR state = @state',
  );
  const one = db.prepare<{ id: number }, unknown>(`SELECT ${listColumns} WHERE id = @id`);
  const revive = db.prepare<{ id: number }>(
    "UPDATE delivery SET state = 'ready', due_at = 0, attempt = 0, unsure = 1, cause = NULL, remedy = NULL, settled_at = NULL WHERE id = @id AND state = 'dead'",
  );
  const drop = db.prepare<{ id: number; at: number; reason: string }>(
    "UPDATE delivery SET state = 'dropped', settled_at = @at, remedy = @reason WHERE id = @id AND state IN ('dead', 'ready')",
  );

  const signature = (row: Readonly<{ kind: string; person?: number | null; target?: string | null; body: string }>) =>
    `${row.kind} ${row.person ?? ''} ${row.target ?? ''} ${row.body}`;
  function job(row: Row, rest: Partial<Job>): Job {
    return {
      ids: [row.id],
      kind: row.kind as DeliveryKind,
      person: row.person ?? undefined,
      target: row.target ?? undefined,
      steepleId: undefined,
      body: JSON.parse(row.body) as JsonObject,
      members: [],
      attempt: row.attempt + 1,
      unsure: row.unsure === 1,
      ...rest,
    };
  }
  /** What becomes of one row of a job. */
  function fateOf(id: number, { state, dueAt, unsure, status, cause, remedy, done, dead }: Settlement) {
    const refused = dead?.find((one) => one.id === id);
    if (refused) return { ...refused, state: 'dead', dueAt: 0, unsure: 0, status: refused.status ?? null };
    if (state === 'done' || done?.includes(id))
      return { state: 'done', dueAt: 0, unsure: 0, status: status ?? null, cause: null, remedy: null };
    const again = state === 'ready' && unsure ? 1 : 0;
    return {
      state,
      dueAt: dueAt ?? 0,
      unsure: again,
      status: status ?? null,
      cause: cause ?? null,
      remedy: remedy ?? null,
    };
  }
  const shown = (id: number) => {
    const row = one.get({ id });
    if (row === undefined) throw new NotFound(`There is no delivery ${id}`);
    return Listed.parse(row);
  };

  return {
    /** People with something on its way or in doubt: they are planned again when it is settled. */
    busy: (): ReadonlySet<number> => new Set(busy.all().map(({ person }) => person)),

    /**
     * Inside planning's transaction: from now on exactly `operations` are owed for these people and for the groups. What
     * is owed already stays as it is, with its attempts; what a person dropped, or Steeple refused, is not owed again
     * until it changes.
     */
    replace(people: readonly number[], operations: readonly Operation[], at: number): void {
      const rows = [...openOf.all({ nums: JSON.stringify(people) }), ...openOfGroups.all()];
      const known = Map.groupBy(rows, signature);
      const kept = new Set<number>();
      for (const operation of operations) {
        const body = JSON.stringify(operation.body);
        const same = known.get(signature({ ...operation, body }))?.shift();
        if (same !== undefined) {
          kept.add(same.id);
          continue;
        }
        const { kind, lane, person, target, community, risk, role, frees, takes } = operation;
        insert.run({
          kind,
          lane,
          person: person ?? null,
          target: target ?? null,
          community: community ?? null,
          risk: risk ?? null,
          role: role ?? null,
          body,
          frees: frees ?? null,
          takes: takes ?? null,
          at,
        });
      }
      for (const { id, state } of rows) {
        if (kept.has(id)) continue;
        if (state === 'ready') remove.run({ id });
        else if (state !== 'sending') outdate.run({ id, at });
      }
    },

    /** Up to `limit` requests that may leave now, marked as on their way. People go before memberships. */
    claim: async (now: number, limit: number, batch: number): Promise<Job[]> =>
      db
        .transaction((): Job[] => {
          const jobs: Job[] = [];
          for (const row of z.array(Row).parse(heads.all({ now, limit }))) {
            const steepleId =
              row.person !== null
                ? steepleUser.get({ person: row.person })?.id
                : steepleGroup.get({ target: row.target ?? '' })?.id;
            jobs.push(job(row, { steepleId }));
          }
          const lanes = jobs.length < limit ? memberLanes.all() : [];
          for (const { lane } of lanes) {
            if (jobs.length >= limit) break;
            const rows = members.all({ lane, now, limit: batch });
            const first = rows[0];
            if (first === undefined) continue;
            const together = rows.filter(({ unsure }) => unsure === first.unsure);
            jobs.push(
              job(first, {
                ids: together.map(({ id }) => id),
                kind: 'members',
                person: undefined,
                steepleId: first.groupId,
                members: together.map(({ id, person, steepleId, kind }) => ({
                  id,
                  person: person ?? 0,
                  steepleId,
                  add: kind === 'member.add',
                })),
              }),
            );
          }
          take.run({ ids: JSON.stringify(jobs.flatMap(({ ids }) => ids)) });
          return jobs;
        })
        .immediate(),

    settle: async (settlements: readonly Settlement[]): Promise<void> =>
      db
        .transaction(() => {
          for (const settlement of settlements) {
            const { job, state, at, effects } = settlement;
            for (const effect of effects) observed.apply(effect, at);
            for (const id of job.ids) {
              const fate = fateOf(id, settlement);
              const { changes } = settleOne.run({ id, at, ...fate });
              if (changes === 1 && fate.state === 'done') {
                depart.run({ id, at });
                owe.people(riskyPerson.all({ id }), 0);
              }
            }
            // What turned out differently than planned is planned again.
            if (
              effects.some(({ kind }) => kind === 'user-gone') ||
              (state === 'ready' && !settlement.unsure && effects.length > 0)
            )
              owe.people(job.person === undefined ? job.members.map(({ person }) => person) : [job.person], 0);
          }
        })
        .immediate(),

    /** Whose account it is on record; nobody's when its person is deleted at the source. */
    ownerOf: async (steepleId: string): Promise<number | undefined> => owner.get({ steepleId })?.person,
    /** After a restart: what was on its way may have arrived. */
    recover: async (): Promise<number> => recover.run().changes,
    nextDue: async (now: number): Promise<number | undefined> => nextDue.get({ now })?.at ?? undefined,
    counts: async () => counts.get() ?? { owed: 0, sending: 0, dead: 0, oldestAt: null },
    list: async (state: z.infer<typeof DeliveryState> | undefined, offset: number, limit: number) => ({
      items: z.array(Listed).parse(list.all({ state: state ?? null, limit, offset })),
      total: total.get({ state: state ?? null })?.n ?? 0,
    }),
    retry: async (ids: readonly number[], by: string, at: number) =>
      commit(db, journal, () =>
        ids.map((id) => {
          const { state } = shown(id);
          if (revive.run({ id }).changes !== 1)
            throw new Stale(`Delivery ${id} is ${state}: only a dead one can be retried`);
          journal.append({ at, kind: 'decision', actor: by, body: { what: 'delivery.retry', delivery: id } });
          return shown(id);
        }),
      ),
    drop: async (id: number, reason: string, by: string, at: number) =>
      commit(db, journal, () => {
        const { state } = shown(id);
        if (drop.run({ id, at, reason }).changes !== 1)
          throw new Stale(`Delivery ${id} is ${state}: only one that is ready or dead can be dropped`);
        journal.append({ at, kind: 'decision', actor: by, body: { what: 'delivery.drop', delivery: id, reason } });
        return shown(id);
      }),
  };
}
