/** Planning over the real stores: what is owed becomes deliveries and held items, once, and only what is still needed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Policy } from '../daemon/contract/policy.ts';
import type { JsonObject, UserResource } from '../daemon/contract/scim.ts';
import { mirrorKey, pairKey } from '../daemon/core/mapping.ts';
import { planning as openPlanning } from '../daemon/store/planning.ts';
import { effectsOf, type Stores, stores } from './stores.ts';

const hour = 3_600_000;
let now = 1_000_000_000_000;
let relay: Stores;
const open: Stores[] = [];
beforeEach(async () => {
  now += hour;
  relay = await stores(':memory:', () => now);
  open.push(relay);
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const names = (count: number, prefix = 'p') => Array.from({ length: count }, (_, at) => `${prefix}${at}@x.test`);
async function people(count: number, prefix = 'p'): Promise<string[]> {
  return relay.push(
    ...names(count, prefix).map((userName) => ({
      method: 'POST' as const,
      kind: 'User' as const,
      body: { userName, externalId: `ext-${userName}`, emails: [{ value: userName, primary: true }] },
    })),
  );
}
const num = (id: string) =>
  relay.db.prepare<[string], number>('SELECT num FROM person WHERE id = ?').pluck().get(id) ?? 0;
const deliveries = () =>
  relay.db
    .prepare<[], string>(`
      SELECT kind || ' ' || coalesce((SELECT user_name FROM person WHERE num = person), '') || coalesce(' ' || target, '')
      FROM delivery WHERE state IN ('ready', 'sending') ORDER BY id`)
    .pluck()
    .all();
const policy = (change: Partial<ReturnType<typeof relay.settings.get<'policy'>>>) =>
  relay.settings.set('policy', { ...relay.settings.get('policy'), ...change });
const govern = (change: Partial<Policy>) =>
  relay.planning.govern(
    { ...relay.settings.get('policy'), ...change },
    { key: Object.keys(change).join(), value: change },
    'ann',
    now,
  );
const plan = () => relay.planning.reconcile(now);
/** Items as a reviewer would tell them apart. */
const items = async (...states: ('held' | 'approved' | 'kept' | 'withdrawn' | 'sent')[]) =>
  (await relay.reviews.list({ states: states.length > 0 ? states : ['held'] }, 0, 1000)).items
    .map(({ kind, userName, community, state, rule }) =>
      `${kind} ${userName.replace('@x.test', '')} ${community} ${state}: ${rule}`.replace('  ', ' '),
    )
    .sort();
const user = (userName: string, more: JsonObject = {}): UserResource =>
  ({ id: `s-${userName}`, schemas: [], userName, active: true, ...more }) as unknown as UserResource;
const eve = user('eve@x.test').id;
const group = (id: string, displayName: string, members: readonly string[] = [], more: JsonObject = {}) =>
  ({ id, schemas: [], displayName, members: members.map((value) => ({ value })), ...more }) as never;

/** Everybody in one group that gives a role in Finance, enabled, and Steeple as desired. */
async function settled(count: number, role = 'contributor') {
  const ids = await people(count);
  const team = await relay.group('fin', ids);
  // Everybody keeps some access whatever happens to Finance, so that losing it is not their last.
  const hall = await relay.group('hall', ids);
  await relay.map([
    [team, 'finance', role],
    [hall, 'hall', 'contributor'],
  ]);
  await relay.enable();
  await relay.acknowledge();
  expect(deliveries()).toEqual([]);
  return { ids, team, hall };
}

