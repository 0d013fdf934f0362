/**
 * CSV in and out (RFC 4180), as spreadsheets write it: with `;` where the header has one, blanks around cells, `\r\n`.
 *
 * Pure. Read by the catalogue and by the mapping file; both name what is wrong by its line.
 */
import { Malformed } from '../errors.ts';

/** `line` is the one it begins on, from 1. */
export type CsvRecord = { line: number; cells: string[] };
/** `columns`: the header, in lower case. */
export type Csv = Readonly<{ separator: string; columns: readonly string[]; rows: readonly CsvRecord[] }>;

/** @throws Malformed naming the line where a quote is wrong */
export function readCsv(text: string): Csv {
  const separator = text.split(/\r?\n/, 1)[0]?.includes(';') ? ';' : ',';
  const [header, ...rows] = records(text, separator);
  return { separator, columns: (header?.cells ?? []).map((name) => name.trim().toLowerCase()), rows };
}

export const tooMany = (line: number, cells: number, columns: number, separator: string): string =>
  `line ${line}: ${cells} values for ${columns} columns; put a value with "${separator}" in it in quotes`;

/**
 * What a spreadsheet would run as a formula is written with an apostrophe before it, which `uncell` takes away again
 * (OWASP, "CSV Injection": a cell that begins with = + - @ tab or return).
 */
export function csvText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (value: string) => {
    const safe = formula.test(value) ? `'${value}` : value;
    return /[",;\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
const formula = /^'*[=+\-@\t\r]/;
export const uncell = (cell: string): string => (/^'/.test(cell) && formula.test(cell) ? cell.slice(1) : cell);

/**
 * The records that are not empty lines, each with the line it begins on; cells without the blanks around them, and in quotes as
 * they are.
 */
function records(text: string, separator: string): CsvRecord[] {
  const found: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const record: CsvRecord = { line, cells: [] };
    for (;;) {
      const [whole = '', quoted, bare = ''] = cellAt(text, at, separator);
      if (quoted === undefined && bare.trimStart().startsWith('"'))
        throw new Malformed('invalidValue', `line ${line}: a quote is opened and not closed, or something follows it`);
      record.cells.push(quoted?.replaceAll('""', '"') ?? bare.trim());
      line += whole.split('\n').length - 1;
      at += whole.length;
      if (text[at] !== separator) break;
      at += 1;
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line += 1;
    if (record.cells.some((cell) => cell !== '')) found.push(record);
  }
  return found;
}

/** The cell that begins at `at`, whole, and what is in its quotes or else bare; it ends at a separator or a line's end. */
function cellAt(text: string, at: number, separator: string): RegExpExecArray | [] {
  const cell = new RegExp(
    `[ \\t]*"([^"]*(?:""[^"]*)*)"[ \\t]*(?=${separator}|\\r?\\n|$)|([^${separator}\\r\\n]*)`,
    'y',
  );
  cell.lastIndex = at;
  return cell.exec(text) ?? [];
}
