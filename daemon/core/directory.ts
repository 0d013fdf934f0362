/**
 * The directory: what the sources say now. Types every room below shares, and the few rules that need nothing but values.
 *
 * Pure. `num` is the store's key, `id` what the outside sees.
 */

import { readJson } from '../contract/numeral.ts';
import { type Json, type JsonObject, type ResourceKind, urn } from '../contract/scim.ts';
import type { RelayError } from '../errors.ts';

export type PersonState = 'active' | 'inactive' | 'deleted';

/** One SCIM write as it arrived at the door, authenticated and parsed as JSON, not yet judged. */
export type Push = Readonly<{
  source: string;
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  kind: ResourceKind;
  /** Absent on POST. */
  id?: string;
  /** Absent on DELETE. `password` may still be in it: intake drops it before anything is stored (I7). */
  body?: JsonObject;
  /** The `If-Match` header, if sent (RFC 7644 §3.14). */
  ifMatch?: string;
  /** The `If-None-Match` header, if sent: on a write, the versions it must not be (RFC 9110 §13.1.2). */
  ifNoneMatch?: string;
}>;

/** A write refused at the door, before anybody could read it: too large, not JSON, of a media type we do not take. */
export type Spoilt = Readonly<{
  source: string;
  method: Push['method'];
  kind: ResourceKind;
  id?: string;
  reason: RelayError;
  /** What is known of the body: it is not kept. The hash is absent when it was not read to its end. */
  bytes: number;
  sha256?: string;
}>;

/** What became of a push. A refusal is a RelayError; any other error is a bug, and nothing was stored either. */
export type Outcome =
  | Readonly<{
      ok: true;
      status: 200 | 201 | 204;
      seq: number;
      id: string;
      version: number;
      changed: boolean;
      /** The resource as it is now, where the push itself says all of it: a new user. */
      stored?: Stored;
    }>
  | Readonly<{ ok: false; error: Error }>;

/** A member of a group, or a group of a user, as the answers name it. */
export type Reference = Readonly<{ value: string; display: string; type: ResourceKind }>;

/** A resource as the directory keeps it. */
export type Stored = Readonly<{
  kind: ResourceKind;
  id: string;
  /** JSON text: the schemas it uses, then the attributes as accepted; no id, meta, members, groups or password. */
  body: string;
  version: number;
  createdAt: number;
  modifiedAt: number;
  /** Of a group: absent when they were not asked for. */
  members?: readonly Reference[];
  /** Of a user: the groups it is directly in; absent when they were not asked for. */
  groups?: readonly Reference[];
}>;

/** How two userNames, or two displayNames, are compared (RFC 7643 §4.1.1: caseExact is false). */
export const fold = (name: string): string => (plain.test(name) ? name : name.normalize('NFC')).toLowerCase();
/** ASCII is NFC as it is. */
const plain = /^[\u0020-\u007e]*$/;

const words = (value: Json | undefined): string => (typeof value === 'string' ? value.trim() : '');

/** What a person is called in lists: the displayName, else the name, else the userName. */
export function calledName(user: JsonObject): string {
  const name = typeof user.name === 'object' && user.name !== null && !Array.isArray(user.name) ? user.name : {};
  const parts = [words(name.givenName), words(name.familyName)].filter((part) => part !== '').join(' ');
  return words(user.displayName) || words(name.formatted) || parts || words(user.userName);
}

/** No filter is longer than this, so none can ask for a longer address. */
const longestKey = 8192;

/** The e-mail addresses of a user, folded, each once; the userName is not among them, for it is looked up anyway. */
export function emailKeys(user: JsonObject): readonly string[] {
  const entries = Array.isArray(user.emails) ? user.emails : [];
  const values = entries.map((entry) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? entry.value : undefined,
  );
  const keys = new Set(values.filter((value) => typeof value === 'string').map(fold));
  keys.delete(fold(words(user.userName)));
  return [...keys].filter(({ length }) => length <= longestKey);
}

/** What the directory writes down of a resource: its schemas first, so that an answer can be put together as text. */
export function bodyOf(kind: ResourceKind, attributes: JsonObject): string {
  const extensions = Object.keys(attributes).filter((name) => name.includes(':'));
  return JSON.stringify({ schemas: [kind === 'User' ? urn.user : urn.group, ...extensions], ...attributes });
}

/** The attributes in what `bodyOf` wrote. */
export function attributesOf(body: string): JsonObject {
  const { schemas: _, ...attributes } = readJson(body) as JsonObject;
  return attributes;
}

/**
 * A random UUID made to sort by time (RFC 9562 §5.7): new rows then share the last page of their index, and a commit
 * flushes fewer. What stays random are 74 bits.
 */
export function timeOrdered(uuid: string, at: number): string {
  const time = Math.max(0, Math.trunc(at)).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`;
}
