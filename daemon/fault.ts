/**
 * Why a connection could not be made, in words an administrator of a network can act on. From the error codes of Node's
 * net, dns and tls modules, of OpenSSL, and of the HTTP client.
 */

export type Fault = Readonly<{
  detail: string;
  remedy: string;
  /** The server was reached, but a secure connection with it was not agreed. */
  tls: boolean;
}>;

const issuer: readonly [string, string] = [
  'is signed by an authority this machine does not know',
  'If a proxy inspects traffic here, or Steeple is behind a private authority, give the relay that authority as a PEM ' +
    'file: steeple-relay network set --authorities FILE.',
];

/** What the certificate of HOST …, and what to do. */
const certificate: Readonly<Record<string, readonly [string, string]>> = {
  CERT_HAS_EXPIRED: [
    'has expired',
    'Whoever runs that server must renew its certificate. Check also that the clock of this machine is right.',
  ],
  CERT_NOT_YET_VALID: [
    'is not valid yet',
    'Check that the clock of this machine is right; if it is, whoever runs that server must correct its certificate.',
  ],
  CERT_REVOKED: ['has been revoked', 'Whoever runs that server must replace its certificate. Do not go on until then.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'is made out to another name',
    'Check the host in the URL against what Steeple shows. If it is right, something else answers in its place.',
  ],
  STEEPLE_PIN_MISMATCH: [
    'has none of the keys that are pinned for it',
    'If Steeple has changed its key, and tells so itself, pin the new one: steeple-relay network set --pin. If not, ' +
      'something answers in its place: do not go on until it is known what.',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['is signed by the server itself, which proves nothing', issuer[1]],
  SELF_SIGNED_CERT_IN_CHAIN: issuer,
  UNABLE_TO_GET_ISSUER_CERT: issuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: issuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: issuer,
};

const checkRoute =
  'Check that this machine may reach it: the firewall, the proxy, and that the service is up, from this machine.';

/** What happened with HOST, and what to do. */
const network: Readonly<Record<string, readonly [string, string]>> = {
  ENOTFOUND: [
    'The name HOST is not known to the DNS of this machine',
    'Check the URL for a slip of the pen, and that this machine can resolve names of the internet.',
  ],
  EAI_AGAIN: [
    'The DNS of this machine did not answer for HOST',
    'Check that this machine has a working DNS server, then try again.',
  ],
  ECONNREFUSED: [
    'HOST refused the connection: nothing listens on that port',
    `Check the URL and its port. ${checkRoute}`,
  ],
  EHOSTUNREACH: ['There is no route from this machine to HOST', checkRoute],
  ENETUNREACH: ['There is no route from this machine to HOST', checkRoute],
  ETIMEDOUT: ['HOST did not take the connection in time', checkRoute],
  UND_ERR_CONNECT_TIMEOUT: ['HOST did not take the connection in time', checkRoute],
};

/** @param origin whom we tried to reach, as a URL */
export function faultOf(error: Error, origin: string): Fault {
  const { host, protocol } = new URL(origin);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = certificate[code];
  if (known !== undefined)
    return { detail: `The certificate of ${host} ${known[0]} (${code})`, remedy: known[1], tls: true };
  const reached = network[code];
  if (reached !== undefined) {
    return { detail: `${reached[0].replace('HOST', host)} (${code})`, remedy: reached[1], tls: false };
  }
  if (protocol === 'https:' && /^(CERT_|ERR_SSL_|ERR_TLS_|EPROTO|ECONNRESET|UNABLE_TO_|INVALID_CA)/.test(code)) {
    return {
      detail: `No secure connection could be agreed with ${host} (${code})`,
      remedy:
        'Check that the port in the URL is one where HTTPS is spoken, and that no firewall or proxy on the way breaks ' +
        'secure connections to it.',
      tls: true,
    };
  }
  const [, proxySaid] = /^Proxy response \((\d{3})\)/.exec(error.message) ?? [];
  if (proxySaid !== undefined) {
    return {
      detail: `The proxy on the way to ${host} answered ${proxySaid}`,
      remedy:
        proxySaid === '407'
          ? 'The proxy wants another user or password: steeple-relay network set --proxy-user USER --proxy-password-stdin.'
          : `Ask whoever runs the proxy to let this machine open a tunnel to ${host}.`,
      tls: false,
    };
  }
  return {
    detail: `No connection to ${host} could be made (${code || error.message.slice(0, 200)})`,
    remedy: checkRoute,
    tls: false,
  };
}
