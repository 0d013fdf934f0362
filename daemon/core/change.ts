/**
 * What one PATCH operation makes of one attribute's value (RFC 7644 §3.5.2.1 to §3.5.2.3).
 *
 * Pure. `changed` takes the value that is there and gives the value that should be. It never writes into what it was given,
 * so an operation that fails leaves nothing half done (RFC 7644 §3.5.2).
 *
 * Where providers and the RFC differ, providers win, on purpose:
 *   - `add` and `replace` are one on an attribute with a single value (Entra sends `Add active`);
 *   - a complex value is merged: what is not sent stays, what is sent empty goes. `manager`, which is about its `value`,
 *     is replaced whole, so that no address of the old manager stays beside the new one;
 *   - where a filter like `[type eq "work"]` finds nothing, `add` and `replace` make the entry it describes, since Entra
 *     sets a first e-mail that way; RFC 7644 §3.5.2.3 would have `noTarget`, which is left for filters that describe no
 *     one entry;
 *   - an entry whose `value` is cleared goes altogether;
 *   - `remove` with a list of values removes those only (Entra removes members so); an empty list removes none.
 */
import type { Json, JsonObject } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';
import { fold } from './directory.ts';
import type { Filter } from './filter/tree.ts';
import { matches } from './filter.ts';
import type { Path } from './path.ts';
import { type Attribute, holdsValue, subAttributeOf } from './schema.ts';
import { isObject, keyOf, most, own, quoted, same } from './value.ts';

export type Verb = 'add' | 'remove' | 'replace';

/** One change to one attribute. A `value` that is absent unassigns, or for `remove` names no particular value. */
export type Change = Readonly<{ verb: Verb; path: Path; value?: Json }>;

/**
 * The attribute's value after the change, `undefined` for none.
 * @throws Malformed noTarget, invalidValue
 */
export function changed(before: Json | undefined, change: Change): Json | undefined {
  const { path } = change;
  // Without a schema, what is there tells; but `replace` of the whole may make a list of a value, or a value of a list.
  const plural =
    path.definition?.multiValued ??
    (path.filter !== undefined || (Array.isArray(before) && (change.verb !== 'replace' || path.sub !== undefined)));
  if (plural) return entriesAfter(before, change);
  if (path.filter && !(isObject(before) && matches(path.filter, before))) {
    if (change.verb === 'remove') return before;
    throw new Malformed('noTarget', 'no value matches the filter');
  }
  return path.sub === undefined ? valueAfter(before, change) : subAfter(before, change);
}

function valueAfter(before: Json | undefined, { verb, path, value }: Change): Json | undefined {
  if (verb === 'remove' || value === undefined) return undefined;
  return isObject(before) && isObject(value) && !holdsValue(path.definition) ? merged(before, value) : unmarked(value);
}

function subAfter(before: Json | undefined, { verb, path, value }: Change): Json | undefined {
  const { definition, sub } = path as Path & { sub: string };
  if (before !== undefined && !isObject(before))
    throw new Malformed('noTarget', `${quoted(path.attribute)} has no parts, so it has no ${quoted(sub)}`);
  const next = verb === 'remove' ? undefined : value;
  if (sub !== 'value' || !holdsValue(definition)) return merged(before ?? {}, { [sub]: next ?? null });
  // Whatever stands beside the value (`$ref`) is about the old one.
  if (next === undefined) return undefined;
  return same(before && own(before, sub), next) ? before : { value: next };
}

/** `null` in `partial` clears. `undefined` when nothing is left, or nothing of what it is about. */
function merged(before: JsonObject, partial: JsonObject, definition?: Attribute): JsonObject | undefined {
  const after = { ...before };
  for (const name of Object.keys(partial)) {
    const key = keyOf(after, name);
    if (partial[name] === null) delete after[key];
    else after[key] = partial[name]!;
  }
  if (definition && holdsValue(definition) && partial.value === null) return undefined;
  return Object.keys(after).length > 0 ? after : undefined;
}

/** A value to stand where nothing was: what it clears is not there anyway. */
function unmarked(value: Json): Json | undefined {
  return isObject(value) ? merged({}, value) : value;
}

function entriesAfter(before: Json | undefined, change: Change): Json | undefined {
  const entries = before === undefined ? [] : Array.isArray(before) ? before : [before];
  const after = change.path.filter
    ? chosenAfter(entries, change, change.path.filter)
    : change.path.sub === undefined
      ? listAfter(entries, change)
      : everyAfter(entries, change);
  if (after.length > most && after.length > entries.length)
    throw new Malformed('invalidValue', `${quoted(change.path.attribute)} would have more than ${most} values`);
  return after.length > 0 ? after : undefined;
}

/** `path` is the attribute alone. */
function listAfter(entries: readonly Json[], { verb, path, value }: Change): Json[] {
  const given = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (verb === 'replace') return given;
  if (verb === 'remove')
    return value === undefined
      ? []
      : entries.filter((entry) => !given.some((one) => describes(one, entry, path.definition)));
  const after = [...entries];
  const touched = new Set<Json>();
  for (const one of given) {
    const index = after.findIndex((entry) => isSame(entry, one));
    const there = after[index];
    const now = isObject(there) && isObject(one) ? { ...there, ...one } : one;
    after[index < 0 ? after.length : index] = now;
    if (isPrimary(one)) touched.add(now);
  }
  return onePrimary(after, touched);
}

