/**
 * The SCIM client that speaks to Steeple: one function for each thing the relay asks of it, each with one of a closed set
 * of outcomes (answer.ts). Nothing here retries, remembers or decides; forwarder and observer do.
 *
 * It is strict in what it sends, the dialect every server takes, and reads what servers really answer (reading.ts). Where
 * the server says so, writes go bundled (bulk.ts) or whole (put.ts) instead; whoever writes need not know.
 *
 * D7  only lower-case PATCH operations that carry a path leave
 * D8  the token goes to the configured origin only (exchange.ts)
 * S1  no outcome, error or printed client shows the token
 */
import { type Ability, abilityOf, common } from './ability.ts';
import { type Answer, judge, type Reading } from './answer.ts';
import { bundled } from './bulk.ts';
import { catalogue } from './catalogue.ts';
import type { Community } from './contract/mapping.ts';
import {
  type GroupResource,
  type Json,
  type JsonObject,
  type PatchOperation,
  type UserResource,
  urn,
} from './contract/scim.ts';
import { exchange, type Upstream } from './exchange.ts';
import { whole } from './put.ts';
import { configOf, foundIn, groups, type Kind, type Page, pageOf, resourceOf, usable, users } from './reading.ts';

export type { Answer } from './answer.ts';

export type Steeple = Readonly<{
  serviceProviderConfig(): Promise<Answer<JsonObject>>;
  /** `startIndex` counts from 1 (RFC 7644 §3.4.2.4); a server may give fewer than `count`. */
  listUsers(startIndex: number, count: number): Promise<Answer<Page<UserResource>>>;
  /** Members included. */
  listGroups(startIndex: number, count: number): Promise<Answer<Page<GroupResource>>>;
  /** Whoever carries exactly that value, compared ignoring case, as far as the first page goes. */
  findUsers(attribute: 'userName' | 'externalId', value: string): Promise<Answer<Page<UserResource>>>;
  findGroups(attribute: 'displayName' | 'externalId', value: string): Promise<Answer<Page<GroupResource>>>;
  readUser(id: string): Promise<Answer<UserResource>>;
  readGroup(id: string): Promise<Answer<GroupResource>>;
  createUser(body: JsonObject): Promise<Answer<UserResource>>;
  createGroup(body: JsonObject): Promise<Answer<GroupResource>>;
  /** `undefined` where Steeple does not show the result (204). */
  patchUser(id: string, operations: readonly PatchOperation[]): Promise<Answer<UserResource | undefined>>;
  patchGroup(id: string, operations: readonly PatchOperation[]): Promise<Answer<GroupResource | undefined>>;
  deleteUser(id: string): Promise<Answer<undefined>>;
  deleteGroup(id: string): Promise<Answer<undefined>>;
  /** From Steeple's public API, another server with a token of its own. */
  communities(apiUrl: string, apiToken: string): Promise<Answer<readonly Community[]>>;
  /** Asks what the server can do, once; afterwards writes go as it takes them (ability.ts). Never fails. */
  learn(): Promise<void>;
  ability(): Ability;
  close(): Promise<void>;
}>;

/**
 * @throws Malformed when URL or token cannot be what they should be
 * @throws Forbidden when the URL is plain HTTP off loopback (D8)
 */
