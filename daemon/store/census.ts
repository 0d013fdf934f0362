/**
 * Loads everybody for a survey (core/survey.ts), as columns of numbers: who is in which group, and in which of our groups in
 * Steeple. At 100,000 people and 2,000,000 memberships, rows as objects would be some gigabytes.
 *
 * Reads only, in the caller's transaction. It holds what world.ts holds for a few; test/census.test.ts proves that they
 * agree. SQLite joins the members of a group into one text, since each row that crosses into JavaScript costs a microsecond.
 */
import type { Database } from 'better-sqlite3';
import type { Policy } from '../contract/policy.ts';
import { noAccess } from '../core/access.ts';
import { type OpenItem, riskKey } from '../core/gate.ts';
import { type Mapping, mirrorKey, pairKey, rankOf } from '../core/mapping.ts';
import { type Pin, pinned } from '../core/pins.ts';
import { managedTargets } from '../core/plan.ts';
import { ascend, type Census, type Head } from '../core/survey.ts';
import { unattended, untouched, unwanted } from '../core/takeback.ts';
import { circumstances } from './circumstances.ts';
import type { Journal } from './journal.ts';
import { pairing } from './pairing.ts';
import { openItem } from './reviews.ts';
import { type Surroundings, surroundings } from './surroundings.ts';

export type Counted = Census &
  Pick<Surroundings, 'teams' | 'cycles'> &
  Readonly<{
    /** Accounts that are nobody's on record and would become somebody's, by number. */
    adopted: ReadonlySet<number>;
  }>;
type Joined = Readonly<{ num: number; members: string }>;
/** Lists of numbers, one for each position, all in one row. */
type Lists = Readonly<{ starts: Int32Array; values: Int32Array }>;