describe('Planning is level-triggered', () => {
  test('P2 a hundred pushes on one group become the few writes that are still needed', async () => {
    const { ids, team } = await settled(6);
    for (let turn = 0; turn < 50; turn += 1) {
      await relay.members(team, 'remove', ids.slice(0, 3));
      await relay.members(team, 'add', ids.slice(0, turn === 49 ? 1 : 3));
    }
    expect(await relay.planning.owed()).toBe(3);
    expect(await plan()).toBe(3);
    expect(deliveries()).toEqual([
      `member.remove p1@x.test ${pairKey('finance', 'contributor')}`,
      `member.remove p2@x.test ${pairKey('finance', 'contributor')}`,
    ]);
    expect(await relay.planning.owed()).toBe(0);
    expect(await plan()).toBeUndefined();
  });

  test('G5 planned after every push, what the source has undone since is owed no more', async () => {
    const { ids, team } = await settled(3);
    for (let turn = 0; turn < 20; turn += 1) {
      await relay.members(team, 'remove', ids.slice(0, 1));
      await plan();
      expect(deliveries()).toHaveLength(1);
      await relay.members(team, 'add', ids.slice(0, 1));
      await plan();
      expect(deliveries()).toEqual([]);
    }
  });

  test('P2 pushes that change nothing for Steeple owe it nothing', async () => {
    const { ids, team } = await settled(3);
    await relay.patchUser(ids[0]!, { title: 'Dr' });
    await relay.push({
      method: 'PATCH',
      kind: 'Group',
      id: team,
      body: { Operations: [{ op: 'replace', value: { displayName: 'fin, renamed' } }] },
    });
    expect(await plan()).toBe(3);
    expect(deliveries()).toEqual([]);
  });

  test('A5 a group that enters or leaves another one is planned for everybody in it, at any depth', async () => {
    const [top, deep] = await people(2);
    const chain = [
      await relay.group('0', [top!]),
      await relay.group('1', []),
      await relay.group('2', []),
      await relay.group('3', [deep!]),
    ];
    for (const at of [1, 2]) await relay.members(chain[at]!, 'add', [chain[at + 1]!]);
    await relay.map([[chain[0]!, 'finance', 'contributor']]);
    await relay.enable();
    await relay.acknowledge();
    expect(relay.steeple()).toEqual({ 'finance – Contributors': ['p0@x.test'] });
    await relay.members(chain[0]!, 'add', [chain[1]!]);
    await relay.acknowledge();
    expect(relay.steeple()).toEqual({ 'finance – Contributors': names(2) });
    await relay.members(chain[0]!, 'remove', [chain[1]!]);
    await plan();
    expect(await items()).toEqual(['revoke p1 finance held: last-access']);
  });

  test('P1 what is owed survives a crash between the push and its plan', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'planning-'));
    relay = await stores(join(folder, 'relay.db'), () => now);
    const { ids, team } = await settled(3);
    await relay.members(team, 'remove', ids.slice(0, 1));
    const outer = await relay.group('outer', []);
    await relay.members(outer, 'add', [team]);
    await relay.close();
    relay = await stores(join(folder, 'relay.db'), () => now);
    open.push(relay);
    expect(await relay.planning.owed()).toBeGreaterThan(0);
    await plan();
    expect(deliveries()).toEqual([`member.remove p0@x.test ${pairKey('finance', 'contributor')}`]);
    rmSync(folder, { recursive: true });
  });

  test('a plan that fails leaves everything owed, and half of nothing', async () => {
    const { ids, team } = await settled(3);
    await relay.members(team, 'remove', ids.slice(0, 1));
    relay.db.exec("CREATE TRIGGER broken BEFORE INSERT ON delivery BEGIN SELECT RAISE(ABORT, 'broken'); END");
    await expect(plan()).rejects.toThrow('broken');
    expect(await relay.planning.owed()).toBe(1);
    relay.db.exec('DROP TRIGGER broken');
    await plan();
    expect(deliveries()).toHaveLength(1);
    expect((await relay.journal.verify()).ok).toBe(true);
  });

  test('nothing is planned while sync is off, and nothing is forgotten either', async () => {
    const { ids } = await settled(2);
    await relay.planning.disable('test', '', now);
    await relay.patchUser(ids[0]!, { displayName: 'Other' });
    expect(await plan()).toBeUndefined();
    expect(deliveries()).toEqual([]);
    await relay.enable();
    await plan();
    expect(deliveries()).toEqual(['user.update p0@x.test']);
  });

  test('groups are planned also where nobody is owed anything', async () => {
    await settled(1);
    await relay.map([], 'mirror');
    await relay.acknowledge();
    await relay.group('Empty', []);
    expect(await plan()).toBe(0);
    expect(deliveries()).toEqual([expect.stringMatching(/^group.create {2}group:/)]);
  });
});

