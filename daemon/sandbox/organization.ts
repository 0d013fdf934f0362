/**
 * The organization behind the SCIM door: accounts, communities, links, access, posts, invitations, and the switch that
 * makes what was received take effect. This is the part of Steeple that its documentation describes in words.
 *
 *   - While synchronization is off, nothing received changes anybody's standing. Enabling applies it all; from then on
 *     every SCIM write is applied at once. Disabling freezes the organization as it is.
 *   - A SCIM user is matched to an account by userName or e-mail, ignoring case: found, or created.
 *   - A group is linked to one (community, role) pair. A person's role in a community is the highest of their groups'.
 *   - Disabled or deleted over SCIM: the account leaves the organization and its posts become invisible. Activated
 *     again, the account comes back; the posts do not. Only `reassign` (Steeple's support) brings them back.
 *   - When synchronization is applied, accounts that no active SCIM user names lose all access, except external ones
 *     (made by hand outside the directory). Steeple does not say that their posts go; here they stay.
 *
 * Where Steeple documents nothing, this is a choice, not a fact: groups inside groups are recorded and give nothing;
 * hand-given access of a person the directory names is replaced by what the groups give; a link dies with its group;
 * an external account that an active SCIM user names becomes a directory account.
 */
import { type Account, accounts as accountsOf, identityOf, type Role, roles, type SavedAccount } from './accounts.ts';
import { isActive, type Received, type ReceivedUser, Refusal } from './received.ts';

export type Pair = Readonly<{ community: string; role: Role }>;
export type Community = Readonly<{ id: string; name: string }>;

export type Seed = Readonly<{
  userName: string;
  email?: string | undefined;
  displayName?: string | undefined;
  external?: boolean | undefined;
  access?: readonly Pair[] | undefined;
  posts?: readonly string[] | undefined;
}>;

type Post = { readonly id: string; readonly title: string; readonly author: string; owner: string; visible: boolean };
type Invitation = Readonly<{ to: string; at: number; subject: string; text: string }>;

export type Organization = ReturnType<typeof organization>;
/** What `save` hands out and `load` takes back; plain JSON. */
export type SavedOrganization = Readonly<{
  communities: Community[];
  accounts: SavedAccount[];
  links: [string, Pair][];
  posts: Post[];
  invitations: Invitation[];
  settings: { sso: boolean; synchronizing: boolean; inviting: boolean; installed: string };
}>;

const rank = (role: Role) => roles.indexOf(role);

