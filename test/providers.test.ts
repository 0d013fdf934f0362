/**
 * The simulated providers, on the wire: what exactly Entra and Okta send for what their administrators do, against a
 * recording service that is neither ours nor the relay (test/recorder.ts). Whether they notice a service that
 * misbehaves is test/providerchecks.test.ts.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Entra, entra } from '../daemon/sandbox/entra.ts';
import { type Okta, okta } from '../daemon/sandbox/okta.ts';
import { company, type Group, type Person } from '../daemon/sandbox/people.ts';
import { recorder, type Seen } from './recorder.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const core = 'urn:ietf:params:scim:schemas:core:2.0';

const somebody = (id: string, given: string, family: string): Person => ({
  id,
  userName: `${given}.${family}@aldine.example`,
  displayName: `${given} ${family}`,
  givenName: given,
  familyName: family,
  email: `${given}@aldine.example`,
  locale: 'en-GB',
  title: 'Analyst',
  department: 'Sales',
  employeeNumber: `E-${id}`,
  active: true,
});
const ada = somebody('ada', 'Ada', "D'Arcy");
const ben = { ...somebody('ben', 'Ben', 'Bœuf'), managerId: 'ada' };
const { email: _, givenName: __, familyName: ___, ...mailbox } = somebody('box', 'Reception', 'Desk');
const sales: Group = { id: 'sales', displayName: 'Sales & more', people: ['ada', 'ben'], groups: ['desk'] };
const desk: Group = { id: 'desk', displayName: 'Desk', people: ['box'], groups: [] };
const small = { people: [ada, ben, mailbox], groups: [sales, desk] };

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

const connection = () => ({ tenantUrl: service.url, secretToken: 'canary-token', concurrency: 1 });
function openEntra(options: Partial<Parameters<typeof entra>[0]> = {}): Entra {
  const one = entra({ ...connection(), directory: small, ...options });
  opened.push(one);
  return one;
}
function openOkta(options: Partial<Parameters<typeof okta>[0]> = {}): Okta {
  const one = okta({ ...connection(), directory: small, flavour: 'template', ...options });
  opened.push(one);
  return one;
}
/** Requests as 'METHOD path', with the body beside it where there is one. */
const wire = (seen: readonly Seen[]) =>
  seen.map(({ method, path, body }) => (body === undefined ? `${method} ${path}` : [`${method} ${path}`, body]));
const patch = (...Operations: unknown[]) => ({ schemas: [patchOp], Operations });

