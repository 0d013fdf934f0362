/**
 * The door providers push through: SCIM 2.0 over HTTP (RFC 7644), under `/scim/v2`.
 *
 * It authenticates, reads the body within bounds, calls one use case, and writes the answer or the refusal. It knows
 * nothing behind the use cases, and nothing of Steeple (I4). Every answer is SCIM JSON, errors too (I5); what is not one
 * of ours leaves as an opaque 500 and is reported.
 *
 * Liberal where providers are (Entra and Okta documentation): `Authorization` with or without `Bearer`, both media types,
 * a slash at the end. Read next: body.ts, discovery.ts, ../provider.ts (the use cases), ../errors.ts.
 */
import type { IncomingMessage } from 'node:http';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { ResourceKind } from '../contract/scim.ts';
import { Forbidden, Malformed, NotFound, NotImplemented, RelayError, toScimError, Unauthorized } from '../errors.ts';
import type { Answer, Provider, Push, View } from '../provider.ts';
import { arrivedAt, settleHost, withoutPort } from './address.ts';
import { readBody } from './body.ts';
import { discovery } from './discovery.ts';
import { takesGzip, worthwhile, zip } from './encoding.ts';
import { guessing } from './guessing.ts';
import { isHost } from './origin.ts';
import { askedIn, queryOf, searchIn, viewIn } from './question.ts';
import { type Handler, routes } from './routes.ts';

export type Door = Readonly<{
  provider: Provider;
  /** What `authenticate` knows a token by. */
  hashOf: (token: string) => Buffer;
  /** The source whose token has this hash. */
  authenticate: (tokenHash: Buffer) => string | undefined;
  /** Lets a request of a source in, or throws why not. `address`: where it came from. */
  admit: (source: string, address: () => string | undefined) => void;
  /** Told of every refusal but of a look at what is not there. */
  refused: (source: string, detail: string) => void;
  /** Told of bugs, and of every 503: for the log. */
  report: (cause: unknown, what: string) => void;
  /** Addresses of proxies whose X-Forwarded headers are believed (Express's `trust proxy`); none by default. */
  trustProxy?: false | readonly string[];
  /** The address the relay was told that the world has for it, without `/scim/v2`. */
  publicUrl?: string | undefined;
  now?: () => number;
}>;

/** Of a connection, while it stands: what tells it from others, the headers it sent last, and the hash of the token in one. */
type Connection = {
  readonly number: number;
  /** Requests whose turn has not come: an answer to one before them is still owed. */
  waiting: number;
  host: string | undefined | null;
  authorization?: string | undefined;
  tokenHash?: Buffer | undefined;
};

const endpoints: readonly (readonly [path: string, kind: ResourceKind])[] = [
  ['/Users', 'User'],
  ['/Groups', 'Group'],
];

