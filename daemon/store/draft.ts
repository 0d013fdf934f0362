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
import { saidOf, say } from '../core/saying.ts';
import { Malformed, NotFound, Stale } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import type { Drafted, Mappings } from './mapping.ts';
import type { Teams } from './teams.ts';

export type Drafts = ReturnType<typeof drafts>;
/** Of what a draft would undo so many are told, and so many named in a refusal. */
const most = 100;
const mostNamed = 5;

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
    const { words, said } = between(base, now.mapping, 'published');
    return {
      version: now.version,
      author: now.author,
      at: now.at ?? 0,
      note: now.note,
      words: words.slice(0, most),
      said: said?.slice(0, most) ?? [],
    };
  }

  function state(): DraftState {
    const draft = mappings.draft();
    const { mapping, version: base, author, at } = draft ?? mappings.inForce();
    const from = mappings.which(base).mapping;
    const { added, removed, changed } = linkDifference(from, mapping);
    const settings = ({ links: _, ...rest }: Mapping) => JSON.stringify(rest);
    const communities = mappings.communityNames();
    const faults = faultsIn(mapping, (id) => communities.get(id));
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
      faults,
      faultsSaid: faults.map(saidOf),
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
    const next = editionNow() + 1;
    write.run({ base, edition: next, author, at, body });
    if (mapping) mappings.remember({ version: base, edition: next, author, at, note: '', mapping });
  }
  function mustBe(seen: number | undefined): void {
    if (seen === undefined || seen === editionNow()) return;
    const draft = mappings.draft();
    throw new Stale(draft ? say('draft.changed', { author: draft.author }) : say('draft.gone'));
  }
  function needed(): Drafted {
    const draft = mappings.draft();
    if (draft === undefined) throw new NotFound(say('draft.none'));
    return draft;
  }

  /** @throws Malformed for a group, community or role there is not: a link that is there already may name what is gone */
  function links(keys: readonly LinkKey[], mapping: Mapping): Link[] {
    const communities = mappings.communityNames();
    const live = new Map(teams.some(keys.map(({ groupId }) => groupId)).map((team) => [team.id, team]));
    const there = new Set(mapping.links.map(({ team, community }) => `${team}\0${community}`));
    return keys.map(({ source, groupId, community, role }) => {
      const team = live.get(groupId);
      const known = there.has(`${groupId}\0${community}`);
      if (team?.source !== source || (!team.live && !known))
        throw new Malformed('invalidValue', say('mapping.no-group', { source, id: groupId }));
      if (!communities.has(community) && !known)
        throw new Malformed('invalidValue', say('mapping.no-community', { community }));
      if (!mapping.roles.some(({ id }) => id === role))
        throw new Malformed('invalidValue', say('mapping.no-role', { role }));
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
          throw new Malformed('invalidValue', say('mapping.no-role', { role: rule.role }));
        if (!mappings.hasSource(rule.source))
          throw new Malformed('invalidValue', say('mapping.no-source', { source: rule.source }));
        return withRule(mapping, rule, teams.live(), catalogueOf(mappings.listed()));
      }, by),
    dropRule: async (id: string, keepLinks: boolean, by: Edit): Promise<DraftState> =>
      edit((mapping) => {
        if (!mapping.rules?.some((rule) => rule.id === id))
          throw new NotFound(say('mapping.no-rule-draft', { rule: id }));
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

function conflictWords({ version, author, note, words }: DraftConflict, base: number): string {
  const more = words.length > mostNamed ? `, and ${words.length - mostNamed} more` : '';
  const what = words.length === 0 ? 'It says the same' : `${words.slice(0, mostNamed).join('; ')}${more}`;
  const facts = { version, author, base, what };
  return note === '' ? say('draft.conflict', facts) : say('draft.conflict-note', { ...facts, note });
}
