/** What is owed to Steeple: what may leave when, how it is settled, and what a new plan does to it. Real SQLite. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../daemon/contract/scim.ts';
import type { Account } from '../daemon/core/account.ts';
import { fold } from '../daemon/core/directory.ts';
import type { Operation } from '../daemon/core/plan.ts';
import { clearing } from '../daemon/relay/clearing.ts';
import type { Job } from '../daemon/store/claims.ts';
import type { Database } from '../daemon/store/db.ts';
import { directory } from '../daemon/store/directory.ts';
import { journal as openJournal } from '../daemon/store/journal.ts';
import { observing } from '../daemon/store/observed.ts';
import { outbox as openOutbox, type Settlement } from '../daemon/store/outbox.ts';
import { sources } from '../daemon/store/sources.ts';
import { blank, stores } from './stores.ts';

const opened: Database[] = [];
afterEach(() => {
  for (const db of opened.splice(0)) db.close();
});

const account = (userName: string): Account => ({
  userName,
  externalId: '',
  givenName: '',
  familyName: '',
  displayName: '',
  email: '',
});
const lane = { user: (person: number) => `user:${person}`, group: (target: string) => `group:${target}` };
const create = (person: number, userName = `p${person}`): Operation => ({
  kind: 'user.create',
  lane: lane.user(person),
  person,
  body: { account: account(userName) },
  takes: fold(userName),
});
const update = (person: number, displayName: string, more: Partial<Operation> = {}): Operation => ({
  kind: 'user.update',
  lane: lane.user(person),
  person,
  body: { patch: [{ op: 'replace', path: 'displayName', value: displayName }] },
  ...more,
});
const deactivate = (person: number): Operation => ({
  kind: 'user.deactivate',
  lane: lane.user(person),
  person,
  risk: 'remove',
  body: {},
});
const group = (target: string, kind: 'group.create' | 'group.update' | 'group.delete' = 'group.create'): Operation => ({
  kind,
  lane: lane.group(target),
  target,
  body: kind === 'group.delete' ? {} : { displayName: target },
});
const member = (
  kind: 'member.add' | 'member.remove',
  person: number,
  target: string,
  more: Partial<Operation> = {},
): Operation => ({
  kind,
  lane: lane.group(target),
  person,
  target,
  body: {},
  ...more,
});
type Row = {
  id: number;
  kind: string;
  person: number | null;
  target: string | null;
  state: string;
  attempt: number;
  unsure: number;
  due_at: number;
};

/** A database with people 1 to `people`, none of them owed a plan. */
async function stage(people = 6) {
  const db = blank();
  opened.push(db);
  const journal = openJournal(db);
  const source = await sources(db, journal).add({ kind: 'scim', name: 'x', token: 't', by: 'test', now: 1 });
  const store = directory(db, journal, {
    newId: randomUUID,
    now: () => 1,
    report: (cause) => {
      throw cause;
    },
  });
  const bodies = Array.from({ length: people }, (_, at) => ({ userName: `p${at + 1}` }));
  await store.accept(bodies.map((body) => ({ source, method: 'POST', kind: 'User', body })));
  db.exec('DELETE FROM owed');
  const observed = observing(db);
  const outbox = openOutbox(db, journal, observed);
  const replace = (who: readonly number[], ...operations: Operation[]) =>
    db.transaction(() => outbox.replace(who, operations, 1)).immediate();
  const rows = () =>
    db
      .prepare<[], Row>('SELECT id, kind, person, target, state, attempt, unsure, due_at FROM delivery ORDER BY id')
      .all();
  const settle = (job: Job, more: Partial<Settlement> = {}) =>
    outbox.settle([{ job, state: 'done', at: 2, effects: [], ...more }]);
  return {
    db,
    journal,
    outbox,
    replace,
    rows,
    settle,
    /** Steeple has an account of theirs. */
    has: (person: number, userName = `p${person}`, active = true) =>
      db
        .transaction(() =>
          observed.apply(
            { kind: 'user', person, steepleId: `s${person}`, account: account(userName), active, origin: 'created' },
            1,
          ),
        )
        .immediate(),
    hasGroup: (target: string) =>
      db
        .transaction(() => observed.apply({ kind: 'group', target, steepleId: `g-${target}`, name: target }, 1))
        .immediate(),
    owed: () => db.prepare<[], number>("SELECT num FROM owed WHERE kind = 'person' ORDER BY num").pluck().all(),
    claim: (limit = 10, batch = 100, now = 1) => outbox.claim(now, limit, batch),
    states: () => rows().map(({ kind, state }) => `${kind} ${state}`),
  };
}
const shown = (jobs: readonly Job[]) =>
  jobs.map(({ kind, person, target, members }) =>
    kind === 'members'
      ? `${target}: ${members.map(({ person, add }) => `${add ? '+' : '-'}${person}`).join(' ')}`
      : `${kind} ${person ?? target}`,
  );

