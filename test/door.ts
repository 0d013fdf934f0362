/** A relay's SCIM door on a free port, with everything behind it real: for the books that speak HTTP to it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { cursors } from '../daemon/cursor.ts';
import { scimApp } from '../daemon/http/scim.ts';
import { listen, type Tls } from '../daemon/http/server.ts';
import { intake } from '../daemon/intake.ts';
import { provider } from '../daemon/provider.ts';
import { open } from '../daemon/store/db.ts';
import { directory } from '../daemon/store/directory.ts';
import { journal } from '../daemon/store/journal.ts';
import { sources, tokenHash } from '../daemon/store/sources.ts';

export type Door = Awaited<ReturnType<typeof openDoor>>;
// biome-ignore lint/suspicious/noExplicitAny: the books look into answers of every shape
type Reply = Readonly<{ status: number; headers: Headers; text: string; body: any }>;

/** Two sources push here: `entra` and `okta`, with tokens of those names. */
export async function openDoor(
  path = ':memory:',
  options: {
    trustProxy?: readonly string[];
    newId?: () => string;
    now?: () => number;
    graceMs?: number;
    host?: string;
    publicUrl?: string;
    tls?: Tls;
  } = {},
) {
  const now = options.now ?? Date.now;
  const db = open(path);
  const log = journal(db);
  const known = sources(db, log);
  const reports: string[] = [];
  const report = (cause: unknown, what: string) => void reports.push(`${what}: ${String(cause)}`);
  const store = directory(db, log, { newId: options.newId ?? randomUUID, now, report });
  /** How many pushes each commit took. */
  const batches: number[] = [];
  const queue = intake({
    accept: (items) => {
      batches.push(items.length);
      return store.accept(items);
    },
  });
  if ((await known.list(0)).length === 0) {
    for (const kind of ['entra', 'okta'] as const)
      await known.add({ kind, name: kind, token: kind, by: 'the test', now: Date.now() });
  }
  const app = scimApp({
    provider: provider({ push: queue.push, directory: store, cursors: cursors(randomBytes(32), randomBytes) }),
    hashOf: tokenHash,
    authenticate: (hash) => known.authenticate(hash, now()),
    admit: (source, address) => known.admit(source, address, now),
    refused: (source, detail) => known.refused(source, detail, now()),
    report,
    ...(options.trustProxy !== undefined && { trustProxy: options.trustProxy }),
    publicUrl: options.publicUrl,
  });
  const server = await listen(app, {
    host: options.host ?? '127.0.0.1',
    port: 0,
    tls: options.tls,
    graceMs: options.graceMs ?? 2000,
  });
  const base = `${server.url}/scim/v2`;

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: 'Bearer entra', 'content-type': 'application/scim+json', ...headers },
      ...(body !== undefined && {
        body: typeof body === 'string' || Buffer.isBuffer(body) ? (body as string) : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  return {
    app,
    base,
    db,
    log,
    known,
    store,
    queue,
    reports,
    batches,
    server,
    ask,
    get: (path: string, headers?: Record<string, string>) => ask('GET', path, undefined, headers),
    post: (path: string, body: unknown, headers?: Record<string, string>) => ask('POST', path, body, headers),
    put: (path: string, body: unknown, headers?: Record<string, string>) => ask('PUT', path, body, headers),
    patch: (path: string, Operations: unknown, headers?: Record<string, string>) =>
      ask('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }, headers),
    delete: (path: string, headers?: Record<string, string>) => ask('DELETE', path, undefined, headers),
    async close() {
      await server.close();
      await queue.idle();
      db.close();
    },
  };
}
