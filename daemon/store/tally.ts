/**
 * How many resources of a kind a source has: every list says it (`totalResults`), and counting a hundred thousand rows
 * each time would cost more than the page. Counted once, then kept in step by whoever creates and deletes.
 *
 * In memory only. A change made in a transaction that is rolled back must be forgotten (`forget`); it is counted anew then.
 */
import type { Database } from 'better-sqlite3';
import type { ResourceKind } from '../contract/scim.ts';

export type Tally = ReturnType<typeof tally>;

export function tally(db: Database) {
  const count = {
    User: db.prepare<{ source: string }, number>(
      "SELECT count(*) FROM person WHERE source = @source AND state <> 'deleted'",
    ),
    Group: db.prepare<{ source: string }, number>(
      "SELECT count(*) FROM team WHERE source = @source AND state = 'live'",
    ),
  };
  for (const statement of Object.values(count)) statement.pluck();
  const known = { User: new Map<string, number>(), Group: new Map<string, number>() };

  return {
    of(source: string, kind: ResourceKind): number {
      let total = known[kind].get(source);
      if (total === undefined) {
        total = count[kind].get({ source }) ?? 0;
        known[kind].set(source, total);
      }
      return total;
    },
    /** One more, or one fewer. What was never asked for is not kept. */
    add(source: string, kind: ResourceKind, change: 1 | -1): void {
      const total = known[kind].get(source);
      if (total !== undefined) known[kind].set(source, total + change);
    },
    forget(): void {
      known.User.clear();
      known.Group.clear();
    },
  };
}
