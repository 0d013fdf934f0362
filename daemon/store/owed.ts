/**
 * Who is owed a plan: what was touched and planning has not looked at yet. Written in the commit that touched it, so a
 * crash between the two leaves the plan owed, not lost. A team stands for everybody in it, at any depth.
 *
 * Each row remembers the journal entry that it is owed for, so that a held item can name the push that caused it. A push
 * replaces what was there; what is not a push (a decision, an answer of Steeple) leaves an earlier cause in place.
 *
 * Everything here runs inside the caller's transaction. Read next: planning.ts, which works it off.
 */
import type { Database } from 'better-sqlite3';

export type Owed = ReturnType<typeof owed>;
/** `seq` is 0 where no entry of the journal caused it. */
export type Due = Readonly<{ num: number; seq: number }>;

export function owed(db: Database) {
  const touch = db.prepare<{ kind: 'person' | 'team'; num: number; seq: number }>(`
    INSERT INTO owed (kind, num, seq) VALUES (@kind, @num, @seq)
    ON CONFLICT (kind, num) DO UPDATE SET seq = excluded.seq`);
  const add = db.prepare<{ nums: string; seq: number }>(
    "INSERT OR IGNORE INTO owed (kind, num, seq) SELECT 'person', value, @seq FROM json_each(@nums)",
  );
  const addAll = db.prepare<{ seq: number }>(
    "INSERT OR IGNORE INTO owed (kind, num, seq) SELECT 'person', num, @seq FROM person",
  );
  const due = db.prepare<[], Due>(`
    WITH RECURSIVE inside (num, seq) AS (
      SELECT num, seq FROM owed WHERE kind = 'team'
      UNION SELECT nesting.child, inside.seq FROM nesting JOIN inside ON nesting.team = inside.num),
    latest (num, seq) AS (SELECT num, max(seq) FROM inside GROUP BY num)
    SELECT num, max(seq) AS seq FROM (
      SELECT num, seq FROM owed WHERE kind = 'person'
      UNION ALL SELECT membership.person, latest.seq FROM membership JOIN latest ON membership.team = latest.num)
    GROUP BY num`);
  const settleTeams = db.prepare<[]>("DELETE FROM owed WHERE kind = 'team'");
  const settle = db.prepare<{ nums: string }>(
    "DELETE FROM owed WHERE kind = 'person' AND num IN (SELECT value FROM json_each(@nums))",
  );
  const count = db.prepare<[], number>('SELECT count(*) FROM owed').pluck();

  return {
    /** A push touched it: from now on that is the cause. */
    touch: (kind: 'person' | 'team', num: number, seq: number): void => void touch.run({ kind, num, seq }),
    people: (nums: readonly number[], seq: number): void => void add.run({ nums: JSON.stringify(nums), seq }),
    /** The groups we keep in Steeple; nobody in particular. A row for a team that does not exist stands for nobody. */
    groups: (): void => void touch.run({ kind: 'team', num: 0, seq: 0 }),
    everybody: (seq: number): void => void addAll.run({ seq }),
    /** How many rows: people, and teams that stand for people. */
    count: (): number => count.get() ?? 0,
    /** Everybody who is owed a plan, each with the latest entry it is owed for. */
    due: (): Due[] => due.all(),
    /** `planned` are owed nothing any more, `left` are, and no team stands for anybody. */
    settle(planned: readonly number[], left: readonly Due[]): void {
      settleTeams.run();
      settle.run({ nums: JSON.stringify(planned) });
      for (const { num, seq } of left) touch.run({ kind: 'person', num, seq });
    },
  };
}
