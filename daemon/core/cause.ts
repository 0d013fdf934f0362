/**
 * A journal entry in one line: what a push said, or what somebody decided.
 *
 * Pure. Bodies are read loosely: an entry of an older version must still say something.
 */
import type { JournalRow } from '../contract/journal.ts';
import type { Cause } from '../contract/review.ts';
import type { Json, JsonObject } from '../contract/scim.ts';

const object = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const most = 3;

/** `active false`, `members 3`, `displayName`: what an attribute is set to, where that is short enough to say. */
function said(name: string, value: Json | undefined): string {
  if (typeof value === 'boolean' || typeof value === 'number') return `${name} ${value}`;
  if (Array.isArray(value)) return `${name} ${value.length}`;
  if (typeof value === 'string' && value.length <= 40) return `${name} ${value}`;
  return name;
}

function operationWords(raw: Json): string {
  const { op, path, value } = object(raw);
  const verb = String(op ?? '').toLowerCase();
  if (typeof path === 'string') return `${verb} ${said(path, value)}`;
  const named = Object.entries(object(value)).slice(0, most);
  return `${verb} ${named.map(([name, one]) => said(name, one)).join(', ')}`;
}

/** What a push set, in a few words; '' where it says nothing that is short. */
export function stepWords(body: JsonObject): string {
  const inner = object(body.body);
  const operations = list(inner.Operations ?? inner.operations);
  if (operations.length > 0) {
    const more = operations.length > most ? ` and ${operations.length - most} more` : '';
    return `${operations.slice(0, most).map(operationWords).join('; ')}${more}`;
  }
  const shown = ['active', 'userName', 'displayName', 'members'].filter((name) => inner[name] !== undefined);
  return shown.map((name) => said(name, inner[name])).join(', ');
}

function pushWords(body: JsonObject): string {
  const head = `${String(body.method ?? '')} ${String(body.kind ?? '')}`;
  const steps = stepWords(body);
  return steps === '' ? head : `${head}: ${steps}`;
}

export function causeOf({ seq, at, kind, source, actor, body }: JournalRow): Cause {
  const said = object(body);
  const by = actor === null ? '' : ` by ${actor}`;
  const what = kind === 'push' ? `${String(said.method ?? '')} ${String(said.kind ?? '')}` : String(said.what ?? kind);
  const words = kind === 'push' ? pushWords(said) : `${what}${by}`;
  return { seq, at, source, words, facts: { kind, what, by: actor ?? '' } };
}
