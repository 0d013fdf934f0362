/** What clients, proxies and strangers write to the socket, byte by byte: where no HTTP library would go. */
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { cursors } from '../daemon/cursor.ts';
import { scimApp } from '../daemon/http/scim.ts';
import { listen } from '../daemon/http/server.ts';
import { provider } from '../daemon/provider.ts';
import { tokenHash } from '../daemon/store/sources.ts';
import { type Door, openDoor } from './door.ts';

let door: Door;
let host: string;
let id: string;
let count = 0;
beforeAll(async () => {
  door = await openDoor();
  ({ host } = new URL(door.base));
  id = (await door.post('/Users', { userName: 'ada@x.test', title: 'x'.repeat(2000) })).body.id;
});
afterAll(() => door.close());

type Told = Readonly<{ status: number; headers: Headers; body: string }>;

/** Writes each piece as it stands, and gives what is answered until the server closes, answer by answer. */
function raw(pieces: string | readonly (string | Buffer)[], url = door.base, end = false): Promise<Told[]> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname.replace(/[[\]]/g, ''), port: Number(port) });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(answersIn(Buffer.concat(chunks))));
    socket.on('error', reject);
    for (const piece of [pieces].flat()) socket.write(piece);
    if (end) socket.end();
  });
}

function answersIn(bytes: Buffer): Told[] {
  const told: Told[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n\r\n', at);
    const [line = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n');
    const headers = new Headers(lines.map((one) => one.split(/: ?(.*)/s, 2) as [string, string]));
    const length = Number(headers.get('content-length') ?? 0);
    told.push({ status: Number(line.split(' ')[1]), headers, body: bytes.toString('utf8', end + 4, end + 4 + length) });
    at = end + 4 + length;
  }
  return told;
}

const last = 'Connection: close\r\n';
const head = (line: string, more = '') => `${line} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: entra\r\n${more}\r\n`;
const body = (line: string, sent: unknown, more = '') => {
  const bytes = Buffer.isBuffer(sent) ? sent : Buffer.from(JSON.stringify(sent));
  const about = `Content-Type: application/scim+json\r\nContent-Length: ${bytes.length}\r\n${more}`;
  return Buffer.concat([Buffer.from(head(line, about)), bytes]);
};
const scimError = (told: Told | undefined) => {
  const said = JSON.parse(told?.body ?? '');
  expect(said).toMatchObject({ schemas: [urn.error], status: String(told?.status), detail: expect.any(String) });
  expect(told?.headers.get('content-type')).toMatch(/^application\/scim\+json/);
  return said as { detail: string };
};

describe('I5 what Node would answer by itself is a SCIM error that says what to do', () => {
  test.each<[string, string, number, RegExp]>([
    ['a method nobody knows', head('FIND /scim/v2/Users'), 501, /method/],
    [
      'a method nobody knows, after others',
      head('GET /scim/v2/Users?count=0') + head('FIND /scim/v2/Users'),
      501,
      /method/,
    ],
    ['a tunnel', head('CONNECT steeple.com:443'), 501, /proxy/],
    ['an expectation nobody meets', head('GET /scim/v2/Users', 'Expect: 200-ok\r\n'), 417, /100-continue/],
    ['a space in the address', head('GET /scim/v2/Users?filter=userName eq "x"'), 400, /percent-encoded/],
    [
      'letters that are not ASCII in the address',
      head('GET /scim/v2/Users?filter=title%20eq%20"é"'),
      400,
      /percent-enc/,
    ],
    ['an address without end', head(`GET /scim/v2/Users?filter=${'x'.repeat(17_000)}`), 431, /POST to \/\.search/],
    ['a header that is none', head('GET /scim/v2/Users', 'So and so: x\r\n'), 400, /header/],
    ['a length that is none', head('POST /scim/v2/Users', 'Content-Length: -5\r\n'), 400, /Content-Length/],
    ['two lengths', head('POST /scim/v2/Users', 'Content-Length: 5\r\nContent-Length: 6\r\n'), 400, /Content-Length/],
    [
      'a length and chunks, as in smuggling',
      head('POST /scim/v2/Users', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
      400,
      /Content-Length/,
    ],
    [
      'chunks that are none',
      `${head('POST /scim/v2/Users', 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n')}zz\r\n`,
      400,
      /chunks/,
    ],
    ['nothing of HTTP', 'hello\r\n\r\n', 400, /HTTP/],
  ])('%s', async (_, bytes, status, detail) => {
    const told = await raw(bytes);
    const refused = told.pop();
    expect([...told.map((one) => one.status), refused?.status]).toEqual([...told.map(() => 200), status]);
    expect(scimError(refused).detail).toMatch(detail);
    expect(refused?.headers.get('connection')).toBe('close');
  });

  test('a request that ends in the middle', async () => {
    const half = body('POST /scim/v2/Users', { userName: 'half@x.test' }).subarray(0, -3);
    const told = await raw([half], door.base, true);
    expect(told.map(({ status }) => status)).toEqual([400]);
    expect(scimError(told[0]).detail).toContain('whole');
    expect((await door.get('/Users?filter=userName%20eq%20"half@x.test"')).body.totalResults).toBe(0);
  });
});

const hasV6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

describe('The host of a request (RFC 9112 §3.2)', () => {
  const request = (hosts: string, target = `/scim/v2/Users/${id}`) =>
    `GET ${target} HTTP/1.1\r\n${hosts}Authorization: entra\r\n${last}\r\n`;

  test.each([
    ['none', ''],
    ['two', 'Host: a.test\r\nHost: b.test\r\n'],
    ['one with a path', 'Host: a.test/evil\r\n'],
    ['one with a user', 'Host: ada@a.test\r\n'],
    ['a text', 'Host: "><script>\r\n'],
  ])('is refused when there is %s, so that no answer names it', async (_, hosts) => {
    const [told, ...more] = await raw(request(hosts));
    expect([told?.status, more]).toEqual([400, []]);
    expect(scimError(told).detail).toContain('host');
    expect(told?.headers.get('content-location')).toBeNull();
  });

  test('is taken from a whole address before the header, and asked anew of each request of a connection', async () => {
    const asked = [
      request('Host: a.test\r\n').replace(last, ''),
      request('Host: a.test\r\n', `http://b.test:8480/scim/v2/Users/${id}`).replace(last, ''),
      request('Host: a.test\r\n').replace(last, ''),
      request('Host: [2001:db8::7]:8480\r\n'),
    ];
    const told = await raw([asked.join('')]);
    const bases = ['a.test', 'b.test:8480', 'a.test', '[2001:db8::7]:8480'].map((name) => `http://${name}/scim/v2`);
    expect(told.map(({ headers }) => headers.get('content-location'))).toEqual(
      bases.map((base) => `${base}/Users/${id}`),
    );
    for (const [index, { body: text }] of told.entries())
      expect(JSON.parse(text).meta.location).toBe(`${bases[index]}/Users/${id}`);
  });

  test('is where it arrived, where it is said to be nobody’s', async () => {
    const [told] = await raw(request('Host:\r\n'));
    expect(told?.headers.get('content-location')).toBe(`${door.base}/Users/${id}`);
  });

  test.skipIf(!hasV6)(
    'is where it arrived, for an old client that names none, over IPv6 too (not on a machine without)',
    async () => {
      const app = await openDoor(':memory:', { host: '::1' });
      const [told] = await raw('GET /scim/v2/ServiceProviderConfig HTTP/1.0\r\nAuthorization: entra\r\n\r\n', app.base);
      expect(JSON.parse(told?.body ?? '').meta.location).toBe(`${app.base}/ServiceProviderConfig`);
      expect(app.base).toMatch(/^http:\/\/\[::1\]:\d+/);
      await app.close();
    },
  );
});

describe('I9 requests that are sent before the answer to the last one', () => {
  test('are answered in order, and each sees what the ones before it did (RFC 9112 §9.3.2)', async () => {
    const userName = `piped.${++count}@x.test`;
    const filter = encodeURIComponent(`userName eq "${userName}"`);
    const told = await raw([
      Buffer.concat([
        body('POST /scim/v2/Users', gzipSync(JSON.stringify({ userName })), 'Content-Encoding: gzip\r\n'),
        Buffer.from(head(`GET /scim/v2/Users?attributes=userName&filter=${filter}`)),
        body('POST /scim/v2/Users', { userName }),
        Buffer.from(head('GET /scim/v2/Nothing')),
        Buffer.from(head(`HEAD /scim/v2/Users/none`, last)),
      ]),
    ]);
    expect(told.map(({ status }) => status)).toEqual([201, 200, 409, 404, 404]);
    expect(JSON.parse(told[1]?.body ?? '').totalResults).toBe(1);
  });

  test('take effect in that order, also when the first takes longer to read', async () => {
    const title = 'x'.repeat(400_000);
    const patch = (value: string) => ({ Operations: [{ op: 'replace', path: 'title', value }] });
    const line = `PATCH /scim/v2/Users/${id}?attributes=id`;
    const told = await raw([
      body(line, gzipSync(JSON.stringify(patch(title))), 'Content-Encoding: gzip\r\n'),
      body(line, patch('the last one'), last),
    ]);
    expect(told.map(({ status }) => status)).toEqual([200, 200]);
    expect((await door.get(`/Users/${id}`)).body.title).toBe('the last one');
  });

  test('and what cannot be read after them does not take the place of their answers', async () => {
    const userName = `tail.${++count}@x.test`;
    // A client that counts characters and not bytes stops too early.
    const told = await raw([Buffer.concat([body('POST /scim/v2/Users', { userName }), Buffer.from('"}\r\n\r\n')])]);
    expect(told.map(({ status }) => status)).toEqual([201, 400]);
    expect(JSON.parse(told[0]?.body ?? '').userName).toBe(userName);
    scimError(told[1]);
  });

  test('of somebody who is gone are let go', async () => {
    const { hostname, port } = new URL(door.base);
    const entries = door.log.counts().entries;
    await new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.write(
          Buffer.concat([
            body('POST /scim/v2/Users', { userName: `gone.${++count}@x.test` }),
            body('POST /scim/v2/Users', { userName: `gone.${++count}@x.test` }),
          ]),
          () => socket.destroy(),
        );
      });
      socket.on('close', () => resolve());
    });
    await door.get('/Users?count=0');
    await door.queue.idle();
    expect(door.log.counts().entries).toBeLessThanOrEqual(entries + 2);
    expect(door.reports).toEqual([]);
  });

  test('I10 may be a hundred; who sends them without end, and does not wait for an answer, is let go', async () => {
    let release = () => {};
    const owed = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { push } = door.queue;
    const cases = provider({ push, directory: door.store, cursors: cursors(randomBytes(32), randomBytes) });
    const app = scimApp({
      provider: { ...cases, search: (asked, view) => owed.then(() => cases.search(asked, view)) },
      hashOf: tokenHash,
      authenticate: () => 'entra',
      admit: () => {},
      refused: () => {},
      report: () => {},
    });
    let arrived = 0;
    const counting: RequestListener = (incoming, outgoing) => {
      arrived += 1;
      app(incoming, outgoing);
    };
    const server = await listen(counting, { host: '127.0.0.1', port: 0, graceMs: 100 });
    const asked = (many: number) =>
      head('GET /scim/v2/Users?count=0').repeat(many - 1) + head('GET /scim/v2/Users?count=0', last);
    expect(await raw(asked(100_000), server.url).catch(() => [])).toEqual([]);
    expect(arrived).toBeLessThan(10_000); // what one reading of the socket brings
    const answers = raw(asked(101), server.url);
    release();
    expect((await answers).filter(({ status }) => status === 200)).toHaveLength(101);
    await server.close();
  });

  test('fail as they would alone, when it is their turn', async () => {
    const server = await listen(door.app, { host: '127.0.0.1', port: 0, graceMs: 100 });
    const told = await raw([head('GET /scim/v2/Users?count=0') + head('GET /scim/v2/Users/%zz', last)], server.url);
    expect(told.map(({ status }) => status)).toEqual([200, 400]);
    scimError(told[1]);
    await server.close();
  });
});

