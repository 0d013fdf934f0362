/**
 * Reads a mapping file, and says for everything that is wrong with it on which line it stands.
 *
 * Pure. What exists (sources, groups, communities) is passed in; a group named by its displayName is resolved here, once,
 * to its stable id (A4). Nothing is guessed: an unknown or ambiguous name is a fault, and a file with faults changes nothing.
 */
import { type MappingFault, MappingFile } from '../contract/mapping.ts';
import { fold } from './directory.ts';
import { type Link, type Mapping, pairName } from './mapping.ts';
import { outline } from './outline.ts';

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
    return { line: lines.get(names.slice(0, depth).join('\0')) ?? null, path: names.join('.'), message };
  };
  if (wrong) return { faults: [{ line: wrong.line, path: '', message: notJson(wrong.found) }] };

  const faults = repeated.map(
    ({ path, line }): MappingFault => ({ line, path: path.join('.'), message: `"${path.at(-1)}" stands here twice` }),
  );
  const file = MappingFile.safeParse(JSON.parse(json));
  if (!file.success)
    return { faults: [...faults, ...file.error.issues.flatMap((issue) => shapeFaults(issue, fault))].sort(byLine) };

  const { mode, nameTemplate, roles } = file.data;
  const ranks = new Map<number, string>();
  const roleIds = new Set<string>();
  for (const [at, { id, rank }] of roles.entries()) {
    const other = ranks.get(rank);
    if (roleIds.has(id)) faults.push(fault(['roles', at, 'id'], `The role "${id}" is listed twice`));
    else if (other !== undefined)
      faults.push(
        fault(['roles', at, 'rank'], `"${other}" has rank ${rank} already, so it is not clear which one wins`),
      );
    roleIds.add(id);
    ranks.set(rank, other ?? id);
  }
  const someRoles = [...roleIds].slice(0, 10).join(' or ');
  const links: Link[] = [];
  const seen = new Map<string, number>();
  for (const [at, link] of file.data.links.entries()) {
    const before = faults.length;
    const blame = (field: string, message: string) => faults.push(fault(['links', at, field], message));
    const hasSource = known.hasSource(link.source);
    if (!hasSource) blame('source', `There is no source "${link.source}"`);
    const teams = hasSource ? known.teams(link.source, link.group) : [];
    const named = nameOf(link.group);
    if (hasSource && teams.length === 0) blame('group', `"${link.source}" has no group ${named}`);
    if (teams.length > 1)
      blame('group', `"${link.source}" has ${teams.length} groups ${named}: name it by its externalId or id`);
    if (known.community(link.community) === undefined)
      blame('community', `There is no community "${link.community}" in the catalogue`);
    if (!roleIds.has(link.role)) blame('role', `There is no role "${link.role}": use ${someRoles}`);
    const [team] = teams;
    if (faults.length > before || team === undefined) continue;
    const resolved = { source: link.source, team, community: link.community, role: link.role };
    const key = JSON.stringify(resolved);
    const first = seen.get(key);
    if (first === undefined) links.push(resolved);
    else blame('group', `This link is there already, as links.${first}`);
    seen.set(key, first ?? at);
  }
  if (mode === 'managed')
    faults.push(...nameClashes(nameTemplate, links, known).map((text) => fault(['nameTemplate'], text)));
  return faults.length > 0
    ? { faults: faults.sort(byLine) }
    : { faults: [], mapping: { mode, nameTemplate, roles, links } };
}

/** As deep as the paths of a mapping file go: `links.0.group.externalId`. */
const deepest = 4;
const byLine = (a: MappingFault, b: MappingFault): number => (a.line ?? 0) - (b.line ?? 0);
const notJson = (found: string): string =>
  found === '' ? 'This is not JSON: it ends too early' : `This is not JSON from ${JSON.stringify(found)} on`;

type Issue = Readonly<{ code: string; path: readonly PropertyKey[]; message: string; keys?: readonly string[] }>;
/** What the shape asks for, in the words of somebody who writes the file rather than of the schema. */
function shapeFaults(
  issue: Issue,
  fault: (path: readonly PropertyKey[], message: string) => MappingFault,
): MappingFault[] {
  if (issue.keys) return issue.keys.map((key) => fault([...issue.path, key], `There is nothing called "${key}" here`));
  if (issue.code === 'invalid_union')
    return [fault(issue.path, 'Name the group by one of these: {"externalId": …}, {"id": …} or {"displayName": …}')];
  return [fault(issue.path, issue.message)];
}

/** Two pairs must not end up as one group in Steeple, where people tell groups apart by name. */
function nameClashes(template: string, links: readonly Link[], known: Known): string[] {
  const pairs = new Map<string, string>();
  const clashes = new Set<string>();
  for (const { community, role } of links) {
    const name = fold(pairName(template, known.community(community) ?? community, role));
    const pair = `${community} as ${role}`;
    const other = pairs.get(name);
    if (other !== undefined && other !== pair)
      clashes.add(`"${template}" gives the same group name to ${other} and ${pair}`);
    pairs.set(name, other ?? pair);
  }
  return [...clashes];
}

const nameOf = (key: GroupKey): string => {
  if ('externalId' in key) return `with externalId "${key.externalId}"`;
  return 'id' in key ? `with id "${key.id}"` : `named "${key.displayName}"`;
};
