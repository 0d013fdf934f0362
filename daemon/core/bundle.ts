/**
 * Signed files: a bundle of held items for review on another machine, the reviewer's decisions on it, and undo files.
 *
 * Pure, and usable by a browser: the cryptography is WebCrypto's, passed in, and nothing is imported that a page may not
 * have. Shapes: contract/bundle.ts. A signature (Ed25519, RFC 8032) covers the format, the version and the exact text of the
 * body, so a file of one kind cannot pass for another. The key in a file proves nothing by itself: whoever opens a bundle
 * compares its fingerprint with the one they were told, and the relay looks up the reviewer's key by the bundle's number.
 *
 * Laws: G8 (who decided), G9 (what is stale is the relay's to say), S1 (no secret but the sealed key is in a file).
 */
import type { Bundle, Decisions, Envelope, ReviewerKey } from '../contract/bundle.ts';
import { Malformed } from '../errors.ts';
import { say } from './saying.ts';

export type Subtle = Pick<
  SubtleCrypto,
  'sign' | 'verify' | 'importKey' | 'generateKey' | 'exportKey' | 'deriveKey' | 'encrypt' | 'decrypt' | 'digest'
>;
export type Random = (bytes: number) => Uint8Array<ArrayBuffer>;
/** 32 bytes, and PKCS #8, as base64url. */
export type KeyPair = Readonly<{ publicKey: string; privateKey: string }>;
type Format = Envelope['format'];
type Sealed = Extract<ReviewerKey, { mode: 'passphrase' }>;

const algorithm = { name: 'Ed25519' } as const;
/** OWASP's figure for PBKDF2 with SHA-256. */
const iterations = 600_000;
const isFormat = (text: unknown): text is Format =>
  text === 'steeple-review' || text === 'steeple-decisions' || text === 'steeple-undo';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
export function toBase64(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string {
  const text = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
/** @throws Malformed */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
  } catch {
    throw refusal(say('file.unreadable'));
  }
}
export const refusal = (why: string): Malformed => new Malformed('invalidValue', why);

