/**
 * A survey of everybody says what `decide` says of the same world, and a plan written in bytes what the same plan says as
 * objects (test/plan/telling.ts, how plans were told before). The world by numbers is put together from the cases here;
 * that the store's columns agree with its cases is proven in census.test.ts.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type OpenItem, riskKey } from '../daemon/core/gate.ts';
import { decide, type World } from '../daemon/core/plan.ts';
import { lineOf, reader, writer } from '../daemon/core/planline.ts';
import { gapNames, planOf, type View } from '../daemon/core/planview.ts';
import { takeBack } from '../daemon/core/takeback.ts';
import { scene } from './arbitraries/world.ts';
import { company, kept, link, mapped, person, steeple, team } from './plan/example.ts';
import { censusOf, worldOf } from './plan/loaded.ts';
import { readDraft } from './plan/read.ts';
import { clear } from './plan/scene.ts';
import { planOf as told } from './plan/telling.ts';

const view: View = {
  basedOn: { journal: 7, mapping: 3, observedAt: 1 },
  strangers: [],
  warnings: [],
  teams: new Map([team(11, 'Treasury'), team(12, 'Board'), team(13)].map((one) => [one.num, one])),
  communityName: (id) => id,
  digest: (text) => text,
};

/** In an order that does not matter to what is sent: names that nobody else wants may go before or after the others. */
const unordered = (lines: readonly { method: string; resource: string; summary: string }[]) =>
  lines.map(({ method, resource, summary }) => `${method} ${resource} ${summary}`).sort();

test('P5, P6: a survey says of everybody what is decided of them one by one', () => {
  const law = fc.property(scene(), fc.boolean(), fc.integer({ min: 1, max: 3 }), (one, first, membersPerPatch) => {
    const { company, steeple } = clear(one);
    const loaded = worldOf({ ...company, policy: { ...company.policy, membersPerPatch } }, steeple);
    // Items of an earlier moment: some are kept, some approved, some no longer about anything.
    const items = decide(loaded).opens.map(({ risk: { person, kind, community, from, to }, rule, why }, at) => ({
      ...{ id: at + 1, person, kind, community, from, to, rule, why, since: 0, decidedAt: null, standing: null },
      state: (['held', 'approved', 'kept'] as const)[at % 3] ?? 'held',
    }));
    for (const world of [
      { ...loaded, first },
      { ...worldOf({ ...company, policy: loaded.policy }, steeple, items), first },
    ] satisfies World[]) {
      const decision = decide(world);
      const oracle = told(decision, world, view);
      const { plan, risk } = readDraft(planOf(censusOf(world), view));
      expect(plan.people).toEqual([...oracle.people]);
      expect(plan.summary).toEqual(oracle.outline.summary);
      expect(plan.limits).toEqual(oracle.outline.limits);
      expect(risk).toBe(oracle.risk);
      expect(unordered(plan.operations)).toEqual(unordered([...oracle.operations]));
      expect(planOf(censusOf(world), view).opens).toEqual(decision.opens);
    }
  });
  fc.assert(law, { numRuns: 400 });
});

/** A decision that waits about one of the five people, or none. */
const waiting = fc.record({
  state: fc.constantFrom(undefined, undefined, 'held' as const, 'kept' as const, 'approved' as const),
  kind: fc.constantFrom('remove' as const, 'remove' as const, 'revoke' as const),
  decided: fc.constantFrom(null, 5),
});
test('P6, G3: a survey of taking back says of everybody what is decided of them one by one', () => {
  const law = fc.property(
    scene(),
    fc.array(fc.record({ made: fc.boolean(), okta: fc.boolean(), protects: fc.boolean(), waits: fc.array(waiting) }), {
      minLength: 5,
      maxLength: 5,
    }),
    fc.record({ sourceLimits: fc.constantFrom({}, { okta: { limitCap: 1, limitFloor: 0 } }) }),
    fc.record({ communityLimits: fc.constantFrom({}, { finance: { groupOver: 0, groupPercent: 1 } }) }),
    (one, people, bySource, byCommunity) => {
      const { company, steeple } = clear(one);
      const loaded = worldOf({ ...company, policy: { ...company.policy, ...bySource, ...byCommunity } }, steeple);
      const of = (num: number) => people[num % 5] as (typeof people)[number];
      const cases = loaded.cases.map((each) => ({
        ...each,
        source: of(each.num).okta ? 'okta' : 'entra',
        observed: each.observed && { ...each.observed, made: of(each.num).made },
      }));
      const items = cases.flatMap(({ num }) =>
        of(num).waits.flatMap(({ state, kind, decided }, at): OpenItem[] => {
          const about = kind === 'remove' ? { community: '', from: '' } : { community: 'finance', from: 'contributor' };
          const said = {
            rule: 'removal' as const,
            why: 'as it was said then',
            since: 0,
            decidedAt: decided,
            standing: null,
          };
          return state ? [{ id: num * 100 + at, person: num, kind, to: null, state, ...about, ...said }] : [];
        }),
      );
      const taken = takeBack({ ...loaded, cases });
      const world: World = {
        ...taken,
        items: new Map(items.map((item) => [riskKey(item), item])),
        // A whole plan counts, though nothing waits for it.
        circumstances: {
          ...loaded.circumstances,
          protects: new Map(
            cases.flatMap(({ num }) => (of(num).protects ? [[num, 'They are in a group'] as const] : [])),
          ),
        },
      };
      const oracle = told(decide(world), world, view);
      const { plan } = readDraft(planOf(censusOf(world), view));
      expect(plan.people).toEqual([...oracle.people]);
      expect(plan.summary).toEqual(oracle.outline.summary);
      expect(plan.limits).toEqual(oracle.outline.limits);
      expect(unordered(plan.operations)).toEqual(unordered([...oracle.operations]));
    },
  );
  fc.assert(law, { numRuns: 400 });
});

