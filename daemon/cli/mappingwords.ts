/** How a mapping, a difference and an effect read on a terminal; and how a link, a version and a number are typed. */
import type { AccessShift, Effect } from '../contract/draft.ts';
import type { LinkKey, MappingFault, MappingView, Which } from '../contract/mapping.ts';
import type { MappingDiff } from '../contract/versions.ts';
import { Refused } from './client.ts';
import { many, plain, table, time } from './terminal.ts';

export function whichOf(text: string): Which {
  if (text === 'published' || text === 'draft') return text;
  return numberOf(text, 'a version (or published, or draft)');
}
export function numberOf(text: string, what: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Refused('usage', `'${plain(text)}' is not ${what}: give a number`);
  return Number(text);
}
/** Ids of groups and communities may hold a colon; of sources and roles, the first and the last, they hardly do. */
export function linkOf(text: string): LinkKey {
  const [, source, groupId, community, role] = /^([^:]+):([^:]+):(.+):([^:]+)$/.exec(text) ?? [];
  if (!source || !groupId || !community || !role)
    throw new Refused('usage', `'${plain(text)}' is not a link: write SOURCE:GROUP-ID:COMMUNITY:ROLE`);
  return { source, groupId, community, role };
}

export function refuseFaults(file: string, faults: readonly MappingFault[]): void {
  if (faults.length === 0) return;
  const name = file === '-' ? '(standard input)' : file;
  const lines = faults.map(({ line, message }) => `${name}${line === null ? '' : `:${line}`}: ${plain(message)}`);
  throw new Refused('malformed', lines.join('\n'));
}

export const proposed = (count: number): string =>
  count === 0
    ? ''
    : `\nIts rules make ${many(count, 'more link')}, not in the file and not in force: see 'mapping proposals list', or 'mapping expand FILE'.`;

export function mappingWords(view: MappingView, of: Which = 'published'): string {
  const when =
    view.at === null ? '' : `, ${time(view.at)} by ${view.author}${view.note === '' ? '' : `: ${view.note}`}`;
  const links = table(
    ['source', 'group', 'community', 'role', 'people', ''],
    view.links.map((link) => [
      link.source,
      link.group,
      link.community,
      link.role,
      link.people,
      link.broken ? 'broken: the group is gone' : link.rule ? `by the rule ${link.rule}` : '',
    ]),
    'No links: nobody is given access.',
  );
  const cycles = view.cycles
    .map((cycle) => `\n! These groups contain each other: ${plain(cycle.join(' → '))}`)
    .join('');
  const rules = (view.rules ?? [])
    .map(({ id, source, pattern, role }) => `\nRule ${id}: "${plain(pattern)}" of ${source} gives ${role}`)
    .join('');
  return `${of === 'draft' ? 'Draft on version' : 'Mapping'} ${view.version} (${view.mode})${plain(when)}\n\n${links}${cycles}${rules}`;
}

export const diffWords = ({ words }: MappingDiff): string =>
  words.length === 0 ? 'No difference.' : words.map((line) => `- ${plain(line)}`).join('\n');

const kinds: Readonly<Record<AccessShift['kind'], string>> = {
  gains: 'gains',
  loses: 'loses',
  rises: 'rises to',
  falls: 'falls to',
};
export function effectWords({ people, gains, loses, rises, falls, losesAll, named, more }: Effect): string {
  if (people === 0) return 'Nothing changes for anybody.';
  const last = losesAll === 0 ? '' : ` ${many(losesAll, 'person', 'people')} would have no access left.`;
  const rows = named.map(({ userName, kind, from, to, community }) => [
    userName,
    kinds[kind],
    to ?? from ?? '',
    community,
  ]);
  const rest = more === 0 ? '' : `\nand ${more} more`;
  return `${many(people, 'person', 'people')}: ${gains} gain, ${loses} lose, ${rises} rise, ${falls} fall.${last}\n\n${table(['who', '', 'role', 'community'], rows, '')}${rest}`;
}
