/**
 * Reads a catalogue of communities that a person wrote or exported: JSON or CSV.
 *
 * Pure. Nothing is guessed: what is wrong is named with its line, and then nothing of the file is taken.
 */
import { Community } from '../contract/admin.ts';
import { Malformed } from '../errors.ts';

/** A catalogue as JSON (`[{"id","name"}]`) or CSV with a header that names `id` and `name`. */
export function readCommunities(text: string): Community[] {
  const rows = text.trimStart().startsWith('[') ? fromJson(text) : fromCsv(text);
  const ids = new Set<string>();
  return rows.map(({ line, row }) => {
    const parsed = Community.safeParse(row);
    if (!parsed.success)
      throw new Malformed(
        'invalidValue',
        `line ${line}: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
      );
    if (ids.has(parsed.data.id))
      throw new Malformed('invalidValue', `line ${line}: the community "${parsed.data.id}" is listed twice`);
    ids.add(parsed.data.id);
    return parsed.data;
  });
}

type Line = Readonly<{ line: number | string; row: unknown }>;

function fromJson(text: string): Line[] {
  try {
    return (JSON.parse(text) as unknown[]).map((row, at) => ({ line: `entry ${at + 1}`, row }));
  } catch (cause) {
    throw new Malformed('invalidValue', `The catalogue is not JSON: ${cause instanceof Error ? cause.message : ''}`);
  }
}

/** RFC 4180, with `;` as spreadsheets of many countries write it where the header has one. */
function fromCsv(text: string): Line[] {
  const [header = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const separator = header.includes(';') ? ';' : ',';
  const columns = cells(header, separator).map((name) => name.trim().toLowerCase());
  const id = columns.indexOf('id');
  const name = columns.indexOf('name');
  if (id < 0 || name < 0)
    throw new Malformed('invalidValue', 'line 1: the catalogue needs a header with the columns id and name');
  return lines.flatMap((line, at): Line[] => {
    if (line.trim() === '') return [];
    const values = cells(line, separator).map((value) => value.trim());
    return [{ line: at + 2, row: { id: values[id] ?? '', name: values[name] ?? '' } }];
  });
}

const cells = (line: string, separator: string): string[] =>
  [...line.matchAll(new RegExp(`(?:^|${separator})(?:"((?:[^"]|"")*)"|([^${separator}]*))`, 'g'))].map(
    ([, quoted, bare]) => (quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"')),
  );