describe('Somebody with a write on its way', () => {
  test('D1 is left alone, and planned when it is settled', async () => {
    const { ids } = await settled(2);
    await relay.patchUser(ids[0]!, { displayName: 'One' });
    await plan();
    const [job] = await relay.outbox.claim(now, 1, 100);
    await relay.patchUser(ids[0]!, { displayName: 'Two' });
    await relay.patchUser(ids[1]!, { displayName: 'Other' });
    await plan();
    expect(deliveries()).toEqual(['user.update p0@x.test', 'user.update p1@x.test']);
    expect(await relay.planning.owed()).toBe(1);
    await relay.outbox.settle([{ job: job!, state: 'done', at: now, effects: effectsOf(job!) }]);
    const [other, ...next] = await relay.acknowledge();
    expect([other?.person, ...next.map(({ person }) => person)].sort()).toEqual([num(ids[0]!), num(ids[1]!)]);
    expect(
      relay.db
        .prepare<[], string>("SELECT json_extract(body, '$.displayName') FROM observed_user ORDER BY num")
        .pluck()
        .all(),
    ).toEqual(['Two', 'Other']);
  });

  test('D2 or in doubt, too: what became of the last try is found out first', async () => {
    const { ids } = await settled(1);
    await relay.patchUser(ids[0]!, { displayName: 'One' });
    await plan();
    const [job] = await relay.outbox.claim(now, 1, 100);
    await relay.outbox.settle([{ job: job!, state: 'ready', unsure: true, at: now, effects: [] }]);
    await relay.patchUser(ids[0]!, { displayName: 'Two' });
    await plan();
    expect(await relay.planning.owed()).toBe(1);
    const [again] = await relay.outbox.claim(now, 1, 100);
    expect(again).toMatchObject({ unsure: true, stale: true });
    // It had not arrived: it is planned anew instead of sent again.
    await relay.outbox.settle([{ job: again!, state: 'ready', unsure: false, at: now, effects: [] }]);
    await plan();
    expect(await relay.planning.owed()).toBe(0);
    const [last] = await relay.outbox.claim(now, 1, 100);
    expect(last).toMatchObject({ unsure: false, stale: false, body: { account: { displayName: 'Two' } } });
  });

  test('D1 G6 is not written to again because a name draws them in, and no item of theirs is opened or closed', async () => {
    const { ids, team } = await settled(4);
    const [p0, p1, p2, p3] = ids as [string, string, string, string];
    // A removal that was approved, and a loss that needed no approval: both are on their way.
    await relay.patchUser(p0, { active: false });
    await relay.members(team, 'remove', [p2]);
    await plan();
    await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
    await plan();
    const jobs = await relay.outbox.claim(now, 9, 100);
    expect(jobs.map(({ kind }) => kind)).toEqual(['user.deactivate', 'members', 'members']);
    policy({ limitFloor: 0, limitPercent: 0 });
    // The source changes its mind, and somebody wants the names of both.
    await relay.patchUser(p0, { active: true, userName: 'new@x.test' });
    await relay.patchUser(p2, { userName: 'other@x.test' });
    await relay.patchUser(p1, { userName: 'p0@x.test' });
    await relay.patchUser(p3, { userName: 'p2@x.test' });
    const before = deliveries();
    await plan();
    expect(deliveries()).toEqual([...before, 'user.update p0@x.test', 'user.update p2@x.test']);
    expect(await items('held', 'approved', 'withdrawn', 'sent')).toEqual(['remove new approved: removal']);
    for (const job of jobs) await relay.outbox.settle([{ job, state: 'done', at: now, effects: effectsOf(job) }]);
    await relay.acknowledge();
    expect(await items('held', 'approved', 'withdrawn', 'sent')).toEqual(['remove new sent: removal']);
    const all = relay.db
      .prepare<[], string>("SELECT user_name || ' ' || active FROM observed_user ORDER BY num")
      .pluck();
    expect(all.all()).toEqual(['new@x.test 1', 'p0@x.test 1', 'other@x.test 1', 'p2@x.test 1']);
  });
});

