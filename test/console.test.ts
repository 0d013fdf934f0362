/** The console's port: law S2 (no other web page can drive it), the log-in, the page, and what a supervisor may ask. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Handlers } from '../daemon/contract/admin.ts';
import type { Expiry } from '../daemon/contract/operations.ts';
import type { Status } from '../daemon/contract/status.ts';
import type { AdminEvent } from '../daemon/http/admin.ts';
import { consoleApp } from '../daemon/http/console.ts';
import { hostAllowed, originAllowed } from '../daemon/http/origin.ts';
import { sessions, tickets } from '../daemon/http/session.ts';
import { metrics } from '../daemon/metrics.ts';

let folder: string;
let server: Server;
let port: number;
let now: number;
let asked: string[];
let problem: string | undefined;
let broken: boolean;
let listeners: Set<(event: AdminEvent) => void>;
let ticketOffice: ReturnType<typeof tickets>;
const closing = () => new AbortController();

const status = {
  startedAt: 1_000_000,
  sync: { state: 'on', since: null, by: null, plan: null },
  directory: { users: 12, active: 11, groups: 3, memberships: 20 },
  observed: { users: 10, groups: 2, memberships: 9, at: null },
  journal: { entries: 40, pushes: 37, refusals: 2, lastAt: null },
  mapping: { version: 1, links: 2, broken: 1 },
  held: { count: 4, oldestAt: 1_000_000 },
  deliveries: { owed: 5, sending: 1, dead: 2, oldestAt: null },
  circuit: { state: 'open', reason: 'Steeple refuses the token', remedy: 'Set it again' },
  owesPlan: 6,
} as Partial<Status> as Status;

const ends = [3_000_000, 2_000_000].map(
  (at): Expiry => ({ what: 'authority', name: 'company', at, state: 'over', remedy: '' }),
);
const handlers = {
  'communities.list': async () => {
    asked.push('communities.list');
    return [];
  },
} as Partial<Handlers> as Handlers;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'con-'));
  now = 1_060_000;
  asked = [];
  problem = undefined;
  broken = false;
  listeners = new Set();
  let count = 0;
  const chance = { now: () => now, secret: () => `secret-${++count}` };
  ticketOffice = tickets(chance);
  const numbers = metrics({
    status: async () => status,
    expiries: async () => ends,
    journalProblem: () => problem,
    now: () => now,
  });
  numbers.pushed(2);
  const app = consoleApp({
    ...chance,
    handlers,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tickets: ticketOffice,
    keys: () => undefined,
    status: async () => (broken ? Promise.reject(new Error('disk')) : status),
    journalProblem: async () => problem,
    metrics: numbers.text,
    page: join(folder, 'page'),
    hosts: ['relay.example.org'],
    log: { error: () => asked.push('logged') },
    closing: closing().signal,
    heartbeatMs: 20,
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  const closed = new Promise((done) => server.close(done));
  server.closeAllConnections();
  await closed;
  rmSync(folder, { recursive: true });
});

type Headers = Record<string, string>;
async function ask(method: string, path: string, headers: Headers = {}, body?: string) {
  const response = await new Promise<import('node:http').IncomingMessage>((done, fail) => {
    const host = `127.0.0.1:${port}`;
    request({ port, path, method, headers: { host, ...headers }, agent: false }, done)
      .on('error', fail)
      .end(body);
  });
  const said = await text(response);
  const json = String(response.headers['content-type']).startsWith('application/json') && said !== '';
  return {
    status: response.statusCode,
    headers: response.headers,
    text: said,
    body: json ? JSON.parse(said) : undefined,
  };
}
const json = { 'content-type': 'application/json' };
const login = (ticket: string, headers: Headers = {}) =>
  ask('POST', '/session', { ...json, ...headers }, JSON.stringify({ ticket }));
async function loggedIn(): Promise<Headers> {
  const answer = await login(ticketOffice.issue('ines').ticket);
  return { ...json, cookie: answer.headers['set-cookie']![0]!.split(';')[0]! };
}
const list = (headers: Headers) => ask('POST', '/api/communities.list', headers, '{}');

test('S2 without a session nothing is answered, and nothing is done', async () => {
  expect((await list(json)).body).toMatchObject({ ok: false, code: 'unauthorized' });
  expect((await list({ ...json, cookie: `steeple-relay-${port}=secret-1` })).status).toBe(401);
  expect((await ask('GET', '/api/events')).status).toBe(401);
  // Refused before it is read: six megabytes from a stranger are not parsed.
  expect((await ask('POST', '/api/communities.list', json, '{"unfinished')).status).toBe(401);
  expect(asked).toEqual([]);
  expect(listeners.size).toBe(0);
});

test('S2 a ticket logs in once, within two minutes, with a cookie no script reads and no other site sends', async () => {
  const { ticket } = ticketOffice.issue('ines');
  const answer = await login(ticket);
  expect(answer.body).toEqual({ ok: true, value: { loggedIn: true, name: 'ines', expiresAt: now + 3_600_000 } });
  const cookie = answer.headers['set-cookie']!.join();
  expect(cookie).toMatch(new RegExp(`^steeple-relay-${port}=secret-2; Path=/; HttpOnly; SameSite=Strict$`));
  expect((await list({ ...json, cookie: cookie.split(';')[0]! })).body).toEqual({ ok: true, value: [] });

  const again = await login(ticket);
  expect(again).toMatchObject({ status: 401, body: { ok: false, code: 'unauthorized' } });
  expect(again.headers['set-cookie']).toBeUndefined();
  const late = ticketOffice.issue('ines');
  expect(late.expiresAt).toBe(now + 120_000);
  now += 120_000;
  expect((await login(late.ticket)).status).toBe(401);
  expect((await login('made-up')).status).toBe(401);
  expect((await ask('POST', '/session', json, '{}')).body).toMatchObject({ code: 'malformed' });
});

test('the cookie is Secure where the page came over TLS, as its Origin says behind a proxy', async () => {
  const host = 'relay.example.org';
  const answer = await login(ticketOffice.issue('ines').ticket, { host, origin: `https://${host}` });
  expect(answer.headers['set-cookie']!.join()).toContain('; Secure');
});

test('GET /session says whether one is logged in, and DELETE logs out', async () => {
  const headers = await loggedIn();
  expect((await ask('GET', '/session')).body.value).toEqual({ loggedIn: false, name: null, expiresAt: null });
  expect((await ask('GET', '/session', headers)).body.value).toEqual({
    loggedIn: true,
    name: 'ines',
    expiresAt: now + 3_600_000,
  });
  expect((await ask('DELETE', '/session', headers)).body.value.loggedIn).toBe(false);
  expect((await list(headers)).status).toBe(401);
  expect((await ask('PUT', '/session', headers, '{}')).status).toBe(405);
});

test('a session ends after an hour unused, and after twelve hours in any case', async () => {
  const idle = await loggedIn();
  now += 3_599_999;
  expect((await list(idle)).status).toBe(200);
  now += 3_600_000;
  expect((await list(idle)).status).toBe(401);

  const busy = await loggedIn();
  for (let half = 0; half < 23; half++) {
    now += 1_800_000;
    expect((await list(busy)).status).toBe(200);
  }
  now += 1_800_000;
  expect((await list(busy)).status).toBe(401);
});

test('S2 a stream of events ends with its session, before the next event reaches it', async () => {
  const headers = await loggedIn();
  const first = ask('GET', '/api/events', headers);
  await expect.poll(() => listeners.size).toBe(1);
  await ask('DELETE', '/session', headers);
  expect((await first).text).toContain('still here');

  const other = await loggedIn();
  const second = ask('GET', '/api/events', other);
  await expect.poll(() => listeners.size).toBe(1);
  now += 3_600_000;
  for (const tell of listeners) tell({ type: 'changed', what: ['canary'] });
  expect((await second).text).not.toContain('canary');
});

test('S2 a Host that is not ours is refused, on every path, before anything else', async () => {
  const headers = await loggedIn();
  const strange = [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    '127.0.0.2',
    `10.0.0.1:${port}`,
    'a b',
  ];
  for (const host of strange) {
    for (const path of ['/', '/healthz', '/metrics', '/session', '/api/communities.list']) {
      const answer = await ask(path.startsWith('/api') ? 'POST' : 'GET', path, { ...headers, host }, '{}');
      expect(answer, `${host} ${path}`).toMatchObject({ status: 403, body: { ok: false, code: 'forbidden' } });
    }
  }
  expect((await login(ticketOffice.issue('ines').ticket, { host: `evil.example:${port}` })).status).toBe(403);
  expect(asked).toEqual([]);
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    'relay.example.org',
    `relay.example.org:${port}`,
  ])
    expect((await list({ ...headers, host })).status, host).toBe(200);
});

test('which names are ours', () => {
  const at = { address: '::ffff:192.0.2.7', port: 8481, secure: false };
  expect(hostAllowed('192.0.2.7:8481', at, [])).toBe(true);
  expect(hostAllowed('192.0.2.8:8481', at, [])).toBe(false);
  expect(hostAllowed('[::1]:8481', at, [])).toBe(true);
  expect(hostAllowed('[2001:db8::1]:8481', { ...at, address: '2001:db8::1' }, [])).toBe(true);
  expect(hostAllowed('0.0.0.0:8481', at, [])).toBe(true);
  expect(hostAllowed('localhost:9000', at, [])).toBe(false);
  expect(hostAllowed('localhost:9000', at, ['localhost:9000'])).toBe(true);
  expect(hostAllowed('localhost', at, [])).toBe(false);
  expect(hostAllowed('localhost', { ...at, port: 80 }, [])).toBe(true);
  expect(hostAllowed('localhost', { ...at, port: 443, secure: true }, [])).toBe(true);
  expect(hostAllowed('localhost', { ...at, port: 443 }, [])).toBe(false);
  expect(hostAllowed('Relay.Example.org', at, ['relay.example.ORG'])).toBe(true);
  expect(hostAllowed('relay.example.org:9999', at, ['relay.example.org'])).toBe(false);
  expect(hostAllowed('relay.example.org', at, ['relay.example.org:8443'])).toBe(false);
  expect(hostAllowed('relay.example.org@evil.example', at, ['relay.example.org'])).toBe(false);
  expect(hostAllowed(undefined, at, [])).toBe(false);
  expect(originAllowed('http://localhost:8481', 'localhost:8481')).toBe(true);
  expect(originAllowed('https://relay.example.org', 'relay.example.org')).toBe(true);
  expect(originAllowed('https://relay.example.org', 'relay.example.org:443')).toBe(true);
  expect(originAllowed('http://localhost:3000', 'localhost:8481')).toBe(false);
  expect(originAllowed('null', 'localhost:8481')).toBe(false);
  expect(originAllowed('file://', 'localhost:8481')).toBe(false);
  expect(originAllowed('', 'localhost:8481')).toBe(false);
});

test('S2 another page’s Origin or fetch is refused even with a live session, and no CORS header is ever sent', async () => {
  const headers = await loggedIn();
  const foreign: Headers[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: `http://127.0.0.1:${port + 1}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const lie of foreign) {
    for (const [method, path] of [
      ['POST', '/api/communities.list'],
      ['GET', '/api/events'],
      ['GET', '/session'],
      ['DELETE', '/session'],
    ] as const)
      expect((await ask(method, path, { ...headers, ...lie }, '{}')).status, `${JSON.stringify(lie)} ${path}`).toBe(
        403,
      );
    expect((await login(ticketOffice.issue('ines').ticket, lie)).status).toBe(403);
  }
  const preflight = await ask('OPTIONS', '/api/communities.list', {
    origin: 'http://evil.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  });
  expect(preflight.status).toBe(403);
  const own = await list({ ...headers, origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' });
  expect(own.status).toBe(200);
  expect(asked).toEqual(['communities.list']);
  for (const answer of [preflight, own, await ask('GET', '/'), await ask('GET', '/session')])
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('S2 a form cannot call: only JSON is taken, and no GET does anything', async () => {
  const headers = await loggedIn();
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data', '']) {
    expect((await list({ ...headers, 'content-type': type })).status, type).toBe(415);
    expect((await login(ticketOffice.issue('ines').ticket, { 'content-type': type })).status, type).toBe(415);
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
    expect((await ask(method, '/api/communities.list?x=1', headers)).status, method).toBe(405);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    expect((await ask(method, '/', headers, '{}')).status).toBe(405);
  expect(asked).toEqual([]);
});

test('the page may load nothing from elsewhere and run nothing but its own files', async () => {
  mkdirSync(join(folder, 'page/assets'), { recursive: true });
  writeFileSync(join(folder, 'page/index.html'), '<p>page</p>');
  writeFileSync(join(folder, 'page/assets/app.js'), 'run()');
  const page = await ask('GET', '/');
  expect(page).toMatchObject({ status: 200, text: '<p>page</p>' });
  expect(page.headers['content-type']).toContain('text/html');
  const script = await ask('GET', '/assets/app.js');
  expect(script).toMatchObject({ status: 200, text: 'run()' });
  expect(script.headers['content-type']).toContain('text/javascript');
  for (const answer of [page, script, await ask('GET', '/nothing'), await list(json), await ask('GET', '/healthz')]) {
    expect(answer.headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(answer.headers['x-powered-by']).toBeUndefined();
  }
});

test('the page’s files go packed to who reads gzip, are kept for good, and no other name is looked for', async () => {
  const source = `run(${'"again",'.repeat(500)})`;
  mkdirSync(join(folder, 'page/assets'), { recursive: true });
  writeFileSync(join(folder, 'page/assets/big-1a2b.js'), source);
  writeFileSync(join(folder, 'page/assets/font-1a2b.woff2'), 'font');
  const forGood = 'public, max-age=31536000, immutable';
  const get = (name: string, encoding: string, method = 'GET') =>
    ask(method, `/assets/${name}`, { 'accept-encoding': encoding });
  for (const time of ['read', 'kept']) {
    const packed = await get('big-1a2b.js', 'gzip, br');
    expect(packed.headers, time).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': forGood,
      vary: 'accept-encoding',
    });
    expect(Number(packed.headers['content-length'])).toBeLessThan(source.length / 10);
    const plain = await get('big-1a2b.js', 'gzip;q=0');
    expect([plain.status, plain.text, plain.headers['content-encoding']], time).toEqual([200, source, undefined]);
  }
  expect(await get('big-1a2b.js', 'gzip', 'HEAD')).toMatchObject({ status: 200, text: '' });
  expect(await get('font-1a2b.woff2', 'gzip')).toMatchObject({ status: 200, text: 'font' });
  expect((await get('late-3c4d.css', 'gzip')).status).toBe(404);
  writeFileSync(join(folder, 'page/assets/late-3c4d.css'), 'a{}');
  const late = await get('late-3c4d.css', 'identity');
  expect([late.text, late.headers['cache-control']]).toEqual(['a{}', forGood]);
});

test('a page that is not built is an honest page that says how to build it', async () => {
  const page = await ask('GET', '/');
  expect(page.status).toBe(503);
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.text).toContain('npm run build');
});

test('no address leads out of the page’s folder', async () => {
  mkdirSync(join(folder, 'page'), { recursive: true });
  writeFileSync(join(folder, 'page/index.html'), 'page');
  writeFileSync(join(folder, 'page/.env'), 'canary');
  writeFileSync(join(folder, 'secret.txt'), 'canary');
  mkdirSync(join(folder, 'page-other'));
  writeFileSync(join(folder, 'page-other/secret.txt'), 'canary');
  const up = ['..', '%2e%2e', '.%2e', '%252e%252e', '..;', '..%00'];
  const slash = ['/', '%2f', '\\', '%5c', '//'];
  const paths = up.flatMap((u) =>
    slash.flatMap((s) => ['', 'assets/'].map((a) => `/${a}${u}${s}${a && `${u}${s}`}secret.txt`)),
  );
  paths.push('/.env', '/%2eenv', '/../page-other/secret.txt', '/secret.txt%00.html', '/%', '/%c0%ae%c0%ae/secret.txt');
  expect(existsSync(join(folder, 'secret.txt'))).toBe(true);
  for (const path of paths) {
    const answer = await ask('GET', path);
    expect(answer.status, path).toBeGreaterThanOrEqual(400);
    expect(answer.status, path).toBeLessThan(500);
    expect(answer.text, path).not.toContain('canary');
  }
});

test('an absolute-form or fragmentary request line does not get around the Host check', async () => {
  const raw = (lines: string) =>
    new Promise<string>((done, fail) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(lines));
      text(socket).then(done, fail);
    });
  expect(
    await raw(`GET http://localhost:${port}/session HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
  ).toMatch(/^HTTP\/1.1 403/);
  expect(await raw('GET /session HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 403/);
  expect(await raw(`GET /session HTTP/1.1\r\nHost: localhost:${port}\r\nHost: evil.example\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 (400|403)/,
  );
});

test('alive, ready and the numbers are told without a session, and to GET only', async () => {
  expect(await ask('GET', '/healthz')).toMatchObject({ status: 200, body: { ok: true } });
  const ready = await ask('GET', '/readyz');
  // I4: an open circuit to Steeple does not make the relay unready to take pushes.
  expect(ready).toMatchObject({ status: 200 });
  expect(ready.body).toEqual({
    ready: true,
    journal: { writable: true, problem: null },
    upstream: { circuit: 'open', reason: 'Steeple refuses the token' },
    held: { count: 4, oldestSeconds: 60 },
    deliveries: { owed: 5, oldestSeconds: null },
    owesPlan: 6,
  });
  problem = 'the disk is full';
  expect(await ask('GET', '/readyz')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '30' },
    body: { ready: false, journal: { writable: false, problem: 'the disk is full' } },
  });
  broken = true;
  expect(await ask('GET', '/readyz')).toMatchObject({ status: 503, body: { ready: false } });
  expect((await ask('GET', '/healthz')).status).toBe(200);
  for (const path of ['/healthz', '/readyz', '/metrics'])
    expect((await ask('POST', path, json, '{}')).status).toBe(405);
});

test('the metrics are Prometheus text, and leave out what has no value yet', async () => {
  const scraped = await ask('GET', '/metrics');
  expect(scraped.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = scraped.text.trimEnd().split('\n');
  for (const line of lines)
    expect(line).toMatch(
      /^(# (HELP|TYPE) steeple_relay_[a-z_]+ \S.*|steeple_relay_[a-z_]+(\{[a-z]+="[^"]*"\})? -?[0-9.e-]+)$/,
    );
  const value = (name: string) =>
    lines
      .find((line) => line.startsWith(`steeple_relay_${name} `))
      ?.split(' ')
      .at(-1);
  expect(
    ['pushes_total', 'held_items', 'held_oldest_age_seconds', 'deliveries_dead', 'circuit_open'].map(value),
  ).toEqual(['37', '4', '60', '2', '1']);
  expect([value('start_time_seconds'), value('sync_enabled'), value('journal_writable')]).toEqual(['1000', '1', '1']);
  expect(value('deliveries_oldest_age_seconds')).toBeUndefined();
  // Of two that end the soonest counts; whose they are is nobody's business here.
  expect(value('expiry_timestamp_seconds{what="authority"}')).toBe('2000');
  expect([value('push_seconds_count'), value('push_seconds_bucket{le="5"}')]).toEqual(['1', '1']);
  expect(scraped.text).not.toContain('company');
});

test('tickets and sessions are bounded: the oldest gives way', () => {
  let count = 0;
  const chance = { now: () => 0, secret: () => String(++count) };
  const office = tickets(chance);
  const issued = Array.from({ length: 101 }, () => office.issue('ines').ticket);
  expect(office.redeem(issued[0]!)).toBeUndefined();
  expect(office.redeem(issued[1]!)).toBe('ines');
  const known = sessions(chance);
  const first = known.start('ines');
  const second = known.start('ines');
  for (let more = 0; more < 99; more++) known.start('ines');
  expect(known.find(first.id)).toBeUndefined();
  expect(first.ended.aborted).toBe(true);
  expect(known.find(second.id)).toBeDefined();
});
