/** External accounts: declared about strangers only, written to never, and looked at again on their day. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AlertRules } from '../daemon/contract/operations.ts';
import type { Status } from '../daemon/contract/status.ts';
import { alertsOf, factsOf } from '../daemon/core/alerts.ts';
import { planDesk } from '../daemon/relay/plan.ts';
import { besides, type Stores, stores } from './stores.ts';

const day = 86_400_000;
let now = 1_000_000_000_000;
let relay: Stores;
let ours: string;
beforeEach(async () => {
  relay = await stores(':memory:', () => now);
  await relay.user('ann@x.test');
  await relay.map([[await relay.group('fin', []), 'finance', 'contributor']]);
  await relay.enable();
  await relay.acknowledge();
  ours = relay.db.prepare<[], string>('SELECT steeple_id FROM observed_user').pluck().get() ?? '';
  const seen = ['agency@x.test', 'bot@x.test'].map((userName, at) => ({ id: `s-${at}`, userName, active: true }));
  await relay.observed.seeUsers(seen as unknown as Parameters<typeof relay.observed.seeUsers>[0], now);
});
afterEach(() => relay.close());
const desk = () =>
  planDesk({ ...relay, surveyor: besides(relay.surveys), observe: async () => {}, changed: () => {}, now: () => now });
const declare = (steepleIds: string[], reviewAt: number | null = null) =>
  desk()['external.declare']({ steepleIds, reason: 'the agency', owner: 'Bob', reviewAt, by: 'ann' });
const page = { text: '', offset: 0, limit: 100 };

test('P3 only a stranger can be declared external; one that is not changes nothing, and no write comes of it', async () => {
  await expect(declare(['s-0', ours])).rejects.toThrow(`${ours} is no stranger`);
  await expect(declare(['nobody'])).rejects.toThrow('nobody is no stranger');
  expect((await desk()['external.list']({ ...page, due: false })).total).toBe(0);
  const { items } = await declare(['s-0', 's-0'], now + day);
  expect(items).toMatchObject([{ userName: 'agency@x.test', owner: 'Bob', present: true, stranger: true, due: false }]);
  expect(await relay.acknowledge()).toEqual([]);
  expect(relay.journal.show(relay.journal.lastSeq())).toMatchObject({
    ...{ actor: 'ann', subject: 's-0', body: { what: 'external.declare', reason: 'the agency', owner: 'Bob' } },
  });
});

test('a plan says of every stranger what becomes of it, and by whose word one stays', async () => {
  const { id } = await desk()['plan.make']({ of: 'published', offset: 0, limit: 10 });
  const fates = async () =>
    (await desk()['plan.strangers']({ id, ...page })).items.map(({ userName, fate, external }) => [
      userName,
      fate,
      external?.owner,
    ]);
  expect(await fates()).toEqual([
    ['agency@x.test', 'loses-access', undefined],
    ['bot@x.test', 'loses-access', undefined],
  ]);
  await declare(['s-0']);
  expect(await fates()).toEqual([
    ['agency@x.test', 'kept', 'Bob'],
    ['bot@x.test', 'loses-access', undefined],
  ]);
  expect(await desk()['external.withdraw']({ steepleIds: ['s-0', 's-1'], reason: 'over', by: 'ann' })).toEqual({
    withdrawn: 1,
  });
  expect((await fates()).map(([, fate]) => fate)).toEqual(['loses-access', 'loses-access']);
});

test('on the day to look again it is due: in the list, in the status, and as an alert until somebody has looked', async () => {
  const reviewAt = now + 3 * day;
  await declare(['s-0'], reviewAt);
  await declare(['s-1']);
  const alerts = () => {
    const status = {
      ...{ startedAt: now, held: { count: 0, oldestAt: null }, alarms: [], circuit: { state: 'closed' } },
      deliveries: { owed: 0, sending: 0, dead: 0, oldestAt: null },
      externals: relay.externals.counts(now),
    } as unknown as Status;
    return alertsOf(factsOf(status, [], undefined), AlertRules.parse({}), now);
  };
  now = reviewAt - 1;
  expect([relay.externals.counts(now), alerts()]).toEqual([{ count: 2, due: 0, nextAt: reviewAt }, []]);
  expect((await desk()['external.list']({ ...page, due: true })).items).toEqual([]);
  now = reviewAt;
  expect(relay.externals.counts(now)).toEqual({ count: 2, due: 1, nextAt: reviewAt });
  const list = await desk()['external.list']({ ...page, due: true });
  expect([list.total, list.due, list.items.map(({ steepleId, due }) => [steepleId, due])]).toEqual([
    1,
    1,
    [['s-0', true]],
  ]);
  expect(alerts()).toMatchObject([{ kind: 'external-due', since: reviewAt }]);
  await declare(['s-0'], now + day);
  expect([relay.externals.counts(now).due, alerts()]).toEqual([0, []]);
});

test('the list finds by account, owner and reason, the soonest to be looked at first', async () => {
  await declare(['s-1'], now + 2 * day);
  await declare(['s-0'], now + day);
  const found = async (text: string) =>
    (await desk()['external.list']({ ...page, text, due: false })).items.map(({ steepleId }) => steepleId);
  expect(await found('')).toEqual(['s-0', 's-1']);
  expect([await found('BOT@'), await found('bob'), await found('agency'), await found('zed')]).toEqual([
    ['s-1'],
    ['s-0', 's-1'],
    ['s-0', 's-1'],
    [],
  ]);
});

test('whom Steeple holds because of the relay is counted by how they came there; strangers and the switched off are not', async () => {
  expect(relay.observed.ours()).toEqual({ created: 1, adopted: 0 });
  const bot = await relay.user('bot@x.test');
  await relay.acknowledge();
  expect(relay.observed.ours()).toEqual({ created: 1, adopted: 1 });
  await relay.patchUser(bot, { active: false });
  await relay.planning.reconcile(now);
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  await relay.acknowledge();
  expect(relay.observed.ours()).toEqual({ created: 1, adopted: 0 });
});
