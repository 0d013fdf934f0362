/**
 * What a change of the mapping does, counted over lists, held against what access.ts and an oracle say of each person; and
 * the lists as the store keeps them, after any pushes.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lowers, type Mapping } from '../daemon/core/mapping.ts';
import { withLinks } from '../daemon/core/mappingedit.ts';
import { effectOf } from '../daemon/core/mappingeffect.ts';
import { survey } from '../daemon/core/mappingsurvey.ts';
import { inside, type Rosters } from '../daemon/core/rosters.ts';
import { editing } from '../daemon/store/editing.ts';
import { type Company, company as companies, mapping as mappings } from './arbitraries/world.ts';
import { company, link, mapped, person } from './plan/example.ts';
import { desiredRoles } from './plan/oracle.ts';
import { stores } from './stores.ts';

/** The lists of a small company; everybody is numbered from 1 to 5. */
function rostersOf({ people, teams, nested, members }: Company): Rosters {
  const byNum = new Map(teams.map((team) => [team.num, team]));
  const children = new Map(
    [...Map.groupBy(nested, ([at]) => at)].map(([at, some]) => [at, some.map(([, one]) => one)]),
  );
  const active = new Uint8Array(6);
  for (const { num, state } of people) active[num] = state === 'active' ? 1 : 0;
  const direct = (team: number) => Uint32Array.from(members.flatMap(([at, who]) => (at === team ? [who] : [])));
  return {
    size: 6,
    active,
    parts: ({ source, team }) => {
      const found = teams.find((one) => one.id === team && one.source === source);
      return found ? inside(found.num, byNum, children).map(direct) : [];
    },
  };
}
function finish<T>(walk: Generator<void, T>): T {
  for (;;) {
    const { done, value } = walk.next();
    if (done) return value;
  }
}
const scenes = companies().chain((one) =>
  fc.record({ one: fc.constant(one), other: mappings(fc.constant(one.mapping.mode)) }),
);

test('A1, A2, A3, A5: who gains, loses, rises and falls is what the access of both says, person by person', () => {
  const law = fc.property(scenes, fc.boolean(), ({ one, other }, sameRoles) => {
    const after: Mapping = sameRoles ? { ...one.mapping, links: other.links } : other;
    fc.pre(after.links.every(({ role }) => after.roles.some(({ id }) => id === role)));
    const shifts: string[] = [];
    const changed = new Set<number>();
    let [losesAll, gainsFirst] = [0, 0];
    const perCommunity = new Map<string, [number, number]>();
    for (const who of one.people) {
      const from = desiredRoles(one, who);
      const to = desiredRoles({ ...one, mapping: after }, who);
      const communities = [...new Set([...from.keys(), ...to.keys()])];
      for (const community of communities) {
        const [was, is] = [from.get(community) ?? null, to.get(community) ?? null];
        const [before = 0, now = 0] = perCommunity.get(community) ?? [];
        perCommunity.set(community, [before + (was === null ? 0 : 1), now + (is === null ? 0 : 1)]);
        if (was === is) continue;
        changed.add(who.num);
        const kind = was === null ? 'gains' : is === null ? 'loses' : lowers(after, was, is) ? 'falls' : 'rises';
        shifts.push(`${who.num} ${community} ${was} ${is} ${kind}`);
      }
      if (communities.some((at) => from.has(at) && !to.has(at)) && to.size === 0) losesAll += 1;
      if (communities.some((at) => !from.has(at) && to.has(at)) && from.size === 0) gainsFirst += 1;
    }
    const effect = finish(effectOf(one.mapping, after, rostersOf(one), 1000)) ?? expect.fail();
    const told = effect.named.map(
      ({ person, community, from, to, kind }) => `${person} ${community} ${from} ${to} ${kind}`,
    );
    expect(told.sort()).toEqual(shifts.sort());
    const ofKind = (kind: string) => shifts.filter((shift) => shift.endsWith(kind)).length;
    expect(effect).toMatchObject({
      people: changed.size,
      gains: ofKind('gains'),
      loses: ofKind('loses'),
      rises: ofKind('rises'),
      falls: ofKind('falls'),
      losesAll,
      gainsFirst,
      more: 0,
    });
    for (const { community, before, after: now, ...counts } of effect.communities) {
      expect([before, now]).toEqual(perCommunity.get(community));
      expect(counts.gains + counts.loses + counts.rises + counts.falls).toBe(
        shifts.filter((shift) => shift.split(' ')[1] === community).length,
      );
    }
    expect(effect.communities.reduce((sum, { gains }) => sum + gains, 0)).toBe(effect.gains);
  });
  fc.assert(law, { numRuns: 1000 });
});

