/**
 * Composition root of the app: one window, one relay, the bridge between them. No logic of its own: what may be loaded is
 * policy.ts, who may ask is ipc.ts, how a relay is kept is daemon.ts.
 */

import { readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { app, type BrowserWindow, ipcMain, protocol, session, shell, utilityProcess } from 'electron';
import { type Handlers, type Heard, type Relayed, relayed } from '../preload/contract.ts';
import { type Child, keeper } from './daemon.ts';
import { serve } from './ipc.ts';
import { openLink } from './links.ts';
import { pageServer } from './page.ts';
import { childEnvironment, isTrusted, privileges, scheme, startUrl } from './policy.ts';
import { explain, relayOf } from './relay.ts';
import { lockDown, openWindow } from './window.ts';

const built = join(import.meta.dirname, '..');
// Vite's server, for hot reload. Named by electron-vite, and looked at only where the app is not packaged.
const development = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL?.replace(/\/$/, '');
// A relay to look at, as the demo gives; else the one that runs as a service, by the command line's own variable; else ours.
const { STEEPLE_COMPANION_DATA, STEEPLE_RELAY_DATA } = process.env;
const data = resolve(STEEPLE_COMPANION_DATA ?? STEEPLE_RELAY_DATA ?? join(app.getPath('userData'), 'relay'));

app.enableSandbox(); // overrides any later `sandbox: false`
protocol.registerSchemesAsPrivileged([{ scheme, privileges }]);

let window: BrowserWindow | undefined;
const tell = (what: Heard) => window?.webContents.send('heard', what);

const relay = relayOf(data, process.env.XDG_RUNTIME_DIR ?? tmpdir());
const kept = keeper({ ...relay, fork, wait: (ms) => wait(ms), heard: tell });

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

const relayedHandlers = Object.fromEntries(
  (Object.keys(relayed) as Relayed[]).map((name) => [name, (input: never) => relay.ask(name, input)]),
) as Pick<Handlers, Relayed>;
const handlers: Handlers = {
  ...relayedHandlers,
  'app.daemon': async () => ({ how: kept.how(), data, person: userInfo().username }),
  'app.open': async ({ link }) => {
    const upstream = link === 'steeple-integrations' ? (await relay.ask('status', {})).upstream.url : null;
    return openLink(link, upstream, (address) => shell.openExternal(address));
  },
};

async function start(): Promise<void> {
  const inner = session.fromPartition('window'); // in memory: nothing of the page stays on disk
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
  window = openWindow(inner, join(built, 'preload/index.cjs'), !app.isPackaged);
  window.on('closed', () => {
    window = undefined;
  });
  void kept.run();
  await window.loadURL(development ?? startUrl);
}

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => {
    window?.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  let stopped = false;
  app.on('before-quit', (event) => {
    if (stopped) return;
    event.preventDefault(); // our own relay drains first: a push it has taken is answered
    stopped = true;
    void kept.stop().finally(() => app.quit());
  });
  void app.whenReady().then(start);
} else {
  app.quit();
}
