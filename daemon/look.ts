/** One look at Steeple for the doctor: is it reached, with which certificates, and what time does it say it is. */
import type { Shown } from './certificates.ts';
import type { Look } from './doctor.ts';
import { exchange } from './exchange.ts';
import type { Route } from './route.ts';

/** Reads ServiceProviderConfig, which costs a server nothing. Never throws for what the network does. */
export async function look(to: Readonly<{ url: string; token: string; route: Route }>): Promise<Look> {
  let chain: readonly Shown[] = [];
  const route: Route = {
    ...to.route,
    saw(seen) {
      chain = seen;
      to.route.saw?.(seen);
    },
  };
  const wire = exchange({ ...to, route, timeoutMs: 15_000, connections: 1 });
  try {
    const seen = await wire.send('GET', '/ServiceProviderConfig');
    if (seen.kind === 'answered') return { reached: true, detail: '', remedy: '', date: seen.date, chain };
    const remedy =
      seen.kind === 'unreachable'
        ? seen.remedy
        : 'Something takes the connection and does not answer: look at firewalls and proxies on the way.';
    return { reached: false, detail: seen.detail, remedy, date: undefined, chain };
  } finally {
    await wire.close();
  }
}
