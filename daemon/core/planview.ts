/**
 * A plan as a person reads it: everybody's line, its communities, its operations, and what is said once of the whole.
 *
 * Pure. The same inputs give the same bytes in the same order (P5; its id is a digest of them, made in store/shelf.ts), and
 * the summary is counted from the very changes that are shown (P6). `risk` is a digest of what would be taken away:
 * enabling is refused when it is no longer the same (G2). How a line is written: core/planline.ts. Lines are made when they
 * are asked for, and are never all there as objects.
 */
import type { Because } from '../contract/mapping.ts';
import { Gap, type Plan, type Stranger } from '../contract/plan.ts';
import type { Held } from './access.ts';
import { fold } from './directory.ts';
import { headcount, movementOf } from './headcount.ts';
import { type Link, lowers, type Team } from './mapping.ts';
import type { Change, ChangeKind, World } from './plan.ts';
import { type LineDelta, lineKinds, type Said, type Words, writer } from './planline.ts';
import { say } from './saying.ts';
import { batching, operationLines } from './sending.ts';
import { type Census, type Head, type Surveyed, survey } from './survey.ts';

export type View = Readonly<{
  basedOn: Plan['basedOn'];
  strangers: readonly Stranger[];
  /** What is to be said of the mapping itself: broken links, rings. */
  warnings: readonly string[];
  teams: ReadonlyMap<number, Team>;
  communityName(id: string): string;
  /** A digest of a text, in hexadecimal. */
  digest(text: string): string;
}>;

export const nameOf = (account: Change['case']['account']): string =>
  [account.givenName, account.familyName].filter((part) => part !== '').join(' ') ||
  account.displayName ||
  account.userName;

export function explain(held: Held | undefined, teams: ReadonlyMap<number, Team>): Because[] {
  return (held?.because ?? []).map(({ link, team, through, winner }) => ({
    source: link.source,
    groupId: link.team,
    group: teams.get(team)?.name ?? link.team,
    role: link.role,
    through: through.map((num) => teams.get(num)?.name ?? String(num)),
    winner,
  }));
}

/** What somebody lacks, as bits in the order of the contract's `Gap`. */
const gapsOf = ({ account }: Head, communities: number): number =>
  (communities === 0 ? 1 : 0) +
  (account.email === '' ? 2 : 0) +
  (account.givenName === '' && account.familyName === '' ? 4 : 0);
export const gapNames = (bits: number) => Gap.options.filter((_, at) => bits & (1 << at));

/** A plan before it is kept: what is said once; and lines, each made when it is asked for, in the order they are shown. */
export type Draft = Readonly<{
  outline: Pick<Plan, 'basedOn' | 'summary' | 'limits' | 'warnings'> &
    Readonly<Required<Pick<Plan, 'communities' | 'gaps' | 'invitations'>>>;
  words: Words;
  people: Iterable<Uint8Array>;
  operations: Iterable<string>;
  strangers: Iterable<string>;
  gaps: Iterable<string>;
  index: Readonly<{
    /** A line each: the folded userName, a tab, and the folded name. */
    text: string;
    /** By line: the kind of change, and 8 where something of it is held. */
    kinds: Uint8Array;
    /** By line of the gaps: the bits of `gapNames`. */
    gaps: Uint8Array;
    /** By community: who moves there, as `line * 8 + movement * 2 + held`, each less the one before. */
    movements: Iterable<Uint8Array>;
  }>;
  risk: string;
  opens: Surveyed['opens'];
}>;

