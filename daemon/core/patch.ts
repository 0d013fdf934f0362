/**
 * PATCH (RFC 7644 §3.5.2): reads a body into typed operations, and applies them to a document.
 *
 * Pure, and atomic by that: a fault throws before anything is given back, and the input is never written to. Reading
 * settles paths and types, so what is wrong with a body is known before any resource is looked at, and every refusal
 * names the operation and the path (I5).
 *
 * A group's members are not in its document. Operations on them become intents, in order, for the store to carry out on
 * rows; nothing here ever needs the list, so a membership push costs what it names (I6). "Nobody is a member any more" is
 * an intent of its own, since the gate holds it always.
 *
 * Read liberally, as providers write (Entra and Okta documentation): any case of `op` and of keys; "True" and "False";
 * path-less values whose keys are dotted, URN-qualified or value paths, in which `id` and what else is readOnly is passed
 * over; members as lists of `{value}` or of ids. `schemas` follows the attributes, so what is added to it is passed over. `password` is passed over wherever it stands (I7). Where a provider means other than the
 * RFC says, change.ts lists it.
 *
 * Bounded (I10): 100,000 operations in all, 1,000 on anything but members, and no more comparing of values than is over
 * in half a second.
 */
import type { Json, JsonObject, ResourceKind } from '../contract/scim.ts';
import { Malformed, TooLarge } from '../errors.ts';
import { attributesIn, checkSchemas, isValuePath } from './body.ts';
import { type Change, changed, type Verb } from './change.ts';
import { mentioning } from './filter/terms.ts';
import type { Filter } from './filter/tree.ts';
import { isPassword } from './password.ts';
import { type Path, parsePath, unknown } from './path.ts';
import { idsOf, lacks, required, typedAt } from './resource.ts';
import { holdsValue, isCoreUrn, isReadOnly, looksLikeExtension } from './schema.ts';
import { inWords, isObject, isUnassigned, keyOf, own, partial, quoted, same } from './value.ts';

/** A change of membership. `op` is the index of the operation it comes from; ids are in the order sent, each once. */
export type MemberIntent =
  | Readonly<{ kind: 'add' | 'remove' | 'replace'; ids: readonly string[]; op: number }>
  | Readonly<{ kind: 'remove-all'; op: number }>
  /** `filter` is over one member: `value`, `type`, `display`. */
  | Readonly<{ kind: 'remove-where'; filter: Filter; op: number }>;

/** A change of an attribute. `at` is the path as the client wrote it, for messages. */
export type AttributeIntent = Change & Readonly<{ kind: 'attribute'; op: number; at: string }>;
export type Operation = AttributeIntent | MemberIntent;

const mostOperations = 100_000;
const mostChanges = 1_000;
const mostComparisons = 32;
/** Entries looked at, each as often as an operation compares it: 250 added to a list of a thousand. */
const mostWork = 250_000;

/** One attribute an operation is about, and the value it gives. `at` is how the client named it. */
type Aim = Readonly<{ path: Path; known: boolean; value: Json | undefined; at: string }>;

/**
 * The operations of a PATCH body, typed and in order; a path-less one gives one for each attribute it names.
 * @throws Malformed naming operation and path; TooLarge when there are too many
 */
export function readPatch(body: JsonObject, kind: ResourceKind): readonly Operation[] {
  const sent = own(body, keyOf(body, 'Operations'));
  if (!Array.isArray(sent) || sent.length === 0)
    throw new Malformed('invalidSyntax', `"Operations" must be a list of one or more operations, not ${inWords(sent)}`);
  if (sent.length > mostOperations)
    throw new TooLarge(`One PATCH may carry ${mostOperations} operations; this one has ${sent.length}`);
  const operations: Operation[] = [];
  let changes = 0;
  for (let op = 0; op < sent.length; op += 1) {
    for (const operation of readOperation(sent[op]!, op, kind)) {
      operations.push(operation);
      if (operation.kind === 'attribute') changes += 1;
    }
    if (changes > mostChanges)
      throw new TooLarge(`One PATCH may change ${mostChanges} attributes; Operations[${op}] is one more than that`);
  }
  return operations;
}

