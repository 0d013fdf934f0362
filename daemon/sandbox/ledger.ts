/**
 * What a provider believes the service holds: every write the service has acknowledged, and nothing else.
 *
 * It is kept from what was sent, never from what came back, so that `audit` can hold the service's own account of the
 * directory against it. Ids here are the service's. Real providers keep the same book (Entra caches the id it was
 * given and uses it for every later call), but only Okta ever reads a whole directory back, when it imports.
 */
import { type Answer, type Client, each, Incompatible } from './client.ts';
import { isObject, listed, type Resource } from './judge.ts';

/** An attribute the provider never sent is absent, and the audit does not look at it. */
export type ExpectedUser = Readonly<{
  id: string;
  userName: string;
  active: boolean;
  externalId?: string;
  displayName?: string;
  givenName?: string;
  familyName?: string;
  email?: string;
}>;
export type ExpectedGroup = Readonly<{
  id: string;
  displayName: string;
  externalId?: string;
  /** Ids of users and of groups, sorted. */
  members: readonly string[];
}>;
/** Users and groups in the order of their ids. */
export type Expected = Readonly<{ users: readonly ExpectedUser[]; groups: readonly ExpectedGroup[] }>;

type Book = Omit<ExpectedGroup, 'members'> & { readonly members: Set<string> };

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

export function ledger() {
  const users = new Map<string, ExpectedUser>();
  const groups = new Map<string, Book>();

  function expected(): Expected {
    return {
      users: [...users.values()].sort(byId),
      groups: [...groups.values()].map((group) => ({ ...group, members: [...group.members].sort() })).sort(byId),
    };
  }

  return {
    /** Takes the id of something new. It is used for every later call, so it must not be another's. */
    fresh({ id }: Resource, answer: Answer): string {
      if (users.has(id) || groups.has(id)) throw new Incompatible('an id no other resource has', answer);
      return id;
    },
    user: (user: ExpectedUser): void => void users.set(user.id, user),
    /** A deleted user is a member of nothing (RFC 7644 §3.6). */
    userGone(id: string): void {
      users.delete(id);
      for (const group of groups.values()) group.members.delete(id);
    },
    group(group: Omit<ExpectedGroup, 'members'>): void {
      groups.set(group.id, { ...group, members: groups.get(group.id)?.members ?? new Set() });
    },
    groupGone(id: string): void {
      groups.delete(id);
      for (const group of groups.values()) group.members.delete(id);
    },
    isMember: (group: string, member: string): boolean => groups.get(group)?.members.has(member) ?? false,
    membersOf: (group: string): ReadonlySet<string> => groups.get(group)?.members ?? new Set(),
    membersAdded(group: string, members: Iterable<string>): void {
      for (const member of members) groups.get(group)?.members.add(member);
    },
    membersRemoved(group: string, members: Iterable<string>): void {
      for (const member of members) groups.get(group)?.members.delete(member);
    },
    membersAre(group: string, members: Iterable<string>): void {
      const book = groups.get(group);
      if (book !== undefined) groups.set(group, { ...book, members: new Set(members) });
    },
    expected,

    /**
     * Reads every user and every group, page by page as Okta's import does (`count=100`, the same order on every page),
     * and compares them with the book.
     * @throws Incompatible naming the first differences.
     */
    async audit(ask: Client): Promise<Readonly<{ users: number; groups: number; memberships: number }>> {
      const [theirUsers, theirGroups] = [await everything(ask, 'User'), await everything(ask, 'Group')];
      const wrong = [
        ...missing('user', users, theirUsers),
        ...missing('group', groups, theirGroups),
        ...theirUsers.values().flatMap((theirs) => userFaults(users.get(theirs.id), theirs)),
        ...theirGroups.values().flatMap((theirs) => groupFaults(groups.get(theirs.id), theirs)),
      ];
      if (wrong.length > 0) {
        const first = wrong.slice(0, 10).map((line) => `\n  ${line}`);
        throw new Incompatible(
          `the service's directory differs from what it acknowledged in ${wrong.length} ways:${first.join('')}`,
        );
      }
      const memberships = [...groups.values()].reduce((sum, { members }) => sum + members.size, 0);
      return { users: users.size, groups: groups.size, memberships };
    },
  };
}
export type Ledger = ReturnType<typeof ledger>;