describe('Names', () => {
  test('P4 a ring is planned whole when only one of it is owed', async () => {
    const { ids } = await settled(3);
    await relay.patchUser(ids[0]!, { userName: 'aside@x.test' });
    for (const at of [1, 2]) await relay.patchUser(ids[at]!, { userName: `p${at - 1}@x.test` });
    await plan();
    await relay.patchUser(ids[0]!, { userName: 'p2@x.test' });
    expect(await relay.planning.owed()).toBe(1);
    // All three are looked at: two of them because of the names.
    expect(await plan()).toBe(3);
    await relay.acknowledge();
    expect(relay.db.prepare<[], string>('SELECT user_name FROM observed_user ORDER BY num').pluck().all()).toEqual([
      'p2@x.test',
      'p0@x.test',
      'p1@x.test',
    ]);
    expect((await relay.planning.preview(now)).total.operations).toBe(0);
  });
});

describe('What Steeple has already', () => {
  test('is adopted: accounts by externalId and by name, groups by externalId and by name', async () => {
    const [ada, ben, cho] = [
      await relay.user('ada@x.test'),
      await relay.user('ben@x.test'),
      await relay.user('cho@x.test'),
    ];
    const team = await relay.group('fin', [ada, ben]);
    const admins = await relay.group('fin-a', [cho]);
    await relay.map([
      [team, 'finance', 'contributor'],
      [admins, 'finance', 'administrator'],
    ]);
    await relay.observed.seeUsers(
      [user('ADA@x.test'), user('benjamin@x.test', { externalId: 'ext-ben@x.test' }), user('eve@x.test')],
      now,
    );
    await relay.observed.seeGroups(
      [
        group('g1', 'Whatever it was called', ['s-ADA@x.test', 's-eve@x.test'], {
          externalId: pairKey('finance', 'contributor'),
        }),
        group('g2', 'finance – Administrators'),
        group('g3', 'finance – Contributors', ['s-benjamin@x.test']),
      ],
      now,
    );
    const shown = await relay.enable();
    expect(shown.summary).toMatchObject({ create: 1, adopt: 2, grants: 2 });
    expect(shown.strangers.map(({ userName }) => userName)).toEqual(['eve@x.test']);
    await relay.acknowledge();
    // The stranger stays where it was, and so does the other group of that name.
    expect(relay.steeple()).toEqual({
      'finance – Administrators': ['cho@x.test'],
      'finance – Contributors': ['ada@x.test', 'ben@x.test', 'ben@x.test', 'eve@x.test'],
    });
    expect((await relay.planning.preview(now)).total.operations).toBe(0);
    expect(relay.observed.ofPerson(num(ben))).toMatchObject({ steepleId: 's-benjamin@x.test', origin: 'adopted' });
    // Found again by a look-up, it is still one that was there before us.
    const account = {
      userName: 'ben@x.test',
      externalId: '',
      givenName: '',
      familyName: '',
      displayName: '',
      email: '',
    };
    const again = {
      kind: 'user',
      person: num(ben),
      steepleId: 's-benjamin@x.test',
      account,
      active: true,
      origin: 'created',
    } as const;
    relay.observed.apply(again, now);
    expect(relay.observed.ofPerson(num(ben))).toMatchObject({ origin: 'adopted' });
  });

  test.each([
    ['externalId', 'new@x.test', 'ext-p0@x.test'],
    ['name', 'P0@x.test', 'another'],
  ])(
    'of a deleted person is theirs who came back under its %s, also when only the deletion is looked at',
    async (_, userName, externalId) => {
      const { ids } = await settled(1);
      await relay.push({ method: 'DELETE', kind: 'User', id: ids[0]! });
      const again = await relay.user(userName, { externalId });
      relay.db.exec('DELETE FROM owed');
      await relay.planning.owe([num(ids[0]!)]);
      await plan();
      expect((await items()).filter((item) => item.startsWith('remove'))).toEqual([]);
      expect(relay.observed.ofPerson(num(again))).toMatchObject({ origin: 'adopted', active: true });
    },
  );
});

