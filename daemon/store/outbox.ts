/**
 * The outbox: deliveries owed to Steeple. What is owed is replaced whenever a person is planned again, so a hundred pushes
 * become the few writes that are still needed; what is on its way, or in doubt, is left alone until it is settled.
 *
 *   claim   ready → sending                        claims.ts: which may leave, and together with what
 *   settle  sending → done, ready (again), dead    with what Steeple is now known to hold, in one commit
 *   retry, drop                                    letters.ts: what a person decides
 *
 * The state is the fence: what is not on its way is not settled, whoever says so. Laws: D1, D2, D3, D5, P4.
 */
import type { Database } from 'better-sqlite3';
import type { DeliveryState } from '../contract/delivery.ts';
import { type Account, patchOf } from '../core/account.ts';
import type { Operation } from '../core/plan.ts';
import { claims, type Job } from './claims.ts';
import { lightly } from './commit.ts';
import type { Journal } from './journal.ts';
import { letters } from './letters.ts';
import type { Effect, Observing } from './observed.ts';
import { owed } from './owed.ts';

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

type OpenRow = Readonly<{
  id: number;
  kind: string;
  person: number | null;
  target: string | null;
  community: string | null;
  risk: string | null;
  role: string | null;
  body: string;
  state: DeliveryState;
}>;

