/** Reading Steeple from end to end: real HTTP, from a list that misbehaves. G3 rests on it: nothing is concluded from half a list. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { observer } from '../daemon/observer.ts';
import { type Steeple, steeple } from '../daemon/steeple.ts';
import { effectsOf, type Stores, stores } from './stores.ts';

type User = {
  id: string;
  userName: string;
  active?: boolean;
  externalId?: string;
  displayName?: string;
  emails?: object[];
};
type Group = { id: string; displayName: string; members?: { value: string }[] };
type Kind = 'Users' | 'Groups';

/** Lists of our making. `bend` may answer a request in their place. */
async function organization() {
  const lists = { Users: [] as User[], Groups: [] as Group[] };
  const asked: string[] = [];
  let page = 1000;
  let bend: (kind: Kind, startIndex: number, id: string | undefined) => object | number | undefined = () => undefined;
  let gate: Promise<void> | undefined;
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    asked.push(decodeURIComponent(url.pathname + url.search));
    await gate;
    const [, kind, id] = url.pathname.split('/') as ['', Kind, string | undefined];
    const startIndex = Number(url.searchParams.get('startIndex') ?? 1);
    const count = Math.min(page, Number(url.searchParams.get('count') ?? 1000));
    const list: readonly (User | Group)[] = lists[kind];
    const own =
      id === undefined
        ? listed(list.length, list.slice(startIndex - 1, startIndex - 1 + count))
        : list.find((one) => one.id === id);
    const answer = bend(kind, startIndex, id) ?? own ?? 404;
    response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/scim+json' });
    response.end(
      JSON.stringify(typeof answer === 'number' ? { detail: 'as the test wants it', status: String(answer) } : answer),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = steeple({ url, token: 'a-token-of-this-test', timeoutMs: 5000 });
  return {
    ...lists,
    lists,
    asked,
    url,
    client,
    pages: (size: number) => {
      page = size;
    },
    bend: (next: typeof bend) => {
      bend = next;
    },
    hold() {
      let open = () => {};
      gate = new Promise((done) => {
        open = done;
      });
      return () => {
        gate = undefined;
        open();
      };
    },
    async close() {
      await client.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
const listed = (totalResults: number, Resources: readonly unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults,
  startIndex: 1,
  itemsPerPage: Resources.length,
  Resources,
});
/** As the relay writes people, so that finding one is no news. */
const user = (at: number): User => ({
  id: `u${at}`,
  userName: `p${at}@x.test`,
  externalId: `ext-p${at}@x.test`,
  emails: [{ value: `p${at}@x.test`, type: 'work', primary: true }],
});
const users = (count: number) => Array.from({ length: count }, (_, at) => user(at));

let org: Awaited<ReturnType<typeof organization>>;
let relay: Stores;
let now: number;
let scan: (client: Steeple) => Promise<number>;
beforeEach(async () => {
  org = await organization();
  now = 1000;
  relay = await stores(':memory:', () => now);
  scan = observer(relay.observed, relay.settings, () => ++now).scan;
});
afterEach(async () => {
  await org.close();
  await relay.close();
});
const seen = () => relay.db.prepare<[], string>('SELECT user_name FROM observed_user ORDER BY num').pluck().all();
const inGroups = () =>
  relay.db
    .prepare<[], string>(`
      SELECT g.display_name || ': ' || coalesce(group_concat(u.user_name, ' '), '') FROM observed_group g
      LEFT JOIN observed_member m ON m.grp = g.num LEFT JOIN observed_user u ON u.num = m.usr GROUP BY g.num ORDER BY g.num`)
    .pluck()
    .all();
const owed = () => relay.db.prepare<[], string>('SELECT kind || num FROM owed ORDER BY kind, num').pluck().all();

describe('A scan', () => {
  test('reads every page, however small the server makes them', async () => {
    org.lists.Users.push(...users(250));
    org.lists.Groups.push(
      ...Array.from({ length: 130 }, (_, at) => ({
        id: `g${at}`,
        displayName: `G${at}`,
        members: [{ value: `u${at}` }],
      })),
    );
    org.pages(40);
    const at = await scan(org.client);
    expect(await relay.observed.counts()).toEqual({ users: 250, groups: 130, memberships: 130 });
    expect(relay.settings.get('scannedAt')).toBe(at);
    expect(org.asked.slice(0, 3)).toEqual([
      '/Users?startIndex=1&count=100',
      '/Users?startIndex=41&count=100',
      '/Users?startIndex=81&count=100',
    ]);
    expect(org.asked).toHaveLength(7 + 4);
  });

  test('of an organization with nobody in it is a scan', async () => {
    await scan(org.client);
    expect(await relay.observed.counts()).toEqual({ users: 0, groups: 0, memberships: 0 });
    expect(relay.settings.get('scannedAt')).not.toBeNull();
  });

  test('reads groups one by one where the list leaves members out', async () => {
    org.lists.Users.push(...users(3));
    org.lists.Groups.push(
      { id: 'g1', displayName: 'G1', members: [{ value: 'u0' }, { value: 'u2' }] },
      { id: 'g2', displayName: 'G2', members: [{ value: 'u1' }] },
    );
    org.bend((kind, _, id) => {
      if (kind !== 'Groups' || id !== undefined) return undefined;
      return listed(
        2,
        org.lists.Groups.map(({ members: _, ...group }, at) => (at === 0 ? group : { ...group, members: null })),
      );
    });
    await scan(org.client);
    expect(inGroups()).toEqual(['G1: p0@x.test p2@x.test', 'G2: p1@x.test']);
    expect(org.asked.slice(2).sort()).toEqual(['/Groups/g1', '/Groups/g2']);
  });

  test('runs once for all who ask while it runs, and begins when it says it does', async () => {
    org.lists.Users.push(...users(1));
    const go = org.hold();
    const both = [scan(org.client), scan(org.client)];
    go();
    expect(await Promise.all(both)).toEqual([1001, 1001]);
    expect(org.asked).toHaveLength(2);
    expect(await scan(org.client)).toBe(1002);
  });

  test('of another Steeple waits for the one that runs, and is not answered by it', async () => {
    org.lists.Users.push(...users(3));
    const other = await organization();
    other.lists.Users.push(user(7));
    try {
      const go = org.hold();
      const both = [scan(org.client), scan(other.client)];
      await fetch(`${other.url}/Users?startIndex=1&count=0`); // whoever else was on the way there has arrived by now
      expect(other.asked).toHaveLength(1);
      go();
      expect(await Promise.all(both)).toEqual([1001, 1002]);
      expect(seen()).toEqual(['p7@x.test']);
    } finally {
      await other.close();
    }
  });
});

describe('G3 Nothing is concluded from a list that', () => {
  beforeEach(async () => {
    org.lists.Users.push(...users(5));
    org.lists.Groups.push({ id: 'g1', displayName: 'G1', members: [{ value: 'u4' }] });
    await relay.user('p4@x.test');
    await scan(org.client);
    await relay.enable();
    await relay.acknowledge();
    relay.db.exec('DELETE FROM owed');
    org.pages(2);
  });
  afterEach(async () => {
    // Everybody is still known, nobody is owed a plan, and the scan of before is the last one.
    expect(seen()).toEqual([0, 1, 2, 3, 4].map((at) => `p${at}@x.test`));
    expect(inGroups()).toEqual(['G1: p4@x.test']);
    expect(owed()).toEqual([]);
    expect(relay.settings.get('scannedAt')).toBe(1001);
  });
  const failing = async (message: string) => {
    await expect(scan(org.client)).rejects.toThrow(message);
    await expect(scan(org.client)).rejects.toMatchObject({ status: 503 }); // and the next one is a new one
  };

  test('is cut short', async () => {
    org.bend((kind, start) => (kind === 'Users' && start === 3 ? listed(5, []) : undefined));
    await failing("Steeple's users cannot be read");
  });

  test('gives the same page again and again', async () => {
    org.bend((kind) => (kind === 'Users' ? listed(5, users(2)) : undefined));
    await failing('Steeple says it has 5 users, and lists 2 of them. Nothing was concluded from this list.');
  });

  test('shrinks while it is read, since somebody may then be on no page at all', async () => {
    org.bend((kind, start) => (kind === 'Users' && start === 3 ? listed(4, [user(3), user(4)]) : undefined));
    await failing('Steeple said it had 5 users, and now 4: they changed while they were read');
  });

  test('breaks off in the middle', async () => {
    org.bend((kind, start) => (kind === 'Users' && start === 5 ? 500 : undefined));
    await failing("Steeple's users cannot be read");
  });

  test('is refused, of people or of groups, and says why', async () => {
    org.bend((kind) => (kind === 'Groups' ? 403 : undefined));
    await failing("Steeple's groups cannot be read: as the test wants it");
    org.bend((kind) => (kind === 'Users' ? 404 : undefined));
    await failing("Steeple's users cannot be read: the address answers 404");
  });

  test('names a group that cannot be read by itself', async () => {
    org.bend((kind, _, id) =>
      kind === 'Groups' ? (id === undefined ? listed(1, [{ id: 'g1', displayName: 'G1' }]) : 404) : undefined,
    );
    await failing("Steeple's groups cannot be read");
  });
});

test('a list that grows at its end while it is read is read to its new end', async () => {
  org.lists.Users.push(...users(4));
  org.pages(2);
  org.bend((kind, start) => {
    if (kind === 'Users' && start === 1) org.lists.Users.push(user(9));
    return undefined;
  });
  await scan(org.client);
  expect(seen().sort()).toEqual([0, 1, 2, 3, 9].map((at) => `p${at}@x.test`));
});

test('G3 nothing is concluded from one that grows where it was read already', async () => {
  org.lists.Users.push(...users(4));
  org.pages(2);
  org.bend((kind, start) => {
    if (kind === 'Users' && start === 1) org.lists.Users.unshift(user(9));
    return undefined;
  });
  await expect(scan(org.client)).rejects.toThrow('Steeple says it has 5 users, and lists 4 of them');
});

describe('What changed in Steeple between two scans', () => {
  /** Ada, Ben and Cho in Finance, as desired; a stranger there as well. */
  beforeEach(async () => {
    org.lists.Users.push({ id: 'u9', userName: 'eve@x.test' });
    await scan(org.client);
    const ids = [await relay.user('ada@x.test'), await relay.user('ben@x.test'), await relay.user('cho@x.test')];
    const team = await relay.group('fin', ids);
    await relay.map([[team, 'finance', 'contributor']]);
    await relay.enable();
    await relay.acknowledge();
    const state = relay.db
      .prepare<[], { id: string; userName: string; externalId: string; body: string }>(
        'SELECT steeple_id AS id, user_name AS userName, external_id AS externalId, body FROM observed_user',
      )
      .all();
    org.lists.Users.splice(0);
    org.lists.Users.push(
      ...state.map(({ body, ...one }) => ({ ...one, emails: [{ value: JSON.parse(body).email, primary: true }] })),
    );
    const group = relay.db
      .prepare<[], { id: string; displayName: string }>(
        'SELECT steeple_id AS id, display_name AS displayName FROM observed_group',
      )
      .get()!;
    org.lists.Groups.push({ ...group, members: org.lists.Users.map(({ id }) => ({ value: id })) });
    await scan(org.client);
    relay.db.exec('DELETE FROM owed');
  });
  const at = (userName: string) => org.lists.Users.findIndex((one) => one.userName === userName);

  test('nothing: nobody is owed a plan, and no plan becomes another by it', async () => {
    const before = relay.settings.get('grounds');
    await scan(org.client);
    org.lists.Groups[0]!.members!.reverse();
    org.lists.Users.reverse();
    await scan(org.client);
    expect(owed()).toEqual([]);
    expect(relay.settings.get('grounds')).toEqual(before);
  });

  test.each<[what: string, change: () => void]>([
    ['an account of ours was changed', () => (org.lists.Users[at('ada@x.test')]!.displayName = 'Countess')],
    ['a stranger was changed', () => (org.lists.Users[at('eve@x.test')]!.displayName = 'Evil')],
    ['a stranger was switched off', () => (org.lists.Users[at('eve@x.test')]!.active = false)],
    ['there is another stranger', () => org.lists.Users.push({ id: 'u8', userName: 'mallory@x.test' })],
    ['an account is gone', () => org.lists.Users.splice(at('eve@x.test'), 1)],
    ['a group was renamed', () => (org.lists.Groups[0]!.displayName = 'Money')],
    ['a group has another key', () => ((org.lists.Groups[0] as { externalId?: string }).externalId = 'other')],
    ['there is another group', () => org.lists.Groups.push({ id: 'g9', displayName: 'Chess' })],
    ['a group is gone', () => org.lists.Groups.splice(0)],
    ['somebody of ours is out of a group', () => org.lists.Groups[0]!.members!.splice(at('ada@x.test'), 1)],
    ['a stranger is out of a group', () => org.lists.Groups[0]!.members!.splice(at('eve@x.test'), 1)],
  ])('%s: plans are made from something else now, once', async (_, change) => {
    const { observed } = relay.settings.get('grounds');
    change();
    await scan(org.client);
    const after = relay.settings.get('grounds').observed;
    expect(after).toBeGreaterThan(observed);
    await scan(org.client);
    expect(relay.settings.get('grounds').observed).toBe(after);
  });

  test('an account is gone: it is forgotten, and made again', async () => {
    const [gone] = org.lists.Users.splice(at('ben@x.test'), 1);
    org.lists.Groups[0]!.members = org.lists.Groups[0]!.members!.filter(({ value }) => value !== gone!.id);
    await scan(org.client);
    expect(owed()).toEqual(['person2']);
    const sent = await relay.acknowledge();
    expect(sent.map(({ kind, person, members }) => [kind, person ?? members.map((one) => one.person)])).toEqual([
      ['user.create', 2],
      ['members', [2]],
    ]);
  });

  test('a group is gone: it is forgotten, made again, and filled', async () => {
    org.lists.Groups.splice(0);
    await scan(org.client);
    expect(owed()).toEqual(['person1', 'person2', 'person3', 'team0']);
    const sent = await relay.acknowledge();
    expect(sent.map(({ kind, members }) => [kind, members.map((one) => one.person)])).toEqual([
      ['group.create', []],
      ['members', [1, 2, 3]],
    ]);
  });

  test('a group with nobody in it is gone: it is made again', async () => {
    await relay.map([]);
    await relay.acknowledge();
    await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
    await relay.acknowledge();
    relay.db.exec('DELETE FROM owed');
    org.lists.Groups.splice(0);
    await scan(org.client);
    expect(owed()).toEqual(['team0']);
  });

  test('somebody was switched off, renamed, or taken out of a group: each is owed a plan, and a stranger is not', async () => {
    Object.assign(org.lists.Users[at('ada@x.test')]!, { active: false });
    Object.assign(org.lists.Users[at('ben@x.test')]!, { displayName: 'Benny' });
    Object.assign(org.lists.Users[at('eve@x.test')]!, { active: false });
    const cho = org.lists.Users[at('cho@x.test')]!.id;
    org.lists.Groups[0]!.members = org.lists.Groups[0]!.members!.filter(({ value }) => value !== cho && value !== 'u9');
    await scan(org.client);
    expect(owed()).toEqual(['person1', 'person2', 'person3']);
    expect(await relay.observed.counts()).toEqual({ users: 2, groups: 1, memberships: 1 });
    const sent = await relay.acknowledge();
    // What the directory does not say is left as somebody typed it in Steeple.
    expect(sent.map(({ kind, person, members }) => [kind, person ?? members.map((one) => one.person)])).toEqual([
      ['user.update', 1],
      ['members', [3]],
    ]);
  });

  test('somebody of ours was put into a group by hand: they are owed a plan, and taken out again', async () => {
    const ids = relay.db.prepare<[], string>('SELECT id FROM person ORDER BY num').pluck().all();
    await relay.members(relay.db.prepare<[], string>('SELECT id FROM team').pluck().get()!, 'remove', [ids[2]!]);
    await relay.acknowledge();
    await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
    await relay.acknowledge();
    await scan(org.client); // Steeple still says that she is in it
    expect(owed()).toEqual(['person3']);
    await relay.acknowledge();
    expect((await relay.held()).map(({ userName }) => userName)).toEqual(['cho@x.test']);
  });

  test('a group that is none of ours changes: nobody is owed anything', async () => {
    org.lists.Groups.push({
      id: 'g9',
      displayName: 'Book club',
      members: [{ value: org.lists.Users[at('ada@x.test')]!.id }],
    });
    await scan(org.client);
    Object.assign(org.lists.Groups[1]!, { displayName: 'Film club', members: [] });
    await scan(org.client);
    org.lists.Groups.splice(1);
    await scan(org.client);
    expect(owed()).toEqual([]);
  });

  test('a group was renamed by hand: it is called as the mapping has it again', async () => {
    org.lists.Groups[0]!.displayName = 'Ours now';
    await scan(org.client);
    expect(owed()).toEqual(['team0']);
    expect((await relay.acknowledge()).map(({ kind }) => kind)).toEqual(['group.update']);
  });

  test('a write that was acknowledged after the scan had begun is not forgotten by it', async () => {
    const before = org.lists.Users.length;
    await relay.user('new@x.test');
    await relay.planning.reconcile(now);
    const go = org.hold();
    const running = scan(org.client);
    const [job] = await relay.outbox.claim(now, 1, 100);
    now += 1;
    await relay.outbox.settle([{ job: job!, state: 'done', at: now, effects: effectsOf(job!) }]);
    go();
    await running;
    expect(seen()).toHaveLength(before + 1);
  });
});
