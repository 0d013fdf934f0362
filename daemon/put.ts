/**
 * PATCH for servers that have none: a wire that reads the resource, changes it as the operations say, and writes it back
 * whole. What the relay does not know of it goes back as it came.
 *
 * Where the server compares versions the write is made only if nobody changed the resource since it was read, and
 * otherwise begun again. Only operations of our own dialect come here (D7; core/account.ts, courier.ts).
 */
import { objectOf } from './answer.ts';
import type { Json, JsonObject, PatchOperation } from './contract/scim.ts';
import type { Exchange, Exchanged } from './exchange.ts';

const tries = 4;

/** `needed`: whether this server takes no PATCH. `refused` is told when it turns out so. */
export function whole(wire: Exchange, needed: () => boolean, refused: () => void): Exchange {
  async function replace(path: string, operations: readonly PatchOperation[]): Promise<Exchanged> {
    for (let left = tries; ; left -= 1) {
      const read = await readWhole(path);
      if (read.kind !== 'answered') return notWritten(read);
      // A refusal of the reading means for the write what it would mean of the write; a success that cannot be read is odd.
      const resource = read.status < 300 ? resourceIn(read.text) : undefined;
      if (resource === undefined) return read;
      const version = objectOf(resource.meta)?.version;
      const headers = typeof version === 'string' ? { 'if-match': version } : undefined;
      const written = await wire.send('PUT', path, changed(resource, operations), headers);
      if (written.kind !== 'answered' || written.status !== 412 || left === 1) return written;
    }
  }

  /** Members that are not shown may be members it does not show unless asked; written back without, all would be lost. */
  async function readWhole(path: string): Promise<Exchanged> {
    const read = await wire.send('GET', path);
    if (read.kind !== 'answered' || read.status >= 300) return read;
    const resource = resourceIn(read.text);
    if (resource === undefined || resource.members !== undefined || !path.startsWith('/Groups/')) return read;
    const more = await wire.send('GET', `${path}?attributes=members`);
    if (more.kind !== 'answered' || more.status >= 300) return more;
    const members = resourceIn(more.text)?.members;
    return members === undefined ? read : { ...read, text: JSON.stringify({ ...resource, members }) };
  }

  return Object.freeze({
    ...wire,
    async send(
      method: Parameters<Exchange['send']>[0],
      path: string,
      body?: unknown,
      headers?: Readonly<Record<string, string>>,
    ): Promise<Exchanged> {
      if (method !== 'PATCH') return wire.send(method, path, body, headers);
      const { Operations } = body as { Operations: readonly PatchOperation[] };
      if (needed()) return replace(path, Operations);
      const answer = await wire.send(method, path, body, headers);
      if (answer.kind !== 'answered' || (answer.status !== 501 && answer.status !== 405)) return answer;
      refused(); // RFC 7644 §3.12: 501, the service provider does not support the operation
      return replace(path, Operations);
    },
  });
}

/** Nothing was written, so it is not in doubt whatever became of the reading. */
function notWritten(read: Exclude<Exchanged, { kind: 'answered' }>): Exchanged {
  if (read.kind === 'unreachable') return read;
  return { kind: 'unreachable', detail: read.detail, remedy: '', tls: false };
}

function resourceIn(text: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

function changed({ meta: _, groups: __, ...resource }: JsonObject, operations: readonly PatchOperation[]): JsonObject {
  const result: JsonObject = structuredClone(resource);
  for (const { op, path, value } of operations) {
    const [, member] = /^members\[value eq (".*")\]$/.exec(path) ?? [];
    const [, outer, inner] = /^(\w+)\.(\w+)$/.exec(path) ?? [];
    if (member !== undefined) result.members = without(result.members, JSON.parse(member) as string);
    else if (path === 'members' && op === 'add') result.members = joined(result.members, value);
    else if (outer !== undefined && inner !== undefined)
      result[outer] = { ...objectOf(result[outer]), [inner]: value as Json };
    else result[path] = value as Json;
  }
  return result;
}

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const idOf = (member: Json): string => String(objectOf(member)?.value ?? '');
const without = (members: Json | undefined, id: string): Json[] => listOf(members).filter((one) => idOf(one) !== id);
function joined(members: Json | undefined, more: Json | undefined): Json[] {
  const there = new Set(listOf(members).map(idOf));
  return [...listOf(members), ...listOf(more).filter((one) => !there.has(idOf(one)))];
}
