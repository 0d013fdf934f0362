/**
 * Claims: which deliveries may leave now, made into jobs, one for each request to Steeple.
 *
 * D1  only the head of a resource's line leaves, and nothing else of that line is on its way
 * D7  memberships of one group leave together, so many at a time; those in doubt apart from those that are sure
 * P4  what takes a userName waits until no other account of ours has it
 * G5  what is about to be planned again does not leave: the push that owes the plan may have undone it
 *
 * People go before memberships: into a group once the account is there and active, out of it once what replaces it in the
 * community is in place. If that was refused, or dropped by a person, the old membership stays: nobody loses access for
 * want of what was to replace it.
 *
 * Quiet hours (core/quiet.ts): what takes something away stays; of what is in doubt is only found out what became of it. The
 * same holds of somebody whom a sweep has not come to yet, since a policy or a mapping may have changed that protects them, and
 * of what a standing approval let go that has ended meanwhile (G3).
 *
 * Read next: outbox.ts (how a claim is settled).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JsonObject } from '../contract/scim.ts';
import type { DeliveryKind } from '../core/delivery.ts';
import { inForce } from '../core/standing.ts';
import { settings } from './settings.ts';

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
  /** An answer was lost: what became of the last try must be found out before anything is written (D2). */
  unsure: boolean;
  /** In doubt, and about to be planned again: only to be found out, since it may not be wanted any more. */
  stale: boolean;
}>;

const Row = z.object({
  id: z.int(),
  kind: z.string(),
  person: z.int().nullable(),
  target: z.string().nullable(),
  body: z.string(),
  attempt: z.int(),
  unsure: z.int(),
  stale: z.int(),
});
type Row = Readonly<z.infer<typeof Row>>;
/**
 * What holds of the moment: whether a team is owed a plan, whether quiet hours run, from which person on a sweep has not come to
 * anybody, and the standing approvals in force.
 */
type About = Readonly<{ teams: 0 | 1; quiet: 0 | 1; swept: number; standing: string }>;
type MemberRow = Row & Readonly<{ person: number; steepleId: string; groupId: string }>;

/** Once so many rows are taken no more groups are asked: each commit is to be short, and memberships are a hundred to a request. */
const mostRows = 2000;

