/**
 * Who has an account in the organization, and which account a SCIM user stands for. What becomes of an account is
 * decided in organization.ts.
 */
import type { Json, JsonObject } from '../contract/scim.ts';
import { fold, type ReceivedUser, userNameOf } from './received.ts';

/** Highest last: `contributor` 1, `administrator` 2. */
export const roles = ['contributor', 'administrator'] as const;
export type Role = (typeof roles)[number];
/** `hand`: it was there before the directory came; `external`: made by hand outside the directory, on purpose. */
export type Origin = 'directory' | 'hand' | 'external';

export type Account = {
  readonly id: string;
  readonly userName: string;
  readonly email: string;
  readonly displayName: string;
  /** The SCIM user this account follows; kept after that user is deleted, so that its end can still be applied. */
  readonly scimId: string | undefined;
  origin: Origin;
  member: boolean;
  access: ReadonlyMap<string, Role>;
};
type Identity = Pick<Account, 'userName' | 'email' | 'displayName' | 'scimId'>;
export type SavedAccount = Omit<Account, 'access'> & { access: [string, Role][] };

const object = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** The address Steeple writes to: the primary one, else the work one, else the first, else the userName. */
function emailOf(user: ReceivedUser): string {
  const emails = (Array.isArray(user.attributes.emails) ? user.attributes.emails : []).map(object);
  const best = emails.find((email) => email.primary === true) ?? emails.find((email) => email.type === 'work');
  return text((best ?? emails[0])?.value) || userNameOf(user);
}
export function identityOf(user: ReceivedUser): Identity {
  const name = object(user.attributes.name);
  const full = [text(name.givenName), text(name.familyName)].filter((part) => part !== '').join(' ');
  const displayName = text(user.attributes.displayName) || full || userNameOf(user);
  return { userName: userNameOf(user), email: emailOf(user), displayName, scimId: user.id };
}

/** `received`: whether there is such a SCIM user, named by a client. */
export function accounts(received: (userId: string) => boolean, newId: () => string) {
  const byId = new Map<string, Account>();
  // Both follow from `byId`; at 20,000 people a look-up must not walk them all.
  const byScimId = new Map<string, Account>();
  const byName = new Map<string, Set<Account>>();

  const names = (account: Account) => new Set([fold(account.userName), fold(account.email)]);
  function enter(account: Account) {
    byId.set(account.id, account);
    if (account.scimId !== undefined) byScimId.set(account.scimId, account);
    for (const name of names(account)) byName.set(name, (byName.get(name) ?? new Set()).add(account));
  }
  function withdraw(account: Account) {
    if (account.scimId !== undefined) byScimId.delete(account.scimId);
    for (const name of names(account)) byName.get(name)?.delete(account);
  }
  const named = (name: string): Account[] => [...(byName.get(fold(name)) ?? [])];

  return {
    add(account: Omit<Account, 'id'>): Account {
      const added = { id: newId(), ...account };
      enter(added);
      return added;
    },
    identify(account: Account, identity: Partial<Identity>) {
      withdraw(account);
      Object.assign(account, identity);
      enter(account);
    },
    /** The account a SCIM user stands for: the one that follows it, else one of its name that follows nobody. */
    of(user: ReceivedUser): Account | undefined {
      const { userName, email } = identityOf(user);
      const free = ({ scimId }: Account) => scimId === undefined || !received(scimId);
      return byScimId.get(user.id) ?? [...named(userName), ...named(email)].find(free);
    },
    following: (userId: string): Account | undefined => byScimId.get(userId),
    /** By userName or e-mail, ignoring case. */
    named,
    get: (id: string): Account | undefined => byId.get(id),
    all: (): Account[] => [...byId.values()],
    save: (): SavedAccount[] => [...byId.values()].map((account) => ({ ...account, access: [...account.access] })),
    load(saved: readonly SavedAccount[]) {
      // JSON leaves an undefined scimId out.
      for (const account of saved) enter({ ...account, scimId: account.scimId, access: new Map(account.access) });
    },
  };
}
