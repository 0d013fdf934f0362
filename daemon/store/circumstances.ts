/**
 * What the gate must know beyond the people in front of it: what has left in the last 24 hours, what is about to be taken
 * from others, and how many are left in a group (G6).
 *
 * Reads only, in the caller's transaction. It counts so that a few people are judged as they would be among all: what is
 * on its way for others, or waits for a decision, counts as if they were here as well; what a person decided to keep does
 * not (core/gate.ts judges those in scope by the same rule). Counts that most decisions never need are made when asked
 * for. Who is protected: guarding.ts. Which sources shrank: alarms.ts.
 */
import type { Database } from 'better-sqlite3';
import type { Policy } from '../contract/policy.ts';
import { type Circumstances, pair, type RiskKind } from '../core/gate.ts';
import { scopeOf } from '../core/limits.ts';
import { type Mapping, type Target, type Team, topRole } from '../core/mapping.ts';
import { dayMs, dueAt, inForce, speaksOf } from '../core/standing.ts';
import { alarms as openAlarms } from './alarms.ts';
import { guarding } from './guarding.ts';
import type { Heads } from './heads.ts';
import type { Journal } from './journal.ts';

type Loss = Readonly<{
  kind: RiskKind;
  community: string;
  role: string;
  person: number;
  source: string;
  groups: string;
}>;
type Waiting = Loss & Readonly<{ since: number | null; rule: string; standing: string | null }>;
export type Counting = Readonly<{
  /** The people in scope; `'all'` when nobody is out of it. */
  nums: 'all' | readonly number[];
  mapping: Mapping;
  policy: Policy;
  teams: ReadonlyMap<number, Team>;
  /** The groups Steeple has of ours, by their number there. */
  groups: ReadonlyMap<number, Target | undefined>;
  /** The groups that being directly in one reaches, itself included. */
  reaches(team: number): readonly Readonly<{ team: number }>[];
  now: number;
}>;
export type Counted = Readonly<{
  circumstances: Omit<Circumstances, 'policy' | 'newAdministrators'>;
  gonePairs: Pick<ReadonlySet<string>, 'has'>;
  refused: Pick<ReadonlySet<number>, 'has'>;
}>;

/** A look-up that is computed when it is asked for, once. */
export function lazily<K, V>(compute: (key: K) => V): { get(key: K): V } {
  const known = new Map<K, V>();
  return {
    get(key) {
      if (!known.has(key)) known.set(key, compute(key));
      return known.get(key) as V;
    },
  };
}

/** What is computed when it is asked for, once. */
function once<V>(compute: () => V): () => V {
  const known = lazily((_: 'it') => compute());
  return () => known.get('it');
}

