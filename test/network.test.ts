/** How Steeple is reached: what the environment says, what an admin set instead, and whose the proxy's password is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { network } from '../daemon/network.ts';
import { vault as openVault } from '../daemon/secrets.ts';
import { settings as openSettings } from '../daemon/store/settings.ts';
import { authority } from './authority.ts';
import { blank } from './stores.ts';

let folder: string;
let settings: ReturnType<typeof openSettings>;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'network-'));
  settings = openSettings(blank());
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

async function open(environment: Readonly<Record<string, string>> = {}) {
  const vault = await openVault({
    dir: join(folder, 'sealed'),
    account: folder,
    environment: { STEEPLE_RELAY_KEYCHAIN: 'off' },
  });
  const made = await network({ settings, vault, environment, warn: (words) => void warnings.push(words) });
  const set = (given: Parameters<typeof made.set>[0], then = () => {}) =>
    made.set(given, async (setting) => {
      settings.set('network', setting);
      then();
    });
  return { ...made, set };
}

test('without a setting the environment counts: HTTPS_PROXY with its user and password, and NO_PROXY; small letters first', async () => {
  const environment = { HTTPS_PROXY: 'http://ann:s%40cret@proxy.test:3128', NO_PROXY: '.intern.test' };
  const there = await open(environment);
  expect(there.route()).toMatchObject({ proxy: environment.HTTPS_PROXY, noProxy: '.intern.test' });
  const shown = await there.show();
  expect(shown).toMatchObject({ proxyFrom: 'environment', noProxy: '.intern.test', proxyPassword: false });
  expect(JSON.stringify(shown)).not.toContain('s%40cret'); // S1
  const small = await open({ ...environment, https_proxy: 'http://other.test:1', no_proxy: '*' });
  expect(small.route()).toMatchObject({ proxy: 'http://other.test:1', noProxy: '*' });
  expect((await open({ HTTPS_PROXY: 'no address' })).route().proxy).toBe(undefined);
  expect((await (await open()).show()).proxyFrom).toBe('none');
});

test('S1 what an admin sets counts instead, its password from the vault, and survives a restart', async () => {
  const environment = { HTTPS_PROXY: 'http://bob:own@other.test:1', NO_PROXY: 'a.test' };
  const there = await open(environment);
  await there.set({ proxy: 'http://proxy.test:3128', noProxy: 'b.test', proxyUser: 'ann', proxyPassword: 'p@ss:word' });
  const wanted = { proxy: 'http://ann:p%40ss%3Aword@proxy.test:3128', noProxy: 'b.test' };
  for (const one of [there, await open(environment)]) {
    const { proxy, noProxy } = one.route();
    expect({ proxy: new URL(proxy ?? '').href, noProxy }).toEqual({ ...wanted, proxy: new URL(wanted.proxy).href });
    const shown = await one.show();
    expect(shown).toMatchObject({ proxyFrom: 'setting', proxyUser: 'ann', proxyPassword: true });
    expect(JSON.stringify([shown, settings.get('network')])).not.toMatch(/p@ss|p%40ss/);
  }
  await there.set({ proxy: null, noProxy: '' });
  expect(there.route()).toMatchObject({ proxy: environment.HTTPS_PROXY, noProxy: 'a.test' });
});

test('S1 another proxy is not shown the password of the one before', async () => {
  const there = await open();
  await there.set({ proxy: 'http://proxy.test:3128', proxyUser: 'ann', proxyPassword: 'secret' });
  expect(there.route().proxy).toContain('secret');
  await there.set({ proxy: 'http://elsewhere.test:3128' });
  expect(there.route().proxy).not.toContain('secret');
  expect((await there.show()).proxyPassword).toBe(false);
  // Nor where the relay is killed between the new address and its new password.
  await there.set({ proxyPassword: 'secret', proxyUser: 'ann' });
  const cut = there.set({ proxy: 'http://third.test:3128', proxyPassword: 'other' }, () => {
    throw new Error('killed');
  });
  await expect(cut).rejects.toThrow('killed');
  const { proxy } = (await open()).route();
  expect(proxy).toContain('third.test');
  expect(proxy).not.toContain('secret');
});

test('authorities that hold no certificate, and a proxy that is no address, are refused and change nothing', async () => {
  const there = await open();
  const { cert } = await authority('Company');
  await there.set({ authorities: cert, pins: [] });
  const before = settings.get('network');
  await expect(there.set({ authorities: 'no certificate' })).rejects.toThrow('no certificate in PEM');
  await expect(there.set({ proxy: 'not an address' })).rejects.toThrow();
  expect(settings.get('network')).toEqual(before);
  expect((await there.show()).authorities).toMatchObject([{ subject: expect.stringContaining('Company') }]);
});
