/**
 * Okta as a SCIM client, in its two flavours: the template app of the integration network, which activates and changes
 * memberships by PATCH, and an app made by the integration wizard, which only knows PUT.
 *
 * Changes are pushed as they are made, so every edit here is a promise that ends when the service has answered. It
 * matches by userName, creates with a random password, updates by reading a user, changing fields and putting the whole
 * object back, and never deletes a user. Groups are grouppush.ts; they hold people only, so a nested one is pushed as
 * the people in it. Source: Okta documentation ("SCIM 2.0 Protocol Reference", "Understanding SCIM").
 *
 * Whatever comes back is judged (judge.ts) and compared with what was acknowledged before (ledger.ts). A push that threw
 * is not repeated by itself: Okta leaves a task for an administrator, and calling again is what that administrator does.
 */
import { randomBytes } from 'node:crypto';
import { type JsonObject, urn } from '../contract/scim.ts';
import { type Connection, client, each, Incompatible, type Patience, userPath } from './client.ts';
import { groupPush, matching, type PushedGroup, type Reference } from './grouppush.ts';
import { created, echoes, found, isObject, listed, matched, patched } from './judge.ts';
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

/**
 * Only 429, at most ten times. `Retry-After` counts when it is whole seconds; a date, or none, means five minutes,
 * doubled each time (Okta documentation). Anything else waits as a task for an administrator, so here it throws.
 */
const patience: Patience = ({ status, headers }, attempt) => {
  if (status !== 429 || attempt >= 10) return undefined;
  const after = headers['retry-after'] ?? '';
  return /^\d+$/.test(after) ? Number(after) * 1000 : 300_000 * 2 ** (attempt - 1);
};

