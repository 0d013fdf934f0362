/**
 * The promises of SECURITY.md, each tried by whoever it is made against: on a relay of its own process, over TLS, with raw
 * sockets where a well-behaved client would not do. One relay for all; each attack ends with the relay still answering.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../daemon/http/server.ts';
import { type Authority, authority } from './authority.ts';
import { command, type Process, startRelay, until } from './processes.ts';

let folder: string;
let relay: Process;
let ours: Authority;
let token: string;
let other: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attack-'));
  ours = await authority();
  const shown = await ours.issue('relay');
  writeFileSync(join(folder, 'cert'), shown.cert);
  writeFileSync(join(folder, 'key'), shown.key);
  const tls = ['--tls-cert', join(folder, 'cert'), '--tls-key', join(folder, 'key')];
  relay = await startRelay(join(folder, 'data'), ...tls);
  token = (await relay.ask('source.add', { kind: 'entra', name: 'One', by: 'test' })).secretToken;
  other = (await relay.ask('source.add', { kind: 'okta', name: 'Two', by: 'test' })).secretToken;
});
afterAll(async () => {
  await relay.end('SIGTERM');
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  expect(Number((await raw(get('/Users', token))).split(' ')[1])).toBe(200);
});

const user = (userName: string, more: object = {}) =>
  JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, ...more });
const get = (path: string, bearer: string) =>
  `GET /scim/v2${path} HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer ${bearer}\r\nConnection: close\r\n\r\n`;
const post = (body: string | Buffer, headers = '') =>
  Buffer.concat([
    Buffer.from(
      `POST /scim/v2/Users HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n` +
        `Content-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n`,
    ),
    Buffer.from(body),
  ]);

/** Bytes to the SCIM door, or the console's; everything that came back until the connection ended. */
function raw(
  bytes: string | Buffer,
  at = relay.scim,
  options: { minVersion?: SecureVersion; maxVersion?: SecureVersion } = {},
) {
  const { hostname: host, port } = new URL(at);
  return new Promise<string>((done) => {
    let said = '';
    const socket = connect({ host, port: Number(port), ca: ours.cert, ...options }, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      said += chunk.toString();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      said += `[${error.code}]`;
    });
    socket.on('close', () => done(said));
    socket.setTimeout(20_000, () => socket.destroy(new Error('still open')));
  });
}
const statusOf = (said: string): number => Number(said.split(' ')[1]);
const people = async (source = token) =>
  (JSON.parse((await raw(get('/Users', source))).split('\r\n\r\n')[1]!) as { totalResults: number }).totalResults;

