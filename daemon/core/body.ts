/**
 * Walks what looks like a resource: the body of a POST or PUT, and the value of a PATCH operation that has no path.
 *
 * Pure. It settles what each key stands for (core/schema.ts), whichever way it was written: any case, dotted
 * (`name.givenName`), behind its URN, an extension as an object, core attributes wrapped in their URN, and the enterprise
 * attributes that Entra's older requests leave at the top (Entra documentation). What a client cannot set is passed over
 * here, as RFC 7644 §3.3 and §3.5.1 want (`id`, `meta`, `groups`), and so is `password` (I7).
 */
import { type Json, type JsonObject, type ResourceKind, urn } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';
import { isPassword } from './password.ts';
import { isCoreUrn, isReadOnly, looksLikeExtension, type Place, placeOf } from './schema.ts';
import { checkName, inWords, isObject, isUnassigned, most, quoted } from './value.ts';

/** One attribute found in a body. `known` is false for a core or enterprise attribute that its schema does not have. */
export type Sent = Readonly<{ place: Place; known: boolean; value: Json; name: string }>;

/**
 * The attributes found in a body, in the order sent: those of extensions one by one, or an extension as a whole where it
 * is null or empty.
 * @throws Malformed
 */
export function attributesIn(body: JsonObject, kind: ResourceKind): readonly Sent[] {
  const found: Sent[] = [];
  for (const name of keysOf(body)) {
    const value = body[name]!;
    if (!isCoreUrn(name, kind)) attributesAt(found, name, value, kind);
    else if (!isUnassigned(value)) {
      const inside = object(value, name);
      for (const inner of keysOf(inside)) attributesAt(found, inner, inside[inner]!, kind);
    }
  }
  return found;
}

function keysOf(body: JsonObject): string[] {
  const names = Object.keys(body);
  if (names.length <= most) return names;
  throw new Malformed('invalidValue', `There are ${names.length} attributes in one object; at most ${most} are kept`);
}

function object(value: Json, name: string): JsonObject {
  if (isObject(value)) return value;
  throw new Malformed('invalidValue', `${quoted(name)} must be an object, not ${inWords(value)}`);
}

function attributesAt(found: Sent[], name: string, value: Json, kind: ResourceKind): void {
  if (isPassword(name)) return;
  const place = placeOf(name, kind);
  if (place?.attribute === 'schemas' && place.urn === undefined) checkSchemas(value);
  if (isReadOnly(place)) return;
  const extension = extensionOf(name, place, value);
  if (extension !== undefined) {
    attributesOf(found, extension, name, value, kind);
    return;
  }
  if (place === undefined) checkName(name);
  found.push({ place: single(place, name), known: place !== undefined, value, name });
}

/** What looks like an extension but has a plain value is an attribute behind a URN that ends in a version. */
function single(place: Place | undefined, name: string): Place {
  if (place === undefined) return { attribute: name };
  if (place.urn !== undefined || place.definition !== undefined) return place;
  const colon = name.lastIndexOf(':');
  return { urn: name.slice(0, colon), attribute: name.slice(colon + 1) };
}

/** The URN, if the key is an extension rather than an attribute. Without a schema, an object behind a URI is one. */
function extensionOf(name: string, place: Place | undefined, value: Json): string | undefined {
  if (place?.attribute === urn.enterprise) return urn.enterprise;
  if (place?.definition !== undefined || !name.includes(':')) return undefined;
  if (isValuePath(name)) return undefined;
  if (looksLikeExtension(name)) return isObject(value) || isUnassigned(value) ? name : undefined;
  return isObject(value) && !(place?.urn && looksLikeExtension(place.urn)) ? name : undefined;
}

function attributesOf(found: Sent[], extension: string, name: string, value: Json, kind: ResourceKind): void {
  if (isUnassigned(value)) {
    found.push({ place: { attribute: extension }, known: true, value, name });
    return;
  }
  const described = extension === urn.enterprise && kind === 'User';
  const inside = object(value, name);
  for (const key of keysOf(inside)) {
    if (isPassword(key)) continue;
    const place = described ? placeOf(`${extension}:${key}`, kind) : undefined;
    if (place?.subDefinition?.mutability === 'readOnly') continue;
    if (place === undefined) checkName(key);
    const known = place !== undefined || !described;
    const at = place ?? { urn: extension, attribute: key };
    found.push({ place: at, known, value: inside[key]!, name: `${name}:${key}` });
  }
}

/** Whether a key is a path with a filter in it, `emails[type eq "work"].value`. Brackets are in no attribute's name. */
export const isValuePath = (name: string): boolean => name.includes('[');

/** Which schemas are named says nothing the attributes do not say; but it must be a list of URIs (RFC 7643 §3). */
export function checkSchemas(value: Json): void {
  if (isUnassigned(value)) return;
  if (!Array.isArray(value) || value.some((uri) => typeof uri !== 'string'))
    throw new Malformed('invalidValue', `"schemas" must be a list of schema URIs, not ${inWords(value)}`);
}
