import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../daemon/contract/scim.ts';
import { fold } from '../daemon/core/directory.ts';
import { leftover, lowers, mirrorKey, pairKey, pairName, rankOf, targets, topRole } from '../daemon/core/mapping.ts';
import { type Known, readMapping } from '../daemon/core/mappingfile.ts';
import { outline } from '../daemon/core/outline.ts';
import { company as companies } from './arbitraries/world.ts';
import { link, mapped, team } from './plan/example.ts';

const upper = (id: string) => id.toUpperCase();

test('A4: renaming a group or a community changes the name of a group in Steeple, and nothing else about it', () => {
  const law = fc.property(companies(), (one) => {
    const { mapping, teams } = one;
    const before = targets(mapping, teams, (id) => id);
    const after = targets(
      mapping,
      teams.map((known) => ({ ...known, name: `${known.name}, renamed` })),
      upper,
    );
    const but = (list: typeof before) => list.map(({ key, grants, standing }) => ({ key, grants, standing }));
    expect(but(after)).toEqual(but(before));
    const turned = { ...mapping, links: [...mapping.links].reverse() };
    expect(targets(turned, [...teams].reverse(), (id) => id).map(({ key }) => key)).toEqual(
      before.map(({ key }) => key),
    );
    expect(new Set(before.map(({ key }) => key)).size).toBe(before.length);
  });
  fc.assert(law);
});

test('A6: in managed mode a pair keeps its group while it has a link, though the linked group is gone', () => {
  const mapping = mapped(link(11, 'finance'), link(12, 'finance'), link(13, 'sales', 'administrator'));
  const gone = [team(11, 'x', false), team(12, 'y', false), team(13, 'z', false)];
  expect(targets(mapping, gone, upper)).toEqual([
    {
      key: 'pair:finance/contributor',
      name: 'FINANCE – Contributors',
      grants: [{ community: 'finance', role: 'contributor' }],
      standing: 'wanted',
    },
    {
      key: 'pair:sales/administrator',
      name: 'SALES – Administrators',
      grants: [{ community: 'sales', role: 'administrator' }],
      standing: 'wanted',
    },
  ]);
});

test('A6: in mirror mode a group that is gone stays where it is linked, and is no target where it is not', () => {
  const mapping = {
    ...mapped(link(11, 'finance'), link(11, 'sales'), { ...link(13, 'hr'), source: 'okta' }),
    mode: 'mirror' as const,
  };
  expect(targets(mapping, [team(13), team(12, 'y', false), team(11, 'x', false)], upper)).toEqual([
    {
      key: 'group:t11',
      name: 'x',
      grants: [
        { community: 'finance', role: 'contributor' },
        { community: 'sales', role: 'contributor' },
      ],
      standing: 'retained',
    },
    { key: 'group:t13', name: 'Team 13', grants: [], standing: 'wanted' },
  ]);
});

test('what is left of earlier mappings says what it still gives, and goes only when its provider deleted it', () => {
  const mapping = mapped(link(11, 'finance'));
  const mirror = { ...mapping, mode: 'mirror' as const };
  const pair = { grants: [{ community: 'hr', role: 'contributor' }], standing: 'retained' };
  expect(leftover('pair:hr/contributor', 'HR', mapping)).toMatchObject({
    key: 'pair:hr/contributor',
    name: 'HR',
    ...pair,
  });
  expect(leftover('pair:hr/contributor', 'HR', mirror)).toMatchObject(pair);
  const linked = { grants: [{ community: 'finance', role: 'contributor' }], standing: 'retained' };
  expect(leftover('group:t11', 'x', mapping)).toMatchObject(linked);
  expect(leftover('group:t12', 'y', mapping)).toMatchObject({ grants: [], standing: 'retained' });
  expect(leftover('group:t12', 'y', mirror)).toMatchObject({ grants: [], standing: 'gone' });
});