export function censuses(db: Database, journal: Journal) {
  const memberships = db.prepare<{ teams: string }, Joined>(`
    SELECT team AS num, group_concat(person) AS members FROM membership
    WHERE team IN (SELECT value FROM json_each(@teams)) GROUP BY team`);
  const pinRows = db.prepare<[], Pin>('SELECT person, community, role FROM pin ORDER BY person, community');
  const observedMembers = db.prepare<{ grps: string }, Joined>(`
    SELECT grp AS num, group_concat(usr) AS members FROM observed_member
    WHERE grp IN (SELECT value FROM json_each(@grps)) GROUP BY grp`);
  const openItems = db.prepare<[], unknown>("SELECT * FROM held WHERE state IN ('held', 'approved', 'kept')");
  const surround = surroundings(db);
  const pair = pairing(db);
  const count = circumstances(db, journal);

  /** Everybody, in the caller's transaction, so it is one moment. `isBack`: as core/takeback.ts has it. */
  return function take(mapping: Mapping, given: Policy, now: number, isBack = false): Counted {
    const policy = isBack ? unattended(given) : given;
    const around = surround(mapping);
    const here = isBack ? { ...around, targets: untouched(around.targets) } : around;
    const { teams, way, groups, byNum, targets } = here;
    const { people, accounts, nameHolders } = pair('all');
    const size = people.length;

    const lexicon = lexiconOf(mapping, here);
    const width = lexicon.roles.length;
    const targetAt = new Map(lexicon.targets.map((key, at) => [key, at]));
    const communityAt = new Map(lexicon.communities.map((id, at) => [id, at]));
    const roleAt = new Map(lexicon.roles.map((id, at) => [id, at]));
    const grantAt = (community: string, role: string) =>
      (communityAt.get(community) ?? 0) * width + (roleAt.get(role) ?? 0);
    const targetGrants = lexicon.targets.map((key) =>
      (targets.get(key)?.grants ?? []).map(({ community, role }) => grantAt(community, role)),
    );

    // By community, then the higher rank, then the group's number: what comes first is the winner.
    const teamNums = new Map([...teams.values()].map(({ id, num }) => [id, num]));
    const rank = (role: string) => rankOf(mapping, role);
    const links = [...new Set([...teams.keys()].flatMap((num) => way.linksOf(num)))].sort(
      (a, b) =>
        (communityAt.get(a.community) ?? 0) - (communityAt.get(b.community) ?? 0) ||
        rank(b.role) - rank(a.role) ||
        (teamNums.get(a.team) ?? 0) - (teamNums.get(b.team) ?? 0),
    );
    const linkAt = new Map(links.map((link, at) => [link, at]));
    const linkCommunity = Int32Array.from(links, ({ community }) => communityAt.get(community) ?? 0);
    const linkGrant = Int32Array.from(links, ({ community, role }) => grantAt(community, role));
    // Where two roles rank alike, the way to a group may decide between them: core/access.ts knows.
    const ranksAlike = new Set(mapping.roles.map((role) => role.rank)).size < mapping.roles.length;

    const pins = Map.groupBy(isBack ? [] : pinRows.all(), ({ person }) => person);
    /** Of each group that matters, in the order of their numbers: the links it leads to, and the mirrored groups around it. */
    const leads = [...teams.keys()]
      .sort((a, b) => a - b)
      .flatMap((num) => {
        const reached = way.from(num);
        const found = reached.flatMap(({ team }) => way.linksOf(team).map((link) => linkAt.get(link) ?? 0));
        if (found.length === 0 && mapping.mode === 'managed') return [];
        const mirrored = reached.flatMap(({ team }) => targetAt.get(mirrorKey(teams.get(team)?.id ?? '')) ?? []);
        // A way of more than a step is part of the explanation.
        const isFar = reached.some(({ team, steps }) => steps > 0 && way.linksOf(team).length > 0);
        return [{ num, links: found, isFar, mirrored }];
      });
    const leadAt = new Map(leads.map(({ num }, at) => [num, at]));
    const leadLinks = rowsOf(leads.map((lead) => lead.links));
    const leadTargets = rowsOf(leads.map((lead) => lead.mirrored));
    const leadIsFar = Uint8Array.from(leads, ({ isFar }) => (isFar ? 1 : 0));

    const isActive = new Set(people.flatMap(({ num, state }) => (state === 'active' ? [num] : [])));
    const stands = isBack ? unwanted<Head> : (head: Head) => head;
    const heads = people.map(({ num, id, source, state, account }) =>
      stands({
        num,
        id,
        source,
        account,
        wanted: state === 'active' || (pins.get(num) ?? []).some(({ community }) => community === ''),
        known: state !== 'deleted',
        observed: accounts.get(num),
      }),
    );
    const positions = positionsOf(heads.map(({ num, wanted }) => (wanted ? num : -1)));
    const directly = listsOf(
      memberships.iterate({ teams: JSON.stringify(leads.map(({ num }) => num)) }),
      (team) => leadAt.get(team) ?? -1,
      positions,
      size,
    );
    const holders = positionsOf(
      heads.map(({ observed }) => (observed && (observed.active || !isBack) ? observed.num : -1)),
    );
    const holding = listsOf(
      observedMembers.iterate({ grps: JSON.stringify([...byNum.keys()]) }),
      (grp) => targetAt.get(byNum.get(grp) ?? '') ?? -1,
      holders,
      size,
    );
    const grantTarget = Int32Array.from({ length: lexicon.communities.length * width }, (_, grant) => {
      const community = lexicon.communities[Math.floor(grant / width)] ?? '';
      return targetAt.get(pairKey(community, lexicon.roles[grant % width] ?? '')) ?? -1;
    });

    const seen = new Int32Array(Math.max(lexicon.communities.length, lexicon.targets.length, links.length));
    let turn = 0;
    const spoken = new Int32Array(links.length + 1);
    let spokenAt = -1;
    let spokenCount = 0;
    /** The links that speak for somebody, each once, in their order: into `spoken`. */
    function speak(at: number): number {
      if (at === spokenAt) return spokenCount;
      turn += 1;
      let some = 0;
      const last = directly.starts[at + 1] as number;
      for (let from = directly.starts[at] as number; from < last; from += 1) {
        const lead = directly.values[from] as number;
        const end = leadLinks.starts[lead + 1] as number;
        for (let here = leadLinks.starts[lead] as number; here < end; here += 1) {
          const link = leadLinks.values[here] as number;
          if (seen[link] === turn) continue;
          seen[link] = turn;
          spoken[some++] = link;
        }
      }
      ascend(spoken, some);
      [spokenAt, spokenCount] = [at, some];
      return some;
    }
    const direct = (at: number) =>
      [...directly.values.subarray(directly.starts[at], directly.starts[at + 1])].map((lead) => leads[lead]?.num ?? 0);
    const pinsAt = (at: number) => pins.get(heads[at]?.num ?? -1);
    const accessAt = (at: number) => {
      const own = pinsAt(at);
      if (own === undefined) return heads[at]?.wanted ? way.accessOf(direct(at)) : noAccess;
      const active = isActive.has(heads[at]?.num ?? -1);
      return pinned({ wanted: active, access: active ? way.accessOf(direct(at)) : noAccess }, own, mapping).access;
    };

    function fillNext(at: number, row: Int32Array): number {
      if (ranksAlike || pinsAt(at)) {
        const access = [...accessAt(at).values()].map(({ community, role }) => grantAt(community, role));
        for (const [to, grant] of access.entries()) row[to] = grant;
        return access.length;
      }
      const some = speak(at);
      let given = 0;
      let last = -1;
      for (let from = 0; from < some; from += 1) {
        const link = spoken[from] as number;
        if (linkCommunity[link] === last) continue;
        last = linkCommunity[link] as number;
        row[given++] = linkGrant[link] as number;
      }
      return given;
    }
    const best = new Int32Array(lexicon.communities.length);
    function fillNow(at: number, row: Int32Array): number {
      turn += 1;
      let some = 0;
      for (let from = holding.starts[at] as number; from < (holding.starts[at + 1] as number); from += 1) {
        for (const grant of targetGrants[holding.values[from] as number] ?? []) {
          const community = Math.floor(grant / width);
          if (seen[community] === turn) {
            const known = row[best[community] as number] as number;
            if ((lexicon.ranks[grant % width] as number) > (lexicon.ranks[known % width] as number))
              row[best[community] as number] = grant;
            continue;
          }
          seen[community] = turn;
          best[community] = some;
          row[some++] = grant;
        }
      }
      ascend(row, some);
      return some;
    }
    function fillTargets(at: number, row: Int32Array): number {
      if (mapping.mode === 'managed') {
        const given = fillNext(at, row);
        for (let to = 0; to < given; to += 1) row[to] = grantTarget[row[to] as number] as number;
        return given;
      }
      turn += 1;
      let some = 0;
      for (let from = directly.starts[at] as number; from < (directly.starts[at + 1] as number); from += 1) {
        const lead = directly.values[from] as number;
        const end = leadTargets.starts[lead + 1] as number;
        for (let here = leadTargets.starts[lead] as number; here < end; here += 1) {
          const target = leadTargets.values[here] as number;
          if (seen[target] === turn) continue;
          seen[target] = turn;
          row[some++] = target;
        }
      }
      return some;
    }
    function fillHolds(at: number, row: Int32Array): number {
      row.set(holding.values.subarray(holding.starts[at], holding.starts[at + 1]));
      return (holding.starts[at + 1] as number) - (holding.starts[at] as number);
    }
    const keys = (fill: Census['fillTargets'], at: number): string[] => {
      const row = new Int32Array(lexicon.targets.length + 1);
      const some = fill(at, row);
      return [...row.subarray(0, some)].map((target) => lexicon.targets[target] ?? '').sort();
    };

    const items = openItems.all().map(openItem);
    return {
      mapping,
      policy,
      takingBack: isBack,
      targets,
      groups,
      items: new Map(items.map((item): [string, OpenItem] => [riskKey(item), item])),
      nameHolders,
      ...count({
        nums: 'all',
        mapping,
        policy,
        teams,
        reaches: way.from,
        groups: new Map([...byNum].map(([num, key]) => [num, targets.get(key)])),
        now,
      }),
      size,
      lexicon,
      links,
      linkCommunity,
      head: (at) => heads[at] as Head,
      caseAt(at) {
        const head = heads[at] as Head;
        const access = accessAt(at);
        const mirrored = mapping.mode === 'managed' ? managedTargets(access) : keys(fillTargets, at);
        return { ...head, access, targets: head.wanted ? mirrored : [], holds: keys(fillHolds, at) };
      },
      fillNext,
      fillNow,
      fillReasons(at, row) {
        const { starts, values } = directly;
        if (pinsAt(at)) return -1;
        for (let from = starts[at] as number; from < (starts[at + 1] as number); from += 1)
          if (ranksAlike || leadIsFar[values[from] as number] === 1) return -1;
        const some = speak(at);
        for (let here = 0; here < some; here += 1) row[here] = spoken[here] as number;
        return some;
      },
      fillTargets,
      grantTarget: mapping.mode === 'managed' ? grantTarget : undefined,
      fillHolds,
      teams,
      cycles: here.cycles,
      adopted: new Set([...accounts.values()].flatMap(({ num, linked }) => (linked ? [] : [num]))),
    };
  };
}

