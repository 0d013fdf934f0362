import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Policy } from '../daemon/contract/policy.ts';
import { type OpenItem, type Risk, riskKey } from '../daemon/core/gate.ts';
import { type Decision, decide, type Operation, type World } from '../daemon/core/plan.ts';
import { type Scene, scene } from './arbitraries/world.ts';
import { company, item, kept, link, mapped, person, steeple, team } from './plan/example.ts';
import { played, rounds } from './plan/history.ts';
import { worldOf } from './plan/loaded.ts';
import { obeysTheLaws } from './plan/oracle.ts';
import { decided, followed } from './plan/review.ts';
import { clear } from './plan/scene.ts';
import { applied } from './plan/steeple.ts';
import { stepsOf } from './plan/steps.ts';

const minute = 60_000; // a bound on slow machines, not a measurement

/** One decision, carried out and held against every law of the oracle. */
function lawful({ company, steeple: before }: Scene, items: readonly OpenItem[] = []): Decision {
  const world = worldOf(company, before, items);
  const decision = decide(world);
  const scope = new Set(company.people.map(({ num }) => num));
  const after = applied(before, world, decision);
  obeysTheLaws({ company, before, after, items, departures: [], scope, decision });
  return decision;
}
const kinds = ({ operations }: Decision) => operations.map(({ kind, person, target }) => `${kind} ${person ?? target}`);
const reviews = () =>
  fc.array(fc.record({ at: fc.nat(5), event: fc.constantFrom('approve', 'approve', 'keep', 'undo') }), {
    maxLength: 6,
  });

test(
  'P1, P3, P6, G3, G7: whatever Steeple holds, one plan makes it what the directory says, less what is held',
  () => {
    const law = fc.property(scene(), reviews(), fc.nat(7), (one, script, stale) => {
      const start = clear(one);
      const first = lawful(start);
      // Some items are about what somebody held before: another role is another decision.
      let items = followed([], first).map((item) =>
        stale === item.id && item.kind !== 'remove' ? { ...item, from: 'reader' } : item,
      );
      for (const { at, event } of script) items = decided(items, at, event);
      lawful(start, items);
    });
    fc.assert(law, { numRuns: 600 });
  },
  minute,
);

test(
  'P2, G4, G5: round after round, what was sent is not sent again, what is kept stays, and what is undone is closed',
  () => {
    const law = fc.property(scene(), rounds(), (one, script) => {
      for (const { before, decision, items } of played(one, script)) {
        // What is held or kept, and not approved, has never a removal behind it that left.
        const held = new Set(
          items.filter(({ kind, state }) => kind === 'remove' && state !== 'approved').map((one) => one.person),
        );
        for (const { kind, person } of decision.operations)
          if (kind === 'user.deactivate' || kind === 'user.delete') expect(held.has(person ?? 0)).toBe(false);
        expect(before).toBeDefined();
      }
    });
    fc.assert(law, { numRuns: 150 });
  },
  minute,
);

test('P4: a ring of names of any length turns, with one person stepping aside', () => {
  const law = fc.property(fc.integer({ min: 2, max: 9 }), fc.boolean(), (size, swapCase) => {
    const people = Array.from({ length: size }, (_, at) => person(at + 1, `n${at}`));
    const names = people.map((_, at) => `${swapCase ? 'N' : 'n'}${(at + 1) % size}`);
    const one = { company: company(people), steeple: steeple(people.map((each, at) => kept(each, names[at]))) };
    const { operations } = lawful(one);
    const [off, ...more] = operations.filter(({ body }) => body.park !== undefined);
    expect(more).toEqual([]);
    expect(operations).toHaveLength(size + 1);
    // What comes after stepping aside starts from the parking name, and gives that up.
    const on = operations.findLast(({ person }) => person === off?.person);
    expect([on?.frees, on?.body.was]).toMatchObject([off?.takes, { userName: off?.body.park }]);
  });
  fc.assert(law, { numRuns: 30 });
});

