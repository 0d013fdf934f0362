/**
 * What destructive writes took, until it is in an undo file; and the pins that playing one back sets.
 *
 * A pin changes what the planner wants (core/pins.ts), and the outbox does the rest. In mirror mode memberships are the
 * provider's groups, so only accounts can be pinned there.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JsonObject } from '../contract/scim.ts';
import { Pin, UndoEntry } from '../contract/undo.ts';
import { accountOf } from '../core/account.ts';
import { nameOf } from '../core/planview.ts';
import { say } from '../core/saying.ts';
import { NotFound } from '../errors.ts';
import { commit } from './commit.ts';
import { grounds } from './grounds.ts';
import type { Journal } from './journal.ts';
import type { Mappings } from './mapping.ts';
import { owed } from './owed.ts';
import { settings } from './settings.ts';

export type Undoing = ReturnType<typeof undoing>;
type TakenRow = Readonly<{
  id: number;
  person: string;
  body: string;
  kind: UndoEntry['kind'];
  roles: string;
  sentAt: number;
  by: string | null;
  reason: string | null;
}>;
type PersonRow = Readonly<{ num: number; state: string; body: string; key: string }>;
const Roles = UndoEntry.shape.access;
export type Played = Readonly<{
  restored: { person: string; userName: string; what: string; community: string | null; role: string | null }[];
  not: { person: string; userName: string; why: string }[];
}>;

export function undoing(db: Database, journal: Journal, mappings: Mappings) {
  const waiting = db.prepare<{ limit: number }, TakenRow>(`
    SELECT t.id, p.id AS person, p.body, t.kind, t.roles, t.at AS sentAt, t.by, t.reason
    FROM taken t JOIN person p ON p.num = t.person WHERE t.file IS NULL ORDER BY t.id LIMIT @limit`);
  const file = db.prepare<{ ids: string; file: string }>(
    'UPDATE taken SET file = @file WHERE id IN (SELECT value FROM json_each(@ids))',
  );
  const person = db.prepare<{ id: string }, PersonRow>(
    'SELECT num, state, body, user_name_key AS key FROM person WHERE id = @id',
  );
  const namesake = db
    .prepare<{ key: string }, string>("SELECT id FROM person WHERE user_name_key = @key AND state <> 'deleted'")
    .pluck();
  const put = db.prepare<Record<string, string | number>>(`
    INSERT INTO pin (person, community, role, by, at, reason, file)
    VALUES (@person, @community, @role, @by, @at, @reason, @file)
    ON CONFLICT (person, community) DO UPDATE SET role = excluded.role, by = excluded.by, at = excluded.at,
      reason = excluded.reason, file = excluded.file`);
  const lift = db.prepare<{ person: number }>('DELETE FROM pin WHERE person = @person');
  const listed = db.prepare<[], Omit<Pin, 'userName'> & { body: string }>(`
    SELECT p.id AS person, p.body, pin.community, pin.role, pin.by, pin.at, pin.reason, pin.file
    FROM pin JOIN person p ON p.num = pin.person ORDER BY pin.at, p.num, pin.community`);
  const played = db.prepare<{ file: string }, number | null>('SELECT max(at) FROM pin WHERE file = @file').pluck();
  const owe = owed(db);
  const ground = grounds(settings(db));
  const account = (body: string) => accountOf(JSON.parse(body) as JsonObject);

  /** From that entry on something else is wanted of these people. */
  function wants(people: readonly number[], entry: number): void {
    owe.people(people, entry);
    ground.decided(entry);
  }

  return {
    /** What is in no undo file yet, the oldest first. */
    waiting: async (limit: number): Promise<{ ids: number[]; entries: UndoEntry[] }> => {
      const rows = waiting.all({ limit });
      const entries = rows.map(({ id: _, body, roles, ...row }): UndoEntry => {
        const named = account(body);
        const access = Roles.parse(JSON.parse(roles)).filter(({ community }) => community !== '');
        return { ...row, userName: named.userName, name: nameOf(named), access };
      });
      return { ids: rows.map(({ id }) => id), entries };
    },
    filed: async (ids: readonly number[], name: string): Promise<void> =>
      void file.run({ ids: JSON.stringify(ids), file: name }),

    /** Sets pins for what an undo file says was taken, as far as they can have an effect, and owes a plan. */
    play: async (
      entries: readonly UndoEntry[],
      { file: name, by, reason, at }: Readonly<{ file: string; by: string; reason: string; at: number }>,
    ): Promise<Played> =>
      commit(db, journal, () => {
        const { mapping } = mappings.inForce();
        const done: Played = { restored: [], not: [] };
        const people = new Set<number>();
        for (const entry of entries) {
          const about = { person: entry.person, userName: entry.userName };
          const not = (why: string) => done.not.push({ ...about, why });
          const row = person.get({ id: entry.person });
          if (row === undefined) {
            not(say('undo.unknown-person'));
            continue;
          }
          if (row.state === 'deleted' && namesake.get({ key: row.key }) !== undefined) {
            not(say('undo.namesake', { userName: account(row.body).userName }));
            continue;
          }
          if (entry.kind !== 'remove' && row.state !== 'active') {
            not(say('undo.switched-off'));
            continue;
          }
          const pin = (community: string, role: string) =>
            put.run({ person: row.num, community, role, by, at, reason, file: name });
          if (entry.kind === 'remove' && row.state !== 'active') {
            pin('', '');
            done.restored.push({ ...about, what: 'the account', community: null, role: null });
          }
          for (const { community, role } of entry.access) {
            const isLinked = mapping.links.some((link) => link.community === community && link.role === role);
            if (mapping.mode === 'mirror') not(say('undo.mirror', { community, role }));
            else if (!isLinked) not(say('undo.unlinked', { community, role }));
            else {
              pin(community, role);
              done.restored.push({ ...about, what: `${community}: ${role}`, community, role });
            }
          }
          people.add(row.num);
        }
        const counts = { restored: done.restored.length, not: done.not.length };
        // Their ids: it is part of each one's story.
        const persons = [...new Set([...done.restored, ...done.not].map((one) => one.person))];
        const body = { what: 'undo.play', file: name, reason, people: people.size, ...counts, persons };
        wants([...people], journal.append({ at, kind: 'decision', actor: by, body }));
        return done;
      }),
    /** When a file was last played back, as far as what it brought back still stands. */
    playedAt: (name: string): number | null => played.get({ file: name }) ?? null,

    pins: async (): Promise<Pin[]> =>
      z.array(Pin).parse(listed.all().map(({ body, ...row }) => ({ ...row, userName: account(body).userName }))),
    /** The source decides about them again: what it does not give is a removal, and waits for a person. @throws NotFound */
    lift: async (id: string, by: string, reason: string, at: number): Promise<void> =>
      commit(db, journal, () => {
        const row = person.get({ id });
        if (row === undefined || lift.run({ person: row.num }).changes === 0) throw new NotFound(say('undo.no-pin'));
        const body = { what: 'undo.lift', reason };
        wants([row.num], journal.append({ at, kind: 'decision', actor: by, subject: id, body }));
      }),
  };
}
