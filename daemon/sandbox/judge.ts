/**
 * What a SCIM answer must look like for a provider to go on. Every function here returns what it found or throws
 * `Incompatible` with the request, the answer and what was expected: a sandbox that shrugs proves nothing.
 *
 * The expectations are those of the providers' own documentation, and of RFC 7643 and RFC 7644 where both rely on them.
 * It never decides what to send next (entra.ts, okta.ts), nor whether two directories agree (ledger.ts).
 */
import {
  GroupResource,
  type Json,
  type JsonObject,
  ListResponse,
  type ResourceKind,
  UserResource,
  urn,
} from '../contract/scim.ts';
import { type Answer, Incompatible } from './client.ts';

/** A User or Group as it came back: an id, and whatever else. */
export type Resource = Readonly<JsonObject & { id: string }>;

const shapes = { User: UserResource, Group: GroupResource } as const;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Entra documentation: "The header for all the responses should be of content-Type: application/scim+json". */
function bodyOf(answer: Answer, expected: string): JsonObject {
  const type = answer.headers['content-type'] ?? 'none';
  if (!/^application\/scim\+json\b/i.test(type)) {
    throw new Incompatible(`${expected}, with Content-Type application/scim+json (it was ${type})`, answer);
  }
  if (!isObject(answer.responseBody)) throw new Incompatible(`${expected}, as a JSON object`, answer);
  return answer.responseBody;
}

function resourceIn(body: unknown, kind: ResourceKind, answer: Answer): Resource {
  const shape = shapes[kind].safeParse(body);
  if (!shape.success || !isObject(body)) {
    const fault = shape.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new Incompatible(`a SCIM ${kind} (${fault})`, answer);
  }
  if (shape.data.id === '') throw new Incompatible(`a ${kind} with an id that is not empty`, answer);
  const schemas = Array.isArray(body.schemas) ? body.schemas : [];
  const core = kind === 'User' ? urn.user : urn.group;
  if (!schemas.includes(core)) throw new Incompatible(`a ${kind} whose schemas name ${core} (RFC 7643 §3)`, answer);
  return { ...body, id: shape.data.id };
}

/** GET or PUT of one resource: 200 and the resource, under the id that was asked for. */
export function found(answer: Answer, kind: ResourceKind, id: string): Resource {
  const expected = `200 and the ${kind} with id ${id}`;
  if (answer.status !== 200) throw new Incompatible(expected, answer);
  const resource = resourceIn(bodyOf(answer, expected), kind, answer);
  if (resource.id !== id) throw new Incompatible(expected, answer);
  return resource;
}

/** POST: 201, a new id, a Location (RFC 7644 §3.3), and every value exactly as it was sent. */
export function created(answer: Answer, kind: ResourceKind, sent: JsonObject): Resource {
  const expected = `201 and the new ${kind}`;
  if (answer.status !== 201) throw new Incompatible(expected, answer);
  const resource = resourceIn(bodyOf(answer, expected), kind, answer);
  const meta = isObject(resource.meta) ? resource.meta : {};
  const location = answer.headers.location;
  if (location === undefined || meta.location !== location || !location.endsWith(`/${kind}s/${resource.id}`)) {
    const seen = `${location ?? 'none'} and ${String(meta.location ?? 'none')}`;
    throw new Incompatible(`${expected}, its address in Location and in meta.location (they were ${seen})`, answer);
  }
  echoes(answer, sent, resource);
  return resource;
}

/** PATCH: 204, or 200 and the resource (Entra and Okta documentation); undefined for 204. */
export function patched(answer: Answer, kind: ResourceKind, id: string): Resource | undefined {
  if (answer.status === 204) return undefined;
  if (answer.status !== 200) throw new Incompatible(`204, or 200 and the ${kind}`, answer);
  return found(answer, kind, id);
}

/** DELETE: 204. */
export function gone(answer: Answer): void {
  if (answer.status !== 204) throw new Incompatible('204', answer);
}

export type Listing = Readonly<{ total: number; startIndex: number; resources: readonly Resource[] }>;

