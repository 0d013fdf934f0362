/**
 * Slows down whoever guesses tokens, and nobody else. A right token is answered at once, whatever else comes from its
 * address: a provider is never locked out, not even by somebody who guesses from behind the same proxy.
 *
 * What is kept back is the refusal. The first few from an address cost nothing, for a provider that still has yesterday's
 * token; then each waits twice as long as the one before. Only so many wait at once: past that they are refused without
 * waiting, or the waiting itself would use up the connections that the provider needs.
 *
 * In memory, and bounded: whoever guesses from many addresses only makes it forget.
 */
import { isIP } from 'node:net';

const free = 5;
const firstMs = 100;
const longestMs = 3_000;
const forgetMs = 15 * 60_000;
const mostAddresses = 10_000;
const mostWaiting = 64;

export type Guessing = ReturnType<typeof guessing>;

export function guessing(now: () => number) {
  const wrong = new Map<string, { count: number; at: number }>();
  let waiting = 0;

  /** How long this refusal is to be kept back, in milliseconds. */
  function delayOf(address: string): number {
    const key = network(address);
    const before = wrong.get(key);
    const count = before && Math.abs(now() - before.at) < forgetMs ? before.count + 1 : 1;
    wrong.delete(key); // the one that guessed last is forgotten last
    wrong.set(key, { count, at: now() });
    for (const oldest of wrong.keys()) {
      if (wrong.size <= mostAddresses) break;
      wrong.delete(oldest);
    }
    return count <= free ? 0 : Math.min(longestMs, firstMs * 2 ** Math.min(count - free - 1, 10));
  }
  return {
    /** Calls `refuse` when the refusal may go out: at once, or later. Counts the guess. */
    later(address: string, refuse: () => void): void {
      const delay = delayOf(address);
      if (delay === 0 || waiting >= mostWaiting) {
        refuse();
        return;
      }
      waiting += 1;
      setTimeout(() => {
        waiting -= 1;
        refuse();
      }, delay);
    },
    /** For tests and metrics. */
    waiting: (): number => waiting,
  };
}

/** An IPv6 customer has a whole /64 to guess from (RFC 6177), so that counts as one. */
function network(address: string): string {
  if (isIP(address) !== 6 || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const parts = head.split(':');
  if (tail !== undefined)
    parts.push(...Array<string>(Math.max(0, 8 - parts.length - tail.split(':').length)).fill('0'));
  return parts.slice(0, 4).join(':');
}
