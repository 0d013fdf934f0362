/** The groups of all sources by name and id: what links, rules and their explanations speak of. Reads only. */
import type { Database } from 'better-sqlite3';
import type { Team } from '../core/mapping.ts';

export type Teams = ReturnType<typeof teams>;
/** `seq`: the push that last touched it; `version` changes with everything about it, who is in it included. */
export type Group = Team & Readonly<{ version: number; seq: number }>;

export function teams(db: Database) {
  type Row = Omit<Group, 'live'> & Readonly<{ live: number }>;
  const columns =
    "num, id, source, display_name AS name, external_id AS externalId, state = 'live' AS live, version, seq";
  const rows = db.prepare<[], Row>(`SELECT ${columns} FROM team ORDER BY num`);
  const some = db.prepare<{ ids: string }, Row>(
    `SELECT ${columns} FROM team WHERE id IN (SELECT value FROM json_each(@ids))`,
  );
  const nestings = db.prepare<[], { team: number; child: number }>(
    'SELECT team, child FROM nesting ORDER BY team, child',
  );
  const group = (row: Row): Group => ({ ...row, live: row.live === 1 });
  const all = (): Group[] => rows.all().map(group);
  return {
    /** Deleted ones included. */
    all,
    some: (ids: readonly string[]): Group[] => some.all({ ids: JSON.stringify(ids) }).map(group),
    live: (): Group[] => all().filter(({ live }) => live),
    /** Which groups are directly in which. */
    nestings: (): { team: number; child: number }[] => nestings.all(),
  };
}