test('a pair’s key holds any community and role, and gives them back', () => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom('a/b', '%2F', '%', 'pair:', '\n'),
  );
  const law = fc.property(part, part, part, part, (community, role, other, otherRole) => {
    const key = pairKey(community, role);
    expect(leftover(key, '', mapped()).grants).toEqual([{ community, role }]);
    expect(key === pairKey(other, otherRole)).toBe(community === other && role === otherRole);
    expect(key).not.toBe(mirrorKey(community));
  });
  fc.assert(law);
  // Half a surrogate pair is not text, and must not stop every plan.
  expect(() => pairKey('\ud800', 'x')).not.toThrow();
});

test('a group’s name has the community and the role as they are, whatever signs are in them', () => {
  expect(pairName('{community} – {role}', 'R$$D $& $1', 'administrator')).toBe('R$$D $& $1 – Administrators');
  expect(pairName('{role} of {community}, {community}', '{role}', 'contributor')).toBe(
    'Contributors of {role}, {role}',
  );
});

test('roles are ranked by the mapping; leaving one it no longer knows is a loss, as nobody can tell', () => {
  const mapping = mapped();
  expect(topRole(mapping)).toBe('administrator');
  expect(topRole({ ...mapping, roles: [...mapping.roles, { id: 'owner', rank: 9 }].reverse() })).toBe('owner');
  expect(lowers(mapping, 'administrator', 'contributor')).toBe(true);
  expect(lowers(mapping, 'contributor', 'administrator')).toBe(false);
  expect(lowers(mapping, 'contributor', null)).toBe(true);
  expect(lowers(mapping, 'owner', 'administrator')).toBe(true);
  expect(rankOf(mapping, 'owner')).toBeGreaterThan(rankOf(mapping, 'administrator'));
});

const groups = [
  { id: 't11', source: 'entra-main', externalId: 'x11', displayName: 'Finance' },
  { id: 't12', source: 'entra-main', externalId: 'x12', displayName: 'Sales' },
  { id: 't13', source: 'entra-main', externalId: 'x13', displayName: 'sales' },
  { id: 't21', source: 'okta', externalId: 'x11', displayName: 'Finance' },
];
const names = new Map([
  ['finance', 'Finance'],
  ['sales', 'Sales'],
  ['sales2', 'Sales'],
]);
const known: Known = {
  hasSource: (source) => source === 'entra-main' || source === 'okta',
  community: (id) => names.get(id),
  teams: (source, key) =>
    groups
      .filter((one) => one.source === source)
      .filter((one) => {
        if ('externalId' in key) return one.externalId === key.externalId;
        return 'id' in key ? one.id === key.id : fold(one.displayName) === fold(key.displayName);
      })
      .map(({ id }) => id),
};
const good = { source: 'entra-main', group: { externalId: 'x11' }, community: 'finance', role: 'administrator' };
const file = (...links: JsonObject[]): string => JSON.stringify({ version: 1, links }, null, 2);
/** The faults of a file as `line path: message`. */
const faultsOf = (text: string) =>
  readMapping(text, known).faults.map(({ line, path, message }) => `${line} ${path}: ${message}`);
/** The line, from 1, of the nth place a text says this. */
function lineOf(text: string, words: string, nth = 1): number {
  const before = text.split(words).slice(0, nth).join(words);
  return before.split('\n').length;
}

test('a mapping file is read with its defaults, its groups resolved to stable ids', () => {
  const text = file(
    good,
    { ...good, source: 'okta', group: { displayName: 'FINANCE' } },
    { ...good, group: { id: 't12' }, community: 'sales' },
  );
  expect(readMapping(text, known)).toEqual({
    faults: [],
    mapping: {
      mode: 'managed',
      nameTemplate: '{community} – {role}',
      roles: [
        { id: 'contributor', rank: 1 },
        { id: 'administrator', rank: 2 },
      ],
      links: [
        { source: 'entra-main', team: 't11', community: 'finance', role: 'administrator' },
        { source: 'okta', team: 't21', community: 'finance', role: 'administrator' },
        { source: 'entra-main', team: 't12', community: 'sales', role: 'administrator' },
      ],
    },
  });
  expect(readMapping(`\uFEFF${text.replaceAll('\n', '\r\n')}`, known)).toEqual(readMapping(text, known));
});