export function organization(directory: Received, now: () => number, newId: () => string) {
  const communities = new Map<string, Community>();
  const accounts = accountsOf((userId) => directory.users.peek(userId)?.pushed === true, newId);
  const links = new Map<string, Pair>();
  const posts: Post[] = [];
  const invitations: Invitation[] = [];
  const settings: SavedOrganization['settings'] = { sso: false, synchronizing: false, inviting: false, installed: '' };

  function accessOf(userId: string): Map<string, Role> {
    const access = new Map<string, Role>();
    for (const groupId of directory.groupsOf(userId)) {
      const link = links.get(groupId);
      if (link === undefined) continue;
      const held = access.get(link.community);
      if (held === undefined || rank(link.role) > rank(held)) access.set(link.community, link.role);
    }
    return access;
  }

  function open(user: ReceivedUser): Account {
    const account = accounts.add({ ...identityOf(user), origin: 'directory', member: true, access: new Map() });
    if (settings.inviting) {
      const greeting = `Hello ${account.displayName}, you have been given access to your company's communities.`;
      const subject = 'You are invited to Steeple (sandbox)';
      invitations.push({ to: account.email, at: now(), subject, text: greeting });
    }
    return account;
  }

  function follow(account: Account, user: ReceivedUser) {
    if (account.scimId !== undefined && account.scimId !== user.id) directory.users.withdraw(account.scimId);
    accounts.identify(account, identityOf(user));
    account.origin = 'directory';
    account.member = true;
    account.access = accessOf(user.id);
  }

  function strip(account: Account) {
    account.member = false;
    account.access = new Map();
  }
  function leave(account: Account) {
    strip(account);
    for (const post of posts) if (post.owner === account.id) post.visible = false;
  }

  /** Brings one SCIM user's account to what was received about it; the account it stands for, if there is one. */
  function apply(userId: string): Account | undefined {
    const user = directory.users.peek(userId);
    if (user?.pushed === false) return undefined;
    const account = user ? accounts.of(user) : accounts.following(userId);
    if (user && isActive(user)) {
      const joined = account ?? open(user);
      follow(joined, user);
      return joined;
    }
    if (account === undefined || account.origin === 'external') return undefined;
    if (user) {
      if (account.scimId !== undefined && account.scimId !== user.id) directory.users.withdraw(account.scimId);
      accounts.identify(account, { scimId: user.id });
    }
    leave(account);
    return account;
  }

  /** Everything received, at once, and then the accounts nobody named. The active come first: names are theirs. */
  function applyAll() {
    const users = directory.users.pushed();
    const inactive = users.filter((user) => !isActive(user));
    const named = new Set([...users.filter(isActive), ...inactive].map((user) => apply(user.id)));
    for (const account of accounts.all()) {
      if (named.has(account) || account.origin === 'external') continue;
      if (account.origin === 'hand') strip(account);
      else leave(account);
    }
  }

  function groupNamed(name: string) {
    const direct = directory.groups.peek(name);
    if (direct) return direct;
    const found = directory.groups.find([{ conditions: [{ attribute: 'displayname', value: name }] }]);
    if (found.length > 1)
      throw new Refusal(409, undefined, `${found.length} groups are called '${name}': name one by id`);
    return found[0] ?? fail404(`No group '${name}' has been received`);
  }
  function accountNamed(name: string): Account {
    const found = accounts.named(name);
    return found.find((account) => account.member) ?? found[0] ?? fail404(`No account '${name}' in the organization`);
  }
  function checkPair({ community }: Pair) {
    if (!communities.has(community)) fail404(`No community '${community}'`);
  }
  /** Applies links and hand-made changes at once when synchronization runs. */
  function refresh(userIds: Iterable<string>) {
    if (settings.synchronizing) for (const id of userIds) if (directory.users.peek(id)) apply(id);
  }

  return {
    settings: settings as Readonly<typeof settings>,
    /** Called after each SCIM write with the users it concerns. */
    settle(userIds: Iterable<string>) {
      if (!settings.synchronizing) return;
      // A group among the ids (a group inside a group) is nobody's account; `apply` finds neither user nor account.
      for (const id of userIds) apply(id);
    },

    /** Accounts made in Steeple itself, before the directory came or beside it. */
    addPeople(seeds: readonly Seed[]) {
      for (const seed of seeds) for (const pair of seed.access ?? []) checkPair(pair);
      for (const { userName, email, displayName, external, access, posts: titles } of seeds) {
        const shown = directory.users.exhibit({
          userName,
          displayName: displayName ?? userName,
          emails: [{ value: email ?? userName, type: 'work', primary: true }],
          active: true,
        });
        const account = accounts.add({
          userName,
          email: email ?? userName,
          displayName: displayName ?? userName,
          scimId: shown.id,
          origin: external ? 'external' : 'hand',
          member: true,
          access: new Map((access ?? []).map(({ community, role }) => [community, role])),
        });
        for (const title of titles ?? []) {
          posts.push({ id: newId(), title, author: account.id, owner: account.id, visible: true });
        }
      }
      if (settings.synchronizing) applyAll();
    },
    /** Adds, or renames by id. */
    addCommunities(added: readonly Community[]) {
      for (const community of added) communities.set(community.id, community);
    },
    communities: (): readonly Community[] => [...communities.values()],

    /** One pair per group: linking again replaces. `group` is an id or a displayName. */
    link(group: string, pair: Pair) {
      checkPair(pair);
      const { id, members } = groupNamed(group);
      links.set(id, pair);
      refresh(members);
    },
    unlink(group: string) {
      const { id, members } = groupNamed(group);
      links.delete(id);
      refresh(members);
    },
    linkOf: (groupId: string): Pair | undefined => links.get(groupId),

    synchronize(enabled: boolean) {
      if (enabled && !settings.sso) throw new Refusal(409, undefined, 'SSO must be configured before synchronization');
      settings.synchronizing = enabled;
      if (enabled) applyAll();
    },
    configureSso(configured: boolean) {
      if (!configured && settings.synchronizing) {
        throw new Refusal(409, undefined, 'Synchronization is enabled: disable it before removing SSO');
      }
      settings.sso = configured;
    },
    invite(enabled: boolean) {
      settings.inviting = enabled;
    },
    install(provider: string) {
      settings.installed = provider;
    },

    /** Steeple's support: what a removed person's posts that went invisible become, the given member's, and visible. */
    reassign(from: string, to: string): number {
      const receiver = accountNamed(to);
      if (!receiver.member) throw new Refusal(409, undefined, `'${to}' is not in the organization`);
      const givers = accounts.named(from);
      if (givers.length === 0) fail404(`No account '${from}' in the organization`);
      const moved = posts.filter((post) => !post.visible && givers.some(({ id }) => id === post.owner));
      for (const post of moved) Object.assign(post, { owner: receiver.id, visible: true });
      return moved.length;
    },

    /** Whom enabling would take out, because no active SCIM user names them: their userNames. */
    unnamed(): string[] {
      const named = new Set(directory.users.pushed().filter(isActive).map(accounts.of));
      return accounts
        .all()
        .filter((account) => account.member && account.origin !== 'external' && !named.has(account))
        .map((account) => account.userName);
    },
    describe() {
      const all = accounts.all();
      const userName = (id: string) => accounts.get(id)?.userName ?? id;
      return {
        // A link whose group was deleted is gone: ids are never used again, so nothing can revive it.
        links: [...links].flatMap(([groupId, pair]) => {
          const group = directory.groups.peek(groupId);
          return group ? [{ groupId, displayName: group.displayName, ...pair }] : [];
        }),
        access: all.flatMap(({ userName, access }) =>
          [...access].map(([community, role]) => ({ userName, community, role })),
        ),
        people: all.map(({ userName, email, displayName, origin, member }) => {
          return { userName, email, displayName, origin, member };
        }),
        posts: posts.map(({ id, title, author, owner, visible }) => {
          return {
            id,
            title,
            author: userName(author),
            visible,
            assignedTo: owner === author ? null : userName(owner),
          };
        }),
        invitations: [...invitations],
        communities: [...communities.values()],
        sync: { enabled: settings.synchronizing },
        sso: { configured: settings.sso },
      };
    },

    save: (): SavedOrganization => ({
      communities: [...communities.values()],
      accounts: accounts.save(),
      links: [...links],
      posts: [...posts],
      invitations: [...invitations],
      settings: { ...settings },
    }),
    load(saved: SavedOrganization) {
      for (const community of saved.communities) communities.set(community.id, community);
      accounts.load(saved.accounts);
      for (const [groupId, pair] of saved.links) links.set(groupId, pair);
      posts.push(...saved.posts);
      invitations.push(...saved.invitations);
      Object.assign(settings, saved.settings);
    },
  };
}

function fail404(detail: string): never {
  throw new Refusal(404, undefined, detail);
}
