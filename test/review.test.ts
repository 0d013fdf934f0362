/** The gate and the review over the real stores: alarms, standing approvals, two people, dates, bulk, and their history. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallName, calls, type Output, type Question } from '../daemon/contract/admin.ts';
import type { Policy } from '../daemon/contract/policy.ts';
import { policyHandlers } from '../daemon/relay/policy.ts';
import { reviewHandlers } from '../daemon/relay/review.ts';
import { effectsOf, type Stores, stores } from './stores.ts';

const hour = 3_600_000;
const day = 24 * hour;
let now = 1_000_000_000_000;
let relay: Stores;
beforeEach(async () => {
  now += day;
  relay = await stores(':memory:', () => now);
});
afterEach(() => relay.close());

type Mine = Extract<CallName, `review.${string}` | `policy.${string}` | `gate.${string}`>;
type Here = Exclude<Mine, 'review.export' | 'review.import'>;
/** As the console does it: the session's name, and the session. */
async function ask<C extends Here>(name: C, question: Question<C>, session?: string): Promise<Output<C>> {
  let made = 0;
  const parts = { ...relay, changed: () => {}, newId: () => `stand-${++made}`, now: () => now };
  const handlers = { ...reviewHandlers(parts), ...policyHandlers(parts) };
  const caller = session === undefined ? undefined : ({ via: 'console', session } as const);
  const run = handlers[name] as (input: unknown, who?: typeof caller) => Promise<unknown>;
  return calls[name].output.parse(await run(calls[name].input.parse(question), caller)) as Output<C>;
}
const policy = (change: Partial<Policy>) =>
  relay.settings.set('policy', { ...relay.settings.get('policy'), ...change });

let ids: string[] = [];
let team = '';
let hall = '';
/** So many people in Finance and in the hall, sync on, and Steeple as desired. */
async function settled(count: number) {
  const items = Array.from({ length: count }, (_, at) => ({
    method: 'POST' as const,
    kind: 'User' as const,
    body: { userName: `p${at}@x.test`, externalId: `e${at}`, title: at === 0 ? 'Director' : 'Clerk' },
  }));
  ids = await relay.push(...items);
  team = await relay.group('fin', ids);
  hall = await relay.group('hall', ids);
  await relay.map([
    [team, 'finance', 'contributor'],
    [hall, 'hall', 'contributor'],
  ]);
  await relay.enable();
  await relay.acknowledge();
}
const off = (...which: readonly number[]) =>
  Promise.all(which.map((at) => relay.patchUser(ids[at]!, { active: false })));
const on = (...which: readonly number[]) => Promise.all(which.map((at) => relay.patchUser(ids[at]!, { active: true })));
const out = (...which: readonly number[]) =>
  relay.members(
    team,
    'remove',
    which.map((at) => ids[at]!),
  );
const kindsOf = async () => (await relay.acknowledge()).map(({ kind }) => kind);
const rules = async () => [...new Set((await relay.held()).map(({ rule }) => rule))].sort();
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

