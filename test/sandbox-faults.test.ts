/**
 * Faults on demand do what they say: what was applied is applied, what was not is not, and the answer is what a client
 * on a bad network gets to see.
 */
import { expect, onTestFinished, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { type FaultRules, faults } from '../daemon/sandbox/faults.ts';
import { steeple } from '../daemon/sandbox/steeple.ts';

/** Answers are read as they come; what they must be is what the tests say. */
type Loose = ReturnType<typeof JSON.parse>;

async function sandboxOf() {
  const sandbox = await steeple();
  onTestFinished(() => sandbox.close());
  const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/scim+json' };
  const admin = (path: string, body?: unknown) =>
    fetch(
      new URL(path, sandbox.admin),
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
    );
  return {
    ...sandbox,
    scim: (method: string, path: string, body?: unknown) =>
      fetch(`${sandbox.scimUrl}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async rules(...rules: FaultRules['rules']) {
      expect((await admin('api/faults', { rules })).status).toBe(200);
    },
    fired: async (): Promise<number[]> =>
      ((await (await admin('api/faults')).json()) as Loose).rules.map(({ fired }: Loose) => fired),
    state: async (): Promise<Loose> => (await admin('state')).json(),
  };
}
const user = (userName: string) => ({ schemas: [urn.user], userName, active: true });
const names = (state: Loose) => state.users.map(({ userName }: Loose) => userName);
const last = (state: Loose) => state.requests.at(-1);

test('429 names a time to come back and applies nothing, as often as it was told to', async () => {
  const { scim, rules, state, fired } = await sandboxOf();
  await rules({ fault: 'too-many-requests', methods: ['POST'], path: '/Users$', retryAfter: 7, times: 2 });
  for (let n = 0; n < 2; n += 1) {
    const answer = await scim('POST', '/Users', user('ada'));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await answer.json()).toMatchObject({ schemas: [urn.error], status: '429' });
  }
  expect((await scim('GET', '/Users')).status).toBe(200);
  expect(names(await state())).toEqual([]);
  expect((await scim('POST', '/Users', user('ada'))).status).toBe(201);
  expect(await fired()).toEqual([2]);
});

test('a 401 on demand applies nothing', async () => {
  const { scim, rules, state } = await sandboxOf();
  await rules({ fault: 'unauthorized' });
  expect((await scim('POST', '/Users', user('ada'))).status).toBe(401);
  expect(names(await state())).toEqual([]);
});

test('a 500 before applying leaves no trace but the log; a 503 after applying leaves the user', async () => {
  const { scim, rules, state } = await sandboxOf();
  await rules({ fault: 'error-before', times: 1 }, { fault: 'error-after', status: 503, times: 1 });
  const before = await scim('POST', '/Users', user('ada'));
  expect(before.status).toBe(500);
  expect(names(await state())).toEqual([]);
  expect(last(await state())).toMatchObject({ status: 500, applied: false, fault: 'error-before' });

  const after = await scim('POST', '/Users', user('ada'));
  expect(after.status).toBe(503);
  expect(await after.json()).toMatchObject({ schemas: [urn.error], status: '503' });
  expect(names(await state())).toEqual(['ada']);
  expect(last(await state())).toMatchObject({ status: 503, applied: true, fault: 'error-after' });
  expect((await scim('POST', '/Users', user('ada'))).status).toBe(409);
});

test('an answer without a body can be spoiled as well', async () => {
  const { scim, rules, state } = await sandboxOf();
  const { id } = (await (await scim('POST', '/Users', user('ada'))).json()) as { id: string };
  await rules({ fault: 'error-after', methods: ['DELETE'] });
  const answer = await scim('DELETE', `/Users/${id}`);
  expect([answer.status, ((await answer.json()) as Loose).status]).toEqual([500, '500']);
  expect(names(await state())).toEqual([]);
});

test('a connection dropped before applying and one dropped after look the same to the client', async () => {
  const { scim, rules, state } = await sandboxOf();
  await rules({ fault: 'drop-before', times: 1 }, { fault: 'drop-after', times: 1 });
  await expect(scim('POST', '/Users', user('ada'))).rejects.toThrow('fetch failed');
  expect(names(await state())).toEqual([]);
  expect(last(await state())).toMatchObject({ status: null, applied: false, fault: 'drop-before' });
  await expect(scim('POST', '/Users', user('ada'))).rejects.toThrow('fetch failed');
  expect(names(await state())).toEqual(['ada']);
  expect(last(await state())).toMatchObject({ status: null, applied: true, fault: 'drop-after' });
});

test('a stale read answers with the world before the last write: by id, by filter and in lists', async () => {
  const { scim, rules } = await sandboxOf();
  const json = async (path: string): Promise<Loose> => (await scim('GET', path)).json();
  const filtered = (filter: string) => `/Users?filter=${encodeURIComponent(filter)}`;
  const stale = () => rules({ fault: 'stale-read' });
  const patch = (path: string, operation: object) =>
    scim('PATCH', path, { schemas: [urn.patch], Operations: [operation] });

  const ada = ((await (await scim('POST', '/Users', user('ada'))).json()) as Loose).id;
  const bob = ((await (await scim('POST', '/Users', user('bob'))).json()) as Loose).id;
  await stale();
  expect((await scim('GET', `/Users/${bob}`)).status).toBe(404);
  expect((await scim('GET', `/Users/${ada}`)).status).toBe(200);
  expect((await json(filtered('userName eq "bob"'))).totalResults).toBe(0);
  expect((await json('/Users')).Resources.map(({ id }: Loose) => id)).toEqual([ada]);

  await patch(`/Users/${ada}`, { op: 'replace', path: 'userName', value: 'countess' });
  expect((await json(`/Users/${ada}`)).userName).toBe('ada');
  expect((await json(filtered('userName eq "ada"'))).totalResults).toBe(1);
  expect((await json(filtered('userName eq "countess"'))).totalResults).toBe(0);

  const group = { schemas: [urn.group], displayName: 'Staff', members: [{ value: ada }] };
  const staff = ((await (await scim('POST', '/Groups', group)).json()) as Loose).id;
  await patch(`/Groups/${staff}`, { op: 'replace', path: 'members', value: [{ value: bob }] });
  expect((await json(`/Groups/${staff}`)).members).toEqual([{ value: ada }]);
  await scim('DELETE', `/Groups/${staff}`);
  expect((await json(`/Groups/${staff}`)).members).toEqual([{ value: bob }]);
  expect((await json('/Groups')).totalResults).toBe(1);
  await rules();
  expect((await json('/Groups')).totalResults).toBe(0);
  expect((await json(`/Users/${ada}`)).userName).toBe('countess');
});

test('latency waits before it serves, and adds to whatever else the rules have in store', async () => {
  const { scim, rules, fired, state } = await sandboxOf();
  await rules({ fault: 'latency', ms: 30 }, { fault: 'latency', ms: 30 }, { fault: 'error-before' });
  const start = performance.now();
  expect((await scim('GET', '/Users')).status).toBe(500);
  expect(performance.now() - start).toBeGreaterThan(50);
  expect(await fired()).toEqual([1, 1, 1]);
  expect(last(await state())).toMatchObject({ fault: 'error-before' });
});

test('faults reach the public API too, and a caller without the token uses none up', async () => {
  const { scimUrl, apiUrl, apiToken, rules, fired } = await sandboxOf();
  await rules({ fault: 'error-before', path: '^/v1/', times: 1 }, { fault: 'too-many-requests', path: '/Users' });
  await fetch(`${scimUrl}/Users`);
  expect(await fired()).toEqual([0, 0]);
  const list = () => fetch(`${apiUrl}/v1/communities`, { headers: { authorization: `Bearer ${apiToken}` } });
  expect([(await list()).status, (await list()).status]).toEqual([500, 200]);
});

test('rules fire after those they skip, by method and path, and the same seed gives the same bad day', () => {
  const skipping = faults({
    rules: [{ fault: 'drop-after', methods: ['PATCH'], path: '/Groups/', skip: 1, times: 1 }],
  });
  const asked = [
    ['GET', '/Groups/1'],
    ['PATCH', '/Users/1'],
    ['PATCH', '/Groups/1'],
    ['PATCH', '/Groups/2'],
    ['PATCH', '/Groups/3'],
  ] as const;
  expect(asked.map(([method, path]) => skipping.decide(method, path).rule?.fault)).toEqual([
    undefined,
    undefined,
    undefined,
    'drop-after',
    undefined,
  ]);

  const day = (seed: number) => {
    const weather = faults({ seed, rules: [{ fault: 'error-before', probability: 0.3 }] });
    return Array.from({ length: 1000 }, () => weather.decide('GET', '/Users').rule !== undefined);
  };
  expect(day(7)).toEqual(day(7));
  expect(day(7)).not.toEqual(day(8));
  const bad = day(7).filter(Boolean).length;
  expect(bad > 250 && bad < 350).toBe(true);
});
