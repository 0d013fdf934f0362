/**
 * The built app: main process and preload as they are packaged, over a stand-in for Electron, with the page in a real Chromium.
 * What only the binary can show (isolation, sandbox, fuses, the system's own tray and notices) was not run here; each is asked
 * for, and that it is asked for is what is tested.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect, type Page } from '@playwright/test';
import { client } from '../../daemon/cli/client.ts';
import { startSandbox } from '../../daemon/demo/stage.ts';
import { calls } from '../../src/preload/contract.ts';
import { accessible, goTo, test, watch } from './visit.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const place = mkdtempSync(join(tmpdir(), 'steeple-app-'));
const data = join(place, 'relay');
let child: ChildProcess;
let sent: [channel: string, what: unknown][] = [];
let told: (channel: string, what: unknown) => void = () => {};
const waiting = new Map<number, { done(value: never): void; fail(error: Error): void }>();
let count = 0;

function ask<T>(what: string, input?: unknown): Promise<T> {
  count += 1;
  const id = count;
  return new Promise<T>((done, fail) => {
    waiting.set(id, { done, fail });
    child.send({ id, what, input });
  });
}
type Known = Readonly<{
  calls: string[];
  channels: string[];
  schemes: unknown[];
  window: { webPreferences: Record<string, unknown>; minWidth: number } & Record<string, unknown>;
  url: string;
  opened: string[];
  notices: { title: string; body: string }[];
  tray: [tip: string, menu: { label?: string }[]];
  menus: number;
  forks: { file: string; args: string[]; env: Record<string, string> }[];
}>;
const known = () => ask<Known>('known');
const invoke = (channel: string, input: unknown = {}) =>
  ask<{ ok: boolean; value?: unknown; code?: string }>('invoke', { channel, input });

test.beforeAll(async () => {
  const env = {
    ...process.env,
    STANDIN_USERDATA: place,
    XDG_CONFIG_HOME: join(place, 'config'),
    STEEPLE_COMPANION_DATA: data,
    STEEPLE_COMPANION_UPDATES: 'off',
    STEEPLE_RELAY_KEYCHAIN: 'off',
    SECRET_OF_THE_SURROUNDINGS: 'must not go on',
  };
  child = fork(join(import.meta.dirname, 'app/main.ts'), [], { env, execArgv: [] });
  await new Promise<void>((done, fail) => {
    child.once('exit', (code) => fail(new Error(`the app ended with ${code}`)));
    child.on('message', (message: { id?: number; value?: never; error?: string; sent?: [string, unknown] }) => {
      if (message.sent) {
        sent.push(message.sent);
        told(...message.sent);
      } else if (message.id === 0) done();
      else {
        const one = waiting.get(message.id ?? -1);
        if (message.error === undefined) one?.done(message.value as never);
        else one?.fail(new Error(message.error));
      }
    });
  });
});
test.afterAll(async () => {
  child.kill();
  rmSync(place, { recursive: true, force: true });
});

/** The built preload in a world of its own, over these two ends; gives what it exposes. */
function preload(ipcRenderer: object): Record<string, (...given: never[]) => unknown> {
  const exposed: Record<string, Record<string, (...given: never[]) => unknown>> = {};
  const contextBridge = { exposeInMainWorld: (name: string, door: never) => Object.assign(exposed, { [name]: door }) };
  const world = createContext({
    module: { exports: {} },
    exports: {},
    require(name: string) {
      if (name !== 'electron') throw new Error(`a sandboxed preload cannot require ${name}`);
      return { contextBridge, ipcRenderer };
    },
  });
  runInContext(readFileSync('out/preload/index.cjs', 'utf8'), world);
  expect(Object.keys(exposed)).toEqual(['relay']);
  return exposed.relay ?? {};
}

test('every channel the built preload can name is answered by the built main process, and none besides', async () => {
  const { channels } = await known();
  expect(channels.toSorted()).toEqual(
    Object.keys(calls)
      .map((name) => `relay:${name}`)
      .toSorted(),
  );
  const [asked, listened]: [string[], string[]] = [[], []];
  const door = preload({
    invoke: (channel: string) => void asked.push(channel),
    on: (channel: string) => void listened.push(channel),
    off: () => {},
  });
  expect(Object.keys(door).toSorted()).toEqual(['call', 'going', 'listen']);
  for (const name of Object.keys(calls)) door.call?.(...([name, {}] as never[]));
  expect(asked.toSorted()).toEqual(channels.toSorted());
  for (const listen of ['listen', 'going']) door[listen]?.(...([() => {}] as never[]));
  expect(listened).toEqual(['heard', 'go']); // what main sends, and the event object goes no further
  await expect(invoke('relay:shutdown')).rejects.toThrow('No handler registered');
  await expect(invoke('status')).rejects.toThrow('No handler registered');
});