describe('What may leave', () => {
  test('D1 is the head of each resource’s line, in the order it was planned, one at a time', async () => {
    const at = await stage();
    for (const person of [1, 2]) at.has(person);
    at.replace([1, 2], update(1, 'a'), update(1, 'b'), update(2, 'c'));
    const [first, other, ...more] = await at.claim();
    expect(shown([first!, other!])).toEqual(['user.update 1', 'user.update 2']);
    expect(more).toEqual([]);
    expect(await at.claim()).toEqual([]);
    await at.settle(first!);
    const [second] = await at.claim();
    expect(second?.body).toEqual(update(1, 'b').body);
  });

  test('D1 a failed head that waits for its next try holds up its own line, and nobody else’s', async () => {
    const at = await stage();
    for (const person of [1, 2]) at.has(person);
    at.replace([1, 2], update(1, 'a'), update(1, 'b'), update(2, 'c'));
    const [first, other] = await at.claim();
    await at.settle(other!);
    await at.settle(first!, { state: 'ready', dueAt: 100, cause: 'busy' });
    expect(await at.claim(10, 100, 99)).toEqual([]);
    expect(shown(await at.claim(10, 100, 100))).toEqual(['user.update 1']);
    expect(at.rows()[0]).toMatchObject({ attempt: 2 });
  });

  test('is people before memberships, and as many requests as were asked for', async () => {
    const at = await stage();
    for (const person of [1, 2, 3]) at.has(person);
    at.hasGroup('x');
    at.hasGroup('y');
    at.replace([1, 2, 3], member('member.add', 1, 'x'), member('member.add', 2, 'y'), update(3, 'c'), update(2, 'b'));
    expect(shown(await at.claim(3))).toEqual(['user.update 3', 'user.update 2', 'x: +1']);
    expect(shown(await at.claim(3))).toEqual(['y: +2']);
  });

  test('P4 is not what takes a userName that another account of ours still has', async () => {
    const at = await stage();
    at.has(1, 'Ada');
    at.has(2, 'ben');
    at.replace([1, 2, 3], update(2, 'x', { takes: 'ada', frees: 'ben' }), create(3, 'ADA'));
    expect(await at.claim()).toEqual([]);
    at.has(1, 'anna');
    expect(shown(await at.claim())).toEqual(['user.update 2', 'user.create 3']);
  });

  test('P4 a name of one’s own, or of an account that is nobody’s, holds nobody up', async () => {
    const at = await stage();
    at.has(1, 'ada');
    at.has(2, 'ben');
    at.db.exec('UPDATE observed_user SET person = NULL, origin = NULL WHERE person = 2');
    at.replace([1, 3], update(1, 'x', { takes: 'ada' }), create(3, 'ben'));
    expect(await at.claim()).toHaveLength(2);
  });

  test('is a membership only of an account that is there and active, in a group that is there', async () => {
    const at = await stage();
    at.has(1);
    at.has(2, 'p2', false);
    at.replace(
      [1, 2, 3],
      group('x'),
      ...[1, 2, 3].map((person) => member('member.add', person, 'x')),
      member('member.remove', 2, 'y'),
    );
    expect(shown(await at.claim())).toEqual(['group.create x']);
    expect(await at.claim()).toEqual([]);
    at.hasGroup('x');
    at.hasGroup('y');
    at.db.exec("UPDATE delivery SET state = 'done' WHERE kind = 'group.create'");
    expect(shown(await at.claim())).toEqual(['x: +1', 'y: -2']);
  });

  test('is no membership while its group is made or renamed, and no deletion of a group before its memberships', async () => {
    const at = await stage();
    at.has(1);
    at.hasGroup('x');
    at.replace([1], group('x', 'group.update'), member('member.remove', 1, 'x'), group('x', 'group.delete'));
    const [rename, ...none] = await at.claim();
    expect([rename?.kind, none]).toEqual(['group.update', []]);
    await at.settle(rename!);
    const [removal, ...nothing] = await at.claim();
    expect([removal?.kind, nothing]).toEqual(['members', []]);
    expect(await at.claim()).toEqual([]);
    await at.settle(removal!);
    expect(shown(await at.claim())).toEqual(['group.delete x']);
  });

  test('D7 memberships of one group leave together, at most so many, one batch at a time', async () => {
    const at = await stage(7);
    for (const person of [1, 2, 3, 4, 5, 6, 7]) at.has(person);
    for (const target of ['x', 'y']) at.hasGroup(target);
    at.replace(
      [1, 2, 3, 4, 5, 6, 7],
      ...[1, 2, 3, 4, 5].map((person) => member('member.add', person, 'x')),
      member('member.remove', 6, 'x'),
      member('member.add', 7, 'y'),
    );
    const [first, other] = await at.claim(10, 4);
    expect(shown([first!, other!])).toEqual(['x: +1 +2 +3 +4', 'y: +7']);
    expect(first).toMatchObject({ ids: first!.members.map(({ id }) => id), target: 'x', steepleId: 'g-x' });
    expect(await at.claim(10, 4)).toEqual([]);
    await at.settle(first!);
    const [second] = await at.claim(10, 4);
    expect(shown([second!])).toEqual(['x: +5 -6']);
    // D3: one that is tried for the third time backs off as such, whoever comes along for the first.
    await at.settle(second!, { state: 'ready' });
    at.db.exec('UPDATE delivery SET attempt = 0 WHERE person = 5');
    expect((await at.claim(10, 4))[0]?.attempt).toBe(2);
  });

  test('of many large groups some, so that a claim stays short, and the others next', async () => {
    const at = await stage(100);
    const people = Array.from({ length: 100 }, (_, index) => index + 1);
    const names = Array.from({ length: 25 }, (_, index) => `g${String(index).padStart(2, '0')}`);
    for (const person of people) at.has(person);
    for (const name of names) at.hasGroup(name);
    at.replace(people, ...names.flatMap((name) => people.map((person) => member('member.add', person, name))));
    const first = await at.claim(50);
    expect(first.map(({ target }) => target)).toEqual(names.slice(0, 20));
    expect((await at.claim(50)).map(({ target }) => target)).toEqual(names.slice(20));
  });

  test('D2 what is in doubt and what is sure are never in one batch', async () => {
    const at = await stage();
    for (const person of [1, 2, 3, 4]) at.has(person);
    at.hasGroup('x');
    at.replace([1, 2], member('member.add', 1, 'x'), member('member.add', 2, 'x'));
    const [lost] = await at.claim();
    await at.settle(lost!, { state: 'ready', unsure: true });
    at.replace([3, 4], member('member.add', 3, 'x'), member('member.add', 4, 'x'));
    const [first] = await at.claim();
    expect([first?.unsure, shown([first!])]).toEqual([true, ['x: +1 +2']]);
    await at.settle(first!);
    const [second] = await at.claim();
    expect([second?.unsure, shown([second!])]).toEqual([false, ['x: +3 +4']]);
  });

  test('is no removal from a group before what replaces it in the same community is in place', async () => {
    const at = await stage();
    for (const person of [1, 2]) at.has(person);
    for (const target of ['fin-c', 'fin-a', 'sales']) at.hasGroup(target);
    at.replace(
      [1, 2],
      member('member.remove', 1, 'fin-a', { community: 'finance' }),
      member('member.remove', 1, 'sales', { community: 'sales' }),
      member('member.remove', 2, 'fin-a', { community: 'finance' }),
      member('member.add', 1, 'fin-c', { community: 'finance' }),
    );
    const jobs = await at.claim();
    expect(shown(jobs)).toEqual(['fin-a: -2', 'fin-c: +1', 'sales: -1']);
    await at.settle(jobs[0]!);
    expect(await at.claim()).toEqual([]);
    await at.settle(jobs[1]!);
    expect(shown(await at.claim())).toEqual(['fin-a: -1']);
  });

  test.each(['dead', 'dropped'] as const)(
    'G3 is no removal whose replacement is %s: nobody loses access for want of it',
    async (state) => {
      const at = await stage();
      at.has(1);
      for (const target of ['fin-c', 'fin-a']) at.hasGroup(target);
      at.replace(
        [1],
        member('member.remove', 1, 'fin-a', { community: 'finance' }),
        member('member.add', 1, 'fin-c', { community: 'finance' }),
      );
      const [adding] = await at.claim();
      await at.settle(adding!, { state: 'dead', cause: 'refused', remedy: 'retry' });
      if (state === 'dropped') await at.outbox.drop(adding!.ids[0]!, 'never mind', 'ann', 3);
      expect(await at.claim()).toEqual([]);
      expect(at.states()).toEqual(['member.remove ready', `member.add ${state}`]);
      if (state === 'dropped') return;
      await at.outbox.retry(adding!.ids, 'ann', 3);
      const [again] = await at.claim();
      await at.settle(again!);
      expect(shown(await at.claim())).toEqual(['fin-a: -1']);
    },
  );

  test('G5 is nothing of somebody who is owed a plan, since the push that owes it may have undone it', async () => {
    const at = await stage();
    for (const person of [1, 2]) at.has(person);
    at.hasGroup('x');
    at.replace(
      [1, 2],
      group('y'),
      deactivate(1),
      member('member.add', 1, 'x'),
      update(2, 'b'),
      member('member.add', 2, 'x'),
    );
    at.db.exec("INSERT INTO owed (kind, num, seq) VALUES ('person', 1, 9)");
    expect(shown(await at.claim())).toEqual(['group.create y', 'user.update 2', 'x: +2']);
    expect(await at.claim()).toEqual([]);
    at.db.exec('DELETE FROM owed');
    expect(shown(await at.claim())).toEqual(['user.deactivate 1']);
  });

  test('G5 is nothing of anybody while a group is owed a plan, since it may stand for any of them', async () => {
    const at = await stage();
    at.has(1);
    at.replace([1], group('y'), deactivate(1));
    at.db.exec("INSERT INTO owed (kind, num, seq) VALUES ('team', 1, 9)");
    expect(shown(await at.claim())).toEqual(['group.create y']);
    // Row 0 stands for nobody: it is about the groups we keep.
    at.db.exec("DELETE FROM owed; INSERT INTO owed (kind, num, seq) VALUES ('team', 0, 9)");
    expect(shown(await at.claim())).toEqual(['user.deactivate 1']);
  });

  test('D2 G5 what is in doubt is found out also for who is owed a plan, and marked: nothing may be written then', async () => {
    const at = await stage();
    for (const person of [1, 2, 3]) at.has(person);
    at.hasGroup('x');
    at.replace([1, 2, 3], deactivate(1), member('member.add', 2, 'x'), member('member.add', 3, 'x'));
    for (const job of await at.claim()) await at.settle(job, { state: 'ready', unsure: true });
    at.db.exec("INSERT INTO owed (kind, num, seq) VALUES ('person', 1, 9), ('person', 2, 9)");
    const jobs = await at.claim();
    expect(jobs.map((job) => [shown([job])[0], job.unsure, job.stale])).toEqual([
      ['user.deactivate 1', true, true],
      ['x: +2', true, true],
    ]);
    for (const job of jobs) await at.settle(job, { state: 'ready', unsure: false });
    const [last] = await at.claim();
    expect([shown([last!])[0], last?.unsure, last?.stale]).toEqual(['x: +3', true, false]);
  });
});

