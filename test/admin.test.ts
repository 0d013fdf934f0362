/** The admin API: contract in, contract out, failures as values; and the socket only its owner can open. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { client } from '../daemon/cli/client.ts';
import type { Handlers } from '../daemon/contract/admin.ts';
import { endpoint, findEndpoint } from '../daemon/endpoint.ts';
import { Stale, Unavailable } from '../daemon/errors.ts';
import { type AdminEvent, adminServer } from '../daemon/http/admin.ts';

let data: string;
let logged: unknown[];
let listeners: Set<(event: AdminEvent) => void>;
let servers: { close(): Promise<void> }[];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'adm-'));
  logged = [];
  listeners = new Set();
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.close();
  rmSync(data, { recursive: true });
});

/** Real handlers of a few calls; asking for another one would be a bug, and looks like one. */
const handlers = {
  'upstream.clearToken': async ({ by }) => ({ url: by, token: false, apiUrl: null, apiToken: false, kept: 'memory' }),
  'upstream.test': async () => {
    throw new Unavailable('Steeple is resting', 7);
  },
  'sync.enable': async () => {
    throw new Stale('The plan has changed since');
  },
  'journal.verify': async () => {
    throw new Error('canary-of-a-bug');
  },
  'communities.list': async () => [{ id: 'finance', name: 'Finance', state: 'listed', origin: 'hand' }],
  'communities.import': async ({ text }) => [{ id: String(text.length), name: 'n', state: 'listed', origin: 'file' }],
  'review.list': async ({ states, limit, offset }) => ({ items: [], total: states.length * 10_000 + limit + offset }),
} as Partial<Handlers> as Handlers;

async function serve(folder = data) {
  const server = await adminServer({
    data: folder,
    handlers,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    log: { error: (event, fields) => logged.push({ ...fields, event }) },
    heartbeatMs: 20,
  });
  servers.push(server);
  return server;
}

type Asked = { method?: string; path: string; type?: string; body?: string };
const open = (socketPath: string, { method = 'POST', path, type = 'application/json', body }: Asked) =>
  new Promise<IncomingMessage>((done, fail) => {
    const headers = type === '' ? {} : { 'content-type': type };
    request({ socketPath, path, method, headers, agent: false }, done).on('error', fail).end(body);
  });
async function ask(asked: Asked) {
  const response = await open(join(data, 'admin.sock'), asked);
  const said = await text(response);
  return { status: response.statusCode, headers: response.headers, text: said, body: said && JSON.parse(said) };
}

test('a call answers with its value, and defaults of the contract are filled in before the handler sees it', async () => {
  await serve();
  expect((await ask({ path: '/api/communities.list', body: '{}' })).body).toEqual({
    ok: true,
    value: [{ id: 'finance', name: 'Finance', state: 'listed', origin: 'hand' }],
  });
  expect((await ask({ path: '/api/review.list' })).body).toEqual({ ok: true, value: { items: [], total: 10_100 } });
});

test('I10 every wrong request is a 4xx in the same form, and says what was wrong', async () => {
  await serve();
  const secret = 'canary-in-a-body';
  const cases: readonly [Asked, number, string, RegExp][] = [
    [{ path: '/api/upstream.clearToken', body: '{"by":1}' }, 400, 'malformed', /by/],
    [{ path: '/api/upstream.clearToken', body: `{"by":{"x":"${secret}"}}` }, 400, 'malformed', /expected string/],
    [{ path: '/api/upstream.clearToken', body: '{"by":"a","more":1}' }, 400, 'malformed', /more/],
    [{ path: '/api/upstream.clearToken', body: '[]' }, 400, 'malformed', /object/],
    [{ path: '/api/upstream.clearToken', body: `{"${secret}` }, 400, 'malformed', /not valid JSON/],
    [
      { path: '/api/communities.list', type: 'text/plain', body: '{}' },
      415,
      'unsupportedmediatype',
      /application\/json/,
    ],
    [{ path: '/api/communities.list', type: '' }, 415, 'unsupportedmediatype', /application\/json/],
    [{ path: '/api/communities.list', type: 'application/jsonx', body: '{}' }, 415, 'unsupportedmediatype', /JSON/],
    [{ path: '/api/communities.list', method: 'GET' }, 405, 'methodnotallowed', /POST/],
    [{ path: '/api/events', method: 'POST', body: '{}' }, 405, 'methodnotallowed', /GET/],
    [{ path: '/api/events', method: 'HEAD' }, 405, '', /^$/],
    [{ path: '/api/nothing.here', body: '{}' }, 404, 'notfound', /nothing\.here/],
    [{ path: '/api/__proto__', body: '{}' }, 404, 'notfound', /__proto__/],
    [{ path: '/api/constructor', body: '{}' }, 404, 'notfound', /constructor/],
    [{ path: '/api/communities.list/more', body: '{}' }, 404, 'notfound', /no call/],
    [{ path: '/api/%', body: '{}' }, 400, 'malformed', /could not be read/],
    [{ path: '/api', body: '{}' }, 404, 'notfound', /nothing here/],
    [{ path: '/', method: 'GET' }, 404, 'notfound', /nothing here/],
    [
      { path: '/api/communities.import', body: JSON.stringify({ by: 'a', text: 'x'.repeat(7_000_000) }) },
      413,
      'toolarge',
      /6MB/,
    ],
  ];
  for (const [asked, status, code, message] of cases) {
    const answer = await ask(asked);
    const what = `${asked.method ?? 'POST'} ${asked.path}`;
    expect(answer.status, what).toBe(status);
    expect(answer.body.message ?? '', what).toMatch(message);
    expect(answer.text, what).not.toContain(secret);
    if (code !== '') expect(answer.body, what).toMatchObject({ ok: false, code });
  }
  expect(logged).toEqual([]);
});

