/** The mapping's use cases as the editor and the command line ask them: files, the picture, advice, the catalogue, proposals. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LinkKey } from '../daemon/contract/mapping.ts';
import { csvText, readCsv, uncell } from '../daemon/core/csv.ts';
import { diffOf } from '../daemon/core/mappingdiff.ts';
import { mappingCases } from '../daemon/relay/mapping.ts';
import { mapping as mappings } from './arbitraries/world.ts';
import { stores } from './stores.ts';

const by = 'ann';
/** `told`: what whoever watches was told has changed. */
async function desk() {
  const kept = await stores();
  const told: string[] = [];
  let now = 1_000;
  const ask = mappingCases({
    editing: kept.editing,
    upstream: { communities: async () => [{ id: 'hr', name: 'Human Resources' }] },
    changed: (...what) => void told.push(...what),
    now: () => now++,
  });
  const people = await Promise.all(['ada', 'ben', 'cho', 'dee'].map((name) => kept.user(`${name}@x.test`)));
  await ask['communities.import']({ text: 'id,name\nfinance,Finance\nhr,HR\nsales,Sales\n', by });
  const link = (groupId: string, community: string, role = 'contributor'): LinkKey => ({
    source: kept.source,
    groupId,
    community,
    role,
  });
  const change = (add: LinkKey[], remove: LinkKey[] = []) => ask['mapping.draft.change']({ add, remove, by });
  const publish = async (note = '') => {
    const { base, edition } = await ask['mapping.draft']({});
    return ask['mapping.draft.publish']({ base, edition, note, by });
  };
  const wide = { filter: '', offset: 0, limit: 100 };
  const advice = async () => {
    const { items } = await ask['mapping.advice']({ of: 'draft', limit: 100 });
    return items.map(({ code, group, community, others }) =>
      [code, group ?? community ?? '', ...(others ?? [])].join(' '),
    );
  };
  return {
    ...kept,
    ask,
    people: people as [string, string, string, string],
    link,
    change,
    publish,
    told,
    wide,
    advice,
  };
}

