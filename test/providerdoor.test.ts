/**
 * The simulated providers against the relay's own SCIM door, over real sockets and a real database: what the providers
 * were acknowledged, what the door shows, and what the directory holds must be one and the same.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Entra, entra } from '../daemon/sandbox/entra.ts';
import type { Expected } from '../daemon/sandbox/ledger.ts';
import { type Okta, okta } from '../daemon/sandbox/okta.ts';
import { type Company, company, type Person } from '../daemon/sandbox/people.ts';
import { type Door, openDoor } from './door.ts';

const directory = company({ users: 60, groups: 12, seed: 11 });
const lyon = company({ users: 40, groups: 8, seed: 11, site: 'lyon' });

let door: Door;
let opened: { close(): void }[];
beforeEach(async () => {
  door = await openDoor();
  opened = [];
});
afterEach(async () => {
  for (const one of opened) one.close();
  await door.close();
  expect(door.reports).toEqual([]);
});
function openEntra(options: Partial<Parameters<typeof entra>[0]> = {}): Entra {
  const one = entra({
    tenantUrl: door.base,
    secretToken: 'entra',
    directory,
    concurrency: 4,
    readBack: true,
    ...options,
  });
  opened.push(one);
  return one;
}
function openOkta(options: Partial<Parameters<typeof okta>[0]> = {}): Okta {
  const one = okta({
    tenantUrl: door.base,
    secretToken: 'okta',
    directory: lyon,
    flavour: 'template',
    header: 'bare',
    concurrency: 4,
    ...options,
  });
  opened.push(one);
  return one;
}

/** What the relay's tables say of one source, read by SQL and not through the door. */
function held(source: string): Expected {
  const rows = (sql: string) => door.db.prepare(sql).all({ source }) as Record<string, string>[];
  const members = Map.groupBy(
    rows(`
      SELECT team.id AS team, person.id AS member FROM membership
        JOIN team ON team.num = membership.team JOIN person ON person.num = membership.person
        WHERE team.source = @source AND person.state <> 'deleted'
      UNION ALL SELECT team.id, child.id FROM nesting
        JOIN team ON team.num = nesting.team JOIN team AS child ON child.num = nesting.child
        WHERE team.source = @source AND child.state = 'live'`),
    ({ team }) => team,
  );
  const users = rows(`
    SELECT id, user_name, state FROM person WHERE source = @source AND state <> 'deleted' ORDER BY id`);
  const groups = rows(`SELECT id, display_name FROM team WHERE source = @source AND state = 'live' ORDER BY id`);
  return {
    users: users.map(({ id, user_name, state }) => ({ id: id!, userName: user_name!, active: state === 'active' })),
    groups: groups.map(({ id, display_name }) => ({
      id: id!,
      displayName: display_name!,
      members: (members.get(id) ?? []).map(({ member }) => member!).sort(),
    })),
  };
}
const bare = ({ users, groups }: Expected): Expected => ({
  users: users.map(({ id, userName, active }) => ({ id, userName, active })),
  groups: groups.map(({ id, displayName, members }) => ({ id, displayName, members })),
});

/** Ordinary active people, and linked groups, in their order. */
function* ordinary({ people, cast }: Company): Generator<Person, never> {
  const known = new Set(Object.values(cast));
  for (const person of people) if (person.active && !known.has(person.id)) yield person;
  throw new RangeError('the company is too small for this test');
}
function* linked({ links }: Company): Generator<string, never> {
  for (const { groupId } of links) yield groupId;
  throw new RangeError('the company has too few groups for this test');
}

function take4<T>(from: Generator<T, never>): readonly [T, T, T, T] {
  const next = () => from.next().value;
  return [next(), next(), next(), next()];
}

