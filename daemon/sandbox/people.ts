/**
 * A synthetic company: people in several writing systems, nested departments, and groups that stand for communities.
 *
 * The same seed gives the same company, to the byte, on every machine; another `site` gives other people of the same
 * company, under another domain, with no id, userName or e-mail in common. Nothing here knows SCIM: the providers
 * (entra.ts, okta.ts) decide what of a person is sent and how it is written.
 *
 * The awkward people are here on purpose, and `cast` names them, so that a story or a test can ask for "the one whose
 * name has a quote in it" instead of a number.
 */
import { type Dice, dice, halves, plain, type Script, scripts } from './names.ts';

/** Somebody, or a shared mailbox, as a provider's directory holds them. Ids are GUIDs, as Entra's object ids are. */
export type Person = Readonly<{
  id: string;
  /** The user principal name; its case is the provider's and is kept. */
  userName: string;
  displayName: string;
  /** A shared mailbox has neither given nor family name. */
  givenName?: string;
  familyName?: string;
  email?: string;
  locale: string;
  title: string;
  department: string;
  employeeNumber: string;
  /** Id of another person; most people have none recorded. */
  managerId?: string;
  /** False: sign-in is blocked at the provider. */
  active: boolean;
}>;
export type Group = Readonly<{
  id: string;
  displayName: string;
  /** Ids of the people directly in it. */
  people: readonly string[];
  /** Ids of the groups directly in it. */
  groups: readonly string[];
}>;
export type Community = Readonly<{ id: string; name: string }>;
/** This group stands for that role in that community: what a mapping file says, one line each. */
export type Link = Readonly<{
  groupId: string;
  displayName: string;
  community: string;
  role: 'contributor' | 'administrator';
}>;
export type Part =
  | 'director'
  | 'sharedMailbox'
  | 'soleAdministrator'
  | 'both'
  | 'withoutEmail'
  | 'inactive'
  | 'apostrophe'
  | 'quotes'
  | 'mixedCase'
  | 'decomposed';
export type Company = Readonly<{
  domain: string;
  people: readonly Person[];
  groups: readonly Group[];
  communities: readonly Community[];
  links: readonly Link[];
  /** Who plays which part, by id. `soleAdministrator` is the only one of the last community, `both` is in both groups of the second. */
  cast: Readonly<Record<Part, string>>;
}>;

const communityNames = [
  'Headquarters',
  'Finance',
  'Sales',
  'Lyon plant',
  'Research',
  'People and culture',
  'Marketing',
  'Quality and safety',
  'IT and security',
  'Works council',
  'Logistics',
  'Legal',
];
const places = ['plant', 'office', 'warehouse', 'shop', 'laboratory'];
const cities =
  'Nantes Turin Porto Gdansk Leipzig Ghent Malmo Bilbao Cork Graz Split Tartu Oulu Patras Izmir Haifa Tangier Hue Busan Osaka'.split(
    ' ',
  );
const departmentNames = [
  'Sales',
  'Finance',
  'Research',
  'Production',
  'People and culture',
  'Marketing',
  'Logistics',
  'Quality and safety',
  'IT and security',
  'Legal',
];
/** Groups a real directory is full of and that stand for no community. No double quotes: Entra cannot look those up. */
const unlinkedNames = ['VPN users', 'Women’s network & allies', "Printers (3rd floor, d'Artagnan wing)"];
const titles = ['Engineer', 'Technician', 'Analyst', 'Buyer', 'Coordinator', 'Operator', 'Counsel', 'Designer'];

const slug = (name: string): string => plain(name.replaceAll(' ', '-'));

/**
 * The catalogue of communities, in a fixed order: a longer one begins with the shorter. Beyond the twelve named ones
 * come the places of every city, then numbered ones.
 */
function catalogue(size: number): Community[] {
  const name = (index: number): string => {
    const local = index - communityNames.length;
    const round = Math.floor(local / (cities.length * places.length));
    const place = `${cities[local % cities.length]} ${places[Math.floor(local / cities.length) % places.length]}`;
    return communityNames[index] ?? (round === 0 ? place : `${place} ${round + 1}`);
  };
  return Array.from({ length: size }, (_, index) => ({ id: slug(name(index)), name: name(index) }));
}