/** What two people can compare by reading it out: half of the key's SHA-256, in groups of four. */
export async function fingerprintOf(subtle: Subtle, publicKey: string): Promise<string> {
  const digest = new Uint8Array(await subtle.digest('SHA-256', fromBase64(publicKey)));
  const hex = Array.from(digest.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return (hex.match(/.{4}/g) ?? []).join('-');
}

export async function newKeyPair(subtle: Subtle): Promise<KeyPair> {
  const pair = (await subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  return {
    publicKey: toBase64(await subtle.exportKey('raw', pair.publicKey)),
    privateKey: toBase64(await subtle.exportKey('pkcs8', pair.privateKey)),
  };
}

/** Whether a text can be somebody's public key. */
export async function isPublicKey(subtle: Subtle, publicKey: string): Promise<boolean> {
  try {
    await subtle.importKey('raw', fromBase64(publicKey), algorithm, true, ['verify']);
    return true;
  } catch {
    return false;
  }
}

const signedBytes = (format: Format, body: string) => bytesOf(`${format}\n1\n${body}`);

/** The text of a signed file. */
export async function signed(subtle: Subtle, format: Format, body: unknown, pair: KeyPair): Promise<string> {
  const text = JSON.stringify(body);
  const key = await subtle.importKey('pkcs8', fromBase64(pair.privateKey), algorithm, false, ['sign']);
  const signature = toBase64(await subtle.sign(algorithm, key, signedBytes(format, text)));
  const envelope: Envelope = { format, version: 1, body: text, key: pair.publicKey, signature };
  return `${JSON.stringify(envelope)}\n`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What a signed file says, and whose key signed it. That this key is the right one is the caller's to know.
 * @throws Malformed for what is no such file, of a later version, or was changed after it was signed
 */
export async function opened(
  subtle: Subtle,
  text: string,
  format: Format,
): Promise<Readonly<{ body: unknown; key: string; fingerprint: string }>> {
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch {
    throw refusal(say('file.not-json', { file: format }));
  }
  if (!isRecord(envelope) || !isFormat(envelope.format)) throw refusal(say('file.not', { file: format }));
  if (envelope.format !== format) throw refusal(say('file.other', { other: envelope.format, file: format }));
  if (envelope.version !== 1) throw refusal(say('file.version', { version: String(envelope.version) }));
  const { body, key, signature } = envelope;
  if (typeof body !== 'string' || typeof key !== 'string' || typeof signature !== 'string')
    throw refusal(say('file.incomplete', { file: format }));
  const tampered = refusal(say('file.tampered'));
  let isGenuine = false;
  try {
    const known = await subtle.importKey('raw', fromBase64(key), algorithm, true, ['verify']);
    isGenuine = await subtle.verify(algorithm, known, fromBase64(signature), signedBytes(format, body));
  } catch {
    throw tampered; // a key or a signature of another length
  }
  if (!isGenuine) throw tampered;
  return { body: JSON.parse(body), key, fingerprint: await fingerprintOf(subtle, key) };
}

/**
 * A bundle, as a reviewer opens it. The fingerprint is to be compared with the one they were told.
 * @throws Malformed for a file that is no bundle, or was changed, or does not come from the relay it names
 */
export async function openBundle(
  subtle: Subtle,
  text: string,
): Promise<Readonly<{ bundle: Bundle; fingerprint: string }>> {
  const { body, fingerprint } = await opened(subtle, text, 'steeple-review');
  const bundle = body as Bundle; // signed by a relay, which writes no other
  if (bundle.relay !== fingerprint) throw refusal(say('bundle.other-relay'));
  return { bundle, fingerprint };
}

async function keyFrom(subtle: Subtle, passphrase: string, salt: Uint8Array<ArrayBuffer>, rounds: number) {
  const base = await subtle.importKey('raw', bytesOf(passphrase.normalize('NFKC').trim()), 'PBKDF2', false, [
    'deriveKey',
  ]);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** A private key under a passphrase. */
export async function sealedKey(
  subtle: Subtle,
  random: Random,
  pair: KeyPair,
  passphrase: string,
  rounds = iterations,
): Promise<Sealed> {
  const [salt, nonce] = [random(16), random(12)];
  const key = await keyFrom(subtle, passphrase, salt, rounds);
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, fromBase64(pair.privateKey));
  return {
    mode: 'passphrase',
    publicKey: pair.publicKey,
    salt: toBase64(salt),
    iterations: rounds,
    nonce: toBase64(nonce),
    sealed: toBase64(sealed),
  };
}

/** @throws Malformed where the passphrase is another */
export async function unsealedKey(subtle: Subtle, from: Sealed, passphrase: string): Promise<KeyPair> {
  if (!(from.iterations > 0 && from.iterations <= 10_000_000)) throw refusal(say('bundle.key'));
  const key = await keyFrom(subtle, passphrase, fromBase64(from.salt), from.iterations);
  try {
    const plain = await subtle.decrypt({ name: 'AES-GCM', iv: fromBase64(from.nonce) }, key, fromBase64(from.sealed));
    return { publicKey: from.publicKey, privateKey: toBase64(plain) };
  } catch {
    throw refusal(say('bundle.passphrase'));
  }
}

/**
 * The file of decisions on a bundle, to be taken back to the relay.
 * @throws Malformed for an expired bundle, a decision on what is not in it, or another's key
 */
export async function decisionsOn(
  subtle: Subtle,
  bundle: Bundle,
  decisions: Decisions['decisions'],
  pair: KeyPair,
  at: number,
): Promise<string> {
  if (at > bundle.expiresAt) throw refusal(expiredWords(bundle.expiresAt));
  const known = new Set(bundle.items.map(({ id }) => id));
  const stray = decisions.find(({ item }) => !known.has(item));
  if (stray) throw refusal(say('bundle.item', { item: stray.item }));
  if (decisions.some(({ reason }) => reason.trim() === '')) throw refusal(say('bundle.reason'));
  if (pair.publicKey !== bundle.signs.publicKey) throw refusal(say('bundle.not-yours', { reviewer: bundle.reviewer }));
  const body: Decisions = {
    bundle: bundle.id,
    relay: bundle.relay,
    reviewer: bundle.reviewer,
    at,
    decisions: [...decisions],
  };
  return signed(subtle, 'steeple-decisions', body, pair);
}

export const expiredWords = (expiresAt: number): string =>
  say('bundle.expired', { when: new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ') });
