/** How many requests may be on their way, learnt from how Steeple answers; and the circuit that stops them all. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { circuit } from '../daemon/circuit.ts';
import type { Outcome } from '../daemon/core/delivery.ts';
import { firstPace, type Pace, paced, room, type Signal, spent } from '../daemon/core/pace.ts';

const limit = 8;
/** Answers one after the other, `gap` ms apart. */
function answers(
  pace: Pace,
  kind: Signal['kind'],
  times: number,
  start: number,
  gap = 20,
  tookMs = 20,
): [Pace, number] {
  let now = start;
  for (let turn = 0; turn < times; turn += 1) {
    now += gap;
    pace = paced(pace, { kind, tookMs }, limit, now);
  }
  return [pace, now];
}

describe('The window', () => {
  test('begins where the policy has it, and stays there while all is well', () => {
    const [pace] = answers(firstPace(limit, 0), 'fine', 500, 0);
    expect(room(pace, 0, limit, 1, 10_000)).toEqual({ may: 8, afterMs: undefined });
    expect(room(pace, 5, limit, 1, 10_000).may).toBe(3);
    expect(room(pace, 8, limit, 1, 10_000).may).toBe(0);
  });

  test('halves at a 429, once for a crowd of them, and grows back by one in a round of answers', () => {
    let [pace, now] = answers(firstPace(limit, 0), 'fine', 50, 0);
    [pace, now] = answers(pace, 'busy', 8, now, 1);
    expect(pace.window).toBe(4);
    [pace, now] = answers(pace, 'fine', 4, now);
    expect(pace.window).toBeGreaterThan(4.8);
    expect(pace.window).toBeLessThan(5.2);
    [pace] = answers(pace, 'fine', 100, now);
    expect(pace.window).toBe(8);
  });

  test('gives way to a server that grows slow, and not to one that was slow from the first', () => {
    let [pace, now] = answers(firstPace(limit, 0), 'fine', 100, 0, 20, 50);
    [pace, now] = answers(pace, 'fine', 100, now, 500, 4000);
    expect(pace.window).toBeLessThan(4);
    const [slow] = answers(firstPace(limit, 0), 'fine', 200, 0, 500, 4000);
    expect(slow.window).toBe(8);
    expect(now).toBeGreaterThan(0);
  });

  test('counts bundles: each request of it may carry so many writes', () => {
    expect(room(firstPace(limit, 0), 30, limit, 20, 0).may).toBe(130);
  });
});

