/**
 * The SCIM client that speaks to Steeple: one function for each thing the relay asks of it, each with one of a closed set
 * of outcomes (answer.ts). Nothing here retries, remembers or decides; forwarder and observer do.
 *
 * It is strict in what it sends, the dialect every server takes, and reads what servers really answer: ids as numbers,
 * 200 for 201, `active` as a string. What it cannot read with certainty is `odd`, never a guess: a search answered
 * with other people than those asked for is not "found", and not "nobody" either.
 *
 * D7  only lower-case PATCH operations that carry a path leave
 * D8  the token goes to the configured origin only (exchange.ts)
 * S1  no outcome, error or printed client shows the token
 */
import type { z } from 'zod';
import { type Answer, judge, objectOf, type Reading } from './answer.ts';
import { catalogue } from './catalogue.ts';
import type { Community } from './contract/mapping.ts';
import {
  GroupResource,
  type Json,
  type JsonObject,
  ListResponse,
  type PatchOperation,
  UserResource,
  urn,
} from './contract/scim.ts';
import { exchange, type Upstream } from './exchange.ts';

export type { Answer } from './answer.ts';

/** `total` counts all there are, on every page. */
export type Page<T> = Readonly<{ total: number; items: readonly T[] }>;

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
  close(): Promise<void>;
}>;

type Kind<R> = Readonly<{
  path: '/Users' | '/Groups';
  schema: string;
  shape: z.ZodType<R>;
  tidy: (raw: JsonObject) => Record<string, unknown>;
}>;

/**
 * @throws Malformed when URL or token cannot be what they should be
 * @throws Forbidden when the URL is plain HTTP off loopback (D8)
 */
export function steeple(options: Upstream & Readonly<{ now?: () => number }>): Steeple {
  const { token, now = Date.now } = options;
  const wire = exchange(options);
  type Method = Parameters<typeof wire.send>[0];

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
  const create = <R>(kind: Kind<R>, body: JsonObject) =>
    ask('POST', kind.path, (answer) => resourceOf(kind, answer), { schemas: [kind.schema], ...body });
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
    close: wire.close,
  } satisfies Steeple);
}

/** Not an id that would turn one path into another: an empty one would send a removal to `/Users/`. */
const usable = (id: string): boolean => !['', '.', '..'].includes(id) && id.isWellFormed();

function place<R>(kind: Kind<R>, id: string): string {
  if (!usable(id)) throw new Error(`"${id}" cannot be the id of a resource`);
  return `${kind.path}/${encodeURIComponent(id)}`;
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

const text = (value: Json | undefined) => (Number.isSafeInteger(value) ? String(value) : value);

const users: Kind<UserResource> = {
  path: '/Users',
  schema: urn.user,
  shape: UserResource,
  tidy: (raw) => ({
    ...raw,
    id: text(raw.id),
    externalId: text(raw.externalId),
    active:
      typeof raw.active === 'string'
        ? ({ true: true, false: false }[raw.active.toLowerCase()] ?? raw.active)
        : raw.active,
  }),
};
const groups: Kind<GroupResource> = {
  path: '/Groups',
  schema: urn.group,
  shape: GroupResource,
  tidy: (raw) => ({
    ...raw,
    id: text(raw.id),
    externalId: text(raw.externalId),
    members: Array.isArray(raw.members)
      ? raw.members.map((member) => {
          const entry = objectOf(member);
          return entry === undefined ? member : { ...entry, value: text(entry.value) };
        })
      : raw.members,
  }),
};

function resourceOf<R>(kind: Kind<R>, body: Json | undefined): Reading<R> {
  if (body === undefined) return { fault: 'nothing, where it should show the resource' };
  const raw = objectOf(body);
  if (raw === undefined) return { fault: 'JSON that is not a resource' };
  const tidied = kind.tidy(raw);
  const parsed = kind.shape.safeParse(tidied);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { fault: `JSON that is not a SCIM resource: "${issue?.path.join('.')}" is missing or of a wrong type` };
  }
  if (!usable(String(tidied.id))) return { fault: `a resource whose id is "${tidied.id}"` };
  return { value: parsed.data };
}

function pageOf<R>(kind: Kind<R>, body: Json | undefined, startIndex: number, count: number): Reading<Page<R>> {
  const parsed = ListResponse.safeParse(body);
  if (!parsed.success || !parsed.data.schemas.includes(urn.list)) {
    return { fault: `${body === undefined ? 'nothing' : 'JSON'}, where it should give a SCIM ListResponse` };
  }
  const { totalResults: total, Resources = [] } = parsed.data;
  // Taken for an empty page, this would make "nobody is there" of people who are.
  if (Resources.length === 0 && count > 0 && startIndex <= total) {
    return { fault: `a list of ${total} that shows none of them from number ${startIndex} on` };
  }
  const items: R[] = [];
  for (const raw of Resources) {
    const item = resourceOf(kind, raw as Json);
    if ('fault' in item) return { fault: `a list in which number ${startIndex + items.length} is ${item.fault}` };
    items.push(item.value);
  }
  return { value: { total, items } };
}

const fold = (value: unknown) => (typeof value === 'string' ? value.normalize('NFC').toLowerCase() : undefined);

/** Some servers ignore a filter they do not support, and list everybody. */
function foundIn<R>(page: Reading<Page<R>>, attribute: keyof R & string, value: string): Reading<Page<R>> {
  if ('fault' in page) return page;
  const items = page.value.items.filter((item) => fold(item[attribute]) === fold(value));
  if (items.length === 0 && page.value.items.length > 0) {
    return { fault: `others than those whose ${attribute} was asked for: it seems to ignore filters on ${attribute}` };
  }
  return { value: { total: items.length, items } };
}

function configOf(body: Json | undefined): Reading<JsonObject> {
  const config = objectOf(body);
  // RFC 7643 §5. Some servers leave `schemas` out, but none has a use for `patch` without it.
  const known = config !== undefined && (objectOf(config.patch) ?? objectOf(config.filter)) !== undefined;
  return known ? { value: config } : { fault: 'something that is not a SCIM ServiceProviderConfig' };
}