describe('The source shrank', () => {
  test('G6 half of its people gone within a cycle holds everything of it, until a person clears it with a reason', async () => {
    policy({ groupPercent: 100 });
    await settled(12);
    await off(...range(0, 5));
    await relay.acknowledge();
    expect((await ask('gate.show', {})).alarms).toEqual([]);
    await off(5);
    await out(11);
    expect(await kindsOf()).toEqual([]);
    const [alarm, ...none] = (await ask('gate.show', {})).alarms;
    expect([alarm?.gone, alarm?.before, alarm?.group, none]).toEqual([6, 12, null, []]);
    expect(alarm?.detail).toBe('The source shrank: 6 of the 12 people in test are gone within a cycle');
    expect((await relay.held()).find(({ kind }) => kind === 'revoke')?.rule).toBe('source-shrank');
    // Cleared, what comes after is judged as before; what is held stays, each for its own decision.
    await ask('gate.clear', { source: 'test', reason: 'an office was closed', by: 'ann' });
    expect(relay.settings.get('grounds').entry).toBe(relay.journal.lastSeq()); // a plan made before is another one now
    await expect(ask('gate.clear', { source: 'test', reason: 'again', by: 'ann' })).rejects.toThrow('No alarm stands');
    await relay.acknowledge();
    expect((await relay.held()).filter(({ rule }) => rule === 'source-shrank')).not.toEqual([]);
    await out(10);
    expect(await kindsOf()).toEqual(['members']);
    const told = relay.journal.tail(50).map(({ body }) => (body as { what?: string }).what);
    expect(told).toContain('alarm.raised');
    expect(told).toContain('alarm.cleared');
  });

  test('G6 as many over a longer time than a cycle raise none; who came back does not count', async () => {
    await settled(12);
    await off(...range(0, 5));
    now += hour + 1;
    await off(5);
    await relay.acknowledge();
    expect(relay.gatekeeping.alarms()).toEqual([]);
    await on(...range(0, 6));
    await off(...range(0, 4));
    await on(...range(0, 4));
    await off(...range(6, 10));
    await relay.acknowledge();
    expect(relay.gatekeeping.alarms()).toEqual([]);
  });

  test('G6 half of a large linked group is the same; a small one, or one that gives nothing, is not', async () => {
    policy({ limitFloor: 99, groupPercent: 100, shrinkOver: 10 });
    await settled(12);
    const club = await relay.group('club', ids);
    await relay.members(club, 'remove', ids.slice(0, 8));
    await relay.acknowledge();
    expect(relay.gatekeeping.alarms()).toEqual([]);
    await out(...range(0, 6));
    expect(await kindsOf()).toEqual([]);
    expect(relay.gatekeeping.alarms().map(({ group, gone, before }) => [group, gone, before])).toEqual([
      ['fin', 6, 12],
    ]);
    expect(await rules()).toEqual(['source-shrank']);
  });

  test('G3 an approval from before the alarm waits with the rest, one from after it goes', async () => {
    await settled(12);
    await off(0);
    await relay.planning.reconcile(now);
    await relay.decide('approve', (await relay.held())[0]!.id);
    now += 1;
    await off(...range(1, 6));
    expect(await kindsOf()).toEqual([]);
    now += 1;
    await relay.decide('approve', (await relay.held())[0]!.id);
    expect(await kindsOf()).toEqual(['user.deactivate', 'members', 'members']);
    await ask('gate.clear', { source: 'test', reason: 'looked', by: 'ann' });
    expect(await kindsOf()).toEqual(['user.deactivate', 'members', 'members']);
  });
});

