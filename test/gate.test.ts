import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Policy } from '../daemon/contract/policy.ts';
import { HeldState } from '../daemon/contract/review.ts';
import { type Circumstances, type Event, judge, next, pair, type Risk, riskKey } from '../daemon/core/gate.ts';
import { type Counts, limitOf } from '../daemon/core/limits.ts';
import { item } from './plan/example.ts';

const policy = Policy.parse({});
const none = { remove: 0, revoke: 0, downgrade: 0 };
const quiet: Circumstances = {
  policy,
  now: 0,
  counts: new Map([['', { activePeople: 100, departed: none }]]),
  protects: new Map(),
  alarms: new Map(),
  standingUsed: new Map(),
  departedFrom: new Map(),
  holders: new Map(),
  administrators: new Map(),
  newAdministrators: new Map(),
};
const grouped = (risk: Omit<Risk, 'groups'> & Partial<Risk>): Risk => ({
  groups: risk.kind === 'remove' ? [] : [pair(risk.community, risk.from)],
  ...risk,
});
/** Circumstances in which so many are active, or left already, and all else is quiet. */
type Some = Partial<Circumstances> & Partial<Counts>;
const given = ({ activePeople = 100, departed = none, ...some }: Some = {}): Circumstances => ({
  ...quiet,
  counts: new Map([['', { activePeople, departed }]]),
  ...some,
});
const revoke = (person: number, some: Partial<Risk> = {}): Risk =>
  grouped({
    person,
    source: 'entra',
    roles: [],
    userName: `n${person}`,
    kind: 'revoke',
    community: 'finance',
    from: 'contributor',
    to: null,
    lastAccess: false,
    groupGone: false,
    administers: [],
    ...some,
  });
const removal = (person: number, some: Partial<Risk> = {}): Risk =>
  revoke(person, { kind: 'remove', community: '', from: '', lastAccess: true, ...some });
const demotion = (person: number, some: Partial<Risk> = {}): Risk =>
  revoke(person, { kind: 'downgrade', from: 'administrator', to: 'contributor', administers: ['finance'], ...some });
const many = (count: number, make: (person: number) => Risk): Risk[] =>
  Array.from({ length: count }, (_, at) => make(at + 1));

/** By which rule each risk waits; 'go' where it may leave. */
function rules(risks: readonly Risk[], some: Some = {}, items: ReturnType<typeof item>[] = []): string[] {
  const { verdicts } = judge(risks, new Map(items.map((one) => [riskKey(one), one])), given(some));
  return risks.map((risk) => {
    const verdict = verdicts.get(riskKey(risk));
    return verdict === undefined ? 'unjudged' : verdict.go ? 'go' : verdict.rule;
  });
}
const why = (risk: Risk, some: Some = {}) => {
  const verdict = judge([risk], new Map(), given(some)).verdicts.get(riskKey(risk));
  return verdict?.go === false ? verdict.why : '';
};

test('G6: the limit is the smaller of 10 % of active people and 25, and never under 5', () => {
  const limits = [0, 1, 49, 50, 59, 60, 99, 100, 249, 250, 251, 20_000].map((people) => limitOf(policy, people));
  expect(limits).toEqual([5, 5, 5, 5, 5, 6, 9, 10, 24, 25, 25, 25]);
  expect(limitOf({ ...policy, limitCap: 3 }, 1000)).toBe(5);
  expect(limitOf({ ...policy, limitPercent: 0, limitFloor: 0 }, 1000)).toBe(0);
});

test('G3: every removal waits for a person, however few', () => {
  expect(rules([removal(1)])).toEqual(['removal']);
});

test('G6: as many as the limit flow; one more, and all of that kind wait', () => {
  expect(new Set(rules(many(10, (person) => revoke(person))))).toEqual(new Set(['go']));
  expect(new Set(rules(many(11, (person) => revoke(person))))).toEqual(new Set(['limit']));
  const demotions = many(10, (person) => demotion(person, { administers: [] }));
  const revokes = many(11, (person) => revoke(person + 100));
  expect(rules([...demotions, ...revokes]).filter((rule) => rule === 'go')).toHaveLength(10);
});

test('G6: what left in the last 24 hours counts, each kind for itself', () => {
  const departed = { remove: 50, revoke: 6, downgrade: 11 };
  expect(
    rules(
      many(4, (person) => revoke(person)),
      { departed },
    ),
  ).toEqual(['go', 'go', 'go', 'go']);
  expect(
    new Set(
      rules(
        many(5, (person) => revoke(person)),
        { departed },
      ),
    ),
  ).toEqual(new Set(['limit']));
  expect(rules([demotion(1, { administers: [] })], { departed })).toEqual(['limit']);
  expect(why(revoke(1), { departed: { ...departed, revoke: 10 } })).toBe(
    '11 such changes in 24 hours, and the limit is 10',
  );
});