describe('A preview', () => {
  test('P6 shows the removal of somebody deleted at the source, and writes nothing more to their account', async () => {
    const { ids } = await settled(2);
    await relay.patchUser(ids[0]!, { displayName: 'Last words' });
    await relay.push({ method: 'DELETE', kind: 'User', id: ids[0]! });
    const { id, summary } = await relay.planning.preview(now);
    expect(summary).toMatchObject({ remove: 1, held: 1, update: 0 });
    expect(relay.page(id, 0, 9).people).toMatchObject([{ userName: 'p0@x.test', change: 'remove', held: true }]);
    await plan();
    expect(deliveries()).toEqual([]);
    expect(await items()).toEqual(['remove p0 held: removal']);
  });

  test('is not misled by an inactive person of the same externalId', async () => {
    await relay.user('ada@x.test', { externalId: '7' });
    await relay.user('ben@x.test', { externalId: '7', active: false });
    await relay.observed.seeUsers([user('somebody@x.test', { externalId: '7' })], now);
    expect((await relay.enable()).summary).toMatchObject({ adopt: 1, create: 0 });
    await plan();
    expect(deliveries()).toEqual(['user.update ada@x.test']);
  });

  test('P1 enabling plans everybody, whoever was planned before', async () => {
    await settled(3);
    await relay.planning.disable('test', '', now);
    relay.db.exec('DELETE FROM owed');
    await relay.enable();
    expect(await plan()).toBe(3);
  });
});

describe('Another mapping', () => {
  test('to mirror: of two groups of one name the first adopts what Steeple has, and the other is made', async () => {
    const [ada, ben] = await people(2);
    const twins = [await relay.group('Twin', [ada!]), await relay.group('Twin', [ben!])];
    await relay.observed.seeGroups([group('g1', 'Twin')], now);
    await relay.map([], 'mirror');
    await relay.enable();
    const sent = await relay.acknowledge();
    expect(sent.filter(({ kind }) => kind === 'group.create')).toHaveLength(1);
    expect(relay.db.prepare<[], string>('SELECT target FROM observed_group').pluck().all().sort()).toEqual(
      twins.map(mirrorKey).sort(),
    );
    expect((await relay.planning.preview(now)).total.operations).toBe(0);
  });

  test('A6 G3 groups it does not ask for any more are emptied through the gate, and stay', async () => {
    const { ids, hall } = await settled(3);
    await relay.map([[hall, 'hall', 'contributor']]);
    await relay.acknowledge();
    expect(relay.steeple()).toEqual({ 'hall – Contributors': names(3) });
    expect((await relay.observed.counts()).groups).toBe(2);
    await relay.map([]);
    await relay.acknowledge();
    expect(await items()).toEqual([
      'revoke p0 hall held: last-access',
      'revoke p1 hall held: last-access',
      'revoke p2 hall held: last-access',
    ]);
    expect(relay.steeple()).toEqual({ 'hall – Contributors': names(3) });
    await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
    await relay.acknowledge();
    expect(relay.steeple()).toEqual({});
    expect((await relay.observed.counts()).groups).toBe(2);
    expect(ids).toHaveLength(3);
  });

  test('from managed to mirror and back moves everybody, and takes nothing from anybody on the way', async () => {
    const { ids, team, hall } = await settled(2);
    const links = [
      [team, 'finance', 'contributor'],
      [hall, 'hall', 'contributor'],
    ] as const;
    await relay.map(links, 'mirror');
    const sent = await relay.acknowledge();
    expect(await relay.held()).toEqual([]);
    expect(relay.steeple()).toEqual({ fin: names(2), hall: names(2) });
    // Into the new group first, out of the old one after.
    const touched = sent.filter(({ kind }) => kind === 'members').map(({ target }) => target);
    expect(touched.indexOf(mirrorKey(team))).toBeLessThan(touched.indexOf(pairKey('finance', 'contributor')));
    await relay.map(links, 'managed');
    await relay.acknowledge();
    expect(await relay.held()).toEqual([]);
    expect(relay.steeple()).toEqual({ 'finance – Contributors': names(2), 'hall – Contributors': names(2) });
    expect(ids).toHaveLength(2);
  });

  test('A4 renaming a community renames its groups, and moves nobody', async () => {
    await settled(2);
    await relay.mappings.catalogue(
      [
        { id: 'finance', name: 'Money' },
        { id: 'hall', name: 'hall' },
      ],
      'file',
      'test',
      now + 1,
    );
    expect(await plan()).toBe(0);
    const sent = await relay.acknowledge();
    expect(sent.map(({ kind, body }) => [kind, body.displayName])).toEqual([['group.update', 'Money – Contributors']]);
  });
});

