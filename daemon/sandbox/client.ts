/**
 * HTTP as the simulated providers speak it: kept-alive connections, a bounded number at a time, patience with 429, and
 * a count of everything sent.
 *
 * It knows nothing of SCIM but that bodies are JSON. What an answer must look like is judge.ts; what is sent, and when,
 * is entra.ts and okta.ts. The token goes into one header and never into a message.
 */
import http from 'node:http';
import https from 'node:https';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { JsonObject } from '../contract/scim.ts';

/** One request and its answer, as they were on the wire. `password` is still in `requestBody`. */
export type Exchange = Readonly<{
  method: string;
  url: string;
  requestBody: JsonObject | undefined;
  status: number;
  /** Parsed when it was JSON, the text when it was not, undefined when there was none. */
  responseBody: unknown;
  ms: number;
}>;
export type Answer = Exchange & Readonly<{ headers: http.IncomingHttpHeaders }>;
type Request = Readonly<{
  /** What it is for, as the counts name it: 'user.match', 'group.members' … */
  kind: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL, beginning with a slash. */
  path: string;
  query?: string;
  body?: JsonObject;
}>;

/** How long to wait before the same request is sent again, in milliseconds; undefined: not at all. */
export type Patience = (answer: Answer, attempt: number) => number | undefined;

/** What both providers are given. */
export type Connection = Readonly<{
  /** The address as the relay shows it, e.g. `http://127.0.0.1:8480/scim/v2`. */
  tenantUrl: string;
  secretToken: string;
  /** Requests in flight at most. */
  concurrency?: number;
  onExchange?: (exchange: Exchange) => void;
  /** Given by tests, so that obeying a Retry-After takes no time. */
  sleep?: (ms: number) => Promise<void>;
}>;

/** The service did not do what the provider must see. The message carries the request, the answer and the expectation. */
export class Incompatible extends Error {
  readonly exchange: Exchange | undefined;
  constructor(expected: string, exchange?: Exchange, options?: ErrorOptions) {
    super(exchange === undefined ? expected : tell(exchange, expected), options);
    this.name = 'Incompatible';
    this.exchange = exchange;
  }
}

/** No answer came: refused, cut or too slow. Whether the request took effect is unknown. */
export class Unreachable extends Error {
  constructor(method: string, url: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    super(`${method} ${url}\ngot no answer: ${why}`, { cause });
    this.name = 'Unreachable';
  }
}

const cut = (text: string): string =>
  text.length > 2000 ? `${text.slice(0, 2000)}… (${text.length} characters)` : text;
const show = (body: unknown): string =>
  cut(JSON.stringify(body, (key, value: unknown) => (key === 'password' ? '(not shown)' : value)) ?? 'nothing');

function tell(exchange: Exchange, expected: string): string {
  const { method, url, requestBody, status, responseBody } = exchange;
  const sent = requestBody === undefined ? [] : [`sent: ${show(requestBody)}`];
  return [`${method} ${url}`, ...sent, `answered: ${status} ${show(responseBody)}`, `expected: ${expected}`].join('\n');
}

/** A connection to one SCIM service. `headers` go with every request, Content-Type only with a body. */
export function client(
  options: Connection & Readonly<{ headers: Readonly<Record<string, string>>; patience: Patience }>,
) {
  const { headers, patience, onExchange, concurrency = 4 } = options;
  const sleep = options.sleep ?? ((ms) => new Promise<void>((done) => setTimeout(done, ms)));
  const base = options.tenantUrl.replace(/[?#].*$/, '').replace(/\/+$/, '');
  const transport = base.startsWith('https:') ? https : http;
  const agent = new transport.Agent({ keepAlive: true, maxSockets: concurrency });
  const sent: Record<string, number> = {};

  function once({ method, path, query, body }: Request): Promise<Answer> {
    const url = `${base}${path}${query === undefined ? '' : `?${query}`}`;
    const started = performance.now();
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const { 'Content-Type': type = 'application/scim+json', ...others } = headers;
    const entity = payload !== undefined && { 'Content-Type': type, 'Content-Length': Buffer.byteLength(payload) };
    return new Promise<Answer>((resolve, reject) => {
      const fail = (cause: unknown): void => reject(new Unreachable(method, url, cause));
      // Okta gives a request 60 seconds (Okta documentation); Entra's limit is not published.
      const request = transport.request(url, { method, agent, timeout: 60_000, headers: { ...others, ...entity } });
      request.on('timeout', () => request.destroy(new Error('no answer within 60 seconds')));
      request.on('error', fail);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const seen = { method, url, requestBody: body, status: response.statusCode ?? 0 };
          try {
            const responseBody = read(Buffer.concat(chunks), response.headers);
            resolve({ ...seen, responseBody, headers: response.headers, ms: performance.now() - started });
          } catch (cause) {
            fail(cause);
          }
        });
      });
      request.end(payload);
    });
  }

  async function send(request: Request): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      sent[request.kind] = (sent[request.kind] ?? 0) + 1;
      const answer = await once(request);
      const { headers: _, ...exchange } = answer;
      onExchange?.(exchange);
      const wait = patience(answer, attempt);
      if (wait === undefined) return answer;
      await sleep(wait);
    }
  }

  // Every request says what it is for, and is sent again after the wait when the service is busy. No answer: Unreachable.
  return {
    /** `query` comes encoded, without its question mark. */
    get: (kind: string, path: string, query?: string): Promise<Answer> =>
      send({ kind, method: 'GET', path, ...(query !== undefined && { query }) }),
    post: (kind: string, path: string, body: JsonObject): Promise<Answer> => send({ kind, method: 'POST', path, body }),
    put: (kind: string, path: string, body: JsonObject): Promise<Answer> => send({ kind, method: 'PUT', path, body }),
    patch: (kind: string, path: string, body: JsonObject): Promise<Answer> =>
      send({ kind, method: 'PATCH', path, body }),
    delete: (kind: string, path: string): Promise<Answer> => send({ kind, method: 'DELETE', path }),
    /** Requests sent so far, by kind; one that was sent twice counts twice. */
    counts: (): Readonly<Record<string, number>> => ({ ...sent }),
    /** Ends the idle connections. */
    close: (): void => agent.destroy(),
  };
}
export type Client = ReturnType<typeof client>;

function read(raw: Buffer, headers: http.IncomingHttpHeaders): unknown {
  const encoding = headers['content-encoding'];
  const bytes = encoding === 'gzip' ? gunzipSync(raw) : encoding === 'deflate' ? inflateSync(raw) : raw;
  if (bytes.length === 0) return undefined;
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text; // the judge says what should have been there
  }
}

export const userPath = (id: string): string => `/Users/${encodeURIComponent(id)}`;
export const groupPath = (id: string): string => `/Groups/${encodeURIComponent(id)}`;

/** Does the work for every item, `width` at a time. After a failure nothing new is begun, and the first one is thrown. */
export async function each<T>(items: Iterable<T>, width: number, work: (item: T) => Promise<void>): Promise<void> {
  const line = items[Symbol.iterator]();
  let failure: { readonly thrown: unknown } | undefined;
  async function walk(): Promise<void> {
    while (failure === undefined) {
      const next = line.next();
      if (next.done) return;
      try {
        await work(next.value);
      } catch (thrown) {
        failure ??= { thrown };
      }
    }
  }
  await Promise.all(Array.from({ length: width }, walk));
  if (failure !== undefined) throw failure.thrown;
}
