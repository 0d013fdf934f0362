/** Worlds for examples: everybody in one source, every link to a team of its own, unless a test says otherwise. */
import { Policy } from '../../daemon/contract/policy.ts';
import type { PersonState } from '../../daemon/core/directory.ts';
import type { OpenItem, OpenState, Risk } from '../../daemon/core/gate.ts';
import type { Mapping, Team } from '../../daemon/core/mapping.ts';
import type { Company, Kept, Person, Steeple } from '../arbitraries/world.ts';

export const person = (num: number, userName: string, state: PersonState = 'active'): Person => ({
  num,
  state,
  account: { userName, externalId: `e${num}`, givenName: '', familyName: '', displayName: '', email: '' },
});
/** Somebody's account in Steeple, under the name they have in the directory or another. */
export const kept = ({ num, account }: Person, userName = account.userName, active = true): Kept => ({
  id: `s${num}`,
  active,
  account: { ...account, userName },
  person: num,
});
export const team = (num: number, name = `Team ${num}`, live = true): Team => ({
  num,
  id: `t${num}`,
  source: 'entra',
  name,
  externalId: null,
  live,
});
export const link = (num: number, community: string, role = 'contributor') => ({
  source: 'entra',
  team: `t${num}`,
  community,
  role,
});
export const mapped = (...links: Mapping['links'][number][]): Mapping => ({
  mode: 'managed',
  nameTemplate: '{community} – {role}',
  roles: [
    { id: 'contributor', rank: 1 },
    { id: 'administrator', rank: 2 },
  ],
  links,
});

export const company = (people: readonly Person[], some: Partial<Company> = {}): Company => ({
  people,
  teams: [team(11), team(12), team(13)],
  nested: [],
  members: [],
  mapping: mapped(),
  policy: Policy.parse({}),
  ...some,
});
export const steeple = (
  accounts: readonly Kept[],
  groups: Readonly<Record<string, readonly Kept[]>> = {},
): Steeple => ({
  accounts,
  groups: Object.entries(groups).map(([key, members]) => ({ key, name: key, members: members.map(({ id }) => id) })),
});
/** The item that stands for a risk. */
export const item = (
  { person, kind, community, from, to }: Omit<Risk, 'source' | 'groups' | 'roles'>,
  state: OpenState,
  id = 1,
): OpenItem => ({
  id,
  person,
  kind,
  community,
  from,
  to,
  state,
  rule: 'removal',
  why: 'as it was then',
  since: 0,
  decidedAt: state === 'held' ? null : 0,
  standing: null,
});
