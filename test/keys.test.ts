/** Access keys, and the app's end of them, against a real relay over TLS: whose name things are done in, and until when. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Relay } from '../src/main/relay.ts';
import { consoleAddress, remoteRelay } from '../src/main/remote.ts';
import { type Authority, authority } from './authority.ts';
import { type Process, startRelay } from './processes.ts';

let folder: string;
let relay: Process;
let ours: Authority;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
  ours = await authority();
  const shown = await ours.issue('relay');
  writeFileSync(join(folder, 'cert'), shown.cert);
  writeFileSync(join(folder, 'key'), shown.key);
  relay = await startRelay(join(folder, 'data'), '--tls-cert', join(folder, 'cert'), '--tls-key', join(folder, 'key'));
});
afterAll(async () => {
  await relay.end('SIGTERM');
  rmSync(folder, { recursive: true });
});

async function keyed(person: string): Promise<{ id: string; key: string; remote: Relay }> {
  const { id, key, console } = await relay.ask('key.add', { name: 'Laptop', person, by: 'root' });
  return { id, key, remote: remoteRelay(consoleAddress(console), key, ours.cert) };
}
const newest = async () => (await relay.ask('journal.tail', { limit: 1 }))[0];

test('G8 what is done with a key is done in the name of its person, whatever the app sends', async () => {
  const { remote } = await keyed('Ada');
  await remote.ask('source.add', { kind: 'scim', name: 'From afar', by: 'somebody else' });
  expect(await newest()).toMatchObject({ kind: 'decision', actor: 'Ada' });
});

test('a key that is revoked opens nothing, and what it held open ends', async () => {
  const { id, remote } = await keyed('Ben');
  let heard = 0;
  const stream = remote.listen(() => {
    heard += 1;
  }, new AbortController().signal);
  await remote.ask('status', {});
  await relay.ask('source.add', { kind: 'scim', name: 'Heard of', by: 'root' });
  await expect.poll(() => heard).toBeGreaterThan(0);
  await relay.ask('key.revoke', { id, by: 'root' });
  await stream;
  await expect(remote.ask('status', {})).rejects.toMatchObject({ code: 'unauthorized' });
  expect((await relay.ask('key.list', {})).map((one) => one.id)).not.toContain(id);
});

test('S1 only the hash of a key is kept: it is in no list, no decision and no file', async () => {
  const { id, key } = await keyed('Cho');
  const listed = await relay.ask('key.list', {});
  expect(listed.find((one) => one.id === id)).toEqual({
    id,
    name: 'Laptop',
    person: 'Cho',
    createdAt: expect.any(Number),
    seenAt: null,
  });
  const told = JSON.stringify([listed, await relay.ask('journal.tail', { limit: 100 })]) + relay.said.err;
  expect(told).not.toContain(key);
});

test('a wrong key, an unknown authority, and nobody at all are told apart', async () => {
  const origin = consoleAddress(relay.console);
  await expect(remoteRelay(origin, 'wrong', ours.cert).ask('status', {})).rejects.toMatchObject({
    code: 'unauthorized',
  });
  await expect(remoteRelay(origin, 'wrong').ask('status', {})).rejects.toMatchObject({ code: 'offline' });
  expect(await remoteRelay(origin, 'wrong', ours.cert).answers()).toBe(true);
  expect(await remoteRelay('https://127.0.0.1:1', 'x', ours.cert).answers()).toBe(false);
});

test.each([
  ['https://relay.example.com:8481/#ticket=x', 'https://relay.example.com:8481'],
  [' http://127.0.0.1:8481/ ', 'http://127.0.0.1:8481'],
  ['http://relay.example.com', undefined],
  ['relay.example.com', undefined],
  ['https://u:p@relay.example.com', undefined],
  ['file:///etc/passwd', undefined],
])('the address "%s" is kept as %s', (given, kept) => {
  if (kept === undefined) expect(() => consoleAddress(given)).toThrow();
  else expect(consoleAddress(given)).toBe(kept);
});
