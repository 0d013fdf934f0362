/** The use cases about communities and the mapping: its file, its versions, its draft, and what rules propose. */
import type { Handlers } from '../contract/admin.ts';
import type { draftCalls } from '../contract/draft.ts';
import type { CommunityRow, mappingCalls } from '../contract/mapping.ts';
import type { Expansion, versionCalls } from '../contract/versions.ts';
import { readCommunities } from '../core/catalogue.ts';
import type { Link, Mapping } from '../core/mapping.ts';
import { withLinks } from '../core/mappingedit.ts';
import { fileText, type Reading } from '../core/mappingfile.ts';
import { listText } from '../core/mappinglist.ts';
import { Malformed } from '../errors.ts';
import type { Editing } from '../store/editing.ts';
import type { Proposal } from '../store/expansions.ts';
import type { UpstreamKeeper } from '../upstream.ts';

type Parts = Readonly<{
  editing: Editing;
  upstream: Pick<UpstreamKeeper, 'communities'>;
  changed(...what: readonly string[]): void;
  now(): number;
}>;
type Calls = typeof mappingCalls & typeof versionCalls & typeof draftCalls;

export function mappingCases({ editing, upstream, changed, now }: Parts): Pick<Handlers, keyof Calls> {
  const { mappings, drafts, expansions, boards, outlook } = editing;

  /** After a change of the mapping in force, or of the catalogue: its rules may propose something else. */
  async function published() {
    await expansions.follow(now());
    changed('mapping', 'plan', 'status');
    return boards.show('published');
  }
  async function listed(rows: Promise<CommunityRow[]>): Promise<CommunityRow[]> {
    const all = await rows;
    await expansions.follow(now());
    changed('mapping', 'plan');
    return counted(all);
  }
  const counted = (rows: readonly CommunityRow[]): CommunityRow[] => {
    const links = Map.groupBy(mappings.inForce().mapping.links, ({ community }) => community);
    return rows.map((row) => ({ ...row, links: links.get(row.id)?.length ?? 0 }));
  };
  const drafted = <T>(state: T): T => {
    changed('draft');
    return state;
  };
  const isLinked = (community: string): boolean =>
    (['published', 'draft'] as const).some((of) =>
      mappings.which(of).mapping.links.some((link) => link.community === community),
    );
  const withPeople = async (proposals: readonly Proposal[]): Promise<Expansion[]> => {
    const people = await outlook.people(proposals);
    return proposals.map((one, at) => ({ ...one, people: people[at] ?? 0 }));
  };
  const decided = async (proposals: readonly Proposal[]): Promise<Expansion[]> => {
    changed('mapping', 'status');
    return withPeople(proposals);
  };
  const unpinned = (mapping: Mapping) => outlook.proposals(mapping);
  const keyOf = ({ source, team: groupId, community, role }: Link) => ({ source, groupId, community, role });
  const text = async (mapping: Mapping, names: boolean) => fileText(mappings.written(mapping, names));

  return {
    'communities.import': async ({ text, by }) => listed(mappings.catalogue(readCommunities(text), 'file', by, now())),
    'communities.list': async () => counted(await mappings.communities()),
    'communities.refresh': async ({ by }) => listed(mappings.catalogue(await upstream.communities(), 'api', by, now())),
    'communities.add': ({ id, name, by }) => listed(mappings.addCommunity({ id, name }, by, now())),
    'communities.remove': ({ id, by }) => listed(mappings.removeCommunity(id, () => isLinked(id), by, now())),

    'mapping.validate': async ({ text }) => {
      const { faults, mapping } = await mappings.read(text);
      if (mapping === undefined) return { faults: [...faults], links: 0, rules: 0, expands: [] };
      const { links, rules = [] } = mapping;
      return { faults: [], links: links.length, rules: rules.length, expands: unpinned(mapping).map(keyOf) };
    },
    'mapping.import': async ({ text, note, by }) => {
      mappingIn(await mappings.publish(text, by, note, now()));
      return published();
    },
    'mapping.export': async ({ of, names }) => mappings.written(mappings.which(of).mapping, names),
    'mapping.file': async ({ of, format, names }) => {
      const { mapping } = mappings.which(of);
      return { text: format === 'csv' ? listText(mappings.written(mapping, true)) : await text(mapping, names) };
    },
    'mapping.expand': async (given) => {
      const mapping = mappingIn(await mappings.read(given.text));
      const links = unpinned(mapping);
      return { text: await text(withLinks(mapping, links, []), true), added: links.length };
    },
    'mapping.show': ({ of }) => boards.show(of),

    'mapping.history': ({ offset, limit }) => mappings.history(offset, limit),
    'mapping.diff': ({ from, to }) => outlook.diff(from, to),
    'mapping.rollback': async ({ version, note, by }) => {
      await mappings.rollback(version, by, note, now());
      return published();
    },

    'mapping.board': async ({ of }) => {
      const board = boards.board(of, await drafts.state());
      outlook.expect(of);
      return board;
    },
    'mapping.groups': (look) => boards.groups(look),
    'mapping.communities': (look) => boards.communities(look),
    'mapping.effect': (drawing) => outlook.effect(drawing),
    'mapping.advice': ({ of, limit }) => outlook.advice(of, limit),

    'mapping.draft': () => drafts.state(),
    'mapping.draft.change': async ({ add, remove, edition, by }) =>
      drafted(await drafts.change({ add, remove }, { by, edition, at: now() })),
    'mapping.draft.settings': async ({ mode, nameTemplate, roles, edition, by }) => {
      const settings = {
        ...(mode && { mode }),
        ...(nameTemplate !== undefined && { nameTemplate }),
        ...(roles && { roles }),
      };
      return drafted(await drafts.settings(settings, { by, edition, at: now() }));
    },
    'mapping.draft.rule': async ({ rule, edition, by }) => drafted(await drafts.rule(rule, { by, edition, at: now() })),
    'mapping.draft.dropRule': async ({ id, keepLinks, edition, by }) =>
      drafted(await drafts.dropRule(id, keepLinks, { by, edition, at: now() })),
    'mapping.draft.import': async ({ text, by }) => {
      mappingIn(await drafts.read(text, { by, at: now() }));
      return drafted(await drafts.state());
    },
    'mapping.draft.discard': async ({ by }) => drafted(await drafts.discard({ by, at: now() })),
    'mapping.draft.rebase': async ({ by }) => drafted(await drafts.rebase({ by, at: now() })),
    'mapping.draft.publish': async ({ base, edition, note, by }) => {
      await drafts.publish({ base, edition, note, by, at: now() });
      drafted(undefined);
      return published();
    },

    'mapping.rule.try': ({ rule, of }) => outlook.try(rule, of),
    'mapping.expansions': async ({ states, offset, limit }) => {
      if (await expansions.follow(now())) changed('mapping', 'status');
      const { items, total } = await expansions.list(states, offset, limit);
      return { items: await withPeople(items), total };
    },
    'mapping.confirm': async ({ ids, reason, by }) => {
      const { items, version } = await expansions.confirm([...new Set(ids)], { by, reason, at: now() });
      await published();
      return { items: await withPeople(items), version };
    },
    'mapping.decline': async ({ ids, reason, by }) => ({
      items: await decided(await expansions.decline([...new Set(ids)], { by, reason, at: now() })),
    }),
    'mapping.reconsider': async ({ id, reason, by }) => {
      const [shown] = await decided([await expansions.reconsider(id, { by, reason, at: now() })]);
      return shown as Expansion;
    },
  };
}

/** @throws Malformed with every fault and its line */
function mappingIn({ faults, mapping }: Reading): Mapping {
  if (mapping) return mapping;
  const lines = faults.map(({ line, message }) => `line ${line ?? '?'}: ${message}`);
  throw new Malformed('invalidValue', lines.join('\n'));
}
