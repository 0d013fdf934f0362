/** What is on its way to Steeple when the policy, the mapping or the calendar changes what may leave. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Policy, StandingApproval } from '../daemon/contract/policy.ts';
import { type Stores, stores } from './stores.ts';

const day = 86_400_000;
let now = 1_000_000_000_000;
let relay: Stores;
let ids: string[] = [];
let hall = '';
beforeEach(async () => {
  relay = await stores(':memory:', () => now);
  ids = [await relay.user('ada@x.test'), await relay.user('ben@x.test'), await relay.user('cy@x.test')];
  hall = await relay.group('hall', ids);
  await relay.map([[hall, 'hall', 'contributor']]);
  await relay.enable();
  await relay.acknowledge();
});
afterEach(() => relay.close());

const ada = () => ids[0] ?? '';
const govern = (change: Partial<Policy>) =>
  relay.planning.govern(
    { ...relay.settings.get('policy'), ...change },
    { key: Object.keys(change)[0] ?? '', value: null },
    'ann',
    now,
  );
const standing = (until: number): StandingApproval => ({
  ...{ id: 's', kinds: ['remove', 'revoke'], sources: [], upTo: 9, afterDays: 0, until },
  ...{ enabledBy: 'ann', enabledAt: now, reason: 'summer' },
});
/** What takes something away from somebody; a membership that leaves with an account takes it, too. */
const takes = (kind: string) => kind !== 'user.update';
const claim = async () => (await relay.outbox.claim(now, 64, 100)).map(({ kind }) => kind);
/** Ada is switched off, and her removal planned, by a standing approval. */
async function leaving(until = now + 99 * day): Promise<void> {
  await govern({ standing: [standing(until)] });
  await relay.planning.reconcile(now);
  await relay.patchUser(ada(), { active: false });
  await relay.members(hall, 'remove', [ids[1] ?? '']);
  while ((await relay.planning.reconcile(now)) !== undefined);
  await relay.patchUser(ids[2] ?? '', { displayName: 'Cy' });
  await relay.planning.reconcile(now);
}

test('G3 a standing approval that somebody ended lets nothing leave any more, from that moment on', async () => {
  await leaving();
  await govern({ standing: [] });
  expect(await claim()).toEqual(['user.update']); // what takes nothing away flows (G7)
  await relay.planning.reconcile(now);
  expect(await claim()).toEqual([]);
  expect((await relay.held()).map(({ userName, rule }) => [userName, rule])).toEqual([
    ['ada@x.test', 'removal'],
    ['ben@x.test', 'last-access'],
  ]);
});

test('G3 G6 an account that is protected does not leave by what was planned before, not even one that was claimed', async () => {
  await leaving();
  const jobs = await relay.outbox.claim(now, 64, 100);
  const taking = jobs.filter(({ kind }) => takes(kind));
  expect(taking.map(({ kind }) => kind)).toEqual(['user.deactivate', 'members']);
  expect(taking.map((job) => relay.outbox.isFresh(job, now))).not.toContain(false);
  await govern({ protected: ['ada@x.test'] });
  expect(taking.map((job) => relay.outbox.isFresh(job, now))).not.toContain(true);
  await relay.outbox.release(jobs);
  expect(await claim()).toEqual(['user.update']);
});

test('G5 where a push is about so many that everybody is planned again, nothing is taken from anybody before that', async () => {
  await relay.members(hall, 'remove', [ada()]);
  await relay.planning.reconcile(now);
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  await relay.planning.reconcile(now);
  await relay.members(hall, 'add', [ada()]);
  relay.db.exec('DELETE FROM owed');
  await relay.planning.owe('all'); // as store/owed.ts has it for groups of more than ten thousand
  expect(await claim()).toEqual([]);
  await relay.planning.reconcile(now);
  expect(await claim()).toEqual([]);
  expect(relay.steeple()).toEqual({ 'hall – Contributors': ['ada@x.test', 'ben@x.test', 'cy@x.test'] });
});

test('G3 a standing approval that ended on its day lets nothing leave from that moment on, whoever looks after it', async () => {
  await leaving(now + day);
  now += day - 1;
  const jobs = await relay.outbox.claim(now, 64, 100);
  await relay.outbox.release(jobs);
  expect(jobs.map(({ kind }) => kind)).toContain('user.deactivate');
  now += 1;
  expect(jobs.filter(({ kind }) => takes(kind)).map((job) => relay.outbox.isFresh(job, now))).not.toContain(true);
  expect(await claim()).toEqual(['user.update']);
});

test('G3 where a source shrank, what was approved before and is owed already waits with the rest of it', async () => {
  relay.settings.set('policy', { ...relay.settings.get('policy'), shrinkFloor: 2 });
  await relay.patchUser(ada(), { active: false });
  await relay.planning.reconcile(now);
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  while ((await relay.planning.reconcile(now)) !== undefined);
  await relay.patchUser(ids[1] ?? '', { active: false });
  await relay.planning.reconcile(now);
  expect(relay.gatekeeping.alarms()).toHaveLength(1);
  expect(await claim()).toEqual([]);
});

test('G6 what left counts for 24 hours to the millisecond, and not a moment longer', async () => {
  const club = await relay.group('club', ids);
  await relay.map([
    [hall, 'hall', 'contributor'],
    [club, 'club', 'contributor'],
  ]);
  await relay.acknowledge();
  relay.settings.set('policy', { ...relay.settings.get('policy'), limitFloor: 1, limitPercent: 0 });
  const leave = async (at: number) => {
    await relay.members(club, 'remove', [ids[at] ?? '']);
    return (await relay.acknowledge()).map(({ kind }) => kind);
  };
  expect(await leave(0)).toEqual(['members']);
  now += day - 1;
  expect(await leave(1)).toEqual([]);
  await relay.members(club, 'add', [ids[1] ?? '']);
  await relay.acknowledge();
  now += 1;
  expect(await leave(1)).toEqual(['members']);
});

test.each([
  ['in steps', 0],
  ['by a survey of everybody', 1],
] as const)(
  'G6 whom Steeple refuses for good makes up for nobody: the last administrator stays, planned %s',
  async (_, whole) => {
    const administrators = await relay.group('adm', [ada()]);
    await relay.map([
      [hall, 'hall', 'contributor'],
      [administrators, 'hall', 'administrator'],
    ]);
    await relay.acknowledge();
    const dee = await relay.user('dee@x.test');
    await relay.members(administrators, 'add', [dee]);
    await relay.planning.reconcile(now);
    const [job] = await relay.outbox.claim(now, 1, 100);
    if (job?.kind !== 'user.create') throw new Error('her account was not claimed');
    await relay.outbox.settle([{ job, state: 'dead', at: now, cause: 'c', remedy: 'r', effects: [] }]);
    await relay.acknowledge();
    await relay.members(administrators, 'remove', [ada()]);
    await relay.planning.owe('all');
    if (whole === 1) await relay.planning.judge(now);
    await relay.acknowledge();
    expect((await relay.held()).map(({ userName, rule }) => [userName, rule])).toEqual([
      ['ada@x.test', 'last-administrator'],
    ]);
    expect(relay.steeple()['hall – Administrators']).toEqual(['ada@x.test']);
  },
);
