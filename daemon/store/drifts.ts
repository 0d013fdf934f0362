/**
 * Drifts: what somebody changed in Steeple of what is ours, and what a person chose about it.
 *
 *                    restore            Steeple is planned for again, from what it holds now
 *   open ──────────▶ adopted            it stays, until the source changes that very thing
 *    ▲ ▲             ignored            it stays, and is asked about again
 *    │ ╰──changes──────╯
 *    ╰─ a scan                          closed: a scan found it as it should be
 *
 * Of a second group of one name ('group-twin') nothing can be restored, since the relay deletes no group it did not make:
 * adopting it goes on with that one from now on, and ignoring it with ours.
 *
 * While nothing is chosen, or it is adopted or ignored, what we believe (observed) stays as we left it, so that no plan sees
 * a difference and nothing is written. Restoring makes what was seen the truth, and owes a plan: what that takes away goes
 * through the gate as always (G3). Every choice is journaled (G8).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { type DriftChoice, DriftRow, type DriftState } from '../contract/drift.ts';
import { patched } from '../core/account.ts';
import { fold } from '../core/directory.ts';
import type { World } from '../core/plan.ts';
import { NotFound, Stale } from '../errors.ts';
import { commit } from './commit.ts';
import { grounds } from './grounds.ts';
import type { Journal } from './journal.ts';
import type { Effect, Observing } from './observed.ts';
import { owed } from './owed.ts';
import { type Difference, seen } from './seen.ts';
import { settings } from './settings.ts';

export type Drifts = ReturnType<typeof drifts>;
/** What was found, and how it stands. */
export type Found = Readonly<{ users: number; groups: number; found: number; closed: number; open: number }>;

const day = 86_400_000;
/** How long an ignored one is left alone. */
const ignoreMs = 30 * day;
/** What was written less than this before a scan may not show in it yet. */
const settlingMs = 60_000;
/** So many differences of one scan are named in its entry; the rest is counted. */
const mostNamed = 1000;

type Standing = Readonly<{
  id: number;
  state: DriftState;
  kind: string;
  person: number | null;
  target: string | null;
  attribute: string | null;
  inSteeple: string | null;
  askAgainAt: number | null;
}>;
const keyOf = ({ kind, person, target, attribute }: Pick<Standing, 'kind' | 'person' | 'target' | 'attribute'>) =>
  JSON.stringify([kind, person, target, attribute]);

