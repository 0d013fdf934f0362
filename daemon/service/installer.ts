/**
 * Puts the relay into the system's own care, takes it out again, and says how it is: systemd on Linux, launchd on macOS,
 * the Task Scheduler on Windows. Everything it writes and runs can be shown first (`steps`), and nothing it does touches the
 * data folder: uninstalling keeps the journal.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Forbidden, Unavailable } from '../errors.ts';
import { type Credentials, label, launchdPlist, systemdUnit, type Wanted, windowsTask } from './unit.ts';

export type Step =
  | Readonly<{ do: 'write'; file: string; text: string; mode: number }>
  /** Made once, of random bytes, and left alone where it is: what was sealed with it would not open any more. */
  | Readonly<{ do: 'key'; file: string }>
  | Readonly<{ do: 'remove'; file: string }>
  /** `may`: it is no fault when this fails. */
  | Readonly<{ do: 'run'; words: readonly string[]; may?: true }>;
export type ServiceStatus = Readonly<{ installed: boolean; running: boolean; detail: string }>;
type Tls = Readonly<{ cert: string; key: string }>;

/** `prefix` stands before every path that is written: '' for this machine, a folder for an image or a test. */
type Place = Readonly<{ platform: NodeJS.Platform; prefix: string }>;

const files = {
  linux: { unit: `/etc/systemd/system/${label}.service`, key: '/etc/steeple-relay/key' },
  darwin: { unit: '/Library/LaunchDaemons/com.steeple-companion.relay.plist' },
  win32: { unit: 'C:\\ProgramData\\steeple-relay\\task.xml' },
} as const;

/** The folder that a service keeps its data in where nothing else is said. */
export const usualData = (platform: NodeJS.Platform): string =>
  platform === 'win32'
    ? 'C:\\ProgramData\\steeple-relay\\data'
    : platform === 'darwin'
      ? '/Library/Application Support/steeple-relay'
      : '/var/lib/steeple-relay';

/** @throws Unavailable for a system that none of the three is */
export function installing(wanted: Wanted, tls: Tls | undefined, { platform, prefix }: Place): Step[] {
  const at = (file: string) => (prefix === '' ? file : join(prefix, file));
  if (platform === 'linux') {
    const { unit, key } = files.linux;
    const credentials: Credentials = {
      'steeple-relay-key': key,
      ...(tls && { 'tls-cert': tls.cert, 'tls-key': tls.key }),
    };
    const given = tls ? ['--tls-cert', '%d/tls-cert', '--tls-key', '%d/tls-key'] : [];
    const text = systemdUnit({ ...wanted, options: [...wanted.options, ...given] }, credentials);
    const root = prefix === '' ? [] : [`--root=${prefix}`];
    return [
      { do: 'key', file: at(key) },
      { do: 'write', file: at(unit), text, mode: 0o644 },
      ...(prefix === '' ? [{ do: 'run', words: ['systemctl', 'daemon-reload'] } as const] : []),
      { do: 'run', words: ['systemctl', ...root, 'enable', ...(prefix === '' ? ['--now'] : []), label] },
    ];
  }
  const given = tls ? ['--tls-cert', tls.cert, '--tls-key', tls.key] : [];
  const whole = { ...wanted, options: [...wanted.options, ...given] };
  if (platform === 'darwin') {
    const { unit } = files.darwin;
    return [
      { do: 'write', file: at(unit), text: launchdPlist(whole), mode: 0o644 },
      ...(prefix === '' ? [{ do: 'run', words: ['launchctl', 'bootstrap', 'system', unit] } as const] : []),
    ];
  }
  if (platform === 'win32') {
    const { unit } = files.win32;
    return [
      // The schema asks for UTF-16, and schtasks takes nothing else.
      { do: 'write', file: at(unit), text: `\ufeff${windowsTask(whole)}`, mode: 0o600 },
      ...(prefix === ''
        ? ([
            { do: 'run', words: ['schtasks', '/Create', '/TN', label, '/XML', unit, '/F'] },
            { do: 'run', words: ['schtasks', '/Run', '/TN', label] },
          ] as const)
        : []),
    ];
  }
  throw new Unavailable(
    `There is no service manager of ${platform} that this version knows: start the relay your own way`,
  );
}