test('P4: a chain of names moves from its end, without anybody stepping aside', () => {
  const people = [1, 2, 3, 4].map((num) => person(num, `n${num}`));
  const before = steeple(people.map((one) => kept(one, `n${one.num - 1}`)));
  const { operations } = lawful({
    company: company(people),
    steeple: { ...before, accounts: [...before.accounts].reverse() },
  });
  expect(operations.map(({ person }) => person)).toEqual([4, 3, 2, 1]);
  expect(operations.every(({ body }) => body.park === undefined)).toBe(true);
});

test('P4: two rings and a newcomer for a name that is given up, in one plan', () => {
  const people = ['b', 'a', 'd', 'c', 'e', 'old'].map((name, at) => person(at + 1, name));
  const holds = ['a', 'b', 'c', 'd', undefined, 'e'];
  const accounts = people.flatMap((one, at) => (holds[at] === undefined ? [] : [kept(one, holds[at])]));
  const { operations } = lawful({ company: company(people), steeple: steeple(accounts) });
  expect(operations.filter(({ body }) => body.park !== undefined)).toHaveLength(2);
});

test('P4: a deletion that a person approved goes before whoever takes the name, and any other removal comes last', () => {
  const gone = person(1, 'ada', 'deleted');
  const other = person(2, 'ben', 'deleted');
  const heir = person(3, 'ada');
  const before = steeple([kept(gone), kept(other), kept(heir, 'cho')]);
  const one = {
    company: company([gone, other, heir], { policy: Policy.parse({ removal: 'delete' }) }),
    steeple: before,
  };
  const opens = lawful(one).opens;
  const items = opens.map(({ risk }, at) => item(risk, 'approved', at + 1));
  expect(kinds(lawful(one, items))).toEqual(['user.delete 1', 'user.update 3', 'user.delete 2']);
});

test.each([
  ['first', [1, 2, 3, 4]],
  ['last', [4, 3, 2, 1]],
] as const)(
  'P4: a name that a held account keeps is asked for by nobody, neither by its heir nor by theirs, whoever comes %s',
  (_, [first, second, third, fourth]) => {
    const gone = person(first, 'ada', 'deleted');
    const heir = person(second, 'ada');
    const next = person(third, 'ben');
    const newcomer = person(fourth, 'cho');
    const members = [
      [11, third],
      [11, fourth],
    ] as const;
    const before = steeple([
      kept(gone),
      { ...kept(heir), account: { ...heir.account, userName: 'ben', externalId: 'x' } },
      kept(next, 'cho'),
    ]);
    const { changes, operations, opens } = lawful({
      company: company([gone, heir, next, newcomer], { members, mapping: mapped(link(11, 'finance')) }),
      steeple: before,
    });
    expect(opens.map(({ risk }) => risk.kind)).toEqual(['remove']);
    // All else flows, and the plan says why this does not.
    expect(operations.map(({ kind, person }) => [kind, person])).toEqual([
      ['user.update', second],
      ['group.create', undefined],
      ['member.add', third],
    ]);
    expect(operations[0]?.body.patch).toEqual([{ op: 'replace', path: 'externalId', value: `e${second}` }]);
    for (const num of [second, third, fourth])
      expect(changes.find((change) => change.case.num === num)?.hold?.why).toContain('"ada"');
  },
);

