/** Who was touched is planned soon, together with whom else was touched meanwhile, and never forgotten. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logger } from '../daemon/log.ts';
import { planner } from '../daemon/planner.ts';
import { type Stores, stores } from './stores.ts';

let relay: Stores;
/** How many people each plan looked at, as whoever sends is told. */
let told: number[];
let keeper: ReturnType<typeof planner>;
let next: () => Promise<void>;
let sending: boolean;
beforeEach(async () => {
  relay = await stores();
  await relay.map([], 'mirror');
  await relay.enable();
  await relay.acknowledge();
  told = [];
  sending = false;
  let heard = () => {};
  next = () =>
    new Promise((done) => {
      heard = done;
    });
  keeper = planner({
    ripen: async () => 0,
    sending: () => sending,
    planning: relay.planning,
    planned: (people) => {
      told.push(people);
      heard();
    },
    now: Date.now,
    log: logger({ level: 'silent' }),
  });
});
afterEach(async () => {
  await keeper.stop();
  await relay.close();
});

test('a burst of pushes is planned together', async () => {
  const planned = next();
  for (const name of ['a', 'b', 'c', 'd']) {
    await relay.user(`${name}@x.test`);
    keeper.soon();
  }
  await planned;
  expect(told).toEqual([4]);
  expect((await relay.outbox.counts()).owed).toBe(4);
});

test('a group with nobody in it is planned, too, and whoever sends is told', async () => {
  const planned = next();
  await relay.group('Empty', []);
  keeper.soon();
  await planned;
  expect(told).toEqual([0]);
  expect((await relay.outbox.list('ready', 0, 9)).items).toMatchObject([{ kind: 'group.create' }]);
});

test('while sending is at its limit everybody is planned all the same, a few at a time', async () => {
  sending = true;
  for (let at = 0; at < 60; at += 1) await relay.user(`p${at}@x.test`);
  keeper.soon();
  while (told.reduce((sum, people) => sum + people, 0) < 60) await next();
  expect(told.length).toBeGreaterThan(2);
  expect((await relay.outbox.counts()).owed).toBe(60);
  expect(relay.outbox.isPlenty()).toBe(false);
});

test('there is plenty to send with more than 400 writes that are no memberships', async () => {
  for (let at = 0; at < 401; at += 1) await relay.user(`p${at}@x.test`);
  while (relay.outbox.isPlenty() === false) {
    const planned = next();
    keeper.soon();
    await planned;
  }
  expect((await relay.outbox.counts()).owed).toBe(401);
});

test('where nothing is owed nobody is told anything', async () => {
  keeper.soon();
  const planned = next();
  await new Promise((done) => setTimeout(done, 60));
  await relay.user('a@x.test');
  keeper.soon();
  await planned;
  expect(told).toEqual([1]);
});

test('a plan that fails stays owed, and the next push tries it again', async () => {
  relay.db.exec("CREATE TRIGGER broken BEFORE INSERT ON delivery BEGIN SELECT RAISE(ABORT, 'broken'); END");
  await relay.user('a@x.test');
  keeper.soon();
  await new Promise((done) => setTimeout(done, 60));
  expect(told).toEqual([]);
  relay.db.exec('DROP TRIGGER broken');
  const planned = next();
  await relay.user('b@x.test');
  keeper.soon();
  await planned;
  expect(told).toEqual([2]);
});

test('when it stops, what runs is finished, and nothing begins any more', async () => {
  await relay.user('a@x.test');
  keeper.soon();
  await keeper.stop();
  keeper.soon();
  await new Promise((done) => setTimeout(done, 60));
  expect(told).toEqual([]);
  expect(await relay.planning.owed()).toBe(1);
});
