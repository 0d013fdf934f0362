/**
 * A SCIM sink for benchmarks: it answers what a service provider would answer, after a constant time, and keeps nothing
 * but counts. What is measured against it is the sender, not SCIMMY. It judges nothing; steeple.ts does that.
 *
 * Node's timers count whole milliseconds, and are late by one as often as not: of 20 ms that would be 4 % of what a sender
 * could do. So where the answers so far came late on average, the next is due a millisecond sooner.
 *
 * Everybody looks absent to it: a list is empty, a POST is given an id, PATCH, PUT and DELETE are believed.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { urn } from '../contract/scim.ts';

export type SinkCounts = Readonly<{
  requests: number;
  reads: number;
  posts: number;
  puts: number;
  patches: number;
  deletes: number;
  /** Until an answer was on its way, on average; 0 before the first. */
  meanMs: number;
}>;
export type Sink = Readonly<{ scimUrl: string; token: string; counts(): SinkCounts; close(): Promise<void> }>;

const kinds = { GET: 'reads', POST: 'posts', PUT: 'puts', PATCH: 'patches', DELETE: 'deletes' } as const;
const nobody = JSON.stringify({ schemas: [urn.list], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] });

/** `latencyMs` before each answer (0: at once). Any token is accepted. */
export async function sink(options: { host?: string; port?: number; latencyMs?: number } = {}): Promise<Sink> {
  const host = options.host ?? '127.0.0.1';
  const counts = { requests: 0, reads: 0, posts: 0, puts: 0, patches: 0, deletes: 0 };
  const { latencyMs = 0 } = options;
  let answered = 0;
  let waitedMs = 0;

  const answer = (method: string, path: string, body: string): [status: number, text: string] => {
    if (method === 'PATCH' || method === 'DELETE') return [204, ''];
    const id = /\/(?:Users|Groups)\/([^/?]+)/.exec(path)?.[1];
    if (method === 'GET')
      return id === undefined ? [200, nobody] : [200, JSON.stringify({ id, userName: id, displayName: id })];
    try {
      const resource = JSON.parse(body) as object;
      return [method === 'POST' ? 201 : 200, JSON.stringify({ ...resource, id: id ?? `sink-${counts.posts}` })];
    } catch {
      return [400, JSON.stringify({ schemas: [urn.error], status: '400', detail: 'The body is not JSON' })];
    }
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const begun = performance.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const method = request.method ?? 'GET';
      counts.requests += 1;
      counts[kinds[method as keyof typeof kinds] ?? 'reads'] += 1;
      const [status, text] = answer(method, request.url ?? '/', Buffer.concat(chunks).toString());
      const send = () => {
        answered += 1;
        waitedMs += performance.now() - begun;
        response.writeHead(status, { 'Content-Type': 'application/scim+json' }).end(text);
      };
      const isLate = waitedMs > answered * latencyMs;
      if (latencyMs > 0) setTimeout(send, isLate ? latencyMs - 1 : latencyMs);
      else send();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  return {
    scimUrl: `http://${host}:${(server.address() as AddressInfo).port}/scim/v2`,
    token: 'sink',
    counts: () => ({ ...counts, meanMs: waitedMs / Math.max(1, answered) }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
