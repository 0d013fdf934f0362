/**
 * Sorting (RFC 7644 §3.4.2.3): from `sortBy` and `sortOrder` to an order over the resources of a kind.
 *
 * Pure. Any attribute a schema describes can be sorted by; of a multi-valued one its primary value counts, else its
 * first. Strings go by code point, folded where the schema's caseExact is false; dates as instants; false before true.
 * Who has no value comes last, or first when descending. Ties keep the order of creation, in either direction, so the
 * order is total and pages neither repeat nor lose anybody.
 *
 * Read next: ../store/search.ts (which keeps the best of a page while it reads), ../cursor.ts (a place in the order).
 */
import type { Json, JsonObject, ResourceKind } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';
import { fold } from './directory.ts';
import { type Attribute, holdsValue, type Place, placeOf, subAttributeOf } from './schema.ts';
import { isObject, isUnassigned, own, quoted } from './value.ts';

/** What a resource is sorted by; null: it has no value. */
export type Key = string | number | null;
/** Where in an order somebody stands. `num` is the store's: it grows in the order of creation. */
export type Position = Readonly<{ key: Key; num: number }>;
export type Order = Readonly<{
  /** The key of a resource, as a filter looks at it too. */
  keyOf(resource: JsonObject): Key;
  /** Negative when `left` comes first. */
  compare(left: Position, right: Position): number;
  /** Whether keys come from `meta`, which costs something to put together. */
  wantsMeta: boolean;
}>;

/** So much of a text counts: keys of a page wait in memory, and one travels in a cursor. */
const longestKey = 512;
/** Not in the resource but tables of their own, without an end that could be sorted by. */
const lists: ReadonlySet<string> = new Set(['members', 'groups']);

/** @throws Malformed invalidPath, invalidValue or sensitive */
export function orderOf(kind: ResourceKind, sortBy: string, sortOrder: string | undefined): Order {
  const descending = directionOf(sortOrder) === 'descending';
  const { urn, attribute, sub, definition } = sortable(sortBy, kind);
  const type = definition?.type;
  const keyOf = (resource: JsonObject): Key => {
    const holder = urn === undefined ? resource : own(resource, urn);
    const value = isObject(holder) ? chosen(own(holder, attribute)) : undefined;
    return keyFor(sub !== undefined && isObject(value) ? own(value, sub) : value, type, definition?.caseExact ?? false);
  };
  return {
    keyOf,
    compare: (left, right) => {
      const difference = compareKeys(left.key, right.key);
      return (descending ? -difference : difference) || left.num - right.num;
    },
    wantsMeta: attribute === 'meta',
  };
}

function directionOf(sent: string | undefined): 'ascending' | 'descending' {
  const word = sent?.trim().toLowerCase() ?? '';
  if (word === '' || word === 'ascending') return 'ascending';
  if (word === 'descending') return word;
  throw new Malformed('invalidValue', `"sortOrder" is "ascending" or "descending", not ${quoted(sent ?? '')}`);
}

/** The place to read the key at, with the definition of what is found there. */
function sortable(sortBy: string, kind: ResourceKind): Place & { definition?: Attribute } {
  const refuse = (why: string) => new Malformed('invalidPath', `"sortBy" ${quoted(sortBy)}: ${why}`);
  const place = placeOf(sortBy.trim(), kind);
  if (place === undefined)
    throw refuse(`${kind} has no such attribute; name one, such as "meta.created" or "userName"`);
  const { definition, subDefinition, sub, ...where } = place;
  if (definition === undefined) throw refuse('no schema says how values of this extension are compared');
  if (definition.returned === 'never') throw new Malformed('sensitive', `Nothing is sorted by "${definition.name}"`);
  if (lists.has(definition.name)) throw refuse('a list of members or groups has no order; sort by another attribute');
  if (sub !== undefined) return { ...where, sub, ...(subDefinition && { definition: subDefinition }) };
  if (definition.type !== 'complex') return { ...where, definition };
  const value = subAttributeOf(definition, 'value');
  if (holdsValue(definition) && value !== undefined) return { ...where, sub: 'value', definition: value };
  const parts = definition.subAttributes?.filter(({ type }) => type !== 'complex').map(({ name }) => name) ?? [];
  throw refuse(`it has parts; sort by one of them (${parts.join(', ')})`);
}

/** RFC 7644 §3.4.2.3: of several values the primary one, else the first. */
function chosen(value: Json | undefined): Json | undefined {
  if (!Array.isArray(value)) return value;
  return value.find((entry) => isObject(entry) && entry.primary === true) ?? value[0];
}

function keyFor(value: Json | undefined, type: Attribute['type'] | undefined, caseExact: boolean): Key {
  if (value === undefined || isUnassigned(value)) return null;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  if (type === 'dateTime') {
    const at = Date.parse(value);
    return Number.isNaN(at) ? null : at;
  }
  return (caseExact ? value : fold(value)).slice(0, longestKey);
}

function compareKeys(left: Key, right: Key): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return byCodePoint(String(left), String(right));
}

/** JavaScript compares UTF-16 units, which puts an emoji before a full-width letter; code points are what anybody else counts. */
function byCodePoint(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}
/** Surrogates, which stand for what is beyond U+FFFF, behind every other unit. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
