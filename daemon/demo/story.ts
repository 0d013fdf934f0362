/**
 * The demo's story, over real sockets between real processes: from a Steeple that already has some people, through two
 * providers, a mapping, a stale plan and an enabled one, to departures that wait for a person.
 *
 * Everything is checked as it is told. What is compared with Steeple is worked out from the providers' own directories
 * (oracle.ts), and what is counted is counted where it happens; the relay is never asked whether it was right.
 */
import { randomUUID } from 'node:crypto';
import { type Ask, Refused } from '../cli/client.ts';
import type { Output } from '../contract/admin.ts';
import { entra } from '../sandbox/entra.ts';
import { okta } from '../sandbox/okta.ts';
import { type Company, company, type Person } from '../sandbox/people.ts';
import { differences, expectedAccess } from './oracle.ts';
import { accessIn, type Organization, type State } from './organization.ts';
import type { SandboxReady } from './stage.ts';
import type { Summary } from './summary.ts';
import type { Teller } from './telling.ts';

export type Size = Readonly<{ users: number; groups: number; seed: string }>;
type Cast = Readonly<{ ask: Ask; steeple: SandboxReady; organization: Organization; tell: Teller; size: Size }>;
const by = 'demo';
const pageSize = 2_000;
const key = (userName: string): string => userName.toLowerCase();

