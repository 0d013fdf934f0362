/**
 * What the desktop shows outside the window: the tray with its count, the badge, the system's notifications. It asks the
 * relay how it is whenever something changed, and compares with what was told before (notices.ts).
 *
 * Everything that touches the system is an argument. Test: test/desktop.test.ts.
 */
import type { MenuItemConstructorOptions } from 'electron';
import type { Status } from '../../daemon/contract/status.ts';
import type { Heard } from '../preload/contract.ts';
import { type Actions, trayMenu, trayTip, trayTitle } from './menus.ts';
import { knownOf, type Notice, noticesOf } from './notices.ts';
import type { Preferences } from './preferences.ts';
import type { Say } from './words.ts';

export type Surface = Readonly<{
  tray(title: string, tip: string, menu: MenuItemConstructorOptions[]): void;
  badge(count: number): void;
  notify(notice: Notice, clicked: () => void): void;
}>;

export function desktop(
  parts: Readonly<{
    status(): Promise<Status>;
    /** Whether the relay is the app's own child. */
    own(): boolean;
    surface: Surface;
    preferences: Preferences;
    actions: Actions;
    say: Say;
  }>,
) {
  const { surface, preferences, actions, say } = parts;
  let asking: Promise<void> | undefined;
  let again = false;

  function show(status: Status | undefined): void {
    surface.tray(trayTitle(status), trayTip(status, say), trayMenu(status, parts.own(), say, actions));
    surface.badge(status?.held.count ?? 0);
  }
  async function look(): Promise<void> {
    const status = await parts.status().catch(() => undefined);
    show(status);
    if (status === undefined) return; // what is not known is no news
    for (const notice of noticesOf(preferences.now().known, status, say))
      surface.notify(notice, () => actions.go(notice.route));
    preferences.set({ known: knownOf(status) });
  }
  /** One question at a time; what changes meanwhile is asked once more afterwards. */
  async function soon(): Promise<void> {
    again = true;
    asking ??= (async () => {
      while (again) {
        again = false;
        await look();
      }
    })().finally(() => {
      asking = undefined;
    });
    return asking;
  }
  return {
    begin: (): void => show(undefined),
    async heard(what: Heard): Promise<void> {
      if (what === 'away') show(undefined);
      else await soon();
    },
  };
}