export function scimApp({
  provider,
  hashOf,
  authenticate,
  admit,
  refused,
  report,
  trustProxy = false,
  publicUrl,
  now = Date.now,
}: Door): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // ours are versions, not hashes of the text
  app.set('trust proxy', trustProxy);
  const about = discovery(provider.schemas, { limit: provider.pageLimit, usual: provider.pageDefault });
  const { at, handle } = routes('/scim/v2');

  const source = (response: Response): string => response.locals.source as string;
  const published = publicUrl === undefined ? undefined : new URL(publicUrl);
  const baseOf = (request: Request): string => {
    const { socket, headers } = request;
    let host = headers.host || arrivedAt(socket);
    let secure = 'encrypted' in socket;
    if (trustProxy !== false) {
      // A proxy that is trusted may hand on what its client wrote there.
      if (isHost(request.host ?? '')) host = request.host;
      secure = /^https$/i.test(request.protocol);
    }
    // What stands there under a path of its own: a proxy took that away before we saw it.
    const under = published && published.host === host.toLowerCase() ? published.pathname.replace(/\/$/, '') : '';
    return `${secure ? 'https' : 'http'}://${host}${under}/scim/v2`;
  };
  const viewOf = (request: Request, query = queryOf(request.url)): View => ({
    base: baseOf(request),
    ...viewIn(query),
  });

  let connections = 0;
  const known = new WeakMap<object, Connection>();
  const connectionOf = ({ socket }: Request): Connection => {
    let connection = known.get(socket);
    if (connection === undefined) {
      connections += 1;
      connection = { number: connections, waiting: 0, host: null };
      known.set(socket, connection);
    }
    return connection;
  };
  /** A provider sends the same token with every request: it is hashed once a connection. */
  const tokenHashOf = (request: Request): Buffer | undefined => {
    const { authorization } = request.headers;
    const connection = connectionOf(request);
    if (connection.authorization !== authorization) {
      const token = tokenOf(authorization);
      connection.tokenHash = token === undefined ? undefined : hashOf(token);
      connection.authorization = authorization;
    }
    return connection.tokenHash;
  };

  const guesses = guessing(now);
  const addressOf = (request: Request) =>
    trustProxy === false ? request.socket.remoteAddress : withoutPort(request.ip);

  const enter: RequestHandler = (request, response, next) => {
    const connection = connectionOf(request);
    if (connection.host !== request.headers.host || !request.url.startsWith('/')) {
      settleHost(request);
      connection.host = request.headers.host;
    }
    const tokenHash = tokenHashOf(request);
    const source = tokenHash && authenticate(tokenHash);
    if (source === undefined) {
      const refusal = new Unauthorized(
        tokenHash === undefined
          ? 'A token is needed: send the source\'s secret token as "Authorization: Bearer TOKEN"'
          : unknownToken,
      );
      guesses.later(addressOf(request) ?? '', () => next(refusal));
      return undefined;
    }
    response.locals.source = source;
    admit(source, () => addressOf(request));
    return handle(request, response, next);
  };
  app.use((request, response, next) => {
    if (response.socket !== null) return enter(request, response, next);
    // The connection still waits for an answer to what came before. Taken up now, this one could be done first, and a look
    // would not see the write it follows (RFC 9112 §9.3.2).
    const connection = connectionOf(request);
    connection.waiting += 1;
    // Node stops reading a connection when answers pile up; questions it would take without end.
    if (connection.waiting > mostWaiting) request.socket.destroy();
    else
      response.once('socket', () => {
        connection.waiting -= 1;
        new Promise((done) => done(enter(request, response, next))).catch(next);
      });
    return undefined;
  });

  /** A body may take a minute to come, and its token be revoked or replaced meanwhile. */
  const mustStillWork = (request: Request): void => {
    const tokenHash = tokenHashOf(request);
    if (tokenHash === undefined || authenticate(tokenHash) === undefined) throw new Unauthorized(unknownToken);
  };

  const push =
    (method: Push['method'], kind: ResourceKind): Handler =>
    async (request, response, id) => {
      const about = { source: source(response), method, kind, ...(id !== '' && { id }) };
      const view = viewOf(request);
      if (method === 'DELETE') {
        send(request, response, await provider.push({ ...about, ...conditionsOf(request) }, view));
        return;
      }
      const read = await readBody(request);
      mustStillWork(request);
      if (!read.readable) {
        const { readable: _, ...fault } = read;
        return provider.refuse({ ...about, ...fault });
      }
      const item = { ...about, body: read.value, ...conditionsOf(request) };
      send(request, response, await provider.push(item, view, connectionOf(request).number));
    };

  const one =
    (kind: ResourceKind): Handler =>
    async (request, response, id) => {
      const answer = await provider.get(source(response), kind, id, viewOf(request));
      const { version = 0 } = answer;
      const { ifMatch, ifNoneMatch } = conditionsOf(request);
      if (ifMatch !== undefined) provider.mustMatch({ kind, id, ifMatch }, version);
      if (ifNoneMatch !== undefined && provider.tagged(ifNoneMatch, version))
        send(request, response, { ...answer, status: 304 });
      else send(request, response, answer);
    };

  const list =
    (kinds: readonly ResourceKind[]): Handler =>
    async (request, response) => {
      const query = queryOf(request.url);
      const asked = { source: source(response), kinds, ...askedIn(query) };
      send(request, response, await provider.search(asked, viewOf(request, query)));
    };

  /** RFC 7644 §3.4.3: the same question in a body, for filters too long for a URL. */
  const search =
    (kinds: readonly ResourceKind[]): Handler =>
    async (request, response) => {
      const read = await readBody(request);
      mustStillWork(request);
      if (!read.readable) throw read.reason;
      const { asked, view } = searchIn(read.value);
      const answer = await provider.search(
        { source: source(response), kinds, ...asked },
        { base: baseOf(request), ...view },
      );
      send(request, response, answer);
    };

  for (const [path, kind] of endpoints) {
    at(path, { GET: list([kind]), POST: push('POST', kind) });
    at(`${path}/.search`, { POST: search([kind]) });
    at(`${path}/:id`, {
      GET: one(kind),
      PUT: push('PUT', kind),
      PATCH: push('PATCH', kind),
      DELETE: push('DELETE', kind),
    });
  }
  at('/.search', { POST: search(['User', 'Group']) });

  const documented = (path: string, document: (base: string, id: string) => object | undefined) =>
    at(path, {
      GET(request, response, id) {
        // RFC 7644 §4: a filter is refused here, so that nobody takes the whole for what they asked.
        if (queryOf(request.url).filter !== undefined) throw new Forbidden('A filter cannot be used on discovery');
        const found = document(baseOf(request), id);
        if (found === undefined) throw new NotFound(`There is nothing at ${JSON.stringify(request.path)}`);
        send(request, response, { status: 200, text: JSON.stringify(found) });
      },
    });
  documented('/ServiceProviderConfig', about.config);
  documented('/ResourceTypes', about.resourceTypes);
  documented('/ResourceTypes/:id', about.resourceType);
  documented('/Schemas', about.schemas);
  documented('/Schemas/:id', about.schema);

  at('/Me', () => {
    throw new NotImplemented('/Me is not supported: a token here belongs to a provider, not to a person');
  });
  at('/Bulk', () => {
    throw new NotImplemented('/Bulk is not supported, as ServiceProviderConfig says; send the requests one by one');
  });

  app.use((request) => {
    throw new NotFound(`There is nothing at ${JSON.stringify(request.path)}; SCIM is served under /scim/v2`);
  });
  app.use(refusing({ refused, report }));
  return app;
}

