/**
 * The use cases: what the CLI, the app and the console may ask, carried out over the store, the upstream and the forwarder.
 *
 * No SQL, no HTTP, no Electron here. Each answer has the shape that contract/admin.ts promises. Laws: G1, G2, G8.
 */
import type { Handlers } from './contract/admin.ts';
import type { bundleCalls } from './contract/bundle.ts';
import type { keyCalls } from './contract/key.ts';
import type { operationsCalls } from './contract/operations.ts';
import type { Status } from './contract/status.ts';
import type { undoCalls } from './contract/undo.ts';
import { quietUntil } from './core/quiet.ts';
import { coded } from './core/saying.ts';
import type { Forwarder } from './forwarder.ts';
import type { BackupDesk } from './relay/backup.ts';
import { deliveryDesk } from './relay/delivery.ts';
import { type DriftParts, driftHandlers } from './relay/drift.ts';
import { groupHandlers } from './relay/group.ts';
import type { JournalDesk } from './relay/journal.ts';
import { mappingCases } from './relay/mapping.ts';
import { planDesk } from './relay/plan.ts';
import { policyHandlers } from './relay/policy.ts';
import { preflightDesk } from './relay/preflight.ts';
import { reviewHandlers } from './relay/review.ts';
import type { Steeple } from './steeple.ts';
import type { Directory } from './store/directory.ts';
import type { Editing } from './store/editing.ts';
import type { Explaining } from './store/explaining.ts';
import type { Externals } from './store/externals.ts';
import type { Gatekeeping } from './store/gatekeeping.ts';
import { grounds } from './store/grounds.ts';
import type { GroupFiles } from './store/groupfile.ts';
import type { Journal } from './store/journal.ts';
import type { Mappings } from './store/mapping.ts';
import type { Observing } from './store/observed.ts';
import type { Outbox } from './store/outbox.ts';
import type { Planning } from './store/planning.ts';
import type { Reviews } from './store/reviews.ts';
import type { Settings } from './store/settings.ts';
import type { Sources } from './store/sources.ts';
import type { Surveyor } from './surveyor.ts';
import type { UpstreamKeeper } from './upstream.ts';

type Parts = Readonly<{
  about: Readonly<{ version: string; startedAt: number; pid: number; data: string; scim: string }>;
  sources: Sources;
  directory: Directory;
  settings: Settings;
  mappings: Mappings;
  editing: Editing;
  observed: Observing;
  outbox: Outbox;
  reviews: Reviews;
  planning: Planning;
  explaining: Explaining;
  groupFiles: GroupFiles;
  gatekeeping: Gatekeeping;
  externals: Externals;
  surveyor: Surveyor;
  upstream: UpstreamKeeper;
  scan(steeple: Steeple): Promise<number>;
  sender: Pick<Forwarder, 'circuit' | 'pace'>;
  /** Somebody decided something: plan, send, and tell whoever watches. */
  changed(...what: readonly string[]): void;
  /** Keeps a decision that is only a setting, with its journal entry, in one commit. */
  decide(actor: string, body: Readonly<{ what: string; [more: string]: unknown }>, work: () => void): Promise<void>;
  journal: Journal;
  journals: Pick<JournalDesk, 'handlers'>;
  backups: Pick<BackupDesk, 'handlers' | 'shown'>;
  /** A ticket for the console, for that person. Nobody named: for whoever runs the relay. */
  ticket(name: string | undefined): { url: string; expiresAt: number; name: string };
  newId(): string;
  newToken(): string;
  now(): number;
}> &
  DriftParts;

const hour = 3_600_000;
/** From so many on, a plan takes longer than getting the thread ready for it. */
const manyPeople = 20_000;

/** All but those of relay/operations.ts, relay/bundle.ts and relay/undo.ts, which main.ts adds. */
export function relay(
  parts: Parts,
): Omit<
  Handlers,
  keyof typeof operationsCalls | keyof typeof keyCalls | keyof typeof bundleCalls | keyof typeof undoCalls
