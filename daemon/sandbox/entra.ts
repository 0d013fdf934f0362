/**
 * Microsoft Entra ID as a SCIM client: a tenant of its own (tenant.ts), and the provisioning job that pushes it.
 *
 * Edits only change the directory; `initialCycle` and `incrementalCycle` push what is owed, as the job does about every
 * 40 minutes: users, then groups (created empty), then references (managers, members). It looks before it writes,
 * matches users by userName and groups by displayName, reads before it changes, disables by a PATCH of `active`, deletes
 * only what was deleted for good, never uses PUT and never reads a membership back. Source: Entra documentation
 * ("Develop and plan provisioning for a SCIM endpoint", "How provisioning works"). Wording is in dialect.ts, the phase of
 * references in references.ts.
 *
 * Whatever comes back is judged (judge.ts), and compared with what was acknowledged before (ledger.ts): it throws
 * `Incompatible` where the real job would log a failure and come back hours later. A cycle that threw can be run again;
 * what was acknowledged is not sent twice.
 */
import { randomUUID } from 'node:crypto';
import { type ResourceKind, urn } from '../contract/scim.ts';
import {
  type Answer,
  type Connection,
  client,
  each,
  groupPath,
  Incompatible,
  type Patience,
  userPath,
} from './client.ts';
import { ask, type Change, type Dialect, setting } from './dialect.ts';
import { created, echoes, found, gone, listed, matched, patched, type Resource } from './judge.ts';
import { type Expected, ledger } from './ledger.ts';
import type { Company } from './people.ts';
import { at, entryOf, newUser, type Profile, profileOf } from './profile.ts';
import { references } from './references.ts';
import { type Account, type Team, tenant } from './tenant.ts';

export type Progress = Readonly<{ phase: 'users' | 'groups' | 'references'; done: number; total: number }>;

type Options = Connection &
  Readonly<{
    /** What the tenant holds to begin with, all of it assigned to the application. */
    directory: Pick<Company, 'people' | 'groups'>;
    /** By default what the flag in the tenant URL asks for. */
    dialect?: Dialect;
    /** Tried one after another, as matching precedence does. */
    matching?: readonly ('userName' | 'externalId')[];
    /** Member changes in one PATCH. Entra's own number is not published. */
    membersPerPatch?: number;
    /** Read a user back after each PATCH, which the real job does not do. */
    readBack?: boolean;
  }>;

/** 429, and 503 that names a time, are waited out; only the failed call is repeated (Entra documentation). */
const patience: Patience = ({ status, headers }, attempt) => {
  const after = headers['retry-after'];
  if (attempt >= 10 || !(status === 429 || (status === 503 && after !== undefined))) return undefined;
  if (after === undefined) return Math.min(60_000, 1000 * 2 ** attempt);
  const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 1000;
};

