/**
 * The upstream that is set: where Steeple is, and the client that speaks to it. The address is a setting; the tokens are
 * in the vault and go nowhere but into the client (S1).
 */
import type { Community } from './contract/mapping.ts';
import type { Upstream, UpstreamTest } from './contract/upstream.ts';
import { Malformed, Stale } from './errors.ts';
import type { Vault } from './secrets.ts';
import type { Steeple } from './steeple.ts';
import type { Settings, UpstreamAddress } from './store/settings.ts';

export type UpstreamKeeper = ReturnType<typeof upstream>;
type Parts = Readonly<{
  settings: Settings;
  vault: Vault;
  connect(options: Readonly<{ url: string; token: string }>): Steeple;
  probe(options: Readonly<{ url: string | undefined; token: string | undefined }>): Promise<UpstreamTest>;
  /** Another upstream, or another token: what stopped sending may be over. */
  changed(): void;
}>;

export function upstream({ settings, vault, connect, probe, changed }: Parts) {
  let current: Promise<Steeple | undefined> | undefined;

  async function make(): Promise<Steeple | undefined> {
    const { url } = settings.get('upstream');
    const token = await vault.get('upstream-token');
    return url === null || token === undefined ? undefined : connect({ url, token });
  }
  const client = (): Promise<Steeple | undefined> => {
    current ??= make().catch((cause: unknown) => {
      current = undefined;
      throw cause;
    });
    return current;
  };
  async function renew(): Promise<void> {
    const old = current;
    current = undefined;
    await (await old?.catch(() => undefined))?.close();
    changed();
  }
  async function show(): Promise<Upstream> {
    const { url, apiUrl } = settings.get('upstream');
    const [token, apiToken] = [await vault.has('upstream-token'), await vault.has('api-token')];
    return { url, apiUrl, token, apiToken, kept: vault.kept };
  }
  const test = async (): Promise<UpstreamTest> =>
    probe({ url: settings.get('upstream').url ?? undefined, token: await vault.get('upstream-token') });

  return {
    client,
    show,
    test,
    /** The client, or why there is none. @throws Stale while no upstream is set */
    async needed(): Promise<Steeple> {
      const steeple = await client();
      if (steeple === undefined)
        throw new Stale(
          'No upstream is set. Give Steeple’s SCIM URL and token: steeple-relay upstream set --url URL --token-stdin',
        );
      return steeple;
    },
    /**
     * Keeps what is given and leaves the rest; what cannot be right is refused before anything is kept. `record` writes the
     * address down.
     * @throws Malformed, Forbidden; Stale while sync is on, where the address is another
     */
    async set(
      given: Readonly<{
        url?: string | undefined;
        token?: string | undefined;
        apiUrl?: string | undefined;
        apiToken?: string | undefined;
      }>,
      record: (address: UpstreamAddress) => Promise<void>,
    ) {
      const before = settings.get('upstream');
      const url = given.url === undefined ? before.url : address(given.url);
      const apiUrl = given.apiUrl === undefined ? before.apiUrl : address(given.apiUrl);
      // Making a client checks address and token as sending would (D8).
      if (url !== null) await connect({ url, token: given.token?.trim() ?? 'unset' }).close();
      if (apiUrl !== null) await connect({ url: apiUrl, token: given.apiToken?.trim() ?? 'unset' }).close();
      if (settings.get('sync').state === 'on' && before.url !== null && before.url !== url)
        throw new Stale(
          `Sync is on, and what is planned is for ${before.url}. Switch it off first, then set the new address and look at a new plan`,
        );
      const moves = [
        { secret: 'upstream-token', from: before.url, to: url, token: given.token },
        { secret: 'api-token', from: before.apiUrl, to: apiUrl, token: given.apiToken },
      ] as const;
      const leaving = moves.filter(({ from, to }) => from !== null && originOf(from) !== originOf(to));
      for (const { secret, from, token } of leaving)
        if (token === undefined && (await vault.has(secret)))
          throw new Malformed(
            'invalidValue',
            `The token that is set belongs to ${originOf(from)}. Give the token of the new address together with it`,
          );
      try {
        // An old token goes before the address does, and a new one comes after it. So wherever this is cut short, no token
        // is left that would be sent to a server it is not for (D8).
        for (const { secret } of leaving) await vault.remove(secret);
        await record({ url, apiUrl });
        for (const { secret, token } of moves) if (token !== undefined) await vault.set(secret, token.trim());
      } finally {
        await renew();
      }
    },
    /** Connections are made anew: the way to Steeple is another one now. */
    renew,
    async clearToken(): Promise<void> {
      await vault.remove('upstream-token');
      await vault.remove('api-token');
      await renew();
    },
    /** The catalogue of Steeple's public API. @throws Stale while its address or token is not set */
    async communities(): Promise<readonly Community[]> {
      const { apiUrl } = settings.get('upstream');
      const apiToken = await vault.get('api-token');
      if (apiUrl === null || apiToken === undefined)
        throw new Stale('Steeple’s public API is not set: steeple-relay upstream set --api-url URL --api-token-file F');
      const answer = await (await this.needed()).communities(apiUrl, apiToken);
      if (answer.kind === 'ok') return answer.value;
      throw new Stale(
        `Steeple’s communities cannot be read: ${'detail' in answer ? answer.detail : 'the address answers 404'}`,
      );
    },
    async close(): Promise<void> {
      await (await current?.catch(() => undefined))?.close();
    },
  };
}

const originOf = (url: string | null): string => (url === null ? '' : new URL(url).origin);

function address(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Malformed('invalidValue', `"${text}" is not a web address. Copy the SCIM URL as Steeple shows it`);
  return text.trim().replace(/\/+$/, '');
}
