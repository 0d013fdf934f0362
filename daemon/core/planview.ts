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
import { growing, type LineDelta, lineKinds, type Said, type Words, writer } from './planline.ts';
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

const wordsOf = ({ id, account }: Pick<Head, 'id' | 'account'>) => ({
  userName: account.userName,
  name: nameOf(account),
  personId: id,
});

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
    /** Of each line: the folded userName, a tab, and the folded name. */
    texts: Iterable<string>;
    /** By line: the kind of change, and 8 where something of it is held. */
    kinds: Uint8Array;
    /** By line: which movements it has somewhere, a bit each in the order of core/headcount.ts. */
    moved: Uint8Array;
    /** By line of the gaps: the bits of `gapNames`. */
    gaps: Uint8Array;
    /** By community: who moves there, as `line * 8 + movement * 2 + held`, each less the one before. */
    movements: Iterable<Uint8Array>;
  }>;
  risk: string;
  opens: Surveyed['opens'];
  successors: Surveyed['successors'];
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

  // Room for what a first plan comes to: growing copies, and has the collector go through everybody. What is not written
  // costs no memory.
  const grants = Math.max(1 << 12, census.size * 32);
  const out = writer(Math.max(1 << 16, census.size * 400));
  /** Of each line: whose it is, where its bytes begin, its kind, and where its moves begin. */
  const lines = { at: growing(), from: growing(), kind: growing(), first: growing() };
  const moves = growing(grants);
  const count = headcount(lexicon);
  const batches = batching(census.policy.membersPerPatch, grants);
  const gaps: { at: number; bits: number }[] = [];
  const reasons = new Int32Array(census.links.length + 1);

  surveyed.each({
    plain: (at, kind, changed, some) => {
      const head = census.head(at);
      begin(at, kind, false);
      out.opening({ ...wordsOf(head), kind: lineKinds.indexOf(kind), hold: 0 }, some);
      const found = census.fillReasons(at, reasons);
      const access = found < 0 ? census.caseAt(at).access : undefined;
      let next = 0;
      for (let one = 0; one < some; one += 1) {
        const [community, from, to] = [changed[one * 3], changed[one * 3 + 1], changed[one * 3 + 2]] as [
          number,
          number,
          number,
        ];
        if (access) {
          const held = access.get(communities[community] ?? '');
          out.delta({ community, from, to, hold: 0, because: because(held) });
        } else {
          while (next < found && (census.linkCommunity[reasons[next] as number] as number) < community) next += 1;
          const first = next;
          while (next < found && census.linkCommunity[reasons[next] as number] === community) next += 1;
          out.plainDelta(community, from, to, reasons, first, next);
        }
        move(community, from, to, false);
      }
      count.change(kind, false, head.account.email !== '');
    },
    odd: (at, { case: one, kind, access, hold }) => {
      const deltas = access.map(
        (delta): LineDelta => ({
          community: communityAt.get(delta.community) ?? -1,
          from: delta.from === null ? -1 : (roleAt.get(delta.from) ?? -1),
          to: delta.to === null ? -1 : (roleAt.get(delta.to) ?? -1),
          hold: delta.hold ? holds.at(delta.hold) : 0,
          because: because(one.access.get(delta.community)),
        }),
      );
      const held = hold ? holds.at(hold) : 0;
      const isHeld = held > 0 || deltas.some((delta) => delta.hold > 0);
      begin(at, kind, isHeld);
      out.line({ ...wordsOf(one), kind: lineKinds.indexOf(kind), hold: held, deltas });
      for (const delta of deltas) move(delta.community, delta.from, delta.to, delta.hold > 0);
      count.change(kind, isHeld, one.account.email !== '');
    },
    back: (at, hold, changed, some) => {
      const head = census.head(at);
      const held = holds.at(hold);
      begin(at, 'remove', true);
      out.opening({ ...wordsOf(head), kind: lineKinds.indexOf('remove'), hold: held }, some);
      for (let one = 0; one < some; one += 1) {
        const [community, from] = [changed[one * 3] as number, changed[one * 3 + 1] as number];
        out.plainDelta(community, from, -1, reasons, 0, 0, held);
        move(community, from, -1, true);
      }
      count.change('remove', true, head.account.email !== '');
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
  function begin(at: number, kind: ChangeKind, isHeld: boolean): void {
    lines.at.push(at);
    lines.from.push(out.size());
    lines.kind.push(lineKinds.indexOf(kind) + (isHeld ? 8 : 0));
    lines.first.push(moves.size());
  }
  function move(community: number, from: number, to: number, isHeld: boolean): void {
    const movement = movementOf(from, to, lexicon.ranks);
    moves.push((community * 4 + movement) * 2 + (isHeld ? 1 : 0));
    count.move(community, from, to, movement, isHeld);
  }

  // The order of the page: by userName, whatever its case, then by id.
  const total = lines.at.size();
  const keys = Array.from({ length: total }, (_, line) => nameKey(lines.at.get(line)));
  const idOf = (line: number) => census.head(lines.at.get(line)).id;
  const sorted = Uint32Array.from(keys.keys()).sort((a, b) => {
    const [one, other] = [keys[a] as string, keys[b] as string];
    return one < other ? -1 : one > other ? 1 : idOf(a) < idOf(b) ? -1 : 1;
  });
  const endOf = (line: number, of: ReturnType<typeof growing>, end: number) =>
    line + 1 < total ? of.get(line + 1) : end;
  const postings = communities.map(() => writer(1 << 10));
  const lasts = new Float64Array(communities.length);
  const moved = new Uint8Array(total);
  const lineOf = new Int32Array(census.size);
  for (const [at, line] of sorted.entries()) {
    lineOf[lines.at.get(line)] = at;
    for (let move = lines.first.get(line); move < endOf(line, lines.first, moves.size()); move += 1) {
      const value = moves.get(move);
      const community = value >>> 3;
      const entry = at * 8 + (value & 7);
      moved[at] = (moved[at] as number) | (1 << ((value >>> 1) & 3));
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
    people: sorted.values().map((line) => out.slice(lines.from.get(line), endOf(line, lines.from, out.size()))),
    operations: operationLines(surveyed, census, batches.all(lineOf)),
    strangers: view.strangers.values().map((one) => JSON.stringify(one)),
    gaps: gaps.values().map(({ at, bits }) => {
      const { id, source, account } = census.head(at);
      return JSON.stringify([account.userName, nameOf(account), id, source, bits]);
    }),
    index: {
      texts: sorted.values().map((line) => {
        const { userName, name } = wordsOf(census.head(lines.at.get(line)));
        return `${fold(userName)}\t${fold(name)}`;
      }),
      kinds: Uint8Array.from(sorted, lines.kind.get),
      moved,
      gaps: Uint8Array.from(gaps, ({ bits }) => bits),
      movements: postings.values().map((posting) => posting.slice(0, posting.size())),
    },
    // Nothing is ever switched on by a plan of taking back.
    risk: census.takingBack ? '' : riskOf(surveyed.changes, census, view),
    opens: surveyed.opens,
    successors: surveyed.successors,
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