describe('Settling', () => {
  test('is fenced by the state: what is not on its way is not settled, whoever says so', async () => {
    const at = await stage();
    at.has(1);
    at.replace([1], update(1, 'a'));
    const [job] = await at.claim();
    await at.outbox.recover();
    await at.settle(job!);
    expect(at.states()).toEqual(['user.update ready']);
    const [again] = await at.claim();
    await at.settle(again!, { state: 'dead', cause: 'no', remedy: 'drop it' });
    await at.settle(again!);
    expect(at.states()).toEqual(['user.update dead']);
  });

  test('of a batch tells its rows apart: done, refused for good, and the rest as the batch', async () => {
    const at = await stage();
    for (const person of [1, 2, 3]) at.has(person);
    at.hasGroup('x');
    at.replace([1, 2, 3], ...[1, 2, 3].map((person) => member('member.add', person, 'x')));
    const [job] = await at.claim();
    const [one, two] = job!.ids as [number, number];
    await at.settle(job!, {
      state: 'ready',
      dueAt: 50,
      unsure: true,
      status: 500,
      cause: 'oops',
      done: [one],
      dead: [{ id: two, status: 400, cause: 'not this one', remedy: 'retry it' }],
      effects: [{ kind: 'members', target: 'x', add: [1], remove: [] }],
    });
    const { items } = await at.outbox.list(undefined, 0, 10);
    expect(
      items.map(({ state, status, cause, remedy, dueAt, settledAt }) => [
        state,
        status,
        cause,
        remedy,
        dueAt,
        settledAt,
      ]),
    ).toEqual([
      ['ready', 500, 'oops', null, 50, null],
      ['dead', 400, 'not this one', 'retry it', 0, 2],
      ['done', 500, null, null, 0, 2],
    ]);
    expect(at.rows().map(({ unsure }) => unsure)).toEqual([0, 0, 1]);
  });

  test('G6 counts what left, once, when it left, and owes its person a plan', async () => {
    const at = await stage();
    for (const person of [1, 2]) at.has(person);
    at.hasGroup('x');
    at.replace(
      [1, 2],
      deactivate(1),
      member('member.remove', 2, 'x', { community: 'fin', risk: 'downgrade', role: 'admin' }),
      update(2, 'b'),
    );
    const departures = () =>
      at.db.prepare('SELECT at, kind, person, community, role FROM departure ORDER BY kind').all();
    const jobs = await at.claim();
    for (const job of jobs) await at.settle(job, { state: 'ready', at: 7 });
    expect(departures()).toEqual([]);
    for (const job of await at.claim()) await at.settle(job, { at: 9 });
    for (const job of jobs) await at.settle(job, { at: 11 });
    expect(departures()).toEqual([
      { at: 9, kind: 'downgrade', person: 2, community: 'fin', role: 'admin' },
      { at: 9, kind: 'remove', person: 1, community: '', role: '' },
    ]);
    expect(at.owed()).toEqual([1, 2]);
  });

  test('knows whose account is whose; that of somebody deleted at the source is nobody’s', async () => {
    const at = await stage();
    for (const person of [1, 2]) at.has(person);
    at.db.exec("UPDATE person SET state = 'deleted' WHERE num = 2; UPDATE person SET state = 'inactive' WHERE num = 1");
    expect(await Promise.all(['s1', 's2', 's3'].map(at.outbox.ownerOf))).toEqual([1, undefined, undefined]);
  });

  test('P1 what Steeple turns out to hold instead is planned again; what was expected is not', async () => {
    const at = await stage();
    const settled = async (more: Partial<Settlement>, operation = create(1)) => {
      at.db.exec('DELETE FROM owed; DELETE FROM delivery; DELETE FROM observed_user');
      if (operation.person !== undefined && operation.kind !== 'user.create') at.has(operation.person);
      if (operation.target !== undefined) at.hasGroup(operation.target);
      at.replace([1], operation);
      const [job] = await at.claim();
      await at.settle(job!, more);
      return at.db.prepare<[], string>('SELECT kind || num FROM owed ORDER BY kind, num').pluck().all();
    };
    const user = {
      kind: 'user',
      person: 1,
      steepleId: 's1',
      account: account('p1'),
      active: true,
      origin: 'created',
    } as const;
    expect(await settled({ effects: [user] })).toEqual([]);
    const other = await settled({ effects: [{ ...user, account: { ...account('P1'), displayName: 'Somebody' } }] });
    expect(other).toEqual(['person1', 'team0']);
    expect(await settled({ effects: [{ ...user, active: false }] })).toContain('person1');
    expect(await settled({ effects: [{ kind: 'user-gone', person: 1 }] }, update(1, 'a'))).toContain('person1');
    // Found elsewhere, to be sent there.
    expect(await settled({ state: 'ready', effects: [user] }, update(1, 'a'))).toContain('person1');
    expect(await settled({ state: 'ready', unsure: true, effects: [] }, update(1, 'a'))).toEqual([]);

    const adding = member('member.add', 1, 'x');
    expect(await settled({ effects: [{ kind: 'members', target: 'x', add: [1], remove: [] }] }, adding)).toEqual([]);
    // The group is gone, and with it what was to be written: whoever was to join it must not be forgotten.
    expect(await settled({ effects: [{ kind: 'group-gone', target: 'x' }] }, adding)).toEqual(['person1', 'team0']);
    const named = (name: string) =>
      settled({ effects: [{ kind: 'group', target: 'y', steepleId: 'g', name }] }, group('y', 'group.update'));
    expect(await named('y')).toEqual([]);
    expect(await named('Y as found')).toEqual(['team0']);
  });

  test('D2 a claim waits for the disk, since a look-up goes by it after a power cut; what only settles does not', async () => {
    const at = await stage();
    at.replace([1, 2, 3], create(1), create(2), create(3));
    at.db.exec(`
      CREATE TEMP TABLE noted (state TEXT NOT NULL, waits INTEGER NOT NULL);
      CREATE TEMP TRIGGER note AFTER UPDATE OF state ON main.delivery BEGIN
        INSERT INTO noted SELECT NEW.state, synchronous FROM pragma_synchronous; END`);
    const noted = () => at.db.prepare('DELETE FROM noted RETURNING state, waits').raw().all();
    const done = (job: Job | undefined): Settlement[] => (job ? [{ job, state: 'done', at: 2, effects: [] }] : []);
    const [one] = await at.outbox.turn([], 2, 1, 100);
    expect(noted()).toEqual([['sending', 2]]);
    const [two] = await at.outbox.turn(done(one), 2, 1, 100);
    expect(noted()).toEqual([
      ['done', 2],
      ['sending', 2],
    ]);
    expect(await at.outbox.turn(done(two), 2, 0, 100)).toEqual([]);
    expect(noted()).toEqual([['done', 1]]);
    await at.outbox.turn([], 2, 1, 100);
    expect(noted()).toEqual([['sending', 2]]); // and afterwards it waits again
  });

  test('D2 D3 after a restart what was on its way is in doubt, and due; what waits keeps its time and its attempts', async () => {
    const at = await stage();
    for (const person of [1, 2, 3]) at.has(person);
    at.replace([1, 2, 3], update(1, 'a'), update(2, 'b'), update(3, 'c'));
    const [one, two, three] = await at.claim();
    await at.settle(two!, { state: 'ready', dueAt: 500 });
    await at.settle(three!, { state: 'dead', cause: '', remedy: '' });
    expect(at.outbox.busy([1, 2, 3])).toEqual(new Set([1]));
    expect(await at.outbox.recover()).toBe(1);
    expect(at.rows().map(({ state, unsure, due_at, attempt }) => [state, unsure, due_at, attempt])).toEqual([
      ['ready', 1, 0, 1],
      ['ready', 0, 500, 1],
      ['dead', 0, 0, 1],
    ]);
    expect(at.outbox.busy([1, 2, 3])).toEqual(new Set([1]));
    expect(await at.outbox.nextDue(2)).toBe(500);
    expect(await at.outbox.nextDue(500)).toBeUndefined();
    expect(one?.ids).toEqual([1]);
  });
});

