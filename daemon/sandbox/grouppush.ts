/**
 * Okta's Group Push: how a group and its members reach the service, by PATCH in the template app, by PUT in the
 * wizard's.
 *
 * Only people who are assigned, active and linked are pushed. Every membership PATCH begins by naming the group, with
 * its id in the value; a service that refuses that stops getting memberships. Source: Okta documentation ("SCIM 2.0
 * Protocol Reference", "Group operations"). People are okta.ts.
 */
import { type JsonObject, urn } from '../contract/scim.ts';
import { type Answer, type Client, groupPath, Incompatible } from './client.ts';
import { created, echoes, found, gone, isObject, matched, patched, type Resource } from './judge.ts';
import type { Ledger } from './ledger.ts';

export type PushedGroup = {
  displayName: string;
  /** Ids of people, as Okta knows them. */
  readonly members: Set<string>;
  /** The service's id; undefined: not pushed yet. */
  link: string | undefined;
};
/** Somebody as a member list names them: the service's id and the userName. */
export type Reference = Readonly<{ value: string; display: string }>;

/** The query of a look-up by one attribute. */
export const matching = (attribute: string, value: string): string =>
  `filter=${encodeURIComponent(`${attribute} eq "${value}"`)}&startIndex=1&count=100`;

const values = (people: readonly Reference[]): string[] => people.map(({ value }) => value);

export function groupPush(
  given: Readonly<{
    http: Client;
    book: Ledger;
    flavour: 'template' | 'wizard';
    membersPerPatch: number;
    /** Those of the people given who can be pushed. */
    pushable: (ids: Iterable<string>) => readonly Reference[];
  }>,
) {
  const { http, book, flavour, membersPerPatch, pushable } = given;

  /** The group's id and name come first, whatever else there is; the id in the value is Okta's doing. */
  async function patchGroup(id: string, displayName: string, ...changes: JsonObject[]): Promise<void> {
    const naming = { op: 'replace', value: { id, displayName } };
    const body = { schemas: [urn.patch], Operations: [naming, ...changes] };
    const reply = await http.patch('group.members', groupPath(id), body);
    const after = patched(reply, 'Group', id);
    if (after !== undefined) echoes(reply, { displayName }, after);
    book.group({ id, displayName });
  }

  /** Reads the group and puts it back with its whole member list. */
  async function putGroup(one: PushedGroup, id: string): Promise<void> {
    const answer = await http.get('group.read', groupPath(id));
    holds(answer, found(answer, 'Group', id), book.membersOf(id));
    const people = pushable(one.members);
    const body = { schemas: [urn.group], id, displayName: one.displayName, members: [...people] };
    const reply = await http.put('group.update', groupPath(id), body);
    echoes(reply, { displayName: one.displayName }, found(reply, 'Group', id));
    book.group({ id, displayName: one.displayName });
    book.membersAre(id, values(people));
  }

  /** A group that was matched, not made here, may hold others; it holds whom we put there. */
  function holds(answer: Answer, { members }: Resource, ours: ReadonlySet<string>): void {
    const back = new Set((Array.isArray(members) ? members : []).filter(isObject).map(({ value }) => value));
    const lost = [...ours].filter((id) => !back.has(id));
    if (lost.length === 0) return;
    throw new Incompatible(`the members it acknowledged; ${lost.length} are missing, first ${lost[0]}`, answer);
  }

  async function pushMembers(
    one: PushedGroup,
    joining: readonly Reference[],
    leaving: readonly Reference[],
  ): Promise<void> {
    const { link: id, displayName } = one;
    if (id === undefined) return;
    if (flavour === 'wizard') return putGroup(one, id);
    const batches = Math.max(1, Math.ceil(Math.max(joining.length, leaving.length) / membersPerPatch));
    for (let batch = 0; batch < batches; batch += 1) {
      const cut = (people: readonly Reference[]) =>
        people.slice(batch * membersPerPatch, (batch + 1) * membersPerPatch);
      const [out, into] = [cut(leaving), cut(joining)];
      const removals = out.map(({ value }) => ({ op: 'remove', path: `members[value eq "${value}"]` }));
      const additions = into.length > 0 ? [{ op: 'add', path: 'members', value: into }] : [];
      await patchGroup(id, displayName, ...removals, ...additions);
      book.membersRemoved(id, values(out));
      book.membersAdded(id, values(into));
    }
  }

  /** The full push an administrator can ask for. */
  async function pushWhole(one: PushedGroup): Promise<void> {
    const { link: id, displayName } = one;
    if (id === undefined) return;
    if (flavour === 'wizard') return putGroup(one, id);
    const people = pushable(one.members);
    await patchGroup(id, displayName, { op: 'replace', path: 'members', value: [...people] });
    book.membersAre(id, values(people));
  }

  return {
    /** The first push: a group of that name is taken over, else one is created empty and then filled. */
    async pushGroup(one: PushedGroup): Promise<void> {
      const { displayName } = one;
      const answer = await http.get('group.match', '/Groups', matching('displayName', displayName));
      const hit = answer.status === 404 ? undefined : matched(answer, 'Group', 'displayName', displayName);
      if (hit !== undefined) {
        one.link = hit.id;
        book.group({ id: hit.id, displayName });
        return pushWhole(one);
      }
      const body = { schemas: [urn.group], displayName, members: [] };
      const reply = await http.post('group.create', '/Groups', body);
      one.link = book.fresh(created(reply, 'Group', body), reply);
      book.group({ id: one.link, displayName });
      await pushMembers(one, pushable(one.members), []);
    },
    pushMembers,
    pushWhole,
    async pushName(one: PushedGroup): Promise<void> {
      if (one.link === undefined) return;
      if (flavour === 'wizard') await putGroup(one, one.link);
      else await patchGroup(one.link, one.displayName);
    },
    async deleteGroup(id: string): Promise<void> {
      gone(await http.delete('group.delete', groupPath(id)));
      book.groupGone(id);
    },
  };
}
