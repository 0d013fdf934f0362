/** The listeners' certificates on real sockets: what is shown, what a renewal changes, and who is let in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { certificates, shownOf } from '../daemon/certificates.ts';
import { type Listener, listen } from '../daemon/http/server.ts';
import { logger } from '../daemon/log.ts';
import { renewal } from '../daemon/renewal.ts';
import { type Authority, authority, type Issued } from './authority.ts';

let ours: Authority;
let theirs: Authority;
let first: Issued;
let second: Issued;
let client: Issued;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([authority('Ours'), authority('Theirs')]);
  [first, second, client] = await Promise.all([ours.issue('first'), ours.issue('second'), ours.issue('a provider')]);
});

let folder: string;
let listener: Listener | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificates-'));
});
afterEach(async () => {
  await listener?.close();
  listener = undefined;
  rmSync(folder, { recursive: true });
});
afterAll(() => listener?.close());

const path = (name: string) => join(folder, name);
function put({ cert, key }: Issued): { cert: string; key: string } {
  writeFileSync(path('cert'), cert);
  writeFileSync(path('key'), key);
  return { cert: path('cert'), key: path('key') };
}

/** The status a client gets, or the code of why its connection was not agreed. */
function ask(url: string, as: Partial<Issued> = {}): Promise<string> {
  return new Promise((done) => {
    const going = request(url, { ...as, ca: ours.cert, agent: false }, (response) => {
      response.resume();
      done(`${response.statusCode}`);
    });
    going.on('error', (error: NodeJS.ErrnoException) => done(`refused ${error.code}`));
    going.end();
  });
}
/** Whose certificate is shown to a connection made now. */
function shownAt(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  return new Promise((done, fail) => {
    const socket = connect({ host, port: Number(port), ca: ours.cert }, () => {
      done(String(socket.getPeerCertificate().subject.CN));
      socket.end();
    });
    socket.on('error', fail);
  });
}
const open = async (tls: ReturnType<typeof certificates>) => {
  listener = await listen((_request, response) => response.end(), { host: '127.0.0.1', port: 0, tls, graceMs: 100 });
  return listener.url;
};

test('a renewed certificate is shown from the next connection on, without a restart', async () => {
  const files = put(first);
  const held = certificates(files);
  const url = await open(held);
  expect([await shownAt(url), held.look()]).toEqual(['first', false]);
  put(second);
  expect([held.look(), await shownAt(url), held.shown().own.subject]).toEqual([true, 'second', 'second']);
});

test('half a renewal is not taken: the old pair goes on, the problem is told, and the whole pair is found later', async () => {
  const held = certificates(put(first));
  const url = await open(held);
  writeFileSync(path('cert'), second.cert);
  expect([held.look(), await shownAt(url)]).toEqual([false, 'first']);
  expect(held.problem()).toMatch(/do not belong to each other/);
  writeFileSync(path('key'), second.key);
  expect([held.look(), await shownAt(url), held.problem()]).toEqual([true, 'second', undefined]);
});

test.each([
  ['a certificate that is not there', () => rmSync(path('cert')), /certificate .*cannot be read \(ENOENT\)/],
  ['a certificate that is none', () => writeFileSync(path('cert'), 'nothing'), /holds no certificate in PEM/],
  ['a key of another', () => writeFileSync(path('key'), second.key), /do not belong to each other/],
  ['a key that is none', () => writeFileSync(path('key'), 'nothing'), /cannot be used/],
])('%s is refused in words at the start', (_what, spoil, words) => {
  const files = put(first);
  spoil();
  expect(() => certificates(files)).toThrow(words);
});

describe('with authorities for clients', () => {
  const guarded = () => {
    writeFileSync(path('clients'), ours.cert);
    return certificates({ ...put(first), clients: path('clients') });
  };
  test('a client they know gets in; one without a certificate, or of another authority, does not', async () => {
    const url = await open(guarded());
    const stranger = await theirs.issue('somebody');
    expect(await ask(url, client)).toBe('200');
    expect(await ask(url)).toMatch(/^refused/);
    expect(await ask(url, stranger)).toMatch(/^refused/);
  });
  test('other authorities hold from the next connection on', async () => {
    const held = guarded();
    const url = await open(held);
    writeFileSync(path('clients'), theirs.cert);
    expect(held.look()).toBe(true);
    expect(await ask(url, client)).toMatch(/^refused/);
    expect(await ask(url, await theirs.issue('somebody'))).toBe('200');
  });
  test('a file without an authority is refused: it would let nobody in', () => {
    writeFileSync(path('clients'), '');
    expect(() => certificates({ ...put(first), clients: path('clients') })).toThrow(/holds no certificate/);
  });
});

test('both listeners are renewed together, and a problem is logged once', async () => {
  const lines: string[] = [];
  const log = logger({ level: 'info', stream: { write: (line: string) => void lines.push(line) } });
  writeFileSync(path('clients'), ours.cert);
  const held = renewal({ ...put(first), scimClients: path('clients') }, log);
  put(second);
  held.look();
  expect([held.scim.shown().own.subject, held.console.shown().own.subject]).toEqual(['second', 'second']);
  expect(held.authorities().map(({ subject }) => subject)).toEqual(['Ours']);
  writeFileSync(path('key'), 'nothing');
  held.look();
  held.look();
  expect(held.problem()).toMatch(/cannot be used/);
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['certificate renewed', 'renewed certificate not taken']);
  held.stop();
});

test('what a chain holds is read in its order, with its times; what is no certificate is not', () => {
  const [one, two, ...more] = shownOf(`${first.cert}\nwords between\n${ours.cert}`);
  expect([one?.subject, one?.issuer, two?.subject, more.length]).toEqual(['first', 'Ours', 'Ours', 0]);
  expect(Math.round(((one?.until ?? 0) - Date.now()) / 86_400_000)).toBe(365);
  expect(shownOf('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toEqual([]);
});