test('an editor sees groups and communities with heads, draws a link, sees what it would do, and publishes it', async () => {
  const { ask, people, group, members, link, change, publish, told, wide } = await desk();
  const [ada, ben, cho] = people;
  const inner = await group('Inner', [ada, ben]);
  const outer = await group('Outer', [cho]);
  await members(outer, 'add', [inner]);
  const { items, total } = await ask['mapping.groups']({ ...wide, of: 'draft', linked: 'any' });
  expect(total).toBe(2);
  expect(items).toMatchObject([
    { name: 'Inner', people: 2, direct: 2, links: 0, within: [outer], holds: [], live: true },
    { name: 'Outer', people: 3, direct: 1, links: 0, within: [], holds: [inner] },
  ]);
  await change([link(inner, 'finance', 'administrator')]);
  await publish('first');

  const drawn = link(outer, 'finance');
  const thought = { base: 'draft' as const, add: [drawn], remove: [], limit: 10 };
  expect(await ask['mapping.effect'](thought)).toMatchObject({
    people: 1,
    gains: 1,
    gainsFirst: 1,
    communities: [{ community: 'finance', before: 2, after: 3 }],
    named: [{ userName: 'cho@x.test', from: null, to: 'contributor', kind: 'gains' }],
    more: 0,
  });
  expect(
    await ask['mapping.effect']({ ...thought, add: [], remove: [link(inner, 'finance', 'administrator')] }),
  ).toMatchObject({
    loses: 2,
    losesAll: 2,
  });
  expect((await ask['mapping.draft']({})).exists).toBe(false); // only thought of
  await change([drawn], [link(inner, 'finance', 'administrator')]);
  const whole = await ask['mapping.effect']({ base: 'draft', against: 'published', add: [], remove: [], limit: 10 });
  expect(whole).toMatchObject({ gains: 1, falls: 2, loses: 0, people: 3 });
  expect(whole.named.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'falls ada@x.test',
    'falls ben@x.test',
    'gains cho@x.test',
  ]);
  const board = await ask['mapping.board']({ of: 'draft' });
  expect(board).toMatchObject({
    version: 1,
    links: [{ groupId: outer, people: 3, isNew: true, broken: false, rule: null }],
    removed: [link(inner, 'finance', 'administrator')],
    draft: { exists: true, base: 1, added: 1, removed: 1 },
  });
  const { items: shown } = await ask['mapping.communities']({ ...wide, of: 'draft', filter: 'fin' });
  expect(shown).toMatchObject([
    {
      id: 'finance',
      people: 3,
      links: 1,
      roles: [
        { role: 'contributor', people: 3 },
        { role: 'administrator', people: 0 },
      ],
    },
  ]);
  told.length = 0;
  expect(await publish('second')).toMatchObject({ version: 2, note: 'second', links: [{ group: 'Outer', people: 3 }] });
  expect(new Set(told)).toEqual(new Set(['draft', 'mapping', 'plan', 'status']));
  expect((await ask['mapping.groups']({ ...wide, of: 'draft', linked: 'unlinked' })).items).toMatchObject([
    { name: 'Inner' },
  ]);
  expect((await ask['mapping.groups']({ ...wide, of: 'draft', linked: 'any', filter: 'OUT' })).items).toHaveLength(1);
  const { items: versions, total: count } = await ask['mapping.history']({ offset: 0, limit: 10 });
  expect([count, versions]).toMatchObject([
    2,
    [
      { version: 2, origin: 'draft', note: 'second', links: 1, inForce: true, author: by },
      { version: 1, inForce: false },
    ],
  ]);
  const diff = await ask['mapping.diff']({ from: 1, to: 'published' });
  expect(diff.words).toEqual([
    expect.stringMatching(/^Outer .* now gives contributor in Finance$/),
    expect.stringMatching(/^Inner .* no longer gives administrator in Finance$/),
  ]);
  expect(await ask['mapping.rollback']({ version: 1, note: 'back', by })).toMatchObject({
    version: 3,
    links: [{ group: 'Inner' }],
  });
});

test('A6: a group deleted at its source stays on the board while a link names it, and its file can be read again', async () => {
  const { ask, people, group, link, change, publish, push, wide, advice } = await desk();
  const gone = await group('Gone', [people[0]], { externalId: 'e1' });
  await change([link(gone, 'finance')]);
  await publish();
  await push({ method: 'DELETE', kind: 'Group', id: gone });
  expect((await ask['mapping.groups']({ ...wide, of: 'draft', linked: 'any' })).items).toMatchObject([
    { name: 'Gone', live: false, people: 0, links: 1 },
  ]);
  expect((await ask['mapping.board']({ of: 'published' })).links).toMatchObject([{ broken: true, people: 0 }]);
  expect(await advice()).toContain('link-broken Gone');
  for (const format of ['json', 'csv'] as const) {
    const { text } = await ask['mapping.file']({ of: 'published', format, names: false });
    expect(await ask['mapping.validate']({ text }), text).toMatchObject({ faults: [], links: 1 });
  }
});