function readOperation(sent: Json, op: number, kind: ResourceKind): Operation[] {
  if (!isObject(sent))
    throw new Malformed(
      'invalidSyntax',
      `Operations[${op}] must be an object with "op", "path" and "value", not ${inWords(sent)}`,
    );
  const verb = verbOf(own(sent, keyOf(sent, 'op')), op);
  const path = own(sent, keyOf(sent, 'path'));
  const operations: Operation[] = [];
  let at = typeof path === 'string' && path !== '' ? path : undefined;
  try {
    for (const aim of aimsOf(path ?? '', own(sent, keyOf(sent, 'value')), verb, kind)) {
      at = aim.at;
      if (!aim.known) throw unknown(at, kind);
      const operation = kind === 'Group' && isMembers(aim.path) ? intentOf(verb, aim, op) : changeOf(verb, aim, op);
      if (operation !== undefined) operations.push(operation);
    }
  } catch (thrown) {
    throw located(thrown, op, verb, at);
  }
  return operations;
}

/** The same refusal, said of its operation and path (I5). */
function located(thrown: unknown, op: number, verb: Verb, at: string | undefined): unknown {
  if (!(thrown instanceof Malformed)) return thrown;
  const place = at === undefined ? '' : ` at ${quoted(at)}`;
  return new Malformed(thrown.scimType, `Operations[${op}] "${verb}"${place}: ${thrown.message}`, { cause: thrown });
}

function verbOf(sent: Json | undefined, op: number): Verb {
  const verb = typeof sent === 'string' && sent.length < 10 ? sent.toLowerCase() : sent;
  if (verb === 'add' || verb === 'remove' || verb === 'replace') return verb;
  const found = typeof sent === 'string' ? quoted(sent) : inWords(sent);
  throw new Malformed('invalidSyntax', `Operations[${op}]: "op" must be "add", "remove" or "replace", not ${found}`);
}

/** What an operation is about: what its path names, or without one each attribute in its value. */
function aimsOf(path: Json, value: Json | undefined, verb: Verb, kind: ResourceKind): Aim[] {
  if (typeof path !== 'string') throw new Malformed('invalidPath', `"path" must be a string, not ${inWords(path)}`);
  const text = path.trim();
  if (text === '' || isCoreUrn(text, kind)) {
    if (verb === 'remove') throw new Malformed('noTarget', '"path" is missing, so nothing says what to remove');
    if (!isObject(value))
      throw new Malformed(
        'invalidValue',
        `without a "path", "value" must be an object of attributes, not ${inWords(value)}`,
      );
    return aimsIn(value, kind);
  }
  if (isPassword(text)) return [];
  const parsed = parsePath(text, kind);
  if (parsed.definition?.name === 'schemas' && verb !== 'remove' && value !== undefined) {
    checkSchemas(value);
    return [];
  }
  if (isReadOnly(parsed)) throw new Malformed('mutability', 'this attribute is readOnly');
  if (value === undefined && verb !== 'remove') throw new Malformed('invalidValue', '"value" is missing');
  // An extension as a whole: each attribute in it is one change, so that the others keep their values.
  if (isWholeExtension(parsed) && value !== undefined && verb !== 'remove') return aimsIn({ [text]: value }, kind);
  return [{ path: parsed, known: true, value, at: path }];
}

const aimsIn = (value: JsonObject, kind: ResourceKind): Aim[] =>
  attributesIn(value, kind).flatMap(({ place, known, value: inside, name }): Aim[] => {
    if (known || !isValuePath(name)) return [{ path: place, known, value: inside, at: name }];
    const path = keyPath(name, kind);
    return isReadOnly(path) ? [] : [{ path, known: true, value: inside, at: name }];
  });

/** A key that is a path, as `emails[type eq "work"].value` among others in a path-less value. */
function keyPath(name: string, kind: ResourceKind): Path {
  try {
    return parsePath(name, kind);
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    throw new Malformed(thrown.scimType, `at ${quoted(name)}: ${thrown.message}`, { cause: thrown });
  }
}

const isWholeExtension = ({ urn, attribute }: Path): boolean => urn === undefined && attribute.includes(':');

