/**
 * Makes the directory again from the journal alone, and says where two directories differ (J2).
 *
 * A push in the journal was accepted, so it is judged by the same code with the id and the time it was given then, and
 * must be accepted again. Sources come back from their decisions, without tokens: no token was ever written down (I7).
 * The target is a fresh database, never the live one.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JournalRow } from '../contract/journal.ts';
import type { JsonObject } from '../contract/scim.ts';
import { SourceKind } from '../contract/source.ts';
import type { Push } from '../core/directory.ts';
import { judges } from './pushes.ts';
import { tally } from './tally.ts';

const PushBody = z.looseObject({
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
  kind: z.enum(['User', 'Group']),
  id: z.string(),
  body: z.record(z.string(), z.unknown()).optional(),
});
const SourceAdded = z.object({ what: z.literal('source.add'), kind: SourceKind, name: z.string() });

/** Applies every push, in order. @throws when an entry cannot be applied: journal and code no longer agree */
export function rebuild(entries: Iterable<JournalRow>, fresh: Database): void {
  const judge = judges(fresh, tally(fresh));
  const addSource = fresh.prepare<{ id: string; kind: SourceKind; name: string; at: number }>(
    'INSERT INTO source (id, kind, name, created_at) VALUES (@id, @kind, @name, @at)',
  );
  function apply({ seq, at, kind, source, subject, body }: JournalRow): void {
    if (kind === 'decision') {
      const added = SourceAdded.safeParse(body);
      if (added.success && subject !== null) addSource.run({ id: subject, ...added.data, at });
      return;
    }
    if (kind !== 'push') return;
    const { id, body: sent, method, kind: resource } = PushBody.parse(body);
    const push: Push = {
      source: source ?? '',
      method,
      kind: resource,
      ...(method !== 'POST' && { id }),
      ...(sent && { body: sent as JsonObject }),
    };
    judge(push, { newId: () => id, at }).write(seq);
  }
  fresh
    .transaction(() => {
      for (const entry of entries) {
        try {
          apply(entry);
        } catch (cause) {
          throw new Error(`Entry ${entry.seq} of the journal cannot be applied again`, { cause });
        }
      }
    })
    .immediate();
}

/** What makes up the directory, in an order that does not depend on how it came about. */
const contents = {
  person: `SELECT id, source, state, user_name, user_name_key, external_id, name, name_key, body, version, created_at,
             modified_at, seq FROM person ORDER BY id`,
  team: `SELECT id, source, state, display_name, display_name_key, external_id, body, version, created_at, modified_at,
           seq FROM team ORDER BY id`,
  membership: `SELECT team.id AS team, person.id AS person FROM membership JOIN team ON team.num = membership.team
                 JOIN person ON person.num = membership.person ORDER BY team.id, person.id`,
  nesting: `SELECT team.id AS team, child.id AS child FROM nesting JOIN team ON team.num = nesting.team
              JOIN team AS child ON child.num = nesting.child ORDER BY team.id, child.id`,
  person_email: `SELECT person.id AS person, email_key FROM person_email JOIN person ON person.num = person_email.person
                   ORDER BY person.id, email_key`,
} as const;

/** The first difference in each table, in words; empty when the two directories are equal. */
export function differences(live: Database, other: Database): readonly string[] {
  return Object.entries(contents).flatMap(([table, sql]) => {
    const theirs = other.prepare<[], unknown>(sql).iterate();
    for (const row of live.prepare<[], unknown>(sql).iterate()) {
      const next = theirs.next();
      const [here, there] = [JSON.stringify(row), next.done ? 'nothing' : JSON.stringify(next.value)];
      if (here !== there) {
        theirs.return?.();
        return [`${table}: the directory has ${here} where the journal gives ${there}`];
      }
    }
    const extra = theirs.next();
    theirs.return?.();
    return extra.done
      ? []
      : [`${table}: the directory has nothing where the journal gives ${JSON.stringify(extra.value)}`];
  });
}
