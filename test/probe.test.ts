import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { UpstreamTest } from '../daemon/contract/upstream.ts';
import { saidOf } from '../daemon/core/saying.ts';
import { probe } from '../daemon/probe.ts';

const token = 'canary.T0ken-9f+/8=';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'steeple-probe-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}
/** A real server; `asked` collects "METHOD path" of every request. */
async function serving(reply: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const port = await listening(
    createHttpServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      reply(request, response);
    }),
  );
  return { url: `http://127.0.0.1:${port}/scim/v2`, asked };
}
const answering = (status: number, body: unknown, type = 'application/scim+json'): RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};
const list = (totalResults: number): unknown => ({
  schemas: [urn.list],
  totalResults,
  Resources: totalResults === 0 ? [] : [{ id: '1', userName: 'ada@example.com', displayName: 'Ada' }],
});
const refusal = (status: number, detail: string) =>
  answering(status, { schemas: [urn.error], status: String(status), detail });

/** What the test says; always in the shape of the contract, and never with the token in it. */
async function told(options: Parameters<typeof probe>[0]): Promise<UpstreamTest> {
  const found = UpstreamTest.parse(await probe(options));
  // A page says them in its own language. What a server that is not SCIM shows is quoted as it is.
  if (found.remedy !== '') expect(saidOf(found.remedy), found.remedy).not.toBeNull();
  if (found.verdict !== 'not-scim') expect(saidOf(found.detail), found.detail).not.toBeNull();
  expect(inspect(found)).not.toContain(token);
  if (found.verdict !== 'fine') expect([found.users, found.groups, found.remedy !== '']).toEqual([null, null, true]);
  return found;
}

describe('fine', () => {
  test('with the numbers of users and groups, after nothing but reads', async () => {
    const { url, asked } = await serving((request, response) =>
      answering(200, list(/Users/.test(request.url!) ? 212 : 9))(request, response),
    );
    expect(await told({ url, token })).toMatchObject({ verdict: 'fine', users: 212, groups: 9 });
    expect(asked).toEqual(['GET /scim/v2/Users?startIndex=1&count=1', 'GET /scim/v2/Groups?startIndex=1&count=1']);
  });

  test('also for a Steeple that holds nobody yet', async () => {
    const { url } = await serving(answering(200, list(0)));
    expect(await told({ url, token })).toMatchObject({ verdict: 'fine', users: 0, groups: 0 });
  });
});

test('not-set: without a URL, or without a token; nothing is asked of anybody', async () => {
  const { url, asked } = await serving(answering(200, list(0)));
  expect(await told({ url: undefined, token })).toMatchObject({
    verdict: 'not-set',
    detail: expect.stringContaining('URL'),
  });
  const half = await told({ url, token: undefined });
  expect(half).toMatchObject({ verdict: 'not-set', detail: expect.stringContaining('no token') });
  expect(half.remedy).toContain('Administration > Integrations');
  expect(asked).toEqual([]);
});

describe('cannot-connect', () => {
  test('when the URL cannot be one', async () => {
    expect(await told({ url: 'steeple', token })).toMatchObject({
      verdict: 'cannot-connect',
      detail: expect.stringContaining('https://'),
    });
    expect(await told({ url: 'http://steeple.example.com', token })).toMatchObject({
      verdict: 'cannot-connect',
      detail: expect.stringContaining('in clear'),
    });
  });

  test('when the name is not known', async () => {
    const found = await told({ url: 'https://steeple.invalid/scim', token });
    expect(found).toMatchObject({
      verdict: 'cannot-connect',
      detail: expect.stringMatching(/DNS.*(ENOTFOUND|EAI_AGAIN)/),
    });
  });

  test('when nothing listens', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await told({ url: `https://127.0.0.1:${port}`, token })).toMatchObject({
      verdict: 'cannot-connect',
      detail: `127.0.0.1:${port} refused the connection: nothing listens on that port (ECONNREFUSED)`,
    });
  });

  test('when nothing listens at any of the addresses of a name', async () => {
    expect((await told({ url: 'http://localhost:1', token })).detail).toMatch(/^localhost:1 refused .*ECONNREFUSED/);
  });

  test('when no answer comes', async () => {
    const { url } = await serving(() => undefined);
    const found = await told({ url, token, timeoutMs: 100 });
    expect(found).toMatchObject({
      verdict: 'cannot-connect',
      detail: expect.stringContaining('no whole answer within 100 ms'),
    });
  });

  test.each([429, 500, 502, 503])('when the server answers %i: it is there, and cannot serve', async (status) => {
    const { url } = await serving(refusal(status, 'not now'));
    const found = await told({ url, token });
    expect(found).toMatchObject({ verdict: 'cannot-connect', detail: expect.stringContaining(`${status}`) });
    expect(found.remedy).toMatch(/Try again/);
  });
});

