/** The synthetic company of the sandbox: the same from the same seed, and awkward where real directories are. */
import { expect, test } from 'vitest';
import { type Company, company, type Group } from '../daemon/sandbox/people.ts';

const main = company({ users: 200, groups: 24, seed: 7 });
const person = ({ people, cast }: Company, part: keyof Company['cast']) => people.find(({ id }) => id === cast[part])!;
const groupOf = ({ groups, links }: Company, community: string, role: string): Group =>
  groups.find(({ id }) => id === links.find((link) => link.community === community && link.role === role)?.groupId)!;

/** Everybody in a group at any depth, written without looking at how the company was filled. */
function inside({ groups }: Company, id: string): Set<string> {
  const here = groups.find((group) => group.id === id)!;
  return new Set([...here.people, ...here.groups.flatMap((child) => [...inside({ groups } as Company, child)])]);
}

test('the same seed gives the same company to the byte, and another seed another one', () => {
  const again = company({ users: 200, groups: 24, seed: 7 });
  expect(JSON.stringify(again)).toBe(JSON.stringify(main));
  expect(JSON.stringify(company({ users: 200, groups: 24, seed: 8 }))).not.toBe(JSON.stringify(main));
});

test('another site has people and groups of its own, in communities the company knows', () => {
  const lyon = company({ users: 60, groups: 12, seed: 7, site: 'lyon' });
  for (const key of ['id', 'userName', 'email'] as const) {
    const ours = new Set(main.people.map((one) => one[key]).filter((value) => value !== undefined));
    expect(lyon.people.filter((one) => one[key] !== undefined && ours.has(one[key]))).toEqual([]);
  }
  const names = new Set(main.groups.map(({ displayName }) => displayName));
  expect(lyon.groups.filter(({ displayName }) => names.has(displayName))).toEqual([]);
  expect(main.communities).toEqual(expect.arrayContaining([...lyon.communities]));
  expect(lyon.communities[0]).toEqual({ id: 'lyon-plant', name: 'Lyon plant' });
});

test('names come in many scripts: Latin with accents, Cyrillic, Greek, Arabic, Hebrew, Han, kana, Hangul, Vietnamese', () => {
  const names = company({ users: 1000, groups: 24, seed: 7 }).people.map(({ displayName }) => displayName);
  const alphabets = ['Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Han', 'Hiragana', 'Katakana', 'Hangul'];
  const scripts = [
    ...alphabets.map((script) => new RegExp(`\\p{Script=${script}}`, 'u')),
    /[é-ö]/,
    /ł/i,
    /[ễầạ]/,
    /ş/i,
  ];
  for (const script of scripts)
    expect(names.filter((name) => script.test(name)).length, String(script)).toBeGreaterThan(0);
});

test('the awkward people are there, each in the way the cast says', () => {
  expect(person(main, 'sharedMailbox')).not.toHaveProperty('givenName');
  expect(person(main, 'sharedMailbox')).not.toHaveProperty('familyName');
  expect(person(main, 'withoutEmail')).not.toHaveProperty('email');
  expect(person(main, 'inactive').active).toBe(false);
  expect(person(main, 'apostrophe').userName).toContain("o'brien");
  expect(person(main, 'quotes').displayName).toMatch(/"Nan" D'Arcy$/);
  const { decomposed } = { decomposed: person(main, 'decomposed').familyName! };
  expect(decomposed.normalize('NFC')).not.toBe(decomposed);
  expect(person(main, 'mixedCase').userName).not.toBe(person(main, 'mixedCase').userName.toLowerCase());
  expect(new Set(Object.values(main.cast)).size).toBe(Object.keys(main.cast).length);
  expect(main.people.filter(({ active }) => !active).length).toBeGreaterThan(1);
});

test('every community has a group of contributors and one of administrators, beside groups that stand for nothing', () => {
  expect(main.communities.map(({ id }) => id)).toEqual([
    'headquarters',
    'finance',
    'sales',
    'lyon-plant',
    'research',
    'people-and-culture',
  ]);
  expect(main.links).toHaveLength(12);
  expect(groupOf(main, 'finance', 'administrator').displayName).toBe('steeple-finance-administrators');
  expect(groupOf(main, 'finance', 'contributor').displayName).toBe('steeple-finance-contributors');
  for (const { groupId, displayName } of main.links) {
    expect(main.groups.find(({ id }) => id === groupId)?.displayName).toBe(displayName);
  }
  expect(main.groups).toHaveLength(24);
  expect(new Set(main.groups.map(({ displayName }) => displayName.toLowerCase())).size).toBe(24);
});

test('one person is contributor and administrator of one community, and one community has a single administrator', () => {
  for (const role of ['contributor', 'administrator']) {
    expect(groupOf(main, 'finance', role).people).toContain(main.cast.both);
  }
  const sole = groupOf(main, 'people-and-culture', 'administrator');
  expect([...inside(main, sole.id)]).toEqual([main.cast.soleAdministrator]);
  for (const { id } of main.communities.slice(0, -1)) {
    expect(inside(main, groupOf(main, id, 'administrator').id).size).toBeGreaterThan(1);
  }
});

test('departments nest: everybody is in headquarters through at least two levels, and no group is inside itself', () => {
  const everybody = inside(main, groupOf(main, 'headquarters', 'contributor').id);
  expect(everybody.size).toBe(200);
  const depth = (id: string): number =>
    1 + Math.max(0, ...main.groups.find((group) => group.id === id)!.groups.map((child) => depth(child)));
  expect(depth(groupOf(main, 'headquarters', 'contributor').id)).toBeGreaterThanOrEqual(5);
});

test('managers are other people of the company, and nobody manages themselves', () => {
  const managed = main.people.filter(({ managerId }) => managerId !== undefined);
  expect(managed.length).toBeGreaterThan(4);
  for (const { id, managerId } of managed) {
    expect(managerId).not.toBe(id);
    expect(main.people.find((one) => one.id === managerId)?.active).toBe(true);
  }
});

test('a hundred thousand people and a thousand groups have names, ids and addresses of their own', () => {
  const large = company({ users: 100_000, groups: 1000, seed: 1 });
  expect(new Set(large.people.map(({ userName }) => userName.toLowerCase())).size).toBe(100_000);
  expect(new Set(large.people.map(({ id }) => id)).size).toBe(100_000);
  expect(new Set(large.groups.map(({ displayName }) => displayName.toLowerCase())).size).toBe(1000);
  expect(new Set(large.communities.map(({ id }) => id)).size).toBe(250);
});

test('a company too small for its cast is refused in so many words', () => {
  expect(() => company({ users: 19, groups: 24, seed: 1 })).toThrow('20 users and 8 groups; got 19 and 24');
  expect(() => company({ users: 200, groups: 7, seed: 1 })).toThrow(RangeError);
  expect(company({ users: 20, groups: 8, seed: 1 }).groups).toHaveLength(8);
});
