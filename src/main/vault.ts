/**
 * The keys of remote relays, in the operating system's keychain (keytar). Steeple's own tokens are not here: the relay keeps
 * those itself, on its own machine. Where there is no keychain the app says so and keeps no key; it is asked for again.
 */
export type Keychain = Readonly<{
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}>;

const service = 'Steeple Companion app';

/** @param load keytar, which may be absent, or throw where no keychain answers */
export function vault(load: () => Promise<Keychain>) {
  return {
    /** `undefined` where there is none, or no keychain answers. */
    async get(origin: string): Promise<string | undefined> {
      try {
        return (await (await load()).getPassword(service, origin)) ?? undefined;
      } catch {
        return undefined;
      }
    },
    /** False where no keychain took it. */
    async set(origin: string, key: string): Promise<boolean> {
      try {
        await (await load()).setPassword(service, origin, key);
        return true;
      } catch {
        return false;
      }
    },
    async remove(origin: string): Promise<void> {
      try {
        await (await load()).deletePassword(service, origin);
      } catch {
        // nothing can be in a keychain that does not answer
      }
    },
  };
}