test('advice says what is odd, each with a code and words, and nothing about what is in order', async () => {
  const { ask, people, group, members, link, change, advice } = await desk();
  const [ada, ben, cho] = people;
  const staff = await group('Staff', [ada, ben]);
  const chiefs = await group('Chiefs', [cho]);
  await change([link(staff, 'finance'), link(chiefs, 'finance', 'administrator')]);
  expect(await advice()).toEqual([]);

  const empty = await group('Empty', []);
  const all = await group('All', people);
  const part = await group('Part', [ada]);
  await members(staff, 'add', [part]);
  await group('Alone', [ada]);
  await change([link(empty, 'finance'), link(part, 'finance'), link(all, 'hr', 'administrator')]);
  expect((await advice()).sort()).toEqual([
    'everybody-administrator All',
    'everybody-administrator hr',
    'group-unlinked Alone',
    'link-empty Empty',
    'link-idle Part',
    'one-role hr contributor',
  ]);
  for (const { id, name } of [4, 5, 6, 7].map((n) => ({ id: `c${n}`, name: `C${n}` })))
    await ask['communities.add']({ id, name, by });
  await change(['finance', 'sales', 'c4', 'c5', 'c6', 'c7'].map((id) => link(staff, id)));
  expect(await advice()).toContain('group-feeds-many Staff C4 C5 C6 C7 Finance Sales');
  await members(part, 'add', [staff]);
  expect(await advice()).toContain('cycle  Staff Part');
  expect((await ask['mapping.board']({ of: 'draft' })).cycles).toEqual([[staff, part]]);
  const rule = {
    id: 'r',
    source: link(staff, '').source,
    pattern: 'none-*',
    star: 'either' as const,
    role: 'contributor',
  };
  await ask['mapping.draft.rule']({ rule, by });
  await ask['mapping.draft.rule']({ rule: { ...rule, id: 'q', pattern: '*lone' }, by });
  const { items, total } = await ask['mapping.advice']({ of: 'draft', limit: 1 });
  expect(total).toMatchObject({ 'rule-matches-nothing': 1, 'rule-unclear': 1, 'one-role': 6 });
  expect(items.filter(({ code }) => code === 'one-role')).toHaveLength(1);
  expect(items.find(({ code }) => code === 'rule-unclear')?.words).toBe(
    'Alone fits the rule q, and "a" names no community',
  );
});

test('A4: a community that is renamed, or gone from the catalogue, changes nobody’s access; gone, it is told with its links', async () => {
  const { ask, people, group, link, change, publish, advice, planning, enable, acknowledge, steeple, db } =
    await desk();
  const staff = await group('Staff', people);
  await change([link(staff, 'hr')]);
  await publish();
  await enable();
  await acknowledge();
  expect(steeple()).toMatchObject({ 'HR – Contributors': { length: 4 } });
  const access = async () => {
    const nums = db.prepare<[], number>('SELECT num FROM person').pluck().all();
    return (await planning.explain(nums, 1)).cases.map(({ access }) => [...access.keys()]);
  };
  const before = await access();
  // The new name is followed: an ordinary update of the one group, and nobody leaves or enters it.
  await ask['communities.refresh']({ by });
  const sent = await acknowledge();
  expect(sent.map(({ kind }) => kind)).toEqual(['group.update']);
  expect(steeple()).toMatchObject({ 'Human Resources – Contributors': { length: 4 } });
  expect(await access()).toEqual(before);
  const rows = await ask['communities.remove']({ id: 'hr', by });
  expect(rows.find(({ id }) => id === 'hr')).toMatchObject({ state: 'missing', links: 1 });
  expect(await advice()).toContain('community-missing hr');
  expect(await acknowledge()).toEqual([]);
  expect(await access()).toEqual(before);
  await change([], [link(staff, 'hr')]);
  // What is in force still names it.
  expect((await ask['communities.remove']({ id: 'hr', by })).map(({ id }) => id)).toContain('hr');
  await publish();
  expect((await ask['communities.remove']({ id: 'hr', by })).map(({ id }) => id)).not.toContain('hr');
  await expect(ask['communities.remove']({ id: 'hr', by })).rejects.toThrow(/no community "hr"/);
});