/** `heads`: where somebody counts along; else everybody is counted. */
export function circumstances(db: Database, journal: Journal, heads?: Heads) {
  const active = db.prepare<[], { source: string; n: number }>(
    "SELECT source, count(*) AS n FROM person WHERE state = 'active' GROUP BY source",
  );
  const departed = db.prepare<{ since: number }, Loss>(`
    SELECT DISTINCT d.kind, d.community, d.role, d.person, p.source, d.groups
    FROM departure d JOIN person p ON p.num = d.person WHERE d.at > @since`);
  // An approved item and the delivery that carries it out are one loss: they are counted by what they take from whom.
  const waiting = db.prepare<[], Waiting>(`
    SELECT h.kind, h.community, coalesce(h.from_role, '') AS role, h.person, p.source, h.groups, h.since, h.rule, h.standing
    FROM held h JOIN person p ON p.num = h.person
      WHERE h.state IN ('held', 'approved', 'kept') AND h.state <> 'kept'
    UNION ALL SELECT d.risk, coalesce(d.community, ''), coalesce(d.role, ''), d.person, p.source,
      coalesce(json_extract(d.body, '$.groups'), '[]'), NULL, '', NULL
    FROM delivery d JOIN person p ON p.num = d.person WHERE d.risk IS NOT NULL AND d.state IN ('ready', 'sending')`);
  const holders = db
    .prepare<{ grps: string; less: string }, number>(`
    SELECT count(DISTINCT m.usr) FROM observed_member m JOIN observed_user o ON o.num = m.usr
    WHERE m.grp IN (SELECT value FROM json_each(@grps)) AND o.active = 1
      AND (o.person IS NULL OR o.person NOT IN (SELECT value FROM json_each(@less)))`)
    .pluck();
  // The same for a single group of Steeple's, less whoever does not count: reading each member's account takes fifty times as long.
  const membersIn = db
    .prepare<{ grp: number }, number>('SELECT count(*) FROM observed_member WHERE grp = @grp')
    .pluck();
  const inactiveIn = db
    .prepare<[], [grp: number, n: number]>(`
      SELECT m.grp, count(*) FROM observed_user o CROSS JOIN observed_member m ON m.usr = o.num
      WHERE o.active = 0 GROUP BY m.grp`)
    .raw();
  const activeIn = db
    .prepare<{ grp: number; people: string }, number>(`
      SELECT count(DISTINCT o.num) FROM json_each(@people) p CROSS JOIN observed_user o ON o.person = p.value
      WHERE o.active = 1 AND EXISTS (SELECT 1 FROM observed_member m WHERE m.grp = @grp AND m.usr = o.num)`)
    .pluck();
  // Strangers do not count: Steeple takes their access away, unless they were made by hand, which we cannot see.
  const ownHolders = db
    .prepare<{ grps: string; less: string; enough: number }, number>(`
    SELECT count(*) FROM (
      SELECT DISTINCT m.usr FROM observed_member m JOIN observed_user o ON o.num = m.usr
      WHERE m.grp IN (SELECT value FROM json_each(@grps)) AND o.active = 1
        AND o.person IS NOT NULL AND o.person NOT IN (SELECT value FROM json_each(@less)) LIMIT @enough)`)
    .pluck();
  const hasMembers = db
    .prepare<{ team: number }, number>(`
    WITH RECURSIVE inside (num) AS (SELECT @team UNION SELECT child FROM nesting JOIN inside ON nesting.team = inside.num)
    SELECT EXISTS (SELECT 1 FROM membership JOIN inside ON membership.team = inside.num)`)
    .pluck();
  const version = db.prepare<{ team: number }, number>('SELECT version FROM team WHERE num = @team').pluck();
  const stood = db
    .prepare<{ standing: string; since: number; nums: string }, number>(`
      SELECT count(*) FROM held WHERE standing = @standing AND person NOT IN (SELECT value FROM json_each(@nums))
        AND (state = 'approved' OR (state = 'sent' AND ended_at > @since))`)
    .pluck();
  // What would give somebody an account or a membership, and is not sent any more.
  const isRefused = `state IN ('dead', 'dropped') AND (kind IN ('user.create', 'member.add')
    OR (kind = 'user.update' AND body LIKE '%"path":"active"%'))`;
  const allRefused = db
    .prepare<[], number>(`SELECT DISTINCT person FROM delivery WHERE ${isRefused} AND person IS NOT NULL`)
    .pluck();
  const refused = db
    .prepare<{ person: number }, 0 | 1>(`
      SELECT EXISTS (SELECT 1 FROM delivery WHERE person = @person AND state IN ('ready', 'dead', 'dropped') AND ${isRefused})`)
    .pluck();
  const guards = guarding(db);
  const alarms = openAlarms(db, journal);

  return ({ nums, mapping, policy, teams, groups, reaches, now }: Counting): Counted => {
    const inScope = new Set(nums === 'all' ? [] : nums);
    // Most people lose nothing, and then none of this is asked for, however many wait for a decision.
    const others = once(() => (nums === 'all' ? [] : waiting.all().filter(({ person }) => !inScope.has(person))));
    const lossKey = ({ person, kind, community, role }: Loss) => `${person} ${kind} ${pair(community, role)}`;
    const gone = once(() => [
      ...new Map<string, Loss>(
        [...departed.all({ since: now - dayMs }), ...others()].map((loss) => [lossKey(loss), loss]),
      ).values(),
    ]);
    const groupsOf = lazily((loss: Loss) => {
      const known = JSON.parse(loss.groups) as string[];
      return new Set(known.length > 0 || loss.role === '' ? known : [pair(loss.community, loss.role)]);
    });
    const goneFrom = (group: string) =>
      new Set(
        gone()
          .filter((loss) => groupsOf.get(loss).has(group))
          .map(({ person }) => person),
      );

    const activeOf = once(() => heads?.active() ?? new Map(active.all().map(({ source, n }) => [source, n])));
    const countsOf = lazily((scope: string) => {
      const mine = gone().filter(({ source }) => scopeOf(policy, source) === scope);
      const total = (kind: RiskKind) => mine.filter((loss) => loss.kind === kind).length;
      const here = [...activeOf()].filter(([source]) => scopeOf(policy, source) === scope);
      return {
        activePeople: here.reduce((sum, [, n]) => sum + n, 0),
        departed: { remove: total('remove'), revoke: total('revoke'), downgrade: total('downgrade') },
      };
    });

    const allOf = once(() => new Set(allRefused.all()));
    const top = topRole(mapping);
    /** Steeple's groups that a mapped group of core/limits.ts stands for: those that give a pair, or the one itself. */
    const grps = once(() => {
      const found = new Map<string, number[]>();
      for (const [num, target] of groups)
        for (const group of new Set(
          target && [target.key, ...target.grants.map(({ community, role }) => pair(community, role))],
        ))
          found.set(group, [...(found.get(group) ?? []), num]);
      return found;
    });
    const grpsOf = (group: string) => grps().get(group) ?? [];
    const inactive = once(() => new Map(inactiveIn.all()));
    function holdersOf(group: string): number {
      const [grp, ...more] = grpsOf(group);
      const less = peopleIn(othersFrom(group));
      if (grp === undefined) return 0;
      if (more.length > 0) return holders.get({ grps: JSON.stringify([grp, ...more]), less }) ?? 0;
      const all = heads?.members(grp) ?? membersIn.get({ grp }) ?? 0;
      return all - (inactive().get(grp) ?? 0) - (activeIn.get({ grp, people: less }) ?? 0);
    }
    const othersFrom = (group: string) => others().filter((loss) => groupsOf.get(loss).has(group));
    const peopleIn = (losses: readonly Loss[]) => JSON.stringify(losses.map(({ person }) => person));

    const teamNums = lazily((_: 'all') => new Map([...teams.values()].map(({ id, num }) => [id, num])));
    const isEmptied = lazily((num: number) => {
      if (teams.get(num)?.live !== true) return true;
      // A group that was never changed since its creation has not been filled yet.
      return hasMembers.get({ team: num }) === 0 && (version.get({ team: num }) ?? 1) > 1;
    });
    const linksOf = once(() => Map.groupBy(mapping.links, ({ community, role }) => pair(community, role)));
    const gonePair = lazily((key: string) =>
      (linksOf().get(key) ?? []).some(({ team }) => isEmptied.get(teamNums.get('all').get(team) ?? -1)),
    );
    /** What a standing approval let go, and what of others is due to leave by it: all of it counts against its limit. */
    const standingUsed = lazily((id: string) => {
      const one = policy.standing.find((candidate) => candidate.id === id);
      if (one === undefined || !inForce(one, now)) return 0;
      const due = others().filter(
        (loss) =>
          'rule' in loss &&
          (loss.rule === 'removal' || loss.rule === 'last-access') &&
          loss.standing === null &&
          speaksOf(one, loss) &&
          dueAt(one, loss.since ?? now) <= now,
      );
      return (
        (stood.get({ standing: id, since: now - dayMs, nums: nums === 'all' ? '[]' : JSON.stringify(nums) }) ?? 0) +
        due.length
      );
    });
    return {
      circumstances: {
        now,
        few: nums !== 'all',
        counts: countsOf,
        departedFrom: lazily((group: string) => goneFrom(group).size),
        holders: lazily(holdersOf),
        administrators: lazily((community: string) => {
          if (top === undefined) return 0;
          const key = pair(community, top);
          const isOf = (loss: Loss) => loss.community === community && loss.role === top;
          const leaving = others().filter((loss) => loss.kind === 'remove' || isOf(loss));
          // Everybody in scope may lose it, and one more is left: how many more makes no difference.
          const enough = nums === 'all' ? Number.MAX_SAFE_INTEGER : nums.length + 1;
          return ownHolders.get({ grps: JSON.stringify(grpsOf(key)), less: peopleIn(leaving), enough }) ?? 0;
        }),
        protects: guards({ policy, teams, reaches }),
        alarms: new Map(
          // The first of a source tells: an approval after it has seen that it stands.
          alarms
            .stand()
            .reverse()
            .map((alarm) => [alarm.source, { raisedAt: alarm.since, why: alarm.detail }]),
        ),
        standingUsed,
      },
      gonePairs: { has: (key) => gonePair.get(key) },
      refused: { has: (person) => (nums === 'all' ? allOf().has(person) : refused.get({ person }) === 1) },
    };
  };
}
