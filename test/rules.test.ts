/** Rules for many groups: what they come to, what a person confirms, and that no renaming changes anybody's access (A4). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Community, Rule } from '../daemon/contract/mapping.ts';
import { linkKey, type Mapping } from '../daemon/core/mapping.ts';
import { rebased, tidy, withLinks, withoutRule, withRule } from '../daemon/core/mappingedit.ts';
import { catalogueOf, expand, proposals, starOf } from '../daemon/core/mappingrule.ts';
import { Malformed, NotFound, Stale } from '../daemon/errors.ts';
import { mapped } from './plan/example.ts';
import { stores } from './stores.ts';

const rule = (pattern: string, more: Partial<Rule> = {}): Rule => ({
  id: 'admins',
  source: 'entra',
  pattern,
  star: 'either',
  role: 'administrator',
  ...more,
});

test('a star stands for what is between, ignoring case, and never for nothing', () => {
  const parts = fc.constantFrom('', 'a', 'A', 'ab', '-', ' ', '.', 'É', 'e\u0301', '(', '$');
  const law = fc.property(parts, parts, fc.array(parts, { maxLength: 4 }), (before, after, pieces) => {
    const name = pieces.join('');
    // Written another way: a regular expression over the folded texts.
    const folded = (text: string) => text.normalize('NFC').toLowerCase();
    const quoted = (text: string) => folded(text).replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
    const [, star] = new RegExp(`^${quoted(before)}(.+)${quoted(after)}$`, 's').exec(folded(name)) ?? [];
    expect(starOf(`${before}*${after}`, name)).toBe(star?.trim() || undefined);
  });
  fc.assert(law, { numRuns: 2000 });
  expect(starOf('steeple-*-admins', 'Steeple-Finance-ADMINS')).toBe('finance');
  expect(starOf('steeple-*-admins', 'steeple--admins')).toBeUndefined();
  expect(starOf('steeple-*-admins', 'steeple-admins')).toBeUndefined();
  expect(starOf('aba*ba', 'ababa')).toBeUndefined(); // what stands before and after must not overlap
});

const communities: Community[] = [
  { id: 'finance', name: 'Money' },
  { id: 'hr', name: 'Human Resources' },
  { id: 'c3', name: 'Finance' },
  { id: 'c4', name: 'Sales' },
  { id: 'c5', name: 'SALES' },
];
test('a star names one community, by id or by name, or the group is told as unclear: nothing is guessed', () => {
  const catalogue = catalogueOf(communities);
  const named = (star: string, as: Rule['star'] = 'either') => catalogue.named(star, as);
  expect(named('FINANCE', 'id')).toEqual(['finance']);
  expect(named('finance', 'name')).toEqual(['c3']);
  expect(named('finance')).toEqual(['c3', 'finance']);
  expect(named('sales')).toEqual(['c4', 'c5']);
  expect(named('human-resources')).toEqual(['hr']);
  expect(named('Human_resources', 'id')).toEqual([]);
  const team = (id: string, name: string, source = 'entra') => ({ id, name, source });
  const { links, unclear } = expand(
    rule('x-*-a'),
    [
      team('t1', 'X-HR-a'),
      team('t2', 'x-sales-a'),
      team('t3', 'x-none-a'),
      team('t4', 'x-hr-a', 'okta'),
      team('t5', 'hr'),
    ],
    catalogue,
  );
  expect(links).toEqual([{ source: 'entra', team: 't1', community: 'hr', role: 'administrator', rule: 'admins' }]);
  expect(unclear.map(({ team: { id }, communities: of }) => [id, of])).toEqual([
    ['t2', ['c4', 'c5']],
    ['t3', []],
  ]);
});

const names = fc.constantFrom('x-hr-a', 'X-finance-a', 'x-c4-a', 'x-hr', 'hr-a');
const teams = fc
  .tuple(names, names, names)
  .map((all) => all.map((name, at) => ({ id: `t${at + 1}`, name, source: at === 2 ? 'okta' : 'entra' })));
const patterns = fc.constantFrom('x-*-a', 'x-*', '*-a');
const rules = fc.record({
  id: fc.constantFrom('one', 'two'),
  source: fc.constantFrom('entra', 'okta'),
  pattern: patterns,
  star: fc.constantFrom<Rule['star'][]>('id', 'name', 'either'),
  role: fc.constantFrom('contributor', 'administrator'),
});
const drawn = fc.uniqueArray(
  fc.record({
    source: fc.constant('entra'),
    team: fc.constantFrom('t1', 't2'),
    community: fc.constantFrom('hr', 'finance'),
    role: fc.constantFrom('contributor', 'administrator'),
  }),
  { maxLength: 3, selector: linkKey },
);
const keys = ({ links }: Mapping) => links.map(linkKey).sort();

test('A4: whatever groups and communities are called later, a mapping with rules gives what it gave', () => {
  const law = fc.property(teams, teams, drawn, rules, rules, (before, after, links, first, second) => {
    const catalogue = catalogueOf(communities);
    const mapping = withRule(withRule(mapped(...links), first, before, catalogue), second, before, catalogue);
    // What is proposed after a renaming is beside the mapping, never in it.
    const proposed = proposals(mapping, after, catalogueOf(communities.map(({ id }, at) => ({ id, name: `n${at}` }))));
    const had = new Set(keys(mapping));
    for (const link of proposed) expect(had.has(linkKey(link))).toBe(false);
    expect(new Set(proposed.map(linkKey)).size).toBe(proposed.length);
    // Confirming one adds just that; the others stay proposals.
    const [one] = proposed;
    if (one) {
      const confirmed = withLinks(mapping, [one], []);
      expect(keys(confirmed)).toEqual([...keys(mapping), linkKey(one)].sort());
      expect(
        proposals(confirmed, after, catalogueOf(communities.map(({ id }, at) => ({ id, name: `n${at}` })))).map(
          linkKey,
        ),
      ).toEqual(proposed.slice(1).map(linkKey));
    }
  });
  fc.assert(law, { numRuns: 500 });
});

test('A4: changing a rule speaks only of what it still gives: links of groups renamed since, and drawn ones, stay', () => {
  const law = fc.property(teams, teams, drawn, rules, rules, (before, after, links, old, changed) => {
    const catalogue = catalogueOf(communities);
    const mapping = withRule(mapped(...links), old, before, catalogue);
    const next = withRule(mapping, { ...changed, id: old.id }, after, catalogue);
    const gives = (one: Rule) => new Set(expand(one, after, catalogue).links.map(linkKey));
    const [gave, given] = [gives(old), gives({ ...changed, id: old.id })];
    for (const link of mapping.links) {
      const goes = link.rule === old.id && gave.has(linkKey(link)) && !given.has(linkKey(link));
      expect(keys(next).includes(linkKey(link)), linkKey(link)).toBe(!goes);
    }
    for (const key of given) expect(keys(next)).toContain(key);
    expect(
      next.links.filter((link) => !keys(mapping).includes(linkKey(link))).every(({ rule: by }) => by === old.id),
    ).toBe(true);
    expect(next.rules).toEqual([{ ...changed, id: old.id }]);
    const without = withoutRule(mapping, old.id, false);
    expect(without.rules).toBeUndefined();
    expect(keys(without)).toEqual(keys(mapped(...links)));
    expect(keys(withoutRule(mapping, old.id, true))).toEqual(keys(mapping));
    expect(withoutRule(mapping, old.id, true).links.every((link) => !('rule' in link))).toBe(true);
  });
  fc.assert(law, { numRuns: 500 });
});

test('a draft made again on another version has what it added and lacks what it removed, and else says what is in force', () => {
  const mapping = fc.record({
    links: drawn,
    rule: fc.option(rules, { nil: undefined }),
    mode: fc.constantFrom('managed', 'mirror'),
  });
  const made = mapping.map(
    ({ links, rule: one, mode }): Mapping => ({ ...mapped(...links), mode, ...(one && { rules: [one] }) }),
  );
  const law = fc.property(made, made, made, (base, draft, now) => {
    const again = rebased(base, draft, now);
    const [was, is, there] = [base, draft, now].map((one) => new Set(keys(one))) as [
      Set<string>,
      Set<string>,
      Set<string>,
    ];
    for (const key of was.union(is).union(there)) {
      const expected = was.has(key) === is.has(key) ? there.has(key) : is.has(key);
      expect(keys(again).includes(key), key).toBe(expected);
    }
    expect(again.mode).toBe(draft.mode === base.mode ? now.mode : draft.mode);
    expect(keys(rebased(base, draft, base))).toEqual(keys(draft));
    expect(keys(rebased(base, base, now))).toEqual(keys(now));
    expect(tidy(again)).toEqual(again);
  });
  fc.assert(law, { numRuns: 500 });
});

const at = 1_000;
/** A rule in force for `steeple-*-admins`, with nobody fitting yet. */
async function desk() {
  const kept = await stores();
  await kept.mappings.catalogue(
    [
      { id: 'finance', name: 'Money' },
      { id: 'hr', name: 'People' },
    ],
    'file',
    'ann',
    at,
  );
  const admins = rule('steeple-*-admins', { source: kept.source });
  const publish = async () => {
    const { base } = await kept.drafts.state();
    return kept.drafts.publish({ base, note: '', by: 'ann', at });
  };
  await kept.drafts.rule(admins, { by: 'ann', at });
  await publish();
  const rename = (id: string, displayName: string) =>
    kept.push({
      method: 'PATCH',
      kind: 'Group',
      id,
      body: { Operations: [{ op: 'replace', value: { displayName } }] },
    });
  const { expansions } = kept.editing;
  const states = async () => {
    await expansions.follow(at);
    const { items } = await expansions.list(['held', 'confirmed', 'declined', 'withdrawn'], 0, 100);
    return items.map(({ groupId, community, state }) => [groupId, community, state]);
  };
  const pairs = () => kept.mappings.inForce().mapping.links.map(({ team, community }) => [team, community]);
  return { ...kept, expansions, admins, publish, rename, states, pairs };
}
const deciding = { by: 'bob', reason: 'it is the new office', at: 5_000 };

