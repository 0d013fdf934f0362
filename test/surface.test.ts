/** What lies between the door and the wire: gzip both ways, and the address a client used behind a proxy. */
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { urn } from '../daemon/contract/scim.ts';
import { bodyLimit } from '../daemon/http/body.ts';
import { authority } from './authority.ts';
import { type Door, openDoor } from './door.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
  for (let index = 0; index < 20; index += 1) await door.post('/Users', { userName: `péople.${index}@x.test` });
});
afterAll(() => door.close());

/** Node's own client, which neither asks for an encoding by itself nor undoes one. */
function bare(method: string, path: string, headers: Record<string, string>) {
  return new Promise<{ status: number; headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
    request(door.base + path, { method, headers: { authorization: 'entra', ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('An answer', () => {
  test.each(['gzip', 'deflate, gzip', 'GZIP;q=0.5, br', 'x-gzip', 'br,gzip ; q=1'])(
    'that is large goes as gzip to who reads it, the same text and of the stated length: %s',
    async (encoding) => {
      const plain = await bare('GET', '/Users', {});
      const zipped = await bare('GET', '/Users', { 'accept-encoding': encoding });
      expect([zipped.status, zipped.headers['content-encoding']]).toEqual([200, 'gzip']);
      expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true);
      expect(zipped.headers['content-length']).toBe(String(zipped.bytes.length));
      expect(zipped.headers['content-type']).toBe('application/scim+json; charset=utf-8');
      expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 3);
      // Whatever keeps answers on the way must keep both.
      expect([plain.headers.vary, zipped.headers.vary]).toEqual(['Accept-Encoding', 'Accept-Encoding']);
    },
  );

  test.each(['', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.000', 'not-gzip', 'gzipped', '*;q=0'])(
    'goes as it is to who does not say so: "%s"',
    async (encoding) => {
      const { headers, bytes } = await bare('GET', '/Users', { 'accept-encoding': encoding });
      expect(headers).not.toHaveProperty('content-encoding');
      expect(JSON.parse(bytes.toString()).totalResults).toBe(20);
    },
  );

  test('that is small is not touched, and HEAD says what GET would', async () => {
    const small = await bare('GET', '/Users?count=1', { 'accept-encoding': 'gzip' });
    expect(small.headers).not.toHaveProperty('content-encoding');
    expect(small.headers).not.toHaveProperty('vary');
    const read = await bare('GET', '/Users', { 'accept-encoding': 'gzip' });
    const head = await bare('HEAD', '/Users', { 'accept-encoding': 'gzip' });
    expect(head.bytes).toHaveLength(0);
    for (const name of ['content-encoding', 'content-length', 'content-type', 'vary'])
      expect(head.headers[name]).toBe(read.headers[name]);
  });
});

describe('A body in gzip', () => {
  const packed = { 'content-encoding': 'gzip' };

  test.each(['gzip', 'GZip', 'x-gzip'])('is read as what it holds, on every verb: %s', async (encoding) => {
    const as = { 'content-encoding': encoding };
    const userName = `${encoding}@x.test`;
    const made = await door.post('/Users', gzipSync(JSON.stringify({ userName, displayName: 'Zoé' })), as);
    expect([made.status, made.body.displayName]).toEqual([201, 'Zoé']);
    const patch = gzipSync(JSON.stringify({ Operations: [{ op: 'replace', path: 'title', value: 'x' }] }));
    expect((await door.ask('PATCH', `/Users/${made.body.id}`, patch, as)).body.title).toBe('x');
    const search = gzipSync(JSON.stringify({ filter: `userName eq "${userName}"` }));
    expect((await door.post('/Users/.search', search, as)).body.totalResults).toBe(1);
    await door.delete(`/Users/${made.body.id}`);
  });

  test('I10 has the same limit once it is unpacked, to the byte, also when it is a bomb', async () => {
    const frame = JSON.stringify({ userName: 'packed@x.test', title: '' }).length;
    const sized = (more: number) =>
      gzipSync(JSON.stringify({ userName: 'packed@x.test', title: 'x'.repeat(bodyLimit - frame + more) }));
    const made = await door.post('/Users', sized(0), packed);
    expect([made.status, made.body.title.length]).toEqual([201, bodyLimit - frame]);
    await door.delete(`/Users/${made.body.id}`);
    expect((await door.post('/Users', sized(1), packed)).status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(40 * bodyLimit, 0x20));
    expect(bomb.length).toBeLessThan(bodyLimit / 10);
    const refused = await door.post('/Users', bomb, packed);
    expect([refused.status, refused.body.schemas, refused.body.status]).toEqual([413, [urn.error], '413']);
    expect(door.log.tail(1)[0]).toMatchObject({ kind: 'refusal', body: { status: 413, bytes: bomb.length } });
  });
});

describe('The address of a resource', () => {
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'relay.example' };

  test('is what a configured proxy says the client used, wherever an answer names one', async () => {
    const behind = await openDoor(':memory:', { trustProxy: ['127.0.0.1', '10.0.0.0/8'] });
    const base = 'https://relay.example/scim/v2';
    const made = await behind.post('/Users', { userName: 'a' }, forwarded);
    const { id } = made.body;
    const team = (await behind.post('/Groups', { displayName: 'g', members: [{ value: id }] }, forwarded)).body;
    expect(made.headers.get('location')).toBe(`${base}/Users/${id}`);
    expect(made.body.meta.location).toBe(`${base}/Users/${id}`);
    expect(team.members[0].$ref).toBe(`${base}/Users/${id}`);
    const read = await behind.get(`/Users/${id}`, forwarded);
    expect(read.headers.get('content-location')).toBe(`${base}/Users/${id}`);
    expect(read.body.groups[0].$ref).toBe(`${base}/Groups/${team.id}`);
    expect((await behind.get('/ServiceProviderConfig', forwarded)).body.meta.location).toBe(
      `${base}/ServiceProviderConfig`,
    );
    // Without the headers the proxy is a client as any other.
    expect((await behind.get(`/Users/${id}`)).body.meta.location).toBe(`${behind.base}/Users/${id}`);
    await behind.close();
  });

  test.each([
    ['HTTPS', 'relay.example:8443', 'https://relay.example:8443'],
    ['https, http', 'relay.example, inner.test', 'https://relay.example'],
    ['http', '[2001:db8::7]:8480', 'http://[2001:db8::7]:8480'],
    ['https', 'relay.example/evil?', 'https://HOST'],
    ['https', '"><script>', 'https://HOST'],
    ['https', '', 'https://HOST'],
    ['javascript', 'relay.example', 'http://relay.example'],
  ])('is made of nothing but a scheme and a host, whatever a proxy hands on: %s, %s', async (proto, host, expected) => {
    const behind = await openDoor(':memory:', { trustProxy: ['127.0.0.1'] });
    const { body } = await behind.get('/ServiceProviderConfig', {
      'x-forwarded-proto': proto,
      'x-forwarded-host': host,
    });
    const base = expected.replace('HOST', new URL(behind.base).host);
    expect(body.meta.location).toBe(`${base}/scim/v2/ServiceProviderConfig`);
    await behind.close();
  });

  test('is under the path at which a proxy shows the relay, to who came that way', async () => {
    const shown = { publicUrl: 'https://Example.com/relay', trustProxy: ['127.0.0.1'] };
    const behind = await openDoor(':memory:', shown);
    const that = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.com' };
    const { id } = (await behind.post('/Users', { userName: 'a' }, that)).body;
    const { headers, body } = await behind.get(`/Users/${id}`, that);
    expect(body.meta.location).toBe(`https://example.com/relay/scim/v2/Users/${id}`);
    expect(headers.get('content-location')).toBe(body.meta.location);
    // Who came another way would not find it there.
    expect((await behind.get(`/Users/${id}`)).body.meta.location).toBe(`${behind.base}/Users/${id}`);
    const other = { ...that, 'x-forwarded-host': 'example.com:8443' };
    expect((await behind.get(`/Users/${id}`, other)).body.meta.location).toBe(
      `https://example.com:8443/scim/v2/Users/${id}`,
    );
    await behind.close();
  });

  test('is https where the connection is, without any proxy', async () => {
    const root = await authority();
    const pems = await root.issue('localhost', { also: '127.0.0.1' });
    const secure = await openDoor(':memory:', { tls: { now: () => pems, renewed: () => {} } });
    const told = await new Promise<string>((resolve, reject) => {
      const options = { agent: false, ca: root.cert, headers: { authorization: 'entra' } };
      secureRequest(`${secure.base}/ServiceProviderConfig`, options, (response) => {
        response.toArray().then((chunks) => resolve(Buffer.concat(chunks).toString()), reject);
      })
        .on('error', reject)
        .end();
    });
    expect(secure.base).toMatch(/^https:/);
    expect(JSON.parse(told).meta.location).toBe(`${secure.base}/ServiceProviderConfig`);
    await secure.close();
  });

  test('is not what a stranger says, whoever else is trusted', async () => {
    const elsewhere = await openDoor(':memory:', { trustProxy: ['10.0.0.0/8', 'fd00::/8'] });
    const made = await elsewhere.post('/Users', { userName: 'a' }, forwarded);
    expect(made.headers.get('location')).toBe(`${elsewhere.base}/Users/${made.body.id}`);
    await elsewhere.close();
  });

  test('is the listener’s own where an old client names no host', async () => {
    for (const trustProxy of [undefined, ['127.0.0.1']] as const) {
      const own = await openDoor(':memory:', trustProxy === undefined ? {} : { trustProxy });
      const { hostname, port } = new URL(own.base);
      const told = await new Promise<string>((resolve, reject) => {
        const socket = connect({ host: hostname, port: Number(port) });
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk.toString();
        });
        socket.on('close', () => resolve(text)).on('error', reject);
        socket.write('GET /scim/v2/ServiceProviderConfig HTTP/1.0\r\nAuthorization: entra\r\n\r\n');
      });
      expect(told).toContain(`"location":"${own.base}/ServiceProviderConfig"`);
      await own.close();
    }
  });
});
