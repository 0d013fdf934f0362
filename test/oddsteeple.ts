/**
 * A SCIM server that does what real ones do and the RFC does not say, or leaves open: numbers for ids, 200 for 201, no body,
 * no Location, pages of HTML for errors, no PATCH, Bulk with small limits. Written apart from the relay and from the
 * sandbox, over plain HTTP; each oddity is a word of `Oddities`.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type Oddities = Readonly<{
  numbers?: boolean;
  createdStatus?: number;
  /** What a creation shows: the resource, or nothing. */
  createdBody?: boolean;
  location?: 'absolute' | 'path' | 'foreign' | 'none';
  /** Errors as an HTML page. */
  html?: boolean;
  /** `undeclared`: it says nothing about PATCH, and answers 501 to it. */
  patch?: 'yes' | 'no' | 'undeclared';
  /** PUT needs If-Match. */
  versions?: boolean;
  /** `broken`: declared, and 501 when it comes to it. `response`: whether each operation shows its resource. */
  bulk?: Readonly<{
    operations: number;
    bytes?: number;
    response?: boolean;
    broken?: boolean;
    status?: 'text' | 'code';
  }>;
  /** 404 for a filter that matches nobody. */
  filter404?: boolean;
  /** `"active": "True"`. */
  words?: boolean;
  /** Lists leave members out. */
  bareLists?: boolean;
  /** At most 100 members a PATCH; filters of eq and and only; no replace of members. */
  strict?: boolean;
  /** Removing who is not a member is an error (RFC 7644 §3.5.2.2 leaves it open). */
  noTarget?: boolean;
  configMissing?: boolean;
  /** It lets two people have one userName: who writes twice has somebody twice. */
  twins?: boolean;
  /** Before each answer, after it was carried out. */
  latencyMs?: number;
}>;
type Resource = Record<string, unknown> & { id: string; version: number };
export type Request = Readonly<{ method: string; path: string; body: Record<string, unknown> | undefined }>;
type Told = Readonly<{ status: number; body?: object | string | undefined; headers?: Record<string, string> }>;
type Operation = Readonly<{ op: string; path: string; value?: unknown }>;

const list = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const error = 'urn:ietf:params:scim:api:messages:2.0:Error';

