/**
 * Which words of a journal's bodies are one person's, and what is left of a body without them.
 *
 * Pure. Names are compared as they were written, ignoring case. A word counts as the person's name when it is a userName, an
 * e-mail address or telephone number, an external id or a displayed name of theirs; a first name alone, a title or a
 * department does not, for those are many people's.
 */
import type { Json, JsonObject } from '../contract/scim.ts';

/** What stands for an erased person where a name was. */
export const placeholder = (id: string): string => `erased:${id}`;

const naming = /(^|[.:[])(userName|externalId|displayName|formatted|nickName|emails|phoneNumbers|value)($|[\s.[])/i;
const shortest = 4;

/** Every name of the person in a body about them. */
export function namesIn(body: unknown, ...more: readonly string[]): string[] {
  const found = new Set<string>(more);
  walk(body as Json, '', (text, path) => {
    if (text.length >= shortest && (naming.test(path) || text.includes('@'))) found.add(text);
  });
  return [...found].filter((name) => name.length >= shortest);
}

function walk(value: Json | undefined, path: string, see: (text: string, path: string) => void): void {
  if (typeof value === 'string') see(value, path);
  else if (Array.isArray(value)) for (const item of value) walk(item, path, see);
  else if (typeof value === 'object' && value !== null) {
    // In an operation of a PATCH the path says what the value is.
    const target = typeof value.path === 'string' ? value.path : undefined;
    for (const [name, inner] of Object.entries(value)) {
      const own = /(^|:)(addresses|roles|entitlements|members|manager|photos)$/i.test(name);
      const operation = target !== undefined && name.toLowerCase() === 'value';
      if (own || (operation && !naming.test(target))) continue;
      if (name !== 'schemas' && name !== 'Operations' && name !== 'path' && name !== 'op' && name !== 'id')
        walk(inner, operation ? target : name, see);
      else if (name === 'Operations') walk(inner, '', see);
    }
  }
}

type Entry = Readonly<{ kind: 'push' | 'refusal' | 'decision'; subject: string | null; body: unknown }>;
/** `body`: what is left; absent where nothing is to be erased. `mentions`: it names the person, and is another's. */
export type Redacted = Readonly<{ body?: JsonObject; mentions: boolean }>;

/** What is left of an entry once the person of that id, who has had these names, is erased. */
export function redacted({ kind, subject, body: raw }: Entry, id: string, names: readonly string[]): Redacted {
  const body = (typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? raw : {}) as JsonObject;
  if (body.erased === true) return { mentions: false };
  if (subject === id) return about(kind, body);
  const cut = without(body, names, placeholder(id));
  if (cut === body) return { mentions: false };
  if (kind === 'refusal' && isTheirs(body, names)) return about(kind, body);
  // A push about another user is that user's data; so is a refused one.
  if (kind !== 'decision' && body.kind === 'User' && subject !== null) return { mentions: true };
  if (kind === 'push' && body.kind === 'User') return { mentions: true };
  return { body: cut as JsonObject, mentions: false };
}

function about(kind: Entry['kind'], body: JsonObject): Redacted {
  const kept = { push: ['method', 'kind', 'id'], refusal: ['method', 'kind', 'id', 'status', 'scimType'] }[
    kind as 'push' | 'refusal'
  ] ?? ['what', 'item', 'change', 'person', 'entries', 'snapshot', 'reason', 'delivery'];
  // The decision to erase an earlier time says which entries: the proof stands on it, and it names nobody.
  if (body.what === 'journal.erase') return { mentions: false };
  const rest = Object.entries(body).filter(
    ([name]) => kept.includes(name) && (name !== 'reason' || kind !== 'decision'),
  );
  if (rest.length === Object.keys(body).length) return { mentions: false };
  return { body: { ...Object.fromEntries(rest), erased: true }, mentions: false };
}

/** A refused push that would have made or changed this very person. */
function isTheirs(body: JsonObject, names: readonly string[]): boolean {
  const sent = body.body;
  if (body.kind !== 'User' || typeof sent !== 'object' || sent === null || Array.isArray(sent)) return false;
  const known = new Set(names.map((name) => name.toLowerCase()));
  return [sent.userName, sent.externalId].some((name) => typeof name === 'string' && known.has(name.toLowerCase()));
}

/** The value with each of the names replaced; the very same value where there is none. */
function without(value: Json, names: readonly string[], by: string): Json {
  if (typeof value === 'string') return withoutText(value, names, by);
  if (typeof value !== 'object' || value === null) return value;
  let changed = false;
  const next = (inner: Json): Json => {
    const after = without(inner, names, by);
    changed ||= after !== inner;
    return after;
  };
  const copy = Array.isArray(value)
    ? value.map(next)
    : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, next(inner)]));
  return changed ? copy : value;
}

const letter = /[\p{L}\p{N}]/u;
/** Whole words only: the name "Anna Li" is not in "Anna Lindt". */
function withoutText(text: string, names: readonly string[], by: string): string {
  let result = text;
  for (const name of names) {
    const wanted = name.toLowerCase();
    for (let from = 0; ; ) {
      const at = result.toLowerCase().indexOf(wanted, from);
      if (at < 0) break;
      const [before, after] = [result.charAt(at - 1), result.charAt(at + name.length)];
      if (letter.test(before) || letter.test(after)) {
        from = at + 1;
        continue;
      }
      result = result.slice(0, at) + by + result.slice(at + name.length);
      from = at + by.length;
    }
  }
  return result;
}
