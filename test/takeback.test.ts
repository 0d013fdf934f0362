/**
 * Taking back what the relay made in Steeple once sync is off: each account by a person's decision, nothing else is written, and
 * it may end at any moment.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { saidOf } from '../daemon/core/saying.ts';
import { open } from '../daemon/store/db.ts';
import { stores } from './stores.ts';

type Relay = Awaited<ReturnType<typeof stores>>;
const names = ['ann', 'ben', 'cat', 'dan'].map((name) => `${name}@x.test`);
const account = (userName: string) => ({ schemas: [], id: `was-${userName}`, userName, active: true });

/** Four people in two groups; those in `before` had an account in Steeple already. Sync is on, and all of it has arrived. */
async function company(before: readonly string[] = []): Promise<Relay & { ids: string[]; team: string }> {
  const relay = await stores();
  await relay.observed.seeUsers(before.map(account) as never, 1);
  const ids: string[] = [];
  for (const name of names) ids.push(await relay.user(name));
  const team = await relay.group('Team', ids);
  const admins = await relay.group('Admins', ids.slice(0, 1));
  await relay.map([
    [team, 'finance', 'contributor'],
    [admins, 'finance', 'administrator'],
  ]);
  await relay.enable();
  await relay.acknowledge();
  return { ...relay, ids, team };
}
const back = (relay: Pick<Relay, 'planning'>) =>
  relay.planning.disable('ann', 'The pilot is over', Date.now(), 'drop', 'take-back');
const there = (relay: Relay) =>
  relay.db.prepare<[], string>('SELECT user_name FROM observed_user WHERE active = 1 ORDER BY 1').pluck().all();
const who = async (relay: Relay) => (await relay.held()).map(({ userName, rule }) => `${userName} ${rule}`).sort();

test('G3: each account the relay made waits for a person, one it took over does not, and only what is approved leaves', async () => {
  const relay = await company(['ben@x.test']);
  await back(relay);
  expect(await relay.acknowledge()).toEqual([]);
  expect(await who(relay)).toEqual(['ann@x.test take-back', 'cat@x.test take-back', 'dan@x.test take-back']);
  expect(saidOf((await relay.held())[0]?.why ?? '')?.code).toBe('hold.take-back');
  const ann = (await relay.held()).find(({ userName }) => userName === 'ann@x.test')?.id ?? 0;
  expect(relay.planning.ours()).toEqual({ created: 3, adopted: 1 });
  await relay.decide('approve', ann);
  const sent = await relay.acknowledge();
  expect(sent.filter(({ kind }) => kind === 'user.deactivate')).toHaveLength(1);
  expect(there(relay)).toEqual(['ben@x.test', 'cat@x.test', 'dan@x.test']);
  expect(relay.observed.ours()).toEqual({ created: 2, adopted: 1 });
  expect(relay.planning.ours()).toEqual({ created: 2, adopted: 1 });
  expect((await relay.reviews.show(ann)).state).toBe('sent');
});

test('what is pushed meanwhile is taken, and nothing of it is written', async () => {
  const relay = await company();
  await back(relay);
  const eve = await relay.user('eve@x.test');
  await relay.members(relay.team, 'add', [eve]);
  await relay.members(relay.team, 'remove', [relay.ids[1] as string]);
  await relay.patchUser(relay.ids[2] as string, { 'name.givenName': 'Another' });
  await relay.patchUser(relay.ids[3] as string, { active: false });
  await relay.mappings.catalogue([{ id: 'finance', name: 'Money' }], 'file', 'test', Date.now()); // another name for a group
  expect(await relay.acknowledge()).toEqual([]);
  expect(await who(relay)).toEqual(names.map((name) => `${name} take-back`));
});

test('a protected account waits under its own rule, and a standing approval lets nobody go', async () => {
  const relay = await company();
  await relay.patchUser(relay.ids[3] as string, { active: false });
  await relay.acknowledge(); // waits as any departure does
  const policy = relay.settings.get('policy');
  const standing = [
    {
      id: 's',
      kinds: ['remove', 'revoke'],
      sources: [],
      upTo: 100,
      afterDays: 0,
      until: 9e15,
      enabledBy: 'ann',
      enabledAt: 1,
      reason: 'r',
    },
  ];
  relay.settings.set('policy', { ...policy, protected: ['ann@x.test'], standing } as never);
  await back(relay);
  expect(await relay.acknowledge()).toEqual([]);
  expect(await who(relay)).toEqual([
    'ann@x.test protected',
    'ben@x.test take-back',
    'cat@x.test take-back',
    'dan@x.test removal',
  ]);
  await relay.planning.disable('ann', '', Date.now());
  expect(await who(relay)).toEqual(['dan@x.test removal']);
});

