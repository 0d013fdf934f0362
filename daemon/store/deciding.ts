/**
 * Decisions on held items. Each is one guarded UPDATE, one row of its history and one journal entry, in one transaction (G8).
 *
 * Where the policy asks for two people, the first approval leaves the item held and is remembered; the second must be by
 * another name, and in the console by another session as well. Who a person is: http/session.ts. On admin.sock the owner of
 * the relay may name anybody, which its history says (`via`).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { StandingApproval } from '../contract/policy.ts';
import { Decided, type HeldKind } from '../contract/review.ts';
import { fold } from '../core/directory.ts';
import { type Event, next } from '../core/gate.ts';
import type { ItemStand } from '../core/plan.ts';
import { say } from '../core/saying.ts';
import { dueAt, inForce, speaksOf } from '../core/standing.ts';
import { Stale } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import { owed } from './owed.ts';
import type { Item, Narrowing } from './reviews.ts';

export type Decision = Readonly<{
  event: Extract<Event, 'approve' | 'keep' | 'undo'>;
  by: string;
  reason: string;
  at: number;
  /** The policy asks for two different people before anything leaves (G8). */
  twoPerson: boolean;
  /** Kept until then; absent: until the source changes its mind. */
  until?: number | undefined;
  /** Through which door, and which session or bundle; absent: by the owner of the relay. */
  via?: Decided['via'] | undefined;
  session?: string | undefined;
  /** Who else could have decided in that name: of two people that are needed this one cannot be the other. */
  also?: string | undefined;
}>;
export type Refusal = Readonly<{ id: number; userName: string; why: string }>;
type Graced = Readonly<{ person: number; kind: HeldKind; since: number; standing: string | null; source: string }>;
const First = z.object({ by: z.string(), also: z.string(), via: z.string(), session: z.string() });
const History = z.object({ ...Decided.shape, first: z.int() });

/**
 * Whether two names are one person's: case, the form in which letters are written (wide, composed), and blanks or signs that
 * nobody sees do not make another.
 */
export const sameName = (a: string, b: string): boolean => seenAs(a) === seenAs(b);
const seenAs = (name: string): string =>
  fold(name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, ''))
    .replace(/\s+/gu, ' ')
    .trim();

