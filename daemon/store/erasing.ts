/**
 * Erases one person's data, on request, and keeps the chain provable.
 *
 * Bodies of entries about the person are replaced by what a rebuild needs (that there was such a push, on this id); in
 * bodies about others their names and addresses are replaced by a placeholder. The hash stays, with the digest of what was
 * there; the salt goes, so that nobody can try names against it. The decision is an entry of the chain: who, why, which
 * entries, and the digest of what is left of each, so that an entry emptied without one shows (J1). Replaying the decision
 * erases again, so a rebuild gives the same directory (J2).
 *
 * Kept: the person's id, the times, who decided, and what is about others. Entries of other people that name this one (a
 * manager's name) are those people's data; they are counted and left.
 *
 * Read next: chain.ts (the digest), redaction.ts (which words go), archive.ts (files).
 */
import { hash as sha256 } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { namesIn, placeholder, redacted } from '../core/redaction.ts';
import { Forbidden, NotFound, Stale } from '../errors.ts';
import { archivesOf, checkpoints, clearLeftovers, packed, unpackedLines, writeLines } from './archive.ts';
import { digestOf, Link, remainsOf, voucherOf } from './chain.ts';
import { commit } from './commit.ts';
import { unpacked } from './db.ts';
import { forget, scrub } from './forgetting.ts';
import type { Journal } from './journal.ts';
import { latestCheckpoint, linkColumns } from './proof.ts';
import { settings } from './settings.ts';

type Person = Readonly<{ num: number; id: string; source: string; state: string; userName: string; body: string }>;
export type Erasure = Readonly<{ dir: string; person: string; reason: string; by: string; at: number }>;

function personOf(db: Database, wanted: string): Person {
  const found = db
    .prepare<{ wanted: string }, Person>(
      `SELECT num, id, source, state, user_name AS userName, body FROM person
       WHERE id = @wanted OR user_name_key = lower(@wanted) ORDER BY id = @wanted DESC, num`,
    )
    .all({ wanted });
  const [person] = found;
  if (person === undefined) throw new NotFound(`Nobody has the id or the userName "${wanted}"`);
  if (found.length > 1 && person.id !== wanted)
    throw new Stale(
      `Several people have had the userName "${wanted}". Name one by id: ${found.map(({ id, state }) => `${id} (${state})`).join(', ')}`,
    );
  return person;
}

/** Why it cannot be erased yet: something that still needs the data would bring it back, or be done wrongly without it. */
function mustBeGone(db: Database, { num, userName, source, state }: Person): void {
  const count = (sql: string): number => db.prepare<{ num: number }, number>(sql).pluck().get({ num }) ?? 0;
  if (state === 'active')
    throw new Forbidden(
      `${userName} is active at ${source}, which would send the data again. Delete or deactivate them there first.`,
    );
  if (count("SELECT count(*) FROM held WHERE person = @num AND state IN ('held', 'approved', 'kept')") > 0)
    throw new Forbidden(
      `Something about ${userName} waits for a decision. Approve it first: steeple-relay review list`,
    );
  if (count("SELECT count(*) FROM delivery WHERE person = @num AND state IN ('ready', 'sending', 'dead')") > 0)
    throw new Forbidden(
      `Writes about ${userName} are still owed to Steeple. Wait until they are done, or drop them: steeple-relay delivery list`,
    );
  if (count('SELECT count(*) FROM observed_user WHERE person = @num AND active = 1') > 0)
    throw new Forbidden(
      `${userName} is still active in Steeple. Let the removal be sent first: steeple-relay why ${userName}`,
    );
}

async function* everyEntry(db: Database, dir: string): AsyncGenerator<{ link: Link; file: string | undefined }> {
  for (const { name, lines } of archivesOf(db, dir))
    for await (const line of lines)
      if (line.startsWith('{"seq"')) yield { link: Link.parse(JSON.parse(line)), file: name };
  const page = db.prepare<{ after: number }, Link>(
    `SELECT ${linkColumns} FROM journal WHERE seq > @after ORDER BY seq LIMIT 500`,
  );
  let after = latestCheckpoint(db)?.seq ?? 0;
  for (let rows = page.all({ after }); rows.length > 0; rows = page.all({ after })) {
    for (const link of rows) yield { link, file: undefined };
    after = rows.at(-1)?.seq ?? after;
  }
}

