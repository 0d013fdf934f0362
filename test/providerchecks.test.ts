/**
 * The simulated providers judge the service. Each row here is one way a service can be wrong, and the words in which the
 * provider must stop; a check that cannot fail would let the relay pass for what it is not.
 */
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { each, Incompatible, Unreachable } from '../daemon/sandbox/client.ts';
import { type Entra, entra } from '../daemon/sandbox/entra.ts';
import { type Okta, okta } from '../daemon/sandbox/okta.ts';
import { company } from '../daemon/sandbox/people.ts';
import { type Mischief, type Reply, recorder, type Seen } from './recorder.ts';

const directory = company({ users: 20, groups: 8, seed: 9 });
const someone = directory.people.find(({ active, email }) => active && email !== undefined)!.id;
const [team] = directory.groups.filter(({ people }) => people.length > 1);

let service: Awaited<ReturnType<typeof recorder>>;
let opened: { close(): void }[];
beforeEach(async () => {
  service = await recorder();
  opened = [];
});
afterEach(async () => {
  for (const one of opened) one.close();
  await service.close();
});
const connection = () => ({ tenantUrl: service.url, secretToken: 'canary-token', directory });
function openEntra(): Entra {
  const one = entra({ ...connection(), readBack: true });
  opened.push(one);
  return one;
}
function openOkta(flavour: 'template' | 'wizard' = 'template'): Okta {
  const one = okta({ ...connection(), flavour });
  opened.push(one);
  return one;
}

type Body = { [name: string]: unknown };
/** Bends the body of the answers that fit; everything else is honest. */
const bend =
  (fits: (seen: Seen) => boolean, change: (body: Body) => unknown): Mischief =>
  (seen, honest) =>
    fits(seen) && honest.body !== undefined
      ? { ...honest, body: change(structuredClone(honest.body) as Body) }
      : undefined;
const replace =
  (fits: (seen: Seen) => boolean, reply: Reply): Mischief =>
  (seen) =>
    fits(seen) ? reply : undefined;
