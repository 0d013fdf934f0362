/**
 * The lookout: says whether what every plan rests on is still as it was, so that planning one person again need not read it.
 *
 * Temporary triggers mark each change of the groups, the catalogue, the corrections and the groups in Steeple with a random
 * word. They cost no page of the disk; and since the words are in a table, a rollback takes them back with what they stand
 * for, which a counter in memory would not. A write of another connection shows in SQLite's own data_version.
 *
 * Call it outside a transaction: the triggers would vanish with a rollback.
 */
import type { Database } from 'better-sqlite3';

export type Lookout = ReturnType<typeof lookout>;
/** 'sources': groups, what is inside them, the catalogue, corrections. 'steeple': the groups it holds. */
type Sight = 'sources' | 'steeple';

/** What is watched: the table, and of an update the columns that matter; who is in a group is not among them. */
const watched: readonly (readonly [sight: Sight, table: string, columns: readonly string[]])[] = [
  ['sources', 'team', ['id', 'source', 'display_name', 'external_id', 'state']],
  ['sources', 'nesting', ['team', 'child']],
  ['sources', 'community', ['id', 'name']],
  ['sources', 'correction', ['target', 'attribute', 'given', 'sent']],
  ['steeple', 'observed_group', ['steeple_id', 'display_name', 'external_id', 'target']],
];

export function lookout(db: Database) {
  db.exec(`
    CREATE TEMP TABLE IF NOT EXISTS sighting (sight TEXT PRIMARY KEY, word TEXT NOT NULL) STRICT, WITHOUT ROWID;
    INSERT OR IGNORE INTO sighting VALUES ('sources', hex(randomblob(8))), ('steeple', hex(randomblob(8)));`);
  for (const [sight, table, columns] of watched) {
    const mark = `BEGIN UPDATE sighting SET word = hex(randomblob(8)) WHERE sight = '${sight}'; END`;
    const differs = columns.map((column) => `OLD.${column} IS NOT NEW.${column}`).join(' OR ');
    db.exec(`
      CREATE TEMP TRIGGER IF NOT EXISTS ${table}_came AFTER INSERT ON main.${table} ${mark};
      CREATE TEMP TRIGGER IF NOT EXISTS ${table}_went AFTER DELETE ON main.${table} ${mark};
      CREATE TEMP TRIGGER IF NOT EXISTS ${table}_turned AFTER UPDATE OF ${columns.join(', ')} ON main.${table}
        WHEN ${differs} ${mark};`);
  }
  const word = db.prepare<{ sight: Sight }, string>('SELECT word FROM sighting WHERE sight = @sight').pluck();
  const elsewhere = db.prepare<[], number>('PRAGMA data_version').pluck();

  return {
    /** What `make` gave, as long as nothing in sight has changed and it is asked about the same thing. */
    remembering<A, T>(sight: Sight, make: (about: A) => T): (about: A) => T {
      let known: Readonly<{ about: A; word: string; made: T }> | undefined;
      return (about) => {
        const now = `${elsewhere.get()} ${word.get({ sight })}`;
        if (known?.about !== about || known.word !== now) known = { about, word: now, made: make(about) };
        return known.made;
      };
    },
  };
}
