/**
 * How a browser gets in: a one-time ticket, which only somebody who can open the admin socket can ask for, is changed
 * for a session. Both live in memory: a restart logs everybody out.
 *
 * Only hashes are kept, and looked up by hash, so neither a heap dump's reader nor a stopwatch learns a live one.
 * The clock and the randomness come from the caller.
 */
import { createHash } from 'node:crypto';

/** `secret` gives 256 random bits as text that fits in a URL and a cookie. `now` is in milliseconds. */
export type Chance = Readonly<{ now: () => number; secret: () => string }>;
export type Tickets = ReturnType<typeof tickets>;
export type Sessions = ReturnType<typeof sessions>;
export type Session = Readonly<{ expiresAt: number; ended: AbortSignal }>;

export const ticketMs = 2 * 60_000;
const idleMs = 60 * 60_000;
const absoluteMs = 12 * 60 * 60_000;
// More than people have browsers; without a bound, whoever may ask for tickets could fill the memory.
const most = 100;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64');

export function tickets({ now, secret }: Chance) {
  const open = new Map<string, number>();
  return {
    issue(): { ticket: string; expiresAt: number } {
      const ticket = secret();
      const expiresAt = now() + ticketMs;
      forgetOldest(open, () => {});
      open.set(hashOf(ticket), expiresAt);
      return { ticket, expiresAt };
    },
    /** True once for each ticket, and only in its two minutes. */
    redeem(ticket: string): boolean {
      const key = hashOf(ticket);
      const expiresAt = open.get(key);
      open.delete(key);
      return expiresAt !== undefined && now() < expiresAt;
    },
  };
}

/** A session ends after an hour without a call, twelve hours after it began, or when it is logged out. */
export function sessions({ now, secret }: Chance) {
  type Open = { readonly until: number; idleUntil: number; readonly ended: AbortController };
  const open = new Map<string, Open>();
  const end = (key: string) => {
    open.get(key)?.ended.abort();
    open.delete(key);
  };
  /** Ends what has run out, so that its event streams close too. */
  const sweep = () => {
    for (const [key, { until, idleUntil }] of open) if (now() >= Math.min(until, idleUntil)) end(key);
  };
  const shown = ({ until, idleUntil, ended }: Open): Session => ({
    expiresAt: Math.min(until, idleUntil),
    ended: ended.signal,
  });
  return {
    start(): Session & { id: string } {
      const id = secret();
      const begun = { until: now() + absoluteMs, idleUntil: now() + idleMs, ended: new AbortController() };
      forgetOldest(open, end);
      open.set(hashOf(id), begun);
      return { id, ...shown(begun) };
    },
    /** The session of that id, if it still lives; looking counts as use. */
    find(id: string): Session | undefined {
      sweep();
      const found = open.get(hashOf(id));
      if (found === undefined) return undefined;
      found.idleUntil = now() + idleMs;
      return shown(found);
    },
    end: (id: string): void => end(hashOf(id)),
    sweep,
  };
}

/** Maps keep the order of insertion, so the first key is the oldest. */
function forgetOldest(open: Map<string, unknown>, end: (key: string) => void): void {
  for (const key of open.keys()) {
    if (open.size < most) return;
    end(key);
    open.delete(key);
  }
}