test('A4: a group that fits later waits, gives nobody anything until a person confirms it, and then keeps what it gives', async () => {
  const { group, user, expansions, states, pairs, rename, planning, mappings, db, source, journal } = await desk();
  const ada = await user('ada@x.test');
  const finance = await group('Steeple-FINANCE-Admins', [ada]);
  expect(await states()).toEqual([[finance, 'finance', 'held']]);
  const [{ id, journal: seq, since } = { id: 0, journal: 0, since: 0 }] = (await expansions.list(['held'], 0, 10))
    .items;
  expect(journal.show(seq)).toMatchObject({ kind: 'push', subject: finance });
  expect(since).toBe(at);
  const num = db.prepare<[], number>('SELECT num FROM person').pluck().get() ?? 0;
  const access = async () => [...((await planning.explain([num], at)).cases[0]?.access.keys() ?? [])];
  expect([pairs(), await access()]).toEqual([[], []]);

  const { version, items } = await expansions.confirm([id], deciding);
  expect(items).toMatchObject([{ state: 'confirmed', decidedBy: 'bob', reason: deciding.reason, decidedAt: 5_000 }]);
  expect(mappings.inForce()).toMatchObject({ version, author: 'bob', note: deciding.reason });
  expect(mappings.inForce().mapping.links).toEqual([
    { source, team: finance, community: 'finance', role: 'administrator', rule: 'admins' },
  ]);
  expect(await access()).toEqual(['finance']);
  expect(journal.tail(1)[0]).toMatchObject({
    actor: 'bob',
    body: {
      what: 'mapping.publish',
      origin: 'rule',
      confirmed: [{ rule: 'admins', groupId: finance, community: 'finance' }],
    },
  });
  // Renamed to another community: access stays, and the other one is a proposal.
  await rename(finance, 'steeple-hr-admins');
  expect(await access()).toEqual(['finance']);
  expect(await states()).toEqual([
    [finance, 'finance', 'confirmed'],
    [finance, 'hr', 'held'],
  ]);
  await mappings.catalogue([{ id: 'finance', name: 'HR' }], 'file', 'ann', at + 1);
  expect(await access()).toEqual(['finance']);
  expect(pairs()).toEqual([[finance, 'finance']]);
});