describe('A new plan', () => {
  test('replaces what is owed, and keeps what is still owed, with its attempts', async () => {
    const at = await stage();
    at.has(1);
    at.replace([1], update(1, 'a'), update(1, 'b'));
    const [job] = await at.claim();
    await at.settle(job!, { state: 'ready', dueAt: 90 });
    at.replace([1], update(1, 'a'), update(1, 'c'));
    expect(at.rows().map(({ id, state, attempt, due_at }) => [id, state, attempt, due_at])).toEqual([
      [1, 'ready', 1, 90],
      [3, 'ready', 0, 0],
    ]);
    at.replace([1]);
    // What never left is gone; what was tried is kept, since it may have arrived after all.
    expect(at.rows().map(({ id, state }) => [id, state])).toEqual([[1, 'outdated']]);
  });

  test('does not touch other people, nor what is on its way', async () => {
    const at = await stage();
    for (const person of [1, 2]) at.has(person);
    at.replace([1, 2], update(1, 'a'), update(2, 'b'));
    const [job] = await at.claim(1);
    at.replace([1]);
    expect(at.states()).toEqual(['user.update sending', 'user.update ready']);
    await at.settle(job!);
    expect(at.states()).toEqual(['user.update done', 'user.update ready']);
  });

  test('G6 is not satisfied by a write that is the same but takes something else away', async () => {
    const at = await stage();
    at.replace([1], member('member.remove', 1, 'x', { community: 'fin' }));
    at.replace([1], member('member.remove', 1, 'x', { community: 'fin', risk: 'revoke', role: 'admin' }));
    expect(at.db.prepare('SELECT risk, role FROM delivery').all()).toEqual([{ risk: 'revoke', role: 'admin' }]);
  });

  test.each(['dead', 'dropped'] as const)(
    'D5 what is %s is not owed again until it changes, and is outdated when nothing asks for it',
    async (state) => {
      const at = await stage();
      at.has(1);
      at.replace([1], update(1, 'a'));
      const [job] = await at.claim();
      await at.settle(job!, { state: 'dead', cause: 'no', remedy: 'no' });
      if (state === 'dropped') await at.outbox.drop(1, 'because', 'ann', 5);
      at.replace([1], update(1, 'a'));
      expect(at.states()).toEqual([`user.update ${state}`]);
      expect(await at.claim()).toEqual([]);
      at.replace([1], update(1, 'b'));
      expect(at.states()).toEqual(['user.update outdated', 'user.update ready']);
      at.replace([1], update(1, 'a'));
      expect(at.states()).toEqual(['user.update outdated', 'user.update ready']);
    },
  );

  test('of anybody is one of the groups as well: what they no longer need goes, what is on its way is not doubled', async () => {
    const at = await stage();
    at.replace([], group('x'), group('y'));
    const [x] = await at.claim(1);
    at.replace([1], group('x'));
    expect(at.rows().map(({ target, state }) => [target, state])).toEqual([['x', 'sending']]);
    await at.settle(x!, { state: 'dead', cause: '', remedy: '' });
    at.replace([1], group('x'));
    expect(at.states()).toEqual(['group.create dead']);
    at.replace([1]);
    expect(at.states()).toEqual(['group.create outdated']);
  });
});

