/**
 * How a browser gets in: a one-time ticket, which only somebody who can open the admin socket can ask for, is changed
 * for a session. Both live in memory: a restart logs everybody out. A ticket is issued for one named person, and the session
 * it opens is theirs: what is done in it is done in that name (http/console.ts).
 *
 * Only hashes are kept, and looked up by hash, so neither a heap dump's reader nor a stopwatch learns a live one.
 * The clock and the randomness come from the caller.
 */
import { createHash } from 'node:crypto';

/** `secret` gives 256 random bits as text that fits in a URL and a cookie. `now` is in milliseconds. */
export type Chance = Readonly<{ now: () => number; secret: () => string }>;
export type Tickets = ReturnType<typeof tickets>;
export type Sessions = ReturnType<typeof sessions>;
/** `label` tells one session from another, and is no secret. */
export type Session = Readonly<{ name: string; label: string; expiresAt: number; ended: AbortSignal }>;

export const ticketMs = 2 * 60_000;
const idleMs = 60 * 60_000;
const absoluteMs = 12 * 60 * 60_000;
// More than people have browsers; without a bound, whoever may ask for tickets could fill the memory.
const most = 100;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64');

export function tickets({ now, secret }: Chance) {
  const open = new Map<string, { name: string; expiresAt: number }>();
  return {
    issue(name: string): { ticket: string; expiresAt: number } {
      const ticket = secret();
      const expiresAt = now() + ticketMs;
      forgetOldest(open, () => {});
      open.set(hashOf(ticket), { name, expiresAt });
      return { ticket, expiresAt };
    },
    /** Whose it is: once for each ticket, and only in its two minutes. */
    redeem(ticket: string): string | undefined {
      const key = hashOf(ticket);
      const found = open.get(key);
      open.delete(key);
      return found !== undefined && now() < found.expiresAt ? found.name : undefined;
    },
  };
}

/** A session ends after an hour without a call, twelve hours after it began, or when it is logged out. */
export function sessions({ now, secret }: Chance) {
  type Open = {
    readonly name: string;
    readonly label: string;
    readonly until: number;
    idleUntil: number;
    readonly ended: AbortController;
  };
  const open = new Map<string, Open>();
  const end = (key: string) => {
    open.get(key)?.ended.abort();
    open.delete(key);
  };
  /** Ends what has run out, so that its event streams close too. */
  const sweep = () => {
    for (const [key, { until, idleUntil }] of open) if (now() >= Math.min(until, idleUntil)) end(key);
  };
  const shown = ({ name, label, until, idleUntil, ended }: Open): Session => ({
    name,
    label,
    expiresAt: Math.min(until, idleUntil),
    ended: ended.signal,
  });
  return {
    start(name: string): Session & { id: string } {
      const id = secret();
      const label = hashOf(id).slice(0, 16);
      const begun = { name, label, until: now() + absoluteMs, idleUntil: now() + idleMs, ended: new AbortController() };
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