/** A user's id at Okta: twenty letters and digits, beginning with 00u. */
const oktaId = (guid: string): string => `00u${guid.replaceAll('-', '').slice(0, 17)}`;

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

  /** Assigned, active, and linked already. */
  const pushable = (ids: Iterable<string>): readonly Reference[] =>
    [...ids].flatMap((id) => {
      const { active, assigned, link, person } = account(id);
      return active && assigned && link !== undefined ? [{ value: link, display: person.userName }] : [];
    });
  const push = groupPush({ http, book, flavour, membersPerPatch, pushable });

  // People

  const profileOf = ({ id, userName, givenName, familyName, displayName, email, locale }: Person): JsonObject => ({
    userName,
    ...(givenName !== undefined && familyName !== undefined && { name: { givenName, familyName } }),
    ...(email !== undefined && { emails: [{ primary: true, value: email, type: 'work' }] }),
    displayName,
    locale,
    externalId: oktaId(id),
  });

  function acknowledge(one: Account, id: string, sent: JsonObject): void {
    one.link = id;
    one.sent = { ...one.sent, ...sent };
    const { userName, displayName, givenName, familyName, email } = one.person;
    book.user({
      id,
      userName,
      active: one.sent.active === true,
      externalId: oktaId(one.person.id),
      displayName,
      ...(givenName !== undefined && { givenName }),
      ...(familyName !== undefined && { familyName }),
      ...(email !== undefined && { email }),
    });
  }

  async function createUser(one: Account): Promise<void> {
    const profile = { ...profileOf(one.person), active: true };
    // The password is random, sent even where password sync is off, and nobody ever signs in with it.
    const password = randomBytes(12).toString('base64url');
    const body = { schemas: [urn.user], ...profile, groups: [], password };
    const answer = await http.post('user.create', '/Users', body);
    const user = created(answer, 'User', body);
    if ('password' in user) throw new Incompatible('no password: it is never returned (RFC 7643 §4.1.1)', answer);
    acknowledge(one, book.fresh(user, answer), profile);
  }

  /** Read, change some fields, put the whole object back with its id, meta and groups. */
  async function putUser(one: Account, id: string, changes: JsonObject): Promise<void> {
    const answer = await http.get('user.read', userPath(id));
    const seen = found(answer, 'User', id);
    echoes(answer, one.sent, seen);
    const name = { ...(isObject(seen.name) && seen.name), ...(isObject(changes.name) && changes.name) };
    const body = { ...seen, ...changes, ...(Object.keys(name).length > 0 && { name }) };
    const reply = await http.put('user.update', userPath(id), body);
    echoes(reply, body, found(reply, 'User', id));
    acknowledge(one, id, changes);
  }

  async function putActive(one: Account, id: string, active: boolean): Promise<void> {
    if (flavour === 'wizard') return putUser(one, id, { active });
    const body = { schemas: [urn.patch], Operations: [{ op: 'replace', value: { active } }] };
    const reply = await http.patch('user.active', userPath(id), body);
    const after = patched(reply, 'User', id);
    if (after !== undefined) echoes(reply, { active }, after);
    acknowledge(one, id, { active });
  }

  /** What happens when somebody is assigned to the app, for the first time or again. */
  async function provision(one: Account): Promise<void> {
    if (!one.active || !one.assigned) return;
    const { userName } = one.person;
    const answer = await http.get('user.match', '/Users', matching('userName', userName));
    // An empty list and 404 both mean absent (Okta documentation).
    const hit = answer.status === 404 ? undefined : matched(answer, 'User', 'userName', userName);
    if (hit === undefined) return createUser(one);
    if (one.link !== hit.id) one.sent = {};
    const asleep = hit.active !== true;
    await putUser(one, hit.id, { ...profileOf(one.person), ...(asleep && flavour === 'wizard' && { active: true }) });
    if (asleep && flavour === 'template') await putActive(one, hit.id, true);
    acknowledge(one, hit.id, { active: true });
  }

  async function leave(one: Account): Promise<void> {
    if (one.link !== undefined && one.sent.active === true) await putActive(one, one.link, false);
  }

  async function update(id: string, changes: Partial<Omit<Person, 'id' | 'active'>>): Promise<void> {
    const one = account(id);
    one.person = { ...one.person, ...changes };
    if (one.link !== undefined && one.assigned && one.active) await putUser(one, one.link, profileOf(one.person));
  }

  async function changeMembers(id: string, joiners: readonly string[], leavers: readonly string[]): Promise<void> {
    const one = group(id);
    const joining = joiners.filter((person) => !one.members.has(account(person).person.id));
    const leaving = leavers.filter((person) => one.members.delete(person));
    for (const person of joining) one.members.add(person);
    await push.pushMembers(one, pushable(joining), pushable(leaving));
  }

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

  async function all<T extends { readonly link: string | undefined }>(
    phase: Push['phase'],
    items: Iterable<T>,
    work: (item: T) => Promise<void>,
    tell: (push: Push) => void = () => undefined,
  ) {
    const line = [...items].filter(({ link }) => link === undefined);
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
        const answer = await http.get('test', `/${kind}s`, query);
        if (listed(answer, kind).resources.length > (kind === 'User' ? 2 : 100)) {
          throw new Incompatible('no more than were asked for', answer);
        }
      }
    },
    /** Assigns everybody who is active and not linked yet. */
    assignEveryone: (onProgress?: (push: Push) => void): Promise<void> =>
      all('users', accounts.values(), provision, onProgress),
    /** Pushes every group not linked yet. People must have been assigned before. */
    pushGroups: (onProgress?: (push: Push) => void): Promise<void> =>
      all('groups', groups.values(), push.pushGroup, onProgress),

    addUser: (person: Person): Promise<void> => provision(enrol(person)),
    updateUser: update,
    renameUser: (id: string, userName: string): Promise<void> => update(id, { userName }),
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
      for (const pushed of groups.values()) {
        const missing = pushed.members.has(id) && pushed.link !== undefined && !book.isMember(pushed.link, one.link!);
        if (missing) await push.pushMembers(pushed, pushable([id]), []);
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

    addMembers: (id: string, people: readonly string[]): Promise<void> => changeMembers(id, people, []),
    removeMembers: (id: string, people: readonly string[]): Promise<void> => changeMembers(id, [], people),
    /** Both in one PATCH. */
    changeMembers: (
      id: string,
      change: Readonly<{ add: readonly string[]; remove: readonly string[] }>,
    ): Promise<void> => changeMembers(id, change.add, change.remove),
    pushWholeGroup: (id: string): Promise<void> => push.pushWhole(group(id)),
    renameGroup(id: string, displayName: string): Promise<void> {
      group(id).displayName = displayName;
      return push.pushName(group(id));
    },
    /** No longer pushed; deleted at the service, or left there, as the administrator chooses. */
    async unlinkGroup(id: string, { deleteInTarget }: Readonly<{ deleteInTarget: boolean }>): Promise<void> {
      const { link } = group(id);
      if (link !== undefined && deleteInTarget) await push.deleteGroup(link);
      groups.delete(id);
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
