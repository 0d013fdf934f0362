/**
 * A relay process that is killed without warning, again and again, between a provider that pushes and a Steeple that is
 * slow: what was answered is there, what is in Steeple is there once, and what waits for a person never left.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SandboxSteeple, steeple as sandbox } from '../daemon/sandbox/steeple.ts';
import { gatekeeper } from './gatekeeper.ts';
import { type Process, startRelay, until } from './processes.ts';

let folder: string;
let box: SandboxSteeple;
let gate: Awaited<ReturnType<typeof gatekeeper>>;
let relay: Process;
let token = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'endtoend-'));
  box = await sandbox();
  gate = await gatekeeper(box.scimUrl);
  relay = await startRelay(join(folder, 'relay'));
});
afterEach(async () => {
  await relay.end('SIGKILL');
  await gate.close();
  await box.close();
  rmSync(folder, { recursive: true });
});

async function restart(): Promise<void> {
  await relay.end('SIGKILL');
  relay = await startRelay(relay.data);
}
/** One push, as a provider sends it. Fails as a connection does when the relay dies before its answer. */
async function push(method: string, path: string, body?: object) {
  const response = await fetch(relay.scim + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, id: text === '' ? '' : ((JSON.parse(text) as { id?: string }).id ?? '') };
}
const person = (userName: string) =>
  push('POST', '/Users', { userName, externalId: `e-${userName}`, emails: [{ value: userName, primary: true }] });
const enter = (group: string, ...ids: string[]) =>
  push('PATCH', `/Groups/${group}`, {
    Operations: [{ op: 'add', path: 'members', value: ids.map((value) => ({ value })) }],
  });
const quiet = async () => {
  const { deliveries, owesPlan } = await relay.ask('status', {});
  return deliveries.owed + deliveries.sending + owesPlan === 0;
};
type State = {
  users: { id: string; userName: string; active: boolean }[];
  groups: { displayName: string; members: string[] }[];
};
async function steeple(): Promise<State> {
  const url = box.admin.replace(/integrations$/, 'state?parts=users,groups');
  return (await (await fetch(url, { headers: { authorization: `Bearer ${box.token}` } })).json()) as State;
}

/** Sync is on, Finance is mapped and holds one person, and the removal of another waits for a decision. */
async function running(): Promise<string> {
  token = (await relay.ask('source.add', { kind: 'scim', name: 'Main', by: 'ann' })).secretToken;
  await relay.ask('upstream.set', { url: gate.url, token: box.token, by: 'ann' });
  const [first, leaver] = [await person('first@x.test'), await person('leaver@x.test')];
  const group = (
    await push('POST', '/Groups', { displayName: 'fin', members: [{ value: first.id }, { value: leaver.id }] })
  ).id;
  await relay.ask('communities.import', { text: 'id,name\nfinance,Finance\n', by: 'ann' });
  const links = [{ source: 'main', group: { id: group }, community: 'finance', role: 'contributor' }];
  await relay.ask('mapping.import', { text: JSON.stringify({ version: 1, links }), by: 'ann' });
  const { id } = await relay.ask('plan.make', {});
  await relay.ask('sync.enable', { plan: id, by: 'ann' });
  await until(quiet, 'the first people are in Steeple');
  await push('PATCH', `/Users/${leaver.id}`, { Operations: [{ op: 'replace', value: { active: false } }] });
  await until(async () => (await relay.ask('review.list', {})).total === 1, 'a removal is held');
  return group;
}

