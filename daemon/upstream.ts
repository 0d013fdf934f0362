/**
 * The upstream that is set: where Steeple is, and the client that speaks to it. The address is a setting; the tokens are
 * in the vault and go nowhere but into the client (S1).
 */
import type { Community, Upstream, UpstreamTest } from './contract/admin.ts';
import { Malformed, Stale } from './errors.ts';
import type { Vault } from './secrets.ts';
import type { Steeple } from './steeple.ts';
import type { Settings } from './store/settings.ts';

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
    /** Keeps what is given and leaves the rest; a URL that cannot be one is refused before anything is kept. */
    async set(
      given: Readonly<{
        url?: string | undefined;
        token?: string | undefined;
        apiUrl?: string | undefined;
        apiToken?: string | undefined;
      }>,
    ) {
      const before = settings.get('upstream');
      const url = given.url === undefined ? before.url : address(given.url);
      const apiUrl = given.apiUrl === undefined ? before.apiUrl : address(given.apiUrl);
      // Making a client checks address and token as sending would, before anything is kept (D8).
      if (url !== null) await connect({ url, token: given.token?.trim() ?? 'unset' }).close();
      if (given.token !== undefined) await vault.set('upstream-token', given.token.trim());
      if (given.apiToken !== undefined) await vault.set('api-token', given.apiToken.trim());
      settings.set('upstream', { url, apiUrl });
      await renew();
    },
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

function address(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Malformed('invalidValue', `"${text}" is not a web address. Copy the SCIM URL as Steeple shows it`);
  return text.trim().replace(/\/+$/, '');
}
