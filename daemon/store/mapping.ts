/**
 * Mapping versions, and the draft as something to read.
 *
 * Versions are only added; the last one is in force. Links are stored by source and the group's stable id (A4). What
 * exists, for reading a mapping file against, comes from here as well, in the transaction that publishes it. How the
 * draft is edited: draft.ts. The catalogue: communities.ts.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { defaultRoles, type MappingFile, Role, Rule, type Which } from '../contract/mapping.ts';
import { VersionRow } from '../contract/versions.ts';
import { fold } from '../core/directory.ts';
import type { Mapping } from '../core/mapping.ts';
import { faultsIn } from '../core/mappingedit.ts';
import { fileOf, type Known, type Reading, readMapping } from '../core/mappingfile.ts';
import { isList, readList } from '../core/mappinglist.ts';
import { say } from '../core/saying.ts';
import { Malformed, NotFound } from '../errors.ts';
import { commit } from './commit.ts';
import { communities } from './communities.ts';
import type { Journal } from './journal.ts';
import { owed } from './owed.ts';

const Stored = z.object({
  mode: z.enum(['managed', 'mirror']),
  nameTemplate: z.string(),
  roles: z.array(Role),
  rules: z.array(Rule).exactOptional(),
  links: z.array(
    z.object({
      source: z.string(),
      team: z.string(),
      community: z.string(),
      role: z.string(),
      rule: z.string().exactOptional(),
    }),
  ),
});
const Row = z.object({ version: z.int(), at: z.int(), author: z.string(), note: z.string(), body: z.string() });
const DraftRow = z.object({
  base: z.int(),
  edition: z.int(),
  author: z.string(),
  at: z.int(),
  body: z.string().nullable(),
});
export type Published = Readonly<{
  version: number;
  at: number | null;
  author: string;
  note: string;
  mapping: Mapping;
}>;
/** The draft in the shape of a mapping in force; `version` is the one it was begun from. */
export type Drafted = Published & Readonly<{ at: number; edition: number }>;
export type Mappings = ReturnType<typeof mappings>;
export type Publication = Readonly<{
  author: string;
  note: string;
  at: number;
  origin: VersionRow['origin'];
  /** More for the journal's entry. */
  body?: Readonly<Record<string, unknown>>;
}>;

/** Before anything is imported: no links, in the default mode. */
const nothing: Published = {
  version: 0,
  at: null,
  author: '',
  note: '',
  mapping: { mode: 'managed', nameTemplate: '{community} – {role}', roles: defaultRoles, links: [] },
};