test('P5: the order in which things are loaded changes nothing', () => {
  const law = fc.property(scene(), fc.infiniteStream(fc.nat(1000)), (one, random) => {
    const start = clear(one);
    const items = followed([], decide(worldOf(start.company, start.steeple))).map((item) =>
      item.id % 2 === 0 || item.kind === 'remove' ? item : { ...item, to: 'reader' },
    );
    const world = worldOf(start.company, start.steeple, random.next().value % 2 === 0 ? items : []);
    const shuffled = <T>(list: Iterable<T>): T[] =>
      [...list]
        .map((each) => ({ each, at: random.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ each }) => each);
    const other: World = {
      ...world,
      cases: shuffled(world.cases).map((each) => ({
        ...each,
        targets: shuffled(each.targets),
        holds: shuffled(each.holds),
      })),
      targets: new Map(shuffled(world.targets)),
      groups: new Map(shuffled(world.groups)),
      items: new Map(shuffled(world.items)),
    };
    expect(JSON.stringify(said(decide(other)))).toBe(JSON.stringify(said(decide(world))));
    expect(JSON.stringify(said(decide(world)))).toBe(JSON.stringify(said(decide(world))));
  });
  fc.assert(law, { numRuns: 300 });
});
/** A decision as text can hold it; the case of a change by its number. */
const said = ({ changes, ...rest }: Decision) => ({
  ...rest,
  changes: changes.map((one) => ({ ...one, case: one.case.num })),
});

test('P7: twice the people take about twice the steps', () => {
  const steps = [100, 200, 400].map((size) => {
    const people = Array.from({ length: size }, (_, at) =>
      person(at + 1, `n${at}`, at % 10 === 0 ? 'deleted' : at % 10 === 1 ? 'inactive' : 'active'),
    );
    const members = people.flatMap(({ num }) => (num % 3 === 0 ? [] : [[11 + (num % 3), num] as const]));
    const accounts = people
      .filter(({ num }) => num % 7 !== 0)
      .map((one) => kept(one, `n${(one.num * 3) % (size + 1)}`));
    const one = {
      company: company(people, {
        members,
        mapping: mapped(link(11, 'finance'), link(12, 'sales', 'administrator')),
        policy: Policy.parse({ removal: 'delete' }),
      }),
      steeple: steeple(accounts, {
        'pair:finance/contributor': accounts.filter(({ id }) => Number(id.slice(1)) % 2 === 0),
        'pair:sales/administrator': accounts.filter(({ id }) => Number(id.slice(1)) % 5 === 0),
      }),
    };
    const items = followed([], decide(worldOf(one.company, one.steeple)));
    const world = worldOf(
      one.company,
      one.steeple,
      items.map((item) => ({ ...item, state: item.id % 2 === 0 ? 'approved' : 'held' })),
    );
    return stepsOf(() => decide(world));
  });
  const [small = 0, middle = 0, large = 0] = steps;
  expect(middle / small).toBeLessThan(2.4);
  expect(large / middle).toBeLessThan(2.4);
});

test('P3: a person never sent is never removed, and nothing of an account that was never ours is written', () => {
  const ada = person(1, 'ada', 'inactive');
  const before = steeple([kept(ada, 'ada.old')], { 'pair:finance/contributor': [kept(ada)] });
  const nothing = { changes: [], operations: [], opens: [] };
  const unlinked = { ...before, accounts: before.accounts.map((one) => ({ ...one, person: null })) };
  expect(lawful({ company: company([ada]), steeple: unlinked })).toMatchObject(nothing);
  // Even if a case names such an account.
  const world = worldOf(company([ada]), before);
  const cases = world.cases.map((one) =>
    one.observed ? { ...one, observed: { ...one.observed, linked: false } } : one,
  );
  expect(decide({ ...world, cases })).toMatchObject(nothing);
});

test('an item of somebody who is not in front of the planner goes on', () => {
  const ben = { ...item(demotionOf(2), 'approved', 1) };
  const world = worldOf(company([person(1, 'ada')]), steeple([]));
  expect(decide({ ...world, items: new Map([['2 downgrade finance', ben]]) }).ends).toEqual([]);
});
const demotionOf = (num: number): Risk => ({
  person: num,
  source: 'entra',
  groups: [],
  roles: [],
  userName: '',
  kind: 'downgrade',
  community: 'finance',
  from: 'administrator',
  to: 'contributor',
  lastAccess: false,
  groupGone: false,
  administers: ['finance'],
});

