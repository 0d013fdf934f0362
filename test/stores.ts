/**
 * The relay's stores on real SQLite, with what a provider, a person and Steeple do to them said in a few words. For books
 * about planning and everything above it; what goes over HTTP is in rig.ts.
 */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../daemon/contract/scim.ts';
import type { Account, patched } from '../daemon/core/account.ts';
import type { Push } from '../daemon/core/directory.ts';
import type { Job } from '../daemon/store/claims.ts';
import { type Database, open, unpacked } from '../daemon/store/db.ts';
import { directory as openDirectory } from '../daemon/store/directory.ts';
import { drifts as openDrifts } from '../daemon/store/drifts.ts';
import { editing as openEditing } from '../daemon/store/editing.ts';
import { explaining as openExplaining } from '../daemon/store/explaining.ts';
import { externals as openExternals } from '../daemon/store/externals.ts';
import { gatekeeping as openGatekeeping } from '../daemon/store/gatekeeping.ts';
import { groupFiles as openGroupFiles } from '../daemon/store/groupfile.ts';
import { journal as openJournal } from '../daemon/store/journal.ts';
import { mappings as openMappings } from '../daemon/store/mapping.ts';
import { type Effect, observing } from '../daemon/store/observed.ts';
import { outbox as openOutbox } from '../daemon/store/outbox.ts';
import { planning as openPlanning } from '../daemon/store/planning.ts';
import { reviews as openReviews } from '../daemon/store/reviews.ts';
import { settings as openSettings } from '../daemon/store/settings.ts';
import { sources as openSources } from '../daemon/store/sources.ts';
import { type Surveying, surveying } from '../daemon/store/surveying.ts';
import type { Surveyor } from '../daemon/surveyor.ts';

export type Stores = Awaited<ReturnType<typeof stores>>;

let empty: Buffer | undefined;
/** A new database in memory. Copied, for a property makes hundreds: every step of its shape takes twenty times as long. */
export function blank(): Database {
  if (empty === undefined) {
    const db = open(':memory:');
    empty = db.serialize();
    db.close();
  }
  return unpacked(empty);
}

/** `file`: a database to open again, for what must survive a restart; or one that is open. */
export async function stores(file: string | Database = ':memory:', now: () => number = Date.now) {
  const db = file === ':memory:' ? blank() : typeof file === 'string' ? open(file) : file;
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
  const editing = openEditing(db, { journal, mappings });
  const observed = observing(db);
  const outbox = openOutbox(db, journal, observed);
  const reviews = openReviews(db, journal);
  const planning = openPlanning(db, { journal, settings, mappings, observed, outbox, reviews });
  const drifts = openDrifts(db, { journal, observed, desire: planning.world });
  const explaining = openExplaining(db, { journal, observed, planning, reviews, settings });
  const externals = openExternals(db, journal);
  const surveys = surveying(db);
  /** A page of a plan, put together as relay/plan.ts does. */
  const page = (id: string, offset: number, limit: number) => ({
    ...surveys.outline(id),
    people: surveys.people(id, undefined, { offset, limit }).items,
    operations: surveys.operations(id, { offset, limit }).items,
    strangers: surveys.strangers(id, '', { offset: 0, limit: 1000 }).items.map((one) => externals.told(one, now())),
  });
  const gatekeeping = openGatekeeping(db, journal, settings);
  const groupFiles = openGroupFiles(db, { mappings, planning });
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
    file: typeof file === 'string' ? file : ':memory:',
    source,
    journal,
    settings,
    sources,
    directory,
    mappings,
    editing,
    drafts: editing.drafts,
    observed,
    outbox,
    reviews,
    planning,
    drifts,
    explaining,
    groupFiles,
    gatekeeping,
    externals,
    surveys,
    page,
    push,
    user: async (userName: string, more: JsonObject = {}) =>
      (await push({ method: 'POST', kind: 'User', body: body(userName, more) }))[0] as string,
    patchUser: (id: string, values: JsonObject) =>
      push({ method: 'PATCH', kind: 'User', id, body: { Operations: [{ op: 'replace', value: values }] } }),
    group: async (displayName: string, members: readonly string[], more: JsonObject = {}) =>
      (
        await push({
          method: 'POST',
          kind: 'Group',
          body: { displayName, members: members.map((value) => ({ value })), ...more },
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
    /** Plans, and enables that plan. */
    async enable() {
      const plan = await planning.preview(now());
      await planning.enable(plan.id, 'test', now());
      return { ...plan, strangers: page(plan.id, 0, 1).strangers };
    },
    /** Plans and sends to a Steeple that takes everything, until nothing is owed that could leave. Gives what was sent. */
    async acknowledge(): Promise<Job[]> {
      const sent: Job[] = [];
      for (;;) {
        const planned = await planning.reconcile(now());
        const jobs = await outbox.claim(now(), 64, 100);
        if (jobs.length === 0 && planned === undefined) return sent;
        sent.push(...jobs);
        await outbox.settle(jobs.map((job) => ({ job, state: 'done', at: now(), effects: effectsOf(job) })));
      }
    },
    async held() {
      return (await reviews.list({ states: ['held'] }, 0, 1000)).items;
    },
    decide: (event: 'approve' | 'keep' | 'undo', ...ids: readonly number[]) =>
      reviews.decide(ids, { event, by: 'reviewer', reason: 'test', at: now(), twoPerson: false }),
    /** What Steeple holds of ours: the names in each group, and who is switched on. */
    steeple() {
      const members = db
        .prepare<[], { grp: string; user: string }>(`
          SELECT g.display_name AS grp, u.user_name AS user FROM observed_group g JOIN observed_member m ON m.grp = g.num
          JOIN observed_user u ON u.num = m.usr ORDER BY grp, user`)
        .all();
      return Object.fromEntries(
        [...Map.groupBy(members, ({ grp }) => grp)].map(([grp, rows]) => [grp, rows.map(({ user }) => user)]),
      );
    },
    close: async () => void db.close(),
  };
}

let made = 0;
/** What a Steeple that did as it was told acknowledges. */
export function effectsOf({ kind, body, person = 0, target = '', steepleId, members }: Job): Effect[] {
  switch (kind) {
    case 'user.create': {
      const account = body.account as unknown as Account;
      return [{ kind: 'user', person, steepleId: `user-${++made}`, account, active: true, origin: 'created' }];
    }
    case 'user.update': {
      const patch = body.patch as unknown as Parameters<typeof patched>[1];
      return [{ kind: 'patched', person, patch }];
    }
    case 'user.deactivate':
      return [{ kind: 'patched', person, patch: [{ op: 'replace', path: 'active', value: false }] }];
    case 'user.delete':
      return [{ kind: 'user-gone', person }];
    case 'group.create':
    case 'group.update':
      return [{ kind: 'group', target, steepleId: steepleId ?? `group-${++made}`, name: String(body.displayName) }];
    case 'group.delete':
      return [{ kind: 'group-gone', target }];
    case 'members': {
      const of = (add: boolean) => members.filter((member) => member.add === add).map((member) => member.person);
      return [{ kind: 'members', target, add: of(true), remove: of(false) }];
    }
  }
}

/** The surveys of this thread, as those beside it answer. */
export const besides = (surveys: Surveying): Surveyor =>
  Object.fromEntries(
    Object.entries(surveys).map(([call, answer]) => [
      call,
      async (...input: unknown[]) => (answer as (...some: unknown[]) => unknown)(...input),
    ]),
  ) as unknown as Surveyor;