test('G6: more than 25 % of a group of over 10 waits; a group of 10 may empty itself', () => {
  const key = pair('finance', 'contributor');
  const leaving = (count: number, size: number, gone = 0) =>
    new Set(
      rules(
        many(count, (person) => revoke(person)),
        { activePeople: 1000, holders: new Map([[key, size]]), departedFrom: new Map([[key, gone]]) },
      ),
    );
  expect(leaving(2, 11)).toEqual(new Set(['go']));
  expect(leaving(3, 11)).toEqual(new Set(['group-limit']));
  expect(leaving(3, 12)).toEqual(new Set(['go']));
  expect(leaving(10, 10)).toEqual(new Set(['go']));
  // Two left this morning: the group is as large as it was before, and they count.
  expect(leaving(1, 10, 2)).toEqual(new Set(['go']));
  expect(leaving(2, 10, 2)).toEqual(new Set(['group-limit']));
});

test('G6: a limit is of one group: another role, or a community of a similar name, is not held with it', () => {
  const some = {
    activePeople: 1000,
    holders: new Map([
      [pair('a', 'b contributor'), 12],
      [pair('a b', 'contributor'), 100],
    ]),
  };
  const crowd = many(4, (person) => revoke(person, { community: 'a', from: 'b contributor' }));
  const other = revoke(9, { community: 'a b' });
  expect(rules([...crowd, other], some)).toEqual(['group-limit', 'group-limit', 'group-limit', 'group-limit', 'go']);
});

test('G6: the preview shows every limit, tripped or not, and by how much', () => {
  const holders = new Map([
    [pair('finance', 'contributor'), 11],
    [pair('art', 'contributor'), 11],
  ]);
  const risks = [...many(3, (person) => revoke(person)), revoke(4, { community: 'art' }), removal(5)];
  expect(judge(risks, new Map(), given({ activePeople: 50, holders })).limits).toEqual([
    { kind: 'remove', scope: 'everybody', count: 1, limit: 5, tripped: false },
    { kind: 'revoke', scope: 'everybody', count: 4, limit: 5, tripped: false },
    { kind: 'downgrade', scope: 'everybody', count: 0, limit: 5, tripped: false },
    { kind: 'group', scope: 'art contributor', count: 1, limit: 2, tripped: false },
    { kind: 'group', scope: 'finance contributor', count: 3, limit: 2, tripped: true },
  ]);
});

test('G6: the last administrator of a community is held, and so are two who would leave at once', () => {
  const administrators = new Map([['finance', 2]]);
  expect(rules([demotion(1)], { administrators })).toEqual(['go']);
  expect(rules([demotion(1), demotion(2)], { administrators })).toEqual(['last-administrator', 'last-administrator']);
  const away = removal(2, { administers: ['finance', 'sales'] });
  expect(rules([demotion(1), away], { administrators })).toEqual(['last-administrator', 'removal']);
  expect(why(removal(1, { administers: ['finance'] }), { administrators: new Map([['finance', 1]]) })).toContain(
    'finance would be left without an administrator',
  );
  expect(why(removal(1, { administers: ['finance'] }), { administrators })).not.toContain('finance');
});

test('G6: a community that gets a new administrator in the same plan is not left alone', () => {
  const administrators = new Map([['finance', 1]]);
  expect(rules([demotion(1)], { administrators })).toEqual(['last-administrator']);
  expect(rules([demotion(1)], { administrators, newAdministrators: new Map([['finance', 1]]) })).toEqual(['go']);
  expect(rules([demotion(1)], { administrators, newAdministrators: new Map([['sales', 1]]) })).toEqual([
    'last-administrator',
  ]);
});

test('G6: what a person decided to keep is not on its way out, and lets others go', () => {
  const administrators = new Map([['finance', 2]]);
  const keeps = [item(demotion(1), 'kept')];
  expect(rules([demotion(1), demotion(2)], { administrators }, keeps)).toEqual(['removal', 'go']);
  const crowd = many(11, (person) => revoke(person));
  expect(rules(crowd, {}, [item(revoke(1), 'kept')]).filter((rule) => rule === 'go')).toHaveLength(10);
});

test('G3, G6: protected accounts, last access and emptied groups wait, inside any limit', () => {
  const some = { policy: Policy.parse({ protected: ['ADA', 'Zoë'] }) };
  expect(rules([revoke(1, { userName: 'ada' }), removal(2, { userName: 'Ada' }), revoke(3)], some)).toEqual([
    'protected',
    'protected',
    'go',
  ]);
  expect(rules([revoke(1, { lastAccess: true })])).toEqual(['last-access']);
  expect(rules([revoke(1, { groupGone: true })])).toEqual(['group-gone']);
});

