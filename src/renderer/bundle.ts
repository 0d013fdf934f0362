/**
 * A bundle from another relay, opened and decided on in this page with no relay asked (G9 is that relay's to judge). What was
 * decided is remembered by the bundle's number, so a closed tab loses nothing; neither the file nor a key is kept anywhere.
 */
import { create } from 'zustand';
import type { Bundle, OfflineDecision } from '../../daemon/contract/bundle.ts';
import { decisionsOn, type KeyPair, openBundle, unsealedKey } from '../../daemon/core/bundle.ts';
import type { Failure } from '../preload/contract.ts';
import { saveFile } from './files.ts';

export type Chosen = Readonly<{ event: OfflineDecision['event']; reason: string }>;
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
        until: null,
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
