/**
 * The sandbox's SCIM 2.0 door: the SCIMMY library and its Express routers, on our own store.
 *
 * SCIMMY reads and judges every message (schemas, values, PATCH, filters): code we did not write, strict by nature.
 * It was not made for 20,000 people, so three things are handed to it differently, and only these:
 *   - a list gets its page, not everybody (SCIMMY shapes every record it is given, about 0.2 ms each);
 *   - members are put on a group after SCIMMY has shaped the rest (20,000 of them cost it 0.8 s);
 *   - member changes are applied to the store once SCIMMY has read the PATCH (see membership.ts), answered 204.
 * A PUT or POST that carries members goes through SCIMMY whole.
 *
 * SCIMMY keeps its resource types in one place per process. They are declared once, below, and hold nothing: each request
 * brings its own `Desk` through the routers' context, so that two sandboxes in one process share code and no people. The
 * base of `meta.location` is global too; the routers set it as each request comes in, and nothing between that and the
 * answer waits for I/O (bodies are read and faults served beforehand), so no other request can change it meanwhile.
 */
import type { Request, RequestHandler } from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';
import type { JsonObject } from '../contract/scim.ts';
import { memberChanges, type Operation, refuseLoose, refuseMany, settled } from './membership.ts';
import { branchesOf, readable } from './query.ts';
import { type Received, type ReceivedGroup, type ReceivedUser, Refusal } from './received.ts';

/** What one request works on. */
export type Desk = Readonly<{
  store: Received;
  /** Refuse what strict servers refuse: see membership.ts and query.ts. */
  strict: boolean;
  /** Answer as if the last write had not happened (faults.ts). */
  stale: boolean;
  /** Called once the store has taken a write. */
  applied(): void;
}>;

const defaultCount = 100;
const maxResults = 200;

/** Anything that is not an error SCIMMY knows would leave it as "404 not found": name it, so that a bug looks like one. */
function toScimmy(thrown: unknown): Error {
  if (thrown instanceof SCIMMY.Types.Error || thrown instanceof TypeError) return thrown;
  if (thrown instanceof Refusal)
    return new SCIMMY.Types.Error(thrown.status, thrown.scimType as string, thrown.message);
  return new SCIMMY.Types.Error(500, null as never, `Sandbox failure: ${String(thrown)}`);
}
const guarded =
  <A extends unknown[], R>(handler: (...given: A) => R) =>
  (...given: A): R => {
    try {
      return handler(...given);
    } catch (thrown) {
      throw toScimmy(thrown);
    }
  };

const plain = (resource: object): JsonObject => JSON.parse(JSON.stringify(resource)) as JsonObject;
const meta = ({ created, modified }: ReceivedUser | ReceivedGroup) => {
  return { created: new Date(created).toISOString(), lastModified: new Date(modified).toISOString() };
};
const userShape = (user: ReceivedUser): JsonObject => ({ ...user.attributes, id: user.id, meta: meta(user) });
/** Without members: they are put on later. */
const groupShape = (group: ReceivedGroup): JsonObject => ({
  id: group.id,
  displayName: group.displayName,
  ...(group.externalId !== undefined && { externalId: group.externalId }),
  meta: meta(group),
});

/** Numbers of a page SCIMMY was given: it would otherwise cut the page again by `startIndex`, and count only the page. */
type Numbers = Readonly<{ totalResults: number; startIndex: number; itemsPerPage: number }>;
const numbers = new WeakMap<object, Numbers>();

type Listing = { id?: string; filter?: unknown; constraints?: { startIndex?: number; count?: number } };
function pageOf<R>(listing: Listing, found: readonly R[]): R[] {
  const { startIndex = 1, count = defaultCount } = listing.constraints ?? {};
  const page = found.slice(startIndex - 1, startIndex - 1 + Math.min(count, maxResults));
  listing.constraints = { count: page.length };
  numbers.set(listing, { totalResults: found.length, startIndex, itemsPerPage: page.length });
  return page;
}

