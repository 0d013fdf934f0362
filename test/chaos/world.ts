/**
 * A long random history of pushes and decisions while everything between the relay and Steeple goes wrong: 429, 500 before
 * and after applying, drops, delays, duplicates, stale reads, a token that is refused now and then. When the faults end
 * Steeple must equal what is desired minus what is held (D9), and never once hold two of anybody (D2).
 *
 * What is desired is kept here in a few lines of its own (`desired`), and never asked of the relay.
 */
import type { FaultRules } from '../../daemon/sandbox/faults.ts';
import { steeple } from '../../daemon/sandbox/steeple.ts';
import { dice } from '../crash/world.ts';
import { gatekeeper } from '../gatekeeper.ts';
import { rig } from '../rig.ts';

type Mode = 'managed' | 'mirror';
type Model = {
  people: { id: string; userName: string; displayName: string; active: boolean; sent: boolean }[];
  groups: { id: string; name: string; members: Set<string>; community: string; role: string }[];
};
type State = {
  users: { id: string; userName: string; externalId: string | null; active: boolean }[];
  groups: { displayName: string; members: string[] }[];
};

const faults = (seed: number, stale: boolean): FaultRules => ({
  seed,
  rules: [
    { fault: 'latency', ms: 3, probability: 0.3 },
    { fault: 'too-many-requests', retryAfter: 1, probability: 0.05 },
    { fault: 'error-before', status: 500, probability: 0.06 },
    { fault: 'error-after', status: 502, probability: 0.06 },
    { fault: 'drop-before', probability: 0.04 },
    { fault: 'drop-after', probability: 0.06 },
    { fault: 'unauthorized', probability: 0.01 },
    ...(stale ? [{ fault: 'stale-read' as const, probability: 0.1 }] : []),
  ],
});

