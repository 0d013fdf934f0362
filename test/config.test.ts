import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startConfig } from '../daemon/config.ts';
import { Forbidden, Malformed } from '../daemon/errors.ts';
import { loopback } from '../daemon/loopback.ts';

const tls = { tlsCert: 'cert.pem', tlsKey: 'key.pem' };

test('the data folder alone is enough: everything else has a safe default', () => {
  const config = startConfig({ data: 'somewhere' });
  expect(config).toEqual({
    data: resolve('somewhere'),
    scim: { host: '127.0.0.1', port: 8480 },
    console: { host: '127.0.0.1', port: 8481 },
    allowPlainHttpOffLoopback: false,
    logLevel: 'info',
  });
  expect(Object.isFrozen(config) && Object.isFrozen(config.scim) && Object.isFrozen(config.console)).toBe(true);
});

test.each([
  ['[::1]:8480', { host: '::1', port: 8480 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['127.0.0.1:65535', { host: '127.0.0.1', port: 65535 }],
])('%s is an address', (scim, listen) => {
  expect(startConfig({ data: 'd', scim }).scim).toEqual(listen);
});

test.each([
  '8480',
  ':8480',
  '127.0.0.1',
  '127.0.0.1:65536',
  '::1:8480',
  '[127.0.0.1]:1',
  '*:8480',
  'http://a:1',
  'a b:1',
  'a:1x',
  '',
])('"%s" is refused as an address, in words that show a right one', (scim) => {
  expect(() => startConfig({ data: 'd', scim })).toThrow(/^--scim: ".*" is not HOST:PORT.*\[::1\]:8480/);
});

test('every setting that cannot be read is named, all at once', () => {
  const wrong = { scim: 'x', console: 'y', publicUrl: 'relay', logLevel: 'loud', tlsCert: '', speed: 9 };
  const words = message(() => startConfig(wrong), Malformed);
  for (const name of ['--data', '--scim', '--console', '--public-url', '--log-level', '--tls-cert', '--speed']) {
    expect(words).toContain(name);
  }
  expect(message(() => startConfig({}), Malformed)).toBe(
    '--data DIR is required: the folder where the relay keeps everything',
  );
  expect(message(() => startConfig(undefined), Malformed)).toMatch(/settings/);
});

describe('S3 off loopback there is no plain HTTP', () => {
  test.each([
    ['scim', '0.0.0.0:8480'],
    ['scim', '192.168.1.9:8480'],
    ['console', '[::]:8481'],
    ['console', 'relay.example.com:8481'],
    ['scim', '127.0.0.1.example.com:1'],
    ['scim', '[::ffff:10.0.0.1]:1'],
  ])('--%s %s is refused by name, and three ways out are given', (name, address) => {
    const words = message(() => startConfig({ data: 'd', [name]: address }), Forbidden);
    expect(words).toMatch(new RegExp(`^--${name} .*plain HTTP`));
    for (const way of ['--tls-cert', '127.0.0.1', '--allow-plain-http-off-loopback']) expect(words).toContain(way);
  });

  test('unless it is HTTPS', () => {
    const config = startConfig({ data: 'd', scim: '0.0.0.0:443', ...tls });
    expect(config.tls).toEqual({ cert: resolve('cert.pem'), key: resolve('key.pem') });
  });

  test('unless the flag that says so by name is given', () => {
    const config = startConfig({ data: 'd', scim: '0.0.0.0:80', allowPlainHttpOffLoopback: true });
    expect([config.scim.host, config.allowPlainHttpOffLoopback]).toEqual(['0.0.0.0', true]);
  });

  test('nor at the public address', () => {
    const plain = { data: 'd', publicUrl: 'http://relay.example.com' };
    expect(message(() => startConfig(plain), Forbidden)).toMatch(/^--public-url is plain HTTP/);
    expect(startConfig({ ...plain, allowPlainHttpOffLoopback: true }).publicUrl).toBe('http://relay.example.com');
    expect(startConfig({ data: 'd', publicUrl: 'http://localhost:9' }).publicUrl).toBe('http://localhost:9');
  });

  test.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['[::1]', true],
    ['0:0:0:0:0:0:0:1', true],
    ['LocalHost', true],
    ['127.1', false],
    ['0.0.0.0', false],
    ['::', false],
    ['126.0.0.1', false],
    ['128.0.0.1', false],
    ['localhost.example.com', false],
    ['', false],
  ])('"%s" is loopback: %s', (host, is) => {
    expect(loopback(host)).toBe(is);
  });
});

test('one file of a certificate without the other is refused', () => {
  expect(() => startConfig({ data: 'd', tlsCert: 'c' })).toThrow(/--tls-cert and --tls-key go together/);
  expect(() => startConfig({ data: 'd', tlsKey: 'k' })).toThrow(/--tls-cert and --tls-key go together/);
});

test('two listeners on one port are refused, but both may take a free one', () => {
  expect(() => startConfig({ data: 'd', scim: 'localhost:5', console: 'localhost:5' })).toThrow(/--scim and --console/);
  expect(startConfig({ data: 'd', scim: 'localhost:0', console: 'localhost:0' }).console.port).toBe(0);
});

test.each([
  ['https://relay.example.com', 'https://relay.example.com'],
  ['https://relay.example.com/', 'https://relay.example.com'],
  ['https://example.com/relay/scim/v2/', 'https://example.com/relay'],
  ['https://relay.example.com:8443/scim/v2', 'https://relay.example.com:8443'],
])('the public address %s is kept as %s', (publicUrl, kept) => {
  expect(startConfig({ data: 'd', publicUrl }).publicUrl).toBe(kept);
});

test.each(['relay.example.com', 'ftp://a', 'https://u:p@a', 'https://a/?x', 'https://a/#x'])(
  '%s is no public address',
  (publicUrl) => {
    const words = message(() => startConfig({ data: 'd', publicUrl }), Malformed);
    expect(words).toMatch(/^--public-url: not a web address/);
    expect(words).not.toContain('u:p');
  },
);

function message(act: () => unknown, kind: new (...args: never[]) => Error): string {
  try {
    act();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(kind);
    return (thrown as Error).message;
  }
  return expect.fail('nothing was thrown');
}

test('proxies are trusted by address or by range, and what is neither is named', () => {
  expect(startConfig({ data: 'd', trustProxy: '127.0.0.1, 10.0.0.0/8,fd00::/8' }).trustProxy).toEqual([
    '127.0.0.1',
    '10.0.0.0/8',
    'fd00::/8',
  ]);
  for (const trustProxy of ['', 'true', '1', 'loopback', '10.0.0.0/33', '10.0.0.1,', 'proxy.example', '*'])
    expect(() => startConfig({ data: 'd', trustProxy })).toThrow(/^--trust-proxy: ".*" is no address.*10\.0\.0\.0\/8/);
});

test('client authorities are asked for with a certificate of our own, or not at all', () => {
  const given = { data: 'd', tlsCert: 'c', tlsKey: 'k', scimClientCa: 's', consoleClientCa: 'b' };
  expect(startConfig(given).tls).toMatchObject({ scimClients: resolve('s'), consoleClients: resolve('b') });
  expect(() => startConfig({ data: 'd', scimClientCa: 's' })).toThrow(/--scim-client-ca .* needs --tls-cert/);
});
