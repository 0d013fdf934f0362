/**
 * Reads a catalogue of communities that a person wrote or exported: JSON or CSV.
 *
 * Pure. Nothing is guessed: what is wrong is named with its place, and then nothing of the file is taken.
 */
import { Community } from '../contract/mapping.ts';
import { Malformed } from '../errors.ts';
import { readCsv, tooMany } from './csv.ts';

/** `place` is where it stands in the file, in words. */
type Entry = Readonly<{ place: string; row: unknown }>;

/**
 * A catalogue as JSON (`[{"id","name"}]`), or as CSV with a header that names `id` and `name`.
 * @throws Malformed naming the line, or the entry, that is wrong
 */
export function readCommunities(text: string): Community[] {
  // Windows tools like to open a file with a byte order mark.
  const plain = text.replace(/^\uFEFF/, '');
  const entries = /^\s*[[{]/.test(plain) ? fromJson(plain) : fromCsv(plain);
  if (entries.length === 0) throw wrong('The catalogue has no communities in it');
  const places = new Map<string, string>();
  return entries.map(({ place, row }) => {
    const parsed = Community.safeParse(row);
    if (!parsed.success) throw wrong(`${place}: ${faultOf(row)}`);
    const { id } = parsed.data;
    const before = places.get(id);
    if (before !== undefined) throw wrong(`${place}: the community "${id}" is listed already, in ${before}`);
    places.set(id, place);
    return parsed.data;
  });
}

const wrong = (detail: string): Malformed => new Malformed('invalidValue', detail);

/** What the shape asks for, in the words of somebody who writes the file rather than of the schema. */
function faultOf(row: unknown): string {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'a community is {"id": "…", "name": "…"}';
  const faults = (['id', 'name'] as const).flatMap((key) => {
    const value = (row as Partial<Record<string, unknown>>)[key];
    if (value === undefined) return [`${key} is missing`];
    if (typeof value !== 'string') return [`${key} is not text: write it in quotes`];
    if (value === '') return [`${key} is empty`];
    return value.length > 200 ? [`${key} is longer than 200 characters`] : [];
  });
  return faults.join(', and ');
}

function fromJson(text: string): Entry[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw wrong(`The catalogue is not JSON: ${cause instanceof Error ? cause.message : ''}`);
  }
  if (!Array.isArray(list)) throw wrong('The catalogue is not a list: as JSON it is [{"id": "…", "name": "…"}, …]');
  return list.map((row, at) => ({ place: `entry ${at + 1}`, row }));
}

function fromCsv(text: string): Entry[] {
  const { separator, columns, rows } = readCsv(text);
  const [id, name] = [columns.indexOf('id'), columns.indexOf('name')];
  if (id < 0 || name < 0) throw wrong('line 1: the catalogue needs a header with the columns id and name');
  return rows.map(({ line, cells }) => {
    if (cells.length > columns.length) throw wrong(tooMany(line, cells.length, columns.length, separator));
    return { place: `line ${line}`, row: { id: cells[id]?.trim() ?? '', name: cells[name]?.trim() ?? '' } };
  });
}