test('nothing is written to an account that is about to be deleted, and no group is deleted that is not there', () => {
  const ada = person(1, 'ada.new', 'inactive');
  const policy = Policy.parse({ removal: 'delete' });
  const one = { company: company([ada], { policy }), steeple: steeple([kept(ada, 'ada')]) };
  const items = lawful(one).opens.map(({ risk }) => item(risk, 'approved'));
  expect(kinds(lawful(one, items))).toEqual(['user.delete 1']);
  const gone = { key: 'group:t9', name: 'x', grants: [], standing: 'gone' } as const;
  const world = worldOf(company([]), steeple([]));
  expect(decide({ ...world, targets: new Map([['group:t9', gone]]) }).operations).toEqual([]);
});

test('A2: somebody who is not active has no access, even if a case says so', () => {
  const ada = person(1, 'ada', 'inactive');
  const one = company([{ ...ada, state: 'active' }], { members: [[11, 1]], mapping: mapped(link(11, 'finance')) });
  const world = worldOf(one, steeple([kept(ada)], { 'pair:finance/contributor': [kept(ada)] }));
  const [active] = world.cases;
  const gone = { ...world, cases: active ? [{ ...active, wanted: false }] : [] };
  const { changes, opens } = decide(gone);
  expect(changes[0]?.access).toMatchObject([{ community: 'finance', from: 'contributor', to: null, hold: {} }]);
  const items = new Map(opens.map(({ risk }) => [riskKey(risk), item(risk, 'approved')]));
  expect(kinds(decide({ ...gone, items }))).toContain('member.remove 1');
});

test('A6: a group that is deleted at the source takes nobody’s access without a person, and its group stays in Steeple', () => {
  for (const mode of ['managed', 'mirror'] as const) {
    const ada = person(1, 'ada');
    const key = mode === 'managed' ? 'pair:finance/contributor' : 'group:t11';
    const decision = lawful({
      company: company([ada], {
        teams: [team(11, 'Team 11', false), team(12)],
        members: [
          [11, 1],
          [12, 1],
        ],
        mapping: { ...mapped(link(11, 'finance'), link(12, 'sales')), mode },
      }),
      steeple: steeple([kept(ada)], { [key]: [kept(ada)] }),
    });
    expect(decision.opens).toMatchObject([{ rule: 'group-gone', risk: { community: 'finance' } }]);
    expect(decision.operations.filter(({ target }) => target === key).map(({ kind }) => kind)).toEqual(
      mode === 'managed' ? ['group.update'] : [],
    );
  }
});

test('a linked group that is gone is not made anew in mirror mode, and an unlinked one leaves Steeple with its memberships', () => {
  const ada = person(1, 'ada');
  const teams = [team(11, 'Team 11', false), team(12, 'Team 12', false), team(13)];
  const decision = lawful({
    company: company([ada], { teams, mapping: { ...mapped(link(11, 'finance')), mode: 'mirror' } }),
    steeple: steeple([kept(ada)], { 'group:t12': [kept(ada)], 'group:t13': [] }),
  });
  expect(kinds(decision)).toEqual(['group.update group:t13', 'group.delete group:t12']);
});

test('G3: leaving mirror mode takes access away only through the gate', () => {
  const people = [person(1, 'ada'), person(2, 'ben')];
  const accounts = people.map((one) => kept(one));
  const decision = lawful({
    company: company(people, { members: [[11, 1]], mapping: mapped(link(11, 'finance')) }),
    steeple: steeple(accounts, { 'group:t11': accounts }),
  });
  expect(decision.opens).toMatchObject([{ rule: 'last-access', risk: { person: 2, community: 'finance' } }]);
  expect(
    decision.operations
      .filter(({ kind }) => kind.startsWith('member.'))
      .map(({ kind, person, target }) => [kind, person, target]),
  ).toEqual([
    ['member.add', 1, 'pair:finance/contributor'],
    ['member.remove', 1, 'group:t11'],
  ]);
});