const pageSize = 100;

async function everything(ask: Client, kind: 'User' | 'Group'): Promise<Map<string, Resource>> {
  const seen = new Map<string, Resource>();
  const page = async (startIndex: number) => {
    const query = `startIndex=${startIndex}&count=${pageSize}`;
    const answer = await ask.get(`${kind.toLowerCase()}.import`, `/${kind}s`, query);
    const list = listed(answer, kind);
    if (list.startIndex !== startIndex || list.resources.length > pageSize) {
      throw new Incompatible(`at most ${pageSize} ${kind}s, from number ${startIndex} on`, answer);
    }
    for (const resource of list.resources) {
      if (seen.has(resource.id)) throw new Incompatible(`pages in one order; ${resource.id} is on two of them`, answer);
      seen.set(resource.id, resource);
    }
    return list.total;
  };
  const total = await page(1);
  const starts = Array.from({ length: Math.max(0, Math.ceil(total / pageSize) - 1) }, (_, n) => (n + 1) * pageSize + 1);
  await each(starts, 1, async (start) => void (await page(start)));
  if (seen.size !== total)
    throw new Incompatible(`${total} ${kind}s, as totalResults says, but the pages hold ${seen.size}`);
  return seen;
}

const missing = (noun: string, ours: ReadonlyMap<string, unknown>, theirs: ReadonlyMap<string, unknown>): string[] =>
  [...ours.keys()].filter((id) => !theirs.has(id)).map((id) => `${noun} ${id} is missing`);

function userFaults(ours: ExpectedUser | undefined, theirs: Resource): string[] {
  if (ours === undefined) return [`user ${theirs.id} (${String(theirs.userName)}) was never sent, or was deleted`];
  const name = isObject(theirs.name) ? theirs.name : {};
  const emails = Array.isArray(theirs.emails) ? theirs.emails.filter(isObject) : [];
  const email = emails.find(({ type }) => type === 'work')?.value;
  const { givenName, familyName } = name;
  const { userName, active, externalId, displayName } = theirs;
  const back = { id: ours.id, userName, active, externalId, displayName, givenName, familyName, email };
  return Object.entries(ours).flatMap(([key, value]) => {
    const seen = back[key as keyof ExpectedUser];
    return seen === value
      ? []
      : [`user ${ours.userName}: ${key} is ${JSON.stringify(seen)}, not ${JSON.stringify(value)}`];
  });
}

function groupFaults(ours: Book | undefined, theirs: Resource): string[] {
  if (ours === undefined) return [`group ${theirs.id} (${String(theirs.displayName)}) was never sent, or was deleted`];
  const back = (Array.isArray(theirs.members) ? theirs.members : []).filter(isObject).map(({ value }) => value);
  const held = new Set(back);
  const says = (wrong: string): string => `group ${ours.displayName}: ${wrong}`;
  return [
    ...(theirs.displayName === ours.displayName ? [] : [says(`displayName is ${JSON.stringify(theirs.displayName)}`)]),
    ...(ours.externalId === undefined || theirs.externalId === ours.externalId ? [] : [says('externalId differs')]),
    ...(held.size === back.length ? [] : [says('a member is listed twice')]),
    ...[...ours.members].filter((id) => !held.has(id)).map((id) => says(`member ${id} is missing`)),
    ...[...held]
      .filter((id) => typeof id !== 'string' || !ours.members.has(id))
      .map((id) => says(`${String(id)} is no member`)),
  ];
}
