/** The command line: words and JSON, exit codes, no token in an argument; against a socket with small real handlers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../daemon/cli/program.ts';
import { pad, plain, type Terminal, table } from '../daemon/cli/terminal.ts';
import { calls, type Handlers } from '../daemon/contract/admin.ts';
import { AlertRules } from '../daemon/contract/operations.ts';
import type { PlanPage } from '../daemon/contract/plan.ts';
import type { HeldItem } from '../daemon/contract/review.ts';
import type { Status } from '../daemon/contract/status.ts';
import type { Upstream } from '../daemon/contract/upstream.ts';
import { NotFound, Stale } from '../daemon/errors.ts';
import { adminServer } from '../daemon/http/admin.ts';

let data: string;
let server: { close(): Promise<void> } | undefined;
let asked: { call: string; input: unknown }[];
let answers: { [call: string]: unknown };
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'cli-'));
  asked = [];
  answers = {};
  // Every call there is, answered with what the test put there; a test that forgot one sees an 'internal' failure.
  const handlers = Object.fromEntries(
    Object.keys(calls).map((call) => [
      call,
      async (input: unknown) => {
        asked.push({ call, input });
        const answer = answers[call];
        if (answer instanceof Error) throw answer;
        return answer;
      },
    ]),
  ) as unknown as Handlers;
  server = await adminServer({ data, handlers, subscribe: () => () => {}, log: { error: () => {} } });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  rmSync(data, { recursive: true });
});

type Ran = { code: number; out: string; err: string };
type Look = { stdin?: string; tty?: boolean };
async function raw(argv: readonly string[], { stdin = '', tty = false }: Look = {}): Promise<Ran> {
  const collect = () => {
    const stream = Object.assign(new PassThrough(), { isTTY: tty, said: '' });
    stream.on('data', (chunk) => {
      stream.said += chunk;
    });
    return stream;
  };
  const [stdout, stderr] = [collect(), collect()];
  const terminal = { stdin: Readable.from([stdin]), stdout, stderr } as unknown as Terminal;
  const code = await run(argv, terminal);
  return { code, out: stdout.said, err: stderr.said };
}
const cli = (argv: readonly string[], look?: Look) => raw([...argv, '--data', data], look);
const file = (name: string, text: string): string => {
  writeFileSync(join(data, name), text);
  return join(data, name);
};

const upstream: Upstream = {
  url: 'https://steeple.test/scim',
  token: true,
  apiUrl: null,
  apiToken: false,
  kept: 'keychain',
};
const fine = { verdict: 'fine', detail: 'Steeple answers.', remedy: '', users: 3, groups: 1 };
const secret = { id: 'entra-main', tenantUrl: 'http://127.0.0.1/scim/v2', secretToken: 'shown-once' };
const policy = { limitCap: 25, standing: [], proposal: null };
const view = {
  version: 2,
  at: 0,
  author: 'ada',
  note: '',
  mode: 'managed',
  nameTemplate: 't',
  roles: [],
  links: [],
  cycles: [],
};
const held: HeldItem = {
  id: 7,
  kind: 'revoke',
  state: 'held',
  userName: 'cho@x.test',
  name: 'Cho',
  personId: 'p',
  source: 'entra-main',
  returns: '',
  until: null,
  standing: null,
  leavesAt: null,
  earlier: 0,
  community: 'finance',
  from: 'administrator',
  to: null,
  access: [],
  rule: 'removal',
  why: 'a person loses access',
  lost: 'posts stay',
  since: 0,
  journal: 9,
  decidedBy: null,
  decidedAt: null,
  reason: null,
};
const status = {
  version: '1',
  startedAt: 0,
  pid: 1,
  data: '/d',
  scim: 'http://s',
  sync: { state: 'off', since: null, by: null, plan: null },
  directory: { users: 1204, active: 1, groups: 1, memberships: 1 },
  observed: { users: 0, groups: 0, memberships: 0, at: null },
  journal: { entries: 1, pushes: 1, refusals: 0, lastAt: null },
  mapping: { version: 0, links: 0, broken: 0 },
  held: { count: 0, oldestAt: null },
  alarms: [],
  quietUntil: null,
  deliveries: { owed: 0, sending: 0, dead: 0, oldestAt: null },
  circuit: { state: 'closed', reason: null, remedy: null },
  owesPlan: 0,
  sources: [],
  upstream,
} satisfies Status;
const plan: PlanPage = {
  id: 'plan-1',
  basedOn: { journal: 5, mapping: 2, observedAt: 1 },
  summary: { create: 1, adopt: 0, update: 0, remove: 1, reactivate: 0, grants: 1, revokes: 1, roleChanges: 1, held: 2 },
  limits: [{ kind: 'remove', scope: 'everybody', count: 30, limit: 25, tripped: true }],
  strangers: [{ steepleId: 's', userName: 'odd@x.test', active: true, access: [], note: 'made by hand' }],
  people: [
    {
      userName: 'ada@x.test',
      name: 'Ada',
      personId: '1',
      change: 'create',
      held: false,
      rule: null,
      reason: '',
      access: [
        {
          community: 'finance',
          from: null,
          to: 'administrator',
          held: false,
          rule: null,
          reason: '',
          because: [
            {
              source: 'entra',
              groupId: 'g',
              group: 'Finance admins',
              role: 'administrator',
              through: [],
              winner: true,
            },
            { source: 'entra', groupId: 'h', group: 'Everybody', role: 'contributor', through: [], winner: false },
          ],
        },
      ],
    },
    {
      userName: 'ben@x.test',
      name: 'Ben',
      personId: '2',
      change: 'none',
      held: false,
      rule: null,
      reason: '',
      access: [
        {
          community: 'finance',
          from: 'administrator',
          to: 'contributor',
          held: true,
          rule: 'removal',
          reason: 'last administrator',
          because: [],
        },
      ],
    },
    {
      userName: 'cho@x.test',
      name: 'Cho',
      personId: '3',
      change: 'remove',
      held: true,
      rule: 'removal',
      reason: 'over the limit',
      access: [
        { community: 'finance', from: 'contributor', to: null, held: true, rule: 'removal', reason: '', because: [] },
      ],
    },
  ],
  operations: [],
  warnings: ['A group is empty'],
  total: { people: 300, operations: 4 },
};
const source = {
  id: 'e',
  kind: 'okta',
  name: 'n',
  state: 'revoked',
  createdAt: 0,
  lastSeenAt: null,
  users: 0,
  groups: 0,
  oldTokenUntil: null,
  allow: null,
  rate: null,
  refusals: { count: 0, lastAt: null, detail: null },
};
const network = {
  proxy: null,
  noProxy: '',
  proxyUser: null,
  proxyPassword: false,
  proxyFrom: 'none',
  authorities: [],
  pins: [],
};
const alerting = { rules: AlertRules.parse({}), channels: [], mail: null, standing: [] };
const page = { offset: 0, limit: 100 };
const delivery = {
  id: 3,
  kind: 'user.create',
  resource: 'u',
  state: 'dead',
  attempt: 1,
  dueAt: 0,
  status: 400,
  cause: 'c',
  remedy: 'r',
  createdAt: 0,
  settledAt: 1,
};
const drift = {
  id: 7,
  kind: 'attribute',
  userName: 'ada@x.test',
  group: null,
  attribute: 'displayName',
  expected: 'Ada',
  inSteeple: 'Countess',
  state: 'open',
  foundAt: 0,
  decidedBy: null,
  decidedAt: null,
  reason: null,
  askAgainAt: null,
};
const driftReport = { at: 0, tookMs: 1, problem: null, users: 1, groups: 1, found: 1, closed: 0, open: 1 };
const by = userInfo().username;
const noBackups = { schedule: null, last: null, dueAt: null, problem: null };

const link = { source: 'e', groupId: 'g', community: 'hr:de', role: 'reader' };
const draft = {
  exists: true,
  base: 4,
  edition: 9,
  author: 'ann',
  at: 1,
  links: 1,
  added: 1,
  removed: 0,
  changed: 0,
  settings: false,
  conflict: null,
  faults: [],
};
const diff = {
  from: 1,
  to: 'draft',
  added: [],
  removed: [],
  changed: [],
  rules: { added: [], removed: [], changed: [] },
  settings: [],
  words: ['A (e) now gives reader in HR'],
};
const rule = { id: 'r', source: 'e', pattern: 'a-*', star: 'either', role: 'reader' };
const proposal = {
  id: 3,
  rule: 'r',
  source: 'e',
  groupId: 'g',
  group: 'A',
  community: 'hr',
  communityName: 'HR',
  role: 'reader',
  people: 1,
  state: 'held',
  since: 1,
  journal: 1,
  decidedBy: null,
  decidedAt: null,
  reason: null,
};
const effect = {
  gains: 1,
  loses: 0,
  rises: 0,
  falls: 0,
  people: 1,
  losesAll: 0,
  gainsFirst: 0,
  communities: [],
  named: [{ personId: 'p', userName: 'ada', name: 'Ada', community: 'hr', from: null, to: 'reader', kind: 'gains' }],
  more: 0,
};
/** The mapping, its versions, its draft and its proposals. */
function mappingRows(path: string): readonly [argv: string[], call: string, input: unknown, answer: unknown][] {
  const text = '{"version":1}';
  const trying = ['--source', 'e', '--pattern', 'a-*', '--role', 'reader'];
  const why = ['--reason', 'new office'];
  const reason = 'new office';
  const of = 'published';
  return [
    [['mapping', 'export'], 'mapping.file', { of, format: 'json', names: false }, { text }],
    [
      ['mapping', 'export', '--csv', '--of', '3'],
      'mapping.file',
      { of: 3, format: 'csv', names: false },
      { text: 'a\n' },
    ],
    [['mapping', 'expand', path], 'mapping.expand', { text }, { text, added: 0 }],
    [['mapping', 'show'], 'mapping.show', { of }, view],
    [['mapping', 'history'], 'mapping.history', { offset: 0, limit: 50 }, { items: [], total: 0 }],
    [['mapping', 'diff', '3', 'draft'], 'mapping.diff', { from: 3, to: 'draft' }, diff],
    [['mapping', 'rollback', '3', '--note', 'n'], 'mapping.rollback', { version: 3, note: 'n', by }, view],
    [
      ['mapping', 'effect', '--add', 'e:g:hr:de:reader'],
      'mapping.effect',
      { base: 'draft', add: [link], remove: [], limit: 20 },
      effect,
    ],
    [
      ['mapping', 'effect'],
      'mapping.effect',
      { base: 'draft', against: 'published', add: [], remove: [], limit: 20 },
      { ...effect, people: 0 },
    ],
    [['mapping', 'advice'], 'mapping.advice', { of, limit: 100 }, { items: [], total: {} }],
    [
      ['mapping', 'groups', '--filter', 'x', '--linked', 'unlinked'],
      'mapping.groups',
      { of: 'draft', filter: 'x', linked: 'unlinked', offset: 0, limit: 100 },
      { items: [], total: 0 },
    ],
    [
      ['mapping', 'communities'],
      'mapping.communities',
      { of: 'draft', filter: '', offset: 0, limit: 100 },
      { items: [], total: 0 },
    ],
    [['mapping', 'rule', 'try', 'r', ...trying], 'mapping.rule.try', { rule, of: 'draft' }, { links: [], unclear: [] }],
    [['mapping', 'rule', 'set', 'r', ...trying], 'mapping.draft.rule', { rule, by }, draft],
    [
      ['mapping', 'rule', 'drop', 'r', '--keep-links'],
      'mapping.draft.dropRule',
      { id: 'r', keepLinks: true, by },
      { ...draft, exists: false },
    ],
    [['mapping', 'draft', 'import', path], 'mapping.draft.import', { text, by }, draft],
    [['mapping', 'draft', 'link', 'e:g:hr:de:reader'], 'mapping.draft.change', { add: [link], remove: [], by }, draft],
    [
      ['mapping', 'draft', 'unlink', 'e:g:hr:de:reader'],
      'mapping.draft.change',
      { add: [], remove: [link], by },
      draft,
    ],
    [
      ['mapping', 'draft', 'set', '--mode', 'mirror', '--role', 'reader=1', '--role', 'owner=2'],
      'mapping.draft.settings',
      {
        mode: 'mirror',
        roles: [
          { id: 'reader', rank: 1 },
          { id: 'owner', rank: 2 },
        ],
        by,
      },
      draft,
    ],
    [['mapping', 'draft', 'discard'], 'mapping.draft.discard', { by }, draft],
    [['mapping', 'draft', 'rebase'], 'mapping.draft.rebase', { by }, draft],
    [
      ['mapping', 'draft', 'publish', '--note', 'n'],
      'mapping.draft.publish',
      { base: 4, edition: 9, note: 'n', by },
      view,
    ],
    [
      ['mapping', 'proposals'],
      'mapping.expansions',
      { states: ['held'], offset: 0, limit: 1000 },
      { items: [proposal], total: 1 },
    ],
    [
      ['mapping', 'proposals', 'list'],
      'mapping.expansions',
      { states: ['held'], offset: 0, limit: 1000 },
      { items: [proposal], total: 1 },
    ],
    [
      ['mapping', 'proposals', 'confirm', '3', '4', ...why],
      'mapping.confirm',
      { ids: [3, 4], reason, by },
      { items: [proposal], version: 5 },
    ],
    [
      ['mapping', 'proposals', 'decline', '3', ...why],
      'mapping.decline',
      { ids: [3], reason, by },
      { items: [proposal] },
    ],
    [['mapping', 'proposals', 'reconsider', '3', ...why], 'mapping.reconsider', { id: 3, reason, by }, proposal],
  ];
}
/** Drawn by a page, or kept for scripts: the command line has the same in `mapping draft show` and `mapping export`. */
const elsewhere = ['journal.progress', 'mapping.board', 'mapping.draft', 'mapping.export'];

