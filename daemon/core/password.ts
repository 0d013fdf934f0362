/**
 * Takes passwords out of what a provider sent (I7).
 *
 * Pure. Okta sends a random password with every new user, even where passwords are not synchronized (Okta documentation),
 * and may PATCH one. Nothing behind the door has a use for it, so it goes before the journal, the log and the directory
 * see the body, under any spelling: any case, behind a schema's URN, inside an extension, in a PATCH path or value.
 */
import type { Json, JsonObject } from '../contract/scim.ts';

const spelling = /(?:^|[\s:.[(])password(?:$|[\s.[\]=])/i;

/** Whether a key of a body, or a PATCH path, names a password. */
export const isPassword = (name: string): boolean => name.length >= 'password'.length && spelling.test(name);

/** Deeper than anything the reader accepts, so that an accepted body is never cut (value.ts bounds each value at 32). */
const deepest = 64;

/**
 * The body without any password, for the journal. Never throws, whatever the body: what is nested deeper than any
 * accepted body can be is cut, since it could not be written down as JSON either.
 */
export const withoutPassword = (body: JsonObject): JsonObject => (hasPassword(body, 0) ? stripObject(body, 0) : body);

/** Whether anything is to be taken out, or cut. Most bodies have nothing, and it makes nothing to find that out. */
function hasPassword(value: Json, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > deepest) return true;
  if (Array.isArray(value)) return value.some((item) => hasPassword(item, depth + 1));
  for (const name of Object.keys(value)) {
    const inside = value[name]!;
    if (isPassword(name) || (isPath(name) && typeof inside === 'string' && isPassword(inside))) return true;
    if (hasPassword(inside, depth + 1)) return true;
  }
  return false;
}
const isPath = (name: string): boolean => name.length === 'path'.length && name.toLowerCase() === 'path';

function strip(value: Json, depth: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return 'cut: nested too deep';
  if (!Array.isArray(value)) return stripObject(value, depth);
  let copy: Json[] | undefined;
  for (let index = 0; index < value.length; index += 1) {
    const before = value[index]!;
    const after = strip(before, depth + 1);
    if (after === before) continue;
    copy ??= [...value];
    copy[index] = after;
  }
  return copy ?? value;
}

function stripObject(object: JsonObject, depth: number): JsonObject {
  const names = Object.keys(object);
  const ofPassword = names.some((name) => {
    const value = object[name];
    return isPath(name) && typeof value === 'string' && isPassword(value);
  });
  let changed = false;
  const entries: [string, Json][] = [];
  for (const name of names) {
    const before = object[name]!;
    const folded = name.toLowerCase();
    if (isPassword(name) || (ofPassword && folded === 'value')) {
      changed = true;
      continue;
    }
    // A path may carry the secret too: `password[value eq "…"]`.
    const after = ofPassword && folded === 'path' ? 'password' : strip(before, depth + 1);
    changed ||= after !== before;
    entries.push([name, after]);
  }
  // fromEntries defines own properties, so a key named __proto__ stays plain data.
  return changed ? Object.fromEntries(entries) : object;
}