/** What must be so in the end, whenever it was killed. `answered` is what the provider was told is done. */
async function sound(group: string, answered: ReadonlyMap<string, string>): Promise<void> {
  await until(quiet, 'everything is delivered');
  // I1: what was answered is there, under the id of the answer.
  for (const id of answered.values()) expect((await push('GET', `/Users/${id}`)).id).toBe(id);
  expect(await relay.ask('journal.verify', {})).toMatchObject({ ok: true });
  // D2 D9: Steeple has everybody of the directory, each once, and in their group.
  const { items } = await relay.ask('people', { limit: 10_000 });
  const { users, groups } = await steeple();
  const names = users.map(({ userName }) => userName).sort();
  expect(names).toEqual(items.map(({ userName }) => userName).sort());
  expect(new Set(names).size).toBe(names.length);
  const there = (await (
    await fetch(`${relay.scim}/Groups/${group}`, { headers: { authorization: `Bearer ${token}` } })
  ).json()) as { members: { value: string }[] };
  expect(groups).toHaveLength(1);
  expect(groups[0]?.members).toHaveLength(there.members.length);
  expect(new Set(groups[0]?.members).size).toBe(there.members.length);
  // G3: nothing of what is held has left.
  expect(users.every(({ active }) => active)).toBe(true);
  expect((await relay.ask('review.list', {})).items.map(({ userName, state }) => [userName, state])).toEqual([
    ['leaver@x.test', 'held'],
  ]);
  expect(
    gate
      .writes()
      .filter(
        ({ method, body }) => method === 'DELETE' || /"active","value":false/.test(body) || body.includes('"remove"'),
      ),
  ).toEqual([]);
  expect((await relay.ask('delivery.list', { state: 'dead' })).total).toBe(0);
}

test('D2 D3 I1 killed in the middle of deliveries, it sends the rest after each restart, and nothing twice', async () => {
  const group = await running();
  gate.delay(15);
  const answered = new Map<string, string>();
  await Promise.all(
    Array.from({ length: 30 }, async (_, at) => {
      const { status, id } = await person(`p${at}@x.test`);
      expect(status).toBe(201);
      answered.set(`p${at}@x.test`, id);
    }),
  );
  expect((await enter(group, ...answered.values())).status).toBe(204);
  // By count and not by time: while people are made, when the last are, and in the middle of the group.
  for (const more of [2, 8, 12, 6, 2]) {
    const before = gate.writes().length;
    await until(async () => gate.writes().length >= before + more || (await quiet()), 'some writes have left');
    await restart();
  }
  await sound(group, answered);
  expect((await relay.ask('delivery.list', {})).items.some(({ attempt }) => attempt > 1)).toBe(true);
});

test('I1 D2 killed in the middle of a burst of pushes, everything answered is there and arrives once', async () => {
  const group = await running();
  const answered = new Map<string, string>();
  let next = 0;
  for (const answers of [5, 17, 40]) {
    let left = answers;
    const worker = async () => {
      for (;;) {
        const userName = `p${next++}@x.test`;
        const { status, id } = await person(userName);
        expect(status).toBe(201);
        answered.set(userName, id);
        expect((await enter(group, id)).status).toBe(204);
        left -= 1;
        if (left === 0) relay.child.kill('SIGKILL');
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: 6 }, worker));
    for (const end of ended)
      if (end.status === 'rejected') expect(String(end.reason)).toMatch(/fetch failed|terminated|other side closed/);
    await restart();
  }
  expect(answered.size).toBeGreaterThan(60);
  await sound(group, answered);
});

test('G3 killed while approved removals are on their way, only those leave, and they are not lost', async () => {
  const group = await running();
  const ids = new Map<string, string>();
  for (const name of ['a', 'b', 'c', 'd']) ids.set(name, (await person(`${name}@x.test`)).id);
  await enter(group, ...ids.values());
  await until(quiet, 'four more people are in Steeple');
  for (const id of ids.values())
    await push('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value: { active: false } }] });
  await until(async () => (await relay.ask('review.list', {})).total === 5, 'five removals are held');
  const { items } = await relay.ask('review.list', {});
  const chosen = items.filter(({ userName }) => ['a@x.test', 'b@x.test'].includes(userName)).map(({ id }) => id);
  gate.delay(40);
  const before = gate.writes().length;
  await relay.ask('review.approve', { ids: chosen, by: 'ann', reason: 'left' });
  await until(async () => gate.seen.length > 0 && gate.writes().length > before, 'one of them has left');
  await restart();
  await until(quiet, 'everything is delivered');
  const { users } = await steeple();
  expect(
    users
      .filter(({ active }) => !active)
      .map(({ userName }) => userName)
      .sort(),
  ).toEqual(['a@x.test', 'b@x.test']);
  expect((await relay.ask('review.list', { states: ['sent'] })).total).toBe(2);
  expect((await relay.ask('review.list', {})).items.map(({ userName }) => userName).sort()).toEqual([
    'c@x.test',
    'd@x.test',
    'leaver@x.test',
  ]);
  expect(await relay.ask('journal.verify', {})).toMatchObject({ ok: true });
});
