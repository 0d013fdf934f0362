/**
 * Writes bundled: a wire that puts what is written in one turn of the loop into few Bulk requests (RFC 7644 §3.7), where
 * the server offers that, and gives each write its own answer, so that whoever writes need not know.
 *
 * An answer that is lost is lost for each operation, and each is then looked up by itself (D2). An operation the server
 * says nothing about is in doubt as well. A server that refuses Bulk after all, or finds it too large, is asked again one
 * by one, or in halves: it has said that it did nothing.
 *
 * Reads pass. It never changes what is written, nor tries a write again that may have been applied.
 */
import { objectOf } from './answer.ts';
import { type Json, type JsonObject, urn } from './contract/scim.ts';
import type { Answered, Exchange, Exchanged } from './exchange.ts';

/** How many operations, and how many bytes; 0 operations: no Bulk. */
export type BulkLimits = Readonly<{ operations: number; bytes: number }>;
type Write = Readonly<{
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body: unknown;
  headers: Readonly<Record<string, string>> | undefined;
  settle(outcome: Exchanged | Promise<Exchanged>): void;
}>;

/** `limits` is asked anew for each turn. `refused` is told when the server turns out to have no Bulk. */
export function bundled(wire: Exchange, limits: () => BulkLimits, refused: () => void): Exchange {
  let waiting: Write[] = [];

  function flush(): void {
    const writes = waiting;
    waiting = [];
    for (const bundle of bundlesOf(writes, limits())) void sendAll(bundle);
  }
  const alone = ({ method, path, body, headers, settle }: Write) => settle(wire.send(method, path, body, headers));

  async function sendAll(bundle: readonly Write[]): Promise<void> {
    const [first] = bundle;
    if (first === undefined) return;
    if (bundle.length === 1 || limits().operations === 0) return bundle.forEach(alone);
    const answer = await wire.send('POST', '/Bulk', bulkRequest(bundle));
    if (answer.kind === 'answered' && answer.status === 413) {
      const middle = Math.ceil(bundle.length / 2);
      await Promise.all([sendAll(bundle.slice(0, middle)), sendAll(bundle.slice(middle))]);
      return;
    }
    // It took none of it: the request as such was refused (RFC 7644 §3.7.3, §3.12).
    if (answer.kind === 'answered' && [400, 404, 405, 415, 422, 501].includes(answer.status)) {
      refused();
      return bundle.forEach(alone);
    }
    const each = answer.kind === 'answered' && answer.status < 300 ? answersIn(answer, bundle) : undefined;
    for (const [at, write] of bundle.entries()) write.settle(each?.[at] ?? forAll(answer));
  }

  return Object.freeze({
    ...wire,
    send(
      method: Parameters<Exchange['send']>[0],
      path: string,
      body?: unknown,
      headers?: Readonly<Record<string, string>>,
    ): Promise<Exchanged> {
      if (method === 'GET' || limits().operations === 0) return wire.send(method, path, body, headers);
      return new Promise((settle) => {
        waiting.push({ method, path, body, headers, settle });
        if (waiting.length === 1) setImmediate(flush);
      });
    },
  });
}

function bundlesOf(writes: readonly Write[], { operations, bytes }: BulkLimits): Write[][] {
  const bundles: Write[][] = [];
  let room = 0;
  for (const write of writes) {
    const size = JSON.stringify(write.body ?? {}).length * 1.1 + 200;
    const last = bundles.at(-1);
    // An operation that needs headers of its own has no place for them in Bulk.
    if (last === undefined || last.length >= operations || size > room || write.headers || last[0]?.headers) {
      bundles.push([write]);
      room = bytes - 200 - size;
    } else {
      last.push(write);
      room -= size;
    }
  }
  return bundles;
}

/** Each with a bulkId, although only POST needs one: it says which answer is whose. */
const bulkRequest = (bundle: readonly Write[]): JsonObject => ({
  schemas: [urn.bulkRequest],
  Operations: bundle.map(({ method, path, body }, at) => ({
    method,
    bulkId: String(at + 1),
    path,
    ...(body !== undefined && { data: body as Json }),
  })),
});

/** Where the whole was refused, or nobody knows, that holds for each. An answer that cannot be read leaves all in doubt. */
function forAll(answer: Exchanged): Exchanged {
  if (answer.kind !== 'answered' || answer.status >= 300) return answer;
  return { kind: 'lost', detail: 'The answer to a Bulk request did not say what became of this operation' };
}

/** What became of each, in the order they were sent; `undefined` where the answer does not say. */
function answersIn(answer: Answered, bundle: readonly Write[]): (Exchanged | undefined)[] {
  const operations = operationsIn(answer.text);
  const byId = new Map(operations.map((operation) => [String(operation.bulkId ?? ''), operation]));
  return bundle.map((_, at) => {
    const operation = byId.get(String(at + 1));
    const status = operation && statusOf(operation.status);
    if (operation === undefined || status === undefined) return undefined;
    const body = operation.response;
    return {
      kind: 'answered',
      status,
      type: 'application/scim+json',
      location: typeof operation.location === 'string' ? operation.location : undefined,
      retryAfter: answer.retryAfter,
      date: answer.date,
      text: body === undefined || body === null ? '' : JSON.stringify(body),
      oversized: false,
    };
  });
}

function operationsIn(text: string): JsonObject[] {
  try {
    const operations = objectOf(JSON.parse(text) as Json)?.Operations;
    const found = (Array.isArray(operations) ? operations : []).map(objectOf);
    return found.filter((operation) => operation !== undefined);
  } catch {
    return [];
  }
}

/** RFC 7644 shows a text; older servers give `{"code":"201"}`, as SCIM 1.1 did, or a number. */
function statusOf(status: Json | undefined): number | undefined {
  const code = Number(objectOf(status)?.code ?? status);
  return Number.isInteger(code) && code >= 200 && code < 600 ? code : undefined;
}
