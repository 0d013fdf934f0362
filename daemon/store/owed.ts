/**
 * Who is owed a plan: what was touched and planning has not looked at yet. Written in the commit that touched it, so a
 * crash between the two leaves the plan owed, not lost. A team stands for everybody in it, at any depth.
 *
 * Each row remembers the journal entry that it is owed for, so that a held item can name the push that caused it. A push
 * replaces what was there; what is not a push (a decision, an answer of Steeple) leaves an earlier cause in place. What
 * concerns everybody is not a row for each: a sweep goes through them by number, and remembers how far it came.
 *
 * Everything here runs inside the caller's transaction. Read next: planning.ts, which works it off.
 */
import type { Database } from 'better-sqlite3';
import { perConnection } from './db.ts';
import { settings } from './settings.ts';

export type Owed = ReturnType<typeof prepared>;
/** `seq` is 0 where no entry of the journal caused it. */
export type Due = Readonly<{ num: number; seq: number }>;
/** What has been judged together: what is owed for entries up to `seq`, and of what no entry caused, these people. */
export type Judged = Readonly<{ seq: number; uncaused: ReadonlySet<number> }>;
/** More people in a group than this are swept, like everybody: as rows they would be one long commit. */
const mostRows = 10_000;

/** One for each connection (db.ts). */
export const owed = perConnection(prepared);

