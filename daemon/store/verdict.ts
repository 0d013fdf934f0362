/**
 * How a push is judged: first everything that could refuse it is read and weighed, then it is written. A refusal is
 * thrown before the first write, so it changes nothing (I2), and no savepoint is needed around each push of a batch.
 */
import type { Push, Stored } from '../core/directory.ts';
import { PreconditionFailed } from '../errors.ts';

/** What a push would do, decided. `write` runs in the same transaction and cannot be refused any more. */
export type Verdict = Readonly<{
  status: 200 | 201 | 204;
  id: string;
  /** Goes into the journal entry beside the push, to be read by people. */
  note?: Readonly<Record<string, unknown>>;
  /** `seq` is the push's journal entry. */
  write(seq: number): Effect;
}>;
export type Effect = Readonly<{ version: number; changed: boolean; stored?: Stored }>;

/** What a verdict may use of the world beside the rows: the id to give, and the time. */
export type Moment = Readonly<{ newId: () => string; at: number }>;

/** RFC 7644 §3.14, RFC 9110 §13.1.1. Our versions are weak tags of a number: `W/"3"`. */
export const tagOf = (version: number): string => `W/"${version}"`;

/** Whether one of the tags of an If-Match or If-None-Match header is of this version; weakly compared. */
export const tagged = (header: string, version: number): boolean =>
  header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${version}"`);

/** Both are asked, the one before the other (RFC 9110 §13.2.2). @throws PreconditionFailed */
export function mustMatch({ ifMatch, ifNoneMatch, kind, id }: Omit<Push, 'source' | 'method'>, version: number): void {
  const refuse = (why: string) =>
    new PreconditionFailed(`${kind} "${id}" is at version ${tagOf(version)} now, which ${why}; read it again`);
  if (ifMatch !== undefined && !tagged(ifMatch, version)) throw refuse(`If-Match ${ifMatch} does not name`);
  if (ifNoneMatch !== undefined && tagged(ifNoneMatch, version)) throw refuse(`If-None-Match ${ifNoneMatch} excludes`);
}