describe('Limits and protection', () => {
  test('G6 a source with limits of its own is counted by those, and a community by its', async () => {
    await settled(12);
    policy({
      limitFloor: 0,
      limitCap: 0,
      sourceLimits: { test: { limitFloor: 3 } },
      communityLimits: { finance: { groupOver: 99 } },
    });
    await out(0, 1, 2);
    expect(await kindsOf()).toEqual(['members']);
    await out(3);
    expect(await kindsOf()).toEqual([]);
    expect((await relay.held()).map(({ why }) => why)).toEqual([
      '4 such changes of test in 24 hours, and the limit is 3',
    ]);
    policy({ sourceLimits: {}, limitFloor: 99, communityLimits: { finance: { groupPercent: 10, groupOver: 0 } } });
    await out(4);
    await relay.acknowledge();
    expect((await relay.held()).map(({ rule }) => rule)).toEqual(['limit', 'group-limit']);
  });

  test('G6 members of a protected group, at any depth, and whoever the filter finds wait, inside any limit', async () => {
    await settled(6);
    const inner = await relay.group('inner', [ids[1]!]);
    const outer = await relay.group('VIP', []);
    await relay.members(outer, 'add', [inner]);
    await ask('policy.set', { key: 'protectedGroups', value: ['vip'], by: 'ann' });
    await ask('policy.set', { key: 'protectedFilter', value: 'title eq "director"', by: 'ann' });
    expect((await ask('policy.show', {})).protectedGroups).toEqual([outer]);
    await expect(ask('policy.set', { key: 'protectedGroups', value: ['none'], by: 'ann' })).rejects.toThrow(
      'no group "none"',
    );
    await expect(ask('policy.set', { key: 'protectedFilter', value: 'title is', by: 'ann' })).rejects.toThrow();
    await out(0, 1, 2);
    expect((await relay.acknowledge()).map(({ members }) => members.length)).toEqual([1]);
    expect((await relay.held()).map(({ userName, rule, why }) => [userName, rule, why])).toEqual([
      ['p0@x.test', 'protected', 'This account is protected by the filter of the policy'],
      ['p1@x.test', 'protected', 'This account is protected as a member of inner'.replace('inner', 'VIP')],
    ]);
  });

  test('quiet hours: nothing destructive leaves, everything else does, also of the same person', async () => {
    await settled(6);
    await off(0);
    await relay.planning.reconcile(now);
    await relay.decide('approve', (await relay.held())[0]!.id);
    await out(1);
    await relay.planning.reconcile(now);
    await relay.push({
      method: 'PATCH',
      kind: 'User',
      id: ids[0]!,
      body: { Operations: [{ op: 'replace', value: { displayName: 'Zed' } }] },
    });
    await relay.push({ method: 'POST', kind: 'User', body: { userName: 'new@x.test' } });
    await relay.planning.reconcile(now);
    const quiet = await relay.outbox.claim(now, 64, 100, true);
    expect(quiet.map(({ kind }) => kind).sort()).toEqual(['user.create', 'user.update']);
    for (const job of quiet) await relay.outbox.settle([{ job, state: 'done', at: now, effects: effectsOf(job) }]);
    const loud = await relay.outbox.claim(now, 64, 100, false);
    expect(loud.every((job) => relay.outbox.isFresh(job, now) && !relay.outbox.isFresh(job, now, true))).toBe(true);
    await relay.outbox.release(loud);
    expect(
      (await relay.acknowledge()).flatMap(({ kind, members }) => [kind, ...members.map(({ add }) => add)]),
    ).toEqual(['user.deactivate', 'members', false, false, 'members', false]);
  });
});

