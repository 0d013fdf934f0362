/**
 * The app's window, row by row of what Electron's security documentation asks: what it may load, reach and ask. Tested
 * through the arguments of src/main; the thin files that hold Electron's own objects are read as text, because the
 * binary cannot be had where these tests run.
 */
import { readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { type BuildEnvironmentOptions, build } from 'vite';
import { describe, expect, test } from 'vitest';
import config from '../electron.vite.config.ts';
import { openLink } from '../src/main/links.ts';
import { pageServer } from '../src/main/page.ts';
import {
  assetPath,
  childEnvironment,
  csp,
  headersOf,
  isAppUrl,
  isTrusted,
  mayRequest,
  privileges,
  startUrl,
  webPreferences,
} from '../src/main/policy.ts';
import { addressOf } from '../src/preload/links.ts';

const root = resolve('/opt/companion/out/renderer');
const source = (name: string): string => readFileSync(join(import.meta.dirname, '../src/main', name), 'utf8');

describe('what the window may read', () => {
  test('a plain name inside the folder is a file there', () => {
    expect(assetPath(root, 'app://relay/index.html')).toBe(join(root, 'index.html'));
    expect(assetPath(root, 'app://relay/assets/index-Ab_1.js?v=2#top')).toBe(join(root, 'assets/index-Ab_1.js'));
    expect(assetPath(root, startUrl)).toBe(join(root, 'index.html'));
  });

  test.each([
    'app://relay/../../etc/passwd',
    'app://relay/..\\..\\secret.txt',
    'app://relay/%2e%2e/%2e%2e/etc/passwd',
    'app://relay/assets/%2e%2e%2f%2e%2e%2fsecret',
    'app://relay/assets/..%5c..%5csecret',
    'app://relay/%252e%252e/secret',
    'app://relay//etc/passwd',
    'app://relay/C:/Windows/win.ini',
    'app://relay/index.html:stream',
    'app://relay/index.html\0.js',
    'app://relay/.env',
    'app://relay/assets/.hidden',
    'app://relay/',
    'app://relay',
    'app://relay.evil/index.html',
    'app://user@relay/index.html',
    'app://evil/index.html',
    'apps://relay/index.html',
    'file:///etc/passwd',
    'https://relay/index.html',
    'javascript:alert(1)',
    'not a url',
    '',
  ])('%j is not read', (url) => {
    expect(assetPath(root, url)).toBeUndefined();
  });

  test('whatever is asked, a file that is read lies inside the folder', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2f',
      '%5c',
      '\\',
      '/',
      'a',
      'index.html',
      '%00',
      ':',
      '%',
      '@',
      '?',
      '#',
    );
    const law = fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const file = assetPath(root, `app://relay/${pieces.join('')}`);
      if (file !== undefined) expect(file.startsWith(root + sep)).toBe(true);
    });
    fc.assert(law, { numRuns: 2_000 });
  });

  test('files are answered with the policy, and only to GET and HEAD', async () => {
    const asked: string[] = [];
    const answer = pageServer(root, async (file) => {
      asked.push(file);
      if (!file.endsWith('index.html')) throw new Error('ENOENT');
      return new TextEncoder().encode('<!doctype html>');
    });
    const good = await answer({ method: 'GET', url: startUrl });
    expect(good.status).toBe(200);
    expect(good.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(good.headers.get('content-security-policy')).toBe(csp);
    expect(good.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await good.text()).toBe('<!doctype html>');
    const absent = await answer({ method: 'GET', url: 'app://relay/absent.js' });
    expect([absent.status, await absent.text()]).toEqual([404, '']);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await answer({ method, url: startUrl })).status).toBe(405);
    const outside = await answer({ method: 'GET', url: 'app://relay/%2e%2e/secret' });
    expect(outside.status).toBe(404);
    expect(asked).toEqual([join(root, 'index.html'), join(root, 'absent.js')]); // hostile names are refused unread
  });

  test('what the build does not make is bytes, never a script', () => {
    expect(headersOf('x.exe')['content-type']).toBe('application/octet-stream');
    expect(headersOf('no-extension')['content-type']).toBe('application/octet-stream');
  });
});

