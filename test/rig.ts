/**
 * A relay without its doors: the real stores on real SQLite, the real forwarder, and a real HTTP upstream. For tests of
 * what happens between an accepted push and Steeple.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../daemon/contract/scim.ts';
import type { Push } from '../daemon/core/directory.ts';
import { forwarder } from '../daemon/forwarder.ts';
import { logger } from '../daemon/log.ts';
import { observer } from '../daemon/observer.ts';
import { type Steeple, steeple } from '../daemon/steeple.ts';
import { open } from '../daemon/store/db.ts';
import { directory as openDirectory } from '../daemon/store/directory.ts';
import { explaining as openExplaining } from '../daemon/store/explaining.ts';
import { journal as openJournal } from '../daemon/store/journal.ts';
import { mappings as openMappings } from '../daemon/store/mapping.ts';
import { observing } from '../daemon/store/observed.ts';
import { outbox as openOutbox } from '../daemon/store/outbox.ts';
import { planning as openPlanning } from '../daemon/store/planning.ts';
import { reviews as openReviews } from '../daemon/store/reviews.ts';
import { settings as openSettings } from '../daemon/store/settings.ts';
import { sources as openSources } from '../daemon/store/sources.ts';

export type Rig = Awaited<ReturnType<typeof rig>>;
export type Address = Readonly<{ url: string; token: string }>;

/** `file`: a database to open again, for what must survive a restart. */
export async function rig(upstream: Address, options: Readonly<{ file?: string; probeMs?: number }> = {}) {
  const file = options.file ?? join(mkdtempSync(join(tmpdir(), 'rig-')), 'relay.db');
  const db = open(file);
  const now = () => Date.now();
  const journal = openJournal(db);
  const settings = openSettings(db);
  const sources = openSources(db, journal);
  const directory = openDirectory(db, journal, {
    newId: randomUUID,
    now,
    report: (cause) => {
      throw cause;
    },
  });
  const mappings = openMappings(db, journal);
  const observed = observing(db);
  const outbox = openOutbox(db, journal, observed);
  const reviews = openReviews(db, journal);
  const planning = openPlanning(db, { journal, settings, mappings, observed, outbox, reviews });
  const explaining = openExplaining(db, { mappings, observed, planning, reviews });
  let client: Steeple = steeple({ ...upstream, timeoutMs: 5000 });
  const sender = forwarder({
    outbox,
    upstream: async () => client,
    allowed: () => ({
      on: settings.get('sync').state === 'on',
      inFlight: settings.get('policy').inFlight,
      batch: settings.get('policy').membersPerPatch,
    }),
    settled: () => {},
    now,
    random: () => 0,
    log: logger({ level: 'silent' }),
    ...(options.probeMs !== undefined && { probeMs: options.probeMs }),
  });
  const { scan } = observer(observed, settings, now);
  const source =
    (await sources.list(now()))[0]?.id ??
    (await sources.add({ kind: 'scim', name: 'Test', token: randomUUID(), by: 'test', now: now() }));

  /** Pushes, and gives the ids; a refusal is thrown. */
  async function push(...items: readonly Omit<Push, 'source'>[]): Promise<string[]> {
    const outcomes = await directory.accept(items.map((item) => ({ source, ...item })));
    return outcomes.map((outcome) => {
      if (!outcome.ok) throw outcome.error;
      return outcome.id;
    });
  }
  const body = (userName: string, more: JsonObject = {}): JsonObject => ({
    userName,
    externalId: `ext-${userName}`,
    emails: [{ value: userName, type: 'work', primary: true }],
    ...more,
  });

  return {
    db,
    file,
    source,
    journal,
    settings,
    directory,
    mappings,
    observed,
    outbox,
    reviews,
    planning,
    explaining,
    sender,
    push,
    scan: () => scan(client),
    user: async (userName: string, more: JsonObject = {}) =>
      (await push({ method: 'POST', kind: 'User', body: body(userName, more) }))[0] as string,
    patchUser: (id: string, values: JsonObject) =>
      push({ method: 'PATCH', kind: 'User', id, body: { Operations: [{ op: 'replace', value: values }] } }),
    group: async (displayName: string, members: readonly string[]) =>
      (
        await push({
          method: 'POST',
          kind: 'Group',
          body: { displayName, members: members.map((value) => ({ value })) },
        })
      )[0] as string,
    members: (id: string, op: 'add' | 'remove', members: readonly string[]) =>
      push({
        method: 'PATCH',
        kind: 'Group',
        id,
        body: { Operations: [{ op, path: 'members', value: members.map((value) => ({ value })) }] },
      }),
    /** Publishes links as `[group id, community, role]`, with a catalogue of just those communities. */
    async map(links: readonly (readonly [team: string, community: string, role: string])[], mode = 'managed') {
      const ids = [...new Set(links.map(([, community]) => community))];
      await mappings.catalogue(
        ids.map((id) => ({ id, name: id })),
        'file',
        'test',
        now(),
      );
      const rows = links.map(([id, community, role]) => ({ source, group: { id }, community, role }));
      const { faults } = await mappings.publish(JSON.stringify({ version: 1, mode, links: rows }), 'test', '', now());
      if (faults.length > 0) throw new Error(JSON.stringify(faults));
    },
    /** Scans, plans, and enables that plan. */
    async enable() {
      await scan(client);
      const { id } = await planning.preview(now());
      await planning.enable(id, 'test', now());
      return planning.page(id, 0, 10_000);
    },
    /** Plans and sends until nothing is owed that could leave, for up to `ms`. */
    async settle(ms = 15_000) {
      for (const until = now() + ms; now() < until; ) {
        await planning.reconcile(now());
        sender.wake();
        const { owed, sending } = await outbox.counts();
        if (owed + sending === 0 && (await planning.owed()) === 0) return true;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return false;
    },
    async held() {
      return (await reviews.list(['held'], 0, 1000)).items;
    },
    decide: (event: 'approve' | 'keep' | 'undo', ...ids: readonly number[]) =>
      reviews.decide(ids, { event, by: 'reviewer', reason: 'test', at: now(), twoPerson: false }),
    /** Another token, or another place. */
    async reconnect(to: Address) {
      await client.close();
      client = steeple({ ...to, timeoutMs: 5000 });
      sender.reset();
    },
    async close() {
      await sender.stop();
      await client.close();
      db.close();
    },
  };
}
