/**
 * The one draft of the mapping: edited link by link, discarded, made again on a newer version, published.
 *
 * It gives nobody anything. Whoever publishes names the version they saw the difference to: where another is in force by
 * then, nothing is published, and the refusal says whose it is and what it changed. Edits are not journaled, they decide
 * nothing; publishing is, with all of the mapping.
 */
import type { Database } from 'better-sqlite3';
import type { DraftConflict, DraftState } from '../contract/draft.ts';
import type { LinkKey, Role, Rule } from '../contract/mapping.ts';
import type { MappingDiff } from '../contract/versions.ts';
import type { Link, Mapping } from '../core/mapping.ts';
import { diffOf, linkDifference } from '../core/mappingdiff.ts';
import { alike, faultsIn, rebased, tidy, withLinks, withoutRule, withRule } from '../core/mappingedit.ts';
import type { Reading } from '../core/mappingfile.ts';
import { catalogueOf } from '../core/mappingrule.ts';
import { Malformed, NotFound, Stale } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import type { Drafted, Mappings } from './mapping.ts';
import type { Teams } from './teams.ts';

export type Drafts = ReturnType<typeof drafts>;
/** `edition`: the one the caller saw; absent: whichever it is. */
export type Edit = Readonly<{ by: string; at: number; edition?: number | undefined }>;

