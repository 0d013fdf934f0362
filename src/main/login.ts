/**
 * Starting when the person logs in. macOS and Windows have a setting for it that Electron sets; on Linux it is a file in the
 * autostart folder (freedesktop.org's Desktop Application Autostart Specification).
 */
export type LoginItems = Readonly<{
  getLoginItemSettings(): Readonly<{ openAtLogin: boolean }>;
  setLoginItemSettings(settings: { openAtLogin: boolean; args?: string[] }): void;
}>;
export type AutostartFile = Readonly<{ there(): boolean; write(text: string): void; remove(): void }>;

/** Begins in the tray, without a window. */
export const hidden = '--hidden';

export function login(
  parts: Readonly<{ platform: NodeJS.Platform; program: string; items: LoginItems; file: AutostartFile }>,
) {
  const { platform, program, items, file } = parts;
  const linux = platform === 'linux';
  return {
    on: (): boolean => (linux ? file.there() : items.getLoginItemSettings().openAtLogin),
    set(on: boolean): void {
      if (!linux) items.setLoginItemSettings({ openAtLogin: on, args: [hidden] });
      else if (on) file.write(entry(program));
      else file.remove();
    },
  };
}

/** https://specifications.freedesktop.org/desktop-entry-spec: a quoted argument, with its four special signs escaped. */
const entry = (program: string): string =>
  `[Desktop Entry]\nType=Application\nName=Steeple Companion\nTerminal=false\nX-GNOME-Autostart-enabled=true\n` +
  `Exec="${program.replace(/[\\"`$]/g, (sign) => `\\\\${sign}`).replaceAll('%', '%%')}" ${hidden}\n`;
