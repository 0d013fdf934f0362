/** What somebody changes in Steeple by hand: found by a scan, told apart from what is ours to settle, and decided on. */
import { afterEach, describe, expect, test } from 'vitest';
import { Stale } from '../daemon/errors.ts';
import { oddSteeple } from './oddsteeple.ts';
import { rig } from './rig.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Ada and Ben contribute in Finance, Cho in Sales; all of it is in Steeple. */
async function stage() {
  const box = await oddSteeple();
  const relay = await rig({ url: box.url, token: 'token' });
  open.push(box.close, relay.close);
  const [ada, ben, cho] = [
    await relay.user('ada@x.test', { displayName: 'Ada' }),
    await relay.user('ben@x.test', { displayName: 'Ben' }),
    await relay.user('cho@x.test', { displayName: 'Cho' }),
  ];
  const team = await relay.group('finance-people', [ada, ben]);
  const sales = await relay.group('sales-people', [cho]);
  await relay.map([
    [team, 'finance', 'contributor'],
    [sales, 'sales', 'contributor'],
  ]);
  await relay.enable();
  expect(await relay.settle()).toBe(true);
  const user = (name: string) => {
    const found = [...box.users.values()].find(({ userName }) => userName === `${name}@x.test`);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const group = (name: string) => {
    const found = [...box.groups.values()].find(({ displayName }) => String(displayName).startsWith(name));
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const shown = async (...states: ('open' | 'adopted' | 'ignored' | 'restored' | 'closed')[]) => {
    const { items } = await relay.drifts.list(states.length === 0 ? ['open'] : states, 0, 100);
    return items
      .toReversed()
      .map(({ kind, userName, group: where, attribute, expected, inSteeple }) => [
        kind,
        userName ?? where,
        attribute ?? (userName === null ? null : where),
        expected,
        inSteeple,
      ]);
  };
  const decide = async (choice: 'restore' | 'adopt' | 'ignore', at = Date.now() + 120_000) => {
    const { items } = await relay.drifts.list(['open'], 0, 100);
    return relay.drifts.decide(
      items.map(({ id }) => id),
      choice,
      'grace',
      'because',
      at,
    );
  };
  return { box, relay, ada, ben, cho, team, sales, user, group, shown, decide };
}

const where = 'finance – Contributors';
type Stage = Awaited<ReturnType<typeof stage>>;
/** What somebody did by hand, and how it is told. */
const changes: readonly (readonly [what: string, act: (at: Stage) => void, told: (string | null)[]])[] = [
  [
    'an account was deleted',
    ({ box, user }) => {
      const { id } = user('ada');
      box.users.delete(id);
      for (const { members } of box.groups.values()) members.delete(id);
    },
    ['account-gone', 'ada@x.test', null, 'ada@x.test', null],
  ],
  [
    'an account was switched off',
    ({ user }) => void Object.assign(user('ada'), { active: false }),
    ['account-off', 'ada@x.test', null, 'active', 'inactive'],
  ],
  [
    'a name was changed',
    ({ user }) => void Object.assign(user('ada'), { displayName: 'Countess' }),
    ['attribute', 'ada@x.test', 'displayName', 'Ada', 'Countess'],
  ],
  [
    'an e-mail was taken away',
    ({ user }) => void Object.assign(user('ada'), { emails: [] }),
    ['attribute', 'ada@x.test', 'email', 'ada@x.test', null],
  ],
  [
    'somebody was taken out of a group',
    ({ user, group }) => void group('finance').members.delete(user('ada').id),
    ['member-gone', 'ada@x.test', where, where, null],
  ],
  [
    'a group was renamed',
    ({ group }) => void Object.assign(group('finance'), { displayName: 'finance!' }),
    ['group-renamed', where, null, where, 'finance!'],
  ],
  [
    'a group was deleted',
    ({ box, group }) => void box.groups.delete(group('finance').id),
    ['group-gone', where, null, where, null],
  ],
];

describe.each(changes)('When %s', (_, act, told) => {
  test('a scan says so, once, and nothing is written', async () => {
    const at = await stage();
    act(at);
    const before = at.box.writes().length;
    const report = await at.relay.drifting.scan();
    expect(report).toMatchObject({ problem: null, found: 1, closed: 0, open: 1 });
    expect(await at.shown()).toEqual([told]);
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, closed: 0, open: 1 });
    expect(await at.relay.settle()).toBe(true);
    expect(at.box.writes()).toHaveLength(before);
    expect(at.relay.drifts.open()).toMatchObject({ open: 1 });
  });

  test('D9 restoring makes Steeple say what the directory says', async () => {
    const at = await stage();
    const shape = at.box.shape();
    act(at);
    await at.relay.drifting.scan();
    const { observed } = at.relay.settings.get('grounds');
    expect((await at.decide('restore'))[0]).toMatchObject({ state: 'restored', decidedBy: 'grace', reason: 'because' });
    expect(at.relay.settings.get('grounds').observed).toBeGreaterThan(observed); // plans are made from that from now on
    expect(at.relay.journal.tail(1)[0]).toMatchObject({ actor: 'grace', body: { what: 'drift.restore' } });
    expect(await at.relay.settle()).toBe(true);
    expect(at.box.shape()).toEqual(shape);
    const ada = at.user('ada');
    expect([ada.active !== false, ada.displayName, (ada.emails as { value: string }[])[0]?.value]).toEqual([
      true,
      'Ada',
      'ada@x.test',
    ]);
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 0 });
  });

  test('adopting leaves it, also when everybody is planned again, and does not ask again', async () => {
    const at = await stage();
    act(at);
    await at.relay.drifting.scan();
    await at.decide('adopt');
    const before = at.box.writes().length;
    await at.relay.planning.owe('all');
    expect(await at.relay.settle()).toBe(true);
    expect(at.box.writes()).toHaveLength(before);
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 0 });
    expect(await at.shown('adopted')).toEqual([told]);
  });

  test('what is put back by hand is over by itself', async () => {
    const at = await stage();
    const users = structuredClone([...at.box.users]);
    const groups = structuredClone([...at.box.groups]);
    act(at);
    await at.relay.drifting.scan();
    at.box.users.clear();
    at.box.groups.clear();
    for (const [id, one] of users) at.box.users.set(id, one);
    for (const [id, one] of groups) at.box.groups.set(id, one);
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, closed: 1, open: 0 });
    expect(await at.shown('closed')).toEqual([told]);
  });
});

