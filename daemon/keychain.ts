/**
 * The keychain of the operating system, through keytar: macOS Keychain, Windows Credential Manager, or the Secret Service
 * of a Linux session (GNOME Keyring, KWallet). keytar is optional: it needs libsecret on Linux, and a session to talk to.
 *
 * Whether a keychain is there is found out by using it. A service started without a session has keytar and no keychain
 * ("Cannot autolaunch D-Bus without X11 $DISPLAY"), and a locked one can wait for a person for ever.
 */
import { randomUUID } from 'node:crypto';
import { Unavailable } from './errors.ts';

/** The part of keytar that is used. */
export type Keychain = Readonly<{
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}>;

/** Under which the entries stand in the keychain's own window. */
export const service = 'Steeple Companion relay';

/** How long one call may take. A locked keychain asks a person for its password first. */
const patienceMs = 15_000;

/** @throws whatever keeps keytar from loading: not installed, libsecret missing */
export async function keytar(): Promise<Keychain> {
  const name: string = 'keytar'; // not a literal: types must check also where npm could not build the optional package
  const loaded = (await import(name)) as Keychain & Readonly<{ default?: Keychain }>;
  return loaded.default ?? loaded;
}

/**
 * The keychain as far as it could be loaded, each call limited in time; and, where it failed to keep an entry of its own
 * just now, why, in words.
 */
export async function tried(
  load: () => Promise<Keychain>,
  account: string,
  limitMs = patienceMs,
): Promise<Readonly<{ keychain?: Keychain; problem?: string }>> {
  let keychain: Keychain | undefined;
  try {
    const loaded = await load();
    keychain = limited(loaded, patienceMs);
    const trial = limited(loaded, limitMs);
    const entry = [service, `${account}/probe`] as const; // one fixed name: what a crash leaves behind is overwritten
    const value = randomUUID();
    await trial.setPassword(...entry, value);
    const read = await trial.getPassword(...entry);
    await trial.deletePassword(...entry);
    return read === value ? { keychain } : { keychain, problem: 'it did not give back what was put into it' };
  } catch (thrown) {
    const problem = thrown instanceof Error ? firstLine(thrown) : 'it failed';
    return keychain === undefined ? { problem } : { keychain, problem };
  }
}

function limited(keychain: Keychain, limitMs: number): Keychain {
  const within = async <T>(work: Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Unavailable('it did not answer in time, and may be locked')), limitMs);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  };
  return {
    getPassword: (...entry) => within(keychain.getPassword(...entry)),
    setPassword: (...entry) => within(keychain.setPassword(...entry)),
    deletePassword: (...entry) => within(keychain.deletePassword(...entry)),
  };
}

/** Module-not-found errors go on for lines about who required what. */
const firstLine = (error: Error): string => error.message.split('\n', 1)[0]!.slice(0, 200);