describe.each(['default', 'aadOptscim062020'] as const)('I1 I3 I5 Entra in the %s dialect', (dialect) => {
  test('pushes a company, and all that happens to it afterwards, and finds everything as it was acknowledged', async () => {
    const provider = openEntra({ dialect });
    await provider.testConnection();
    await provider.initialCycle();
    await provider.audit();
    expect(bare(held('entra'))).toEqual(bare(provider.expected()));
    expect(provider.expected().users).toHaveLength(60);

    const [mover, leaver, shy, outsider] = take4(ordinary(directory));
    const [contributors, administrators, other] = take4(linked(directory));
    provider.renameUser(mover.id, `Moved.${mover.userName}`);
    provider.updateUser(mover.id, {
      familyName: 'D’Été "Q"',
      title: 'Buyer',
      email: 'moved@aldine.example',
      managerId: leaver.id,
    });
    provider.addMembers(administrators, [mover.id, shy.id]);
    provider.addMembers(contributors, [mover.id]);
    provider.softDelete(leaver.id);
    provider.unassign(outsider.id);
    provider.disableUser(directory.cast.apostrophe);
    provider.updateUser(directory.cast.withoutEmail, { email: 'at.last@aldine.example' });
    provider.updateUser(directory.cast.sharedMailbox, { displayName: '受付' });
    provider.renameGroup(other, 'steeple-renamed “contributors”');
    provider.addUser({ ...mover, id: 'new-person', userName: 'new.person@aldine.example', managerId: mover.id });
    await provider.incrementalCycle();
    await provider.audit();

    provider.restore(leaver.id);
    provider.reassign(outsider.id);
    provider.removeMembers(administrators, [mover.id, shy.id]);
    provider.hardDelete(shy.id);
    provider.deleteGroup(other);
    await provider.incrementalCycle();
    await provider.audit();
    expect(bare(held('entra'))).toEqual(bare(provider.expected()));

    await provider.initialCycle();
    await provider.audit();
    expect(bare(held('entra'))).toEqual(bare(provider.expected()));
  });
});

describe.each(['template', 'wizard'] as const)('I1 I3 I5 Okta, the %s app', (flavour) => {
  test('pushes a site, and all that happens to it afterwards, and imports everything as it was acknowledged', async () => {
    const provider = openOkta({ flavour, header: flavour === 'template' ? 'bare' : 'bearer' });
    await provider.testCredentials();
    await provider.assignEveryone();
    await provider.pushGroups();
    await provider.importAll();
    expect(bare(held('okta'))).toEqual(bare(provider.expected()));

    const [mover, leaver] = take4(ordinary(lyon));
    const [contributors, administrators, other] = take4(linked(lyon));
    await provider.renameUser(mover.id, `Moved.${mover.userName}`);
    await provider.updateUser(lyon.cast.decomposed, { displayName: '  Zoé\u0301 ' });
    await provider.changeMembers(administrators, { add: [mover.id, leaver.id], remove: [lyon.cast.soleAdministrator] });
    await provider.removeMembers(contributors, [lyon.cast.both]);
    await provider.deactivateUser(leaver.id);
    await provider.unassign(lyon.cast.mixedCase);
    await provider.renameGroup(other, 'Steeple “renamed”');
    await provider.importAll();
    await provider.reactivateUser(leaver.id);
    await provider.assign(lyon.cast.mixedCase);
    await provider.pushWholeGroup(contributors);
    await provider.unlinkGroup(other, { deleteInTarget: true });
    await provider.importAll();
    expect(bare(held('okta'))).toEqual(bare(provider.expected()));
  });
});

test('I8 two sources push side by side, and each sees its own directory', async () => {
  const [one, other] = [openEntra(), openOkta()];
  await Promise.all([one.initialCycle(), other.assignEveryone().then(() => other.pushGroups())]);
  await one.audit();
  await other.importAll();
  expect(bare(held('entra'))).toEqual(bare(one.expected()));
  expect(bare(held('okta'))).toEqual(bare(other.expected()));
});

test('I7 the password Okta sends is in no byte of the database', async () => {
  const passwords: string[] = [];
  const provider = openOkta({
    onExchange: ({ requestBody }) => {
      if (typeof requestBody?.password === 'string') passwords.push(requestBody.password);
    },
  });
  await provider.assignEveryone();
  const bytes = door.db.serialize();
  expect(passwords.length).toBeGreaterThan(30);
  for (const password of passwords) expect(bytes.includes(password)).toBe(false);
});