export async function chaos(
  mode: Mode,
  seed: number,
  steps: number,
): Promise<Readonly<{ writes: number; held: number }>> {
  const roll = dice(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;
  const stale = seed % 2 === 0;
  const box = await steeple({ strict: seed % 3 === 0 });
  const gate = await gatekeeper(box.scimUrl);
  const relay = await rig({ url: gate.url, token: box.token }, { speed: 40, probeMs: 4000 });
  const model: Model = { people: [], groups: [] };
  const control = (path: string, body: object) =>
    asked(box.admin.replace(/integrations$/, path), {
      method: 'POST',
      headers: { authorization: `Bearer ${box.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const state = async (): Promise<State> => {
    const url = box.admin.replace(/integrations$/, 'state?parts=users,groups');
    return (await (await asked(url, { headers: { authorization: `Bearer ${box.token}` } })).json()) as State;
  };
  const wrong = (what: string): never => {
    throw new Error(`${mode}, seed ${seed}: ${what}`);
  };

  /** D2, whenever one looks: of people. Of groups, once the faults are over. */
  async function nobodyTwice(groupsToo = false): Promise<State> {
    const now = await state();
    for (const key of ['userName', 'externalId'] as const) {
      const values = now.users.map((user) => user[key]?.toLowerCase()).filter((value) => value !== undefined);
      if (new Set(values).size < values.length) wrong(`somebody is there twice: ${values.sort()}`);
    }
    // Two groups of one name no server need refuse (RFC 7643 §4.2), so no client can keep a second one from being there for a
    // moment: it can only part them, before anybody is put in.
    const names = now.groups.filter(({ members }) => groupsToo || members.length > 0).map((group) => group.displayName);
    if (new Set(names).size < names.length) wrong(`a group is there twice: ${names.sort()}`);
    return now;
  }

  async function change(): Promise<void> {
    const person = pick(model.people);
    const group = pick(model.groups);
    const what = roll();
    if (what < 0.15 || model.people.length < 4) {
      const number = model.people.length;
      const userName = `p${number}@x.test`;
      const id = await relay.user(userName, { displayName: `P ${number}` });
      model.people.push({ id, userName, displayName: `P ${number}`, active: true, sent: false });
    } else if (what < 0.4) {
      const op = group.members.has(person.id) ? 'remove' : 'add';
      await relay.members(group.id, op, [person.id]);
      if (op === 'add') group.members.add(person.id);
      else group.members.delete(person.id);
    } else if (what < 0.6) {
      person.displayName = `P ${Math.floor(roll() * 1000)}`;
      await relay.patchUser(person.id, { displayName: person.displayName });
    } else if (what < 0.75) {
      person.active = !person.active;
      await relay.patchUser(person.id, { active: person.active });
    } else {
      const some = model.people.filter(() => roll() < 0.4);
      await relay.members(
        group.id,
        'add',
        some.map(({ id }) => id),
      );
      for (const { id } of some) group.members.add(id);
    }
  }
  async function judge(): Promise<void> {
    const items = await relay.held();
    if (items.length === 0 || roll() < 0.6) return;
    const { id } = pick(items);
    await relay.decide(roll() < 0.7 ? 'approve' : 'keep', id).catch(() => undefined); // it may be over meanwhile
  }

  /** The names of the groups somebody belongs in, in Steeple. */
  function desired(person: Model['people'][number]): Set<string> {
    if (!person.active) return new Set();
    const mine = model.groups.filter(({ members }) => members.has(person.id));
    if (mode === 'mirror') return new Set(mine.map(({ name }) => name));
    const best = new Map<string, string>();
    for (const { community, role } of mine) if (best.get(community) !== 'administrator') best.set(community, role);
    return new Set([...best].map(([community, role]) => called(community, role)));
  }
  const called = (community: string, role: string) =>
    `${community} – ${role === 'administrator' ? 'Administrators' : 'Contributors'}`;
  const groupOf = (name: string) =>
    model.groups.find((group) => (mode === 'mirror' ? group.name : called(group.community, group.role)) === name);

  async function compare(): Promise<number> {
    const { users, groups } = await nobodyTwice(true);
    const { items } = await relay.reviews.list({ states: ['held', 'kept', 'approved'] }, 0, 1000);
    for (const person of model.people) {
      const user = users.find(({ userName }) => userName === person.userName);
      const mine = items.filter(({ userName }) => userName === person.userName);
      const isHeld = mine.some(({ kind }) => kind === 'remove');
      if (person.active && !user?.active) wrong(`D9 ${person.userName} should be active in Steeple`);
      if (!person.active && user?.active && !isHeld) wrong(`D9 ${person.userName} should not be active in Steeple`);
      const wants = desired(person);
      for (const { displayName, members } of groups) {
        const has = user !== undefined && members.includes(user.id);
        const community = groupOf(displayName)?.community ?? displayName.split(' – ')[0];
        const covers = isHeld || mine.some((item) => item.community === community);
        if (has && !wants.has(displayName) && user?.active && !covers)
          wrong(`D9 ${person.userName} is in ${displayName}, and nothing holds that`);
        if (!has && wants.has(displayName) && !covers) wrong(`D9 ${person.userName} should be in ${displayName}`);
      }
      for (const name of wants)
        if (!groups.some(({ displayName }) => displayName === name)) wrong(`D9 there is no group ${name}`);
    }
    return items.length;
  }

  try {
    for (const [at, [community, role]] of (
      [
        ['finance', 'contributor'],
        ['finance', 'administrator'],
        ['sales', 'contributor'],
        ['sales', 'administrator'],
      ] as const
    ).entries()) {
      const name = `team-${at}`;
      model.groups.push({ id: await relay.group(name, []), name, members: new Set(), community, role });
    }
    for (let turn = 0; turn < 6; turn += 1) await change();
    await relay.map(
      model.groups.map(({ id, community, role }) => [id, community, role] as const),
      mode,
    );
    await relay.enable();
    await control('api/faults', faults(seed, stale));
    // Not the creation of a group: that a POST is not sent again by what lies between is the one thing a client must be
    // able to rely on (RFC 9110 §9.2.2), where the server knows nothing by which two requests are one.
    gate.interfere(({ method, path }) =>
      method !== 'GET' && !(method === 'POST' && path === '/Groups') && roll() < 0.04 ? 'twice' : undefined,
    );
    for (let step = 0; step < steps; step += 1) {
      await change();
      if (step % 3 === 0) await judge();
      await relay.planning.reconcile(Date.now());
      relay.sender.wake();
      if (step % 4 === 0) await relay.settle(60);
      if (step % 8 === 0) await nobodyTwice();
    }
    await control('api/faults', { rules: [] });
    gate.interfere(() => undefined);
    if (!(await relay.settle(30_000)))
      wrong(`D9 it never settled: ${JSON.stringify((await relay.outbox.list('ready', 0, 3)).items)}`);
    if ((await relay.outbox.counts()).dead > 0)
      wrong(
        `D5 a dead letter, though nothing was refused: ${JSON.stringify((await relay.outbox.list('dead', 0, 3)).items)}`,
      );
    if (stale) {
      // A look-up that was answered from the past may have been believed; the next scan finds out.
      relay.settings.set('policy', { ...relay.settings.get('policy'), drift: 'restore' });
      const { problem } = await relay.drifting.scan();
      if (problem !== null) wrong(problem);
      await relay.settle(30_000);
    }
    const held = await compare();
    return { writes: gate.writes().length, held };
  } finally {
    await relay.close();
    await gate.close();
    await box.close();
  }
}

/** Once more where a connection kept from an earlier sandbox, on the same port, turns out to be closed. */
const asked = (url: string, options: RequestInit): Promise<Response> =>
  fetch(url, options).catch(() => fetch(url, options));
