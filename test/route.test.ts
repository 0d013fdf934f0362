/** The way to Steeple over real sockets: through a proxy that asks for a password, past one, with authorities and pins. */
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Shown } from '../daemon/certificates.ts';
import { type Exchanged, exchange } from '../daemon/exchange.ts';
import { pinOf, type Route } from '../daemon/route.ts';
import { type Authority, authority, type Issued } from './authority.ts';

let ours: Authority;
let right: Issued;
beforeAll(async () => {
  ours = await authority('Company authority');
  right = await ours.issue('steeple', { days: 20 });
});

const open = new Set<Server>();
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all([...open].map((server) => new Promise((done) => server.close(done))));
  open.clear();
  sockets.clear();
});
async function listening(server: Server): Promise<number> {
  server.on('connection', (socket) => sockets.add(socket));
  open.add(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** A server that answers what it was told, over TLS with the certificate given. */
const steeple = async (shown: Issued) =>
  listening(createTlsServer({ ...shown }, (request, response) => response.end(request.headers.authorization)));

/**
 * A proxy as companies have them: opens tunnels for whoever knows the password. It keeps what it saw. Every name leads
 * to this machine, so that one which no proxy may skip can be asked for.
 */
async function proxy(password?: string) {
  const seen: { to: string; auth: string | undefined }[] = [];
  const server = createServer((_request, response) =>
    response.writeHead(500).end('plain HTTP was handed to the proxy'),
  );
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    const auth = request.headers['proxy-authorization'];
    seen.push({ to: request.url ?? '', auth });
    if (password !== undefined && auth !== `Basic ${Buffer.from(password).toString('base64')}`) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const target = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    sockets.add(target);
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
  });
  return { port: await listening(server), seen };
}

/** A token that must only ever reach Steeple. */
const token = 'a-token-for-steeple-only';
async function ask(url: string, route: Route): Promise<Exchanged> {
  const wire = exchange({ url, token, route, timeoutMs: 5_000, allowPlainHttp: true });
  try {
    return await wire.send('GET', '/Users');
  } finally {
    await wire.close();
  }
}
const trusting = (more: Route = {}): Route => ({ authorities: ours.cert, ...more });

describe('a proxy', () => {
  const named = async () => {
    const shown = await ours.issue('steeple.example', { also: 'steeple.example' });
    return `https://steeple.example:${await steeple(shown)}`;
  };
  test('opens a tunnel, with the password it wants; what goes through is for Steeple alone', async () => {
    const url = await named();
    const { port, seen } = await proxy('relay:p@ss word');
    const through = `http://relay:${encodeURIComponent('p@ss word')}@127.0.0.1:${port}`;
    expect(await ask(url, trusting({ proxy: through }))).toMatchObject({
      kind: 'answered',
      status: 200,
      text: `Bearer ${token}`,
    });
    expect(seen.map(({ to }) => to)).toEqual([new URL(url).host]);
    expect(JSON.stringify(seen)).not.toContain(token);
  });
  test('that refuses the password is named, and so is what to do; nothing was sent', async () => {
    const { port } = await proxy('relay:right');
    const found = await ask(await named(), trusting({ proxy: `http://relay:wrong@127.0.0.1:${port}` }));
    expect(found).toMatchObject({ kind: 'unreachable', detail: expect.stringContaining('answered 407'), tls: false });
    expect(found.kind === 'unreachable' && found.remedy).toMatch(/--proxy-password-stdin/);
    expect(JSON.stringify(found)).not.toContain('wrong');
  });
  test('that is not there is unreachable: the write was certainly not sent', async () => {
    expect(await ask(await named(), trusting({ proxy: 'http://127.0.0.1:1' }))).toMatchObject({ kind: 'unreachable' });
  });
  test.each(['steeple.example', '.example', '*', 'other.example, steeple.example'])(
    'is passed by for hosts named in NO_PROXY as "%s"',
    async (noProxy) => {
      const { port, seen } = await proxy();
      // Nobody resolves the name, which shows that it was tried without the proxy.
      const found = await ask(await named(), trusting({ proxy: `http://127.0.0.1:${port}`, noProxy }));
      expect([found.kind, seen]).toEqual(['unreachable', []]);
    },
  );
  test('is passed by for this machine, whatever is set', async () => {
    const { port, seen } = await proxy();
    const url = `https://127.0.0.1:${await steeple(right)}`;
    expect(await ask(url, trusting({ proxy: `http://127.0.0.1:${port}` }))).toMatchObject({ status: 200 });
    expect(seen).toEqual([]);
  });
  test('never gets plain HTTP handed over, token and all: there is a tunnel for that as well', async () => {
    const plain = await listening(createServer((request, response) => response.end(request.headers.authorization)));
    const { port, seen } = await proxy();
    const found = await ask(`http://steeple.example:${plain}`, { proxy: `http://127.0.0.1:${port}` });
    expect(found).toMatchObject({ status: 200, text: `Bearer ${token}` });
    expect(seen).toHaveLength(1);
  });
});

