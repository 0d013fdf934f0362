/**
 * The CLI's end of the admin API: one call, one request over the data folder's socket, the answer parsed with the same
 * contract the relay parsed the question with.
 *
 * Before it says anything it looks who owns the socket: tokens travel over it, and another user's program may be
 * listening under that name.
 */
import { lstatSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type CallName, calls, type Output, type Question } from '../contract/admin.ts';
import { Said } from '../contract/said.ts';
import { findEndpoint } from '../endpoint.ts';

/** What the relay answered, or the reason why none did, in words for the person at the terminal. */
export class Refused extends Error {
  /** The failure's code in the contract; 'offline' when no relay runs, 'version' when it speaks another contract. */
  readonly code: string;
  /** The message by the codes of contract/said.ts, where the relay gave it. */
  readonly said: readonly (Said | null)[];
  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { said?: readonly (Said | null)[] | undefined } = {},
  ) {
    super(message, options);
    this.code = code;
    this.said = options.said ?? [];
  }
}

export type Ask = <C extends CallName>(call: C, question: Question<C>) => Promise<Output<C>>;

const Answer = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string(), said: z.array(Said.nullable()).optional() }),
]);

/** @param data the data folder, absolute */
export function client(data: string): Ask {
  return async (call, question) => {
    const path = findEndpoint(data, process.platform, process.env.XDG_RUNTIME_DIR ?? tmpdir());
    if (process.platform !== 'win32') trustOwner(path, data);
    const answer = Answer.safeParse(parsed(await post(path, `/api/${call}`, JSON.stringify(question), data)));
    if (!answer.success) throw otherVersion(call, answer.error);
    if (!answer.data.ok) throw new Refused(answer.data.code, answer.data.message, { said: answer.data.said });
    const value = calls[call].output.safeParse(answer.data.value);
    if (!value.success) throw otherVersion(call, value.error);
    return value.data as Output<typeof call>;
  };
}

function trustOwner(path: string, data: string): void {
  const socket = looked(data, () => lstatSync(path, { throwIfNoEntry: false }));
  if (socket === undefined) throw notRunning(data);
  const trusted = [0, process.getuid?.(), looked(data, () => statSync(data)).uid];
  if (!socket.isSocket() || !trusted.includes(socket.uid))
    throw new Refused('offline', `${path} is not a socket of this relay's owner, so nothing was sent to it`);
}

/** @throws Refused where this user may not look into the folder, as that of a service is not for everybody */
function looked<T>(data: string, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    throw isDenied(cause) ? foreign(data, cause) : cause;
  }
}

const isDenied = (cause: unknown): boolean => ['EACCES', 'EPERM'].includes((cause as NodeJS.ErrnoException).code ?? '');

const foreign = (data: string, cause: unknown): Refused =>
  new Refused('forbidden', `The relay of ${data} is another user's: run this as that user, or with sudo`, { cause });

const notRunning = (data: string, cause?: unknown): Refused =>
  new Refused('offline', `No relay runs on ${data}. Start it with: steeple-relay start --data ${data}`, { cause });

const otherVersion = (call: string, cause: unknown): Refused =>
  new Refused(
    'version',
    `The relay's answer to '${call}' is not understood: it is of another version than this program`,
    {
      cause,
    },
  );

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** No time limit: a first plan of a large directory takes its time, and the person can press Ctrl-C. */
function post(socketPath: string, path: string, body: string, data: string): Promise<string> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request({ socketPath, path, method: 'POST', headers, agent: false }, async (response) => {
      try {
        done(await text(response));
      } catch (cause) {
        fail(new Refused('offline', 'The relay went away in the middle of its answer', { cause }));
      }
    });
    asked.on('error', (cause: NodeJS.ErrnoException) => {
      const absent = ['ENOENT', 'ECONNREFUSED'].includes(cause.code ?? '');
      if (absent) fail(notRunning(data, cause));
      else if (isDenied(cause)) fail(foreign(data, cause));
      else fail(new Refused('offline', `The relay did not answer (${cause.code ?? cause.message})`, { cause }));
    });
    asked.end(body);
  });
}