function lexiconOf(mapping: Mapping, { targets }: Pick<Surroundings, 'targets'>): Census['lexicon'] {
  const grants = [...targets.values()].flatMap((target) => target.grants);
  const ranked = [...mapping.roles].sort((a, b) => a.rank - b.rank).map(({ id }) => id);
  const roles = [...new Set([...ranked, ...[...grants, ...mapping.links].map(({ role }) => role)])];
  return {
    communities: [...new Set([...grants, ...mapping.links].map(({ community }) => community))].sort(),
    roles,
    ranks: roles.map((role) => rankOf(mapping, role)),
    targets: [...targets.keys()].sort(),
  };
}

/** Where each number stands in a list, as a row to look it up in; -1 for what is not there. */
function positionsOf(nums: readonly number[]): Int32Array {
  const positions = new Int32Array(nums.reduce((most, num) => Math.max(most, num), 0) + 1).fill(-1);
  for (const [at, num] of nums.entries()) if (num >= 0) positions[num] = at;
  return positions;
}

/** The lists one behind the other. */
function rowsOf(lists: readonly (readonly number[])[]): Lists {
  const starts = new Int32Array(lists.length + 1);
  for (const [at, list] of lists.entries()) starts[at + 1] = (starts[at] as number) + list.length;
  return { starts, values: Int32Array.from(lists.flat()) };
}

