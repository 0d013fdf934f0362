/**
 * Loads the world a plan is decided in: people on both sides, for everybody or for those a push touched.
 *
 * Reads only, in the caller's transaction; what is decided is core/plan.ts, what is written is planning.ts. Whose account
 * is whose: pairing.ts. What the gate counts: circumstances.ts. What a few people need costs what they have, not what
 * there is: no statement for them reads a table of everybody.
 */
import type { Database } from 'better-sqlite3';
import type { Policy } from '../contract/policy.ts';
import { noAccess, type Reached } from '../core/access.ts';
import { type OpenItem, riskKey } from '../core/gate.ts';
import { mirrorKey, type Team } from '../core/mapping.ts';
import { type Pin, pinned } from '../core/pins.ts';
import { type Case, managedTargets, type World } from '../core/plan.ts';
import { circumstances } from './circumstances.ts';
import { heads } from './heads.ts';
import type { Journal } from './journal.ts';
import { lookout } from './lookout.ts';
import type { Published } from './mapping.ts';
import { pairing, type Scope } from './pairing.ts';
import { openItem } from './reviews.ts';
import { groupedBy, surroundings } from './surroundings.ts';

export type Loaded = World &
  Readonly<{
    teams: ReadonlyMap<number, Team>;
    cycles: readonly (readonly number[])[];
    /** What being directly in a group reaches, itself included. */
    reaches(team: number): readonly Reached[];
    /** What an undo brought back, and the source has given again since. */
    moot: readonly Pin[];
    /** The push that last touched each person's own record. */
    seqs: ReadonlyMap<number, number>;
  }>;
export type Worlds = ReturnType<typeof worlds>;

/** Who is in what, by the store's numbers. */
type Within = Readonly<{ member: number; group: number }>;

export function worlds(db: Database, journal: Journal) {
  const allMemberships = db.prepare<[], Within>('SELECT person AS member, team AS "group" FROM membership');
  const linkedMemberships = db.prepare<{ teams: string }, Within>(
    'SELECT person AS member, team AS "group" FROM membership WHERE team IN (SELECT value FROM json_each(@teams))',
  );
  const someMemberships = db.prepare<{ nums: string }, Within>(
    'SELECT person AS member, team AS "group" FROM membership WHERE person IN (SELECT value FROM json_each(@nums))',
  );
  const membersOf = db.prepare<{ grps: string }, Within>(
    'SELECT usr AS member, grp AS "group" FROM observed_member WHERE grp IN (SELECT value FROM json_each(@grps))',
  );
  const groupsOf = db.prepare<{ usrs: string }, Within>(
    'SELECT usr AS member, grp AS "group" FROM observed_member WHERE usr IN (SELECT value FROM json_each(@usrs))',
  );
  const openItems = db.prepare<[], unknown>("SELECT * FROM held WHERE state IN ('held', 'approved', 'kept')");
  const someItems = db.prepare<{ nums: string }, unknown>(`
    SELECT * FROM held WHERE state IN ('held', 'approved', 'kept') AND person IN (SELECT value FROM json_each(@nums))`);
  const around = surroundings(db, lookout(db));
  const counted = heads(db);
  const pinRows = db.prepare<[], Pin>('SELECT person, community, role FROM pin ORDER BY person, community');
  const pair = pairing(db);
  const count = circumstances(db, journal, counted);

  /** Everything a decision needs. In the caller's transaction, so it is one moment. */
  function load(scope: Scope, { mapping }: Published, policy: Policy, now: number): Loaded {
    const { teams, way, cycles, groups, byNum, targets } = around(mapping);

    const { people, accounts, nameHolders } = pair(scope);
    const nums = scope === 'all' ? scope : people.map(({ num }) => num);
    const directly = directGroups();
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
    const moot: Pin[] = [];
    const pins = Map.groupBy(pinRows.all(), ({ person }) => person);
    const cases = people.map(({ num, id, source, state, account }): Case => {
      const own = pins.get(num) ?? [];
      const active = state === 'active';
      const isBack = active || own.some(({ community }) => community === '');
      const direct = isBack ? (directly.get(num) ?? []) : [];
      const given = { wanted: active, access: active ? way.accessOf(direct) : noAccess };
      const { wanted, access, moot: over } = own.length === 0 ? { ...given, moot: [] } : pinned(given, own, mapping);
      moot.push(...over);
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
      targets,
      groups,
      items: new Map(items.map((item): [string, OpenItem] => [riskKey(item), item])),
      nameHolders,
      ...count({
        nums,
        mapping,
        policy,
        teams,
        reaches: way.from,
        groups: new Map([...byNum].map(([num, key]) => [num, targets.get(key)])),
        now,
      }),
      teams,
      cycles,
      reaches: way.from,
      moot,
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
  }
  return {
    load,
    /** Counts, a slice at a time, what would be counted at once by whoever loses something first; whether there is more. */
    count: counted.count,
  };
}
