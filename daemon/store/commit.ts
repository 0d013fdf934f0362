/** One transaction of the store. When it is rolled back, the journal must forget the entries it chained in it. */
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
