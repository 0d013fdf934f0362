/** Sorting and cursors, over real HTTP: what is asked for in pages is what a reader of the whole list would make of it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cursors } from '../daemon/cursor.ts';
import { type Door, openDoor } from './door.ts';

type Person = Readonly<{
  id: string;
  userName: string;
  displayName?: string;
  externalId?: string;
  active: boolean;
  name?: { familyName?: string };
  emails?: readonly { value: string; primary?: boolean }[];
  meta: { created: string; lastModified: string };
}>;

let door: Door;
let people: readonly Person[];
beforeAll(async () => {
  door = await openDoor();
  const words = ['Zoé', 'ada', 'Ada', 'ÅSE', '\u{1f600}', '\uff21', 'ben', undefined, 'Ben', '', 'ada'];
  for (let index = 0; index < 33; index += 1) {
    const word = words[index % words.length];
    await door.post('/Users', {
      userName: `${'cABb'[index % 4]}${(index * 7) % 33}@x.test`,
      active: index % 3 !== 0,
      ...(index % 4 !== 1 && { externalId: `${'aAbB'[index % 4]}${index % 8}` }),
      ...(word !== undefined && { displayName: word, name: { familyName: words[(index * 3) % words.length] ?? null } }),
      ...(index % 5 !== 0 && {
        emails: [
          { type: 'home', value: `m${index % 7}@x.test` },
          { type: 'work', value: `W${(index * 5) % 33}@x.test`, primary: index % 2 === 0 },
        ],
      }),
    });
  }
  await door.post('/Users', { userName: 'other' }, { authorization: 'okta' });
  people = (await door.get('/Users')).body.Resources;
  for (const { id } of people.slice(3, 6)) await door.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'x' }]);
  people = (await door.get('/Users')).body.Resources;
});
afterAll(() => door.close());

/** Code points, as RFC 7644's reader would count; fold by hand. */
const points = (text: string, exact: boolean) =>
  [...(exact ? text : text.normalize('NFC').toLowerCase())].map((character) =>
    String(character.codePointAt(0)).padStart(8, '0'),
  );
const text = (value: string | undefined, exact = false) => (value ? points(value, exact).join(' ') : undefined);
const email = ({ emails }: Person) => (emails?.find(({ primary }) => primary) ?? emails?.[0])?.value;
const keys: Readonly<Record<string, (person: Person) => string | undefined>> = {
  userName: ({ userName }) => text(userName),
  USERNAME: ({ userName }) => text(userName),
  'urn:ietf:params:scim:schemas:core:2.0:User:displayName': ({ displayName }) => text(displayName),
  displayName: ({ displayName }) => text(displayName),
  externalId: ({ externalId }) => text(externalId, true),
  id: ({ id }) => text(id, true),
  active: ({ active }) => String(Number(active)),
  'name.familyName': ({ name }) => text(name?.familyName),
  emails: (person) => text(email(person)),
  'emails.value': (person) => text(email(person)),
  'meta.created': ({ meta }) => meta.created,
  'meta.lastModified': ({ meta }) => meta.lastModified,
};

/** The list as somebody would sort it on paper: insert each where it belongs, never past an equal. */
function onPaper(some: readonly Person[], by: string, descending: boolean): string[] {
  const sheet: Person[] = [];
  for (const person of some) {
    const key = keys[by]!(person);
    const before = (other: string | undefined) => {
      if (key === other) return false;
      if (key === undefined || other === undefined) return descending ? key === undefined : other === undefined;
      return descending ? key > other : key < other;
    };
    const at = sheet.findIndex((other) => before(keys[by]!(other)));
    sheet.splice(at < 0 ? sheet.length : at, 0, person);
  }
  return sheet.map(({ id }) => id);
}

const filters: Readonly<Record<string, (person: Person) => boolean>> = {
  '': () => true,
  'active eq true': ({ active }) => active,
  'emails.value co "w1"': ({ emails }) => emails?.some(({ value }) => value.toLowerCase().includes('w1')) ?? false,
  'emails.value eq "M3@x.test"': ({ emails }) => emails?.some(({ value }) => value === 'm3@x.test') ?? false,
  'externalId eq "a0"': ({ externalId }) => externalId === 'a0',
  'userName eq "nobody"': () => false,
};
type Asked = Readonly<{ filter: string; sortBy?: string | undefined; sortOrder?: string | undefined; count: number }>;
const query = ({ filter, ...rest }: Asked, more: Record<string, string> = {}) =>
  `/Users?${new URLSearchParams({
    ...(filter !== '' && { filter }),
    ...Object.fromEntries(
      Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    ),
    ...more,
  })}`;
