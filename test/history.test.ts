import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../daemon/contract/scim.ts';
import type { Outcome, Push } from '../daemon/core/directory.ts';
import { RelayError } from '../daemon/errors.ts';
import { open } from '../daemon/store/db.ts';
import { differences, rebuild } from '../daemon/store/rebuild.ts';
import { world as start, type World } from './world.ts';

/** Runs `look` on a world of its own, and ends it. */
async function within(look: (world: World) => Promise<void>): Promise<void> {
  const world = await start();
  try {
    await look(world);
  } finally {
    world.close();
  }
}

describe('A random history of pushes', () => {
  // Small pools: names and groups collide, members come and go, and most pushes touch what another one touched.
  const source = fc.constantFrom('entra', 'okta');
  const name = fc.constantFrom('ada', 'ADA', 'ben', 'cho');
  const title = fc.constantFrom('staff', 'editors');
  const slot = fc.nat({ max: 5 });
  const slots = fc.array(slot, { maxLength: 3 });
  const active = fc.constantFrom<Json>(true, false, 'False');
  const intent = fc.oneof(
    fc.record({ op: fc.constantFrom('Add', 'replace'), path: fc.constant('members'), value: slots }),
    fc.record({ op: fc.constant('remove'), path: fc.constant('members'), value: slots }),
    fc.record({ op: fc.constant('remove'), path: fc.constant('members') }),
    fc.record({
      op: fc.constant('remove'),
      path: fc.constantFrom('members[type eq "User"]', 'members[type eq "Group"]'),
    }),
    fc.record({ op: fc.constant('replace'), path: fc.constant('displayName'), value: title }),
  );
  const step = fc.oneof(
    fc.record({ does: fc.constant('addUser' as const), source, name, active }),
    fc.record({ does: fc.constant('addGroup' as const), source, title, members: slots }),
    fc.record({ does: fc.constant('putUser' as const), source, at: slot, name, active }),
    fc.record({ does: fc.constant('patchUser' as const), source, at: slot, active }),
    fc.record({ does: fc.constant('putGroup' as const), source, at: slot, title, members: fc.option(slots) }),
    fc.record({
      does: fc.constant('patchGroup' as const),
      source,
      at: slot,
      intents: fc.array(intent, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ does: fc.constant('deleteUser' as const), source, at: slot }),
    fc.record({ does: fc.constant('deleteGroup' as const), source, at: slot }),
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
  const history = fc.array(step, { minLength: 4, maxLength: 24 });

  /** The push a step stands for. Slots name users and groups by turns, of either source, alive or not. */
  function pushOf(step: Step, users: readonly string[], groups: readonly string[]): Push {
    const userAt = (at: number) => users[at % Math.max(1, users.length)] ?? 'nobody';
    const groupAt = (at: number) => groups[at % Math.max(1, groups.length)] ?? 'nothing';
    const anyAt = (at: number) => ({ value: at % 3 === 2 ? groupAt(at) : userAt(at) });
    const { source } = step;
    switch (step.does) {
      case 'addUser':
        return { source, method: 'POST', kind: 'User', body: { userName: step.name, active: step.active } };
      case 'addGroup':
        return {
          source,
          method: 'POST',
          kind: 'Group',
          body: { displayName: step.title, members: step.members.map(anyAt) },
        };
      case 'putUser':
        return {
          source,
          method: 'PUT',
          kind: 'User',
          id: userAt(step.at),
          body: { userName: step.name, active: step.active },
        };
      case 'patchUser': {
        const Operations = [{ op: 'Replace', path: 'active', value: step.active }];
        return { source, method: 'PATCH', kind: 'User', id: userAt(step.at), body: { Operations } };
      }
      case 'putGroup': {
        const body = { displayName: step.title, ...(step.members && { members: step.members.map(anyAt) }) };
        return { source, method: 'PUT', kind: 'Group', id: groupAt(step.at), body };
      }
      case 'patchGroup': {
        const Operations = step.intents.map(
          (op): JsonObject => ({
            ...op,
            ...('value' in op && Array.isArray(op.value) && { value: op.value.map(anyAt) }),
          }),
        );
        return { source, method: 'PATCH', kind: 'Group', id: groupAt(step.at), body: { Operations } };
      }
      case 'deleteUser':
        return { source, method: 'DELETE', kind: 'User', id: userAt(step.at) };
      case 'deleteGroup':
        return { source, method: 'DELETE', kind: 'Group', id: groupAt(step.at) };
    }
  }

  type Edge = Readonly<{ team: number; num: number }>;
  const edges = (world: World) => ({
    people: world.db.prepare<[], Edge>('SELECT team, person AS num FROM membership').all(),
    teams: world.db.prepare<[], Edge>('SELECT team, child AS num FROM nesting').all(),
  });
  /** Every group a person is in at any depth, by following rows until nothing new is found. */
  function reach(world: World): Map<number, string> {
    const { people, teams } = edges(world);
    const states = world.db.prepare<[], { num: number; state: string }>('SELECT num, state FROM person').all();
    return new Map(
      states.map(({ num, state }) => {
        const found = new Set(people.filter((edge) => edge.num === num).map(({ team }) => team));
        for (let before = -1; before < found.size; ) {
          before = found.size;
          for (const { team, num: child } of teams) if (found.has(child)) found.add(team);
        }
        return [num, `${state} ${[...found].sort((a, b) => a - b)}`];
      }),
    );
  }
  /** Everybody who is owed a plan: by themselves, or because they are in an owed group, at any depth. */
  function owed(world: World): Set<number> {
    const rows = world.db.prepare<[], { kind: string; num: number }>('SELECT kind, num FROM owed').all();
    const { people, teams } = edges(world);
    const stand = new Set(rows.filter(({ kind }) => kind === 'team').map(({ num }) => num));
    for (let before = -1; before < stand.size; ) {
      before = stand.size;
      for (const { team, num: child } of teams) if (stand.has(team)) stand.add(child);
    }
    const through = people.filter(({ team }) => stand.has(team)).map(({ num }) => num);
    return new Set([...rows.filter(({ kind }) => kind === 'person').map(({ num }) => num), ...through]);
  }

  /** Plays a history; `before` and `after` look at each push. */
  async function play(
    world: World,
    steps: readonly Step[],
    look: (push: Push, outcome: Outcome) => void = () => {},
    prepare: (index: number) => void = () => {},
  ): Promise<void> {
    const users: string[] = [];
    const groups: string[] = [];
    for (const [index, step] of steps.entries()) {
      prepare(index);
      const push = pushOf(step, users, groups);
      const outcome = await world.push(push);
      if (!outcome.ok && !(outcome.error instanceof RelayError)) throw outcome.error;
      if (outcome.ok && push.method === 'POST') (push.kind === 'User' ? users : groups).push(outcome.id);
      look(push, outcome);
    }
  }

  test('J2 can be made again from the journal alone, equal to the last attribute', async () => {
    const law = fc.asyncProperty(history, (steps) =>
      within(async (world) => {
        await play(world, steps);
        const fresh = open(':memory:');
        rebuild(world.log.entries(), fresh);
        expect(await differences(world.db, fresh)).toEqual([]);
        fresh.close();
        expect(await world.log.verify()).toMatchObject({ ok: true });
      }),
    );
    await fc.assert(law, { numRuns: 40 });
  });

  test('I2 is not moved by a refusal, and tells each refusal and its reason in the journal', async () => {
    const law = fc.asyncProperty(history, (steps) =>
      within(async (world) => {
        let before = world.dump();
        await play(world, steps, (push, outcome) => {
          const after = world.dump();
          const entry = world.log.tail(1)[0];
          if (outcome.ok) expect(entry).toMatchObject({ seq: outcome.seq, kind: 'push', source: push.source });
          else {
            expect(after).toEqual(before);
            const { status, message } = outcome.error as RelayError;
            expect(entry).toMatchObject({
              kind: 'refusal',
              source: push.source,
              body: { status, detail: message, kind: push.kind },
            });
          }
          before = after;
        });
      }),
    );
    await fc.assert(law, { numRuns: 40 });
  });

  test('I8 never holds one userName twice, and never gives a source what is another one’s', async () => {
    const law = fc.asyncProperty(history, (steps) =>
      within(async (world) => {
        const owner = new Map<string, string>();
        await play(world, steps, (push, outcome) => {
          if (outcome.ok && push.method === 'POST') owner.set(outcome.id, push.source);
          if (outcome.ok) expect(owner.get(outcome.id)).toBe(push.source);
          const names = world.db
            .prepare<[], string>("SELECT lower(user_name) FROM person WHERE state <> 'deleted'")
            .pluck()
            .all();
          expect(new Set(names).size).toBe(names.length);
        });
        const mixed = world.db
          .prepare(
            'SELECT 1 FROM membership JOIN team ON team.num = team JOIN person ON person.num = person WHERE team.source <> person.source',
          )
          .all();
        expect(mixed).toEqual([]);
      }),
    );
    await fc.assert(law, { numRuns: 40 });
  });

  test('A5 owes a plan to everybody whose access could have changed, whatever happened since the last plan', async () => {
    const law = fc.asyncProperty(history, fc.integer({ min: 1, max: 5 }), (steps, together) =>
      within(async (world) => {
        let before = reach(world);
        await play(
          world,
          steps,
          () => {
            const due = owed(world);
            const after = reach(world);
            for (const [num, now] of after)
              if (before.get(num) !== now) expect(due.has(num), `person ${num}`).toBe(true);
          },
          (index) => {
            if (index % together > 0) return;
            world.db.exec('DELETE FROM owed');
            before = reach(world);
          },
        );
      }),
    );
    await fc.assert(law, { numRuns: 60 });
  });
});
