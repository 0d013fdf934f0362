/** Guessing of tokens gets slower, and the provider beside it does not. */
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TooManyRequests } from '../daemon/errors.ts';
import { guessing } from '../daemon/http/guessing.ts';
import { scimApp } from '../daemon/http/scim.ts';
import { type Listener, listen } from '../daemon/http/server.ts';
import type { Provider } from '../daemon/provider.ts';
import { tokenHash } from '../daemon/store/sources.ts';

describe('what is kept back', () => {
  let now: number;
  beforeEach(() => {
    vi.useFakeTimers();
    now = 1_000_000_000_000;
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  /** How long each of so many guesses has to wait for its refusal. */
  function waits(guesses: ReturnType<typeof guessing>, address: string, times: number): number[] {
    return Array.from({ length: times }, () => {
      let refused: number | undefined;
      const begun = Date.now();
      guesses.later(address, () => {
        refused = Date.now() - begun;
      });
      if (refused === undefined) vi.advanceTimersByTime(10_000);
      return refused ?? -1;
    });
  }
  test('the first few are free; then each waits twice as long, up to three seconds', () => {
    const guesses = guessing(() => now);
    expect(waits(guesses, '192.0.2.1', 13)).toEqual([0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 3000, 3000, 3000]);
    expect(waits(guesses, '192.0.2.2', 1)).toEqual([0]);
  });
  test('a quarter of an hour without a guess is forgotten, whichever way the clock jumps', () => {
    const guesses = guessing(() => now);
    waits(guesses, '192.0.2.1', 9);
    now += 15 * 60_000;
    expect(waits(guesses, '192.0.2.1', 1)).toEqual([0]);
    waits(guesses, '192.0.2.1', 9);
    now -= 365 * 86_400_000;
    expect(waits(guesses, '192.0.2.1', 1)).toEqual([0]);
  });
  test('a whole IPv6 network counts as one, and another does not', () => {
    const guesses = guessing(() => now);
    for (const host of ['1', '2', '3', '4', '5']) waits(guesses, `2001:db8:1:2::${host}`, 1);
    expect(waits(guesses, '2001:db8:1:2:a:b:c:d', 1)).toEqual([100]);
    expect(waits(guesses, '2001:db8:1:3::1', 1)).toEqual([0]);
    for (let i = 0; i < 5; i += 1) waits(guesses, '2001:db8::7', 1);
    expect(waits(guesses, '2001:db8:0:0:9::', 1)).toEqual([100]);
  });
  test('only so many wait at once: the rest is refused without waiting, and holds no connection', () => {
    const guesses = guessing(() => now);
    waits(guesses, '192.0.2.1', 20);
    let refused = 0;
    for (let i = 0; i < 200; i += 1)
      guesses.later('192.0.2.1', () => {
        refused += 1;
      });
    expect([guesses.waiting(), refused]).toEqual([64, 136]);
    vi.advanceTimersByTime(3_000);
    expect([guesses.waiting(), refused]).toEqual([0, 200]);
  });
});

describe('at the door', () => {
  let listener: Listener;
  const admitted: string[] = [];
  beforeEach(async () => {
    admitted.splice(0);
    const app = scimApp({
      provider: { schemas: [], pageLimit: 1, pageDefault: 1 } as unknown as Provider,
      hashOf: tokenHash,
      authenticate: (hash) => (hash.equals(tokenHash('right')) ? 'entra' : undefined),
      // Getting as far as this is what a right token is for; the rest of the door is other tests' business.
      admit: (source) => {
        admitted.push(source);
        throw new TooManyRequests('enough', 1);
      },
      refused: () => {},
      report: () => {},
      trustProxy: ['127.0.0.1'],
    });
    listener = await listen(app, { host: '127.0.0.1', port: 0, graceMs: 100 });
  });
  afterEach(() => listener.close());
  const ask = (token: string, more: Record<string, string> = {}): Promise<number> =>
    new Promise((done, fail) => {
      const headers = { authorization: `Bearer ${token}`, ...more };
      request(`${listener.url}/scim/v2/Users`, { headers, agent: false }, (response) => {
        response.resume();
        done(response.statusCode ?? 0);
      })
        .on('error', fail)
        .end();
    });

  // Azure Application Gateway writes the port behind the address: each connection would be another guesser.
  test.each([
    ['an address', () => ({})],
    ['behind a proxy', (turn: number) => ({ 'x-forwarded-for': `203.0.113.9:${5000 + turn}` })],
    ['behind a proxy, over IPv6', (turn: number) => ({ 'x-forwarded-for': `[2001:db8::${turn + 1}]:443` })],
  ])('the right token is taken at once from %s that guesses, while the guesses wait', async (_, from) => {
    for (let i = 0; i < 8; i += 1) expect(await ask(`wrong-${i}`, from(i))).toBe(401);
    let refused = false;
    const waiting = ask('wrong-again', from(8)).then((status) => {
      refused = true;
      return status;
    });
    // Asked after it, answered before it.
    expect([await ask('right', from(9)), refused, admitted]).toEqual([429, false, ['entra']]);
    expect(await waiting).toBe(401);
  });
});