test('what is told one by one is cut to the limit, what is lost first, and the counts are of all', () => {
  const people = [1, 2, 3, 4, 5].map((num) => person(num, `p${num}`));
  const one = company(people, {
    members: [1, 2, 3, 4, 5].map((num) => [num < 4 ? 11 : 12, num] as const),
    mapping: mapped(link(11, 'finance'), link(12, 'finance', 'administrator')),
  });
  const after = mapped(link(12, 'finance'), link(12, 'sales'));
  const effect = finish(effectOf(one.mapping, after, rostersOf(one), 4)) ?? expect.fail();
  expect(effect).toMatchObject({ loses: 3, falls: 2, gains: 2, more: 3, people: 5, losesAll: 3 });
  expect(effect.named.map(({ kind }) => kind)).toEqual(['loses', 'loses', 'loses', 'falls']);
});

test('A2, A3, A5: the heads of links, communities and roles are those that the access of each person adds up to', () => {
  const law = fc.property(companies(), (one) => {
    const { mapping, people, members, teams, nested } = one;
    const { links, communities } = finish(survey(mapping, rostersOf(one)));
    const rolesOf = people.map((who) => desiredRoles(one, who));
    for (const community of ['finance', 'sales']) {
      const roles = rolesOf.flatMap((all) => all.get(community) ?? []);
      const counted = communities.get(community);
      expect(counted?.people ?? 0).toBe(roles.length);
      for (const { id } of mapping.roles)
        expect(counted?.roles.get(id) ?? 0).toBe(roles.filter((role) => role === id).length);
    }
    expect(links.map(({ link: of }) => of)).toEqual(mapping.links);
    for (const { link: of, people: heads, idle } of links) {
      const only = { ...one, mapping: { ...mapping, links: [of] } };
      expect(heads).toBe(people.filter((who) => desiredRoles(only, who).size > 0).length);
      // Idle: without it everybody has exactly what they have with it.
      const without = { ...one, mapping: withLinks(mapping, [], [of]) };
      const isIdle =
        heads > 0 &&
        people.every(
          (who, at) => String([...desiredRoles(without, who)].sort()) === String([...(rolesOf[at] ?? [])].sort()),
        );
      expect(idle, JSON.stringify({ of, members, teams, nested })).toBe(isIdle);
    }
  });
  fc.assert(law, { numRuns: 1000 });
});

type Store = Awaited<ReturnType<typeof stores>>;
/** The same counts by a person-by-person reading of the world that plans are decided in. */
async function heads({ planning, db }: Store): Promise<Record<string, number>> {
  const nums = db.prepare<[], number>("SELECT num FROM person WHERE state = 'active'").pluck().all();
  const { cases } = await planning.explain(nums, Date.now());
  const counts: Record<string, number> = {};
  for (const { access } of cases)
    for (const { community, role } of access.values()) {
      counts[`${community} ${role}`] = (counts[`${community} ${role}`] ?? 0) + 1;
    }
  return counts;
}
async function counted({ editing }: Store): Promise<Record<string, number>> {
  const { items } = await editing.boards.communities({ of: 'published', filter: '', offset: 0, limit: 100 });
  return Object.fromEntries(
    items.flatMap(({ id, roles }) =>
      roles.flatMap(({ role, people }) => (people === 0 ? [] : [[`${id} ${role}`, people]])),
    ),
  );
}

test('A1: the lists follow every push: people come and go, groups nest and are deleted, and nothing stale is counted', async () => {
  const kept = await stores();
  const people = await Promise.all(['ada', 'ben', 'cho', 'dee'].map((name) => kept.user(`${name}@x.test`)));
  const groups = [await kept.group('A', []), await kept.group('B', []), await kept.group('C', [])];
  const [a, b, c] = groups as [string, string, string];
  await kept.map([
    [a, 'finance', 'contributor'],
    [b, 'finance', 'administrator'],
    [c, 'sales', 'contributor'],
  ]);
  const step = fc.record({
    kind: fc.constantFrom('add', 'remove', 'nest', 'unnest', 'off', 'on', 'remove-all'),
    group: fc.constantFrom(...groups),
    other: fc.constantFrom(...groups),
    who: fc.constantFrom(...people),
  });
  const law = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
    for (const { kind, group, other, who } of steps) {
      if (kind === 'off' || kind === 'on') await kept.patchUser(who, { active: kind === 'on' });
      else if (kind === 'remove-all')
        await kept.push({
          method: 'PATCH',
          kind: 'Group',
          id: group,
          body: { Operations: [{ op: 'remove', path: 'members' }] },
        });
      else await kept.members(group, /^(add|nest)$/.test(kind) ? 'add' : 'remove', [/nest/.test(kind) ? other : who]);
    }
    expect(await counted(kept)).toEqual(await heads(kept));
  });
  await fc.assert(law, { numRuns: 60 });
  await kept.push(
    { method: 'DELETE', kind: 'Group', id: b },
    { method: 'DELETE', kind: 'User', id: people[0] as string },
  );
  expect(await counted(kept)).toEqual(await heads(kept));
  const again = await kept.user('ada@x.test');
  await kept.members(a, 'add', [again]);
  expect(await counted(kept)).toEqual(await heads(kept));
});