export function entra(options: Options) {
  const { tenantUrl, secretToken, matching = ['userName'], membersPerPatch = 100, concurrency = 4 } = options;
  const flagged = /[?&]aadOptscim062020\b/i.test(tenantUrl);
  const dialect = options.dialect ?? (flagged ? 'aadOptscim062020' : 'default');
  const headers = { Authorization: `Bearer ${secretToken}`, Accept: 'application/scim+json' };
  const http = client({ ...options, headers, patience });
  const { owed, account, team, edits, oweAll, forget, linkOf } = tenant(options.directory);
  const book = ledger();

  /** Something that cannot exist is asked for at the start of any activity: the answer must be an empty list. */
  async function probe(kind: ResourceKind): Promise<void> {
    const filter = `${kind === 'User' ? 'userName' : 'displayName'} eq "${randomUUID()}"`;
    const query = kind === 'User' ? { filter } : { excludedAttributes: 'members', filter };
    const answer = await http.get('test', `/${kind}s`, ask(query));
    if (listed(answer, kind).total !== 0) throw new Incompatible('an empty list: nothing has that name', answer);
  }

  // Users

  const wanted = ({ person, assigned, state }: Account): Profile => profileOf(person, assigned && state === 'enabled');

  function acknowledge(one: Account, id: string, profile: Profile): void {
    one.link = id;
    for (const [path, value] of profile) one.acknowledged.set(path, value);
    book.user(entryOf(id, one.acknowledged));
  }

  function compare(resource: Resource, answer: Answer, profile: Profile): void {
    for (const [path, value] of profile) {
      const seen = at(resource, path);
      if (seen === value) continue;
      const should = `${path} to be ${JSON.stringify(value)}, as it was sent`;
      throw new Incompatible(`${should}; it is ${JSON.stringify(seen)}`, answer);
    }
  }

  async function match({ person }: Account): Promise<Resource | undefined> {
    for (const attribute of matching) {
      const value = attribute === 'userName' ? person.userName : person.id;
      const answer = await http.get('user.match', '/Users', ask({ filter: `${attribute} eq "${value}"` }));
      const hit = matched(answer, 'User', attribute, value);
      if (hit !== undefined) return hit;
    }
    return undefined;
  }

  /** @returns false when another resource holds the name (409). */
  async function createUser(one: Account): Promise<boolean> {
    const manager = linkOf(one.person.managerId ?? '');
    const body = newUser(one.person, one.state === 'enabled', manager);
    const answer = await http.post('user.create', '/Users', body);
    if (answer.status === 409) return false;
    acknowledge(one, book.fresh(created(answer, 'User', body), answer), wanted(one));
    one.manager = manager;
    return true;
  }

  /** GET, then a PATCH of the differences alone. @returns false on 409. */
  async function updateUser(one: Account, id: string): Promise<boolean> {
    const answer = await http.get('user.read', userPath(id));
    const seen = found(answer, 'User', id);
    compare(seen, answer, one.acknowledged);
    const profile = wanted(one);
    const changes = [...profile].flatMap(([path, value]): Change[] => {
      const now = at(seen, path);
      return now === value ? [] : [{ path, value, had: now !== undefined && now !== null }];
    });
    if (changes.length > 0) {
      const reply = await http.patch('user.update', userPath(id), setting(dialect, changes));
      if (reply.status === 409) return false;
      const after = patched(reply, 'User', id);
      if (after !== undefined) compare(after, reply, profile);
      await readBack(id, profile);
    }
    acknowledge(one, id, profile);
    return true;
  }

  async function readBack(id: string, profile: Profile): Promise<void> {
    if (options.readBack !== true) return;
    const answer = await http.get('user.readBack', userPath(id));
    compare(found(answer, 'User', id), answer, profile);
  }

  /** @returns false on 409: the object is tried again later. */
  async function provisionUser(one: Account): Promise<boolean> {
    if (one.state === 'purged') {
      // What was unassigned is no longer managed, so its deletion sends nothing.
      if (one.link !== undefined) {
        gone(await http.delete('user.delete', userPath(one.link)));
        book.userGone(one.link);
      }
      forget(one.person.id);
      return true;
    }
    if (one.link === undefined) {
      if (!one.assigned) return true;
      const hit = await match(one);
      if (hit === undefined) return createUser(one);
      one.link = hit.id;
      one.acknowledged.clear();
    }
    const done = await updateUser(one, one.link);
    if (done && !one.assigned) one.link = undefined;
    return done;
  }

  // Groups

  async function provisionGroup(one: Team): Promise<void> {
    if (one.deleted) {
      if (one.link !== undefined) {
        gone(await http.delete('group.delete', groupPath(one.link)));
        book.groupGone(one.link);
      }
      forget(one.id);
      return;
    }
    const profile = { displayName: one.displayName, externalId: one.id };
    if (one.link === undefined) {
      const query = { excludedAttributes: 'members', filter: `displayName eq "${one.displayName}"` };
      const answer = await http.get('group.match', '/Groups', ask(query));
      const hit = matched(answer, 'Group', 'displayName', one.displayName);
      one.link = hit === undefined ? await createGroup(profile) : withoutMembers(hit, answer).id;
      if (hit === undefined) return book.group({ id: one.link, ...profile });
    }
    const seen = await readGroup(one.link);
    const changes = Object.entries(profile).flatMap(([path, value]): Change[] =>
      seen[path] === value ? [] : [{ path, value, had: seen[path] !== undefined && seen[path] !== null }],
    );
    if (changes.length > 0) {
      const reply = await http.patch('group.update', groupPath(one.link), setting(dialect, changes));
      const after = patched(reply, 'Group', one.link);
      if (after !== undefined) echoes(reply, profile, after);
    }
    book.group({ id: one.link, ...profile });
  }

  /** Groups are created empty; their members follow by PATCH. */
  async function createGroup(profile: Readonly<{ displayName: string; externalId: string }>): Promise<string> {
    const vendor = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
    const body = { schemas: [urn.group, vendor], ...profile, meta: { resourceType: 'Group' } };
    const answer = await http.post('group.create', '/Groups', body);
    return book.fresh(created(answer, 'Group', body), answer);
  }

  async function readGroup(id: string): Promise<Resource> {
    const answer = await http.get('group.read', groupPath(id), ask({ excludedAttributes: 'members' }));
    return withoutMembers(found(answer, 'Group', id), answer);
  }

  function withoutMembers(group: Resource, answer: Answer): Resource {
    const { members } = group;
    if (Array.isArray(members) && members.length > 0) throw new Incompatible('no members: they were excluded', answer);
    return group;
  }

  const { provisionManager, provisionMembers } = references({
    http,
    book,
    dialect,
    membersPerPatch,
    readBack: options.readBack === true,
    linkOf,
    readGroup,
  });

  // The job

  async function cycle(onProgress: (progress: Progress) => void = () => undefined): Promise<void> {
    /** `work` returns false for what stays owed. */
    const run = async (phase: Progress['phase'], ids: Set<string>, work: (id: string) => Promise<boolean>) => {
      const [line, total] = [[...ids], ids.size];
      let done = 0;
      await each(line, concurrency, async (id) => {
        if (await work(id)) ids.delete(id);
        done += 1;
        onProgress({ phase, done, total });
      });
    };
    const always = (work: (id: string) => Promise<void>) => (id: string) => work(id).then(() => true);

    await probe('User');
    await run('users', owed.users, (id) => provisionUser(account(id)));
    // A name that was taken (409) may have been given up since; the real job would look again in a later cycle.
    await run('users', owed.users, (id) => provisionUser(account(id)));
    if (owed.users.size > 0) {
      const names = [...owed.users].map((id) => account(id).person.userName);
      throw new Incompatible(`every userName to be free by now; these got 409 twice: ${names.slice(0, 10).join(', ')}`);
    }
    await run(
      'groups',
      owed.groups,
      always((id) => provisionGroup(team(id))),
    );
    await run(
      'references',
      owed.managers,
      always((id) => provisionManager(account(id))),
    );
    await run('references', owed.members, (id) => provisionMembers(team(id)));
  }

  return {
    ...edits,
    /** What "Test Connection" does: a user and a group that cannot exist, each answered by an empty list. */
    async testConnection(): Promise<void> {
      await probe('User');
      await probe('Group');
    },
    /** Looks at everything, whether it changed or not; also what "Restart provisioning" does. */
    initialCycle(onProgress?: (progress: Progress) => void): Promise<void> {
      oweAll();
      return cycle(onProgress);
    },
    /** Pushes what changed since the last cycle, and what a cycle that threw left owed. */
    incrementalCycle: cycle,
    linkOf,
    /** What the service's directory must hold: every write it acknowledged. */
    expected: (): Expected => book.expected(),
    /** Reads the service's directory back, which the real job never does, and compares it with `expected()`. */
    async audit() {
      const seen = await book.audit(http);
      const inactive = book.expected().users.filter(({ active }) => !active);
      // A filter finds an inactive user too, however its name is written; only a deleted one is hidden.
      await each(inactive.slice(0, 20), concurrency, async ({ userName }) => {
        const answer = await http.get(
          'user.match',
          '/Users',
          ask({ filter: `userName eq "${userName.toUpperCase()}"` }),
        );
        const hit = matched(answer, 'User', 'userName', userName);
        if (hit?.active !== false) throw new Incompatible(`${userName}, who is inactive and must be found`, answer);
      });
      return seen;
    },
    /** Requests sent so far, by kind. */
    counts: http.counts,
    close: http.close,
  };
}
export type Entra = ReturnType<typeof entra>;
