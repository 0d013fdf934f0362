/**
 * Which requests may speak to the console at all, judged by where they say they come from (law S2).
 *
 * Any web page can make a browser send requests to 127.0.0.1, and with DNS rebinding (a name of the attacker's that
 * suddenly means 127.0.0.1) they even count as same-origin. Such a request carries the attacker's name as its Host, so
 * the list of names is what stops it. An address in figures cannot be rebound, so the address the connection really
 * arrived at is always a good Host; that is what makes the console reachable on 0.0.0.0 and by a container's probe.
 */
/** Where a connection arrived: the socket's own end. */
export type Arrival = Readonly<{ address: string; port: number; secure: boolean }>;

// The last two are what a listener on every address is printed as; browsers take them for this machine.
const loopback = ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]'];

/** Lower-case, without the default port of the scheme; `undefined` when it is no host. */
function split(host: string): { name: string; port: string } | undefined {
  const [, name, port = ''] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/.exec(host.toLowerCase()) ?? [];
  return name === undefined ? undefined : { name, port };
}

export const isHost = (text: string): boolean => split(text) !== undefined;

/**
 * @param host the Host header
 * @param names what the admin configured: `relay.example.org`, reached at our port or at a proxy's default one, or
 *   `relay.example.org:8443`, exactly so
 */
export function hostAllowed(host: string | undefined, arrival: Arrival, names: readonly string[]): boolean {
  const given = split(host ?? '');
  if (given === undefined) return false;
  const ours =
    given.port === String(arrival.port) || (given.port === '' && arrival.port === (arrival.secure ? 443 : 80));
  if (ours && (loopback.includes(given.name) || isArrival(given.name, arrival))) return true;
  return names.some((configured) => {
    const known = split(configured);
    if (known === undefined || known.name !== given.name) return false;
    return known.port === '' ? ours || given.port === '' : known.port === given.port;
  });
}

function isArrival(name: string, { address }: Arrival): boolean {
  // A socket's own end is always in figures, so no name can equal it.
  return name.replace(/^\[|\]$/g, '') === address.replace(/^::ffff:(?=\d+\.)/, '');
}

/**
 * A browser names the page that sends: it must be ours. Compared by host only, because a proxy may end TLS before us.
 * A request without `Origin` is not from a page's script, or is a plain GET, which does nothing here.
 */
export function originAllowed(origin: string | undefined, host: string): boolean {
  if (origin === undefined) return true;
  const page = URL.parse(origin);
  return page !== null && /^https?:$/.test(page.protocol) && page.host === URL.parse(`${page.protocol}//${host}`)?.host;
}
