/**
 * Looks for a newer version of the app, with electron-updater: by itself once a day, or only when asked, or never, as
 * preferences.ts decides. What is found is fetched, checked against its signature by electron-updater, and installed when
 * the person quits; nothing restarts under their hands. A failure is quiet: an app without updates still works.
 */
import type { Updates } from './preferences.ts';

/** The part of electron-updater's `autoUpdater` that is used. */
export type Updater = {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  allowDowngrade: boolean;
  on(event: 'update-downloaded', heard: (found: Readonly<{ version: string }>) => void): unknown;
  on(event: 'error', heard: (error: Error) => void): unknown;
  checkForUpdates(): Promise<unknown>;
};

const dailyMs = 24 * 60 * 60_000;

export function updates(
  parts: Readonly<{
    /** Loaded only where it is needed. */
    updater(): Promise<Updater>;
    allowed(): Updates;
    ready(version: string): void;
    every(ms: number, work: () => void): void;
  }>,
) {
  let made: Promise<Updater> | undefined;
  async function look(): Promise<boolean> {
    try {
      made ??= parts.updater().then((updater) => {
        updater.autoDownload = true;
        updater.autoInstallOnAppQuit = true;
        updater.allowDowngrade = false;
        updater.on('update-downloaded', ({ version }) => parts.ready(version));
        updater.on('error', () => {});
        return updater;
      });
      await (await made).checkForUpdates();
      return true;
    } catch {
      return false; // no network, no release there, or a build that was never published
    }
  }
  return {
    begin(): void {
      const turn = () => {
        if (parts.allowed() === 'on') void look();
      };
      turn();
      parts.every(dailyMs, turn);
    },
    /** A person asked. False where updates are off, or none could be looked for. */
    look: async (): Promise<boolean> => (parts.allowed() === 'off' ? false : look()),
  };
}
