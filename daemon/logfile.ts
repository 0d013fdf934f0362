/**
 * A log in a file instead of on stderr, for where nobody keeps stderr: a new file each day and after 50 MB, the oldest
 * removed. Readable by its owner only: it names people by id, and hosts.
 */
import roll from 'pino-roll';

/** `path`: `/var/log/relay.log` becomes `relay.1.log`, `relay.2.log` …; `keep`: how many old ones stay. */
export async function logFile(path: string, keep: number): Promise<{ write(line: string): unknown; close(): void }> {
  const [, stem = path, extension = ''] = /^(.*?)(\.[A-Za-z0-9]+)?$/.exec(path) ?? [];
  const file = await roll({
    file: stem,
    extension,
    size: '50m',
    frequency: 'daily',
    mkdir: true,
    mode: 0o600,
    sync: true, // the last words of a dying process must get out
    limit: { count: keep, removeOtherLogFiles: true },
  });
  return {
    write: (line) => file.write(line),
    close: () => file.end(),
  };
}
