/**
 * What the gate must know beyond the people in front of it: what has left in the last 24 hours, what is about to be taken
 * from others, and how many are left in a group (G6).
 *
 * Reads only, in the caller's transaction. It counts so that a few people are judged as they would be among all: what is
 * on its way for others, or waits for a decision, counts as if they were here as well; what a person decided to keep does
 * not (core/gate.ts judges those in scope by the same rule). Counts that most decisions never need are made when asked for.
 */
import type { Database } from 'better-sqlite3';
import { type Circumstances, pair, type RiskKind } from '../core/gate.ts';
import { type Mapping, type Target, type Team, topRole } from '../core/mapping.ts';

const day = 86_400_000;
type Loss = Readonly<{ kind: RiskKind; community: string; role: string; person: number }>;
export type Counting = Readonly<{
  /** The people in scope; `'all'` when nobody is out of it. */
  nums: 'all' | readonly number[];
  mapping: Mapping;
  teams: ReadonlyMap<number, Team>;
  /** The groups Steeple has of ours, by their number there. */
  groups: ReadonlyMap<number, Target | undefined>;
  now: number;
}>;
export type Counted = Readonly<{
  circumstances: Omit<Circumstances, 'policy' | 'newAdministrators'>;
  gonePairs: Pick<ReadonlySet<string>, 'has'>;
}>;

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

export function circumstances(db: Database) {
  const activePeople = db.prepare<[], number>("SELECT count(*) FROM person WHERE state = 'active'").pluck();
  const departed = db.prepare<{ since: number }, Loss>(
    'SELECT DISTINCT kind, community, role, person FROM departure WHERE at > @since',
  );
  // An approved item and the delivery that carries it out are one loss: UNION sees to it.
  const waiting = db.prepare<[], Loss>(`
    SELECT kind, community, coalesce(from_role, '') AS role, person FROM held
      WHERE state IN ('held', 'approved', 'kept') AND state <> 'kept'
    UNION SELECT risk, coalesce(community, ''), coalesce(role, ''), person FROM delivery
      WHERE risk IS NOT NULL AND state IN ('ready', 'sending')`);
  const holders = db
    .prepare<{ grps: string; less: string }, number>(`
    SELECT count(DISTINCT m.usr) FROM observed_member m JOIN observed_user o ON o.num = m.usr
    WHERE m.grp IN (SELECT value FROM json_each(@grps)) AND o.active = 1
      AND (o.person IS NULL OR o.person NOT IN (SELECT value FROM json_each(@less)))`)
    .pluck();
  // Strangers do not count: Steeple takes their access away, unless they were made by hand, which we cannot see.
  const ownHolders = db
    .prepare<{ grps: string; less: string }, number>(`
    SELECT count(DISTINCT m.usr) FROM observed_member m JOIN observed_user o ON o.num = m.usr
    WHERE m.grp IN (SELECT value FROM json_each(@grps)) AND o.active = 1
      AND o.person IS NOT NULL AND o.person NOT IN (SELECT value FROM json_each(@less))`)
    .pluck();
  const hasMembers = db
    .prepare<{ team: number }, number>(`
    WITH RECURSIVE inside (num) AS (SELECT @team UNION SELECT child FROM nesting JOIN inside ON nesting.team = inside.num)
    SELECT EXISTS (SELECT 1 FROM membership JOIN inside ON membership.team = inside.num)`)
    .pluck();
  const version = db.prepare<{ team: number }, number>('SELECT version FROM team WHERE num = @team').pluck();

  return ({ nums, mapping, teams, groups, now }: Counting): Counted => {
    const inScope = new Set(nums === 'all' ? [] : nums);
    const others = nums === 'all' ? [] : waiting.all().filter(({ person }) => !inScope.has(person));
    const once = new Map(
      [...departed.all({ since: now - day }), ...others].map((loss) => [
        `${loss.person} ${loss.kind} ${pair(loss.community, loss.role)}`,
        loss,
      ]),
    );
    const gone = [...once.values()];
    const total = (kind: RiskKind) => gone.filter((loss) => loss.kind === kind).length;
    const isOf = (key: string) => (loss: Loss) => pair(loss.community, loss.role) === key;

    const top = topRole(mapping);
    const grpsOf = (key: string) =>
      JSON.stringify(
        [...groups].flatMap(([num, target]) =>
          target?.grants.some(({ community, role }) => pair(community, role) === key) ? [num] : [],
        ),
      );
    const peopleIn = (losses: readonly Loss[]) => JSON.stringify(losses.map(({ person }) => person));

    const teamNums = lazily((_: 'all') => new Map([...teams.values()].map(({ id, num }) => [id, num])));
    const isEmptied = lazily((num: number) => {
      if (teams.get(num)?.live !== true) return true;
      // A group that was never changed since its creation has not been filled yet.
      return hasMembers.get({ team: num }) === 0 && (version.get({ team: num }) ?? 1) > 1;
    });
    const gonePair = lazily((key: string) =>
      mapping.links.some(
        ({ community, role, team }) =>
          pair(community, role) === key && isEmptied.get(teamNums.get('all').get(team) ?? -1),
      ),
    );
    return {
      circumstances: {
        activePeople: activePeople.get() ?? 0,
        departed: { remove: total('remove'), revoke: total('revoke'), downgrade: total('downgrade') },
        departedFrom: lazily((key: string) => gone.filter(isOf(key)).length),
        holders: lazily(
          (key: string) => holders.get({ grps: grpsOf(key), less: peopleIn(others.filter(isOf(key))) }) ?? 0,
        ),
        administrators: lazily((community: string) => {
          if (top === undefined) return 0;
          const key = pair(community, top);
          const leaving = others.filter((loss) => loss.kind === 'remove' || isOf(key)(loss));
          return ownHolders.get({ grps: grpsOf(key), less: peopleIn(leaving) }) ?? 0;
        }),
      },
      gonePairs: { has: (key) => gonePair.get(key) },
    };
  };
}