test('JSON and CSV say the same in an order of their own, one link a line, and come back as they went', async () => {
  const { ask, group, source, mappings: kept } = await desk();
  const [a, b] = [await group('A, "quoted"', [], { externalId: '=e1' }), await group('B', [])];
  const links = [
    { source, group: { id: b }, community: 'sales', role: 'contributor' },
    { source, group: { displayName: 'a, "QUOTED"' }, community: 'hr', role: 'administrator', rule: 'r' },
    { source, group: { externalId: '=e1' }, community: 'finance', role: 'contributor' },
  ];
  const rules = [{ id: 'r', source, pattern: '*, "quoted"', star: 'id', role: 'administrator' }];
  const roles = [
    { id: 'contributor', rank: 1 },
    { id: 'administrator', rank: 2 },
  ];
  const shown = await ask['mapping.import']({
    text: JSON.stringify({ version: 1, roles, rules, links }),
    note: '',
    by,
  });
  expect(shown).toMatchObject({ version: 1, rules });
  const json = (await ask['mapping.file']({ of: 'published', format: 'json', names: true })).text;
  expect(json.split('\n').slice(5)).toEqual([
    '    {"id":"contributor","rank":1},',
    '    {"id":"administrator","rank":2}',
    '  ],',
    '  "rules": [',
    `    ${JSON.stringify(rules[0])}`,
    '  ],',
    '  "links": [',
    `    ${JSON.stringify({ source, group: { externalId: '=e1' }, community: 'finance', role: 'contributor', name: 'A, "quoted"' })},`,
    `    ${JSON.stringify({ source, group: { externalId: '=e1' }, community: 'hr', role: 'administrator', rule: 'r', name: 'A, "quoted"' })},`,
    `    ${JSON.stringify({ source, group: { id: b }, community: 'sales', role: 'contributor', name: 'B' })}`,
    '  ]',
    '}',
    '',
  ]);
  const csv = (await ask['mapping.file']({ of: 'published', format: 'csv', names: false })).text;
  expect(csv.split('\n')).toEqual([
    'community,role,source,externalId,id,displayName,rule',
    `finance,contributor,${source},'=e1,,"A, ""quoted""",`,
    `hr,administrator,${source},'=e1,,"A, ""quoted""",r`,
    `sales,contributor,${source},,${b},B,`,
    '',
  ]);
  const before = kept.inForce().mapping;
  for (const text of [csv, json, `\uFEFF${csv.replaceAll('\n', '\r\n')}`]) {
    await ask['mapping.draft.import']({ text, by });
    const again = await ask['mapping.diff']({ from: 'published', to: 'draft' });
    expect(again.words, text).toEqual([]);
    expect(kept.which('draft').mapping.rules).toEqual(before.rules);
  }
  expect(await ask['mapping.export']({ of: 'draft', names: true })).toEqual(JSON.parse(json));
  expect(a).not.toBe(b);
});

test('what is wrong in a list of links is told with its line', async () => {
  const { ask, group, source } = await desk();
  await group('A', [], { externalId: 'e1' });
  const faults = async (text: string) =>
    (await ask['mapping.validate']({ text })).faults.map(({ line, message }) => `${line}: ${message}`);
  const head = 'community;role;source;externalId';
  expect(await faults(`${head}\nfinance;contributor;${source};e1\nfinance;contributor;${source};e1`)).toEqual([
    '3: This link is there already, in line 2',
  ]);
  expect(await faults(`${head}\nfinanse;owner;${source};e1\nhr;contributor;${source};`)).toEqual([
    '2: There is no community "finanse" in the catalogue',
    '2: There is no role "owner": use contributor or administrator',
    '3: Name the group: put its externalId, or its id, or its displayName in',
  ]);
  expect(await faults('community,role\n')).toEqual(['1: The header has no column source, id']);
  expect(await faults(`${head};Role\n`)).toEqual(['1: The column "role" stands there twice']);
  expect(await faults(`${head};colour\n`)).toEqual([expect.stringMatching(/^1: There is no column "colour"/)]);
  expect(await faults(`${head}\nfinance;contributor;"x`)).toEqual([expect.stringMatching(/^2: a quote is opened/)]);
});

test('any cell comes back from CSV as it went, and no spreadsheet takes one for a formula', () => {
  const cell = fc.oneof(
    fc.constantFrom('=1+1', "'=x", '-a', '+', '@b', "''", "'", 'a"b', 'a,b', 'x\ny', '', ';', ' a', 'b ', '\t=c', ' '),
    fc.string({ unit: 'grapheme' }),
  );
  const law = fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 4 }), (rows) => {
    const text = csvText(['one', 'two'], rows);
    const read = readCsv(text).rows.map(({ cells }) => cells.map(uncell));
    expect(read).toEqual(rows.filter(([one, two]) => one !== '' || two !== ''));
    for (const { cells } of readCsv(text).rows) for (const one of cells) expect(one).not.toMatch(/^[=+\-@\t\r]/);
  });
  fc.assert(law, { numRuns: 500 });
});

