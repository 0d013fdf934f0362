/**
 * A listener with its limits stated, and an end that lets running requests finish.
 *
 * The limits bound what a slow or hostile client can hold (I10): headers within 10 s, a request within 60 s (Okta gives up
 * after 60 s itself), 16 KiB of headers, 1,024 connections. What Node refuses before any app sees it (431, 408, not HTTP)
 * is answered as a SCIM error too, since providers show its `detail` to the admin.
 */
import {
  createServer,
  IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { urn } from '../contract/scim.ts';

export type Listener = Readonly<{
  /** As clients reach it: `http://127.0.0.1:8480`. */
  url: string;
  /** Takes no new connection, lets running requests finish for up to `graceMs`, then cuts what is left. */
  close(): Promise<void>;
}>;

type Pems = Readonly<{ cert: string | Buffer; key: string | Buffer; ca?: string | Buffer }>;
/** `ca`: only clients whose certificate one of these authorities signed are let in. */
export type Tls = Readonly<{
  now(): Pems;
  /** Calls with what is to be shown from then on; connections that stand are not touched. */
  renewed(listener: (pems: Pems) => void): void;
}>;

const limits = {
  // A request that announces no body is at its end when it comes in: nobody waits for one, or reads it away.
  optimizeEmptyRequests: true,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  // Longer than any client of ours waits between two requests of a cycle, so that connections are not made anew.
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
  // Whoever names no host is told so by the apps, in words; and one who names two must not be heard by the first.
  requireHostHeader: false,
  joinDuplicateHeaders: true,
} as const;
const maxConnections = 1024;

/** Port 0 takes a free one. @throws the system's error (EADDRINUSE, EACCES) when the address cannot be had */
export async function listen(
  app: RequestListener,
  at: Readonly<{
    host: string;
    port: number;
    tls?: Tls | undefined;
    graceMs?: number;
    connections?: number;
    /** In place of what is said above, in ms: for tests that cannot wait as long. */
    limits?: Partial<Record<'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval', number>>;
  }>,
): Promise<Listener> {
  const { host, port, tls, graceMs = 10_000, connections = maxConnections } = at;
  const bounds = { ...limits, ...at.limits };
  const server: Server = tls ? secured(app, tls, bounds) : createServer({ ...bounds, ...messagesOf(app) }, app);
  server.maxConnections = connections;
  server.on('clientError', refuse);
  server.on('checkExpectation', (_, response: ServerResponse) => {
    const { line, body, headers } = refusal('417 Expectation Failed', 'The relay meets no "Expect" but "100-continue"');
    response.writeHead(Number(line.slice(0, 3)), headers).end(body);
  });
  server.on('connect', (_, socket: Socket) => tell(socket, ['501 Not Implemented', 'The relay is no proxy']));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { address, port: taken, family } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  let closing: Promise<void> | undefined;
  return {
    url: `${tls ? 'https' : 'http'}://${name}:${taken}`,
    close: () => {
      closing ??= drain(server, graceMs);
      return closing;
    },
  };
}

/**
 * The classes a server makes its requests and responses of. Express gives each its app's prototype as it comes in, and an
 * object whose prototype changes is slow from then on; so they are born with it.
 */
export function messagesOf(app: RequestListener | Express) {
  if (!('request' in app && 'response' in app)) return {};
  class Incoming extends IncomingMessage {}
  class Outgoing extends ServerResponse {}
  Object.setPrototypeOf(Incoming.prototype, app.request);
  Object.setPrototypeOf(Outgoing.prototype, app.response);
  Object.assign(app, { request: Incoming.prototype, response: Outgoing.prototype });
  return { IncomingMessage: Incoming, ServerResponse: Outgoing };
}

function secured(app: RequestListener, tls: Tls, bounds: ServerOptions): Server {
  const pems = tls.now();
  // RFC 9325 and Entra's documentation: TLS 1.2 or newer.
  const secure = { minVersion: 'TLSv1.2', handshakeTimeout: limits.headersTimeout } as const;
  const clients = { requestCert: pems.ca !== undefined, rejectUnauthorized: true };
  const server = createTlsServer({ ...bounds, ...messagesOf(app), ...secure, ...clients, ...pems }, app);
  tls.renewed((renewed) => server.setSecureContext({ ...secure, ...renewed }));
  return server;
}

function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A client that keeps its connection busy is asked to leave it; one that is done with its last request is let go.
    server.prependListener('request', (_, response: ServerResponse) => response.setHeader('Connection', 'close'));
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

type Refusal = readonly [status: string, detail: string];

const unreadable = '400 Bad Request';
const length: Refusal = [
  unreadable,
  'What the headers say of the length of the body is no length, or is said twice: send Content-Length, or the body in chunks',
];
const address: Refusal = [
  unreadable,
  'The address of the request cannot be read: spaces, and letters beyond ASCII, are percent-encoded in it',
];
/** By the code of Node's error, or of its parser's (llhttp). */
const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    `The address and the headers are larger than the ${limits.maxHeaderSize} bytes the relay reads; ` +
      'a long filter can be sent as POST to /.search',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time'],
  HPE_INVALID_URL: address,
  HPE_INVALID_CONSTANT: address,
  HPE_INVALID_HEADER_TOKEN: [unreadable, 'A header of the request holds a character that none may hold'],
  HPE_INVALID_CONTENT_LENGTH: length,
  HPE_UNEXPECTED_CONTENT_LENGTH: length,
  HPE_INVALID_TRANSFER_ENCODING: length,
  HPE_INVALID_CHUNK_SIZE: [unreadable, 'The body is not in chunks, as Transfer-Encoding says'],
  HPE_INVALID_EOF_STATE: [unreadable, 'The request ended before it was whole; send it again'],
};
/** RFC 9110 §9.1: a method nobody knows is not implemented, which is another thing than not HTTP. */
const unknownMethod = /^[A-Z][A-Z-]* \S+ HTTP\/1\.[01]\r?\n/;

type ParseError = NodeJS.ErrnoException & Readonly<{ rawPacket?: Buffer; bytesParsed?: number }>;
function refusalFor({ code = '', rawPacket, bytesParsed = 0 }: ParseError): Refusal {
  if (code === 'HPE_INVALID_METHOD' && rawPacket !== undefined) {
    // Others that could be read may stand before it in what arrived.
    const line = rawPacket.subarray(rawPacket.lastIndexOf('\n', bytesParsed) + 1, bytesParsed + 16_384);
    if (unknownMethod.test(line.toString('latin1')))
      return ['501 Not Implemented', 'The method is not one of HTTP that the relay knows'];
  }
  return refusals[code] ?? [unreadable, 'This is not an HTTP request'];
}

function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  // A whole request that came before, over the same connection, is answered first: its client must not take this for its
  // answer, and a push that was accepted for refused. (Node looks here too before it answers by itself.)
  const { _httpMessage: before } = socket as Socket & { _httpMessage?: ServerResponse | null };
  if (before?.req.complete) before.once('close', () => refuse(error, socket));
  else tell(socket, refusalFor(error));
}

function tell(socket: Socket, [line, detail]: Refusal): void {
  const { body, headers } = refusal(line, detail);
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${line}\r\n${head.join('')}\r\n${body}`);
}

function refusal(line: string, detail: string) {
  const body = JSON.stringify({ schemas: [urn.error], status: line.slice(0, 3), detail });
  const headers = {
    'Content-Type': 'application/scim+json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  return { line, body, headers };
}
