/**
 * The window, closed by default: it is granted no permission, opens no window, goes nowhere and reaches no network. What
 * exactly may be loaded is decided in policy.ts; this puts it into Electron's hands.
 */
import { app, BrowserWindow, type Session } from 'electron';
import { type Bounds, least, visible } from './bounds.ts';
import { mayRequest, webPreferences } from './policy.ts';

export function lockDown(session: Session, development?: string): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false); // the request handler alone does not cover checks
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !mayRequest(url, development) }));
  app.on('web-contents-created', (_created, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => {
      if (!mayRequest(event.url, development)) event.preventDefault();
    });
  });
}

export function openWindow(
  session: Session,
  preload: string,
  options: Readonly<{ devTools: boolean; bounds: Bounds | undefined; areas: readonly Bounds[] }>,
): BrowserWindow {
  const window = new BrowserWindow({
    ...visible(options.bounds, options.areas),
    minWidth: least.width,
    minHeight: least.height,
    show: false,
    title: 'Steeple Companion',
    backgroundColor: '#f7f8fa',
    webPreferences: { ...webPreferences, session, preload, devTools: options.devTools },
  });
  window.once('ready-to-show', () => window.show());
  return window;
}