describe('A connection', () => {
  const refused = (length: number) =>
    head('POST /scim/v2/Nothing', `Content-Type: application/json\r\nContent-Length: ${length}\r\n`);

  test('goes on after a refusal whose body is soon read away', async () => {
    const [small, next] = await raw([refused(60_000), 'x'.repeat(60_000), head('GET /scim/v2/Users?count=0', last)]);
    expect([small?.status, small?.headers.get('connection'), next?.status]).toEqual([404, 'keep-alive', 200]);
  });

  test('ends after one whose body is long, so that nobody has to send it', async () => {
    const [large, ...more] = await raw([refused(5_000_000), 'x']);
    expect([large?.status, large?.headers.get('connection'), more]).toEqual([404, 'close', []]);
  });
});

describe('A path', () => {
  test.each([
    ['GET', '/scim/v2//Users', 200],
    ['GET', '//scim/v2/Users', 200],
    ['GET', '/SCIM/V2/USERS/', 200],
    ['GET', '/scim/v2/%55sers', 200],
    ['POST', '/scim/v2/%2Esearch', 415],
    ['PUT', '/scim/v2//Users', 405],
    ['GET', '/scim/v2/Users//', 404],
    ['GET', '/scim/v2/Users/a%2Fb', 404],
    ['GET', '/scim/v2%2FUsers', 404],
    ['GET', '/scim/v2/Users%2F', 404],
    ['GET', '/scim/v2/Users%3Fcount=0', 404],
    ['GET', '/scim/v2/Users/%2555sers', 404],
    ['GET', '/scim/v2/../v2/Users', 404],
    ['GET', '/scim/v2;x=y/Users', 404],
  ])('means what it means, however it is written, and nothing else: %s %s', async (method, path, status) => {
    const [told] = await raw(head(`${method} ${path}`, last));
    expect(told?.status).toBe(status);
  });
});

