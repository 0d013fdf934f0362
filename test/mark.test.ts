/** What has changed of an item since somebody looked at it (G9). */
import { expect, test } from 'vitest';
import type { HeldItem } from '../daemon/contract/review.ts';
import { changedSince, markOf } from '../daemon/core/mark.ts';
import { saidOf } from '../daemon/core/saying.ts';

const item = {
  ...{ id: 1, kind: 'downgrade', state: 'held', community: 'finance', from: 'administrator', to: 'contributor' },
  ...{ rule: 'limit', decidedBy: null },
  access: [
    { community: 'finance', role: 'administrator' },
    { community: 'hall', role: 'contributor' },
  ],
} as unknown as HeldItem;
const before = markOf(item, 2);
const since = (more: Partial<HeldItem>, was = before, decisions = 2) => {
  const words = changedSince(was, { ...item, ...more } as HeldItem, decisions);
  return words === undefined ? undefined : saidOf(words)?.code;
};

test('G9 whatever a decision could rest on is compared, and what is different is said by its code', () => {
  expect(since({})).toBeUndefined();
  expect(since({ access: [...item.access].reverse(), why: 'in other words', since: 9, earlier: 3 })).toBeUndefined();
  expect(since({ state: 'withdrawn' })).toBe('changed.withdrawn');
  expect(since({ state: 'kept', decidedBy: 'ann' })).toBe('changed.state-by');
  expect(since({ state: 'sent' })).toBe('changed.state');
  for (const other of [{ kind: 'revoke' }, { community: 'hall' }, { from: 'owner' }, { to: null }] as const)
    expect(since(other as Partial<HeldItem>)).toBe('changed.another');
  expect(since({ rule: 'protected' })).toBe('changed.rule');
  expect(since({ decidedBy: 'ann' })).toBe('changed.first');
  expect(since({}, { ...before, first: 'ann' })).toBe('changed.first-gone');
  expect(since({ access: item.access.slice(1) })).toBe('changed.access');
  expect(since({}, before, 4)).toBe('changed.decided');
  const { decisions: _, ...older } = before;
  expect(since({}, older, 4)).toBeUndefined(); // a bundle that went out before this was counted
});