test('a proposal whose group is renamed, deleted or linked by hand is withdrawn, and cannot be confirmed by who saw it before', async () => {
  const { group, expansions, states, pairs, rename, push, drafts, publish, source } = await desk();
  const [one, two, three] = [
    await group('steeple-finance-admins', []),
    await group('steeple-hr-admins', []),
    await group('steeple-people-admins', []),
  ];
  await states();
  const ids = (await expansions.list(['held'], 0, 10)).items.map(({ id }) => id);
  expect(ids).toHaveLength(3);
  await rename(one, 'something else');
  // Not followed yet: the decision itself looks first.
  await expect(expansions.confirm(ids, deciding)).rejects.toThrow(Stale);
  expect(pairs()).toEqual([]);
  await push({ method: 'DELETE', kind: 'Group', id: two });
  await drafts.change(
    { add: [{ source, groupId: three, community: 'hr', role: 'administrator' }], remove: [] },
    { by: 'ann', at },
  );
  await publish();
  expect((await states()).map(([, , state]) => state)).toEqual(['withdrawn', 'withdrawn', 'withdrawn']);
  await expect(expansions.confirm([99], deciding)).rejects.toThrow(NotFound);
  // Called so again, it waits again.
  await rename(one, 'steeple-finance-admins');
  expect((await states()).at(-1)).toEqual([one, 'finance', 'held']);
});

