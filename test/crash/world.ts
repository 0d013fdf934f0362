/**
 * A relay under load that is killed again and again, at random instants and at every kind of commit, and what must hold
 * after each: every answered push is there, the chain holds, nothing held was sent; and in the end nobody is in Steeple
 * twice, and Steeple says what was pushed (I1, J1, D2, D9, G3).
 *
 * Steeple is one that would let somebody be there twice (oddsteeple.ts), so that a write sent twice shows.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { client } from '../../daemon/cli/client.ts';
import { open } from '../../daemon/store/db.ts';
import { journal } from '../../daemon/store/journal.ts';
import { clients, type Told } from '../bench/wire.ts';
import { oddSteeple } from '../oddsteeple.ts';

type Person = { userName: string; displayName: string; active: boolean; team: string | undefined };
/** What the provider was told is so. */
type Facts = { people: Map<string, Person>; unchecked: Set<string> };
type Life = Readonly<{ child: ChildProcess; url: string }>;

/** Mulberry32. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** `file`: the bundled crash/relay.ts. Throws where something does not hold; says how many pushes it answered. */
export async function crashes(
  file: string,
  kills: number,
  seed: number,
): Promise<Readonly<{ answered: number; people: number; byPoint: number; writes: number }>> {
  const roll = dice(seed);
  const data = mkdtempSync(join(tmpdir(), 'crash-'));
  const box = await oddSteeple({ twins: true, latencyMs: 3 });
  const facts: Facts = { people: new Map(), unchecked: new Set() };
  let running: ChildProcess | undefined;
  let token = '';
  const teams: string[] = [];
  let answered = 0;
  let byPoint = 0;

  /** Undefined where it died before it served. */
  async function live(crashAt: number): Promise<Life | undefined> {
    const env = {
      ...process.env,
      STEEPLE_RELAY_KEYCHAIN: 'off',
      NODE_COMPILE_CACHE: join(file, '../../cache'),
      CRASH_AT: String(crashAt),
    };
    const child = fork(file, [data], { env, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    running = child;
    let err = '';
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    return new Promise((resolve, reject) => {
      child.once('message', (message) => resolve({ child, url: (message as { url: string }).url }));
      child.once('exit', (code, signal) => {
        if (signal === 'SIGKILL') resolve(undefined);
        else reject(new Error(`the relay ended with ${code}: ${err}`));
      });
    });
  }

  async function setUp(): Promise<void> {
    const life = await live(0);
    if (life === undefined) throw new Error('the relay died before it was killed');
    const ask = client(data);
    await ask('upstream.set', { url: box.url, token: 'token', by: 'test' });
    ({ secretToken: token } = await ask('source.add', { kind: 'scim', name: 'Test', by: 'test' }));
    const [one] = clients(life.url, token, 1);
    for (let at = 0; at < 3; at += 1) {
      const told = await one!.ask({ method: 'POST', path: '/Groups', body: { displayName: `team-${at}` } });
      teams.push((JSON.parse(told.text) as { id: string }).id);
    }
    one?.close();
    await ask('communities.import', {
      text: JSON.stringify(teams.map((_, at) => ({ id: `c${at}`, name: `C${at}` }))),
      by: 'test',
    });
    const links = teams.map((id, at) => ({ source: 'test', group: { id }, community: `c${at}`, role: 'contributor' }));
    await ask('mapping.import', { text: JSON.stringify({ version: 1, links }), note: '', by: 'test' });
    const { id } = await ask('plan.make', { offset: 0, limit: 1 });
    await ask('sync.enable', { plan: id, by: 'test' });
    await end(life);
  }
  async function end({ child }: Life): Promise<void> {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    await ended;
  }

  /** Pushes on four connections until the process is killed, and writes down each answer. */
  async function push(url: string, round: number, atAnswer: (count: number) => void): Promise<void> {
    const connections = clients(url, token, 4);
    let next = 0;
    let count = 0;
    const must = (told: Told, ...statuses: number[]) => {
      if (!statuses.includes(told.status)) throw new Error(`expected ${statuses}, got ${told.status}: ${told.text}`);
      answered += 1;
      atAnswer(++count);
      return told.text === '' ? '' : (JSON.parse(told.text) as { id: string }).id;
    };
    const patch = (path: string, operation: object) => ({ method: 'PATCH', path, body: { Operations: [operation] } });
    const work = async ({ ask }: (typeof connections)[number]) => {
      for (;;) {
        const number = next++;
        const userName = `p.${round}.${number}@x.test`;
        const id = must(await ask({ method: 'POST', path: '/Users', body: { userName, displayName: 'new' } }), 201);
        const person: Person = { userName, displayName: 'new', active: true, team: undefined };
        facts.people.set(id, person);
        facts.unchecked.add(id);
        const team = teams[number % 3]!;
        must(await ask(patch(`/Groups/${team}`, { op: 'add', path: 'members', value: [{ value: id }] })), 204);
        person.team = team;
        must(await ask(patch(`/Users/${id}`, { op: 'replace', path: 'displayName', value: 'old' })), 200);
        person.displayName = 'old';
        if (number % 4 > 0) continue;
        must(await ask(patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false })), 200);
        person.active = false;
      }
    };
    const ended = await Promise.allSettled(connections.map(work));
    for (const { close } of connections) close();
    for (const one of ended)
      if (one.status === 'rejected' && !/socket hang up|ECONNRESET|ECONNREFUSED|EPIPE/.test(String(one.reason)))
        throw one.reason;
  }

  /** What must hold whenever the process is gone. */
  async function check(): Promise<void> {
    const db = open(join(data, 'relay.db'));
    try {
      const chain = await journal(db).verify();
      if (!chain.ok) throw new Error(`J1 the chain is broken: ${JSON.stringify(chain.bad)}`);
      const read = db.prepare<{ id: string }, { name: string; display: string; state: string; teams: string | null }>(`
        SELECT user_name AS name, json_extract(body, '$.displayName') AS display, state,
          (SELECT group_concat(t.id) FROM membership m JOIN team t ON t.num = m.team WHERE m.person = person.num) AS teams
        FROM person WHERE id = @id`);
      for (const id of facts.unchecked) {
        const row = read.get({ id });
        const { userName, displayName, active, team } = facts.people.get(id) as Person;
        // What was under way when it died may be there too: values go one way only.
        const lost =
          row?.name !== userName ||
          (displayName === 'old' && row.display !== 'old') ||
          (!active && row.state !== 'inactive') ||
          (team !== undefined && row.teams !== team);
        if (lost)
          throw new Error(`I1 an answered push is gone: ${JSON.stringify({ row, userName, displayName, team })}`);
      }
      facts.unchecked.clear();
      const stray = box
        .writes()
        .find(
          ({ method, body }) =>
            method === 'DELETE' || /"op":"remove"|"active","value":false/.test(JSON.stringify(body)),
        );
      if (stray) throw new Error(`G3 sent, and nobody approved it: ${JSON.stringify(stray)}`);
    } finally {
      db.close();
    }
  }

  /** Left alone, it comes to what was pushed: everybody once, each group once, the right people in it. */
  async function settled(): Promise<void> {
    const life = await live(0);
    if (life === undefined) throw new Error('the relay died before it was killed');
    const ask = client(data);
    for (const until = Date.now() + 120_000; ; ) {
      const { deliveries, owesPlan } = await ask('status', {});
      if (deliveries.owed + deliveries.sending + owesPlan === 0) break;
      if (Date.now() > until) throw new Error(`D9 it never settled: ${JSON.stringify(deliveries)}`);
      await sleep(50);
    }
    await end(life);
    const names = [...box.users.values()].map(({ userName }) => String(userName));
    const twice = names.filter((name, at) => names.indexOf(name) !== at);
    if (twice.length > 0) throw new Error(`D2 in Steeple twice: ${twice.slice(0, 3)}`);
    if (box.groups.size !== 3) throw new Error(`D2 there are ${box.groups.size} groups`);
    const byName = new Map([...box.users.values()].map((user) => [String(user.userName), user]));
    const shape = box.shape();
    // A switching off that was never answered may have been taken all the same.
    const db = open(join(data, 'relay.db'));
    const isActive = db.prepare<{ id: string }, 0 | 1>("SELECT state = 'active' FROM person WHERE id = @id").pluck();
    const states = new Map([...facts.people.keys()].map((id) => [id, isActive.get({ id }) === 1]));
    db.close();
    for (const [id, { userName, displayName, team }] of facts.people) {
      const user = byName.get(userName);
      const active = states.get(id) === true;
      // Somebody who was switched off before they were ever sent is not sent at all (P3).
      if (user === undefined && !active) continue;
      if (user === undefined) throw new Error(`D9 not in Steeple: ${userName}`);
      if (user.active === false) throw new Error(`G3 switched off: ${userName}`);
      if (active && displayName === 'old' && user.displayName !== 'old')
        throw new Error(`D9 not as pushed: ${userName}`);
      const group = `C${teams.indexOf(team ?? '')} – Contributors`;
      if (active && team !== undefined && !shape[group]?.includes(userName))
        throw new Error(`D9 ${userName} is not in ${group}`);
    }
  }

  try {
    await setUp();
    for (let round = 0; round < kills; round += 1) {
      // By turns: at a commit, counted from the start or with work under way; while it starts; in the middle of work.
      const how = round % 4;
      const crashAt = how === 0 ? 1 + Math.floor(roll() * 30) : how === 1 ? 30 + Math.floor(roll() * 150) : 0;
      // By count and not by time, but for starting: a slow machine does as much between two deaths as a fast one.
      const ms = roll() * 400;
      const most = crashAt > 0 || how === 2 ? 60 : 1 + Math.floor(roll() * 40);
      const starting = live(crashAt);
      const child = running as ChildProcess;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (how === 2) setTimeout(() => child.kill('SIGKILL'), ms);
      const life = await starting;
      if (life !== undefined) {
        const pushing = push(life.url, round, (count) => {
          if (count >= most) child.kill('SIGKILL');
        });
        await gone;
        await pushing;
      }
      await gone;
      if (crashAt > 0) byPoint += 1;
      await check();
    }
    await settled();
    return { answered, people: facts.people.size, byPoint, writes: box.writes().length };
  } catch (cause) {
    throw new Error(`With seed ${seed}: ${(cause as Error).message}`, { cause });
  } finally {
    running?.kill('SIGKILL');
    await box.close();
    rmSync(data, { recursive: true, force: true });
  }
}