/** Which communities this site's groups stand for: another site starts from its own plant, and has no headquarters. */
function communitiesOf(site: string | undefined, size: number): Community[] {
  if (site === undefined) return catalogue(size);
  const own = (community: Community): boolean => community.id === `${site}-plant`;
  const common = catalogue(size + 2).slice(1);
  return [...common.filter(own), ...common.filter((community) => !own(community))].slice(0, size);
}

const displayNameOf = (given: string, family: string, { familyFirst }: Script): string => {
  if (familyFirst === 'joined') return family + given;
  return familyFirst === 'spaced' ? `${family} ${given}` : `${given} ${family}`;
};

/** Everybody, the cast first. Departments and managers come later, with the groups. */
function hire(random: Dice, domain: string, users: number): { people: Person[]; cast: Record<Part, string> } {
  const deck = scripts.flatMap((script) => Array.from({ length: script.weight }, () => script));
  const taken = new Map<string, number>();
  const people: Person[] = [];
  const enlist = (person: Person): string => {
    people.push({ ...person, employeeNumber: `E${100_000 + people.length}` });
    return person.id;
  };
  const address = (latin: string): string => {
    const seen = (taken.get(latin) ?? 0) + 1;
    taken.set(latin, seen);
    return `${latin}${seen === 1 ? '' : seen}@${domain}`;
  };
  const draw = (
    script = random.pick(deck),
    names: { given?: string; family?: string } = {},
  ): Person & { email: string } => {
    const [givenName, givenLatin] = halves(names.given ?? random.pick(script.given));
    const [familyName, familyLatin] = halves(names.family ?? random.pick(script.family));
    const userName = address(`${plain(givenLatin)}.${plain(familyLatin)}`);
    const displayName = displayNameOf(givenName, familyName, script);
    const work = { title: random.pick(titles), department: '', employeeNumber: '', active: true };
    return {
      id: random.guid(),
      userName,
      displayName,
      givenName,
      familyName,
      email: userName,
      locale: script.locale,
      ...work,
    };
  };

  const [french, english] = [scripts[0], scripts[1]];
  const { email: _, ...withoutEmail } = draw();
  const { givenName: __, familyName: ___, ...mailbox } = draw();
  const reception = address('reception');
  const obrien = draw(english, { family: "O'Brien" });
  const darcy = draw(english, { family: "D'Arcy" });
  const mixed = draw();
  const cast = {
    director: enlist({ ...draw(), title: 'Managing director' }),
    sharedMailbox: enlist({
      ...mailbox,
      userName: reception,
      email: reception,
      displayName: 'Reception (shared mailbox)',
    }),
    soleAdministrator: enlist(draw()),
    both: enlist(draw()),
    withoutEmail: enlist(withoutEmail),
    inactive: enlist({ ...draw(), active: false }),
    apostrophe: enlist({ ...obrien, userName: obrien.userName.replace('obrien', "o'brien") }),
    quotes: enlist({ ...darcy, displayName: `${darcy.givenName} "Nan" D'Arcy` }),
    // A userName is compared ignoring case, and still comes back as it was written.
    mixedCase: enlist({ ...mixed, userName: mixed.userName.replace(/@.*|\b\w/g, (part) => part.toUpperCase()) }),
    // Values come back as they were sent: this 'è' is two code points, and stays two.
    decomposed: enlist(draw(french, { family: 'Lefe\u0300vre' })),
  };
  while (people.length < users) enlist({ ...draw(), ...(random.chance(1) && { active: false }) });
  return { people, cast };
}

/** A group while it is being filled. */
type Draft = Readonly<{ id: string; displayName: string; people: Set<string>; groups: Set<string> }>;

/** Departments in 'all staff', teams in departments, every fourth team in the one before it; and a few loose groups. */
function chart(open: (displayName: string) => Draft, count: number) {
  const staff = open('All staff');
  const unlinked = unlinkedNames.slice(0, count > 7 ? 3 : 1).map(open);
  const rest = count - 1 - unlinked.length;
  const departments = departmentNames
    .slice(0, Math.ceil(rest * 0.6))
    .map((name) => ({ name, group: open(name), teams: [] as Draft[] }));
  for (const { group } of departments) staff.groups.add(group.id);
  let last = departments[0]!;
  for (let number = 0; number < rest - departments.length; number += 1) {
    const above = number % 4 === 2 ? last.teams.at(-1)! : undefined;
    if (above === undefined) last = departments[number % departments.length]!;
    const { name, group, teams } = last;
    const team = open(
      above === undefined ? `${name} – team ${teams.length + 1}` : `${name} – night shift ${teams.length}`,
    );
    (above ?? group).groups.add(team.id);
    teams.push(team);
  }
  return { unlinked, departments, staff };
}

