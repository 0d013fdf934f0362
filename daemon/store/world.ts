/**
 * Loads the world a plan is decided in: people on both sides, for everybody or for those a push touched.
 *
 * Reads only, in the caller's transaction; what is decided is core/plan.ts, what is written is store/planning.ts. A few
 * counts are asked for lazily, because most decisions never need them.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Policy } from '../contract/admin.ts';
import type { JsonObject } from '../contract/scim.ts';
import { cycles, noAccess, type Reached, ways } from '../core/access.ts';
import { type Account, accountOf } from '../core/account.ts';
import { fold } from '../core/directory.ts';
import { type OpenItem, pair, type RiskKind, riskKey } from '../core/gate.ts';
import { leftover, type Mapping, mirrorKey, type Target, type Team, targets, topRole } from '../core/mapping.ts';
import { match } from '../core/match.ts';
import { type Case, managedTargets, type Observed, type ObservedGroup, type World } from '../core/plan.ts';
import type { Published } from './mapping.ts';
import { openItem } from './reviews.ts';

const day = 86_400_000;
type PersonRow = Readonly<{
  num: number;
  id: string;
  state: 'active' | 'inactive' | 'deleted';
  body: string;
  seq: number;
}>;
type ObservedRow = Readonly<{
  num: number;
  steepleId: string;
  userNameKey: string;
  externalId: string | null;
  active: number;
  body: string;
  person: number | null;
  personState: PersonRow['state'] | null;
}>;
const Stored = z.object({
  userName: z.string(),
  externalId: z.string(),
  givenName: z.string(),
  familyName: z.string(),
  displayName: z.string(),
  email: z.string(),
});
/** The account as observed, from its column. */
export const storedAccount = (body: string): Account => Stored.parse(JSON.parse(body));

export type Loaded = World &
  Readonly<{
    teams: ReadonlyMap<number, Team>;
    cycles: readonly (readonly number[])[];
    /** What being directly in a group reaches, itself included. */
    reaches(team: number): readonly Reached[];
    /** The push that last touched each person. */
    seqs: ReadonlyMap<number, number>;
  }>;
/** `'all'`, or the store's numbers of the people to look at. */
export type Scope = 'all' | readonly number[];
export type Worlds = ReturnType<typeof worlds>;

/** A look-up that is computed when it is asked for, once. */
function lazily<K, V>(compute: (key: K) => V): { get(key: K): V } {
  const known = new Map<K, V>();
  return {
    get(key) {
      if (!known.has(key)) known.set(key, compute(key));
      return known.get(key) as V;
    },
  };
}

function grouped<T, K, V>(rows: readonly T[], key: (row: T) => K, value: (row: T) => V): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const row of rows) {
    const known = groups.get(key(row));
    if (known) known.push(value(row));
    else groups.set(key(row), [value(row)]);
  }
  return groups;
}