test('what does not exist is named with its line, and everything wrong in a file is told at once', () => {
  const text = file(
    good,
    { ...good, source: 'entra-man' },
    { ...good, group: { externalId: 'x99' }, community: 'fiance', role: 'admin' },
    { ...good, group: { displayName: 'SALES' }, community: 'sales' },
    { ...good, group: { displayName: 'Finance' } },
  );
  expect(faultsOf(text)).toEqual([
    `${lineOf(text, 'entra-man"')} links.1.source: There is no source "entra-man"`,
    `${lineOf(text, '"group"', 3)} links.2.group: "entra-main" has no group with externalId "x99"`,
    `${lineOf(text, 'fiance')} links.2.community: There is no community "fiance" in the catalogue`,
    `${lineOf(text, '"admin"')} links.2.role: There is no role "admin": use contributor or administrator`,
    `${lineOf(text, '"group"', 4)} links.3.group: "entra-main" has 2 groups named "SALES": name it by its externalId or id`,
    `${lineOf(text, '"group"', 5)} links.4.group: This link is there already, as links.0`,
  ]);
  expect(faultsOf(text.replaceAll('\n', '\r\n'))).toEqual(faultsOf(text));
  expect(readMapping(text, known).mapping).toBeUndefined();
});

test('two people’s edits merged badly are found: a property that stands twice', () => {
  const text = `{
  "version": 1,
  "links": [{ "source": "entra-main", "group": { "id": "t11" }, "community": "finance",
    "role": "administrator",
    "role": "contributor" }],
  "links": []
}`;
  expect(faultsOf(text)).toEqual(['5 links.0.role: "role" stands here twice', '6 links: "links" stands here twice']);
});

test('a file of the wrong shape is told so where it is wrong', () => {
  const text = `{
  "version": 2,
  "mode": "manged",
  "roles": [
    { "id": "contributor", "rank": "low" }
  ],
  "link": [],
  "links": [
    {
      "source": "okta",
      "group": { "name": "Finance" },
      "community": 7
    }
  ]
}`;
  const faults = readMapping(text, known).faults;
  expect(faults.map(({ line, path }) => `${line} ${path}`)).toEqual([
    '2 version',
    '3 mode',
    '5 roles.0.rank',
    '7 link',
    '9 links.0.role',
    '11 links.0.group',
    '12 links.0.community',
  ]);
  expect(faults.find(({ path }) => path === 'link')?.message).toBe('There is nothing called "link" here');
  expect(faults.find(({ path }) => path === 'links.0.group')?.message).toContain('displayName');
  expect(faultsOf('[]')).toHaveLength(1);
  expect(faultsOf('{"version": 1}')).toEqual([expect.stringContaining('1 links: ')]);
});

test('roles that are named twice, or share a rank, are refused', () => {
  const roles = [
    { id: 'reader', rank: 1 },
    { id: 'editor', rank: 1 },
    { id: 'reader', rank: 3 },
  ];
  const text = JSON.stringify({ version: 1, roles, links: [] }, null, 2);
  expect(faultsOf(text)).toEqual([
    `${lineOf(text, '"rank"', 2)} roles.1.rank: "reader" has rank 1 already, so it is not clear which one wins`,
    `${lineOf(text, '"reader"', 2)} roles.2.id: The role "reader" is listed twice`,
  ]);
});

test('two pairs must not come to one name in Steeple, in managed mode', () => {
  const links = [
    { ...good, community: 'sales' },
    { ...good, community: 'sales2' },
  ];
  const text = (mode: string, nameTemplate: string) =>
    JSON.stringify({ version: 1, mode, nameTemplate, links }, null, 2);
  expect(faultsOf(text('managed', '{community} – {role}'))).toEqual([
    '4 nameTemplate: "{community} – {role}" gives the same group name to sales as administrator and sales2 as administrator',
  ]);
  expect(faultsOf(text('managed', 'Everybody'))).toHaveLength(1);
  expect(faultsOf(text('mirror', 'Everybody'))).toEqual([]);
  expect(
    faultsOf(JSON.stringify({ version: 1, nameTemplate: 'One', links: [good, { ...good, source: 'okta' }] })),
  ).toEqual([]);
});