/** Pages of a plan, the shelf, external accounts, and the pre-flight. */
function planRows(plan: PlanPage): [string[], keyof typeof calls, object, unknown][] {
  const row = {
    ...{
      id: 'p',
      at: 1,
      mapping: 1,
      of: 'draft',
      summary: plan.summary,
      strangers: 0,
      name: 'Go',
      note: '',
      keptBy: 'a',
    },
  };
  const external = {
    ...{ steepleId: 's', userName: 'guest', reason: 'r', owner: 'o', reviewAt: 1, by: 'a', at: 1 },
    ...{ present: true, stranger: true, due: true },
  };
  const item = {
    code: 'sso',
    source: null,
    state: 'attention',
    blocks: false,
    words: 'w',
    todo: 't',
    facts: {},
    confirmed: null,
  };
  const preflight = {
    ready: false,
    possible: true,
    first: true,
    plan: 'p',
    items: [item],
    counts: [],
    steeple: { users: 1, groups: 0, at: 1 },
  };
  const filter = { id: 'p', text: '', change: [], community: '', movement: [] };
  const difference = { userName: 'ada', name: 'Ada', personId: '1', before: null, after: plan.people[0] };
  return [
    [['plan', 'people', 'p'], 'plan.people', { ...filter, ...page }, { items: plan.people, total: 1 }],
    [
      [
        'plan',
        'people',
        'p',
        '--text',
        'ada',
        '--change',
        'create',
        'remove',
        '--community',
        'c',
        '--movement',
        'enters',
        '--free',
      ],
      'plan.people',
      {
        ...filter,
        text: 'ada',
        change: ['create', 'remove'],
        community: 'c',
        movement: ['enters'],
        held: false,
        ...page,
      },
      { items: plan.people, total: 1 },
    ],
    [['plan', 'operations', 'p'], 'plan.operations', { id: 'p', ...page }, { items: plan.operations, total: 1 }],
    [
      ['plan', 'members', 'p', '3', '--side', 'leaves', '--text', 'ada'],
      'plan.members',
      { id: 'p', order: 3, side: 'leaves', text: 'ada', ...page },
      { items: [{ side: 'leaves', person: plan.people[0] }], total: 1, enter: 0, leave: 1, told: true },
    ],
    [['plan', 'strangers', 'p'], 'plan.strangers', { id: 'p', text: '', ...page }, { items: plan.strangers, total: 1 }],
    [
      ['plan', 'gaps', 'p', '--gap', 'no-email'],
      'plan.gaps',
      { id: 'p', gap: 'no-email', ...page },
      { items: [], total: 0 },
    ],
    [['plan', 'list'], 'plan.list', page, { items: [row], total: 1 }],
    [['plan', 'keep', 'p', '--name', 'Go'], 'plan.keep', { id: 'p', name: 'Go', note: '', by }, row],
    [['plan', 'release', 'p'], 'plan.release', { id: 'p', by }, row],
    [
      ['plan', 'compare', 'p', 'q'],
      'plan.compare',
      { before: 'p', after: 'q', ...page },
      {
        before: row,
        after: row,
        added: 1,
        dropped: 0,
        changed: 0,
        same: 0,
        communities: [],
        people: [difference],
        total: 1,
      },
    ],
    [
      ['plan', 'export', 'p', '--format', 'csv'],
      'plan.export',
      { id: 'p', format: 'csv', language: 'en', from: 0 },
      { name: 'p.csv', type: 'text/csv', text: 'userName\n', next: null },
    ],
    [
      ['external', 'list', '--due'],
      'external.list',
      { text: '', due: true, ...page },
      { items: [external], total: 1, due: 1 },
    ],
    [
      ['external', 'declare', 's', '--reason', 'r', '--owner', 'o', '--review', '2026-01-31T00:00:00Z'],
      'external.declare',
      { steepleIds: ['s'], reason: 'r', owner: 'o', reviewAt: Date.UTC(2026, 0, 31), by },
      { items: [external] },
    ],
    [
      ['external', 'withdraw', 's', '--reason', 'r'],
      'external.withdraw',
      { steepleIds: ['s'], reason: 'r', by },
      { withdrawn: 1 },
    ],
    [['preflight', '--plan', 'p'], 'preflight.show', { plan: 'p' }, preflight],
    [['preflight', 'confirm', 'sso'], 'preflight.confirm', { code: 'sso', yes: true, note: '', by }, preflight],
    [
      ['preflight', 'confirm', 'cycle', '--source', 's', '--no'],
      'preflight.confirm',
      { code: 'cycle', source: 's', yes: false, note: '', by },
      preflight,
    ],
    [
      ['preflight', 'expect', 's', '--users', '7'],
      'preflight.expect',
      { source: 's', users: 7, groups: null, by },
      preflight,
    ],
    [
      ['preflight', 'look', 'p', '--parts', 'strangers'],
      'preflight.look',
      { plan: 'p', parts: ['strangers'], by },
      preflight,
    ],
  ];
}

