/**
 * How Steeple is reached, as the admin set it: proxy, authorities, pins. What is not set here comes from the environment
 * the relay was started with (HTTPS_PROXY, NO_PROXY), as other programs have it.
 *
 * The proxy's password is in the vault and goes into the route only (S1). The route is kept at hand, because whoever makes
 * a connection cannot wait for a keychain.
 */
import { type Shown, shownOf } from './certificates.ts';
import type { Network } from './contract/operations.ts';
import { Malformed } from './errors.ts';
import type { Route } from './route.ts';
import type { Vault } from './secrets.ts';
import type { NetworkSetting, Settings } from './store/settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Given = Readonly<{
  proxy?: string | null | undefined;
  noProxy?: string | undefined;
  proxyUser?: string | null | undefined;
  proxyPassword?: string | null | undefined;
  authorities?: string | null | undefined;
  pins?: string[] | undefined;
}>;
export type NetworkKeeper = Awaited<ReturnType<typeof network>>;

export async function network(
  parts: Readonly<{ settings: Settings; vault: Vault; environment: Environment; warn: (words: string) => void }>,
) {
  const { settings, vault, environment } = parts;
  let seen: Shown | undefined;
  let route: Route = {};
  await renew();

  async function renew(): Promise<void> {
    const { proxy, noProxy, proxyUser, authorities, pins } = settings.get('network');
    const found = proxy ?? fromEnvironment(environment);
    const password = await vault.get('proxy-password').catch((cause: Error) => {
      parts.warn(cause.message); // the connection will say 407; everything else goes on
      return undefined;
    });
    route = {
      proxy: found === undefined ? undefined : withUser(found, proxyUser, password),
      noProxy: noProxy === '' ? (environment.no_proxy ?? environment.NO_PROXY ?? '') : noProxy,
      authorities: authorities ?? undefined,
      pins,
      saw([own]) {
        seen = own;
      },
    };
  }

  async function show(): Promise<Network> {
    const { proxy, noProxy, proxyUser, authorities, pins } = settings.get('network');
    const other = fromEnvironment(environment);
    return {
      proxy: proxy ?? (other === undefined ? null : withoutUser(other)),
      noProxy: noProxy === '' ? (environment.no_proxy ?? environment.NO_PROXY ?? '') : noProxy,
      proxyUser,
      proxyPassword: await vault.has('proxy-password'),
      proxyFrom: proxy !== null ? 'setting' : other === undefined ? 'none' : 'environment',
      authorities: shownOf(authorities ?? '').map(({ subject, until, fingerprint }) => ({
        subject,
        expiresAt: until,
        fingerprint,
      })),
      pins,
    };
  }

  return {
    show,
    /** Cheap: asked at every connection that is made anew. */
    route: (): Route => route,
    /** The certificate Steeple last showed to a connection of this process; undefined before the first, and over plain HTTP. */
    seen: (): Shown | undefined => seen,
    authorities: (): readonly Shown[] => shownOf(settings.get('network').authorities ?? ''),
    /**
     * Keeps what is given and leaves the rest. `record` writes the setting down, with its decision.
     * @throws Malformed for a proxy that is no address, or authorities that hold no certificate
     */
    async set(given: Given, record: (setting: NetworkSetting) => Promise<void>): Promise<void> {
      const before = settings.get('network');
      const proxy = given.proxy === undefined ? before.proxy : given.proxy === null ? null : proxyAddress(given.proxy);
      const authorities = given.authorities === undefined ? before.authorities : given.authorities;
      if (authorities !== null && shownOf(authorities).length === 0)
        throw new Malformed('invalidValue', 'There is no certificate in PEM in what was given as authorities');
      // A password is for its proxy, and goes before the address does: another one must not be shown it, even where this is
      // cut short.
      const moved = proxy !== before.proxy;
      // And a user too: the environment's proxy, which counts again, comes with its own.
      const user = proxy === null && before.proxy !== null ? null : before.proxyUser;
      if (given.proxyPassword === null || moved) await vault.remove('proxy-password');
      await record({
        proxy,
        noProxy: given.noProxy ?? before.noProxy,
        proxyUser: given.proxyUser === undefined ? user : given.proxyUser,
        authorities,
        pins: given.pins ?? before.pins,
      });
      if (typeof given.proxyPassword === 'string') await vault.set('proxy-password', given.proxyPassword);
      await renew();
    },
  };
}

const fromEnvironment = (environment: Environment): string | undefined => {
  const found = environment.https_proxy ?? environment.HTTPS_PROXY;
  return found === undefined || URL.parse(found) === null ? undefined : found;
};

/** User and password in the address, as the HTTP client wants them; those the address came with stay where none are set. */
function withUser(address: string, user: string | null, password: string | undefined): string {
  if (user === null) return address;
  const url = new URL(address);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password ?? '');
  return url.href;
}
function withoutUser(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/$/, '');
}

/** @throws Malformed; what was given is not quoted, it may hold a password */
function proxyAddress(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new Malformed('invalidValue', 'The proxy is not an address. Write for example http://proxy.example.com:3128');
  if (url.username !== '' || url.password !== '')
    throw new Malformed(
      'invalidValue',
      'The proxy’s address has a user or a password in it: give them by --proxy-user and --proxy-password-stdin',
    );
  return withoutUser(url.href);
}