test('D9 an account that came to be after all, of somebody who is switched off by now, is found', async () => {
  const at = await stage();
  const { box, relay } = at;
  const dan = await relay.user('dan@x.test');
  await relay.planning.reconcile(Date.now());
  const [job] = await relay.outbox.claim(Date.now(), 1, 100);
  expect(job?.kind).toBe('user.create');
  // Looked for in vain, and not wanted any more when it was.
  await relay.patchUser(dan, { active: false });
  await relay.outbox.settle([{ job: job!, state: 'ready', at: Date.now(), effects: [] }]);
  expect(await relay.settle()).toBe(true);
  box.users.set('999', { id: '999', version: 1, userName: 'dan@x.test', externalId: 'ext-dan@x.test', active: true });
  expect(await relay.drifting.scan()).toMatchObject({ problem: null, found: 1 });
  expect(await at.shown()).toEqual([['account-on', 'dan@x.test', null, null, 'dan@x.test']]);
  await at.decide('restore');
  expect(await relay.settle()).toBe(true);
  expect(await relay.held()).toMatchObject([{ kind: 'remove', userName: 'dan@x.test' }]);
});

test('G8 what a scan found is in the journal, and who asked for one that found nothing', async () => {
  const at = await stage();
  const entries = () =>
    at.relay.journal
      .tail(50)
      .filter(({ body }) => /^drift\.(scan|found)$/.test(String((body as { what?: string }).what)));
  await at.relay.drifting.scan();
  expect(entries()).toEqual([]);
  await at.relay.drifting.scan('grace');
  expect(entries()).toMatchObject([{ actor: 'grace', body: { users: 3, groups: 2, found: [], more: 0 } }]);
  at.group('finance').members.delete(at.user('ada').id);
  await at.relay.drifting.scan();
  await at.relay.drifting.scan();
  const found = [['member-gone', at.ada, 'pair:finance/contributor', null]];
  const all = entries();
  expect(all).toHaveLength(2);
  expect(all.find(({ actor }) => actor === null)).toMatchObject({ body: { found, more: 0 } });
});