describe('An answer', () => {
  const ask = async (line: string, more = '') => (await raw(head(line, more + last)))[0];

  test('304 says of itself what the 200 would have said (RFC 9110 §15.4.5)', async () => {
    const whole = await ask(`GET /scim/v2/Users/${id}?attributes=userName`);
    const known = await ask(`GET /scim/v2/Users/${id}?attributes=userName`, 'If-None-Match: W/"9", *\r\n');
    expect([whole?.status, known?.status, known?.body]).toEqual([200, 304, '']);
    for (const name of ['etag', 'content-location', 'vary'])
      expect(known?.headers.get(name), name).toBe(whole?.headers.get(name));
    expect(known?.headers.get('content-type')).toBeNull();
    const { userName, ...rest } = (await door.get(`/Users/${id}`)).body;
    await door.put(`/Users/${id}`, { ...rest, userName, title: 'x'.repeat(2000) });
    const large = await ask(`HEAD /scim/v2/Users/${id}`, 'If-None-Match: *\r\n');
    expect([large?.status, large?.headers.get('vary')]).toEqual([304, 'Accept-Encoding']);
  });

  test('415 names what would have been taken (RFC 9110 §15.5.16)', async () => {
    const about = 'Content-Type: application/json-patch+json\r\nContent-Length: 2\r\n';
    const told = (await raw(`${head('POST /scim/v2/Users', about + last)}{}`))[0];
    expect(told?.status).toBe(415);
    expect(told?.headers.get('accept')).toBe('application/scim+json, application/json');
    expect(told?.headers.get('accept-encoding')).toBe('gzip, identity');
  });

  test.each([
    ['Application/JSON', 'application/json; charset=utf-8'],
    ['APPLICATION/SCIM+JSON, application/json', 'application/scim+json; charset=utf-8'],
    ['text/html', 'application/scim+json; charset=utf-8'],
  ])('is of the type that is asked for in any letter case: Accept: %s', async (accept, type) => {
    expect((await ask('GET /scim/v2/Users?count=0', `Accept: ${accept}\r\n`))?.headers.get('content-type')).toBe(type);
  });

  test('to a body of no encoding, said with an empty header, is as to one without the header', async () => {
    const told = (await raw([body('POST /scim/v2/.search', { count: 0 }, `Content-Encoding: \r\n${last}`)]))[0];
    expect(told?.status).toBe(200);
  });

  test('to a body in chunks, with extensions and trailers, or to one that waits to be asked for, is the same', async () => {
    const type = 'Content-Type: application/json\r\n';
    const chunked = await raw(
      `${head('POST /scim/v2/.search', `${type}Transfer-Encoding: chunked\r\n${last}`)}3;a=b\r\n{"c\r\n8\r\nount":0}\r\n0\r\nX-T: 1\r\n\r\n`,
    );
    expect(chunked.map(({ status }) => status)).toEqual([200]);
    const waiting = head('POST /scim/v2/.search', `${type}Content-Length: 11\r\nExpect: 100-continue\r\n${last}`);
    expect((await raw([waiting, '{"count":0}'])).map(({ status }) => status)).toEqual([100, 200]);
  });
});

