/**
 * The one commit: journal and directory together, many pushes at a time, each judged on its own (I1).
 *
 * A refusal is an entry of its own, and changes nothing else (I2). A bug met by one push rolls the batch back, and the
 * batch is tried again one by one, so neighbours do not suffer. When the disk is full or the file is damaged nothing is
 * stored, everybody is told to come back, and `report` says it loudly (I4).
 *
 * Laws: I1, I2, I4, I7 (the journal's body is without passwords), I9 (one writer, one transaction), J2 (an entry holds
 * what it takes to do it again: see rebuild.ts). Read next: users.ts and groups.ts (how one push is judged).
 */
import type { Database } from 'better-sqlite3';
import { type Outcome, type Push, type Spoilt, timeOrdered } from '../core/directory.ts';
import { withoutPassword } from '../core/password.ts';
import { RelayError } from '../errors.ts';
import { unavailable } from './db.ts';
import { groups } from './groups.ts';
import type { Journal } from './journal.ts';
import type { Labels } from './labels.ts';
import type { Tally } from './tally.ts';
import { users } from './users.ts';
import type { Moment } from './verdict.ts';

export type World = Readonly<{
  /** A random UUID. */
  newId: () => string;
  now: () => number;
  /** Told of every failure that is not the provider's: for the log. */
  report: (cause: unknown, what: string) => void;
}>;

/** What reading keeps in memory, and writing has to keep in step. */
export type Kept = Readonly<{ totals: Tally; names: Labels }>;

/** The two judges, as a live commit and a replay both use them. */
export function judges(db: Database, { totals, names }: Kept) {
  const judge = { User: users(db, totals).judge, Group: groups(db, totals, names).judge };
  return (push: Push, moment: Moment) => judge[push.kind](push, moment);
}

/** Refused bodies are kept whole up to here, since who reads the refusal wants to see them. */
const keptCharacters = 16_384;

export function pushes(db: Database, journal: Journal, kept: Kept, { newId, now, report }: World) {
  const judge = judges(db, kept);

  function refuse(item: Push | Spoilt, reason: RelayError, at: number): Outcome {
    const { source, method, kind, id } = item;
    const why = { status: reason.status, scimType: reason.scimType, detail: reason.message };
    const body = 'reason' in item ? { bytes: item.bytes, sha256: item.sha256 } : { body: brief(item) };
    journal.append({ at, kind: 'refusal', source, subject: id, body: { method, kind, id, ...why, ...body } });
    return { ok: false, error: reason };
  }

  function one(item: Push | Spoilt, at: number): Outcome {
    if ('reason' in item) return refuse(item, item.reason, at);
    let verdict: ReturnType<typeof judge>;
    try {
      verdict = judge(item, { newId: () => timeOrdered(newId(), at), at });
    } catch (thrown) {
      if (thrown instanceof RelayError) return refuse(item, thrown, at);
      throw thrown;
    }
    const { source, method, kind, body } = item;
    const { id, status, note } = verdict;
    const seq = journal.append({
      at,
      kind: 'push',
      source,
      subject: id,
      body: { method, kind, id, ...note, ...(body && { body: withoutPassword(body) }) },
    });
    return { ok: true, status, seq, id, ...verdict.write(seq) };
  }

  const commit = db.transaction((items: readonly (Push | Spoilt)[]) => {
    const at = now();
    return items.map((item) => one(item, at));
  });

  function accept(items: readonly (Push | Spoilt)[]): readonly Outcome[] {
    try {
      return commit.immediate(items);
    } catch (cause) {
      journal.forget();
      kept.totals.forget();
      const trouble = unavailable(cause);
      if (trouble) {
        report(cause, `nothing of ${items.length} pushes was stored`);
        return items.map(() => ({ ok: false, error: trouble }));
      }
      if (items.length > 1) return items.flatMap((item) => accept([item]));
      report(cause, 'a push could not be stored');
      return [{ ok: false, error: cause instanceof Error ? cause : new Error(String(cause)) }];
    }
  }

  return {
    /** Commits all of it at once; when this resolves, what it says is on disk (I1). Never rejects. */
    accept: async (items: readonly (Push | Spoilt)[]): Promise<readonly Outcome[]> => accept(items),
  };
}

/** The body of a refused push as its journal entry shows it: whole, or its size where it is long. */
function brief({ body }: Push): unknown {
  if (body === undefined) return undefined;
  const stripped = withoutPassword(body);
  const { length } = JSON.stringify(stripped);
  return length > keptCharacters ? { characters: length } : stripped;
}
