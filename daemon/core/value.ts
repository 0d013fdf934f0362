/**
 * Gives one attribute's value the type its schema says, or refuses it by name.
 *
 * Pure. Providers are read liberally: "True" for true, one object for a list of one, a list of one for an object, a bare
 * string for `{value}`. What that does not explain is a 400 that names the attribute and the type it should have (I5).
 * null, '' and [] all mean "unassigned" (RFC 7643 §2.5; Entra clears attributes with '' and with null) and read as
 * `undefined`.
 *
 * No value is walked deeper than 32 levels, nor lists longer than 1,000 kept, so a later PATCH stays cheap (I10). Nothing
 * here assigns through a name that came from outside without having refused `__proto__` first.
 */

import { isNumeral, numeralText } from '../contract/numeral.ts';
import type { Json, JsonObject } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';
import { isPassword } from './password.ts';
import { type Attribute, holdsValue, subAttributeOf } from './schema.ts';

/** Values of one multi-valued attribute, and attributes of one resource or extension. */
export const most = 1000;
const deepest = 32;
/** Attributes the store keeps in columns and indexes, so they must survive being text there. */
const columns: ReadonlySet<string> = new Set(['userName', 'externalId', 'displayName']);
const longest = 1024;

const refuse = (detail: string, cause?: unknown): Malformed => new Malformed('invalidValue', detail, { cause });

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumeral(value);
export const isUnassigned = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** A name for a message: quoted, escaped, and never longer than a line. */
export const quoted = (name: string): string => JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);

const kinds = { string: 'a string', number: 'a number', boolean: 'a boolean', object: 'an object' } as const;
/** What a value is, in words. Never the value itself: it may be long, or private. */
export function inWords(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (isNumeral(value)) return 'a number';
  if (Array.isArray(value)) return value.length > 0 ? 'a list' : 'an empty list';
  return kinds[typeof value as keyof typeof kinds];
}

/** Own property or nothing: an inherited one (`constructor`) is not a value anybody sent. */
export const own = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** The key under which `object` holds `name`, ignoring case; `name` itself when it holds none. */
export function keyOf(object: JsonObject, name: string): string {
  if (Object.hasOwn(object, name)) return name;
  const folded = name.toLowerCase();
  for (const key of Object.keys(object)) if (key.toLowerCase() === folded) return key;
  return name;
}

/** A name that may become a key of ours. `__proto__` is no SCIM name (RFC 7643 §2.1), and setting it would be an attack. */
export function checkName(name: string): void {
  if (name === '__proto__') throw new Malformed('invalidSyntax', '"__proto__" is not an attribute name');
}

/** Whether two JSON values are equal; the order of keys does not count, the order of lists does. */
export function same(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (isNumeral(left) || isNumeral(right)) return numeralText(left) === numeralText(right);
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((value, index) => same(value, right[index]));
  }
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]));
}

/** Whether `checkText` lets it pass; for long lists, whose entries need a name only when they do not. */
export const isText = (value: string): boolean =>
  value.length <= longest && !value.includes('\0') && value.isWellFormed();

/**
 * Text that can be kept in a column and come back the same: bounded, no NUL, no half of a surrogate pair.
 * Used for names, external ids and the ids of members.
 */
export function checkText(value: string, name: string): string {
  if (isText(value)) return value;
  if (value.length > longest)
    throw refuse(`${quoted(name)} is ${value.length} characters long; at most ${longest} are kept`);
  throw refuse(`${quoted(name)} holds a character that is not text (NUL, or half of a surrogate pair)`);
}

function simple(definition: Attribute, value: Json, name: string): Json {
  const { type } = definition;
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    // "True" and "False" are what Entra sends by default (Entra documentation); "true" and "false" are seen too.
    const word = typeof value === 'string' && value.length < 6 ? value.toLowerCase() : undefined;
    if (word === 'true' || word === 'false') return word === 'true';
    throw refuse(`${quoted(name)} must be a boolean (true or false), not ${inWords(value)}`);
  }
  if (type === 'integer' || type === 'decimal') {
    if (typeof value === 'number' || isNumeral(value)) return value;
    throw refuse(`${quoted(name)} must be a number, not ${inWords(value)}`);
  }
  if (typeof value !== 'string') throw refuse(`${quoted(name)} must be a string, not ${inWords(value)}`);
  return columns.has(definition.name) ? checkText(value, name) : value;
}