describe('somebody on the network', () => {
  test('S3 gets no plain HTTP, and no old TLS', async () => {
    const { hostname: host, port } = new URL(relay.scim);
    const plain = await new Promise<string>((done) => {
      let said = '';
      const socket = connectTcp(Number(port), host, () => socket.write(get('/Users', token)));
      socket.on('data', (chunk) => {
        said += chunk.toString();
      });
      socket.on('error', () => {});
      socket.on('close', () => done(said));
    });
    expect(plain).not.toMatch(/^HTTP\/1\.1 200/);
    const old = await raw(get('/Users', token), relay.scim, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    expect(old).not.toContain('HTTP/1.1');
    expect(await raw(get('/Users', token), relay.scim, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })).toMatch(
      / 200 /,
    );
  });
  test('I7 without a source’s token learns nothing, and not from the error which tokens are near', async () => {
    const answers = await Promise.all(
      ['', 'x', token.slice(0, -1), `${token}x`, token.toUpperCase()].map((guess) => raw(get('/Users', guess))),
    );
    for (const said of answers) expect(statusOf(said)).toBe(401);
    const bodies = new Set(answers.slice(1).map((said) => said.split('\r\n\r\n')[1]));
    expect(bodies.size).toBe(1);
  });
  test('I7 a token in the address or in a body is none', async () => {
    for (const query of [`?access_token=${token}`, `?token=${token}`])
      expect(statusOf(await raw(`GET /scim/v2/Users${query} HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n`))).toBe(
        401,
      );
  });
  test('I10 who sends headers drop by drop, or nothing at all, is let go, and holds nobody up', async () => {
    // The same listener with shorter patience; the limits themselves are config of http/server.ts.
    const app = await listen((_request, response) => response.end('ok'), { host: '127.0.0.1', port: 0, graceMs: 100 });
    const { port } = new URL(app.url);
    const slow = connectTcp(Number(port), '127.0.0.1', () => slow.write('GET / HTTP/1.1\r\nHost: r\r\n'));
    const silent = connectTcp(Number(port), '127.0.0.1').on('error', () => {});
    const left = new Promise<void>((done) => silent.resume().on('close', () => done()));
    const said = await new Promise<string>((done) => {
      let heard = '';
      const drip = setInterval(() => slow.write('X-Drop: 1\r\n'), 500);
      slow.on('data', (chunk) => {
        heard += chunk.toString();
      });
      slow.on('error', () => {});
      slow.on('close', () => {
        clearInterval(drip);
        done(heard);
      });
    });
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
    await left;
    await app.close();
  });
  test('I10 cannot hold more connections than there may be; who is turned away comes in when one has left', async () => {
    const app = await listen((_request, response) => response.end('ok'), {
      ...{ host: '127.0.0.1', port: 0, graceMs: 100, connections: 2 },
    });
    const { port } = new URL(app.url);
    const connected = () =>
      new Promise<Socket>((done) => {
        const socket = connectTcp(Number(port), '127.0.0.1', () => done(socket));
        socket.on('error', () => {});
      });
    /** Whether it is answered; one too many is closed without a word. */
    const served = (socket: Socket) =>
      new Promise<boolean>((done) => {
        socket.once('data', () => done(true));
        socket.once('close', () => done(false));
        socket.write('GET / HTTP/1.1\r\nHost: r\r\n\r\n');
      });
    const [first, second] = [await connected(), await connected()];
    expect([await served(first), await served(second)]).toEqual([true, true]);
    expect(await served(await connected())).toBe(false);
    expect(await served(second)).toBe(true);
    first.destroy();
    await until(async () => served(await connected()), 'a place');
    second.destroy();
    await app.close();
  });
  test('cannot smuggle a second request behind a body of two lengths', async () => {
    const before = await people();
    const inner = user('smuggled@x.test');
    const smuggled = `POST /scim/v2/Users HTTP/1.1\r\nHost: r\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
    for (const headers of [
      `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`,
      `Content-Length: 4\r\nContent-Length: 400\r\n`,
      `Transfer-Encoding: chunked, identity\r\n`,
      `Transfer-Encoding : chunked\r\n`,
    ]) {
      const said = await raw(
        `POST /scim/v2/Users HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer ${token}\r\n${headers}\r\n0\r\n\r\n${smuggled}`,
      );
      expect(said, headers).not.toMatch(/ 201 /);
    }
    expect(await people()).toBe(before);
  });
});

describe('a provider that has been taken over', () => {
  test('sees and changes its own source only', async () => {
    const made = await raw(post(user('ada@x.test', { externalId: '1' })));
    expect(statusOf(made)).toBe(201);
    const { id } = JSON.parse(made.split('\r\n\r\n')[1]!) as { id: string };
    expect(statusOf(await raw(get(`/Users/${id}`, other)))).toBe(404);
    const gone = `DELETE /scim/v2/Users/${id} HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer ${other}\r\nConnection: close\r\n\r\n`;
    expect(statusOf(await raw(gone))).toBe(404);
    expect(statusOf(await raw(get(`/Users/${id}`, token)))).toBe(200);
  });
  test('stops at once when an admin revokes its source, in the middle of a body too', async () => {
    const { id, secretToken } = await relay.ask('source.add', { kind: 'okta', name: 'Third', by: 'test' });
    const body = user('late@x.test');
    const { hostname: host, port } = new URL(relay.scim);
    const said = await new Promise<string>((done) => {
      let told = '';
      const socket = connect({ host, port: Number(port), ca: ours.cert }, () =>
        socket.write(
          `POST /scim/v2/Users HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer ${secretToken}\r\nConnection: close\r\n` +
            `Content-Type: application/scim+json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
        ),
      );
      socket.on('data', async (chunk) => {
        told += chunk.toString();
        if (told !== 'HTTP/1.1 100 Continue\r\n\r\n') return; // it was let in
        await relay.ask('source.revoke', { id, by: 'test' });
        socket.write(body);
      });
      socket.on('close', () => done(told));
    });
    expect(said).toMatch(/^HTTP\/1\.1 100 .*\r\n\r\nHTTP\/1\.1 401 /);
    expect((await command(relay.data, ['journal', 'tail'])).out).not.toContain('late@x.test');
  });
  test.each([
    ['deep nesting', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    [
      'a prototype',
      '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"p@x.test","__proto__":{"polluted":1}}',
    ],
    ['a number too large for anything', `{"userName":${'9'.repeat(100_000)}}`],
    ['no text', Buffer.from([0xff, 0xfe, 0x00, 0x7b])],
  ])('I10 cannot bring it down with %s', async (_what, body) => {
    const said = await raw(post(body));
    expect(statusOf(said)).toBeGreaterThanOrEqual(200);
    expect(statusOf(said)).toBeLessThan(500);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  test('I10 nor with a gzip bomb: what it would unpack to is counted while it unpacks', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20), { level: 9 });
    expect(bomb.length).toBeLessThan(300_000);
    expect(statusOf(await raw(post(bomb, 'Content-Encoding: gzip\r\n')))).toBe(413);
  });
  test('S1 cannot write lines of its own into the log or the journal', async () => {
    const evil = 'eve@x.test\r\n{"level":"info","event":"forged"}\u001b[2J';
    await raw(post(user(evil)));
    for (const line of relay.said.err.trim().split('\n')) expect(JSON.parse(line).event).not.toBe('forged');
    const shown = await command(relay.data, ['journal', 'tail']);
    expect(shown.out).not.toContain('\u001b[2J');
  });
  test('G1 cannot make the relay write to Steeple while sync is off, whatever it pushes', async () => {
    const asked: string[] = [];
    const steeple = createServer((request, response) => {
      asked.push(`${request.method}`);
      response.writeHead(200, { 'content-type': 'application/scim+json' });
      response.end(
        '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}',
      );
    });
    await new Promise<void>((done) => steeple.listen(0, '127.0.0.1', done));
    const { port } = steeple.address() as AddressInfo;
    await relay.ask('upstream.set', { url: `http://127.0.0.1:${port}/scim`, token: 'upstream-token', by: 'test' });
    for (const name of ['a', 'b', 'c']) await raw(post(user(`${name}@flood.test`)));
    await relay.ask('plan.make', {});
    expect(new Set(asked)).toEqual(new Set(['GET']));
    steeple.closeAllConnections();
    await new Promise((done) => steeple.close(done));
  });
});