test('every command of the contract asks its call, with what was typed and with who typed it', async () => {
  const mapping = file('m.json', '{"version":1}');
  const token = file('token', 'tok\n');
  const rows: readonly [argv: string[], call: string, input: unknown, answer: unknown][] = [
    [
      ['upstream', 'set', '--url', 'https://s', '--token-file', token],
      'upstream.set',
      { url: 'https://s', token: 'tok', by },
      { ...upstream, test: fine },
    ],
    [
      ['upstream', 'set', '--api-url', 'https://a', '--api-token-file', token],
      'upstream.set',
      { apiUrl: 'https://a', apiToken: 'tok', by },
      { ...upstream, test: fine },
    ],
    [['upstream', 'test'], 'upstream.test', {}, fine],
    [['upstream', 'show'], 'upstream.show', {}, upstream],
    [
      ['upstream', 'set', '--url', 'https://s', '--reason', 'moved'],
      'upstream.set',
      { url: 'https://s', reason: 'moved', by },
      { ...upstream, test: fine },
    ],
    [['upstream', 'clear-token'], 'upstream.clearToken', { by }, upstream],
    [['upstream', 'clear-token', '--reason', 'r'], 'upstream.clearToken', { reason: 'r', by }, upstream],
    [['source', 'add', '--kind', 'okta', '--name', 'Site'], 'source.add', { kind: 'okta', name: 'Site', by }, secret],
    [['source', 'list'], 'source.list', {}, []],
    [['source', 'rotate', 'entra-main'], 'source.rotate', { id: 'entra-main', overlapHours: 24, by }, secret],
    [['source', 'rotate', 'e', '--overlap-hours', '0.5'], 'source.rotate', { id: 'e', overlapHours: 0.5, by }, secret],
    [
      ['source', 'rotate', 'e', '--reason', 'lost'],
      'source.rotate',
      { id: 'e', overlapHours: 24, reason: 'lost', by },
      secret,
    ],
    [['source', 'set', 'e', '--rate', 'off'], 'source.set', { id: 'e', rate: null, by }, source],
    [['source', 'set', 'e', '--rate', '50/s'], 'source.set', { id: 'e', rate: 50, by }, source],
    [
      ['source', 'set', 'e', '--allow', '10.0.0.0/8, ::1', '--rate', '7'],
      'source.set',
      { id: 'e', allow: ['10.0.0.0/8', '::1'], rate: 7, by },
      source,
    ],
    [['source', 'set', 'e', '--allow', 'any'], 'source.set', { id: 'e', allow: null, by }, source],
    [['source', 'revoke', 'e'], 'source.revoke', { id: 'e', by }, source],
    [['source', 'revoke', 'e', '--reason', 'r'], 'source.revoke', { id: 'e', reason: 'r', by }, source],
    [['communities', 'import', mapping], 'communities.import', { text: '{"version":1}', by }, []],
    [['communities', 'list'], 'communities.list', {}, []],
    [['communities', 'refresh'], 'communities.refresh', { by }, []],
    [['mapping', 'import', mapping, '--note', 'n'], 'mapping.import', { text: '{"version":1}', note: 'n', by }, view],
    [['mapping', 'validate', mapping], 'mapping.validate', { text: '{"version":1}' }, { faults: [], links: 1 }],
    [['communities', 'add', 'hr', 'Human Resources'], 'communities.add', { id: 'hr', name: 'Human Resources', by }, []],
    [['communities', 'remove', 'hr'], 'communities.remove', { id: 'hr', by }, []],
    ...mappingRows(mapping),
    [['plan'], 'plan.make', { of: 'published', ...page }, plan],
    [['plan', '--offset', '5', '--limit', '7'], 'plan.make', { of: 'published', offset: 5, limit: 7 }, plan],
    [
      ['plan', 'show', 'plan-1', '--offset', '5', '--limit', '7'],
      'plan.show',
      { id: 'plan-1', offset: 5, limit: 7 },
      plan,
    ],
    [['status'], 'status', {}, status],
    [['sync', 'status'], 'status', {}, status],
    [['sync', 'enable', '--plan', 'plan-1'], 'sync.enable', { plan: 'plan-1', removals: false, by }, status],
    [
      ['sync', 'enable', '--plan', 'plan-1', '--accept', 'counts', 'cycle', '--removals'],
      'sync.enable',
      { plan: 'plan-1', accept: ['counts', 'cycle'], removals: true, by },
      { ...status, accepted: ['cycle'] },
    ],
    [
      ['sync', 'enable', '--plan', 'p', '--strict'],
      'sync.enable',
      { plan: 'p', accept: [], removals: false, by },
      status,
    ],
    [['sync', 'disable', '--reason', 'r'], 'sync.disable', { by, reason: 'r', owed: 'keep', people: 'leave' }, status],
    [['sync', 'disable', '--owed', 'send'], 'sync.disable', { by, reason: '', owed: 'send', people: 'leave' }, status],
    [
      ['sync', 'disable', '--people', 'take-back'],
      'sync.disable',
      { by, reason: '', owed: 'drop', people: 'take-back' },
      { ...status, sync: { ...status.sync, takingBack: { people: 2 } }, stays: { created: 2, adopted: 1 } },
    ],
    [['plan', '--of', 'take-back'], 'plan.make', { of: 'take-back', ...page }, plan],
    ...planRows(plan),
    [['review', 'list'], 'review.list', { states: ['held'], ...page }, { items: [held], total: 1 }],
    [
      ['review', 'list', '--state', 'kept', 'sent'],
      'review.list',
      { states: ['kept', 'sent'], ...page },
      { items: [], total: 0 },
    ],
    [['review', 'show', '7'], 'review.show', { id: 7 }, { ...held, cause: null, decisions: [] }],
    [
      ['review', 'list', '--rule', 'limit', '--kind', 'revoke', '--source', 's', '--community', 'c', '--text', 'ad'],
      'review.list',
      { states: ['held'], rules: ['limit'], kinds: ['revoke'], source: 's', community: 'c', text: 'ad', ...page },
      { items: [held], total: 1 },
    ],
    [
      ['review', 'count', '--older-than', '7', '--newer-than', '30'],
      'review.counts',
      { states: ['held'], minDays: 7, maxDays: 30 },
      { total: 1, oldestAt: 0, kinds: { revoke: 1 }, rules: {}, sources: {}, communities: { c: 1 } },
    ],
    [
      [
        'review',
        'bulk',
        '--event',
        'keep',
        '--count',
        '4',
        '--reason',
        'r',
        '--rule',
        'limit',
        '--until',
        '2030-01-31T00:00Z',
      ],
      'review.bulk',
      {
        event: 'keep',
        filter: { states: ['held'], rules: ['limit'] },
        count: 4,
        until: Date.UTC(2030, 0, 31),
        reason: 'r',
        by,
      },
      { decided: 4, first: 2 },
    ],
    [
      ['review', 'keep', '7', '--reason', 'r', '--until', '2030-01-31T00:00Z'],
      'review.keep',
      { ids: [7], by, reason: 'r', until: Date.UTC(2030, 0, 31) },
      { items: [held] },
    ],
    [
      ['review', 'import', file('in.decisions', 'signed')],
      'review.import',
      { text: 'signed', by },
      { bundle: 'b', reviewer: 'Rita', applied: [held], rest: [{ item: 8, userName: 'x@x.test', why: 'gone' }] },
    ],
    [
      [
        'review',
        'export',
        join(data, 'out.bundle'),
        '--for',
        'Rita',
        '--passphrase-file',
        file('words', 'open sesame now\n'),
      ],
      'review.export',
      { filter: { states: ['held'] }, reviewer: 'Rita', days: 7, passphrase: 'open sesame now', by },
      { id: 'b', text: 'bundle', items: 1, fingerprint: 'f', expiresAt: 0, passphrase: null },
    ],
    [['review', 'key'], 'bundle.key', {}, { publicKey: 'k', fingerprint: 'f' }],
    [['reviewer', 'list'], 'reviewer.list', {}, []],
    [['reviewer', 'add', 'Rita', 'k'], 'reviewer.add', { name: 'Rita', publicKey: 'k', by }, []],
    [['reviewer', 'remove', 'Rita', '--reason', 'r'], 'reviewer.remove', { name: 'Rita', reason: 'r', by }, []],
    [['undo', 'list'], 'undo.list', {}, []],
    [
      ['undo', 'show', 'u.json'],
      'undo.show',
      { file: 'u.json' },
      { id: 'u', relay: 'r', madeAt: 0, from: 0, to: 0, entries: [] },
    ],
    [
      ['undo', 'play', 'u.json', '--reason', 'r', '--person', 'p1'],
      'undo.play',
      { file: 'u.json', reason: 'r', people: ['p1'], by },
      { restored: [], not: [{ person: 'p1', userName: 'x', why: 'gone' }], lost: 'posts' },
    ],
    [['undo', 'pins'], 'undo.pins', {}, []],
    [['undo', 'lift', 'p1', '--reason', 'r'], 'undo.lift', { person: 'p1', reason: 'r', by }, []],
    [['gate', 'show'], 'gate.show', {}, { alarms: [], quietUntil: 1, standing: [], proposal: null }],
    [
      ['gate', 'clear', 'entra', '--reason', 'r'],
      'gate.clear',
      { source: 'entra', reason: 'r', by },
      { alarms: [], quietUntil: null, standing: [], proposal: null },
    ],
    [
      ['policy', 'stand', '--kind', 'remove', '--up-to', '5', '--until', '2030-01-31T00:00Z', '--reason', 'r'],
      'policy.stand',
      { kinds: ['remove'], sources: [], upTo: 5, afterDays: 0, until: Date.UTC(2030, 0, 31), reason: 'r', by },
      policy,
    ],
    [['policy', 'unstand', 'a1', '--reason', 'r'], 'policy.unstand', { id: 'a1', reason: 'r', by }, policy],
    [['policy', 'withdraw', '--reason', 'r'], 'policy.withdraw', { reason: 'r', by }, policy],
    [
      ['review', 'approve', '7', '8', '--reason', 'left'],
      'review.approve',
      { ids: [7, 8], by, reason: 'left' },
      { items: [held] },
    ],
    [
      ['review', 'keep', '7', '--reason', 'r', '--by', 'grace'],
      'review.keep',
      { ids: [7], by: 'grace', reason: 'r' },
      { items: [held] },
    ],
    [['review', 'undo', '7', '--reason', 'oops'], 'review.undo', { id: 7, by, reason: 'oops' }, held],
    [['policy', 'show'], 'policy.show', {}, policy],
    [['policy', 'set', 'limitCap', '40'], 'policy.set', { key: 'limitCap', value: 40, reason: '', by }, policy],
    [['policy', 'set', 'removal', 'delete'], 'policy.set', { key: 'removal', value: 'delete', reason: '', by }, policy],
    [
      ['policy', 'set', 'protected', 'a@x.test, b@x.test'],
      'policy.set',
      { key: 'protected', value: ['a@x.test', 'b@x.test'], reason: '', by },
      policy,
    ],
    [['people', '--filter', 'ada'], 'people', { filter: 'ada', ...page }, { items: [], total: 0 }],
    [['groups'], 'groups', { filter: '', ...page }, { items: [], total: 0 }],
    [['journal', 'tail', '--limit', '3', '--before', '9'], 'journal.tail', { limit: 3, before: 9 }, []],
    [
      [
        'journal',
        'find',
        'ada',
        '--kind',
        'push,refusal',
        '--source',
        's',
        '--about',
        'p',
        '--from',
        '1970-01-01T00:00Z',
      ],
      'journal.find',
      { text: 'ada', kinds: ['push', 'refusal'], source: 's', about: 'p', from: 0, to: null, limit: 50 },
      { items: [], next: 7, head: 9 },
    ],
    [
      ['journal', 'show', '4'],
      'journal.show',
      { seq: 4 },
      { seq: 4, at: 0, kind: 'push', source: null, actor: null, subject: null, body: { a: 1 }, hash: 'h' },
    ],
    [['journal', 'verify'], 'journal.verify', { archive: false }, { ok: true, entries: 4, bad: null }],
    [
      ['backup', join(data, 'b.db')],
      'backup.make',
      { file: join(data, 'b.db'), by },
      { file: 'b.db', at: 0, bytes: 1, head: null },
    ],
    [['journal', 'archive', '--older-than', '9'], 'journal.archive', { days: 9, by }, { checkpoint: null, entries: 0 }],
    [['journal', 'archives'], 'journal.archives', {}, []],
    [
      ['journal', 'erase', 'ada@x.test', '--reason', 'T-1'],
      'journal.erase',
      { person: 'ada@x.test', reason: 'T-1', by },
      { person: 'p', decision: 9, entries: 2, archives: [], mentions: [7], remains: ['backups'] },
    ],
    [['backup'], 'backup.show', {}, noBackups],
    [
      ['backup', '--every', '24h', '--keep', '3', '--to', data],
      'backup.schedule',
      { everyMs: 86_400_000, keep: 3, dir: data, by },
      noBackups,
    ],
    [['backup', '--stop'], 'backup.stop', { by }, noBackups],
    [
      ['journal', 'export', '-'],
      'journal.page',
      { after: null, limit: 1000 },
      { lines: ['{"end":0}'], after: 0, done: true },
    ],
    [['journal', 'rebuild', '--check'], 'journal.check', {}, { ok: true, entries: 4, from: 0, differences: [] }],
    [['delivery', 'list', '--state', 'dead'], 'delivery.list', { state: 'dead', ...page }, { items: [], total: 0 }],
    [
      ['delivery', 'pace'],
      'delivery.pace',
      {},
      { inFlight: 1, window: 8, limit: 8, perSecond: null, latencyMs: 20, pausedUntil: null, upstream: null },
    ],
    [
      ['group', 'show', 'g1'],
      'group.show',
      { id: 'g1' },
      {
        id: 'g1',
        source: 's',
        displayName: 'Staff',
        externalId: null,
        members: 1,
        links: [],
        state: 'live',
        people: 1,
        inside: [],
        within: [],
        gives: [{ community: 'finance', role: 'contributor', steeple: null }],
        lastPush: { seq: 1, at: 0 },
        history: [{ at: 0, kind: 'push', seq: 1, delivery: null, who: 's', what: 'PATCH', detail: 'members' }],
      },
    ],
    [
      ['group', 'members', 'g1', '--filter', 'ada'],
      'group.members',
      { id: 'g1', filter: 'ada', ...page },
      { items: [], total: 0 },
    ],
    [['delivery', 'retry', '3', '4'], 'delivery.retry', { ids: [3, 4], by }, []],
    [
      ['delivery', 'edit', '3', '--set', 'displayName=Ada = L', 'email=a@x.test', '--reason', 'r'],
      'delivery.edit',
      { id: 3, set: { displayName: 'Ada = L', email: 'a@x.test' }, reason: 'r', by },
      { ...delivery, state: 'outdated' },
    ],
    [
      ['delivery', 'show', '3'],
      'delivery.show',
      { id: 3 },
      { ...delivery, editable: { displayName: 'Ada' }, body: { account: {} } },
    ],
    [
      ['drift', 'show'],
      'drift.show',
      { states: ['open'], ...page },
      { items: [drift], total: 1, last: driftReport, nextAt: 5 },
    ],
    [['drift', 'scan'], 'drift.scan', { by }, driftReport],
    [
      ['drift', 'adopt', '7', '8', '--reason', 'r'],
      'drift.decide',
      { ids: [7, 8], choice: 'adopt', reason: 'r', by },
      { items: [drift] },
    ],
    [['drift', 'restore', '7'], 'drift.decide', { ids: [7], choice: 'restore', reason: '', by }, { items: [drift] }],
    [
      ['delivery', 'drop', '3', '--reason', 'r'],
      'delivery.drop',
      { id: 3, reason: 'r', by },
      {
        id: 3,
        kind: 'user.create',
        resource: 'u',
        state: 'dropped',
        attempt: 1,
        dueAt: 0,
        status: 400,
        cause: 'c',
        remedy: 'r',
        createdAt: 0,
        settledAt: 0,
      },
    ],
    [['network', 'show'], 'network.show', {}, network],
    [
      ['network', 'set', '--proxy', 'http://p:3128', '--proxy-user', 'u', '--proxy-password-file', token],
      'network.set',
      { proxy: 'http://p:3128', proxyUser: 'u', proxyPassword: 'tok', by },
      network,
    ],
    [
      ['network', 'set', '--exceptions', '.x.test', '--authorities', mapping, '--pin', `${'A'.repeat(43)}=`],
      'network.set',
      { noProxy: '.x.test', authorities: '{"version":1}', pins: [`${'A'.repeat(43)}=`], by },
      network,
    ],
    [
      ['network', 'set', '--no-proxy', '--no-authorities', '--no-pin', '--proxy-user', '', '--reason', 'r'],
      'network.set',
      { proxy: null, authorities: null, pins: [], proxyUser: null, reason: 'r', by },
      network,
    ],
    [['expiry'], 'expiry.list', {}, []],
    [['doctor'], 'doctor', {}, [{ what: 'disk', state: 'fine', detail: 'enough', remedy: '' }]],
    [['key', 'list'], 'key.list', {}, []],
    [
      ['key', 'add', '--name', 'Laptop', '--person', 'ada'],
      'key.add',
      { name: 'Laptop', person: 'ada', by },
      { id: 'k', console: 'https://c/', key: 'secret' },
    ],
    [['key', 'revoke', 'k'], 'key.revoke', { id: 'k', by }, []],
    [['alert', 'show'], 'alert.show', {}, alerting],
    [
      ['alert', 'add', '--kind', 'slack', '--name', 'IT', '--address-file', token],
      'alert.add',
      { kind: 'slack', name: 'IT', to: 'tok', by },
      alerting,
    ],
    [
      ['alert', 'add', '--kind', 'mail', '--name', 'IT', '--to', 'a@x.test'],
      'alert.add',
      { kind: 'mail', name: 'IT', to: 'a@x.test', by },
      alerting,
    ],
    [['alert', 'remove', 'c1'], 'alert.remove', { id: 'c1', by }, alerting],
    [['alert', 'test', 'c1'], 'alert.test', { id: 'c1' }, { ok: true, detail: 'taken' }],
    [
      [
        'alert',
        'mail',
        '--host',
        'm',
        '--from',
        'a@x.test',
        '--port',
        '465',
        '--security',
        'tls',
        '--password-file',
        token,
      ],
      'alert.mail',
      { server: { host: 'm', port: 465, security: 'tls', user: null, from: 'a@x.test' }, password: 'tok', by },
      alerting,
    ],
    [['alert', 'mail', '--none'], 'alert.mail', { server: null, by }, alerting],
    [['alert', 'rule', 'heldHours', '4'], 'alert.rules', { rules: { heldHours: 4 }, by }, alerting],
    [
      ['alert', 'rule', 'off', 'drift, expiring'],
      'alert.rules',
      { rules: { off: ['drift', 'expiring'] }, by },
      alerting,
    ],
    [['console'], 'console.ticket', { by }, { url: 'http://c/#ticket=t', expiresAt: 0, name: 'ada' }],
    [
      ['why', 'ada@x.test'],
      'why',
      { userName: 'ada@x.test' },
      {
        person: { id: 'p', source: 's', state: 'active', userName: 'ada@x.test', name: 'Ada', email: '', groups: 1 },
        inSteeple: null,
        access: [
          { community: 'finance', role: 'administrator', inSteeple: null, because: plan.people[0]!.access[0]!.because },
        ],
        groups: [],
        held: [held],
        lastPush: { seq: 1, at: 0 },
      },
    ],
  ];
  answers['mapping.validate'] = { faults: [], links: 1 };
  answers['mapping.draft'] = draft;
  for (const [argv, call, input, answer] of rows) {
    answers[call] = answer ?? calls['policy.show'].output.parse({});
    asked = [];
    const said = await cli(argv);
    expect(said, argv.join(' ')).toMatchObject({ code: 0, err: '' });
    expect(asked.at(-1), argv.join(' ')).toEqual({ call, input });
    expect(said.out.trim(), argv.join(' ')).not.toBe('');
    const machine = await cli([...argv, '--json']);
    expect(machine, argv.join(' ')).toMatchObject({ code: 0, err: '' });
    expect(machine.out.split('\n'), argv.join(' ')).toHaveLength(2);
    JSON.parse(machine.out);
  }
  // So that no call is without a command, and no row was forgotten.
  const reached = new Set(rows.map(([, call]) => call));
  expect(Object.keys(calls).filter((call) => !reached.has(call) && !elsewhere.includes(call))).toEqual([]);
});