test('G3: an approval lets its own change go, whatever rule would hold it, and no other', () => {
  const risk = demotion(1, { userName: 'ada', lastAccess: true, groupGone: true });
  const some = { policy: Policy.parse({ protected: ['ada'] }), departed: { remove: 99, revoke: 99, downgrade: 99 } };
  expect(rules([risk], some, [item(risk, 'approved')])).toEqual(['go']);
  expect(rules([{ ...risk, to: null }], some, [item(risk, 'approved')])).toEqual(['protected']);
  expect(rules([{ ...risk, from: 'owner' }], some, [item(risk, 'approved')])).toEqual(['protected']);
  expect(rules([{ ...risk, community: 'sales' }], some, [item(risk, 'approved')])).toEqual(['protected']);
  expect(rules([{ ...risk, person: 2 }], some, [item(risk, 'approved')])).toEqual(['protected']);
});

test('G4: what is held or kept stays so, with the words of that time, when no rule asks for it any more', () => {
  for (const state of ['held', 'kept'] as const) {
    const items = new Map([item(revoke(1), state)].map((one) => [riskKey(one), one]));
    const verdict = judge([revoke(1)], items, quiet).verdicts.get(riskKey(revoke(1)));
    expect(verdict).toMatchObject({ go: false, rule: 'removal', why: 'as it was then', item: { state } });
  }
});

test('every risk has a verdict, and what waits says why', () => {
  const risk = fc.record({
    person: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom('remove' as const, 'revoke' as const, 'downgrade' as const),
    community: fc.constantFrom('finance', 'sales'),
    lastAccess: fc.boolean(),
    groupGone: fc.boolean(),
  });
  const law = fc.property(
    fc.uniqueArray(risk, { selector: riskKey }),
    fc.integer({ min: 0, max: 2 }),
    (some, limitFloor) => {
      const risks = some.map((one) => ({ ...revoke(one.person), ...one }));
      const { verdicts } = judge(risks, new Map(), given({ activePeople: 0, policy: { ...policy, limitFloor } }));
      expect(verdicts.size).toBe(risks.length);
      for (const one of verdicts.values()) expect(one.go || one.why !== '').toBe(true);
    },
  );
  fc.assert(law);
});

const events = [
  'approve',
  'keep',
  'undo',
  'stand',
  'lapse',
  'return',
  'withdraw',
  'leave',
] as const satisfies readonly Event[];
const opened = new Set<HeldState>(['held', 'approved', 'kept']);

test('G3, G4, G5: under any events an item is sent only while approved, and never again opened once it is over', () => {
  const law = fc.property(fc.array(fc.constantFrom(...events), { maxLength: 12 }), (script) => {
    let state: HeldState = 'held';
    let approved = false; // by the last decision a person made
    for (const event of script) {
      const to = next(state, event);
      if (to === undefined) {
        if (opened.has(state)) expect(['withdraw']).not.toContain(event);
        continue;
      }
      expect(opened.has(state), `${state} is over`).toBe(true);
      if (to === 'sent') expect([event, approved]).toEqual(['leave', true]);
      if (to === 'withdrawn') expect(event).toBe('withdraw');
      if (to !== 'sent' && to !== 'withdrawn') approved = event === 'approve' || event === 'stand';
      expect(to === 'approved').toBe(approved && opened.has(to));
      if (event === 'undo' || event === 'lapse' || event === 'return') expect(to).toBe('held');
      if (event === 'keep') expect(to).toBe('kept');
      state = to;
    }
  });
  fc.assert(law);
});

test('the whole state machine of an item', () => {
  const table = HeldState.options.map((state) =>
    [state, ...events.map((event) => next(state, event) ?? '-')].join(' '),
  );
  expect([`state ${events.join(' ')}`, ...table]).toEqual([
    'state approve keep undo stand lapse return withdraw leave',
    'held approved kept - approved - - withdrawn -',
    'approved - kept held - held - withdrawn sent',
    'kept approved - held - - held withdrawn -',
    'withdrawn - - - - - - - -',
    'sent - - - - - - - -',
  ]);
});

test('G3: an approval of the very moment of an alarm has not seen it', () => {
  const risk = revoke(1);
  const alarms = new Map([['entra', { raisedAt: 100, why: 'The source shrank' }]]);
  const decided = (decidedAt: number) => rules([risk], { alarms }, [{ ...item(risk, 'approved'), decidedAt }]);
  expect(decided(99)).toEqual(['source-shrank']);
  expect(decided(100)).toEqual(['source-shrank']);
  expect(decided(101)).toEqual(['go']);
});

test('G6: of a mirrored group that gives roles in two communities the stricter override counts, whichever comes first', () => {
  const risk = (person: number, community: string) => revoke(person, { community, groups: ['g-1'] });
  const policy = Policy.parse({ communityLimits: { art: { groupPercent: 10 }, hall: { groupPercent: 90 } } });
  const some = { policy, activePeople: 1000, holders: new Map([['g-1', 20]]) };
  for (const [one, other] of [
    ['art', 'hall'],
    ['hall', 'art'],
  ] as const) {
    const crowd = [1, 2, 3].map((person) => risk(person, person === 1 ? one : other));
    expect(rules(crowd, some)).toEqual(['group-limit', 'group-limit', 'group-limit']);
    expect(rules(crowd.slice(0, 2), some)).toEqual(['go', 'go']);
  }
});
