import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Plan } from '../daemon/contract/plan.ts';
import { Policy } from '../daemon/contract/policy.ts';
import { lowers } from '../daemon/core/mapping.ts';
import { decide, type World } from '../daemon/core/plan.ts';
import { lineOf } from '../daemon/core/planline.ts';
import { nameOf, planOf, type View } from '../daemon/core/planview.ts';
import { membersOf, operationOf } from '../daemon/core/sending.ts';
import { scene } from './arbitraries/world.ts';
import { company, kept, link, mapped, person, steeple, team } from './plan/example.ts';
import { censusOf, worldOf } from './plan/loaded.ts';
import { readDraft } from './plan/read.ts';
import { clear } from './plan/scene.ts';

const view: View = {
  basedOn: { journal: 7, mapping: 3, observedAt: 1 },
  strangers: [],
  warnings: [],
  teams: new Map([team(11, 'Treasury'), team(12, 'Board'), team(13)].map((one) => [one.num, one])),
  communityName: (id) => id,
  digest: (text) => text, // nothing is lost, so two digests agree just when the texts do
};
const stranger = (steepleId: string) => ({ steepleId, userName: steepleId, active: true, access: [], note: '' });
const seen = (world: World, some: Partial<View> = {}) => readDraft(planOf(censusOf(world), { ...view, ...some }));

test('P6: what a person reads and what is sent say the same', () => {
  const law = fc.property(scene(), fc.integer({ min: 1, max: 3 }), (one, membersPerPatch) => {
    const { company, steeple } = clear(one);
    const world = worldOf({ ...company, policy: { ...company.policy, membersPerPatch } }, steeple);
    const decision = decide(world);
    const { plan } = seen(world);
    expect(Plan.parse(plan)).toEqual(plan);
    expect(plan.operations.map(({ order }) => order)).toEqual(plan.operations.map((_, at) => at + 1));

    // Memberships counted out of the words must be those that are sent, in batches no larger than the policy says.
    const told = plan.operations.map(({ summary, method }) => ({
      add: Number(/add (\d+)/i.exec(summary)?.[1] ?? 0),
      remove: Number(/remove (\d+)/i.exec(summary)?.[1] ?? 0),
      method,
    }));
    const sum = (key: 'add' | 'remove') => told.reduce((all, one) => all + one[key], 0);
    const sent = (kind: string) => decision.operations.filter((operation) => operation.kind === kind).length;
    expect([sum('add'), sum('remove')]).toEqual([sent('member.add'), sent('member.remove')]);
    for (const { add, remove, method } of told) {
      expect(add + remove).toBeLessThanOrEqual(membersPerPatch);
      if (add + remove > 0) expect(method).toBe('PATCH');
    }
    expect(told.filter(({ add, remove }) => add + remove === 0)).toHaveLength(
      decision.operations.filter(({ kind }) => !kind.startsWith('member.')).length,
    );
    expect(plan.operations.filter(({ method }) => method === 'POST')).toHaveLength(
      sent('user.create') + sent('group.create'),
    );
    expect(plan.operations.filter(({ method }) => method === 'DELETE')).toHaveLength(
      sent('user.delete') + sent('group.delete'),
    );

    const { people, summary } = plan;
    const count = (change: string) => people.filter((one) => one.change === change).length;
    const deltas = people.flatMap(({ access }) => access);
    expect(summary).toEqual({
      create: count('create'),
      adopt: count('adopt'),
      update: count('update'),
      remove: count('remove'),
      reactivate: count('reactivate'),
      grants: deltas.filter(({ from }) => from === null).length,
      revokes: deltas.filter(({ to }) => to === null).length,
      roleChanges: deltas.filter(({ from, to }) => from !== null && to !== null).length,
      downgrades: deltas.filter(({ from, to }) => from !== null && to !== null && lowers(company.mapping, from, to))
        .length,
      held: people.filter(({ held, access }) => held || access.some((one) => one.held)).length,
    });
    for (const { held, rule, reason, change, access } of people) {
      expect(rule !== null).toBe(held);
      // Nobody is shown without a word on what becomes of them.
      expect(change !== 'none' || access.length > 0 || reason !== '').toBe(true);
      for (const one of access) expect([one.rule !== null, one.reason !== '']).toEqual([one.held, one.held]);
    }
  });
  fc.assert(law, { numRuns: 250 });
});