describe('Standing approvals', () => {
  const stand = (more: object = {}) =>
    ask('policy.stand', {
      kinds: ['remove'],
      upTo: 3,
      until: now + 30 * day,
      reason: 'summer',
      by: 'ann',
      ...more,
    } as never);

  test('G3 let a removal leave inside their limits, in the name of who enabled them; more, and none leaves', async () => {
    await settled(12);
    await stand();
    await off(0, 1);
    expect((await kindsOf()).filter((kind) => kind === 'user.deactivate')).toHaveLength(2);
    const sent = (await relay.reviews.list({ states: ['sent'] }, 0, 9)).items;
    expect(sent.map(({ decided_by, standing, reason }) => [decided_by, standing, reason])).toEqual(
      Array(2).fill(['ann', 'stand-1', 'Standing approval stand-1: summer']),
    );
    await off(2, 3);
    expect(await kindsOf()).toEqual([]);
    expect((await ask('gate.show', {})).standing).toEqual([{ id: 'stand-1', used: 2, inForce: true }]);
    now += day + 1;
    await relay.reviews.ripen(now, relay.settings.get('policy').standing);
    expect((await kindsOf()).filter((kind) => kind === 'user.deactivate')).toHaveLength(2);
  });

  test('G3 days of grace: it leaves by itself only when they are over, and not where somebody kept it', async () => {
    await settled(12);
    await stand({ afterDays: 7 });
    await off(0, 1);
    expect(await kindsOf()).toEqual([]);
    const [first, second] = (await ask('review.list', {})).items;
    expect([first?.leavesAt, second?.leavesAt]).toEqual([now + 7 * day, now + 7 * day]);
    await ask('review.keep', { ids: [second!.id], reason: 'on leave', by: 'ben' });
    now += 7 * day - 1;
    await relay.reviews.ripen(now, relay.settings.get('policy').standing);
    expect(await kindsOf()).toEqual([]);
    now += 1;
    await relay.reviews.ripen(now, relay.settings.get('policy').standing);
    expect(await kindsOf()).toEqual(['user.deactivate', 'members', 'members']);
    expect((await ask('review.list', { states: ['kept'] })).total).toBe(1);
  });

  test('G3 days of grace run from when they were enabled, however long somebody has waited by then', async () => {
    await settled(12);
    await off(0);
    await relay.acknowledge();
    now += 30 * day;
    await stand({ afterDays: 7 });
    expect(await kindsOf()).toEqual([]);
    expect((await ask('review.list', {})).items[0]?.leavesAt).toBe(now + 7 * day);
    now += 7 * day - 1;
    await relay.reviews.ripen(now, relay.settings.get('policy').standing);
    expect(await kindsOf()).toEqual([]);
    now += 1;
    await relay.reviews.ripen(now, relay.settings.get('policy').standing);
    expect(await kindsOf()).toContain('user.deactivate');
  });

  test('G3 nor beyond a limit of G6 that trips while their days of grace run', async () => {
    await settled(12);
    await stand({ afterDays: 7, upTo: 99 });
    await off(0, 1, 2);
    await relay.acknowledge();
    expect(await rules()).toEqual(['removal']);
    policy({ limitFloor: 2, limitPercent: 0 });
    now += 7 * day;
    await relay.reviews.ripen(now, relay.settings.get('policy').standing);
    expect(await kindsOf()).toEqual([]);
    policy({ limitFloor: 3, groupPercent: 100 });
    await relay.planning.owe('all');
    expect((await kindsOf()).filter((kind) => kind === 'user.deactivate')).toHaveLength(3);
  });

  test('G3 they never answer another rule, and what has not left is held again when they end', async () => {
    await settled(12);
    policy({ protected: ['p0@x.test'] });
    await stand();
    await off(0, 1);
    await relay.planning.reconcile(now);
    expect((await relay.held()).map(({ userName, rule }) => [userName, rule])).toEqual([['p0@x.test', 'protected']]);
    await ask('policy.unstand', { id: 'stand-1', reason: 'over', by: 'ann' });
    expect(await kindsOf()).toEqual([]);
    expect((await relay.held()).map(({ rule, decided_by }) => [rule, decided_by])).toEqual([
      ['protected', null],
      ['removal', null],
    ]);
    const told = (await ask('review.show', { id: (await relay.held())[1]!.id })).decisions.map(({ event, by }) => [
      event,
      by,
    ]);
    expect(told).toEqual([
      ['lapse', ''],
      ['stand', 'ann'],
    ]);
  });
});

