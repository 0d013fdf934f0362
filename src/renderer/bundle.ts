/**
 * A bundle from another relay, opened and decided on in this page with no relay asked (G9 is that relay's to judge). What was
 * decided is remembered by the bundle's number, so a closed tab loses nothing; neither the file nor a key is kept anywhere.
 */
import { create } from 'zustand';
import type { Bundle, OfflineDecision } from '../../daemon/contract/bundle.ts';
import {
  decisionsOn,
  fingerprintOf,
  type KeyPair,
  newKeyPair,
  openBundle,
  unsealedKey,
} from '../../daemon/core/bundle.ts';
import type { Failure } from '../preload/contract.ts';
import { saveFile } from './files.ts';

/** `until`: of what is kept, the moment it is held again; null or absent: when the source changes its mind. */
export type Chosen = Readonly<{ event: OfflineDecision['event']; reason: string; until?: number | null }>;
type State = Readonly<{
  bundle: Bundle | undefined;
  fingerprint: string;
  failure: Failure | undefined;
  decisions: ReadonlyMap<number, Chosen>;
  open(text: string): Promise<void>;
  close(): void;
  decide(item: number, chosen: Chosen | undefined): void;
  /** Signs and saves what was decided. `secret`: the passphrase, or the text of the reviewer's own key file. */
  sign(secret: string, reason: string): Promise<Failure | undefined>;
}>;

const remembered = (id: string): string => `steeple-companion.bundle.${id}`;
function recall(id: string): ReadonlyMap<number, Chosen> {
  try {
    return new Map(JSON.parse(localStorage.getItem(remembered(id)) ?? '[]') as [number, Chosen][]);
  } catch {
    return new Map(); // written by another version
  }
}

/** What core/bundle.ts throws says why, by code too. */
function refused(thrown: unknown): Failure {
  const { message, said } = thrown as Error & Pick<Failure, 'said'>;
  return { ok: false, code: 'malformed', message, ...(said && { said }) };
}

export const useBundle = create<State>()((set, get) => ({
  bundle: undefined,
  fingerprint: '',
  failure: undefined,
  decisions: new Map(),
  async open(text) {
    try {
      const { bundle, fingerprint } = await openBundle(crypto.subtle, text);
      set({ bundle, fingerprint, failure: undefined, decisions: recall(bundle.id) });
    } catch (thrown) {
      set({ failure: refused(thrown) });
    }
  },
  close() {
    set({ bundle: undefined, failure: undefined, decisions: new Map() });
  },
  decide(item, chosen) {
    const { bundle } = get();
    const decisions = new Map(get().decisions);
    if (chosen === undefined) decisions.delete(item);
    else decisions.set(item, chosen);
    if (bundle !== undefined) localStorage.setItem(remembered(bundle.id), JSON.stringify([...decisions]));
    set({ decisions });
  },
  async sign(secret, reason) {
    const { bundle, decisions } = get();
    if (bundle === undefined) return undefined;
    try {
      const pair =
        bundle.signs.mode === 'enrolled' ? keyIn(secret) : await unsealedKey(crypto.subtle, bundle.signs, secret);
      const all = [...decisions].map(([item, one]) => ({
        item,
        event: one.event,
        reason: one.reason.trim() || reason,
        until: one.event === 'keep' ? (one.until ?? null) : null,
      }));
      const text = await decisionsOn(crypto.subtle, bundle, all, pair, Date.now());
      saveFile(`decisions-${bundle.id}.json`, 'application/json', text);
      localStorage.removeItem(remembered(bundle.id));
      return undefined;
    } catch (thrown) {
      return refused(thrown);
    }
  },
}));

/** @throws where the text is no key file; the page has looked before */
const keyIn = (text: string): KeyPair => JSON.parse(text) as KeyPair;

/** Whether a text is what `review keygen` writes. */
export function isKeyFile(text: string): boolean {
  try {
    const { publicKey, privateKey } = JSON.parse(text) as Partial<KeyPair>;
    return typeof publicKey === 'string' && typeof privateKey === 'string';
  } catch {
    return false;
  }
}

/**
 * A reviewer's own key: made here and saved as a file, or read from such a file. What is given back is for others to know.
 * Undefined where the text is no key file.
 */
export async function makeKey(text?: string) {
  if (text !== undefined && !isKeyFile(text)) return undefined;
  const pair = text === undefined ? await newKeyPair(crypto.subtle) : keyIn(text);
  if (text === undefined) saveFile('review-key.json', 'application/json', `${JSON.stringify(pair)}\n`);
  return { publicKey: pair.publicKey, fingerprint: await fingerprintOf(crypto.subtle, pair.publicKey) };
}

/** The public key somebody was given: 32 bytes as base64url. Undefined for what cannot be one; a private key is none. */
export const publicKeyIn = (text: string): string | undefined =>
  /^[A-Za-z0-9_-]{43}$/.test(text.trim()) ? text.trim() : undefined;