function prepared(db: Database) {
  // By place, not by name: every push runs it, and finding a value by its name costs as much as writing it.
  const touch = db.prepare<['person' | 'team', number, number]>(`
    INSERT INTO owed (kind, num, seq) VALUES (?, ?, ?) ON CONFLICT (kind, num) DO UPDATE SET seq = excluded.seq`);
  const add = db.prepare<{ nums: string; seq: number }>(
    "INSERT OR IGNORE INTO owed (kind, num, seq) SELECT 'person', value, @seq FROM json_each(@nums)",
  );
  const inTeams = `
    WITH RECURSIVE inside (num, seq) AS (
      SELECT num, seq FROM owed WHERE kind = 'team'
      UNION SELECT nesting.child, inside.seq FROM nesting JOIN inside ON nesting.team = inside.num),
    latest (num, seq) AS (SELECT num, max(seq) FROM inside GROUP BY num)`;
  // A team becomes the people in it, so that they can be taken a few at a time.
  const spread = db.prepare<[]>(`
    INSERT INTO owed (kind, num, seq) ${inTeams}
    SELECT 'person', membership.person, max(latest.seq) FROM membership JOIN latest ON membership.team = latest.num
    WHERE true GROUP BY membership.person
    ON CONFLICT (kind, num) DO UPDATE SET seq = max(seq, excluded.seq)`);
  const spreads = db
    .prepare<[], number>(`
      ${inTeams} SELECT count(*) FROM (
        SELECT 1 FROM membership JOIN latest ON membership.team = latest.num LIMIT ${mostRows + 1})`)
    .pluck();
  const latest = db.prepare<[], number>("SELECT max(seq) FROM owed WHERE kind = 'team' AND num > 0").pluck();
  const teams = db.prepare<[], number>("SELECT count(*) FROM owed WHERE kind = 'team' AND num > 0").pluck();
  const settleTeams = db.prepare<[]>("DELETE FROM owed WHERE kind = 'team' AND num > 0");
  const settleGroups = db.prepare<[]>("DELETE FROM owed WHERE kind = 'team' AND num = 0");
  const rows = db.prepare<[], number>("SELECT count(*) FROM owed WHERE NOT (kind = 'team' AND num = 0)").pluck();
  const anything = db.prepare<[], 0 | 1>('SELECT EXISTS (SELECT 1 FROM owed)').pluck();
  const groups = db.prepare<[], number>("SELECT count(*) FROM owed WHERE kind = 'team' AND num = 0").pluck();
  // Counted no further than it matters: every step asks, and everybody may be owed one.
  const people = db
    .prepare<{ most: number }, number>("SELECT count(*) FROM (SELECT 1 FROM owed WHERE kind = 'person' LIMIT @most)")
    .pluck();
  // People with something on its way wait until it is settled. Asked of each, since there may be thousands of them.
  const isBusy = `EXISTS (SELECT 1 FROM delivery d WHERE d.person = num
    AND (d.state = 'sending' OR (d.state = 'ready' AND d.unsure = 1)))`;
  const isJudged = 'seq <= @seq AND (seq > 0 OR num IN (SELECT value FROM json_each(@uncaused)))';
  const any = db.prepare<{ limit: number }, Due>(`
    SELECT num, seq FROM owed WHERE kind = 'person' AND NOT ${isBusy} ORDER BY num LIMIT @limit`);
  const some = db.prepare<{ seq: number; uncaused: string; limit: number }, Due>(`
    SELECT num, seq FROM owed WHERE kind = 'person' AND ${isJudged} AND NOT ${isBusy} ORDER BY num LIMIT @limit`);
  const later = db
    .prepare<{ seq: number; uncaused: string }, number>(`
      SELECT EXISTS (SELECT 1 FROM owed WHERE kind = 'person' AND NOT (${isJudged}) AND NOT ${isBusy})`)
    .pluck();
  const uncaused = db
    .prepare<[], string>("SELECT json_group_array(num) FROM owed WHERE kind = 'person' AND seq = 0")
    .pluck();
  // Whoever has a row of their own is planned by that: for something later than the sweep, it may be.
  const swept = db.prepare<{ from: number; limit: number }, { num: number; busy: number; owed: number }>(`
    SELECT num, ${isBusy} AS busy, EXISTS (SELECT 1 FROM owed WHERE kind = 'person' AND owed.num = person.num) AS owed FROM person
    WHERE num >= @from ORDER BY num LIMIT @limit`);
  const last = db.prepare<[], number | null>('SELECT max(num) FROM person').pluck();
  const settle = db.prepare<{ nums: string }>(
    "DELETE FROM owed WHERE kind = 'person' AND num IN (SELECT value FROM json_each(@nums))",
  );
  const kept = settings(db);
  const left = (): number => {
    const sweep = kept.get('sweep');
    return sweep === null ? 0 : Math.max(0, (last.get() ?? 0) - sweep.next + 1);
  };

  const given = ({ seq, uncaused: nums }: Judged) => ({ seq, uncaused: JSON.stringify([...nums]) });
  /** From the beginning, also where a sweep is under way. */
  function everybody(seq: number): void {
    kept.set('sweep', { seq, next: 1 });
    touch.run('team', 0, 0); // with nobody in the directory there are groups still
  }
  /** Up to `limit` people, those that are judged, or any; and how far a sweep goes on behind them. */
  function next(limit: number, judged: Judged | undefined, withSweep: boolean) {
    const due = judged ? some.all({ ...given(judged), limit }) : any.all({ limit });
    const sweep = kept.get('sweep');
    if (sweep === null || !withSweep || due.length >= limit) return { due, wait: [], sweep };
    const room = limit - due.length;
    const rows = swept.all({ from: sweep.next, limit: room });
    const end = rows.at(-1)?.num;
    const free = rows.filter(({ busy, owed }) => busy === 0 && owed === 0);
    return {
      due: [...due, ...free.map(({ num }) => ({ num, seq: sweep.seq }))],
      wait: rows.filter(({ busy }) => busy === 1).map(({ num }) => ({ num, seq: sweep.seq })),
      sweep: end === undefined || rows.length < room ? null : { ...sweep, next: end + 1 },
    };
  }

  return {
    /** A push touched it: from now on that is the cause. */
    touch: (kind: 'person' | 'team', num: number, seq: number): void => void touch.run(kind, num, seq),
    people: (nums: readonly number[], seq: number): void => void add.run({ nums: JSON.stringify(nums), seq }),
    /** The groups we keep in Steeple; nobody in particular. A row for a team that does not exist stands for nobody. */
    groups: (): void => void touch.run('team', 0, 0),
    everybody,
    /** Rows, and people a sweep has not come to: no fewer than there are to plan. The groups count where nobody does. */
    count: (): number => (rows.get() ?? 0) + left() || (groups.get() ?? 0),
    isAny: (): boolean => anything.get() === 1 || left() > 0,
    /**
     * How many people there are to plan, once teams have become people; no fewer than there are. Where there are more than
     * `most`, it need not say how many.
     */
    size(most: number): number {
      if ((teams.get() ?? 0) > 0) {
        if ((spreads.get() ?? 0) > mostRows) everybody(latest.get() ?? 0);
        else spread.run();
        settleTeams.run();
      }
      return (people.get({ most: most + 1 }) ?? 0) + left();
    },
    /** Whether somebody could be planned who is not judged. */
    isLater: (judged: Judged): boolean => later.get(given(judged)) === 1,
    /** Who is owed a plan that no entry caused. */
    uncaused: (): ReadonlySet<number> => new Set(JSON.parse(uncaused.get() ?? '[]') as number[]),
    /** What everybody is owed a plan for; undefined when nobody is because of that. */
    sweep: () => kept.get('sweep') ?? undefined,

    /** Everybody who could be planned now. Call `size` first: it says how many there are at most. */
    all: (): Due[] => next(Number.MAX_SAFE_INTEGER, undefined, true).due,
    /**
     * Takes up to `limit` people off: they count as planned from now on. Those who are not judged stay, where it is said
     * what is, and those with something on its way. A sweep goes on behind them. Call `size` first.
     */
    take(limit: number, judged: Judged | undefined, withSweep: boolean): Due[] {
      const { due, wait, sweep } = next(limit, judged, withSweep);
      for (const { num, seq } of wait) add.run({ nums: JSON.stringify([num]), seq });
      if (withSweep && sweep !== (kept.get('sweep') ?? null)) kept.set('sweep', sweep);
      settle.run({ nums: JSON.stringify(due.map(({ num }) => num)) });
      settleGroups.run();
      return due;
    },
  };
}
