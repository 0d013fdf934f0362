/**
 * A SCIM service of a hundred lines for test/providers.test.ts: it records every request, answers the few shapes the
 * simulated providers send, and can be told to misbehave. It is written from RFC 7644 and shares nothing with the relay
 * or the sandbox, so that a provider which passes here has been understood by somebody else.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = { [name: string]: unknown };
type Entry = { type?: string; value?: string };
export type Seen = Readonly<{ method: string; path: string; headers: IncomingHttpHeaders; body: Json | undefined }>;
export type Reply = Readonly<{ status: number; body?: unknown; headers?: Record<string, string> }>;
/** Looks at a request and the honest answer to it; what it returns is sent instead. */
export type Mischief = (seen: Seen, honest: Reply) => Reply | undefined;

const urn = {
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  User: 'urn:ietf:params:scim:schemas:core:2.0:User',
  Group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
};
const refuse = (status: number, detail: string): Reply => ({
  status,
  body: { schemas: [urn.error], status: String(status), detail },
});
const bool = (value: unknown): unknown =>
  typeof value === 'string' && /^(true|false)$/i.test(value) ? /^true$/i.test(value) : value;

/** Sets one value at a path of PATCH: plain, dotted, behind an extension's URN, or the work e-mail. */
function put(resource: Json, path: string, value: unknown): void {
  const inside = (holder: string, name: string, inner: unknown): void => {
    resource[holder] = { ...(resource[holder] as Json), [name]: inner };
  };
  if (path === 'emails[type eq "work"].value') {
    const others = ((resource.emails ?? []) as Entry[]).filter(({ type }) => type !== 'work');
    resource.emails = [...others, { type: 'work', value, primary: true }];
  } else if (path.endsWith('manager')) {
    const [reference] = Array.isArray(value) ? (value as Entry[]) : [{ value: value as string }];
    inside(urn.enterprise, 'manager', { value: reference?.value });
  } else if (path.startsWith(`${urn.enterprise}:`))
    inside(urn.enterprise, path.slice(urn.enterprise.length + 1), value);
  else if (path.startsWith('name.')) inside('name', path.slice('name.'.length), value);
  else resource[path] = path === 'active' ? bool(value) : value;
}

function members(resource: Json, op: string, path: string, value: unknown): void {
  const held = new Map(((resource.members ?? []) as Entry[]).map((entry) => [entry.value, entry]));
  const [, one] = /\[value eq "([^"]+)"\]/.exec(path) ?? [];
  const named = one === undefined ? ((value ?? []) as Entry[]).map((entry) => entry.value) : [one];
  if (op === 'replace') held.clear();
  for (const id of named) if (op === 'remove') held.delete(id);
  if (op !== 'remove') for (const id of named) held.set(id, { value: id! });
  resource.members = [...held.values()];
}

function patch(resource: Json, body: Json): void {
  for (const { op: word, path, value } of body.Operations as { op: string; path?: string; value: unknown }[]) {
    const op = word.toLowerCase();
    if (path?.startsWith('members')) members(resource, op, path, value);
    else if (path !== undefined) put(resource, path, value);
    else for (const [name, item] of Object.entries(value as Json)) if (name !== 'id') put(resource, name, item);
  }
}

const honestly: Mischief = () => undefined;