describe('tls', () => {
  /** Makes a certificate with openssl, signed by `signer`, made before, or by itself. */
  function certificate(
    name: string,
    options: Readonly<{ host: string; signer?: string; expired?: boolean; authority?: boolean }>,
  ) {
    const { host, signer = name, expired = false, authority = false } = options;
    const path = (of: string, ending: string) => join(folder, `${of}.${ending}`);
    const alternative = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`;
    writeFileSync(path(name, 'index'), '');
    writeFileSync(
      path(name, 'config'),
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${path(name, 'index')}\nnew_certs_dir=${folder}\ndefault_md=sha256\nrand_serial=yes\n` +
        'policy=any\nx509_extensions=extensions\n[any]\ncommonName=supplied\n[req]\ndistinguished_name=name\n[name]\n' +
        `[extensions]\n${authority ? 'basicConstraints=critical,CA:TRUE' : `subjectAltName=${alternative}`}\n`,
    );
    const openssl = (...parts: string[]) =>
      execFileSync('openssl', [...parts, '-config', path(name, 'config')], { stdio: 'pipe' });
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    openssl(
      'req',
      '-new',
      ...curve,
      '-nodes',
      '-keyout',
      path(name, 'key'),
      '-out',
      path(name, 'csr'),
      '-subj',
      `/CN=${name}`,
    );
    const signing = signer === name ? ['-selfsign'] : ['-cert', path(signer, 'cert')];
    const dates = ['-startdate', '20200101000000Z', '-enddate', expired ? '20200201000000Z' : '20991231000000Z'];
    const files = ['-keyfile', path(signer, 'key'), '-in', path(name, 'csr'), '-out', path(name, 'cert')];
    openssl('ca', '-batch', '-notext', ...signing, ...files, ...dates);
    return { key: readFileSync(path(name, 'key'), 'utf8'), cert: readFileSync(path(name, 'cert'), 'utf8') };
  }
  async function secured(options: { key: string; cert: string }): Promise<string> {
    return `https://127.0.0.1:${await listening(createHttpsServer(options, answering(200, list(3))))}/scim`;
  }
  let ca: string;
  beforeAll(() => {
    ca = certificate('authority', { host: 'x', authority: true }).cert;
  });

  test('is fine where the authority is trusted and the name is right', async () => {
    const url = await secured(certificate('right', { host: '127.0.0.1', signer: 'authority' }));
    expect(await told({ url, token, route: { authorities: ca } })).toMatchObject({ verdict: 'fine', users: 3 });
  });

  test('when the authority is not known: the admin is told how to give it to the relay', async () => {
    const url = await secured(certificate('private', { host: '127.0.0.1', signer: 'authority' }));
    const found = await told({ url, token });
    expect(found).toMatchObject({
      verdict: 'tls',
      detail: expect.stringContaining('an authority this machine does not know'),
    });
    expect(found.remedy).toContain('network set --authorities');
  });

  test('when the server signed its own certificate', async () => {
    const url = await secured(certificate('itself', { host: '127.0.0.1' }));
    expect(await told({ url, token })).toMatchObject({
      verdict: 'tls',
      detail: expect.stringContaining('signed by the server itself'),
    });
  });

  test('when the certificate has expired', async () => {
    const url = await secured(certificate('old', { host: '127.0.0.1', signer: 'authority', expired: true }));
    const found = await told({ url, token, route: { authorities: ca } });
    expect(found).toMatchObject({ verdict: 'tls', detail: expect.stringContaining('has expired (CERT_HAS_EXPIRED)') });
    expect(found.remedy).toMatch(/renew.*clock/);
  });

  test('when it is made out to another name', async () => {
    const url = await secured(certificate('other', { host: 'other.example.com', signer: 'authority' }));
    expect(await told({ url, token, route: { authorities: ca } })).toMatchObject({
      verdict: 'tls',
      detail: expect.stringContaining('another name'),
    });
  });

  test('when the port speaks plain HTTP, or breaks off', async () => {
    const { url } = await serving(answering(200, list(0)));
    expect(await told({ url: url.replace('http:', 'https:'), token })).toMatchObject({ verdict: 'tls' });
    const port = await listening(createTcpServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await told({ url: `https://127.0.0.1:${port}`, token })).toMatchObject({ verdict: 'tls' });
  });
});