describe('Two people', () => {
  test('G8 in the console they are two names in two sessions; on the socket two names', async () => {
    await settled(6);
    policy({ twoPerson: true });
    await off(0);
    await relay.planning.reconcile(now);
    const id = (await relay.held())[0]!.id;
    const approve = (by: string, session?: string) => ask('review.approve', { ids: [id], by, reason: 'left' }, session);
    expect((await approve('Ann', 'one')).items[0]).toMatchObject({ state: 'held', decidedBy: 'Ann' });
    for (const same of ['ann ', '\u00a0ANN', 'Ａｎｎ', 'An\u200bn'])
      await expect(approve(same, 'two')).rejects.toThrow('two different people');
    await expect(approve('ben', 'one')).rejects.toThrow('this very session');
    expect(await kindsOf()).toEqual([]);
    expect((await approve('ben', 'two')).items[0]).toMatchObject({ state: 'approved', decidedBy: 'ben' });
    const told = (await ask('review.show', { id })).decisions.map(({ by, first, via }) => [by, first, via]);
    expect(told).toEqual([
      ['ben', false, 'console'],
      ['Ann', true, 'console'],
    ]);
  });

  test('G8 loosening the policy takes two as well, tightening it one', async () => {
    policy({ twoPerson: true });
    const set = (value: number, by: string, session: string) =>
      ask('policy.set', { key: 'limitCap', value, by }, session);
    expect(await set(20, 'ann', 'one')).toMatchObject({ limitCap: 20, proposal: null });
    expect(await set(30, 'ann', 'one')).toMatchObject({
      limitCap: 20,
      proposal: { key: 'limitCap', value: 30, by: 'ann' },
    });
    await expect(set(30, 'Ann', 'two')).rejects.toThrow('asks for somebody else');
    await expect(set(30, 'ben', 'one')).rejects.toThrow('asks for somebody else');
    // Something else is another proposal, also where it has the same number.
    expect(await ask('policy.set', { key: 'limitPercent', value: 30, by: 'ben' }, 'two')).toMatchObject({
      limitPercent: 10,
      proposal: { key: 'limitPercent', by: 'ben' },
    });
    expect(await set(31, 'ben', 'two')).toMatchObject({ limitCap: 20, proposal: { value: 31, by: 'ben' } });
    expect(await set(31, 'ann', 'one')).toMatchObject({ limitCap: 31, proposal: null });
    expect(await ask('policy.set', { key: 'twoPerson', value: false, by: 'ann' })).toMatchObject({ twoPerson: true });
    expect(await ask('policy.withdraw', { reason: 'Not this month', by: 'ann' })).toMatchObject({
      twoPerson: true,
      proposal: null,
    });
    const [last] = relay.journal.tail(9).filter(({ body }) => (body as { what: string }).what === 'policy.set');
    expect(last?.body).toMatchObject({ key: 'limitCap', value: 31, proposedBy: 'ben', via: 'console' });
    const [taken] = relay.journal.tail(9).filter(({ body }) => (body as { what: string }).what === 'policy.withdraw');
    expect(taken?.body).toMatchObject({ key: 'twoPerson', reason: 'Not this month' });
  });
});

