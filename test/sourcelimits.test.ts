/** From where and how often a source may ask, over real HTTP, and what an admin sees of it. The clock is the test's. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { calls } from '../daemon/contract/admin.ts';
import { urn } from '../daemon/contract/scim.ts';
import { NotFound, Stale } from '../daemon/errors.ts';
import { admission } from '../daemon/store/admission.ts';
import { sources } from '../daemon/store/sources.ts';
import { type Door, openDoor } from './door.ts';

let now: number;
let door: Door;
beforeEach(async () => {
  now = 1_000_000;
  door = await openDoor(':memory:', { now: () => now, trustProxy: ['127.0.0.1'] });
});
afterEach(() => door.close());

const set = (limits: { allow?: string[] | null; rate?: number | null }, id = 'entra') =>
  door.known.set({ id, ...limits, by: 'ada', now });
const from = (address: string) => ({ 'x-forwarded-for': address });
const status = async (headers: Record<string, string> = {}) => (await door.get('/Users?count=0', headers)).status;
const seen = async () => (await door.known.list(now)).find(({ id }) => id === 'entra');

describe('A source with allowed ranges', () => {
  test.each([
    [['10.1.0.0/16'], ['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3'], ['10.0.255.255', '10.2.0.0', '::1', 'nonsense']],
    [['192.0.2.7'], ['192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
    [['2001:db8::/32'], ['2001:db8::1', '2001:DB8:ffff::'], ['2001:db9::', '10.0.0.1']],
    [
      ['2001:db8::7', '10.0.0.0/8'],
      ['2001:db8:0::7', '10.9.9.9'],
      ['2001:db8::8', '11.0.0.0'],
    ],
    [['0.0.0.0/0'], ['203.0.113.9'], ['2001:db8::1']],
    // With the port, as Azure Application Gateway hands them on; and a range by an address in it.
    [
      ['10.1.2.3/16'],
      ['10.1.9.9:51234', '198.51.100.9, 10.1.9.9:51234'],
      ['10.2.0.1:80', '10.1.9.9:x', '10.1.9.9, 10.2.0.1:80'],
    ],
    [['2001:db8::7/32'], ['[2001:db8:1::1]:443', '[2001:db8::1]'], ['[2001:db9::1]:443', '[10.1.2.3']],
    [['fe80::/10'], ['fe80::1%eth0'], ['fd00::1%eth0']],
  ])('is answered inside %j, and refused elsewhere', async (allow, inside, outside) => {
    await set({ allow });
    for (const address of inside) expect(await status(from(address)), address).toBe(200);
    for (const address of outside) expect(await status(from(address)), address).toBe(403);
  });

  test('is told which address was seen, in SCIM’s words, and nothing of it is stored; the other source goes on', async () => {
    await set({ allow: ['10.0.0.0/8'] });
    const entries = door.log.counts().entries;
    for (let index = 0; index < 5; index += 1) {
      const refused = await door.post('/Users', { userName: `p${index}` }, from('203.0.113.9'));
      expect([refused.status, refused.body.schemas, refused.body.status]).toEqual([403, [urn.error], '403']);
      expect(refused.body.detail).toContain('203.0.113.9');
    }
    // An IPv4 client of a listener on every address is called as an admin would write it.
    const mapped = await door.get('/Users', from('::ffff:203.0.113.9'));
    expect(mapped.body.detail).toContain('from 203.0.113.9;');
    expect(door.log.counts().entries).toBe(entries);
    expect((await door.get('/Users', { authorization: 'okta', ...from('203.0.113.9') })).status).toBe(200);
    expect((await door.get('/Users', { authorization: 'nobody', ...from('203.0.113.9') })).status).toBe(401);
  });

  test('is not let in by a header that no trusted proxy wrote', async () => {
    const own = await openDoor();
    await own.known.set({ id: 'entra', allow: ['10.0.0.0/8'], by: 'ada', now });
    const refused = await own.get('/Users', from('10.0.0.1'));
    expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('127.0.0.1')]);
    await own.known.set({ id: 'entra', allow: ['127.0.0.1'], by: 'ada', now });
    expect((await own.get('/Users', from('203.0.113.9'))).status).toBe(200);
    await own.close();
  });
});

describe('A source with a rate', () => {
  test('may send a burst of two seconds’ worth, then so many a second, and is told when to come back', async () => {
    await set({ rate: 5 });
    const burst = await Promise.all(Array.from({ length: 12 }, () => status()));
    expect(burst.filter((code) => code === 200)).toHaveLength(10);
    const refused = await door.post('/Users', { userName: 'x' });
    expect([refused.status, refused.body.status, refused.headers.get('retry-after')]).toEqual([429, '429', '1']);
    expect(refused.body.detail).toContain('5 requests a second');
    // A client that waits as it was told keeps its connection.
    expect(refused.headers.get('connection')).not.toBe('close');
    now += 1000;
    const later = await Promise.all(Array.from({ length: 8 }, () => status()));
    expect(later.filter((code) => code === 200)).toHaveLength(5);
    now += 60_000;
    const rested = await Promise.all(Array.from({ length: 12 }, () => status()));
    expect(rested.filter((code) => code === 200)).toHaveLength(10);
  });

  test('sustains it: 25 requests a second for a minute, as Entra asks of a gallery app', async () => {
    const gate = admission();
    gate.set('entra', { allow: null, rate: 25 });
    for (let at = 0; at < 60_000; at += 40)
      gate.admit(
        'entra',
        () => '',
        () => at,
      );
    expect(() => {
      for (let at = 60_000; at < 120_000; at += 30)
        gate.admit(
          'entra',
          () => '',
          () => at,
        );
    }).toThrow('More than 25 requests a second');
  });

  test('is neither filled nor emptied by a clock that is set back, nor by a change of something else', async () => {
    await set({ rate: 1 });
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
    now -= 3_600_000;
    expect(await status()).toBe(429);
    now += 1000;
    expect(await status()).toBe(200);
    await set({ allow: ['127.0.0.1'] });
    expect(await status()).toBe(429);
    await set({ rate: null });
    for (let index = 0; index < 10; index += 1) expect(await status()).toBe(200);
  });

  test('is not journaled when it is over it: a source cannot fill the disk', async () => {
    await set({ rate: 1 });
    const entries = door.log.counts().entries;
    for (let index = 0; index < 6; index += 1) await door.post('/Users', { userName: `p${index}` });
    expect(door.log.counts().entries).toBe(entries + 2);
  });
});

describe('What an admin sees', () => {
  test('is what was refused, when and why; not looks at what is not there', async () => {
    const untouched = { count: 0, lastAt: null, detail: null };
    expect(await seen()).toMatchObject({ allow: null, rate: null, refusals: untouched });
    expect(await status()).toBe(200);
    expect((await door.get('/Users/none')).status).toBe(404);
    expect((await door.ask('HEAD', '/Users/none')).status).toBe(404);
    expect((await seen())?.refusals).toEqual(untouched);
    await door.post('/Users', { userName: 7 });
    now += 5;
    const conflict = await door.delete('/Users/none');
    expect((await seen())?.refusals).toEqual({ count: 2, lastAt: now, detail: conflict.body.detail });
    await set({ allow: ['10.0.0.0/8'] });
    now += 5;
    const refused = await door.get('/Users');
    expect((await seen())?.refusals).toEqual({ count: 3, lastAt: now, detail: refused.body.detail });
    await door.get('/Users', { authorization: 'nobody' });
    expect((await seen())?.refusals.count).toBe(3);
    expect((await door.known.list(now)).find(({ id }) => id === 'okta')?.refusals).toEqual(untouched);
  });

  test('is how many people and groups are there, without who was deleted, and of other sources', async () => {
    const body = (userName: string) => ({ userName });
    const { id } = (await door.post('/Users', body('a'))).body;
    await door.post('/Users', { ...body('b'), active: false });
    await door.post('/Users', body('c'), { authorization: 'okta' });
    const team = (await door.post('/Groups', { displayName: 'G' })).body.id;
    await door.post('/Groups', { displayName: 'H' });
    expect(await seen()).toMatchObject({ users: 2, groups: 2 });
    await door.delete(`/Users/${id}`);
    await door.delete(`/Groups/${team}`);
    expect(await seen()).toMatchObject({ users: 1, groups: 1 });
    expect(await door.known.list(now)).toContainEqual(expect.objectContaining({ id: 'okta', users: 1, groups: 0 }));
  });

  test('G8 is a decision for each change, which holds after a restart', async () => {
    await set({ allow: ['10.0.0.0/8'], rate: 50 });
    await set({ rate: null });
    expect(door.log.tail(2).map(({ actor, subject, body }) => [actor, subject, body])).toEqual(
      expect.arrayContaining([
        ['ada', 'entra', { what: 'source.set', allow: ['10.0.0.0/8'], rate: 50 }],
        ['ada', 'entra', { what: 'source.set', rate: null }],
      ]),
    );
    const again = sources(door.db, door.log);
    expect((await again.list(now)).find(({ id }) => id === 'entra')).toMatchObject({
      allow: ['10.0.0.0/8'],
      rate: null,
      refusals: { count: 0 },
    });
    expect(() =>
      again.admit(
        'entra',
        () => '203.0.113.9',
        () => now,
      ),
    ).toThrow('203.0.113.9');
    await expect(set({ rate: 1 }, 'none')).rejects.toThrow(NotFound);
    await door.known.revoke({ id: 'okta', by: 'ada', now });
    await expect(set({ rate: 1 }, 'okta')).rejects.toThrow(Stale);
  });

  test('is asked for in addresses and ranges, and whole requests a second', () => {
    const { input } = calls['source.set'];
    const fits = (limits: object) => input.safeParse({ id: 'entra', by: 'ada', ...limits }).success;
    for (const allow of [null, ['10.0.0.1'], ['10.0.0.0/8', '2001:db8::/32', '::1']])
      expect(fits({ allow })).toBe(true);
    for (const allow of [
      [],
      [''],
      ['10.0.0.0/33'],
      ['10.0.0'],
      ['2001:db8::/129'],
      ['entra.example'],
      '10.0.0.1',
      ['any'],
    ])
      expect(fits({ allow }), JSON.stringify(allow)).toBe(false);
    for (const rate of [null, 1, 25]) expect(fits({ rate })).toBe(true);
    for (const rate of [0, -1, 1.5, '25']) expect(fits({ rate })).toBe(false);
  });
});
