/**
 * The app's end of the admin API: the CLI's own client (daemon/cli/client.ts), which looks who owns the socket before it
 * says anything, and beside it the stream of events. A relay of another version is refused there, answer by answer, so
 * the page never gets shapes its code does not know.
 */
import { request } from 'node:http';
import { type Ask, client, Refused } from '../../daemon/cli/client.ts';
import { findEndpoint } from '../../daemon/endpoint.ts';
import type { Failure } from '../preload/contract.ts';

/** A relay to speak to, wherever it runs (remote.ts has the other kind). */
export type Relay = Readonly<{
  /** @throws Refused */
  ask: Ask;
  /** Whether a relay answers there now; one that refuses, or is of another version, is a relay too. */
  answers(): Promise<boolean>;
  /** Calls `heard` for every event until the stream ends, however it ends; then it resolves. */
  listen(heard: () => void, ended: AbortSignal): Promise<void>;
}>;

/**
 * @param data the data folder, absolute
 * @param runtime a short folder of the user's, where the data folder's own path is too long for a socket
 */
export function relayOf(data: string, runtime: string): Relay {
  const ask = client(data);
  return {
    ask,
    async answers(): Promise<boolean> {
      try {
        await ask('status', {});
        return true;
      } catch (thrown) {
        return thrown instanceof Refused && thrown.code !== 'offline';
      }
    },
    listen(heard, ended) {
      const socketPath = findEndpoint(data, process.platform, runtime);
      return new Promise((done) => {
        const asked = request({ socketPath, path: '/api/events', signal: ended }, (response) => {
          response.setEncoding('utf8');
          response.on('data', (text: string) => {
            if (/^data:/m.test(text)) heard();
          });
          response.on('error', () => done());
          response.on('close', () => done());
        });
        asked.on('error', () => done());
        asked.end();
      });
    },
  };
}

/** A thrown value as the bridge's failure. What is not a refusal is a bug, and says nothing of itself. */
export function explain(thrown: unknown): Failure {
  if (thrown instanceof Refused) {
    const { code, message, said } = thrown;
    return { ok: false, code, message, ...(said.length > 0 && { said }) };
  }
  return { ok: false, code: 'internal', message: 'The app failed at this' };
}
