/**
 * The admin API: every call of contract/admin.ts as `POST /api/CALL`, and `GET /api/events`, a stream that says what to
 * look at again. Served here over a socket only its owner can open; http/console.ts serves the same router to a browser.
 *
 * This room translates and nothing else: JSON in, the contract's schema, a handler, JSON out. What a call does is the
 * relay's business. The one door at the end turns whatever was thrown into `{ok:false,code,message}`; a throw that is
 * not a RelayError is a bug, and leaves as an opaque 500 with the whole of it in the log.
 *
 * Laws: S2 (nothing happens on GET), I10 (a hostile body is a 4xx), S1 (a refusal never repeats the body it refuses).
 */
import { chmodSync, lstatSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { type Caller, type CallName, calls, type Failure, type Handlers, type Input } from '../contract/admin.ts';
import { endpoint, pathNote } from '../endpoint.ts';
import {
  Forbidden,
  Malformed,
  MethodNotAllowed,
  NotFound,
  RelayError,
  Unavailable,
  UnsupportedMediaType,
} from '../errors.ts';
import type { Log } from '../log.ts';

/** Something changed; `what` names the subjects to ask for again ('status', 'review', 'plan' …). */
export type AdminEvent = Readonly<{ type: 'changed'; what: readonly string[] }>;
/** Calls `listener` for every event from now on; the function it gives back ends that. */
export type Subscribe = (listener: (event: AdminEvent) => void) => () => void;

export type AdminDeps = Readonly<{
  handlers: Handlers;
  subscribe: Subscribe;
  log: Pick<Log, 'error'>;
  /** When a stream of events must end by itself: the server stops, or the session it was opened under is over. */
  until?: (request: Request) => AbortSignal;
  /** Who asks, where the door knows it: written over what the body says. Absent: whoever opens the socket may name anybody. */
  who?: (request: Request) => Readonly<{ by: string; caller: Caller }>;
  heartbeatMs?: number;
}>;

// A mapping file or a list of communities may be 5 MB of text (contract/admin.ts); JSON escapes take the rest.
const bodyLimit = '6mb';
// A reader this far behind gets cut off: it reconnects and asks for everything anew, which costs less than the memory.
const streamBacklog = 64 * 1024;

const isCall = (name: string): name is CallName => Object.hasOwn(calls, name);

/** Content type is checked by hand because `request.is` answers "no body" for an empty POST, which S2 must refuse too. */
export function requireJson(request: Request, _response: Response, next: NextFunction): void {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new UnsupportedMediaType('Send the input as JSON, with Content-Type: application/json');
  next();
}

const socket: Caller = { via: 'socket', session: '' };

/** Mount it under `/api`. */
export function adminApi({ handlers, subscribe, log, until, who, heartbeatMs = 15_000 }: AdminDeps): Router {
  const router = express.Router();
  router.use((_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });

  // `all`, not `get`: Express answers HEAD with the GET handler, and a HEAD must not open a stream.
  router.all('/events', (request, response) => {
    if (request.method !== 'GET') throw refusedMethod(response, 'GET');
    stream(response, subscribe, heartbeatMs, until?.(request));
  });

  router.use('/:call', (request, response, next) => {
    const { call } = request.params;
    if (request.path !== '/' || call === undefined || !isCall(call))
      throw new NotFound(`There is no call '${String(call).slice(0, 100)}' in this version of the relay`);
    if (request.method !== 'POST') throw refusedMethod(response, 'POST');
    response.locals.call = call;
    next();
  });
  router.post('/:call', requireJson, express.json({ limit: bodyLimit }), async (request, response) => {
    const value = await answer(response.locals.call, request.body ?? {}, who?.(request));
    response.json({ ok: true, value });
  });
  router.use(() => {
    throw new NotFound('There is nothing here; calls are POST /api/CALL');
  });
  router.use(failureDoor(log));
  return router;

  async function answer<C extends CallName>(
    call: C,
    body: object,
    asker: ReturnType<NonNullable<typeof who>> | undefined,
  ) {
    const { input: shape } = calls[call];
    const stamped = asker && Object.hasOwn(shape.shape, 'by') ? { ...body, by: asker.by } : body;
    const input = shape.safeParse(stamped);
    if (!input.success) throw new Malformed('invalidValue', `${call}: ${z.prettifyError(input.error)}`);
    return handlers[call](input.data as Input<C>, asker?.caller ?? socket);
  }
}

function refusedMethod(response: Response, allow: string): MethodNotAllowed {
  response.setHeader('allow', allow);
  return new MethodNotAllowed(`Use ${allow} here`);
}

function stream(response: Response, subscribe: Subscribe, heartbeatMs: number, ended?: AbortSignal): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  const stop = () => response.end();
  const send = (text: string) => {
    if (response.writableLength > streamBacklog) response.destroy();
    else if (!response.writableEnded) response.write(text);
  };
  send(': listening\n\n');
  const unsubscribe = subscribe((event) => send(`data: ${JSON.stringify(event)}\n\n`));
  const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs);
  response.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
    ended?.removeEventListener('abort', stop);
  });
  if (ended?.aborted) stop();
  else ended?.addEventListener('abort', stop);
}

