/**
 * What keeps the relay from storing what is pushed, for `/readyz` and whoever watches (I4).
 *
 * A full disk or a lost mount may be over any moment, and while the relay says that it is not ready nobody may push to it:
 * so whoever asks has it tried again. A damaged file does not heal: that stays until a restart, with another file.
 */
import Sqlite, { type Database } from 'better-sqlite3';
import { Unavailable } from '../errors.ts';
import { unavailable } from './db.ts';

export type Trouble = ReturnType<typeof trouble>;

export function trouble(db: Database) {
  const probe = db.prepare("INSERT OR REPLACE INTO setting (key, value) VALUES ('probe', hex(randomblob(2048)))");
  let problem: Unavailable | undefined;
  const lasting = () =>
    problem?.cause instanceof Sqlite.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(problem.cause.code);

  return {
    /** Something failed. What is no trouble of disk or file is somebody else's business. */
    met(failure: unknown): void {
      const found = failure instanceof Unavailable ? failure : unavailable(failure);
      if (found?.cause instanceof Sqlite.SqliteError && !lasting()) problem = found;
    },
    /** Something was stored. */
    over(): void {
      if (!lasting()) problem = undefined;
    },
    known: (): string | undefined => problem?.message,
    /** As known, but where it may be over by now it is tried. Writes only when there is doubt. */
    now(): string | undefined {
      if (problem === undefined || lasting()) return problem?.message;
      try {
        probe.run();
        problem = undefined;
      } catch (failure) {
        problem = unavailable(failure) ?? problem;
      }
      return problem?.message;
    },
  };
}
