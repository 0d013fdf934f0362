import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../daemon/contract/scim.ts';
import type { Push } from '../daemon/core/directory.ts';
import { parseFilter } from '../daemon/core/filter.ts';
import { Conflict, Malformed, NotFound, PreconditionFailed } from '../daemon/errors.ts';
import { directory } from '../daemon/store/directory.ts';
import { world as start, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await start();
});
afterEach(() => world.close());

const nothing = { members: false, groups: false };
const found = async (kind: 'User' | 'Group', filter: string, source = 'entra') => {
  const asked = { source, kind, filter: parseFilter(filter, kind), offset: 0, count: 100, wanted: nothing };
  return (await world.store.find(asked)).resources.map(({ id }) => id);
};
const stored = async (kind: 'User' | 'Group', id: string) => {
  const resource = await world.store.get('entra', kind, id, { members: true, groups: true });
  return resource && { ...resource, body: JSON.parse(resource.body) as JsonObject };
};

describe('Users in the directory', () => {
  test('I3 a user is there under its id at once, as it was accepted', async () => {
    const id = await world.user('Ada@x.test', 'entra', {
      externalId: '7',
      name: { givenName: 'Ada' },
      active: 'False',
    });
    expect(await stored('User', id)).toMatchObject({
      id,
      version: 1,
      body: { userName: 'Ada@x.test', externalId: '7', name: { givenName: 'Ada' }, active: false },
    });
  });

  test('I8 a userName is taken in any case and whichever source has it, and the refusal says which', async () => {
    await world.user('ada@x.test', 'okta');
    const refusal = await world.refused({
      source: 'entra',
      method: 'POST',
      kind: 'User',
      body: { userName: 'ADA@x.test' },
    });
    expect(refusal).toBeInstanceOf(Conflict);
    expect(refusal.message).toContain('another source, "okta"');
    const ben = await world.user('ben@x.test');
    expect(
      await world.refused(world.patch(ben, [{ op: 'replace', path: 'userName', value: 'Ada@X.TEST' }], 'User')),
    ).toBeInstanceOf(Conflict);
    await world.accepted(world.patch(ben, [{ op: 'replace', path: 'userName', value: 'BEN@x.test' }], 'User'));
  });

  test('I8 an externalId belongs to its source, and is not forced to be unique', async () => {
    const ids = [
      await world.user('a@x.test', 'entra', { externalId: '7' }),
      await world.user('b@x.test', 'entra', { externalId: '7' }),
    ];
    const other = await world.user('c@x.test', 'okta', { externalId: '7' });
    expect(await found('User', 'externalId eq "7"')).toEqual(ids);
    expect(await found('User', 'externalId eq "7"', 'okta')).toEqual([other]);
  });

  test('another source’s resource does not exist: not to read, find, change, delete or be a member', async () => {
    const id = await world.user('ada@x.test', 'okta');
    expect(await world.store.get('entra', 'User', id, nothing)).toBeUndefined();
    expect(await found('User', 'userName eq "ada@x.test"')).toEqual([]);
    expect(await found('User', `id eq "${id}"`)).toEqual([]);
    for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
      const body = { userName: 'x', Operations: [{ op: 'replace', path: 'title', value: 'x' }] };
      expect(await world.refused({ source: 'entra', method, kind: 'User', id, body })).toBeInstanceOf(NotFound);
    }
    const refusal = await world.refused({
      source: 'entra',
      method: 'POST',
      kind: 'Group',
      body: { displayName: 'g', members: [{ value: id }] },
    });
    expect(refusal).toBeInstanceOf(Malformed);
  });

  test('a deleted user is gone everywhere, out of its groups, and its name and address are free for a new id', async () => {
    const id = await world.user('ada@x.test', 'entra', { emails: [{ value: 'other@x.test' }] });
    const team = await world.group('staff', [id]);
    await world.accepted({ source: 'entra', method: 'DELETE', kind: 'User', id });
    expect(await stored('User', id)).toBeUndefined();
    expect(await world.members(team)).toEqual([]);
    expect((await stored('Group', team))?.version).toBe(2);
    for (const filter of [`id eq "${id}"`, 'userName eq "ada@x.test"', 'emails.value eq "other@x.test"', 'userName pr'])
      expect(await found('User', filter), filter).toEqual([]);
    expect(await world.refused({ source: 'entra', method: 'DELETE', kind: 'User', id })).toBeInstanceOf(NotFound);
    expect(world.db.prepare('SELECT * FROM person_email').all()).toEqual([]);
    const again = await world.user('ada@x.test', 'entra', { emails: [{ value: 'other@x.test' }] });
    expect(again).not.toBe(id);
    expect(await found('User', 'emails.value eq "other@x.test"')).toEqual([again]);
  });

  test('an inactive user is found, and keeps its groups, for Entra does not say them twice', async () => {
    const id = await world.user('ada@x.test');
    const team = await world.group('staff', [id]);
    await world.accepted(world.patch(id, [{ op: 'Replace', path: 'active', value: 'False' }], 'User'));
    expect(await found('User', 'userName eq "ada@x.test" and active eq false')).toEqual([id]);
    expect(await world.members(team)).toEqual([id]);
    expect(world.db.prepare('SELECT state FROM person').pluck().all()).toEqual(['inactive']);
    const put = (body: JsonObject) =>
      world.accepted({ source: 'entra', method: 'PUT', kind: 'User', id, body: { userName: 'ada@x.test', ...body } });
    await put({ title: 'Engineer' });
    expect(world.db.prepare('SELECT state FROM person').pluck().all()).toEqual(['inactive']);
    await put({ active: true });
    expect(world.db.prepare('SELECT state FROM person').pluck().all()).toEqual(['active']);
  });

  test('a push that changes nothing keeps the version, and owes no plan', async () => {
    const id = await world.user('ada@x.test', 'entra', { title: 'Engineer' });
    world.db.exec('DELETE FROM owed');
    const same = [
      world.patch(id, [{ op: 'replace', path: 'title', value: 'Engineer' }], 'User'),
      {
        source: 'entra',
        method: 'PUT',
        kind: 'User',
        id,
        body: { title: 'Engineer', userName: 'ada@x.test' },
      } as const,
    ];
    for (const push of same)
      expect(await world.accepted(push)).toMatchObject({ version: 1, changed: false, status: 200 });
    expect(world.db.prepare('SELECT count(*) FROM owed').pluck().get()).toBe(0);
    expect(world.log.counts().pushes).toBe(3);
  });

  test('I7 a password reaches neither row nor journal, whether in a body, a PATCH or a refusal', async () => {
    const canary = 'correct-horse-battery';
    const id = await world.user('ada@x.test', 'entra', { password: canary });
    await world.accepted(world.patch(id, [{ op: 'replace', value: { Password: canary } }], 'User'));
    await world.accepted(world.patch(id, [{ op: 'replace', path: 'password', value: canary }], 'User'));
    await world.refused({
      source: 'entra',
      method: 'POST',
      kind: 'User',
      body: { userName: 'ADA@x.test', password: canary },
    });
    expect(world.log.counts()).toMatchObject({ pushes: 3, refusals: 1 });
    expect(world.db.serialize().includes(canary)).toBe(false);
  });
});

