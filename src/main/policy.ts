/**
 * What the app's window may load, ask and reach. Every decision of that kind is here, so that it can be read in one
 * sitting and tested with hostile input; src/main/window.ts only puts it into Electron's hands.
 *
 * Pure: values in, values out (`node:path` computes, it touches no disk). Test: test/policy.test.ts.
 */
import { isAbsolute, join, relative } from 'node:path';

export const scheme = 'app';
/** The page loads its own files and nothing else; every conversation goes through the preload bridge. */
export const csp =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
export const startUrl = `${scheme}://relay/index.html`;

/**
 * The privileges `app:` is registered with before the app is ready. Not `bypassCSP`, and not `supportFetchAPI`: the page
 * fetches nothing.
 */
export const privileges = { standard: true, secure: true } as const;

/** Stated though they are the defaults: turning isolation off would also turn the sandbox off. */
export const webPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
} as const;

/** Compared by protocol and host: Node reports the origin of a custom scheme as the string "null". */
export function isAppUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return (
    parsed?.protocol === `${scheme}:` && parsed.host === 'relay' && parsed.username === '' && parsed.password === ''
  );
}

// Built files have plain names. What is not one is refused unread: encodings, steps upwards (which the URL parser would
// fold away before they could be seen), backslashes, drive letters, dot-files.
const crooked = /%|\.\.|\\/;
const plain = /^(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/;

/** The file an `app://` request may read, or `undefined`. */
export function assetPath(root: string, url: string): string | undefined {
  if (!isAppUrl(url) || crooked.test(url)) return undefined;
  const { pathname } = new URL(url);
  if (!plain.test(pathname)) return undefined;
  const file = join(root, pathname);
  const inside = relative(root, file);
  return inside.startsWith('..') || isAbsolute(inside) ? undefined : file;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
};

/** Every answer of the page's own files carries these; an extension the build does not make is bytes, never a script. */
export function headersOf(file: string): Readonly<Record<string, string>> {
  return {
    'content-type': types[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    'content-security-policy': csp,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}

/**
 * Whether a request may leave the window at all: a second lock behind the CSP, independent of it.
 * @param development the origin of Vite's server, given only where the app is not packaged
 */
export function mayRequest(url: string, development?: string): boolean {
  if (isAppUrl(url)) return true;
  const parsed = URL.parse(url);
  // The reload socket speaks ws: to the same host and port.
  return development !== undefined && parsed !== null && parsed.origin.replace(/^ws/, 'http') === development;
}

type Frame = Readonly<{ url: string }>;

/**
 * Whether a message comes from our page: from the top frame of our window, and that frame shows our own address. The
 * frame may be null, when it navigated away between sending and now.
 */
export function isTrusted(sender: Frame | null, main: Frame, development?: string): boolean {
  return sender !== null && sender === main && mayRequest(sender.url, development);
}

// What the relay needs of the surroundings: its folders, the language, the keychain's session, a private authority's file.
const handedOn =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|XDG_[A-Z_]+|DBUS_SESSION_BUS_ADDRESS|APPDATA|LOCALAPPDATA|USERPROFILE|SYSTEMROOT|WINDIR|NODE_EXTRA_CA_CERTS|STEEPLE_RELAY_KEYCHAIN)$/i;

/** The environment of the relay as the app's child: an allow-list, so no secret of the app's surroundings goes on (S1). */
export function childEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(environment).filter(([name, value]) => handedOn.test(name) && value !== undefined);
  return Object.fromEntries(kept) as Record<string, string>;
}
