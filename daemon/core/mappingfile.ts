/**
 * Reads and writes a mapping file, and says for everything that is wrong with it on which line it stands.
 *
 * Pure. What exists (sources, groups, communities) is passed in; a group named by its displayName is resolved here, once,
 * to its stable id (A4). Nothing is guessed: an unknown or ambiguous name is a fault, and a file with faults changes nothing.
 */
import { type MappingFault, MappingFile, type Role, type Rule } from '../contract/mapping.ts';
import { type Link, linkKey, type Mapping } from './mapping.ts';
import { nameClashes, roleFaults } from './mappingedit.ts';
import { outline } from './outline.ts';
import { saidOf, say } from './saying.ts';

export type GroupKey = MappingFile['links'][number]['group'];
/** What a mapping file may speak of. `teams` gives the ids of the live groups a key names in a source. */
export type Known = Readonly<{
  hasSource(source: string): boolean;
  teams(source: string, key: GroupKey): readonly string[];
  community(id: string): string | undefined;
}>;
export type Reading =
  | Readonly<{ faults: readonly MappingFault[]; mapping?: undefined }>
  | Readonly<{ faults: readonly []; mapping: Mapping }>;

export function readMapping(text: string, known: Known): Reading {
  // Windows tools like to open a file with a byte order mark, which is not JSON (RFC 8259 §8.1 lets a reader ignore it).
  const json = text.replace(/^\uFEFF/, '');
  const { lines, repeated, wrong } = outline(json, deepest);
  const fault = (path: readonly PropertyKey[], message: string): MappingFault => {
    const names = path.map(String);
    // The nearest enclosing thing that has a line: a missing property is reported where its object opens.
    let depth = Math.min(names.length, deepest);
    while (depth > 0 && !lines.has(names.slice(0, depth).join('\0'))) depth -= 1;
    return {
      line: lines.get(names.slice(0, depth).join('\0')) ?? null,
      path: names.join('.'),
      message,
      said: saidOf(message),
    };
  };
  if (wrong) return { faults: [{ line: wrong.line, path: '', message: notJson(wrong.found) }] };

  const faults = repeated.map(
    ({ path, line }): MappingFault => ({
      line,
      path: path.join('.'),
      message: say('mapping.key-twice', { key: String(path.at(-1)) }),
    }),
  );
  const file = MappingFile.safeParse(JSON.parse(json));
  if (!file.success)
    return { faults: [...faults, ...file.error.issues.flatMap((issue) => shapeFaults(issue, fault))].sort(byLine) };

  const { mode, nameTemplate, roles, rules = [] } = file.data;
  faults.push(...roleFaults(roles).map(({ at, field, message }) => fault(['roles', at, field], message)));
  faults.push(...ruleFaults(rules, roles, known).map(({ at, field, message }) => fault(['rules', at, field], message)));
  const links = resolved(file.data.links, { roles, rules }, known, (at, field, message) =>
    faults.push(fault(['links', at, field], message)),
  );
  const mapping = { mode, nameTemplate, roles, ...(rules.length > 0 && { rules }), links };
  if (mode === 'managed')
    faults.push(...nameClashes(mapping, known.community).map((words) => fault(['nameTemplate'], words)));
  return faults.length > 0 ? { faults: faults.sort(byLine) } : { faults: [], mapping };
}

/** Links of a file by the stable ids of their groups; what cannot be found, or stands there twice, is blamed. */
export function resolved(
  rows: MappingFile['links'],
  { roles, rules }: Readonly<{ roles: readonly Role[]; rules: readonly Rule[] }>,
  known: Known,
  blame: (at: number, field: string, message: string) => void,
): Link[] {
  const roleIds = roles.map(({ id }) => id);
  const ruleIds = new Set(rules.map(({ id }) => id));
  const links: Link[] = [];
  const seen = new Map<string, number>();
  for (const [at, link] of rows.entries()) {
    let wrong = false;
    const accuse = (field: string, message: string) => {
      wrong = true;
      blame(at, field, message);
    };
    const hasSource = known.hasSource(link.source);
    if (!hasSource) accuse('source', say('mapping.no-source', { source: link.source }));
    const teams = hasSource ? known.teams(link.source, link.group) : [];
    if (hasSource && teams.length === 0) accuse('group', noGroup(link.source, link.group));
    if (teams.length > 1) accuse('group', manyGroups(link.source, link.group, teams.length));
    if (known.community(link.community) === undefined)
      accuse('community', say('mapping.no-community', { community: link.community }));
    if (!roleIds.includes(link.role))
      accuse('role', say('mapping.no-role-use', { role: link.role, roles: roleIds.slice(0, 10).join(' or ') }));
    if (link.rule !== undefined && !ruleIds.has(link.rule)) accuse('rule', say('mapping.no-rule', { rule: link.rule }));
    const [team] = teams;
    if (wrong || team === undefined) continue;
    const { source, community, role, rule } = link;
    const found = { source, team, community, role, ...(rule !== undefined && { rule }) };
    const first = seen.get(linkKey(found));
    if (first === undefined) links.push(found);
    else blame(at, 'group', say('mapping.link-twice', { at: first }));
    seen.set(linkKey(found), first ?? at);
  }
  return links;
}