class Users extends SCIMMY.Resources.User {
  override async read<T>(desk?: T) {
    const answer = await super.read(desk);
    return Object.assign(answer, numbers.get(this));
  }
  override async patch<T>(message: Message, desk?: T) {
    if (isMessage(message)) {
      const operations = operationsOf(message);
      if ((desk as Desk).strict) refuseLoose(operations);
    }
    return super.patch(message, desk);
  }
}

class Groups extends SCIMMY.Resources.Group {
  override async read<T>(desk?: T) {
    const answer = await super.read(desk);
    return dressed(this, answer, desk as Desk) as typeof answer;
  }
  override async write<T>(instance: unknown, desk?: T) {
    const answer = await super.write(instance, desk);
    return dressed(this, answer, desk as Desk) as typeof answer;
  }
  /** Answers nothing, which leaves as 204: a member list is not what a client that adds one member wants back. */
  override async patch<T>(message: Message, desk?: T) {
    const nothing = undefined as never;
    if (!isMessage(message) || this.id === undefined) return super.patch(message, desk);
    const { store, strict, applied } = desk as Desk;
    const operations = operationsOf(message);
    const group = store.groups.get(this.id);
    if (strict) refuseLoose(operations);
    const split = memberChanges(operations);
    if (split === undefined) {
      const whole = { ...groupShape(group), members: membersOf(group) };
      const target = await patched(whole, operations);
      if (target) await super.write(target, desk);
      return nothing;
    }
    if (strict) refuseMany(split.changes, group.members);
    const target = split.rest.length > 0 ? await patched(groupShape(group), split.rest) : undefined;
    const { displayName, externalId } = target ? named(target) : group;
    const { adds, removes } = settled(split.changes, group.members);
    store.groups.change(group.id, { displayName, externalId }, adds, removes);
    applied();
    return nothing;
  }
}

type Message = ConstructorParameters<typeof SCIMMY.Messages.PatchOp>[0] &
  Parameters<SCIMMY.Resources.Group['patch']>[0];
const isMessage = (message: unknown): message is Message => typeof message === 'object' && message !== null;

/** SCIMMY's own reading of the message, which throws its own refusals. */
function operationsOf(message: Message): readonly Operation[] {
  try {
    return new SCIMMY.Messages.PatchOp(message).Operations as Operation[];
  } catch (thrown) {
    throw thrown instanceof TypeError ? new Refusal(400, 'invalidSyntax', thrown.message) : thrown;
  }
}
/** SCIMMY's own application of the operations; `undefined` when they changed nothing. */
async function patched(shape: JsonObject, operations: readonly Operation[]): Promise<JsonObject | undefined> {
  const message = { schemas: [SCIMMY.Messages.PatchOp.id], Operations: [...operations] };
  const resource = new SCIMMY.Schemas.Group(shape, 'out');
  const target = await new SCIMMY.Messages.PatchOp(message as Message).apply(resource);
  return target && plain(target);
}

function named(resource: JsonObject) {
  const { displayName, externalId } = resource;
  if (typeof displayName !== 'string' || displayName === '') {
    throw new Refusal(400, 'invalidValue', "Required attribute 'displayName' is missing");
  }
  return { displayName, externalId: typeof externalId === 'string' ? externalId : undefined };
}
const membersOf = (group: ReceivedGroup) => [...group.members].map((value) => ({ value }));

/** Whether the client asked for members: by default, unless it names attributes without them or excludes them. */
function wantsMembers(attributes: unknown): boolean {
  const asked = (Array.isArray(attributes) ? attributes : []).flatMap((each: object) => Object.entries(each));
  const about = asked.find(([name]) => /^(?:urn:.*:)?members$/i.test(name));
  if (about !== undefined) return !(Array.isArray(about[1]) && about[1][0] === 'np');
  return asked.every(([, comparison]) => Array.isArray(comparison) && comparison[0] === 'np');
}
function dressed(asked: Listing & { attributes?: unknown }, answer: object, desk: Desk): object {
  const dress = (resource: object): object => {
    const shape = plain(resource);
    const members = wantsMembers(asked.attributes)
      ? membersOf(desk.store.groups.get(String(shape.id), desk.stale))
      : [];
    return members.length > 0 ? { ...shape, members } : shape;
  };
  if (!(answer instanceof SCIMMY.Messages.ListResponse)) return dress(answer);
  return Object.assign(answer, { Resources: answer.Resources.map(dress) }, numbers.get(asked));
}

