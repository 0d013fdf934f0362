/**
 * Moments written down that a clock set wrong, or set right, would give another meaning.
 *
 * `settle`, at the start: what lies further ahead than it can is pulled back, or it would wait, or hold good, for as long
 * as the clock was wrong. `carry`, when time jumped ahead: departures of the last day stay as old as they were, so that a
 * jump does not empty the window of the limits and let as many go once more (G6).
 */
import type { Database } from 'better-sqlite3';
import { longestOverlapMs } from '../contract/source.ts';

const day = 86_400_000;
/** Longer than any retry waits, and than a server may ask us to. */
const longestWait = day;

export function settle(db: Database, now: number): void {
  const given = { now, wait: now + longestWait, overlap: now + longestOverlapMs };
  db.transaction(() => {
    db.prepare("UPDATE delivery SET due_at = @now WHERE state = 'ready' AND due_at > @wait").run(given);
    db.prepare('UPDATE source_token SET expires_at = @overlap WHERE expires_at > @overlap').run(given);
    db.prepare('UPDATE departure SET at = @now WHERE at > @now').run(given);
  }).immediate();
}

export function carry(db: Database, from: number, to: number): void {
  db.prepare('UPDATE departure SET at = at + @jump WHERE at > @since AND at <= @from').run({
    jump: to - from,
    since: from - day,
    from,
  });
}

/** What the clock is to call when it jumped ahead. */
export const carried =
  (db: Database, warn: (event: string, fields: { waitMs: number }) => void) =>
  (from: number, to: number): void => {
    warn('the clock jumped ahead', { waitMs: to - from });
    carry(db, from, to);
  };
