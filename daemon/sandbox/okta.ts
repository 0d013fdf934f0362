/**
 * Okta as a SCIM client, in its two flavours: the template app of the integration network, which activates and changes
 * memberships by PATCH, and an app made by the integration wizard, which only knows PUT.
 *
 * Changes are pushed as they are made, so every edit here is a promise that ends when the service has answered. It
 * matches by userName, creates with a random password, updates by reading a user, changing fields and putting the whole
 * object back, never deletes a user, and sends a group's id and name along with every change of its members. Groups
 * hold people only: a nested one is pushed as the people in it. Source: Okta documentation ("SCIM 2.0 Protocol
 * Reference", "Understanding SCIM").
 *
 * Whatever comes back is judged (judge.ts) and compared with what was acknowledged before (ledger.ts).
 */
import { randomBytes } from 'node:crypto';
import { type JsonObject, urn } from '../contract/scim.ts';
import { type Answer, type Connection, client, each, Incompatible, type Patience } from './client.ts';
import { created, echoes, found, gone, isObject, listed, matched, patched, type Resource } from './judge.ts';
import { type Expected, ledger } from './ledger.ts';
import type { Company, Person } from './people.ts';

export type Push = Readonly<{ phase: 'users' | 'groups'; done: number; total: number }>;

type Options = Connection &
  Readonly<{
    directory: Pick<Company, 'people' | 'groups'>;
    flavour: 'template' | 'wizard';
    /** `bare`: the token alone, as the "Header" authentication mode sends it. */
    header?: 'bearer' | 'bare';
    /** Set for each app between 100 and 1000 (Okta documentation); smaller in tests. */
    membersPerPatch?: number;
  }>;

type Account = {
  person: Person;
  /** Deactivated, staged and suspended people are not pushed. */
  active: boolean;
  assigned: boolean;
  link: string | undefined;
  /** What the service acknowledged. */
  sent: JsonObject;
};
type PushedGroup = { displayName: string; readonly members: Set<string>; link: string | undefined };

/**
 * Only 429, at most ten times. `Retry-After` counts when it is whole seconds; a date, or none, means five minutes,
 * doubled each time (Okta documentation). Anything else waits as a task for an administrator, so here it throws.
 */
const patience: Patience = ({ status, headers }, attempt) => {
  if (status !== 429 || attempt >= 10) return undefined;
  const after = headers['retry-after'] ?? '';
  return /^\d+$/.test(after) ? Number(after) * 1000 : 300_000 * 2 ** (attempt - 1);
};

/** Okta's ids: twenty letters and digits, the first three saying what it is. */
const oktaId = (prefix: '00u' | '00g', guid: string): string => prefix + guid.replaceAll('-', '').slice(0, 17);

