/**
 * The app's menu and the tray's, as data that Electron builds menus from. Pure: what an entry does is an argument, and
 * nothing here loads Electron.
 */
import type { MenuItemConstructorOptions } from 'electron';
import type { Status } from '../../daemon/contract/status.ts';
import type { Say } from './words.ts';

export type Actions = Readonly<{
  go(route: string): void;
  open(): void;
  quit(): void;
  help(): void;
  /** Absent where updates are turned off. */
  update?: (() => void) | undefined;
}>;
type Seen = Pick<Status, 'held' | 'sync' | 'circuit'>;

/** `own`: the relay is the app's child, and ends with it. */
export function trayMenu(status: Seen | undefined, own: boolean, say: Say, act: Actions): MenuItemConstructorOptions[] {
  return [
    { label: stateOf(status, say), enabled: false },
    { label: reviewOf(status, say), enabled: (status?.held.count ?? 0) > 0, click: () => act.go('#/review') },
    { type: 'separator' },
    { label: say('open'), click: () => act.open() },
    { label: say(own ? 'quit' : 'leave'), click: () => act.quit() },
  ];
}

/** Beside the tray's icon, and on macOS in the menu bar: the number of held items is the whole message. */
export const trayTitle = (status: Seen | undefined): string =>
  status === undefined || status.held.count === 0 ? '' : String(status.held.count);
export const trayTip = (status: Seen | undefined, say: Say): string =>
  `Steeple Companion – ${status === undefined ? say('away') : `${stateOf(status, say)}, ${reviewOf(status, say)}`}`;

function stateOf(status: Seen | undefined, say: Say): string {
  if (status === undefined) return say('away');
  if (status.circuit.state === 'open') return say('stopped');
  return say(status.sync.state === 'on' ? 'on' : 'off');
}
function reviewOf(status: Seen | undefined, say: Say): string {
  const count = status?.held.count ?? 0;
  return count === 0 ? say('reviewNone') : count === 1 ? say('reviewOne') : say('reviewMany', { count });
}

const line: MenuItemConstructorOptions = { type: 'separator' };
const places = ['overview', 'mapping', 'preview', 'review', 'people', 'activity'] as const;

/** No entry reloads the page or opens developer tools where the app is packaged. */
export function appMenu(
  say: Say,
  act: Actions,
  options: Readonly<{ mac: boolean; packaged: boolean }>,
): MenuItemConstructorOptions[] {
  const { mac, packaged } = options;
  const settings: MenuItemConstructorOptions = {
    label: say('settings'),
    accelerator: 'CmdOrCtrl+,',
    click: () => act.go('#/settings'),
  };
  const about: MenuItemConstructorOptions = { label: say('about'), click: () => act.go('#/settings/about') };
  const quit: MenuItemConstructorOptions = { label: say('leave'), accelerator: 'CmdOrCtrl+Q', click: () => act.quit() };
  const own: MenuItemConstructorOptions = {
    label: mac ? 'Steeple Companion' : say('file'),
    submenu: mac ? [about, line, settings, line, quit] : [settings, line, quit],
  };
  return [
    own,
    {
      label: say('edit'),
      submenu: (['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll'] as const).map((role) => ({ role })),
    },
    {
      label: say('go'),
      submenu: places.map((place, at) => ({
        label: say(place),
        accelerator: `CmdOrCtrl+${at + 1}`,
        click: () => act.go(`#/${place}`),
      })),
    },
    {
      label: say('view'),
      submenu: [
        ...(['resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'] as const).map((role) => ({ role })),
        ...(packaged ? [] : (['reload', 'toggleDevTools'] as const).map((role) => ({ role }))),
      ],
    },
    {
      label: say('help'),
      submenu: [
        { label: say('steepleHelp'), click: () => act.help() },
        ...(act.update === undefined ? [] : [{ label: say('updates'), click: act.update }]),
        ...(mac ? [] : [about]),
      ],
    },
  ];
}
