/**
 * Where the admin API of a data folder is found: one rule, used by the server that listens and the CLI that connects.
 *
 * On Windows a named pipe, whose name is derived from the folder. Elsewhere `DATA/admin.sock`; and where that path is
 * longer than the system allows for a socket, a short one in the user's runtime folder, written down in
 * `DATA/admin.path`, because the CLI may run with another environment than the service it looks for.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { posix, win32 } from 'node:path';

/** The file in the data folder that names a socket which had to lie elsewhere. */
export const pathNote = 'admin.path';

/** `folder` is what must be owner-only around the socket; a named pipe has none. */
export type Endpoint = Readonly<{ path: string; folder?: string }>;

/** Bytes of `sun_path` without its final NUL: 108 on Linux, 104 on macOS and the BSDs. */
const longest = (platform: NodeJS.Platform): number => (platform === 'linux' ? 107 : 103);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * @param data the data folder, absolute
 * @param runtime a short folder of the user's, such as `XDG_RUNTIME_DIR`
 */
export function endpoint(data: string, platform: NodeJS.Platform, runtime: string): Endpoint {
  // Windows paths ignore case and take both slashes: two spellings of one folder must meet in one pipe.
  if (platform === 'win32')
    return { path: `\\\\.\\pipe\\steeple-relay-${digest(win32.normalize(data).toLowerCase())}` };
  const usual = posix.join(data, 'admin.sock');
  if (Buffer.byteLength(usual) <= longest(platform)) return { path: usual, folder: data };
  const folder = posix.join(runtime, `steeple-relay-${digest(data)}`);
  return { path: posix.join(folder, 'admin.sock'), folder };
}

/** Where the CLI looks: what the running relay wrote down, else what the rule says. */
export function findEndpoint(data: string, platform: NodeJS.Platform, runtime: string): string {
  try {
    if (platform !== 'win32') return readFileSync(posix.join(data, pathNote), 'utf8').trim();
  } catch {
    // No note: the socket is where the rule puts it, or no relay runs.
  }
  return endpoint(data, platform, runtime).path;
}
