/**
 * The difference of two mappings: as data for pages and scripts, and as sentences in the same order.
 *
 * Pure. Names are looked up by the caller, so that a link to a group that is gone still reads.
 */
import type { Rule, Which } from '../contract/mapping.ts';
import type { Said } from '../contract/said.ts';
import type { LinkChange, MappingDiff } from '../contract/versions.ts';
import { type Link, linkKey, type Mapping, rulesOf } from './mapping.ts';
import { said, wordsOf } from './saying.ts';

export type Names = Readonly<{
  group(id: string): string | undefined;
  community(id: string): string | undefined;
}>;

export function diffOf(
  from: Readonly<{ which: Which; mapping: Mapping }>,
  to: Readonly<{ which: Which; mapping: Mapping }>,
  names: Names,
): MappingDiff {
  const change = ({ source, team, community, role, rule = null }: Omit<Link, 'rule'> & { rule?: string | null }) =>
    ({
      source,
      groupId: team,
      community,
      role,
      group: names.group(team) ?? team,
      communityName: names.community(community) ?? community,
      rule,
    }) satisfies LinkChange;
  const { added, removed, changed } = linkDifference(from.mapping, to.mapping);
  const data = {
    from: from.which,
    to: to.which,
    added: added.map(change),
    removed: removed.map(change),
    changed: changed.map(({ link, was }) => ({ ...change(link), was })),
    rules: ruleDifference(from.mapping, to.mapping),
    settings: settingDifference(from.mapping, to.mapping),
  };
  const sentences = sentencesOf(data);
  return { ...data, words: sentences.map(wordsOf), said: sentences };
}

type Changed = Readonly<{ link: Link; was: string }>;
/** Links added and removed; a group that has another role in a community is one change and not two. */
export function linkDifference(from: Mapping, to: Mapping) {
  // Links that nobody touched are the same objects: of thousands few need a closer look.
  const same = new Set(from.links).intersection(new Set(to.links));
  const [was, is] = [from, to].map(({ links }) => links.filter((link) => !same.has(link))) as [Link[], Link[]];
  const [before, after] = [new Set(was.map(linkKey)), new Set(is.map(linkKey))];
  const added = is.filter((link) => !before.has(linkKey(link)));
  const removed = was.filter((link) => !after.has(linkKey(link)));
  const gone = Map.groupBy(removed, pairOf);
  const come = Map.groupBy(added, pairOf);
  const changed = [...come].flatMap(([pair, [link, ...more]]): Changed[] => {
    const [old, ...others] = gone.get(pair) ?? [];
    return link && old && more.length + others.length === 0 ? [{ link, was: old.role }] : [];
  });
  const told = new Set(changed.map(({ link }) => pairOf(link)));
  const isUntold = (link: Link) => !told.has(pairOf(link));
  return {
    added: inOrder(added.filter(isUntold), (link) => link),
    removed: inOrder(removed.filter(isUntold), (link) => link),
    changed: inOrder(changed, ({ link }) => link),
  };
}
const pairOf = ({ source, team, community }: Link): string => JSON.stringify([source, team, community]);
const orderOf = ({ source, team, community, role }: Link): string => JSON.stringify([community, role, source, team]);
const inOrder = <T>(all: readonly T[], linkOf: (one: T) => Link): T[] =>
  all
    .map((one) => ({ one, key: orderOf(linkOf(one)) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ one }) => one);

function ruleDifference(from: Mapping, to: Mapping): MappingDiff['rules'] {
  const [before, after] = [from, to].map((one) => new Map(rulesOf(one).map((rule) => [rule.id, rule]))) as [
    Map<string, Rule>,
    Map<string, Rule>,
  ];
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort();
  const rules: MappingDiff['rules'] = { added: [], removed: [], changed: [] };
  for (const id of ids) {
    const [was, is] = [before.get(id), after.get(id)];
    if (was === undefined && is) rules.added.push(is);
    else if (was && is === undefined) rules.removed.push(was);
    else if (was && is && ruleText(was) !== ruleText(is)) rules.changed.push({ from: was, to: is });
  }
  return rules;
}

const settingTexts = ({ mode, nameTemplate, roles }: Mapping) => ({
  mode,
  nameTemplate,
  roles: [...roles]
    .sort((a, b) => a.rank - b.rank)
    .map(({ id, rank }) => `${id} (${rank})`)
    .join(', '),
});
function settingDifference(from: Mapping, to: Mapping): MappingDiff['settings'] {
  const [before, after] = [settingTexts(from), settingTexts(to)];
  return (['mode', 'nameTemplate', 'roles'] as const).flatMap((key) =>
    before[key] === after[key] ? [] : [{ key, from: before[key], to: after[key] }],
  );
}

const ruleText = ({ source, pattern, star, role }: Rule): string => JSON.stringify([source, pattern, star, role]);
const settingCodes = { mode: 'diff.mode', nameTemplate: 'diff.template', roles: 'diff.roles' } as const;

function sentencesOf({ added, removed, changed, rules, settings }: Omit<MappingDiff, 'words' | 'said'>): Said[] {
  const link = ({ group, source, role, communityName: community }: LinkChange) => ({ group, source, role, community });
  return [
    ...added.map((one) =>
      one.rule === null
        ? said('diff.link-added', link(one))
        : said('diff.link-added-rule', { ...link(one), rule: one.rule }),
    ),
    ...removed.map((one) => said('diff.link-removed', link(one))),
    ...changed.map((one) =>
      one.rule === null
        ? said('diff.link-changed', { ...link(one), was: one.was })
        : said('diff.link-changed-rule', { ...link(one), was: one.was, rule: one.rule }),
    ),
    ...rules.added.map(({ id: rule, ...rest }) => said('diff.rule-added', { rule, ...rest })),
    ...rules.removed.map(({ id: rule, ...rest }) => said('diff.rule-removed', { rule, ...rest })),
    ...rules.changed.map(({ from, to: { id: rule, ...rest } }) => {
      const was = { wasSource: from.source, wasPattern: from.pattern, wasRole: from.role, wasStar: from.star };
      return said('diff.rule-changed', { rule, ...rest, ...was });
    }),
    ...settings.map(({ key, from: before, to: now }) => said(settingCodes[key], { before, now })),
  ];
}