export function deciding(
  db: Database,
  journal: Journal,
  items: Readonly<{ find(id: number): Item; idsOf(filter: Narrowing, now: number): number[] }>,
) {
  const { find, idsOf } = items;
  const move = db.prepare<Record<string, string | number | null>>(`
    UPDATE held SET state = @state, decided_by = @by, decided_at = @at, reason = @reason, kept_until = @until,
      standing = @standing WHERE id = @id AND state = @was`);
  const write = db.prepare<Record<string, string | number | null>>(`
    INSERT INTO review_decision (item, person, at, event, first, by, reason, via, session, also, until, seq)
    VALUES (@item, @person, @at, @event, @first, @by, @reason, @via, @session, @also, @until, @seq)`);
  const firstOf = db.prepare<{ item: number }, unknown>(`
    SELECT by, also, via, session FROM review_decision WHERE item = @item AND first = 1 ORDER BY id DESC LIMIT 1`);
  const history = db.prepare<{ person: number }, unknown>(`
    SELECT item, at, event, first, by, reason, via, until, seq AS journal FROM review_decision
    WHERE person = @person ORDER BY id DESC LIMIT 200`);
  const openOf = db
    .prepare<{ person: number; kind: string; community: string }, number>(`
      SELECT id FROM held WHERE person = @person AND kind = @kind AND community = @community
        AND state IN ('held', 'approved', 'kept')`)
    .pluck();
  const returning = db
    .prepare<{ now: number }, number>("SELECT id FROM held WHERE state = 'kept' AND kept_until <= @now ORDER BY id")
    .pluck();
  const graced = db.prepare<[], Graced>(`
    SELECT held.person, held.kind, held.since, held.standing, person.source
    FROM held JOIN person ON person.num = held.person
    WHERE held.state IN ('held', 'approved', 'kept') AND (
      (held.state = 'held' AND held.rule IN ('removal', 'last-access')) OR (held.state = 'approved' AND held.standing IS NOT NULL))`);
  const owe = owed(db);

  /** One transition, its history and its journal entry. */
  function record(
    item: Item,
    event: Decided['event'],
    to: string,
    made: Omit<Decision, 'event' | 'twoPerson'> & Readonly<{ first?: boolean; standing?: string; bulk?: number }>,
  ): void {
    const { by, reason, at, until, via = 'socket', session = '', also = '', first = false, standing, bulk } = made;
    const inForce = event === 'approve' || event === 'keep' || event === 'stand';
    const decision = inForce ? { by, at, reason } : { by: null, at: null, reason: null };
    const kept = { until: event === 'keep' ? (until ?? null) : null, standing: standing ?? null };
    if (move.run({ id: item.id, was: item.state, state: to, ...decision, ...kept }).changes !== 1)
      throw new Stale(say('decision.just-decided', { item: item.id }));
    const seq = journal.append({
      at,
      kind: 'decision',
      actor: by === '' ? undefined : by,
      subject: item.personId,
      body: {
        what: `review.${event}`,
        item: item.id,
        change: { kind: item.kind, community: item.community, from: item.from_role, to: item.to_role },
        reason,
        via,
        ...(kept.until !== null && { until: kept.until }),
        ...(standing !== undefined && { standing }),
        ...(also !== '' && { bundleBy: also }),
        ...(first && { first: true }),
        ...(bulk !== undefined && { bulk }),
      },
    });
    const row = { item: item.id, person: item.person, at, event, first: first ? 1 : 0, by, reason, via, session, also };
    write.run({ ...row, until: kept.until, seq });
    owe.people([item.person], seq);
  }

  function decideOne(id: number, decision: Decision, bulk?: number): 'first' | 'done' {
    const { event, by, twoPerson, via = 'socket', session = '', also = '' } = decision;
    const item = find(id);
    const after = next(item.state, event);
    if (after === undefined)
      throw new Stale(say(refusals[event], { item: id, userName: item.userName, state: item.state }));
    if (event === 'undo' && item.standing !== null)
      throw new Stale(say('decision.standing', { item: id, userName: item.userName }));
    // Who has decided on an item that is still held has approved it. Who kept it has not.
    const isSecond = item.state === 'held' && item.decided_by !== null;
    if (twoPerson && event === 'approve' && isSecond) {
      const first = First.optional().parse(firstOf.get({ item: id }));
      const names = [item.decided_by ?? '', first?.also ?? ''].filter((name) => name !== '');
      const mine = [by, also].filter((name) => name !== '');
      if (names.some((name) => mine.some((other) => sameName(name, other))))
        throw new Stale(say('decision.same-person', { by, item: id }));
      if (via === 'console' && first?.via === 'console' && first.session === session)
        throw new Stale(say('decision.same-session', { item: id }));
    }
    const first = twoPerson && event === 'approve' && !isSecond;
    record(item, event, first ? 'held' : after, { ...decision, first, ...(bulk !== undefined && { bulk }) });
    return first ? 'first' : 'done';
  }

  return {
    /** All or none: a batch in which one item has moved on changes nothing, and names that item. */
    decide: async (ids: readonly number[], decision: Decision): Promise<Item[]> =>
      commit(db, journal, () => {
        for (const id of ids) decideOne(id, decision);
        return ids.map(find);
      }),

    /** The same for whatever a filter finds, where that is exactly `count` of them. */
    decideAll: async (filter: Narrowing, count: number, decision: Decision) =>
      commit(db, journal, () => {
        const ids = idsOf(filter, decision.at);
        if (ids.length !== count) throw new Stale(say('decision.count', { count: ids.length, wanted: count }));
        const first = ids.filter((id) => decideOne(id, decision, count) === 'first').length;
        return { decided: ids.length, first };
      }),

    /**
     * Each for itself: what can be is decided, and the rest explained. `refuse` is asked about each item as it is at that
     * moment, in the same transaction, and may say why not.
     */
    decideEach: async (
      wanted: readonly Readonly<{ id: number; decision: Decision }>[],
      refuse: (item: Item) => string | undefined,
    ): Promise<{ applied: Item[]; rest: Refusal[] }> =>
      commit(db, journal, () => {
        const applied: number[] = [];
        const rest: Refusal[] = [];
        for (const { id, decision } of wanted) {
          const item = find(id);
          const why = refuse(item);
          if (why === undefined) {
            try {
              decideOne(id, decision);
              applied.push(id);
            } catch (thrown) {
              if (!(thrown instanceof Stale)) throw thrown;
              rest.push({ id, userName: item.userName, why: thrown.message });
            }
          } else rest.push({ id, userName: item.userName, why });
        }
        return { applied: applied.map(find), rest };
      }),

    /** Everything that was decided about a person, the latest first. */
    decisionsOn: async (person: number): Promise<Decided[]> =>
      history.all({ person }).map((row) => {
        const { first, ...rest } = History.parse(row);
        return { ...rest, first: first === 1 };
      }),

    /** Inside planning's transaction: what a standing approval covers now, and what it covers no more. Gives whom it is about. */
    stand(
      stands: readonly ItemStand[],
      lapses: readonly number[],
      standing: readonly StandingApproval[],
      at: number,
    ): number[] {
      const moved: number[] = [];
      for (const { risk, standing: id } of stands) {
        const one = standing.find((candidate) => candidate.id === id);
        const found = openOf.get(risk);
        if (one === undefined || found === undefined) continue;
        const item = find(found);
        if (next(item.state, 'stand') === undefined) continue;
        const reason = `Standing approval ${id}: ${one.reason}`;
        record(item, 'stand', 'approved', { by: one.enabledBy, reason, at, via: 'relay', standing: id });
        moved.push(item.person);
      }
      for (const id of lapses) {
        const item = find(id);
        if (next(item.state, 'lapse') === undefined) continue;
        const reason = `Standing approval ${item.standing ?? ''} does not cover it any more`;
        record(item, 'lapse', 'held', { by: '', reason, at, via: 'relay' });
        moved.push(item.person);
      }
      return moved;
    },

    /** What time does: items kept until a date are held again, and whoever a standing approval may concern is planned. */
    ripen: async (now: number, standing: readonly StandingApproval[]): Promise<number> =>
      commit(db, journal, () => {
        const back = returning.all({ now });
        for (const id of back) {
          const item = find(id);
          const reason = `It was kept until now by ${item.decided_by ?? '?'}: ${item.reason ?? ''}`;
          record(item, 'return', 'held', { by: '', reason, at: now, via: 'relay' });
        }
        const force = standing.filter((one) => inForce(one, now));
        const isRipe = ({ standing: by, since, ...about }: Graced) =>
          by === null
            ? force.some((one) => speaksOf(one, about) && dueAt(one, since) <= now)
            : !force.some(({ id }) => id === by);
        const rows = standing.length > 0 ? graced.all() : [];
        const people = rows.filter(isRipe).map(({ person }) => person);
        owe.people(people, 0);
        return back.length + people.length;
      }),
  };
}
const refusals = {
  approve: 'decision.not-approved',
  keep: 'decision.not-kept',
  undo: 'decision.not-undone',
} as const;