/** Tells the whole story. `differ` collects what was not as it should be; the story goes on, so that it is all seen. */
export async function story({ ask, steeple, organization, tell, size }: Cast): Promise<Summary> {
  const differ: string[] = [];
  const check = (good: boolean, otherwise: string): void => {
    if (good) return;
    differ.push(otherwise);
    tell.say(`✗ ${otherwise}`);
  };
  let received = 0;
  const onExchange = ({ method, status }: { method: string; status: number }): void => {
    if (method !== 'GET' && status < 300) received += 1;
  };

  // ------------------------------------------------------------------ the company, on both sides
  const second = Math.max(20, Math.round(size.users / 5));
  const head = company({
    users: Math.max(60, size.users - second),
    groups: Math.max(16, size.groups - 8),
    seed: size.seed,
  });
  const plant = company({ users: second, groups: 8, seed: size.seed, site: 'lyon' });
  const links = [...head.links, ...plant.links];
  const catalogue = [...new Map([...head.communities, ...plant.communities].map((one) => [one.id, one])).values()];
  const extras = head.people.filter(isOrdinary(head));
  const [known, lateLeaver] = extras.slice(-2) as [Person, Person];

  tell.act('Steeple already holds some people');
  await organization.communities(catalogue);
  const first = catalogue[0]?.id ?? '';
  await organization.seed([
    { userName: known.userName, posts: ['Welcome'], access: [{ community: first, role: 'contributor' }] },
    { userName: lateLeaver.userName, posts: ['Minutes of March'] },
    {
      userName: 'former.intern@aldine.example',
      posts: ['My summer here'],
      access: [{ community: first, role: 'contributor' }],
    },
    { userName: 'old.account@aldine.example' },
    { userName: 'agency@partner.example', external: true, access: [{ community: first, role: 'contributor' }] },
  ]);
  tell.say(
    `${catalogue.length} communities; 5 accounts made by hand, of which the directory will name 2 and one is external`,
  );

  const url = { url: steeple.scimUrl, token: steeple.token, apiUrl: steeple.apiUrl, apiToken: steeple.apiToken };
  const upstream = await ask('upstream.set', { ...url, by });
  check(upstream.test.verdict === 'fine', `the upstream test said ${upstream.test.verdict}: ${upstream.test.detail}`);
  const listed = await ask('communities.refresh', { by });
  tell.say(
    `The relay keeps Steeple's token in: ${upstream.kept}. ${listed.length} communities read from Steeple's API`,
  );

  // ------------------------------------------------------------------ the providers push
  tell.act('Microsoft Entra ID pushes users, groups and memberships');
  const main = await ask('source.add', { kind: 'entra', name: 'Entra main', by });
  const entraId = entra({ ...main, directory: head, concurrency: 8, onExchange });
  await entraId.testConnection();
  await tell.during('Entra’s initial cycle', (progress) =>
    entraId.initialCycle(({ done, total }) => progress(done, total)),
  );
  tell.say(words(entraId.expected().users.length, entraId.expected().groups.length, 'from Entra'));

  tell.act('Okta pushes a second site');
  const site = await ask('source.add', { kind: 'okta', name: 'Okta Lyon', by });
  const oktaLyon = okta({ ...site, directory: plant, flavour: 'template', header: 'bare', concurrency: 8, onExchange });
  await oktaLyon.testCredentials();
  await tell.during('Okta’s push', async (progress) => {
    await oktaLyon.assignEveryone(({ done, total }) => progress(done, total));
    await oktaLyon.pushGroups(({ done, total }) => progress(done, total));
  });
  tell.say(words(oktaLyon.expected().users.length, oktaLyon.expected().groups.length, 'from Okta'));
  const expected = () => {
    const [a, b] = [entraId.expected(), oktaLyon.expected()];
    return { users: [...a.users, ...b.users], groups: [...a.groups, ...b.groups] };
  };
  const loaded = await ask('status', {});
  const wanted = expected();
  check(
    loaded.directory.users === wanted.users.length,
    `the directory has ${loaded.directory.users} users, the providers sent ${wanted.users.length}`,
  );
  check(
    loaded.directory.groups === wanted.groups.length,
    `the directory has ${loaded.directory.groups} groups, the providers sent ${wanted.groups.length}`,
  );
  const untouched = await organization.state();
  check(untouched.writes === 0, `${untouched.writes} writes reached Steeple before anything was enabled`);
  tell.say(`Every push is in the journal (${loaded.journal.pushes} so far). Nothing has been written to Steeple`);

  // ------------------------------------------------------------------ mapping and plan
  tell.act('A mapping is drawn: which group gives which community and role');
  const mapping = {
    version: 1,
    links: links.map(({ displayName, community, role }) => ({
      source: head.links.some((link) => link.displayName === displayName) ? main.id : site.id,
      group: { displayName },
      community,
      role,
    })),
  };
  const drawn = await ask('mapping.import', { text: JSON.stringify(mapping, null, 2), note: 'The demo’s mapping', by });
  tell.say(
    `${drawn.links.length} links over ${new Set(drawn.links.map(({ community }) => community)).size} communities`,
  );

  tell.act('The plan shows what a sync would do');
  const plan = await tell.during('Planning', () => makePlan(ask));
  tellPlan(plan, tell);
  check(
    plan.strangers.some(({ userName }) => userName === 'former.intern@aldine.example'),
    'the plan does not list the former intern as a stranger',
  );
  check(plan.summary.adopt === 2, `the plan adopts ${plan.summary.adopt} accounts, and should adopt 2`);

  tell.act('A late push makes the plan stale, so enabling it is refused');
  entraId.disableUser(lateLeaver.id);
  await entraId.incrementalCycle();
  tell.say(`Entra disables ${lateLeaver.userName}, whom Steeple has as an account made by hand`);
  const refusal = await ask('sync.enable', { plan: plan.id, by }).then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Refused ? thrown : Promise.reject(thrown)),
  );
  check(
    refusal?.code === 'stale',
    `the stale plan was ${refusal === undefined ? 'enabled' : `refused as ${refusal.code}`}`,
  );
  tell.say(`Refused: ${refusal?.message ?? ''}`);

  tell.act('A new plan is named, and sync is enabled');
  const renewed = await tell.during('Planning', () => makePlan(ask));
  tellPlan(renewed, tell);
  await ask('sync.enable', { plan: renewed.id, by });
  await settle(ask, tell);

  tell.act('Each group is linked once in Steeple, the counts are checked, and synchronization is enabled there');
  const sent = await organization.state();
  const names = new Map(listed.map(({ id, name }) => [id, name]));
  for (const { community, role } of pairsOf(links))
    await organization.link(
      `${names.get(community)} – ${role.charAt(0).toUpperCase()}${role.slice(1)}s`,
      community,
      role,
    );
  const counted = await ask('status', {});
  const inSteeple = countsOf(sent);
  check(
    counted.observed.memberships === inSteeple.memberships,
    `the relay believes in ${counted.observed.memberships} memberships, Steeple has ${inSteeple.memberships}`,
  );
  await organization.enable();
  tell.say(
    `Steeple has ${inSteeple.users} active users, ${inSteeple.groups} groups, ${inSteeple.memberships} memberships`,
  );
  const before = expectedAccess(expected(), links);
  const enabled = await organization.state();
  const wrong = differences(before, withoutStrangers(accessIn(enabled)));
  check(wrong.length === 0, `access in Steeple differs: ${wrong.slice(0, 5).join('; ')}`);
  check(differences(before, planned(renewed)).length === 0, 'the plan’s access differs from what the providers say');
  tell.say(`Access was compared person by person for ${before.size} people: ${wrong.length} differ`);
  tell.say(`The former intern, in no directory, has lost all access; the external account has kept its own`);

  // ------------------------------------------------------------------ movers and leavers
  tell.act('People move, join and leave; one group loses many; one leaver comes back');
  const staff = extras.slice(0, -2);
  const linked = head.links.filter(({ role }) => role === 'contributor');
  const moving = movable(head, linked, staff);
  const [leaver, kept, returner] = staff.filter(({ id }) => id !== moving.person.id) as [Person, Person, Person];
  const many = staff
    .filter((person) => ![leaver, kept, returner, moving.person].includes(person))
    .slice(0, Math.max(10, Math.round(staff.length / 8)));
  const joiner: Person = {
    ...leaver,
    id: randomUUID(),
    userName: 'new.joiner@aldine.example',
    email: 'new.joiner@aldine.example',
    displayName: 'New Joiner',
    givenName: 'New',
    familyName: 'Joiner',
  };
  entraId.addUser(joiner);
  entraId.addMembers(moving.to, [joiner.id]);
  entraId.removeMembers(moving.from, [moving.person.id]);
  entraId.addMembers(moving.to, [moving.person.id]);
  for (const { id } of [leaver, kept, returner, ...many]) entraId.disableUser(id);
  await entraId.incrementalCycle();
  await settle(ask, tell);
  const departures = [leaver, kept, returner, ...many];
  const queue = await ask('review.list', { limit: 10_000 });
  const during = await organization.state();
  const gone = leftBetween(enabled, during);
  check(queue.total === departures.length, `${queue.total} removals are held, and ${departures.length} people left`);
  check(gone.length === 0, `these left Steeple while their removal was held: ${gone.join(', ')}`);
  const flowed = accessIn(during);
  const now = expectedAccess(expected(), links);
  for (const { userName } of [joiner, moving.person])
    check(
      differences(pick(now, userName), pick(flowed, userName)).length === 0,
      `the change of ${userName} did not flow while removals were held`,
    );
  tell.say(`${queue.total} removals are held, none was sent. The mover and the joiner flowed meanwhile`);

  entraId.enableUser(returner.id);
  await entraId.incrementalCycle();
  await settle(ask, tell);
  const [back] = (await ask('review.list', { states: ['withdrawn'], limit: 10_000 })).items.filter(
    ({ userName }) => key(userName) === key(returner.userName),
  );
  check(back !== undefined, `the item of ${returner.userName}, who came back, was not withdrawn`);
  tell.say(`${returner.userName} came back before the review: the item closed by itself`);

  // ------------------------------------------------------------------ the review
  tell.act('A person decides: one removal approved, one kept');
  const itemOf = ({ userName }: Person): number =>
    queue.items.find((item) => key(item.userName) === key(userName))?.id ?? 0;
  const approved = await ask('review.approve', { ids: [itemOf(leaver)], reason: 'Left the company', by });
  const spared = await ask('review.keep', { ids: [itemOf(kept)], reason: 'On parental leave, stays a member', by });
  await settle(ask, tell);
  const after = await organization.state();
  const left = leftBetween(enabled, after);
  check(
    left.length === 1 && left[0] === key(leaver.userName),
    `only ${leaver.userName} should have left Steeple; it was: ${left.join(', ') || 'nobody'}`,
  );
  const should = new Map(expectedAccess(expected(), links));
  for (const person of [kept, ...many]) should.set(key(person.userName), before.get(key(person.userName)) ?? []);
  const rest = differences(should, withoutStrangers(accessIn(after)));
  check(rest.length === 0, `Steeple is not desired minus held: ${rest.slice(0, 5).join('; ')}`);
  tell.say(`${leaver.userName} has left, ${kept.userName} stays. Steeple equals what is desired, minus what is held`);

  tell.act('The journal is verified');
  const verified = await ask('journal.verify', {});
  const end = await ask('status', {});
  check(verified.ok, `the journal does not verify: ${verified.bad?.problem ?? ''}`);
  check(
    end.journal.pushes === received,
    `${received} pushes were accepted, and ${end.journal.pushes} are in the journal`,
  );
  check(end.deliveries.dead === 0, `${end.deliveries.dead} deliveries are dead letters`);
  await entraId.audit();
  await oktaLyon.importAll();
  tell.say('Both providers read the directory back: it is what they pushed');
  tell.say(`${verified.entries} entries, ${verified.ok ? 'an unbroken chain' : 'a broken chain'}`);
  await Promise.all([entraId.close(), oktaLyon.close()]);

  return {
    ok: differ.length === 0,
    pushes: { received, journaled: end.journal.pushes },
    directory: pickCounts(end.directory),
    beforeEnable: { writesToSteeple: untouched.writes },
    plan: pickPlan(renewed),
    afterEnable: { steeple: inSteeple, equalsDesired: wrong.length === 0 },
    departures: {
      held: queue.total,
      sentWhileHeld: gone.length,
      approved: approved.items.length,
      kept: spared.items.length,
    },
    afterReview: { equalsDesired: rest.length === 0 },
    journal: { entries: verified.entries, verified: verified.ok },
    seconds: Math.round(tell.seconds() * 10) / 10,
    differ,
  };
}

