/**
 * A relay without its doors: the real stores on real SQLite, the real forwarder, and a real HTTP upstream. For tests of
 * what happens between an accepted push and Steeple.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietUntil } from '../daemon/core/quiet.ts';
import { driftWatch } from '../daemon/drift.ts';
import { forwarder } from '../daemon/forwarder.ts';
import { logger } from '../daemon/log.ts';
import { observer, readAll } from '../daemon/observer.ts';
import { type Steeple, steeple } from '../daemon/steeple.ts';
import { stores } from './stores.ts';

export type Rig = Awaited<ReturnType<typeof rig>>;
export type Address = Readonly<{ url: string; token: string }>;

/** `file`: a database to open again, for what must survive a restart. */
export async function rig(
  upstream: Address,
  options: Readonly<{ file?: string; probeMs?: number; speed?: number; begun?: number }> = {},
) {
  const made = Date.now();
  /** With `speed` hours pass in seconds for all that waits, from `begun` on; whoever waits is woken by `settle`. */
  const now = () => (options.begun ?? made) + Math.round((Date.now() - made) * (options.speed ?? 1));
  const kept = await stores(options.file ?? join(mkdtempSync(join(tmpdir(), 'rig-')), 'relay.db'), now);
  const { observed, outbox, planning, settings } = kept;
  let client: Steeple = steeple({ ...upstream, timeoutMs: 5000 });
  const sender = forwarder({
    outbox,
    upstream: async () => client,
    allowed: () => ({
      on: settings.get('sync').state === 'on',
      inFlight: settings.get('policy').inFlight,
      quiet: quietUntil(settings.get('policy').quietHours, now()) !== undefined,
      batch: settings.get('policy').membersPerPatch,
    }),
    settled: () => {},
    now,
    random: () => 0,
    secondLookMs: 2000 / (options.speed ?? 1),
    log: logger({ level: (process.env.RIGLOG ?? 'silent') as 'silent' }),
    ...(options.probeMs !== undefined && { probeMs: options.probeMs }),
  });
  const { scan } = observer(observed, settings, now);
  /** What was written just now is long settled for it: it looks at the clock two minutes later. */
  const drifting = driftWatch({
    drifts: kept.drifts,
    settings,
    read: readAll,
    upstream: async () => client,
    circuit: sender.circuit,
    changed: () => {},
    now: () => now() + 120_000,
    log: logger({ level: 'silent' }),
  });

  return {
    ...kept,
    now,
    sender,
    drifting,
    scan: () => scan(client),
    /** Scans, plans, and enables that plan. */
    async enable() {
      await scan(client);
      return kept.enable();
    },
    /** Plans and sends until nothing is owed that could leave, for up to `ms`. */
    async settle(ms = 60_000) {
      for (const until = Date.now() + ms; Date.now() < until; ) {
        await planning.reconcile(now());
        sender.wake();
        const { owed, sending } = await outbox.counts();
        if (owed + sending === 0 && (await planning.owed()) === 0) return true;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return false;
    },
    /** Another token, or another place. What is on its way is still answered to the old one. */
    async reconnect(to: Address) {
      const old = client;
      client = steeple({ ...to, timeoutMs: 5000 });
      sender.reset();
      await old.close();
    },
    async close() {
      await sender.stop();
      await client.close();
      await kept.close();
    },
  };
}