test('--json prints the whole answer as one line, and asks for everything unless told otherwise', async () => {
  answers['plan.make'] = plan;
  const said = await cli(['plan', '--json']);
  expect(JSON.parse(said.out)).toEqual(plan);
  expect(asked.at(-1)?.input).toEqual({ of: 'published', offset: 0, limit: 10_000 });
});

test('a plan reads like a plan: signs, reasons, what waits for a person, a page, and a sentence that sums it up', async () => {
  answers['plan.make'] = plan;
  const { out } = await cli(['plan']);
  expect(out).toMatch(/^ {2}\+ ada@x\.test \(Ada\) +create$/m);
  expect(out).toMatch(/^ {6}\+ finance: administrator {2}by Finance admins \(entra\)$/m);
  expect(out).toMatch(/^ {6}~ finance: administrator → contributor {2}waits for a person: last administrator$/m);
  expect(out).toMatch(/^ {2}- cho@x\.test \(Cho\) +remove from Steeple {2}waits for a person: over the limit$/m);
  expect(out).toMatch(/odd@x\.test +yes +made by hand/);
  expect(out).toMatch(/remove +everybody +30 +25 +TRIPPED/);
  expect(out).toContain('! A group is empty');
  expect(out).toContain(
    'Plan: 1 to create, 0 to take over, 0 to update, 0 to reactivate, 1 to remove; 1 grant, 1 revoke, 1 change of role. Of these, 2 would wait for a person.',
  );
  expect(out).toContain('sync enable --plan plan-1');
  expect(out).toContain('Shown: people 1 to 3 of 300; the next: --offset 3');
  expect(out).not.toContain('Everybody');
});