test('the difference of two mappings is nothing where they are one, and its parts make one into the other', () => {
  const law = fc.property(
    mappings(fc.constantFrom('managed', 'mirror')),
    mappings(fc.constantFrom('managed', 'mirror')),
    (from, to) => {
      const names = { group: () => undefined, community: () => undefined };
      const diff = diffOf({ which: 1, mapping: from }, { which: 2, mapping: to }, names);
      const key = (one: { source: string; community: string; role: string }, team: string) =>
        `${one.source} ${team} ${one.community} ${one.role}`;
      const links = new Set(from.links.map((link) => key(link, link.team)));
      for (const one of diff.removed) expect(links.delete(key(one, one.groupId))).toBe(true);
      for (const one of diff.changed) {
        expect(links.delete(key({ ...one, role: one.was }, one.groupId))).toBe(true);
        links.add(key(one, one.groupId));
      }
      for (const one of diff.added) links.add(key(one, one.groupId));
      expect([...links].sort()).toEqual(to.links.map((link) => key(link, link.team)).sort());
      expect(diff.words).toHaveLength(
        diff.added.length + diff.removed.length + diff.changed.length + diff.settings.length,
      );
      expect(diffOf({ which: 1, mapping: from }, { which: 1, mapping: from }, names).words).toEqual([]);
    },
  );
  fc.assert(law, { numRuns: 500 });
});

test('a file with rules is told what they come to; expanded it has those links, and imported as it is they wait', async () => {
  const { ask, group, source, push, wide } = await desk();
  const hr = await group('team-HR', []);
  const rules = [{ id: 'teams', source, pattern: 'team-*', star: 'either', role: 'contributor' }];
  const text = JSON.stringify({ version: 1, rules, links: [] });
  const link = { source, groupId: hr, community: 'hr', role: 'contributor' };
  expect(await ask['mapping.validate']({ text })).toMatchObject({ faults: [], links: 0, rules: 1, expands: [link] });
  const expanded = await ask['mapping.expand']({ text });
  expect(expanded.added).toBe(1);
  expect(await ask['mapping.validate']({ text: expanded.text })).toMatchObject({ links: 1, expands: [] });
  expect((await ask['mapping.import']({ text, note: '', by })).links).toEqual([]);
  const { items } = await ask['mapping.expansions']({ states: ['held'], offset: 0, limit: 10 });
  expect(items).toMatchObject([{ groupId: hr, communityName: 'HR', people: 0 }]);
  const confirmed = await ask['mapping.confirm']({ ids: items.map(({ id }) => id), reason: 'seen', by });
  expect(confirmed).toMatchObject({ version: 2, items: [{ state: 'confirmed' }] });
  await push({
    method: 'PATCH',
    kind: 'Group',
    id: hr,
    body: { Operations: [{ op: 'replace', value: { displayName: 'x' } }] },
  });
  const { items: advice } = await ask['mapping.advice']({ of: 'published', limit: 9 });
  expect(advice.map(({ code }) => code)).toContain('rule-adrift');
  const trial = await ask['mapping.rule.try']({ rule: { ...rules[0]!, pattern: '*', star: 'either' }, of: 'draft' });
  expect(trial).toEqual({ links: [], unclear: [{ groupId: hr, group: 'x', star: 'x', communities: [] }] });
  expect((await ask['mapping.communities']({ ...wide, of: 'published' })).total).toBe(3);
  for (const broken of [
    { ...rules[0], source: 'nobody' },
    { ...rules[0], role: 'owner' },
    { ...rules[0], pattern: 'team-*-*' },
  ]) {
    const { faults } = await ask['mapping.validate']({
      text: JSON.stringify({ version: 1, rules: [broken], links: [] }),
    });
    expect(faults).toHaveLength(1);
  }
});
