/**
 * Composition root of the relay: opens what it keeps, wires the rooms together, and ends them in the right order. No logic.
 *
 * Time, ids and randomness are made here and passed down. Where to read next: ARCHITECTURE.md.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { alerts } from './alerts.ts';
import { checkup } from './checkup.ts';
import { clock } from './clock.ts';
import type { StartConfig } from './config.ts';
import type { Handlers } from './contract/admin.ts';
import { factsOf } from './core/alerts.ts';
import { fingerprintOf, signed } from './core/bundle.ts';
import { quietUntil } from './core/quiet.ts';
import { cursors } from './cursor.ts';
import { driftWatch } from './drift.ts';
import { forwarder } from './forwarder.ts';
import { temper } from './heap.ts';
import { type AdminEvent, adminServer } from './http/admin.ts';
import { consoleApp } from './http/console.ts';
import { scimApp } from './http/scim.ts';
import { listen } from './http/server.ts';
import { tickets } from './http/session.ts';
import { companyOn, intake } from './intake.ts';
import { keys } from './keys.ts';
import { takeLock } from './lock.ts';
import { logger } from './log.ts';
import { logFile } from './logfile.ts';
import { metrics } from './metrics.ts';
import { network as openNetwork } from './network.ts';
import { observer, readAll } from './observer.ts';
import { owner } from './owner.ts';
import { planner } from './planner.ts';
import { probe } from './probe.ts';
import { provider } from './provider.ts';
import { quietly } from './quietly.ts';
import { backupDesk } from './relay/backup.ts';
import { bundleHandlers, relayKey } from './relay/bundle.ts';
import { clearing } from './relay/clearing.ts';
import { disked } from './relay/disk.ts';
import { journalDesk } from './relay/journal.ts';
import { operations } from './relay/operations.ts';
import { undoHandlers } from './relay/undo.ts';
import { relay } from './relay.ts';
import { renewal } from './renewal.ts';
import { vault as openVault } from './secrets.ts';
import { steeple } from './steeple.ts';
import { bundles as openBundles } from './store/bundles.ts';
import { commit } from './store/commit.ts';
import { leaveLog, looking, open, versionsOf } from './store/db.ts';
import { directory as openDirectory } from './store/directory.ts';
import { drifts as openDrifts } from './store/drifts.ts';
import { editing as openEditing } from './store/editing.ts';
import { explaining as openExplaining } from './store/explaining.ts';
import { externals as openExternals } from './store/externals.ts';
import { gatekeeping as openGatekeeping } from './store/gatekeeping.ts';
import { groupFiles as openGroupFiles } from './store/groupfile.ts';
import { journal as openJournal } from './store/journal.ts';
import { mappings as openMappings } from './store/mapping.ts';
import { carried, settle } from './store/moments.ts';
import { observing } from './store/observed.ts';
import { outbox as openOutbox } from './store/outbox.ts';
import { planning as openPlanning } from './store/planning.ts';
import { reviews as openReviews } from './store/reviews.ts';
import { settings as openSettings } from './store/settings.ts';
import { sources as openSources, tokenHash } from './store/sources.ts';
import { trouble } from './store/trouble.ts';
import { undoing as openUndoing } from './store/undoing.ts';
import { surveyor } from './surveyor.ts';
import { undoFolder, undoWriter } from './undo.ts';
import { upstream as openUpstream } from './upstream.ts';
import { root, version } from './version.ts';

export type Running = Readonly<{
  scim: string;
  console: string;
  /** Takes no new work, lets what runs finish, and leaves everything on disk. */
  stop(): Promise<void>;
}>;

