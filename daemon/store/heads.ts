/**
 * How many people of each source are active, how many accounts are in each group in Steeple, and how many of them are ours, kept
 * up by temporary triggers: the limits ask for it whenever somebody may lose something, and counting takes longer than all
 * the rest of planning one person; and every status asks how many are ours, while those are taken back.
 *
 * People are counted once, a slice at a time (`count`), and the triggers see to those a slice has come to; a group, and what
 * is ours, when it is first asked for. It is all in temporary tables, so
 * a rollback takes back what it counted, and no page of the disk is written. Call it outside a transaction, as lookout.ts.
 */
import type { Database } from 'better-sqlite3';
import { countOurs, type Ours } from './observed.ts';

export type Heads = ReturnType<typeof heads>;
/** About two milliseconds. */
const slice = 5000;
const whole = Number.MAX_SAFE_INTEGER;

export function heads(db: Database) {
  const isCounted = (row: 'OLD' | 'NEW') => `${row}.num <= (SELECT through FROM head_counting)`;
  const add = `INSERT INTO head (source, n) VALUES (NEW.source, 1) ON CONFLICT (source) DO UPDATE SET n = n + 1;`;
  const take = 'UPDATE head SET n = n - 1 WHERE source = OLD.source;';
  const origins = ['created', 'adopted'] as const;
  const tell = (sign: '+' | '-', row: 'OLD' | 'NEW') =>
    `UPDATE ours SET ${origins.map((one) => `${one} = ${one} ${sign} (${row}.active = 1 AND ${row}.origin IS '${one}')`)};`;
  db.exec(`
    CREATE TEMP TABLE IF NOT EXISTS ours (created INTEGER NOT NULL, adopted INTEGER NOT NULL) STRICT;
    CREATE TEMP TRIGGER IF NOT EXISTS ours_came AFTER INSERT ON main.observed_user WHEN NEW.origin IS NOT NULL
      BEGIN ${tell('+', 'NEW')} END;
    CREATE TEMP TRIGGER IF NOT EXISTS ours_went AFTER DELETE ON main.observed_user WHEN OLD.origin IS NOT NULL
      BEGIN ${tell('-', 'OLD')} END;
    CREATE TEMP TRIGGER IF NOT EXISTS ours_turned AFTER UPDATE OF active, origin ON main.observed_user
      WHEN OLD.active <> NEW.active OR OLD.origin IS NOT NEW.origin
      BEGIN ${tell('-', 'OLD')} ${tell('+', 'NEW')} END;
    CREATE TEMP TABLE IF NOT EXISTS head (source TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TEMP TABLE IF NOT EXISTS head_counting (
      one     INTEGER PRIMARY KEY CHECK (one = 1),
      through INTEGER NOT NULL,                   -- up to this number everybody is counted, and the triggers go on with it
      version INTEGER NOT NULL                    -- another one: somebody else wrote to the database
    ) STRICT;
    INSERT OR IGNORE INTO head_counting VALUES (1, 0, 0);
    CREATE TEMP TABLE IF NOT EXISTS roll (grp INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
    CREATE TEMP TRIGGER IF NOT EXISTS roll_came AFTER INSERT ON main.observed_member
      BEGIN UPDATE roll SET n = n + 1 WHERE grp = NEW.grp; END;
    CREATE TEMP TRIGGER IF NOT EXISTS roll_went AFTER DELETE ON main.observed_member
      BEGIN UPDATE roll SET n = n - 1 WHERE grp = OLD.grp; END;
    CREATE TEMP TRIGGER IF NOT EXISTS head_came AFTER INSERT ON main.person
      WHEN NEW.state = 'active' AND ${isCounted('NEW')} BEGIN ${add} END;
    CREATE TEMP TRIGGER IF NOT EXISTS head_went AFTER DELETE ON main.person
      WHEN OLD.state = 'active' AND ${isCounted('OLD')} BEGIN ${take} END;
    CREATE TEMP TRIGGER IF NOT EXISTS head_woke AFTER UPDATE OF state ON main.person
      WHEN OLD.state <> 'active' AND NEW.state = 'active' AND ${isCounted('NEW')} BEGIN ${add} END;
    CREATE TEMP TRIGGER IF NOT EXISTS head_slept AFTER UPDATE OF state ON main.person
      WHEN OLD.state = 'active' AND NEW.state <> 'active' AND ${isCounted('NEW')} BEGIN ${take} END;`);
  const counting = db.prepare<[], { through: number; version: number }>('SELECT through, version FROM head_counting');
  const move = db.prepare<{ through: number; version: number }>(
    'UPDATE head_counting SET through = @through, version = @version',
  );
  const forget = ['head', 'roll', 'ours'].map((table) => db.prepare<[]>(`DELETE FROM ${table}`));
  const roll = db.prepare<{ grp: number }, number>('SELECT n FROM roll WHERE grp = @grp').pluck();
  const call = db.prepare<{ grp: number }>(
    'INSERT INTO roll (grp, n) SELECT @grp, count(*) FROM observed_member WHERE grp = @grp',
  );
  // By the rows themselves: the index of the active ones does not say whose they are.
  const more = db.prepare<{ from: number; through: number }>(`
    INSERT INTO head (source, n) SELECT source, count(*) FROM person NOT INDEXED
    WHERE num > @from AND num <= @through AND state = 'active' GROUP BY source
    ON CONFLICT (source) DO UPDATE SET n = n + excluded.n`);
  const mine = db.prepare<[], Ours>('SELECT created, adopted FROM ours');
  const learn = db.prepare<[]>(`INSERT INTO ours (created, adopted) ${countOurs}`);
  const last = db.prepare<[], number | null>('SELECT max(num) FROM person').pluck();
  const counts = db.prepare<[], [string, number]>('SELECT source, n FROM head').raw();
  const elsewhere = db.prepare<[], number>('PRAGMA data_version').pluck();

  const goOn = db.transaction((): boolean => {
    const version = elsewhere.get() ?? 0;
    let { through, version: seen } = counting.get() ?? { through: 0, version };
    if (seen !== version) {
      for (const each of forget) each.run();
      through = 0;
    } else if (through === whole) return false;
    const end = last.get() ?? 0;
    if (through < end) more.run({ from: through, through: through + slice });
    const next = through + slice;
    move.run({ through: next >= end ? whole : next, version });
    return next < end;
  });

  const members = db.transaction((grp: number): number => {
    if (counting.get()?.version !== (elsewhere.get() ?? 0)) goOn();
    const known = roll.get({ grp });
    if (known === undefined) call.run({ grp });
    return known ?? roll.get({ grp }) ?? 0;
  });

  const ours = db.transaction((): Ours => {
    if (counting.get()?.version !== (elsewhere.get() ?? 0)) goOn();
    const known = mine.get();
    if (known === undefined) learn.run();
    return known ?? mine.get() ?? { created: 0, adopted: 0 };
  });

  return {
    /** Active accounts of ours, by what they first were. */
    ours: (): Ours => ours(),
    /** How many accounts are in a group in Steeple, ours or not, active or not. */
    members: (grp: number): number => members(grp),
    /** Counts some more people, if there are any to count; gives whether there are more. */
    count: (): boolean => goOn(),
    /** Those of each source; whoever is not counted yet is, first. */
    active(): ReadonlyMap<string, number> {
      while (goOn());
      return new Map(counts.all());
    },
  };
}
