/**
 * What stops working at a time that is known: certificates on both sides, tokens that say so, old tokens of sources that
 * were rotated. Each with what to do.
 */
import type { Shown } from './certificates.ts';
import type { Expiry } from './contract/operations.ts';
import type { Source } from './contract/source.ts';
import type { Vault } from './secrets.ts';

const day = 86_400_000;
const soonMs = 30 * day;

export type Ending = Readonly<{
  own: Shown | undefined;
  clientAuthorities: readonly Shown[];
  steeple: Shown | undefined;
  authorities: readonly Shown[];
  tokens: readonly Readonly<{ what: 'upstream-token' | 'api-token'; until: number }>[];
  sources: readonly Pick<Source, 'id' | 'oldTokenUntil'>[];
}>;

/** The soonest first. */
export function expiries(
  { own, clientAuthorities, steeple, authorities, tokens, sources }: Ending,
  now: number,
): Expiry[] {
  const certificate = (what: Expiry['what'], remedy: string) => (one: Shown) =>
    entry(what, one.subject, one.until, remedy);
  function entry(what: Expiry['what'], name: string, at: number, remedy: string): Expiry {
    return { what, name, at, state: at <= now ? 'over' : at - now <= soonMs ? 'soon' : 'fine', remedy };
  }
  return [
    ...[own ?? []]
      .flat()
      .map(
        certificate(
          'listener-certificate',
          'Put the renewed certificate and key in the same files; the relay takes them within a minute.',
        ),
      ),
    ...clientAuthorities.map(certificate('client-authority', 'Put the authority’s new certificate in the same file.')),
    ...[steeple ?? []]
      .flat()
      .map(certificate('upstream-certificate', 'Steeple, or whoever runs that server, must renew it.')),
    ...authorities.map(certificate('authority', 'Give its successor as well: network set --authorities FILE.')),
    ...tokens.map(({ what, until }) =>
      entry(what, '', until, 'Ask Steeple for a new token before then, and set it: upstream set.'),
    ),
    ...sources.flatMap(({ id, oldTokenUntil }) =>
      oldTokenUntil === null
        ? []
        : [
            entry(
              'old-source-token',
              id,
              oldTokenUntil,
              'Paste the new token at the provider before then, if that is not done yet.',
            ),
          ],
    ),
  ].sort((a, b) => a.at - b.at);
}

/** Steeple's tokens that say when they end. One that cannot be read now is left out. */
export async function endings(vault: Pick<Vault, 'get'>): Promise<Ending['tokens'][number][]> {
  const read = async (what: 'upstream-token' | 'api-token') => {
    const until = endOf((await vault.get(what).catch(() => undefined)) ?? '');
    return until === undefined ? [] : [{ what, until }];
  };
  return [...(await read('upstream-token')), ...(await read('api-token'))];
}

/** When a token says that it ends (`exp` of a JWT, RFC 7519 §4.1.4), in milliseconds; most do not say. */
export function endOf(token: string): number | undefined {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token) ?? [];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined;
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