export async function oddSteeple(odd: Oddities = {}) {
  const users = new Map<string, Resource>();
  const groups = new Map<string, Resource & { members: Set<string> }>();
  const seen: Request[] = [];
  let next = 100;
  let url = '';
  /** A test may answer in its place; `lose` carries it out and cuts the connection. */
  let interfere: (request: Request) => Told | 'lose' | undefined = () => undefined;

  const idOut = (id: string): unknown => (odd.numbers ? Number(id) : id);
  const shown = (kind: string, one: Resource, listed = false): object => {
    const { members, version, ...rest } = one as Resource & { members?: Set<string> };
    const active = odd.words && typeof rest.active === 'boolean' ? (rest.active ? 'True' : 'False') : rest.active;
    return {
      schemas: [`urn:ietf:params:scim:schemas:core:2.0:${kind}`],
      ...rest,
      id: idOut(one.id),
      ...(active !== undefined && { active }),
      ...(members && !(listed && odd.bareLists) && { members: [...members].map((value) => ({ value: idOut(value) })) }),
      ...(odd.versions && { meta: { version: `W/"${version}"` } }),
    };
  };
  const refuse = (status: number, detail: string): Told => ({
    status,
    body: odd.html
      ? `<html><head><title>${status} ${detail}</title></head><body><h1>Oops</h1></body></html>`
      : { schemas: [error], status: String(status), detail },
  });
  const fold = (value: unknown) => String(value ?? '').toLowerCase();
  const taken = (body: Record<string, unknown>, id?: string) =>
    !odd.twins && [...users.values()].some((user) => user.id !== id && fold(user.userName) === fold(body.userName));

  function create(kind: 'User' | 'Group', body: Record<string, unknown>): Told {
    if (kind === 'User' && taken(body)) return refuse(409, 'userName is taken');
    const id = String(next++);
    const { schemas: _, members, ...rest } = body;
    const one = { ...rest, id, version: 1 } as Resource;
    if (kind === 'User') users.set(id, one);
    else groups.set(id, Object.assign(one, { members: membersIn(members) }));
    const place = `/${kind}s/${id}`;
    const base = odd.location === 'foreign' ? 'https://elsewhere.test/v2' : url;
    const location = odd.location === 'none' ? undefined : odd.location === 'path' ? place : `${base}${place}`;
    return {
      status: odd.createdStatus ?? 201,
      ...(odd.createdBody !== false && { body: shown(kind, one) }),
      ...(location !== undefined && { headers: { location } }),
    };
  }
  const membersIn = (value: unknown) =>
    new Set(((value ?? []) as { value: unknown }[]).map((member) => String(member.value)));

  function patch(kind: string, one: Resource & { members?: Set<string> }, operations: readonly Operation[]): Told {
    const touched = operations.flatMap(({ path, value }) =>
      path === 'members' ? (value as unknown[]) : path.startsWith('members[') ? [path] : [],
    ).length;
    if (odd.strict && touched > 100) return refuse(400, 'more than 100 members in one PATCH');
    for (const { op, path, value } of operations) {
      const [, member] = /^members\[value eq "(.*)"\]$/.exec(path) ?? [];
      if (odd.strict && op === 'replace' && path.startsWith('members')) return refuse(400, 'no replace of members');
      if (path === 'members') for (const id of membersIn(value)) one.members?.add(id);
      else if (member !== undefined) {
        if (!one.members?.delete(member) && odd.noTarget) return refuse(400, 'noTarget: nobody like that in the group');
      } else if (path === 'userName' && taken({ userName: value }, one.id)) return refuse(409, 'userName is taken');
      else if (/^name\./.test(path)) one.name = { ...(one.name as object), [path.slice(5)]: value };
      else one[path] = value;
    }
    one.version += 1;
    return { status: 200, body: shown(kind, one) };
  }

  function replace(kind: string, one: Resource & { members?: Set<string> }, body: Record<string, unknown>): Told {
    for (const key of Object.keys(one)) if (!['id', 'version', 'members'].includes(key)) delete one[key];
    const { schemas: _, id: __, meta: ___, members, ...rest } = body;
    Object.assign(one, rest, { version: one.version + 1 });
    if (typeof rest.active === 'string') one.active = rest.active === 'True';
    if (one.members) one.members = membersIn(members);
    return { status: 200, body: shown(kind, one) };
  }

  function search(kind: 'User' | 'Group', query: URLSearchParams): Told {
    const all: Resource[] = [...(kind === 'User' ? users : groups).values()];
    const filter = query.get('filter');
    const [, attribute, quoted] = /^(\w+) eq (".*")$/.exec(filter ?? '') ?? [];
    if (filter !== null && attribute === undefined) return refuse(400, 'only eq and and');
    const found =
      attribute === undefined ? all : all.filter((one) => fold(one[attribute]) === fold(JSON.parse(quoted ?? '""')));
    if (filter !== null && found.length === 0 && odd.filter404) return refuse(404, 'nobody');
    const start = Number(query.get('startIndex') ?? 1);
    const page = found.slice(start - 1, start - 1 + Number(query.get('count') ?? 100));
    return {
      status: 200,
      body: {
        schemas: [list],
        totalResults: found.length,
        startIndex: start,
        itemsPerPage: page.length,
        Resources: page.map((one) => shown(kind, one, true)),
      },
    };
  }

  function config(): Told {
    if (odd.configMissing) return refuse(404, 'nothing here');
    const { operations, bytes = 1_000_000 } = odd.bulk ?? { operations: 0 };
    return {
      status: 200,
      body: {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
        ...(odd.patch !== 'undeclared' && { patch: { supported: odd.patch !== 'no' } }),
        bulk: { supported: odd.bulk !== undefined, maxOperations: operations, maxPayloadSize: bytes },
        filter: { supported: true, maxResults: 200 },
        etag: { supported: odd.versions === true },
      },
    };
  }

  function bulk(body: Record<string, unknown>, size: number): Told {
    const { operations: most = 0, bytes = 1_000_000, response = true, broken, status: form } = odd.bulk ?? {};
    if (broken || odd.bulk === undefined) return refuse(501, 'no Bulk');
    const operations = body.Operations as { method: string; path: string; bulkId?: string; data?: object }[];
    if (operations.length > most || size > bytes) return refuse(413, `at most ${most} operations and ${bytes} bytes`);
    return {
      status: 200,
      body: {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
        // Backwards: which is whose is said by bulkId alone.
        Operations: operations.toReversed().map(({ method, path, bulkId, data }) => {
          const told = answer({ method, path, body: data as Record<string, unknown> }, {});
          const location = told.headers?.location ?? `${url}${path}`;
          const shows = told.status >= 400 || response;
          return {
            method,
            bulkId,
            status: form === 'code' ? { code: told.status } : String(told.status),
            location,
            ...(shows && told.body !== undefined && { response: told.body }),
          };
        }),
      },
    };
  }

  function answer({ method, path, body = {} }: Request, headers: http.IncomingHttpHeaders, size = 0): Told {
    const at = new URL(path, 'http://x');
    if (at.pathname === '/ServiceProviderConfig') return config();
    if (at.pathname === '/Bulk') return bulk(body, size);
    const [, kinds, id] = /^\/(Users|Groups)(?:\/([^/]+))?$/.exec(at.pathname) ?? [];
    if (kinds === undefined) return refuse(404, 'nothing here');
    const kind = kinds === 'Users' ? 'User' : 'Group';
    if (id === undefined) return method === 'POST' ? create(kind, body) : search(kind, at.searchParams);
    const one = kind === 'User' ? users.get(id) : groups.get(id);
    if (one === undefined) return refuse(404, 'no such resource');
    if (method === 'GET') return { status: 200, body: shown(kind, one) };
    if (method === 'DELETE') {
      (kind === 'User' ? users : groups).delete(id);
      for (const group of groups.values()) group.members.delete(id);
      return { status: 204 };
    }
    if (method === 'PUT') {
      if (odd.versions && headers['if-match'] !== `W/"${one.version}"`) return refuse(412, 'it has changed');
      return replace(kind, one, body);
    }
    if (odd.patch === 'no' || odd.patch === 'undeclared') return refuse(501, 'no PATCH');
    return patch(kind, one, body.Operations as Operation[]);
  }

  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const path = (request.url ?? '').replace(/^\/scim/, '');
    const asked = {
      method: request.method ?? '',
      path,
      body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
    };
    seen.push(asked);
    const instead = interfere(asked);
    const told = instead === undefined || instead === 'lose' ? answer(asked, request.headers, text.length) : instead;
    if (instead === 'lose') {
      request.socket.destroy();
      return;
    }
    if (odd.latencyMs) await new Promise((resolve) => setTimeout(resolve, odd.latencyMs));
    const html = typeof told.body === 'string';
    response.writeHead(told.status, { 'content-type': html ? 'text/html' : 'application/scim+json', ...told.headers });
    response.end(told.body === undefined ? '' : html ? told.body : JSON.stringify(told.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`;

  return {
    url,
    seen,
    users,
    groups,
    writes: () => seen.filter(({ method }) => method !== 'GET'),
    interfere(how: typeof interfere) {
      interfere = how;
    },
    /** Groups by name, with the userNames in them. */
    shape: () =>
      Object.fromEntries(
        [...groups.values()]
          .map(({ displayName, members }): [string, string[]] => [
            String(displayName),
            [...members].map((id) => String(users.get(id)?.userName)).sort(),
          ])
          .sort(),
      ),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