test('what is declined stays declined while it fits, with who and why in the journal, and can wait again', async () => {
  const { group, expansions, states, rename, journal, pairs } = await desk();
  const one = await group('steeple-finance-admins', []);
  await states();
  const [{ id } = { id: 0 }] = (await expansions.list(['held'], 0, 10)).items;
  await expansions.decline([id], deciding);
  expect(journal.tail(1)[0]).toMatchObject({
    actor: 'bob',
    body: { what: 'mapping.decline', reason: deciding.reason },
  });
  expect(await states()).toEqual([[one, 'finance', 'declined']]);
  await expect(expansions.decline([id], deciding)).rejects.toThrow(Stale);
  await expect(expansions.confirm([id], deciding)).rejects.toThrow(/declined, not held/);
  await expansions.reconsider(id, deciding);
  expect(await states()).toEqual([[one, 'finance', 'held']]);
  await expansions.decline([id], deciding);
  await rename(one, 'x');
  expect(await states()).toEqual([[one, 'finance', 'withdrawn']]);
  await rename(one, 'Steeple-Finance-Admins');
  expect((await states()).at(-1)).toEqual([one, 'finance', 'held']);
  expect(pairs()).toEqual([]);
});

test('a rule is shown expanded in the draft before it is published, and one that cannot be is refused', async () => {
  const { group, drafts, mappings, pairs, publish, admins, source } = await desk();
  const hr = await group('team hr', []);
  const state = await drafts.rule(
    { ...admins, id: 'teams', pattern: 'team *', role: 'contributor' },
    { by: 'ann', at },
  );
  expect(state).toMatchObject({ added: 1, settings: true });
  expect(mappings.which('draft').mapping.links).toEqual([
    { source, team: hr, community: 'hr', role: 'contributor', rule: 'teams' },
  ]);
  expect(pairs()).toEqual([]);
  await group('team finance', []); // comes between what was seen and publishing: not published
  await publish();
  expect(pairs()).toEqual([[hr, 'hr']]);
  await expect(drafts.rule({ ...admins, role: 'owner' }, { by: 'ann', at })).rejects.toThrow(Malformed);
  await expect(drafts.rule({ ...admins, source: 'okta' }, { by: 'ann', at })).rejects.toThrow(Malformed);
  await expect(drafts.dropRule('nothing', false, { by: 'ann', at })).rejects.toThrow(NotFound);
});
