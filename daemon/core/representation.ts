/**
 * How a stored resource is answered: SCIM JSON with `id`, `meta`, members or groups, and only the attributes asked for
 * (RFC 7643 §3.1, RFC 7644 §3.9).
 *
 * Pure. It makes text, not objects: what is stored is JSON already, and most answers show all of it, so parsing it only
 * to write it again would be the larger part of a look-up's cost.
 */

import { readJson } from '../contract/numeral.ts';
import type { Json, JsonObject, ResourceKind } from '../contract/scim.ts';
import type { Reference, Stored } from './directory.ts';
import { type Projection, projection, type Selection } from './projection.ts';

/** How the client asked: the address it used (`https://relay.example/scim/v2`), and what it wants to see. */
export type View = Readonly<{ base: string } & Selection>;

const endpoints = { User: 'Users', Group: 'Groups' } as const;

export const locationOf = (base: string, kind: ResourceKind, id: string): string => `${base}/${endpoints[kind]}/${id}`;

const date = (at: number): string => new Date(at).toISOString();
const weakTag = (version: number): string => `W/"${version}"`;

function metaOf({ kind, id, version, createdAt, modifiedAt }: Stored, base: string): JsonObject {
  const created = date(createdAt);
  const lastModified = modifiedAt === createdAt ? created : date(modifiedAt);
  return { resourceType: kind, created, lastModified, location: locationOf(base, kind, id), version: weakTag(version) };
}

const reference = ({ value, display, type }: Reference, base: string): JsonObject => ({
  value,
  $ref: locationOf(base, type, value),
  type,
  display,
});

/** RFC 7643 §4.1.2: in a user, `type` says how the group was reached; ours are only the direct ones. */
const groupReference = (group: Reference, base: string): JsonObject => ({ ...reference(group, base), type: 'direct' });

/** Text made before, as long as the reference lives: the store names a group by one object for all who are in it. */
const texts = new WeakMap<Reference, Readonly<{ base: string; text: string }>>();
function groupText(group: Reference, base: string): string {
  const made = texts.get(group);
  if (made?.base === base) return made.text;
  const text = JSON.stringify(groupReference(group, base));
  texts.set(group, { base, text });
  return text;
}

const referencesOf = ({ members, groups }: Stored, base: string): JsonObject => ({
  ...(members && members.length > 0 && { members: members.map((member) => reference(member, base)) }),
  ...(groups && groups.length > 0 && { groups: groups.map((group) => groupReference(group, base)) }),
});

/** What the answer shows, settled once for a whole page. `undefined`: everything. */
export function shownBy(kind: ResourceKind, { attributes, excludedAttributes }: Selection): Projection | undefined {
  if (attributes === undefined && excludedAttributes === undefined) return undefined;
  return projection(kind, { attributes, excludedAttributes });
}

/** The JSON text of the answer. */
export function represent(stored: Stored, base: string, shown: Projection | undefined): string {
  const pieces: string[] = [];
  write(pieces, stored, base, shown);
  return pieces.join('');
}

/**
 * The same, in pieces: a page of a hundred people names two thousand groups, and each text that is made of others before
 * the page is put together is copied once more.
 */
export function write(pieces: string[], stored: Stored, base: string, shown: Projection | undefined): void {
  if (shown && !shown.whole) {
    pieces.push(JSON.stringify(shown.of(resourceOf(stored, base))));
    return;
  }
  // `body` starts with {"schemas":…}; `id` and `meta` go in behind, so the text stays one object.
  const { body, id, members = [], groups = [] } = stored;
  pieces.push(body.slice(0, -1), `,"id":${JSON.stringify(id)}`);
  if (members.length > 0 && shown?.wants('members') !== false)
    pieces.push(`,"members":${JSON.stringify(members.map((one) => reference(one, base)))}`);
  if (groups.length > 0 && shown?.wants('groups') !== false) {
    let before = ',"groups":[';
    for (const group of groups) {
      pieces.push(before, groupText(group, base));
      before = ',';
    }
    pieces.push(']');
  }
  pieces.push(`,"meta":${JSON.stringify(metaOf(stored, base))}}`);
}

/** The whole resource as an object. */
export function resourceOf(stored: Stored, base: string): JsonObject {
  const { schemas, ...attributes } = readJson(stored.body) as JsonObject & { schemas: Json };
  return { schemas, id: stored.id, ...attributes, ...referencesOf(stored, base), meta: metaOf(stored, base) };
}

/** What a filter or an order wants to see beside the text: `meta`, addresses as the client has them, every digit of numbers. */
export type Regard = Readonly<{ meta: boolean; base?: string | undefined; digits?: boolean }>;

/**
 * The resource as a filter looks at it, put together as cheaply as can be: a filter may have to see every one there is. With
 * the addresses that the client would be answered, for it may ask for one of them.
 */
export function lookedAt(stored: Stored, { meta, base = '', digits = false }: Regard): JsonObject {
  const resource = (digits ? readJson(stored.body) : JSON.parse(stored.body)) as JsonObject;
  resource.id = stored.id;
  if (stored.members) resource.members = stored.members.map((member) => reference(member, base));
  if (stored.groups) resource.groups = stored.groups.map((group) => groupReference(group, base));
  if (meta) resource.meta = metaOf(stored, base);
  return resource;
}