test('the window is made shut: isolated, sandboxed, without developer tools, in memory, and on our own address', async () => {
  const { calls: did, schemes, window, url, menus } = await known();
  expect(did).toEqual(expect.arrayContaining(['scheme steeple-companion', 'lock']));
  expect(did.indexOf('enableSandbox')).toBeLessThan(did.indexOf('ready'));
  expect(schemes).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
  const { preload: file, ...rest } = window.webPreferences;
  expect(existsSync(String(file))).toBe(true);
  expect(rest).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    devTools: false,
    webviewTag: false,
  });
  for (const name of ['webSecurity', 'allowRunningInsecureContent', 'experimentalFeatures', 'enableBlinkFeatures'])
    expect(rest).not.toHaveProperty(name);
  expect(url).toBe('app://relay/index.html');
  expect(menus).toBeGreaterThan(1);
  const shut = { partition: 'window', request: false, check: false, device: false };
  expect(await ask('session', 'https://evil.example/')).toEqual({ ...shut, cancelled: { cancel: true } });
  expect(await ask('session', 'app://relay/index.html')).toEqual({ ...shut, cancelled: { cancel: false } });
  expect(await ask('contents', ['https://evil.example/', 'app://relay.evil/', 'app://relay/index.html'])).toEqual({
    open: { action: 'deny' },
    prevented: [
      'will-attach-webview ',
      'will-frame-navigate https://evil.example/',
      'will-frame-navigate app://relay.evil/',
    ],
  });
});

test('its files come with the policy on every answer, by reading only; and nobody but its own frame may ask', async () => {
  const page = await ask<{ status: number; headers: Record<string, string> }>('file', {
    method: 'GET',
    url: 'app://relay/index.html',
  });
  expect(page.status).toBe(200);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(page.headers['content-security-policy']).not.toContain('unsafe');
  expect(await ask('file', { method: 'POST', url: 'app://relay/index.html' })).toMatchObject({ status: 405 });
  expect(await ask('file', { method: 'GET', url: 'app://relay/../main/index.js' })).toMatchObject({ status: 404 });
  expect(await ask('strangers', { channel: 'relay:status', input: {} })).toMatchObject([
    { code: 'untrusted' },
    { code: 'untrusted' },
  ]);
  expect(await invoke('relay:status', { more: 1 })).toMatchObject({ ok: false, code: 'invalid' });
});

test('S1 it starts a relay of its own, hands it nothing secret, and says in the tray how it is', async () => {
  await expect.poll(async () => (await invoke('relay:status')).ok, { timeout: 60_000 }).toBe(true);
  expect(await invoke('relay:app.daemon')).toMatchObject({ ok: true, value: { how: 'own', data } });
  const { forks, tray } = await known();
  expect(forks).toHaveLength(1);
  expect(forks[0]?.args).toEqual(['start', '--data', data]);
  expect(JSON.stringify(forks[0]?.env)).not.toContain('must not go on');
  await expect.poll(() => sent.map(([channel, what]) => `${channel} ${what}`)).toContain('heard here');
  expect(tray[0]).not.toBe('');
  expect(tray[1].length).toBeGreaterThan(1);
});

/** The page of the built app in Chromium: its files by the app's own handler, its door by the built preload. */
async function openPage(page: Page): Promise<void> {
  watch(page);
  await page.exposeFunction('standinInvoke', (channel: string, input: unknown) => ask('invoke', { channel, input }));
  told = (channel, what) =>
    void page
      .evaluate(([name, value]) => window.dispatchEvent(new CustomEvent(`standin ${name}`, { detail: value })), [
        channel,
        what,
      ] as const)
      .catch(() => {});
  await page.route('https://relay.test/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    const { status, headers, body } = await ask<{ status: number; headers: Record<string, string>; body: string }>(
      'file',
      { method: 'GET', url: `app://relay${pathname}` },
    );
    await route.fulfill({ status, headers, body: Buffer.from(body, 'base64') });
  });
  const code = readFileSync('out/preload/index.cjs', 'utf8');
  await page.addInitScript(`{
    const listeners = new Map();
    const ipcRenderer = {
      invoke: (channel, input) => window.standinInvoke(channel, input),
      on(channel, listener) {
        const heard = ({ detail }) => listener({ sender: 'the whole of IPC' }, detail);
        listeners.set(listener, heard);
        window.addEventListener('standin ' + channel, heard);
      },
      off(channel, listener) { window.removeEventListener('standin ' + channel, listeners.get(listener)); },
    };
    const contextBridge = { exposeInMainWorld(name, door) { window[name] = door; } };
    const module = { exports: {} };
    (function (require, exports, module) { ${code} })(() => ({ contextBridge, ipcRenderer }), module.exports, module);
  }`);
  await page.goto('https://relay.test/index.html');
  await expect(page.getByRole('navigation', { name: /^Pages/ })).toBeVisible({ timeout: 30_000 });
}

