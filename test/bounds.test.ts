import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { IncomingMessage, request, type Server, ServerResponse } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import express from 'express';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { bodyLimit } from '../daemon/http/body.ts';
import { listen, messagesOf } from '../daemon/http/server.ts';
import { authority } from './authority.ts';
import { type Door, openDoor } from './door.ts';

let folder: string;
let door: Door;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bounds-'));
  door = await openDoor(join(folder, 'relay.db'));
});
afterAll(async () => {
  await door.close();
  rmSync(folder, { recursive: true, force: true });
});

const directory = () =>
  JSON.stringify(['person', 'team', 'membership'].map((table) => door.db.prepare(`SELECT * FROM ${table}`).all()));

/** Speaks raw HTTP, and gives all that comes back until the server closes. */
function raw(bytes: string | Buffer, url = door.base): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    let told = '';
    socket.on('data', (chunk) => {
      told += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(told));
    socket.on('error', reject);
    socket.write(bytes);
  });
}

describe('Who may ask', () => {
  test('is known by the source’s token, behind Bearer in any case or alone, as Okta’s header mode sends it', async () => {
    for (const authorization of ['Bearer entra', 'bearer entra', 'BEARER   entra', 'entra', ' entra '])
      expect((await door.get('/Users?count=0', { authorization })).status, authorization).toBe(200);
  });

  // Together, since whoever guesses has to wait (http/guessing.ts).
  test.concurrent.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer nobody',
    'non-token',
    'Basic ZW50cmE6',
    'Bearer entra okta',
    `Bearer ${'x'.repeat(8000)}`,
  ])('is refused with a SCIM 401 that says what to do, whatever was asked: Authorization %s', async (authorization) => {
    const entries = door.log.counts().entries;
    const asked = [
      ['GET', '/Users', undefined],
      ['POST', '/Users', { userName: 'x' }],
      ['GET', '/Nothing', undefined],
      ['POST', '/Users', '{bad'],
    ] as const;
    const answers = asked.map(([method, path, body]) => door.ask(method, path, body, { authorization }));
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(answer.body).toMatchObject({
        schemas: [urn.error],
        status: '401',
        detail: expect.stringContaining('oken'),
      });
      expect(answer.text).not.toContain('nobody');
    }
    // Nobody without a token can fill the disk.
    expect(door.log.counts().entries).toBe(entries);
  });

  test('sees only its own: a token of another source opens another directory', async () => {
    const { id } = (await door.post('/Users', { userName: 'only-entra' })).body;
    expect((await door.get(`/Users/${id}`, { authorization: 'okta' })).status).toBe(404);
  });

  describe('is for an admin to say', () => {
    let own: Door;
    const by = { by: 'ann', now: Date.now() };
    beforeEach(async () => {
      own = await openDoor();
    });
    afterEach(() => own.close());

    test('and a new token is taken, and an old one no more, as soon as the change is answered', async () => {
      const statusOf = async (token: string) =>
        (await own.get('/Users?count=0', { authorization: `Bearer ${token}` })).status;
      const id = await own.known.add({ kind: 'scim', name: 'Third', token: 'first', ...by });
      expect(await statusOf('first')).toBe(200);
      await own.known.rotate({ id, token: 'second', overlapMs: 0, ...by });
      expect([await statusOf('first'), await statusOf('second')]).toEqual([401, 200]);
      await own.known.revoke({ id, ...by });
      expect([await statusOf('second'), await statusOf('entra')]).toEqual([401, 200]);
    });

    test.each([
      ['a push', 'revoked', '/Users', '{"userName":"late"}'],
      ['a push', 'replaced', '/Users', '{"userName":"late"}'],
      ['what cannot be read', 'revoked', '/Users', '{'],
      ['a question', 'revoked', '/.search', '{}'],
    ])(
      'also for who began to send %s before their token was %s: nothing is kept or told',
      async (_, end, path, body) => {
        const { hostname, port, pathname } = new URL(own.base);
        const headers = {
          authorization: 'Bearer okta',
          'content-type': 'application/scim+json',
          expect: '100-continue',
        };
        const options = { hostname, port, path: pathname + path, method: 'POST', headers, agent: false };
        const [status, said] = await new Promise<readonly [number, string]>((done, fail) => {
          const asking = request(options, async (response) => {
            response.setEncoding('utf8');
            done([response.statusCode ?? 0, (await response.toArray()).join('')]);
          });
          asking.on('error', fail);
          // Let in, and only then asked for the body.
          asking.on('continue', async () => {
            if (end === 'revoked') await own.known.revoke({ id: 'okta', ...by });
            else await own.known.rotate({ id: 'okta', token: 'next', overlapMs: 0, ...by });
            asking.end(body);
          });
          asking.flushHeaders();
        });
        expect([status, JSON.parse(said).detail]).toEqual([401, expect.stringContaining('revoked')]);
        expect(own.log.tail(100).filter(({ kind }) => kind !== 'decision')).toEqual([]);
      },
    );
  });
});