/** So many requests of one connection may wait for their turn. Whoever sends more does not listen, and is let go. */
const mostWaiting = 100;

const unknownToken =
  'The token is not one of a source of this relay. It may have been replaced or revoked; copy it again';

/** Of a body nobody wants, Node reads away so much; a client that is told to come back later keeps its connection. */
const quicklyRead = 64 * 1024;

/** The error door: every throw becomes a SCIM body (RFC 7644 §3.12). */
function refusing({ refused, report }: Pick<Door, 'refused' | 'report'>): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    if (response.headersSent || request.socket.destroyed) {
      response.destroy();
      return;
    }
    // Express itself refuses a path that is not percent-encoded text.
    const cause = thrown instanceof URIError ? new Malformed('invalidSyntax', 'The address cannot be read') : thrown;
    const body = toScimError(cause);
    const status = Number(body.status);
    if (status >= 500 && status !== 501) report(cause, `${request.method} ${request.path} was answered ${status}`);
    const known: unknown = response.locals.source;
    const looking = request.method === 'GET' || request.method === 'HEAD';
    if (typeof known === 'string' && !(looking && status === 404)) refused(known, body.detail ?? '');
    const { retryAfter } = cause instanceof RelayError ? cause : {};
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="SCIM"');
    if (status === 415) {
      // RFC 9110 §15.5.16: what would have been taken.
      response.setHeader('Accept', 'application/scim+json, application/json');
      response.setHeader('Accept-Encoding', 'gzip, identity');
    }
    if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
    // What is left of a long body will not be read, so the connection cannot carry another request.
    if (!request.complete && !request.readableEnded && !(Number(request.headers['content-length']) <= quicklyRead))
      response.setHeader('Connection', 'close');
    send(request, response, { status, text: JSON.stringify(body) });
  };
}

/** Written straight to the socket's response: Express's own `send` would hash and inspect each answer again. */
function send(request: IncomingMessage, response: Response, { status, text, version, location }: Answer): void {
  const headers: Record<string, string | number> = {};
  if (version !== undefined) headers.ETag = `W/"${version}"`;
  if (location !== undefined) headers[status === 201 ? 'Location' : 'Content-Location'] = location;
  if (status === 304) {
    // All that a 200 would have said of the answer (RFC 9110 §15.4.5).
    if ((text?.length ?? 0) > worthwhile) headers.Vary = 'Accept-Encoding';
  } else if (text !== undefined) {
    headers['Content-Type'] = mediaType(request);
    if (text.length > worthwhile) {
      headers.Vary = 'Accept-Encoding';
      if (takesGzip(request)) {
        sendZipped(response, status, headers, text);
        return;
      }
    }
    const bytes = Buffer.byteLength(text);
    headers['Content-Length'] = bytes;
    // Plain ASCII, as nearly every answer is, goes out as it is; else it would be encoded, and measured, once more.
    const encoding = bytes === text.length ? 'latin1' : 'utf8';
    response.writeHead(status, headers);
    if (bytes > large)
      response.end(Buffer.from(text, encoding)); // as text it would be copied behind the headers first
    else response.end(text, encoding);
    return;
  }
  response.writeHead(status, headers).end();
}
const large = 16 * 1024;

/** Packed on another thread; should that fail, the answer goes as it is. */
function sendZipped(response: Response, status: number, headers: Record<string, string | number>, text: string): void {
  zip(text).then(
    (bytes) =>
      response.writeHead(status, { ...headers, 'Content-Encoding': 'gzip', 'Content-Length': bytes.length }).end(bytes),
    () => response.writeHead(status, headers).end(text),
  );
}

/** RFC 7644 §3.8: SCIM's own type unless only plain JSON is asked for, as OneLogin does. */
function mediaType({ headers: { accept } }: IncomingMessage): string {
  const plain = accept !== undefined && /application\/json/i.test(accept) && !/application\/scim\+json/i.test(accept);
  return plain ? 'application/json; charset=utf-8' : 'application/scim+json; charset=utf-8';
}

/** `Bearer TOKEN`, or the token alone, as Okta's header mode sends it (Okta documentation). */
function tokenOf(header: string | undefined): string | undefined {
  const token = header?.replace(/^Bearer(\s+|$)/i, '').trim();
  return token === undefined || token === '' ? undefined : token;
}

const noConditions = {} as const;
/** RFC 9110 §13.1, RFC 7644 §3.14. Nothing asks them of a resource that is about to be created. */
function conditionsOf({ headers }: IncomingMessage): Readonly<{ ifMatch?: string; ifNoneMatch?: string }> {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch === undefined && ifNoneMatch === undefined) return noConditions;
  return { ...(ifMatch !== undefined && { ifMatch }), ...(ifNoneMatch !== undefined && { ifNoneMatch }) };
}