test('G7: while a removal is held, a new name and everybody else flow', () => {
  const ada = person(1, 'ada.new', 'inactive');
  const ben = person(2, 'ben');
  const decision = lawful({
    company: company([ada, ben], { members: [[11, 2]], mapping: mapped(link(11, 'finance')) }),
    steeple: steeple([kept(ada, 'ada')], { 'pair:finance/contributor': [kept(ada)] }),
  });
  expect(kinds(decision)).toEqual([
    'user.update 1',
    'user.create 2',
    'group.update pair:finance/contributor',
    'member.add 2',
  ]);
});

test('G7: what one group gives in two communities is held, and shown as held, together', () => {
  const people = [person(1, 'ada'), person(2, 'ben'), person(3, 'cho', 'inactive')];
  const accounts = people.slice(0, 2).map((one) => kept(one));
  const links = [
    link(11, 'finance', 'administrator'),
    link(11, 'sales'),
    link(12, 'hr'),
    link(13, 'sales', 'administrator'),
  ];
  const decision = lawful({
    company: company(people, {
      members: [
        [12, 1],
        [13, 2],
        [11, 3],
      ],
      mapping: { ...mapped(...links), mode: 'mirror' },
    }),
    steeple: steeple(accounts, {
      'group:t11': accounts.slice(0, 1),
      'group:t12': accounts.slice(0, 1),
      'group:t13': accounts.slice(1),
    }),
  });
  expect(decision.opens).toMatchObject([{ rule: 'last-administrator', risk: { person: 1, community: 'finance' } }]);
  const ada = decision.changes.find((change) => change.case.num === 1);
  expect(ada?.access).toMatchObject([
    { community: 'finance', hold: { rule: 'last-administrator' } },
    { community: 'sales', hold: { rule: 'last-administrator', why: expect.stringContaining('finance') } },
  ]);
  expect(decision.operations.filter(({ kind }) => kind === 'member.remove')).toEqual([]);
});

test('G4: a kept decision outlives a person who is switched off and on again', () => {
  const ada = person(1, 'ada');
  const members = [[12, 1]] as const;
  const mapping = mapped(link(11, 'finance'), link(12, 'sales'));
  const before = steeple([kept(ada)], {
    'pair:finance/contributor': [kept(ada)],
    'pair:sales/contributor': [kept(ada)],
  });
  const one = {
    company: company([ada], { members, mapping, policy: Policy.parse({ protected: ['ada'] }) }),
    steeple: before,
  };
  const [open] = lawful(one).opens;
  const kept1 = open && item(open.risk, 'kept');
  const off = { company: { ...one.company, people: [person(1, 'ada', 'inactive')] }, steeple: before };
  const { opens, ends } = lawful(off, kept1 ? [kept1] : []);
  expect([opens.map(({ risk }) => risk.kind), ends]).toEqual([['remove'], []]);
  // Unless what it was about is gone from Steeple meanwhile.
  const bare = steeple([kept(ada)], { 'pair:sales/contributor': [kept(ada)] });
  expect(lawful({ ...off, steeple: bare }, kept1 ? [kept1] : []).ends).toEqual([{ id: 1, state: 'withdrawn' }]);
  const removal = opens[0] && item(opens[0].risk, 'held', 2);
  const back = lawful(one, kept1 && removal ? [kept1, removal] : []);
  expect(back.ends).toEqual([{ id: 2, state: 'withdrawn' }]);
  expect(back.operations.filter(({ kind }) => kind === 'member.remove')).toEqual([]);
});

test('G5: an approval that was carried out is told apart from one that the source took back', () => {
  const ada = person(1, 'ada', 'inactive');
  const risk = { person: 1, kind: 'remove', community: '', from: '', to: null } as const;
  const approved = [
    item({ ...risk, userName: 'ada', lastAccess: true, groupGone: false, administers: [] }, 'approved'),
  ];
  const back = company([person(1, 'ada')]);
  expect(lawful({ company: back, steeple: steeple([kept(ada)]) }, approved)).toMatchObject({
    ends: [{ id: 1, state: 'withdrawn' }],
    operations: [],
  });
  // It had left already when the source changed its mind: that is history, and the account comes back.
  const late = lawful({ company: back, steeple: steeple([kept(ada, 'ada', false)]) }, approved);
  expect([late.ends, kinds(late)]).toEqual([[{ id: 1, state: 'sent' }], ['user.update 1']]);
});