describe('The limits', () => {
  test('G6 count what left, what is on its way and what waits, over 24 hours that move', async () => {
    const { ids, team } = await settled(20);
    policy({ limitPercent: 0, limitFloor: 3, groupPercent: 100 });
    const leave = async (...which: number[]) => {
      await relay.members(
        team,
        'remove',
        which.map((at) => ids[at]!),
      );
      await plan();
      return items();
    };
    expect(await leave(0, 1)).toEqual([]);
    expect(deliveries()).toHaveLength(2); // queued, not sent
    expect(await leave(2)).toEqual([]);
    expect(await leave(3)).toEqual(['revoke p3 finance held: limit']);
    expect(deliveries()).toHaveLength(3);
    await relay.acknowledge();
    now += 23 * hour;
    expect(await leave(4)).toHaveLength(2);
    now += 2 * hour;
    // The three of yesterday are over; the two that wait are not, since they may be approved at any moment.
    expect(await leave(5)).toHaveLength(2);
    expect(await leave(6)).toHaveLength(3);
    const kept = await relay.held();
    await relay.decide('keep', ...kept.map(({ id }) => id));
    await plan();
    // What is kept is not on its way out.
    expect(await leave(7)).toEqual([]);
    const why = relay.db.prepare<[], string>('SELECT why FROM held ORDER BY id LIMIT 1').pluck().get();
    expect(why).toBe('4 such changes in 24 hours, and the limit is 3');
  });

  test('G6 do not count somebody twice who is planned again', async () => {
    const { ids, team } = await settled(4);
    policy({ limitPercent: 0, limitFloor: 1 });
    await relay.members(team, 'remove', ids.slice(0, 1));
    await plan();
    await relay.patchUser(ids[0]!, { title: 'Dr' });
    await plan();
    expect(await relay.held()).toEqual([]);
    expect(deliveries()).toHaveLength(1);
  });

  test('G6 of one group: a quarter of those over ten, however many steps it takes', async () => {
    const { ids, team } = await settled(14);
    policy({ limitFloor: 100 });
    for (const at of [0, 1, 2]) {
      await relay.members(team, 'remove', [ids[at]!]);
      await plan();
    }
    expect(deliveries()).toHaveLength(3);
    await relay.members(team, 'remove', [ids[3]!]);
    await plan();
    expect(await items()).toEqual(['revoke p3 finance held: group-limit']);
    // Sent or not makes no difference: the size is what it was before anybody left.
    await relay.acknowledge();
    await relay.members(team, 'remove', [ids[4]!]);
    await plan();
    expect(await items()).toHaveLength(2);
    expect((await relay.reviews.list({ states: ['held'] }, 0, 9)).items[0]?.why).toBe(
      '4 people leave finance contributor in 24 hours, and the limit is 3',
    );
  });

  test('G6 a group of ten has no limit of its own', async () => {
    const { ids, team } = await settled(10);
    policy({ limitFloor: 100 });
    await relay.members(team, 'remove', ids.slice(0, 9));
    await plan();
    expect(await relay.held()).toEqual([]);
  });

  test('G6 the last administrator is held, also when the others are only on their way out', async () => {
    const { ids, team } = await settled(3, 'administrator');
    for (const at of [0, 1, 2]) {
      await relay.members(team, 'remove', [ids[at]!]);
      await plan();
    }
    expect(await items()).toEqual(['revoke p2 finance held: last-administrator']);
  });

  test('G6 an administrator whose removal waits for a person is not counted on', async () => {
    const { ids, team } = await settled(2, 'administrator');
    await relay.patchUser(ids[0]!, { active: false });
    await plan();
    await relay.members(team, 'remove', [ids[1]!]);
    await plan();
    expect(await items()).toEqual(['remove p0 held: removal', 'revoke p1 finance held: last-administrator']);
    // Kept, they are one that remains; but what is held stays so until a person decides.
    const [removal] = await relay.held();
    await relay.decide('keep', removal!.id);
    await relay.members(team, 'add', [ids[1]!]);
    await plan();
    await relay.members(team, 'remove', [ids[1]!]);
    await plan();
    expect(await items()).toEqual([]);
    expect(deliveries()).toHaveLength(1);
  });

  test('G6 a stranger is no administrator to count on, and a new one of ours is', async () => {
    const { ids, team } = await settled(1, 'administrator');
    relay.db.exec(`
      INSERT INTO observed_user (steeple_id, user_name, user_name_key, active, body, seen_at) VALUES ('s', 'eve', 'eve', 1, '{}', 1);
      INSERT INTO observed_member SELECT g.num, u.num FROM observed_group g, observed_user u WHERE u.steeple_id = 's'`);
    await relay.members(team, 'remove', ids);
    await plan();
    expect(await items()).toEqual(['revoke p0 finance held: last-administrator']);
    await relay.members(team, 'add', ids);
    await plan();
    const fresh = await relay.user('new@x.test');
    await relay.members(team, 'add', [fresh]);
    await relay.members(team, 'remove', ids);
    await plan();
    expect(await items()).toEqual([]);
  });

  test('G6 a protected account waits for a person whatever is taken from it', async () => {
    const { ids, team } = await settled(3);
    policy({ protected: ['P1@X.TEST'] });
    await relay.members(team, 'remove', ids.slice(1));
    await plan();
    expect(await items()).toEqual(['revoke p1 finance held: protected']);
    expect(deliveries()).toHaveLength(1);
  });

  test('G6 a group that is emptied at the source holds everybody who was in it; one that was never filled does not', async () => {
    const { ids, team, hall } = await settled(3);
    const fresh = await relay.group('not filled yet', []);
    await relay.map([
      [team, 'finance', 'contributor'],
      [fresh, 'finance', 'contributor'],
      [hall, 'hall', 'contributor'],
    ]);
    await relay.members(team, 'remove', ids.slice(0, 1));
    await plan();
    expect(await items()).toEqual([]);
    await relay.members(team, 'remove', ids);
    await plan();
    expect(await items()).toEqual(['revoke p1 finance held: group-gone', 'revoke p2 finance held: group-gone']);
  });

  test('another policy is applied to everybody, and journaled', async () => {
    const { ids, team } = await settled(8);
    policy({ limitFloor: 0, limitPercent: 0, groupPercent: 100 });
    await relay.members(team, 'remove', ids.slice(0, 2));
    await plan();
    expect(await relay.held()).toHaveLength(2);
    await relay.planning.govern(
      { ...relay.settings.get('policy'), limitFloor: 9 },
      { key: 'limitFloor', value: 9 },
      'ann',
      now,
    );
    expect(await relay.planning.owed()).toBe(8);
    expect(relay.journal.tail(1)[0]).toMatchObject({
      actor: 'ann',
      body: { what: 'policy.set', key: 'limitFloor', value: 9 },
    });
    expect(await plan()).toBe(8);
    // What waits for a person already goes on waiting for one.
    expect(await relay.held()).toHaveLength(2);
  });
});

