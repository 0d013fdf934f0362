/** What an answer of Steeple means for the write it answers: every outcome, for every kind of delivery. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, type DeliveryKind, type Outcome, type Step, stepAfter } from '../daemon/core/delivery.ts';

const kinds: readonly DeliveryKind[] = [
  'user.create',
  'user.update',
  'user.deactivate',
  'user.delete',
  'group.create',
  'group.update',
  'group.delete',
  'members',
];
const outcomes = {
  ok: { kind: 'ok', status: 200 },
  missing: { kind: 'missing' },
  conflict: { kind: 'conflict', detail: 'somebody has it' },
  refused: { kind: 'refused', status: 400, detail: 'familyName is required' },
  unauthorized: { kind: 'unauthorized', status: 401, detail: 'no such token', sso: false },
  sso: { kind: 'unauthorized', status: 403, detail: 'configure SSO first', sso: true },
  busy: { kind: 'busy', status: 503, detail: 'later' },
  failed: { kind: 'failed', status: 500, detail: 'oops' },
  lost: { kind: 'lost', detail: 'cut' },
  unreachable: { kind: 'unreachable', detail: 'no route', tls: false },
  odd: { kind: 'odd', status: 200, detail: 'HTML' },
} as const satisfies Record<string, Outcome>;
type Name = keyof typeof outcomes;
const names = Object.keys(outcomes) as Name[];

/** The whole table, written down without looking at how it is decided: what follows, before a look-up and after one. */
const table: Readonly<Record<Name, (kind: DeliveryKind, looked: boolean) => string>> = {
  ok: () => 'done',
  missing: (kind, looked) => {
    if (kind.endsWith('.delete')) return 'done';
    if (kind.endsWith('.create')) return 'again';
    return looked ? 'again, in doubt' : 'look';
  },
  conflict: (_, looked) => (looked ? 'dead' : 'look'),
  refused: () => 'dead',
  unauthorized: () => 'stop',
  sso: () => 'stop',
  busy: () => 'again',
  failed: () => 'again, in doubt',
  lost: () => 'again, in doubt',
  unreachable: () => 'again',
  odd: () => 'again, in doubt',
};
const said = (step: Step) => (step.do === 'again' && step.unsure ? 'again, in doubt' : step.do);

describe.each(names)('the outcome "%s"', (name) => {
  test.each(kinds)('of %s', (kind) => {
    for (const looked of [false, true])
      expect(said(stepAfter(kind, outcomes[name], 1, 0, looked)), `looked: ${looked}`).toBe(table[name](kind, looked));
  });
});

test('D2 a write that may have been applied is never sent again without looking first', () => {
  const perhapsApplied: readonly Name[] = ['failed', 'lost', 'odd'];
  for (const name of perhapsApplied)
    for (const kind of kinds)
      for (const looked of [false, true])
        expect(stepAfter(kind, outcomes[name], 3, 0.5, looked)).toMatchObject({ do: 'again', unsure: true });
  // What never left, or was turned away unread, was not applied: there is nothing to look for.
  for (const name of ['busy', 'unreachable'] as const)
    expect(stepAfter('user.create', outcomes[name], 3, 0.5)).toMatchObject({ do: 'again', unsure: false });
});

const attempts = fc.integer({ min: 0, max: 60 });
const chance = fc.double({ min: 0, max: 0.999_999, noNaN: true });

test('D3 retries back off: from half a second up, doubling, never more than an hour, and never at the same time for all', () => {
  fc.assert(
    fc.property(attempts, chance, (attempt, random) => {
      const wait = backoff(attempt, random);
      const full = Math.min(1000 * 2 ** attempt, 3_600_000);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full);
      expect(backoff(attempt + 1, random)).toBeGreaterThanOrEqual(wait);
      expect(Number.isInteger(wait)).toBe(true);
    }),
  );
  expect(backoff(3, 0)).toBe(4000);
  expect(backoff(3, 0.999)).toBeGreaterThan(7900);
  expect(backoff(11, 0.5)).toBe(1_536_000);
  expect(backoff(12, 0.999_999_9)).toBe(3_600_000);
});

test('D3 the first retry comes after about a second, whatever failed', () => {
  for (const name of ['failed', 'lost', 'odd', 'unreachable', 'busy'] as const)
    expect(stepAfter('user.update', outcomes[name], 1, 0.5)).toMatchObject({ afterMs: 750 });
  expect(stepAfter('user.update', outcomes.failed, 4, 0)).toMatchObject({ afterMs: 4000 });
});

test('D3 Retry-After is obeyed to the millisecond, however often it was tried; but nothing is sent again at once', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 86_400_000 })),
      fc.integer({ min: 1, max: 60 }),
      chance,
      (retryAfterMs, attempt, random) => {
        const answer: Outcome = { kind: 'busy', status: 429, retryAfterMs, detail: '' };
        const step = stepAfter('members', answer, attempt, random) as Extract<Step, { do: 'again' }>;
        expect(step).toMatchObject({ do: 'again', unsure: false });
        expect(step.afterMs).toBeGreaterThanOrEqual(Math.max(retryAfterMs, 500));
        if (retryAfterMs >= 1000) expect(step.afterMs).toBe(retryAfterMs);
      },
    ),
  );
});

test('D4 a refused token and a missing SSO stop everything, each with what to do about it', () => {
  const token = stepAfter('members', outcomes.unauthorized, 1, 0) as Extract<Step, { do: 'stop' }>;
  expect(token.cause).toBe('Steeple refused the token (401): no such token');
  expect(token.remedy).toContain('Administration > Integrations > Identification');
  expect(token.remedy).toContain('steeple-relay upstream set --token-stdin');
  const sso = stepAfter('members', outcomes.sso, 1, 0) as Extract<Step, { do: 'stop' }>;
  expect(sso.cause).toBe('Steeple refuses provisioning until SSO is configured: configure SSO first');
  expect(sso.remedy).toContain('Configure SSO in Steeple');
});

test('D5 a dead letter says what Steeple said, and what a person can do', () => {
  for (const kind of kinds)
    for (const name of names)
      for (const looked of [false, true]) {
        const step = stepAfter(kind, outcomes[name], 1, 0, looked);
        if (step.do !== 'dead') continue;
        const { detail } = { detail: '404', ...outcomes[name] };
        expect(step.cause).toContain(detail);
        expect(step.remedy).toMatch(/retry/i);
      }
  expect(stepAfter('user.create', outcomes.refused, 1, 0)).toMatchObject({
    cause: 'Steeple refused it (400): familyName is required',
  });
});

test('D6 a 404 on an update, a deactivation or a membership is looked up, and after that still no proof', () => {
  for (const kind of ['user.update', 'user.deactivate', 'group.update', 'members'] as const) {
    expect(stepAfter(kind, outcomes.missing, 1, 0)).toEqual({ do: 'look' });
    expect(stepAfter(kind, outcomes.missing, 1, 0, true)).toMatchObject({ do: 'again', unsure: true });
  }
});
