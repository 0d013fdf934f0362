/**
 * Gathers, from the relay as it runs, what expiry.ts and doctor.ts judge: certificates, tokens, the way to Steeple, the disk.
 */
import { abilityOf } from './ability.ts';
import type { Expiry, Finding } from './contract/operations.ts';
import { abilityWords, examined } from './doctor.ts';
import { endings, expiries } from './expiry.ts';
import { look } from './look.ts';
import type { NetworkKeeper } from './network.ts';
import type { Renewal } from './renewal.ts';
import type { Vault } from './secrets.ts';
import type { Settings } from './store/settings.ts';
import type { Sources } from './store/sources.ts';
import type { UpstreamKeeper } from './upstream.ts';

export function checkup(
  parts: Readonly<{
    data: string;
    versions(): string;
    settings: Settings;
    vault: Vault;
    network: NetworkKeeper;
    upstream: UpstreamKeeper;
    sources: Sources;
    /** The listeners' certificates; undefined where they speak plain HTTP. */
    shown: Renewal | undefined;
    journalProblem(): string | undefined;
    now(): number;
  }>,
) {
  const { data, settings, vault, network, upstream, sources, shown, now } = parts;
  const expiring = async (): Promise<Expiry[]> =>
    expiries(
      {
        own: shown?.own(),
        clientAuthorities: shown?.authorities() ?? [],
        steeple: network.seen(),
        authorities: network.authorities(),
        tokens: await endings(vault),
        sources: await sources.list(now()),
      },
      now(),
    );
  async function examine(): Promise<Finding[]> {
    const { url } = settings.get('upstream');
    const token = await vault.get('upstream-token').catch(() => undefined);
    const steeple = await upstream.client().catch(() => undefined);
    return examined({
      data,
      versions: parts.versions(),
      measure: () => performance.now(),
      journalProblem: parts.journalProblem(),
      kept: vault.kept,
      warnings: vault.warnings,
      url,
      network: await network.show(),
      look: async () =>
        url === null || token === undefined ? undefined : look({ url, token, route: network.route() }),
      probe: upstream.test,
      ability: async () => {
        const answer = await steeple?.serviceProviderConfig();
        return answer?.kind === 'ok' ? abilityWords(abilityOf(answer.value)) : undefined;
      },
      expiries: await expiring(),
      sources: await sources.list(now()),
      now,
    });
  }
  return { expiring, examine };
}