describe('Entra', () => {
  test('Test Connection asks for a user and a group that cannot exist, with the bearer', async () => {
    await openEntra().testConnection();
    const [user, group, ...more] = service.takeAll();
    expect(more).toEqual([]);
    const guid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
    expect(user).toMatchObject({
      method: 'GET',
      path: expect.stringMatching(`^/Users\\?filter=userName\\+eq\\+%22${guid}%22$`),
    });
    expect(group!.path).toMatch(
      new RegExp(`^/Groups\\?excludedAttributes=members&filter=displayName\\+eq\\+%22${guid}%22$`),
    );
    for (const { headers } of [user!, group!]) {
      expect(headers).toMatchObject({ authorization: 'Bearer canary-token', accept: 'application/scim+json' });
      expect(headers).not.toHaveProperty('content-type');
    }
  });

  test('an initial cycle matches and creates users, then empty groups, then members; a manager already there comes along', async () => {
    const provider = openEntra();
    await provider.initialCycle();
    const requests = service.take();
    expect(wire(requests)).toEqual([
      'GET /Users?filter=userName+eq+%22Ada.D%27Arcy%40aldine.example%22',
      [
        'POST /Users',
        {
          schemas: [`${core}:User`, enterprise],
          externalId: 'ada',
          userName: "Ada.D'Arcy@aldine.example",
          active: true,
          displayName: "Ada D'Arcy",
          title: 'Analyst',
          emails: [{ primary: true, type: 'work', value: 'Ada@aldine.example' }],
          meta: { resourceType: 'User' },
          name: { formatted: "Ada D'Arcy", familyName: "D'Arcy", givenName: 'Ada' },
          roles: [],
          [enterprise]: { employeeNumber: 'E-ada', department: 'Sales' },
        },
      ],
      'GET /Users?filter=userName+eq+%22Ben.B%C5%93uf%40aldine.example%22',
      [
        'POST /Users',
        expect.objectContaining({ [enterprise]: { employeeNumber: 'E-ben', department: 'Sales', manager: 'U1' } }),
      ],
      'GET /Users?filter=userName+eq+%22Reception.Desk%40aldine.example%22',
      ['POST /Users', expect.not.objectContaining({ name: expect.anything(), emails: expect.anything() })],
      'GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Sales+%26+more%22',
      [
        'POST /Groups',
        {
          schemas: [`${core}:Group`, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
          externalId: 'sales',
          displayName: 'Sales & more',
          meta: { resourceType: 'Group' },
        },
      ],
      'GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Desk%22',
      ['POST /Groups', expect.objectContaining({ externalId: 'desk' })],
      'GET /Groups/G4?excludedAttributes=members',
      [
        'PATCH /Groups/G4',
        patch({
          op: 'Add',
          path: 'members',
          value: [
            { $ref: null, value: 'U1' },
            { $ref: null, value: 'U2' },
            { $ref: null, value: 'G5' },
          ],
        }),
      ],
      'GET /Groups/G5?excludedAttributes=members',
      'GET /Groups?excludedAttributes=members&filter=id+eq+%22G5%22+and+members+eq+%22U3%22',
      ['PATCH /Groups/G5', patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: 'U3' }] })],
    ]);
    for (const { method, headers } of requests) {
      expect(headers['content-type']).toBe(method === 'GET' ? undefined : 'application/scim+json');
    }
    expect(provider.counts()).toEqual({
      test: 1,
      'user.match': 3,
      'user.create': 3,
      'group.match': 2,
      'group.create': 2,
      'group.read': 2,
      'group.reference': 1,
      'group.members': 2,
    });
    await expect(provider.audit()).resolves.toEqual({ users: 3, groups: 2, memberships: 4 });
  });

  test('a cycle with nothing to push only asks its random question', async () => {
    const provider = openEntra();
    await provider.initialCycle();
    service.takeAll();
    await provider.incrementalCycle();
    expect(service.takeAll().map(({ method }) => method)).toEqual(['GET']);
  });

  /** What an edit puts on the wire, in each dialect: the reads before it, then the writes. */
  const edits: readonly (readonly [
    name: string,
    edit: (provider: Entra) => void,
    byDefault: unknown[],
    flagged: unknown[],
  ])[] = [
    [
      'a blocked sign-in',
      (provider) => provider.disableUser('ada'),
      ['GET /Users/U1', ['PATCH /Users/U1', patch({ op: 'Replace', path: 'active', value: 'False' })]],
      ['GET /Users/U1', ['PATCH /Users/U1', patch({ op: 'replace', path: 'active', value: false })]],
    ],
    [
      'a soft delete',
      (provider) => provider.softDelete('ada'),
      ['GET /Users/U1', ['PATCH /Users/U1', patch({ op: 'Replace', path: 'active', value: 'False' })]],
      ['GET /Users/U1', ['PATCH /Users/U1', patch({ op: 'replace', path: 'active', value: false })]],
    ],
    ['a purge', (provider) => provider.hardDelete('ada'), ['DELETE /Users/U1'], ['DELETE /Users/U1']],
    [
      'a new user principal name',
      (provider) => provider.renameUser('ada', 'Ada.Lovelace@aldine.example'),
      [
        'GET /Users/U1',
        ['PATCH /Users/U1', patch({ op: 'Replace', path: 'userName', value: 'Ada.Lovelace@aldine.example' })],
      ],
      [
        'GET /Users/U1',
        ['PATCH /Users/U1', patch({ op: 'replace', path: 'userName', value: 'Ada.Lovelace@aldine.example' })],
      ],
    ],
    [
      'several attributes, an e-mail and a blocked sign-in at once',
      (provider) => {
        provider.updateUser('ada', { familyName: 'King', displayName: 'Ada King', email: 'king@aldine.example' });
        provider.updateUser('ada', { employeeNumber: 'E-2' });
        provider.disableUser('ada');
      },
      [
        'GET /Users/U1',
        [
          'PATCH /Users/U1',
          patch(
            { op: 'Replace', path: 'active', value: 'False' },
            { op: 'Replace', path: 'displayName', value: 'Ada King' },
            { op: 'Replace', path: 'emails[type eq "work"].value', value: 'king@aldine.example' },
            { op: 'Replace', path: 'name.familyName', value: 'King' },
            { op: 'Replace', path: 'name.formatted', value: 'Ada King' },
            { op: 'Replace', path: `${enterprise}:employeeNumber`, value: 'E-2' },
          ),
        ],
      ],
      [
        'GET /Users/U1',
        [
          'PATCH /Users/U1',
          patch(
            { op: 'replace', path: 'emails[type eq "work"].value', value: 'king@aldine.example' },
            {
              op: 'replace',
              value: {
                active: false,
                displayName: 'Ada King',
                'name.familyName': 'King',
                'name.formatted': 'Ada King',
                [`${enterprise}:employeeNumber`]: 'E-2',
              },
            },
          ),
        ],
      ],
    ],
    [
      'values where there were none',
      (provider) => provider.updateUser('box', { email: 'box@aldine.example', givenName: 'Re', familyName: 'Ception' }),
      [
        'GET /Users/U3',
        [
          'PATCH /Users/U3',
          patch(
            { op: 'Add', path: 'emails[type eq "work"].value', value: 'box@aldine.example' },
            { op: 'Add', path: 'name.givenName', value: 'Re' },
            { op: 'Add', path: 'name.familyName', value: 'Ception' },
            { op: 'Add', path: 'name.formatted', value: 'Re Ception' },
          ),
        ],
      ],
      [
        'GET /Users/U3',
        [
          'PATCH /Users/U3',
          patch(
            { op: 'add', path: 'emails[type eq "work"].value', value: 'box@aldine.example' },
            { op: 'add', path: 'name.givenName', value: 'Re' },
            { op: 'add', path: 'name.familyName', value: 'Ception' },
            { op: 'add', path: 'name.formatted', value: 'Re Ception' },
          ),
        ],
      ],
    ],
    [
      'a manager',
      (provider) => provider.updateUser('box', { managerId: 'ben' }),
      [
        'GET /Users/U3',
        'GET /Users?filter=id+eq+%22U3%22+and+manager+eq+%22U2%22&attributes=id',
        [
          'PATCH /Users/U3',
          patch({ op: 'Add', path: 'manager', value: [{ $ref: expect.stringMatching(/\/Users\/U2$/), value: 'U2' }] }),
        ],
      ],
      [
        'GET /Users/U3',
        'GET /Users?filter=id+eq+%22U3%22+and+manager+eq+%22U2%22&attributes=id',
        ['PATCH /Users/U3', patch({ op: 'add', path: `${enterprise}:manager`, value: 'U2' })],
      ],
    ],
    [
      'two members who leave and one who joins',
      (provider) => {
        provider.removeMembers('sales', ['ada', 'ben']);
        provider.addMembers('sales', ['box']);
      },
      [
        'GET /Groups/G4?excludedAttributes=members',
        'GET /Groups?excludedAttributes=members&filter=id+eq+%22G4%22+and+members+eq+%22U3%22',
        ['PATCH /Groups/G4', patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: 'U3' }] })],
        ['PATCH /Groups/G4', patch({ op: 'Remove', path: 'members', value: [{ value: 'U1' }, { value: 'U2' }] })],
      ],
      [
        'GET /Groups/G4?excludedAttributes=members',
        'GET /Groups?excludedAttributes=members&filter=id+eq+%22G4%22+and+members+eq+%22U3%22',
        ['PATCH /Groups/G4', patch({ op: 'add', path: 'members', value: [{ $ref: null, value: 'U3' }] })],
        [
          'PATCH /Groups/G4',
          patch({ op: 'remove', path: 'members[value eq "U1"]' }, { op: 'remove', path: 'members[value eq "U2"]' }),
        ],
      ],
    ],
    [
      'a group taken out of a group',
      (provider) => provider.unnest('sales', 'desk'),
      [
        'GET /Groups/G4?excludedAttributes=members',
        'GET /Groups?excludedAttributes=members&filter=id+eq+%22G4%22+and+members+eq+%22G5%22',
        ['PATCH /Groups/G4', patch({ op: 'Remove', path: 'members', value: [{ value: 'G5' }] })],
      ],
      [
        'GET /Groups/G4?excludedAttributes=members',
        'GET /Groups?excludedAttributes=members&filter=id+eq+%22G4%22+and+members+eq+%22G5%22',
        ['PATCH /Groups/G4', patch({ op: 'remove', path: 'members[value eq "G5"]' })],
      ],
    ],
    [
      'a renamed group',
      (provider) => provider.renameGroup('desk', 'Front desk'),
      [
        'GET /Groups/G5?excludedAttributes=members',
        ['PATCH /Groups/G5', patch({ op: 'Replace', path: 'displayName', value: 'Front desk' })],
      ],
      [
        'GET /Groups/G5?excludedAttributes=members',
        ['PATCH /Groups/G5', patch({ op: 'replace', path: 'displayName', value: 'Front desk' })],
      ],
    ],
    ['a deleted group', (provider) => provider.deleteGroup('desk'), ['DELETE /Groups/G5'], ['DELETE /Groups/G5']],
    [
      'somebody out of scope, whose later deletion sends nothing',
      (provider) => provider.unassign('ada'),
      ['GET /Users/U1', ['PATCH /Users/U1', patch({ op: 'Replace', path: 'active', value: 'False' })]],
      ['GET /Users/U1', ['PATCH /Users/U1', patch({ op: 'replace', path: 'active', value: false })]],
    ],
    [
      'a member who joins and leaves between two cycles',
      (provider) => {
        provider.addMembers('desk', ['ada']);
        provider.removeMembers('desk', ['ada']);
      },
      [],
      [],
    ],
  ];
  describe.each(['default', 'aadOptscim062020'] as const)('in the %s dialect', (dialect) => {
    test.each(edits)('%s', async (_name, edit, byDefault, flagged) => {
      const provider = openEntra({ dialect });
      await provider.initialCycle();
      service.takeAll();
      edit(provider);
      await provider.incrementalCycle();
      expect(wire(service.take())).toEqual(dialect === 'default' ? byDefault : flagged);
      await provider.audit();
      service.takeAll();
      await provider.incrementalCycle();
      expect(service.take()).toEqual([]);
    });
  });

  test('the flag in the tenant URL chooses the dialect and is not sent', async () => {
    const provider = openEntra({ tenantUrl: `${service.url}/?aadOptscim062020` });
    await provider.initialCycle();
    provider.disableUser('ada');
    service.takeAll();
    await provider.incrementalCycle();
    expect(wire(service.take())).toEqual([
      'GET /Users/U1',
      ['PATCH /Users/U1', patch({ op: 'replace', path: 'active', value: false })],
    ]);
  });

  test('a restore is active true alone: memberships are not sent again', async () => {
    const provider = openEntra();
    await provider.initialCycle();
    provider.softDelete('ada');
    await provider.incrementalCycle();
    service.takeAll();
    provider.restore('ada');
    await provider.incrementalCycle();
    expect(wire(service.take())).toEqual([
      'GET /Users/U1',
      ['PATCH /Users/U1', patch({ op: 'Replace', path: 'active', value: 'True' })],
    ]);
    expect(provider.expected().groups.find(({ displayName }) => displayName === 'Sales & more')?.members).toContain(
      'U1',
    );
    await provider.audit();
  });

  test('somebody unassigned is no longer managed: a purge sends nothing, a new assignment matches by name', async () => {
    const provider = openEntra();
    await provider.initialCycle();
    provider.unassign('ada');
    provider.unassign('box');
    await provider.incrementalCycle();
    service.takeAll();
    provider.reassign('ada');
    provider.hardDelete('box');
    await provider.incrementalCycle();
    expect(wire(service.take())).toEqual([
      'GET /Users?filter=userName+eq+%22Ada.D%27Arcy%40aldine.example%22',
      'GET /Users/U1',
      ['PATCH /Users/U1', patch({ op: 'Replace', path: 'active', value: 'True' })],
    ]);
    await provider.audit();
  });

  test('somebody who left a group while out of scope leaves it at the service once back in scope', async () => {
    const provider = openEntra();
    await provider.initialCycle();
    provider.unassign('ada');
    await provider.incrementalCycle();
    provider.removeMembers('sales', ['ada']);
    service.takeAll();
    await provider.incrementalCycle();
    expect(service.take()).toEqual([]);
    provider.reassign('ada');
    await provider.incrementalCycle();
    expect(provider.expected().groups.find(({ id }) => id === 'G4')?.members).toEqual(['G5', 'U2']);
    await provider.audit();
  });

  test('somebody purged and made again is in no group', async () => {
    const provider = openEntra();
    await provider.initialCycle();
    provider.hardDelete('ada');
    await provider.incrementalCycle();
    provider.addUser(ada);
    await provider.initialCycle();
    expect(provider.linkOf('ada')).toBe('U6');
    expect(provider.expected().groups.find(({ id }) => id === 'G4')?.members).toEqual(['G5', 'U2']);
    await provider.audit();
  });

  test('somebody blocked at the provider is created inactive', async () => {
    const provider = openEntra({ directory: { people: [{ ...ada, active: false }], groups: [] } });
    await provider.initialCycle();
    expect(service.take().at(-1)?.body).toMatchObject({ active: false });
    expect(provider.expected().users).toMatchObject([{ id: 'U1', active: false }]);
    await provider.audit();
  });

  test('matching attributes are tried one after another, and what is found is linked and corrected', async () => {
    const first = openEntra();
    await first.initialCycle();
    const renamed = { ...ada, userName: 'countess@aldine.example' };
    const second = openEntra({
      directory: { people: [renamed], groups: [desk] },
      matching: ['userName', 'externalId'],
    });
    service.takeAll();
    await second.initialCycle();
    expect(wire(service.take()).slice(0, 6)).toEqual([
      'GET /Users?filter=userName+eq+%22countess%40aldine.example%22',
      'GET /Users?filter=externalId+eq+%22ada%22',
      'GET /Users/U1',
      ['PATCH /Users/U1', patch({ op: 'Replace', path: 'userName', value: 'countess@aldine.example' })],
      'GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Desk%22',
      'GET /Groups/G5?excludedAttributes=members',
    ]);
    expect(second.linkOf('ada')).toBe('U1');
    expect(second.linkOf('desk')).toBe('G5');
  });

  test('members travel in batches of the size that was set', async () => {
    const provider = openEntra({ membersPerPatch: 2 });
    await provider.initialCycle();
    const sizes = service.take().flatMap(({ method, path, body }) => {
      const [operation] = (body?.Operations ?? []) as { value: unknown[] }[];
      return method === 'PATCH' && path === '/Groups/G4' ? [operation!.value.length] : [];
    });
    expect(sizes).toEqual([2, 1]);
    await provider.audit();
  });

  test('"Restart provisioning" looks at everything again and sends every membership again', async () => {
    const provider = openEntra();
    await provider.initialCycle();
    const before = provider.expected();
    service.takeAll();
    await provider.initialCycle();
    const again = service.take();
    expect(again.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(again.filter(({ method, path }) => method === 'PATCH' && path === '/Users/U1')).toEqual([]);
    expect(again.filter(({ method, path }) => method === 'PATCH' && path === '/Groups/G4')).toHaveLength(1);
    expect(provider.expected()).toEqual(before);
    await provider.audit();
  });

  test('only the failed call is repeated after 429, and 503 with a time, once the time is over', async () => {
    const waits: number[] = [];
    const provider = openEntra({
      sleep: async (ms) => void waits.push(ms),
    });
    const busy = [
      { status: 429, headers: { 'Retry-After': '7' } },
      { status: 503, headers: { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() } },
      { status: 429 },
    ];
    service.misbehave(({ method, path }) => (method === 'POST' && path === '/Groups' ? busy.shift() : undefined));
    await provider.initialCycle();
    expect(waits).toEqual([7000, expect.any(Number), 8000]);
    expect(waits[1]).toBeGreaterThan(55_000);
    expect(waits[1]).toBeLessThanOrEqual(60_000);
    expect(provider.counts()).toMatchObject({ 'group.create': 5, 'user.create': 3 });
    await provider.audit();
  });

  test('it gives up on the tenth refusal, and a plain 503 at once', async () => {
    const provider = openEntra({ sleep: async () => undefined });
    service.misbehave(({ method }) =>
      method === 'POST' ? { status: 429, headers: { 'Retry-After': '0' } } : undefined,
    );
    await expect(provider.initialCycle()).rejects.toThrow(/answered: 429[\s\S]*expected: 201/);
    expect(provider.counts()['user.create']).toBe(10);
    service.misbehave(({ method }) => (method === 'POST' ? { status: 503 } : undefined));
    await expect(provider.incrementalCycle()).rejects.toThrow(/answered: 503/);
    expect(provider.counts()['user.create']).toBe(11);
  });

  test('a cycle that was cut short goes on where it stopped, and sends nothing twice', async () => {
    const provider = openEntra();
    service.misbehave(({ method, path }) =>
      method === 'PATCH' && path === '/Groups/G5' ? { status: 500 } : undefined,
    );
    await expect(provider.initialCycle()).rejects.toThrow('answered: 500');
    service.misbehave(() => undefined);
    service.takeAll();
    await provider.incrementalCycle();
    expect(wire(service.take())).toEqual([
      'GET /Groups/G5?excludedAttributes=members',
      'GET /Groups?excludedAttributes=members&filter=id+eq+%22G5%22+and+members+eq+%22U3%22',
      ['PATCH /Groups/G5', patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: 'U3' }] })],
    ]);
    await provider.audit();
  });

  test('a name that another user gives up in the same cycle is taken on the second try', async () => {
    const provider = openEntra();
    await provider.initialCycle();
    provider.renameUser('ben', ada.userName);
    provider.renameUser('ada', 'countess@aldine.example');
    await provider.incrementalCycle();
    expect(service.stores.User.get('U2')?.userName).toBe(ada.userName);
    await provider.audit();
  });

  test('requests overlap, and no more are under way than were allowed', async () => {
    const directory = company({ users: 40, groups: 8, seed: 3 });
    const provider = openEntra({ directory, concurrency: 6 });
    await provider.initialCycle();
    expect(service.mostInFlight()).toBeGreaterThan(1);
    expect(service.mostInFlight()).toBeLessThanOrEqual(6);
  });

  test('whatever the administrators do, the service ends up with what the directory says', async () => {
    const ids = fc.constantFrom('ada', 'ben', 'box');
    const groups = fc.constantFrom('sales', 'desk');
    const edit = fc.oneof(
      fc.record({ act: fc.constantFrom('disableUser', 'enableUser', 'unassign', 'reassign', 'hardDelete'), id: ids }),
      fc.record({ act: fc.constantFrom('addMembers', 'removeMembers'), id: ids, group: groups }),
      fc.record({ act: fc.constantFrom('renameGroup', 'deleteGroup', 'cycle'), group: groups }),
    );
    const law = fc.asyncProperty(
      fc.array(edit, { maxLength: 12 }),
      fc.constantFrom('default', 'aadOptscim062020'),
      async (edits, dialect) => {
        const fresh = await recorder();
        const provider = entra({
          tenantUrl: fresh.url,
          secretToken: 't',
          concurrency: 3,
          directory: small,
          dialect: dialect as 'default',
        });
        try {
          await provider.initialCycle();
          const gone = new Set<string>();
          for (const one of edits) {
            if (one.act === 'cycle') {
              await provider.incrementalCycle();
              continue;
            }
            const subject = 'id' in one ? one.id : one.group;
            if (gone.has(subject) || ('group' in one && gone.has(one.group))) continue;
            if (one.act === 'hardDelete' || one.act === 'deleteGroup') gone.add(subject);
            if ('id' in one && 'group' in one) provider[one.act as 'addMembers'](one.group, [one.id]);
            else if (one.act === 'renameGroup') provider.renameGroup(subject, `${subject} renamed`);
            else provider[one.act as 'disableUser'](subject);
          }
          await provider.incrementalCycle();
          await provider.audit();
        } finally {
          provider.close();
          await fresh.close();
        }
      },
    );
    await fc.assert(law, { numRuns: 40 });
  });
});