describe('Groups in the directory', () => {
  test('I5 an unknown member is refused by operation, path and id; nobody of the list is added', async () => {
    const ada = await world.user('ada@x.test');
    const team = await world.group('staff');
    const value = [{ value: ada }, { value: 'nobody' }, { value: 'none' }];
    const refusal = await world.refused(
      world.patch(team, [
        { op: 'replace', path: 'displayName', value: 'x' },
        { op: 'Add', path: 'members', value },
      ]),
    );
    expect(refusal).toMatchObject({ status: 400, scimType: 'invalidValue' });
    expect(refusal.message).toMatch(/Operations\[1\].*add.*members.*"nobody".*1 more/);
    expect(await stored('Group', team)).toMatchObject({ members: [], version: 1, body: { displayName: 'staff' } });
  });

  test('adding who is there and removing who is not, or is no more, is success without a change', async () => {
    const [ada, ben, cho] = [
      await world.user('ada@x.test'),
      await world.user('ben@x.test'),
      await world.user('cho@x.test'),
    ];
    const team = await world.group('staff', [ada]);
    await world.accepted({ source: 'entra', method: 'DELETE', kind: 'User', id: ben });
    world.db.exec('DELETE FROM owed');
    for (const operation of [
      { op: 'Add', path: 'members', value: [{ value: ada }] },
      { op: 'Remove', path: 'members', value: [{ value: ben }] },
      { op: 'Remove', path: 'members', value: [{ value: cho }, { value: team }] },
      { op: 'remove', path: 'members[value eq "nobody"]' },
      { op: 'replace', path: 'members', value: [{ value: ada }] },
    ])
      expect(await world.accepted(world.patch(team, [operation]))).toMatchObject({ version: 1, changed: false });
    expect(world.db.prepare('SELECT count(*) FROM owed').pluck().get()).toBe(0);
  });

  test('I5 a deleted user cannot be added to a group', async () => {
    const ada = await world.user('ada@x.test');
    await world.accepted({ source: 'entra', method: 'DELETE', kind: 'User', id: ada });
    const body = { displayName: 'staff', members: [{ value: ada }] };
    expect(await world.refused({ source: 'entra', method: 'POST', kind: 'Group', body })).toBeInstanceOf(Malformed);
  });

  test('A5 a group that enters or leaves another is owed a plan itself, for everybody in it', async () => {
    const child = await world.group('child', [await world.user('ada@x.test')]);
    const parent = await world.group('parent');
    const owed = () => world.db.prepare('SELECT kind, num FROM owed').all();
    for (const operation of [
      { op: 'add', path: 'members', value: [{ value: child }] },
      { op: 'remove', path: 'members', value: [{ value: child }] },
      { op: 'replace', path: 'members', value: [{ value: child }] },
      { op: 'remove', path: 'members' },
    ]) {
      world.db.exec('DELETE FROM owed');
      expect(await world.accepted(world.patch(parent, [operation]))).toMatchObject({ changed: true });
      expect(owed()).toEqual([{ kind: 'team', num: 1 }]);
    }
  });

  test('an e-mail that is replaced is no longer what its user is found by', async () => {
    const id = await world.user('ada@x.test', 'entra', { emails: [{ value: 'Old@x.test', type: 'work' }] });
    const replace = { op: 'Replace', path: 'emails[type eq "work"].value', value: 'NEW@x.test' };
    await world.accepted(world.patch(id, [replace], 'User'));
    expect(await found('User', 'emails[type eq "work"].value eq "new@X.test"')).toEqual([id]);
    expect(await found('User', 'emails eq "old@x.test"')).toEqual([]);
    expect(world.db.prepare('SELECT email_key FROM person_email').pluck().all()).toEqual(['new@x.test']);
  });

  test('operations on members take effect in the order they are sent', async () => {
    const [ada, ben, cho] = [
      await world.user('ada@x.test'),
      await world.user('ben@x.test'),
      await world.user('cho@x.test'),
    ];
    const inner = await world.group('inner');
    const team = await world.group('staff', [ada, inner]);
    await world.accepted(
      world.patch(team, [
        { op: 'add', path: 'members', value: [{ value: ben }] },
        { op: 'remove', path: 'members[type eq "User"]' },
        { op: 'add', path: 'members', value: [{ value: cho }] },
      ]),
    );
    expect(await world.members(team)).toEqual([cho, inner]);
    await world.accepted(
      world.patch(team, [{ op: 'replace', path: 'members', value: [{ value: ada }, { value: ben }] }]),
    );
    expect(await world.members(team)).toEqual([ada, ben]);
  });

  test('G6 removing everybody is said plainly in the journal, however it was asked', async () => {
    const ada = await world.user('ada@x.test');
    const asks: readonly ((id: string) => Push)[] = [
      (id: string) => world.patch(id, [{ op: 'remove', path: 'members' }]),
      (id: string) => world.patch(id, [{ op: 'replace', path: 'members', value: [] }]),
      (id: string) => world.patch(id, [{ op: 'replace', value: { members: null } }]),
      (id: string) => ({ source: 'entra', method: 'PUT', kind: 'Group', id, body: { displayName: 'x', members: [] } }),
    ];
    for (const ask of asks) {
      const id = await world.group('staff', [ada]);
      const { seq } = await world.accepted(ask(id));
      expect(await world.members(id)).toEqual([]);
      expect(world.log.show(seq)?.body).toMatchObject({ removesAll: 'members' });
    }
  });

  test('a PUT that does not speak of members leaves them; emptying a group must be said', async () => {
    const ada = await world.user('ada@x.test');
    const id = await world.group('staff', [ada]);
    await world.accepted({ source: 'entra', method: 'PUT', kind: 'Group', id, body: { displayName: 'renamed' } });
    expect(await stored('Group', id)).toMatchObject({ body: { displayName: 'renamed' }, members: [{ value: ada }] });
  });

  test('A6 a deleted group stays as a tombstone, its people and child groups owed a plan', async () => {
    const ada = await world.user('ada@x.test');
    const child = await world.group('child');
    const id = await world.group('staff', [ada, child]);
    const parent = await world.group('parent', [id]);
    world.db.exec('DELETE FROM owed');
    await world.accepted({ source: 'entra', method: 'DELETE', kind: 'Group', id });
    expect(await stored('Group', id)).toBeUndefined();
    expect(await world.members(parent)).toEqual([]);
    expect(world.db.prepare('SELECT state FROM team WHERE id = ?').pluck().get(id)).toBe('deleted');
    const owed = world.db.prepare('SELECT kind, num FROM owed ORDER BY kind, num').all();
    expect(owed).toEqual([
      { kind: 'person', num: 1 },
      { kind: 'team', num: 1 },
      { kind: 'team', num: 2 },
    ]);
  });

  test('a group may be in itself, and in a circle, without harm', async () => {
    const one = await world.group('one');
    const two = await world.group('two', [one]);
    await world.accepted(world.patch(one, [{ op: 'add', path: 'members', value: [{ value: two }, { value: one }] }]));
    expect(await world.members(one)).toEqual([one, two]);
  });

  test('I6 a membership push on a large group reads and writes the same rows as on a small one', async () => {
    const people: string[] = [];
    for (let index = 0; index < 400; index += 1) people.push(await world.user(`person${index}@x.test`));
    const [small, large] = [
      await world.group('small', people.slice(0, 2)),
      await world.group('large', people.slice(0, 399)),
    ];
    // Counts each row a statement gives or changes, below everything the store does.
    let rows = 0;
    const counted = new Proxy(world.db, {
      get: (db, name) => {
        const value: unknown = Reflect.get(db, name, db);
        if (name !== 'prepare') return typeof value === 'function' ? value.bind(db) : value;
        return (sql: string) =>
          counting(db.prepare(sql), (count) => {
            rows += count;
          });
      },
    });
    const store = directory(counted, world.log, { newId: () => '', now: () => 1, report: () => {} });
    const spent: number[][] = [];
    for (const id of [small, large]) {
      const each: number[] = [];
      for (const op of ['Add', 'Remove', 'Remove'] as const) {
        rows = 0;
        const [outcome] = await store.accept([
          world.patch(id, [{ op, path: 'members', value: [{ value: people[399]! }] }]),
        ]);
        expect(outcome?.ok).toBe(true);
        each.push(rows);
      }
      spent.push(each);
    }
    expect(spent[0]?.[0]).toBeGreaterThan(3);
    expect(spent[1]).toEqual(spent[0]);
  });
});