/** A new plan with all its people, read page by page. */
async function makePlan(ask: Ask): Promise<Output<'plan.make'>> {
  const plan = await ask('plan.make', { limit: pageSize });
  const people = [...plan.people];
  while (people.length < plan.total.people)
    people.push(...(await ask('plan.show', { id: plan.id, offset: people.length, limit: pageSize })).people);
  return { ...plan, people };
}

/** Waits until nothing is owed: no plan, and no delivery that could leave. */
async function settle(ask: Ask, tell: Teller): Promise<void> {
  await tell.during('Delivering to Steeple', async (progress) => {
    let most = 0;
    for (const until = Date.now() + 600_000; ; ) {
      const { owesPlan, deliveries, circuit } = await ask('status', {});
      const owed = deliveries.owed + deliveries.sending;
      if (owesPlan === 0 && owed === 0) return;
      if (circuit.state === 'open') throw new Error(`Sending stopped: ${circuit.reason ?? ''}`);
      if (Date.now() > until) throw new Error(`After ten minutes ${owed} deliveries are still owed`);
      most = Math.max(most, owed);
      progress(most - owed, most);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}

/** People the story may play with: active, with a name and an address, and nobody whose part is needed elsewhere. */
function isOrdinary({ cast, links, groups }: Company): (person: Person) => boolean {
  const parts = new Set(Object.values(cast));
  const administrators = new Set(links.filter(({ role }) => role === 'administrator').map(({ groupId }) => groupId));
  const leading = new Set(groups.filter(({ id }) => administrators.has(id)).flatMap(({ people }) => people));
  return ({ id, active, email }) => active && email !== undefined && !parts.has(id) && !leading.has(id);
}

/** Somebody directly in one community's contributors who can go to another's, and keeps access elsewhere. */
function movable(head: Company, contributors: Company['links'], staff: readonly Person[]) {
  const members = new Map(head.groups.map(({ id, people }) => [id, new Set(people)]));
  for (const from of contributors)
    for (const to of contributors)
      for (const person of staff) {
        const there = members.get(to.groupId)?.has(person.id);
        if (from !== to && members.get(from.groupId)?.has(person.id) && !there)
          return { person, from: from.groupId, to: to.groupId };
      }
  throw new Error('This company has nobody who could move: choose a larger one');
}

const pairsOf = (links: readonly Readonly<{ community: string; role: string }>[]) => [
  ...new Map(links.map(({ community, role }) => [`${community} ${role}`, { community, role }])).values(),
];
const withoutStrangers = (access: Map<string, string[]>): Map<string, string[]> =>
  new Map([...access].filter(([name]) => name !== 'agency@partner.example'));
const pick = (access: ReadonlyMap<string, readonly string[]>, userName: string) =>
  new Map([[key(userName), access.get(key(userName)) ?? []]]);

/** The access a plan promises: it starts from nothing of ours, so every line says where people end up. */
function planned(plan: Output<'plan.make'>): Map<string, string[]> {
  return new Map(
    plan.people.map(({ userName, access }) => [
      key(userName),
      access.flatMap(({ community, to }) => (to === null ? [] : [`${community} ${to}`])).sort(),
    ]),
  );
}

/** Who was a member of the organization, and is not any more. */
function leftBetween(earlier: State, later: State): string[] {
  const members = (state: State) => state.people.filter(({ member }) => member).map(({ userName }) => key(userName));
  const still = new Set(members(later));
  return members(earlier).filter((name) => !still.has(name));
}

function countsOf({ users, groups }: State) {
  const active = new Set(users.filter((user) => user.active).map(({ id }) => id));
  const memberships = groups.flatMap(({ members }) => members.filter((id) => active.has(id))).length;
  return { users: active.size, groups: groups.length, memberships };
}

const pickCounts = ({ users, groups, memberships }: Output<'status'>['directory']) => ({ users, groups, memberships });
const pickPlan = ({ id, summary }: Output<'plan.make'>) => {
  const { create, update, remove, grants, revokes, roleChanges } = summary;
  return { id, create, update, remove, grants, revokes, roleChanges };
};
const words = (users: number, groups: number, from: string): string => `${users} users and ${groups} groups ${from}`;

function tellPlan(plan: Output<'plan.make'>, tell: Teller): void {
  const { create, adopt, update, remove, grants, revokes, roleChanges, held } = plan.summary;
  tell.say(`${plan.id}: ${create} to create, ${adopt} to adopt, ${update} to update, ${remove} to remove`);
  tell.say(
    `  access: ${grants} granted, ${revokes} revoked, ${roleChanges} roles changed; ${held} would wait for a person`,
  );
  tell.say(
    `  ${plan.operations.length} requests to Steeple; ${plan.strangers.length} strangers: ${plan.strangers.map(({ userName }) => userName).join(', ') || 'none'}`,
  );
}