const isMembers = ({ urn, attribute }: Path): boolean => urn === undefined && attribute === 'members';

function intentOf(verb: Verb, { path, value, at }: Aim, op: number): MemberIntent | undefined {
  const { filter, sub } = path;
  if (sub !== undefined || (filter !== undefined && verb !== 'remove'))
    throw new Malformed('mutability', 'a membership cannot be edited; add the new member and remove the old one');
  if (filter !== undefined) {
    const ids = idsNamed(filter);
    if (ids === undefined && mentioning('$ref')(filter))
      throw new Malformed('invalidFilter', 'name a member by its "value", not by "$ref"');
    return ids ? { kind: 'remove', ids, op } : { kind: 'remove-where', filter, op };
  }
  const nothing = value === undefined || value === null || value === '';
  // An empty list beside `remove` names nobody, so it removes nobody; beside `replace` it is the new list.
  if (verb === 'remove' ? nothing : verb === 'replace' && isUnassigned(value)) return { kind: 'remove-all', op };
  const ids = idsOf(value ?? null, at);
  return ids.length > 0 ? { kind: verb, ids, op } : undefined;
}

/** The ids a filter on members lists: `value eq "…"`, or `$ref eq "…/Users/…"`, or several joined by `or`. */
function idsNamed(filter: Filter): readonly string[] | undefined {
  const ids = new Set<string>();
  for (const term of filter.kind === 'or' ? filter.terms : [filter]) {
    if (term.kind !== 'compare' || term.op !== 'eq' || typeof term.value !== 'string') return undefined;
    const { attribute } = term.target;
    const id = attribute === 'value' ? term.value : attribute === '$ref' ? addressed.exec(term.value)?.[1] : undefined;
    if (id === undefined) return undefined;
    ids.add(id);
  }
  return [...ids];
}
/** The id in a member's address, whatever the relay is called there. */
const addressed = /(?:^|\/)(?:Users|Groups)\/([^/?#]+)$/;

function changeOf(verb: Verb, { path, value, at }: Aim, op: number): AttributeIntent | undefined {
  if (path.filter && comparisonsIn(path.filter) > mostComparisons)
    throw new Malformed('invalidFilter', `the filter compares more than ${mostComparisons} times`);
  const change = { kind: 'attribute', op, at, verb, path } as const;
  if (verb === 'remove' && !namesValues(path, value)) return change;
  const name = path.sub === undefined ? path.attribute : `${path.attribute}.${path.sub}`;
  const read = valueFor(verb, path, value ?? null, name);
  if (read !== undefined) return { ...change, value: read };
  return verb === 'remove' ? undefined : change;
}

/** Whether a `remove` says which values of the attribute it means. On one value it means that one (RFC 7644 §3.5.2.2). */
const namesValues = ({ definition, filter, sub }: Path, value: Json | undefined): boolean =>
  filter === undefined &&
  sub === undefined &&
  definition?.multiValued !== false &&
  value !== undefined &&
  value !== null &&
  value !== '';

function valueFor(verb: Verb, path: Path, value: Json, name: string): Json | undefined {
  const { definition, filter, sub, subDefinition } = path;
  const asked = sub === undefined ? definition : subDefinition;
  if (asked === undefined) return typedAt(path, value, name);
  if (asked.type !== 'complex') return typedAt(path, unwrapped(value), name);
  const merges = filter !== undefined || (!asked.multiValued && !holdsValue(asked));
  return merges && verb !== 'remove' ? partial(asked, value, name) : typedAt(path, value, name);
}

/** `[{"$ref":null,"value":"x"}]` for a single value: https://github.com/MicrosoftDocs/azure-docs/issues/42220 */
function unwrapped(value: Json): Json {
  const [only, more] = Array.isArray(value) ? value : [];
  if (more !== undefined || !isObject(only)) return value;
  const alone = Object.keys(only).every((name) => name === 'value' || (name === '$ref' && only[name] === null));
  const inside = alone ? own(only, 'value') : undefined;
  return inside === undefined ? value : inside;
}

function comparisonsIn(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.terms.reduce((sum, term) => sum + comparisonsIn(term), 0);
    case 'not':
      return comparisonsIn(filter.term);
    case 'some':
      return comparisonsIn(filter.where);
    case 'present':
    case 'compare':
      return 1;
  }
}

/**
 * The user after the operations; the very same object, and `changed` false, when they come to nothing.
 * @throws Malformed naming operation and path
 */
export function patchUser(user: JsonObject, operations: readonly Operation[]): { user: JsonObject; changed: boolean } {
  const after = documentAfter(user, operations, 'User');
  return { user: after, changed: after !== user };
}

/**
 * The group's attributes after the operations, the same object when nothing changes in them, and what is to become of
 * its members, in order.
 * @throws Malformed naming operation and path
 */
export function patchGroup(
  attributes: JsonObject,
  operations: readonly Operation[],
): { attributes: JsonObject; changed: boolean; members: readonly MemberIntent[] } {
  const after = documentAfter(attributes, operations, 'Group');
  const members = operations.filter((operation) => operation.kind !== 'attribute');
  return { attributes: after, changed: after !== attributes, members };
}

function documentAfter(before: JsonObject, operations: readonly Operation[], kind: ResourceKind): JsonObject {
  let draft: Draft | undefined;
  for (const operation of operations) {
    if (operation.kind !== 'attribute') continue;
    draft ??= { document: { ...before }, ours: new Set(), work: 0 };
    try {
      applyTo(draft, operation, kind);
    } catch (thrown) {
      throw located(thrown, operation.op, operation.verb, operation.at);
    }
  }
  return draft === undefined || same(draft.document, before) ? before : draft.document;
}

/** A copy to write in. Extensions in it are still the original's until one is written to; `ours` are those copied. */
type Draft = { readonly document: JsonObject; readonly ours: Set<string>; work: number };

function applyTo(draft: Draft, intent: AttributeIntent, kind: ResourceKind): void {
  const { document, ours } = draft;
  const { urn, attribute } = placeIn(document, intent.path);
  const container = urn === undefined ? undefined : keyOf(document, urn);
  const held = container === undefined ? document : own(document, container);
  if (held !== undefined && !isObject(held))
    throw new Malformed('noTarget', `${quoted(container!)} is not an extension here, but a value`);
  const key = held === undefined ? attribute : keyOf(held, attribute);
  const before = held && own(held, key);
  draft.work += costOf(before, intent);
  if (draft.work > mostWork)
    throw new TooLarge(`Up to Operations[${intent.op}] this PATCH compares too many values; send it in several`);
  const after = changed(before, intent);
  if (after === before) return;
  if (container === undefined) {
    set(document, key, after);
    if (key === required[kind]) demand(document, kind, intent.verb);
    return;
  }
  if (!ours.has(container)) {
    document[container] = { ...held };
    ours.add(container);
  }
  const extension = document[container] as JsonObject;
  set(extension, key, after);
  if (Object.keys(extension).length > 0) return;
  delete document[container];
  ours.delete(container);
}

function costOf(before: Json | undefined, { path, value }: Change): number {
  const compared = path.filter ? comparisonsIn(path.filter) : Array.isArray(value) ? value.length : 1;
  return (Array.isArray(before) ? before.length : 1) * compared;
}

/** What looks like an extension may be an attribute behind a URN that ends in a version; what is there tells. */
function placeIn(document: JsonObject, { urn, attribute }: Path): Pick<Path, 'urn' | 'attribute'> {
  if (urn !== undefined || !looksLikeExtension(attribute) || own(document, keyOf(document, attribute)) !== undefined)
    return { ...(urn !== undefined && { urn }), attribute };
  const colon = attribute.lastIndexOf(':');
  return { urn: attribute.slice(0, colon), attribute: attribute.slice(colon + 1) };
}

function set(object: JsonObject, name: string, value: Json | undefined): void {
  if (value === undefined) delete object[name];
  else object[name] = value;
}

function demand(document: JsonObject, kind: ResourceKind, verb: Verb): void {
  if (!lacks(document, kind)) return;
  if (verb === 'remove') throw new Malformed('mutability', `"${required[kind]}" is required, so it cannot be removed`);
  throw new Malformed('invalidValue', `"${required[kind]}" is required and must be a string that is not empty`);
}
