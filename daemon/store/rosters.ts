/**
 * Who is in which group, kept as compact lists for counting (core/rosters.ts): what one link being drawn would do must be
 * known while it is being drawn, and two million rows cannot be read for that each time.
 *
 * Reads only, on the relay's own thread, so a large list is read in slices and others go first in between. A list is
 * read again when its group's version says that it changed, and who is active is kept up from the journal; the last look
 * is one turn of the loop, so what is counted is one moment of the directory (A1), whatever was pushed meanwhile.
 */
import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Link } from '../core/mapping.ts';
import { inside, type Rosters } from '../core/rosters.ts';
import type { Journal } from './journal.ts';
import type { Group, Teams } from './teams.ts';

export type Rolls = ReturnType<typeof rolls>;
/** One moment of the directory. */
export type Moment = Rosters &
  Readonly<{
    teams: readonly Group[];
    nestings: readonly Readonly<{ team: number; child: number }>[];
    /** Those directly in a group. */
    direct(team: Group): readonly Uint32Array[];
    /** Of which entry of the journal it is the moment. */
    seq: number;
  }>;

/** Members, or people, read in one turn: some milliseconds, also where they are spread over many groups. */
const slice = 5000;
/** After so many entries of the journal, reading everybody again costs less than looking each up. */
const manyEntries = 2_000;
/** So many people are looked up in one turn, and so many at all: for more it is better to read the lists. */
const lookedUp = 400;
const mostLookedUp = 4_000;

