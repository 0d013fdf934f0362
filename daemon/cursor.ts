/**
 * Cursors (RFC 9865): a place in a list, sealed, so that paging needs no state here and stays where it was while others
 * come and go.
 *
 * A place is encrypted and authenticated (AES-256-GCM) together with a digest of the question it belongs to: a cursor
 * that was changed, guessed, given to another source or used with another filter is no cursor. The key lives as long as
 * the process; a cursor made before the last start is told from a wrong one by the key's name in front, and has expired.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { z } from 'zod';
import { Malformed } from './errors.ts';

/** Where the next page begins: behind `num` of the `kind`-th kind asked for; `key` is what a sorted list goes by. */
export type Mark = Readonly<{ kind: number; num: number; key: string | number | null; total: number }>;
export type Cursors = ReturnType<typeof cursors>;

const Mark = z.tuple([z.int().min(0), z.int().min(0), z.union([z.string(), z.number(), z.null()]), z.int().min(0)]);

const nameLength = 6;
const nonceLength = 12;
const tagLength = 16;

/**
 * @param key 32 random bytes
 * @param random so many random bytes
 */
export function cursors(key: Buffer, random: (bytes: number) => Buffer) {
  const name = createHash('sha256').update('cursor').update(key).digest().subarray(0, nameLength);
  const about = (question: readonly unknown[]) => createHash('sha256').update(JSON.stringify(question)).digest();

  return {
    /** Letters, digits, `-` and `_` only, as RFC 9865 §2 has it. */
    seal({ kind, num, key: at, total }: Mark, question: readonly unknown[]): string {
      const nonce = random(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength }).setAAD(about(question));
      const sealed = Buffer.concat([cipher.update(JSON.stringify([kind, num, at, total])), cipher.final()]);
      return Buffer.concat([name, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    /** @throws Malformed invalidCursor or expiredCursor */
    open(cursor: string, question: readonly unknown[]): Mark {
      const bytes = Buffer.from(cursor, 'base64url');
      const start = nameLength + nonceLength + tagLength;
      const wrong = () =>
        new Malformed(
          'invalidCursor',
          'The cursor is not one that was given for this query; begin again with an empty "cursor", and change nothing else',
        );
      // Decoding forgives stray characters; a cursor has none.
      if (bytes.length <= start || bytes.toString('base64url') !== cursor) throw wrong();
      if (!bytes.subarray(0, nameLength).equals(name))
        throw new Malformed('expiredCursor', 'The relay was started anew since; begin again with an empty "cursor"');
      const nonce = bytes.subarray(nameLength, nameLength + nonceLength);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
        .setAAD(about(question))
        .setAuthTag(bytes.subarray(nameLength + nonceLength, start));
      try {
        const text = Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]).toString();
        const [kind, num, at, total] = Mark.parse(JSON.parse(text));
        return { kind, num, key: at, total };
      } catch {
        throw wrong();
      }
    },
  };
}
