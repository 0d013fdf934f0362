/**
 * Deliveries as a person sees them and decides about them: the list, and what becomes of a dead letter (D5).
 *
 * Each decision is one guarded UPDATE and one journal entry, in one transaction (G8). A delivery that was dropped is owed
 * again only when what it is about changes (outbox.ts).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { type Correction, DeliveryRow, type DeliveryState, type DeliveryView } from '../contract/delivery.ts';
import type { JsonObject } from '../contract/scim.ts';
import { type Account, accountOf } from '../core/account.ts';
import { fold } from '../core/directory.ts';
import { Conflict, Malformed, NotFound, Stale } from '../errors.ts';
import { commit } from './commit.ts';
import { type Attribute, corrections, type Subject } from './corrections.ts';
import type { Journal } from './journal.ts';
import { owed } from './owed.ts';

export function letters(db: Database, journal: Journal) {
  const columns = `id, kind, coalesce((SELECT 'Users/' || user_name FROM person WHERE num = delivery.person) || CASE
      WHEN target IS NULL THEN '' ELSE ' in ' || coalesce((SELECT display_name FROM observed_group g WHERE g.target = delivery.target), target) END,
      'Groups/' || coalesce((SELECT display_name FROM observed_group g WHERE g.target = delivery.target), target)) AS resource,
    state, attempt, due_at AS dueAt, status, cause, remedy, created_at AS createdAt, settled_at AS settledAt FROM delivery`;
  const listed = db.prepare<{ state: string | null; limit: number; offset: number }, unknown>(
    `SELECT ${columns} WHERE @state IS NULL OR state = @state ORDER BY id DESC LIMIT @limit OFFSET @offset`,
  );
  const total = db
    .prepare<{ state: string | null }, number>('SELECT count(*) FROM delivery WHERE @state IS NULL OR state = @state')
    .pluck();
  const one = db.prepare<{ id: number }, unknown>(`SELECT ${columns} WHERE id = @id`);
  // In doubt, since nobody knows what became of the last try (D2).
  const revive = db.prepare<{ id: number }>(`
    UPDATE delivery SET state = 'ready', due_at = 0, attempt = 0, unsure = 1, cause = NULL, remedy = NULL, settled_at = NULL
    WHERE id = @id AND state = 'dead'`);
  const drop = db.prepare<{ id: number; at: number; reason: string }>(`
    UPDATE delivery SET state = 'dropped', settled_at = @at, remedy = @reason WHERE id = @id AND state IN ('dead', 'ready')`);

  const slice = db.prepare<{ from: number }, { id: number; youngest: number }>(`
    SELECT max(id) AS id, min(created_at) AS youngest FROM
      (SELECT id, created_at FROM delivery WHERE id >= @from ORDER BY id LIMIT 1000) HAVING max(id) IS NOT NULL`);
  const over = db.prepare<{ from: number; to: number; before: number }>(`
    DELETE FROM delivery WHERE id BETWEEN @from AND @to AND state IN ('done', 'outdated') AND settled_at < @before`);

  const written = db.prepare<
    { id: number },
    { kind: string; person: number | null; target: string | null; body: string }
  >('SELECT kind, person, target, body FROM delivery WHERE id = @id');
  const source = db.prepare<{ num: number }, { id: string; body: string }>(
    'SELECT id, body FROM person WHERE num = @num',
  );
  const namesake = db
    .prepare<{ key: string; num: number }, string>(
      "SELECT user_name FROM person WHERE user_name_key = @key AND num <> @num AND state <> 'deleted'",
    )
    .pluck();
  const outdate = db.prepare<{ id: number; at: number }>(
    "UPDATE delivery SET state = 'outdated', settled_at = @at WHERE id = @id AND state = 'dead'",
  );
  const standIns = corrections(db);
  const owe = owed(db);

  /** What a person may put right about it, with what would leave now. */
  function editable({ kind, body }: Readonly<{ kind: string; body: string }>): Record<string, string> {
    const { account, displayName } = JSON.parse(body) as { account?: Account; displayName?: string };
    if (/^group\.(create|update)$/.test(kind)) return { displayName: displayName ?? '' };
    if (!/^user\.(create|update)$/.test(kind) || account === undefined) return {};
    const { externalId: _, ...rest } = account;
    return rest;
  }

  function shown(id: number): DeliveryRow {
    const row = one.get({ id });
    if (row === undefined) throw new NotFound(`There is no delivery ${id}`);
    return DeliveryRow.parse(row);
  }

  /** What the mapping calls the group: what was sent may be a correction itself. */
  const groupNameOf = ({ target }: Subject, sent: string): string =>
    standIns
      .ofTargets()
      .get(target ?? '')
      ?.find((one) => one.sent === sent)?.given ?? sent;

  return {
    list: async (state: DeliveryState | undefined, offset: number, limit: number) => ({
      items: z.array(DeliveryRow).parse(listed.all({ state: state ?? null, limit, offset })),
      total: total.get({ state: state ?? null }) ?? 0,
    }),
    show: async (id: number): Promise<DeliveryView> => {
      const row = shown(id);
      const stored = written.get({ id });
      return {
        ...row,
        editable: row.state === 'dead' && stored ? editable(stored) : {},
        body: JSON.parse(stored?.body ?? '{}') as JsonObject,
      };
    },
    /**
     * Puts values in place of those Steeple refused, and owes a plan: what leaves next says what was corrected.
     * @throws Stale unless it is dead; Malformed where that cannot be edited; Conflict where another has that userName
     */
    edit: async (id: number, set: Correction, reason: string, by: string, at: number): Promise<DeliveryRow> =>
      commit(db, journal, () => {
        const { state, resource } = shown(id);
        const stored = written.get({ id });
        if (state !== 'dead' || stored === undefined)
          throw new Stale(`Delivery ${id} is ${state}: only a dead one can be edited`);
        const may = editable(stored);
        const changes = Object.entries(set) as [Attribute, string][];
        const unfit = changes.find(([attribute]) => !Object.hasOwn(may, attribute));
        if (unfit) {
          const what = Object.keys(may).join(', ');
          throw new Malformed(
            'invalidValue',
            `Of ${resource} this delivery writes no ${unfit[0]}. ${what === '' ? 'Nothing of it can be edited: retry it or drop it' : `It can be given: ${what}`}`,
          );
        }
        const person = stored.person === null ? undefined : source.get({ num: stored.person });
        const subject: Subject =
          stored.person === null
            ? { person: null, target: stored.target ?? '' }
            : { person: stored.person, target: null };
        const account = person && accountOf(JSON.parse(person.body) as JsonObject);
        for (const [attribute, sent] of changes) {
          const other = attribute === 'userName' && namesake.get({ key: fold(sent), num: stored.person ?? 0 });
          if (other) throw new Conflict(`"${other}" is the userName of another person here`);
          const given = account ? account[attribute] : groupNameOf(subject, may.displayName ?? '');
          standIns.put(subject, { attribute, given, sent }, by, at);
        }
        outdate.run({ id, at });
        if (stored.person === null) owe.groups();
        else owe.people([stored.person], journal.lastSeq());
        const body = { what: 'delivery.edit', delivery: id, resource, set, reason };
        journal.append({ at, kind: 'decision', actor: by, body, ...(person && { subject: person.id }) });
        return shown(id);
      }),
    /** All or none: where one of them is not dead nothing is retried, and it is named. */
    retry: async (ids: readonly number[], by: string, at: number): Promise<DeliveryRow[]> =>
      commit(db, journal, () =>
        ids.map((id) => {
          const { state } = shown(id);
          if (revive.run({ id }).changes !== 1)
            throw new Stale(`Delivery ${id} is ${state}: only a dead one can be retried`);
          journal.append({ at, kind: 'decision', actor: by, body: { what: 'delivery.retry', delivery: id } });
          return shown(id);
        }),
      ),
    /**
     * Forgets what is over since before `before`, among the thousand deliveries from number `from` on. Gives where to go on;
     * nothing where the next are too young.
     */
    clear: async (before: number, from: number): Promise<number | undefined> => {
      const last = slice.get({ from });
      if (last === undefined || last.youngest >= before) return undefined;
      over.run({ from, to: last.id, before });
      return last.id + 1;
    },
    drop: async (id: number, reason: string, by: string, at: number): Promise<DeliveryRow> =>
      commit(db, journal, () => {
        const { state } = shown(id);
        if (drop.run({ id, at, reason }).changes !== 1)
          throw new Stale(`Delivery ${id} is ${state}: only one that is ready or dead can be dropped`);
        journal.append({ at, kind: 'decision', actor: by, body: { what: 'delivery.drop', delivery: id, reason } });
        return shown(id);
      }),
  };
}
