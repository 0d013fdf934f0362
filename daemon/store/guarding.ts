/**
 * Who is protected by a group they are in, at any depth, or by the filter of the policy. By name: core/gate.ts.
 *
 * Reads only, and only for people somebody asks about: few have anything to lose at any one time. Somebody deleted at the
 * source has left their groups by then, and their removal waits for a person all the same.
 */
import type { Database } from 'better-sqlite3';
import type { Policy } from '../contract/policy.ts';
import { attributesOf } from '../core/directory.ts';
import type { Filter } from '../core/filter/tree.ts';
import { matches, parseFilter } from '../core/filter.ts';
import type { Team } from '../core/mapping.ts';
import { say } from '../core/saying.ts';

type Within = Readonly<{
  policy: Policy;
  teams: ReadonlyMap<number, Team>;
  reaches(team: number): readonly Readonly<{ team: number }>[];
}>;

export function guarding(db: Database) {
  const direct = db.prepare<{ person: number }, number>('SELECT team FROM membership WHERE person = @person').pluck();
  const body = db.prepare<{ person: number }, string>('SELECT body FROM person WHERE num = @person').pluck();

  return ({ policy, teams, reaches }: Within): { get(person: number): string | undefined } => {
    const groups = new Set(policy.protectedGroups);
    // A filter that cannot be read protects everybody: what cannot be computed is "no".
    let filter: Filter | 'unreadable' | undefined;
    try {
      filter = policy.protectedFilter.trim() === '' ? undefined : parseFilter(policy.protectedFilter, 'User');
    } catch {
      filter = 'unreadable';
    }
    const known = new Map<number, string | undefined>();
    const protection = (person: number): string | undefined => {
      if (groups.size > 0) {
        const inside = direct.all({ person }).flatMap((team) => [team, ...reaches(team).map((way) => way.team)]);
        const group = inside.map((num) => teams.get(num)).find((team) => team && groups.has(team.id));
        if (group) return say('hold.protected-group', { group: group.name });
      }
      if (filter === 'unreadable') return say('hold.filter-unreadable');
      if (filter && matches(filter, attributesOf(body.get({ person }) ?? '{}'))) return say('hold.protected-filter');
      return undefined;
    };
    return {
      get(person) {
        if (!known.has(person)) known.set(person, protection(person));
        return known.get(person);
      },
    };
  };
}