describe('what the window may reach', () => {
  test('the policy lets in our own files and nothing else', () => {
    const rules = new Map(csp.split(';').map((rule) => rule.trim().split(/ (.*)/s) as [string, string]));
    expect(rules.get('default-src')).toBe("'none'");
    expect(rules.get('script-src')).toBe("'self'");
    expect(rules.get('style-src')).toBe("'self'");
    for (const shut of ['connect-src', 'base-uri', 'form-action', 'frame-ancestors'])
      expect(rules.get(shut)).toBe("'none'");
    expect(csp).not.toMatch(/unsafe|\*|https?:/);
    expect(privileges).toEqual({ standard: true, secure: true });
  });

  test('every request but our own is cancelled, whatever the page says', () => {
    for (const url of [
      'https://steeple.com/',
      'http://127.0.0.1:8481/',
      'ws://127.0.0.1/',
      'file:///etc/passwd',
      'data:text/html,x',
      'app://other/x',
      'garbage',
    ])
      expect(mayRequest(url)).toBe(false);
    expect(mayRequest(startUrl)).toBe(true);
  });

  test('in development exactly one more origin is let through', () => {
    const vite = 'http://localhost:5173';
    expect(mayRequest(`${vite}/main.tsx`, vite)).toBe(true);
    expect(mayRequest('ws://localhost:5173/?token=1', vite)).toBe(true);
    for (const url of [
      'http://localhost:5174/',
      'http://localhost:5173.evil.test/',
      'http://localhost:5173@evil.test/',
      'https://localhost:5173/',
    ])
      expect(mayRequest(url, vite)).toBe(false);
  });

  test('only the top frame of our own window, showing our own page, is listened to', () => {
    const main = { url: startUrl };
    expect(isTrusted(main, main)).toBe(true);
    expect(isTrusted(null, main)).toBe(false); // it navigated away in between
    expect(isTrusted({ url: startUrl }, main)).toBe(false); // another frame, though it shows the same
    const strayed = { url: 'https://evil.test/' };
    expect(isTrusted(strayed, strayed)).toBe(false);
  });

  test('an address is ours by protocol and host, not by how it begins', () => {
    expect(isAppUrl('app://relay/x')).toBe(true);
    for (const url of ['app://relay.evil/x', 'app://relay:1@evil/x', 'app:relay', 'xapp://relay/', 'app://RELAYX/'])
      expect(isAppUrl(url)).toBe(false);
  });
});

describe('what leaves the app', () => {
  test('a link is named by the page, and its address made here', async () => {
    const opened: string[] = [];
    const open = async (address: string) => void opened.push(address);
    expect(await openLink('steeple-help', null, open)).toBe(true);
    expect(await openLink('steeple-integrations', 'https://acme.steeple.example/scim/v2/abc?x=1', open)).toBe(true);
    expect(await openLink('steeple-integrations', null, open)).toBe(false);
    expect(opened).toEqual(['https://help.steeple.com/', 'https://acme.steeple.example/administration/integrations']);
  });

  test.each(['javascript:alert(1)', 'file:///etc/passwd', 'http://steeple.example/scim', 'ms-msdt:/x', '', 'x'])(
    'an upstream of %j gives no address to open',
    (upstream) => {
      expect(addressOf('steeple-integrations', upstream)).toBeUndefined();
    },
  );

  test('S1 the relay gets an allow-list of the environment, and no secret in it', () => {
    const given = {
      PATH: '/bin',
      HOME: '/root',
      LC_ALL: 'C',
      XDG_RUNTIME_DIR: '/run/user/0',
      NODE_EXTRA_CA_CERTS: '/etc/ssl/company.pem',
      STEEPLE_TOKEN: 'canary',
      AWS_SECRET_ACCESS_KEY: 'canary',
      HTTPS_PROXY: 'http://user:canary@proxy',
      NODE_OPTIONS: '--require canary',
      ELECTRON_RUN_AS_NODE: '1',
      TZ: undefined,
    };
    const kept = childEnvironment(given);
    expect(Object.keys(kept).sort()).toEqual(['HOME', 'LC_ALL', 'NODE_EXTRA_CA_CERTS', 'PATH', 'XDG_RUNTIME_DIR']);
    expect(JSON.stringify(kept)).not.toContain('canary');
  });
});

