/**
 * gzip, both ways (RFC 9110 §8.4): large answers for who asks, as Okta does, and bodies of who sends it.
 *
 * Only for SCIM and the page's own files (assets.ts): what they hold is no token, so there is nothing that a length could
 * give away.
 */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Malformed, TooLarge } from '../errors.ts';

/** What fits into one packet arrives no sooner when it is smaller, and most answers do: a person, a page of one. */
export const worthwhile = 1400;

const pack = promisify(gzip) as (text: string) => Promise<Buffer>;
const unpack = promisify(gunzip);

const taken = /(?:^|[,\s])(?:x-)?gzip\s*(?:;\s*q=([\d.]+)\s*)?(?:,|$)/i;

/** Whether the client says that it reads gzip, and not that it would rather not. */
export function takesGzip({ headers }: IncomingMessage): boolean {
  const [found, weight = '1'] = taken.exec(String(headers['accept-encoding'] ?? '')) ?? [];
  return found !== undefined && Number(weight) > 0;
}

export const zip = (text: string): Promise<Buffer> => pack(text);

/** The body as it was before it was packed, or why it cannot be had. No more than `limit` bytes are made of it. */
export async function unzip(bytes: Buffer, limit: number): Promise<Buffer | Malformed | TooLarge> {
  try {
    return await unpack(bytes, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof RangeError)
      return new TooLarge(`Unpacked, the body is larger than the ${limit} bytes the relay reads; send less at a time`);
    return new Malformed('invalidSyntax', 'The body is not whole gzip, as Content-Encoding says', { cause });
  }
}