test('G3: what was approved and has not left when sync is switched on again does not leave', async () => {
  const relay = await company();
  await back(relay);
  await relay.planning.reconcile(Date.now());
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  await relay.planning.reconcile(Date.now());
  expect((await relay.outbox.counts()).owed).toBeGreaterThan(0);
  const { id } = await relay.planning.preview(Date.now());
  await relay.planning.enable(id, 'ann', Date.now());
  expect(await relay.outbox.claim(Date.now(), 64, 100)).toEqual([]);
  expect(await relay.acknowledge()).toEqual([]);
  expect(there(relay)).toEqual(names);
});

test('an account that is switched off already is left alone, and one that an undo brought back is not spared', async () => {
  const relay = await company();
  const num = relay.db.prepare('SELECT num FROM person WHERE user_name = ?').pluck();
  const pin = relay.db.prepare(
    "INSERT INTO pin (person, community, role, by, at, reason, file) VALUES (?, ?, ?, 'ann', 1, 'r', 'f')",
  );
  pin.run(num.get('ben@x.test'), '', '');
  pin.run(num.get('ben@x.test'), 'finance', 'contributor');
  relay.db.prepare("UPDATE observed_user SET active = 0 WHERE user_name = 'cat@x.test'").run();
  const plan = await relay.planning.preview(1, 'take-back');
  expect(plan.summary.remove).toBe(3);
  expect(plan.communities).toMatchObject([{ before: 3, after: 0 }]);
  expect(relay.page(plan.id, 0, 10).operations).toEqual([]);
  await back(relay);
  expect(await relay.acknowledge()).toEqual([]);
  expect(await who(relay)).toEqual(['ann', 'ben', 'dan'].map((name) => `${name}@x.test take-back`));
});

test('it ends by leaving everybody: what waits is withdrawn, what is approved and not sent as well', async () => {
  const relay = await company();
  await relay.patchUser(relay.ids[3] as string, { active: false });
  await relay.acknowledge();
  await back(relay);
  await relay.acknowledge();
  const [first] = await relay.held();
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  await relay.planning.reconcile(Date.now());
  await relay.planning.disable('ann', '', Date.now());
  expect(await relay.outbox.claim(Date.now(), 64, 100)).toEqual([]);
  expect(await relay.acknowledge()).toEqual([]);
  expect(there(relay)).toEqual(names);
  expect((await relay.reviews.show(first?.id ?? 0)).state).toBe('approved'); // dan, whom the source switched off
  expect(await relay.held()).toEqual([]);
  await expect(relay.planning.disable('ann', '', Date.now())).rejects.toThrow('Sync is off already');
  await back(relay);
  await expect(back(relay)).rejects.toThrow('being taken back already');
});

test('where sync never was on there is nothing to take back, and the first time stays the first', async () => {
  const relay = await stores();
  await expect(back(relay)).rejects.toThrow('Sync is off already');
  expect(relay.settings.get('sync')).toEqual({ state: 'off', since: null, by: null, plan: null });
});

test('it says what it would be beforehand, and such a plan switches nothing on', async () => {
  const relay = await company(['ben@x.test']);
  const plan = await relay.planning.preview(1, 'take-back');
  expect(plan.summary).toMatchObject({ remove: 3, create: 0, update: 0, grants: 0, held: expect.anything() });
  expect(plan.basedOn.of).toBe('take-back');
  expect(plan.warnings.map(saidOf)).toContainEqual({ code: 'plan.take-back-stays', facts: { count: 1 } });
  expect(relay.page(plan.id, 0, 10).people.map(({ userName }) => userName)).not.toContain('ben@x.test');
  await relay.planning.disable('ann', '', 1);
  await expect(relay.planning.enable(plan.id, 'ann', 1)).rejects.toThrow('taking back');
  await back(relay);
  const usual = await relay.planning.preview(1);
  expect(usual.warnings.map(saidOf)).toContainEqual({ code: 'plan.taking-back', facts: { count: 3 } });
});

test('how many are ours is known without reading them, whatever becomes of an account', async () => {
  const relay = await company(['ben@x.test']);
  const { db, observed, planning } = relay;
  const same = (created: number, adopted: number) => {
    expect(planning.ours()).toEqual({ created, adopted });
    expect(observed.ours()).toEqual({ created, adopted });
  };
  const ids = db.prepare<[], string>('SELECT steeple_id FROM observed_user ORDER BY user_name').pluck().all();
  const set = (values: string, at: number) =>
    db.prepare(`UPDATE observed_user SET ${values} WHERE steeple_id = ?`).run(ids[at]);
  same(3, 1);
  set('active = 0', 0);
  same(2, 1);
  set('active = 0', 0); // written again as it is
  same(2, 1);
  set('active = 1', 0);
  set("origin = 'adopted'", 0);
  same(2, 2);
  set('origin = NULL, person = NULL', 1);
  same(2, 1);
  observed.adoptUser(ids[1] as string, 2);
  same(2, 2);
  observed.apply({ kind: 'user-gone', person: 3 }, 2);
  same(1, 2);
  await observed.seeUsers([{ ...account('ann@x.test'), id: ids[0] }, account('eve@x.test')] as never, 9e15);
  await observed.finish(9e15); // the others are gone
  same(0, 1);
  db.exec("INSERT INTO observed_user VALUES (99, 'x', 'x', 'x', 'x', 1, '{}', 4, 'created', 1)");
  same(1, 1);
});