test('an exported plan never takes the place of a file that is there', async () => {
  answers['plan.export'] = { name: 'p.csv', type: 'text/csv', text: 'userName\n', next: null };
  const out = file('p.csv', 'mine\n');
  const refused = await cli(['plan', 'export', 'p', '--format', 'csv', '--out', out]);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
  expect(readFileSync(out, 'utf8')).toBe('mine\n');
  const other = join(data, 'q.csv');
  expect((await cli(['plan', 'export', 'p', '--format', 'csv', '--out', other])).code).toBe(0);
  expect(readFileSync(other, 'utf8')).toBe('userName\n');
});

test('colours are for a terminal only, and for none that says NO_COLOR', async () => {
  answers['plan.make'] = plan;
  vi.stubEnv('NO_COLOR', '');
  vi.stubEnv('TERM', 'xterm');
  const pipe = await cli(['plan']);
  const colour = await cli(['plan'], { tty: true });
  expect(stripVTControlCharacters(pipe.out)).toBe(pipe.out);
  expect(stripVTControlCharacters(colour.out)).toBe(pipe.out);
  expect(colour.out).not.toBe(pipe.out);
  vi.stubEnv('NO_COLOR', '1');
  expect((await cli(['plan'], { tty: true })).out).toBe(pipe.out);
  vi.stubEnv('NO_COLOR', '');
  vi.stubEnv('TERM', 'dumb');
  expect((await cli(['plan'], { tty: true })).out).toBe(pipe.out);
});