describe('A body that cannot be read', () => {
  const bomb = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  test.each<[string, string | Buffer, number, string, Record<string, string>?]>([
    ['no JSON', '{"userName": ', 400, 'invalidSyntax'],
    ['nothing', '', 400, 'invalidSyntax'],
    ['a byte-order mark and no JSON', '\ufeff{', 400, 'invalidSyntax'],
    ['a list', '[{"userName":"x"}]', 400, 'invalidSyntax'],
    ['a string', '"userName"', 400, 'invalidSyntax'],
    ['null', 'null', 400, 'invalidSyntax'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalidSyntax'],
    ['a megabyte of brackets', bomb('[', ']', 500_000), 400, 'invalidSyntax'],
    ['deep objects', `{"a":${bomb('{"a":', '}', 1000).replace('{"a":}', '1')}}`, 400, 'invalidSyntax'],
    ['another media type', '{"userName":"x"}', 415, '', { 'content-type': 'text/plain' }],
    ['a form', 'userName=x', 415, '', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['no media type', '{"userName":"x"}', 415, '', { 'content-type': '' }],
    ['another charset', '{"userName":"x"}', 415, '', { 'content-type': 'application/json; charset=utf-16' }],
    ['in Brotli', brotliCompressSync('{"userName":"x"}'), 415, '', { 'content-encoding': 'br' }],
    ['packed twice', gzipSync(gzipSync('{"userName":"x"}')), 415, '', { 'content-encoding': 'gzip, gzip' }],
    ['not the gzip it says', '{"userName":"x"}', 400, 'invalidSyntax', { 'content-encoding': 'gzip' }],
    [
      'half of a gzip',
      gzipSync('{"userName":"x"}').subarray(0, 20),
      400,
      'invalidSyntax',
      { 'content-encoding': 'gzip' },
    ],
    ['gzip of brackets', gzipSync(bomb('[', ']', 500_000)), 400, 'invalidSyntax', { 'content-encoding': 'gzip' }],
    ['ten megabytes', `{"userName":"x","title":"${'x'.repeat(10_000_000)}"}`, 413, ''],
  ])(
    'I2 I5 I10 is refused by name, journaled with its size and its hash as sent, and changes nothing: %s',
    async (_, body, status, scimType, headers) => {
      const before = directory();
      for (const [method, path] of [
        ['POST', '/Users'],
        ['PUT', '/Groups/7'],
        ['PATCH', '/Users/7'],
      ] as const) {
        const answer = await door.ask(method, path, body, headers);
        expect(answer.status).toBe(status);
        expect(answer.body).toMatchObject({
          schemas: [urn.error],
          status: String(status),
          ...(scimType && { scimType }),
        });
        expect(answer.body.detail.length).toBeGreaterThan(10);
        const entry = door.log.tail(1)[0];
        expect(entry).toMatchObject({
          kind: 'refusal',
          source: 'entra',
          body: { method, status, detail: answer.body.detail },
        });
        const { bytes, sha256 } = entry!.body as { bytes: number; sha256?: string };
        expect(bytes).toBe(Buffer.byteLength(body));
        // What is too long is not kept until its end.
        expect(sha256).toBe(status === 413 ? undefined : createHash('sha256').update(body).digest('hex'));
        expect(JSON.stringify(entry).length).toBeLessThan(1000);
      }
      expect(directory()).toBe(before);
    },
  );

  test('is not what makes a body of the largest size, or of another JSON type, readable', async () => {
    const userName = 'large@x.test';
    const frame = JSON.stringify({ userName, title: '' }).length;
    const answer = await door.ask(
      'POST',
      '/Users',
      JSON.stringify({ userName, title: 'x'.repeat(bodyLimit - frame) }),
      {
        'content-type': 'Application/JSON; Charset="UTF-8"',
      },
    );
    expect([answer.status, answer.body.title?.length]).toEqual([201, bodyLimit - frame]);
    expect((await door.delete(`/Users/${answer.body.id}`)).status).toBe(204);
  });

  test('I10 is one that is nested deeper than 64 levels, whether or not anybody would look in there', async () => {
    const nested = (levels: number) => `{"more":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)},"count":0}`;
    expect((await door.ask('POST', '/.search', nested(64))).status).toBe(200);
    const refused = await door.ask('POST', '/.search', nested(65));
    expect([refused.status, refused.body.detail]).toEqual([400, expect.stringContaining('64')]);
  });

  test.each([
    'application/scim+json',
    'application/json',
    'APPLICATION/SCIM+JSON;CHARSET=UTF-8',
    'application/scim+json ; charset="utf-8"',
    'application/json;charset=utf8',
    'application/json; charset=us-ascii',
    'application/scim+json; profile="x"; charset=UTF-8',
  ])('is not one of another way to write its type: %s', async (type) => {
    expect((await door.ask('POST', '/.search', '{"count":0}', { 'content-type': type })).status).toBe(200);
  });

  test('I10 is let go after eight times the limit, the connection with it', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const { hostname, port } = new URL(door.base);
    let sent = 0;
    const status = await new Promise<number | string>((resolve) => {
      const sending = request({
        hostname,
        port,
        method: 'POST',
        path: '/scim/v2/Users',
        headers: { authorization: 'entra', 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      });
      sending.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        sending.destroy();
      });
      sending.on('error', (cause) => resolve(String(cause)));
      const more = () => {
        do sent += chunk.length;
        while (!sending.destroyed && sending.write(chunk));
        if (!sending.destroyed) sending.once('drain', more);
      };
      more();
    });
    expect([413, 'Error: read ECONNRESET', 'Error: write EPIPE', 'Error: write ECONNRESET']).toContain(status);
    expect(sent).toBeGreaterThan(8 * bodyLimit);
    expect(sent).toBeLessThan(16 * bodyLimit); // with what lies in the sockets
    expect((await door.get('/Users?count=0')).status).toBe(200);
  });
});

