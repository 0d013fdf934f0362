/**
 * The store's columns of everybody agree with its cases of the same people, after random histories of a small company. The
 * cases come from one loader that remembers what it may, the columns are read anew each time: so what is remembered is right.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pair } from '../daemon/core/gate.ts';
import { rolesOf, type World } from '../daemon/core/plan.ts';
import { censuses } from '../daemon/store/census.ts';
import { heads } from '../daemon/store/heads.ts';
import { worlds } from '../daemon/store/world.ts';
import { stores } from './stores.ts';

const person = fc.nat(3);
const team = fc.nat(2);
const event = fc.oneof(
  fc.record({ do: fc.constantFrom('add' as const, 'remove' as const), team, person }),
  fc.record({ do: fc.constant('nest' as const), team, child: team }),
  fc.record({ do: fc.constantFrom('off' as const, 'on' as const, 'delete' as const), person }),
  fc.record({ do: fc.constantFrom('bury' as const, 'send' as const), team }),
  fc.record({ do: fc.constant('call' as const), team, name: fc.constantFrom('One', 'Two') }),
  fc.record({ do: fc.constant('torn' as const), team, person }),
  fc.record({ do: fc.constant('list' as const), name: fc.constantFrom('Finance', 'Money') }),
);
const links = fc.uniqueArray(
  fc.tuple(team, fc.constantFrom('finance', 'sales'), fc.constantFrom('contributor', 'editor', 'administrator')),
  { maxLength: 5, selector: (link) => link.join() },
);

const renamed = (id: string, displayName: string) => ({
  method: 'PATCH' as const,
  kind: 'Group' as const,
  id,
  body: { Operations: [{ op: 'replace', value: { displayName } }] },
});

test('A1, P5: everybody by numbers is everybody case by case', async () => {
  const law = fc.asyncProperty(
    fc.array(event, { maxLength: 12 }),
    fc.array(fc.tuple(links, fc.constantFrom('managed', 'managed', 'mirror'), fc.boolean()), {
      minLength: 1,
      maxLength: 2,
    }),
    async (events, mappings) => {
      const relay = await stores();
      const { load, count } = worlds(relay.db, relay.journal);
      const counted = heads(relay.db);
      try {
        count();
        const people = await Promise.all([0, 1, 2, 3].map((one) => relay.user(`p${one}@x.test`)));
        const teams = await Promise.all([0, 1, 2].map((one) => relay.group(`team ${one}`, [people[one] as string])));
        await relay.mappings.catalogue(
          ['finance', 'sales'].map((id) => ({ id, name: id })),
          'file',
          'test',
          1,
        );
        for (const [rows, mode, alike] of mappings) {
          const ranks = ['contributor', 'editor', 'administrator'].map((id, at) => ({ id, rank: alike ? 1 : at + 1 }));
          const named = rows.map(([one, community, role]) => ({
            source: relay.source,
            group: { id: teams[one] },
            community,
            role,
          }));
          await relay.mappings.publish(JSON.stringify({ version: 1, mode, roles: ranks, links: named }), 'test', '', 1);
          if (relay.settings.get('sync').state === 'off') await relay.enable();
          for (const one of events) {
            await happen(one).catch(() => undefined);
            if (one.do === 'torn' || one.do === 'call' || one.do === 'list') same();
          }
          same();
        }
        async function happen(one: (typeof events)[number]): Promise<unknown> {
          if (one.do === 'add' || one.do === 'remove')
            return relay.members(teams[one.team]!, one.do, [people[one.person]!]);
          if (one.do === 'nest') return relay.members(teams[one.team]!, 'add', [teams[one.child]!]);
          if (one.do === 'send') return relay.acknowledge();
          if (one.do === 'call') return relay.push(renamed(teams[one.team]!, `Team ${one.name}`));
          if (one.do === 'list') return relay.mappings.catalogue([{ id: 'finance', name: one.name }], 'file', 'x', 1);
          if (one.do === 'torn') return torn(teams[one.team]!, people[one.person]!);
          if (one.do === 'bury') return relay.push({ method: 'DELETE', kind: 'Group', id: teams[one.team]! });
          if (one.do === 'delete') return relay.push({ method: 'DELETE', kind: 'User', id: people[one.person]! });
          if (one.do === 'on' || one.do === 'off')
            return relay.patchUser(people[one.person]!, { active: one.do === 'on' });
          return undefined;
        }
        /** Looks at what it changed, and takes it back. */
        function torn(group: string, user: string): void {
          relay.db
            .transaction(() => {
              relay.db.prepare("UPDATE team SET display_name = 'torn' WHERE id = ?").run(group);
              relay.db.prepare("UPDATE person SET state = 'inactive' WHERE id = ?").run(user);
              relay.db.prepare("UPDATE observed_group SET display_name = 'torn'").run();
              relay.db.prepare('UPDATE observed_user SET active = 1 - active').run();
              load([1], relay.mappings.inForce(), relay.settings.get('policy'), 1);
              counted.active();
              counted.ours();
              throw new Error('torn');
            })
            .immediate();
        }
        /** Accounts that are switched on, in the groups of Steeple that a mapped group stands for. */
        function heldIn(group: string, { targets }: Pick<World, 'targets'>): unknown {
          const keys = [...targets.values()].flatMap(({ key, grants }) =>
            key === group || grants.some(({ community, role }) => pair(community, role) === group) ? [key] : [],
          );
          return relay.db
            .prepare(`SELECT count(DISTINCT usr) FROM observed_member m JOIN observed_group g ON g.num = m.grp
              JOIN observed_user o ON o.num = m.usr
              WHERE o.active = 1 AND g.target IN (SELECT value FROM json_each(?))`)
            .pluck()
            .get(JSON.stringify(keys));
        }
        function same(): void {
          const policy = relay.settings.get('policy');
          const world = load('all', relay.mappings.inForce(), policy, 1);
          const census = censuses(relay.db, relay.journal)(relay.mappings.inForce().mapping, policy, 1);
          const active = relay.db.prepare("SELECT count(*) FROM person WHERE state = 'active'").pluck().get();
          expect(counted.active().get(relay.source)).toBe(active);
          expect(counted.ours()).toEqual(relay.observed.ours());
          for (const { key, grants } of census.targets.values())
            for (const group of [key, ...grants.map(({ community, role }) => pair(community, role))]) {
              const wanted = [census, world].map(({ circumstances: given }) => given.holders.get(group));
              expect(wanted).toEqual([heldIn(group, census), heldIn(group, census)]);
            }
          expect(census.size).toBe(world.cases.length);
          const { communities, roles, targets } = census.lexicon;
          const row = new Int32Array(64);
          const grants = (count: number) =>
            [...row.subarray(0, count)].map((grant) => [
              communities[Math.floor(grant / roles.length)],
              roles[grant % roles.length],
            ]);
          const keys = (count: number) => [...row.subarray(0, count)].map((at) => targets[at]).sort();
          for (const [at, one] of world.cases.entries()) {
            expect(census.caseAt(at)).toEqual(one);
            expect(grants(census.fillNext(at, row))).toEqual(
              [...one.access.values()].map(({ community, role }) => [community, role]),
            );
            expect(grants(census.fillNow(at, row))).toEqual(
              [...rolesOf(one.holds, world)].sort(([a], [b]) => (a < b ? -1 : 1)),
            );
            expect(keys(census.fillTargets(at, row))).toEqual(one.targets);
            expect(keys(census.fillHolds(at, row))).toEqual(one.holds);
            const spoken = census.fillReasons(at, row);
            if (spoken >= 0)
              expect([...row.subarray(0, spoken)].map((link) => census.links[link])).toEqual(
                [...one.access.values()].flatMap(({ because }) => because.map(({ link }) => link)),
              );
          }
          expect([census.targets, census.groups, census.items, census.nameHolders, census.cycles]).toEqual([
            world.targets,
            world.groups,
            world.items,
            world.nameHolders,
            world.cycles,
          ]);
        }
      } finally {
        await relay.close();
      }
    },
  );
  await fc.assert(law, { numRuns: 30 });
}, 240_000);
