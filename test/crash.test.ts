import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { open } from '../daemon/store/db.ts';
import { journal } from '../daemon/store/journal.ts';
import { differences, rebuild } from '../daemon/store/rebuild.ts';
import { clients, type Told } from './bench/wire.ts';

const kills = 10;

/** What the provider was told is so. Numbers only grow, so what was under way when the process died may be there too. */
type Facts = {
  users: Map<string, Readonly<{ userName: string; title: number; deleted: boolean }>>;
  groups: Set<string>;
  members: Set<string>;
};

async function start(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(join(import.meta.dirname, 'doorprocess.ts'), [folder]);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    child.once('exit', (code) => reject(new Error(`the relay ended with ${code}`)));
  });
  return { child, url };
}

/** Pushes on six connections until the process is killed, and writes down each answer. */
async function push(url: string, facts: Facts, round: number, answered: () => void): Promise<void> {
  const connections = await clients(url, 'entra', 6);
  let next = 0;
  const must = (told: Told, status: number) => {
    if (told.status !== status) throw new Error(`expected ${status}, got ${told.status}: ${told.text}`);
    answered();
    return told.text === '' ? '' : (JSON.parse(told.text) as { id: string }).id;
  };
  const patch = (path: string, operation: object) => ({ method: 'PATCH', path, body: { Operations: [operation] } });
  const work = async ({ ask }: (typeof connections)[number]) => {
    const group = must(await ask({ method: 'POST', path: '/Groups', body: { displayName: 'staff' } }), 201);
    facts.groups.add(group);
    for (;;) {
      const userName = `person.${round}.${next++}@x.test`;
      const id = must(await ask({ method: 'POST', path: '/Users', body: { userName } }), 201);
      facts.users.set(id, { userName, title: 0, deleted: false });
      must(await ask(patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] })), 204);
      facts.members.add(`${group} ${id}`);
      must(await ask(patch(`/Users/${id}`, { op: 'add', path: 'title', value: '1' })), 200);
      facts.users.set(id, { userName, title: 1, deleted: false });
      if (next % 3 > 0) continue;
      must(await ask({ method: 'DELETE', path: `/Users/${id}` }), 204);
      facts.users.set(id, { userName, title: 1, deleted: true });
    }
  };
  const ended = await Promise.allSettled(connections.map(work));
  for (const { close } of connections) close();
  // The only end is the server's: anything else went wrong before the kill.
  for (const end of ended)
    if (end.status === 'rejected' && !/socket hang up|ECONNRESET|ECONNREFUSED|EPIPE/.test(String(end.reason)))
      throw end.reason;
}

test('I1 J1 J2 a relay killed at any instant has every push it answered, an unbroken chain, and what the chain says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  const facts: Facts = { users: new Map(), groups: new Set(), members: new Set() };
  let running: ChildProcess | undefined;
  try {
    for (let round = 0; round < kills; round += 1) {
      const { child, url } = await start(folder);
      running = child;
      // After so many answers, by count and not by time: some rounds die young, some with a log to check in.
      let left = 5 + 37 * round;
      await push(url, facts, round, () => {
        left -= 1;
        if (left === 0) child.kill('SIGKILL');
      });
      const db = open(join(folder, 'relay.db'));
      const log = journal(db);
      expect(await log.verify()).toMatchObject({ ok: true });
      const rows = db
        .prepare<[], { id: string; userName: string; state: string; title: string | null }>(
          "SELECT id, user_name AS userName, state, json_extract(body, '$.title') AS title FROM person",
        )
        .all();
      const people = new Map(rows.map((row) => [row.id, row]));
      for (const [id, { userName, title, deleted }] of facts.users) {
        expect(people.get(id)?.userName).toBe(userName);
        expect(Number(people.get(id)?.title ?? 0)).toBeGreaterThanOrEqual(title);
        if (deleted) expect(people.get(id)?.state).toBe('deleted');
      }
      const members = db
        .prepare<[], string>(
          "SELECT team.id || ' ' || person.id FROM membership JOIN team ON team.num = team JOIN person ON person.num = person",
        )
        .pluck()
        .all();
      const held = new Set(members);
      for (const member of facts.members)
        if (people.get(member.split(' ')[1]!)?.state !== 'deleted') expect(held.has(member), member).toBe(true);
      const groups = new Set(db.prepare<[], string>('SELECT id FROM team').pluck().all());
      for (const group of facts.groups) expect(groups.has(group)).toBe(true);
      const fresh = open(':memory:');
      rebuild(log.entries(), fresh);
      expect(await differences(db, fresh)).toEqual([]);
      fresh.close();
      db.close();
    }
    expect(facts.users.size).toBeGreaterThan(100);
  } finally {
    running?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