test('a body of five megabytes, the most the contract allows, is accepted', async () => {
  await serve();
  const answer = await ask({
    path: '/api/communities.import',
    body: JSON.stringify({ by: 'a', text: '"'.repeat(2_900_000) }),
  });
  expect(answer.body.value[0].id).toBe('2900000');
});

test('a refusal of the relay keeps its words, its code and its Retry-After', async () => {
  await serve();
  expect(await ask({ path: '/api/sync.enable', body: '{"plan":"p","by":"ada"}' })).toMatchObject({
    status: 409,
    body: { ok: false, code: 'stale', message: 'The plan has changed since' },
  });
  const resting = await ask({ path: '/api/upstream.test', body: '{}' });
  expect(resting).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(resting.headers['retry-after']).toBe('7');
});

test('a bug says nothing of itself to the caller, and everything to the log', async () => {
  await serve();
  const answer = await ask({ path: '/api/journal.verify', body: '{}' });
  expect(answer).toMatchObject({ status: 500, body: { ok: false, code: 'internal' } });
  expect(answer.text).not.toContain('canary-of-a-bug');
  expect(logged).toEqual([expect.objectContaining({ error: expect.objectContaining({ message: 'canary-of-a-bug' }) })]);
});

test('events arrive as they happen, heartbeats in between, and a reader that leaves is forgotten', async () => {
  const server = await serve();
  const response = await open(server.path, { path: '/api/events', method: 'GET' });
  expect(response.headers['content-type']).toContain('text/event-stream');
  let said = '';
  for await (const chunk of response) {
    said += chunk;
    if (listeners.size === 1 && !said.includes('data:'))
      for (const tell of listeners) tell({ type: 'changed', what: ['status'] });
    if (said.includes('still here') && said.includes('data:')) break;
  }
  expect(said).toContain('data: {"type":"changed","what":["status"]}\n\n');
  response.destroy();
  await expect.poll(() => listeners.size).toBe(0);
});

test('closing the server ends open event streams instead of waiting for them', async () => {
  const server = await serve();
  const response = await open(server.path, { path: '/api/events', method: 'GET' });
  const rest = text(response);
  await server.close();
  servers = [];
  await rest;
  expect(listeners.size).toBe(0);
  expect(existsSync(server.path)).toBe(false);
});

test('S2 the socket and its folder are for their owner only, even where the folder was open before', async () => {
  chmodSync(data, 0o755);
  const { path } = await serve();
  expect(path).toBe(join(data, 'admin.sock'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(data).mode & 0o777).toBe(0o700);
});

test('S2 a folder of another user is refused', async () => {
  // Root may give a folder away; anybody else finds one that is not theirs.
  const others = process.getuid?.() === 0 ? join(data, 'others') : '/';
  if (others !== '/') {
    mkdirSync(others);
    chownSync(others, 12_345, 12_345);
  }
  await expect(serve(others)).rejects.toThrow(/must be a folder of the user/);
});

test('a socket somebody answers on is left alone; a stale one, and no other file, is taken away', async () => {
  const path = join(data, 'admin.sock');
  const living = createServer().listen(path);
  await new Promise((done) => living.once('listening', done));
  await expect(serve()).rejects.toThrow(/Another relay answers/);
  await new Promise((done) => living.close(done));
  // A process that ends without closing leaves the file, as kill -9 does.
  const leave = `require('net').createServer().listen(process.argv[1], () => process.reallyExit(0))`;
  spawnSync(process.execPath, ['-e', leave, path]);
  expect(statSync(path).isSocket()).toBe(true);
  await expect(client(data)('communities.list', {})).rejects.toThrow(/No relay runs/);
  await serve();
  expect((await ask({ path: '/api/communities.list', body: '{}' })).status).toBe(200);

  const other = join(data, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'admin.sock'), 'precious');
  await expect(serve(other)).rejects.toThrow(/not a socket/);
  expect(existsSync(join(other, 'admin.sock'))).toBe(true);
});

