/**
 * Filters (RFC 7644 §3.4.2.2): from text to a typed tree, and from a tree and a resource to yes or no.
 *
 * Pure. The tree is what others work on: the store turns what it can into indexed look-ups (filter/terms.ts) and leaves
 * the rest to `matches`; a compiler to SQL may walk it whole. What cannot be understood is `invalidFilter`, with the place and the
 * reason (I5); text is at most 8 KiB and nesting at most 32 deep, so no filter costs more than that (I10).
 *
 * Beyond the RFC, as providers write them: no space before a quoted value (`eq"x"`, the RFC's own example in §3.5.2.2);
 * a value without quotes (`externalId eq jyoung`, printed in Entra's documentation), taken where it is one word;
 * `emails[type eq "work"].value eq "x"`, Entra's look-up by e-mail; "True" and "False" for booleans.
 *
 * How a comparison is decided:
 *   - a multi-valued attribute matches when any of its values does (RFC 7644 §3.4.2.2);
 *   - a complex attribute stands for its `value`: `manager eq "…"`, `members eq "…"`, `emails co "…"`;
 *   - strings are compared as the schema's caseExact says, ignoring case where there is no schema;
 *   - dates are compared as instants;
 *   - an attribute without a value matches only `ne`, `eq null` and `not (… pr)`.
 *
 * Read next: filter/tree.ts (the tree), filter/grammar.ts (how it is read), patch.ts (value filters in paths).
 */

import { compareNumbers, isNumeral, numeralText } from '../contract/numeral.ts';
import type { Json, JsonObject, ResourceKind } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';
import { fold } from './directory.ts';
import { reader, type Scope, traitsOf, wrong } from './filter/grammar.ts';
import type { Compare, Filter, Target } from './filter/tree.ts';
import { placeOf } from './schema.ts';
import { isObject, isUnassigned, keyOf, own } from './value.ts';

export type { Comparison, Filter, Scalar, Target } from './filter/tree.ts';

const longest = 8192;

const scopes: Readonly<Record<ResourceKind, Scope>> = { User: resourceScope('User'), Group: resourceScope('Group') };

function resourceScope(kind: ResourceKind): Scope {
  return {
    of: kind,
    find(name) {
      const place = placeOf(name, kind);
      if (place === undefined) return undefined;
      const { urn, attribute, sub, definition, subDefinition } = place;
      // The text is not quoted back: it holds somebody's password (I7; RFC 7644 §7.5.2).
      if (definition?.returned === 'never')
        throw new Malformed('sensitive', `Nothing can be searched by "${attribute}"`);
      return {
        ...(urn !== undefined && { urn }),
        attribute,
        ...(sub !== undefined && { sub }),
        ...traitsOf(sub === undefined ? definition : subDefinition),
        ...(sub === undefined && definition && { definition }),
      };
    },
  };
}

/** @throws Malformed invalidFilter */
export function parseFilter(text: string, kind: ResourceKind): Filter {
  if (text.length > longest)
    throw new Malformed('invalidFilter', `The filter is ${text.length} characters long; at most ${longest} are read`);
  const { filter, end } = reader(text).whole(scopes[kind]);
  if (end < text.length) throw wrong(text, end, 'here the filter should have ended, or gone on with "and" or "or"');
  return filter;
}

/** Whether the resource is one the filter asks for. `resource` has canonical names, as core/resource.ts makes them. */
export function matches(filter: Filter, resource: JsonObject): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.terms.every((term) => matches(term, resource));
    case 'or':
      return filter.terms.some((term) => matches(term, resource));
    case 'not':
      return !matches(filter.term, resource);
    case 'present':
      return anyValue(filter.target, resource, present);
    case 'some':
      return anyValue(filter.target, resource, (entry) =>
        matches(filter.where, isObject(entry) ? entry : { value: entry }),
      );
    case 'compare':
      return compares(filter, resource);
  }
}

function compares(asked: Compare, resource: JsonObject): boolean {
  const { target, op, key } = asked;
  if (key === null) return anyValue(target, resource, present) === (op === 'ne');
  if (op !== 'ne') return anyValue(target, resource, (value) => holds(asked, op, value, key));
  return (
    !anyValue(target, resource, present) ||
    anyValue(target, resource, (value) => present(value) && !holds(asked, 'eq', value, key))
  );
}

type Key = string | number | boolean;

function holds({ target, value: asked }: Compare, op: Compare['op'], value: Json, key: Key): boolean {
  const left = comparable(target, value, typeof key);
  if (left === undefined) return false;
  // Of many digits, JavaScript's own numbers tell apart the first sixteen.
  if (typeof left === 'number' && (isNumeral(value) || isNumeral(asked)))
    return stands(compareNumbers(digits(value), digits(asked)), op, 0);
  return stands(left, op, key);
}

const digits = (value: Json): string => numeralText(value) ?? String(value);

function stands(left: Key, op: Compare['op'], key: Key): boolean {
  switch (op) {
    case 'eq':
      return left === key;
    case 'ne':
      return left !== key;
    case 'gt':
      return left > key;
    case 'ge':
      return left >= key;
    case 'lt':
      return left < key;
    case 'le':
      return left <= key;
  }
  if (typeof left !== 'string' || typeof key !== 'string') return false;
  return op === 'co' ? left.includes(key) : op === 'sw' ? left.startsWith(key) : left.endsWith(key);
}

/** A stored value as a key of type `as` is compared with; `undefined` when it is of another type. */
function comparable(target: Target, value: Json, as: string): Key | undefined {
  if (target.type === 'dateTime' && as === 'number' && typeof value === 'string') return Date.parse(value);
  if (typeof value === 'string') return as === 'string' ? (target.caseExact ? value : fold(value)) : undefined;
  const numeral = as === 'number' ? numeralText(value) : undefined;
  if (numeral !== undefined) return Number(numeral);
  return (typeof value === 'number' || typeof value === 'boolean') && typeof value === as ? value : undefined;
}

const present = (value: Json): boolean =>
  isObject(value) ? Object.values(value).some((inner) => !isUnassigned(inner)) : !isUnassigned(value);

/** Whether any value at `target` passes; a list counts value by value, and so does a list inside one. */
function anyValue({ urn, attribute, sub }: Target, resource: JsonObject, passes: (value: Json) => boolean): boolean {
  const holder = urn === undefined ? resource : own(resource, keyOf(resource, urn));
  if (!isObject(holder)) return false;
  const any = (value: Json | undefined, test: (value: Json) => boolean): boolean =>
    value === undefined ? false : Array.isArray(value) ? value.some(test) : test(value);
  const found = own(holder, keyOf(holder, attribute));
  if (sub === undefined) return any(found, passes);
  return any(found, (entry) => isObject(entry) && any(own(entry, keyOf(entry, sub)), passes));
}