> {
  const { sources, directory, journal, settings, mappings, observed, outbox, reviews, planning, explaining, upstream } =
    parts;
  const { changed, now } = parts;

  async function status(): Promise<Status> {
    const { version, at: _, mapping } = mappings.inForce();
    const { count, oldestAt } = await reviews.waiting();
    const { entries, pushes, refusals, lastAt, lastPush } = journal.counts();
    const { entry, observed: seen } = settings.get('grounds');
    const { takingBack, ...sync } = settings.get('sync');
    const people = await directory.counts();
    return {
      ...parts.about,
      sync: { ...sync, ...(takingBack && { takingBack: { people: planning.ours().created } }) },
      directory: people,
      observed: { ...(await observed.counts()), at: settings.get('scannedAt') },
      journal: { entries, pushes, refusals, lastAt },
      grounds: { entry: Math.max(entry, lastPush), observed: seen },
      mapping: {
        version,
        links: mapping.links.length,
        broken: await mappings.broken(),
        proposed: await parts.editing.expansions.waiting(),
      },
      held: { count, oldestAt },
      alarms: parts.gatekeeping.alarms(),
      quietUntil: quietUntil(settings.get('policy').quietHours, now()) ?? null,
      externals: parts.externals.counts(now()),
      deliveries: await outbox.counts(),
      circuit: parts.sender.circuit(),
      drift: parts.drifts.open(),
      owesPlan: sync.state === 'on' || takingBack ? Math.min(await planning.owed(), Math.max(1, people.users)) : 0,
      sources: [...(await sources.list(now()))],
      upstream: await upstream.show(),
      backup: parts.backups.shown(),
    };
  }

  /** A first plan compares with Steeple as it is now; afterwards every acknowledged write is known without asking. */
  async function observe(maxAgeMs: number): Promise<void> {
    const { state, takingBack } = settings.get('sync');
    if (state === 'on') return;
    // What a scan reads would be older than what is acknowledged meanwhile.
    if (takingBack) {
      const { owed, sending } = await outbox.counts();
      if (owed + sending > 0) return;
    }
    const at = settings.get('scannedAt');
    if (at !== null && now() - at < maxAgeMs) return;
    const upstreamNow = await upstream.needed();
    // What follows a look at Steeple is a whole plan: of many people, the thread it is made in gets ready meanwhile.
    if ((await directory.counts()).users >= manyPeople) void parts.surveyor.warm?.().catch(() => {});
    await parts.scan(upstreamNow);
  }

  const secret = (id: string, token: string) => ({ id, tenantUrl: parts.about.scim, secretToken: token });

  return {
    status,

    'upstream.set': async ({ by, reason, ...given }) => {
      const tokens = { token: given.token !== undefined, apiToken: given.apiToken !== undefined };
      await upstream.set(given, (address) =>
        parts.decide(by, { what: 'upstream.set', ...address, ...tokens, ...(reason && { reason }) }, () => {
          settings.set('upstream', address);
          settings.set('scannedAt', null); // perhaps another organization: look before the next plan
          grounds(settings).seen();
        }),
      );
      changed('status');
      return { ...(await upstream.show()), test: coded(await upstream.test()) };
    },
    'upstream.test': async () => coded(await upstream.test()),
    'upstream.show': () => upstream.show(),
    'upstream.clearToken': async ({ by, reason }) => {
      await upstream.clearToken();
      await parts.decide(by, { what: 'upstream.clearToken', ...(reason && { reason }) }, () => {});
      changed('status');
      return upstream.show();
    },

    'source.add': async ({ kind, name, by }) => {
      const token = parts.newToken();
      const id = await sources.add({ kind, name, token, by, now: now() });
      changed('status');
      return secret(id, token);
    },
    'source.list': async () => [...(await sources.list(now()))],
    'source.rotate': async ({ id, overlapHours, ...said }) => {
      const token = parts.newToken();
      await sources.rotate({ id, token, overlapMs: overlapHours * hour, ...said, now: now() });
      changed('status');
      return secret(id, token);
    },
    'source.set': async ({ id, allow, rate, by }) => {
      const limits = { ...(allow !== undefined && { allow }), ...(rate !== undefined && { rate }) };
      const source = await sources.set({ id, ...limits, by, now: now() });
      changed('status');
      return source;
    },
    'source.revoke': async (given) => {
      const source = await sources.revoke({ ...given, now: now() });
      changed('status');
      return source;
    },

    ...mappingCases({ editing: parts.editing, upstream, changed, now }),

    ...planDesk({ ...parts, observe }),
    ...preflightDesk({ ...parts, observe, status }),

    ...reviewHandlers(parts),
    ...policyHandlers({ ...parts, newId: parts.newId }),

    why: async ({ userName }) => {
      const why = await explaining.why(userName, now());
      return { ...why, history: await parts.surveyor.history(why.person.id) };
    },
    people: async (look) => {
      const { items, total } = await directory.people(look);
      return { items: [...items], total };
    },
    groups: async (look) => {
      const { items, total } = await directory.groups(look);
      const links = Map.groupBy(mappings.inForce().mapping.links, ({ team }) => team);
      const linksOf = (id: string) => (links.get(id) ?? []).map(({ community, role }) => ({ community, role }));
      return { items: items.map((row) => ({ ...row, links: linksOf(row.id) })), total };
    },

    ...groupHandlers(parts.groupFiles, now),

    ...parts.journals.handlers,
    ...parts.backups.handlers,

    ...driftHandlers(parts),
    ...deliveryDesk({ outbox, sender: parts.sender, changed, now }),

    'console.ticket': async ({ by }) => parts.ticket(by),
  };
}
