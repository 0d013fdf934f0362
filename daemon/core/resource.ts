/**
 * The documents of the directory: reads the body of a POST or PUT into one (RFC 7644 §3.3, §3.5.1).
 *
 * Pure. A document is a resource as the directory keeps it: names as the schema writes them, values typed, extensions
 * under their URN, in the order sent; without `schemas`, `id`, `meta` and `groups`, which rendering adds, and without
 * `password` (I7). What nobody described to us is kept as sent, extensions and unknown attributes alike; what cannot be
 * typed is refused by name (I5). Nothing is written through a name from outside without looking at own properties only,
 * so no body reaches a prototype (I10).
 *
 * Read next: body.ts (what keys stand for), value.ts (types), patch.ts (changes to a document).
 */
import type { Json, JsonObject, ResourceKind } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';
import { attributesIn, isValuePath } from './body.ts';
import type { Place } from './schema.ts';
import { checkText, inWords, isObject, isText, isUnassigned, kept, keyOf, own, quoted, same, typed } from './value.ts';

/**
 * The document of a user, from the body of a POST or PUT.
 * @throws Malformed naming the attribute
 */
export function userFrom(body: JsonObject): JsonObject {
  const user = documentFrom(body, 'User', () => false);
  demand(user, 'User');
  return user;
}

/**
 * The document of a user that a PUT replaces. Somebody switched off stays so where the body does not speak of `active`: for
 * what is omitted RFC 7644 §3.5.1 leaves the default to us, and to be let in again is a thing to be said.
 * @throws Malformed naming the attribute
 */
export function userInstead(before: JsonObject, body: JsonObject): JsonObject {
  const after = userFrom(body);
  return before.active === false && after.active === undefined ? { ...after, active: false } : after;
}

/**
 * The document of a group and, apart from it, the ids of its members: `undefined` when the body does not speak of
 * members, empty when it says there are none.
 * @throws Malformed naming the attribute
 */
export function groupFrom(body: JsonObject): { attributes: JsonObject; members: readonly string[] | undefined } {
  let members: readonly string[] | undefined;
  const attributes = documentFrom(body, 'Group', (place, value, name) => {
    if (place.attribute !== 'members' || place.urn !== undefined) return false;
    if (place.sub !== undefined) throw new Malformed('invalidValue', `${quoted(name)} cannot be set by itself`);
    if (members !== undefined) throw twice(name);
    members = idsOf(value, name);
    return true;
  });
  demand(attributes, 'Group');
  return { attributes, members };
}

/** The attribute a resource of its kind cannot be without. */
export const required: Readonly<Record<ResourceKind, string>> = { User: 'userName', Group: 'displayName' };

/** Whether the document is without what its kind requires; blank is without. */
export function lacks(document: JsonObject, kind: ResourceKind): boolean {
  const value = own(document, required[kind]);
  return typeof value !== 'string' || value.trim() === '';
}

function demand(document: JsonObject, kind: ResourceKind): void {
  if (lacks(document, kind))
    throw new Malformed('invalidValue', `"${required[kind]}" is required and must be a string that is not empty`);
}

/**
 * The ids in a list of members: `[{value}]`, `[id]`, one of either, or nothing. Each once, in the order sent; whatever
 * else an entry says (`$ref`, `display`, `type`) is for display.
 * @throws Malformed invalidValue
 */
export function idsOf(value: Json, name: string): readonly string[] {
  if (isUnassigned(value)) return [];
  const sent = Array.isArray(value) ? value : [value];
  const ids = new Set<string>();
  for (let index = 0; index < sent.length; index += 1) {
    const item = sent[index]!;
    const id = isObject(item) ? own(item, keyOf(item, 'value')) : item;
    if (typeof id !== 'string' || id === '')
      throw new Malformed(
        'invalidValue',
        `${quoted(`${name}[${index}].value`)} must be the id of a member, a string, not ${id === '' ? 'empty' : inWords(id)}`,
      );
    ids.add(isText(id) ? id : checkText(id, `${name}[${index}].value`));
  }
  return [...ids];
}

/** Reads every attribute `elsewhere` does not take for itself. */
function documentFrom(
  body: JsonObject,
  kind: ResourceKind,
  elsewhere: (place: Place, value: Json, name: string) => boolean,
): JsonObject {
  const document: JsonObject = {};
  for (const { place, known, value, name } of attributesIn(body, kind)) {
    if (!known && isValuePath(name))
      throw new Malformed(
        'invalidSyntax',
        `${quoted(name)} is a path, which only PATCH takes; send the attribute itself`,
      );
    const read = elsewhere(place, value, name) ? undefined : typedAt(place, value, name);
    if (read !== undefined) put(document, place, read, name);
  }
  return document;
}

/** The value typed as its place asks; `undefined` when it is unassigned. */
export function typedAt({ definition, sub, subDefinition }: Place, value: Json, name: string): Json | undefined {
  const asked = sub === undefined ? definition : subDefinition;
  return asked ? typed(asked, value, name) : kept(value, name);
}

const twice = (name: string) => new Malformed('invalidSyntax', `${quoted(name)} is given twice, with different values`);

/** Writes where nothing stands yet. The same thing said twice is fine; two different things are not. */
function put(document: JsonObject, { urn, attribute, sub, definition }: Place, value: Json, name: string): void {
  const holder = urn === undefined ? document : objectIn(document, urn, name);
  if (sub === undefined) join(holder, attribute, value, name);
  else if (definition?.multiValued) join(holder, attribute, [{ [sub]: value }], name);
  else join(objectIn(holder, attribute, name), sub, value, name);
}

/** Two objects are joined part by part: `name` and `name.givenName` may both be sent. */
function join(holder: JsonObject, attribute: string, value: Json, name: string): void {
  const key = keyOf(holder, attribute);
  const before = own(holder, key);
  if (before === undefined) holder[key] = value;
  else if (isObject(before) && isObject(value))
    for (const inner of Object.keys(value)) join(before, inner, value[inner]!, name);
  else if (!same(before, value)) throw twice(name);
}

function objectIn(holder: JsonObject, attribute: string, name: string): JsonObject {
  const key = keyOf(holder, attribute);
  const before = own(holder, key);
  if (isObject(before)) return before;
  if (before !== undefined) throw twice(name);
  const made: JsonObject = {};
  holder[key] = made;
  return made;
}