describe('what the thin files say to Electron', () => {
  const window = source('window.ts');
  const index = source('index.ts');

  test('the sandbox, isolation and no Node in the page', () => {
    expect(webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    });
    expect(index).toContain('app.enableSandbox()');
    expect(window).toContain('...webPreferences');
    for (const loose of ['webSecurity', 'allowRunningInsecureContent', 'experimentalFeatures', 'enableBlinkFeatures'])
      expect(window + index + JSON.stringify(webPreferences)).not.toContain(loose);
  });

  test('every permission denied, navigation and new windows locked, other requests cancelled', () => {
    for (const lock of [
      'setPermissionRequestHandler((_contents, _permission, decide) => decide(false))',
      'setPermissionCheckHandler(() => false)',
      'setDevicePermissionHandler(() => false)',
      "setWindowOpenHandler(() => ({ action: 'deny' }))",
      "'will-attach-webview', (event) => event.preventDefault()",
      "'will-frame-navigate'",
      'cancel: !mayRequest(url, development)',
    ])
      expect(window).toContain(lock);
  });

  test('the development server counts only where the app is not packaged; one instance; nothing of the page on disk', () => {
    expect(index).toMatch(/app\.isPackaged \? undefined : process\.env\.ELECTRON_RENDERER_URL/);
    expect(index).toContain('devTools: !app.isPackaged'); // developer tools
    expect(index).toContain('requestSingleInstanceLock()');
    expect(index).toMatch(/fromPartition\('(?!persist:)/);
    // Our own page, and behind it at most the fragment that deeplink.ts made.
    expect(index).not.toMatch(/loadURL\((?!development \?\? `\$\{startUrl\}\$\{route \?\? ''\}`\))/);
    expect(index).toContain('link === undefined ? undefined : routeOf(link)');
  });

  test('the preload is built as one CommonJS file that hands out three functions', async () => {
    const { externalizeDeps: _, ...preload } = config.preload!.build as BuildEnvironmentOptions & {
      externalizeDeps: boolean;
    };
    const result = await build({ configFile: false, logLevel: 'silent', build: { ...preload, write: false } });
    const files = [result].flat().flatMap((one) => ('output' in one ? one.output : []));
    expect(files.map(({ fileName }) => fileName)).toEqual(['index.cjs']);
    const built = files[0]?.type === 'chunk' ? files[0].code : '';
    expect([...built.matchAll(/require\([`'"]([^`'"]+)[`'"]\)/g)].map(([, name]) => name)).toEqual(['electron']);
    expect(built).not.toMatch(/^\s*(import|export)\s/m);
    const exposed: Record<string, object> = {};
    const sent: unknown[][] = [];
    const electron = {
      contextBridge: { exposeInMainWorld: (name: string, value: object) => Object.assign(exposed, { [name]: value }) },
      ipcRenderer: { invoke: (...args: unknown[]) => sent.push(args), on: () => {}, off: () => {} },
    };
    new Function('require', 'exports', 'module', built)(() => electron, {}, {});
    expect(Object.keys(exposed)).toEqual(['relay']);
    const door = exposed.relay as { call(channel: string, input: unknown): void };
    expect(Object.keys(door).sort()).toEqual(['call', 'going', 'listen']);
    door.call('../../shutdown', { x: 1 });
    expect(sent).toEqual([['relay:../../shutdown', { x: 1 }]]); // the prefix holds, so main has no such channel
  });
});