export function drafts(
  db: Database,
  { journal, mappings, teams }: Readonly<{ journal: Journal; mappings: Mappings; teams: Teams }>,
) {
  const edition = db.prepare<[], number>('SELECT edition FROM draft').pluck();
  const write = db.prepare<{ base: number; edition: number; author: string; at: number; body: string | null }>(`
    INSERT INTO draft (num, base, edition, author, at, body) VALUES (1, @base, @edition, @author, @at, @body)
    ON CONFLICT (num) DO UPDATE SET base = excluded.base, edition = excluded.edition, author = excluded.author,
      at = excluded.at, body = excluded.body`);
  const editionNow = (): number => edition.get() ?? 0;

  const names = () => {
    const communities = mappings.communityNames();
    const groups = new Map(teams.all().map(({ id, name }) => [id, name]));
    return { community: (id: string) => communities.get(id), group: (id: string) => groups.get(id) };
  };
  const between = (from: Drafted['version'], to: Mapping, which: 'published' | 'draft'): MappingDiff =>
    diffOf({ which: from, mapping: mappings.which(from).mapping }, { which, mapping: to }, names());

  function conflictOf(base: number): DraftConflict | null {
    const now = mappings.inForce();
    if (base === now.version) return null;
    const words = between(base, now.mapping, 'published').words.slice(0, 100);
    return { version: now.version, author: now.author, at: now.at ?? 0, note: now.note, words };
  }

  function state(): DraftState {
    const draft = mappings.draft();
    const { mapping, version: base, author, at } = draft ?? mappings.inForce();
    const from = mappings.which(base).mapping;
    const { added, removed, changed } = linkDifference(from, mapping);
    const settings = ({ links: _, ...rest }: Mapping) => JSON.stringify(rest);
    const communities = mappings.communityNames();
    return {
      exists: draft !== undefined,
      base,
      edition: editionNow(),
      author,
      at,
      links: mapping.links.length,
      added: added.length,
      removed: removed.length,
      changed: changed.length,
      settings: settings(from) !== settings(mapping),
      conflict: conflictOf(base),
      faults: faultsIn(mapping, (id) => communities.get(id)),
    };
  }

  /** One edit in one transaction; the first begins the draft from what is in force. One that changes nothing begins none. */
  const edit = (change: (mapping: Mapping) => Mapping, { by, at, edition: seen }: Edit): DraftState =>
    commit(db, journal, () => {
      mustBe(seen);
      const draft = mappings.draft();
      const { mapping, version: base } = draft ?? mappings.inForce();
      const next = change(mapping);
      if (!alike(next, mapping)) save(next, base, by, at);
      return state();
    });
  function save(mapping: Mapping | null, base: number, author: string, at: number): void {
    const body = mapping && JSON.stringify(mapping);
    write.run({ base, edition: editionNow() + 1, author, at, body });
  }
  function mustBe(seen: number | undefined): void {
    if (seen === undefined || seen === editionNow()) return;
    const draft = mappings.draft();
    throw new Stale(
      `The draft is not what you saw any more: ${draft ? `${draft.author} has changed it since` : 'it was published or discarded'}. Nothing was changed; look at it again.`,
    );
  }
  function needed(): Drafted {
    const draft = mappings.draft();
    if (draft === undefined) throw new NotFound('There is no draft: nothing was changed since the last version');
    return draft;
  }

  /** @throws Malformed for a group, community or role there is not: a link that is there already may name what is gone */
  function links(keys: readonly LinkKey[], mapping: Mapping): Link[] {
    const communities = mappings.communityNames();
    const live = new Map(teams.all().map((team) => [team.id, team]));
    const there = new Set(mapping.links.map(({ team, community }) => `${team}\0${community}`));
    return keys.map(({ source, groupId, community, role }) => {
      const team = live.get(groupId);
      const known = there.has(`${groupId}\0${community}`);
      if (team?.source !== source || (!team.live && !known))
        throw new Malformed('invalidValue', `"${source}" has no group with id "${groupId}"`);
      if (!communities.has(community) && !known)
        throw new Malformed('invalidValue', `There is no community "${community}" in the catalogue`);
      if (!mapping.roles.some(({ id }) => id === role))
        throw new Malformed('invalidValue', `There is no role "${role}"`);
      return { source, team: groupId, community, role };
    });
  }

  return {
    state: async (): Promise<DraftState> => state(),
    change: async (
      { add, remove }: Readonly<{ add: readonly LinkKey[]; remove: readonly LinkKey[] }>,
      by: Edit,
    ): Promise<DraftState> =>
      edit((mapping) => {
        const gone = remove.map(({ groupId: team, ...key }) => ({ ...key, team }));
        return withLinks(mapping, links(add, mapping), gone);
      }, by),
    settings: async (
      settings: Readonly<Partial<{ mode: Mapping['mode']; nameTemplate: string; roles: readonly Role[] }>>,
      by: Edit,
    ): Promise<DraftState> => edit((mapping) => ({ ...mapping, ...settings }), by),
    rule: async (rule: Rule, by: Edit): Promise<DraftState> =>
      edit((mapping) => {
        if (!mapping.roles.some(({ id }) => id === rule.role))
          throw new Malformed('invalidValue', `There is no role "${rule.role}"`);
        if (!mappings.hasSource(rule.source))
          throw new Malformed('invalidValue', `There is no source "${rule.source}"`);
        return withRule(mapping, rule, teams.live(), catalogueOf(mappings.listed()));
      }, by),
    dropRule: async (id: string, keepLinks: boolean, by: Edit): Promise<DraftState> =>
      edit((mapping) => {
        if (!mapping.rules?.some((rule) => rule.id === id)) throw new NotFound(`There is no rule "${id}" in the draft`);
        return withoutRule(mapping, id, keepLinks);
      }, by),
    /** Makes a file the draft; one with faults changes nothing. */
    read: async (text: string, { by, at }: Edit): Promise<Reading> =>
      commit(db, journal, () => {
        const now = mappings.which('draft').mapping;
        const reading = mappings.reading(text, now);
        if (reading.mapping) save(reading.mapping, mappings.draft()?.version ?? mappings.inForce().version, by, at);
        return reading;
      }),
    /** An earlier version as the draft. @throws NotFound */
    take: async (version: number, by: Edit): Promise<DraftState> => {
      const { mapping } = mappings.which(version);
      return edit(() => mapping, by);
    },
    discard: async ({ by, at }: Edit): Promise<DraftState> =>
      commit(db, journal, () => {
        if (mappings.draft()) save(null, mappings.inForce().version, by, at);
        return state();
      }),
    rebase: async ({ by, at }: Edit): Promise<DraftState> =>
      commit(db, journal, () => {
        const { version, mapping } = needed();
        const now = mappings.inForce();
        if (version !== now.version)
          save(rebased(mappings.which(version).mapping, mapping, now.mapping), now.version, by, at);
        return state();
      }),
    /** @throws Stale when the draft, or what is in force, is not what the person saw; Malformed for a mapping with faults */
    publish: async ({ base, note, ...by }: Edit & Readonly<{ base: number; note: string }>): Promise<number> =>
      commit(db, journal, () => {
        mustBe(by.edition);
        const { version, mapping } = needed();
        const conflict = conflictOf(version) ?? conflictOf(base);
        if (conflict) throw new Stale(conflictWords(conflict, version));
        const next = mappings.put(tidy(mapping), { author: by.by, note, at: by.at, origin: 'draft' });
        save(null, next, by.by, by.at);
        return next;
      }),
  };
}

const most = 5;
function conflictWords({ version, author, note, words }: DraftConflict, base: number): string {
  const more = words.length > most ? `, and ${words.length - most} more` : '';
  const what = words.length === 0 ? 'It says the same' : `${words.slice(0, most).join('; ')}${more}`;
  return (
    `Version ${version} is in force since, by ${author}${note === '' ? '' : ` (${note})`}, and the draft was begun from version ${base}. ` +
    `${what}. Nothing was published: make the draft again on version ${version}, look at the difference, and publish that.`
  );
}