describe('What a refusal says', () => {
  test('I5 names the operation and the path, or the attribute', async () => {
    const { id } = (await door.post('/Users', { userName: 'named@x.test' })).body;
    const cases: [unknown, string, RegExp][] = [
      [[{ op: 'move', path: 'title' }], 'invalidSyntax', /Operations\[0\].*"move"/],
      [
        [
          { op: 'add', path: 'title', value: 'x' },
          { op: 'replace', path: 'nothing', value: 1 },
        ],
        'invalidPath',
        /Operations\[1\] "replace" at "nothing"/,
      ],
      [[{ op: 'replace', path: 'active', value: 'perhaps' }], 'invalidValue', /Operations\[0\].*"active"/],
      [[{ op: 'remove' }], 'noTarget', /Operations\[0\] "remove"/],
      [[{ op: 'remove', path: 'userName' }], 'mutability', /userName/],
      [[], 'invalidSyntax', /Operations/],
      ['x', 'invalidSyntax', /Operations/],
    ];
    for (const [operations, scimType, detail] of cases) {
      const answer = await door.patch(`/Users/${id}`, operations);
      expect([answer.status, answer.body.scimType]).toEqual([400, scimType]);
      expect(answer.body.detail).toMatch(detail);
      expect(door.log.tail(1)[0]?.body).toMatchObject({
        method: 'PATCH',
        kind: 'User',
        id,
        status: 400,
        scimType,
        detail: answer.body.detail,
      });
    }
    expect((await door.get(`/Users/${id}`)).headers.get('etag')).toBe('W/"1"');
    for (const body of [{}, { userName: '' }, { userName: 7 }, { userName: 'x', emails: 7 }]) {
      const answer = await door.post('/Users', body);
      expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
    }
  });

  test('S1 I7 holds no token and no password, nor does any byte that is written', async () => {
    const password = 'canary-password-7d1f';
    const token = 'canary-token-93ab';
    await door.known.add({ kind: 'scim', name: 'canary', token, by: 'the test', now: 1 });
    const headers = { authorization: `Bearer ${token}` };
    const told: string[] = [];
    const ask = async (method: string, path: string, body: unknown) => {
      const answer = await door.ask(method, path, body, headers);
      told.push(answer.text, JSON.stringify([...answer.headers]));
      return answer.body;
    };
    const { id } = await ask('POST', '/Users', {
      userName: 'canary',
      password,
      [urn.enterprise]: { department: 'x', password },
    });
    await ask('PUT', `/Users/${id}`, { userName: 'canary', PASSWORD: password });
    await ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'password', value: password }] });
    await ask('PATCH', `/Users/${id}`, {
      Operations: [{ op: 'Replace', value: { 'urn:ietf:params:scim:schemas:core:2.0:User:password': password } }],
    });
    await ask('POST', '/Users', { userName: 'canary', password });
    await ask('POST', '/Users', { userName: 7, password });
    await ask('POST', '/Users', `{"userName":"x","password":"${password}"`);
    await ask('GET', `/Users?filter=${encodeURIComponent('password eq "x"')}`, undefined);
    expect((await door.ask('GET', `/Users/${id}?attributes=password`, undefined, headers)).body).toEqual({
      schemas: [urn.user],
      id,
    });
    door.db.pragma('wal_checkpoint(PASSIVE)');
    for (const file of readdirSync(folder)) told.push(readFileSync(join(folder, file), 'latin1'));
    told.push(...door.reports);
    for (const text of told) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(token);
    }
  });

  test('I10 is never a 5xx, whatever JSON a source makes up, in a body or in a filter', async () => {
    const names = fc.constantFrom(
      'userName',
      'emails',
      'name',
      'active',
      'members',
      'Operations',
      'op',
      'path',
      'value',
      '__proto__',
      'constructor',
      'schemas',
      urn.enterprise,
      'toString',
      '\u0000',
      'a.b',
    );
    const json = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(
          'add',
          'replace',
          'members[value eq "x"]',
          'emails[',
          '',
          ' ',
          '\ud800',
          'True',
          null,
          true,
          -0,
          1e308,
          7,
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    const { id } = (await door.post('/Users', { userName: 'hostile@x.test' })).body;
    const group = (await door.post('/Groups', { displayName: 'hostile' })).body.id;
    const clean = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
    const law = fc.asyncProperty(
      fc.constantFrom(
        ['POST', '/Users'],
        ['POST', '/Groups'],
        ['PUT', `/Users/${id}`],
        ['PATCH', `/Users/${id}`],
        ['PATCH', `/Groups/${group}`],
        ['POST', '/.search'],
      ),
      json,
      fc.boolean(),
      async ([method, path], value, asOperations) => {
        const { status, body } = await door.ask(
          method!,
          path!,
          JSON.stringify(asOperations ? { Operations: [value] } : value),
        );
        expect(status).toBeLessThan(500);
        if (status >= 400) expect(body).toMatchObject({ schemas: [urn.error], status: String(status) });
        const filter = await door.get(`/Users?filter=${encodeURIComponent(JSON.stringify(value))}`);
        expect(filter.status).toBeLessThan(500);
      },
    );
    await fc.assert(law, { numRuns: 150 });
    expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(clean);
    expect(door.reports).toEqual([]);
  });
});

