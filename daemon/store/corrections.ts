/**
 * Corrections: what a person put in place of a value that Steeple refused (D5). It leaves instead of the source's value for
 * as long as the source gives that same value; a new one from the source wins, and the correction is forgotten.
 *
 * Read wherever what should be in Steeple is worked out, so that preview, plan and delivery agree. All inside the caller's
 * transaction. Read next: letters.ts (who makes them), pairing.ts and world.ts (who reads them).
 */
import type { Database } from 'better-sqlite3';
import type { Correction } from '../contract/delivery.ts';
import type { Account } from '../core/account.ts';

export type Attribute = keyof Correction;
type Row = Readonly<{ num: number; person: number | null; target: string | null } & Substitute>;
type Substitute = Readonly<{ attribute: Attribute; given: string; sent: string }>;
export type Subject = Readonly<{ person: number; target: null } | { person: null; target: string }>;

export function corrections(db: Database) {
  const all = db.prepare<[], Row>('SELECT num, person, target, attribute, given, sent FROM correction');
  const forget = db.prepare<{ person: number | null; target: string | null; attribute: string }>(
    'DELETE FROM correction WHERE person IS @person AND target IS @target AND attribute = @attribute',
  );
  const put = db.prepare<Record<string, string | number | null>>(`
    INSERT INTO correction (person, target, attribute, given, sent, author, at)
    VALUES (@person, @target, @attribute, @given, @sent, @author, @at)`);
  const grouped = <K>(key: (row: Row) => K | null): ReadonlyMap<K, readonly Substitute[]> => {
    const map = new Map<K, Row[]>();
    for (const row of all.all()) {
      const at = key(row);
      if (at !== null) map.set(at, [...(map.get(at) ?? []), row]);
    }
    return map;
  };

  return {
    ofPeople: () => grouped(({ person }) => person),
    ofTargets: () => grouped(({ target }) => target),
    /** Another for the same attribute takes the place of the first. */
    put(subject: Subject, { attribute, given, sent }: Substitute, author: string, at: number): void {
      forget.run({ ...subject, attribute });
      if (given !== sent) put.run({ ...subject, attribute, given, sent, author, at });
    },
  };
}

/** What leaves for somebody. */
export function corrected(account: Account, substitutes: readonly Substitute[] = []): Account {
  const held = substitutes.filter(({ attribute, given }) => account[attribute] === given);
  return { ...account, ...Object.fromEntries(held.map(({ attribute, sent }) => [attribute, sent])) };
}
/** What a group is called in Steeple. */
export const correctedName = (name: string, substitutes: readonly Substitute[] = []): string =>
  substitutes.find(({ attribute, given }) => attribute === 'displayName' && given === name)?.sent ?? name;
