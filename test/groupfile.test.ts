/** One group as a person looks at it: what it gives, who is in it, what serves it in Steeple, and its story. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupFile } from '../daemon/contract/group.ts';
import { type Stores, stores } from './stores.ts';

const now = 1_000_000_000_000;
let at: Stores;
beforeEach(async () => {
  at = await stores(':memory:', () => now);
});
afterEach(() => at.close());

const show = async (id: string) => GroupFile.parse(await at.groupFiles.show(id, now));

test('A5 a group says who is in it at any depth, what is in it and what it is in', async () => {
  const [ada, ben, cho] = [await at.user('ada'), await at.user('ben'), await at.user('cho', { active: false })];
  const inner = await at.group('Inner', [ada, cho]);
  const outer = await at.group('Outer', [ben, inner]);
  await at.members(inner, 'add', [outer]); // a ring, which must end
  const file = await show(outer);
  expect(file).toMatchObject({ displayName: 'Outer', state: 'live', members: 2, people: 2, gives: [] });
  expect(file.inside).toEqual([{ id: inner, displayName: 'Inner', members: 2 }]);
  expect(file.within).toEqual([{ id: inner, displayName: 'Inner' }]);
  const { items, total } = await at.groupFiles.members({ id: inner, filter: '', offset: 0, limit: 10 });
  expect(items.map(({ userName, state }) => [userName, state])).toEqual([
    ['ada', 'active'],
    ['cho', 'inactive'],
  ]);
  expect(total).toBe(2);
  const found = await at.groupFiles.members({ id: inner, filter: 'CH', offset: 0, limit: 10 });
  expect([found.items.map(({ userName }) => userName), found.total]).toEqual([['cho'], 1]);
});

test.each(['managed', 'mirror'])(
  'what its links give, and the group in Steeple that serves them (%s)',
  async (mode) => {
    const [ada, ben] = [await at.user('ada'), await at.user('ben')];
    const [staff, other] = [await at.group('Staff', [ada]), await at.group('Other', [ben])];
    await at.map(
      [
        [staff, 'finance', 'contributor'],
        [other, 'finance', 'contributor'],
        [other, 'sales', 'administrator'],
      ],
      mode,
    );
    expect((await show(staff)).gives).toEqual([{ community: 'finance', role: 'contributor', steeple: null }]);
    await at.enable();
    await at.acknowledge();
    const name = mode === 'managed' ? 'finance – Contributors' : 'Staff';
    const inSteeple = mode === 'managed' ? 2 : 1;
    expect((await show(staff)).gives).toMatchObject([
      { community: 'finance', role: 'contributor', steeple: { displayName: name, members: inSteeple } },
    ]);
    expect((await show(other)).links).toEqual([
      { community: 'finance', role: 'contributor' },
      { community: 'sales', role: 'administrator' },
    ]);
  },
);

test('its story is what was pushed about it, and what left for Steeple, newest first', async () => {
  const [ada, ben] = [await at.user('ada'), await at.user('ben')];
  const staff = await at.group('Staff', [ada]);
  await at.map([[staff, 'finance', 'contributor']]);
  await at.enable();
  await at.acknowledge();
  await at.members(staff, 'add', [ben]);
  const { history, lastPush } = await show(staff);
  const pushes = history.filter(({ kind }) => kind === 'push');
  expect(pushes.map(({ what, detail }) => [what, detail])).toEqual([
    ['PATCH', 'add members (1)'],
    ['POST', 'Staff'],
  ]);
  expect(pushes[0]?.seq).toBe(lastPush.seq);
  const sent = history.filter(({ kind }) => kind === 'delivery');
  expect(sent.map(({ what, detail }) => [what, detail])).toEqual([
    ['member.add', 'ada · done'],
    ['group.create', 'done'],
  ]);
  for (const { seq, delivery } of history) expect((seq === null) !== (delivery === null)).toBe(true);
});

test('A6 a group deleted at the source is still shown, with its links, and gives nobody anything', async () => {
  const ada = await at.user('ada');
  const staff = await at.group('Staff', [ada]);
  await at.map([[staff, 'finance', 'contributor']]);
  await at.push({ method: 'DELETE', kind: 'Group', id: staff });
  expect(await show(staff)).toMatchObject({ state: 'deleted', people: 0, gives: [{ community: 'finance' }] });
  await expect(at.groupFiles.show('nobody', now)).rejects.toThrow('No source has ever named a group "nobody"');
});