test('G3 somebody who was put into a group is told, and taking them out again goes through the gate', async () => {
  const at = await stage();
  at.relay.settings.set('policy', { ...at.relay.settings.get('policy'), protected: ['cho@x.test'] });
  at.group('finance').members.add(at.user('cho').id);
  await at.relay.drifting.scan();
  expect(await at.shown()).toEqual([['member-added', 'cho@x.test', where, null, where]]);
  await at.decide('restore');
  await at.relay.settle();
  const [item] = await at.relay.held();
  expect(item).toMatchObject({ kind: 'revoke', userName: 'cho@x.test', community: 'finance' });
  expect(at.box.shape()[where]).toContain('cho@x.test');
  await at.relay.decide('approve', item?.id ?? 0);
  expect(await at.relay.settle()).toBe(true);
  expect(at.box.shape()[where]).toEqual(['ada@x.test', 'ben@x.test']);
});

test('an adopted one gives way when the source changes that very thing', async () => {
  const at = await stage();
  Object.assign(at.user('ada'), { displayName: 'Countess' });
  await at.relay.drifting.scan();
  await at.decide('adopt');
  await at.relay.patchUser(at.ada, { title: 'something else' });
  await at.relay.settle();
  expect(at.user('ada').displayName).toBe('Countess');
  await at.relay.patchUser(at.ada, { displayName: 'Ada Lovelace' });
  await at.relay.settle();
  expect(at.user('ada').displayName).toBe('Ada Lovelace');
  expect(await at.relay.drifting.scan()).toMatchObject({ closed: 1, open: 0 });
});

test('an ignored one is asked about again when it changes, and after thirty days', async () => {
  const at = await stage();
  Object.assign(at.user('ada'), { displayName: 'Countess' });
  await at.relay.drifting.scan();
  await at.decide('ignore');
  expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 0 });
  Object.assign(at.user('ada'), { displayName: 'Queen' });
  expect(await at.relay.drifting.scan()).toMatchObject({ found: 1, open: 1 });
  await at.decide('ignore', Date.now() - 31 * 86_400_000);
  expect(await at.relay.drifting.scan()).toMatchObject({ found: 1, open: 1 });
});

test('what Steeple already has as the directory wants it is no drift: a held removal that happened by hand is over', async () => {
  const at = await stage();
  await at.relay.patchUser(at.ben, { active: false });
  await at.relay.settle();
  expect(await at.relay.held()).toHaveLength(1);
  Object.assign(at.user('ben'), { active: false });
  expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 0 });
  await at.relay.settle();
  expect(await at.relay.held()).toEqual([]);
});

