/**
 * A stand-in for the calls of Electron's that the app's main process makes, for machines that have no Electron binary. It keeps
 * what it was given, so that a test can ask, and do what Electron would do with it. It decides nothing.
 */
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';

type Handler = (event: unknown, input: unknown) => Promise<unknown>;
export const seen = {
  /** In the order they came. */
  calls: [] as string[],
  handlers: new Map<string, Handler>(),
  session: {} as Record<string, (...given: never[]) => unknown>,
  partition: '',
  protocol: undefined as ((request: Request) => Promise<Response>) | undefined,
  schemes: [] as unknown[],
  windows: [] as BrowserWindow[],
  opened: [] as string[],
  notices: [] as Notification[],
  tray: [] as unknown[][],
  menus: 0,
  forks: [] as Readonly<{ file: string; args: readonly string[]; env: Readonly<Record<string, string>> }>[],
  sent: (_channel: string, _what: unknown): void => {},
};
const noted = (name: string) => seen.calls.push(name);

class App extends EventEmitter {
  isPackaged = true;
  getPath = () => process.env.STANDIN_USERDATA ?? '';
  getLocale = () => 'en-GB';
  getVersion = () => '0.0.0-test';
  enableSandbox = () => noted('enableSandbox');
  setAsDefaultProtocolClient = (name: string) => noted(`scheme ${name}`);
  requestSingleInstanceLock = () => {
    noted('lock');
    return true;
  };
  setBadgeCount = (count: number) => noted(`badge ${count}`);
  getLoginItemSettings = () => ({ openAtLogin: false });
  setLoginItemSettings = () => {};
  whenReady = async () => void noted('ready');
  /** As Electron: first it asks, and ends where nobody minds. */
  quit() {
    const event = {
      prevented: false,
      preventDefault() {
        event.prevented = true;
      },
    };
    this.emit('before-quit', event);
    if (!event.prevented) noted('ended');
  }
}
export const app = new App();

export class BrowserWindow extends EventEmitter {
  readonly options: Readonly<Record<string, unknown>>;
  readonly webContents = {
    mainFrame: { url: '' },
    send: (channel: string, what: unknown) => seen.sent(channel, what),
  };
  hidden = false;
  constructor(options: Readonly<Record<string, unknown>>) {
    super();
    this.options = options;
    seen.windows.push(this);
  }
  async loadURL(url: string) {
    this.webContents.mainFrame.url = url;
  }
  getNormalBounds = () => ({ x: 40, y: 50, width: 1111, height: 777 });
  isMaximized = () => false;
  isMinimized = () => false;
  maximize() {}
  restore() {}
  focus() {}
  show() {
    this.hidden = false;
    noted('show');
  }
  hide() {
    this.hidden = true;
  }
}
export const ipcMain = { handle: (channel: string, handler: Handler) => void seen.handlers.set(channel, handler) };
export const Menu = {
  buildFromTemplate: (template: unknown[]) => template,
  setApplicationMenu(menu: unknown[]) {
    seen.menus = menu.length;
  },
};
export class Notification extends EventEmitter {
  static isSupported = () => true;
  readonly words: Readonly<{ title: string; body: string }>;
  constructor(words: Readonly<{ title: string; body: string }>) {
    super();
    this.words = words;
  }
  show() {
    seen.notices.push(this);
  }
}
export const nativeImage = { createFromPath: (path: string) => path };
export const protocol = { registerSchemesAsPrivileged: (schemes: unknown[]) => void seen.schemes.push(...schemes) };
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
const keep = (name: string) => (given: (...some: never[]) => unknown) => {
  seen.session[name] = given;
};
export const session = {
  fromPartition(name: string) {
    seen.partition = name;
    return {
      setPermissionRequestHandler: keep('request'),
      setPermissionCheckHandler: keep('check'),
      setDevicePermissionHandler: keep('device'),
      webRequest: { onBeforeRequest: keep('before') },
      protocol: {
        handle(_scheme: string, handler: (request: Request) => Promise<Response>) {
          seen.protocol = handler;
        },
      },
    };
  },
};
export const shell = { openExternal: async (url: string) => void seen.opened.push(url) };
export class Tray extends EventEmitter {
  setTitle() {}
  setToolTip(tip: string) {
    seen.tray.push([tip]);
  }
  setContextMenu(menu: unknown[]) {
    seen.tray.at(-1)?.push(menu);
  }
}
/** The relay really runs, as a process of its own; on ports of its own, as other tests run beside it. */
export const utilityProcess = {
  fork(file: string, args: readonly string[], { env }: Readonly<{ env: Readonly<Record<string, string>> }>) {
    seen.forks.push({ file, args, env });
    const ports = ['--scim', '127.0.0.1:0', '--console', '127.0.0.1:0', '--log-level', 'error'];
    const child = spawn(process.execPath, [file, ...args, ...ports], {
      env: { ...env, STEEPLE_RELAY_KEYCHAIN: 'off' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // As in Electron, a child does not outlive the app, however that ends.
    process.once('exit', () => child.kill());
    return child;
  },
};
