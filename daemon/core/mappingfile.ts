/**
 * Reads a mapping file, and says for everything that is wrong with it on which line it stands.
 *
 * Pure. What exists (sources, groups, communities) is passed in; a group named by its displayName is resolved here, once,
 * to its stable id (A4). Nothing is guessed: an unknown or ambiguous name is a fault, and a file with faults changes nothing.
 */
import { type MappingFault, MappingFile } from '../contract/admin.ts';
import { fold } from './directory.ts';
import { type Link, type Mapping, pairName } from './mapping.ts';

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
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (thrown) {
    return { faults: [syntaxFault(text, thrown)] };
  }
  const lines = linesOf(text);
  const fault = (path: readonly PropertyKey[], message: string): MappingFault => {
    const names = path.map(String);
    // The nearest enclosing thing that has a line: a missing property is reported where its object opens.
    let depth = names.length;
    while (depth > 0 && !lines.has(names.slice(0, depth).join('\0'))) depth -= 1;
    return { line: lines.get(names.slice(0, depth).join('\0')) ?? null, path: names.join('.'), message };
  };
  const file = MappingFile.safeParse(raw);
  if (!file.success) return { faults: file.error.issues.map((issue) => fault(issue.path, issue.message)) };

  const { mode, nameTemplate, roles } = file.data;
  const faults: MappingFault[] = [];
  const links: Link[] = [];
  const seen = new Map<string, number>();
  const roleIds = new Set<string>();
  for (const [at, role] of roles.entries()) {
    if (roleIds.has(role.id)) faults.push(fault(['roles', at, 'id'], `The role "${role.id}" is listed twice`));
    if (roles.findIndex(({ rank }) => rank === role.rank) !== at)
      faults.push(fault(['roles', at, 'rank'], `Two roles share rank ${role.rank}, so it is not clear which one wins`));
    roleIds.add(role.id);
  }
  for (const [at, link] of file.data.links.entries()) {
    const wrong = (field: string, message: string) => faults.push(fault(['links', at, field], message));
    const before = faults.length;
    if (!known.hasSource(link.source)) wrong('source', `There is no source "${link.source}"`);
    if (known.community(link.community) === undefined)
      wrong('community', `There is no community "${link.community}" in the catalogue`);
    if (!roleIds.has(link.role)) wrong('role', `There is no role "${link.role}": use ${[...roleIds].join(' or ')}`);
    if (faults.length > before) continue;
    const teams = known.teams(link.source, link.group);
    const named = nameOf(link.group);
    if (teams.length === 0) wrong('group', `"${link.source}" has no group ${named}`);
    else if (teams.length > 1)
      wrong('group', `"${link.source}" has ${teams.length} groups ${named}: name it by its externalId or id`);
    else {
      const resolved = { source: link.source, team: teams[0] as string, community: link.community, role: link.role };
      const key = JSON.stringify(resolved);
      const first = seen.get(key);
      if (first === undefined) links.push(resolved);
      else wrong('group', `This link is there already, as links.${first}`);
      seen.set(key, first ?? at);
    }
  }
  if (mode === 'managed')
    faults.push(...nameClashes(nameTemplate, links, known).map((text) => fault(['nameTemplate'], text)));
  return faults.length > 0 ? { faults } : { faults: [], mapping: { mode, nameTemplate, roles, links } };
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

function syntaxFault(text: string, thrown: unknown): MappingFault {
  const message = thrown instanceof Error ? thrown.message : 'not JSON';
  const position = /position (\d+)/.exec(message)?.[1];
  // V8 leaves the position out where the text simply ends.
  const at = position === undefined ? text.length : Number(position);
  return { line: text.slice(0, at).split('\n').length, path: '', message: `This is not JSON: ${message}` };
}

/** The line every value of a JSON text starts on, by its path joined with NUL. Expects text that JSON.parse accepts. */
function linesOf(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const path: string[] = [];
  /** For each open array its next index; for each open object `undefined`. */
  const open: (number | undefined)[] = [];
  let line = 1;
  let key: string | undefined;
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+|\n/g;
  const start = () => {
    const index = open.at(-1);
    if (index !== undefined) path[open.length - 1] = String(index);
    else if (key !== undefined) path[open.length - 1] = key;
    key = undefined;
    lines.set(path.slice(0, open.length).join('\0'), line);
  };
  for (const [word] of text.matchAll(token)) {
    const inArray = open.at(-1) !== undefined;
    if (word === '\n') line += 1;
    else if (word === '{' || word === '[') {
      start();
      open.push(word === '[' ? 0 : undefined);
    } else if (word === '}' || word === ']') open.pop();
    else if (word === ',') {
      if (inArray) open[open.length - 1] = (open.at(-1) as number) + 1;
    } else if (word === ':') continue;
    else if (open.length > 0 && !inArray && key === undefined && word.startsWith('"')) key = JSON.parse(word) as string;
    else start();
  }
  return lines;
}