type Prepared = ReturnType<World['db']['prepare']>;
function counting(statement: Prepared, count: (rows: number) => void): Prepared {
  const wrapped: Prepared = new Proxy(statement, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        const result: unknown = value.apply(target, parameters);
        if (name === 'get') count(result === undefined ? 0 : 1);
        if (name === 'all') count((result as unknown[]).length);
        if (name === 'run') count((result as { changes: number }).changes);
        return result === target ? wrapped : result;
      };
    },
  });
  return wrapped;
}

describe('Concurrency', () => {
  test('I9 of pushes that name one version only the first passes, in one batch as in several', async () => {
    const id = await world.user('ada@x.test');
    const push = (title: string) => ({
      ...world.patch(id, [{ op: 'replace', path: 'title', value: title }], 'User'),
      ifMatch: 'W/"1"',
    });
    const outcomes = [...(await world.store.accept([push('a'), push('b')])), await world.push(push('c'))];
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false]);
    expect(outcomes.slice(1).map((outcome) => !outcome.ok && outcome.error)).toEqual([
      expect.any(PreconditionFailed),
      expect.any(PreconditionFailed),
    ]);
    expect(await stored('User', id)).toMatchObject({ version: 2, body: { title: 'a' } });
  });

  test('I9 If-Match takes lists, strong and weak tags, and the star for whatever is there', async () => {
    const id = await world.user('ada@x.test');
    let version = 1;
    for (const ifMatch of ['*', '"2"', 'W/"9", W/"3"']) {
      await world.accepted({
        ...world.patch(id, [{ op: 'replace', path: 'title', value: String(version) }], 'User'),
        ifMatch,
      });
      version += 1;
    }
    expect((await stored('User', id))?.version).toBe(4);
    expect(await world.refused({ ...world.patch(id, [], 'User'), ifMatch: 'nonsense' })).toBeInstanceOf(
      PreconditionFailed,
    );
    expect(
      await world.refused({ source: 'entra', method: 'DELETE', kind: 'User', id, ifMatch: 'W/"1"' }),
    ).toBeInstanceOf(PreconditionFailed);
  });
});