/** The same entry said again: equal, or equal in value and type (RFC 7643 §2.4 wants that pair only once). */
function isSame(entry: Json, one: Json): boolean {
  if (!isObject(entry) || !isObject(one) || own(one, 'value') === undefined) return same(entry, one);
  return same(own(entry, 'value'), own(one, 'value')) && same(own(entry, 'type'), own(one, 'type'));
}

/** Whether everything `one` says is true of `entry`, strings compared as the schema says. An empty `one` says nothing. */
function describes(one: Json, entry: Json, definition: Attribute | undefined): boolean {
  if (!isObject(one) || !isObject(entry)) return same(one, entry);
  const names = Object.keys(one);
  const told = names.includes('value') ? ['value', ...names.filter((name) => name === 'type')] : names;
  return (
    told.length > 0 &&
    told.every((name) => {
      const [left, right] = [own(one, name), own(entry, name)];
      if (typeof left !== 'string' || typeof right !== 'string' || subAttributeOf(definition, name)?.caseExact)
        return same(left, right);
      return fold(left) === fold(right);
    })
  );
}

/** `path` is a sub-attribute of a multi-valued attribute, without a filter: that of every value. */
function everyAfter(entries: readonly Json[], { verb, path, value }: Change): Json[] {
  const sub = path.sub!;
  const next = verb === 'remove' ? undefined : value;
  if (next !== undefined && entries.length > 1)
    throw new Malformed(
      'noTarget',
      `${quoted(path.attribute)} has ${entries.length} values; say which is meant, as in ${path.attribute}[type eq "work"].${sub}`,
    );
  if (entries.length === 0) return next === undefined ? [] : [{ [sub]: next }];
  return entries.flatMap((entry) => mergedEntry(entry, { [sub]: next ?? null }, path.definition));
}

const mergedEntry = (entry: Json, partial: JsonObject, definition: Attribute | undefined): Json[] => {
  const after = isObject(entry) ? merged(entry, partial, definition) : entry;
  return after === undefined ? [] : [after];
};

/** `path` has a filter. */
function chosenAfter(entries: readonly Json[], { verb, path, value }: Change, filter: Filter): Json[] {
  const chosen = (entry: Json) => matches(filter, isObject(entry) ? entry : { value: entry });
  const { sub, definition } = path;
  const clears = verb === 'remove' || value === undefined;
  if (clears && sub === undefined) return entries.filter((entry) => !chosen(entry));
  const partial = sub === undefined ? (value as JsonObject) : { [sub]: clears ? null : value! };
  if (!isObject(partial)) return replaced(entries, chosen, value!);
  let found = false;
  const touched = new Set<Json>();
  const after = entries.flatMap((entry) => {
    if (!chosen(entry)) return [entry];
    found = true;
    const now = mergedEntry(entry, partial, definition);
    for (const one of now) touched.add(one);
    return now;
  });
  if (found) return onePrimary(after, touched);
  if (clears || Object.values(partial).every((one) => one === null)) return after;
  const made = described(filter, partial);
  return onePrimary([...after, made], new Set([made]));
}

/** Plain values chosen by a filter, in an extension without a schema. */
function replaced(entries: readonly Json[], chosen: (entry: Json) => boolean, value: Json): Json[] {
  if (entries.some(chosen)) return entries.map((entry) => (chosen(entry) ? value : entry));
  if (!chosen(value)) throw new Malformed('noTarget', 'no value matches the filter');
  return [...entries, value];
}

/** The entry a filter describes, with `partial` set in it. @throws Malformed noTarget if it does not describe one. */
function described(filter: Filter, partial: JsonObject): JsonObject {
  const made: JsonObject = {};
  for (const term of conjuncts(filter)) {
    const told = term.kind === 'compare' && term.op === 'eq' && term.value !== null && term.value !== '';
    if (!told || Object.hasOwn(made, term.target.attribute))
      throw new Malformed('noTarget', 'no value matches the filter, and it does not describe one that could be added');
    made[term.target.attribute] = term.value;
  }
  const whole = merged(made, partial) ?? {};
  if (!matches(filter, whole)) throw new Malformed('noTarget', 'no value matches the filter');
  return whole;
}

const conjuncts = (filter: Filter): readonly Filter[] =>
  filter.kind === 'and' ? filter.terms.flatMap(conjuncts) : [filter];

const isPrimary = (entry: Json): boolean => isObject(entry) && own(entry, 'primary') === true;

/** Where an entry was made primary now, no other is (RFC 7644 §3.5.2). */
function onePrimary(entries: Json[], touched: ReadonlySet<Json>): Json[] {
  const primaries = entries.filter((entry) => touched.has(entry) && isPrimary(entry));
  if (primaries.length === 0) return entries;
  if (primaries.length > 1)
    throw new Malformed(
      'invalidValue',
      `${primaries.length} values would be primary; at most one may be (RFC 7643 §2.4)`,
    );
  return entries.map((entry) =>
    isPrimary(entry) && entry !== primaries[0] ? { ...(entry as JsonObject), primary: false } : entry,
  );
}