/** What is wrong with the rules: ids that stand there twice, sources and roles there are not. */
function ruleFaults(rules: readonly Rule[], roles: readonly Role[], known: Known) {
  const ids = new Set<string>();
  return rules.flatMap(({ id, source, role }, at) => {
    const faults: { at: number; field: 'id' | 'source' | 'role'; message: string }[] = [];
    if (ids.has(id)) faults.push({ at, field: 'id', message: say('mapping.rule-twice', { rule: id }) });
    if (!known.hasSource(source)) faults.push({ at, field: 'source', message: say('mapping.no-source', { source }) });
    if (!roles.some((one) => one.id === role))
      faults.push({ at, field: 'role', message: say('mapping.no-role-rule', { role }) });
    ids.add(id);
    return faults;
  });
}

/** As deep as the paths of a mapping file go: `links.0.group.externalId`. */
const deepest = 4;
const byLine = (a: MappingFault, b: MappingFault): number => (a.line ?? 0) - (b.line ?? 0);
const notJson = (found: string): string =>
  found === '' ? say('mapping.not-json-end') : say('mapping.not-json', { found: JSON.stringify(found) });

type Issue = Readonly<{ code: string; path: readonly PropertyKey[]; message: string; keys?: readonly string[] }>;
/** What the shape asks for, in the words of somebody who writes the file rather than of the schema. */
function shapeFaults(
  issue: Issue,
  fault: (path: readonly PropertyKey[], message: string) => MappingFault,
): MappingFault[] {
  if (issue.keys) return issue.keys.map((key) => fault([...issue.path, key], say('mapping.key-unknown', { key })));
  if (issue.code === 'invalid_union') return [fault(issue.path, say('mapping.group-key'))];
  return [fault(issue.path, issue.message)];
}

function noGroup(source: string, key: GroupKey): string {
  if ('externalId' in key) return say('mapping.no-group-external', { source, externalId: key.externalId });
  return 'id' in key
    ? say('mapping.no-group', { source, id: key.id })
    : say('mapping.no-group-named', { source, group: key.displayName });
}
/** An id is one group's. */
const manyGroups = (source: string, key: GroupKey, count: number): string =>
  'displayName' in key
    ? say('mapping.many-groups-named', { source, count, group: key.displayName })
    : say('mapping.many-groups-external', { source, count, externalId: 'externalId' in key ? key.externalId : key.id });

/** What tells a group from the others of its source. */
export type Telling = Readonly<{ externalId: string | null; name: string }>;

/** A mapping as a file, in an order that does not depend on how it came about. `names`: for people who read it. */
export function fileOf(
  { mode, nameTemplate, roles, rules, links }: Mapping,
  telling: (team: string) => Telling | undefined,
  names: boolean,
): MappingFile {
  const rows = links.map(({ source, team, community, role, rule }) => {
    const { externalId = null, name } = telling(team) ?? {};
    return {
      source,
      group: externalId === null ? { id: team } : { externalId },
      community,
      role,
      ...(rule !== undefined && { rule }),
      ...(names && name !== undefined && { name }),
    };
  });
  const order = (row: (typeof rows)[number]) => JSON.stringify([row.community, row.role, row.source, row.group]);
  const sorted = rows.map((row) => ({ row, key: order(row) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    version: 1,
    mode,
    nameTemplate,
    roles: [...roles],
    ...(rules && { rules: [...rules].sort((a, b) => (a.id < b.id ? -1 : 1)) }),
    links: sorted.map(({ row }) => row),
  };
}

/** The file as text with one line for each role, rule and link, so that a difference in git is a link. */
export function fileText({ roles, rules, links, ...rest }: MappingFile): string {
  const lines = (list: readonly unknown[]) =>
    list.length === 0 ? '[]' : `[\n${list.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`;
  const parts = [
    ...Object.entries(rest).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`),
    `"roles": ${lines(roles)}`,
    ...(rules ? [`"rules": ${lines(rules)}`] : []),
    `"links": ${lines(links)}`,
  ];
  return `{\n  ${parts.join(',\n  ')}\n}\n`;
}
