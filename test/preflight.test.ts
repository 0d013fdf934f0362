/** The pre-flight: each item in each of its colours, with what to do; and what switching on and off does. */
import { describe, expect, test } from 'vitest';
import type { PreflightCode, PreflightItem } from '../daemon/contract/preflight.ts';
import { type Known, preflight, quietMs } from '../daemon/core/preflight.ts';

const minute = 60_000;
const now = 1_000 * minute;
const counts = (users: number, groups: number, expected: Known['sources'][number]['counts']['expected'] = null) => ({
  source: 'entra-main',
  here: { users, groups },
  expected,
});
const source = (more: Partial<Known['sources'][number]> = {}): Known['sources'][number] => ({
  id: 'entra-main',
  kind: 'entra',
  lastPushAt: now - 11 * minute,
  heardAt: now - 11 * minute,
  hasMembers: true,
  cycle: undefined,
  counts: counts(15, 3, { users: 15, groups: 3, by: 'ann', at: 1 }),
  ...more,
});
const plan = {
  id: 'plan-1',
  mapping: 2,
  of: 'published',
  removals: 0,
  downgrades: 0,
  strangers: 0,
  looked: {},
} as const;
/** Everything as it should be. */
const fine: Known = {
  test: { verdict: 'fine', detail: 'Steeple answers', remedy: '', users: 3, groups: 1 } as Known['test'],
  sso: { by: 'ann', at: 1, note: '' },
  mapping: { version: 2, links: 4, draftChanges: 0 },
  plan,
  sources: [source()],
  externalsDue: 0,
  now,
};
const items = (more: Partial<Known>, code: PreflightCode): PreflightItem[] =>
  preflight({ ...fine, ...more }).filter((item) => item.code === code);
const refused = { detail: 'It refuses the token', remedy: 'Copy it again', users: 0, groups: 0 };

test('everything as it should be is green, with nothing to do and nothing that blocks', () => {
  const all = preflight(fine);
  expect(all.map(({ code }) => code)).toEqual([
    ...['sso', 'upstream', 'mapping', 'plan', 'cycle', 'counts', 'removals', 'downgrades', 'strangers', 'externals'],
  ]);
  for (const item of all) expect(item).toMatchObject({ state: 'green', todo: '', blocks: false });
});

describe('what is not so says what to do, and blocks only where sync could not work', () => {
  const wrong: [PreflightCode, PreflightItem['state'], Partial<Known>, RegExp][] = [
    ['sso', 'attention', { sso: null }, /confirm it here/],
    ['sso', 'blocked', { test: { ...refused, verdict: 'sso-not-configured' } as Known['test'] }, /Copy it again/],
    ['upstream', 'blocked', { test: { ...refused, verdict: 'token-refused' } as unknown as Known['test'] }, /Copy it/],
    ['mapping', 'blocked', { mapping: { version: 0, links: 0, draftChanges: 0 } }, /publish it/],
    ['mapping', 'attention', { mapping: { version: 2, links: 0, draftChanges: 0 } }, /publish it/],
    ['mapping', 'attention', { mapping: { version: 2, links: 4, draftChanges: 1 } }, /Publish the draft/],
    ['plan', 'blocked', { plan: undefined }, /Make a plan/],
    ['plan', 'blocked', { plan: { ...plan, of: 'draft' } }, /Publish the draft/],
    ['plan', 'attention', { plan: { ...plan, mapping: 1 } }, /Make a new plan/],
    ['cycle', 'attention', { sources: [] }, /identity provider/],
    ['cycle', 'attention', { sources: [source({ lastPushAt: undefined, heardAt: now })] }, /Start provisioning/],
    ['cycle', 'attention', { sources: [source({ lastPushAt: now - 9 * minute })] }, /Wait until it is still/],
    ['counts', 'attention', { sources: [source({ counts: counts(15, 3) })] }, /Type in/],
    ['removals', 'attention', { plan: { ...plan, removals: 2 } }, /Look at them/],
    ['downgrades', 'attention', { plan: { ...plan, downgrades: 1 } }, /Look at them/],
    ['strangers', 'attention', { plan: { ...plan, strangers: 1 } }, /Look at them/],
    ['externals', 'attention', { externalsDue: 1 }, /set another date/],
  ];
  test.each(wrong)('%s is %s', (code, state, more, todo) => {
    const [item] = items(more, code);
    expect(item).toMatchObject({ state, blocks: state === 'blocked' });
    expect(item?.todo).toMatch(todo);
    expect(item?.words).not.toBe('');
  });
  test('what somebody looked at is green, and says who', () => {
    const looked = { removals: { by: 'bob', at: 5 }, downgrades: { by: 'bob', at: 5 }, strangers: { by: 'cy', at: 6 } };
    const more = { plan: { ...plan, removals: 2, downgrades: 1, strangers: 1, looked } };
    expect(items(more, 'removals')[0]).toMatchObject({ state: 'green', confirmed: { by: 'bob', at: 5 } });
    expect(items(more, 'downgrades')[0]).toMatchObject({ state: 'green', confirmed: { by: 'bob' } });
    expect(items(more, 'strangers')[0]).toMatchObject({ state: 'green', confirmed: { by: 'cy' } });
    const others = { plan: { ...more.plan, looked: { removals: looked.removals } } };
    expect(items(others, 'strangers')[0]?.state).toBe('attention');
  });
});