/** Turns "who is in this" into "what is this one in", by position. `naming` gives -1 for what does not matter. */
function listsOf(rows: Iterable<Joined>, naming: (num: number) => number, positions: Int32Array, size: number): Lists {
  const starts = new Int32Array(size + 1);
  const members: { value: number; at: Int32Array }[] = [];
  for (const row of rows) {
    const value = naming(row.num);
    if (value >= 0) members.push({ value, at: located(row.members, positions) });
  }
  members.sort((a, b) => a.value - b.value);
  for (const { at } of members) for (const one of at) starts[one + 1] = (starts[one + 1] as number) + 1;
  for (let at = 0; at < size; at += 1) starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number);
  const next = starts.slice(0, size);
  const values = new Int32Array(starts[size] as number);
  for (const { value, at } of members)
    for (const one of at) {
      values[next[one] as number] = value;
      next[one] = (next[one] as number) + 1;
    }
  return { starts, values };
}

/** Where `located` writes, before what it found is known to be all. */
let room = new Int32Array(1 << 12);
/** The positions of the numbers in `1,20,300`, those without one left out. */
function located(text: string, positions: Int32Array): Int32Array {
  if (room.length <= text.length >> 1) room = new Int32Array(text.length);
  const found = room;
  let some = 0;
  let num = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const sign = at < text.length ? text.charCodeAt(at) : 44;
    if (sign !== 44) {
      num = num * 10 + sign - 48;
      continue;
    }
    const position = num < positions.length ? (positions[num] as number) : -1;
    if (position >= 0) found[some++] = position;
    num = 0;
  }
  return found.slice(0, some);
}
