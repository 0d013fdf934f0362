/** What the app does outside its window, through its arguments: tray, notifications, links, bounds, log-in, updates, keys. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Status } from '../daemon/contract/status.ts';
import config, { fuses } from '../electron-builder.config.ts';
import { type Bounds, least, visible } from '../src/main/bounds.ts';
import { connection } from '../src/main/connection.ts';
import { linkAmong, routeOf } from '../src/main/deeplink.ts';
import { desktop } from '../src/main/desktop.ts';
import { hidden, login } from '../src/main/login.ts';
import { type Actions, appMenu, trayMenu, trayTip, trayTitle } from '../src/main/menus.ts';
import { type Known, noticesOf } from '../src/main/notices.ts';
import { preferences, updatesAllowed } from '../src/main/preferences.ts';
import type { Relay } from '../src/main/relay.ts';
import { type Updater, updates } from '../src/main/updates.ts';
import { vault } from '../src/main/vault.ts';
import { languageOf, sayIn } from '../src/main/words.ts';

type Seen = { held: number; dead: number; token: boolean; outage?: boolean };
const statusOf = ({ held, dead, token, outage = false }: Seen) =>
  ({
    held: { count: held, oldestAt: held > 0 ? 1 : null },
    deliveries: { owed: 0, sending: 0, dead, oldestAt: null },
    sync: { state: 'on', since: 1, by: 'ada', plan: 'p' },
    circuit: {
      state: token || outage ? 'open' : 'closed',
      kind: token ? 'token' : outage ? 'outage' : null,
      reason: token ? 'It answered 401' : null,
      remedy: token ? 'Set it again.' : null,
    },
  }) as Status;
const say = sayIn('en');
const did: string[] = [];
const actions: Actions = {
  open: () => void did.push('open'),
  go: (route) => void did.push(route),
  quit: () => void did.push('quit'),
  help: () => void did.push('help'),
  update: () => void did.push('update'),
};
const file = (text?: string) => {
  const kept = { text };
  return {
    kept,
    read() {
      if (kept.text === undefined) throw new Error('ENOENT');
      return kept.text;
    },
    write(written: string) {
      kept.text = written;
    },
  };
};

describe('notifications', () => {
  test('news is what is more than before: a held item, a dead letter, a refused token, each with where its click leads', () => {
    const before: Known = { held: 1, dead: 0, token: false };
    expect(noticesOf(before, statusOf({ held: 1, dead: 0, token: false }), say)).toEqual([]);
    expect(noticesOf(before, statusOf({ held: 0, dead: 0, token: false, outage: true }), say)).toEqual([]);
    expect(noticesOf(before, statusOf({ held: 2, dead: 1, token: true }), say)).toMatchObject([
      { title: 'Steeple refuses the token', body: 'Set it again.', route: '#/setup' },
      { title: 'A change waits for you', route: '#/review' },
      { title: 'Steeple refused a write for good', route: '#/activity/deliveries' },
    ]);
    expect(noticesOf({ ...before, token: true }, statusOf({ held: 4, dead: 0, token: true }), say)).toMatchObject([
      { title: '3 changes wait for you' },
    ]);
  });
  test('the first look ever is no news, and a restart tells only what came meanwhile', async () => {
    const kept = preferences(file());
    const told: string[] = [];
    let now = statusOf({ held: 3, dead: 0, token: false });
    const shown: string[] = [];
    const outside = () =>
      desktop({
        status: async () => now,
        own: () => true,
        preferences: kept,
        actions,
        say,
        surface: {
          tray: (title, tip) => void shown.push(`${title}|${tip}`),
          badge: () => {},
          notify: ({ title }) => void told.push(title),
        },
      });
    await outside().heard('here');
    expect(told).toEqual([]);
    now = statusOf({ held: 5, dead: 0, token: false });
    await outside().heard('changed');
    expect(told).toEqual(['2 changes wait for you']);
    await outside().heard('changed');
    expect(told).toHaveLength(1);
    expect(shown.at(-1)).toBe('5|Steeple Companion – Sync is on, 5 changes wait for you');
    await outside().heard('away');
    expect(shown.at(-1)).toBe('|Steeple Companion – The relay does not answer');
  });
});

describe('menus', () => {
  test('the tray says how it is, leads to what waits, and says when quitting stops the relay', () => {
    const menu = trayMenu(statusOf({ held: 2, dead: 0, token: true }), true, sayIn('fr'), actions);
    expect(menu.map(({ label }) => label)).toEqual([
      'Plus rien n’est écrit dans Steeple',
      '2 changements vous attendent',
      undefined,
      'Ouvrir Steeple Companion',
      'Quitter et arrêter le relais',
    ]);
    did.length = 0;
    for (const entry of menu) (entry.click as (() => void) | undefined)?.();
    expect(did).toEqual(['#/review', 'open', 'quit']);
    expect(trayMenu(undefined, false, say, actions).at(-1)?.label).toBe('Quit');
    expect([trayTitle(undefined), trayTip(undefined, say)]).toEqual([
      '',
      'Steeple Companion – The relay does not answer',
    ]);
  });
  test('no menu of a packaged app reloads the page or opens developer tools', () => {
    const roles = (packaged: boolean) => JSON.stringify(appMenu(say, actions, { mac: false, packaged }));
    expect(roles(true)).not.toMatch(/reload|toggleDevTools/);
    expect(roles(false)).toMatch(/toggleDevTools/);
    const { update: _, ...without } = actions;
    expect(JSON.stringify(appMenu(say, without, { mac: true, packaged: true }))).not.toContain('Look for an update');
  });
  test('every phrase is there in both languages, and the system decides which', () => {
    const [en, fr] = [sayIn('en'), sayIn('fr')];
    for (const phrase of ['open', 'reviewMany', 'heldBody', 'updateReady'] as const)
      expect(fr(phrase, { count: 2, version: '1' })).not.toBe(en(phrase, { count: 2, version: '1' }));
    expect(['fr-FR', 'fr', 'FR-ca', 'en-GB', 'de', 'fro'].map(languageOf)).toEqual([
      'fr',
      'fr',
      'fr',
      'en',
      'en',
      'en',
    ]);
  });
});

describe('steeple-companion:// links', () => {
  test.each([
    ['steeple-companion://review/12', '#/review/12'],
    ['steeple-companion://people/ada@example.com', '#/people/ada%40example.com'],
    ['steeple-companion://settings/about', '#/settings/about'],
    ['steeple-companion://overview/', '#/overview'],
    ['steeple-companion://elsewhere', undefined],
    ['steeple-companion://review/12?approve=1', undefined],
    ['steeple-companion://review/12#x', undefined],
    ['steeple-companion://user@review/12', undefined],
    ['steeple-companion://review/%2e%2e%2f', undefined],
    ['steeple-companion://review/<script>', undefined],
    ['https://review/12', undefined],
    ['steeple-companion:review', undefined],
    ['', undefined],
  ])('%s leads to %s', (link, route) => {
    expect(routeOf(link)).toBe(route);
  });
  test('whatever is handed over, only a page of ours comes out, and nothing that could be markup or an address', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('review', 'people', '..', '%2F', '<b>', 'javascript:', '?', '#'),
    );
    const law = fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const route = routeOf(`steeple-companion://${parts.join('/')}`);
      if (route !== undefined) expect(route).toMatch(/^#\/[a-z]+(\/[\w.%+-]+){0,2}$/);
    });
    fc.assert(law);
  });
  test('is found among the words another start was given', () => {
    expect(linkAmong(['/usr/bin/app', '--x', 'steeple-companion://review'])).toBe('steeple-companion://review');
    expect(linkAmong(['/usr/bin/app'])).toBeUndefined();
  });
});

describe('the window', () => {
  test('comes back where it was, and always where it can be taken hold of', () => {
    const number = fc.integer({ min: -5000, max: 5000 });
    const area = fc.record<Bounds>({
      x: number,
      y: number,
      width: fc.integer({ min: 800, max: 4000 }),
      height: fc.integer({ min: 600, max: 3000 }),
    });
    const wished = fc.option(
      fc.record({
        x: number,
        y: number,
        width: fc.integer({ min: 1, max: 9000 }),
        height: fc.integer({ min: 1, max: 9000 }),
      }),
      { nil: undefined },
    );
    const law = fc.property(wished, fc.array(area, { minLength: 1, maxLength: 3 }), (bounds, screens) => {
      const placed = visible(bounds, screens);
      expect(placed.width).toBeGreaterThanOrEqual(least.width);
      expect(placed.height).toBeGreaterThanOrEqual(least.height);
      if (placed.x === undefined || placed.y === undefined) return; // the system puts it in the middle
      const { x, y, width } = placed as Bounds;
      const held = screens.some(
        (screen) =>
          x + width > screen.x && x < screen.x + screen.width && y >= screen.y && y < screen.y + screen.height,
      );
      expect(held).toBe(true);
    });
    fc.assert(law);
    const screen = { x: 0, y: 0, width: 1920, height: 1080 };
    expect(visible({ x: 100, y: 50, width: 1300, height: 900 }, [screen])).toEqual({
      x: 100,
      y: 50,
      width: 1300,
      height: 900,
    });
    expect(visible({ x: 3000, y: 50, width: 1300, height: 900 }, [screen])).toEqual({ width: 1300, height: 900 });
  });
});

describe('what is remembered', () => {
  test('a file that is damaged or of another kind is begun anew, and a disk that is full stops nothing', () => {
    for (const text of [undefined, 'no JSON', '[]', '{"updates":"always"}'])
      expect(preferences(file(text)).now()).toMatchObject({ updates: 'on', remote: null });
    const full = preferences({
      read: () => '{}',
      write: () => {
        throw new Error('ENOSPC');
      },
    });
    full.set({ updates: 'off' });
    expect(full.now().updates).toBe('off');
    const kept = file('{}');
    preferences(kept).set({ maximized: true });
    expect(preferences(kept).now().maximized).toBe(true);
  });
  test('an admin’s word on updates can only make them stricter', () => {
    expect(updatesAllowed('on', undefined)).toBe('on');
    expect(updatesAllowed('on', 'off')).toBe('off');
    expect(updatesAllowed('on', 'ask')).toBe('ask');
    expect(updatesAllowed('off', 'on')).toBe('off');
    expect(updatesAllowed('ask', 'nonsense')).toBe('ask');
  });
  test('starting at log-in is a setting of the system, and a file on Linux that names the program whole', () => {
    let text: string | undefined;
    const set: unknown[] = [];
    const parts = {
      program: '/opt/Steeple "C" $5 100%/app',
      items: {
        getLoginItemSettings: () => ({ openAtLogin: true }),
        setLoginItemSettings: (given: unknown) => void set.push(given),
      },
      file: {
        there: () => text !== undefined,
        write: (written: string) => {
          text = written;
        },
        remove: () => {
          text = undefined;
        },
      },
    };
    const linux = login({ ...parts, platform: 'linux' });
    linux.set(true);
    expect(linux.on()).toBe(true);
    expect(text).toContain('Exec="/opt/Steeple \\\\"C\\\\" \\\\$5 100%%/app" --hidden\n');
    linux.set(false);
    expect([linux.on(), set]).toEqual([false, []]);
    login({ ...parts, platform: 'win32' }).set(true);
    expect(set).toEqual([{ openAtLogin: true, args: [hidden] }]);
  });
});

describe('updates', () => {
  function world(allowed: 'on' | 'ask' | 'off') {
    const asked: string[] = [];
    const heard = new Map<string, (given: never) => void>();
    const updater: Updater = {
      autoDownload: false,
      autoInstallOnAppQuit: false,
      allowDowngrade: true,
      on: (event: string, listener: (given: never) => void) => void heard.set(event, listener),
      checkForUpdates: async () => void asked.push('looked'),
    };
    const ready: string[] = [];
    const turns: (() => void)[] = [];
    const held = updates({
      updater: async () => updater,
      allowed: () => allowed,
      ready: (version) => void ready.push(version),
      every: (_ms, work) => void turns.push(work),
    });
    return { held, asked, heard, ready, turns, updater };
  }
  test('are looked for by themselves only where that is allowed; asked for, unless they are off', async () => {
    for (const [allowed, itself, onAsk] of [
      ['on', 1, true],
      ['ask', 0, true],
      ['off', 0, false],
    ] as const) {
      const { held, asked, turns } = world(allowed);
      held.begin();
      await new Promise((done) => setImmediate(done));
      expect([allowed, asked.length, turns.length]).toEqual([allowed, itself, 1]);
      expect(await held.look()).toBe(onAsk);
    }
  });
  test('are installed at the next quit, never downwards, and a failure is quiet', async () => {
    const { held, heard, ready, updater } = world('on');
    await held.look();
    expect(updater).toMatchObject({ autoDownload: true, autoInstallOnAppQuit: true, allowDowngrade: false });
    heard.get('update-downloaded')?.({ version: '2.0.0' } as never);
    expect(ready).toEqual(['2.0.0']);
    const broken = updates({
      updater: async () => Promise.reject(new Error('no release')),
      allowed: () => 'on',
      ready: () => {},
      every: () => {},
    });
    expect(await broken.look()).toBe(false);
  });
});

describe('another machine’s relay', () => {
  const relayNamed = (name: string): Relay => ({
    ask: async () => {
      if (name.includes('wrong')) throw new Error('refused');
      return name as never;
    },
    answers: async () => true,
    listen: async () => {},
  });
  function world() {
    const kept = file('{}');
    const keys = new Map<string, string>();
    const moves: number[] = [];
    const open = () =>
      connection({
        own: relayNamed('own'),
        remote: (origin, key) => relayNamed(`${origin} ${key}`),
        preferences: preferences(kept),
        vault: {
          get: async (origin) => keys.get(origin),
          set: async (origin, key) => {
            keys.set(origin, key);
            return true;
          },
          remove: async (origin) => void keys.delete(origin),
        },
        moved: () => void moves.push(1),
      });
    return { kept, keys, moves, open };
  }
  test('is tried before it is kept, spoken to after a restart, and its key forgotten with it', async () => {
    const { kept, keys, moves, open } = world();
    const first = open();
    await expect(first.connect({ url: 'https://relay.example', key: 'wrong' })).rejects.toThrow();
    expect([first.remote(), keys.size, moves.length]).toEqual([null, 0, 0]);
    await first.connect({ url: 'https://relay.example/#ticket', key: ' key-1 ' });
    expect([first.remote(), keys.get('https://relay.example'), moves.length]).toEqual([
      'https://relay.example',
      'key-1',
      1,
    ]);
    expect(kept.kept.text).not.toContain('key-1');
    const again = open();
    await again.begin();
    expect(await again.relay().ask('status', {})).toBe('https://relay.example key-1');
    await again.connect(null);
    expect([again.remote(), keys.size, await again.relay().ask('status', {})]).toEqual([null, 0, 'own']);
  });
  test('whose key the keychain has lost is asked for, and never replaced by our own relay in silence', async () => {
    const { keys, open } = world();
    await open().connect({ url: 'https://relay.example', key: 'key-1' });
    keys.clear();
    const again = open();
    await again.begin();
    await expect(again.relay().ask('status', {})).rejects.toThrow(/access key/);
    expect(await again.relay().answers()).toBe(false);
  });
  test('keys are the keychain’s; where none answers nothing is kept and nothing fails', async () => {
    const entries = new Map<string, string>();
    const held = vault(async () => ({
      getPassword: async (service, account) => entries.get(`${service}/${account}`) ?? null,
      setPassword: async (service, account, key) => void entries.set(`${service}/${account}`, key),
      deletePassword: async (service, account) => entries.delete(`${service}/${account}`),
    }));
    expect(await held.set('https://r', 'k')).toBe(true);
    expect([await held.get('https://r'), await held.get('https://other')]).toEqual(['k', undefined]);
    await held.remove('https://r');
    expect(entries.size).toBe(0);
    const none = vault(async () => Promise.reject(new Error('no D-Bus')));
    expect([await none.set('https://r', 'k'), await none.get('https://r')]).toEqual([false, undefined]);
    await none.remove('https://r');
  });
});

describe('the package', () => {
  test('every fuse is set, and set shut', () => {
    expect(fuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      loadBrowserProcessSpecificV8Snapshot: false,
      enableCookieEncryption: true,
    });
    expect(config.electronFuses).toEqual(fuses);
    expect(config.asar).toBe(true);
  });
  test('there is one for each system, and links of ours open it', () => {
    expect([config.linux?.target, config.win?.target, config.mac?.target]).toEqual([
      ['AppImage', 'deb', 'rpm'],
      ['nsis', 'msi'],
      ['dmg'],
    ]);
    expect(config.protocols).toEqual([{ name: 'Steeple Companion', schemes: ['steeple-companion'] }]);
    // Its icons are pictures, not what a failed render left.
    for (const icon of ['build/icon.png', 'src/renderer/public/tray.png'])
      expect(
        readFileSync(new URL(`../${icon}`, import.meta.url))
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
  });
});