test('P6: whom a write to a group puts in and takes out is said by name, and each of them is shown with their reasons', () => {
  const law = fc.property(scene(), fc.integer({ min: 1, max: 3 }), (one, membersPerPatch) => {
    const { company, steeple } = clear(one);
    const world = worldOf({ ...company, policy: { ...company.policy, membersPerPatch } }, steeple);
    const draft = planOf(censusOf(world), view);
    const people = [...draft.people].map((bytes) => lineOf(bytes, draft.words));
    const told = [...draft.operations].flatMap((text, at) => {
      const { resource, members = { enter: 0, leave: 0 } } = operationOf(text, at + 1);
      const { enter, leave } = membersOf(text) ?? expect.fail('a plan made now says who');
      expect([enter.length, leave.length]).toEqual([members.enter, members.leave]);
      const lines = (side: string, numbers: readonly number[]) => {
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        return numbers.map((line) => `${side} ${people[line]?.personId} ${resource}`);
      };
      return [...lines('member.add', enter), ...lines('member.remove', leave)];
    });
    const idOf = new Map(world.cases.map(({ num, id }) => [num, id]));
    const sent = decide(world).operations.filter(({ kind }) => kind.startsWith('member.'));
    const due = sent.map(
      ({ kind, person, target = '' }) =>
        `${kind} ${idOf.get(person ?? 0)} Groups/${world.targets.get(target)?.name ?? target}`,
    );
    expect(told.sort()).toEqual(due.sort());
  });
  fc.assert(law, { numRuns: 250 });
});

test('of a plan by a version that wrote down only how many there are, who they are is not made up', () => {
  expect(membersOf('["members","Finance",2,1]')).toBeUndefined();
  expect(operationOf('["members","Finance",2,1]', 1)).toMatchObject({ members: { enter: 2, leave: 1 } });
  expect(membersOf('["user.create","ada"]')).toEqual({ enter: [], leave: [] });
});

test('P5: people are listed by userName, ignoring case, and the id is of what the plan says', () => {
  const people = [person(1, 'cho'), person(2, 'Ben'), person(3, 'ada')];
  const world = worldOf(company(people), steeple([]));
  const { plan } = seen(world);
  expect(plan.people.map(({ userName }) => userName)).toEqual(['ada', 'Ben', 'cho']);
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const later = seen(world, { digest, basedOn: { ...view.basedOn, journal: 8, observedAt: 2 } });
  expect(later.plan.id).toBe(seen(world, { digest }).plan.id);
  expect(seen(world, { digest, warnings: ['something'] }).plan.id).not.toBe(later.plan.id);
  expect(seen(world, { digest, basedOn: { ...view.basedOn, mapping: 10 } }).plan.id).not.toBe(later.plan.id);
});

test('A3: the plan says through which groups somebody comes to a role, and which link wins', () => {
  const mapping = mapped(link(11, 'finance'), link(12, 'finance', 'administrator'));
  const one = company([person(1, 'ada')], { members: [[11, 1]], nested: [[12, 11]], mapping });
  expect(seen(worldOf(one, steeple([]))).plan.people[0]?.access[0]?.because).toEqual([
    { source: 'entra', groupId: 't12', group: 'Board', role: 'administrator', through: ['Treasury'], winner: true },
    { source: 'entra', groupId: 't11', group: 'Treasury', role: 'contributor', through: [], winner: false },
  ]);
});

test('a person is called by their name, else what is displayed, else what they log in with', () => {
  const { account } = person(1, 'ada');
  expect(nameOf({ ...account, givenName: 'Ada', familyName: 'Lovelace', displayName: 'A' })).toBe('Ada Lovelace');
  expect(nameOf({ ...account, familyName: 'Lovelace' })).toBe('Lovelace');
  expect(nameOf({ ...account, displayName: 'A' })).toBe('A');
  expect(nameOf(account)).toBe('ada');
});

