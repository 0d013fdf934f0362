/**
 * Review on another machine: a signed bundle goes out, a signed file of decisions comes back.
 *
 * Both files are JSON text of one envelope: `{format, version, body, key, signature}`. `body` is itself JSON text, so the
 * signature (Ed25519, RFC 8032) covers exactly the bytes that are read. Binary values are base64url. `core/bundle.ts` reads
 * and writes them with nothing but WebCrypto, so a page can open a bundle and decide with no relay in sight.
 */
import { z } from 'zod';
import { call, none } from './call.ts';
import { Policy } from './policy.ts';
import { HeldFile, HeldFilter, HeldItem } from './review.ts';
import { Said } from './said.ts';

export const Envelope = z.strictObject({
  format: z.enum(['steeple-review', 'steeple-decisions', 'steeple-undo']),
  version: z.literal(1),
  body: z.string(),
  /** The signer's public key, 32 bytes. */
  key: z.string(),
  signature: z.string(),
});
export type Envelope = z.infer<typeof Envelope>;

/**
 * How a reviewer signs. 'passphrase': a key made for this bundle alone, sealed with AES-256-GCM under a key that PBKDF2
 * (SHA-256) makes of the passphrase the exporter tells the reviewer; not in the file. 'enrolled': the reviewer's own key.
 */
export const ReviewerKey = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('passphrase'),
    publicKey: z.string(),
    salt: z.string(),
    iterations: z.int(),
    nonce: z.string(),
    /** The private key as PKCS #8, encrypted; the tag is at its end, as WebCrypto has it. */
    sealed: z.string(),
  }),
  z.strictObject({ mode: z.literal('enrolled'), publicKey: z.string() }),
]);
export type ReviewerKey = z.infer<typeof ReviewerKey>;

/** The body of a 'steeple-review' envelope, signed by the relay. */
export const Bundle = z.strictObject({
  id: z.string(),
  /** The relay that made it: the fingerprint of its key, to be compared with the one that was told. */
  relay: z.string(),
  madeAt: z.int(),
  madeBy: z.string(),
  /** Decisions made later are refused. */
  expiresAt: z.int(),
  /** In whose name decisions count. */
  reviewer: z.string(),
  signs: ReviewerKey,
  /** What the journal had when it was made. */
  journal: z.int(),
  policy: Policy,
  items: z.array(HeldFile),
});
export type Bundle = z.infer<typeof Bundle>;

export const OfflineDecision = z.strictObject({
  item: z.int(),
  event: z.enum(['approve', 'keep']),
  reason: z.string().min(1).max(1000),
  until: z.int().nullable(),
});
export type OfflineDecision = z.infer<typeof OfflineDecision>;
/** The body of a 'steeple-decisions' envelope, signed by the reviewer's key. */
export const Decisions = z.strictObject({
  bundle: z.string(),
  relay: z.string(),
  reviewer: z.string(),
  at: z.int(),
  decisions: z.array(OfflineDecision).max(100_000),
});
export type Decisions = z.infer<typeof Decisions>;

/** Somebody who has a key pair of their own. */
export const Reviewer = z.object({
  name: z.string(),
  publicKey: z.string(),
  fingerprint: z.string(),
  enrolledBy: z.string(),
  enrolledAt: z.int(),
});
export type Reviewer = z.infer<typeof Reviewer>;

const by = z.string().min(1).max(200);
const reason = z.string().trim().min(1).max(1000);
const KeyView = z.object({ publicKey: z.string(), fingerprint: z.string() });
const text = z.string().max(30_000_000);

export const bundleCalls = {
  /** The relay's own key, made at first use. People compare the fingerprint before they trust a bundle. */
  'bundle.key': call(none, KeyView),
  /** `passphrase` left out: the relay makes one and gives it in the answer, once. For an enrolled reviewer there is none. */
  'review.export': call(
    z.strictObject({
      filter: HeldFilter,
      reviewer: z.string().min(1).max(200),
      passphrase: z.string().min(12).max(1000).optional(),
      days: z.number().min(0.01).max(90).default(7),
      by,
    }),
    z.object({
      id: z.string(),
      /** The file to write. */
      text: z.string(),
      items: z.int(),
      fingerprint: z.string(),
      expiresAt: z.int(),
      passphrase: z.string().nullable(),
    }),
  ),
  /** Applies what is unchanged, and says of each of the rest why it was not (G9). */
  'review.import': call(
    z.strictObject({ text, by }),
    z.object({
      bundle: z.string(),
      reviewer: z.string(),
      applied: z.array(HeldItem),
      rest: z.array(
        z.object({ item: z.int(), userName: z.string(), why: z.string(), said: Said.nullable().optional() }),
      ),
    }),
  ),
  'reviewer.list': call(none, z.array(Reviewer)),
  /** `publicKey`: 32 bytes as base64url, as `review keygen` prints it. */
  'reviewer.add': call(
    z.strictObject({ name: z.string().min(1).max(200), publicKey: z.string(), by }),
    z.array(Reviewer),
  ),
  'reviewer.remove': call(z.strictObject({ name: z.string(), reason, by }), z.array(Reviewer)),
} as const;
