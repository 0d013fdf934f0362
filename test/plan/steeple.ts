/**
 * Steeple, naively: applies operations one by one in the order they are sent, and refuses what a strict server refuses. A
 * userName belongs to one account at a time, ignoring case (RFC 7643 §4.1.1); a member, and a group, must be there.
 */
import type { Account } from '../../daemon/core/account.ts';
import { fold } from '../../daemon/core/directory.ts';
import type { Decision, Operation, World } from '../../daemon/core/plan.ts';
import type { Kept, KeptGroup, Steeple } from '../arbitraries/world.ts';

type Patch = readonly { op: string; path: string; value: unknown }[];
const paths: Readonly<Record<string, keyof Account>> = {
  userName: 'userName',
  externalId: 'externalId',
  'name.givenName': 'givenName',
  'name.familyName': 'familyName',
  displayName: 'displayName',
};

export function applied(before: Steeple, world: World, { operations }: Pick<Decision, 'operations'>): Steeple {
  const accounts = new Map(before.accounts.map((one) => [one.id, one]));
  const groups = new Map(before.groups.map((one) => [one.key, one]));
  const idOf = new Map(world.cases.flatMap(({ num, observed }) => (observed ? [[num, observed.steepleId]] : [])));
  // Carrying a plan out records as ours what was found by name or externalId.
  for (const { num, wanted, observed } of world.cases) {
    const account = accounts.get(observed?.steepleId ?? '');
    if (wanted && account && !observed?.linked) accounts.set(account.id, { ...account, person: num });
  }
  const mine = (operation: Operation): Kept => {
    const account = accounts.get(idOf.get(operation.person as number) ?? '');
    if (account === undefined) throw new Error(`404: person ${operation.person} has no account for ${operation.kind}`);
    return account;
  };
  const group = (operation: Operation): KeptGroup => {
    const known = groups.get(operation.target ?? '');
    if (known === undefined) throw new Error(`404: there is no group ${operation.target} for ${operation.kind}`);
    return known;
  };
  const claim = (name: string, id: string) => {
    const other = [...accounts.values()].find((one) => one.id !== id && fold(one.account.userName) === fold(name));
    if (other) throw new Error(`409: ${name} belongs to ${other.id}`);
  };
  for (const operation of operations) {
    switch (operation.kind) {
      case 'user.create': {
        const account = operation.body.account as unknown as Account;
        const id = `n${operation.person}`;
        if (accounts.has(id) || idOf.has(operation.person as number)) throw new Error('409: created twice');
        claim(account.userName, id);
        accounts.set(id, { id, active: true, account, person: operation.person ?? null });
        idOf.set(operation.person as number, id);
        break;
      }
      case 'user.update': {
        const known = mine(operation);
        const next = { ...known.account };
        let { active } = known;
        for (const { op, path, value } of operation.body.patch as unknown as Patch) {
          if (op !== 'replace') throw new Error(`400: ${op}`);
          if (path === 'active') active = value === true;
          else if (path === 'emails') next.email = (value as { value: string }[])[0]?.value ?? '';
          else if (paths[path]) next[paths[path]] = value as string;
          else throw new Error(`400: ${path}`);
        }
        claim(next.userName, known.id);
        accounts.set(known.id, { ...known, account: next, active });
        break;
      }
      case 'user.deactivate':
        accounts.set(mine(operation).id, { ...mine(operation), active: false });
        break;
      case 'user.delete': {
        const { id } = mine(operation);
        accounts.delete(id);
        for (const one of groups.values())
          groups.set(one.key, { ...one, members: one.members.filter((member) => member !== id) });
        break;
      }
      case 'group.create': {
        const key = operation.target as string;
        if (groups.has(key)) throw new Error(`409: ${key} is there already`);
        groups.set(key, { key, name: operation.body.displayName as string, members: [] });
        break;
      }
      case 'group.update':
        groups.set(group(operation).key, { ...group(operation), name: operation.body.displayName as string });
        break;
      case 'group.delete':
        groups.delete(group(operation).key);
        break;
      case 'member.add': {
        const { key, members, name } = group(operation);
        if (members.includes(mine(operation).id)) throw new Error('409: a member already');
        groups.set(key, { key, name, members: [...members, mine(operation).id] });
        break;
      }
      case 'member.remove': {
        const { key, members, name } = group(operation);
        if (!members.includes(mine(operation).id)) throw new Error('404: not a member');
        groups.set(key, { key, name, members: members.filter((member) => member !== mine(operation).id) });
        break;
      }
    }
  }
  return { accounts: [...accounts.values()], groups: [...groups.values()] };
}
