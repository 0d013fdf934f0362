/**
 * The store takes a filter apart and asks indexes where it can; `matches` reads it as it is. On random directories and
 * random filters both must find the same, in the order of creation.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject, ResourceKind } from '../daemon/contract/scim.ts';
import type { Outcome, Push } from '../daemon/core/directory.ts';
import { matches, parseFilter } from '../daemon/core/filter.ts';
import { resourceOf } from '../daemon/core/representation.ts';
import { type Door, openDoor } from './door.ts';

// Small pools, so that filters meet what is there: one address is a userName, an e-mail of another and an externalId too.
const addresses = ['ada@x.test', 'ADA@x.test', 'ben@x.test', 'Zoé@x.test', 'cho@x.test', 'dee@x.test'] as const;
const labels = ['Editors', 'editors', 'Staff', 'Städte'] as const;
const all = { members: true, groups: true };

let door: Door;
const ids: string[] = [];
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const push = (item: Omit<Push, 'source'>, source = 'entra'): Push => ({ source, ...item });
/** From either end: people were made first, groups last. */
const idAt = (place: number): string | undefined => ids.at(place < 8 ? place : 7 - place);
const idOf = (outcome: Outcome | undefined): string | undefined => (outcome?.ok ? outcome.id : undefined);

const email = fc.record({
  value: fc.constantFrom(...addresses),
  type: fc.constantFrom('work', 'home'),
});
const person = fc.record(
  {
    userName: fc.constantFrom(...addresses, 'eva@x.test', 'fin@x.test', 'gus@x.test', 'hal@x.test'),
    externalId: fc.constantFrom('e1', 'E1', 'e2', 'ada@x.test'),
    displayName: fc.constantFrom(...labels),
    active: fc.boolean(),
    emails: fc.array(email, { maxLength: 3 }),
  },
  { requiredKeys: ['userName'] },
);
const team = fc.record(
  { displayName: fc.constantFrom(...labels), externalId: fc.constantFrom('e1', 'e2') },
  { requiredKeys: ['displayName'] },
);
/** People, groups with members by their place in the lists, and who is deleted again. */
const world = fc.record({
  people: fc.array(person, { minLength: 3, maxLength: 8 }),
  teams: fc.array(fc.tuple(team, fc.array(fc.nat(15), { maxLength: 5 })), { minLength: 1, maxLength: 4 }),
  gone: fc.array(fc.nat(15), { maxLength: 2 }),
  others: fc.array(person, { maxLength: 2 }),
});

/** Everything of before goes first: the database is one, the directories many. */
async function settle({ people, teams, gone, others }: typeof world extends fc.Arbitrary<infer W> ? W : never) {
  for (const source of ['entra', 'okta'])
    for (const kind of ['Group', 'User'] as const)
      for (const { id } of (await door.store.find({ source, kind, offset: 0, count: 100, wanted: all })).resources)
        await door.store.accept([push({ method: 'DELETE', kind, id }, source)]);
  ids.length = 0;
  const add = async (kind: ResourceKind, body: JsonObject, source?: string) => {
    const id = idOf((await door.store.accept([push({ method: 'POST', kind, body }, source)]))[0]);
    if (id !== undefined) ids.push(id);
  };
  for (const body of people) await add('User', body as unknown as JsonObject);
  for (const body of others) await add('User', body as unknown as JsonObject, 'okta');
  for (const [body, places] of teams) {
    const members = [...new Set(places.map((place) => idAt(place)).filter((id) => id !== undefined))];
    await add('Group', { ...body, members: members.map((value) => ({ value })) });
    await add('Group', body);
  }
  for (const place of gone) {
    const id = idAt(place);
    if (id === undefined) continue;
    await door.store.accept([
      push({ method: 'DELETE', kind: 'User', id }),
      push({ method: 'DELETE', kind: 'Group', id }),
    ]);
  }
}

const text = (value: string) => JSON.stringify(value);
const place = fc.nat(15);
const some = fc.constantFrom(...addresses, ...labels, 'e1', 'E1', 'nobody').map(text);
const op = fc.constantFrom('eq', 'eq', 'eq', 'ne', 'co', 'sw');
const join = (parts: readonly string[]) => parts.join(' ');
const term = (kind: ResourceKind) =>
  fc
    .oneof(
      fc.tuple(fc.constantFrom('userName', 'externalId', 'displayName', 'emails', 'emails.value'), op, some).map(join),
      fc
        .tuple(
          fc.constantFrom('id', 'members', 'members.value', 'groups', 'groups.value'),
          fc.constantFrom('eq', 'ne'),
          place,
        )
        .map(([name, how, at]) => join([name, how, text(idAt(at) ?? 'nobody')])),
      fc
        .tuple(fc.constantFrom('work', 'home'), some)
        .map(([type, value]) => `emails[type eq "${type}"].value eq ${value}`),
      fc
        .tuple(fc.constantFrom('work', 'home'), some)
        .map(([type, value]) => `emails[type eq "${type}" and value eq ${value}]`),
      fc
        .tuple(fc.constantFrom('User', 'Group'), place)
        .map(([type, at]) => `members[type eq "${type}" and value eq ${text(idAt(at) ?? 'x')}]`),
      fc
        .tuple(fc.constantFrom('members', 'groups'), place)
        .map(([name, at]) => `${name}[value eq ${text(idAt(at) ?? 'x')}]`),
      fc
        .tuple(fc.constantFrom(...labels), place)
        .map(([label, at]) => `displayName eq ${text(label)} and members eq ${text(idAt(at) ?? 'x')}`),
      fc.constantFrom(
        'active eq true',
        'externalId pr',
        'not (emails pr)',
        'members pr',
        'groups pr',
        'meta.version eq "x"',
      ),
    )
    .filter((filter) => readable(filter, kind));
const filters = (kind: ResourceKind) =>
  fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      term(kind),
      fc
        .tuple(tie('node'), fc.constantFrom('and', 'and', 'or'), tie('node'))
        .map(([left, how, right]) => `(${left}) ${how} (${right})`),
      fc.tuple(term(kind), term(kind)).map(([left, right]) => `${left} and ${right}`),
      tie('node').map((node) => `not (${node})`),
    ),
  })).node;

function readable(filter: string, kind: ResourceKind): boolean {
  try {
    return parseFilter(filter, kind) !== undefined;
  } catch {
    return false;
  }
}

test.each(['User', 'Group'] as const)('I10 an index finds of every %s what reading the filter would', async (kind) => {
  let indexed = 0;
  let found = 0;
  await fc.assert(
    fc.asyncProperty(world, async (directory) => {
      await settle(directory);
      const { resources } = await door.store.find({ source: 'entra', kind, offset: 0, count: 100, wanted: all });
      await fc.assert(
        fc.asyncProperty(filters(kind), fc.nat(2), async (filter, offset) => {
          const read = parseFilter(filter, kind);
          const expected = resources.filter((one) => matches(read, resourceOf(one, ''))).map(({ id }) => id);
          const asked = { source: 'entra', kind, filter: read, wanted: all };
          const page = await door.store.find({ ...asked, offset, count: 3 });
          expect(page.resources.map(({ id }) => id)).toEqual(expected.slice(offset, offset + 3));
          expect(page.total).toBe(expected.length);
          if (/^(?!.* or )\w+ eq "/.test(filter)) indexed += 1;
          found += expected.length;
        }),
        { numRuns: 60 },
      );
    }),
    { numRuns: 25 },
  );
  // The law is about something: look-ups by index were among them, and some found somebody.
  expect(indexed).toBeGreaterThan(50);
  expect(found).toBeGreaterThan(100);
});