test('what is long over is forgotten, and what is open, refused or dropped is not, whatever its age', async () => {
  const kept = await stores();
  const put = kept.db.prepare(
    "INSERT INTO delivery (kind, lane, body, state, created_at, settled_at) VALUES ('group.update', 'x', '{}', @state, @at, @settled)",
  );
  const states = ['done', 'outdated', 'dead', 'dropped', 'ready', 'sending'];
  const years = [1, 2, 3];
  for (const at of years)
    for (const state of states)
      for (let count = 0; count < 200; count += 1)
        put.run({ state, at, settled: state === 'ready' || state === 'sending' ? null : at });
  const left = () =>
    kept.db.prepare('SELECT created_at, group_concat(DISTINCT state) FROM delivery GROUP BY 1 ORDER BY 1').raw().all();
  const policy = kept.settings.get('policy');
  const day = 86_400_000;
  const clear = (deliveryDays: number) => {
    kept.settings.set('policy', { ...policy, deliveryDays });
    return clearing({ ...kept, now: () => 3 + deliveryDays * day, failed: () => undefined }).clear();
  };
  const before = left();
  await clear(0);
  expect(left()).toEqual(before);
  await clear(7);
  const open = 'dead,dropped,ready,sending';
  expect(left()).toEqual([[1, open], [2, open], before[2]]);
  await kept.close();
});

