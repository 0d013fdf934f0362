/**
 * Which attributes of a resource an answer shows: `attributes` and `excludedAttributes` (RFC 7644 §3.4.2.5, §3.9).
 *
 * Pure. Names are read as everywhere: any case, with a URN in front, with a sub-attribute. What is `returned: always`
 * (`id`, `schemas`) stays whatever is asked. A name nobody knows selects nothing, and excludes nothing. `wants` tells
 * before anything is loaded, so that Entra's `excludedAttributes=members` spares reading a hundred thousand members.
 */
import type { Json, JsonObject, ResourceKind } from '../contract/scim.ts';
import { type Place, placeOf } from './schema.ts';
import { isObject } from './value.ts';

/** The two parameters as sent: comma-separated in a query, a list in a SearchRequest. Both given: both apply. */
export type Selection = Readonly<{
  attributes?: string | readonly string[] | undefined;
  excludedAttributes?: string | readonly string[] | undefined;
}>;

export type Projection = Readonly<{
  /** Nothing that is kept in the resource's own text is left out; at most its members or groups are, which stand apart. */
  whole: boolean;
  /** Whether the answer shows anything of this top-level attribute or extension (canonical name). */
  wants(attribute: string): boolean;
  /** What the answer shows of a rendered resource. The same object when that is all of it. */
  of(resource: JsonObject): JsonObject;
}>;

/** What is named of one attribute: all of it, or these parts (of an extension: its attributes, with parts of their own). */
type Parts = Map<string, Parts | 'all'>;

const always: ReadonlySet<string> = new Set(['id', 'schemas']);
/** What is no part of a resource's own text, but rows put in when it is answered. */
const apart = { User: 'groups', Group: 'members' } as const;

export function projection(kind: ResourceKind, { attributes, excludedAttributes }: Selection): Projection {
  const only = named(attributes, kind);
  const not = named(excludedAttributes, kind);
  return {
    whole: only === undefined && [...(not ?? [])].every(([name, part]) => name === apart[kind] && part === 'all'),
    wants: (attribute) =>
      always.has(attribute) ||
      ((only === undefined || only.has(attribute.toLowerCase())) && not?.get(attribute.toLowerCase()) !== 'all'),
    of(resource) {
      const kept = only ? select(resource, only, true) : resource;
      return not ? exclude(kept, not, true) : kept;
    },
  };
}

/** What of `resource`, as rendered, the client asked to see. */
export const project = (resource: JsonObject, kind: ResourceKind, selection: Selection): JsonObject =>
  projection(kind, selection).of(resource);

/** Whether an answer shows anything of a top-level attribute (canonical name), such as `members`. */
export const wants = (attribute: string, kind: ResourceKind, selection: Selection): boolean =>
  projection(kind, selection).wants(attribute);

/** Folded names in a tree; `undefined` when the parameter was not given. */
function named(sent: string | readonly string[] | undefined, kind: ResourceKind): Parts | undefined {
  const names = (typeof sent === 'string' ? sent.split(',') : (sent ?? []))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) return undefined;
  const parts: Parts = new Map();
  for (const name of names) {
    const place: Place = placeOf(name, kind) ?? unknown(name);
    const steps = [place.urn, place.attribute, place.sub].filter((step) => step !== undefined);
    enter(
      parts,
      steps.map((step) => step.toLowerCase()),
    );
  }
  return parts;
}

/** An attribute without a definition is kept as sent (core/resource.ts), so it can be asked for too. */
function unknown(name: string): Place {
  const [attribute = '', sub] = name.includes(':') ? [name] : name.split('.', 2);
  return { attribute, ...(sub !== undefined && { sub }) };
}

function enter(parts: Parts, [step, ...rest]: readonly string[]): void {
  const before = parts.get(step!);
  if (before === 'all') return;
  if (rest.length === 0) {
    parts.set(step!, 'all');
    return;
  }
  const inner: Parts = before ?? new Map();
  parts.set(step!, inner);
  enter(inner, rest);
}

function select(resource: JsonObject, only: Parts, top: boolean): JsonObject {
  const shown: [string, Json][] = [];
  for (const name of Object.keys(resource)) {
    const value = resource[name]!;
    const asked = only.get(name.toLowerCase());
    if (asked === 'all' || (top && always.has(name))) shown.push([name, value]);
    else if (asked !== undefined) {
      const inner = within(value, (object) => select(object, asked, false));
      if (inner !== undefined) shown.push([name, inner]);
    }
  }
  return Object.fromEntries(shown);
}

function exclude(resource: JsonObject, not: Parts, top: boolean): JsonObject {
  const shown: [string, Json][] = [];
  for (const name of Object.keys(resource)) {
    const value = resource[name]!;
    const excluded = top && always.has(name) ? undefined : not.get(name.toLowerCase());
    if (excluded === 'all') continue;
    const inner = excluded ? within(value, (object) => exclude(object, excluded, false)) : value;
    if (inner !== undefined) shown.push([name, inner]);
  }
  return Object.fromEntries(shown);
}

/** Applies to an object or to each in a list; what nothing is left of is not shown. */
function within(value: Json, apply: (object: JsonObject) => JsonObject): Json | undefined {
  if (Array.isArray(value)) {
    const shown = value.map((entry) => (isObject(entry) ? apply(entry) : entry)).filter((entry) => !isEmpty(entry));
    return shown.length > 0 ? shown : undefined;
  }
  if (!isObject(value)) return undefined;
  const shown = apply(value);
  return isEmpty(shown) ? undefined : shown;
}

const isEmpty = (value: Json): boolean => isObject(value) && Object.keys(value).length === 0;