test('what is not JSON is told with the line where it stops being JSON', () => {
  const broken: readonly (readonly [text: string, line: number, words: string])[] = [
    ['', 1, 'ends too early'],
    ['{\n  "version": 1,\n', 3, 'ends too early'],
    ['{\n  "version": 1,\n}', 3, '"}"'],
    ['{\n  "a": [\n    1\n    2\n  ]\n}', 4, '"2"'],
    ['{\n  "a": yes\n}\n\n\n', 2, '"yes"'],
    ["{\r\n  'a': 1\r\n}", 2, "'a'"],
    ['{"a": "no\nend"}', 1, 'no'],
    ['{\n  // why\n  "a": 1\n}', 2, '//'],
    ['{"a": 1}\n}', 2, '"}"'],
    ['{"a": 1}\n\u00a0', 2, '\u00a0'],
    ['{"a"\n"b"}', 2, 'b'],
    ['[1}', 1, '"}"'],
    ['[01]', 1, '"1"'],
  ];
  for (const [text, line, words] of broken) {
    const { faults } = readMapping(text, known);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ line, path: '', message: expect.stringContaining(words) });
  }
});

test('a name with quotes, brackets, line ends and any escapes does not shift a line', () => {
  const odd = '"}],{[: \\" \u2028 \n\r\t \\u0041 é 😀';
  const text = file({ ...good, community: odd }, { ...good, role: odd });
  expect(faultsOf(text).map((fault) => fault.split(':')[0])).toEqual([
    `${lineOf(text, '"community"')} links.0.community`,
    `${lineOf(text, '"role"', 2)} links.1.role`,
  ]);
});

test('deep nesting and long texts are refused in no more stack than any other file', () => {
  const deep = `{"version":1,\n"links":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  expect(readMapping(deep, known).faults[0]).toMatchObject({ line: 2 });
  const long = JSON.stringify({ version: 1, links: [], note: '\n"\\'.repeat(500_000) });
  expect(readMapping(long, known).faults[0]).toMatchObject({ path: 'note' });
  expect(readMapping('{"a":'.repeat(100_000), known).faults[0]?.message).toContain('too early');
});

/** JSON, whole or with a few characters taken out, put in or turned round. */
const almostJson = fc
  .tuple(
    fc.json({ maxDepth: 3, stringUnit: 'grapheme' }),
    fc.constantFrom(0, 1, 2),
    fc.array(
      fc.record({
        at: fc.nat(1000),
        gone: fc.nat(2),
        put: fc.constantFrom('', ',', '"', '{', ']', '\\', '\n', '0', 'e', ' '),
      }),
      {
        maxLength: 2,
      },
    ),
  )
  .map(([text, indent, edits]) =>
    edits.reduce(
      (all, { at, gone, put }) => {
        const from = at % (all.length + 1);
        return all.slice(0, from) + put + all.slice(from + gone);
      },
      JSON.stringify(JSON.parse(text), null, indent),
    ),
  );

test('the outline and JSON.parse agree on what is JSON, and on where each value is', () => {
  const law = fc.property(almostJson, (text) => {
    let value: unknown;
    let isJson = true;
    try {
      value = JSON.parse(text);
    } catch {
      isJson = false;
    }
    const { lines, wrong } = outline(text, 9);
    expect(wrong === undefined, text).toBe(isJson);
    if (wrong) expect(wrong.line).toBeLessThanOrEqual(text.split('\n').length);
    if (!isJson) return;
    const paths: string[] = [];
    const walk = (one: unknown, path: readonly string[]) => {
      paths.push(path.join('\0'));
      if (typeof one !== 'object' || one === null) return;
      for (const [key, inner] of Object.entries(one)) walk(inner, [...path, key]);
    };
    walk(value, []);
    for (const path of paths) expect(lines.has(path), path).toBe(true);
  });
  fc.assert(law, { numRuns: 1000 });
});
