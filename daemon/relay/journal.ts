/** The journal's use cases: looking at entries, and proving them. What takes long reads on a connection of its own. */
import type { Handlers } from '../contract/admin.ts';
import type { journalCalls } from '../contract/journal.ts';
import { NotFound } from '../errors.ts';
import type { Database } from '../store/db.ts';
import type { Journal } from '../store/journal.ts';
import { exportPage, verify } from '../store/proof.ts';
import { check } from '../store/rebuild.ts';

export type JournalParts = Readonly<{
  db: Database;
  journal: Journal;
  /** Shows the database as it is now, for as long as `look` takes, over a connection that nobody waits for. */
  looking: <T>(look: (db: Database) => Promise<T>) => Promise<T>;
}>;

export function journalCases({ db, journal, looking }: JournalParts): Pick<Handlers, keyof typeof journalCalls> {
  return {
    'journal.tail': async ({ before, limit }) => journal.tail(limit, before),
    'journal.show': async ({ seq }) => {
      const row = journal.show(seq);
      if (row !== undefined) return row;
      const archive = journal.archiveOf(seq);
      throw new NotFound(
        archive === undefined ? `The journal has no entry ${seq}` : `Entry ${seq} is archived, in archive/${archive}`,
      );
    },
    'journal.verify': () => looking((view) => verify(view)),
    'journal.check': () => looking(check),
    'journal.page': async ({ after, limit }) => exportPage(db, after, limit),
  };
}
