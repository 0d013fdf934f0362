import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer, type Server } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { type PatchOperation, urn } from '../daemon/contract/scim.ts';
import { Forbidden, Malformed } from '../daemon/errors.ts';
import { type Answer, type Steeple, steeple } from '../daemon/steeple.ts';

const token = 'canary.T0ken-9f+/8=';

type Seen = Readonly<{ method: string; url: string; headers: IncomingMessage['headers']; body: string }>;
type Reply = (request: Seen, response: ServerResponse) => void;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A real server on a free port; what it was asked is in `seen`. */
async function serving(reply: Reply): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const asked = { method: request.method!, url: request.url!, headers: request.headers, body };
    seen.push(asked);
    reply(asked, response);
  });
  closing.push(() => server.closeAllConnections());
  return { url: `http://127.0.0.1:${await listening(server)}/scim/v2`, seen };
}
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}
function client(url: string, options: Partial<Parameters<typeof steeple>[0]> = {}): Steeple {
  const made = steeple({ url, token, ...options });
  closing.push(made.close);
  return made;
}
const answering = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/scim+json', ...headers });
    response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  };
};
const error = (status: number, detail: string, more = {}) => ({
  schemas: [urn.error],
  status: String(status),
  detail,
  ...more,
});
const list = (Resources: unknown[] | undefined, totalResults = Resources?.length ?? 0) => ({
  schemas: [urn.list],
  totalResults,
  ...(Resources && { Resources }),
});
const ada = { schemas: [urn.user], id: 'u1', userName: 'ada@example.com', externalId: 'E1', active: true };