export function outbox(db: Database, journal: Journal, observed: Observing) {
  // By place, not by name: a first load owes ten rows for each person.
  const insert = db.prepare<(string | number | null)[]>(`
    INSERT INTO delivery (kind, lane, person, target, community, risk, role, body, frees, takes, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const openOf = db.prepare<{ nums: string }, OpenRow>(`
    SELECT id, kind, person, target, community, risk, role, body, state FROM delivery
    WHERE state IN ('ready', 'dead', 'dropped') AND person IN (SELECT value FROM json_each(@nums))`);
  const openOfGroups = db.prepare<[], OpenRow>(`
    SELECT id, kind, person, target, community, risk, role, body, state FROM delivery
    WHERE state IN ('ready', 'sending', 'dead', 'dropped') AND person IS NULL`);
  const remove = db.prepare<{ id: number }>("DELETE FROM delivery WHERE id = @id AND state = 'ready' AND attempt = 0");
  // What was tried is kept: it may have arrived after all (seen.ts).
  const outdate = db.prepare<{ id: number; at: number }>(`
    UPDATE delivery SET state = 'outdated', settled_at = @at
    WHERE id = @id AND (state IN ('dead', 'dropped') OR (state = 'ready' AND attempt > 0))`);
  const busy = db
    .prepare<{ nums: string }, number>(`
      SELECT value FROM json_each(@nums) WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.person = value
        AND (d.state = 'sending' OR (d.state = 'ready' AND d.unsure = 1)))`)
    .pluck();
  const owner = db
    .prepare<{ steepleId: string }, number>(`
      SELECT o.person FROM observed_user o JOIN person p ON p.num = o.person
      WHERE o.steeple_id = @steepleId AND p.state <> 'deleted'`)
    .pluck();
  const settleSome = db.prepare<Record<string, string | number | null>>(`
    UPDATE delivery SET state = @state, due_at = @dueAt, unsure = @unsure, status = @status, cause = @cause, remedy = @remedy,
      settled_at = CASE WHEN @state = 'ready' THEN NULL ELSE @at END
    WHERE id IN (SELECT value FROM json_each(@ids)) AND state = 'sending'`);
  const isRisky = "id IN (SELECT value FROM json_each(@ids)) AND state = 'sending' AND risk IS NOT NULL";
  const risky = db.prepare<{ ids: string }, number>(`SELECT person FROM delivery WHERE ${isRisky} ORDER BY id`).pluck();
  const depart = db.prepare<{ ids: string; at: number }>(`
    INSERT INTO departure (at, kind, person, community, role, groups)
    SELECT @at, risk, person, coalesce(community, ''), coalesce(role, ''), coalesce(json_extract(body, '$.groups'), '[]')
    FROM delivery WHERE ${isRisky} ORDER BY id`);
  // In the words of the index on those that are busy, or everything would be read.
  const isBusy = "(state = 'sending' OR (state = 'ready' AND unsure = 1))";
  const recover = db.prepare<[]>(
    `UPDATE delivery SET state = 'ready', unsure = 1 WHERE ${isBusy} AND state = 'sending'`,
  );
  const nextDue = db
    .prepare<{ now: number }, number | null>(
      "SELECT min(due_at) FROM delivery WHERE state = 'ready' AND due_at > 0 AND due_at > @now",
    )
    .pluck();
  const plenty = db
    .prepare<[], 1>(`
      SELECT 1 FROM delivery INDEXED BY delivery_head
      WHERE state = 'ready' AND kind NOT IN ('member.add', 'member.remove') LIMIT 1 OFFSET 400`)
    .pluck();
  // Each count by the index that has just those rows; the oldest has the lowest id. Else SQLite would look for that from the
  // beginning, through all that is done.
  const counts = db.prepare<[], { open: number; sending: number; dead: number; oldestAt: number | null }>(`
    SELECT open.n AS open,
           (SELECT count(*) FROM delivery WHERE ${isBusy} AND state = 'sending') AS sending,
           (SELECT count(*) FROM delivery WHERE state = 'dead') AS dead,
           (SELECT created_at FROM delivery WHERE id = open.oldest) AS oldestAt
    FROM (SELECT count(*) AS n, min(id) AS oldest FROM delivery INDEXED BY delivery_open
          WHERE state IN ('ready', 'sending')) AS open`);
  const owe = owed(db);

  /** Two rows of one signature write the same, and take the same away. */
  const signature = (row: Readonly<Record<Exclude<keyof OpenRow, 'id' | 'state'>, unknown>>) =>
    JSON.stringify([row.kind, row.person, row.target, row.community, row.risk, row.role, row.body]);

  /** What becomes of the rows of a job: those that share it are settled together. */
  function fatesOf({ job, state, dueAt, unsure, status, cause, remedy, done, dead }: Settlement) {
    const isDone = new Set(state === 'done' ? job.ids : done);
    const isDead = new Set(dead?.map(({ id }) => id));
    const carried = { state: 'done', dueAt: 0, unsure: 0, status: status ?? null, cause: null, remedy: null };
    const again = { state, dueAt: dueAt ?? 0, unsure: state === 'ready' && unsure ? 1 : 0 };
    return [
      ...(dead ?? []).map(({ id, ...why }) => ({
        ids: job.ids.filter((own) => own === id),
        fate: { state: 'dead', dueAt: 0, unsure: 0, ...why, status: why.status ?? null },
      })),
      { ids: job.ids.filter((id) => isDone.has(id) && !isDead.has(id)), fate: carried },
      {
        ids: job.ids.filter((id) => !isDone.has(id) && !isDead.has(id)),
        fate: { ...again, status: status ?? null, cause: cause ?? null, remedy: remedy ?? null },
      },
    ].filter(({ ids }) => ids.length > 0);
  }

  const { claim, ...claimed } = claims(db);
  function settle(settlements: readonly Settlement[]): void {
    for (const settlement of settlements) {
      const { job, at, effects } = settlement;
      for (const effect of effects) observed.apply(effect, at);
      for (const { ids: some, fate } of fatesOf(settlement)) {
        const ids = JSON.stringify(some);
        const losing = fate.state === 'done' ? risky.all({ ids }) : [];
        if (losing.length > 0) {
          depart.run({ ids, at });
          owe.people(losing, 0);
        }
        settleSome.run({ ids, at, ...fate });
      }
      if (!isSurprising(settlement)) continue;
      owe.people(job.person === undefined ? job.members.map(({ person }) => person) : [job.person], 0);
      owe.groups();
    }
  }
  const abandon = db.prepare<{ at: number }>(`
    UPDATE delivery SET state = 'outdated', settled_at = @at WHERE id IN (
      SELECT id FROM delivery WHERE state = 'ready' AND unsure = 0 LIMIT 1000)`);

  return {
    ...claimed,
    ...letters(db, journal),

    /** Who of these people has something on its way or in doubt: they are planned again when it is settled. */
    busy: (people: readonly number[]): ReadonlySet<number> => new Set(busy.all({ nums: JSON.stringify(people) })),

    /**
     * Inside planning's transaction: from now on exactly `operations` are owed for these people and for the groups. What
     * is owed already stays as it is, with its attempts; what a person dropped, or Steeple refused, is not owed again
     * until it changes.
     */
    replace(people: readonly number[], operations: readonly Operation[], at: number): void {
      const rows = [...openOf.all({ nums: JSON.stringify(people) }), ...openOfGroups.all()];
      const known = Map.groupBy(rows, signature);
      const kept = new Set<number>();
      for (const { kind, lane, person, target, community, risk, role, frees, takes, body } of operations) {
        const row = {
          kind,
          person: person ?? null,
          target: target ?? null,
          community: community ?? null,
          risk: risk ?? null,
          role: role ?? null,
          body: JSON.stringify(body),
        };
        const same = known.get(signature(row))?.shift();
        if (same === undefined) {
          const { person: who, target: where, community: there } = row;
          insert.run(kind, lane, who, where, there, row.risk, row.role, row.body, frees ?? null, takes ?? null, at);
        }
        if (same) kept.add(same.id);
      }
      for (const { id, state } of rows) {
        if (kept.has(id)) continue;
        if (state === 'ready' && remove.run({ id }).changes === 1) continue;
        if (state !== 'sending') outdate.run({ id, at });
      }
    },

    /** Up to `limit` requests that may leave now (claims.ts). */
    claim: async (now: number, limit: number, batch: number, quiet = false): Promise<Job[]> =>
      db.transaction(() => claim(now, limit, batch, quiet)).immediate(),
    /**
     * Gives up on some of what is owed: a new plan finds what is still needed. Gives how many; none when there are no more.
     * What may have reached Steeple stays, to be looked up.
     */
    abandon: (at: number): number => abandon.run({ at }).changes,

    settle: async (settlements: readonly Settlement[]): Promise<void> =>
      db.transaction(() => settle(settlements)).immediate(),
    /**
     * Both in one commit: what ended is settled, and up to `limit` more are claimed. A claim waits for the disk, since it is
     * what a look-up goes by after a power cut; where nothing is claimed there is nothing to wait for.
     */
    turn: async (
      settlements: readonly Settlement[],
      now: number,
      limit: number,
      batch: number,
      quiet = false,
    ): Promise<Job[]> => {
      const both = () => {
        settle(settlements);
        return limit === 0 ? [] : claim(now, limit, batch, quiet);
      };
      const work = () => db.transaction(both).immediate();
      return limit === 0 ? lightly(db, work) : work();
    },

    /** Whose account it is on record; nobody's when its person is deleted at the source. */
    ownerOf: async (steepleId: string): Promise<number | undefined> => owner.get({ steepleId }),
    /** After a restart: what was on its way may have arrived. */
    recover: async (): Promise<number> => recover.run().changes,
    /** Whether whoever sends has enough to go on with for a while, memberships aside: those go last, and together. */
    isPlenty: (): boolean => plenty.get() === 1,
    nextDue: async (now: number): Promise<number | undefined> => nextDue.get({ now }) ?? undefined,
    counts: async () => {
      const { open, sending, dead, oldestAt } = counts.get() ?? { open: 0, sending: 0, dead: 0, oldestAt: null };
      return { owed: open - sending, sending, dead, oldestAt };
    },
  };
}

/** Whether Steeple turned out to hold something else than the write assumed, or was to bring about: it is planned again. */
function isSurprising({ job, state, unsure, effects }: Settlement): boolean {
  if (state === 'ready' && !unsure && effects.length > 0) return true;
  return effects.some((effect) => {
    if (effect.kind === 'user-gone' || effect.kind === 'group-gone') return job.kind !== 'group.delete';
    if (effect.kind === 'group') return effect.name !== job.body.displayName;
    if (effect.kind !== 'user' || job.body.account === undefined) return false;
    return !effect.active || patchOf(job.body.account as unknown as Account, effect.account).length > 0;
  });
}