describe('Okta', () => {
  const profile = {
    userName: "Ada.D'Arcy@aldine.example",
    name: { givenName: 'Ada', familyName: "D'Arcy" },
    emails: [{ primary: true, value: 'Ada@aldine.example', type: 'work' }],
    displayName: "Ada D'Arcy",
    locale: 'en-GB',
    externalId: '00uada',
  };
  const meta = (id: string) => ({ resourceType: 'User', location: expect.stringMatching(`/Users/${id}$`) });
  const member = (value: string, display: string) => ({ value, display });
  const [adaRef, benRef] = [member('U1', ada.userName), member('U2', ben.userName)];
  const naming = (id: string, displayName: string) => ({ op: 'replace', value: { id, displayName } });
  async function settled(options: Partial<Parameters<typeof okta>[0]> = {}): Promise<Okta> {
    const provider = openOkta(options);
    await provider.assignEveryone();
    await provider.pushGroups();
    service.takeAll();
    return provider;
  }

  test('its test of the credentials lists two users, then groups, under its own name', async () => {
    await openOkta({ header: 'bare' }).testCredentials();
    const seen = service.takeAll();
    expect(wire(seen)).toEqual(['GET /Users?startIndex=1&count=2', 'GET /Groups?startIndex=1&count=100']);
    for (const { headers } of seen) {
      expect(headers).toMatchObject({
        authorization: 'canary-token',
        'user-agent': 'Okta SCIM Client 1.0.0',
        accept: 'application/scim+json',
        'accept-charset': 'utf-8',
        'accept-encoding': 'gzip,deflate',
      });
    }
  });

  test('assignment matches by userName, then creates with a random password, no groups, a locale and Okta’s own id', async () => {
    const provider = openOkta({ header: 'bearer' });
    await provider.assignEveryone();
    const [match, create] = service.takeAll();
    expect(match!.path).toBe(
      '/Users?filter=userName%20eq%20%22Ada.D%27Arcy%40aldine.example%22&startIndex=1&count=100',
    );
    expect(create).toMatchObject({ method: 'POST', path: '/Users' });
    expect(create!.body).toEqual({
      schemas: [`${core}:User`],
      ...profile,
      active: true,
      groups: [],
      password: expect.stringMatching(/^\S{16}$/),
    });
    expect(create!.headers).toMatchObject({
      authorization: 'Bearer canary-token',
      'content-type': 'application/scim+json; charset=utf-8',
    });
  });

  test('the template app creates a group empty, then names it again with its members; a nested one as its people', async () => {
    const provider = openOkta();
    await provider.assignEveryone();
    service.takeAll();
    await provider.pushGroups();
    expect(wire(service.takeAll())).toEqual([
      'GET /Groups?filter=displayName%20eq%20%22Sales%20%26%20more%22&startIndex=1&count=100',
      ['POST /Groups', { schemas: [`${core}:Group`], displayName: 'Sales & more', members: [] }],
      [
        'PATCH /Groups/G4',
        patch(naming('G4', 'Sales & more'), {
          op: 'add',
          path: 'members',
          value: [adaRef, benRef, member('U3', mailbox.userName)],
        }),
      ],
      'GET /Groups?filter=displayName%20eq%20%22Desk%22&startIndex=1&count=100',
      ['POST /Groups', { schemas: [`${core}:Group`], displayName: 'Desk', members: [] }],
      [
        'PATCH /Groups/G5',
        patch(naming('G5', 'Desk'), { op: 'add', path: 'members', value: [member('U3', mailbox.userName)] }),
      ],
    ]);
    await expect(provider.importAll()).resolves.toEqual({ users: 3, groups: 2, memberships: 4 });
  });

  test('the template app activates by a PATCH without a path and updates by PUT of the whole object', async () => {
    const provider = await settled();
    await provider.deactivateUser('ada');
    await provider.reactivateUser('ada');
    await provider.updateUser('ada', { familyName: 'King' });
    expect(wire(service.takeAll())).toEqual([
      ['PATCH /Users/U1', patch({ op: 'replace', value: { active: false } })],
      `GET /Users?filter=userName%20eq%20%22Ada.D%27Arcy%40aldine.example%22&startIndex=1&count=100`,
      'GET /Users/U1',
      ['PUT /Users/U1', { schemas: [`${core}:User`], ...profile, active: false, id: 'U1', meta: meta('U1') }],
      ['PATCH /Users/U1', patch({ op: 'replace', value: { active: true } })],
      'GET /Users/U1',
      [
        'PUT /Users/U1',
        {
          schemas: [`${core}:User`],
          ...profile,
          name: { givenName: 'Ada', familyName: 'King' },
          active: true,
          id: 'U1',
          meta: meta('U1'),
        },
      ],
    ]);
    await provider.importAll();
  });

  test('the template app changes members by one PATCH that names the group first, and pushes whole groups by replace', async () => {
    const provider = await settled();
    await provider.changeMembers('desk', { add: ['ada'], remove: ['box'] });
    await provider.pushWholeGroup('sales');
    await provider.renameGroup('desk', 'Front desk');
    expect(wire(service.takeAll())).toEqual([
      [
        'PATCH /Groups/G5',
        patch(
          naming('G5', 'Desk'),
          { op: 'remove', path: 'members[value eq "U3"]' },
          { op: 'add', path: 'members', value: [adaRef] },
        ),
      ],
      [
        'PATCH /Groups/G4',
        patch(naming('G4', 'Sales & more'), {
          op: 'replace',
          path: 'members',
          value: [adaRef, benRef, member('U3', mailbox.userName)],
        }),
      ],
      ['PATCH /Groups/G5', patch(naming('G5', 'Front desk'))],
    ]);
    await provider.importAll();
  });

  test('the wizard app knows only PUT: everything is read, changed and put back whole', async () => {
    const provider = openOkta({ flavour: 'wizard' });
    await provider.assignEveryone();
    await provider.pushGroups();
    const creation = service.takeAll();
    expect(creation.filter(({ method }) => method === 'PATCH')).toEqual([]);
    await provider.deactivateUser('ada');
    await provider.changeMembers('desk', { add: ['ben'], remove: ['box'] });
    await provider.renameGroup('desk', 'Front desk');
    expect(wire(service.takeAll())).toEqual([
      'GET /Users/U1',
      ['PUT /Users/U1', { schemas: [`${core}:User`], ...profile, active: false, id: 'U1', meta: meta('U1') }],
      'GET /Groups/G5',
      ['PUT /Groups/G5', { schemas: [`${core}:Group`], id: 'G5', displayName: 'Desk', members: [benRef] }],
      'GET /Groups/G5',
      ['PUT /Groups/G5', { schemas: [`${core}:Group`], id: 'G5', displayName: 'Front desk', members: [benRef] }],
    ]);
    await provider.importAll();
  });

  test('what the service added to a user comes back in the PUT: id, meta and groups with it', async () => {
    const provider = await settled();
    const stored = service.stores.User.get('U1')!;
    Object.assign(stored, { groups: [{ value: 'G4' }], nickName: 'Countess' });
    await provider.updateUser('ada', { displayName: 'Ada K.' });
    expect(service.takeAll().at(-1)?.body).toMatchObject({ groups: [{ value: 'G4' }], nickName: 'Countess', id: 'U1' });
  });

  test('a full push by the wizard drops deactivated members, and reactivation puts them back', async () => {
    const provider = await settled({ flavour: 'wizard' });
    await provider.deactivateUser('ada');
    await provider.pushWholeGroup('sales');
    expect(provider.expected().groups.find(({ id }) => id === 'G4')?.members).toEqual(['U2', 'U3']);
    await provider.reactivateUser('ada');
    expect(provider.expected().groups.find(({ id }) => id === 'G4')?.members).toEqual(['U1', 'U2', 'U3']);
    await provider.importAll();
  });

  test.each(['template', 'wizard'] as const)(
    'the %s app never deletes a user, and a group only when unlinked so',
    async (flavour) => {
      const provider = await settled({ flavour });
      await provider.deactivateUser('ada');
      provider.deleteUser('ada');
      await provider.unassign('ben');
      await provider.unlinkGroup('desk', { deleteInTarget: true });
      await provider.unlinkGroup('sales', { deleteInTarget: false });
      const deletions = service.takeAll().filter(({ method }) => method === 'DELETE');
      expect(wire(deletions)).toEqual(['DELETE /Groups/G5']);
      expect(provider.expected().users.map(({ active }) => active)).toEqual([false, false, true]);
      await provider.importAll();
    },
  );

  test('whoever is inactive in Okta is neither assigned nor pushed as a member', async () => {
    const directory = { people: [{ ...ada, active: false }, ben], groups: [{ ...sales, groups: [] }] };
    const provider = openOkta({ directory });
    await provider.assignEveryone();
    await provider.pushGroups();
    expect(provider.expected()).toMatchObject({
      users: [{ id: 'U1', externalId: '00uben' }],
      groups: [{ members: ['U1'] }],
    });
    await provider.importAll();
  });

  test('a 404 to a match means absent, as an empty list does', async () => {
    const provider = openOkta();
    service.misbehave(({ path }) =>
      path.includes('filter') ? { status: 404, body: { detail: 'User not found' } } : undefined,
    );
    await provider.assignEveryone();
    expect(provider.counts()).toMatchObject({ 'user.create': 3 });
  });

  test('somebody who exists is linked, their profile put, and activated', async () => {
    const first = await settled();
    await first.deactivateUser('ada');
    service.takeAll();
    const second = openOkta({
      directory: {
        people: [{ ...ada, title: 'x', displayName: 'Ada!' }],
        groups: [desk].map((one) => ({ ...one, people: ['ada'] })),
      },
    });
    await second.assignEveryone();
    await second.pushGroups();
    expect(wire(service.takeAll())).toEqual([
      expect.stringMatching(/^GET \/Users\?filter/),
      'GET /Users/U1',
      ['PUT /Users/U1', expect.objectContaining({ displayName: 'Ada!', active: false })],
      ['PATCH /Users/U1', patch({ op: 'replace', value: { active: true } })],
      expect.stringMatching(/^GET \/Groups\?filter/),
      ['PATCH /Groups/G5', patch(naming('G5', 'Desk'), { op: 'replace', path: 'members', value: [adaRef] })],
    ]);
  });

  test('429 is waited out: whole seconds are believed, a date or nothing means five minutes, doubled', async () => {
    const waits: number[] = [];
    const provider = openOkta({ sleep: async (ms) => void waits.push(ms) });
    const busy = [
      { status: 429, headers: { 'Retry-After': '3' } },
      { status: 429, headers: { 'Retry-After': new Date().toUTCString() } },
      { status: 429 },
    ];
    service.misbehave(({ method }) => (method === 'POST' ? busy.shift() : undefined));
    await provider.assignEveryone();
    expect(waits).toEqual([3000, 600_000, 1_200_000]);
    service.misbehave(({ method }) =>
      method === 'PATCH' ? { status: 503, headers: { 'Retry-After': '1' } } : undefined,
    );
    await expect(provider.deactivateUser('ada')).rejects.toThrow('answered: 503');
    expect(waits).toHaveLength(3);
  });

  test('members travel in batches of the size that was set', async () => {
    const provider = await settled({ membersPerPatch: 2 });
    await provider.removeMembers('sales', ['ada', 'ben', 'box']);
    const sizes = service.takeAll().map(({ body }) => (body!.Operations as unknown[]).length - 1);
    expect(sizes).toEqual([2, 1]);
    await provider.importAll();
  });

  test('an import reads a hundred at a time until it has everything', async () => {
    const provider = openOkta({ directory: company({ users: 230, groups: 8, seed: 4 }), concurrency: 8 });
    await provider.assignEveryone();
    service.takeAll();
    await provider.importAll();
    expect(wire(service.takeAll())).toEqual([
      'GET /Users?startIndex=1&count=100',
      'GET /Users?startIndex=101&count=100',
      'GET /Users?startIndex=201&count=100',
      'GET /Groups?startIndex=1&count=100',
    ]);
  });
});

