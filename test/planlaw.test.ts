/**
 * Random small histories over the real stores: planning a few people at a time, push by push, comes to what planning
 * everybody at once would. Where they differ, a preview would show something else than what then happens.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../daemon/contract/scim.ts';
import { type Decision, decide } from '../daemon/core/plan.ts';
import { worlds } from '../daemon/store/world.ts';
import { effectsOf, type Stores, stores } from './stores.ts';

type Event =
  | Readonly<{ do: 'create' | 'delete' | 'switch' | 'title'; who: number; on: boolean }>
  | Readonly<{ do: 'rename'; who: number; to: string }>
  | Readonly<{ do: 'add' | 'remove'; team: number; who: number }>
  | Readonly<{ do: 'nest' | 'unnest'; team: number; child: number }>
  | Readonly<{ do: 'bury' | 'found'; team: number }>
  | Readonly<{
      do: 'map';
      links: readonly (readonly [team: number, community: string, role: string])[];
      mode: 'managed' | 'mirror';
    }>
  | Readonly<{ do: 'decide'; event: 'approve' | 'keep' | 'undo'; which: number }>
  | Readonly<{ do: 'plan' | 'send' | 'wait' }>;

const who = fc.integer({ min: 0, max: 4 });
const team = fc.integer({ min: 0, max: 2 });
const names = ['ann@x.test', 'ben@x.test', 'cho@x.test', 'dan@x.test', 'eve@x.test', 'fay@x.test'];
const roles = ['contributor', 'editor', 'administrator'];
const mapped = (some: readonly string[]) =>
  fc.record({
    do: fc.constant('map' as const),
    links: fc.uniqueArray(fc.tuple(team, fc.constantFrom('finance', 'sales'), fc.constantFrom(...some)), {
      maxLength: 4,
      selector: (link) => link.join(),
    }),
    mode: fc.constantFrom('managed' as const, 'managed' as const, 'mirror' as const),
  });
const person = fc.oneof(
  fc.record({
    do: fc.constantFrom('create' as const, 'switch' as const, 'title' as const, 'delete' as const),
    who,
    on: fc.boolean(),
  }),
  fc.record({ do: fc.constant('rename' as const), who, to: fc.constantFrom(...names) }),
);
const membership = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('add' as const, 'remove' as const), team, who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('nest' as const, 'unnest' as const), team, child: team }) },
);
const decision = fc.record({
  do: fc.constant('decide' as const),
  event: fc.constantFrom('approve' as const, 'keep' as const, 'undo' as const),
  which: fc.nat(3),
});
const life = fc.record({ do: fc.constantFrom('bury' as const, 'found' as const), team });

/** Plays a history; what cannot be at that moment is left out. Person 0 is never touched and in every group. */
async function play(
  events: readonly Event[],
  options: { roles: readonly string[]; limits: boolean },
  after: (relay: Stores, now: number, event: Event) => Promise<void>,
) {
  let now = 1_000_000_000_000;
  const relay = await stores(':memory:', () => now);
  try {
    const ids = new Map<number, string>();
    for (const one of [0, 1, 2, 3]) ids.set(one, await relay.user(names[one]!));
    const teams = new Map<number, string>();
    for (const one of [0, 1, 2]) teams.set(one, await relay.group(`team ${one}`, [ids.get(0)!, ids.get(1)!]));
    if (!options.limits)
      relay.settings.set('policy', { ...relay.settings.get('policy'), limitFloor: 999, groupPercent: 100 });
    else
      relay.settings.set('policy', { ...relay.settings.get('policy'), limitFloor: 1, groupOver: 1, groupPercent: 50 });
    const publish = async (links: readonly (readonly [number, string, string])[], mode: string) => {
      const rows = links.flatMap(([team, community, role]) => {
        const id = teams.get(team);
        return id === undefined ? [] : [{ source: relay.source, group: { id }, community, role }];
      });
      const ranks = roles.map((id, at) => ({ id, rank: at + 1 }));
      await relay.mappings.publish(JSON.stringify({ version: 1, mode, roles: ranks, links: rows }), 'test', '', now);
    };
    await relay.mappings.catalogue(
      ['finance', 'sales'].map((id) => ({ id, name: id })),
      'file',
      'test',
      now,
    );
    await publish(
      [
        [0, 'finance', options.roles[0]!],
        [1, 'finance', options.roles[1]!],
        [2, 'sales', options.roles[0]!],
      ],
      'managed',
    );
    await relay.enable();
    await relay.acknowledge();

    for (const event of events) {
      now += 1;
      try {
        await happen(event);
      } catch (thrown) {
        // A name that is taken, an item that has moved on: refused, and so it did not happen.
        if ((thrown as { status?: number }).status === undefined) throw thrown;
      }
      await after(relay, now, event);
    }

    async function happen(event: Event): Promise<unknown> {
      const id = 'who' in event ? ids.get(event.who) : undefined;
      const group = 'team' in event ? teams.get(event.team) : undefined;
      switch (event.do) {
        case 'create':
          if (event.who > 0 && id === undefined)
            ids.set(event.who, await relay.user(names[event.who]!, { active: event.on }));
          return;
        case 'delete':
          if (event.who === 0 || id === undefined) return;
          await relay.push({ method: 'DELETE', kind: 'User', id });
          ids.delete(event.who);
          return;
        case 'switch':
          return event.who > 0 && id && relay.patchUser(id, { active: event.on });
        case 'title':
          return id && relay.patchUser(id, { displayName: event.on ? 'One' : 'Two' });
        case 'rename':
          return event.who > 0 && id && relay.patchUser(id, { userName: event.to });
        case 'add':
        case 'remove':
          return event.who > 0 && id && group && relay.members(group, event.do, [id]);
        case 'nest':
        case 'unnest': {
          const child = teams.get(event.child);
          return group && child && relay.members(group, event.do === 'nest' ? 'add' : 'remove', [child]);
        }
        case 'bury':
          if (group === undefined) return;
          await relay.push({ method: 'DELETE', kind: 'Group', id: group });
          teams.delete(event.team);
          return;
        case 'found':
          if (group === undefined) teams.set(event.team, await relay.group(`team ${event.team}`, [ids.get(0)!]));
          return;
        case 'map':
          return publish(event.links, event.mode);
        case 'decide': {
          const { items } = await relay.reviews.list({ states: ['held', 'approved', 'kept'] }, 0, 99);
          const item = items[event.which % Math.max(items.length, 1)];
          return item && relay.decide(event.event, item.id);
        }
        case 'plan':
          return relay.planning.reconcile(now);
        case 'send': {
          const [job] = await relay.outbox.claim(now, 1, 100);
          return job && relay.outbox.settle([{ job, state: 'done', at: now, effects: effectsOf(job) }]);
        }
        case 'wait':
          now += 13 * 3_600_000;
          return;
      }
    }
  } finally {
    await relay.close();
  }
}

