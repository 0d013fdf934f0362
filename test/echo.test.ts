/** What a provider sends comes back as it was sent: numbers, dates, Unicode, and what nobody described to us. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isNumeral, mostNumerals } from '../daemon/contract/numeral.ts';
import { open } from '../daemon/store/db.ts';
import { differences, replayer } from '../daemon/store/rebuild.ts';
import { type Door, openDoor } from './door.ts';

const acme = 'urn:acme:params:scim:2.0:User';
let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(async () => {
  expect(door.reports).toEqual([]);
  await door.close();
});

let next = 0;
const fresh = () => `echo.${next++}@x.test`;
/** Bodies are written by hand here: JSON.stringify would settle what they are to show. */
const create = (extension: string) =>
  door.ask('POST', '/Users', `{"userName":"${fresh()}","${acme}":${extension}}`, { authorization: 'Bearer entra' });
const extensionIn = (text: string): string =>
  text.slice(text.indexOf(`"${acme}":`) + acme.length + 3).split(',"id"')[0]!;

describe('Numbers', () => {
  test('come back digit by digit, whatever is done beside them', async () => {
    const sent =
      '{"a":1.0,"b":1,"c":-0,"d":[1e2,1E+2,0.10,{"e":12345678901234567890}],"f":0.12345678901234567890,"g":1e400,"h":123456789012345680000}';
    const made = await create(sent);
    expect([made.status, extensionIn(made.text)]).toEqual([201, sent]);
    const path = `/Users/${made.body.id}`;
    expect(extensionIn((await door.get(path)).text)).toBe(sent);
    // Shown in part, changed elsewhere, and said again as it is.
    expect((await door.get(`${path}?attributes=${acme}:d`)).text).toContain(
      '"d":[1e2,1E+2,0.10,{"e":12345678901234567890}]',
    );
    const patched = await door.patch(path, [{ op: 'replace', path: 'title', value: 'Engineer' }]);
    expect([patched.headers.get('etag'), patched.text.includes(sent)]).toEqual(['W/"2"', true]);
    const again = await door.ask('PUT', path, (await door.get(path)).text);
    expect([again.status, again.headers.get('etag')]).toEqual([200, 'W/"2"']);
    expect((await door.get(`/Users?filter=${encodeURIComponent(`${acme}:a eq 1`)}`)).text).toContain(sent);
  });

  test('are another number when they are written in another way, also in a PATCH', async () => {
    const { id } = (await create('{"a":1.0,"b":2}')).body;
    const replace = (value: string) =>
      door.ask('PATCH', `/Users/${id}`, `{"Operations":[{"op":"replace","path":"${acme}:a","value":${value}}]}`);
    expect((await replace('1.0')).headers.get('etag')).toBe('W/"1"');
    const other = await replace('1.00');
    expect([other.headers.get('etag'), extensionIn(other.text)]).toEqual(['W/"2"', '{"a":1.00,"b":2}']);
    const whole = await replace('1');
    expect([whole.headers.get('etag'), extensionIn(whole.text)]).toEqual(['W/"3"', '{"a":1,"b":2}']);
    await replace('[{"value":1.50},{"value":2.50}]');
    const chosen = `{"Operations":[{"op":"remove","path":"${acme}:a[value eq 1.5]"}]}`;
    expect(extensionIn((await door.ask('PATCH', `/Users/${id}`, chosen)).text)).toBe('{"a":[{"value":2.50}],"b":2}');
  });

  test('are found, chosen and made by exactly what a filter says', async () => {
    const { id } = (
      await create('{"n":12345678901234567890,"a":[{"k":12345678901234567890},{"k":12345678901234567891}]}')
    ).body;
    const found = async (filter: string) =>
      (await door.get(`/Users?filter=${encodeURIComponent(`id eq "${id}" and ${acme}:${filter}`)}`)).body.totalResults;
    expect(await found('n eq 12345678901234567890')).toBe(1);
    expect(await found('n eq 12345678901234567891')).toBe(0);
    expect(await found('n gt 12345678901234567889 and '.concat(`${acme}:n lt 12345678901234567891`))).toBe(1);
    expect(await found('a[k gt 12345678901234567890]')).toBe(1);
    expect(await found('a[k gt 12345678901234567891]')).toBe(0);
    const change = (op: string) => door.ask('PATCH', `/Users/${id}`, `{"Operations":[${op}]}`);
    const removed = await change(`{"op":"remove","path":"${acme}:a[k eq 12345678901234567891]"}`);
    expect(extensionIn(removed.text)).toContain('"a":[{"k":12345678901234567890}]');
    const made = await change(`{"op":"add","path":"${acme}:a[k eq 1.50].v","value":2.0}`);
    expect(extensionIn(made.text)).toContain('"a":[{"k":12345678901234567890},{"k":1.50,"v":2.0}]');
  });

  test('where text belongs are refused as numbers, however they are written', async () => {
    for (const value of ['1', '1.0', '12345678901234567890']) {
      const answer = await door.ask('POST', '/Users', `{"userName":"${fresh()}","title":${value},"active":true}`);
      expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
      expect(answer.body.detail).toContain('"title" must be a string, not a number');
    }
    const answer = await door.ask(
      'POST',
      '/Users',
      `{"userName":"${fresh()}","name":{"givenName":1.0},"emails":[1.0]}`,
    );
    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
  });

  test('J2 come out of the journal as they went in', async () => {
    await create('{"a":1.0,"b":-0,"c":98765432109876543210}');
    const copy = open(':memory:');
    const apply = replayer(copy);
    for (const entry of door.log.entries()) apply(entry);
    expect(await differences(door.db, copy)).toEqual([]);
    copy.close();
  });

  test('any that JSON has, in any place', async () => {
    const digits = fc.stringMatching(/^[0-9]{1,25}$/);
    const numeral = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.stringMatching(/^(0|[1-9][0-9]{0,24})$/),
        fc.option(digits),
        fc.stringMatching(/^([eE][+-]?[0-9]{1,3})?$/),
      )
      .map(([sign, whole, part, exponent]) => `${sign}${whole}${part === null ? '' : `.${part}`}${exponent}`);
    const spaced = fc.tuple(fc.constantFrom('', ' ', '\n\t'), numeral).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(spaced, { minLength: 1, maxLength: 40 }), async (numerals) => {
        const made = await create(`{"list":[${numerals.join()}],"last":${numerals[0]}}`);
        const bare = numerals.map((one) => one.trim());
        expect(extensionIn(made.text)).toBe(`{"list":[${bare.join()}],"last":${bare[0]}}`);
      }),
      { numRuns: 40 },
    );
  });

  test('I10 are refused where there are more of them than any resource has, and nobody passes for one', async () => {
    const many = await create(`[${'1.0,'.repeat(mostNumerals)}1.0]`);
    expect([many.status, many.body.scimType, many.body.detail]).toEqual([
      400,
      'invalidValue',
      expect.stringMatching(/10000 numbers/),
    ]);
    const feigned = '{"a":{"rawJSON":"1.0"},"b":[{"rawJSON":"}"}]}';
    const made = await create(feigned);
    expect([made.status, extensionIn(made.text)]).toEqual([201, feigned]);
    expect(isNumeral({ rawJSON: '1.0' })).toBe(false);
  });
});

