/**
 * The groups of people, as their resources name them: id and name, by the store's number.
 *
 * A page of a hundred people names two thousand groups, and reading each from its row again would be most of the page's
 * cost. So what was read is kept, as one frozen object a group, which `core/representation.ts` in turn keeps text for.
 *
 * In memory only. An id and a number never change, and a deleted group has no members; a name does, so whoever writes
 * one forgets it here, in the same transaction: no read can come between the two, and after a rollback it is read again.
 */
import type { Database } from 'better-sqlite3';
import type { Reference } from '../core/directory.ts';

export type Labels = ReturnType<typeof labels>;

/** Beyond it all are forgotten and read again as they are asked for: memory stays bounded, whatever a source makes. */
const most = 20_000;

export function labels(db: Database) {
  const read = db.prepare<{ num: number }, { value: string; display: string }>(
    'SELECT id AS value, display_name AS display FROM team WHERE num = @num',
  );
  const known = new Map<number, Reference>();

  return {
    of(num: number): Reference {
      const kept = known.get(num);
      if (kept !== undefined) return kept;
      const label = Object.freeze<Reference>({ ...read.get({ num })!, type: 'Group' });
      if (known.size >= most) known.clear();
      known.set(num, label);
      return label;
    },
    /** Its name was written. */
    forget: (num: number): void => void known.delete(num),
  };
}
