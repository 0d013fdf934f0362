/**
 * The tokens that work, by their hashes, and whose each is: 256 random bits a token, so its SHA-256 is all that is kept
 * (I7), and all that is compared, in constant time. The few there are live in memory: a request costs no query.
 *
 * No SQL here: sources.ts fills it from the database, and the door's own thread (doorworker.ts) from what it is told.
 */
import { hash as digest, timingSafeEqual } from 'node:crypto';

/** `expiresAt`: null for the current token of a source; else where its overlap after a rotation ends. */
export type Key = Readonly<{ hash: Uint8Array; source: string; expiresAt: number | null }>;

export const tokenHash = (token: string): Buffer => digest('sha256', token, 'buffer');

const works = ({ expiresAt }: Key, now: number): boolean => expiresAt === null || expiresAt > now;

export function keyring() {
  let keys: readonly Key[] = [];
  return {
    /** These are the keys from now on, and no others. */
    hold(these: readonly Key[]): void {
      keys = these;
    },
    held: (): readonly Key[] => keys,
    /** The source a token belongs to, if it still works. Every hash is looked at, whether or not one has matched. */
    ownerOf(token: string, now: number): string | undefined {
      const hash = tokenHash(token);
      let source: string | undefined;
      for (const key of keys) {
        const same = timingSafeEqual(key.hash, hash);
        if (same && works(key, now)) source = key.source;
      }
      return source;
    },
    /** Whether any token of the source still works. */
    isKnown: (source: string, now: number): boolean => keys.some((key) => key.source === source && works(key, now)),
  };
}
