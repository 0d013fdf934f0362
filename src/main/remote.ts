/**
 * A relay on another machine: the same calls over its console's address, with an access key instead of a session. Only over
 * HTTPS, but for loopback (a tunnel somebody made); no redirect is followed, so the key goes where it was meant to.
 *
 * Trusted are the authorities that come with the app and those of the operating system, where companies put theirs.
 */
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { getCACertificates } from 'node:tls';
import { z } from 'zod';
import { Refused } from '../../daemon/cli/client.ts';
import { calls } from '../../daemon/contract/admin.ts';
import { Said } from '../../daemon/contract/said.ts';
import type { Relay } from './relay.ts';

const Answer = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string(), said: z.array(Said.nullable()).optional() }),
]);
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
let trusted: string[] | undefined;

/** The address as it is kept: an origin and nothing else. @throws Refused for what is none, or is not safe */
export function consoleAddress(given: string): string {
  const url = URL.parse(given.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '')
    throw new Refused(
      'invalid',
      'This is not an address. Copy what `steeple-relay key add` printed: https://relay.example.com:8481/',
    );
  if (url.protocol === 'http:' && !loopback.test(url.hostname))
    throw new Refused(
      'invalid',
      'The address begins with http://, so the key would cross the network in clear. Use https://',
    );
  return url.origin;
}

/** @param extra PEM text of authorities to trust besides; for tests */
export function remoteRelay(origin: string, key: string, extra?: string): Relay {
  const secure = origin.startsWith('https:');
  function open(method: 'GET' | 'POST', path: string, options: Readonly<{ signal?: AbortSignal; length?: number }>) {
    const { signal, length } = options;
    const headers = {
      authorization: `Bearer ${key}`,
      ...(length !== undefined && { 'content-type': 'application/json', 'content-length': length }),
    };
    const common = { method, headers, ...(signal && { signal }) };
    if (!secure) return plainRequest(`${origin}${path}`, { ...common, agent: false });
    trusted ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
    return secureRequest(`${origin}${path}`, {
      ...common,
      agent: false,
      ca: extra === undefined ? trusted : [...trusted, extra],
    });
  }
  const ask: Relay['ask'] = async (call, question) => {
    const body = JSON.stringify(question);
    const said = await new Promise<string>((done, fail) => {
      const asked = open('POST', `/api/${call}`, { length: Buffer.byteLength(body) });
      asked.on('response', (response) => text(response).then(done, fail));
      asked.on('error', (cause: NodeJS.ErrnoException) =>
        fail(
          new Refused('offline', `The relay at ${origin} does not answer (${cause.code ?? cause.message})`, { cause }),
        ),
      );
      asked.end(body);
    });
    const answer = Answer.safeParse(parsed(said));
    if (!answer.success)
      throw new Refused('version', `What answers at ${origin} is no relay that this app understands`);
    if (!answer.data.ok) throw new Refused(answer.data.code, answer.data.message, { said: answer.data.said });
    const value = calls[call].output.safeParse(answer.data.value);
    if (!value.success) throw new Refused('version', `The relay at ${origin} is of another version than this app`);
    return value.data as never;
  };
  return {
    ask,
    async answers() {
      try {
        await ask('status', {});
        return true;
      } catch (thrown) {
        return thrown instanceof Refused && thrown.code !== 'offline';
      }
    },
    listen: (heard, ended) =>
      new Promise((done) => {
        const asked = open('GET', '/api/events', { signal: ended });
        asked.on('response', (response) => {
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            if (/^data:/m.test(chunk)) heard();
          });
          response.on('error', () => done());
          response.on('close', () => done());
        });
        asked.on('error', () => done());
        asked.end();
      }),
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