/** @throws Unavailable when the folder is in use, or its database cannot be used; the system's error for an address */
export async function start(config: StartConfig): Promise<Running> {
  const untemper = temper();
  const { data } = config;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chmodSync(data, 0o700);
  const lock = takeLock(data);
  const logged = config.logFile && (await logFile(config.logFile.path, config.logFile.keep));
  const log = logger({ level: config.logLevel, ...(logged && { stream: logged }) });
  const secret = () => randomBytes(32).toString('base64url');
  const report = (error: unknown, what: string) => {
    log.error(what, { error });
    storing.met(error);
  };

  const file = join(data, 'relay.db');
  const db = open(file);
  if (config.externalCheckpoints) leaveLog(db);
  const now = clock(Date.now, () => performance.now(), carried(db, log.warn));
  settle(db, now());
  const storing = trouble(db);
  const journal = openJournal(db);
  const settings = openSettings(db);
  const sources = openSources(db, journal);
  const directory = openDirectory(db, journal, { newId: randomUUID, now, report });
  const mappings = openMappings(db, journal);
  const editing = openEditing(db, { journal, mappings });
  const observed = observing(db);
  const outbox = openOutbox(db, journal, observed);
  const reviews = openReviews(db, journal);
  const surveys = surveyor(join(data, 'relay.db'));
  const planning = openPlanning(db, { journal, settings, mappings, observed, outbox, reviews, surveys });
  const externals = openExternals(db, journal);
  const drifts = openDrifts(db, { journal, observed, desire: planning.world });
  const explaining = openExplaining(db, { journal, observed, planning, reviews, settings });
  const gatekeeping = openGatekeeping(db, journal, settings);
  const groupFiles = openGroupFiles(db, { mappings, planning });
  const vault = await openVault({ dir: join(data, 'sealed'), account: data, environment: process.env });
  for (const warning of vault.warnings) log.warn(warning);

  const { subtle } = globalThis.crypto;
  const own = relayKey(vault, subtle);
  const folder = undoFolder(data);
  const undoing = openUndoing(db, journal, mappings);
  const undos = undoWriter({
    ...undoing,
    write: folder.write,
    signed: async (batch) => {
      const pair = await own();
      const relay = await fingerprintOf(subtle, pair.publicKey);
      return signed(subtle, 'steeple-undo', { ...batch, relay }, pair);
    },
    now,
    failed: (error) => log.error('an undo file could not be written; it stays owed', { error }),
  });

  const listeners = new Set<(event: AdminEvent) => void>();
  const subscribe = (listener: (event: AdminEvent) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const tell = quietly((what: readonly string[]) => {
    for (const listener of listeners) listener({ type: 'changed', what });
  });

  const network = await openNetwork({ settings, vault, environment: process.env, warn: (words) => log.warn(words) });
  const upstream = openUpstream({
    settings,
    vault,
    connect: (to) => steeple({ ...to, route: network.route() }),
    probe: (to) => probe({ ...to, route: network.route() }),
    changed: () => sender.reset(),
  });
  const sender = forwarder({
    outbox,
    upstream: upstream.client,
    allowed: () => {
      const { inFlight, membersPerPatch, quietHours } = settings.get('policy');
      const { state, sending, takingBack } = settings.get('sync');
      const quiet = quietUntil(quietHours, now()) !== undefined;
      return { on: state === 'on' || sending === true || takingBack === true, inFlight, batch: membersPerPatch, quiet };
    },
    settled: () => {
      replanner.soon();
      void planning.sent();
      undos.soon();
      tell('deliveries', 'status');
    },
    now,
    random: Math.random,
    log,
  });
  const replanner = planner({
    sending: () => sender.isFull() && outbox.isPlenty(),
    planning,
    ripen: async () => {
      const { standing } = settings.get('policy');
      const ripe = await reviews.ripen(now(), standing);
      sender.wake(); // quiet hours may have ended
      return ripe;
    },
    before: async () => {
      if (await editing.expansions.follow(now())) tell('mapping', 'status');
    },
    planned: () => {
      sender.wake();
      tell('status', 'review', 'plan');
    },
    now,
    log,
  });
  const changed = (...what: readonly string[]) => {
    tell(...what);
    replanner.soon();
    sender.wake();
  };

  const shown = config.tls && renewal(config.tls, log);
  const numbers = metrics({
    status: () => handlers.status({}),
    expiries: () => expiring(),
    journalProblem: storing.known,
    now,
  });
  const queue = intake({
    accept: async (items) => {
      const outcomes = await directory.accept(items);
      for (const outcome of outcomes) if (outcome.ok) storing.over();
      for (const outcome of outcomes) if (!outcome.ok) storing.met(outcome.error);
      return outcomes;
    },
    accepted: () => {
      tell('journal', 'status', 'people');
      replanner.soon();
    },
    took: numbers.pushed,
    company: companyOn(availableParallelism()),
  });
  const scimServer = await listen(
    scimApp({
      provider: provider({
        push: queue.push,
        directory,
        cursors: cursors(randomBytes(32), randomBytes),
      }),
      hashOf: tokenHash,
      authenticate: (hash) => sources.authenticate(hash, now()),
      admit: (source, address) => sources.admit(source, address, now),
      refused: (source, detail) => sources.refused(source, detail, now()),
      report,
      trustProxy: config.trustProxy ?? false,
      publicUrl: config.publicUrl,
    }),
    { ...config.scim, tls: shown?.scim },
  );
  const scim = `${config.publicUrl ?? scimServer.url}/scim/v2`;

  const tray = tickets({ now, secret });
  let consoleUrl = '';
  const { scan } = observer(observed, settings, now);
  const decide = async (actor: string, body: Readonly<{ what: string; [more: string]: unknown }>, work: () => void) =>
    commit(db, journal, () => {
      work();
      journal.append({ at: now(), kind: 'decision', actor, body });
    });
  const drifting = driftWatch({
    drifts,
    settings,
    read: readAll,
    upstream: upstream.needed,
    circuit: sender.circuit,
    changed: () => changed('drift', 'status'),
    now,
    log,
  });
  const backups = backupDesk({ db, settings, decide, changed: tell, log, now });
  const journals = journalDesk({
    db,
    journal,
    settings,
    dir: join(data, 'archive'),
    looking: (look) => looking(file, look),
    recount: directory.recount,
    changed: tell,
    log,
    now,
  });
  const { expiring, examine } = checkup({
    data,
    versions: () => versionsOf(db),
    settings,
    vault,
    network,
    upstream,
    sources,
    shown,
    journalProblem: storing.known,
    now,
  });
  const alerting = alerts({
    settings,
    vault,
    facts: async () => factsOf(await handlers.status({}), await expiring(), storing.known()),
    route: network.route,
    console: () => (config.publicUrl === undefined ? '' : consoleUrl),
    decide,
    newId: randomUUID,
    now,
    log,
  });
  const random = (bytes: number) => Uint8Array.from(randomBytes(bytes));
  const bundles = openBundles(db, journal);
  const access = keys({ settings, decide, secret, newId: randomUUID, now });
  const cases: Handlers = {
    ...undoHandlers({ folder, undoing, subtle, key: own, changed, now }),
    ...bundleHandlers({ vault, settings, journal, reviews, explaining, bundles, subtle, random, changed, now }, own),
    ...operations({
      network,
      alerts: alerting,
      keys: access,
      console: () => consoleUrl,
      settings,
      expiries: expiring,
      examine,
      rerouted: upstream.renew,
      decide,
    }),
    ...relay({
      about: { version, startedAt: now(), pid: process.pid, data, scim },
      sources,
      directory,
      journal,
      settings,
      mappings,
      editing,
      observed,
      outbox,
      reviews,
      planning,
      explaining,
      externals,
      surveyor: surveys,
      groupFiles,
      gatekeeping,
      upstream,
      scan,
      sender,
      drifts,
      drifting,
      changed,
      decide,
      journals,
      backups,
      ticket: (name = owner()) => {
        const { ticket, expiresAt } = tray.issue(name);
        return { url: `${consoleUrl}#ticket=${ticket}`, expiresAt, name };
      },
      newId: () => randomUUID().slice(0, 8),
      newToken: secret,
      now,
    }),
  };
  const handlers = disked(cases, storing.met);
  const closing = new AbortController();
  const admin = await adminServer({ data, handlers, subscribe, log });
  const consoleServer = await listen(
    consoleApp({
      handlers,
      subscribe,
      log,
      tickets: tray,
      keys: access.find,
      page: join(root, 'out/renderer'), // the same folder for the source and for the built relay
      hosts: config.publicUrl === undefined ? [] : [new URL(config.publicUrl).hostname],
      now,
      secret,
      status: () => handlers.status({}),
      journalProblem: async () => storing.now(),
      metrics: numbers.text,
      closing: closing.signal,
    }),
    { ...config.console, tls: shown?.console },
  );
  consoleUrl = `${consoleServer.url}/`;

  const clear = clearing({
    outbox,
    settings,
    now,
    failed: (error) => log.error('clearing failed', { error }),
  });
  const recovered = await outbox.recover();
  log.info('relay started', { data, version, count: recovered });
  replanner.soon();
  sender.wake();
  undos.soon();
  backups.start();
  journals.start();
  drifting.start();
  clear.start();

  let ending: Promise<void> | undefined;
  async function end(): Promise<void> {
    log.info('relay stopping');
    closing.abort();
    // The doors first, so that nothing new comes in; then what is on its way out; then the file.
    await Promise.all([scimServer.close(), consoleServer.close(), admin.close()]);
    await queue.idle();
    await backups.stop();
    await journals.stop();
    await drifting.stop();
    clear.stop();
    await Promise.all([replanner.stop(), surveys.close()]);
    await sender.stop();
    await undos.stop();
    await upstream.close();
    shown?.stop();
    await alerting.stop();
    await sources.flush();
    untemper();
    db.close();
    lock.release();
    log.info('relay stopped');
    logged?.close();
  }
  return {
    scim,
    console: consoleUrl,
    stop: () => {
      ending ??= end();
      return ending;
    },
  };
}
