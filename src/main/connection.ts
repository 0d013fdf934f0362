/**
 * Which relay the app speaks to: this computer's own, or one on another machine by address and key. Another one is tried
 * before it is kept; a key that the keychain does not take is kept until the app ends, and asked for again then.
 */
import { Refused } from '../../daemon/cli/client.ts';
import type { Preferences } from './preferences.ts';
import type { Relay } from './relay.ts';
import { consoleAddress } from './remote.ts';

type Vault = Readonly<{
  get(origin: string): Promise<string | undefined>;
  set(origin: string, key: string): Promise<boolean>;
  remove(origin: string): Promise<void>;
}>;

export function connection(
  parts: Readonly<{
    own: Relay;
    remote(origin: string, key: string): Relay;
    preferences: Preferences;
    vault: Vault;
    /** Another relay is wanted from now on. */
    moved(): void;
  }>,
) {
  const { own, preferences, vault } = parts;
  let current = own;
  const nobody = (origin: string): Relay => ({
    ask: async () => {
      throw new Refused('unauthorized', `The access key for ${origin} is not in the keychain any more. Give it again`);
    },
    answers: async () => false,
    listen: async () => {},
  });
  return {
    relay: (): Relay => current,
    remote: (): string | null => preferences.now().remote?.url ?? null,
    /** Goes on with the relay of last time. */
    async begin(): Promise<void> {
      const { remote } = preferences.now();
      if (remote === null) return;
      const key = await vault.get(remote.url);
      current = key === undefined ? nobody(remote.url) : parts.remote(remote.url, key);
    },
    /** @throws Refused with why the other relay cannot be used; then everything stays as it was */
    async connect(to: Readonly<{ url: string; key: string }> | null): Promise<void> {
      const before = preferences.now().remote;
      if (to === null) {
        current = own;
        preferences.set({ remote: null });
      } else {
        const origin = consoleAddress(to.url);
        const other = parts.remote(origin, to.key.trim());
        await other.ask('status', {});
        await vault.set(origin, to.key.trim());
        current = other;
        preferences.set({ remote: { url: origin, name: new URL(origin).host } });
      }
      if (before !== null && before.url !== preferences.now().remote?.url) await vault.remove(before.url);
      parts.moved();
    },
  };
}