test('plan --detailed-exitcode says 3 when something would change, and 0 when nothing would', async () => {
  answers['plan.make'] = plan;
  expect((await cli(['plan', '--detailed-exitcode'])).code).toBe(3);
  expect((await cli(['plan', '--detailed-exitcode', '--json'])).code).toBe(3);
  answers['plan.make'] = { ...plan, people: [], total: { people: 0, operations: 0 } };
  const nothing = await cli(['plan', '--detailed-exitcode']);
  expect(nothing.code).toBe(0);
  expect(nothing.out).toContain('Nothing to do');
  answers['plan.make'] = { ...plan, people: [], total: { people: 0, operations: 1 } };
  expect((await cli(['plan', '--detailed-exitcode'])).code).toBe(3);
});

test('S1 a token is never an argument: the option does not exist, and trying is refused in words without the token', async () => {
  const canary = 'canary-4711';
  for (const argv of [
    ['upstream', 'set', '--token', canary],
    ['upstream', 'set', `--token=${canary}`],
    ['upstream', 'set', `--api-token=${canary}`],
    ['upstream', 'set', '--secret-token', canary],
    ['upstream', 'set', '--bearer', canary],
    ['source', 'add', `--password=${canary}`],
  ]) {
    const said = await cli(argv);
    expect(said, argv[2]).toMatchObject({ code: 2, out: '' });
    expect(said.err).toContain('--token-stdin or --token-file');
    expect(said.err).not.toContain(canary);
  }
  expect((await cli(['upstream', 'set', `--tokne=${canary}`])).err).not.toContain(canary);
  expect((await raw(['upstream', 'set', '--help'])).out).not.toMatch(/--(api-)?token[ =<]/);
  expect(asked).toEqual([]);
});