export function planOf(census: Census, view: View): Draft {
  const { lexicon } = census;
  const { communities, roles } = lexicon;
  const surveyed = survey(census);
  const linkAt = new Map<Link, number>(census.links.map((link, at) => [link, at]));
  const teamOf = new Map([...view.teams.values()].map((team) => [team.id, team]));
  const ways = table<readonly number[]>((through) => through.join());
  const holds = table<NonNullable<Change['hold']>>(({ rule, why }) => `${rule} ${why}`);
  const communityAt = new Map(communities.map((id, at) => [id, at]));
  const roleAt = new Map(roles.map((id, at) => [id, at]));

  const out = writer();
  const lines: { key: string; id: string; from: number; to: number; searched: string; kind: number; first: number }[] =
    [];
  const moves = growing();
  const count = headcount(lexicon);
  const batches = batching(census.policy.membersPerPatch);
  const gaps: { at: number; bits: number }[] = [];
  const reasons = new Int32Array(census.links.length + 1);

  surveyed.each({
    plain: ({ at, kind, deltas }) => {
      const found = census.fillReasons(at, reasons);
      const access = found < 0 ? census.caseAt(at).access : undefined;
      let next = 0;
      const said = (community: number): Said[] => {
        if (access) return because(access.get(communities[community] ?? ''));
        while (next < found && (census.linkCommunity[reasons[next] as number] as number) < community) next += 1;
        const some: Said[] = [];
        for (; next < found && census.linkCommunity[reasons[next] as number] === community; next += 1)
          some.push({ link: reasons[next] as number, way: 0 });
        return some;
      };
      const shown = deltas.map(
        ({ community, from, to }): LineDelta => ({ community, from, to, hold: 0, because: said(community) }),
      );
      line(census.head(at), kind, 0, shown);
    },
    odd: ({ case: one, kind, access, hold }) => {
      const shown = access.map(
        (delta): LineDelta => ({
          community: communityAt.get(delta.community) ?? -1,
          from: delta.from === null ? -1 : (roleAt.get(delta.from) ?? -1),
          to: delta.to === null ? -1 : (roleAt.get(delta.to) ?? -1),
          hold: delta.hold ? holds.at(delta.hold) : 0,
          because: because(one.access.get(delta.community)),
        }),
      );
      line(one, kind, hold ? holds.at(hold) : 0, shown);
    },
    member: batches.add,
    roll: (at, now, nowCount, next, nextCount) => {
      count.roll(now, nowCount, next, nextCount);
      const head = census.head(at);
      const bits = head.wanted ? gapsOf(head, nextCount) : 0;
      if (bits > 0) gaps.push({ at, bits });
    },
  });

  const nameKey = (at: number) => census.head(at).account.userName.toLowerCase();
  function because(held: Held | undefined): Said[] {
    return (held?.because ?? []).map(({ link, through }) => ({
      link: linkAt.get(link) ?? 0,
      way: through.length === 0 ? 0 : ways.at(through),
    }));
  }
  function line(head: Head, kind: ChangeKind, hold: number, deltas: readonly LineDelta[]): void {
    const { userName } = head.account;
    const name = nameOf(head.account);
    const from = out.size();
    const kindAt = lineKinds.indexOf(kind);
    out.line({ userName, name, personId: head.id, kind: kindAt, hold, deltas });
    const isHeld = hold > 0 || deltas.some((delta) => delta.hold > 0);
    lines.push({
      key: userName.toLowerCase(),
      id: head.id,
      from,
      to: out.size(),
      searched: `${fold(userName)}\t${fold(name)}`,
      kind: kindAt + (isHeld ? 8 : 0),
      first: moves.size(),
    });
    for (const delta of deltas) {
      const movement = movementOf(delta.from, delta.to, lexicon.ranks);
      moves.push((delta.community * 4 + movement) * 2 + (delta.hold > 0 ? 1 : 0));
      count.move(delta.community, delta.from, delta.to, movement, delta.hold > 0);
    }
    count.change(kind, isHeld, head.account.email !== '');
  }

  // The order of the page: by userName, whatever its case, then by id.
  const ends = new Map(lines.map((one, at) => [one, lines[at + 1]?.first ?? moves.size()]));
  const sorted = [...lines].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : 1));
  const postings = communities.map(() => writer());
  const lasts = new Float64Array(communities.length);
  for (const [at, one] of sorted.entries()) {
    for (let move = one.first; move < (ends.get(one) as number); move += 1) {
      const value = moves.get(move);
      const community = Math.floor(value / 8);
      const entry = at * 8 + (value % 8);
      postings[community]?.number(entry - (lasts[community] as number));
      lasts[community] = entry;
    }
  }
  gaps.sort((a, b) => (nameKey(a.at) < nameKey(b.at) ? -1 : 1));
  const lacking = (bit: number) => gaps.filter(({ bits }) => bits & bit).length;
  const gapCounts = { noCommunity: lacking(1), noEmail: lacking(2), noName: lacking(4) };
  return {
    outline: {
      basedOn: view.basedOn,
      summary: count.summary(),
      limits: [...surveyed.limits],
      warnings: [...view.warnings, ...warningsOf(gapCounts)],
      communities: count.communities(view.communityName, strangersIn(view.strangers)),
      gaps: gapCounts,
      invitations: count.invitations(),
    },
    words: {
      communities,
      roles,
      links: census.links.map(({ source, team, role }) => ({
        source,
        groupId: team,
        group: teamOf.get(team)?.name ?? team,
        role,
      })),
      ways: ways.rows().map((through) => through.map((num) => view.teams.get(num)?.name ?? String(num))),
      holds: holds.rows().map(({ rule, why }) => ({ rule, why })),
    },
    people: sorted.values().map(({ from, to }) => out.slice(from, to)),
    operations: operationLines(surveyed, census, batches.all()),
    strangers: view.strangers.values().map((one) => JSON.stringify(one)),
    gaps: gaps.values().map(({ at, bits }) => {
      const { id, source, account } = census.head(at);
      return JSON.stringify([account.userName, nameOf(account), id, source, bits]);
    }),
    index: {
      text: sorted.map(({ searched }) => searched).join('\n'),
      kinds: Uint8Array.from(sorted, ({ kind }) => kind),
      gaps: Uint8Array.from(gaps, ({ bits }) => bits),
      movements: postings.values().map((posting) => posting.slice(0, posting.size())),
    },
    risk: riskOf(surveyed.changes, census, view),
    opens: surveyed.opens,
  };
}