test('and where somebody else wrote to the database it is counted anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'takeback-'));
  const relay = await stores(join(folder, 'relay.db'));
  const other = open(relay.file);
  try {
    await relay.user('ann@x.test');
    await relay.enable();
    await relay.acknowledge();
    expect(relay.planning.ours()).toEqual({ created: 1, adopted: 0 });
    other.exec('UPDATE observed_user SET active = 0');
    expect(relay.planning.ours()).toEqual({ created: 0, adopted: 0 });
  } finally {
    other.close();
    await relay.close();
    rmSync(folder, { recursive: true });
  }
});

const event = fc.oneof(
  fc.record({ do: fc.constantFrom('off' as const, 'on' as const, 'leave' as const, 'join' as const), at: fc.nat(3) }),
  fc.record({
    do: fc.constantFrom('approve' as const, 'keep' as const, 'send' as const, 'plan' as const),
    at: fc.nat(3),
  }),
  fc.record({ do: fc.constant('back' as const), at: fc.nat(3) }),
  fc.record({ do: fc.constant('end' as const), at: fc.nat(3) }),
);

test('G1, G3: while sync is off only approved removals of accounts the relay made leave, and enabling ends all of it', async () => {
  const law = fc.asyncProperty(
    fc.subarray(names),
    fc.array(event, { maxLength: 12 }),
    fc.boolean(),
    async (before, events, isOneByOne) => {
      const relay = await company(before);
      const { db, planning, outbox } = relay;
      const made = names.filter((name) => !before.includes(name));
      /** All at once, or a person at a time. */
      const plan = async () => {
        if (!isOneByOne) return void (await planning.reconcile(Date.now()));
        while ((await planning.step(Date.now(), 1, 1)) !== undefined);
      };
      try {
        await back(relay);
        let isBack = true;
        let approved = new Set<string>();
        for (const { do: what, at } of events) {
          const id = relay.ids[at] as string;
          const item = (await relay.held())[at];
          if (what === 'off' || what === 'on') await relay.patchUser(id, { active: what === 'on' });
          else if (what === 'leave' || what === 'join')
            await relay.members(relay.team, what === 'join' ? 'add' : 'remove', [id]);
          else if (what === 'approve' && item) {
            await relay.decide('approve', item.id);
            approved.add(item.userName);
          } else if (what === 'keep' && item) await relay.decide('keep', item.id);
          else if (what === 'plan') await plan();
          else if (what === 'back' && !isBack) {
            await back(relay);
            isBack = true;
          } else if (what === 'end' && isBack) {
            await planning.disable('ann', '', Date.now());
            isBack = false;
            approved = new Set(); // and who is to go is asked again
            expect(await who(relay)).not.toContainEqual(expect.stringContaining('take-back'));
          }
          expect(planning.ours()).toEqual(relay.observed.ours());
          if (what !== 'send') continue;
          // As the forwarder: where sync is off and nothing is taken back, nothing is asked for.
          const jobs = isBack ? await outbox.claim(Date.now(), 64, 100) : [];
          for (const job of jobs) {
            const named = (num: number) =>
              db.prepare<[number], string>('SELECT user_name FROM person WHERE num = ?').pluck().get(num) ?? '';
            expect(['user.deactivate', 'members']).toContain(job.kind);
            expect(job.members.every(({ add }) => !add)).toBe(true);
            const about = [
              ...(job.kind === 'members' ? [] : [job.person ?? 0]),
              ...job.members.map((one) => one.person),
            ];
            for (const num of about) {
              expect(made).toContain(named(num));
              expect(approved).toContain(named(num));
            }
          }
          await outbox.release(jobs);
        }
        const { id } = await planning.preview(Date.now());
        await planning.enable(id, 'ann', Date.now());
        await relay.acknowledge();
        expect(planning.shelf.outlineOf((await planning.preview(Date.now())).id).total.operations).toBe(0);
        // Whoever is active at the source is in Steeple, whatever was decided about taking them back.
        const wanted = db.prepare<[], string>("SELECT user_name FROM person WHERE state = 'active'").pluck().all();
        expect(there(relay)).toEqual(expect.arrayContaining(wanted));
      } finally {
        await relay.close();
      }
    },
  );
  await fc.assert(law, { numRuns: 40 });
});
