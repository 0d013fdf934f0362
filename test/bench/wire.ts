/**
 * The load generator: SCIM requests over keep-alive connections of Node's own client, one in flight on each.
 *
 * It runs in the process that measures, never in one that is measured. It spends more on a request than the floor does,
 * as any client does; the results say how busy each server was, so one can see who was the limit.
 */
import { Agent, request } from 'node:http';

export type Ask = Readonly<{ method: string; path: string; body?: unknown }>;
export type Told = Readonly<{ status: number; text: string; ms: number }>;
export type Client = Readonly<{ ask(ask: Ask): Promise<Told>; close(): void }>;

function client(base: string, token: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port, pathname } = new URL(base);
  return {
    ask: ({ method, path, body }) =>
      new Promise((resolve, reject) => {
        const begun = performance.now();
        const text = body === undefined ? undefined : JSON.stringify(body);
        const headers = {
          authorization: `Bearer ${token}`,
          accept: 'application/scim+json',
          ...(text !== undefined && {
            'content-type': 'application/scim+json; charset=utf-8',
            'content-length': Buffer.byteLength(text),
          }),
        };
        const asking = request({ agent, hostname, port, method, path: pathname + path, headers }, (response) => {
          response.setEncoding('utf8');
          let read = '';
          response.on('data', (chunk: string) => {
            read += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: read, ms: performance.now() - begun }),
          );
          response.on('error', reject);
        });
        asking.on('error', reject);
        asking.end(text);
      }),
    close: () => agent.destroy(),
  };
}

/** As many clients of a base URL as are to ask at once. */
export const clients = (base: string, token: string, concurrency: number): readonly Client[] =>
  Array.from({ length: concurrency }, () => client(base, token));

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
