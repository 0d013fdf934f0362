/**
 * The catalogue of communities, which links may name. One that is gone from its list stays, marked missing, with the links
 * that name it; neither that nor a new name changes anybody's access (A4): names are in the names of groups only.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { type Community, CommunityRow } from '../contract/mapping.ts';
import { NotFound } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import { owed } from './owed.ts';

export function communities(db: Database, journal: Journal) {
  const owe = owed(db);
  const listed = db.prepare<[], unknown>('SELECT id, name, state, origin FROM community ORDER BY name, id');
  const named = db.prepare<[], [id: string, name: string]>('SELECT id, name FROM community').raw();
  const upsert = db.prepare<Community & { origin: string; at: number }>(`
    INSERT INTO community (id, name, state, origin, seen_at) VALUES (@id, @name, 'listed', @origin, @at)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = 'listed', origin = excluded.origin, seen_at = excluded.seen_at`);
  const missing = db.prepare<{ at: number; origin: string }>(
    "UPDATE community SET state = 'missing' WHERE seen_at < @at AND origin = @origin",
  );
  const miss = db.prepare<{ id: string }>("UPDATE community SET state = 'missing' WHERE id = @id");
  const drop = db.prepare<{ id: string }>('DELETE FROM community WHERE id = @id');

  const all = (): CommunityRow[] => z.array(CommunityRow).parse(listed.all());
  /** What changed is journaled; the names of the groups we keep in Steeple may have to follow. */
  const changed = (actor: string, at: number, what: Readonly<Record<string, unknown>>): CommunityRow[] => {
    journal.append({ at, kind: 'decision', actor, body: { what: 'communities', ...what } });
    owe.groups();
    return all();
  };

  return {
    communities: async (): Promise<CommunityRow[]> => all(),
    communityNames: (): ReadonlyMap<string, string> => new Map(named.all()),
    /** For callers inside a transaction of the store. */
    listed: (): CommunityRow[] => all().filter(({ state }) => state === 'listed'),
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
        return changed(actor, at, { origin, list });
      }),
    /** One by hand; no list that is imported or read later takes it for missing. */
    addCommunity: async (community: Community, actor: string, at: number): Promise<CommunityRow[]> =>
      commit(db, journal, () => {
        upsert.run({ ...community, origin: 'hand', at });
        return changed(actor, at, { origin: 'hand', list: [community] });
      }),
    /** While links name it, it stays as missing. @throws NotFound */
    removeCommunity: async (id: string, isLinked: () => boolean, actor: string, at: number): Promise<CommunityRow[]> =>
      commit(db, journal, () => {
        const { changes } = (isLinked() ? miss : drop).run({ id });
        if (changes === 0) throw new NotFound(`There is no community "${id}" in the catalogue`);
        return changed(actor, at, { origin: 'hand', removed: id });
      }),
  };
}