test.each(['default', 'aadOptscim062020', 'template', 'wizard'] as const)(
  'a whole company pushed by %s is in the service as it is in the directory',
  async (way) => {
    const directory = company({ users: 120, groups: 24, seed: 5 });
    const byEntra = way === 'default' || way === 'aadOptscim062020';
    const provider = byEntra
      ? openEntra({ directory, dialect: way, concurrency: 8, readBack: true })
      : openOkta({ directory, flavour: way, concurrency: 8 });
    if ('initialCycle' in provider) await provider.initialCycle();
    else {
      await provider.assignEveryone();
      await provider.pushGroups();
    }
    const { users, groups } = provider.expected();
    const pushed = directory.people.filter(({ active }) => active || byEntra);
    expect(users.map(({ userName, active }) => [userName, active]).sort()).toEqual(
      pushed.map(({ userName, active }) => [userName, active]).sort(),
    );
    // The oracle for members: direct ones for Entra, everybody below for Okta.
    const inside = (id: string): string[] => {
      const here = directory.groups.find((group) => group.id === id)!;
      return [...here.people, ...(byEntra ? here.groups : here.groups.flatMap(inside))];
    };
    const wanted = directory.groups.map(({ id, displayName }) => {
      const links = new Set(inside(id).map((member) => provider.linkOf(member)));
      links.delete(undefined);
      return [displayName, [...links].sort()];
    });
    expect(groups.map(({ displayName, members }) => [displayName, members]).sort()).toEqual(wanted.sort());
    await ('audit' in provider ? provider.audit() : provider.importAll());
  },
);