describe('A person', () => {
  test('G8 retries and drops with name and reason, all or none, and only what is theirs to decide', async () => {
    const at = await stage();
    for (const person of [1, 2]) at.has(person);
    at.replace([1, 2], update(1, 'a'), update(2, 'b'));
    const [one, two] = await at.claim();
    await at.settle(one!, { state: 'dead', cause: 'no', remedy: 'no' });
    await expect(at.outbox.retry([1, 2], 'ann', 5)).rejects.toThrow(
      'Delivery 2 is sending: only a dead one can be retried',
    );
    expect(at.states()).toEqual(['user.update dead', 'user.update sending']);
    await expect(at.outbox.retry([9], 'ann', 5)).rejects.toThrow('There is no delivery 9');
    await expect(at.outbox.drop(2, 'x', 'ann', 5)).rejects.toThrow('only one that is ready or dead can be dropped');
    expect(at.journal.tail(10).filter(({ actor }) => actor === 'ann')).toEqual([]);

    const [row] = await at.outbox.retry([1], 'ann', 5);
    expect(row).toMatchObject({ id: 1, state: 'ready', attempt: 0, cause: null, remedy: null, settledAt: null });
    expect(at.rows()[0]).toMatchObject({ unsure: 1 });
    await at.settle(two!, { state: 'ready' });
    expect(await at.outbox.drop(2, 'by hand', 'ben', 6)).toMatchObject({
      state: 'dropped',
      remedy: 'by hand',
      settledAt: 6,
    });
    const decisions = at.journal.tail(2).map(({ actor, at, body }) => [actor, at, body]);
    expect(decisions).toEqual([
      ['ben', 6, { what: 'delivery.drop', delivery: 2, reason: 'by hand' }],
      ['ann', 5, { what: 'delivery.retry', delivery: 1 }],
    ]);
  });

  test('sees what is owed, on its way and dead, counted and paged, by the names people know', async () => {
    const at = await stage();
    expect(await at.outbox.counts()).toEqual({ owed: 0, sending: 0, dead: 0, oldestAt: null });
    for (const person of [1, 2, 3]) at.has(person);
    at.hasGroup('x');
    at.replace(
      [1, 2, 3],
      update(1, 'a'),
      update(2, 'b'),
      update(3, 'c'),
      member('member.add', 1, 'x'),
      member('member.add', 2, 'new'),
      group('new'),
    );
    const jobs = await at.claim(3);
    await at.settle(jobs[0]!, { state: 'dead', cause: '', remedy: '' });
    await at.settle(jobs[1]!);
    expect(await at.outbox.counts()).toEqual({ owed: 3, sending: 1, dead: 1, oldestAt: 1 });
    const { items, total } = await at.outbox.list(undefined, 1, 2);
    expect([total, items.map(({ resource }) => resource)]).toEqual([6, ['Users/p2 in new', 'Users/p1 in x']]);
    expect((await at.outbox.list(undefined, 0, 1)).items[0]?.resource).toBe('Groups/new');
    expect(await at.outbox.list('dead', 0, 10)).toMatchObject({
      total: 1,
      items: [{ resource: 'Users/p1', state: 'dead' }],
    });
  });
});