test('S1 a token comes from standard input or a file, whole and trimmed, and is not printed', async () => {
  answers['upstream.set'] = { ...upstream, test: fine };
  const piped = await cli(['upstream', 'set', '--token-stdin'], { stdin: 'canary-4711\r\n' });
  expect(asked.at(-1)?.input).toEqual({ token: 'canary-4711', by });
  const filed = await cli(['upstream', 'set', '--token-file', file('t', ' canary-4711 \n')]);
  expect(asked.at(-1)?.input).toEqual({ token: 'canary-4711', by });
  expect(JSON.stringify([piped, filed])).not.toContain('canary');
  asked = [];
  expect(await cli(['upstream', 'set', '--token-stdin'])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/no token/),
  });
  expect(await cli(['upstream', 'set', '--token-stdin'], { stdin: 'two words' })).toMatchObject({ code: 1 });
  expect((await cli(['upstream', 'set', '--token-file', join(data, 'absent')])).err).toMatch(
    /absent: there is no such file/,
  );
  expect((await cli(['upstream', 'set', '--token-stdin', '--token-file', 'x'])).code).toBe(2);
  expect(await cli(['upstream', 'set'])).toMatchObject({ code: 2, err: expect.stringMatching(/Nothing to set/) });
  expect(asked).toEqual([]);
});

test('upstream set and test say what was found, and end with 1 unless it is fine', async () => {
  const refused = {
    verdict: 'token-refused',
    detail: 'Steeple refused the token.',
    remedy: 'Reveal it again.',
    users: null,
    groups: null,
  };
  answers['upstream.set'] = { ...upstream, test: refused };
  answers['upstream.test'] = refused;
  for (const argv of [
    ['upstream', 'set', '--url', 'https://s'],
    ['upstream', 'test'],
  ])
    expect(await cli(argv)).toMatchObject({ code: 1, err: 'Steeple refused the token.\nReveal it again.\n' });
  const machine = await cli(['upstream', 'test', '--json']);
  expect(machine.code).toBe(1);
  expect(JSON.parse(machine.out)).toEqual(refused);
});

test('a mapping file’s faults are told as FILE:LINE: message, and nothing is imported', async () => {
  const path = file('links.json', '{}');
  answers['mapping.validate'] = {
    links: 0,
    faults: [
      { line: 4, path: 'links[0].community', message: "there is no community 'finanse'" },
      { line: null, path: '', message: 'not an object' },
    ],
  };
  for (const command of ['import', 'validate']) {
    expect(await cli(['mapping', command, path])).toEqual({
      code: 1,
      out: '',
      err: `${path}:4: there is no community 'finanse'\n${path}: not an object\n`,
    });
  }
  expect(asked.map(({ call }) => call)).toEqual(['mapping.validate', 'mapping.validate']);
});