/**
 * A company of `users` accounts (20 or more) in `groups` groups (8 or more), of which two stand for each community:
 * contributors and administrators. 24 groups make six communities.
 *
 * @throws RangeError when it would be too small to hold its cast.
 */
export function company(
  size: Readonly<{ users: number; groups: number; seed: string | number; site?: string }>,
): Company {
  const { users, groups, seed, site } = size;
  if (users < 20 || groups < 8)
    throw new RangeError(`A company needs 20 users and 8 groups; got ${users} and ${groups}`);
  const random = dice(`${seed}/${site ?? ''}`);
  const domain = site === undefined ? 'aldine.example' : `${site}.aldine.example`;
  const { people, cast } = hire(random, domain, users);

  const drafts: Draft[] = [];
  const open = (name: string): Draft => {
    // Another site's directory is another tenant, with names of its own.
    const displayName = site === undefined ? name : `${name} (${site})`;
    const draft = { id: random.guid(), displayName, people: new Set<string>(), groups: new Set<string>() };
    drafts.push(draft);
    return draft;
  };
  const communities = communitiesOf(site, Math.floor(groups / 4));
  const linked = communities.map(({ id, name }) => ({
    id,
    contributors: open(site === undefined ? `steeple-${id}-contributors` : `Steeple ${name} contributors`),
    administrators: open(site === undefined ? `steeple-${id}-administrators` : `Steeple ${name} administrators`),
  }));
  const { staff, unlinked, departments } = chart(open, groups - drafts.length);

  const leads = new Map<string, string>();
  const placed = people.map((person, index): Person => {
    if (person.id === cast.sharedMailbox) return { ...person, title: 'Shared mailbox', department: 'Reception' };
    const { name, group, teams } = departments[index % departments.length]!;
    const home = teams.length > 0 && random.chance(40) ? random.pick(teams) : group;
    home.people.add(person.id);
    unlinked.forEach((group, kind) => {
      if (random.chance([20, 15, 3][kind]!)) group.people.add(person.id);
    });
    const placement = { ...person, department: name };
    if (person.id === cast.director) return placement;
    const lead = leads.get(name);
    if (lead === undefined && person.active) leads.set(name, person.id);
    // Leads answer to the director; of the others, one in twenty has a manager recorded.
    const managerId = lead === undefined ? cast.director : random.chance(5) ? lead : undefined;
    return managerId === undefined ? placement : { ...placement, managerId };
  });

  const [first, second] = [linked[0]!, linked[1]!];
  const [others, sole] = [linked.slice(1), linked.at(-1)!];
  // The first community is everybody's, by nesting. Some others share a name with a department and nest it; Finance
  // keeps its people one by one, so that one company shows both ways.
  first.contributors.groups.add(staff.id);
  first.contributors.people.add(cast.sharedMailbox);
  for (const { id, contributors } of others) {
    const department = departments.find(({ name }) => slug(name) === id && id !== 'finance');
    if (department !== undefined) contributors.groups.add(department.group.id);
  }
  const persons = placed.filter(({ id, active }) => active && id !== cast.sharedMailbox);
  for (const { id } of persons) {
    for (const percent of [70, 15]) {
      if (!random.chance(percent)) continue;
      const { contributors, administrators } = random.pick(others);
      contributors.people.add(id);
      if (random.chance(4) && administrators !== sole.administrators) administrators.people.add(id);
    }
  }
  for (const { administrators } of linked) {
    if (administrators === sole.administrators) administrators.people.add(cast.soleAdministrator);
    else while (administrators.people.size < 3) administrators.people.add(random.pick(persons).id);
  }
  for (const group of [second.contributors, second.administrators]) group.people.add(cast.both);

  return {
    domain,
    people: placed,
    groups: drafts.map((draft) => ({ ...draft, people: [...draft.people], groups: [...draft.groups] })),
    communities,
    links: linked.flatMap(({ id, contributors, administrators }): Link[] => [
      { groupId: contributors.id, displayName: contributors.displayName, community: id, role: 'contributor' },
      { groupId: administrators.id, displayName: administrators.displayName, community: id, role: 'administrator' },
    ]),
    cast,
  };
}