/**
 * The value, typed; `undefined` when it is unassigned. `name` is how the client called the attribute, for the message.
 * @throws Malformed invalidValue
 */
export function typed(definition: Attribute, value: Json, name: string): Json | undefined {
  if (isUnassigned(value)) return undefined;
  if (definition.multiValued) return list(definition, value, name);
  if (definition.type !== 'complex') return simple(definition, value, name);
  const object = entry(definition, single(value, name), name, false);
  return object && Object.keys(object).length > 0 ? object : undefined;
}

/**
 * A complex value that is to be merged into what is there: sub-attributes sent empty are null in it, those not sent are
 * absent. `undefined` when the whole is to be unassigned.
 */
export function partial(definition: Attribute, value: Json, name: string): JsonObject | undefined {
  return isUnassigned(value) ? undefined : entry(definition, single(value, name), name, true);
}

/** Entra sends `manager` as a list of one (Entra documentation). */
function single(value: Json, name: string): Json {
  if (!Array.isArray(value)) return value;
  if (value.length === 1) return value[0]!;
  throw refuse(`${quoted(name)} holds one value, not ${inWords(value)}`);
}

function list(definition: Attribute, value: Json, name: string): Json[] | undefined {
  const sent = Array.isArray(value) ? value : [value];
  if (sent.length > most) throw refuse(`${quoted(name)} has ${sent.length} values; at most ${most} are kept`);
  const entries: JsonObject[] = [];
  let primaries = 0;
  for (const [index, item] of sent.entries()) {
    if (isUnassigned(item)) continue;
    const read = entry(definition, item, Array.isArray(value) ? `${name}[${index}]` : name, false);
    if (read === undefined || Object.keys(read).length === 0) continue;
    if (read.primary === true) primaries += 1;
    entries.push(read);
  }
  if (primaries > 1)
    throw refuse(`${quoted(name)} has ${primaries} primary values; at most one may be (RFC 7643 §2.4)`);
  return entries.length > 0 ? entries : undefined;
}

/** One complex value. `undefined` when its `value` was sent empty: an e-mail without an address says nothing. */
function entry(definition: Attribute, sent: Json, name: string, marking: boolean): JsonObject | undefined {
  if (typeof sent === 'string' && holdsValue(definition)) return sent === '' ? undefined : { value: sent };
  if (!isObject(sent)) throw refuse(`${quoted(name)} must be an object, not ${inWords(sent)}`);
  const read: JsonObject = {};
  let emptied = false;
  for (const key of Object.keys(sent)) {
    const sub = subAttributeOf(definition, key);
    if (sub?.mutability === 'readOnly' || isPassword(key)) continue;
    if (sub === undefined) checkName(key);
    const as = sub?.name ?? key;
    const value = sub ? typed(sub, sent[key]!, `${name}.${key}`) : kept(sent[key]!, `${name}.${key}`);
    if (value === undefined) {
      if (as === 'value') emptied = true;
      if (marking && !Object.hasOwn(read, as)) read[as] = null;
      continue;
    }
    const before = own(read, as);
    if (before !== undefined && before !== null && !same(before, value))
      throw refuse(`${quoted(`${name}.${as}`)} is given twice, with different values`);
    read[as] = value;
  }
  return emptied && own(read, 'value') == null ? undefined : read;
}

/**
 * A value nobody described to us, as it was sent; null, '' and [] as a whole are unassigned. Passwords inside are dropped.
 * @throws Malformed when it is nested too deep, or holds a number that could not come back as sent
 */
export const kept = (value: Json, name: string): Json | undefined =>
  isUnassigned(value) ? undefined : keep(value, name, 0);

function keep(value: Json, name: string, depth: number): Json {
  if (
    typeof value === 'number' &&
    (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
  )
    throw refuse(`${quoted(name)} holds a number too large to come back as sent; send it as a string`);
  if (typeof value !== 'object' || value === null || isNumeral(value)) return value;
  if (depth === deepest) throw refuse(`${quoted(name)} is nested deeper than ${deepest} levels`);
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (size > most)
    throw refuse(`${quoted(name)} holds ${inWords(value)} with ${size} entries; at most ${most} are kept`);
  if (Array.isArray(value)) return value.map((item) => keep(item, name, depth + 1));
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (isPassword(key)) continue;
    checkName(key);
    copy[key] = keep(value[key]!, name, depth + 1);
  }
  return copy;
}
