/**
 * What the sandbox has received over SCIM: users, groups, who is in which group. Whether any of it takes effect is
 * decided in organization.ts; how it arrives and leaves as SCIM messages, in scimmy.ts.
 *
 * A store in memory, made for 20,000 people: look-ups by userName, externalId, displayName and member are indexed, and
 * a membership change costs what it names, not what the group holds. Every write is all or nothing: it is checked
 * first, and nothing is touched when it is refused. It also remembers what the last write replaced, so that a stale
 * read (see faults.ts) can answer with the world as it was.
 */
import type { Json, JsonObject, ScimType } from '../contract/scim.ts';

/** A write or a question the sandbox refuses, in the words it answers with. */
export class Refusal extends Error {
  readonly status: number;
  readonly scimType: ScimType | undefined;
  constructor(status: number, scimType: ScimType | undefined, detail: string) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

/**
 * `attributes` is the SCIM User without `id` and `meta`, as SCIMMY let it in. `pushed`: a client wrote it, or put it in a
 * group. An account made by hand in the organization is shown over SCIM like any other, and is not `pushed`.
 */
export type ReceivedUser = Readonly<{
  id: string;
  attributes: JsonObject;
  created: number;
  modified: number;
  pushed: boolean;
}>;
export type ReceivedGroup = Readonly<{
  id: string;
  displayName: string;
  externalId: string | undefined;
  members: ReadonlySet<string>;
  created: number;
  modified: number;
}>;
export type GroupBody = Readonly<{ displayName: string; externalId: string | undefined; members: Iterable<string> }>;

/** `attribute eq value` on an attribute this store can look up by itself. Names are in lower case. */
export type Condition = Readonly<{
  attribute: 'id' | 'username' | 'externalid' | 'displayname' | 'members';
  value: string;
}>;
/** One branch of a filter: all of its conditions, and whatever else must hold. */
export type Branch<R> = Readonly<{ conditions: readonly Condition[]; holds?: (record: R) => boolean }>;

export type Received = ReturnType<typeof received>;

/** userName and displayName compare without case (RFC 7643 §4.1.1, caseExact false), `id` and `externalId` exactly. */
export const fold = (name: string): string => name.normalize('NFC').toLowerCase();
const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

export const userNameOf = (user: ReceivedUser): string => text(user.attributes.userName) ?? '';
/** A user that says nothing about `active` is active. */
export const isActive = (user: ReceivedUser): boolean => user.attributes.active !== false;

/** Many ids under one word. */
function index() {
  const ids = new Map<string, Set<string>>();
  return {
    get: (word: string): ReadonlySet<string> => ids.get(word) ?? new Set(),
    add(word: string, id: string) {
      const held = ids.get(word);
      if (held) held.add(id);
      else ids.set(word, new Set([id]));
    },
    drop(word: string, id: string) {
      const held = ids.get(word);
      held?.delete(id);
      if (held?.size === 0) ids.delete(word);
    },
  };
}

type MutableGroup = { -readonly [K in keyof ReceivedGroup]: ReceivedGroup[K] } & { members: Set<string> };
type LastWrite =
  | Readonly<{ kind: 'User'; id: string; before: ReceivedUser | undefined }>
  | Readonly<{ kind: 'Group'; id: string; before: ReceivedGroup | undefined; added: string[]; removed: string[] }>;

/** `changed` hears the ids of the users whose standing a write may have altered, once it is done. */
export function received(now: () => number, newId: () => string, changed: (userIds: Iterable<string>) => void) {
  const users = new Map<string, ReceivedUser>();
  const groups = new Map<string, MutableGroup>();
  const words = { username: index(), userExternalId: index(), displayname: index(), groupExternalId: index() };
  const groupsOf = index();
  let last: LastWrite | undefined;

  function indexUser(user: ReceivedUser, change: 'add' | 'drop') {
    words.username[change](fold(userNameOf(user)), user.id);
    const externalId = text(user.attributes.externalId);
    if (externalId !== undefined) words.userExternalId[change](externalId, user.id);
  }
  function indexGroup(group: ReceivedGroup, change: 'add' | 'drop') {
    words.displayname[change](fold(group.displayName), group.id);
    if (group.externalId !== undefined) words.groupExternalId[change](group.externalId, group.id);
  }

  const userOr404 = (id: string) => users.get(id) ?? missing('User', id);
  const groupOr404 = (id: string) => groups.get(id) ?? missing('Group', id);

  function refuseTakenName(userName: string, except: string | undefined) {
    for (const id of words.username.get(fold(userName))) {
      if (id === except) continue;
      throw new Refusal(409, 'uniqueness', `userName '${userName}' is already held by user ${id}`);
    }
  }
  function refuseUnknownMembers(members: Iterable<string>) {
    for (const id of members) {
      if (users.has(id) || groups.has(id)) continue;
      throw new Refusal(400, 'invalidValue', `members: there is no user or group with id '${id}'`);
    }
  }

  function putUser(id: string, attributes: JsonObject, pushed = true): ReceivedUser {
    const before = users.get(id);
    const at = now();
    const user = { id, attributes, created: before?.created ?? at, modified: at, pushed };
    if (before) indexUser(before, 'drop');
    users.set(id, user);
    indexUser(user, 'add');
    last = { kind: 'User', id, before };
    changed([id]);
    return user;
  }

  function join(group: MutableGroup, members: readonly string[]) {
    for (const id of members) {
      group.members.add(id);
      groupsOf.add(id, group.id);
      const user = users.get(id);
      if (user?.pushed === false) users.set(id, { ...user, pushed: true });
    }
  }
  function part(group: MutableGroup, members: readonly string[]) {
    for (const id of members) {
      group.members.delete(id);
      groupsOf.drop(id, group.id);
    }
  }

  /** The store as it is, or as it was before its last write. */
  function view<R extends ReceivedUser | ReceivedGroup>(kind: LastWrite['kind'], rows: Map<string, R>, stale: boolean) {
    const old = stale && last?.kind === kind ? last : undefined;
    return {
      get: (id: string) => (old?.id === id ? (before(old) as R | undefined) : rows.get(id)),
      *ids() {
        yield* rows.keys();
        if (old && !rows.has(old.id)) yield old.id;
      },
      extra: old ? [old.id] : [],
    };
  }
  function before(write: LastWrite): ReceivedUser | ReceivedGroup | undefined {
    if (write.kind === 'User' || write.before === undefined) return write.before;
    const members = new Set(groups.get(write.id)?.members ?? []);
    for (const id of write.added) members.delete(id);
    for (const id of write.removed) members.add(id);
    return { ...write.before, members };
  }

  /** The ids worth looking at for one branch: an index where a condition has one, else everybody. */
  function candidates(kind: LastWrite['kind'], conditions: readonly Condition[]): Iterable<string> | undefined {
    for (const { attribute, value } of conditions) {
      if (attribute === 'id') return [value];
      if (attribute === 'username') return words.username.get(fold(value));
      if (attribute === 'members') return groupsOf.get(value);
      if (attribute === 'externalid')
        return (kind === 'User' ? words.userExternalId : words.groupExternalId).get(value);
      if (attribute === 'displayname' && kind === 'Group') return words.displayname.get(fold(value));
    }
    return undefined;
  }

  function find<R extends ReceivedUser | ReceivedGroup>(
    kind: LastWrite['kind'],
    rows: Map<string, R>,
    meets: (record: R, condition: Condition) => boolean,
    branches: readonly Branch<R>[] | undefined,
    stale: boolean,
  ): R[] {
    const seen = view(kind, rows, stale);
    const present = (ids: Iterable<string>) => [...ids].map(seen.get).filter((record) => record !== undefined);
    if (branches === undefined) return present(seen.ids());
    const found = new Map<string, R>();
    for (const { conditions, holds } of branches) {
      const indexed = candidates(kind, conditions);
      for (const record of present(indexed ? new Set([...indexed, ...seen.extra]) : seen.ids())) {
        if (conditions.every((condition) => meets(record, condition)) && (holds?.(record) ?? true)) {
          found.set(record.id, record);
        }
      }
    }
    return [...found.values()];
  }

  const userMeets = (user: ReceivedUser, { attribute, value }: Condition): boolean => {
    if (attribute === 'id') return user.id === value;
    if (attribute === 'username') return fold(userNameOf(user)) === fold(value);
    if (attribute === 'externalid') return user.attributes.externalId === value;
    if (attribute === 'displayname') return fold(text(user.attributes.displayName) ?? '') === fold(value);
    return false; // a user has no members
  };
  const groupMeets = (group: ReceivedGroup, { attribute, value }: Condition): boolean => {
    if (attribute === 'id') return group.id === value;
    if (attribute === 'externalid') return group.externalId === value;
    if (attribute === 'displayname') return fold(group.displayName) === fold(value);
    return attribute === 'members' && group.members.has(value); // a group has no userName
  };

  return {
    users: {
      /** Throws Refusal 404. `stale` answers as if the last write had not happened. */
      get: (id: string, stale = false): ReceivedUser => view('User', users, stale).get(id) ?? missing('User', id),
      /** In a stable order: the order of arrival. `undefined` finds everybody. */
      find: (branches?: readonly Branch<ReceivedUser>[], stale = false): ReceivedUser[] =>
        find('User', users, userMeets, branches, stale),
      all: (): Iterable<ReceivedUser> => users.values(),
      /** Those a client named: the company directory, as the organization knows it. */
      pushed: (): ReceivedUser[] => [...users.values()].filter((user) => user.pushed),
      peek: (id: string): ReceivedUser | undefined => users.get(id),
      /** Throws Refusal 409 `uniqueness` when the userName is held, in whatever case. */
      create(attributes: JsonObject): ReceivedUser {
        const userName = text(attributes.userName) ?? '';
        // "Found or created" (Steeple documentation): who was there by hand keeps the id they are shown under.
        const shown = [...words.username.get(fold(userName))].find((id) => users.get(id)?.pushed === false);
        refuseTakenName(userName, shown);
        return putUser(shown ?? newId(), attributes);
      },
      /** Shows it no longer, without a word to anybody: its account is shown as another user now. */
      withdraw(id: string): void {
        const user = users.get(id);
        if (user?.pushed !== false) return;
        users.delete(id);
        indexUser(user, 'drop');
      },
      /** Shows an account that was made by hand. Throws Refusal 409 as `create` does. */
      exhibit(attributes: JsonObject): ReceivedUser {
        refuseTakenName(text(attributes.userName) ?? '', undefined);
        return putUser(newId(), attributes, false);
      },
      replace(id: string, attributes: JsonObject): ReceivedUser {
        userOr404(id);
        refuseTakenName(text(attributes.userName) ?? '', id);
        return putUser(id, attributes);
      },
      remove(id: string): void {
        const user = userOr404(id);
        for (const groupId of groupsOf.get(id)) groups.get(groupId)?.members.delete(id);
        for (const groupId of [...groupsOf.get(id)]) groupsOf.drop(id, groupId);
        users.delete(id);
        indexUser(user, 'drop');
        last = { kind: 'User', id, before: user };
        changed([id]);
      },
    },
    groups: {
      get: (id: string, stale = false): ReceivedGroup => view('Group', groups, stale).get(id) ?? missing('Group', id),
      find: (branches?: readonly Branch<ReceivedGroup>[], stale = false): ReceivedGroup[] =>
        find('Group', groups, groupMeets, branches, stale),
      all: (): Iterable<ReceivedGroup> => groups.values(),
      peek: (id: string): ReceivedGroup | undefined => groups.get(id),
      /** Two groups may share a displayName (RFC 7643 §4.2 asks for no uniqueness), so a client's duplicate shows. */
      create({ displayName, externalId, members }: GroupBody): ReceivedGroup {
        const named = [...new Set(members)];
        refuseUnknownMembers(named);
        const at = now();
        const group = { id: newId(), displayName, externalId, members: new Set<string>(), created: at, modified: at };
        groups.set(group.id, group);
        indexGroup(group, 'add');
        join(group, named);
        last = { kind: 'Group', id: group.id, before: undefined, added: named, removed: [] };
        changed(named);
        return group;
      },
      /** One write: new names, and members who come and go. Who is in already, or is not in, is no change. */
      change(id: string, body: Omit<GroupBody, 'members'>, adds: Iterable<string>, removes: Iterable<string>): void {
        const group = groupOr404(id);
        const added = [...new Set(adds)].filter((member) => !group.members.has(member));
        const removed = [...new Set(removes)].filter((member) => group.members.has(member));
        refuseUnknownMembers(added);
        const shape: ReceivedGroup = { ...group };
        indexGroup(group, 'drop');
        Object.assign(group, body, { modified: now() });
        indexGroup(group, 'add');
        part(group, removed);
        join(group, added);
        last = { kind: 'Group', id, before: shape, added, removed };
        changed([...added, ...removed]);
      },
      remove(id: string): void {
        const group = groupOr404(id);
        const members = [...group.members];
        for (const parent of groupsOf.get(id)) groups.get(parent)?.members.delete(id);
        for (const parent of [...groupsOf.get(id)]) groupsOf.drop(id, parent);
        part(group, members);
        groups.delete(id);
        indexGroup(group, 'drop');
        last = { kind: 'Group', id, before: { ...group }, added: [], removed: members };
        changed(members);
      },
    },
    /** The groups that name this user or group themselves; a group inside a group is recorded and not followed. */
    groupsOf: (memberId: string): ReadonlySet<string> => groupsOf.get(memberId),
    counts: () => ({ users: [...users.values()].filter((user) => user.pushed).length, groups: groups.size }),
    save: () => ({
      users: [...users.values()],
      groups: [...groups.values()].map((group) => ({ ...group, members: [...group.members] })),
    }),
    load(saved: {
      users: readonly ReceivedUser[];
      groups: readonly (Omit<ReceivedGroup, 'members'> & { members: readonly string[] })[];
    }) {
      for (const user of saved.users) {
        users.set(user.id, user);
        indexUser(user, 'add');
      }
      for (const { members, ...rest } of saved.groups) {
        const group = { ...rest, externalId: rest.externalId, members: new Set<string>() };
        groups.set(group.id, group);
        indexGroup(group, 'add');
        join(group, members);
      }
    },
  };
}

function missing(kind: string, id: string): never {
  throw new Refusal(404, undefined, `${kind} ${id} not found`);
}
