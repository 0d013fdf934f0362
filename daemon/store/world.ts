/**
 * Loads the world a plan is decided in: people on both sides, for everybody or for those a push touched.
 *
 * Reads only, in the caller's transaction; what is decided is core/plan.ts, what is written is planning.ts. Whose account
 * is whose: pairing.ts. What the gate counts: circumstances.ts. What a few people need costs what they have, not what
 * there is: no statement for them reads a table of everybody.
 */
import type { Database } from 'better-sqlite3';
import type { Policy } from '../contract/policy.ts';
import { cycles, noAccess, type Reached, ways } from '../core/access.ts';
import { type OpenItem, riskKey } from '../core/gate.ts';
import { leftover, type Mapping, mirrorKey, type Target, type Team, targets } from '../core/mapping.ts';
import { type Case, managedTargets, type ObservedGroup, type World } from '../core/plan.ts';
import { circumstances } from './circumstances.ts';
import { correctedName, corrections } from './corrections.ts';
import type { Journal } from './journal.ts';
import type { Published } from './mapping.ts';
import { pairing, type Scope } from './pairing.ts';
import { openItem } from './reviews.ts';

export type Loaded = World &
  Readonly<{
    teams: ReadonlyMap<number, Team>;
    cycles: readonly (readonly number[])[];
    /** What being directly in a group reaches, itself included. */
    reaches(team: number): readonly Reached[];
    /** The push that last touched each person's own record. */
    seqs: ReadonlyMap<number, number>;
  }>;
export type Worlds = ReturnType<typeof worlds>;

type GroupRow = Readonly<{
  num: number;
  steepleId: string;
  name: string;
  externalId: string | null;
  target: string | null;
}>;
/** Who is in what, by the store's numbers. */
type Within = Readonly<{ member: number; group: number }>;

const groupedBy = <R>(rows: readonly R[], key: (row: R) => number, value: (row: R) => number) =>
  new Map([...Map.groupBy(rows, key)].map(([at, some]) => [at, some.map(value)]));

