/**
 * A mapping's links as CSV, for people who keep them in a spreadsheet. Mode, template, roles and rules are not in it, and
 * stay as they are when it is imported.
 *
 * Pure. Columns: community, role, source, and one of externalId, id, displayName that names the group: the first that is
 * not empty counts, so a `displayName` beside an id only tells people which group it is.
 */
import type { MappingFault, MappingFile } from '../contract/mapping.ts';
import { RelayError } from '../errors.ts';
import { csvText, readCsv, tooMany, uncell } from './csv.ts';
import type { Mapping } from './mapping.ts';
import { nameClashes } from './mappingedit.ts';
import { type GroupKey, type Known, type Reading, resolved } from './mappingfile.ts';

const columns = ['community', 'role', 'source', 'externalId', 'id', 'displayName', 'rule'] as const;
type Column = (typeof columns)[number];
const needed = ['community', 'role', 'source'] as const;
const keys = ['externalId', 'id', 'displayName'] as const;

/** Whether a text is such a list: its first line has the columns, and is no JSON. */
export function isList(text: string): boolean {
  const [header = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  return !/^\s*[[{]/.test(header) && /\bcommunity\b/i.test(header) && /[,;]/.test(header);
}

export function listText({ links }: Pick<MappingFile, 'links'>): string {
  return csvText(
    columns,
    links.map(({ community, role, source, group, rule = '', name = '' }) => {
      const { externalId = '', id = '', displayName = name } = { ...group } as Partial<Record<Column, string>>;
      return [community, role, source, externalId, id, displayName, rule];
    }),
  );
}

/** @param now what a list leaves as it is */
export function readList(text: string, known: Known, now: Mapping): Reading {
  const faults: MappingFault[] = [];
  const blame = (line: number | null, path: string, message: string) => faults.push({ line, path, message });
  const rows: { line: number; link: MappingFile['links'][number] }[] = [];
  try {
    const csv = readCsv(text.replace(/^\uFEFF/, ''));
    const at = (column: Column) => csv.columns.indexOf(column.toLowerCase());
    const missing = [...needed.filter((column) => at(column) < 0), ...(keys.some((key) => at(key) >= 0) ? [] : ['id'])];
    const odd = csv.columns.filter((name) => !columns.some((column) => column.toLowerCase() === name));
    if (missing.length > 0) blame(1, '', `The header has no column ${missing.join(', ')}`);
    const twice = csv.columns.filter((name, place) => !odd.includes(name) && csv.columns.indexOf(name) < place);
    for (const name of new Set(twice)) blame(1, name, `The column "${name}" stands there twice`);
    for (const name of odd) blame(1, name, `There is no column "${name}": use ${columns.join(', ')}`);
    if (faults.length > 0) return { faults };
    for (const { line, cells } of csv.rows) {
      if (cells.length > csv.columns.length)
        blame(line, '', tooMany(line, cells.length, csv.columns.length, csv.separator).replace(/^line \d+: /, ''));
      const cell = (column: Column) => uncell(cells[at(column)] ?? '');
      const key = keys.find((one) => cell(one) !== '');
      if (key === undefined) blame(line, 'group', `Name the group: put its ${keys.join(', or its ')} in`);
      const group = { [key ?? 'id']: key ? cell(key) : '' } as GroupKey;
      const rule = cell('rule');
      const link = { source: cell('source'), group, community: cell('community'), role: cell('role') };
      if (key !== undefined) rows.push({ line, link: rule === '' ? link : { ...link, rule } });
    }
  } catch (cause) {
    if (!(cause instanceof RelayError)) throw cause;
    const [, line, message] = /^line (\d+): (.*)$/s.exec(cause.message) ?? [];
    blame(line === undefined ? null : Number(line), '', message ?? cause.message);
    return { faults };
  }
  const links = resolved(
    rows.map(({ link }) => link),
    { roles: now.roles, rules: now.rules ?? [] },
    known,
    (at, field, message) =>
      blame(
        rows[at]?.line ?? null,
        field,
        message.replace(/as links\.(\d+)$/, (_, first) => `in line ${rows[Number(first)]?.line}`),
      ),
  );
  const mapping = { ...now, links };
  if (now.mode === 'managed') for (const words of nameClashes(mapping, known.community)) blame(null, '', words);
  return faults.length > 0 ? { faults: faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) } : { faults: [], mapping };
}