describe('A held item names the push that caused it', () => {
  const causes = async () =>
    Object.fromEntries(
      (await relay.reviews.list({ states: ['held'] }, 0, 99)).items.map(({ userName, seq }) => [
        userName,
        relay.journal.show(seq)?.body,
      ]),
    );

  test('be it about the person, a membership, a group around theirs, or the mapping', async () => {
    const { ids, team, hall } = await settled(4);
    policy({ limitFloor: 0, limitPercent: 0 });
    await relay.patchUser(ids[0]!, { active: false });
    await relay.members(team, 'remove', [ids[1]!]);
    await relay.patchUser(ids[2]!, { title: 'Dr' });
    await plan();
    expect(await causes()).toMatchObject({
      'p0@x.test': { method: 'PATCH', kind: 'User', id: ids[0] },
      'p1@x.test': { method: 'PATCH', kind: 'Group', id: team },
    });
    await relay.map([[hall, 'hall', 'contributor']]);
    await plan();
    expect(await causes()).toMatchObject({ 'p2@x.test': { what: 'mapping.publish' }, 'p1@x.test': { kind: 'Group' } });
  });

  test('of several the latest, also through nested groups, and also when planning had to wait', async () => {
    const ids = await people(2);
    const inner = await relay.group('inner', ids);
    const outer = await relay.group('outer', []);
    await relay.members(outer, 'add', [inner]);
    await relay.map([[outer, 'finance', 'contributor']]);
    await relay.enable();
    await relay.acknowledge();
    await relay.patchUser(ids[0]!, { displayName: 'One' });
    await plan();
    const [job] = await relay.outbox.claim(now, 1, 100);
    await relay.patchUser(ids[0]!, { displayName: 'Two' });
    await relay.push({ method: 'DELETE', kind: 'Group', id: outer });
    await plan();
    await relay.outbox.settle([{ job: job!, state: 'done', at: now, effects: effectsOf(job!) }]);
    await plan();
    const caused = { method: 'DELETE', kind: 'Group', id: outer };
    expect(await causes()).toMatchObject({ 'p0@x.test': caused, 'p1@x.test': caused });
  });

  test('and not the click that switched sync on', async () => {
    const ids = await people(1);
    await relay.observed.seeUsers([user('p0@x.test', { externalId: 'ext-p0@x.test' })], now);
    await relay.enable();
    await relay.acknowledge();
    await relay.planning.disable('test', '', now);
    await relay.patchUser(ids[0]!, { active: false });
    await relay.enable();
    await plan();
    expect(await causes()).toMatchObject({ 'p0@x.test': { method: 'PATCH', kind: 'User', id: ids[0] } });
  });
});