/** What planning everybody at once would come to. */
function forAll({ db, journal, mappings, settings }: Stores, now: number): Decision {
  return decide(worlds(db, journal).load('all', mappings.inForce(), settings.get('policy'), now));
}
const rows = ({ db }: Stores) =>
  db
    .prepare<[], Record<string, unknown> & { body: string }>(
      "SELECT kind, lane, person, target, community, risk, role, body, frees, takes FROM delivery WHERE state = 'ready'",
    )
    .all()
    .map(({ body, ...row }) => JSON.stringify({ ...row, body: JSON.parse(body) as JsonObject }))
    .sort();
const written = (operations: Decision['operations']) =>
  operations
    .map(
      ({
        kind,
        lane,
        person = null,
        target = null,
        community = null,
        risk = null,
        role = null,
        body,
        frees = null,
        takes = null,
      }) => JSON.stringify({ kind, lane, person, target, community, risk, role, frees, takes, body }),
    )
    .sort();

test('P1 P2 planned and sent push by push, under all the rules of the gate, nothing is left for a plan of everybody', async () => {
  const history = fc.array(
    fc.oneof(person, membership, membership, mapped(roles), decision, life, fc.constant({ do: 'wait' as const })),
    { maxLength: 14 },
  );
  await fc.assert(
    fc.asyncProperty(history, (events) =>
      play(events, { roles: ['contributor', 'administrator'], limits: true }, async (relay, now) => {
        await relay.acknowledge();
        const { operations, opens, ends } = forAll(relay, now);
        expect({ operations: written(operations), opens, ends }).toEqual({ operations: [], opens: [], ends: [] });
        expect(rows(relay)).toEqual([]);
      }),
    ),
    { numRuns: 60 },
  );
});

test('P5 P6 however the pushes were grouped into plans, and whatever was sent between, what is owed is what a preview shows', async () => {
  // Without what depends on the order of events by its nature: limits, last administrators, groups that were emptied.
  const history = fc.array(
    fc.oneof(
      person,
      membership,
      membership,
      mapped(roles.slice(0, 2)),
      decision,
      fc.constantFrom({ do: 'plan' as const }, { do: 'send' as const }),
    ),
    { maxLength: 16 },
  );
  await fc.assert(
    fc.asyncProperty(history, (events) =>
      play(
        [...events, { do: 'plan' }],
        { roles: ['contributor', 'editor'], limits: false },
        async (relay, now, event) => {
          if (event.do !== 'plan') return;
          expect(await relay.planning.owed()).toBe(0);
          const { operations, opens, ends } = forAll(relay, now);
          expect(rows(relay)).toEqual(written(operations));
          expect({ opens, ends }).toEqual({ opens: [], ends: [] });
          const { id, total } = await relay.planning.preview(now);
          const page = relay.page(id, 0, 1000);
          expect(said(page.operations)).toEqual(said(linesOf(relay)));
          expect(total.people).toBe(page.people.length);
        },
      ),
    ),
    { numRuns: 60 },
  );
});

/** Deliveries as a plan puts them, with memberships counted by group. */
function linesOf({ db }: Stores): { summary: string; resource: string }[] {
  return db
    .prepare<[], { kind: string; name: string | null; target: string | null; body: string }>(`
      SELECT kind, body, (SELECT user_name FROM person WHERE num = person) AS name, target FROM delivery WHERE state = 'ready'`)
    .all()
    .map(({ kind, name, target, body }) => {
      const [what, verb] = kind.split('.') as [string, string];
      if (what === 'member') return { resource: 'Groups', summary: verb };
      const patch = (JSON.parse(body) as { patch?: { path: string }[] }).patch?.map(({ path }) => path).join(', ');
      return { resource: what === 'user' ? `Users/${name}` : `Groups/${target === null}`, summary: patch ?? verb };
    });
}
/** How many of each kind, and who. */
function said(lines: readonly { summary: string; resource: string }[]) {
  const count: Record<string, number> = {};
  const add = (key: string, times = 1) => {
    count[key] = (count[key] ?? 0) + times;
  };
  for (const { summary, resource } of lines) {
    if (resource.startsWith('Users/')) add(resource);
    else if (summary === 'add' || summary === 'remove') add(summary);
    else if (/^(Add|Remove) \d/.test(summary)) {
      add('add', Number(/add (\d+)/i.exec(summary)?.[1] ?? 0));
      add('remove', Number(/remove (\d+)/i.exec(summary)?.[1] ?? 0));
    } else add('groups');
  }
  return Object.fromEntries(Object.entries(count).filter(([, times]) => times > 0));
}