describe('The listener', () => {
  test('I10 answers what is not HTTP, headers too large and a bad address with SCIM errors', async () => {
    const cases: [string, number][] = [
      ['nonsense\r\n\r\n', 400],
      [`GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['GET /scim/v2/Users/%zz HTTP/1.1\r\nHost: x\r\nAuthorization: entra\r\nConnection: close\r\n\r\n', 400],
    ];
    for (const [bytes, status] of cases) {
      const [head = '', body = ''] = (await raw(bytes)).split('\r\n\r\n');
      expect(head).toContain(`HTTP/1.1 ${status}`);
      expect(JSON.parse(body)).toMatchObject({
        schemas: [urn.error],
        status: String(status),
        detail: expect.any(String),
      });
    }
  });

  test('I5 does not wait for a body that nothing announces, and keeps the connection of who is refused', async () => {
    const head = (method: string, path: string, more = '') =>
      `${method} /scim/v2${path} HTTP/1.1\r\nHost: x\r\nAuthorization: entra\r\n${more}\r\n`;
    const answered = await raw(
      head('POST', '/Users', 'Content-Type: application/json\r\n') +
        head('DELETE', '/Users') +
        head('GET', '/Users/nobody') +
        head('GET', '/Schemas?filter=x') +
        head('GET', '/ServiceProviderConfig', 'Connection: close\r\n'),
    );
    expect(answered.match(/HTTP\/1\.1 \d+/g)).toEqual([400, 405, 404, 403, 200].map((status) => `HTTP/1.1 ${status}`));
    expect(answered).toContain('The body is empty');
  });

  test('finds what a whole address names, as proxies send it (RFC 9112 §3.2.2), and nothing beside its paths', async () => {
    const asked = async (target: string, method = 'GET') =>
      /^HTTP\/1\.1 (\d+)/.exec(
        await raw(`${method} ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: entra\r\nConnection: close\r\n\r\n`),
      )?.[1];
    expect(await asked('http://x/scim/v2/Users?count=0')).toBe('200');
    expect(await asked('http://x/scim/v2/Schemas/nothing')).toBe('404');
    for (const path of ['/scim/v2/', '/scim/v2/Users//', '/scim/v2/Users/a/b', '/scim/v3/Users', '/', '*'])
      expect(await asked(path), path).toBe('404');
    expect(await asked('/scim/v2/Users/a', 'POST')).toBe('405');
    expect(await asked('/scim/v2/Users/a/b', 'POST')).toBe('404');
  });

  test('makes requests and responses as Express has them, so that none changes its prototype as it comes in', async () => {
    const app = express();
    app.get('/:what', (request, response) => {
      const made = [request instanceof IncomingMessage, response instanceof ServerResponse];
      response.json([...made, Object.getPrototypeOf(request) === app.request, request.path, request.get('accept')]);
    });
    const [request, response] = [app.request, app.response];
    const { IncomingMessage: Incoming, ServerResponse: Outgoing } = messagesOf(app);
    expect(Incoming?.prototype).toBe(app.request);
    expect(Outgoing?.prototype).toBe(app.response);
    expect(Object.getPrototypeOf(app.request)).toBe(request);
    expect(Object.getPrototypeOf(app.response)).toBe(response);
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const asked = await fetch(`${server.url}/it`, { headers: { accept: 'text/x' } });
    expect(await asked.json()).toEqual([true, true, true, '/it', 'text/x']);
    await server.close();
    expect(messagesOf(() => {})).toEqual({});
  });

  test('lets running requests finish before it ends, and takes no new ones meanwhile', async () => {
    let arrived = (_: () => void) => {};
    const come = new Promise<() => void>((resolve) => {
      arrived = resolve;
    });
    const server = await listen((_, response) => arrived(() => response.end('finished')), {
      host: '127.0.0.1',
      port: 0,
    });
    const running = fetch(server.url).then((response) => response.text());
    const release = await come;
    const closed = server.close();
    await expect(fetch(server.url)).rejects.toThrow();
    release();
    expect(await running).toBe('finished');
    await closed;
  });

  test('cuts what does not finish in time', async () => {
    let arrived = () => {};
    const come = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = await listen(() => arrived(), { host: '127.0.0.1', port: 0, graceMs: 30 });
    const running = expect(fetch(server.url)).rejects.toThrow();
    await come;
    await server.close();
    await running;
  });

  test('I10 gives a whole request a time to arrive, its body included, and answers what takes longer with a SCIM 408', async () => {
    const server = await listen(() => {}, {
      host: '127.0.0.1',
      port: 0,
      graceMs: 100,
      limits: { headersTimeout: 0, requestTimeout: 100, connectionsCheckingInterval: 20 }, // 0: none, so it is not that one
    });
    try {
      const told = await raw('POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf', server.url);
      const [head = '', body = ''] = told.split('\r\n\r\n');
      expect(head).toContain('HTTP/1.1 408 Request Timeout');
      expect(JSON.parse(body)).toEqual({
        schemas: [urn.error],
        status: '408',
        detail: 'The request did not arrive in time',
      });
    } finally {
      await server.close();
    }
  });

  test('I10 gives 60 seconds to a request and 10 to its headers where nothing else is said, over TLS too', async () => {
    const told = (incoming: IncomingMessage): string => {
      const { headersTimeout, requestTimeout } = (incoming.socket as unknown as { server: Server }).server;
      return JSON.stringify({ headersTimeout, requestTimeout });
    };
    const root = await authority();
    const pems = await root.issue('localhost', { also: '127.0.0.1' });
    for (const tls of [undefined, { now: () => pems, renewed: () => {} }]) {
      const at = { host: '127.0.0.1', port: 0, tls, graceMs: 100 };
      const server = await listen((incoming, response) => response.end(told(incoming)), at);
      const ask = tls === undefined ? request : secureRequest;
      const answer = await new Promise<string>((resolve, reject) => {
        const asked = ask(server.url, { agent: false, ca: root.cert }, (response) => {
          response.setEncoding('utf8').once('data', resolve);
        });
        asked.on('error', reject).end();
      });
      expect(JSON.parse(answer), server.url).toEqual({ headersTimeout: 10_000, requestTimeout: 60_000 });
      await server.close();
    }
  });

  test('says whose the port is not when it cannot have it', async () => {
    const port = Number(new URL(door.base).port);
    await expect(listen(() => {}, { host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE');
  });
});