export function worlds(db: Database, journal: Journal) {
  const teamRows = db.prepare<
    [],
    { num: number; id: string; source: string; name: string; externalId: string | null; live: number }
  >(`
    SELECT num, id, source, display_name AS name, external_id AS externalId, state = 'live' AS live FROM team`);
  const nestings = db.prepare<[], { team: number; child: number }>('SELECT team, child FROM nesting');
  const allMemberships = db.prepare<[], Within>('SELECT person AS member, team AS "group" FROM membership');
  const linkedMemberships = db.prepare<{ teams: string }, Within>(
    'SELECT person AS member, team AS "group" FROM membership WHERE team IN (SELECT value FROM json_each(@teams))',
  );
  const someMemberships = db.prepare<{ nums: string }, Within>(
    'SELECT person AS member, team AS "group" FROM membership WHERE person IN (SELECT value FROM json_each(@nums))',
  );
  const groupRows = db.prepare<[], GroupRow>(`
    SELECT num, steeple_id AS steepleId, display_name AS name, external_id AS externalId, target FROM observed_group ORDER BY num`);
  const membersOf = db.prepare<{ grps: string }, Within>(
    'SELECT usr AS member, grp AS "group" FROM observed_member WHERE grp IN (SELECT value FROM json_each(@grps))',
  );
  const groupsOf = db.prepare<{ usrs: string }, Within>(
    'SELECT usr AS member, grp AS "group" FROM observed_member WHERE usr IN (SELECT value FROM json_each(@usrs))',
  );
  const openItems = db.prepare<[], unknown>("SELECT * FROM held WHERE state IN ('held', 'approved', 'kept')");
  const someItems = db.prepare<{ nums: string }, unknown>(`
    SELECT * FROM held WHERE state IN ('held', 'approved', 'kept') AND person IN (SELECT value FROM json_each(@nums))`);
  const pair = pairing(db);
  const count = circumstances(db, journal);
  const standIns = corrections(db);

  /** Everything a decision needs. In the caller's transaction, so it is one moment. */
  return function load(
    scope: Scope,
    { mapping }: Published,
    names: ReadonlyMap<string, string>,
    policy: Policy,
    now: number,
  ): Loaded {
    const teams = new Map(teamRows.all().map((row) => [row.num, { ...row, live: row.live === 1 } satisfies Team]));
    const nested = nestings.all();
    const [teamOf, childOf] = [(row: { team: number }) => row.team, (row: { child: number }) => row.child];
    const children = groupedBy(nested, teamOf, childOf);
    const way = ways(mapping, teams, groupedBy(nested, childOf, teamOf));

    const { people, accounts, nameHolders } = pair(scope);
    const nums = scope === 'all' ? scope : people.map(({ num }) => num);
    const directly = directGroups();
    const { groups, byNum, targetsByKey } = groupsNow(
      targets(mapping, [...teams.values()], (id) => names.get(id) ?? id),
      mapping,
    );
    const memberships =
      nums === 'all'
        ? membersOf.all({ grps: JSON.stringify([...byNum.keys()]) })
        : groupsOf.all({ usrs: JSON.stringify([...accounts.values()].map(({ num }) => num)) });
    const holds = groupedBy(
      memberships,
      ({ member }) => member,
      ({ group }) => group,
    );

    const mirrored = (direct: readonly number[]) => {
      const reached = new Set(direct.flatMap((num) => way.from(num).map(({ team }) => team)));
      return [...reached].map((num) => mirrorKey(teams.get(num)?.id ?? '')).sort();
    };
    const cases = people.map(({ num, id, source, state, account }): Case => {
      const wanted = state === 'active';
      const direct = wanted ? (directly.get(num) ?? []) : [];
      const access = wanted ? way.accessOf(direct) : noAccess;
      const observed = accounts.get(num);
      const held = observed === undefined ? [] : (holds.get(observed.num) ?? []);
      return {
        num,
        id,
        source,
        account,
        wanted,
        known: state !== 'deleted',
        observed,
        access,
        targets: mapping.mode === 'managed' ? managedTargets(access) : mirrored(direct),
        holds: held.flatMap((grp) => byNum.get(grp) ?? []).sort(),
      };
    });

    const items = (nums === 'all' ? openItems.all() : someItems.all({ nums: JSON.stringify(nums) })).map(openItem);
    return {
      mapping,
      policy,
      cases,
      targets: targetsByKey,
      groups,
      items: new Map(items.map((item): [string, OpenItem] => [riskKey(item), item])),
      nameHolders,
      ...count({
        nums,
        mapping,
        policy,
        teams,
        reaches: way.from,
        groups: new Map([...byNum].map(([num, key]) => [num, targetsByKey.get(key)])),
        now,
      }),
      teams,
      cycles: cycles(children),
      reaches: way.from,
      seqs: new Map(people.map(({ num, seq }) => [num, seq])),
    };

    /** The groups each person is directly in, as far as they matter. */
    function directGroups(): Map<number, number[]> {
      const rows = () => {
        if (nums !== 'all') return someMemberships.all({ nums: JSON.stringify(nums) });
        if (mapping.mode === 'mirror') return allMemberships.all();
        // In managed mode only groups that lead to a link matter, which at scale is a small part of all memberships.
        const leads = (num: number) => way.from(num).some(({ team }) => way.linksOf(team).length > 0);
        return linkedMemberships.all({ teams: JSON.stringify([...teams.keys()].filter(leads)) });
      };
      return groupedBy(
        rows(),
        ({ member }) => member,
        ({ group }) => group,
      );
    }
  };

  /**
   * The groups we keep in Steeple, those we would adopt by externalId or name, and what is left of earlier mappings.
   * `byNum` gives the target that a group of Steeple's serves.
   */
  function groupsNow(wanted: readonly Target[], mapping: Mapping) {
    const rows = groupRows.all();
    const substitutes = standIns.ofTargets();
    const targetList = wanted.map((one) => ({ ...one, name: correctedName(one.name, substitutes.get(one.key)) }));
    const targetsByKey = new Map(targetList.map((target) => [target.key, target]));
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
    for (const { key, name } of targetList) {
      if (groups.has(key)) continue;
      const row = byExternal.get(key) ?? byName.get(name);
      if (row && !byNum.has(row.num)) put(row, key, true);
    }
    return { groups, byNum, targetsByKey };
  }
}