export function okta(options: Options) {
  const { secretToken, directory, flavour, membersPerPatch = 100, concurrency = 4 } = options;
  const http = client({
    ...options,
    headers: {
      'User-Agent': 'Okta SCIM Client 1.0.0',
      Authorization: options.header === 'bare' ? secretToken : `Bearer ${secretToken}`,
      Accept: 'application/scim+json',
      'Accept-Charset': 'utf-8',
      'Accept-Encoding': 'gzip,deflate',
      'Content-Type': 'application/scim+json; charset=utf-8',
    },
    patience,
  });
  const book = ledger();
  const accounts = new Map<string, Account>();
  const groups = new Map<string, PushedGroup>();

  const account = (id: string): Account => accounts.get(id) ?? refuse(`nobody has the id ${id}`);
  const group = (id: string): PushedGroup => groups.get(id) ?? refuse(`no group has the id ${id}`);
  const userPath = (id: string): string => `/Users/${encodeURIComponent(id)}`;
  const groupPath = (id: string): string => `/Groups/${encodeURIComponent(id)}`;

  const get = (kind: string, path: string, query?: string): Promise<Answer> =>
    http.send({ kind, method: 'GET', path, ...(query !== undefined && { query }) });
  const send = (kind: string, method: 'POST' | 'PUT' | 'PATCH', path: string, body: JsonObject): Promise<Answer> =>
    http.send({ kind, method, path, body });
  const match = (kind: string, path: string, attribute: string, value: string): Promise<Answer> =>
    get(kind, path, `filter=${encodeURIComponent(`${attribute} eq "${value}"`)}&startIndex=1&count=100`);
  const operations = (...Operations: JsonObject[]): JsonObject => ({ schemas: [urn.patch], Operations });

  // Users

  const profileOf = ({ id, userName, givenName, familyName, displayName, email, locale }: Person): JsonObject => ({
    userName,
    ...(givenName !== undefined && familyName !== undefined && { name: { givenName, familyName } }),
    ...(email !== undefined && { emails: [{ primary: true, value: email, type: 'work' }] }),
    displayName,
    locale: locale.replace('_', '-'),
    externalId: oktaId('00u', id),
  });

  function acknowledge(one: Account, id: string, sent: JsonObject): void {
    one.link = id;
    one.sent = { ...one.sent, ...sent };
    const { userName, displayName, givenName, familyName, email } = one.person;
    book.user({
      id,
      userName,
      active: one.sent.active === true,
      externalId: oktaId('00u', one.person.id),
      displayName,
      ...(givenName !== undefined && { givenName }),
      ...(familyName !== undefined && { familyName }),
      ...(email !== undefined && { email }),
    });
  }

  function fresh({ id }: Resource, answer: Answer): string {
    if (book.has(id)) throw new Incompatible('an id no other resource has', answer);
    return id;
  }

  async function createUser(one: Account): Promise<void> {
    const profile = { ...profileOf(one.person), active: true };
    // The password is random, sent even where password sync is off, and nobody ever signs in with it.
    const password = randomBytes(12).toString('base64url');
    const body = { schemas: [urn.user], ...profile, groups: [], password };
    const answer = await send('user.create', 'POST', '/Users', body);
    const user = created(answer, 'User', body);
    if ('password' in user) throw new Incompatible('no password: it is never returned (RFC 7643 §4.1.1)', answer);
    acknowledge(one, fresh(user, answer), profile);
  }

  /** Read, change some fields, put the whole object back with its id, meta and groups. */
  async function putUser(one: Account, id: string, changes: JsonObject): Promise<void> {
    const answer = await get('user.read', userPath(id));
    const seen = found(answer, 'User', id);
    echoes(answer, one.sent, seen);
    const name = { ...(isObject(seen.name) && seen.name), ...(isObject(changes.name) && changes.name) };
    const body = { ...seen, ...changes, ...(Object.keys(name).length > 0 && { name }) };
    const reply = await send('user.update', 'PUT', userPath(id), body);
    echoes(reply, body, found(reply, 'User', id));
    acknowledge(one, id, changes);
  }

  async function putActive(one: Account, id: string, active: boolean): Promise<void> {
    if (flavour === 'wizard') return putUser(one, id, { active });
    const body = operations({ op: 'replace', value: { active } });
    const reply = await send('user.active', 'PATCH', userPath(id), body);
    const after = patched(reply, 'User', id);
    if (after !== undefined) echoes(reply, { active }, after);
    acknowledge(one, id, { active });
  }

  /** What happens when somebody is assigned to the app, for the first time or again. */
  async function provision(one: Account): Promise<void> {
    if (!one.active || !one.assigned) return;
    const { userName } = one.person;
    const answer = await match('user.match', '/Users', 'userName', userName);
    // An empty list and 404 both mean absent (Okta documentation).
    const hit = answer.status === 404 ? undefined : matched(answer, 'User', 'userName', userName);
    if (hit === undefined) return createUser(one);
    if (one.link !== hit.id) one.sent = {};
    await putUser(one, hit.id, profileOf(one.person));
    if (hit.active !== true) await putActive(one, hit.id, true);
    acknowledge(one, hit.id, { active: true });
  }

  async function leave(one: Account): Promise<void> {
    if (one.link !== undefined && one.sent.active === true) await putActive(one, one.link, false);
  }

  // Groups

  /** Whom Okta can push: assigned, active, and linked already. */
  const pushable = (ids: Iterable<string>): Account[] =>
    [...ids].map(account).filter(({ active, assigned, link }) => active && assigned && link !== undefined);
  const references = (people: readonly Account[]): JsonObject[] =>
    people.map(({ link, person }) => ({ value: link!, display: person.userName }));
  const links = (people: readonly Account[]): string[] => people.map(({ link }) => link!);

  async function pushGroup(one: PushedGroup): Promise<void> {
    const answer = await match('group.match', '/Groups', 'displayName', one.displayName);
    const hit = answer.status === 404 ? undefined : matched(answer, 'Group', 'displayName', one.displayName);
    if (hit !== undefined) {
      one.link = hit.id;
      book.group({ id: hit.id, displayName: hit.displayName as string });
      return pushWhole(one, hit.id);
    }
    const body = { schemas: [urn.group], displayName: one.displayName, members: [] };
    const reply = await send('group.create', 'POST', '/Groups', body);
    one.link = fresh(created(reply, 'Group', body), reply);
    book.group({ id: one.link, displayName: one.displayName });
    await pushMembers(one, pushable(one.members), []);
  }

  /** Sent right after the create and with every membership update; the `id` in it is Okta's doing. */
  const naming = (id: string, displayName: string): JsonObject => ({ op: 'replace', value: { id, displayName } });

  async function patchGroup(id: string, displayName: string, ...changes: JsonObject[]): Promise<void> {
    const body = operations(naming(id, displayName), ...changes);
    const reply = await send('group.members', 'PATCH', groupPath(id), body);
    const after = patched(reply, 'Group', id);
    if (after !== undefined) echoes(reply, { displayName }, after);
    book.group({ id, displayName });
  }

  async function pushMembers(
    one: PushedGroup,
    joining: readonly Account[],
    leaving: readonly Account[],
  ): Promise<void> {
    const { link: id, displayName } = one;
    if (id === undefined) return;
    if (flavour === 'wizard') return putGroup(one, id);
    const size = Math.max(1, membersPerPatch);
    const batches = Math.max(1, Math.ceil(Math.max(joining.length, leaving.length) / size));
    for (let batch = 0; batch < batches; batch += 1) {
      const [out, into] = [leaving, joining].map((people) => people.slice(batch * size, (batch + 1) * size));
      const removals = links(out!).map((link) => ({ op: 'remove', path: `members[value eq "${link}"]` }));
      const additions = into!.length > 0 ? [{ op: 'add', path: 'members', value: references(into!) }] : [];
      await patchGroup(id, displayName, ...removals, ...additions);
      book.membersRemoved(id, links(out!));
      book.membersAdded(id, links(into!));
    }
  }

  /** The full push an administrator can ask for. */
  async function pushWhole(one: PushedGroup, id: string): Promise<void> {
    if (flavour === 'wizard') return putGroup(one, id);
    const people = pushable(one.members);
    await patchGroup(id, one.displayName, { op: 'replace', path: 'members', value: references(people) });
    book.membersAre(id, links(people));
  }

  async function putGroup(one: PushedGroup, id: string): Promise<void> {
    const answer = await get('group.read', groupPath(id));
    const seen = found(answer, 'Group', id);
    const people = pushable(one.members);
    sameMembers(answer, seen, book.membersOf(id));
    const body = { schemas: [urn.group], id, displayName: one.displayName, members: references(people) };
    const reply = await send('group.update', 'PUT', groupPath(id), body);
    echoes(reply, { displayName: one.displayName }, found(reply, 'Group', id));
    book.group({ id, displayName: one.displayName });
    book.membersAre(id, links(people));
  }

  /** A group that was matched, not made here, may hold anybody; ours holds whom we put there. */
  function sameMembers(answer: Answer, seen: Resource, ours: ReadonlySet<string>): void {
    const back = (Array.isArray(seen.members) ? seen.members : []).filter(isObject).map(({ value }) => value);
    const lost = [...ours].filter((id) => !back.includes(id));
    if (lost.length > 0)
      throw new Incompatible(`the members it acknowledged; ${lost.length} are missing, first ${lost[0]}`, answer);
  }

  const groupsOf = (id: string): PushedGroup[] => [...groups.values()].filter(({ members }) => members.has(id));

  // The directory

  function enrol(person: Person): Account {
    const one: Account = { person, active: person.active, assigned: true, link: undefined, sent: {} };
    accounts.set(person.id, one);
    return one;
  }
  function unfold(id: string, seen = new Set<string>()): string[] {
    const here = directory.groups.find((candidate) => candidate.id === id);
    if (here === undefined || seen.has(id)) return [];
    seen.add(id);
    return [...here.people, ...here.groups.flatMap((child) => unfold(child, seen))];
  }
  for (const person of directory.people) enrol(person);
  for (const { id, displayName } of directory.groups) {
    groups.set(id, { displayName, members: new Set(unfold(id)), link: undefined });
  }

  async function all<T>(
    phase: Push['phase'],
    items: Iterable<T>,
    work: (item: T) => Promise<void>,
    tell: (push: Push) => void,
  ) {
    const line = [...items];
    let done = 0;
    await each(line, concurrency, async (item) => {
      await work(item);
      done += 1;
      tell({ phase, done, total: line.length });
    });
  }

  return {
    /** "Test API Credentials": two users, and the groups. */
    async testCredentials(): Promise<void> {
      for (const [kind, query] of [
        ['User', 'startIndex=1&count=2'],
        ['Group', 'startIndex=1&count=100'],
      ] as const) {
        const answer = await get('test', `/${kind}s`, query);
        if (listed(answer, kind).resources.length > (kind === 'User' ? 2 : 100)) {
          throw new Incompatible('no more than were asked for', answer);
        }
      }
    },
    /** Assigns everybody who is active and not linked yet. */
    assignEveryone: (onProgress: (push: Push) => void = () => undefined): Promise<void> =>
      all(
        'users',
        accounts.values().filter(({ link }) => link === undefined),
        provision,
        onProgress,
      ),
    /** Pushes every group not linked yet. People must have been assigned before. */
    pushGroups: (onProgress: (push: Push) => void = () => undefined): Promise<void> =>
      all(
        'groups',
        groups.values().filter(({ link }) => link === undefined),
        pushGroup,
        onProgress,
      ),

    addUser: (person: Person): Promise<void> => provision(enrol(person)),
    async updateUser(id: string, changes: Partial<Omit<Person, 'id' | 'active'>>): Promise<void> {
      const one = account(id);
      one.person = { ...one.person, ...changes };
      if (one.link !== undefined && one.assigned && one.active) await putUser(one, one.link, profileOf(one.person));
    },
    renameUser(id: string, userName: string): Promise<void> {
      return this.updateUser(id, { userName });
    },
    /** Deactivated in Okta: `active` false. Memberships stay as they are. */
    async deactivateUser(id: string): Promise<void> {
      const one = account(id);
      one.active = false;
      await leave(one);
    },
    /** Active again, and put back into the groups a full push took them out of meanwhile. */
    async reactivateUser(id: string): Promise<void> {
      const one = account(id);
      one.active = true;
      await provision(one);
      for (const pushed of groupsOf(id)) {
        if (pushed.link !== undefined && !book.isMember(pushed.link, one.link!)) await pushMembers(pushed, [one], []);
      }
    },
    /** Taken off the app: `active` false. */
    async unassign(id: string): Promise<void> {
      const one = account(id);
      await leave(one);
      one.assigned = false;
    },
    async assign(id: string): Promise<void> {
      account(id).assigned = true;
      await provision(account(id));
    },
    /** Deleted in Okta, which is only possible once deactivated: nothing is sent. */
    deleteUser(id: string): void {
      if (account(id).active) refuse('deactivate a user before deleting it');
      accounts.delete(id);
      for (const { members } of groups.values()) members.delete(id);
    },

    async addMembers(id: string, people: readonly string[]): Promise<void> {
      const one = group(id);
      const joining = people.filter((person) => !one.members.has(account(person).person.id));
      for (const person of joining) one.members.add(person);
      await pushMembers(one, pushable(joining), []);
    },
    async removeMembers(id: string, people: readonly string[]): Promise<void> {
      const one = group(id);
      const leaving = people.filter((person) => one.members.delete(person));
      await pushMembers(one, [], pushable(leaving));
    },
    /** Both at once, in one PATCH. */
    async changeMembers(
      id: string,
      change: Readonly<{ add: readonly string[]; remove: readonly string[] }>,
    ): Promise<void> {
      const one = group(id);
      const joining = change.add.filter((person) => !one.members.has(account(person).person.id));
      const leaving = change.remove.filter((person) => one.members.delete(person));
      for (const person of joining) one.members.add(person);
      await pushMembers(one, pushable(joining), pushable(leaving));
    },
    async pushWholeGroup(id: string): Promise<void> {
      const one = group(id);
      if (one.link !== undefined) await pushWhole(one, one.link);
    },
    async renameGroup(id: string, displayName: string): Promise<void> {
      const one = group(id);
      one.displayName = displayName;
      if (one.link === undefined) return;
      if (flavour === 'wizard') await putGroup(one, one.link);
      else await patchGroup(one.link, displayName);
    },
    /** No longer pushed; deleted at the service, or left there, as the administrator chooses. */
    async unlinkGroup(id: string, { deleteInTarget }: Readonly<{ deleteInTarget: boolean }>): Promise<void> {
      const { link } = group(id);
      groups.delete(id);
      if (link === undefined || !deleteInTarget) return;
      gone(await http.send({ kind: 'group.delete', method: 'DELETE', path: groupPath(link) }));
      book.groupGone(link);
    },

    /** Import: reads every user and group, page by page, and compares them with `expected()`. */
    importAll: () => book.audit(http),
    linkOf: (id: string): string | undefined => accounts.get(id)?.link ?? groups.get(id)?.link,
    /** What the service's directory must hold: every write it acknowledged. */
    expected: (): Expected => book.expected(),
    /** Requests sent so far, by kind. */
    counts: http.counts,
    close: http.close,
  };
}
export type Okta = ReturnType<typeof okta>;

function refuse(why: string): never {
  throw new RangeError(`the Okta sandbox: ${why}`);
}