export function steeple(options: Upstream & Readonly<{ now?: () => number }>): Steeple {
  const { token, now = Date.now } = options;
  const line = exchange(options);
  let ability: Ability = common;
  let asked: Promise<void> | undefined;
  const wire = whole(
    bundled(
      line,
      () => ({ operations: ability.bulk, bytes: ability.bulkBytes }),
      () => {
        ability = { ...ability, bulk: 0 };
      },
    ),
    () => !ability.patch,
    () => {
      ability = { ...ability, patch: false };
    },
  );
  type Method = Parameters<typeof wire.send>[0];

  async function learn(): Promise<void> {
    const answer = await ask('GET', '/ServiceProviderConfig', configOf);
    if (answer.kind === 'ok') ability = abilityOf(answer.value);
    // Not for want of a server that answers: it is asked again with the next writes.
    else if (['lost', 'unreachable', 'busy', 'failed', 'unauthorized'].includes(answer.kind)) asked = undefined;
  }

  async function ask<T>(method: Method, path: string, read: (body: Json | undefined) => Reading<T>, body?: unknown) {
    return judge(await wire.send(method, path, body), token, now, read);
  }
  const list = <R>(kind: Kind<R>, startIndex: number, count: number) =>
    ask('GET', `${kind.path}?startIndex=${startIndex}&count=${count}`, (body) => pageOf(kind, body, startIndex, count));
  const find = <R extends JsonObject | object>(kind: Kind<R>, attribute: keyof R & string, value: string) =>
    ask('GET', `${kind.path}?filter=${encodeURIComponent(`${attribute} eq ${JSON.stringify(value)}`)}`, (body) =>
      foundIn(pageOf(kind, body, 1, 1), attribute, value),
    );
  const read = async <R>(kind: Kind<R>, id: string) => ask('GET', place(kind, id), (body) => resourceOf(kind, body));
  async function create<R>(kind: Kind<R>, body: JsonObject): Promise<Answer<R>> {
    const sent = await wire.send('POST', kind.path, { schemas: [kind.schema], ...body });
    const id = sent.kind === 'answered' && sent.text.trim() === '' ? idIn(kind, sent.location) : undefined;
    // Where it shows nothing of what it made, the Location says which it is (RFC 7644 §3.3), and must in Bulk (§3.7).
    return judge(sent, token, now, (answer) =>
      resourceOf(kind, answer ?? (id === undefined ? answer : { ...body, id })),
    );
  }
  const patch = async <R>(kind: Kind<R>, id: string, operations: readonly PatchOperation[]) =>
    ask<R | undefined>(
      'PATCH',
      place(kind, id),
      (body) => (body === undefined ? { value: undefined } : resourceOf(kind, body)),
      { schemas: [urn.patch], Operations: strictly(operations) },
    );
  const remove = async <R>(kind: Kind<R>, id: string) => ask('DELETE', place(kind, id), () => ({ value: undefined }));

  return Object.freeze({
    serviceProviderConfig: () => ask('GET', '/ServiceProviderConfig', configOf),
    listUsers: (startIndex, count) => list(users, startIndex, count),
    listGroups: (startIndex, count) => list(groups, startIndex, count),
    findUsers: (attribute, value) => find(users, attribute, value),
    findGroups: (attribute, value) => find(groups, attribute, value),
    readUser: (id) => read(users, id),
    readGroup: (id) => read(groups, id),
    createUser: (body) => create(users, body),
    createGroup: (body) => create(groups, body),
    patchUser: (id, operations) => patch(users, id, operations),
    patchGroup: (id, operations) => patch(groups, id, operations),
    deleteUser: (id) => remove(users, id),
    deleteGroup: (id) => remove(groups, id),
    communities: (apiUrl, apiToken) => catalogue({ ...options, url: apiUrl, token: apiToken }),
    learn: () => {
      asked ??= learn();
      return asked;
    },
    ability: () => ability,
    close: wire.close,
  } satisfies Steeple);
}

function place<R>(kind: Kind<R>, id: string): string {
  if (!usable(id)) throw new Error(`"${id}" cannot be the id of a resource`);
  return `${kind.path}/${encodeURIComponent(id)}`;
}

/** The id a Location names; it may be absolute, relative or a path, and only the id is believed of it (D8). */
function idIn<R>({ path }: Kind<R>, location: string | undefined): string | undefined {
  const [, encoded = ''] = new RegExp(`${path}/([^/?#]+)/*(?:[?#]|$)`).exec(location ?? '') ?? [];
  try {
    const id = decodeURIComponent(encoded);
    return usable(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** D7. Core makes nothing else, so a breach is a bug, and must not reach Steeple to be found there. */
function strictly(operations: readonly PatchOperation[]): readonly PatchOperation[] {
  if (operations.length === 0) throw new Error('D7: a PATCH without operations');
  for (const { op, path, value } of operations) {
    if (!['add', 'remove', 'replace'].includes(op)) throw new Error(`D7: "${op}" is no lower-case PATCH operation`);
    if (typeof path !== 'string' || path.trim() === '') throw new Error(`D7: a PATCH ${op} without a path`);
    // RFC 7644 §3.5.2.2: what to remove is said by the path alone; a value beside it is read by no two servers alike.
    if ((value === undefined) !== (op === 'remove'))
      throw new Error(`D7: a PATCH ${op} ${value === undefined ? 'without' : 'with'} a value`);
  }
  return operations;
}
