/**
 * What an entry of the journal did to one person, for their story: created, switched off, put into a group.
 *
 * Pure. Bodies are read loosely: an entry of an older version, or one that was erased, must still have a line.
 */
import type { Did } from '../contract/people.ts';
import type { Json, JsonObject } from '../contract/scim.ts';

const object = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const fold = (value: Json | undefined): string => String(value ?? '').toLowerCase();
const named = (from: JsonObject, name: string): Json | undefined =>
  Object.entries(from).find(([key]) => key.toLowerCase() === name)?.[1];
/** As Entra writes it in words, and others as a boolean (facts of both providers). */
const switched = (value: Json | undefined): Did | undefined =>
  fold(value) === 'false' ? 'switched-off' : fold(value) === 'true' ? 'switched-on' : undefined;

const operationsOf = (body: JsonObject) => list(named(object(body.body), 'operations')).map(object);

/** What a push on the person's own resource did. A PUT repeats all there is, so only what it switches off is told apart. */
export function didTo(push: JsonObject): Did {
  const method = fold(push.method);
  if (method === 'post') return 'created';
  if (method === 'delete') return 'deleted';
  if (method === 'put')
    return switched(named(object(push.body), 'active')) === 'switched-off' ? 'switched-off' : 'changed';
  for (const operation of operationsOf(push)) {
    const path = named(operation, 'path');
    const value = named(operation, 'value');
    const active = path === undefined ? named(object(value), 'active') : fold(path) === 'active' ? value : undefined;
    const did = switched(active);
    if (did !== undefined) return did;
  }
  return 'changed';
}

/** What a push on a group that names the person did to their membership; null where it does not say. */
export function didInGroup(push: JsonObject, person: string): Did | null {
  const names = (value: Json | undefined): boolean => JSON.stringify(value ?? null).includes(JSON.stringify(person));
  const method = fold(push.method);
  if (method === 'post' || method === 'put') return names(named(object(push.body), 'members')) ? 'joined' : null;
  // Of several operations on the same person the last one counts.
  for (const operation of operationsOf(push).toReversed()) {
    const op = fold(named(operation, 'op'));
    const isNamed =
      names(named(operation, 'value')) || fold(named(operation, 'path')).includes(`"${person.toLowerCase()}"`);
    if (isNamed) return op === 'remove' ? 'left' : 'joined';
  }
  return null;
}