export function mappings(db: Database, journal: Journal) {
  const lastVersion = db.prepare<[], number | null>('SELECT max(version) FROM mapping').pluck();
  const ofVersion = db.prepare<{ version: number }, unknown>('SELECT * FROM mapping WHERE version = @version');
  const insert = db.prepare<{ at: number; author: string; note: string; origin: string; body: string }>(
    'INSERT INTO mapping (at, author, note, origin, body) VALUES (@at, @author, @note, @origin, @body)',
  );
  const versions = db.prepare<{ offset: number; limit: number }, unknown>(`
    SELECT version, at, author, note, origin, json_array_length(body, '$.links') AS links,
           coalesce(json_array_length(body, '$.rules'), 0) AS rules
    FROM mapping ORDER BY version DESC LIMIT @limit OFFSET @offset`);
  const drafted = db.prepare<[], unknown>('SELECT base, edition, author, at, body FROM draft');
  const owe = owed(db);
  const sources = db.prepare<[], { id: string }>("SELECT id FROM source WHERE state = 'active'");
  // The live ones first: a group that is gone is found only where no other has the key.
  const byExternalId = db.prepare<{ source: string; value: string }, { id: string; live: number }>(`
    SELECT id, state = 'live' AS live FROM team WHERE source = @source AND external_id = @value ORDER BY num`);
  const byId = db.prepare<{ source: string; value: string }, { id: string; live: number }>(
    "SELECT id, state = 'live' AS live FROM team WHERE source = @source AND id = @value",
  );
  const byName = db.prepare<{ source: string; value: string }, { id: string }>(
    "SELECT id FROM team WHERE source = @source AND display_name_key = @value AND state = 'live' ORDER BY num",
  );
  // An externalId that another live group of the source has, too, would not lead back to this one.
  const telling = db.prepare<{ id: string }, { externalId: string | null; name: string }>(`
    SELECT CASE WHEN NOT EXISTS (
        SELECT 1 FROM team other WHERE other.source = team.source AND other.external_id = team.external_id
          AND other.state = 'live' AND other.num <> team.num) THEN external_id END AS externalId, display_name AS name
    FROM team WHERE id = @id`);
  const liveTeams = db.prepare<[], { id: string }>("SELECT id FROM team WHERE state = 'live'");
  const list = communities(db, journal);

  // A version never changes, so it is read once; that there is a newer one is asked every time.
  let lastRead = nothing;
  let lastOther = nothing;
  function version(number: number): Published {
    if (number === 0) return nothing;
    if (number === lastRead.version) return lastRead;
    if (number === lastOther.version) return lastOther;
    const found = ofVersion.get({ version: number });
    if (found === undefined) throw new NotFound(say('mapping.no-version', { version: number }));
    const { body, ...row } = Row.parse(found);
    lastOther = { ...row, mapping: Stored.parse(JSON.parse(body)) };
    return lastOther;
  }
  function current(): Published {
    lastRead = version(lastVersion.get() ?? 0);
    return lastRead;
  }
  let lastDraft: Drafted | undefined;
  function draft(): Drafted | undefined {
    const row = DraftRow.optional().parse(drafted.get());
    if (row === undefined || row.body === null) return undefined;
    const { base, edition, author, at, body } = row;
    if (lastDraft?.edition !== edition)
      lastDraft = { version: base, edition, at, author, note: '', mapping: Stored.parse(JSON.parse(body)) };
    return lastDraft;
  }
  function which(of: Which): Published {
    if (of === 'draft') return draft() ?? current();
    return of === 'published' ? current() : version(of);
  }

  function known(): Known {
    const sourceIds = new Set(sources.all().map(({ id }) => id));
    const names = list.communityNames();
    // A link to a group that is gone stays (A6), so a file that was exported with it can be read again.
    const linked = new Set([...current().mapping.links, ...(draft()?.mapping.links ?? [])].map(({ team }) => team));
    const found = (rows: readonly Readonly<{ id: string; live: number }>[]): string[] => {
      const live = rows.filter((row) => row.live === 1);
      return (live.length > 0 ? live : rows.filter(({ id }) => linked.has(id))).map(({ id }) => id);
    };
    return {
      hasSource: (source) => sourceIds.has(source),
      community: (id) => names.get(id),
      teams(source, key) {
        if ('externalId' in key) return found(byExternalId.all({ source, value: key.externalId }));
        if ('id' in key) return found(byId.all({ source, value: key.id }));
        return byName.all({ source, value: fold(key.displayName) }).map(({ id }) => id);
      },
    };
  }

  /** The next version. @throws Malformed when the mapping is not one that can be in force */
  function put(mapping: Mapping, { author, note, at, origin, body }: Publication): number {
    const names = list.communityNames();
    const faults = faultsIn(mapping, (id) => names.get(id));
    if (faults.length > 0) throw new Malformed('invalidValue', faults.join('\n'));
    const number = Number(insert.run({ at, author, note, origin, body: JSON.stringify(mapping) }).lastInsertRowid);
    const seq = journal.append({
      at,
      kind: 'decision',
      actor: author,
      body: { what: 'mapping.publish', version: number, origin, note, ...body, mapping },
    });
    owe.everybody(seq);
    return number;
  }

  const reading = (text: string, now: Mapping): Reading =>
    isList(text) ? readList(text, known(), now) : readMapping(text, known());

  return {
    ...list,
    current: async (): Promise<Published> => current(),
    // What follows is for callers inside a transaction of the store.
    inForce: current,
    draft,
    /** The draft as it was just written: the links nobody touched stay the same objects. A rollback goes back to another edition. */
    remember: (drafted: Drafted): void => {
      lastDraft = drafted;
    },
    /** How many links the draft has that are not published, and lacks that are. */
    draftChanges(): number {
      const key = ({ source, team, community, role }: Mapping['links'][number]) =>
        JSON.stringify([source, team, community, role]);
      const drafted = draft()?.mapping.links;
      return drafted === undefined
        ? 0
        : new Set(drafted.map(key)).symmetricDifference(new Set(current().mapping.links.map(key))).size;
    },
    /** @throws NotFound */
    which,
    reading,
    hasSource: (id: string): boolean => sources.all().some((source) => source.id === id),
    put,
    read: async (text: string): Promise<Reading> => reading(text, current().mapping),
    /** Publishes a file's mapping in one transaction with reading it, so nothing it names can vanish in between. */
    publish: async (text: string, author: string, note: string, at: number): Promise<Reading> =>
      commit(db, journal, (): Reading => {
        const found = reading(text, current().mapping);
        if (found.mapping) put(found.mapping, { author, note, at, origin: 'import' });
        return found;
      }),
    /** What an earlier version said, as a new one. @throws NotFound, Malformed */
    rollback: async (number: number, author: string, note: string, at: number): Promise<number> =>
      commit(db, journal, () =>
        put(version(number).mapping, { author, note, at, origin: 'rollback', body: { back: number } }),
      ),
    /** A mapping as the file that a person keeps: groups by externalId where that tells which one. */
    written: (mapping: Mapping, names: boolean): MappingFile => fileOf(mapping, (id) => telling.get({ id }), names),
    /** The newest first. */
    history: async (offset: number, limit: number): Promise<{ items: VersionRow[]; total: number }> => {
      const last = lastVersion.get() ?? 0;
      const rows = z.array(VersionRow.omit({ inForce: true })).parse(versions.all({ offset, limit }));
      return { items: rows.map((row) => ({ ...row, inForce: row.version === last })), total: last };
    },
    /** How many links name a group that is gone. */
    broken: async (): Promise<number> => {
      const live = new Set(liveTeams.all().map(({ id }) => id));
      return current().mapping.links.filter(({ team }) => !live.has(team)).length;
    },
  };
}