describe('Deciding', () => {
  test('G4 kept until a date, it is held again when that comes', async () => {
    await settled(6);
    await off(0);
    await relay.planning.reconcile(now);
    const id = (await relay.held())[0]!.id;
    await expect(ask('review.keep', { ids: [id], by: 'ann', reason: 'r', until: now })).rejects.toThrow('past already');
    await ask('review.keep', { ids: [id], by: 'ann', reason: 'maternity', until: now + day });
    now += day - 1;
    expect(await relay.reviews.ripen(now, [])).toBe(0);
    now += 1;
    expect(await relay.reviews.ripen(now, [])).toBe(1);
    expect(await ask('review.show', { id })).toMatchObject({ state: 'held', decidedBy: null, until: null });
    expect((await ask('review.show', { id })).decisions.map(({ event, until }) => [event, until])).toEqual([
      ['return', null],
      ['keep', now],
    ]);
    expect(await kindsOf()).toEqual([]);
  });

  test('G8 in bulk by a filter, with the count typed back, all or none', async () => {
    await settled(12);
    await off(0, 1, 2, 3);
    await relay.planning.reconcile(now);
    now += 3 * day;
    const bulk = (filter: object, count: number) =>
      ask('review.bulk', { event: 'keep', filter, count, by: 'ann', reason: 'a team on leave' } as never);
    await expect(bulk({}, 3)).rejects.toThrow('The filter finds 4 items now, and not 3');
    await expect(bulk({}, 5)).rejects.toThrow('The filter finds 4 items now, and not 5');
    expect((await ask('review.counts', { community: 'finance' })).total).toBe(4);
    for (const none of [
      { text: 'nobody' },
      { source: 'other' },
      { community: 'sales' },
      { kinds: ['revoke'] },
      { rules: ['limit'] },
      { minDays: 4 },
      { maxDays: 2 },
    ])
      expect((await ask('review.list', none as never)).total, JSON.stringify(none)).toBe(0);
    expect(await bulk({ text: 'P1', source: 'test', rules: ['removal'], minDays: 3 }, 1)).toEqual({
      decided: 1,
      first: 0,
    });
    expect(await bulk({ maxDays: 3 }, 3)).toEqual({ decided: 3, first: 0 });
    expect(await ask('review.counts', { states: ['kept'] })).toMatchObject({
      total: 4,
      kinds: { remove: 4 },
      rules: { removal: 4 },
      sources: { test: 4 },
      communities: {},
    });
    const decided = relay.journal.tail(9).filter(({ body }) => (body as { what: string }).what === 'review.keep');
    expect(decided.map(({ actor, body }) => [actor, (body as { bulk: number }).bulk])).toEqual([
      ...Array(3).fill(['ann', 3]),
      ['ann', 1],
    ]);
  });

  test('an item says what caused it, what is lost and what is not, and what was decided before', async () => {
    await settled(6);
    await off(0);
    await relay.planning.reconcile(now);
    const id = (await relay.held())[0]!.id;
    await ask('review.keep', { ids: [id], by: 'ann', reason: 'on leave' });
    await ask('review.undo', { id, by: 'ben', reason: 'is back' });
    const item = await ask('review.show', { id });
    expect(item).toMatchObject({
      kind: 'remove',
      source: 'test',
      access: [
        { community: 'finance', role: 'contributor' },
        { community: 'hall', role: 'contributor' },
      ],
      cause: { source: 'test', words: 'PATCH User: replace active false' },
      earlier: 2,
    });
    expect(item.journal).toBe(item.cause?.seq);
    expect(item.lost).toContain('support');
    expect(item.returns).toContain('The account');
    expect(item.decisions.map(({ event, by, reason }) => [event, by, reason])).toEqual([
      ['undo', 'ben', 'is back'],
      ['keep', 'ann', 'on leave'],
    ]);
  });
});

/**
 * The oracle knows nothing of plans: it follows what was pushed and decided, and asks of each write that leaves whether
 * somebody's removal or loss was allowed at that moment.
 */
