/**
 * A proxy that stands between the relay and the sandbox and writes down every request; a test may have it answer in the
 * sandbox's place, lose an answer, or hold one back. It reads nothing of SCIM, so it cannot agree with either side.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type Seen = Readonly<{ method: string; path: string; body: string; startedAt: number; endedAt: number }>;
export type Interference = (request: Readonly<{ method: string; path: string; body: string }>) =>
  | Readonly<{ status: number; body?: string; headers?: Record<string, string> }>
  | 'drop-before'
  | 'drop-after'
  /** Carried out twice; the second answer is given. */
  | 'twice'
  | undefined;

export async function gatekeeper(target: string) {
  const to = new URL(target);
  const seen: Seen[] = [];
  let interfere: Interference = () => undefined;
  let delayMs = 0;
  const server = http.createServer(async (request, response) => {
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const path = decodeURIComponent((request.url ?? '').replace(to.pathname, ''));
    const method = request.method ?? '';
    const note = () => seen.push({ method, path, body, startedAt, endedAt: performance.now() });
    const act = interfere({ method, path, body });
    if (act === 'drop-before') {
      note();
      request.socket.destroy();
      return;
    }
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (act !== undefined && act !== 'drop-after' && act !== 'twice') {
      note();
      response.writeHead(act.status, { 'content-type': 'application/scim+json', ...act.headers }).end(act.body ?? '');
      return;
    }
    const { host: _, ...headers } = request.headers;
    if (act === 'twice')
      await new Promise<void>((resolve) => {
        const before = http.request(new URL(request.url ?? '', to.origin), { method, headers }, (answer) => {
          answer.resume().on('end', resolve);
        });
        before.on('error', () => resolve());
        before.end(body);
      });
    const onward = http.request(new URL(request.url ?? '', to.origin), { method, headers }, (answer) => {
      if (act === 'drop-after') {
        answer.resume();
        answer.on('end', () => {
          note();
          request.socket.destroy();
        });
        return;
      }
      note();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => request.socket.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${to.pathname}`,
    seen,
    writes: () => seen.filter(({ method }) => method !== 'GET'),
    interfere(next: Interference) {
      interfere = next;
    },
    delay(ms: number) {
      delayMs = ms;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
