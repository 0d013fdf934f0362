/** The use cases of running the relay: how Steeple is reached, what runs out, who is told, and whose apps may ask. */
import type { Alerts } from '../alerts.ts';
import type { Handlers } from '../contract/admin.ts';
import type { keyCalls } from '../contract/key.ts';
import type { Expiry, Finding, operationsCalls } from '../contract/operations.ts';
import { coded } from '../core/saying.ts';
import type { Keys } from '../keys.ts';
import type { NetworkKeeper } from '../network.ts';
import type { Settings } from '../store/settings.ts';

export type OperationsParts = Readonly<{
  network: NetworkKeeper;
  alerts: Alerts;
  keys: Keys;
  /** Where the console is, as apps on other machines reach it. */
  console(): string;
  settings: Settings;
  expiries(): Promise<Expiry[]>;
  examine(): Promise<Finding[]>;
  /** Another way to Steeple: connections are made anew. */
  rerouted(): Promise<void>;
  decide(by: string, body: Readonly<{ what: string; [more: string]: unknown }>, work: () => void): Promise<void>;
}>;

export function operations(
  parts: OperationsParts,
): Pick<Handlers, keyof typeof operationsCalls | keyof typeof keyCalls> {
  const { network, alerts, keys, settings, decide } = parts;
  return {
    doctor: async () => (await parts.examine()).map(coded),
    'network.show': () => network.show(),
    'network.set': async ({ by, reason, ...given }) => {
      await network.set(given, (setting) => {
        const { authorities, ...shown } = setting;
        const body = { what: 'network.set', ...shown, authorities: authorities !== null, ...(reason && { reason }) };
        return decide(by, body, () => settings.set('network', setting));
      });
      await parts.rerouted();
      return network.show();
    },
    'expiry.list': () => parts.expiries(),

    'alert.show': () => alerts.show(),
    'alert.rules': ({ rules, by }) => alerts.rules(rules, by),
    'alert.mail': ({ server, password, by }) => alerts.mail(server, password, by),
    'alert.add': ({ kind, name, to, by }) => alerts.add(kind, name, to, by),
    'alert.remove': ({ id, by }) => alerts.remove(id, by),
    'alert.test': ({ id }) => alerts.test(id),

    'key.list': async () => keys.list(),
    'key.add': async (given) => ({ ...(await keys.add(given)), console: parts.console() }),
    'key.revoke': ({ id, by }) => keys.revoke(id, by),
  };
}