describe('What people of ours read', () => {
  test('counts and lists everybody who is not deleted, over all sources, and looks up by name, userName and e-mail', async () => {
    const ada = await world.user('ada@x.test', 'entra', { displayName: 'Ada Lovelace' });
    await world.user('ben@x.test', 'okta', {
      name: { givenName: 'Ben', familyName: 'Ősz' },
      emails: [{ value: 'BÉN@y.test' }],
      active: false,
    });
    const gone = await world.user('gone@x.test');
    await world.group('Staff', [ada]);
    await world.accepted({ source: 'entra', method: 'DELETE', kind: 'User', id: gone });
    expect(await world.store.counts()).toEqual({ users: 2, active: 1, groups: 1, memberships: 1 });
    const all = await world.store.people({ filter: '', offset: 0, limit: 10 });
    expect(all).toMatchObject({
      total: 2,
      items: [
        { id: ada, name: 'Ada Lovelace', source: 'entra', state: 'active', groups: 1, email: '' },
        { name: 'Ben Ősz', email: 'BÉN@y.test', state: 'inactive' },
      ],
    });
    for (const [filter, names] of Object.entries({
      LOVE: ['Ada Lovelace'],
      őSZ: ['Ben Ősz'],
      'bén@': ['Ben Ősz'],
      'x.test': ['Ada Lovelace', 'Ben Ősz'],
      '%': [],
    })) {
      const page = await world.store.people({ filter, offset: 0, limit: 10 });
      expect(
        page.items.map(({ name }) => name),
        filter,
      ).toEqual(names);
      expect(page.total).toBe(names.length);
    }
    expect((await world.store.people({ filter: '', offset: 1, limit: 10 })).items).toHaveLength(1);
    expect(await world.store.groups({ filter: 'sta', offset: 0, limit: 1 })).toMatchObject({
      total: 1,
      items: [{ displayName: 'Staff', members: 1 }],
    });
  });
});