test('a refusal of the relay is 1 with its words on stderr, and nothing on stdout', async () => {
  answers['sync.enable'] = new Stale('The plan has changed since. The new plan is plan-2.');
  answers.why = new NotFound('Nobody has the userName x');
  expect(await cli(['sync', 'enable', '--plan', 'p', '--json'])).toEqual({
    code: 1,
    out: '',
    err: 'The plan has changed since. The new plan is plan-2.\n',
  });
  expect(await cli(['why', 'x'])).toEqual({ code: 1, out: '', err: 'Nobody has the userName x\n' });
  // Of another shape than the contract's: a relay of another version.
  for (const answer of [undefined, { items: 'all', total: 1 }]) {
    answers.people = answer;
    expect(await cli(['people', '--json'])).toEqual({
      code: 1,
      out: '',
      err: "The relay's answer to 'people' is not understood: it is of another version than this program\n",
    });
  }
});

test('a damaged journal is 1, and names the entry', async () => {
  answers['journal.verify'] = { ok: false, entries: 3, bad: { seq: 3, problem: 'its contents do not match its hash' } };
  expect(await cli(['journal', 'verify'])).toMatchObject({
    code: 1,
    err: 'The journal is damaged at entry 3: its contents do not match its hash\n',
  });
});

test('the journal’s tail ends with the newest entry', async () => {
  const row = { at: 0, kind: 'push', source: 's', actor: null, subject: null, body: {}, hash: 'h' };
  answers['journal.tail'] = [
    { ...row, seq: 12 },
    { ...row, seq: 11 },
  ];
  expect(JSON.parse((await cli(['journal', 'tail', '--json'])).out).map(({ seq }: { seq: number }) => seq)).toEqual([
    11, 12,
  ]);
});

test('the journal’s tail says what each entry is, also of one that was erased or that nobody understands', async () => {
  const row = { at: 0, source: 's', actor: null, subject: 'u-1', hash: 'h' };
  const sent = { method: 'POST', kind: 'User', id: 'u-1', body: { userName: 'ada@x.test' } };
  answers['journal.tail'] = [
    { ...row, seq: 5, kind: 'push', body: 'no object' },
    { ...row, seq: 4, kind: 'push', body: { method: 'POST', kind: 'User', id: 'u-1', erased: true } },
    { ...row, seq: 3, kind: 'refusal', body: { ...sent, status: 409 } },
    { ...row, seq: 2, kind: 'push', body: sent },
    { ...row, seq: 1, kind: 'decision', actor: 'ann', body: { what: 'source.add' } },
  ];
  const { out } = await cli(['journal', 'tail']);
  const told = out.split('\n').map((line) => line.replace(/\s{2,}/g, '|').replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'T'));
  expect(told).toEqual([
    'ENTRY|TIME|KIND|WHAT|BY|ABOUT',
    '1|T|decision|source.add|ann|u-1',
    '2|T|push|POST User|s|ada@x.test',
    '3|T|refusal|POST User 409|s|ada@x.test',
    '4|T|push|POST User (erased)|s|u-1',
    '5|T|push|s|u-1',
    '',
  ]);
});

test('wrong usage is 2, said on stderr', async () => {
  for (const argv of [
    ['preflight', 'confirm', 'banana'],
    ['preflight', 'confirm', 'cycle'],
    ['preflight', 'confirm', 'sso', '--source', 's'],
    ['plan', '--of', 'banana'],
    [],
    ['nonsense'],
    ['review'],
    ['review', 'approve', '--reason', 'r'],
    ['review', 'approve', '7'],
    ['review', 'show', 'x'],
    ['plan', '--limit', '-1'],
    ['people', '--wrong'],
    ['source', 'add', '--kind', 'okta'],
    ['delivery', 'edit', '3', '--set', 'password=x'],
    ['delivery', 'edit', '3', '--set', 'email=nowhere'],
    ['delivery', 'retry'],
    ['delivery', 'list', '--state', 'odd'],
    ['source', 'add', '--kind', 'ldap', '--name', 'n'],
    ['why'],
  ]) {
    const said = await cli(argv);
    expect(said, argv.join(' ')).toMatchObject({ code: 2, out: '' });
    expect(said.err, argv.join(' ')).not.toBe('');
  }
  vi.stubEnv('STEEPLE_RELAY_DATA', undefined);
  expect(await raw(['status'])).toMatchObject({ code: 2, err: expect.stringMatching(/--data DIR/) });
  expect(asked).toEqual([]);
});

test('Google Workspace is told apart: it has no SCIM provisioning', async () => {
  expect((await cli(['source', 'add', '--kind', 'google', '--name', 'n'])).err).toMatch(
    /Google Workspace .* no SCIM provisioning/,
  );
});

test('where no relay runs, it says so and how to start one', async () => {
  await server?.close();
  server = undefined;
  expect(await cli(['status'])).toEqual({
    code: 1,
    out: '',
    err: `No relay runs on ${data}. Start it with: steeple-relay start --data ${data}\n`,
  });
});

test('--version and --help are 0, and --help says what the exit codes mean', async () => {
  expect(await raw(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  expect((await raw(['review', 'approve', '--help'])).code).toBe(0);
  expect((await raw(['--help'])).out).toMatch(/0 done, 1 failed or refused, 2 wrong usage/);
});

test('a name from a directory cannot rewrite the terminal', async () => {
  const evil = 'Ada\u001b[2J\u202egnp\r\nBen\u2028';
  expect(plain(evil)).toBe('Ada\ufffd[2J\ufffdgnp\ufffd\ufffdBen\ufffd');
  answers['plan.make'] = { ...plan, people: [{ ...plan.people[0]!, name: evil, userName: evil }] };
  answers.people = {
    items: [{ id: 'p', source: 's', state: 'active', userName: evil, name: evil, email: evil, groups: 1 }],
    total: 1,
  };
  answers['sync.enable'] = new Stale(`No: ${evil}`);
  answers['journal.show'] = {
    seq: 1,
    at: 0,
    kind: 'push',
    source: null,
    actor: null,
    subject: null,
    body: { evil },
    hash: 'h',
  };
  for (const argv of [['plan'], ['people'], ['journal', 'show', '1'], ['sync', 'enable', '--plan', 'p']]) {
    const said = await cli(argv);
    expect(said.out + said.err, argv[0]).toContain('gnp');
    for (const bad of ['\u001b', '\u202e', '\r', '\u2028']) expect(said.out + said.err, argv[0]).not.toContain(bad);
  }
});

test('tables are aligned by what is seen: wide scripts count double, numbers stand to the right', () => {
  expect(
    table(
      ['name', 'n'],
      [
        ['Ada', 5],
        ['山田', 1200],
      ],
      'none',
    ).split('\n'),
  ).toEqual(['NAME      N', 'Ada       5', '山田  1,200']);
  expect(pad('é', 3)).toBe('é  ');
  expect(pad('e\u0301', 3)).toBe('e\u0301  ');
  expect(table(['a'], [], 'none')).toBe('none');
});