export function uninstalling({ platform, prefix }: Place): Step[] {
  const at = (file: string) => (prefix === '' ? file : join(prefix, file));
  if (platform === 'linux') {
    const root = prefix === '' ? ['--now'] : [`--root=${prefix}`];
    return [
      { do: 'run', words: ['systemctl', ...root, 'disable', label], may: true },
      { do: 'remove', file: at(files.linux.unit) },
      ...(prefix === '' ? [{ do: 'run', words: ['systemctl', 'daemon-reload'] } as const] : []),
    ];
  }
  if (platform === 'darwin')
    return [
      { do: 'run', words: ['launchctl', 'bootout', 'system/com.steeple-companion.relay'], may: true },
      { do: 'remove', file: at(files.darwin.unit) },
    ];
  if (platform === 'win32')
    return [
      { do: 'run', words: ['schtasks', '/End', '/TN', label], may: true },
      { do: 'run', words: ['schtasks', '/Delete', '/TN', label, '/F'], may: true },
      { do: 'remove', file: at(files.win32.unit) },
    ];
  throw new Unavailable(`There is no service manager of ${platform} that this version knows`);
}

/** @throws Unavailable with what the system said, Forbidden where it takes an administrator */
export function carryOut(steps: readonly Step[]): void {
  for (const step of steps) {
    try {
      carryOutOne(step);
    } catch (cause) {
      const { code = '' } = cause as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM')
        throw new Forbidden('Installing a service takes an administrator: run this with sudo, or as Administrator', {
          cause,
        });
      throw cause;
    }
  }
}

function carryOutOne(step: Step): void {
  if (step.do === 'run') run(step.words, step.may ?? false);
  else if (step.do === 'remove') rmSync(step.file, { force: true });
  else {
    mkdirSync(dirname(step.file), { recursive: true, mode: 0o755 });
    if (step.do === 'write') put(step);
    else if (!existsSync(step.file)) writeFileSync(step.file, randomBytes(32), { mode: 0o600, flag: 'wx' });
    else chmodSync(step.file, 0o600);
  }
}

function put({ file, text, mode }: Extract<Step, { do: 'write' }>): void {
  writeFileSync(file, text, { mode, encoding: text.startsWith('\ufeff') ? 'utf16le' : 'utf8' });
}

function run([command = '', ...args]: readonly string[], may: boolean): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (may || status === 0) return;
  const said = error === undefined ? (stderr.trim().split('\n').at(-1) ?? '') : `${command} is not on this machine`;
  throw new Unavailable(`${[command, ...args].join(' ')} failed: ${said || `it ended with ${status}`}`);
}

/** How the service is, in the system's own words. */
export function serviceStatus({ platform, prefix }: Place): ServiceStatus {
  const known = files[platform as keyof typeof files]?.unit;
  if (known === undefined) return { installed: false, running: false, detail: `${platform} is not known` };
  const installed = existsSync(prefix === '' ? known : join(prefix, known));
  if (!installed || prefix !== '')
    return { installed, running: false, detail: installed ? 'installed' : 'not installed' };
  const [words, running] = (
    {
      linux: [['systemctl', 'show', '-p', 'ActiveState,SubState', '--value', label], /^active$/m],
      darwin: [['launchctl', 'print', 'system/com.steeple-companion.relay'], /state = running/],
      win32: [['schtasks', '/Query', '/TN', label, '/FO', 'LIST'], /Running/],
    } as const
  )[platform as 'linux'];
  const { stdout = '', stderr = '', error } = spawnSync(words[0], words.slice(1), { encoding: 'utf8' });
  if (error !== undefined) return { installed, running: false, detail: `${words[0]} is not on this machine` };
  const detail = (stdout.trim() || stderr.trim()).split('\n').slice(0, 3).join(', ');
  return { installed, running: running.test(stdout), detail };
}