export function rolls(db: Database, { journal, teams }: Readonly<{ journal: Journal; teams: Teams }>) {
  // One JSON text of numbers: reading rows one by one costs five times as much.
  const members = db
    .prepare<{ team: number; after: number }, string>(`
    SELECT json_group_array(person) FROM (
      SELECT person FROM membership WHERE team = @team AND person > @after ORDER BY person LIMIT ${slice})`)
    .pluck();
  const activePeople = db
    .prepare<{ after: number; until: number }, string>(`
    SELECT json_group_array(num) FROM person INDEXED BY person_list
    WHERE source IN (SELECT id FROM source) AND num > @after AND num <= @until AND state = 'active' AND state <> 'deleted'`)
    .pluck();
  const highest = db.prepare<[], number | null>('SELECT max(num) FROM person').pluck();
  const touched = db.prepare<{ since: number }, { num: number; active: number }>(`
    SELECT num, state = 'active' AS active FROM person WHERE id IN (
      SELECT subject FROM journal WHERE seq > @since AND kind = 'push')`);

  const given = db
    .prepare<{ people: string; teams: string }, number>(`
      SELECT count(DISTINCT person) FROM membership
      WHERE person IN (SELECT value FROM json_each(@people)) AND +team IN (SELECT value FROM json_each(@teams))`)
    .pluck();

  const lists = new Map<number, Readonly<{ version: number; people: Uint32Array }>>();
  let active = new Uint8Array(0);
  let activeAt = -1;

  function* readList({ num, version }: Group): Generator<void, void> {
    const parts: number[][] = [];
    let after = 0;
    for (;;) {
      const part = JSON.parse(members.get({ team: num, after }) ?? '[]') as number[];
      parts.push(part);
      if (part.length < slice) break;
      after = part.at(-1) as number;
      yield;
    }
    // A push between two slices has given the group another version, and then this one is read again.
    lists.set(num, { version, people: Uint32Array.from(parts.length === 1 ? (parts[0] as number[]) : parts.flat()) });
  }

  function* readActive(): Generator<void, void> {
    const seq = journal.lastSeq();
    const size = (highest.get() ?? 0) + 1;
    if (activeAt < 0 || seq - activeAt > manyEntries) {
      const all = new Uint8Array(size);
      for (let after = 0; after < size; after += slice) {
        for (const num of JSON.parse(activePeople.get({ after, until: after + slice }) ?? '[]') as number[])
          if (num < size) all[num] = 1;
        yield;
      }
      active = all;
      activeAt = seq; // what was pushed since is looked up, be it seen above or not
      yield* readActive();
      return;
    }
    if (seq === activeAt) return;
    // Those who count with the old one go on with it.
    const next = new Uint8Array(size);
    next.set(active.subarray(0, Math.min(size, active.length)));
    for (const { num, active: is } of touched.all({ since: activeAt })) next[num] = is;
    active = next;
    activeAt = seq;
  }

  const isRead = ({ num, version }: Group): boolean => lists.get(num)?.version === version;
  const groupedBy = <R>(rows: readonly R[], key: (row: R) => number, value: (row: R) => number) =>
    new Map([...Map.groupBy(rows, key)].map(([at, some]) => [at, some.map(value)]));

  /** All groups, and what is inside each. Pushes alone change them, and every push is in the journal. */
  let lately: Readonly<{ seq: number; view: ReturnType<typeof viewNow> }> | undefined;
  function view(): ReturnType<typeof viewNow> {
    const seq = journal.lastSeq();
    if (lately?.seq !== seq) lately = { seq, view: viewNow() };
    return lately.view;
  }
  function viewNow() {
    const all = teams.all();
    const nestings = teams.nestings();
    const byNum = new Map(all.map((team) => [team.num, team]));
    const byId = new Map(all.map((team) => [team.id, team]));
    const children = groupedBy(
      nestings,
      ({ team }) => team,
      ({ child }) => child,
    );
    const insides = new Map<number, readonly Group[]>();
    const within = (team: Group): readonly Group[] => {
      const known = insides.get(team.num);
      if (known) return known;
      const found = inside(team.num, byNum, children).map((num) => byNum.get(num) as Group);
      insides.set(team.num, found);
      return found;
    };
    const of = ({ source, team }: Pick<Link, 'source' | 'team'>): readonly Group[] => {
      const group = byId.get(team);
      return group?.source === source ? within(group) : [];
    };
    return { all, nestings, of };
  }
  /** The groups whose lists these links need, those inside them included. */
  function look(links: readonly Pick<Link, 'source' | 'team'>[] | 'all') {
    const { all, nestings, of } = view();
    const needed = new Set<Group>(links === 'all' ? all.filter(({ live }) => live) : []);
    if (links !== 'all') for (const link of links) for (const group of of(link)) needed.add(group);
    return { all, nestings, of, needed };
  }

  /** As core/rosters.ts has it, asking the table: of now, so whoever counts with it looks whether it is still that moment. */
  function* lacking(people: ReadonlySet<number>, links: readonly Link[]): Generator<void, number | undefined> {
    if (people.size > mostLookedUp) return undefined;
    const within = JSON.stringify([...look(links).needed].map(({ num }) => num));
    const all = [...people];
    let has = 0;
    for (let from = 0; from < all.length; from += lookedUp) {
      has += given.get({ people: JSON.stringify(all.slice(from, from + lookedUp)), teams: within }) ?? 0;
      yield;
    }
    return all.length - has;
  }

  return {
    lacking,
    /** Whether the lists of these links' groups are all there. */
    has: (links: readonly Pick<Link, 'source' | 'team'>[]): boolean => [...look(links).needed].every(isRead),
    isNow: ({ seq }: Moment): boolean => seq === journal.lastSeq(),
    /** The lists of these links' groups, as of one moment. */
    async of(links: readonly Pick<Link, 'source' | 'team'>[] | 'all'): Promise<Moment> {
      // Ahead, in slices, what takes long; then all of it at once, when only what was pushed meanwhile is left to read.
      const { needed: first } = look(links);
      let read = 0;
      for (const team of first) {
        if (isRead(team)) continue;
        for (const _ of readList(team)) await setImmediate();
        read += lists.get(team.num)?.people.length ?? 0;
        if (read > slice) {
          read = 0;
          await setImmediate();
        }
      }
      for (const _ of readActive()) await setImmediate();

      const { all, nestings, of, needed } = look(links);
      for (const team of needed) if (!isRead(team)) for (const _ of readList(team));
      for (const _ of readActive());
      const kept = new Map([...needed].map(({ num }) => [num, lists.get(num)?.people ?? new Uint32Array(0)]));
      const list = ({ num }: Group): readonly Uint32Array[] => {
        const people = kept.get(num);
        return people && people.length > 0 ? [people] : [];
      };
      return {
        size: active.length,
        active,
        parts: (link) => of(link).flatMap(list),
        teams: all,
        nestings,
        direct: list,
        seq: activeAt,
      };
    },
  };
}

/** Carries a walk out to its end, with a turn of the loop at each of its pauses. */
export async function inTurns<T>(walk: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = walk.next();
    if (step.done) return step.value;
    await setImmediate();
  }
}
