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
import { settings } from './settings.ts';

export type Owed = ReturnType<typeof owed>;
/** `seq` is 0 where no entry of the journal caused it. */
export type Due = Readonly<{ num: number; seq: number }>;

export function owed(db: Database) {
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
  const teams = db.prepare<[], number>("SELECT count(*) FROM owed WHERE kind = 'team' AND num > 0").pluck();
  const settleTeams = db.prepare<[]>("DELETE FROM owed WHERE kind = 'team' AND num > 0");
  const settleGroups = db.prepare<[]>("DELETE FROM owed WHERE kind = 'team' AND num = 0");
  const rows = db.prepare<[], number>("SELECT count(*) FROM owed WHERE NOT (kind = 'team' AND num = 0)").pluck();
  const groups = db.prepare<[], number>("SELECT count(*) FROM owed WHERE kind = 'team' AND num = 0").pluck();
  const people = db.prepare<[], number>("SELECT count(*) FROM owed WHERE kind = 'person'").pluck();
  // People with something on its way wait until it is settled.
  const isBusy = `num IN (SELECT person FROM delivery
    WHERE (state = 'sending' OR (state = 'ready' AND unsure = 1)) AND person IS NOT NULL)`;
  const some = db.prepare<{ judged: number; limit: number }, Due>(`
    SELECT num, seq FROM owed WHERE kind = 'person' AND seq <= @judged AND NOT ${isBusy} ORDER BY num LIMIT @limit`);
  const later = db
    .prepare<{ judged: number }, number>(`
      SELECT EXISTS (SELECT 1 FROM owed WHERE kind = 'person' AND seq > @judged AND NOT ${isBusy})`)
    .pluck();
  const swept = db.prepare<{ from: number; limit: number }, { num: number; busy: number }>(`
    SELECT num, ${isBusy} AS busy FROM person WHERE num >= @from ORDER BY num LIMIT @limit`);
  const last = db.prepare<[], number | null>('SELECT max(num) FROM person').pluck();
  const settle = db.prepare<{ nums: string }>(
    "DELETE FROM owed WHERE kind = 'person' AND num IN (SELECT value FROM json_each(@nums))",
  );
  const kept = settings(db);
  const left = (): number => {
    const sweep = kept.get('sweep');
    return sweep === null ? 0 : Math.max(0, (last.get() ?? 0) - sweep.next + 1);
  };

  return {
    /** A push touched it: from now on that is the cause. */
    touch: (kind: 'person' | 'team', num: number, seq: number): void => void touch.run(kind, num, seq),
    people: (nums: readonly number[], seq: number): void => void add.run({ nums: JSON.stringify(nums), seq }),
    /** The groups we keep in Steeple; nobody in particular. A row for a team that does not exist stands for nobody. */
    groups: (): void => void touch.run('team', 0, 0),
    /** From the beginning, also where a sweep is under way. */
    everybody(seq: number): void {
      kept.set('sweep', { seq, next: 1 });
      touch.run('team', 0, 0); // with nobody in the directory there are groups still
    },
    /** Rows, and people a sweep has not come to: no fewer than there are to plan. The groups count where nobody does. */
    count: (): number => (rows.get() ?? 0) + left() || (groups.get() ?? 0),
    /** How many people there are to plan, once teams have become people; no fewer than there are. */
    size(): number {
      if ((teams.get() ?? 0) > 0) {
        spread.run();
        settleTeams.run();
      }
      return (people.get() ?? 0) + left();
    },
    /** Whether somebody could be planned whose cause is later than that. */
    isLater: (judged: number): boolean => later.get({ judged }) === 1,
    /** What everybody is owed a plan for; undefined when nobody is because of that. */
    sweep: () => kept.get('sweep') ?? undefined,

    /**
     * Takes up to `limit` people off: they count as planned from now on. Those whose cause is later than `judged` stay, and
     * those with something on its way. A sweep goes on behind them. Call `size` first.
     */
    take(limit: number, judged: number, withSweep: boolean): Due[] {
      const due = some.all({ judged, limit });
      const sweep = kept.get('sweep');
      if (sweep !== null && withSweep && due.length < limit) {
        const known = new Set(due.map(({ num }) => num));
        const room = limit - due.length;
        const next = swept.all({ from: sweep.next, limit: room });
        for (const { num, busy } of next) {
          if (busy === 1) add.run({ nums: JSON.stringify([num]), seq: sweep.seq });
          else if (!known.has(num)) due.push({ num, seq: sweep.seq });
        }
        const end = next.at(-1)?.num;
        kept.set('sweep', end === undefined || next.length < room ? null : { ...sweep, next: end + 1 });
      }
      settle.run({ nums: JSON.stringify(due.map(({ num }) => num)) });
      settleGroups.run();
      return due;
    },
  };
}
