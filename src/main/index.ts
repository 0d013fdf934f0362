/**
 * Composition root of the app: one window, one relay, a tray, the bridge between them. No logic of its own: what may be
 * loaded is policy.ts, who may ask is ipc.ts, how a relay is kept is daemon.ts, what is shown outside is desktop.ts.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import {
  app,
  type BrowserWindow,
  ipcMain,
  Menu,
  Notification,
  nativeImage,
  protocol,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';
import { type Handlers, type Heard, type Relayed, relayed } from '../preload/contract.ts';
import { addressOf } from '../preload/links.ts';
import { connection } from './connection.ts';
import { type Child, keeper } from './daemon.ts';
import { linkAmong, linkScheme, routeOf } from './deeplink.ts';
import { desktop } from './desktop.ts';
import { serve } from './ipc.ts';
import { openLink } from './links.ts';
import { hidden, login } from './login.ts';
import { type Actions, appMenu } from './menus.ts';
import { pageServer } from './page.ts';
import { childEnvironment, isTrusted, privileges, scheme, startUrl } from './policy.ts';
import { preferences as openPreferences, Updates, updatesAllowed } from './preferences.ts';
import { explain, relayOf } from './relay.ts';
import { remoteRelay } from './remote.ts';
import { type Updater, updates } from './updates.ts';
import { type Keychain, vault } from './vault.ts';
import { lockDown, openWindow } from './window.ts';
import { languageOf, sayIn } from './words.ts';

const built = join(import.meta.dirname, '..');
// Vite's server, for hot reload. Named by electron-vite, and looked at only where the app is not packaged.
const development = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL?.replace(/\/$/, '');
// A relay to look at, as the demo gives; else the one that runs as a service, by the command line's own variable; else ours.
const { STEEPLE_COMPANION_DATA, STEEPLE_RELAY_DATA, STEEPLE_COMPANION_UPDATES, APPIMAGE } = process.env;
const data = resolve(STEEPLE_COMPANION_DATA ?? STEEPLE_RELAY_DATA ?? join(app.getPath('userData'), 'relay'));

app.enableSandbox(); // overrides any later `sandbox: false`
protocol.registerSchemesAsPrivileged([{ scheme, privileges }]);
app.setAsDefaultProtocolClient(linkScheme);

let window: BrowserWindow | undefined;
let tray: Tray | undefined;
let quitting = false;
const say = sayIn(languageOf(app.getLocale()));
const preferences = openPreferences(whole(join(app.getPath('userData'), 'preferences.json')));
const atLogin = login({
  platform: process.platform,
  program: APPIMAGE ?? process.execPath,
  items: app,
  file: autostart(
    join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'autostart/steeple-companion.desktop'),
  ),
});
const newer = updates({
  updater: async () => (await import('electron-updater')).default.autoUpdater as unknown as Updater,
  allowed: () => updatesAllowed(preferences.now().updates, STEEPLE_COMPANION_UPDATES),
  ready: (version) => notify({ title: 'Steeple Companion', body: say('updateReady', { version }) }, show),
  every: (ms, work) => void setInterval(work, ms).unref(),
});

const own = relayOf(data, process.env.XDG_RUNTIME_DIR ?? tmpdir());
const keytar = 'keytar'; // a computed name, so that it stays outside the build: it is optional
const connected = connection({
  own,
  remote: remoteRelay,
  preferences,
  vault: vault(async () => ((await import(keytar)) as { default: Keychain }).default),
  moved: () => kept.move(),
});
const tell = (what: Heard) => {
  window?.webContents.send('heard', what);
  void outside.heard(what);
};
const kept = keeper({
  answers: () => connected.relay().answers(),
  listen: (heard, ended) => connected.relay().listen(heard, ended),
  here: () => connected.remote() === null,
  fork,
  wait: (ms) => wait(ms),
  heard: tell,
});

const actions: Actions = {
  open: show,
  go(route) {
    show();
    window?.webContents.send('go', route);
  },
  quit: () => app.quit(),
  help: () => void shell.openExternal(addressOf('steeple-help', null) ?? ''),
  ...(updatesAllowed('on', STEEPLE_COMPANION_UPDATES) !== 'off' && { update: () => void newer.look() }),
};
const outside = desktop({
  status: () => connected.relay().ask('status', {}),
  own: () => kept.how() === 'own',
  preferences,
  actions,
  say,
  surface: {
    tray(title, tip, menu) {
      tray?.setTitle(title);
      tray?.setToolTip(tip);
      tray?.setContextMenu(Menu.buildFromTemplate(menu));
    },
    badge: (count) => void app.setBadgeCount(count),
    notify,
  },
});

/** The relay as a child: nothing secret by argument or environment; it reads the keychain itself (S1). */
function fork(): Child {
  const child = utilityProcess.fork(join(built, 'main/cli.js'), ['start', '--data', data], {
    serviceName: 'Steeple relay',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: childEnvironment(process.env),
  });
  const ended = new Promise<void>((done) => void child.once('exit', () => done()));
  const ready = new Promise<boolean>((done) => {
    if (child.stdout) createInterface(child.stdout).once('line', (line) => done(line.includes('"ready"')));
    void ended.then(() => done(false));
  });
  return { ready, ended, stop: () => void child.kill() };
}