test('I10 whatever address and headers are made up, the answer is SCIM’s, and never a 5xx but what is not implemented', async () => {
  const nasty = fc.constantFrom(
    ...[
      '',
      '%',
      '%00',
      '%zz',
      '%ff',
      '*',
      '[',
      ')',
      '%22',
      '%5C',
      '-1',
      '1e9',
      '__proto__',
      'userName',
      'emails.value',
    ],
    ...['urn::', 'urn:x:2.0:User:a.b', 'emails[type eq "work"]', 'userName%20eq%20%22a%22', '('.repeat(100), 'a+b'],
    ...['not%20(', 'id%20pr%20and', 'meta.version%20gt%20%22W/%22', 'active%20gt%20true', '$ref', 'x'.repeat(3000)],
  );
  const names = ['filter', 'Filter', 'sortBy', 'sortOrder', 'startIndex', 'count', 'cursor', 'attributes', ''];
  const headers = [
    'If-Match',
    'If-None-Match',
    'Accept',
    'Accept-Encoding',
    'Content-Encoding',
    'Host',
    'Range',
    'Expect',
  ];
  const values = [
    '',
    '*',
    'W/"1"',
    '"1", "2',
    ',,,',
    'gzip',
    'gzip;q=x',
    'a, b',
    'chunked',
    '100-continue',
    '\u00ff',
    '"',
  ];
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];
  const paths = [
    '/Users',
    '/Groups',
    `/Users/${id}`,
    '/Users/none',
    '/.search',
    '/Schemas',
    '/Me',
    '/',
    '//Users',
    '/Users/%00',
  ];
  const asked = fc.record({
    method: fc.constantFrom(...methods),
    path: fc.constantFrom(...paths),
    query: fc.array(fc.tuple(fc.constantFrom(...names), nasty), { maxLength: 3 }),
    more: fc.array(fc.tuple(fc.constantFrom(...headers), fc.constantFrom(...values)), { maxLength: 2 }),
    sent: fc.constantFrom('', '{}', '[]', '{"a":', '{"count":-1,"cursor":""}', '{"Operations":[]}'),
    version: fc.constantFrom('1.1', '1.0'),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ method, path, query, more, sent, version }) => {
      const search = query.map(([name, value]) => `${name}=${value.replaceAll(' ', '%20')}`).join('&');
      const lines = more.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      const about = `Content-Type: application/json\r\nContent-Length: ${sent.length}\r\n${lines}${last}`;
      const line = `${method} /scim/v2${path}?${search} HTTP/${version}`;
      const bytes = `${line}\r\nHost: ${host}\r\nAuthorization: entra\r\n${about}\r\n${sent}`;
      const told = (await raw([Buffer.from(bytes, 'latin1')])).filter(({ status }) => status !== 100);
      expect(told).toHaveLength(1);
      const status = told[0]?.status ?? 0;
      expect(status < 500 || status === 501, `${line}: ${status}`).toBe(true);
      if (status >= 400 && method !== 'HEAD') scimError(told[0]);
    }),
    { numRuns: 300 },
  );
  expect(door.reports).toEqual([]);
});
