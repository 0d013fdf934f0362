/**
 * What stands around the people of a plan: the groups of the sources and what being in one reaches, and the groups we keep
 * in Steeple. The same for everybody and for a few.
 *
 * Reads only, in the caller's transaction. Where somebody watches (lookout.ts), it is read again only once it has changed:
 * of a company with thousands of groups it is most of what planning one person would cost. Read next: world.ts, census.ts.
 */
import type { Database } from 'better-sqlite3';
import { cycles, type Ways, ways } from '../core/access.ts';
import { leftover, type Mapping, type Target, type Team, targets } from '../core/mapping.ts';
import type { ObservedGroup } from '../core/plan.ts';
import { correctedName, corrections } from './corrections.ts';
import type { Lookout } from './lookout.ts';

export type Surroundings = Readonly<{
  teams: ReadonlyMap<number, Team>;
  way: Ways;
  cycles: readonly (readonly number[])[];
  /** By key: the groups we keep in Steeple, those we would adopt by externalId or name, and what earlier mappings left. */
  groups: ReadonlyMap<string, ObservedGroup>;
  targets: ReadonlyMap<string, Target>;
  /** The target that a group of Steeple's serves, by its number there. */
  byNum: ReadonlyMap<number, string>;
}>;
/** What the sources and the mapping say, before what Steeple holds. */
type Wanted = Pick<Surroundings, 'teams' | 'way' | 'cycles'> & Readonly<{ mapping: Mapping; list: readonly Target[] }>;

type GroupRow = Readonly<{
  num: number;
  steepleId: string;
  name: string;
  externalId: string | null;
  target: string | null;
}>;

export const groupedBy = <R>(rows: readonly R[], key: (row: R) => number, value: (row: R) => number) =>
  new Map([...Map.groupBy(rows, key)].map(([at, some]) => [at, some.map(value)]));

export function surroundings(db: Database, lookout?: Lookout) {
  const teamRows = db.prepare<
    [],
    { num: number; id: string; source: string; name: string; externalId: string | null; live: number }
  >(`
    SELECT num, id, source, display_name AS name, external_id AS externalId, state = 'live' AS live FROM team`);
  const nestings = db.prepare<[], { team: number; child: number }>('SELECT team, child FROM nesting');
  const groupRows = db.prepare<[], GroupRow>(`
    SELECT num, steeple_id AS steepleId, display_name AS name, external_id AS externalId, target FROM observed_group ORDER BY num`);
  const communityNames = db.prepare<[], [id: string, name: string]>('SELECT id, name FROM community').raw();
  const standIns = corrections(db);

  const wantedBy = (mapping: Mapping): Wanted => {
    const teams = new Map(teamRows.all().map((row) => [row.num, { ...row, live: row.live === 1 } satisfies Team]));
    const nested = nestings.all();
    const [teamOf, childOf] = [(row: { team: number }) => row.team, (row: { child: number }) => row.child];
    const names = new Map(communityNames.all());
    const substitutes = standIns.ofTargets();
    return {
      mapping,
      teams,
      way: ways(mapping, teams, groupedBy(nested, childOf, teamOf)),
      cycles: cycles(groupedBy(nested, teamOf, childOf)),
      list: targets(mapping, [...teams.values()], (id) => names.get(id) ?? id).map((one) => ({
        ...one,
        name: correctedName(one.name, substitutes.get(one.key)),
      })),
    };
  };
  const wanted = lookout?.remembering('sources', wantedBy) ?? wantedBy;
  const withGroups = lookout?.remembering('steeple', around) ?? around;
  return (mapping: Mapping): Surroundings => withGroups(wanted(mapping));

  function around({ mapping, list, ...given }: Wanted): Surroundings {
    const rows = groupRows.all();
    const targetsByKey = new Map(list.map((target) => [target.key, target]));
    const byNum = new Map<number, string>();
    const groups = new Map<string, ObservedGroup>();
    const put = ({ num, steepleId, name }: GroupRow, key: string, adopted: boolean) => {
      byNum.set(num, key);
      groups.set(key, { key, num, steepleId, name, adopted });
    };
    for (const row of rows) {
      if (row.target === null) continue;
      put(row, row.target, false);
      if (!targetsByKey.has(row.target)) targetsByKey.set(row.target, leftover(row.target, row.name, mapping));
    }
    const free = rows.filter(({ target }) => target === null);
    const byExternal = new Map(free.map((row) => [row.externalId ?? '', row]));
    const byName = new Map(free.map((row) => [row.name, row]));
    for (const { key, name } of list) {
      if (groups.has(key)) continue;
      const row = byExternal.get(key) ?? byName.get(name);
      if (row && !byNum.has(row.num)) put(row, key, true);
    }
    return { ...given, groups, byNum, targets: targetsByKey };
  }
}