/** Names that somebody who is still there has too: those are theirs. */
function withoutTheLiving(db: Database, names: ReadonlySet<string>, num: number): string[] {
  const held = db
    .prepare<{ name: string; num: number }, number>(
      `SELECT count(*) FROM person WHERE num <> @num AND state <> 'deleted'
       AND (user_name_key = lower(@name) OR external_id = @name OR name = @name
            OR num IN (SELECT person FROM person_email WHERE email_key = lower(@name)))`,
    )
    .pluck();
  return [...names].filter((name) => held.get({ name, num }) === 0);
}

/**
 * Erases, in one commit for the database; archives follow, and are finished by `finish` after a crash.
 * @throws NotFound, Forbidden, Stale in words
 */
export async function erase(db: Database, log: Journal, { dir, person: wanted, reason, by, at }: Erasure) {
  await clearLeftovers(db, dir);
  const person = personOf(db, wanted);
  mustBeGone(db, person);
  const all = new Set(namesIn(JSON.parse(person.body), person.userName));
  for await (const { link } of everyEntry(db, dir))
    if (link.subject === person.id && link.digest === null)
      for (const name of namesIn(JSON.parse(link.body))) all.add(name);
  const names = withoutTheLiving(db, all, person.num);
  if (names.some((name) => reason.toLowerCase().includes(name.toLowerCase())))
    throw new Forbidden('The reason names the person, and it is kept. Give another one, such as a ticket number.');

  const policy = JSON.stringify(settings(db).get('policy')).toLowerCase();
  if (names.some((name) => policy.includes(name.toLowerCase())))
    throw new Forbidden(
      'The policy names the person, as protected for example. Take them out of it first: steeple-relay policy show',
    );

  const emptied: { link: Link; remains: string }[] = [];
  const mentions: number[] = [];
  const files = new Set<string>();
  for await (const { link, file } of everyEntry(db, dir)) {
    const result = redacted({ ...link, body: JSON.parse(link.body) }, person.id, names);
    if (result.mentions) mentions.push(link.seq);
    if (result.body === undefined) continue;
    emptied.push({ link, remains: JSON.stringify(result.body) });
    if (file !== undefined) files.add(file);
  }
  const snapshot = await snapshotWithout(db, person.id);

  const decision = commit(db, log, () => {
    mustBeGone(db, personOf(db, person.id));
    const entries = emptied.map(({ link, remains }) =>
      link.v === 1 ? [link.seq, remainsOf(remains), voucherOf(link)] : [link.seq, remainsOf(remains)],
    );
    const digest = snapshot === undefined ? null : sha256('sha256', snapshot);
    const body = { what: 'journal.erase', person: person.id, entries, snapshot: digest, reason };
    const seq = log.append({ at, kind: 'decision', actor: by, subject: person.id, body });
    const name = db.prepare('INSERT OR REPLACE INTO erasure (entry, decision, remains) VALUES (?, ?, ?)');
    const empty = db.prepare(
      'UPDATE journal SET body = @remains, digest = @digest, salt = NULL, erased_by = @by WHERE seq = @seq',
    );
    for (const { link, remains } of emptied) {
      name.run(link.seq, seq, remains);
      empty.run({ seq: link.seq, remains, digest: standIn(link), by: seq });
    }
    if (snapshot !== undefined)
      db.prepare('UPDATE checkpoint SET snapshot = ? WHERE snapshot IS NOT NULL').run(snapshot);
    settings(db).set('erasing', [...new Set([...settings(db).get('erasing'), ...files])]);
    settings(db).set('unswept', 'file');
    scrub(db, person.id, at, seq);
    return { seq, undo: forget(db, person.num, names) };
  });
  // It is decided and done; what the disk refuses now is owed (`resume`), and must not read like a refusal of all.
  const unfinished = await finish(db, dir).catch((problem: unknown) => problem);
  const { seq, undo } = decision;
  return {
    person: person.id,
    decision: seq,
    entries: emptied.length,
    archives: [...files],
    mentions,
    undo,
    unfinished,
  };
}