/** RFC 7644 §3.4.2: 200 and a ListResponse, also when nothing matched; numbers are JSON integers (Okta documentation). */
export function listed(answer: Answer, kind: ResourceKind): Listing {
  const expected = '200 and a ListResponse';
  if (answer.status !== 200) throw new Incompatible(expected, answer);
  const list = ListResponse.safeParse(bodyOf(answer, expected));
  if (!list.success) {
    const fault = list.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new Incompatible(`${expected} (${fault})`, answer);
  }
  const { schemas, totalResults, startIndex = 1, itemsPerPage, Resources = [] } = list.data;
  if (!schemas.includes(urn.list)) throw new Incompatible(`${expected} whose schemas name ${urn.list}`, answer);
  if (startIndex < 1) throw new Incompatible(`${expected} whose startIndex counts from 1`, answer);
  if (itemsPerPage !== undefined && itemsPerPage < Resources.length) {
    throw new Incompatible(`${expected} with no more Resources than itemsPerPage`, answer);
  }
  if (totalResults < Resources.length)
    throw new Incompatible(`${expected} whose totalResults counts its Resources`, answer);
  return { total: totalResults, startIndex, resources: Resources.map((body) => resourceIn(body, kind, answer)) };
}

/** The answer to `ATTRIBUTE eq "value"` on an attribute that is unique: that one resource, or undefined for an empty list. */
export function matched(answer: Answer, kind: ResourceKind, attribute: string, value: string): Resource | undefined {
  const { total, resources } = listed(answer, kind);
  if (total !== resources.length || total > 1)
    throw new Incompatible(`no ${kind} or one whose ${attribute} is ${value}`, answer);
  const [resource] = resources;
  // RFC 7643 §4.1.1 and §4.2: userName and displayName compare ignoring case; §3.1: externalId is exact.
  const same = (seen: Json | undefined): boolean =>
    typeof seen === 'string' &&
    (attribute === 'externalId' ? seen === value : seen.toLowerCase() === value.toLowerCase());
  if (resource !== undefined && !same(resource[attribute])) {
    throw new Incompatible(`only a ${kind} whose ${attribute} is ${value}`, answer);
  }
  return resource;
}

/** Throws unless everything sent is in the resource, unchanged. */
export function echoes(answer: Answer, sent: JsonObject, resource: JsonObject): void {
  const wrong = differences(sent, resource);
  if (wrong.length > 0) throw new Incompatible(`every value as it was sent, but ${wrong.join('; ')}`, answer);
}

/** Sent by clients and not theirs to set (readOnly), or never to come back (RFC 7643 §4.1.1, §3.1). */
const notEchoed = new Set(['schemas', 'meta', 'password', 'groups', 'id']);
/** RFC 7643 §2.5: null, an empty list and absence are one state. */
const unassigned = (value: Json | undefined): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

function differences(sent: JsonObject, seen: JsonObject, above = ''): string[] {
  return Object.entries(sent).flatMap(([name, value]): string[] => {
    if ((above === '' && notEchoed.has(name)) || unassigned(value)) return [];
    const path = above + name;
    const back = seen[name];
    // Entra sends a manager as a bare string and cannot read one back: it wants the complex form.
    if (name === 'manager' && typeof value === 'string') {
      return isObject(back) && back.value === value
        ? []
        : [`${path} is ${JSON.stringify(back)}, not {"value":"${value}"}`];
    }
    if (isObject(value)) return isObject(back) ? differences(value, back, `${path}.`) : [`${path} is missing`];
    if (Array.isArray(value)) return value.flatMap((entry) => entryDifferences(path, entry, back));
    return back === value ? [] : [`${path} was ${JSON.stringify(value)} and is ${JSON.stringify(back)}`];
  });
}

function entryDifferences(path: string, entry: Json, back: Json | undefined): string[] {
  const entries = (Array.isArray(back) ? back : []).filter(isObject);
  if (!isObject(entry)) return [];
  const twin = entries.find(({ type, value }) => type === entry.type && value === entry.value);
  return twin === undefined ? [`${path} has no ${JSON.stringify(entry)}`] : differences(entry, twin, `${path}.`);
}
