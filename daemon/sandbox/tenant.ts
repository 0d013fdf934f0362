/**
 * The directory of an Entra tenant, as its administrators edit it, and what of it the provisioning job still owes.
 *
 * An edit changes what is wanted and notes whom it touched; nothing is sent here (entra.ts does that). A group notes its
 * member changes one by one, so that pushing them costs what changed, not what the group holds. The ids are Entra's
 * object ids; `link` is the id the service gave.
 */
import type { Company, Group, Person } from './people.ts';

/** `softDeleted` can be restored for 30 days; `purged` is gone for good (Entra documentation). */
export type State = 'enabled' | 'blocked' | 'softDeleted' | 'purged';
export type Account = {
  person: Person;
  state: State;
  /** In the application's scope. */
  assigned: boolean;
  /** Cached for every later call; undefined: not provisioned, or no longer managed. */
  link: string | undefined;
  /** What the service acknowledged, by path. */
  readonly acknowledged: Map<string, string | boolean>;
  /** The manager as last sent: the service's id. */
  manager: string | undefined;
};
export type Team = {
  readonly id: string;
  displayName: string;
  readonly members: Set<string>;
  deleted: boolean;
  link: string | undefined;
  readonly toAdd: Set<string>;
  readonly toRemove: Set<string>;
};

export function tenant(directory: Pick<Company, 'people' | 'groups'>) {
  const accounts = new Map<string, Account>();
  const teams = new Map<string, Team>();
  const owed = {
    users: new Set<string>(),
    groups: new Set<string>(),
    managers: new Set<string>(),
    members: new Set<string>(),
  };

  const account = (id: string): Account => accounts.get(id) ?? refuse(`nobody has the object id ${id}`);
  const team = (id: string): Team => teams.get(id) ?? refuse(`no group has the object id ${id}`);

  function become(id: string, state: State): void {
    account(id).state = state;
    owed.users.add(id);
  }
  function assign(id: string, assigned: boolean): void {
    account(id).assigned = assigned;
    owed.users.add(id);
  }

  const edits = {
    addUser(person: Person): void {
      const state = person.active ? 'enabled' : 'blocked';
      const fresh = { link: undefined, acknowledged: new Map(), manager: undefined };
      accounts.set(person.id, { person, state, assigned: true, ...fresh });
      owed.users.add(person.id);
      if (person.managerId !== undefined) owed.managers.add(person.id);
    },
    updateUser(id: string, changes: Partial<Omit<Person, 'id' | 'active'>>): void {
      account(id).person = { ...account(id).person, ...changes };
      owed.users.add(id);
      if (changes.managerId !== undefined) owed.managers.add(id);
    },
    /** A new user principal name. */
    renameUser: (id: string, userName: string): void => edits.updateUser(id, { userName }),
    /** Sign-in blocked, or allowed again. */
    disableUser: (id: string): void => become(id, 'blocked'),
    enableUser: (id: string): void => become(id, 'enabled'),
    /** Pushed as `active` false, with memberships left alone. */
    softDelete: (id: string): void => become(id, 'softDeleted'),
    /** Pushed as `active` true; memberships are not sent again, so the service must have kept them. */
    restore: (id: string): void => become(id, 'enabled'),
    /** After the 30 days, or by a purge: pushed as DELETE. */
    hardDelete: (id: string): void => become(id, 'purged'),
    /** Out of the application's scope: pushed as `active` false, and no longer managed from then on. */
    unassign: (id: string): void => assign(id, false),
    /** Back in scope: found again by the matching attribute, inactive as it is. */
    reassign: (id: string): void => assign(id, true),

    addGroup({ id, displayName, people, groups }: Group): void {
      const members = new Set([...people, ...groups]);
      const changes = { toAdd: new Set(members), toRemove: new Set<string>() };
      teams.set(id, { id, displayName, members, deleted: false, link: undefined, ...changes });
      owed.groups.add(id);
      if (members.size > 0) owed.members.add(id);
    },
    renameGroup(id: string, displayName: string): void {
      team(id).displayName = displayName;
      owed.groups.add(id);
    },
    deleteGroup(id: string): void {
      team(id).deleted = true;
      owed.groups.add(id);
    },
    addMembers(group: string, members: readonly string[]): void {
      const { members: held, toAdd, toRemove } = team(group);
      for (const id of members) {
        if (!accounts.has(id) && !teams.has(id)) refuse(`nothing has the object id ${id}`);
        if (held.has(id)) continue;
        held.add(id);
        if (!toRemove.delete(id)) toAdd.add(id);
      }
      owed.members.add(group);
    },
    removeMembers(group: string, members: readonly string[]): void {
      const { members: held, toAdd, toRemove } = team(group);
      for (const id of members) if (held.delete(id) && !toAdd.delete(id)) toRemove.add(id);
      owed.members.add(group);
    },
    /** Puts a group into a group; Entra sends the child as a member and does not unfold it. */
    nest: (group: string, child: string): void => edits.addMembers(group, [child]),
    unnest: (group: string, child: string): void => edits.removeMembers(group, [child]),
  };

  for (const person of directory.people) edits.addUser(person);
  for (const group of directory.groups) edits.addGroup(group);

  return {
    accounts: accounts as ReadonlyMap<string, Account>,
    teams: teams as ReadonlyMap<string, Team>,
    owed,
    account,
    team,
    edits,
    /** Everything is owed again, changed or not: what an initial cycle starts from. */
    oweAll(): void {
      for (const [id, { person }] of accounts) {
        owed.users.add(id);
        if (person.managerId !== undefined) owed.managers.add(id);
      }
      for (const [id, { members, toAdd }] of teams) {
        owed.groups.add(id);
        for (const member of members) toAdd.add(member);
        if (members.size > 0) owed.members.add(id);
      }
    },
    /** Drops what is gone for good. The directory empties its place in groups by itself: no member change is owed. */
    forget(id: string): void {
      accounts.delete(id);
      teams.delete(id);
      for (const ids of Object.values(owed)) ids.delete(id);
      for (const { members, toAdd, toRemove } of teams.values()) {
        for (const ids of [members, toAdd, toRemove]) ids.delete(id);
      }
    },
    /** The service's id of a user or a group, once provisioned. */
    linkOf: (id: string): string | undefined => accounts.get(id)?.link ?? teams.get(id)?.link,
  };
}
export type Tenant = ReturnType<typeof tenant>;

function refuse(why: string): never {
  throw new RangeError(`the Entra sandbox: ${why}`);
}