SCIMMY.Resources.declare(Users, {
  name: 'User',
  extensions: [{ schema: SCIMMY.Schemas.EnterpriseUser, required: false }],
  egress: guarded((asked: Listing, desk: Desk) => {
    if (asked.id !== undefined) return userShape(desk.store.users.get(asked.id, desk.stale));
    const branches = asked.filter ? branchesOf<ReceivedUser>(asked.filter, desk.strict, userShape) : undefined;
    return pageOf(asked, desk.store.users.find(branches, desk.stale)).map(userShape);
  }),
  ingress: guarded((asked: Listing, instance: object, desk: Desk) => {
    const { id: _id, meta: _meta, ...attributes } = plain(instance);
    const users = desk.store.users;
    const user = asked.id === undefined ? users.create(attributes) : users.replace(asked.id, attributes);
    desk.applied();
    return userShape(user);
  }),
  degress: guarded((asked: Listing, desk: Desk) => {
    desk.store.users.remove(String(asked.id));
    desk.applied();
  }),
});

const groupAttributes = (group: ReceivedGroup): JsonObject => ({ ...groupShape(group), members: membersOf(group) });

SCIMMY.Resources.declare(Groups, {
  name: 'Group',
  egress: guarded((asked: Listing, desk: Desk) => {
    if (asked.id !== undefined) return groupShape(desk.store.groups.get(asked.id, desk.stale));
    const branches = asked.filter ? branchesOf<ReceivedGroup>(asked.filter, desk.strict, groupAttributes) : undefined;
    return pageOf(asked, desk.store.groups.find(branches, desk.stale)).map(groupShape);
  }),
  ingress: guarded((asked: Listing, instance: { members?: { value?: string }[] }, desk: Desk) => {
    const { displayName, externalId } = named(plain({ ...instance, members: undefined }));
    const members = [...(instance.members ?? [])].map(({ value }) => {
      return value ?? refuse('members: a member must name its value');
    });
    const { groups } = desk.store;
    const id = asked.id ?? groups.create({ displayName, externalId, members }).id;
    if (asked.id !== undefined) {
      const { adds, removes } = settled([{ does: 'replace', ids: members }], groups.get(id).members);
      groups.change(id, { displayName, externalId }, adds, removes);
    }
    desk.applied();
    return groupShape(groups.get(id));
  }),
  degress: guarded((asked: Listing, desk: Desk) => {
    desk.store.groups.remove(String(asked.id));
    desk.applied();
  }),
});

function refuse(detail: string): never {
  throw new Refusal(400, 'invalidValue', detail);
}

/** Express 5 parses `req.query` anew at each look, so the numbers the routers put there would be lost, and paging with them. */
const keepQuery: RequestHandler = (request, _response, next) => {
  const query: Record<string, unknown> = { ...request.query };
  if (typeof query.filter === 'string') query.filter = readable(query.filter);
  Object.defineProperty(request, 'query', { value: query, writable: true, configurable: true });
  const body = request.body as { filter?: unknown } | undefined; // of a SearchRequest
  if (request.path.endsWith('/.search') && typeof body?.filter === 'string') body.filter = readable(body.filter);
  next();
};

/** The handlers to mount, bodies parsed and callers authenticated beforehand. `origin`: what locations start with. */
export function scimRouters(origin: () => string, deskOf: (request: Request) => Desk): RequestHandler[] {
  // Also one per process: each construction would add its scheme to the list again.
  SCIMMY.Config.set('authenticationSchemes', []);
  const routers = new SCIMMYRouters({ type: 'bearer', handler: () => 'sandbox', baseUri: origin, context: deskOf });
  SCIMMY.Config.set({ bulk: false, sort: false, filter: { supported: true, maxResults } });
  return [keepQuery, routers as unknown as RequestHandler];
}