describe('A second group of one of ours', () => {
  const second = (at: Stage, more: object = {}) =>
    at.box.groups.set('950', {
      id: '950',
      version: 1,
      displayName: where,
      members: new Set([at.user('cho').id]),
      ...more,
    });

  test('is told, once, by its name or by its externalId, and nothing is written; it is over when it is gone', async () => {
    const at = await stage();
    const ours = at.group('finance').id;
    second(at);
    const before = at.box.writes().length;
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 1, open: 1 });
    expect(await at.shown()).toEqual([['group-twin', where, null, ours, '950']]);
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 1 });
    expect(await at.relay.settle()).toBe(true);
    expect(at.box.writes()).toHaveLength(before);
    at.box.groups.delete('950');
    expect(await at.relay.drifting.scan()).toMatchObject({ closed: 1, open: 0 });
    second(at, { displayName: 'Another name', externalId: 'pair:finance/contributor' });
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 1, open: 1 });
  });

  test('is never deleted: putting it back is refused in words, and the policy to restore leaves it to a person', async () => {
    const at = await stage();
    second(at);
    at.relay.settings.set('policy', { ...at.relay.settings.get('policy'), drift: 'restore' });
    at.group('sales').members.delete(at.user('cho').id);
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 2, open: 1 });
    await expect(at.decide('restore')).rejects.toThrow('deletes no group');
    expect(at.relay.drifts.open()).toMatchObject({ open: 1 });
    expect(await at.relay.settle()).toBe(true);
    expect(at.box.groups.has('950')).toBe(true);
  });

  test('adopted, is the one to go on with: everybody is put into it, nobody is taken out of the first, and it is over', async () => {
    const at = await stage();
    const first = at.group('finance');
    const before = new Set(first.members);
    at.relay.settings.set('policy', { ...at.relay.settings.get('policy'), protected: ['cho@x.test'] });
    second(at);
    await at.relay.drifting.scan();
    expect((await at.decide('adopt', Date.now()))[0]).toMatchObject({ state: 'adopted' });
    expect(await at.relay.settle()).toBe(true);
    const members = at.box.groups.get('950')?.members ?? new Set();
    expect([...before].every((id) => members.has(id))).toBe(true);
    expect(first.members).toEqual(before);
    // Taking out who is in it and should not be goes through the gate, as always (G3).
    expect(await at.relay.held()).toMatchObject([{ kind: 'revoke', userName: 'cho@x.test' }]);
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 0 });
  });

  test('is told also of a group that no link needs any more, and not taken for ours by itself', async () => {
    const at = await stage();
    await at.relay.map([[at.sales, 'sales', 'contributor']]);
    expect(await at.relay.settle()).toBe(true);
    const ours = at.group('finance').id;
    second(at);
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 1, open: 1 });
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, closed: 0, open: 1 });
    expect(await at.shown()).toEqual([['group-twin', where, null, ours, '950']]);
  });

  test('ignored, is left alone, and asked about again when it is another', async () => {
    const at = await stage();
    second(at);
    await at.relay.drifting.scan();
    await at.decide('ignore');
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 0 });
    at.box.groups.delete('950');
    at.box.groups.set('951', { id: '951', version: 1, displayName: where, members: new Set() });
    expect(await at.relay.drifting.scan()).toMatchObject({ found: 1, open: 1 });
  });
});

test('strangers and groups of others are simply as they were seen, and never told as drift (P3)', async () => {
  const at = await stage();
  at.box.users.set('900', { id: '900', version: 1, userName: 'stranger@x.test' });
  at.box.groups.set('901', { id: '901', version: 1, displayName: 'Book club', members: new Set(['900']) });
  at.group('finance').members.add('900');
  expect(await at.relay.drifting.scan()).toMatchObject({ users: 4, groups: 3, found: 0, open: 0 });
  expect((await at.relay.observed.counts()).users).toBe(4);
  at.box.users.delete('900');
  at.group('finance').members.delete('900');
  expect(await at.relay.drifting.scan()).toMatchObject({ users: 3, found: 0 });
  expect((await at.relay.observed.counts()).users).toBe(3);
});

test('what is on its way, or in doubt, is left out: a page may be older than our write', async () => {
  const at = await stage();
  // Deactivated in Steeple by us, but the answer never came: it is in doubt when the scan reads it.
  await at.relay.patchUser(at.ben, { active: false });
  await at.relay.settle();
  at.box.interfere(({ method }) => (method === 'PATCH' ? 'lose' : undefined));
  await at.relay.decide('approve', (await at.relay.held())[0]?.id ?? 0);
  await at.relay.planning.reconcile(Date.now());
  at.relay.sender.wake();
  while (at.user('ben').active !== false) await new Promise((resolve) => setTimeout(resolve, 5));
  while ((await at.relay.outbox.counts()).sending > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 0 });
  at.box.interfere(() => undefined);
  expect(await at.relay.settle()).toBe(true);
});

test('G3 nothing is concluded from half a list, and what was found before stands', async () => {
  const at = await stage();
  Object.assign(at.user('ada'), { displayName: 'Countess' });
  await at.relay.drifting.scan();
  at.box.interfere(({ method, path }) =>
    method === 'GET' && path.startsWith('/Groups?') ? { status: 500, body: { detail: 'tired' } } : undefined,
  );
  Object.assign(at.user('ben'), { displayName: 'Benny' });
  const report = await at.relay.drifting.scan();
  expect(report.problem).toContain('tired');
  expect(report).toMatchObject({ found: 0, open: 1 });
  expect(await at.shown()).toHaveLength(1);
});