export function claims(db: Database) {
  // A team that is owed a plan may stand for anybody. Teams are numbered from 1; row 0 is about no team (owed.ts).
  const teamsOwed = db.prepare<[], 0 | 1>("SELECT EXISTS (SELECT 1 FROM owed WHERE kind = 'team' AND num > 0)").pluck();
  const isOwed =
    "(d.person IS NOT NULL AND (@teams = 1 OR EXISTS (SELECT 1 FROM owed w WHERE w.kind = 'person' AND w.num = d.person)))";
  // A removal takes the memberships along that leave with it, and is counted once for all of them (core/writes.ts).
  const takesAway = `(d.risk IS NOT NULL OR (d.kind = 'member.remove' AND EXISTS (SELECT 1 FROM delivery r
      WHERE r.person = d.person AND r.risk = 'remove' AND r.state IN ('ready', 'sending', 'dead', 'dropped'))))`;
  const isEnded = `EXISTS (SELECT 1 FROM held h WHERE h.person = d.person AND h.state = 'approved'
      AND h.standing IS NOT NULL AND h.standing NOT IN (SELECT value FROM json_each(@standing)))`;
  const isBarred = `(${takesAway} AND (@quiet = 1 OR d.person >= @swept OR ${isEnded}))`;
  // The conditions on state and kind are written as the indexes have them, or SQLite would not use those. A line may hold
  // as many rows as a group has members, so each is asked for by what it is, never looked for among them.
  const open = "e.lane = d.lane AND e.state IN ('ready', 'sending')";
  const isUnderway = `EXISTS (SELECT 1 FROM delivery e WHERE ${open} AND e.state = 'sending')`;
  const heads = db.prepare<About & { now: number; limit: number }, unknown>(`
    SELECT d.id, d.kind, d.person, d.target, d.body, d.attempt, d.unsure, (${isOwed} OR ${isBarred}) AS stale FROM delivery d
    WHERE d.state = 'ready' AND d.kind NOT IN ('member.add', 'member.remove') AND d.due_at <= @now
      AND (d.unsure = 1 OR NOT (${isOwed} OR ${isBarred}))
      AND NOT ${isUnderway}
      AND NOT EXISTS (SELECT 1 FROM delivery e WHERE ${open} AND e.state = 'ready'
        AND (e.kind IN ('member.add', 'member.remove')) = 0 AND e.id < d.id
        AND NOT (@quiet = 1 AND e.risk IS NOT NULL AND e.unsure = 0))
      AND NOT (d.kind = 'group.delete' AND EXISTS (SELECT 1 FROM delivery e WHERE ${open} AND e.id <> d.id))
      AND (d.takes IS NULL OR NOT EXISTS (
        SELECT 1 FROM observed_user o WHERE o.user_name_key = d.takes AND o.person IS NOT NULL AND o.person <> d.person))
    ORDER BY d.id LIMIT @limit`);
  // Skips from group to group, those after one, as many as are asked for.
  const next = (after: string) => `(SELECT min(lane) FROM delivery
    WHERE state IN ('ready', 'sending') AND lane > ${after} AND lane < 'group;')`;
  const memberLanes = db
    .prepare<{ after: string; limit: number }, string>(`
      WITH RECURSIVE d (lane) AS (
        SELECT ${next('@after')} UNION ALL SELECT ${next('d.lane')} FROM d WHERE d.lane IS NOT NULL)
      SELECT lane FROM d WHERE lane IS NOT NULL AND NOT ${isUnderway}
        AND EXISTS (SELECT 1 FROM delivery e WHERE ${open} AND e.state = 'ready'
          AND (e.kind IN ('member.add', 'member.remove')) = 1)
        AND NOT EXISTS (SELECT 1 FROM delivery e WHERE ${open} AND e.state = 'ready'
          AND (e.kind IN ('member.add', 'member.remove')) = 0 AND e.kind IN ('group.create', 'group.update'))
      LIMIT @limit`)
    .pluck();
  const members = db.prepare<About & { lane: string; now: number; limit: number }, MemberRow>(`
    SELECT d.id, d.kind, d.person, d.target, d.body, d.attempt, d.unsure, (${isOwed} OR ${isBarred}) AS stale, o.steeple_id AS steepleId, g.steeple_id AS groupId
    FROM delivery d JOIN observed_user o ON o.person = d.person JOIN observed_group g ON g.target = d.target
    WHERE d.lane = @lane AND d.state IN ('ready', 'sending') AND d.state = 'ready'
      AND (d.kind IN ('member.add', 'member.remove')) = 1 AND d.due_at <= @now
      AND (d.unsure = 1 OR NOT (${isOwed} OR ${isBarred}))
      AND (d.kind = 'member.remove' OR o.active = 1)
      AND NOT (d.kind = 'member.remove' AND d.community IS NOT NULL AND EXISTS (
        SELECT 1 FROM delivery a WHERE a.person = d.person AND a.kind = 'member.add' AND a.community = d.community
          AND a.state IN ('ready', 'sending', 'dead', 'dropped')))
    ORDER BY d.id LIMIT @limit`);
  const userId = db
    .prepare<{ person: number }, string>('SELECT steeple_id FROM observed_user WHERE person = @person')
    .pluck();
  const groupId = db
    .prepare<{ target: string }, string>('SELECT steeple_id FROM observed_group WHERE target = @target')
    .pluck();
  const release = db.prepare<{ ids: string }>(`
    UPDATE delivery SET state = 'ready', attempt = attempt - 1
    WHERE id IN (SELECT value FROM json_each(@ids)) AND state = 'sending'`);
  const owedAny = db
    .prepare<{ people: string }, 0 | 1>(`
      SELECT EXISTS (SELECT 1 FROM owed WHERE (kind = 'team' AND num > 0)
        OR (kind = 'person' AND num IN (SELECT value FROM json_each(@people))))`)
    .pluck();
  const barred = db
    .prepare<Omit<About, 'teams'> & { ids: string }, 0 | 1>(`
      SELECT EXISTS (SELECT 1 FROM delivery d WHERE d.id IN (SELECT value FROM json_each(@ids)) AND ${isBarred})`)
    .pluck();
  const kept = settings(db);
  const about = (now: number, quiet: boolean): Omit<About, 'teams'> => {
    const standing = kept.get('policy').standing.filter((one) => inForce(one, now));
    return {
      quiet: quiet ? 1 : 0,
      swept: kept.get('sweep')?.next ?? Number.MAX_SAFE_INTEGER,
      standing: JSON.stringify(standing.map(({ id }) => id)),
    };
  };
  const take = db.prepare<{ ids: string }>(`
    UPDATE delivery SET state = 'sending', attempt = attempt + 1
    WHERE id IN (SELECT value FROM json_each(@ids)) AND state = 'ready'`);

  function single(row: Row): Job {
    const [person, target] = [row.person ?? undefined, row.target ?? undefined];
    return {
      ids: [row.id],
      kind: row.kind as DeliveryKind,
      person,
      target,
      steepleId: person === undefined ? groupId.get({ target: target ?? '' }) : userId.get({ person }),
      body: JSON.parse(row.body) as JsonObject,
      members: [],
      attempt: row.attempt + 1,
      unsure: row.unsure === 1,
      stale: row.stale === 1,
    };
  }

  /** The memberships of one line that may leave, as many as fit one request. */
  function together(lane: string, now: number, limit: number, given: About): Job | undefined {
    const rows = members.all({ lane, now, limit, ...given });
    const [first] = rows;
    if (first === undefined) return undefined;
    const alike = rows.filter(({ unsure, stale }) => unsure === first.unsure && stale === first.stale);
    return {
      ids: alike.map(({ id }) => id),
      kind: 'members',
      person: undefined,
      target: first.target ?? undefined,
      steepleId: first.groupId,
      body: {},
      members: alike.map(({ id, person, steepleId, kind }) => ({ id, person, steepleId, add: kind === 'member.add' })),
      attempt: Math.max(...alike.map(({ attempt }) => attempt)) + 1,
      unsure: first.unsure === 1,
      stale: first.stale === 1,
    };
  }

  return {
    /**
     * Inside the caller's transaction: up to `limit` requests that may leave now, marked as on their way; a request carries
     * up to `batch` memberships. `quiet`: quiet hours run, and nothing destructive leaves.
     */
    claim(now: number, limit: number, batch: number, quiet = false): Job[] {
      const given: About = { teams: teamsOwed.get() ?? 1, ...about(now, quiet) };
      const jobs = z
        .array(Row)
        .parse(heads.all({ now, limit, ...given }))
        .map(single);
      let rows = jobs.length;
      for (
        let after = 'group:', lanes = [''];
        jobs.length < limit && rows < mostRows && lanes.length > 0;
        after = lanes.at(-1) ?? ''
      ) {
        lanes = memberLanes.all({ after, limit });
        for (const lane of lanes) {
          const job = jobs.length < limit && rows < mostRows && together(lane, now, batch, given);
          if (!job) continue;
          jobs.push(job);
          rows += job.ids.length;
        }
      }
      if (jobs.length > 0) take.run({ ids: JSON.stringify(jobs.flatMap(({ ids }) => ids)) });
      return jobs;
    },
    /** Claimed, and never begun: owed as before, with as many attempts. */
    release: async (jobs: readonly Job[]): Promise<void> =>
      void release.run({ ids: JSON.stringify(jobs.flatMap(({ ids }) => ids)) }),
    /**
     * Whether it may still be begun as it was claimed: nobody it is about is owed a plan since (G5); and where it takes
     * something away, it is not quiet, and what let it go is in force.
     */
    isFresh({ ids, kind, person, members, stale }: Job, now: number, quiet = false): boolean {
      if (stale) return true;
      const takes = kind === 'user.deactivate' || kind === 'user.delete' || members.some(({ add }) => !add);
      if (takes && barred.get({ ids: JSON.stringify(ids), ...about(now, quiet) }) === 1) return false;
      if (person === undefined && members.length === 0) return true;
      const people = person === undefined ? members.map((member) => member.person) : [person];
      return owedAny.get({ people: JSON.stringify(people) }) === 0;
    },
  };
}