describe('not-scim', () => {
  test.each<[string, RequestListener, string]>([
    ['a page', answering(200, '<html><title>Steeple — sign in</title></html>', 'text/html'), 'Steeple — sign in'],
    ['404', answering(404, '<html>Not found</html>', 'text/html'), '404'],
    ['405', answering(405, ''), '405'],
    ['JSON of another API', answering(200, { data: [], meta: {} }, 'application/json'), 'ListResponse'],
    [
      'a redirect',
      (_request, response) => response.writeHead(302, { location: 'https://sso.example.com/in' }).end(),
      'redirect to https://sso.example.com/in',
    ],
    ['nothing', answering(200, ''), 'nothing'],
  ])('for %s, which is named', async (_what, reply, words) => {
    const { url } = await serving(reply);
    expect(await told({ url, token })).toMatchObject({ verdict: 'not-scim', detail: expect.stringContaining(words) });
  });

  test.each([
    ['', 'nothing after the name of the server'],
    ['/', 'nothing after the name of the server'],
    ['/scim/v2/Users', 'end before "/Users"'],
    ['/administration/integrations', 'address of a page of Steeple'],
  ])('with a hint from the URL itself: "%s"', async (path, words) => {
    const { url } = await serving(answering(404, ''));
    expect((await told({ url: url.replace('/scim/v2', path), token })).remedy).toContain(words);
  });

  test('also when only the groups are missing', async () => {
    const { url } = await serving((request, response) =>
      (/Users/.test(request.url!) ? answering(200, list(5)) : answering(404, ''))(request, response),
    );
    expect(await told({ url, token })).toMatchObject({
      verdict: 'not-scim',
      detail: expect.stringContaining('not groups'),
    });
  });
});

describe('token-refused', () => {
  test.each([401, 403])('for a %i, in the words of the server', async (status) => {
    const { url } = await serving(refusal(status, 'Token unknown'));
    expect(await told({ url, token })).toMatchObject({
      verdict: 'token-refused',
      detail: `It answered ${status}: Token unknown`,
      remedy: expect.stringContaining('copy the token again'),
    });
  });

  test('for one that cannot be sent; nothing is asked', async () => {
    const { url, asked } = await serving(answering(200, list(0)));
    expect((await told({ url, token: 'two words' })).verdict).toBe('token-refused');
    expect(asked).toEqual([]);
  });

  test('although the server echoes the token', async () => {
    const { url } = await serving(refusal(401, `I do not know ${token}`));
    expect((await told({ url, token })).detail).toContain('I do not know [secret]');
  });
});

test('sso-not-configured for a 403 that speaks of SSO, with where to configure it', async () => {
  const { url } = await serving(refusal(403, 'SSO must be configured before provisioning'));
  const found = await told({ url, token });
  expect(found).toMatchObject({
    verdict: 'sso-not-configured',
    detail: expect.stringContaining('SSO must be configured'),
  });
  expect(found.remedy).toContain('Administration > Integrations');
});