test('P4: what frees a name is still before what takes it, among people whose names nobody wants', () => {
  const law = fc.property(scene(), (one) => {
    const { company, steeple } = clear(one);
    const world = worldOf(company, steeple);
    const { plan } = readDraft(planOf(censusOf(world), view));
    const at = (person: number | undefined) => {
      const name = world.cases.find(({ num }) => num === person)?.account.userName;
      const lines = plan.operations.flatMap(({ resource }, place) => (resource === `Users/${name}` ? [place] : []));
      return lines.length === 1 ? lines[0] : undefined; // two where a ring is broken up
    };
    const { operations } = decide(world);
    for (const giver of operations)
      for (const taker of operations) {
        const [first, then] = [at(giver.person), at(taker.person)];
        if (giver.frees === undefined || giver.frees !== taker.takes || giver.person === taker.person) continue;
        if (first !== undefined && then !== undefined) expect(first).toBeLessThan(then);
      }
  });
  fc.assert(law);
});

test('P6: the heads of a community are those who have access in it, before and after, and who moves adds up', () => {
  const law = fc.property(scene(), (one) => {
    const { company, steeple } = clear(one);
    const world = worldOf(company, steeple);
    const { plan } = readDraft(planOf(censusOf(world), view));
    for (const { community, before, after, enters, leaves, rises, falls, held, roles } of plan.communities ?? []) {
      const moves = plan.people.flatMap(({ access }) => access.filter((row) => row.community === community));
      expect(after - before).toBe(enters - leaves);
      expect([enters, leaves]).toEqual([
        moves.filter(({ from }) => from === null).length,
        moves.filter(({ to }) => to === null).length,
      ]);
      expect(rises + falls).toBe(moves.filter(({ from, to }) => from !== null && to !== null).length);
      expect(held).toBe(moves.filter((row) => row.held).length);
      expect(roles.reduce((sum, role) => sum + role.after, 0)).toBe(after);
      expect(roles.reduce((sum, role) => sum + role.before, 0)).toBe(before);
      expect(after).toBe(world.cases.filter(({ wanted, access }) => wanted && access.has(community)).length);
    }
  });
  fc.assert(law);
});

test('the index of a plan knows each line’s kind, words, and movements', () => {
  const law = fc.property(scene(), (one) => {
    const { company, steeple } = clear(one);
    const draft = planOf(censusOf(worldOf(company, steeple)), view);
    const people = [...draft.people].map((bytes) => lineOf(bytes, draft.words));
    expect(draft.index.kinds).toHaveLength(people.length);
    for (const [at, { held, access }] of people.entries())
      expect((draft.index.kinds[at] as number) >= 8).toBe(held || access.some((row) => row.held));
    expect([...draft.index.texts].map((text) => text.split('\t')[0])).toEqual(
      people.map(({ userName }) => userName.toLowerCase()),
    );
    const places = people.map(() => 0);
    for (const [at, bytes] of [...draft.index.movements].entries()) {
      const reading = reader(bytes);
      const found: string[] = [];
      for (let entry = 0; !reading.ended(); ) {
        entry += reading.number();
        const line = people[Math.floor(entry / 8)];
        places[Math.floor(entry / 8)]! |= 1 << ((entry >> 1) & 3);
        found.push(`${line?.userName} ${(entry >> 1) & 3} ${entry & 1}`);
      }
      const place = (from: string | null, to: string | null) => {
        if (from === null) return 0;
        if (to === null) return 1;
        const rank = (role: string) => company.mapping.roles.find(({ id }) => id === role)?.rank ?? 1000;
        return rank(to) < rank(from) ? 3 : 2;
      };
      expect(found).toEqual(
        people.flatMap(({ userName, access }) =>
          access
            .filter((row) => row.community === draft.words.communities[at])
            .map(({ from, to, held }) => `${userName} ${place(from, to)} ${held ? 1 : 0}`),
        ),
      );
    }
    expect([...draft.index.moved]).toEqual(places);
  });
  fc.assert(law);
});

