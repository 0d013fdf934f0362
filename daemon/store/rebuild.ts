/**
 * Makes the directory again from the journal alone, and says where two directories differ (J2).
 *
 * A push in the journal was accepted, so it is judged by the same code with the id and the time it was given then, and
 * must be accepted again. Sources come back from their decisions, without tokens: no token was ever written down (I7).
 * The target is a fresh database, never the live one.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JournalRow, Rebuilt } from '../contract/journal.ts';
import type { JsonObject } from '../contract/scim.ts';
import { SourceKind } from '../contract/source.ts';
import type { Push } from '../core/directory.ts';
import { placeholder } from '../core/redaction.ts';
import { Erasing } from './chain.ts';
import { open, unpacked } from './db.ts';
import { scrub } from './forgetting.ts';
import { journal } from './journal.ts';
import { labels } from './labels.ts';
import { latestCheckpoint } from './proof.ts';
import { judges } from './pushes.ts';
import { tally } from './tally.ts';

const PushBody = z.looseObject({
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
  kind: z.enum(['User', 'Group']),
  id: z.string(),
  body: z.record(z.string(), z.unknown()).optional(),
  erased: z.literal(true).optional(),
});
const SourceAdded = z.object({ what: z.literal('source.add'), kind: SourceKind, name: z.string() });

/**
 * Applies entries in order.
 * @throws when an entry cannot be applied: journal and code no longer agree
 */
export function replayer(fresh: Database): (entry: JournalRow) => void {
  const judge = judges(fresh, { totals: tally(fresh), names: labels(fresh) });
  const addSource = fresh.prepare<{ id: string; kind: SourceKind; name: string; at: number }>(
    'INSERT INTO source (id, kind, name, created_at) VALUES (@id, @kind, @name, @at)',
  );
  function apply({ seq, at, kind, source, subject, body }: JournalRow): void {
    if (kind === 'decision') {
      const added = SourceAdded.safeParse(body);
      if (added.success && subject !== null) addSource.run({ id: subject, ...added.data, at });
      const erasing = Erasing.safeParse(body);
      if (erasing.success) scrub(fresh, erasing.data.person, at, seq);
      return;
    }
    if (kind !== 'push') return;
    const { id, body: left, method, kind: resource, erased } = PushBody.parse(body);
    // Of somebody erased since, only that they were made, and when they left, has an effect on anybody else.
    if (erased && method !== 'POST' && method !== 'DELETE') return;
    const sent = erased && method === 'POST' ? { userName: placeholder(id) } : left;
    const push: Push = {
      source: source ?? '',
      method,
      kind: resource,
      ...(method !== 'POST' && { id }),
      ...(sent && { body: sent as JsonObject }),
    };
    judge(push, { newId: () => id, at }).write(seq);
  }
  return (entry) => {
    try {
      apply(entry);
    } catch (cause) {
      throw new Error(`Entry ${entry.seq} of the journal cannot be applied again`, { cause });
    }
  };
}

/** Applies every push, in order, in one go. */
export function rebuild(entries: Iterable<JournalRow>, fresh: Database): void {
  const apply = replayer(fresh);
  fresh
    .transaction(() => {
      for (const entry of entries) apply(entry);
    })
    .immediate();
}

/**
 * The directory as of entry `until`, made from the last checkpoint's snapshot and the entries after it, with turns for
 * others between. The caller closes the database it gets.
 */
export async function replayed(db: Database, until = Number.MAX_SAFE_INTEGER) {
  const checkpoint = latestCheckpoint(db);
  const from = checkpoint?.seq ?? 0;
  const fresh = checkpoint?.snapshot
    ? unpacked(Buffer.from(await promisify(zstdDecompress)(checkpoint.snapshot)))
    : open(':memory:');
  try {
    const apply = replayer(fresh);
    let entries = 0;
    fresh.exec('BEGIN');
    for (const entry of journal(db).entries(from)) {
      if (entry.seq > until) break;
      apply(entry);
      entries += 1;
      if (entries % entriesATurn === 0) await turn();
    }
    fresh.exec('COMMIT');
    return { fresh, from, entries };
  } catch (cause) {
    fresh.close();
    throw cause;
  }
}
const entriesATurn = 200;

/** Whether the directory in `db` is the one its journal gives (J2). Give it a `reader`: it takes a while. */
export async function check(db: Database): Promise<Rebuilt> {
  let made: Awaited<ReturnType<typeof replayed>>;
  try {
    made = await replayed(db);
  } catch (problem) {
    if (!(problem instanceof Error) || !/cannot be applied again$/.test(problem.message)) throw problem;
    const why = problem.cause instanceof Error ? problem.cause.message : String(problem.cause);
    return { ok: false, entries: 0, from: latestCheckpoint(db)?.seq ?? 0, differences: [`${problem.message}: ${why}`] };
  }
  try {
    const found = await differences(db, made.fresh);
    return { ok: found.length === 0, entries: made.entries, from: made.from, differences: [...found] };
  } finally {
    made.fresh.close();
  }
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
export async function differences(live: Database, other: Database): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [table, sql] of Object.entries(contents)) {
    const theirs = other.prepare<[], unknown>(sql).iterate();
    const ours = live.prepare<[], unknown>(sql).iterate();
    try {
      for (let count = 1; ; count += 1) {
        const [here, there] = [ours.next(), theirs.next()].map((row) =>
          row.done ? 'nothing' : JSON.stringify(row.value),
        );
        if (here !== there) found.push(`${table}: the directory has ${here} where the journal gives ${there}`);
        if (here !== there || here === 'nothing') break;
        if (count % 2000 === 0) await turn();
      }
    } finally {
      ours.return?.();
      theirs.return?.();
    }
  }
  return found;
}
