/** Identity providers as the relay knows them: their addresses, tokens and limits. */
import { z } from 'zod';
import { call, none, reason } from './call.ts';

export const SourceKind = z.enum(['entra', 'okta', 'scim']);
export type SourceKind = z.infer<typeof SourceKind>;

/** An address, or a range of them as CIDR has it: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
export const AddressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
/** An address without what a socket adds: how IPv6 writes an IPv4 one, on a listener for both, and a zone, which says on which cable. */
export const plainAddress = (seen: string): string => seen.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

export const Source = z.object({
  id: z.string(),
  kind: SourceKind,
  name: z.string(),
  state: z.enum(['active', 'revoked']),
  createdAt: z.int(),
  lastSeenAt: z.int().nullable(),
  users: z.int(),
  groups: z.int(),
  /** When the token replaced by the last rotation stops working. */
  oldTokenUntil: z.int().nullable(),
  /** From where its requests are taken; null: from anywhere. */
  allow: z.array(z.string()).nullable(),
  /** Requests a second; null: as many as come. */
  rate: z.int().nullable(),
  /** What it was refused since the relay was started; a look at something that is not there is no refusal. */
  refusals: z.object({ count: z.int(), lastAt: z.int().nullable(), detail: z.string().nullable() }),
});
export type Source = z.infer<typeof Source>;

/** Shown once; only a hash is kept. */
export const SourceSecret = z.object({ id: z.string(), tenantUrl: z.string(), secretToken: z.string() });
export type SourceSecret = z.infer<typeof SourceSecret>;

/** A token that was rotated may go on working for thirty days. */
export const longestOverlapMs = 24 * 30 * 3_600_000;

export const sourceCalls = {
  'source.add': call(
    z.strictObject({ kind: SourceKind, name: z.string().min(1).max(100), by: z.string() }),
    SourceSecret,
  ),
  'source.list': call(none, z.array(Source)),
  'source.rotate': call(
    z.strictObject({
      id: z.string(),
      overlapHours: z
        .number()
        .min(0)
        .max(longestOverlapMs / 3_600_000)
        .default(24),
      reason,
      by: z.string(),
    }),
    SourceSecret,
  ),
  'source.set': call(
    z.strictObject({
      id: z.string(),
      allow: z.array(AddressRange).min(1).max(1000).nullable().optional(),
      rate: z.int().min(1).max(100_000).nullable().optional(),
      by: z.string(),
    }),
    Source,
  ),
  'source.revoke': call(z.strictObject({ id: z.string(), reason, by: z.string() }), Source),
} as const;
