/** Steeple, or the sandbox: where it is, and whether it answers. */
import { z } from 'zod';
import { call, none, reason } from './call.ts';
import { Said } from './said.ts';

/** What the upstream test found, in the order it looks. */
export const UpstreamVerdict = z.enum([
  'not-set',
  'cannot-connect',
  'tls',
  'not-scim',
  'token-refused',
  'sso-not-configured',
  'fine',
]);
export type UpstreamVerdict = z.infer<typeof UpstreamVerdict>;

export const UpstreamTest = z.object({
  verdict: UpstreamVerdict,
  detail: z.string(),
  remedy: z.string(),
  /** The same by code; null for what is not a sentence of ours. */
  detailSaid: Said.nullable().optional(),
  remedySaid: Said.nullable().optional(),
  users: z.int().nullable(),
  groups: z.int().nullable(),
});
export type UpstreamTest = z.infer<typeof UpstreamTest>;

export const Upstream = z.object({
  url: z.string().nullable(),
  token: z.boolean(),
  apiUrl: z.string().nullable(),
  apiToken: z.boolean(),
  /** Which store holds the tokens, in words: 'keychain', 'sealed file (…)'. */
  kept: z.string(),
});
export type Upstream = z.infer<typeof Upstream>;

export const upstreamCalls = {
  'upstream.set': call(
    z.strictObject({
      url: z.string().optional(),
      token: z.string().min(1).optional(),
      apiUrl: z.string().optional(),
      apiToken: z.string().min(1).optional(),
      reason,
      by: z.string(),
    }),
    Upstream.extend({ test: UpstreamTest }),
  ),
  'upstream.test': call(none, UpstreamTest),
  'upstream.show': call(none, Upstream),
  'upstream.clearToken': call(z.strictObject({ reason, by: z.string() }), Upstream),
} as const;
