/** What a standing approval covers, at its edges (G3). */
import { expect, test } from 'vitest';
import { Policy, type StandingApproval } from '../daemon/contract/policy.ts';
import { cautious } from '../daemon/core/caution.ts';
import type { OpenItem, Risk, Verdict } from '../daemon/core/gate.ts';
import { dayMs, dueAt, inForce, standingFor } from '../daemon/core/standing.ts';

const now = 1000 * dayMs;
const one: StandingApproval = {
  ...{ id: 's', kinds: ['remove', 'revoke'], sources: [], upTo: 2, afterDays: 0, until: now + 1 },
  ...{ enabledBy: 'ann', enabledAt: now - dayMs, reason: 'summer' },
};
const risk = (person: number, more: Partial<Risk> = {}): Risk => ({
  ...{ person, userName: `n${person}`, source: 'entra', kind: 'remove', community: '', from: '', to: null },
  ...{ lastAccess: true, groupGone: false, administers: [], groups: [], roles: [], ...more },
});
const item = (about: Risk, more: Partial<OpenItem> = {}): OpenItem => ({
  ...{ id: about.person, person: about.person, kind: about.kind, community: about.community, from: about.from },
  ...{
    to: about.to,
    state: 'held',
    rule: 'removal',
    why: '',
    since: now - dayMs,
    decidedAt: null,
    standing: null,
    ...more,
  },
});
function covered(
  risks: readonly Risk[],
  {
    standing = [one],
    items = risks.map((each) => item(each)),
    used = 0,
    firm = () => false,
  }: {
    standing?: StandingApproval[];
    items?: (OpenItem | undefined)[];
    used?: number;
    firm?: (risk: Risk) => boolean;
  } = {},
): number[] {
  const given = { policy: Policy.parse({ standing }), now, standingUsed: new Map([['s', used]]) };
  const found = standingFor(risks, (each) => items[risks.indexOf(each)], firm, given);
  return risks.flatMap((each) => (found.has(`${each.person} ${each.kind} ${each.community}`) ? [each.person] : []));
}

test('it counts from the moment it was enabled, and not at the moment it ends any more', () => {
  expect(inForce(one, now)).toBe(true);
  expect(inForce({ ...one, until: now }, now)).toBe(false);
  expect(inForce({ ...one, enabledAt: now }, now)).toBe(true);
  expect(inForce({ ...one, enabledAt: now + 1 }, now)).toBe(false);
  expect(covered([risk(1)], { standing: [{ ...one, until: now }] })).toEqual([]);
});

test('what left by it in the last 24 hours is used up; where more is due than is left, none of it goes', () => {
  const two = [risk(1), risk(2)];
  expect(covered(two)).toEqual([1, 2]);
  expect(covered(two, { used: 1 })).toEqual([]);
  expect(covered([risk(1)], { used: 1 })).toEqual([1]);
  expect(covered([risk(1)], { used: 2 })).toEqual([]);
  // What it let go before goes on, whatever comes after.
  const items = [item(risk(1), { state: 'approved', standing: 's' }), item(risk(2)), item(risk(3))];
  expect(covered([risk(1), risk(2), risk(3)], { items, used: 2 })).toEqual([1]);
});

test('it answers a removal or the last access, and an item that waits for anything else stays a person’s', () => {
  const revoke = risk(1, { kind: 'revoke', community: 'hall', from: 'contributor' });
  expect(covered([revoke], { items: [item(revoke, { rule: 'last-access' })] })).toEqual([1]);
  // They have got other access since: it is no last access any more, so it is not what was allowed.
  const other = { ...revoke, lastAccess: false };
  expect(covered([other], { items: [item(other, { rule: 'last-access' })] })).toEqual([]);
  expect(covered([risk(1)], { items: [item(risk(1), { rule: 'protected' })] })).toEqual([]);
  expect(covered([risk(1)], { firm: () => true })).toEqual([]);
  expect(covered([risk(1)], { items: [item(risk(1), { state: 'approved' })] })).toEqual([]);
  expect(covered([risk(1)], { standing: [{ ...one, sources: ['okta'] }] })).toEqual([]);
  expect(covered([revoke], { standing: [{ ...one, kinds: ['remove'] }], items: [undefined] })).toEqual([]);
});

test('days of grace run from when the item was opened or the approval enabled, whichever was later', () => {
  expect(dueAt({ ...one, afterDays: 2 }, now - 9 * dayMs)).toBe(now + dayMs);
  expect(dueAt({ ...one, afterDays: 2 }, now)).toBe(now + 2 * dayMs);
  expect(dueAt(one, now - 9 * dayMs)).toBe(now - 9 * dayMs);
  expect(covered([risk(1)], { standing: [{ ...one, afterDays: 1 }] })).toEqual([1]);
  expect(covered([risk(1)], { standing: [{ ...one, afterDays: 1, enabledAt: now - dayMs + 1 }] })).toEqual([]);
});

test('G3: the first sync holds what nobody decided about, and lets go what a person approved', () => {
  const approved = item(risk(1), { state: 'approved' });
  const held = { go: false, rule: 'removal', why: 'w' } as const;
  const verdicts = cautious(
    new Map<string, Verdict>([
      ['a', { go: true }],
      ['b', { go: true, item: approved }],
      ['c', held],
    ]),
  );
  expect(verdicts.get('a')).toMatchObject({ go: false, rule: 'first-sync' });
  expect(verdicts.get('b')).toEqual({ go: true, item: approved });
  expect(verdicts.get('c')).toEqual(held);
});