test('G8 a scan that somebody asked for is in the journal also where it failed, with why; one by the clock is not', async () => {
  const at = await stage();
  const entries = () =>
    at.relay.journal.tail(5).filter(({ body }) => (body as { what?: string }).what === 'drift.scan');
  at.box.interfere(({ method, path }) =>
    method === 'GET' && path.startsWith('/Groups') ? { status: 500, body: { detail: 'tired' } } : undefined,
  );
  expect((await at.relay.drifting.scan()).problem).toContain('tired');
  expect(entries()).toEqual([]);
  const { problem } = await at.relay.drifting.scan('grace');
  expect(problem).toContain('tired');
  expect(entries()).toMatchObject([{ actor: 'grace', body: { problem } }]);
  at.box.interfere(() => undefined);
  const switchedOff = at.relay.drifting.scan('heidi'); // reads, and is overtaken
  await at.relay.planning.disable('test', '', Date.now());
  expect((await switchedOff).problem).toContain('switched off');
  expect(entries()[0]).toMatchObject({ actor: 'heidi', body: { problem: 'Sync was switched off meanwhile' } });
});

test('with the policy to restore, what is found is put right at once, in the name of the policy', async () => {
  const at = await stage();
  at.relay.settings.set('policy', { ...at.relay.settings.get('policy'), drift: 'restore' });
  at.group('finance').members.delete(at.user('ada').id);
  expect(await at.relay.drifting.scan()).toMatchObject({ found: 1, open: 0 });
  expect(await at.relay.settle()).toBe(true);
  expect(at.box.shape()[where]).toEqual(['ada@x.test', 'ben@x.test']);
  const { items } = await at.relay.drifts.list(['restored'], 0, 10);
  expect(items[0]).toMatchObject({ decidedBy: 'policy' });
});

test('a choice can be made once, and changed, but not made about what is over', async () => {
  const at = await stage();
  Object.assign(at.user('ada'), { displayName: 'Countess' });
  await at.relay.drifting.scan();
  const [row] = await at.decide('adopt');
  const again = (choice: 'adopt' | 'restore') =>
    at.relay.drifts.decide([row?.id ?? 0], choice, 'grace', '', Date.now() + 120_000);
  await expect(again('adopt')).rejects.toBeInstanceOf(Stale);
  expect((await again('restore'))[0]?.state).toBe('restored');
  await expect(again('adopt')).rejects.toBeInstanceOf(Stale);
});

test('no scan while sync is off; the next one is due by the schedule, and none where it is off', async () => {
  const at = await stage();
  const policy = at.relay.settings.get('policy');
  const { since } = at.relay.settings.get('sync');
  expect(at.relay.drifting.nextAt()).toBe((since ?? 0) + policy.driftEveryHours * 3_600_000);
  const { at: scannedAt } = await at.relay.drifting.scan();
  expect(at.relay.drifting.nextAt()).toBe(scannedAt + policy.driftEveryHours * 3_600_000);
  at.relay.settings.set('policy', { ...policy, driftEveryHours: 0 });
  expect(at.relay.drifting.nextAt()).toBeNull();
  await at.relay.planning.disable('test', '', Date.now());
  await expect(at.relay.drifting.scan()).rejects.toBeInstanceOf(Stale);
});

test('a write in doubt, which the source has overtaken since, is not taken for somebody’s change', async () => {
  const at = await stage();
  at.box.interfere(({ method }) => (method === 'PATCH' ? 'lose' : undefined));
  await at.relay.patchUser(at.ada, { displayName: 'One' });
  await at.relay.planning.reconcile(Date.now());
  at.relay.sender.wake();
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
  while (at.user('ada').displayName !== 'One') await turn();
  while ((await at.relay.outbox.counts()).sending > 0) await turn();
  await at.relay.patchUser(at.ada, { displayName: 'Two' });
  expect(await at.relay.drifting.scan()).toMatchObject({ found: 0, open: 0 });
});