describe('The rate', () => {
  test('is none before the first 429, and then half of what was borne', () => {
    let [pace, now] = answers(firstPace(limit, 0), 'fine', 400, 0, 10); // 100 a second
    expect(pace.rate).toBeUndefined();
    [pace, now] = answers(pace, 'busy', 1, now);
    expect(pace.rate).toBeGreaterThan(35);
    expect(pace.rate).toBeLessThan(60);
    // One may begin at once; for the next there is a wait.
    pace = spent(pace, 1, now);
    const { may, afterMs } = room(pace, 0, limit, 1, now);
    expect(may).toBe(0);
    expect(afterMs).toBeGreaterThan(0);
    expect(afterMs).toBeLessThan(60);
  });

  test('grows by one a second each second, and is forgotten when it limits nothing', () => {
    const [pace, now] = answers(firstPace(limit, 0), 'busy', 1, 0);
    const rate = pace.rate ?? 0;
    expect(spent(pace, 0, now + 10_000).rate).toBeCloseTo(rate + 10, 5);
    expect(spent(pace, 0, now + 3_600_000).rate).toBeUndefined();
  });

  test('D3 whatever is answered, the window stays between 1 and the policy, and something may always leave in the end', () => {
    const signal = fc.record({
      kind: fc.constantFrom<Signal['kind']>('fine', 'busy', 'failed'),
      tookMs: fc.constantFrom(1, 20, 800, 5000, 60_000),
      gap: fc.constantFrom(0, 1, 50, 5000, -3000), // a clock may be set back
    });
    fc.assert(
      fc.property(fc.array(signal, { maxLength: 60 }), fc.constantFrom(1, 2, 8), (signals, most) => {
        let now = 1_000_000;
        let pace = firstPace(most, now);
        for (const { gap, ...one } of signals) {
          now += gap;
          pace = spent(paced(pace, one, most, now), 1, now);
          expect(pace.window).toBeGreaterThanOrEqual(1);
          expect(pace.window).toBeLessThanOrEqual(most);
          const { may, afterMs } = room(pace, 0, most, 1, now);
          expect(may).toBeLessThanOrEqual(most);
          if (may === 0) expect(room(pace, 0, most, 1, now + (afterMs ?? Number.NaN) + 1).may).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('The circuit', () => {
  const failed: Outcome = { kind: 'failed', status: 500, detail: 'oops' };
  const away: Outcome = { kind: 'unreachable', detail: 'nobody listens', tls: false };
  function stage() {
    const clock = { now: 1_000_000 };
    return { clock, line: circuit({ now: () => clock.now, random: () => 0.999, probeMs: 60_000 }) };
  }
  const storm = (line: ReturnType<typeof circuit>, answer: Outcome, times: number) =>
    Array.from({ length: times }, (_, at) => line.failed(answer, 1000, `user:${at % 4}`)).some(Boolean);

  test('opens when many resources in a row fail, and says what it is', () => {
    const { line } = stage();
    expect(storm(line, failed, 9)).toBe(false);
    expect(line.isOpen()).toBe(false);
    expect(line.failed(failed, 1000, 'user:9')).toBe(true);
    expect(line.show()).toMatchObject({ state: 'open', kind: 'outage', reason: 'oops', since: 1_000_000 });
    expect(line.show().remedy).toContain('upstream test');
    expect(line.waitMs()).toBeGreaterThan(0);
  });

  test('stays closed for one resource that fails however often, and for failures with a success between them', () => {
    const { line } = stage();
    for (let turn = 0; turn < 50; turn += 1) line.failed(failed, 1000, 'user:1');
    expect(line.isOpen()).toBe(false);
    for (let turn = 0; turn < 10; turn += 1) {
      storm(line, failed, 8);
      line.worked();
    }
    expect(line.isOpen()).toBe(false);
  });

  test('probes sooner at first and a minute apart in the end, and lets one write go first when it closes', () => {
    const { clock, line } = stage();
    storm(line, away, 10);
    const waits: number[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      waits.push(line.waitMs());
      clock.now += line.waitMs();
      expect(line.probed(away)).toBe(false);
    }
    expect(waits[0]).toBeLessThan(70_000);
    expect(waits.toSorted((a, b) => a - b)).toEqual(
      waits
        .slice(0, 1)
        .concat(waits.slice(1))
        .toSorted((a, b) => a - b),
    );
    expect(Math.max(...waits.slice(1))).toBeLessThanOrEqual(60_000);
    expect(waits.at(-1)).toBeGreaterThan(59_000);
    clock.now += line.waitMs();
    expect(line.probed({ kind: 'ok', status: 200 })).toBe(true);
    expect(line.show()).toMatchObject({ state: 'closed', kind: null, reason: null });
    expect(line.isTrying()).toBe(true);
    line.worked();
    expect(line.isTrying()).toBe(false);
  });

  test('opens again at once where the first write after an outage fails', () => {
    const { clock, line } = stage();
    storm(line, failed, 10);
    clock.now += line.waitMs();
    line.probed({ kind: 'ok', status: 200 });
    expect(line.failed(failed, 1000, 'user:1')).toBe(true);
    expect(line.isOpen()).toBe(true);
  });

  test('D4 a refused token opens it at once, and one probe a minute at most leaves', () => {
    const { clock, line } = stage();
    line.stop({ do: 'stop', cause: 'refused (401)', remedy: 'Copy it again' }, false);
    expect(line.show()).toMatchObject({ state: 'open', kind: 'token', reason: 'refused (401)' });
    const refused: Outcome = { kind: 'unauthorized', status: 401, detail: 'no', sso: false };
    for (let turn = 0; turn < 5; turn += 1) {
      expect(line.waitMs()).toBe(60_000);
      clock.now += 60_000;
      expect(line.probed(refused)).toBe(false);
    }
    line.reset();
    expect(line.isOpen()).toBe(false);
    expect(line.waitMs()).toBe(0);
  });

  test('D3 Retry-After holds everybody, to the millisecond; without one the pause is short', () => {
    const { clock, line } = stage();
    line.failed({ kind: 'busy', status: 429, retryAfterMs: 90_000, detail: '' }, 90_000, 'user:1');
    expect(line.waitMs()).toBe(90_000);
    expect(line.isOpen()).toBe(false);
    clock.now += 89_999;
    expect(line.waitMs()).toBe(1);
    clock.now += 1;
    expect(line.waitMs()).toBe(0);
    // An hour is what its own delivery waits after many tries; the others need not.
    line.reset();
    line.failed({ kind: 'busy', status: 503, detail: '' }, 3_600_000, 'user:1');
    expect(line.waitMs()).toBeLessThanOrEqual(2000);
  });

  test('a clock that is set back by years does not stop sending for years', () => {
    const { clock, line } = stage();
    line.failed({ kind: 'busy', status: 429, retryAfterMs: 1000, detail: '' }, 1000, 'user:1');
    clock.now -= 100 * 24 * 3_600_000;
    expect(line.waitMs()).toBeLessThanOrEqual(24 * 3_600_000);
  });
});