describe('Dates, Unicode and what nobody described', () => {
  test('come back as they were sent', async () => {
    const sent = JSON.stringify({
      at: ['2024-02-29T12:00:00.000+02:00', '2011-05-13T04:42:34Z', '0001-01-01', '24:00'],
      decomposed: 'e\u0301',
      composed: '\u00e9',
      rightToLeft: '\u202e\u05d0\u200f',
      emoji: '\u{1f3f3}\ufe0f\u200d\u{1f308}',
      half: '\ud800',
      nul: 'a\u0000b',
      empty: { null: null, list: [], text: '' },
      nested: [[1, ['x', { y: true }]]],
      hasOwnProperty: 'a name like any other',
    });
    const made = await create(sent);
    expect([made.status, extensionIn(made.text)]).toEqual([201, sent]);
    expect(extensionIn((await door.get(`/Users/${made.body.id}`)).text)).toBe(sent);
    expect(made.body.schemas).toContain(acme);
  });

  test('a byte-order mark before a body is passed over, as RFC 8259 allows, and only there', async () => {
    const made = await door.ask('POST', '/Users', `\ufeff{"userName":"${fresh()}","title":"\ufeffx"}`);
    expect([made.status, made.body.title]).toEqual([201, '\ufeffx']);
    expect((await door.ask('POST', '/Users', `\ufeff\ufeff{"userName":"${fresh()}"}`)).status).toBe(400);
    expect((await door.ask('POST', '/Users', `{"userName":\ufeff"${fresh()}"}`)).status).toBe(400);
  });
});
