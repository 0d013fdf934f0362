/** A dead letter that a person puts right: what leaves instead, for how long, and who is told (D5, G8). */
import { afterEach, describe, expect, test } from 'vitest';
import { Conflict, Malformed, Stale } from '../daemon/errors.ts';
import { oddSteeple } from './oddsteeple.ts';
import { rig } from './rig.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A Steeple that will not have a name that begins with "Bad ". */
async function stage() {
  const box = await oddSteeple();
  const relay = await rig({ url: box.url, token: 'token' });
  open.push(box.close, relay.close);
  box.interfere(({ method, body }) =>
    method !== 'GET' && JSON.stringify(body).includes('Bad ')
      ? { status: 400, body: { schemas: [], status: '400', detail: 'displayName is not allowed' } }
      : undefined,
  );
  const letters = async () => (await relay.outbox.list('dead', 0, 10)).items;
  return { box, relay, letters };
}
const names = (box: Awaited<ReturnType<typeof oddSteeple>>) =>
  [...box.users.values()].map(({ userName, displayName }) => [userName, displayName]);

test('D5 what Steeple refused leaves as a person corrected it, and planning again changes nothing', async () => {
  const { box, relay, letters } = await stage();
  await relay.user('ada@x.test', { displayName: 'Bad Ada' });
  await relay.enable();
  await relay.settle();
  const [letter] = await letters();
  expect(letter?.cause).toBe('Steeple refused it (400): displayName is not allowed');
  expect((await relay.outbox.show(letter?.id ?? 0)).editable).toMatchObject({ displayName: 'Bad Ada' });
  const row = await relay.outbox.edit(letter?.id ?? 0, { displayName: 'Ada' }, 'as agreed', 'grace', 5);
  expect(row.state).toBe('outdated');
  expect(await relay.settle()).toBe(true);
  expect(names(box)).toEqual([['ada@x.test', 'Ada']]);
  const last = relay.journal.tail(1)[0];
  expect(last).toMatchObject({
    kind: 'decision',
    actor: 'grace',
    body: { what: 'delivery.edit', set: { displayName: 'Ada' }, reason: 'as agreed' },
  });
  const before = box.writes().length;
  await relay.planning.owe('all');
  expect(await relay.settle()).toBe(true);
  expect(box.writes()).toHaveLength(before);
});

test('D5 a correction holds while the source repeats the value, and a new value from the source wins', async () => {
  const { box, relay, letters } = await stage();
  const ada = await relay.user('ada@x.test', { displayName: 'Bad Ada' });
  await relay.enable();
  await relay.settle();
  await relay.outbox.edit((await letters())[0]?.id ?? 0, { displayName: 'Ada' }, '', 'grace', 5);
  await relay.settle();
  await relay.patchUser(ada, { displayName: 'Bad Ada', title: 'Countess' });
  expect(await relay.settle()).toBe(true);
  expect(names(box)).toEqual([['ada@x.test', 'Ada']]);
  await relay.patchUser(ada, { displayName: 'Ada Lovelace' });
  expect(await relay.settle()).toBe(true);
  expect(names(box)).toEqual([['ada@x.test', 'Ada Lovelace']]);
  expect((await relay.outbox.counts()).dead).toBe(0);
});

test('D5 a correction of a correction takes its place', async () => {
  const { box, relay, letters } = await stage();
  await relay.user('ada@x.test', { displayName: 'Bad Ada' });
  await relay.enable();
  await relay.settle();
  await relay.outbox.edit((await letters())[0]?.id ?? 0, { displayName: 'Bad too' }, '', 'grace', 5);
  await relay.settle();
  await relay.outbox.edit((await letters())[0]?.id ?? 0, { displayName: 'Ada' }, '', 'grace', 6);
  expect(await relay.settle()).toBe(true);
  expect(names(box)).toEqual([['ada@x.test', 'Ada']]);
});

test('D5 the name of a group can be corrected as well, and its people go into it', async () => {
  const { box, relay, letters } = await stage();
  const ada = await relay.user('ada@x.test');
  const team = await relay.group('team', [ada]);
  await relay.map([[team, 'Bad', 'contributor']]);
  await relay.enable();
  // Who belongs in it waits for the group, so it never settles.
  while ((await letters()).length === 0) await relay.settle(50);
  const [letter] = await letters();
  expect(letter?.resource).toContain('Groups/');
  await relay.outbox.edit(letter?.id ?? 0, { displayName: 'Good – Contributors' }, '', 'grace', 5);
  expect(await relay.settle()).toBe(true);
  expect(box.shape()).toEqual({ 'Good – Contributors': ['ada@x.test'] });
  const before = box.writes().length;
  await relay.planning.owe('all');
  await relay.settle();
  expect(box.writes()).toHaveLength(before);
});

describe('An edit is refused, and changes nothing', () => {
  test('of what is not dead, of what the delivery does not write, and of a name somebody else has', async () => {
    const { relay, letters } = await stage();
    await relay.user('ada@x.test', { displayName: 'Bad Ada' });
    await relay.user('ben@x.test');
    await relay.enable();
    await relay.settle();
    const [letter] = await letters();
    const done = (await relay.outbox.list('done', 0, 1)).items[0]?.id ?? 0;
    const edit = (id: number, set: object) => relay.outbox.edit(id, set, '', 'grace', 5);
    await expect(edit(done, { displayName: 'x' })).rejects.toBeInstanceOf(Stale);
    await expect(edit(letter?.id ?? 0, { userName: 'BEN@x.test' })).rejects.toBeInstanceOf(Conflict);
    await relay.patchUser((await relay.directory.people({ filter: 'ada', offset: 0, limit: 1 })).items[0]?.id ?? '', {
      displayName: 'Bad Ada',
    });
    expect((await letters()).map(({ id }) => id)).toEqual([letter?.id]);
    expect(relay.db.prepare('SELECT count(*) AS n FROM correction').get()).toEqual({ n: 0 });
  });

  test('of a membership, which has nothing to edit', async () => {
    const { box, relay, letters } = await stage();
    const ada = await relay.user('ada@x.test');
    const team = await relay.group('team', [ada]);
    await relay.map([[team, 'finance', 'contributor']]);
    box.interfere(({ path, method }) =>
      method === 'PATCH' && path.startsWith('/Groups/') ? { status: 400, body: { detail: 'no' } } : undefined,
    );
    await relay.enable();
    await relay.settle();
    const [letter] = await letters();
    expect(letter?.kind).toBe('member.add');
    expect((await relay.outbox.show(letter?.id ?? 0)).editable).toEqual({});
    await expect(relay.outbox.edit(letter?.id ?? 0, { displayName: 'x' }, '', 'g', 5)).rejects.toBeInstanceOf(
      Malformed,
    );
  });
});
