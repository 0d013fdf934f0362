/** The store's columns of everybody agree with its cases of the same people, after random histories of a small company. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rolesOf } from '../daemon/core/plan.ts';
import { censuses } from '../daemon/store/census.ts';
import { worlds } from '../daemon/store/world.ts';
import { stores } from './stores.ts';

const person = fc.nat(3);
const team = fc.nat(2);
const event = fc.oneof(
  fc.record({ do: fc.constantFrom('add' as const, 'remove' as const), team, person }),
  fc.record({ do: fc.constant('nest' as const), team, child: team }),
  fc.record({ do: fc.constantFrom('off' as const, 'on' as const, 'delete' as const), person }),
  fc.record({ do: fc.constantFrom('bury' as const, 'send' as const), team }),
);
const links = fc.uniqueArray(
  fc.tuple(team, fc.constantFrom('finance', 'sales'), fc.constantFrom('contributor', 'editor', 'administrator')),
  { maxLength: 5, selector: (link) => link.join() },
);

test('A1, P5: everybody by numbers is everybody case by case', async () => {
  const law = fc.asyncProperty(
    fc.array(event, { maxLength: 12 }),
    fc.array(fc.tuple(links, fc.constantFrom('managed', 'managed', 'mirror'), fc.boolean()), {
      minLength: 1,
      maxLength: 2,
    }),
    async (events, mappings) => {
      const relay = await stores();
      try {
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
          for (const one of events) await happen(one).catch(() => undefined);
          same();
        }
        async function happen(one: (typeof events)[number]): Promise<unknown> {
          if (one.do === 'add' || one.do === 'remove')
            return relay.members(teams[one.team]!, one.do, [people[one.person]!]);
          if (one.do === 'nest') return relay.members(teams[one.team]!, 'add', [teams[one.child]!]);
          if (one.do === 'send') return relay.acknowledge();
          if (one.do === 'bury') return relay.push({ method: 'DELETE', kind: 'Group', id: teams[one.team]! });
          if (one.do === 'delete') return relay.push({ method: 'DELETE', kind: 'User', id: people[one.person]! });
          if (one.do === 'on' || one.do === 'off')
            return relay.patchUser(people[one.person]!, { active: one.do === 'on' });
          return undefined;
        }
        function same(): void {
          const names = relay.mappings.communityNames();
          const policy = relay.settings.get('policy');
          const world = worlds(relay.db, relay.journal)('all', relay.mappings.inForce(), names, policy, 1);
          const census = censuses(relay.db, relay.journal)(relay.mappings.inForce().mapping, names, policy, 1);
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
  await fc.assert(law, { numRuns: 60 });
});
