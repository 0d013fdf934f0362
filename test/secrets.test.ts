import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Malformed, Unavailable } from '../daemon/errors.ts';
import { type Keychain, keytar, tried } from '../daemon/keychain.ts';
import { vault } from '../daemon/secrets.ts';

const canary = 'canary-7Qx!9fK2+mW/pZ4=';
const posix = process.platform !== 'win32';

let folder: string;
let dir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steeple-secrets-'));
  dir = join(folder, 'sealed');
});
afterEach(() => rmSync(folder, { recursive: true }));

const none = () => Promise.reject(new Error('Cannot autolaunch D-Bus without X11 $DISPLAY'));
const sealedVault = (environment: Record<string, string> = {}) =>
  vault({ dir, account: 'test', keychain: none, environment });

/** A keychain as the operating system's looks through keytar, for what a real one cannot be made to do on purpose. */
function drawer(): Keychain & { readonly held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    getPassword: async (service, account) => held.get(`${service}\n${account}`) ?? null,
    setPassword: async (service, account, password) => void held.set(`${service}\n${account}`, password),
    deletePassword: async (service, account) => held.delete(`${service}\n${account}`),
  };
}

/** Every byte of every file below `dir`, names included. */
const everything = () =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name}\n${readFileSync(join(dir, name), 'latin1')}`)
    .join('\n');
const disguises = (secret: string) => [
  secret,
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
];

function credentials(content: string | Buffer): Record<string, string> {
  const given = join(folder, 'credentials');
  mkdirSync(given, { recursive: true });
  writeFileSync(join(given, 'steeple-relay-key'), content);
  return { CREDENTIALS_DIRECTORY: given };
}

describe('a sealed file', () => {
  test('gives back what was set, also to the next start, until it is removed', async () => {
    const first = await sealedVault();
    expect(await first.get('upstream-token')).toBeUndefined();
    await first.set('upstream-token', canary);
    await first.set('api-token', 'another');
    const second = await sealedVault();
    expect(await second.get('upstream-token')).toBe(canary);
    expect(await second.get('api-token')).toBe('another');
    await second.set('upstream-token', 'newer');
    await second.remove('api-token');
    expect(await first.get('upstream-token')).toBe('newer');
    expect(await first.get('api-token')).toBeUndefined();
  });

  test('S1 the secret is in no byte of the folder, and in nothing that is printed of the vault', async () => {
    const opened = await sealedVault();
    await opened.set('upstream-token', canary);
    await opened.get('upstream-token');
    const seen = `${everything()}\n${inspect(opened, { depth: Infinity, showHidden: true })}\n${JSON.stringify(opened)}`;
    for (const disguise of disguises(canary)) expect(seen).not.toContain(disguise);
    expect(seen).toContain('upstream-token.json'); // we did look at the file
  });

  test('S1 the error of a secret that does not open holds neither it nor the key', async () => {
    const opened = await sealedVault();
    await opened.set('upstream-token', canary);
    const key = readFileSync(join(dir, 'key'));
    writeFileSync(join(dir, 'key'), Buffer.alloc(32));
    const thrown = await opened.get('upstream-token').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Unavailable);
    const seen = inspect(thrown, { depth: Infinity, showHidden: true });
    for (const disguise of disguises(canary)) expect(seen).not.toContain(disguise);
    expect(seen).not.toContain(key.toString('hex'));
  });

  test('a byte changed anywhere gives an error in words or changes nothing, and never another secret', async () => {
    const opened = await sealedVault();
    await opened.set('upstream-token', canary);
    const path = join(dir, 'upstream-token.json');
    const whole = readFileSync(path);
    let refused = 0;
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 1;
      writeFileSync(path, damaged);
      const read = await opened.get('upstream-token').catch((error: unknown) => error);
      if (read === canary) continue; // the padding of base64, and white space
      expect(read).toBeInstanceOf(Unavailable);
      expect(String(read)).toContain('clear-token');
      refused += 1;
    }
    expect(refused).toBeGreaterThan(whole.length * 0.9);
  });

  test.each([
    ['damaged', () => writeFileSync(join(dir, 'upstream-token.json'), '{"version":1,"in":"key fi')],
    ['sealed with another key', () => writeFileSync(join(dir, 'key'), Buffer.alloc(32, 7))],
    ['sealed with a key that is gone', () => rmSync(join(dir, 'key'))],
  ])('what is %s is not written over, and removing it is the way out', async (_what, harm) => {
    await (await sealedVault()).set('upstream-token', canary);
    harm();
    const before = everything();
    const opened = await sealedVault();
    await expect(opened.get('upstream-token')).rejects.toThrow(Unavailable);
    await expect(opened.set('upstream-token', 'new')).rejects.toThrow(Unavailable);
    expect(everything()).toBe(before);
    await opened.remove('upstream-token');
    await opened.set('upstream-token', 'new');
    expect(await (await sealedVault()).get('upstream-token')).toBe('new');
  });

  test('a new key is never made beside a secret whose key is gone', async () => {
    const opened = await sealedVault();
    await opened.set('upstream-token', canary);
    rmSync(join(dir, 'key'));
    await expect(opened.set('api-token', 'x')).rejects.toThrow(/gone/);
    expect(readdirSync(dir)).toEqual(['upstream-token.json']);
  });

  test('one sealed file put in the place of another does not open', async () => {
    const opened = await sealedVault();
    await opened.set('upstream-token', canary);
    await opened.set('api-token', 'another');
    copyFileSync(join(dir, 'upstream-token.json'), join(dir, 'api-token.json'));
    await expect(opened.get('api-token')).rejects.toThrow(Unavailable);
  });

  test('a tag cut to its first four bytes does not open', async () => {
    const opened = await sealedVault();
    await opened.set('upstream-token', canary);
    const path = join(dir, 'upstream-token.json');
    const entry = JSON.parse(readFileSync(path, 'utf8'));
    const tag = Buffer.from(entry.tag, 'base64').subarray(0, 4).toString('base64');
    writeFileSync(path, JSON.stringify({ ...entry, tag }));
    await expect(opened.get('upstream-token')).rejects.toThrow(Unavailable);
  });

  test('the same secret set twice is sealed under two nonces', async () => {
    const opened = await sealedVault();
    await opened.set('upstream-token', canary);
    const first = JSON.parse(readFileSync(join(dir, 'upstream-token.json'), 'utf8'));
    await opened.set('upstream-token', canary);
    const second = JSON.parse(readFileSync(join(dir, 'upstream-token.json'), 'utf8'));
    expect(second.nonce).not.toBe(first.nonce);
    expect(second.sealed).not.toBe(first.sealed);
  });

  test('two first secrets set at once are sealed with one key', async () => {
    const opened = await sealedVault();
    await Promise.all([opened.set('upstream-token', canary), opened.set('api-token', 'another')]);
    expect(await opened.get('upstream-token')).toBe(canary);
    expect(await opened.get('api-token')).toBe('another');
    expect(readdirSync(dir).sort()).toEqual(['api-token.json', 'key', 'upstream-token.json']);
  });

  test('an empty secret is refused', async () => {
    await expect((await sealedVault()).set('upstream-token', '')).rejects.toThrow(Malformed);
  });

  test.runIf(posix)(
    'only the owner may open folder and files; rights that were looser are taken back, and it is said',
    async () => {
      mkdirSync(dir, { mode: 0o755 });
      await (await sealedVault()).set('upstream-token', canary);
      const mode = (path: string) => statSync(path).mode & 0o777;
      expect([mode(dir), mode(join(dir, 'key')), mode(join(dir, 'upstream-token.json'))]).toEqual([
        0o700, 0o600, 0o600,
      ]);
      chmodSync(join(dir, 'key'), 0o644);
      const opened = await sealedVault();
      expect(mode(join(dir, 'key'))).toBe(0o600);
      expect(opened.warnings.join('\n')).toMatch(/could be read by others .* new token/);
    },
  );

  test('says in plain words that a key file protects from little', async () => {
    const opened = await sealedVault();
    expect(opened.kept).toMatch(/^sealed file \(key file beside it/);
    expect(opened.warnings.join('\n')).toMatch(/Whoever can read the folder .* can open/);
    expect(opened.warnings.join('\n')).toContain('Cannot autolaunch D-Bus');
  });
});

describe('a key from systemd', () => {
  const given = Buffer.alloc(40, 'k');

  test('seals without any key on disk, and opens again only where systemd gives it', async () => {
    const environment = credentials(given);
    const opened = await sealedVault(environment);
    expect(opened.kept).toBe('sealed file (key from systemd)');
    expect(opened.warnings.join('\n')).not.toContain('Whoever can read');
    await opened.set('upstream-token', canary);
    expect(readdirSync(dir)).toEqual(['upstream-token.json']);
    expect(everything()).not.toContain(canary);
    expect(await (await sealedVault(environment)).get('upstream-token')).toBe(canary);

    const without = await sealedVault();
    expect(without.kept).toBe('sealed file (key from systemd)');
    await expect(without.get('upstream-token')).rejects.toThrow(/LoadCredential=steeple-relay-key/);
    await expect(without.set('upstream-token', 'x')).rejects.toThrow(Unavailable);
    await expect(without.set('api-token', 'x')).rejects.toThrow(Unavailable);
    await expect((await sealedVault(credentials(Buffer.alloc(40, 'x')))).get('upstream-token')).rejects.toThrow(
      /another key/,
    );
  });

  test('that is too short to be one is refused by name', async () => {
    await expect(sealedVault(credentials('short'))).rejects.toThrow(/steeple-relay-key has 5 bytes/);
  });

  test('that appears later does not change where secrets are, and it is said how to move', async () => {
    await (await sealedVault()).set('upstream-token', canary);
    const later = await sealedVault(credentials(given));
    expect(later.kept).toMatch(/key file beside it/);
    expect(await later.get('upstream-token')).toBe(canary);
    expect(later.warnings.join('\n')).toMatch(/systemd gives a key now, but it is not used/);
  });
});

describe('a keychain', () => {
  const withKeychain = (keychain: () => Promise<Keychain>, environment: Record<string, string> = {}) =>
    vault({ dir, account: 'test', keychain, environment });

  test('that answers keeps the secret; the folder only says that it does', async () => {
    const keychain = drawer();
    const opened = await withKeychain(async () => keychain);
    expect([opened.kept, opened.warnings]).toEqual(['keychain', []]);
    await opened.set('upstream-token', canary);
    expect([...keychain.held.values()]).toEqual([canary]); // and the trial entry is gone again
    expect(JSON.parse(readFileSync(join(dir, 'upstream-token.json'), 'utf8'))).toEqual({ version: 1, in: 'keychain' });
    expect(await (await withKeychain(async () => keychain)).get('upstream-token')).toBe(canary);
    await opened.remove('upstream-token');
    expect(keychain.held.size).toBe(0);
    expect(await opened.get('upstream-token')).toBeUndefined();
  });

  test('keeps the secrets of two relays apart', async () => {
    const keychain = drawer();
    const one = await withKeychain(async () => keychain);
    await one.set('upstream-token', canary);
    const two = await vault({
      dir: join(folder, 'two'),
      account: 'two',
      keychain: async () => keychain,
      environment: {},
    });
    await two.set('upstream-token', 'another');
    expect(await one.get('upstream-token')).toBe(canary);
  });

  test('that appears later does not change where secrets are; emptied, the vault chooses anew', async () => {
    await (await sealedVault()).set('upstream-token', canary);
    const keychain = drawer();
    const later = await withKeychain(async () => keychain);
    expect(later.kept).toMatch(/^sealed file/);
    expect(later.warnings.join('\n')).toMatch(/A keychain answers now, but secrets stay/);
    expect(await later.get('upstream-token')).toBe(canary);
    await later.set('upstream-token', 'newer');
    expect(keychain.held.size).toBe(0);
    await later.remove('upstream-token');
    expect((await withKeychain(async () => keychain)).kept).toBe('keychain');
  });

  test('that is gone is an error in words, never a silent change to a file', async () => {
    const keychain = drawer();
    await (await withKeychain(async () => keychain)).set('upstream-token', canary);
    const later = await sealedVault();
    expect(later.kept).toBe('keychain');
    expect(later.warnings.join('\n')).toMatch(/put in the keychain, and it does not answer now: Cannot autolaunch/);
    await expect(later.get('upstream-token')).rejects.toThrow(/Cannot autolaunch D-Bus/);
    expect([await later.has('upstream-token'), await later.has('api-token')]).toEqual([true, false]);
    await expect(later.set('upstream-token', 'x')).rejects.toThrow(Unavailable);
    await expect(later.set('api-token', 'x')).rejects.toThrow(Unavailable);
    await expect(later.remove('upstream-token')).rejects.toThrow(Unavailable);
    expect(readdirSync(dir)).toEqual(['upstream-token.json']);
  });

  test('that was locked at the start and answers later gives the secret then', async () => {
    const keychain = drawer();
    await (await withKeychain(async () => keychain)).set('upstream-token', canary);
    let locked = true;
    const opened = await withKeychain(async () => ({
      ...keychain,
      setPassword: (...entry) => (locked ? Promise.reject(new Error('locked')) : keychain.setPassword(...entry)),
    }));
    expect(opened.warnings.join('\n')).toContain('locked');
    locked = false;
    expect(await opened.get('upstream-token')).toBe(canary);
    await opened.set('upstream-token', 'newer');
    expect(await opened.get('upstream-token')).toBe('newer');
  });

  test('from which somebody deleted the entry is an error, and takes a new secret', async () => {
    const keychain = drawer();
    const opened = await withKeychain(async () => keychain);
    await opened.set('upstream-token', canary);
    keychain.held.clear();
    await expect(opened.get('upstream-token')).rejects.toThrow(/not there any more/);
    await opened.set('upstream-token', 'new');
    expect(await opened.get('upstream-token')).toBe('new');
  });

  test('that takes entries and gives back others is not used', async () => {
    const liar: Keychain = { ...drawer(), getPassword: async () => 'something else' };
    expect((await withKeychain(async () => liar)).kept).toMatch(/^sealed file/);
  });

  test('that never answers is given up', async () => {
    const silent: Keychain = { ...drawer(), setPassword: () => new Promise(() => undefined) };
    expect((await tried(async () => silent, 'test', 20)).problem).toMatch(/did not answer in time/);
  });

  test('can be turned off by name', async () => {
    const opened = await withKeychain(async () => drawer(), { STEEPLE_RELAY_KEYCHAIN: 'off' });
    expect(opened.kept).toMatch(/^sealed file/);
    expect(opened.warnings.join('\n')).toContain('turned off by STEEPLE_RELAY_KEYCHAIN');
  });
});

const lacking = await whatIsLacking();
if (lacking !== undefined) {
  console.warn(
    `NOT RUN: secrets against a real keyring, because ${lacking}. On Debian: apt install gnome-keyring dbus libsecret-1-dev && npm rebuild keytar`,
  );
}

describe.skipIf(lacking !== undefined)('the real keyring', () => {
  /** Runs `body` (which has `open` and `token`) in a process that has GNOME Keyring, or none; the token goes by stdin. */
  function inSession(body: string, keyring: boolean): Record<string, unknown> {
    const program = `
      import { readFileSync } from 'node:fs';
      import { vault } from ${JSON.stringify(resolve('daemon/secrets.ts'))};
      const token = readFileSync(0, 'utf8');
      const open = () => vault({ dir: ${JSON.stringify(dir)}, account: 'relay under test', environment: {} });
      const words = (thrown) => thrown.name + ': ' + thrown.message;
      console.log(JSON.stringify(await (async () => { ${body} })()));`;
    writeFileSync(join(folder, 'program.mjs'), program);
    const unlock = `printf 'pass\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0" "$1"`;
    const run = [process.execPath, join(folder, 'program.mjs')] as const;
    const [command, ...rest] = keyring ? ['dbus-run-session', '--', 'sh', '-c', unlock, ...run] : run;
    const { DBUS_SESSION_BUS_ADDRESS: _, DISPLAY: __, ...environment } = process.env;
    const { stdout, stderr } = spawnSync(command!, rest, {
      input: canary,
      encoding: 'utf8',
      timeout: 150_000,
      // A home of its own: keyrings are files there, and this must not be those of the person who runs the tests.
      env: { ...environment, HOME: folder, XDG_RUNTIME_DIR: folder, XDG_DATA_HOME: join(folder, 'share') },
    });
    return JSON.parse(stdout || JSON.stringify({ stderr }));
  }

  test('S1 keeps a token over two processes, and no byte of the data folder has it', () => {
    const both = inSession(
      `const first = await open();
       await first.set('upstream-token', token);
       const second = await open();
       const seen = { kept: second.kept, warnings: second.warnings, same: (await second.get('upstream-token')) === token };
       await second.set('api-token', 'x');
       await second.remove('api-token');
       return { ...seen, removed: (await second.get('api-token')) === undefined };`,
      true,
    );
    expect(both).toEqual({ kept: 'keychain', warnings: [], same: true, removed: true });
    for (const disguise of disguises(canary)) expect(everything()).not.toContain(disguise);
    const again = inSession(`return { same: (await (await open()).get('upstream-token')) === token };`, true);
    expect(again).toEqual({ same: true });
    const without = inSession(
      `const later = await open();
       return { kept: later.kept, read: await later.get('upstream-token').catch(words) };`,
      false,
    );
    expect(without.kept).toBe('keychain');
    expect(without.read).toMatch(/keychain, where the secret belongs, does not answer: .*D-Bus/);
  });

  test('without a session bus the vault is a sealed file, and says why', () => {
    const { kept, why } = inSession(
      `const opened = await open();
       await opened.set('upstream-token', token);
       return { kept: opened.kept, why: opened.warnings.join(' ') };`,
      false,
    );
    expect(kept).toMatch(/^sealed file \(key file/);
    expect(why).toMatch(/none answers: .*D-Bus/);
  });
});

async function whatIsLacking(): Promise<string | undefined> {
  const has = (command: string) => spawnSync(command, ['--version']).error === undefined;
  if (!has('gnome-keyring-daemon')) return 'gnome-keyring is not installed';
  if (!has('dbus-run-session')) return 'dbus is not installed';
  return keytar().then(
    () => undefined,
    (thrown: unknown) => `keytar does not load (${String(thrown).split('\n', 1)[0]})`,
  );
}
