/**
 * Mapping versions and the catalogue of communities.
 *
 * Versions are only added; the last one is in force. Links are stored by source and the group's stable id (A4). What
 * exists, for reading a mapping file against, comes from here as well, in the transaction that publishes it.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { type Community, CommunityRow, type MappingFile, Role } from '../contract/mapping.ts';
import { fold } from '../core/directory.ts';
import type { Mapping } from '../core/mapping.ts';
import { type Known, type Reading, readMapping } from '../core/mappingfile.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import { owed } from './owed.ts';

const Stored = z.object({
  mode: z.enum(['managed', 'mirror']),
  nameTemplate: z.string(),
  roles: z.array(Role),
  links: z.array(z.object({ source: z.string(), team: z.string(), community: z.string(), role: z.string() })),
});
const Row = z.object({ version: z.int(), at: z.int(), author: z.string(), note: z.string(), body: z.string() });
export type Published = Readonly<{
  version: number;
  at: number | null;
  author: string;
  note: string;
  mapping: Mapping;
}>;
export type Mappings = ReturnType<typeof mappings>;

/** Before anything is imported: no links, in the default mode. */
const nothing: Published = {
  version: 0,
  at: null,
  author: '',
  note: '',
  mapping: {
    mode: 'managed',
    nameTemplate: '{community} – {role}',
    roles: [
      { id: 'contributor', rank: 1 },
      { id: 'administrator', rank: 2 },
    ],
    links: [],
  },
};

export function mappings(db: Database, journal: Journal) {
  const lastVersion = db.prepare<[], number | null>('SELECT max(version) FROM mapping').pluck();
  const ofVersion = db.prepare<{ version: number }, unknown>('SELECT * FROM mapping WHERE version = @version');
  const insert = db.prepare<{ at: number; author: string; note: string; body: string }>(
    'INSERT INTO mapping (at, author, note, body) VALUES (@at, @author, @note, @body)',
  );
  const owe = owed(db);
  const sources = db.prepare<[], { id: string }>("SELECT id FROM source WHERE state = 'active'");
  const byExternalId = db.prepare<{ source: string; value: string }, { id: string }>(
    "SELECT id FROM team WHERE source = @source AND external_id = @value AND state = 'live' ORDER BY num",
  );
  const byId = db.prepare<{ source: string; value: string }, { id: string }>(
    "SELECT id FROM team WHERE source = @source AND id = @value AND state = 'live'",
  );
  const byName = db.prepare<{ source: string; value: string }, { id: string }>(
    "SELECT id FROM team WHERE source = @source AND display_name_key = @value AND state = 'live' ORDER BY num",
  );
  // An externalId that another live group of the source has, too, would not lead back to this one.
  const tellingExternalId = db
    .prepare<{ id: string }, string | null>(`
      SELECT external_id FROM team WHERE id = @id AND NOT EXISTS (
        SELECT 1 FROM team other WHERE other.source = team.source AND other.external_id = team.external_id
          AND other.state = 'live' AND other.num <> team.num)`)
    .pluck();
  const liveTeams = db.prepare<[], { id: string }>("SELECT id FROM team WHERE state = 'live'");
  const listed = db.prepare<[], unknown>('SELECT id, name, state, origin FROM community ORDER BY name, id');
  const upsert = db.prepare<Community & { origin: string; at: number }>(`
    INSERT INTO community (id, name, state, origin, seen_at) VALUES (@id, @name, 'listed', @origin, @at)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = 'listed', origin = excluded.origin, seen_at = excluded.seen_at`);
  const missing = db.prepare<{ at: number; origin: string }>(
    "UPDATE community SET state = 'missing' WHERE seen_at < @at AND origin = @origin",
  );

  // A version never changes, so it is read once; that there is a newer one is asked every time.
  let lastRead = nothing;
  function current(): Published {
    const version = lastVersion.get() ?? 0;
    if (version === 0) return nothing;
    if (version !== lastRead.version) {
      const row = Row.parse(ofVersion.get({ version }));
      lastRead = { ...row, mapping: Stored.parse(JSON.parse(row.body)) };
    }
    return lastRead;
  }
  const communities = (): CommunityRow[] => z.array(CommunityRow).parse(listed.all());
  function known(): Known {
    const sourceIds = new Set(sources.all().map(({ id }) => id));
    const names = new Map(communities().map(({ id, name }) => [id, name]));
    return {
      hasSource: (source) => sourceIds.has(source),
      community: (id) => names.get(id),
      teams(source, key) {
        if ('externalId' in key) return byExternalId.all({ source, value: key.externalId }).map(({ id }) => id);
        if ('id' in key) return byId.all({ source, value: key.id }).map(({ id }) => id);
        return byName.all({ source, value: fold(key.displayName) }).map(({ id }) => id);
      },
    };
  }

  return {
    current: async (): Promise<Published> => current(),
    /** For callers inside a transaction of the store. */
    inForce: current,
    read: async (text: string): Promise<Reading> => readMapping(text, known()),
    /** Publishes a file's mapping in one transaction with reading it, so nothing it names can vanish in between. */
    publish: async (text: string, author: string, note: string, at: number): Promise<Reading> =>
      commit(db, journal, (): Reading => {
        const reading = readMapping(text, known());
        if (reading.mapping === undefined) return reading;
        const version = Number(insert.run({ at, author, note, body: JSON.stringify(reading.mapping) }).lastInsertRowid);
        const seq = journal.append({
          at,
          kind: 'decision',
          actor: author,
          body: { what: 'mapping.publish', version, note, mapping: reading.mapping },
        });
        owe.everybody(seq);
        return reading;
      }),
    /** The mapping in force as the file that a person keeps: groups by externalId where that tells which one. */
    file: async (): Promise<MappingFile> => {
      const { mode, nameTemplate, roles, links } = current().mapping;
      const key = (id: string): MappingFile['links'][number]['group'] => {
        const externalId = tellingExternalId.get({ id }) ?? null;
        return externalId === null ? { id } : { externalId };
      };
      const rows = links.map(({ source, team, community, role }) => ({ source, group: key(team), community, role }));
      const order = (row: (typeof rows)[number]) => JSON.stringify([row.community, row.role, row.source, row.group]);
      // A stable order reads well in git.
      rows.sort((a, b) => (order(a) < order(b) ? -1 : 1));
      return { version: 1, mode, nameTemplate, roles: [...roles], links: rows };
    },
    /** How many links name a group that is gone. */
    broken: async (): Promise<number> => {
      const live = new Set(liveTeams.all().map(({ id }) => id));
      return current().mapping.links.filter(({ team }) => !live.has(team)).length;
    },
    communities: async (): Promise<CommunityRow[]> => communities(),
    communityNames: (): ReadonlyMap<string, string> => new Map(communities().map(({ id, name }) => [id, name])),
    /** Adds and renames; what an earlier list of the same origin had and this one has not is marked missing. */
    catalogue: async (
      list: readonly Community[],
      origin: 'api' | 'file',
      actor: string,
      at: number,
    ): Promise<CommunityRow[]> =>
      commit(db, journal, () => {
        for (const { id, name } of list) upsert.run({ id, name, origin, at });
        missing.run({ at, origin });
        journal.append({ at, kind: 'decision', actor, body: { what: 'communities', origin, list } });
        owe.groups(); // a name is in the names of its groups, and in nobody's access (A4)
        return communities();
      }),
  };
}
