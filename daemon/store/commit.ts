/**
 * One transaction of the store. When it is rolled back, the journal must forget the entries it chained in it.
 *
 * `commit` waits for the disk. `commitLightly` does not, and is for planning alone: its outcome follows from what is
 * stored, so a power cut takes it back to where it was still owed. Nothing is lost by the order either: the next commit
 * that waits, such as the claim of what was planned or a person's decision about it, waits for all before it in the log.
 */
import type { Database } from 'better-sqlite3';
import type { Journal } from './journal.ts';

export function commit<T>(db: Database, journal: Pick<Journal, 'forget'>, work: () => T): T {
  try {
    return db.transaction(work).immediate();
  } catch (cause) {
    journal.forget();
    throw cause;
  }
}

/** The caller must not be in a transaction: SQLite would not change this there. */
export function commitLightly<T>(db: Database, journal: Pick<Journal, 'forget'>, work: () => T): T {
  db.pragma('synchronous = NORMAL');
  try {
    return commit(db, journal, work);
  } finally {
    db.pragma('synchronous = FULL');
  }
}