test('the page speaks through the bridge; the system’s notice of a held item and a link of ours lead it to their place', async ({
  page,
}) => {
  const sandbox = await startSandbox();
  try {
    await openPage(page);
    await goTo(page, 'Settings');
    await page.getByRole('link', { name: 'This app' }).click();
    await accessible(page, 'this app');
    await ask('emit', { name: 'second-instance', given: [['steeple-companion', 'steeple-companion://people']] });
    await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
    expect((await known()).calls).toContain('show');

    // Somebody leaves, and it waits for a person: the system says so, and a click on that leads to it.
    const relay = client(data);
    const { secretToken } = await relay('source.add', { kind: 'scim', name: 'Main', by: 'test' });
    const { scim } = await relay('status', {});
    const push = async (method: string, path: string, body: object) => {
      const headers = { authorization: `Bearer ${secretToken}`, 'content-type': 'application/scim+json' };
      const answer = await fetch(`${scim}${path}`, { method, headers, body: JSON.stringify(body) });
      return (await answer.json()) as { id: string };
    };
    const person = { userName: 'ada@example.test', externalId: 'ada', name: { givenName: 'Ada', familyName: 'Lace' } };
    const { id } = await push('POST', '/Users', { ...person, active: true });
    const { scimUrl: url, token } = sandbox.ready;
    await relay('upstream.set', { url, token, by: 'test' });
    await relay('mapping.import', { text: JSON.stringify({ version: 1, links: [] }), note: 'None', by: 'test' });
    const plan = await relay('plan.make', { limit: 1 });
    await relay('sync.enable', { plan: plan.id, by: 'test' });
    const left = async () => {
      const { owesPlan, deliveries } = await relay('status', {});
      return owesPlan + deliveries.owed + deliveries.sending;
    };
    await expect.poll(left, { timeout: 30_000 }).toBe(0);
    await push('PUT', `/Users/${id}`, { ...person, active: false });
    await expect.poll(async () => (await known()).notices.length, { timeout: 30_000 }).toBeGreaterThan(0);
    await ask('click');
    await expect(page.getByRole('heading', { level: 1, name: 'Review' })).toBeVisible();
    await expect(page.getByRole('heading', { level: 2, name: 'Ada Lace' })).toBeVisible();
    expect((await known()).calls).toContain('badge 1');

    expect(await invoke('relay:app.open', { link: 'steeple-help' })).toEqual({ ok: true, value: true });
    expect((await known()).opened).toEqual(['https://help.steeple.com/']);
    expect(await invoke('relay:app.open', { link: 'https://evil.example' })).toMatchObject({ code: 'invalid' });
  } finally {
    told = () => {};
    await sandbox.stop();
  }
});

test('it starts at login where it is told to, keeps its place, and updates are the admin’s to hold', async () => {
  expect(await invoke('relay:app.prefer', { startAtLogin: true })).toMatchObject({
    value: { startAtLogin: true, updatesAtMost: 'off' },
  });
  expect(readFileSync(join(place, 'config/autostart/steeple-companion.desktop'), 'utf8')).toContain('Exec=');
  expect(await invoke('relay:app.prefer', { startAtLogin: false })).toMatchObject({ value: { startAtLogin: false } });
  expect(existsSync(join(place, 'config/autostart/steeple-companion.desktop'))).toBe(false);
  expect(await invoke('relay:app.update')).toEqual({ ok: true, value: false });
  expect(await ask('close')).toBe(true); // hidden: the relay goes on in the tray
  expect(JSON.parse(readFileSync(join(place, 'preferences.json'), 'utf8'))).toMatchObject({
    bounds: { width: 1111, height: 777 },
  });
});

test('a relay that dies is started again and the page is told; quitting lets it end first', async () => {
  sent = [];
  const { pid } = (await invoke('relay:status')).value as { pid: number };
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => sent.map(([, what]) => what), { timeout: 60_000 }).toContain('away');
  await expect.poll(async () => (await invoke('relay:status')).ok, { timeout: 60_000 }).toBe(true);
  expect((await known()).forks).toHaveLength(2);
  await ask('quit');
  await expect.poll(async () => (await known()).calls.at(-1), { timeout: 30_000 }).toBe('ended');
  expect((await invoke('relay:status')).code).toBe('offline');
});