type Event =
  | Readonly<{ do: 'plan'; person: number; operations: readonly Operation[] }>
  | Readonly<{ do: 'claim'; limit: number; batch: number }>
  | Readonly<{ do: 'settle'; state: Settlement['state']; unsure: boolean; wait: number }>
  | Readonly<{ do: 'decide'; drop: boolean }>
  | Readonly<{ do: 'restart' }>
  | Readonly<{ do: 'touch'; person: number }>;

const person = fc.integer({ min: 1, max: 3 });
const target = fc.constantFrom('x', 'y');
const anyOperation = (one: number) =>
  fc.oneof(
    fc.constantFrom('a', 'b').map((name) => update(one, name)),
    fc.constant(deactivate(one)),
    fc
      .tuple(fc.constantFrom('member.add' as const, 'member.remove' as const), target)
      .map(([kind, to]) => member(kind, one, to, { community: 'fin' })),
  );
const event: fc.Arbitrary<Event> = fc.oneof(
  person.chain((one) =>
    fc
      .uniqueArray(anyOperation(one), {
        maxLength: 3,
        selector: ({ kind, target, body }) => `${kind.replace('add', 'remove')} ${target} ${JSON.stringify(body)}`,
      })
      .map((operations) => ({ do: 'plan' as const, person: one, operations })),
  ),
  fc.record({
    do: fc.constant('claim' as const),
    limit: fc.integer({ min: 1, max: 3 }),
    batch: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({
    do: fc.constant('settle' as const),
    state: fc.constantFrom('done' as const, 'ready' as const, 'dead' as const),
    unsure: fc.boolean(),
    wait: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ do: fc.constant('decide' as const), drop: fc.boolean() }),
  fc.constant({ do: 'restart' as const }),
  fc.record({ do: fc.constant('touch' as const), person }),
);

test('D1 D2 D7 G3 G5 whatever happens in whatever order, nothing leaves that may not', async () => {
  const law = fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40 }), async (events) => {
    const at = await stage(3);
    for (const one of [1, 2, 3]) at.has(one);
    for (const one of ['x', 'y']) at.hasGroup(one);
    let now = 1;
    const flying: Job[] = [];
    const owed = new Set<number>();
    const all = () =>
      at.db.prepare<[], Row & { lane: string; body: string }>('SELECT * FROM delivery ORDER BY id').all();
    for (const one of events) {
      now += 1;
      const before = new Map(all().map((row) => [row.id, row]));
      if (one.do === 'plan') {
        if (at.outbox.busy([one.person]).has(one.person)) continue; // planning leaves them, too
        at.replace([one.person], ...one.operations);
        owed.delete(one.person);
        at.db.prepare('DELETE FROM owed WHERE num = ?').run(one.person);
        const open = all().filter(
          (row) => row.person === one.person && ['ready', 'dead', 'dropped'].includes(row.state),
        );
        const said = (row: { kind: string; target?: string | null; body: JsonObject }) =>
          `${row.kind} ${row.target ?? ''} ${JSON.stringify(row.body)}`;
        expect(open.map((row) => said({ ...row, body: JSON.parse(row.body) as JsonObject })).sort()).toEqual(
          one.operations.map(said).sort(),
        );
        for (const row of open) if (before.has(row.id)) expect(row).toEqual(before.get(row.id));
      } else if (one.do === 'claim') {
        const jobs = await at.outbox.claim(now, one.limit, one.batch);
        expect(jobs.length).toBeLessThanOrEqual(one.limit);
        const lanes = new Set([...before.values()].filter(({ state }) => state === 'sending').map(({ lane }) => lane));
        for (const job of jobs) {
          const rows = job.ids.map((id) => before.get(id)!);
          expect(rows.every(({ state, due_at }) => state === 'ready' && due_at <= now)).toBe(true);
          const row = rows[0]!;
          expect(lanes).not.toContain(row.lane);
          lanes.add(row.lane);
          expect(rows.every(({ unsure }) => (unsure === 1) === job.unsure)).toBe(true);
          expect(rows.every((other) => owed.has(other.person!) === job.stale)).toBe(true);
          expect(job.stale && !job.unsure).toBe(false);
          if (job.kind === 'members') expect(rows.length).toBeLessThanOrEqual(one.batch);
          else
            expect(
              [...before.values()].some(
                (other) => other.lane === row.lane && other.id < row.id && other.state === 'ready',
              ),
            ).toBe(false);
          for (const removal of rows.filter(({ kind }) => kind === 'member.remove'))
            for (const other of before.values())
              if (other.person === removal.person && other.kind === 'member.add')
                expect(['done', 'outdated']).toContain(other.state);
        }
        flying.push(...jobs);
      } else if (one.do === 'settle') {
        const job = flying.shift();
        if (job === undefined) continue;
        const { state, unsure } = one;
        await at.settle(job, { state, unsure, dueAt: now + one.wait, cause: '', remedy: '' });
        for (const row of all()) {
          const was = before.get(row.id)!;
          if (!job.ids.includes(row.id) || was.state !== 'sending') expect(row).toEqual(was);
          else expect([row.state, row.unsure]).toEqual([state, state === 'ready' && unsure ? 1 : 0]);
        }
        for (const num of at.owed()) owed.add(num);
      } else if (one.do === 'decide') {
        const dead = [...before.values()].find(({ state }) => state === 'dead');
        if (dead === undefined) continue;
        if (one.drop) await at.outbox.drop(dead.id, 'because', 'ann', now);
        else await at.outbox.retry([dead.id], 'ann', now);
      } else if (one.do === 'restart') {
        await at.outbox.recover();
        for (const row of all())
          if (before.get(row.id)?.state === 'sending') expect([row.state, row.unsure]).toEqual(['ready', 1]);
        expect(all().some(({ state }) => state === 'sending')).toBe(false);
      } else {
        owed.add(one.person);
        at.db.prepare("INSERT OR IGNORE INTO owed (kind, num, seq) VALUES ('person', ?, 1)").run(one.person);
      }
      // No row is ever lost but by a plan that does not ask for it, and an end is an end.
      const after = new Map(all().map((row) => [row.id, row]));
      for (const [id, { state, person: whose }] of before) {
        if (state === 'done' || state === 'outdated') expect(after.get(id)?.state).toBe(state);
        else if (one.do !== 'plan' || whose !== one.person) expect(after.has(id)).toBe(true);
      }
    }
    at.db.close();
    opened.splice(0);
  });
  await fc.assert(law, { numRuns: 120 });
});