describe('what is sent', () => {
  test('goes to the path of the URL, as SCIM, with the token as a bearer', async () => {
    const { url, seen } = await serving(answering(201, ada));
    await client(`${url}/`).createUser({ userName: 'ada@example.com' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/scim/v2/Users',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    });
    expect(JSON.parse(seen[0]!.body)).toEqual({ schemas: [urn.user], userName: 'ada@example.com' });
  });

  test('escapes ids and what is searched for', async () => {
    const { url, seen } = await serving(answering(200, list([])));
    await client(url).readUser('a/../b?c#d é');
    await client(url).findUsers('userName', 'o"brien\\ & co');
    await client(url).findGroups('displayName', 'Finance – Administrators');
    await client(url).listGroups(101, 100);
    expect(seen.map((request) => decodeURIComponent(request.url))).toEqual([
      '/scim/v2/Users/a/../b?c#d é',
      '/scim/v2/Users?filter=userName eq "o\\"brien\\\\ & co"',
      '/scim/v2/Groups?filter=displayName eq "Finance – Administrators"',
      '/scim/v2/Groups?startIndex=101&count=100',
    ]);
    expect(seen[0]!.url).toBe('/scim/v2/Users/a%2F..%2Fb%3Fc%23d%20%C3%A9');
  });

  test.each(['', '.', '..'])('never goes to another resource than the one named: id "%s" is refused', async (id) => {
    const { url, seen } = await serving(answering(204, undefined));
    await expect(client(url).deleteUser(id)).rejects.toThrow(/cannot be the id/);
    await expect(client(url).patchGroup(id, [{ op: 'add', path: 'x', value: 1 }])).rejects.toThrow(/cannot be the id/);
    expect(seen).toEqual([]);
  });

  test('D7 is only lower-case operations with a path', async () => {
    const { url, seen } = await serving(answering(204, undefined));
    const right: PatchOperation[] = [
      { op: 'replace', path: 'active', value: false },
      { op: 'remove', path: 'members[value eq "u1"]' },
    ];
    await client(url).patchUser('u1', right);
    expect(JSON.parse(seen[0]!.body)).toEqual({ schemas: [urn.patch], Operations: right });
    const wrong = [
      [],
      [{ op: 'Replace', path: 'active', value: false }],
      [{ op: 'replace', value: { active: false } }],
      [{ op: 'add', path: ' ', value: 1 }],
      [{ op: 'remove', path: 'members', value: [{ value: 'u1' }] }],
      [{ op: 'add', path: 'members' }],
      [...right, { op: 'move', path: 'a', value: 'b' }],
    ] as unknown as PatchOperation[][];
    for (const operations of wrong) {
      await expect(client(url).patchUser('u1', operations)).rejects.toThrow(/^D7/);
      await expect(client(url).patchGroup('g1', operations)).rejects.toThrow(/^D7/);
    }
    expect(seen).toHaveLength(1);
  });
});

describe('each kind of answer', () => {
  const cases: readonly [what: string, reply: Reply, want: object][] = [
    ['200', answering(200, ada), { kind: 'ok', status: 200, value: ada }],
    ['201', answering(201, ada), { kind: 'ok', status: 201, value: ada }],
    ['404', answering(404, error(404, 'no')), { kind: 'missing' }],
    [
      '409',
      answering(409, error(409, 'userName taken', { scimType: 'uniqueness' })),
      { kind: 'conflict', detail: 'userName taken' },
    ],
    [
      '400',
      answering(400, error(400, 'bad path', { scimType: 'invalidPath' })),
      { kind: 'refused', status: 400, detail: 'bad path', scimType: 'invalidPath' },
    ],
    ['413', answering(413, ''), { kind: 'refused', status: 413, detail: 'Steeple answered 413 without a word' }],
    [
      '401',
      answering(401, error(401, 'expired')),
      { kind: 'unauthorized', status: 401, detail: 'expired', sso: false },
    ],
    [
      '403',
      answering(403, error(403, 'no rights')),
      { kind: 'unauthorized', status: 403, detail: 'no rights', sso: false },
    ],
    [
      '403 about SSO',
      answering(403, error(403, 'Configure single sign-on first')),
      { kind: 'unauthorized', status: 403, sso: true },
    ],
    [
      '403 about SSO in French',
      answering(403, error(403, "L'authentification unique n'est pas configurée")),
      { sso: true },
    ],
    ['401 about SSO', answering(401, error(401, 'SSO')), { kind: 'unauthorized', sso: false }],
    ['429', answering(429, error(429, 'slow down')), { kind: 'busy', status: 429, detail: 'slow down' }],
    [
      '503',
      answering(503, 'maintenance'),
      { kind: 'busy', status: 503, detail: 'Steeple answered 503 with maintenance' },
    ],
    ['408, which invites to repeat', answering(408, ''), { kind: 'busy', status: 408 }],
    ['500', answering(500, error(500, 'oops')), { kind: 'failed', status: 500, detail: 'oops' }],
    [
      '502',
      answering(502, '<html><title>502 Bad Gateway</title></html>'),
      { kind: 'failed', status: 502, detail: 'Steeple answered 502 with an HTML page: “502 Bad Gateway”' },
    ],
    [
      'an error of another API',
      answering(422, { message: 'unprocessable' }),
      { kind: 'refused', status: 422, detail: 'unprocessable' },
    ],
    [
      'an error whose detail is no text',
      answering(400, { detail: { a: 1 } }),
      { kind: 'refused', detail: 'Steeple answered 400 without a word' },
    ],
    [
      'a 200 in HTML',
      answering(200, '<!doctype html><h1>Sign&nbsp;in</h1>'),
      { kind: 'odd', status: 200, detail: 'Steeple answered 200 with an HTML page: “Sign in”' },
    ],
    ['a 201 with nothing', answering(201, ''), { kind: 'odd', status: 201 }],
    ['a 204, where the resource should be shown', answering(204, undefined), { kind: 'odd', status: 204 }],
    ['cut JSON', answering(200, '{"id":"u1","userN'), { kind: 'odd', status: 200 }],
    [
      'JSON that is no user',
      answering(200, { id: 'u1' }),
      { kind: 'odd', detail: expect.stringContaining('userName') },
    ],
    ['an array', answering(200, [ada]), { kind: 'odd' }],
    ['202, which promises nothing', answering(202, ada), { kind: 'odd', status: 202 }],
    ['an id that would be another path', answering(200, { ...ada, id: '..' }), { kind: 'odd' }],
    ['an empty id', answering(200, { ...ada, id: '' }), { kind: 'odd' }],
    [
      'an id too large for a number to hold',
      answering(200, '{"id":12345678901234567890,"userName":"a"}'),
      { kind: 'odd' },
    ],
  ];
  test.each(cases)('%s', async (_what, reply, want) => {
    const { url, seen } = await serving(reply);
    expect(await client(url).createUser({ userName: 'ada@example.com' })).toMatchObject(want);
    expect(seen).toHaveLength(1); // nothing is sent twice from here
  });

  test('204 to a PATCH or a DELETE is done, with nothing to show', async () => {
    const { url } = await serving(answering(204, undefined));
    const done = { kind: 'ok', status: 204, value: undefined };
    expect(await client(url).patchUser('u1', [{ op: 'replace', path: 'active', value: false }])).toEqual(done);
    expect(await client(url).deleteGroup('g1')).toEqual(done);
  });

  test('200 to a PATCH is done, and shows what came of it', async () => {
    const { url } = await serving(answering(200, { ...ada, active: false }));
    const operations = [{ op: 'replace', path: 'active', value: false }] as const;
    expect(await client(url).patchUser('u1', operations)).toMatchObject({
      kind: 'ok',
      value: { id: 'u1', active: false },
    });
    const other = await serving(answering(200, '<html>Welcome</html>'));
    expect(await client(other.url).patchUser('u1', operations)).toMatchObject({ kind: 'odd' });
  });

  test('a 200 in HTML to a DELETE is not taken for done', async () => {
    const { url } = await serving(answering(200, '<html>Welcome</html>'));
    expect(await client(url).deleteUser('u1')).toMatchObject({ kind: 'odd' });
  });

  test('a detail is one short line, whatever was sent', async () => {
    const { url } = await serving(answering(400, error(400, `a\r\n\u202eb\u0000c ${'x'.repeat(5000)}`)));
    const answer = await client(url).readUser('u1');
    expect(answer).toMatchObject({ kind: 'refused', detail: expect.stringMatching(/^a b c x{290,}…$/) });
  });
});

describe('Retry-After', () => {
  const clock = 'Mon, 23 Nov 2026 10:00:00 GMT';
  test.each<[string, string, number | undefined]>([
    ['seconds', '17', 17_000],
    ['zero', '0', 0],
    ["a date, by the server's clock", 'Mon, 23 Nov 2026 10:01:30 GMT', 90_000],
    ['a date that has passed', 'Mon, 23 Nov 2026 09:00:00 GMT', 0],
    ['more than a day', '99999999999', 86_400_000],
    ['nonsense', 'soon', undefined],
  ])('in %s is read', async (_what, retryAfter, retryAfterMs) => {
    const { url } = await serving(answering(429, '', { 'retry-after': retryAfter, date: clock }));
    const answer = await client(url).readUser('u1');
    expect(answer.kind === 'busy' && answer.retryAfterMs).toBe(retryAfterMs);
    expect('retryAfterMs' in answer).toBe(retryAfterMs !== undefined);
  });

  test('as a date is read by our clock where the server shows none', async () => {
    const { url } = await serving((_request, response) => {
      response.sendDate = false;
      response.writeHead(503, { 'retry-after': 'Mon, 23 Nov 2026 10:00:05 GMT' }).end();
    });
    const answer = await client(url, { now: () => Date.parse(clock) }).readUser('u1');
    expect(answer).toMatchObject({ kind: 'busy', retryAfterMs: 5000 });
  });
});

describe('what odd servers really answer is read', () => {
  test('ids as numbers, and words for true and false', async () => {
    const user = { ...ada, id: 42, externalId: 7, active: 'False' };
    const group = { id: 9, displayName: 'G', members: [{ value: 42 }, { value: 'u2', display: null }] };
    const { url } = await serving((request, response) =>
      answering(200, /Users/.test(request.url) ? user : group)(request, response),
    );
    expect(await client(url).readUser('42')).toMatchObject({ value: { id: '42', externalId: '7', active: false } });
    expect(await client(url).readGroup('9')).toMatchObject({
      value: { id: '9', members: [{ value: '42' }, { value: 'u2' }] },
    });
  });

  test('a byte-order mark, application/json, and a body in many pieces', async () => {
    const bytes = Buffer.from(`\ufeff${JSON.stringify({ ...ada, displayName: 'Ada ✓ é' })}`);
    const { url } = await serving((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    expect(await client(url).readUser('u1')).toMatchObject({ value: { displayName: 'Ada ✓ é' } });
  });

  test('pages, with the total of all', async () => {
    const { url } = await serving(answering(200, { ...list([ada], 250), startIndex: 1, itemsPerPage: 1 }));
    expect(await client(url).listUsers(1, 1)).toMatchObject({ kind: 'ok', value: { total: 250, items: [ada] } });
  });

  test('an empty list without Resources, and a page beyond the end', async () => {
    const { url } = await serving((request, response) =>
      answering(200, /startIndex=11/.test(request.url) ? list([], 10) : list(undefined, 0))(request, response),
    );
    expect(await client(url).listGroups(1, 10)).toMatchObject({ value: { total: 0, items: [] } });
    expect(await client(url).listGroups(11, 10)).toMatchObject({ value: { total: 10, items: [] } });
  });

  test('but a list that counts people and shows none is not taken for an empty one', async () => {
    const { url } = await serving(answering(200, list(undefined, 3)));
    expect(await client(url).listUsers(1, 100)).toMatchObject({ kind: 'odd' });
    expect(await client(url).findUsers('userName', 'ada@example.com')).toMatchObject({ kind: 'odd' });
  });

  test('nor is a list with one entry that cannot be read taken for one without it', async () => {
    const { url } = await serving(answering(200, list([ada, { id: 'u2' }])));
    expect(await client(url).listUsers(1, 100)).toMatchObject({
      kind: 'odd',
      detail: expect.stringContaining('number 2'),
    });
  });

  test('nor JSON that is no ListResponse', async () => {
    for (const body of [[ada], { data: [] }, { ...list([]), schemas: ['x'] }, ada]) {
      const { url } = await serving(answering(200, body));
      expect(await client(url).listUsers(1, 100)).toMatchObject({ kind: 'odd' });
    }
  });
});

describe('a search', () => {
  test('finds whoever carries the value, ignoring case and how accents are composed', async () => {
    const { url } = await serving(answering(200, list([{ ...ada, userName: 'Zoe\u0308@Example.com' }])));
    const answer = await client(url).findUsers('userName', 'zo\u00eb@example.com');
    expect(answer).toMatchObject({ kind: 'ok', value: { total: 1, items: [{ id: 'u1' }] } });
  });

  test('that a server answers with everybody is neither found nor "nobody"', async () => {
    const everybody = list([ada, { ...ada, id: 'u2', userName: 'ben@example.com' }], 5000);
    const { url } = await serving(answering(200, everybody));
    expect(await client(url).findUsers('userName', 'cho@example.com')).toMatchObject({
      kind: 'odd',
      detail: expect.stringContaining('ignore filters on userName'),
    });
    expect(await client(url).findUsers('userName', 'ADA@example.com')).toMatchObject({
      kind: 'ok',
      value: { total: 1, items: [{ id: 'u1' }] },
    });
  });

  test('without a match is an empty page', async () => {
    const { url } = await serving(answering(200, list([])));
    expect(await client(url).findGroups('externalId', 'x')).toMatchObject({
      kind: 'ok',
      value: { total: 0, items: [] },
    });
  });
});

describe('an exchange that breaks', () => {
  test('before a connection stood was never sent', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await client(`http://127.0.0.1:${port}`).createUser({})).toMatchObject({
      kind: 'unreachable',
      tls: false,
      detail: expect.stringContaining('nothing listens'),
    });
  });

  test('at a name that does not exist was never sent', async () => {
    const answer = await client('https://steeple.invalid/scim').createUser({});
    expect(answer).toMatchObject({
      kind: 'unreachable',
      tls: false,
      detail: expect.stringContaining('steeple.invalid'),
    });
  });

  test.each<[string, Reply]>([
    ['after the request', (_request, response) => response.destroy()],
    [
      'in the middle of the answer',
      (_request, response) => {
        response.writeHead(201, { 'content-length': '1000' });
        response.write('{"id":"u1",', () => response.destroy());
      },
    ],
    [
      'in the middle of a chunked answer',
      (_request, response) => {
        response.write(JSON.stringify(ada), () => response.destroy());
      },
    ],
  ])('%s may have been applied', async (_when, reply) => {
    const { url, seen } = await serving(reply);
    expect(await client(url).createUser({})).toMatchObject({ kind: 'lost' });
    expect(seen).toHaveLength(1);
  });

  test('because no answer comes in time may have been applied', async () => {
    const { url, seen } = await serving(() => undefined);
    expect(await client(url, { timeoutMs: 100 }).createUser({})).toMatchObject({
      kind: 'lost',
      detail: expect.stringContaining('100 ms'),
    });
    expect(seen).toHaveLength(1);
  });

  test('because the answer drips without end is given up as well', async () => {
    const { url } = await serving((_request, response) => {
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    });
    expect(await client(url, { timeoutMs: 200 }).createUser({})).toMatchObject({ kind: 'lost' });
  });

  test('because the server speaks no HTTP may have been applied', async () => {
    const port = await listening(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n')));
    expect(await client(`http://127.0.0.1:${port}`).createUser({})).toMatchObject({ kind: 'lost' });
  });

  test('on a connection the server closed while idle is not sent twice', async () => {
    let first = true;
    const { url, seen } = await serving((request, response) => {
      if (first) {
        first = false;
        answering(200, ada)(request, response);
        response.on('finish', () => setImmediate(() => response.socket?.destroy()));
      } else answering(200, ada)(request, response);
    });
    const one = client(url, { connections: 1 });
    await one.readUser('u1');
    const second = await one.createUser({});
    expect(['ok', 'lost', 'unreachable']).toContain(second.kind);
    expect(seen.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(1);
    if (second.kind === 'unreachable') expect(seen).toHaveLength(1);
  });

  test('by being larger than we read is odd, and memory stays bounded', async () => {
    const piece = 'x'.repeat(1024 * 1024);
    let pieces = 0;
    const { url } = await serving((_request, response) => {
      response.writeHead(200);
      const more = () => {
        pieces += 1;
        if (!response.destroyed && pieces < 500) response.write(piece, more);
      };
      more();
    });
    expect(await client(url).listUsers(1, 1)).toMatchObject({
      kind: 'odd',
      detail: expect.stringContaining('more than the relay reads'),
    });
    expect(pieces).toBeLessThan(100);
  });
});

test('many requests share few connections, and each gets its own answer', async () => {
  const ports = new Set<number>();
  const { url } = await serving((request, response) => {
    ports.add(response.socket!.remotePort!);
    answering(200, { ...ada, id: decodeURIComponent(request.url.split('/').at(-1)!) })(request, response);
  });
  const one = client(url, { connections: 4 });
  const ids = Array.from({ length: 40 }, (_, index) => `u${index}`);
  const answers = await Promise.all(ids.map((id) => one.readUser(id)));
  expect(answers.map((answer) => answer.kind === 'ok' && answer.value.id)).toEqual(ids);
  expect(ports.size).toBeLessThanOrEqual(4);
});

describe('D8 the token goes to the configured origin only', () => {
  test.each([301, 302, 303, 307, 308])('a %i is handed back in words and not followed', async (status) => {
    const elsewhere = await serving(answering(200, ada));
    const { url, seen } = await serving(answering(status, '', { location: `${elsewhere.url}/Users?ticket=${token}` }));
    for (const act of [client(url).readUser('u1'), client(url).createUser({}), client(url).deleteUser('u1')]) {
      const answer = await act;
      expect(answer).toMatchObject({
        kind: 'odd',
        status,
        detail: expect.stringContaining(`redirect to ${elsewhere.url}/Users,`),
      });
    }
    expect([seen.length, elsewhere.seen.length]).toEqual([3, 0]);
  });

  test('a redirect to another path of the same server is not followed either', async () => {
    const { url, seen } = await serving(answering(307, '', { location: '/other' }));
    expect(await client(url).readUser('u1')).toMatchObject({ kind: 'odd' });
    expect(seen).toHaveLength(1);
  });

  test('plain HTTP off loopback is refused before there is a client, unless it is allowed by name', async () => {
    for (const url of ['http://steeple.example.com/scim', 'http://10.0.0.1', 'http://127.0.0.1.example.com']) {
      expect(() => steeple({ url, token })).toThrow(Forbidden);
      await steeple({ url, token, allowPlainHttp: true }).close();
    }
    await steeple({ url: 'http://localhost:1', token }).close();
    await steeple({ url: 'http://[::1]:1', token }).close();
  });

  test.each(['steeple.example.com', 'ftp://a', 'https://user:pass@a', 'https://a/scim?x=1', 'https://a/#b', ''])(
    '"%s" is no URL for it',
    (url) => {
      expect(() => steeple({ url, token })).toThrow(Malformed);
    },
  );

  test.each(['', 'two words', 'line\nbreak', 'tök', `Bearer ${token}`])(
    'a token that cannot stand in a header is refused, and not shown',
    (odd) => {
      const thrown = (() => {
        try {
          return steeple({ url: 'https://a', token: odd });
        } catch (caught) {
          return caught;
        }
      })();
      expect(thrown).toBeInstanceOf(Malformed);
      if (odd !== '') expect(inspect(thrown)).not.toContain(odd);
    },
  );
});

describe('S1 nothing shows the token', () => {
  const echoes: readonly [string, Reply][] = [
    [
      'a SCIM error',
      (_r, response) => answering(400, error(400, `bad token ${token}`, { scimType: token }))(_r, response),
    ],
    [
      'HTML',
      answering(500, `<html><title>Token ${token.replaceAll('+', '&#43;').replaceAll('/', '&#x2F;')}</title></html>`),
    ],
    ['HTML without a title', answering(200, `<html><body>Token ${token}</body></html>`)],
    ['plain text', answering(401, `Unknown: ${token}`)],
    ['percent-encoded text', answering(403, `Unknown: ${encodeURIComponent(token)}`)],
    ['text in which a cut would leave half of it', answering(429, `${'x'.repeat(290)}${token}`)],
    ['a JSON string', answering(422, JSON.stringify(token))],
    ['an id', answering(200, { id: token })],
    ['a redirect', answering(302, '', { location: `https://a/${token}` })],
  ];
  test.each(echoes)('when the server sends it back as %s', async (_what, reply) => {
    const { url } = await serving(reply);
    const answers: Answer<unknown>[] = [await client(url).createUser({}), await client(url).listUsers(1, 1)];
    for (const answer of answers) {
      const seen = inspect(answer, { depth: Infinity });
      expect(seen).not.toContain(token);
      expect(seen).not.toContain(token.slice(0, 9));
      expect(seen).not.toContain(encodeURIComponent(token));
    }
  });

  test('when the client is printed, or an exchange breaks', async () => {
    const { url } = await serving((_request, response) => response.destroy());
    const one = client(url);
    const seen = [one, await one.readUser('u1'), await client('http://127.0.0.1:1').readUser('u1')];
    expect(inspect(seen, { depth: Infinity, showHidden: true }) + JSON.stringify(seen)).not.toContain(token);
  });
});

test('the configuration is read where there is one', async () => {
  const config = { schemas: [urn.config], patch: { supported: true }, filter: { supported: true, maxResults: 100 } };
  const { url, seen } = await serving(answering(200, config));
  expect(await client(url).serviceProviderConfig()).toEqual({ kind: 'ok', status: 200, value: config });
  expect(seen[0]!.url).toBe('/scim/v2/ServiceProviderConfig');
  const other = await serving(answering(200, { hello: 'world' }));
  expect(await client(other.url).serviceProviderConfig()).toMatchObject({ kind: 'odd' });
});

describe('the catalogue of communities', () => {
  const apiToken = 'api.token-1';
  const all = Array.from({ length: 45 }, (_, index) => ({ id: index + 1, name: ` Community ${index + 1} ` }));
  /** Caps a page at 20, as Steeple shows them. */
  const api = (listed: unknown[], total = listed.length): Reply => {
    return (request, response) => {
      const page = Number(new URL(request.url, 'http://x').searchParams.get('page'));
      const data = listed.slice((page - 1) * 20, page * 20);
      answering(200, { data, meta: { pagination: { total, page, per_page: 20 } } })(request, response);
    };
  };

  test.each(['', '/v1', '/v1/'])(
    'is read to its last page, with its own token (address ending in "%s")',
    async (ending) => {
      const scim = await serving(answering(200, list([])));
      const { url, seen } = await serving(api(all));
      const answer = await client(scim.url).communities(url.replace('/scim/v2', ending), apiToken);
      expect(answer).toMatchObject({ kind: 'ok' });
      const value = answer.kind === 'ok' ? answer.value : [];
      expect([value.length, value[0], value.at(-1)?.id]).toEqual([45, { id: '1', name: 'Community 1' }, '45']);
      expect(seen.map((request) => request.url)).toEqual(
        [1, 2, 3].map((page) => `/v1/communities?page=${page}&per_page=100`),
      );
      expect(new Set(seen.map((request) => request.headers.authorization))).toEqual(new Set([`Bearer ${apiToken}`]));
      expect(scim.seen).toEqual([]);
    },
  );

  test.each<[string, Reply, string]>([
    ['fewer than it counts', api(all, 60), 'odd'],
    ['something else', answering(200, { communities: [] }), 'odd'],
    ['HTML', answering(200, '<html></html>'), 'odd'],
    ['a refusal', answering(401, ''), 'unauthorized'],
  ])('is not given in part: %s', async (_what, reply, kind) => {
    const { url } = await serving(reply);
    expect((await client(url).communities(url.replace('/scim/v2', ''), apiToken)).kind).toBe(kind);
  });

  test('D8 S1 its token is not sent in clear off loopback, nor shown', async () => {
    const { url } = await serving(answering(500, `oh ${apiToken}`));
    await expect(client(url).communities('http://api.example.com', apiToken)).rejects.toThrow(Forbidden);
    expect(inspect(await client(url).communities(url, apiToken))).not.toContain(apiToken);
  });
});

test.each(['-5', '5.5', '30 seconds', 'soon', '1e3', '0x10', ''])(
  'D3 a Retry-After of "%s" says nothing, so the delay is our own',
  async (value) => {
    const { url } = await serving(answering(429, error(429, 'slow'), { 'retry-after': value }));
    expect(await client(url).readUser('u1')).toEqual({ kind: 'busy', status: 429, detail: 'slow' });
  },
);

test('an error page without an end is read as far as it says something, and no further', async () => {
  let sent = 0;
  const { url } = await serving((_request, response) => {
    response.writeHead(500, { 'content-type': 'text/plain' });
    const more = () => {
      while (!response.destroyed && sent < 64 * 1024 * 1024) {
        sent += 65_536;
        if (!response.write('broken '.repeat(9362).padEnd(65_536))) return response.once('drain', more);
      }
      return response.end();
    };
    more();
  });
  expect(await client(url).readUser('u1')).toMatchObject({ kind: 'failed', status: 500 });
  expect(sent).toBeLessThan(32 * 1024 * 1024);
});

test('answers are asked for as they are, since nothing here unpacks them', async () => {
  const { url, seen } = await serving(answering(200, ada));
  await client(url).readUser('u1');
  expect(seen[0]?.headers['accept-encoding']).toBe('identity');
});

test('S1 no half of the token is quoted, where a page is cut in the middle of it', async () => {
  for (const cut of [3, 8, token.length - 1])
    for (const [before, after] of [
      ['<p>', '</p>'],
      ['seen: ', ''],
    ] as const) {
      const page = `${before}${' '.repeat(10_000 - before.length - cut)}${token}${after}`;
      const { url } = await serving(answering(500, page, { 'content-type': 'text/html' }));
      const said = JSON.stringify(await client(url).readUser('u1'));
      expect(said).not.toContain(token.slice(0, 3));
    }
});