describe('another web page in the admin’s browser', () => {
  const call = (headers: string, body = '{}') =>
    raw(
      `POST /api/status HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`,
      relay.console,
    );
  const session = async () => {
    const { url } = await relay.ask('console.ticket', {});
    const body = JSON.stringify({ ticket: decodeURIComponent(url.split('#ticket=')[1]!) });
    const { host } = new URL(relay.console);
    const said = await raw(
      `POST /session HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      relay.console,
    );
    return { host, cookie: /^set-cookie: ([^;\r]+)(.*)$/im.exec(said)! };
  };
  test('S2 reaches nothing by a name it made point here, not even with a session', async () => {
    const { host, cookie } = await session();
    expect(cookie[2]).toMatch(/HttpOnly/i);
    expect(cookie[2]).toMatch(/SameSite=Strict/i);
    expect(cookie[2]).toMatch(/Secure/i);
    expect(statusOf(await call(`Host: ${host}\r\nCookie: ${cookie[1]}\r\n`))).toBe(200);
    for (const name of ['evil.example', `evil.example:${new URL(relay.console).port}`, '127.0.0.1.evil.example'])
      expect(statusOf(await call(`Host: ${name}\r\nCookie: ${cookie[1]}\r\n`))).toBe(403);
  });
  test('S2 cannot ride on a session: its Origin gives it away, and no answer may be read from elsewhere', async () => {
    const { host, cookie } = await session();
    for (const headers of ['Origin: https://evil.example', 'Origin: null', 'Sec-Fetch-Site: cross-site'])
      expect(statusOf(await call(`Host: ${host}\r\nCookie: ${cookie[1]}\r\n${headers}\r\n`))).toBe(403);
    expect(await call(`Host: ${host}\r\nCookie: ${cookie[1]}\r\n`)).not.toMatch(/access-control-allow/i);
  });
  test('S2 cannot frame the console, nor run anything in it', async () => {
    const { host } = new URL(relay.console);
    const said = await raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, relay.console);
    const policy = /^content-security-policy: (.*)$/im.exec(said)?.[1] ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(policy).toContain(rule);
    expect(policy).not.toContain('unsafe');
  });
});

describe('another user of the machine', () => {
  test('S1 can read neither the data folder, nor its files, nor the command line of the relay', () => {
    expect(statSync(relay.data).mode & 0o077).toBe(0);
    expect(statSync(join(relay.data, 'admin.sock')).mode & 0o077).toBe(0);
    const line = readFileSync(`/proc/${relay.child.pid}/cmdline`, 'utf8');
    for (const secret of [token, other, 'upstream-token']) expect(line).not.toContain(secret);
  });
});