export function worlds(db: Database) {
  const all = <P extends object, R>(sql: string) => db.prepare<P, R>(sql);
  const inScope = (column: string) => `(@all = 1 OR ${column} IN (SELECT value FROM json_each(@nums)))`;
  type Scoped = { all: 0 | 1; nums: string };

  const teamRows = db.prepare<
    [],
    { num: number; id: string; source: string; name: string; externalId: string | null; live: number }
  >(`
    SELECT num, id, source, display_name AS name, external_id AS externalId, state = 'live' AS live FROM team`);
  const nestings = db.prepare<[], { team: number; child: number }>('SELECT team, child FROM nesting');
  // An account of ours whose person is deleted still needs a case; other deleted people are history.
  const everybody = db.prepare<[], PersonRow>(`
    SELECT num, id, state, body, seq FROM person
    WHERE state <> 'deleted' OR num IN (SELECT person FROM observed_user WHERE person IS NOT NULL) ORDER BY num`);
  const some = all<{ nums: string }, PersonRow>(`
    SELECT num, id, state, body, seq FROM person WHERE num IN (SELECT value FROM json_each(@nums)) ORDER BY num`);
  const memberships = all<Scoped & { teams: string }, { person: number; team: number }>(`
    SELECT person, team FROM membership WHERE ${inScope('person')}
      AND (@teams = '' OR team IN (SELECT value FROM json_each(@teams)))`);
  const observedColumns = `o.num, o.steeple_id AS steepleId, o.user_name_key AS userNameKey, o.external_id AS externalId, o.active, o.body,
    o.person, p.state AS personState FROM observed_user o LEFT JOIN person p ON p.num = o.person`;
  const observedAll = db.prepare<[], ObservedRow>(`SELECT ${observedColumns} ORDER BY o.num`);
  const observedSome = all<{ nums: string; names: string; externals: string }, ObservedRow>(`
    SELECT ${observedColumns} WHERE o.num IN (
      SELECT num FROM observed_user WHERE person IN (SELECT value FROM json_each(@nums))
      UNION SELECT num FROM observed_user WHERE user_name_key IN (SELECT value FROM json_each(@names))
      UNION SELECT num FROM observed_user WHERE external_id IN (SELECT value FROM json_each(@externals))) ORDER BY o.num`);
  const claimants = all<{ externals: string }, { externalId: string; num: number }>(`
    SELECT external_id AS externalId, num FROM person
    WHERE state = 'active' AND external_id IN (SELECT value FROM json_each(@externals))`);
  const observedMembers = all<Scoped, { grp: number; usr: number }>(`
    SELECT m.grp, m.usr FROM observed_member m JOIN observed_group g ON g.num = m.grp
    WHERE g.target IS NOT NULL AND ${inScope('m.usr')}`);
  const groupRows = db.prepare<
    [],
    { num: number; steepleId: string; name: string; externalId: string | null; target: string | null }
  >(`
    SELECT num, steeple_id AS steepleId, display_name AS name, external_id AS externalId, target FROM observed_group ORDER BY num`);
  const unlinkedMembers = all<{ grps: string } & Scoped, { grp: number; usr: number }>(`
    SELECT grp, usr FROM observed_member WHERE grp IN (SELECT value FROM json_each(@grps)) AND ${inScope('usr')}`);
  const headCount = all<{ grp: number }, { n: number }>(`
    SELECT count(*) AS n FROM observed_member m JOIN observed_user o ON o.num = m.usr WHERE m.grp = @grp AND o.active = 1`);
  const distinctHeads = all<{ grps: string }, { n: number }>(`
    SELECT count(DISTINCT m.usr) AS n FROM observed_member m JOIN observed_user o ON o.num = m.usr
    WHERE m.grp IN (SELECT value FROM json_each(@grps)) AND o.active = 1`);
  const activePeople = db.prepare<[], { n: number }>("SELECT count(*) AS n FROM person WHERE state = 'active'");
  const heldRows = all<Scoped, unknown>(`
    SELECT * FROM held WHERE state IN ('held', 'approved', 'kept') AND ${inScope('person')}`);
  const departures = all<Scoped & { since: number }, { kind: RiskKind; community: string; role: string; n: number }>(`
    SELECT kind, community, role, count(DISTINCT person) AS n FROM (
      SELECT kind, community, role, person FROM departure WHERE at > @since
      UNION SELECT risk, coalesce(community, ''), coalesce(role, ''), person FROM delivery
        WHERE risk IS NOT NULL AND state IN ('ready', 'sending') AND NOT ${inScope('person')})
    GROUP BY kind, community, role`);
  const hasMembers = all<{ team: number }, { n: number }>(`
    WITH RECURSIVE inside (num) AS (SELECT @team UNION SELECT child FROM nesting JOIN inside ON nesting.team = inside.num)
    SELECT EXISTS (SELECT 1 FROM membership JOIN inside ON membership.team = inside.num) AS n`);
  const wasFilled = all<{ team: number }, { version: number }>('SELECT version FROM team WHERE num = @team');

  /** Everything a decision needs. In the caller's transaction, so it is one moment. */
  function load(
    scope: Scope,
    published: Published,
    names: ReadonlyMap<string, string>,
    policy: Policy,
    now: number,
  ): Loaded {
    const { mapping } = published;
    const teams = new Map(teamRows.all().map((row) => [row.num, { ...row, live: row.live === 1 } satisfies Team]));
    const nested = nestings.all();
    const parents = grouped(
      nested,
      ({ child }) => child,
      ({ team }) => team,
    );
    const children = grouped(
      nested,
      ({ team }) => team,
      ({ child }) => child,
    );
    const way = ways(mapping, teams, parents);
    const targetList = targets(mapping, [...teams.values()], (id) => names.get(id) ?? id);

    const { people, seen } = peopleIn(scope);
    const nums = people.map(({ num }) => num);
    const scoped: Scoped = scope === 'all' ? { all: 1, nums: '[]' } : { all: 0, nums: JSON.stringify(nums) };
    // In managed mode only groups that lead to a link matter, which at scale is a small part of all memberships.
    const relevant =
      mapping.mode === 'managed'
        ? JSON.stringify(
            [...teams.keys()].filter((num) => way.from(num).some(({ team }) => way.linksOf(team).length > 0)),
          )
        : '';
    const direct = grouped(
      memberships.all({ ...scoped, teams: relevant }),
      ({ person }) => person,
      ({ team }) => team,
    );
    const observed = observedFor(people, seen, scope);
    const { groups, byNum, targetsByKey } = groupsNow(targetList, mapping);
    const userNums = [...observed.values()].map(({ num }) => num);
    const scopedUsers: Scoped = scope === 'all' ? { all: 1, nums: '[]' } : { all: 0, nums: JSON.stringify(userNums) };
    const adoptedNums = [...byNum].filter(([, { adopted }]) => adopted).map(([num]) => num);
    const holds = grouped(
      [
        ...observedMembers.all(scopedUsers),
        ...unlinkedMembers.all({ ...scopedUsers, grps: JSON.stringify(adoptedNums) }),
      ],
      ({ usr }) => usr,
      ({ grp }) => byNum.get(grp)?.key ?? '',
    );

    const mirrored = (teamsOf: readonly number[]) => {
      const reached = new Set(teamsOf.flatMap((num) => way.from(num).map(({ team }) => team)));
      return [...reached].map((num) => mirrorKey(teams.get(num)?.id ?? '')).sort();
    };
    const cases = people.map((row): Case => {
      const wanted = row.state === 'active';
      const teamsOf = wanted ? (direct.get(row.num) ?? []) : [];
      const access = wanted ? way.accessOf(teamsOf) : noAccess;
      const found = observed.get(row.num);
      return {
        num: row.num,
        id: row.id,
        account: row.account,
        wanted,
        known: row.state !== 'deleted',
        observed: found,
        access,
        targets: mapping.mode === 'managed' ? managedTargets(access) : mirrored(teamsOf),
        holds: found === undefined ? [] : (holds.get(found.num) ?? []).filter((key) => key !== '').sort(),
      };
    });

    const gone = departures.all({ ...scoped, since: now - day });
    const total = (kind: RiskKind) => gone.filter((row) => row.kind === kind).reduce((sum, { n }) => sum + n, 0);
    const top = topRole(mapping);
    const grpsOf = (community: string, role: string) =>
      [...byNum].filter(([, { key }]) =>
        targetsByKey.get(key)?.grants.some((grant) => grant.community === community && grant.role === role),
      );
    const heads = lazily((key: string) => {
      const [community = '', role = ''] = key.split('\0');
      const grps = grpsOf(community, role).map(([num]) => num);
      if (grps.length === 1) return headCount.get({ grp: grps[0] as number })?.n ?? 0;
      return distinctHeads.get({ grps: JSON.stringify(grps) })?.n ?? 0;
    });
    const emptied = lazily((num: number) => {
      if (teams.get(num)?.live !== true) return true;
      return hasMembers.get({ team: num })?.n === 0 && (wasFilled.get({ team: num })?.version ?? 1) > 1;
    });
    const teamNums = new Map([...teams.values()].map(({ id, num }) => [id, num]));
    const gonePair = lazily((key: string) =>
      mapping.links.some(
        ({ community, role, team }) => pair(community, role) === key && emptied.get(teamNums.get(team) ?? -1) === true,
      ),
    );
    const items = heldRows.all(scoped).map((row) => openItem(row));
    return {
      mapping,
      policy,
      cases,
      targets: targetsByKey,
      groups,
      items: new Map(items.map((item): [string, OpenItem] => [riskKey(item), item])),
      gonePairs: { has: (key) => gonePair.get(key) },
      nameHolders: new Map(
        seen.flatMap((row): [string, number][] => (row.person === null ? [] : [[row.userNameKey, row.person]])),
      ),
      circumstances: {
        activePeople: activePeople.get()?.n ?? 0,
        departed: { remove: total('remove'), revoke: total('revoke'), downgrade: total('downgrade') },
        departedFrom: lazily((key: string) =>
          gone.filter(({ community, role }) => pair(community, role) === key).reduce((sum, { n }) => sum + n, 0),
        ),
        holders: heads,
        administrators: lazily((community: string) => (top === undefined ? 0 : heads.get(pair(community, top)))),
      },
      teams,
      cycles: cycles(children),
      reaches: way.from,
      seqs: new Map(people.map(({ num, seq }) => [num, seq])),
    };
  }

  type Person = PersonRow & Readonly<{ account: Account }>;
  const withAccount = (row: PersonRow): Person => ({ ...row, account: accountOf(JSON.parse(row.body) as JsonObject) });

  /** The people in scope, and the accounts in Steeple that may be theirs or hold a name they want. */
  function peopleIn(scope: Scope): { people: Person[]; seen: ObservedRow[] } {
    if (scope === 'all') return { people: everybody.all().map(withAccount), seen: observedAll.all() };
    const people = new Map<number, Person>();
    const seen = new Map<number, ObservedRow>();
    // Whoever holds a name that somebody here wants must be looked at together with them (P4), and so on.
    for (let fresh = [...scope]; fresh.length > 0; ) {
      const rows = some.all({ nums: JSON.stringify(fresh) }).map(withAccount);
      for (const row of rows) people.set(row.num, row);
      const around = observedSome.all({
        nums: JSON.stringify(fresh),
        names: JSON.stringify(rows.map(({ account }) => fold(account.userName))),
        externals: JSON.stringify(rows.map(({ account }) => account.externalId).filter((id) => id !== '')),
      });
      for (const row of around) seen.set(row.num, row);
      fresh = [...new Set(around.flatMap(({ person }) => (person === null || people.has(person) ? [] : [person])))];
    }
    return { people: [...people.values()].sort((a, b) => a.num - b.num), seen: [...seen.values()] };
  }

  function observedFor(people: readonly Person[], seen: readonly ObservedRow[], scope: Scope): Map<number, Observed> {
    const seekers = people.map(({ num, state, account }) => ({ num, active: state === 'active', account }));
    const externals = JSON.stringify(seen.flatMap(({ externalId }) => (externalId === null ? [] : [externalId])));
    const carriers =
      scope === 'all'
        ? seekers.filter(({ active }) => active).map(({ num, account }) => ({ externalId: account.externalId, num }))
        : claimants.all({ externals });
    const claims = grouped(
      carriers,
      ({ externalId }) => externalId,
      ({ num }) => num,
    );
    const found = match(
      seekers,
      seen.map((row) => ({ ...row, orphaned: row.personState === 'deleted' })),
      claims,
    );
    return new Map(
      [...found].map(([num, { candidate, linked }]) => [
        num,
        {
          num: candidate.num,
          steepleId: candidate.steepleId,
          active: candidate.active === 1,
          account: storedAccount(candidate.body),
          linked,
        },
      ]),
    );
  }

  /** The groups we keep in Steeple, those we would adopt by externalId or name, and what is left of earlier mappings. */
  function groupsNow(targetList: readonly Target[], mapping: Mapping) {
    const rows = groupRows.all();
    const targetsByKey = new Map(targetList.map((target) => [target.key, target]));
    const byNum = new Map<number, { key: string; adopted: boolean }>();
    const groups = new Map<string, ObservedGroup>();
    const put = (row: (typeof rows)[number], key: string, adopted: boolean) => {
      byNum.set(row.num, { key, adopted });
      groups.set(key, { key, num: row.num, steepleId: row.steepleId, name: row.name, adopted });
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

  return load;
}