const ids = (body: { Resources: readonly { id: string }[] }) => body.Resources.map(({ id }) => id);

async function paged(asked: Asked): Promise<{ pages: string[][]; totals: number[] }> {
  const pages: string[][] = [];
  const totals: number[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const { status, body } = await door.get(query(asked, { cursor }));
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('startIndex');
    expect(body.itemsPerPage).toBe(body.Resources.length);
    pages.push(ids(body));
    totals.push(body.totalResults);
    cursor = body.nextCursor;
    if (cursor !== undefined) expect(cursor).toMatch(/^[A-Za-z0-9_-]{20,}$/);
    expect(pages.length).toBeLessThan(50);
  }
  return { pages, totals };
}

const asked = fc.record({
  filter: fc.constantFrom(...Object.keys(filters)),
  sortBy: fc.constantFrom(undefined, ...Object.keys(keys)),
  sortOrder: fc.constantFrom(undefined, 'ascending', 'descending', 'Descending'),
  count: fc.integer({ min: 1, max: 40 }),
});
const expected = ({ filter, sortBy, sortOrder }: Asked): string[] => {
  const some = people.filter(filters[filter]!);
  return sortBy === undefined
    ? some.map(({ id }) => id)
    : onPaper(some, sortBy, sortOrder?.toLowerCase() === 'descending');
};

describe('A sorted list', () => {
  test('is what RFC 7644 §3.4.2.3 says, in both directions, at every page, whatever the filter', async () => {
    await fc.assert(
      fc.asyncProperty(asked, fc.integer({ min: 1, max: 40 }), async (question, startIndex) => {
        const { body } = await door.get(query(question, { startIndex: String(startIndex) }));
        const whole = expected(question);
        expect(ids(body)).toEqual(whole.slice(startIndex - 1, startIndex - 1 + question.count));
        expect(body).toMatchObject({ totalResults: whole.length, startIndex });
        expect(body).not.toHaveProperty('nextCursor');
      }),
      { numRuns: 150 },
    );
  });

  test('has those without a value last, and first when descending', async () => {
    const { body } = await door.get('/Users?sortBy=externalId');
    expect(body.Resources.at(0).externalId).toBe('B3');
    expect(body.Resources.at(-1)).not.toHaveProperty('externalId');
    const reversed = (await door.get('/Users?sortBy=externalId&sortOrder=descending')).body;
    expect(reversed.Resources.at(0)).not.toHaveProperty('externalId');
    expect(reversed.Resources.at(-1).externalId).toBe('B3');
  });

  test('is to be had by POST /.search too, but not of users and groups together', async () => {
    const search = { sortBy: 'name.familyName', sortOrder: 'descending', count: 7, startIndex: 3 };
    const { body } = await door.post('/Users/.search', search);
    expect(ids(body)).toEqual(onPaper(people, 'name.familyName', true).slice(2, 9));
    const refused = await door.post('/.search', { sortBy: 'userName' });
    expect([refused.status, refused.body.scimType]).toEqual([400, 'invalidPath']);
    expect((await door.post('/Groups/.search', { sortBy: 'displayName' })).status).toBe(200);
  });

  test.each([
    ['sortBy=shoeSize', 'invalidPath', /no such attribute/],
    ['sortBy=name', 'invalidPath', /familyName/],
    ['sortBy=groups', 'invalidPath', /groups/],
    ['sortBy=urn:acme:2.0:User:badge', 'invalidPath', /schema/],
    ['sortBy=password', 'sensitive', /password/],
    ['sortBy=userName&sortOrder=upward', 'invalidValue', /ascending/],
  ])('I5 that cannot be is refused by name: %s', async (more, scimType, detail) => {
    const { status, body } = await door.get(`/Users?${more}`);
    expect([status, body.scimType]).toEqual([400, scimType]);
    expect(body.detail).toMatch(detail);
  });
});

