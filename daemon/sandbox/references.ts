/**
 * The reference phase of Entra's job: managers of users and members of groups, once everything they point at is there.
 *
 * A membership is never read back or repaired: after a 2xx it counts as done, until somebody changes it or provisioning
 * is restarted (Entra documentation, and what implementers saw). What it asks before a change, it asks by filter.
 * Users and groups themselves are entra.ts; the shapes of PATCH, dialect.ts.
 */
import { urn } from '../contract/scim.ts';
import { type Client, groupPath, Incompatible, userPath } from './client.ts';
import { adding, ask, type Dialect, removing, reporting } from './dialect.ts';
import { echoes, found, listed, patched } from './judge.ts';
import type { Ledger } from './ledger.ts';
import type { Account, Team } from './tenant.ts';

export function references(
  given: Readonly<{
    http: Client;
    book: Ledger;
    dialect: Dialect;
    membersPerPatch: number;
    readBack: boolean;
    /** The service's id of a user or a group, once provisioned. */
    linkOf: (id: string) => string | undefined;
    readGroup: (id: string) => Promise<unknown>;
  }>,
) {
  const { http, book, dialect, membersPerPatch, readBack, linkOf, readGroup } = given;

  async function setManager(id: string, manager: string, address: string, had: boolean): Promise<void> {
    const reply = await http.patch('user.manager', userPath(id), reporting(dialect, manager, address, had));
    const profile = { [urn.enterprise]: { manager } };
    const after = patched(reply, 'User', id);
    if (after !== undefined) echoes(reply, profile, after);
    if (!readBack) return;
    const answer = await http.get('user.readBack', userPath(id));
    echoes(answer, profile, found(answer, 'User', id));
  }

  /** The documented question about one reference; the answer must agree with what was acknowledged. */
  async function askMember(group: string, member: string): Promise<void> {
    const filter = `id eq "${group}" and members eq "${member}"`;
    const answer = await http.get('group.reference', '/Groups', ask({ excludedAttributes: 'members', filter }));
    const expected = book.isMember(group, member) ? 1 : 0;
    if (listed(answer, 'Group').total !== expected) {
      throw new Incompatible(`${expected} groups with that id and that member`, answer);
    }
  }

  return {
    async provisionManager(one: Account): Promise<void> {
      const [id, manager] = [one.link, linkOf(one.person.managerId ?? '')];
      if (id === undefined || manager === undefined || one.manager === manager) return;
      // "Does this reference have that value?" is a filter on both (Entra documentation).
      const filter = `id eq "${id}" and manager eq "${manager}"`;
      const answer = await http.get('user.reference', '/Users', ask({ filter, attributes: 'id' }));
      const address = answer.url.replace(/\/Users\?.*$/, userPath(manager));
      if (listed(answer, 'User').total === 0) await setManager(id, manager, address, one.manager !== undefined);
      one.manager = manager;
    },

    /** @returns false when some members are not linked, so that there is nothing to name: their changes stay owed. */
    async provisionMembers({ link, toAdd, toRemove }: Team): Promise<boolean> {
      if (link === undefined) return false;
      const known = (ids: Iterable<string>): string[] => [...ids].filter((id) => linkOf(id) !== undefined);
      const steps = [
        { owed: toAdd, line: known(toAdd), shape: adding, note: book.membersAdded },
        { owed: toRemove, line: known(toRemove), shape: removing, note: book.membersRemoved },
      ];
      if (steps.some(({ line }) => line.length > 0)) await readGroup(link);
      for (const { owed, line, shape, note } of steps) {
        if (line.length === 1) await askMember(link, linkOf(line[0]!)!);
        for (let start = 0; start < line.length; start += membersPerPatch) {
          const batch = line.slice(start, start + membersPerPatch);
          const ids = batch.map((id) => linkOf(id)!);
          patched(await http.patch('group.members', groupPath(link), shape(dialect, ids)), 'Group', link);
          note(link, ids);
          for (const id of batch) owed.delete(id);
        }
      }
      return toAdd.size + toRemove.size === 0;
    },
  };
}
