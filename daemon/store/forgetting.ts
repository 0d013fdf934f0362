/**
 * Takes a person's data out of the rows: out of the directory as replaying the decision does it (J2), and out of what only
 * the live database has: held items, deliveries, corrections, drifts, pins, stored plans, and what Steeple was seen to hold.
 *
 * Inside the caller's transaction. Read next: erasing.ts.
 */
import type { Database } from 'better-sqlite3';
import { placeholder } from '../core/redaction.ts';

/** The same live and replayed: a tombstone with nothing but its id and its times. Its version is 0, whatever it was. */
export function scrub(db: Database, id: string, at: number, seq: number): void {
  const given = { id, at, seq, name: placeholder(id), body: JSON.stringify({ userName: placeholder(id) }) };
  db.prepare(`UPDATE team SET version = version + 1, modified_at = @at, seq = @seq WHERE num IN
    (SELECT team FROM membership WHERE person = (SELECT num FROM person WHERE id = @id))`).run(given);
  db.prepare('DELETE FROM membership WHERE person = (SELECT num FROM person WHERE id = @id)').run(given);
  db.prepare('DELETE FROM person_email WHERE person = (SELECT num FROM person WHERE id = @id)').run(given);
  db.prepare(`UPDATE person SET state = 'deleted', user_name = @name, user_name_key = @name, external_id = NULL,
    name = @name, name_key = @name, body = @body, version = 0, modified_at = @at, seq = @seq WHERE id = @id`).run(
    given,
  );
}

/**
 * What is not in the journal, and so in no rebuild. `names`: all they ever had. Gives the undo files that name them: those
 * are signed, so they cannot be changed.
 */
export function forget(db: Database, person: number, names: readonly string[]): string[] {
  const given = { person };
  const run = (sql: string) => db.prepare(sql).run(given);
  run("UPDATE held SET why = '', reason = iif(reason IS NULL, NULL, '') WHERE person = @person");
  run("UPDATE review_decision SET reason = '' WHERE person = @person");
  run(
    `UPDATE delivery SET body = '{}', frees = NULL, takes = NULL, cause = NULL, remedy = NULL WHERE person = @person`,
  );
  run('DELETE FROM correction WHERE person = @person');
  run('DELETE FROM drift WHERE person = @person');
  run('DELETE FROM pin WHERE person = @person');
  run("UPDATE taken SET reason = iif(reason IS NULL, NULL, '') WHERE person = @person");
  // What Steeple holds comes back with the next scan, as a stranger: it is Steeple's then, and no longer ours.
  run('DELETE FROM observed_user WHERE person = @person');
  const known = { names: JSON.stringify(names.map((name) => name.toLowerCase())) };
  const named = 'IN (SELECT value FROM json_each(@names))';
  db.prepare(`DELETE FROM observed_user WHERE person IS NULL AND active = 0 AND user_name_key ${named}`).run(known);
  // An account under their name that somebody declared external: it is asked about again, if it is still there.
  db.prepare(`DELETE FROM external_account WHERE lower(user_name) ${named}`).run(known);
  // Any stored plan may name them. A plan is made again in no time.
  db.prepare('DELETE FROM plan').run();
  return db
    .prepare<typeof given, string>('SELECT DISTINCT file FROM taken WHERE person = @person AND file IS NOT NULL')
    .pluck()
    .all(given);
}
