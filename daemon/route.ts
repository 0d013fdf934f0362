/**
 * The way from here to one server: through the company's proxy or straight, whom we believe to be that server, and what
 * its certificate said. Used by exchange.ts, and only there.
 *
 * Trusted are the authorities that Node ships, those of the operating system, those of NODE_EXTRA_CA_CERTS, and those the
 * admin gave. With pins set, one key of the server's chain must be one of them besides: whoever can have a certificate
 * issued for Steeple's name still cannot read the token (RFC 7469 §2.4 has the form of a pin).
 *
 * A proxy is asked to open a tunnel (CONNECT, RFC 9110 §9.3.6), so it sees where we go and not what we say; plain HTTP is
 * never handed to it. It is authenticated with Basic. Loopback is reached without it, whatever is set.
 */
import { createHash, X509Certificate } from 'node:crypto';
import {
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type PeerCertificate,
  type SecureContext,
} from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { type Shown, shownCertificate } from './certificates.ts';

export type Route = Readonly<{
  /** With user and password in it, percent-encoded; undefined: straight. */
  proxy?: string | undefined;
  /** As NO_PROXY has it: names, `.suffixes`, `host:port` and `*`, with commas between. */
  noProxy?: string | undefined;
  /** PEM text of authorities to trust besides. */
  authorities?: string | undefined;
  /** SHA-256 of keys, base64; empty: any that a trusted authority vouches for. */
  pins?: readonly string[] | undefined;
  /** Told of the server's certificates, its own first, at each new connection that was agreed. */
  saw?: ((chain: readonly Shown[]) => void) | undefined;
}>;

/** Thrown into the connection; fault.ts has the words. */
export const pinMismatch = 'STEEPLE_PIN_MISMATCH';
export const straight: Route = Object.freeze({});
const always = ['localhost', '127.0.0.1', '[::1]'].join(',');

/** @param options.connectMs until a connection, with its proxy and TLS, must stand */
export function dispatcherTo(
  origin: string,
  { proxy, noProxy = '', authorities, pins = [], saw }: Route,
  options: Readonly<{ connections: number; connectMs: number }>,
): Dispatcher {
  const { connections, connectMs } = options;
  const common = {
    connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0, // the exchange has a limit of its own, so a server that drips bytes cannot hold us
    bodyTimeout: 0,
  };
  const tls = {
    ...(origin.startsWith('https:') && { secureContext: contextFor(authorities) }),
    checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined {
      const problem = checkServerIdentity(host, certificate) ?? pinProblem(certificate, pins);
      if (problem === undefined) saw?.(chainOf(certificate).map(shownCertificate));
      return problem;
    },
  };
  if (proxy === undefined) return new Pool(origin, { ...common, connect: { ...tls, timeout: connectMs } });
  return new EnvHttpProxyAgent({
    ...common,
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy: `${always},${noProxy}`,
    proxyTunnel: true,
    connectTimeout: connectMs,
    connect: { ...tls, timeout: connectMs },
    requestTls: tls,
    // Whoever runs the proxy answers for its certificate; our pins are for Steeple.
    proxyTls: { secureContext: contextFor(authorities) },
  });
}

// Made once for each set of authorities: there are hundreds, and a connection should not read them all again.
const contexts = new Map<string, SecureContext>();
function contextFor(authorities = ''): SecureContext {
  const known = contexts.get(authorities);
  if (known) return known;
  const own = authorities === '' ? [] : [authorities];
  // Many are in both of the first two, and reading one costs a tenth of a millisecond.
  const all = new Set([...getCACertificates('default'), ...getCACertificates('system'), ...own]);
  const made = createSecureContext({ ca: [...all] });
  contexts.clear(); // one set is in use; another is made when the admin changes it
  contexts.set(authorities, made);
  return made;
}

/** The pin of a certificate's key. */
export const pinOf = (certificate: X509Certificate): string =>
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');

function pinProblem(shown: PeerCertificate, pins: readonly string[]): Error | undefined {
  if (pins.length === 0) return undefined;
  if (chainOf(shown).some((certificate) => pins.includes(pinOf(certificate)))) return undefined;
  return Object.assign(new Error('None of the keys the server showed is pinned'), { code: pinMismatch });
}

/** The chain as Node built it; it ends with a certificate that is its own issuer. */
function chainOf(shown: PeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let here: Partial<Chained> | undefined = shown as Chained; here?.raw; here = here.issuerCertificate) {
    const certificate = new X509Certificate(here.raw);
    if (chain.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256)) break;
    chain.push(certificate);
  }
  return chain;
}
type Chained = PeerCertificate & { issuerCertificate?: Chained };