test('G6: what leaves is marked once for each access it takes, and a removal once for all', () => {
  const people = [person(1, 'ada'), person(2, 'ben'), person(3, 'cho', 'inactive'), person(4, 'dee')];
  const accounts = people.map((one) => kept(one));
  const [ada, ben, cho, dee] = accounts as [
    (typeof accounts)[0],
    (typeof accounts)[0],
    (typeof accounts)[0],
    (typeof accounts)[0],
  ];
  const one = {
    company: company(people, {
      members: [
        [13, 1],
        [11, 2],
        [12, 4],
      ],
      mapping: mapped(link(11, 'finance'), link(12, 'finance', 'administrator'), link(13, 'sales')),
    }),
    steeple: steeple(accounts, {
      'pair:finance/contributor': [ada, cho],
      'pair:finance/administrator': [ada, ben, dee],
    }),
  };
  const items = lawful(one).opens.map(({ risk }, at) => item(risk, 'approved', at + 1));
  const marked = ({ kind, person, risk, community, role }: Operation) => [kind, person, risk, community, role];
  const { operations } = lawful(one, items);
  expect(operations.filter(({ risk, kind }) => risk ?? kind === 'member.remove').map(marked)).toEqual([
    ['member.remove', 1, 'revoke', 'finance', 'administrator'],
    ['member.remove', 1, undefined, 'finance', undefined],
    ['member.remove', 2, 'downgrade', 'finance', 'administrator'],
    ['member.remove', 3, undefined, 'finance', undefined],
    ['user.deactivate', 3, 'remove', undefined, undefined],
  ]);
});

test('G6: in mirror mode a loss is marked at the group that gave the role, and once where several gave it', () => {
  const ada = person(1, 'ada');
  const links = [link(11, 'finance'), link(12, 'finance', 'administrator'), link(13, 'finance', 'administrator')];
  const one = {
    company: company([ada], { mapping: { ...mapped(...links), mode: 'mirror' } }),
    steeple: steeple([kept(ada)], { 'group:t11': [kept(ada)], 'group:t12': [kept(ada)], 'group:t13': [kept(ada)] }),
  };
  const items = lawful(one).opens.map(({ risk }) => item(risk, 'approved'));
  const left = lawful(one, items).operations.filter(({ kind }) => kind === 'member.remove');
  expect(left.map(({ target, risk }) => [target, risk])).toEqual([
    ['group:t11', undefined],
    ['group:t12', 'revoke'],
    ['group:t13', undefined],
  ]);
});

test('G6: an administrator to be whose account cannot be made yet does not let the last one go', () => {
  const gone = person(1, 'ada', 'deleted');
  const heir = person(2, 'ada');
  const last = person(3, 'cho');
  const accounts = [kept(gone), kept(last)];
  // The old account carries an externalId that tells it is not the heir's.
  const other = person(4, 'dee', 'active');
  const decision = lawful({
    company: company([gone, heir, last, { ...other, account: { ...other.account, externalId: 'e1' } }], {
      members: [
        [11, 2],
        [12, 3],
        [13, 4],
      ],
      mapping: mapped(link(11, 'finance', 'administrator'), link(12, 'finance'), link(13, 'sales')),
    }),
    steeple: steeple([...accounts, { ...kept(other), account: { ...other.account, externalId: 'e9' } }], {
      'pair:finance/administrator': [kept(last)],
    }),
  });
  expect(decision.changes.find((change) => change.case.num === 2)).toMatchObject({ kind: 'create', hold: {} });
  expect(decision.opens.map(({ rule }) => rule).sort()).toEqual(['last-administrator', 'removal']);
});