/** What an erased entry is hashed by, or vouched for with. */
const standIn = (link: Link): string =>
  link.digest ?? (link.v === 1 ? voucherOf(link) : digestOf(link.salt ?? '', link.body));

/** The last checkpoint's directory without the person; nothing where they are not in it. */
async function snapshotWithout(db: Database, person: string): Promise<Buffer | undefined> {
  const kept = latestCheckpoint(db)?.snapshot;
  if (!kept) return undefined;
  const fresh = unpacked(Buffer.from(await promisify(zstdDecompress)(kept)));
  const there = fresh.prepare<{ person: string }, string>('SELECT state FROM person WHERE id = @person').pluck();
  const state = there.get({ person });
  if (state === undefined) {
    fresh.close();
    return undefined;
  }
  // Only the words go: entries after it still say when they left, and the decision's own replay does the rest.
  fresh
    .prepare(
      `UPDATE person SET user_name = @name, user_name_key = @name, external_id = NULL, name = @name, name_key = @name,
         body = @body WHERE id = @person`,
    )
    .run({ person, name: placeholder(person), body: JSON.stringify({ userName: placeholder(person) }) });
  fresh.prepare('DELETE FROM person_email WHERE person = (SELECT num FROM person WHERE id = ?)').run(person);
  return packed(fresh);
}

/** Rewrites the archives that hold what was erased, and then the database file, in whose free pages it may linger. */
export async function finish(db: Database, dir: string): Promise<void> {
  const kept = settings(db);
  const erased = db.prepare<{ first: number; seq: number }, { entry: number; decision: number; remains: string }>(
    'SELECT entry, decision, remains FROM erasure WHERE entry BETWEEN @first AND @seq',
  );
  for (const { first, seq, file } of checkpoints(db)) {
    if (!kept.get('erasing').includes(file)) continue;
    const path = join(dir, file);
    if (!existsSync(path)) continue; // stays owed: it may be put back
    const by = new Map(erased.all({ first, seq }).map((row) => [row.entry, row]));
    await writeLines(path, emptiedLines(path, by));
    kept.set(
      'erasing',
      kept.get('erasing').filter((other) => other !== file),
    );
  }
  db.exec('VACUUM');
  kept.set('unswept', 'log');
  clearLog(db);
}

/** Empties the log, which holds the old pages. While another program reads an older state it cannot be: it stays owed. */
function clearLog(db: Database): void {
  const patience = db.pragma('busy_timeout', { simple: true });
  db.pragma('busy_timeout = 100');
  try {
    const [log] = z.tuple([z.object({ busy: z.int() })]).parse(db.pragma('wal_checkpoint(TRUNCATE)'));
    if (log.busy === 0) settings(db).set('unswept', 'nowhere');
  } finally {
    db.pragma(`busy_timeout = ${patience}`);
  }
}

async function* emptiedLines(path: string, by: ReadonlyMap<number, { decision: number; remains: string }>) {
  for await (const line of unpackedLines(path)) {
    const link = line.startsWith('{"seq"') ? Link.parse(JSON.parse(line)) : undefined;
    const row = link && by.get(link.seq);
    if (link === undefined || row === undefined) yield line;
    else
      yield JSON.stringify({ ...link, salt: null, digest: standIn(link), erasedBy: row.decision, body: row.remains });
  }
}

/** Which archives wait to be rewritten; for the answer. */
export const owedArchives = (db: Database): string[] => z.array(z.string()).parse(settings(db).get('erasing'));

/** Does what a kill left undone. Nothing where there is nothing. */
export async function resume(db: Database, dir: string): Promise<void> {
  const unswept = settings(db).get('unswept');
  if (unswept === 'file' || owedArchives(db).length > 0) await finish(db, dir);
  else if (unswept === 'log') clearLog(db);
}
