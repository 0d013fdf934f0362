/**
 * Who is directly in which group: two tables of rows, people in groups (`membership`) and groups in groups (`nesting`).
 *
 * Every function here writes inside the caller's transaction, costs what it names or removes (I6), owes a plan to whom it
 * touches, for the push whose journal entry is `seq`, and says whether anything changed: adding who is there, or removing
 * who is not, is success without a change (RFC 7644 §3.5.2.1, §3.5.2.2).
 */
import type { Database } from 'better-sqlite3';
import type { Reference } from '../core/directory.ts';
import { owed } from './owed.ts';

/** Members found by their ids, as the store's numbers. */
export type Found = Readonly<{ people: readonly number[]; teams: readonly number[]; unknown: readonly string[] }>;
export type Members = ReturnType<typeof members>;

type Pair = { team: number; num: number };

export function members(db: Database) {
  const personOf = db
    .prepare<[id: string, source: string], number>(
      "SELECT num FROM person WHERE id = ? AND source = ? AND state <> 'deleted'",
    )
    .pluck();
  const teamOf = db
    .prepare<[id: string, source: string], number>(
      "SELECT num FROM team WHERE id = ? AND source = ? AND state = 'live'",
    )
    .pluck();
  const addPerson = db.prepare<[number, number]>('INSERT OR IGNORE INTO membership (team, person) VALUES (?, ?)');
  const addTeam = db.prepare<Pair>('INSERT OR IGNORE INTO nesting (team, child) VALUES (@team, @num)');
  const dropPerson = db.prepare<Pair>('DELETE FROM membership WHERE team = @team AND person = @num');
  const dropTeam = db.prepare<Pair>('DELETE FROM nesting WHERE team = @team AND child = @num');
  // `json_each` of the numbers to keep: one statement whatever their count, and nothing built from strings.
  const dropOtherPeople = db
    .prepare<{ team: number; keep: string }, number>(
      'DELETE FROM membership WHERE team = @team AND person NOT IN (SELECT value FROM json_each(@keep)) RETURNING person',
    )
    .pluck();
  const dropOtherTeams = db
    .prepare<{ team: number; keep: string }, number>(
      'DELETE FROM nesting WHERE team = @team AND child NOT IN (SELECT value FROM json_each(@keep)) RETURNING child',
    )
    .pluck();
  const dropFromParents = db.prepare<{ team: number }>('DELETE FROM nesting WHERE child = @team');
  const touchParents = db.prepare<{ team: number; at: number; seq: number }>(`
    UPDATE team SET version = version + 1, modified_at = @at, seq = @seq
    WHERE num IN (SELECT team FROM nesting WHERE child = @team)`);
  const { touch } = owed(db);
  const peopleOf = db.prepare<{ team: number }, { num: number; value: string; display: string }>(`
    SELECT person.num, person.id AS value, person.name AS display
    FROM membership JOIN person ON person.num = membership.person WHERE membership.team = @team ORDER BY membership.person`);
  const teamsOf = db.prepare<{ team: number }, { num: number; value: string; display: string }>(`
    SELECT team.num, team.id AS value, team.display_name AS display
    FROM nesting JOIN team ON team.num = nesting.child WHERE nesting.team = @team ORDER BY nesting.child`);

  /** Everybody but those to keep leaves. */
  const keepOnly = (team: number, people: readonly number[], teams: readonly number[], seq: number): boolean => {
    const left = dropOtherPeople.all({ team, keep: JSON.stringify(people) });
    for (const num of left) touch('person', num, seq);
    const parted = dropOtherTeams.all({ team, keep: JSON.stringify(teams) });
    for (const num of parted) touch('team', num, seq);
    return left.length + parted.length > 0;
  };
  const add = (team: number, { people, teams }: Found, seq: number): boolean => {
    let changed = false;
    for (const num of people) {
      if (addPerson.run(team, num).changes === 0) continue;
      touch('person', num, seq);
      changed = true;
    }
    for (const num of teams) {
      if (addTeam.run({ team, num }).changes === 0) continue;
      touch('team', num, seq);
      changed = true;
    }
    return changed;
  };
  const remove = (team: number, people: readonly number[], teams: readonly number[], seq: number): boolean => {
    let changed = false;
    for (const num of people) {
      if (dropPerson.run({ team, num }).changes === 0) continue;
      touch('person', num, seq);
      changed = true;
    }
    for (const num of teams) {
      if (dropTeam.run({ team, num }).changes === 0) continue;
      touch('team', num, seq);
      changed = true;
    }
    return changed;
  };

  return {
    /** Reads only. People and groups of the same source; whatever else is asked for is `unknown`. */
    find(ids: readonly string[], source: string): Found {
      const people: number[] = [];
      const teams: number[] = [];
      const unknown: string[] = [];
      for (const id of ids) {
        const person = personOf.get(id, source);
        if (person !== undefined) {
          people.push(person);
          continue;
        }
        const team = teamOf.get(id, source);
        if (team === undefined) unknown.push(id);
        else teams.push(team);
      }
      return { people, teams, unknown };
    },
    add,
    remove: (team: number, { people, teams }: Found, seq: number): boolean => remove(team, people, teams, seq),
    /** Afterwards exactly `found` are in the group; only the difference is written. */
    replace(team: number, found: Found, seq: number): boolean {
      const left = keepOnly(team, found.people, found.teams, seq);
      return add(team, found, seq) || left;
    },
    removeAll: (team: number, seq: number): boolean => keepOnly(team, [], [], seq),
    /** Removes those of whom `where` is true. Reads the whole group: a filter on members has to. */
    removeWhere(team: number, where: (member: Reference) => boolean, seq: number): boolean {
      const people = peopleOf.all({ team }).filter(({ num: _, ...of }) => where({ ...of, type: 'User' }));
      const teams = teamsOf.all({ team }).filter(({ num: _, ...of }) => where({ ...of, type: 'Group' }));
      return remove(
        team,
        people.map(({ num }) => num),
        teams.map(({ num }) => num),
        seq,
      );
    },
    /** A group about to be deleted leaves its parents. */
    leaveParents(team: number, at: number, seq: number): void {
      touchParents.run({ team, at, seq });
      dropFromParents.run({ team });
    },
    oweTeam: (team: number, seq: number): void => touch('team', team, seq),
    /** The direct members of a group, people first, in the order of their creation. */
    of(team: number): readonly Reference[] {
      return [
        ...peopleOf.all({ team }).map(({ value, display }): Reference => ({ value, display, type: 'User' })),
        ...teamsOf.all({ team }).map(({ value, display }): Reference => ({ value, display, type: 'Group' })),
      ];
    },
  };
}
