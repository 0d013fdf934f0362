/**
 * One transaction of the store. When it is rolled back, the journal must forget the entries it chained in it.
 *
 * `commit` waits for the disk. What is written `lightly` does not, and is only what a power cut may take back: planning,
 * whose outcome follows from what is stored, and stays owed then; and what Steeple answered, which is looked up then (D2).
 * The order stays: the next commit that waits, such as a claim or a person's decision, waits for all before it in the log.
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

/** Has `work` do its one transaction without waiting for the disk. The caller must not be in one: nothing would change then. */
export function lightly<T>(db: Database, work: () => T): T {
  db.pragma('synchronous = NORMAL');
  try {
    return work();
  } finally {
    db.pragma('synchronous = FULL');
  }
}
