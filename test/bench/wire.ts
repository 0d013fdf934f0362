/**
 * A load generator that costs little: HTTP/1.1 over keep-alive sockets, one request in flight on each, and only as much
 * of an answer read as its status, length and body. Node's own client spends more on a request than the server does, and
 * would be what is measured.
 */
import { connect, type Socket } from 'node:net';

export type Ask = Readonly<{ method: string; path: string; body?: unknown }>;
export type Told = Readonly<{ status: number; text: string; ms: number }>;
type Client = Readonly<{ ask(ask: Ask): Promise<Told>; close(): void }>;

const headEnd = Buffer.from('\r\n\r\n');

function client(socket: Socket, host: string, base: string, token: string): Client {
  let pending: ((told: Told) => void) | undefined;
  let fail: ((cause: Error) => void) | undefined;
  let begun = 0;
  let read: Buffer = Buffer.alloc(0);
  const stop = (cause: Error) => fail?.(cause);
  socket.on('error', stop);
  socket.on('close', () => stop(new Error('the server closed the connection')));
  socket.on('data', (chunk: Buffer) => {
    read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
    const end = read.indexOf(headEnd);
    if (end < 0) return;
    const head = read.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (read.length < end + 4 + length) return;
    const told = { status: Number(head.slice(9, 12)), text: read.toString('utf8', end + 4, end + 4 + length) };
    read = read.subarray(end + 4 + length);
    pending?.({ ...told, ms: performance.now() - begun });
  });
  return {
    ask: ({ method, path, body }) =>
      new Promise((resolve, reject) => {
        pending = resolve;
        fail = reject;
        const text = body === undefined ? '' : JSON.stringify(body);
        const type = body === undefined ? '' : 'Content-Type: application/scim+json; charset=utf-8\r\n';
        const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(text)}\r\n`;
        begun = performance.now();
        socket.write(
          `${method} ${base}${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n` +
            `Accept: application/scim+json\r\nUser-Agent: bench\r\n${type}${length}\r\n${text}`,
        );
      }),
    close: () => socket.destroy(),
  };
}

/** Connects `concurrency` clients to a base URL. */
export async function clients(url: string, token: string, concurrency: number): Promise<readonly Client[]> {
  const { hostname, port, host, pathname } = new URL(url);
  return Promise.all(
    Array.from({ length: concurrency }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      return client(socket, host, pathname, token);
    }),
  );
}

/** Runs `jobs` jobs, as many at once as there are clients, and gives the seconds it took. */
export async function drive(
  over: readonly Client[],
  jobs: number,
  job: (index: number, ask: Client['ask']) => Promise<void>,
): Promise<number> {
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    over.map(async ({ ask }) => {
      for (let index = next++; index < jobs; index = next++) await job(index, ask);
    }),
  );
  return (performance.now() - begun) / 1000;
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};
export const median = (values: readonly number[]): number => percentile(values, 0.5);