test('the operations of a plan read as what they do, in the order they are sent', () => {
  const [ada, ben, cho, dee, eve] = [
    person(1, 'ada'),
    person(2, 'ben'),
    person(3, 'cho'),
    person(4, 'dee', 'deleted'),
    person(5, 'eve'),
  ] as const;
  const accounts = [kept(ada, 'ben'), kept(ben, 'ada'), kept(cho, 'eva'), kept(dee)] as const;
  const one = company([ada, ben, cho, dee, eve], {
    members: [
      [11, 3],
      [11, 5],
      [12, 5],
    ],
    mapping: mapped(link(11, 'finance'), link(12, 'sales')),
  });
  const before = steeple(accounts, { 'pair:finance/contributor': [accounts[0]], 'pair:hr/contributor': [] });
  const first = decide(worldOf(one, before));
  const items = first.opens.map(({ risk: { person, kind, community, from, to }, rule, why }, at) => ({
    ...{
      id: at,
      person,
      kind,
      community,
      from,
      to,
      state: 'approved' as const,
      rule,
      why,
      since: 0,
      decidedAt: 0,
      standing: null,
    },
  }));
  const { plan } = seen(worldOf(one, before, items));
  expect(plan.operations.map(({ method, resource, summary }) => `${method} ${resource}: ${summary}`)).toEqual([
    'PATCH Users/ada: Move ada aside, so that two names can be swapped',
    'PATCH Users/ben: Change userName of ben',
    'PATCH Users/ada: Change userName of ada',
    'PATCH Users/cho: Change userName of cho',
    'POST Users/eve: Create eve',
    'PATCH Groups/FINANCE – Contributors: Rename the group to FINANCE – Contributors',
    'POST Groups/SALES – Contributors: Create the group SALES – Contributors',
    'PATCH Groups/FINANCE – Contributors: Add 2, remove 1 in FINANCE – Contributors',
    'PATCH Groups/SALES – Contributors: Add 1 in SALES – Contributors',
    'PATCH Users/dee: Deactivate dee',
  ]);
});

test('G2: a plan goes stale by what it takes away and whom it leaves out, and by nothing else', () => {
  const ada = person(1, 'ada');
  const ben = person(2, 'ben', 'inactive');
  const mapping = mapped(link(11, 'finance', 'administrator'), link(12, 'finance'), link(13, 'sales'));
  const before = steeple([kept(ada), kept(ben), kept(person(3, 'cho'))], {
    'pair:finance/administrator': [kept(ada)],
    'pair:sales/contributor': [kept(ben)],
  });
  const one = company([ada, ben], { members: [[12, 1]], mapping, policy: Policy.parse({}) });
  const risk = (some: Partial<typeof one> = {}, strangers = [stranger('s8'), stranger('s9')]) =>
    seen(worldOf({ ...one, ...some }, before), { strangers }).risk;
  const same = risk();
  // Names, newcomers, new access, the order of a list.
  expect(risk({ people: [person(1, 'zoe'), ben] })).toBe(same);
  expect(risk({ people: [ada, ben, person(3, 'cho')] })).toBe(same);
  expect(
    risk({
      members: [
        [12, 1],
        [13, 1],
      ],
    }),
  ).toBe(same);
  expect(risk({}, [stranger('s9'), stranger('s8')])).toBe(same);
  // Somebody else's removal, another role, another loss, another stranger, the mode.
  expect(risk({ people: [ada, person(2, 'ben')] })).not.toBe(same);
  expect(risk({ people: [person(1, 'ada', 'inactive'), ben] })).not.toBe(same);
  expect(risk({ people: [ada, ben, person(3, 'cho', 'inactive')] })).not.toBe(same);
  expect(risk({ members: [] })).not.toBe(same);
  expect(risk({ members: [[11, 1]] })).not.toBe(same);
  expect(risk({}, [stranger('s8')])).not.toBe(same);
  expect(risk({ mapping: { ...mapping, mode: 'mirror' } })).not.toBe(same);
});
