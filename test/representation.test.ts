import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { attributesOf, bodyOf, calledName, emailKeys, type Stored, timeOrdered } from '../daemon/core/directory.ts';
import { represent, resourceOf, shownBy } from '../daemon/core/representation.ts';
import { userDocuments } from './arbitraries.ts';

const base = 'http://127.0.0.1:8480/scim/v2';
const reference = fc.record({
  value: fc.constantFrom('g1', 'g2'),
  display: fc.constantFrom('Staff', 'a "quoted" name', '<script>', ''),
  type: fc.constantFrom('User' as const, 'Group' as const),
});
const stored = fc
  .record({
    document: userDocuments(),
    version: fc.integer({ min: 1, max: 9 }),
    groups: fc.option(fc.array(reference, { maxLength: 2 }), { nil: undefined }),
    modifiedAt: fc.constantFrom(0, 1000),
  })
  .map(
    ({ document, version, groups, modifiedAt }): Stored => ({
      kind: 'User',
      id: 'u1',
      body: bodyOf('User', document),
      version,
      createdAt: 0,
      modifiedAt,
      ...(groups && { groups }),
    }),
  );

describe('How a resource is answered', () => {
  test('the text put together is the resource, attribute by attribute, and shows only what is asked for', () => {
    const law = fc.property(
      stored,
      fc.constantFrom('userName', 'emails.value,meta', 'name', 'groups'),
      (one, attributes) => {
        const whole = resourceOf(one, base);
        expect(JSON.parse(represent(one, base, undefined))).toEqual(whole);
        const shown = JSON.parse(represent(one, base, shownBy('User', { attributes })));
        for (const [name, value] of Object.entries(shown))
          expect(name === 'emails' || JSON.stringify(whole[name]) === JSON.stringify(value)).toBe(true);
        expect(shown).toMatchObject({ id: 'u1', schemas: whole.schemas });
        const { groups: _, ...others } = whole;
        const without = shownBy('User', { excludedAttributes: 'GROUPS' });
        expect([without?.whole, JSON.parse(represent(one, base, without))]).toEqual([true, others]);
        for (const excludedAttributes of ['groups,title', 'groups.display', 'members', 'meta'])
          expect(shownBy('User', { excludedAttributes })?.whole).toBe(false);
        expect(shownBy('User', { attributes: 'id', excludedAttributes: 'groups' })?.whole).toBe(false);
      },
    );
    fc.assert(law);
  });

  test('groups are named by the address of each client, also those that many are in', () => {
    const [staff, one] = [{ value: 'g1', display: 'Staff', type: 'Group' } as const, 'https://one.test/scim/v2'];
    const user: Stored = { kind: 'User', id: 'u1', body: bodyOf('User', {}), version: 1, createdAt: 0, modifiedAt: 0 };
    for (const address of [base, one, base]) {
      const { groups } = JSON.parse(represent({ ...user, groups: [staff] }, address, undefined));
      expect(groups).toEqual([{ value: 'g1', $ref: `${address}/Groups/g1`, type: 'direct', display: 'Staff' }]);
    }
  });

  test('meta says when it was made and last changed, its version, and its address', () => {
    const one: Stored = {
      kind: 'Group',
      id: 'g1',
      body: bodyOf('Group', { displayName: 'Staff' }),
      version: 3,
      createdAt: 0,
      modifiedAt: 1500,
    };
    expect(JSON.parse(represent(one, base, undefined))).toEqual({
      schemas: [urn.group],
      displayName: 'Staff',
      id: 'g1',
      meta: {
        resourceType: 'Group',
        created: '1970-01-01T00:00:00.000Z',
        lastModified: '1970-01-01T00:00:01.500Z',
        location: `${base}/Groups/g1`,
        version: 'W/"3"',
      },
    });
  });

  test('schemas are the core one and those of the extensions that are there, and are not kept as an attribute', () => {
    fc.assert(
      fc.property(userDocuments(), (document) => {
        const body = bodyOf('User', document);
        expect(JSON.parse(body).schemas).toEqual([
          urn.user,
          ...Object.keys(document).filter((name) => name.includes(':')),
        ]);
        expect(attributesOf(body)).toEqual(document);
      }),
    );
  });
});

describe('What the directory derives of a user', () => {
  test.each([
    [{ userName: 'a', displayName: 'Ada L', name: { formatted: 'x' } }, 'Ada L'],
    [{ userName: 'a', name: { formatted: 'Ada Lovelace', givenName: 'x' } }, 'Ada Lovelace'],
    [{ userName: 'a', name: { givenName: 'Ada', familyName: 'Lovelace' } }, 'Ada Lovelace'],
    [{ userName: 'a', displayName: ' ', name: { familyName: 'Lovelace' } }, 'Lovelace'],
    [{ userName: 'a', name: 'Ada' }, 'a'],
  ])('%j is called %s', (user, name) => expect(calledName(user)).toBe(name));

  test('e-mails are looked up folded, each once, and not a second time where the userName is one', () => {
    const emails = [{ value: 'B@x.test' }, { value: 'b@X.test' }, { value: 'A@x.test' }, { type: 'work' }, 7];
    expect(emailKeys({ userName: 'a@X.TEST', emails })).toEqual(['b@x.test']);
    expect(emailKeys({ userName: 'a', emails: [{ value: 'x'.repeat(9000) }] })).toEqual([]);
  });

  test('ids are UUIDs of version 7: they sort by the time they were made, and are random behind it', () => {
    const uuid = '7eadd8da-a4df-47aa-bfb9-fa571f788579';
    expect(timeOrdered(uuid, 0x0123456789ab)).toBe('01234567-89ab-77aa-bfb9-fa571f788579');
    const law = fc.property(
      fc.uuid({ version: 4 }),
      fc.uuid({ version: 4 }),
      fc.nat(),
      fc.nat(),
      (one, two, at, later) => {
        expect(timeOrdered(one, at)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(timeOrdered(one, at) < timeOrdered(two, at + later + 1)).toBe(true);
      },
    );
    fc.assert(law);
  });
});