describe('A cursor (RFC 9865)', () => {
  test('leads through the whole list, page by page, and nobody is met twice or missed', async () => {
    await fc.assert(
      fc.asyncProperty(asked, async (question) => {
        const { pages, totals } = await paged(question);
        const whole = expected(question);
        expect(pages.flat()).toEqual(whole);
        for (const page of pages.slice(0, -1)) expect(page).toHaveLength(question.count);
        expect(new Set(totals)).toEqual(new Set([whole.length]));
      }),
      { numRuns: 60 },
    );
  });

  test('leads over users and groups as one list', async () => {
    const own = await openDoor();
    const made: string[] = [];
    for (let index = 0; index < 4; index += 1) made.push((await own.post('/Users', { userName: `u${index}` })).body.id);
    for (let index = 0; index < 3; index += 1)
      made.push((await own.post('/Groups', { displayName: `g${index}` })).body.id);
    for (const count of [1, 2, 3, 4, 5, 7, 9]) {
      const seen: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const { body }: { body: { nextCursor?: string; totalResults: number; Resources: { id: string }[] } } =
          await own.post('/.search', { cursor, count });
        expect(body.totalResults).toBe(7);
        seen.push(...ids(body));
        cursor = body.nextCursor;
        expect(seen.length).toBeLessThan(20);
      }
      expect(seen).toEqual(made);
    }
    await own.close();
  });

  test('goes on where what is read at once ends, with and without a filter', async () => {
    const own = await openDoor();
    const outcomes = await own.store.accept(
      Array.from({ length: 1200 }, (_, index) => ({
        source: 'entra',
        method: 'POST' as const,
        kind: 'User' as const,
        body: { userName: `p${index}` },
      })),
    );
    const made = outcomes.map((outcome) => (outcome.ok ? outcome.id : ''));
    const all = { displayName: 'All', members: made.map((value) => ({ value })) };
    const { id } = (await own.post('/Groups?attributes=id', all)).body;
    // The last one is answered from an index, which knows of no page.
    for (const more of [
      '',
      `&filter=groups%20eq%20"${id}"`,
      '&filter=userName%20pr',
      '&sortBy=meta.created',
      '&sortBy=active&filter=userName%20pr',
    ])
      for (const count of [500, 600]) {
        const seen: string[] = [];
        for (let cursor: string | undefined = ''; cursor !== undefined; ) {
          const { body }: { body: { nextCursor?: string; Resources: { id: string }[] } } = await own.get(
            `/Users?attributes=id&count=${count}&cursor=${cursor}${more}`,
          );
          seen.push(...ids(body));
          cursor = body.nextCursor;
          expect(seen.length).toBeLessThanOrEqual(1200);
        }
        expect(seen, `${more} ${count}`).toEqual(made);
      }
    await own.close();
  });

  test('I10 leads to the end of a sorted list that startIndex does not reach', async () => {
    const own = await openDoor();
    const many = 10_050;
    const outcomes = await own.store.accept(
      Array.from({ length: many }, (_, index) => ({
        source: 'entra',
        method: 'POST' as const,
        kind: 'User' as const,
        body: { userName: `p${String(many - index).padStart(5, '0')}` },
      })),
    );
    const made = outcomes.map((outcome) => (outcome.ok ? outcome.id : '')).reverse();
    const sorted = '/Users?attributes=id&sortBy=userName';
    expect(ids((await own.get(`${sorted}&startIndex=9991&count=10`)).body)).toEqual(made.slice(9990, 10_000));
    const refused = await own.get(`${sorted}&startIndex=9992&count=10`);
    expect([refused.status, refused.body.scimType]).toEqual([400, 'tooMany']);
    expect(refused.body.detail).toContain('cursor');
    expect((await own.get(`${sorted}&startIndex=10046&count=10&filter=userName%20sw%20"p1"`)).body.scimType).toBe(
      'tooMany',
    );
    // Without an order there is nothing to keep meanwhile.
    expect(ids((await own.get('/Users?attributes=id&startIndex=10050')).body)).toEqual([made[0]]);
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { body }: { body: { nextCursor?: string; Resources: { id: string }[] } } = await own.get(
        `${sorted}&count=1000&cursor=${cursor}`,
      );
      seen.push(...ids(body));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(made);
    await own.close();
  });

  test('stays where it was while others come and go, before it and behind it', async () => {
    for (const more of [
      '',
      '&sortBy=userName',
      '&filter=active%20eq%20true',
      '&sortBy=userName&filter=active%20eq%20true',
    ]) {
      const own = await openDoor();
      const add = async (name: string) =>
        (await own.post('/Users', { userName: name, active: true })).body.id as string;
      const made: string[] = [];
      for (let index = 0; index < 9; index += 1) made.push(await add(`p${index}`));
      const first = (await own.get(`/Users?cursor=&count=4${more}`)).body;
      await own.delete(`/Users/${made[1]}`);
      await own.delete(`/Users/${made[3]}`); // the very one the cursor stands at
      await own.delete(`/Users/${made[5]}`);
      await add('a0');
      const late = await add('p9');
      const second = (await own.get(`/Users?cursor=${first.nextCursor}&count=50${more}`)).body;
      const seen = [...ids(first), ...ids(second)];
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.slice(0, 4)).toEqual(made.slice(0, 4));
      expect(seen.slice(4).filter((id) => made.includes(id))).toEqual([made[4], made[6], made[7], made[8]]);
      expect(seen).toContain(late);
      expect(second).not.toHaveProperty('nextCursor');
      await own.close();
    }
  });

  test('I5 of another query, of another source, bent or made up is invalidCursor', async () => {
    const { nextCursor } = (await door.get('/Users?cursor=&count=5&sortBy=userName')).body;
    const ask = async (path: string, headers?: Record<string, string>) => {
      const { status, body } = await door.get(path, headers);
      return status === 200 ? 200 : [status, body.scimType];
    };
    expect(await ask(`/Users?cursor=${nextCursor}&count=9&sortBy=userName&attributes=id`)).toBe(200);
    const invalid = [400, 'invalidCursor'];
    expect(await ask(`/Users?cursor=${nextCursor}&sortBy=userName`, { authorization: 'okta' })).toEqual(invalid);
    expect(await ask(`/Users?cursor=${nextCursor}`)).toEqual(invalid);
    expect(await ask(`/Users?cursor=${nextCursor}&sortBy=id`)).toEqual(invalid);
    expect(await ask(`/Users?cursor=${nextCursor}&sortBy=userName&sortOrder=descending`)).toEqual(invalid);
    expect(await ask(`/Users?cursor=${nextCursor}&sortBy=userName&filter=userName%20pr`)).toEqual(invalid);
    expect(await ask(`/Groups?cursor=${nextCursor}`)).toEqual(invalid);
    for (const wrong of ['x', '%20', '=', 'null', '../..', nextCursor.slice(0, -1), `${nextCursor}A`, `${nextCursor}=`])
      expect(await ask(`/Users?cursor=${wrong}&sortBy=userName`), wrong).toEqual(invalid);
    for (let at = 8; at < nextCursor.length; at += 1) {
      const bent = nextCursor.slice(0, at) + (nextCursor[at] === 'A' ? 'B' : 'A') + nextCursor.slice(at + 1);
      expect(await ask(`/Users?cursor=${bent}&sortBy=userName`), `at ${at}`).toEqual(invalid);
    }
  });

  test('of a relay that was started anew has expired, and says so', () => {
    const mark = { kind: 0, num: 7, key: 'ada', total: 9 };
    const [one, another] = [cursors(randomBytes(32), randomBytes), cursors(randomBytes(32), randomBytes)];
    const sealed = one.seal(mark, ['entra']);
    expect(one.open(sealed, ['entra'])).toEqual(mark);
    expect(sealed).not.toBe(one.seal(mark, ['entra']));
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('ada');
    expect(() => another.open(sealed, ['entra'])).toThrow(expect.objectContaining({ scimType: 'expiredCursor' }));
  });

  test('has expired at the door of a relay that was started anew, where a list begins again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cursor-'));
    const ask = async (own: Door, cursor: string) => (await own.get(`/Users?count=1&cursor=${cursor}`)).body;
    const before = await openDoor(join(folder, 'relay.db'));
    for (const userName of ['a', 'b', 'c']) await before.post('/Users', { userName });
    const { nextCursor } = await ask(before, '');
    expect((await ask(before, nextCursor)).Resources[0].userName).toBe('b');
    await before.close();
    const after = await openDoor(join(folder, 'relay.db'));
    const expired = await ask(after, nextCursor);
    expect(expired).toMatchObject({
      status: '400',
      scimType: 'expiredCursor',
      detail: expect.stringContaining('again'),
    });
    expect((await ask(after, (await ask(after, '')).nextCursor)).Resources[0].userName).toBe('b');
    await after.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ['count=0', 'invalidCount'],
    ['count=-1', 'invalidCount'],
    ['count=1001', 'invalidCount'],
    ['count=many', 'invalidCount'],
    ['startIndex=2', 'invalidValue'],
  ])('refuses what RFC 9865 does not know beside it: %s', async (more, scimType) => {
    const { status, body } = await door.get(`/Users?cursor=&${more}`);
    expect([status, body.scimType]).toEqual([400, scimType]);
  });

  test('is not given to who does not ask, and is announced with its limits', async () => {
    expect((await door.get('/Users?count=2')).body).not.toHaveProperty('nextCursor');
    expect((await door.get('/Users?count=1000&cursor=&startIndex=1')).status).toBe(200);
    expect((await door.get('/ServiceProviderConfig')).body).toMatchObject({
      sort: { supported: true },
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: 100,
        maxPageSize: 1000,
      },
    });
    expect((await door.get('/Users')).body.itemsPerPage).toBe(people.length);
  });
});