export function drifts(
  db: Database,
  {
    journal,
    observed,
    desire,
  }: Readonly<{
    journal: Journal;
    observed: Observing;
    /** The world of these people: what the directory wants of them. Inside the caller's transaction. */
    desire(people: readonly number[], now: number): Pick<World, 'cases' | 'targets'>;
  }>,
) {
  const read = seen(db);
  const owe = owed(db);
  const ground = grounds(settings(db));
  const standing = db.prepare<[], Standing>(`
    SELECT id, state, kind, person, target, attribute, in_steeple AS inSteeple, ask_again_at AS askAgainAt FROM drift
    WHERE state IN ('open', 'adopted', 'ignored')`);
  const insert = db.prepare<Record<string, string | number | null>>(`
    INSERT INTO drift (kind, person, target, attribute, expected, in_steeple, effect, found_at)
    VALUES (@kind, @person, @target, @attribute, @expected, @inSteeple, @effect, @at)`);
  const reopen = db.prepare<Record<string, string | number | null>>(`
    UPDATE drift SET state = 'open', expected = @expected, in_steeple = @inSteeple, effect = @effect, found_at = @at,
      decided_by = NULL, decided_at = NULL, reason = NULL, ask_again_at = NULL WHERE id = @id`);
  const close = db.prepare<{ id: number }>("UPDATE drift SET state = 'closed', ask_again_at = NULL WHERE id = @id");
  const openCount = db.prepare<[], { open: number; oldestAt: number | null }>(
    "SELECT count(*) AS open, min(found_at) AS oldestAt FROM drift WHERE state = 'open'",
  );
  const columns = `d.id, d.kind, (SELECT user_name FROM person WHERE num = d.person) AS userName,
    CASE WHEN d.target IS NULL THEN NULL ELSE coalesce((SELECT display_name FROM observed_group g WHERE g.target = d.target),
      d.expected, d.target) END AS "group",
    d.attribute, d.expected, d.in_steeple AS inSteeple, d.state, d.found_at AS foundAt, d.decided_by AS decidedBy,
    d.decided_at AS decidedAt, d.reason, d.ask_again_at AS askAgainAt FROM drift d`;
  const listed = db.prepare<{ states: string; limit: number; offset: number }, unknown>(
    `SELECT ${columns} WHERE d.state IN (SELECT value FROM json_each(@states)) ORDER BY d.id DESC LIMIT @limit OFFSET @offset`,
  );
  const total = db
    .prepare<{ states: string }, number>(
      'SELECT count(*) FROM drift WHERE state IN (SELECT value FROM json_each(@states))',
    )
    .pluck();
  const one = db.prepare<{ id: number }, unknown>(`SELECT ${columns} WHERE d.id = @id`);
  const kept = db.prepare<{ id: number }, { effect: string; person: number | null; subject: string | null }>(`
    SELECT effect, person, (SELECT id FROM person WHERE num = drift.person) AS subject FROM drift WHERE id = @id`);
  const idOf = db.prepare<{ person: number }, string>('SELECT id FROM person WHERE num = @person').pluck();
  const choose = db.prepare<Record<string, string | number | null>>(`
    UPDATE drift SET state = @state, decided_by = @by, decided_at = @at, reason = @reason, ask_again_at = @askAgainAt
    WHERE id = @id AND state IN ('open', 'adopted', 'ignored') AND state <> @state`);

  const membersOf = db
    .prepare<{ target: string }, number>(`
      SELECT o.person FROM observed_group g JOIN observed_member m ON m.grp = g.num JOIN observed_user o ON o.num = m.usr
      WHERE g.target = @target AND o.person IS NOT NULL`)
    .pluck();
  const swap = db.prepare<{ id: number }>(
    'UPDATE drift SET expected = in_steeple, in_steeple = expected WHERE id = @id',
  );

  const shown = (id: number): DriftRow => {
    const row = one.get({ id });
    if (row === undefined) throw new NotFound(`There is no drift ${id}`);
    return DriftRow.parse(row);
  };
  /** From now on what was seen is what we believe; who it is about is planned again. */
  function believe(effect: Effect, person: number | null, at: number): void {
    observed.apply(effect, at);
    ground.seen();
    if (person === null) owe.groups();
    else owe.people([person], 0);
  }

  /** Whether Steeple already has what the directory wants there: then there is nothing to choose. */
  function isWanted(
    { kind, person, target, attribute, effect }: Difference,
    world: ReturnType<typeof desire>,
  ): boolean {
    if (kind === 'group-twin') return false; // which of the two it is to be, a person says
    if (person === null) {
      const wanted = world.targets.get(target ?? '');
      if (kind === 'group-renamed') return effect.kind === 'group' && wanted?.name === effect.name;
      return wanted?.standing !== 'wanted';
    }
    const about = world.cases.find(({ num }) => num === person);
    if (about === undefined) return true;
    const { account, wanted, targets, observed: held } = about;
    if (kind === 'account-gone' || kind === 'account-off') return !wanted;
    if (kind === 'account-on') return wanted;
    if (kind === 'member-added') return wanted && targets.includes(target ?? '');
    if (kind === 'member-gone') return !wanted || !targets.includes(target ?? '');
    if (held === undefined || effect.kind !== 'patched') return true;
    const is = patched(held.account, effect.patch);
    const name = attribute as keyof typeof is;
    // Servers write names and addresses in their own case.
    return account[name] === '' || fold(account[name]) === fold(is[name]);
  }

  /** One transaction: what differs becomes drift, what does not any more is closed. */
  function conclude(at: number, by: string | undefined): Found {
    const counts = read.counts();
    const { people, targets } = read.moving();
    for (const key of observed.touchedSince(at - settlingMs))
      if (typeof key === 'number') people.add(key);
      else targets.add(key);
    const isMoving = ({ person, target }: Pick<Difference, 'person' | 'target'>) =>
      (person !== null && people.has(person)) || (person === null && target !== null && targets.has(target));
    read.takeOthers(at);
    const different = read.differences().filter((one) => !isMoving(one));
    const world = desire([...new Set(different.flatMap(({ person }) => person ?? []))], at);
    const before = new Map(standing.all().map((row) => [keyOf(row), row]));
    const fresh: Difference[] = [];
    let again = 0; // open already, and now something else
    for (const one of different) {
      const known = before.get(keyOf(one));
      if (isWanted(one, world)) {
        believe(one.effect, one.person, at);
        continue; // and closes what stood about it, below
      }
      before.delete(keyOf(one));
      const { effect, ...rest } = one;
      const row = { ...rest, effect: JSON.stringify(effect), at };
      if (known === undefined) insert.run(row);
      else if (known.inSteeple !== one.inSteeple || (known.askAgainAt !== null && known.askAgainAt <= at)) {
        if (known.state === 'open') again += 1;
        reopen.run({ ...row, id: known.id });
      } else continue;
      fresh.push(one);
    }
    const over = [...before.values()].filter((row) => !isMoving(row));
    for (const { id } of over) close.run({ id });
    const report = { ...counts, found: fresh.length - again, closed: over.length, open: openCount.get()?.open ?? 0 };
    if (by === undefined && fresh.length === 0) return report;
    // By ids, and not by names: it is about many people, and names of one may have to be erased.
    const found = fresh
      .slice(0, mostNamed)
      .map(({ kind, person, target, attribute }) => [
        kind,
        person === null ? null : idOf.get({ person }),
        target,
        attribute,
      ]);
    const body = {
      what: by === undefined ? 'drift.found' : 'drift.scan',
      users: report.users,
      groups: report.groups,
      found,
      more: fresh.length - found.length,
    };
    journal.append({ at, kind: 'decision', body, ...(by !== undefined && { actor: by }) });
    return report;
  }

  /** With the second group from now on: who is in it, or should be, is planned again. The first is the second one then. */
  function goOnWith(id: number, effect: Effect & { kind: 'group' }, at: number): void {
    const people = membersOf.all({ target: effect.target });
    believe(effect, null, at);
    owe.people([...people, ...membersOf.all({ target: effect.target })], 0);
    swap.run({ id });
  }

  function decide(id: number, choice: DriftChoice, by: string, reason: string, at: number): DriftRow {
    const row = shown(id);
    const state = { restore: 'restored', adopt: 'adopted', ignore: 'ignored' }[choice];
    const askAgainAt = choice === 'ignore' ? at + ignoreMs : null;
    const isTwin = row.kind === 'group-twin';
    if (isTwin && choice === 'restore')
      throw new Stale(
        `Drift ${id} is a second group called "${row.group}", and the relay deletes no group it did not make. Delete it in Steeple, adopt it, or ignore it.`,
      );
    if (choose.run({ id, state, by, at, reason, askAgainAt }).changes !== 1)
      throw new Stale(`Drift ${id} is ${row.state} already. A scan may find it anew.`);
    const { effect, person, subject } = kept.get({ id }) ?? { effect: 'null', person: null, subject: null };
    if (choice === 'restore') believe(JSON.parse(effect) as Effect, person, at);
    if (isTwin && choice === 'adopt') goOnWith(id, JSON.parse(effect) as Effect & { kind: 'group' }, at);
    const { kind, userName, group, attribute } = row;
    const body = { what: `drift.${choice}`, drift: id, kind, userName, group, attribute, reason };
    journal.append({ at, kind: 'decision', actor: by, body, ...(subject && { subject }) });
    return shown(id);
  }

  return {
    /** Where a scan puts what it reads; nothing is concluded before `finish`. */
    reading: {
      begin: read.clear,
      seeUsers: async (page: Parameters<typeof read.users>[0]) => read.users(page),
      seeGroups: async (page: Parameters<typeof read.groups>[0]) => read.groups(page),
    },
    /**
     * The whole of Steeple was read, from `at` on. With `restoreAs` each new one is restored at once, in that name. The journal
     * says what was found; a scan that somebody asked for, `by`, is there also where it found nothing.
     */
    finish: async (at: number, restoreAs: string | undefined, by?: string): Promise<Found> =>
      commit(db, journal, () => {
        const result = conclude(at, by);
        read.clear();
        if (restoreAs === undefined || result.open === 0) return result;
        const rows = standing.all().filter(({ state, kind }) => state === 'open' && kind !== 'group-twin');
        for (const { id } of rows) decide(id, 'restore', restoreAs, 'by policy', at);
        return { ...result, open: result.open - rows.length };
      }),
    /** A scan that somebody asked for, and that came to nothing: who, and why. */
    failed: async (at: number, by: string, problem: string): Promise<void> =>
      commit(db, journal, () => {
        journal.append({ at, kind: 'decision', actor: by, body: { what: 'drift.scan', problem } });
      }),
    /** All or none. @throws NotFound, Stale */
    decide: async (
      ids: readonly number[],
      choice: DriftChoice,
      by: string,
      reason: string,
      at: number,
    ): Promise<DriftRow[]> => commit(db, journal, () => ids.map((id) => decide(id, choice, by, reason, at))),
    list: async (states: readonly DriftState[], offset: number, limit: number) => ({
      items: z.array(DriftRow).parse(listed.all({ states: JSON.stringify(states), offset, limit })),
      total: total.get({ states: JSON.stringify(states) }) ?? 0,
    }),
    open: (): { open: number; oldestAt: number | null } => openCount.get() ?? { open: 0, oldestAt: null },
  };
}
