/**
 * The directory: what the sources say now. One door to its rooms, for intake, the use cases and the composition root.
 *
 * pushes.ts writes it (one commit with the journal), users.ts and groups.ts judge, members.ts keeps who is in what,
 * search.ts answers the sources, roster.ts answers people, rebuild.ts makes it again from the journal.
 */
import type { Database } from 'better-sqlite3';
import type { Journal } from './journal.ts';
import { labels } from './labels.ts';
import { pushes, type World } from './pushes.ts';
import { roster } from './roster.ts';
import { search } from './search.ts';
import { tally } from './tally.ts';

export type Directory = ReturnType<typeof directory>;

export function directory(db: Database, journal: Journal, world: World) {
  const [totals, names] = [tally(db), labels(db)];
  return {
    /** Somebody came or went by another way than a push. */
    recount: () => totals.forget(),
    ...pushes(db, journal, { totals, names }, world),
    ...search(db, totals, names),
    ...roster(db),
  };
}
