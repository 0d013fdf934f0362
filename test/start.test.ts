/** The relay and the sandbox as processes, driven by the command line as a person would: start, set up, stop, start again. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { client } from '../daemon/cli/client.ts';

const cli = join(import.meta.dirname, '../daemon/cli.ts');
let data: string;
let running: Server[];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'start-'));
  running = [];
});
afterEach(async () => {
  for (const { child } of running)
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  rmSync(data, { recursive: true });
});

type Server = {
  child: ChildProcessByStdio<null, Readable, Readable>;
  ready: Record<string, string>;
  said: { out: string; err: string };
};

/** Starts a command that serves, and gives its ready line. */
async function serve(...argv: string[]): Promise<Server> {
  const child = spawn(process.execPath, [cli, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const server: Server = { child, ready: {}, said: { out: '', err: '' } };
  running.push(server);
  child.stderr.on('data', (chunk) => {
    server.said.err += chunk;
  });
  await new Promise<void>((done, fail) => {
    child.stdout.on('data', (chunk) => {
      server.said.out += chunk;
      if (server.said.out.includes('\n')) done();
    });
    child.once('exit', (code) => fail(new Error(`ended with ${code}: ${server.said.err}`)));
  });
  server.ready = JSON.parse(server.said.out);
  return server;
}
const relay = (...options: string[]) =>
  serve('start', '--data', join(data, 'relay'), '--scim', '127.0.0.1:0', '--console', '127.0.0.1:0', ...options);

async function stop({ child }: Server, signal: NodeJS.Signals): Promise<unknown> {
  const ended = once(child, 'exit');
  child.kill(signal);
  return (await ended)[0];
}
function ask(argv: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...argv, '--data', join(data, 'relay')], {
    input,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}
/** For what the tests only need to know: the same calls, without a program for each. */
const call: ReturnType<typeof client> = (name, question) => client(join(data, 'relay'))(name, question);

test('a relay starts, says so in one line, does what the command line asks, and ends with 0 on SIGTERM', async () => {
  const server = await relay();
  expect(server.ready).toEqual({
    event: 'ready',
    pid: server.child.pid,
    scim: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/scim\/v2$/),
    console: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
  });
  expect(statSync(join(data, 'relay', 'admin.sock')).mode & 0o777).toBe(0o600);

  const source = JSON.parse(ask(['source', 'add', '--kind', 'scim', '--name', 'Main', '--json']).out);
  expect(source).toMatchObject({ id: 'main', tenantUrl: server.ready.scim });
  const pushed = await fetch(`${source.tenantUrl}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${source.secretToken}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'ada@x.test',
      externalId: '1',
    }),
  });
  expect(pushed.status).toBe(201);
  expect(await call('status', {})).toMatchObject({
    pid: server.child.pid,
    directory: { users: 1 },
    sync: { state: 'off' },
  });
  expect(ask(['people']).out).toContain('ada@x.test');
  expect((await call('journal.verify', {})).ok).toBe(true);

  const { url } = await call('console.ticket', {});
  const [origin = '', ticket = ''] = url.split('/#ticket=');
  expect(`${origin}/`).toBe(server.ready.console);
  const login = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ ticket }),
  });
  expect(login.status).toBe(200);
  const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!;
  const events = await fetch(`${origin}/api/events`, { headers: { cookie } });
  expect(events.status).toBe(200);
  expect(await (await fetch(`${origin}/readyz`)).json()).toMatchObject({ ready: true });
  expect(await (await fetch(`${origin}/metrics`)).text()).toContain('steeple_relay_pushes_total 1\n');

  // An open page must not hold the relay up.
  expect(await stop(server, 'SIGTERM')).toBe(0);
  expect(server.said.out.trim().split('\n')).toHaveLength(1);
  for (const line of server.said.err.trim().split('\n')) JSON.parse(line);
  expect(server.said.err).not.toContain(source.secretToken);
  expect(server.said.err).not.toContain(ticket);
  expect(existsSync(join(data, 'relay', 'relay.lock'))).toBe(false);
  expect(ask(['status'])).toMatchObject({ code: 1, err: expect.stringContaining('No relay runs on') });
});

test('a second start on the same folder fails at once, names the first one’s pid, and disturbs nothing', async () => {
  const first = await relay();
  const second = spawnSync(
    process.execPath,
    [cli, 'start', '--data', join(data, 'relay'), '--scim', '127.0.0.1:0', '--console', '127.0.0.1:0'],
    { encoding: 'utf8' },
  );
  expect(second).toMatchObject({ status: 1, stdout: '' });
  expect(second.stderr).toContain(`process ${first.child.pid}`);
  expect((await call('status', {})).pid).toBe(first.child.pid);
  expect(await stop(first, 'SIGINT')).toBe(0);
});

test('I1 after kill -9 it starts again on the same folder, and what was answered is there', async () => {
  const first = await relay();
  const source = await call('source.add', { kind: 'okta', name: 'Site', by: 'test' });
  await stop(first, 'SIGKILL');
  expect(existsSync(join(data, 'relay', 'admin.sock'))).toBe(true);
  const second = await relay();
  expect(await call('source.list', {})).toMatchObject([{ id: source.id, kind: 'okta' }]);
  expect(await stop(second, 'SIGTERM')).toBe(0);
});

test('S2 the console goes by the public name it was given, and by no other', async () => {
  const server = await relay('--public-url', 'https://relay.example.org/steeple');
  expect(server.ready.scim).toBe('https://relay.example.org/steeple/scim/v2');
  const status = (host: string) =>
    new Promise<number | undefined>((done, fail) => {
      get(`${server.ready.console}healthz`, { headers: { host }, agent: false }, (response) => {
        response.resume();
        done(response.statusCode);
      }).on('error', fail);
    });
  expect(await status('relay.example.org')).toBe(200);
  expect(await status('evil.example')).toBe(403);
  expect(await stop(server, 'SIGTERM')).toBe(0);
});

test('settings that are wrong or unsafe end with 1 and say which', () => {
  const wrong = ask(['start', '--scim', 'nowhere']);
  expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--scim: "nowhere" is not HOST:PORT') });
  expect(ask(['start', '--console', '0.0.0.0:0']).err).toContain('--allow-plain-http-off-loopback');
  expect(existsSync(join(data, 'relay'))).toBe(false);
});

test('S1 the token of the sandbox, given on standard input, is tested at once and lies readable nowhere', async () => {
  const sandbox = await serve('sandbox', '--listen', '127.0.0.1:0');
  expect(sandbox.ready).toEqual({
    event: 'ready',
    scimUrl: expect.stringMatching(/^http:/),
    token: expect.any(String),
    apiUrl: expect.stringMatching(/^http:/),
    apiToken: expect.any(String),
    admin: expect.stringMatching(/\/administration\/integrations$/),
  });
  const { token, scimUrl } = sandbox.ready as { token: string; scimUrl: string };
  const server = await relay();
  const wrong = ask(['upstream', 'set', '--url', scimUrl, '--token-stdin'], 'not-the-token\n');
  expect(wrong.code).toBe(1);
  expect((await call('upstream.show', {})).url).toBe(scimUrl);
  const right = ask(['upstream', 'set', '--url', scimUrl, '--token-stdin'], `${token}\n`);
  expect(right).toMatchObject({ code: 0, err: '' });
  expect(right.out).not.toContain(token);
  expect(await stop(server, 'SIGTERM')).toBe(0);

  const written = readdirSync(join(data, 'relay'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  expect(written.length).toBeGreaterThan(1);
  for (const bytes of written) expect(bytes.includes(token)).toBe(false);
  expect(server.said.out + server.said.err).not.toContain(token);
  expect(await stop(sandbox, 'SIGTERM')).toBe(0);
});

test('a sandbox without single sign-on refuses provisioning, and the relay says that this is why', async () => {
  const sandbox = await serve('sandbox', '--listen', '127.0.0.1:0', '--no-sso');
  const server = await relay();
  const { scimUrl = '', token = '' } = sandbox.ready;
  const said = ask(['upstream', 'set', '--url', scimUrl, '--token-stdin', '--json'], token);
  expect(said.code).toBe(1);
  expect(JSON.parse(said.out).test.verdict).toBe('sso-not-configured');
  expect(await stop(server, 'SIGTERM')).toBe(0);
});

test('a proxy that is named is believed, and a source is taken from where an admin says', async () => {
  const server = await relay('--trust-proxy', '127.0.0.1');
  const { id, secretToken, tenantUrl } = await call('source.add', { kind: 'okta', name: 'Okta', by: 'ada' });
  const get = async (address: string) => {
    const forwarded = { 'x-forwarded-for': address, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'relay.example' };
    const response = await fetch(`${tenantUrl}/ServiceProviderConfig`, {
      headers: { authorization: secretToken, ...forwarded },
    });
    return [response.status, await response.text()];
  };
  expect(await get('203.0.113.9')).toEqual([200, expect.stringContaining('"https://relay.example/scim/v2/')]);
  const set = ask(['source', 'set', id, '--allow', '10.0.0.0/8, ::1', '--rate', '100/s']);
  expect(set).toMatchObject({ code: 0, out: 'okta: from 10.0.0.0/8, ::1, up to 100 requests a second.\n' });
  expect(await get('203.0.113.9')).toEqual([403, expect.stringContaining('203.0.113.9')]);
  expect((await get('10.1.2.3'))[0]).toBe(200);
  const list = ask(['source', 'list']).out;
  expect(list).toContain('okta: from 10.0.0.0/8, ::1, up to 100 requests a second');
  expect(list).toMatch(/! okta: 1 refusal since the start, the last .*203\.0\.113\.9/);
  expect(await stop(server, 'SIGTERM')).toBe(0);
});