describe('trust', () => {
  test('an authority the admin gave is trusted, and no other private one', async () => {
    const url = `https://127.0.0.1:${await steeple(right)}`;
    expect(await ask(url, trusting())).toMatchObject({ status: 200 });
    const stranger = await authority('Stranger');
    for (const route of [{}, { authorities: stranger.cert }])
      expect(await ask(url, route)).toMatchObject({ kind: 'unreachable', tls: true });
  });
  test.runIf(process.platform === 'linux')(
    'an authority in the operating system’s store is trusted, as is one of NODE_EXTRA_CA_CERTS',
    async () => {
      const url = `https://127.0.0.1:${await steeple(right)}`;
      const folder = mkdtempSync(join(tmpdir(), 'route-'));
      const file = join(folder, 'store.pem');
      writeFileSync(file, ours.cert);
      // Node reads them once a process, from where OpenSSL is told that the store is.
      const program = `
      const { exchange } = await import(${JSON.stringify(join(import.meta.dirname, '../daemon/exchange.ts'))});
      const wire = exchange({ url: process.argv[1], token: 'token', route: {}, timeoutMs: 20000, allowPlainHttp: false });
      console.log(JSON.stringify(await wire.send('GET', '/Users')));
      await wire.close();`;
      const asked = async (environment: Readonly<Record<string, string>>) => {
        const { NODE_EXTRA_CA_CERTS: _, SSL_CERT_DIR: __, ...rest } = process.env;
        const argv = ['--input-type=module', '-e', program, url];
        const child = spawn(process.execPath, argv, {
          env: { ...rest, ...environment },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        return JSON.parse(await text(child.stdout)) as Exchanged;
      };
      const nowhere = { SSL_CERT_FILE: join(folder, 'none.pem'), SSL_CERT_DIR: folder };
      expect(await asked({ ...nowhere, SSL_CERT_FILE: file })).toMatchObject({ status: 200 });
      expect(await asked({ ...nowhere, NODE_EXTRA_CA_CERTS: file })).toMatchObject({ status: 200 });
      rmSync(file);
      expect(await asked(nowhere)).toMatchObject({ kind: 'unreachable', tls: true });
      rmSync(folder, { recursive: true });
    },
  );

  test('a pinned key is let through, also that of the authority above it; any other is refused before the token goes', async () => {
    const asked: string[] = [];
    const server = createTlsServer({ ...right }, (request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    const url = `https://127.0.0.1:${await listening(server)}`;
    const other = await ours.issue('another');
    const pin = (pem: string) => pinOf(new X509Certificate(pem));
    expect(await ask(url, trusting({ pins: [pin(right.cert)] }))).toMatchObject({ status: 200 });
    expect(await ask(url, trusting({ pins: [pin(other.cert), pin(ours.cert)] }))).toMatchObject({ status: 200 });
    asked.length = 0;
    const found = await ask(url, trusting({ pins: [pin(other.cert)] }));
    expect(found).toMatchObject({ kind: 'unreachable', tls: true, detail: expect.stringContaining('pinned') });
    expect(asked).toEqual([]);
  });
  test('a pin does not make an authority trusted, nor a wrong name right', async () => {
    const pins = [pinOf(new X509Certificate(right.cert))];
    const url = `https://127.0.0.1:${await steeple(right)}`;
    expect(await ask(url, { pins })).toMatchObject({ kind: 'unreachable', tls: true });
    const misnamed = await ours.issue('x', { also: 'other.example' });
    const elsewhere = `https://127.0.0.1:${await steeple(misnamed)}`;
    const found = await ask(elsewhere, trusting({ pins: [pinOf(new X509Certificate(misnamed.cert))] }));
    expect(found).toMatchObject({ kind: 'unreachable', detail: expect.stringContaining('another name') });
  });
  test('what the server showed is told, for whoever warns before it ends', async () => {
    const seen: Shown[] = [];
    await ask(`https://127.0.0.1:${await steeple(right)}`, trusting({ saw: (chain) => void seen.push(...chain) }));
    expect(seen).toMatchObject([
      { subject: 'steeple', issuer: 'Company authority' },
      { subject: 'Company authority', issuer: 'Company authority' },
    ]);
    expect(Math.round(((seen[0]?.until ?? 0) - Date.now()) / 86_400_000)).toBe(20);
  });
});