test('A1: the first look, before all lists are there, says what every later one says', async () => {
  const kept = await stores();
  const people = await Promise.all(['ada', 'ben', 'cho', 'dee'].map((name) => kept.user(`${name}@x.test`)));
  const groups = [await kept.group('A', []), await kept.group('B', []), await kept.group('C', [])];
  const [a, b, c] = groups as [string, string, string];
  const drawn = fc.record({
    source: fc.constant(kept.source),
    groupId: fc.constantFrom(a, b, c),
    community: fc.constantFrom('finance', 'sales', 'law'),
    role: fc.constantFrom('contributor', 'administrator'),
  });
  const links = [
    [a, 'finance', 'contributor'],
    [b, 'finance', 'administrator'],
    [c, 'sales', 'contributor'],
    [c, 'law', 'contributor'],
  ] as const;
  await kept.map(links);
  const there = links.map(([groupId, community, role]) => ({ source: kept.source, groupId, community, role }));
  const join = fc.record({
    group: fc.constantFrom(...groups),
    who: fc.constantFrom(...people, a, b, c),
    kind: fc.constantFrom('add', 'remove', 'off', 'on'),
  });
  const law = fc.asyncProperty(
    fc.array(join, { maxLength: 5 }),
    fc.array(drawn, { maxLength: 2 }),
    fc.subarray(there, { maxLength: 2 }),
    async (joins, add, remove) => {
      for (const { group, who, kind } of joins)
        if (kind === 'add' || kind === 'remove') await kept.members(group, kind, [who]);
        else if (people.includes(who)) await kept.patchUser(who, { active: kind === 'on' });
      const ask = { base: 'published', add, remove, limit: 20 } as const;
      const { journal, mappings } = kept;
      const { outlook } = editing(kept.db, { journal, mappings });
      const first = await outlook.effect(ask); // nothing is read yet
      await outlook.advice('published', 1); // reads all of it
      const lately = await outlook.effect(ask);
      expect(first).toEqual(lately);
    },
  );
  await fc.assert(law, { numRuns: 150 });
});

test('A1: a list longer than one reading is whole, and a push in the middle of counting leaves one moment', async () => {
  const kept = await stores();
  const many = 20_050;
  // Rows written as a provider's pushes would leave them; 20,000 pushes would be a test of patience.
  const id = await kept.user('first@x.test');
  kept.db.exec(`
    WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ${many})
    INSERT INTO person (id, source, state, user_name, user_name_key, name, name_key, body, version, created_at, modified_at, seq)
    SELECT 'p' || at, '${kept.source}', 'active', 'p' || at, 'p' || at, 'P', 'p', '{}', 1, 0, 0, 1 FROM n`);
  const [all, few] = [await kept.group('Everybody', []), await kept.group('Few', [id])];
  kept.db.exec(
    `INSERT INTO membership (team, person) SELECT (SELECT num FROM team WHERE id = '${all}'), num FROM person`,
  );
  await kept.map([
    [all, 'finance', 'contributor'],
    [few, 'finance', 'administrator'],
  ]);
  const look = ({ outlook } = kept.editing) =>
    outlook.effect({
      base: 'published',
      add: [],
      remove: [{ source: kept.source, groupId: few, community: 'finance', role: 'administrator' }],
      limit: 5,
    });
  const looking = look();
  await kept.members(few, 'add', ['p7', 'p20049']);
  const effect = await looking;
  expect(effect).toMatchObject({ falls: 3, loses: 0, people: 3, losesAll: 0 });
  expect(effect.named.map(({ userName }) => userName).sort()).toEqual(['first@x.test', 'p20049', 'p7']);
  expect(effect.communities).toMatchObject([{ community: 'finance', before: many + 1, after: many + 1 }]);
  await kept.patchUser('p7', { active: false });
  expect(await look()).toMatchObject({ falls: 2 });
  // Read anew, when some are inactive already.
  await kept.patchUser(id, { active: false });
  const { journal, mappings } = kept;
  expect(await look(editing(kept.db, { journal, mappings }))).toMatchObject({
    falls: 1,
    communities: [{ community: 'finance', before: many - 1, after: many - 1 }],
  });
});