test.each<[between: string, plans: 'once' | 'twice', work: () => unknown]>([
  ['nothing', 'once', () => undefined],
  ['a look at Steeple that found what was known', 'once', () => relay.observed.seeUsers([user('eve@x.test')], ++now)],
  ['a push', 'once', () => relay.user('zoe@x.test')],
  ['a decision about something else', 'once', () => relay.gatekeeping.withdraw('ann', '', now)],
  [
    'a look that found another address',
    'twice',
    () => relay.observed.seeUsers([user('eva@x.test', { id: eve })], ++now),
  ],
  ['another mapping', 'twice', () => relay.map([])],
  ['another policy', 'twice', () => govern({ removal: 'delete' })],
])('G2 while enabling plans, there comes %s: it plans %s', async (_, plans, work) => {
  await people(2);
  await relay.observed.seeUsers([user('eve@x.test')], now);
  relay.settings.set('scannedAt', now);
  let made = 0;
  const planning = openPlanning(relay.db, {
    ...relay,
    surveys: {
      async make(of, at) {
        const found = relay.surveys.make(of, at);
        made += 1;
        if (made !== 2) return found;
        await work();
        relay.settings.set('scannedAt', now);
        return found;
      },
    },
  });
  const { id } = await planning.preview(now);
  await planning.enable(id, 'ann', now);
  expect(made - 1).toBe(plans === 'once' ? 1 : 2);
  expect(relay.settings.get('sync').state).toBe('on');
});

test('I1 a step of planning alone does not wait for the disk; what comes after it does, also when the step failed', async () => {
  const relay = await stores();
  await relay.map([], 'mirror');
  await relay.enable();
  const waits = () => relay.db.pragma('synchronous', { simple: true });
  relay.db.exec(`
    CREATE TEMP TABLE noted (waits INTEGER NOT NULL);
    CREATE TEMP TRIGGER note_delivery AFTER INSERT ON main.delivery BEGIN
      INSERT INTO noted SELECT synchronous FROM pragma_synchronous; END;
    CREATE TEMP TRIGGER note_entry AFTER INSERT ON main.journal BEGIN
      INSERT INTO noted SELECT synchronous + 10 FROM pragma_synchronous; END`);
  const noted = () => relay.db.prepare<[], number>('SELECT DISTINCT waits FROM noted ORDER BY waits').pluck().all();
  await relay.user('ada@x.test');
  await relay.planning.step(Date.now(), 8);
  expect([noted(), waits()]).toEqual([[1, 12], 2]);
  await relay.user('bob@x.test');
  relay.db.exec("CREATE TEMP TRIGGER broken BEFORE INSERT ON main.delivery BEGIN SELECT RAISE(ABORT, 'broken'); END");
  await expect(relay.planning.step(Date.now(), 8)).rejects.toThrow('broken');
  expect([noted(), waits()]).toEqual([[1, 12], 2]);
  await relay.close();
});
