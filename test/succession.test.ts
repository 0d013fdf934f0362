/** Who makes up for whom: only somebody who is to get the top role, and does not have it. */
import { expect, test } from 'vitest';
import type { Case, World } from '../daemon/core/plan.ts';
import { succeeds } from '../daemon/core/succession.ts';

const mapping = {
  ...{ mode: 'managed', nameTemplate: '{community} {role}', links: [] },
  roles: [
    { id: 'contributor', rank: 1 },
    { id: 'administrator', rank: 2 },
  ],
} as unknown as World['mapping'];
const targets = new Map(
  ['contributor', 'administrator'].map((role) => [
    role,
    { key: role, name: role, grants: [{ community: 'fin', role }] },
  ]),
) as unknown as World['targets'];
const one = (role: string | undefined, holds: readonly string[], more: object = {}) =>
  ({
    ...{ wanted: true, holds, observed: { active: true } },
    access: new Map(role === undefined ? [] : [['fin', { community: 'fin', role, because: [] }]]),
    ...more,
  }) as unknown as Case;

test('G6 whoever has the top role already, or is to have another, makes up for nobody', () => {
  const is = (about: Case) => succeeds(about, 'fin', { mapping, targets });
  expect(is(one('administrator', ['contributor']))).toBe(true);
  expect(is(one('administrator', []))).toBe(true);
  expect(is(one('administrator', ['administrator']))).toBe(false);
  expect(is(one('contributor', []))).toBe(false);
  expect(is(one(undefined, []))).toBe(false);
  expect(is(one('administrator', [], { wanted: false }))).toBe(false);
  // Steeple has refused what would give it to them.
  const refused = { has: (num: number) => num === 7 };
  const about = one('administrator', [], { num: 7 });
  expect(succeeds(about, 'fin', { mapping, targets, refused })).toBe(false);
  expect(is(about)).toBe(true);
  // Switched off, what they are in gives them nothing.
  expect(is(one('administrator', ['administrator'], { observed: { active: false } }))).toBe(true);
});