export async function recorder() {
  const seen: Seen[] = [];
  const stores = { User: new Map<string, Json>(), Group: new Map<string, Json>() };
  let number = 0;
  let inFlight = 0;
  let most = 0;
  let base = '';
  let behave: Mischief = honestly;

  function answer({ method, path, body }: Seen): Reply {
    const url = new URL(path, 'http://recorder');
    const [, noun = '', id] = url.pathname.split('/');
    const kind = noun === 'Users' ? 'User' : 'Group';
    const store = stores[kind];
    const query = url.searchParams;
    const shown = (resource: Json): Json => {
      if (query.get('excludedAttributes') !== 'members') return structuredClone(resource);
      const { members: _, ...rest } = resource;
      return structuredClone(rest);
    };
    const clash = (name: unknown, except?: string): boolean =>
      kind === 'User' &&
      [...store.values()].some(
        (other) => other.id !== except && String(other.userName).toLowerCase() === String(name).toLowerCase(),
      );
    if (id === undefined && method === 'GET') {
      const conditions = [...(query.get('filter') ?? '').matchAll(/(\w+) eq "([^"]*)"/g)];
      const fits = (resource: Json): boolean =>
        conditions.every(([, name = '', value = '']) => {
          if (name === 'members') return ((resource.members ?? []) as Entry[]).some((entry) => entry.value === value);
          const enterprise = resource[urn.enterprise] as Json | undefined;
          if (name === 'manager') return (enterprise?.manager as Entry | undefined)?.value === value;
          return String(resource[name]).toLowerCase() === value.toLowerCase();
        });
      const hits = [...store.values()].filter(fits);
      const start = Number(query.get('startIndex') ?? 1);
      const page = hits.slice(start - 1, start - 1 + Number(query.get('count') ?? 100)).map(shown);
      const counts = { totalResults: hits.length, startIndex: start, itemsPerPage: page.length };
      return { status: 200, body: { schemas: [urn.list], ...counts, Resources: page } };
    }
    if (id === undefined) {
      if (clash(body!.userName)) return refuse(409, 'userName is taken');
      number += 1;
      const { password: _, groups: __, ...rest } = body!;
      const given = rest[urn.enterprise] as Json | undefined;
      const manager = typeof given?.manager === 'string' && { manager: { value: given.manager } };
      const meta = { resourceType: kind, location: `${base}/${noun}/${kind[0]}${number}` };
      const extension = given && { [urn.enterprise]: { ...given, ...manager } };
      const resource = { ...rest, ...extension, active: bool(rest.active), id: `${kind[0]}${number}`, meta };
      store.set(resource.id, resource);
      return { status: 201, body: shown(resource), headers: { Location: meta.location } };
    }
    const resource = store.get(id);
    if (resource === undefined) return refuse(404, `no ${kind} ${id}`);
    if (method === 'GET') return { status: 200, body: shown(resource) };
    if (method === 'DELETE') {
      store.delete(id);
      for (const group of stores.Group.values()) members(group, 'remove', `members[value eq "${id}"]`, undefined);
      return { status: 204 };
    }
    const next = method === 'PUT' ? { ...body!, id, meta: resource.meta } : structuredClone(resource);
    if (method === 'PATCH') patch(next, body!);
    if (clash((next as Json).userName, id)) return refuse(409, 'userName is taken');
    store.set(id, next);
    return method === 'PATCH' && kind === 'Group' ? { status: 204 } : { status: 200, body: shown(next) };
  }

  const server = createServer((request, response) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const arrivedAs = Buffer.concat(chunks).toString();
      const body = arrivedAs === '' ? undefined : (JSON.parse(arrivedAs) as Json);
      const arrived: Seen = { method: request.method!, path: request.url!, headers: request.headers, body };
      seen.push(arrived);
      // What the mischief needs is the honest answer; a refusal it makes up itself must leave no trace in the store.
      const before = behave === honestly ? undefined : structuredClone(stores);
      const honest = answer(arrived);
      const reply = behave(arrived, honest) ?? honest;
      if (reply !== honest && reply.status >= 400) Object.assign(stores, before);
      const raw = typeof reply.body === 'string' || Buffer.isBuffer(reply.body);
      const text = raw ? (reply.body as string | Buffer) : JSON.stringify(reply.body);
      const type = text === undefined ? {} : { 'Content-Type': 'application/scim+json' };
      // Answers leave a turn later, so that requests really overlap.
      setImmediate(() => {
        inFlight -= 1;
        response.writeHead(reply.status, { ...type, ...reply.headers }).end(text);
      });
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: base,
    stores,
    /** Requests since the last call, without the client's random probes. */
    take: (): Seen[] => seen.splice(0).filter(({ path }) => !/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/.test(path)),
    takeAll: (): Seen[] => seen.splice(0),
    misbehave: (next: Mischief): void => {
      behave = next;
    },
    mostInFlight: () => most,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