/** What body-parser and Express themselves throw: an Error with a status and `expose`. */
const Refusal = z.object({ status: z.int().min(400).max(499), type: z.string().optional() });
const refusals: Readonly<Record<string, string>> = {
  'entity.too.large': `The body is larger than ${bodyLimit.toUpperCase()}`,
  'entity.parse.failed': 'The body is not valid JSON', // the parser's own words would repeat a piece of it
  'encoding.unsupported': 'This content encoding is not understood',
  'charset.unsupported': 'Send JSON in UTF-8',
};

/** So long without a space: a path and an address are shorter. */
const longest = 2000;

/** A thrown value as the API's failure. Exported for the console, whose other routes refuse in the same form. */
export function failureOf(thrown: unknown): Failure & { status: number } {
  if (thrown instanceof RelayError) {
    const { status, message, said } = thrown;
    const code = thrown.constructor.name.toLowerCase();
    // A value that is no word anybody reads is not said back whole; nor is it in the codes, which would quote it too.
    const words = message.split(' ').map((word) => (word.length > longest ? `${word.slice(0, longest)}…` : word));
    const cut = words.join(' ');
    return { ok: false, status, code, message: cut, ...(cut === message && { said }) };
  }
  const refusal = Refusal.safeParse(thrown);
  if (thrown instanceof Error && refusal.success) {
    const { status, type = '' } = refusal.data;
    const code = status === 413 ? 'toolarge' : status === 415 ? 'unsupportedmediatype' : 'malformed';
    return { ok: false, status, code, message: refusals[type] ?? 'The request could not be read' };
  }
  return { ok: false, status: 500, code: 'internal', message: 'The relay failed at this; its log says how' };
}

/** The last handler of every admin surface. */
export function failureDoor(log: Pick<Log, 'error'>) {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const { status, ...failure } = failureOf(thrown);
    if (failure.code === 'internal') log.error('admin call failed', { error: thrown, path: request.path });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (thrown instanceof RelayError && thrown.retryAfter !== undefined)
      response.setHeader('retry-after', String(thrown.retryAfter));
    response.status(status).json(failure);
  };
}

/**
 * Serves the API on the data folder's socket (a named pipe on Windows) until `close`.
 * @param data the data folder, absolute; made owner-only if it is not
 * @throws Unavailable when another relay answers there, or the place for the socket is not safe
 */
export async function adminServer({ data, ...deps }: AdminDeps & Readonly<{ data: string }>) {
  const { path, folder } = endpoint(data, process.platform, process.env.XDG_RUNTIME_DIR ?? tmpdir());
  if (folder !== undefined) {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    ownerOnly(realpathSync(data));
    if (folder !== data) ownerOnly(folder);
    await clearStale(path);
  }
  const closing = new AbortController();
  const app = express();
  app.disable('x-powered-by');
  app.use('/api', adminApi({ until: () => closing.signal, ...deps }));
  app.use(() => {
    throw new NotFound('There is nothing here; calls are POST /api/CALL');
  });
  app.use(failureDoor(deps.log));

  const server = createServer(app);
  await new Promise<void>((done, fail) => {
    server.once('error', fail).listen(path, done);
  });
  const note = join(data, pathNote);
  if (folder !== undefined) chmodSync(path, 0o600); // no window before it: the folder is owner-only already
  if (folder !== undefined && folder !== data) writeFileSync(note, path, { mode: 0o600 });
  else rmSync(note, { force: true }); // left by a run under another name of the same folder
  return {
    path,
    /** Answers what was asked already, ends the streams, and takes the socket away. */
    async close(): Promise<void> {
      const closed = new Promise<void>((done) => server.close(() => done()));
      closing.abort();
      server.closeIdleConnections();
      await closed;
      if (folder !== data) rmSync(note, { force: true });
    },
  };
}

/** Makes the folder if need be, and closes it to everybody else. */
function ownerOnly(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder); // not `stat`: in a shared /tmp somebody else may have put a link under this name
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Forbidden(`${folder} must be a folder of the user the relay runs as, and is not`);
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

/** A socket file outlives a killed relay. It goes only after proof that nobody answers behind it. */
async function clearStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Unavailable(`${path} is not a socket; move it away, the relay needs the name`);
  const refused = await new Promise<boolean>((done) => {
    const probe = connect(path);
    const settle = (nobody: boolean) => {
      probe.destroy();
      done(nobody);
    };
    probe.once('connect', () => settle(false));
    probe.once('error', (problem: NodeJS.ErrnoException) =>
      settle(problem.code === 'ECONNREFUSED' || problem.code === 'ENOENT'),
    );
    probe.setTimeout(2_000, () => settle(false));
  });
  if (!refused) throw new Unavailable(`Another relay answers on ${path} (folder ${dirname(path)})`);
  rmSync(path, { force: true });
}
