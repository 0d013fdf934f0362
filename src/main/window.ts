/**
 * The window, closed by default: it is granted no permission, opens no window, goes nowhere and reaches no network. What
 * exactly may be loaded is decided in policy.ts; this puts it into Electron's hands.
 */
import { app, BrowserWindow, type Session } from 'electron';
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

export function openWindow(session: Session, preload: string, devTools: boolean): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Steeple Companion',
    backgroundColor: '#f7f8fa',
    webPreferences: { ...webPreferences, session, preload, devTools },
  });
  window.once('ready-to-show', () => window.show());
  return window;
}