describe('A full cycle of a source', () => {
  const cycle = (more: Partial<Known['sources'][number]>) => items({ sources: [source(more)] }, 'cycle')[0]?.state;
  test('is taken to be seen once it pushed and was still for as long as its kind needs: look-ups count as well', () => {
    for (const kind of ['entra', 'okta', 'scim'] as const) {
      const at = now - quietMs[kind];
      expect(cycle({ kind, lastPushAt: at, heardAt: at })).toBe('green');
      expect(cycle({ kind, lastPushAt: at + 1, heardAt: at })).toBe('attention');
      expect(cycle({ kind, lastPushAt: at, heardAt: at + 1 })).toBe('attention');
      expect(cycle({ kind, lastPushAt: at, heardAt: undefined })).toBe('green');
    }
    expect(quietMs.okta).toBeLessThan(quietMs.entra);
  });
  test('is not over while groups have come and nobody in them: memberships are pushed last', () => {
    expect(cycle({ hasMembers: false })).toBe('attention');
    expect(cycle({ hasMembers: false, counts: counts(15, 0) })).toBe('green');
  });
  test('is whatever a person who looked at the provider’s page says', () => {
    const said = { by: 'ann', at: 1, note: '' };
    expect(cycle({ cycle: said, lastPushAt: now, heardAt: now, hasMembers: false })).toBe('green');
    expect(cycle({ cycle: said, lastPushAt: undefined })).toBe('green');
  });
  test('is of each source by itself', () => {
    const two = [source(), source({ id: 'okta-main', kind: 'okta', lastPushAt: undefined })];
    expect(items({ sources: two }, 'cycle').map(({ source: of, state }) => [of, state])).toEqual([
      ['entra-main', 'green'],
      ['okta-main', 'attention'],
    ]);
    expect(items({ sources: two }, 'counts')).toHaveLength(2);
  });
});

test('expected counts are compared where they were typed in, each by itself', () => {
  const state = (users: number | null, groups: number | null) =>
    items({ sources: [source({ counts: counts(15, 3, { users, groups, by: 'ann', at: 1 }) })] }, 'counts')[0];
  expect(state(15, 3)).toMatchObject({ state: 'green', confirmed: { by: 'ann' } });
  expect(state(15, null)).toMatchObject({ state: 'green' });
  expect(state(null, 3)).toMatchObject({ state: 'green' });
  expect(state(null, null)).toMatchObject({ state: 'attention', todo: expect.stringContaining('Type in') });
  expect(state(16, 3)?.words).toBe('From entra-main so far: users 15, groups 3; expected: users 16, groups 3');
  expect(state(14, 4)?.words).toContain('expected: users 14, groups 4');
  expect(state(null, 2)?.words).toBe('From entra-main so far: users 15, groups 3; expected: groups 2');
  expect(state(16, null)?.words).toBe('From entra-main so far: users 15, groups 3; expected: users 16');
  expect(state(null, 2)).toMatchObject({ state: 'attention', facts: { users: 15, groups: 3, expectedGroups: 2 } });
});