test('whoever is to be in Steeple and lacks a community, an e-mail address or a name is listed', () => {
  const nobody = {
    ...person(1, 'ada'),
    account: { ...person(1, 'ada').account, email: '', givenName: '', familyName: '' },
  };
  const whole = {
    ...person(2, 'ben'),
    account: { ...person(2, 'ben').account, email: 'b@x.test', givenName: 'Ben', familyName: 'B' },
  };
  const one = company([whole, nobody, person(3, 'cho', 'inactive')], {
    members: [[11, 2]],
    mapping: mapped(link(11, 'finance')),
  });
  const draft = planOf(censusOf(worldOf(one, steeple([]))), view);
  expect([...draft.gaps].map((text) => JSON.parse(text) as unknown)).toEqual([['ada', 'ada', 'p1', 'entra', 7]]);
  expect(gapNames(7)).toEqual(['no-community', 'no-email', 'no-name']);
  expect(draft.outline.gaps).toEqual({ noCommunity: 1, noEmail: 1, noName: 1 });
  // Steeple may invite whom it gets an address of; that it does cannot be known.
  expect(draft.outline.invitations).toEqual({ atMost: 1, withoutEmail: 1, known: false });
});

test('G3: switched on for the first time, nothing that takes something away leaves without a person', () => {
  const law = fc.property(scene(), (one) => {
    const { company, steeple } = clear(one);
    const world: World = {
      ...worldOf({ ...company, policy: { ...company.policy, limitFloor: 99 } }, steeple),
      first: true,
    };
    const { opens, operations, changes } = decide(world);
    expect(operations.filter(({ risk }) => risk !== undefined)).toEqual([]);
    const lost = changes.flatMap(({ kind, access }) =>
      kind === 'remove' ? [1] : access.flatMap(({ from, to }) => (from !== null && isLower(from, to) ? [1] : [])),
    );
    expect(opens).toHaveLength(lost.length);
    function isLower(from: string, to: string | null): boolean {
      if (to === null) return true;
      const rank = (role: string) => company.mapping.roles.find(({ id }) => id === role)?.rank ?? 1000;
      return rank(to) < rank(from);
    }
  });
  fc.assert(law);
  const ada = person(1, 'ada');
  const world = worldOf(
    company([ada, person(2, 'ben')], {
      members: [
        [12, 1],
        [11, 2],
      ],
      mapping: mapped(link(11, 'finance'), link(12, 'sales')),
    }),
    steeple([kept(ada)], { 'pair:finance/contributor': [kept(ada)], 'pair:sales/contributor': [kept(ada)] }),
  );
  expect(decide(world).opens).toEqual([]);
  expect(decide({ ...world, first: true }).opens.map(({ rule }) => rule)).toEqual(['first-sync']);
});

test('a line comes back as it was written, whatever is in it', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom('', '\0', 'é\ud800', 'x'.repeat(4000)),
  );
  const law = fc.property(text, text, text, fc.nat(2 ** 31 - 1), (userName, name, personId, community) => {
    const out = writer();
    out.number(7);
    const from = out.size();
    const deltas = [
      {
        community,
        from: -1,
        to: 300,
        hold: 0,
        because: [
          { link: 70000, way: 0 },
          { link: 3, way: 200 },
        ],
      },
    ];
    out.line({ userName, name, personId, kind: 1, hold: 0, deltas });
    const { number, text: read, ended } = reader(out.slice(from, out.size()));
    expect([read(), read(), read()]).toEqual(
      [userName, name === userName ? '' : name, personId].map((one) => one.toWellFormed()),
    );
    expect(Array.from({ length: 12 }, number)).toEqual(
      [1, 0, 1, community, 0, 301, 0, 2, 140000, 7, 200, 0].slice(0, 12),
    );
    expect(ended()).toBe(true);
  });
  fc.assert(law);
  expect(() => writer().text('é'.repeat(9000))).toThrow(RangeError);
});