test('G3-G7 under random traffic, decisions and restarts no loss leaves uncovered, and nothing else waits', async () => {
  const who = fc.integer({ min: 0, max: 5 });
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('off' as const, 'on' as const, 'out' as const, 'in' as const, 'title' as const),
        who,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('approve' as const, 'keep' as const, 'undo' as const), who }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('send' as const, 'send quietly' as const, 'restart' as const), who }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('stand' as const, 'unstand' as const, 'wait' as const), who }),
    },
  );
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  let run = 0;
  const law = fc.asyncProperty(
    fc.array(step, { minLength: 4, maxLength: 14 }),
    fc.constantFrom(0, 1, 99),
    async (steps, floor) => {
      await relay.close();
      const file = join(folder, `${++run}.db`);
      relay = await stores(file, () => now);
      // Nothing but what this test knows: no alarms, no limits on groups.
      policy({ limitFloor: floor, limitPercent: 0, groupPercent: 100, shrinkFloor: 99 });
      await settled(6);
      const active = new Set(range(0, 6));
      const inside = new Set(range(0, 6));
      const approved = new Set<string>();
      const gone: { at: number; who: number }[] = [];
      let standing = false;
      const numOf = (at: number) =>
        relay.db.prepare<[string], number>('SELECT num FROM person WHERE id = ?').pluck().get(ids[at]!);
      const nums = new Map(range(0, 6).map((at) => [numOf(at), at]));
      const send = async (quiet: boolean) => {
        for (let round = 0; round < 12; round++) {
          const planned = await relay.planning.reconcile(now);
          const jobs = await relay.outbox.claim(now, 64, 100, quiet);
          if (jobs.length === 0 && planned === undefined) break; // what a standing approval lets go is planned once more
          for (const job of jobs) {
            const at = nums.get(job.person) ?? -1;
            if (job.kind === 'user.deactivate') {
              expect(quiet).toBe(false);
              expect(active.has(at)).toBe(false);
              expect(approved.has(`${at} remove`) || standing, `${at} was removed`).toBe(true);
            }
            for (const { person, add } of job.members) {
              const one = nums.get(person) ?? -1;
              if (add) continue;
              expect(quiet).toBe(false);
              if (!active.has(one))
                expect(approved.has(`${one} remove`) || standing, `${one} left with a removal`).toBe(true);
              else {
                expect(inside.has(one)).toBe(false);
                const recent = new Set(gone.filter((loss) => loss.at > now - day).map((loss) => loss.who));
                recent.add(one);
                expect(approved.has(`${one} revoke`) || recent.size <= floor, `${one} lost finance`).toBe(true);
                gone.push({ at: now, who: one });
              }
            }
            await relay.outbox.settle([{ job, state: 'done', at: now, effects: effectsOf(job) }]);
          }
        }
        // Nothing else is delayed: what is left is destructive, and it is quiet; or it is held.
        const left = relay.db.prepare<[], { kind: string }>("SELECT kind FROM delivery WHERE state = 'ready'").all();
        expect(left.filter(({ kind }) => !quiet || (kind !== 'user.deactivate' && kind !== 'member.remove'))).toEqual(
          [],
        );
      };
      for (const one of steps) {
        const at = one.who;
        now += 1;
        switch (one.do) {
          case 'off':
            await off(at);
            active.delete(at);
            break;
          case 'on':
            await on(at);
            active.add(at);
            approved.delete(`${at} remove`);
            break;
          case 'out':
            await out(at);
            inside.delete(at);
            break;
          case 'in':
            await relay.members(team, 'add', [ids[at]!]);
            inside.add(at);
            approved.delete(`${at} revoke`);
            break;
          case 'title':
            await relay.patchUser(ids[at]!, { displayName: `Name ${now}` });
            break;
          case 'stand':
            standing = true;
            policy({
              standing: [
                {
                  id: 's',
                  kinds: ['remove'],
                  sources: [],
                  upTo: 99,
                  afterDays: 0,
                  until: now + 99 * day,
                  enabledBy: 'ann',
                  enabledAt: now,
                  reason: 'r',
                },
              ],
            });
            await relay.planning.owe('all');
            break;
          case 'unstand':
            standing = false;
            policy({ standing: [] });
            await relay.planning.owe('all');
            break;
          case 'wait':
            now += day;
            break;
          case 'restart':
            await relay.close();
            relay = await stores(file, () => now);
            break;
          case 'send':
          case 'send quietly':
            await send(one.do === 'send quietly');
            break;
          default: {
            await relay.planning.reconcile(now);
            const open = (await relay.reviews.list({ states: ['held', 'approved', 'kept'] }, 0, 99)).items;
            const item = open.find(({ person }) => nums.get(person) === at);
            if (item === undefined) break;
            const done = await relay.decide(one.do, item.id).then(
              () => true,
              () => false,
            );
            if (!done) break;
            if (one.do === 'approve') approved.add(`${at} ${item.kind}`);
            else approved.delete(`${at} ${item.kind}`);
          }
        }
      }
      await send(false);
      for (const { kind, userName, state } of (await relay.reviews.list({ states: ['held', 'kept'] }, 0, 99)).items)
        expect(approved.has(`${userName.slice(1, 2)} ${kind}`), `${userName} ${state}`).toBe(false);
    },
  );
  try {
    await fc.assert(law, { numRuns: 40 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