test('a folder too deep for a socket gets a short one in the runtime folder, written down where the CLI finds it', async () => {
  const deep = join(data, 'd'.repeat(100));
  const runtime = process.env.XDG_RUNTIME_DIR;
  process.env.XDG_RUNTIME_DIR = join(data, 'run');
  try {
    const server = await serve(deep);
    expect(server.path).toMatch(/run\/steeple-relay-[0-9a-f]{16}\/admin\.sock$/);
    expect(statSync(join(server.path, '..')).mode & 0o777).toBe(0o700);
    // The CLI may run under another environment than the relay.
    process.env.XDG_RUNTIME_DIR = '/elsewhere';
    expect(await client(deep)('communities.list', {})).toHaveLength(1);
    await server.close();
    servers = [];
    expect(existsSync(join(deep, 'admin.path'))).toBe(false);
    process.env.XDG_RUNTIME_DIR = join(data, 'run');
    symlinkSync(data, join(data, 'trap'));
    rmSync(join(server.path, '..'), { recursive: true });
    symlinkSync(join(data, 'trap'), join(server.path, '..'));
    await expect(serve(deep)).rejects.toThrow(/must be a folder of the user/);
  } finally {
    if (runtime === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = runtime;
  }
});

test('where the API is found is one rule: a file, a shorter file, or on Windows a pipe named after the folder', () => {
  const room = (bytes: number) => `/${'x'.repeat(bytes - '/admin.sock'.length - 1)}`;
  expect(endpoint(room(107), 'linux', '/run')).toEqual({ path: `${room(107)}/admin.sock`, folder: room(107) });
  expect(endpoint(room(108), 'linux', '/run').path).toMatch(/^\/run\/steeple-relay-[0-9a-f]{16}\/admin\.sock$/);
  expect(endpoint(room(104), 'darwin', '/run').path).toMatch(/^\/run\//);
  expect(endpoint(`/${'é'.repeat(60)}`, 'linux', '/run').path).toMatch(/^\/run\//);
  const pipe = endpoint('C:\\ProgramData\\Relay', 'win32', '');
  expect(pipe).toEqual({ path: expect.stringMatching(/^\\\\\.\\pipe\\steeple-relay-[0-9a-f]{16}$/) });
  expect(endpoint('c:/programdata/relay', 'win32', '')).toEqual(pipe);
  expect(endpoint('C:\\ProgramData\\Relay2', 'win32', '')).not.toEqual(pipe);
  expect(findEndpoint('/no/such/folder', 'linux', '/run')).toBe('/no/such/folder/admin.sock');
});

test('the client gives values, turns refusals into their words, and says when no relay runs', async () => {
  const asking = client(data);
  await expect(asking('communities.list', {})).rejects.toThrow(`No relay runs on ${data}`);
  await serve();
  expect(await asking('communities.list', {})).toHaveLength(1);
  await expect(asking('sync.enable', { plan: 'p', by: 'a' })).rejects.toMatchObject({
    code: 'stale',
    message: 'The plan has changed since',
  });
});

// Only root can make a socket that is another user's.
test.runIf(process.getuid?.() === 0)('the client sends nothing to a socket of a third user', async () => {
  const { path } = await serve();
  chownSync(path, 12_345, 12_345);
  await expect(client(data)('communities.list', {})).rejects.toThrow(/nothing was sent/);
  chownSync(data, 12_345, 12_345); // the owner of the folder may well be another than who asks
  expect(await client(data)('communities.list', {})).toHaveLength(1);
});

test.runIf(process.getuid?.() === 0)(
  'a user who may not look into the folder is told whose it is, not how it failed',
  () => {
    chmodSync(data, 0o700);
    const program = `
    const { client } = await import(${JSON.stringify(join(import.meta.dirname, '../daemon/cli/client.ts'))});
    process.setuid(12345);
    await client(${JSON.stringify(data)})('status', {}).catch(({ code, message }) => console.log(code, message));`;
    const argv = ['--input-type=module', '-e', program];
    const { stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    expect(stdout.trim()).toBe(`forbidden The relay of ${data} is another user's: run this as that user, or with sudo`);
  },
);

test('the client sends nothing to a file that is not a socket', async () => {
  writeFileSync(join(data, 'admin.sock'), '');
  await expect(client(data)('communities.list', {})).rejects.toThrow(/nothing was sent/);
});
