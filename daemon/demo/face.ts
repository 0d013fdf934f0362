/**
 * Puts a face to the demo: the page built where it is not, and opened in the app where Electron can run, else in a browser.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** From a fresh clone nothing is built yet; the console would only say so. `false`: it could not be built. */
export async function buildPage(): Promise<boolean> {
  if (existsSync(join(root, 'out/renderer/index.html'))) return true;
  const build = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  const child = spawn(process.execPath, [build, 'build', '--logLevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

/** How the console was opened: nothing is, where there is no desktop to open it on. */
export function openConsole(url: string, data: string): 'app' | 'browser' | undefined {
  const { platform, env } = process;
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return undefined;
  // Only where its binary is there already: fetching it would take longer than the story.
  if (existsSync(join(root, 'node_modules/electron/dist'))) {
    detached(join(root, 'node_modules/.bin/electron'), [root], { ...env, STEEPLE_COMPANION_DATA: data });
    return 'app';
  }
  detached(platform === 'darwin' ? 'open' : platform === 'win32' ? 'explorer' : 'xdg-open', [url], env);
  return 'browser';
}

function detached(command: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const child = spawn(command, args, { stdio: 'ignore', detached: true, env });
  child.on('error', () => {}); // nothing to open it with: the address is on the screen
  child.unref();
}