const is = (method: string, pattern: RegExp) => (seen: Seen) => seen.method === method && pattern.test(seen.path);
const creates = is('POST', /^\/Users/);
const looksUp = is('GET', /^\/Users\?filter/);
const reads = is('GET', /^\/Users\/U\d+/);
const lists = is('GET', /^\/Users\?startIndex/);
/** A look-up for somebody, not the probe for a random name: those have no at sign. */
const matches = is('GET', /^\/Users\?filter.*%40/);
const listsGroups = is('GET', /^\/Groups\?startIndex/);
const first = (body: Body) => (body.Resources as Body[])[0];
const onlyOf = (resource: Body) => (body: Body) => ({
  ...body,
  totalResults: 1,
  itemsPerPage: 1,
  Resources: [resource],
});
const eachOf = (change: (resource: Body) => Body) => (body: Body) => ({
  ...body,
  Resources: (body.Resources as Body[]).map(change),
});
const somebody = { id: 'x', userName: 'y', schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'] };
const somegroup = { id: 'G1', displayName: 'x', schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'] };
const held = (group: Body) => (group.members ?? []) as Body[];

describe('Entra stops at', () => {
  const audits = (provider: Entra) => provider.audit();
  const afterwards = (act: (provider: Entra) => unknown) => async (provider: Entra) => {
    await act(provider);
    await provider.incrementalCycle();
  };
  /** While pushing everything for the first time. */
  const atFirst: readonly (readonly [name: string, mischief: Mischief, words: RegExp])[] = [
    ['a 404 for a user that does not exist', replace(looksUp, { status: 404 }), /expected: 200 and a ListResponse/],
    ['a refused token', replace(looksUp, { status: 401 }), /answered: 401/],
    ['a list without its schema', bend(looksUp, (body) => ({ ...body, schemas: [] })), /whose schemas name/],
    [
      'a totalResults that is text',
      bend(looksUp, (body) => ({ ...body, totalResults: '0' })),
      /ListResponse \(totalResults/,
    ],
    ['a startIndex of 0', bend(looksUp, (body) => ({ ...body, startIndex: 0 })), /counts from 1/],
    [
      'a list of more than it counts',
      bend(looksUp, (body) => ({ ...onlyOf(somebody)(body), totalResults: 0 })),
      /totalResults counts/,
    ],
    ['an answer to a random name', bend(looksUp, onlyOf(somebody)), /nothing has that name/],
    ['somebody nobody asked for', bend(matches, onlyOf(somebody)), /only a User whose userName/],
    ['two users of one name', bend(matches, (body) => ({ ...body, totalResults: 2 })), /no User or one whose userName/],
    [
      'text instead of JSON',
      replace(looksUp, { status: 200, body: '<html>', headers: { 'Content-Type': 'application/scim+json' } }),
      /as a JSON object/,
    ],
    [
      'another Content-Type',
      (seen, honest) =>
        creates(seen) ? { ...honest, headers: { ...honest.headers, 'Content-Type': 'application/json' } } : undefined,
      /Content-Type application\/scim\+json/,
    ],
    ['200 for a create', (seen, honest) => (creates(seen) ? { ...honest, status: 200 } : undefined), /expected: 201/],
    [
      'a create without a body',
      (seen, honest) => (creates(seen) ? { status: 201, headers: honest.headers! } : undefined),
      /201 and the new User/,
    ],
    ['a create without an id', bend(creates, ({ id: _, ...body }) => body), /a SCIM User \(id/],
    ['an empty id', bend(creates, (body) => ({ ...body, id: '' })), /id that is not empty/],
    [
      'an id that is taken',
      (seen, honest) => {
        if (!creates(seen)) return undefined;
        const meta = { resourceType: 'User', location: `${service.url}/Users/U1` };
        return { ...honest, body: { ...(honest.body as Body), id: 'U1', meta }, headers: { Location: meta.location } };
      },
      /an id no other resource has/,
    ],
    [
      'a Location that meta does not repeat',
      bend(creates, (body) => ({ ...body, meta: { resourceType: 'User', location: `${service.url}/Users/U0` } })),
      /Location and in meta.location/,
    ],
    ['a resource without its schema', bend(creates, ({ schemas: _, ...body }) => body), /whose schemas name/],
    [
      'another e-mail',
      bend(creates, (body) => ({ ...body, emails: [{ type: 'work', primary: true, value: 'other@x.test' }] })),
      /emails has no/,
    ],
    [
      'a create without a Location',
      (seen, honest) => (creates(seen) ? { ...honest, headers: {} } : undefined),
      /Location/,
    ],
    [
      'a userName in other case',
      bend(creates, (body) => ({ ...body, userName: String(body.userName).toUpperCase() })),
      /userName was .* and is/,
    ],
    [
      'a name brought into another Unicode form',
      bend(creates, (body) => ({ ...body, displayName: String(body.displayName).normalize('NFC') })),
      /displayName was/,
    ],
    ['a lost e-mail', bend(creates, ({ emails: _, ...body }) => body), /emails has no/],
    [
      'a manager echoed as text',
      bend(creates, (body) => {
        const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
        const extension = body[urn] as Body;
        return {
          ...body,
          [urn]: {
            ...extension,
            ...(extension.manager !== undefined && { manager: (extension.manager as Body).value }),
          },
        };
      }),
      /manager is "U\d+", not/,
    ],
    [
      'members in a group read without them',
      bend(is('GET', /^\/Groups\/.*excludedAttributes/), (body) => ({ ...body, members: [{ value: 'U1' }] })),
      /no members: they were excluded/,
    ],
    ['a refused membership', replace(is('PATCH', /^\/Groups/), { status: 400 }), /expected: 204, or 200/],
    ['a group that is gone again', replace(is('GET', /^\/Groups\/G/), { status: 404 }), /200 and the Group with id G/],
  ];
  test.each(atFirst)('%s', async (_name, mischief, words) => {
    const provider = openEntra();
    service.misbehave(mischief);
    const thrown = await provider.initialCycle().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Incompatible);
    expect((thrown as Error).message).toMatch(words);
  });

  /** After an honest first cycle: what is done, what goes wrong, and the words. */
  const later: readonly (readonly [
    name: string,
    act: (provider: Entra) => Promise<unknown>,
    mischief: Mischief,
    words: RegExp,
  ])[] = [
    [
      'a 404 for a user it made',
      afterwards((p) => p.disableUser(someone)),
      replace(reads, { status: 404 }),
      /200 and the User with id U/,
    ],
    [
      'another user than it asked for',
      afterwards((p) => p.disableUser(someone)),
      bend(reads, (body) => ({ ...body, id: 'U999' })),
      /200 and the User with id U/,
    ],
    [
      'a change that was acknowledged and is not there',
      afterwards((p) => p.updateUser(someone, { title: 'Buyer II' })),
      bend(reads, (body) => ({ ...body, title: 'Buyer' })),
      /title to be .*, as it was sent; it is "Buyer"/,
    ],
    [
      'a disable that does not show',
      afterwards((p) => p.disableUser(someone)),
      bend(reads, (body) => ({ ...body, active: true })),
      /active to be false/,
    ],
    [
      'an active that comes back as text',
      afterwards((p) => p.disableUser(someone)),
      bend(reads, (body) => ({ ...body, active: String(body.active) })),
      /active: Invalid input/,
    ],
    [
      'a PATCH that answers with the old user',
      afterwards((p) => p.disableUser(someone)),
      bend(is('PATCH', /^\/Users/), (body) => ({ ...body, active: true })),
      /active to be false/,
    ],
    [
      'a refused PATCH',
      afterwards((p) => p.disableUser(someone)),
      replace(is('PATCH', /^\/Users/), { status: 400, body: { detail: 'Invalid op Replace' } }),
      /sent: .*"Replace"[\s\S]*answered: 400.*Invalid op Replace/,
    ],
    [
      '200 for a DELETE',
      afterwards((p) => p.hardDelete(someone)),
      replace(is('DELETE', /^\/Users/), { status: 200, body: {} }),
      /expected: 204$/,
    ],
    [
      'a DELETE that is refused',
      afterwards((p) => p.hardDelete(someone)),
      replace(is('DELETE', /^\/Users/), { status: 405 }),
      /expected: 204$/,
    ],
    [
      'a name that stays taken',
      afterwards((p) => p.renameUser(someone, directory.people.at(-1)!.userName)),
      () => undefined,
      /got 409 twice/,
    ],
    [
      'a member it does not know of',
      afterwards((p) => p.addMembers(team!.id, [directory.people.find(({ id }) => !team!.people.includes(id))!.id])),
      bend(is('GET', /^\/Groups\?.*members\+eq/), onlyOf(somegroup)),
      /0 groups with that id and that member/,
    ],
    [
      'a lost user',
      audits,
      bend(lists, (body) => ({ ...body, totalResults: 19, Resources: (body.Resources as Body[]).slice(1) })),
      /user U\d+ is missing/,
    ],
    [
      'a user it never sent',
      audits,
      bend(lists, (body) => ({
        ...body,
        totalResults: 21,
        itemsPerPage: 21,
        Resources: [...(body.Resources as Body[]), { ...first(body), id: 'stranger' }],
      })),
      /user stranger .* was never sent/,
    ],
    [
      'a lost group',
      audits,
      bend(listsGroups, (body) => ({ ...body, totalResults: 7, Resources: (body.Resources as Body[]).slice(1) })),
      /group G\d+ is missing/,
    ],
    [
      'a user who turned active',
      audits,
      bend(
        lists,
        eachOf((user) => ({ ...user, active: true })),
      ),
      /active is true, not false/,
    ],
    [
      'a lost member',
      audits,
      bend(
        listsGroups,
        eachOf((group) => ({ ...group, members: held(group).slice(1) })),
      ),
      /member [UG]\d+ is missing/,
    ],
    [
      'a member too many',
      audits,
      bend(
        listsGroups,
        eachOf((group) => ({ ...group, members: [{ value: 'U999' }, ...held(group)] })),
      ),
      /U999 is no member/,
    ],
    [
      'a member twice',
      audits,
      bend(
        listsGroups,
        eachOf((group) => ({ ...group, members: [...held(group), ...held(group)] })),
      ),
      /a member is listed twice/,
    ],
    [
      'a group under another name',
      audits,
      bend(
        listsGroups,
        eachOf((group) => ({ ...group, displayName: 'x' })),
      ),
      /displayName is "x"/,
    ],
    [
      'an inactive user whom the filter hides',
      audits,
      bend(looksUp, (body) => ({ ...body, totalResults: 0, itemsPerPage: 0, Resources: [] })),
      /who is inactive and must be found/,
    ],
  ];
  test.each(later)('%s', async (_name, act, mischief, words) => {
    const provider = openEntra();
    await provider.initialCycle();
    await provider.audit();
    service.misbehave(mischief);
    const thrown = await act(provider).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Incompatible);
    expect((thrown as Error).message).toMatch(words);
  });
});

test('Entra stops at a change of long ago that is no longer there, before it writes anything', async () => {
  const provider = entra({ ...connection() });
  opened.push(provider);
  await provider.initialCycle();
  service.misbehave(bend(reads, (body) => ({ ...body, title: 'lost' })));
  provider.updateUser(someone, { displayName: 'New' });
  await expect(provider.incrementalCycle()).rejects.toThrow(/title to be .*, as it was sent; it is "lost"/);
  expect(service.takeAll().filter(({ method, path }) => method === 'PATCH' && path.startsWith('/Users'))).toEqual([]);
});

describe('Okta stops at', () => {
  const rows: readonly (readonly [
    name: string,
    flavour: 'template' | 'wizard',
    act: (provider: Okta) => Promise<unknown>,
    mischief: Mischief,
    words: RegExp,
  ])[] = [
    [
      'a password that comes back',
      'template',
      (p) => p.addUser({ ...directory.people[3]!, id: 'new', userName: 'new@x.test' }),
      bend(creates, (body) => ({ ...body, password: 'x' })),
      /no password/,
    ],
    [
      'an empty body on 201',
      'template',
      (p) => p.addUser({ ...directory.people[3]!, id: 'new', userName: 'new@x.test' }),
      (seen, honest) => (creates(seen) ? { status: 201, headers: honest.headers! } : undefined),
      /201 and the new User/,
    ],
    [
      '409 for a new user',
      'template',
      (p) => p.addUser({ ...directory.people[3]!, id: 'new', userName: 'new@x.test' }),
      replace(creates, { status: 409, body: { detail: 'taken' } }),
      /answered: 409/,
    ],
    [
      '501 for a PATCH',
      'template',
      (p) => p.deactivateUser(someone),
      replace(is('PATCH', /^\/Users/), { status: 501 }),
      /expected: 204, or 200/,
    ],
    [
      'a deactivation that does not show',
      'template',
      (p) => p.deactivateUser(someone),
      bend(is('PATCH', /^\/Users/), (body) => ({ ...body, active: true })),
      /active was false and is true/,
    ],
    [
      'a PUT that loses a value',
      'wizard',
      (p) => p.updateUser(someone, { displayName: 'New' }),
      bend(is('PUT', /^\/Users/), ({ locale: _, ...body }) => body),
      /locale was/,
    ],
    [
      'a GET that misses an acknowledged value',
      'wizard',
      (p) => p.updateUser(someone, { displayName: 'New' }),
      bend(reads, (body) => ({ ...body, displayName: 'Old' })),
      /displayName was .* and is "Old"/,
    ],
    [
      'a refused name in a membership change',
      'template',
      (p) => p.removeMembers(team!.id, [team!.people[0]!]),
      replace(is('PATCH', /^\/Groups/), { status: 400 }),
      /"value":\{"id":"G\d+","displayName"[\s\S]*answered: 400/,
    ],
    [
      'members lost before a PUT',
      'wizard',
      (p) => p.removeMembers(team!.id, [team!.people[0]!]),
      bend(is('GET', /^\/Groups\/G/), (body) => ({ ...body, members: [] })),
      /the members it acknowledged; \d+ are missing/,
    ],
    [
      '200 for the DELETE of a group',
      'template',
      (p) => p.unlinkGroup(team!.id, { deleteInTarget: true }),
      replace(is('DELETE', /^\/Groups/), { status: 200, body: {} }),
      /expected: 204$/,
    ],
    [
      'a page that begins elsewhere',
      'template',
      (p) => p.importAll(),
      bend(lists, (body) => ({ ...body, startIndex: 2 })),
      /from number 1 on/,
    ],
    [
      'a total that is not reached',
      'template',
      (p) => p.importAll(),
      bend(lists, (body) => ({ ...body, totalResults: 25 })),
      /25 Users, as totalResults says, but the pages hold/,
    ],
    [
      'credentials refused',
      'template',
      (p) => p.testCredentials(),
      replace(lists, { status: 401, body: { detail: 'bad token' } }),
      /answered: 401.*bad token/,
    ],
    [
      'more users than it asked for',
      'template',
      (p) => p.testCredentials(),
      bend(lists, (body) => ({
        ...body,
        itemsPerPage: 3,
        Resources: [0, 1, 2].map((n) => ({ ...first(body), id: `U${n}` })),
      })),
      /no more than were asked for/,
    ],
  ];
  test.each(rows)('%s', async (_name, flavour, act, mischief, words) => {
    const provider = openOkta(flavour);
    await provider.assignEveryone();
    await provider.pushGroups();
    await provider.importAll();
    service.misbehave(mischief);
    const thrown = await act(provider).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Incompatible);
    expect((thrown as Error).message).toMatch(words);
  });

  test('pages whose order changes between two requests', async () => {
    const many = company({ users: 150, groups: 8, seed: 2 });
    const provider = okta({ ...connection(), directory: many, flavour: 'template', concurrency: 8 });
    opened.push(provider);
    await provider.assignEveryone();
    service.misbehave((seen, honest) => {
      if (!seen.path.startsWith('/Users?startIndex=101')) return undefined;
      const start = [...service.stores.User.values()].slice(0, 48);
      return { ...honest, body: { ...(honest.body as Body), Resources: start } };
    });
    await expect(provider.importAll()).rejects.toThrow(/pages in one order; U1 is on two of them/);
  });
});

test('S1 neither the token nor a password is in what a failure says', async () => {
  const provider = openOkta();
  service.misbehave(replace(creates, { status: 400, body: { detail: 'no' } }));
  const thrown = (await provider.assignEveryone().catch((error: unknown) => error)) as Incompatible;
  const sent = service.takeAll().find(creates)!;
  expect(sent.body?.password).toMatch(/^\S{16}$/);
  expect(thrown.message).toContain('"password":"(not shown)"');
  expect(thrown.message).not.toContain(sent.body!.password);
  expect(thrown.message).not.toContain('canary-token');
});

test('a service that is not there is told apart from one that is wrong, and the cycle can be run again', async () => {
  const provider = openEntra();
  await provider.initialCycle();
  const { url } = service;
  await service.close();
  provider.disableUser(someone);
  const thrown = await provider.incrementalCycle().catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Unreachable);
  expect((thrown as Error).message).toContain(`GET ${url}/Users?filter=`);
  service = await recorder();
});

test('of several failures at once the first is told, and nothing new is begun', async () => {
  const begun: number[] = [];
  const failing = each([1, 2, 3, 4], 2, async (number) => {
    begun.push(number);
    await new Promise((turn) => setImmediate(turn));
    throw new Error(`number ${number}`);
  });
  await expect(failing).rejects.toThrow('number 1');
  expect(begun).toEqual([1, 2]);
});

test('an answer that was compressed, as Okta invites, is understood', async () => {
  service.misbehave((_seen, honest) => {
    const body = gzipSync(JSON.stringify(honest.body));
    return { ...honest, body, headers: { ...honest.headers, 'Content-Encoding': 'gzip' } };
  });
  await openOkta().testCredentials();
});

test('every exchange is shown to whoever records them, with the times they took', async () => {
  const seen: { method: string; url: string; status: number }[] = [];
  const provider = entra({ ...connection(), onExchange: (exchange) => seen.push(exchange) });
  opened.push(provider);
  await provider.testConnection();
  expect(seen).toEqual([
    {
      method: 'GET',
      url: expect.stringContaining(`${service.url}/Users?filter=`),
      requestBody: undefined,
      status: 200,
      responseBody: expect.objectContaining({ totalResults: 0 }),
      ms: expect.any(Number),
    },
    expect.objectContaining({ url: expect.stringContaining('/Groups?') }),
  ]);
});
