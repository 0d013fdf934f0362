/**
 * Who of the sources may come in just now: from which addresses, and how many requests a second. And what each was
 * refused since the start, so that an admin sees a source that fails.
 *
 * In memory only, and refusals are counted, not journaled: whoever sends too much must not be able to fill the disk (I10).
 * What is allowed is kept by sources.ts, which tells this room of every change.
 */
import { BlockList, isIP } from 'node:net';
import { plainAddress } from '../contract/source.ts';
import { Forbidden, TooManyRequests } from '../errors.ts';

/** Null: from anywhere; as many as come. */
export type Limits = Readonly<{ allow: readonly string[] | null; rate: number | null }>;
export type Refusals = Readonly<{ count: number; lastAt: number | null; detail: string | null }>;
type Bucket = { tokens: number; at: number };

const none: Refusals = { count: 0, lastAt: null, detail: null };
const longestDetail = 300;
/** So many seconds' worth may come at once: a provider's cycle begins with a burst. */
const burst = 2;

export function admission() {
  const known = new Map<string, Limits & Readonly<{ ranges: BlockList | undefined; bucket: Bucket | undefined }>>();
  const refused = new Map<string, Refusals>();

  return {
    /** What holds from now on. Limits that did not change go on as they were. */
    set(source: string, { allow, rate }: Limits): void {
      const before = known.get(source);
      if (allow === null && rate === null) known.delete(source);
      else
        known.set(source, {
          allow,
          rate,
          ranges: allow === null ? undefined : listOf(allow),
          bucket: rate === null ? undefined : rate === before?.rate ? before.bucket : { tokens: rate * burst, at: 0 },
        });
    },
    /**
     * Lets a request in, or says why not.
     * @param address where it came from, as far as trusted proxies tell; asked only when it matters, as is the time
     * @throws Forbidden, or TooManyRequests with the seconds until there is room
     */
    admit(source: string, address: () => string | undefined, now: () => number): void {
      const limits = known.get(source);
      if (limits === undefined) return;
      if (limits.ranges) mustBeIn(limits.ranges, address() ?? '', source);
      if (limits.bucket && limits.rate !== null) take(limits.bucket, limits.rate, now());
    },
    refused(source: string, detail: string, now: number): void {
      const { count } = refused.get(source) ?? none;
      refused.set(source, { count: count + 1, lastAt: now, detail: detail.slice(0, longestDetail) });
    },
    refusals: (source: string): Refusals => refused.get(source) ?? none,
  };
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function mustBeIn(ranges: BlockList, seen: string, source: string): void {
  const address = plainAddress(seen);
  const family = isIP(address);
  if (family !== 0 && ranges.check(address, family === 6 ? 'ipv6' : 'ipv4')) return;
  throw new Forbidden(
    `Requests of the source "${source}" are not taken from ${address || 'an unknown address'}; ` +
      'an admin of the relay says from where they are: source set --allow',
  );
}

/** A bucket that fills with `rate` a second; a clock that is set back adds nothing. */
function take(bucket: Bucket, rate: number, now: number): void {
  bucket.tokens = Math.min(rate * burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * rate);
  bucket.at = now;
  if (bucket.tokens < 1) {
    // Whole seconds: Okta takes nothing else (Okta documentation).
    const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / rate));
    throw new TooManyRequests(
      `More than ${rate} requests a second; come back in ${seconds} s, or have an admin of the relay allow more: source set --rate`,
      seconds,
    );
  }
  bucket.tokens -= 1;
}
