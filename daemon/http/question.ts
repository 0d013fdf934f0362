/**
 * What a client asks: of a list, and how much of each resource it wants to see. From the query of an address, or from a
 * SearchRequest, which says the same in a body (RFC 7644 §3.4.2, §3.4.3, §3.9; RFC 9865 §2).
 *
 * A name in another letter case is the same name, as everywhere in SCIM (RFC 7643 §2.1): a "Filter" that is passed over
 * would be answered with everybody. For the same reason what is said twice, or is no text, is refused (I5). Other names are
 * not ours to judge: Entra's switches travel in the query too (Entra documentation).
 */
import { numeralText } from '../contract/numeral.ts';
import type { Json, JsonObject } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';

const known = [
  'filter',
  'sortBy',
  'sortOrder',
  'startIndex',
  'count',
  'cursor',
  'attributes',
  'excludedAttributes',
] as const;
type Name = (typeof known)[number];
const spelt: ReadonlyMap<string, Name> = new Map(
  known.flatMap((name) => [name, name.toLowerCase()].map((as) => [as, name])),
);
const nameOf = (sent: string): Name | undefined => spelt.get(sent) ?? spelt.get(sent.toLowerCase());

/** `fault`: why nothing can be looked for by it; a push, which only says what it wants to see, need not care. */
export type Query = Readonly<Partial<Record<Name, string>> & { fault?: Malformed }>;
type Asked = Readonly<{
  filter: string | undefined;
  sortBy: string | undefined;
  sortOrder: string | undefined;
  cursor: string | undefined;
  startIndex: number | undefined;
  count: number | undefined;
}>;

const nothing: Query = {};
const twice = (name: Name) =>
  new Malformed('invalidValue', `"${name}" is given twice, with different values; send one of them`);

/** Of an address; both parameters that hold lists may be given several times. */
export function queryOf(url: string): Query {
  const at = url.indexOf('?');
  if (at < 0) return nothing;
  const query = url.slice(at + 1);
  const read: { -readonly [name in keyof Query]: Query[name] } = {};
  // By a callback: an iterator would give an array for each.
  new URLSearchParams(query.includes('+') ? plussed(query) : query).forEach((value, sent) => {
    const name = nameOf(sent);
    if (name === undefined) return;
    const before = read[name];
    if (before === undefined || before === value) read[name] = value;
    else if (name === 'attributes' || name === 'excludedAttributes') read[name] = `${before},${value}`;
    else read.fault ??= twice(name);
    // Decoding puts this character where there is no text; somebody else would be looked for.
    if (value.includes('\ufffd') && !/%EF%BF%BD/i.test(query))
      read.fault ??= new Malformed('invalidValue', `"${name}" is not text: percent-encode it as UTF-8`);
  });
  return read;
}

/**
 * A plus stands for a space where the query was encoded as a form is, and for itself where spaces came as %20: what encodes
 * whole addresses leaves a plus alone (.NET's EscapeUriString, JavaScript's encodeURI), and many an e-mail address has one.
 * What stands in quotes tells nothing of it.
 */
const plussed = (query: string): string => query.split('&').map(plussedOne).join('&');
function plussedOne(parameter: string): string {
  const outside = parameter
    .replace(/(?:\\|%5c)(?:\\|%5c|"|%22)/gi, '')
    .split(/"|%22/)
    .filter((_, index) => index % 2 === 0)
    .join('');
  const isForm = outside.includes('+') && !outside.includes('%20');
  return isForm ? parameter : parameter.replaceAll('+', '%2B');
}

/** @throws Malformed */
export function askedIn(query: Query): Asked {
  if (query.fault) throw query.fault;
  const { filter, sortBy, sortOrder, cursor } = query;
  return {
    filter,
    sortBy,
    sortOrder,
    cursor,
    startIndex: integer(query.startIndex, 'startIndex'),
    count: integer(query.count, 'count', cursor !== undefined),
  };
}

/** What a query wants to see of a resource; a parameter that names nothing is as good as none. */
export const viewIn = ({ attributes, excludedAttributes }: Query) => ({
  attributes: namesNothing(attributes) ? undefined : attributes,
  excludedAttributes: namesNothing(excludedAttributes) ? undefined : excludedAttributes,
});
const namesNothing = (list: string | undefined): boolean => list !== undefined && /^[\s,]*$/.test(list);

/** Of a SearchRequest. @throws Malformed */
export function searchIn(body: JsonObject) {
  const said: Partial<Record<Name, Json>> = {};
  for (const sent of Object.keys(body)) {
    const name = nameOf(sent);
    const value = body[sent]!;
    if (name === undefined || value === null) continue;
    if (said[name] !== undefined && JSON.stringify(said[name]) !== JSON.stringify(value)) throw twice(name);
    said[name] = value;
  }
  return {
    asked: {
      filter: text(said.filter, 'filter'),
      sortBy: text(said.sortBy, 'sortBy'),
      sortOrder: text(said.sortOrder, 'sortOrder'),
      cursor: text(said.cursor, 'cursor'),
      startIndex: integer(said.startIndex, 'startIndex'),
      count: integer(said.count, 'count', typeof said.cursor === 'string'),
    } satisfies Asked,
    view: {
      attributes: names(said.attributes, 'attributes'),
      excludedAttributes: names(said.excludedAttributes, 'excludedAttributes'),
    },
  };
}

/** However many digits it has: some write the largest number they know for "all there are". */
function integer(value: Json | undefined, name: string, withCursor = false): number | undefined {
  if (value === undefined || value === '') return undefined;
  const written =
    typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : numeralText(value);
  if (written !== undefined && /^[+-]?\d+$/.test(written))
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(written)));
  throw new Malformed(withCursor ? 'invalidCount' : 'invalidValue', `"${name}" must be a whole number`);
}

function text(value: Json | undefined, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new Malformed('invalidValue', `"${name}" must be a string`);
}

/** Each is looked up in the schemas, so there is an end to how many (I10); an address holds no more either. */
const mostNames = 1000;
function names(value: Json | undefined, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new Malformed('invalidValue', `"${name}" must be a list of attribute names`);
  if (value.length > mostNames)
    throw new Malformed('invalidValue', `"${name}" has ${value.length} names; at most ${mostNames} are read`);
  return value;
}