/** How many active accounts that nobody names are in each community. */
function strangersIn(strangers: readonly Stranger[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { active, access } of strangers)
    if (active) for (const { community } of access) counts.set(community, (counts.get(community) ?? 0) + 1);
  return counts;
}

function warningsOf({ noCommunity, noEmail, noName }: NonNullable<Plan['gaps']>): string[] {
  const warnings: string[] = [];
  if (noEmail > 0) warnings.push(say('plan.no-email', { count: noEmail }));
  if (noName > 0) warnings.push(say('plan.no-name', { count: noName }));
  if (noCommunity > 0) warnings.push(say('plan.no-community', { count: noCommunity }));
  return warnings;
}

/** What would be taken away, by ids: neither a renamed person nor the order of the page makes a plan stale. */
function riskOf(changes: readonly Change[], { mapping }: Pick<World, 'mapping'>, view: View): string {
  const taken = changes.flatMap(({ case: { id }, kind, access }) => {
    const losses = access
      .filter(({ from, to }) => from !== null && lowers(mapping, from, to))
      .map(({ community, from, to }) => [community, from, to]);
    return kind === 'remove' || losses.length > 0 ? [{ id, removed: kind === 'remove', losses }] : [];
  });
  taken.sort((a, b) => (a.id < b.id ? -1 : 1));
  const strangers = view.strangers.map(({ steepleId }) => steepleId).sort();
  return view.digest(JSON.stringify([mapping.mode, taken, strangers]));
}

/** A list of values without doubles, as `key` tells them apart. `at` counts from 1. */
function table<T>(key: (value: T) => string) {
  const places = new Map<string, number>();
  const rows: T[] = [];
  return {
    at(value: T): number {
      const known = places.get(key(value));
      if (known !== undefined) return known;
      places.set(key(value), rows.push(value));
      return rows.length;
    },
    rows: (): readonly T[] => rows,
  };
}

/** Many whole numbers, four bytes each. */
function growing() {
  let row = new Uint32Array(1 << 12);
  let length = 0;
  return {
    push(value: number): void {
      if (length === row.length) {
        const larger = new Uint32Array(row.length * 2);
        larger.set(row);
        row = larger;
      }
      row[length++] = value;
    },
    get: (at: number): number => row[at] as number,
    size: () => length,
  };
}