const attached = () => ({ how: kept.how(), data: connected.remote() ?? data, person: userInfo().username });
const shownPreferences = () => ({
  version: app.getVersion(),
  startAtLogin: atLogin.on(),
  updates: preferences.now().updates,
  updatesAtMost: Updates.safeParse(STEEPLE_COMPANION_UPDATES).data ?? null,
  remote: connected.remote(),
});
const relayedHandlers = Object.fromEntries(
  (Object.keys(relayed) as Relayed[]).map((name) => [name, (input: never) => connected.relay().ask(name, input)]),
) as Pick<Handlers, Relayed>;
const handlers: Handlers = {
  ...relayedHandlers,
  'app.daemon': async () => attached(),
  'app.open': async ({ link }) => {
    const upstream = link === 'steeple-integrations' ? (await connected.relay().ask('status', {})).upstream.url : null;
    return openLink(link, upstream, (address) => shell.openExternal(address));
  },
  'app.preferences': async () => shownPreferences(),
  'app.prefer': async ({ startAtLogin, updates: wished }) => {
    if (startAtLogin !== undefined) atLogin.set(startAtLogin);
    if (wished !== undefined) preferences.set({ updates: wished });
    return shownPreferences();
  },
  'app.update': () => newer.look(),
  'app.connect': async ({ to }) => {
    await connected.connect(to);
    return attached();
  },
};

/** In memory: nothing of the page stays on disk. The same one each time it is asked for. */
const innerSession = () => session.fromPartition('window');

async function start(): Promise<void> {
  const inner = innerSession();
  inner.protocol.handle(scheme, pageServer(join(built, 'renderer'), readFile));
  lockDown(inner, development);
  serve(
    ipcMain,
    {
      trusts: ({ senderFrame }) =>
        window !== undefined && isTrusted(senderFrame, window.webContents.mainFrame, development),
      explain,
    },
    handlers,
  );
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(appMenu(say, actions, { mac: process.platform === 'darwin', packaged: app.isPackaged })),
  );
  tray = new Tray(nativeImage.createFromPath(join(built, 'renderer/tray.png')));
  tray.on('click', show);
  outside.begin();
  await connected.begin();
  void kept.run();
  newer.begin();
  const link = linkAmong(process.argv);
  if (!process.argv.includes(hidden)) await open(link === undefined ? undefined : routeOf(link));
  app.on('activate', show);
}

async function open(route?: string): Promise<void> {
  const { bounds, maximized } = preferences.now();
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const made = openWindow(innerSession(), join(built, 'preload/index.cjs'), {
    devTools: !app.isPackaged,
    bounds,
    areas,
  });
  window = made;
  if (maximized) made.maximize();
  // Closing the window leaves the relay at work in the tray: it answers the provider.
  made.on('close', (event) => {
    preferences.set({ bounds: made.getNormalBounds(), maximized: made.isMaximized() });
    if (quitting || tray === undefined) return;
    event.preventDefault();
    made.hide();
  });
  made.on('closed', () => {
    window = undefined;
  });
  await made.loadURL(development ?? `${startUrl}${route ?? ''}`);
}

function show(): void {
  if (window === undefined) {
    void open();
    return;
  }
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function notify({ title, body }: Readonly<{ title: string; body: string }>, clicked: () => void): void {
  if (!Notification.isSupported()) return;
  const notice = new Notification({ title, body });
  notice.on('click', clicked);
  notice.show();
}

function follow(link: string | undefined): void {
  const route = link === undefined ? undefined : routeOf(link);
  if (route === undefined) show();
  else actions.go(route);
}

/** A small file that is there whole or not at all. */
function whole(path: string) {
  return {
    read: () => readFileSync(path, 'utf8'),
    write(text: string) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}
function autostart(path: string) {
  return {
    there: () => statSync(path, { throwIfNoEntry: false }) !== undefined,
    write(text: string) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    },
    remove: () => rmSync(path, { force: true }),
  };
}

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', (_event, argv) => follow(linkAmong(argv)));
  app.on('open-url', (event, link) => {
    event.preventDefault();
    follow(link);
  });
  app.on('window-all-closed', () => {
    if (tray === undefined) app.quit();
  });
  let stopped = false;
  app.on('before-quit', (event) => {
    quitting = true;
    if (stopped) return;
    event.preventDefault(); // our own relay drains first: a push it has taken is answered
    stopped = true;
    void kept.stop().finally(() => app.quit());
  });
  void app.whenReady().then(start);
} else {
  app.quit();
}
