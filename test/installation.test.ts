/** The relay as a service: the unit as systemd itself reads it, installed into a system that lies in a folder. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../daemon/cli/program.ts';
import type { Terminal } from '../daemon/cli/terminal.ts';
import { carryOut, installing, serviceStatus, uninstalling } from '../daemon/service/installer.ts';
import { launchdPlist, systemdUnit, windowsTask } from '../daemon/service/unit.ts';

let image: string;
beforeEach(() => {
  image = mkdtempSync(join(tmpdir(), 'image-'));
});
afterEach(() => rmSync(image, { recursive: true }));

const wanted = {
  program: ['/usr/bin/node', '/opt/steeple relay/out/main/cli.js'],
  data: '/var/lib/steeple-relay',
  options: ['--scim', '127.0.0.1:8480'],
};
const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

async function cli(...argv: string[]) {
  const stream = () => Object.assign(new PassThrough(), { isTTY: false });
  const [stdout, stderr] = [stream(), stream()];
  const said = { out: '', err: '' };
  stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const code = await run(argv, { stdin: Readable.from(['']), stdout, stderr } as unknown as Terminal);
  return { code, ...said };
}

describe('systemd', () => {
  const there = has('systemd-analyze') && has('systemctl');
  test.runIf(there)('takes the unit as it is, and finds it well locked up', () => {
    const unit = join(image, 'steeple-relay.service');
    const program = [process.execPath, join(image, 'cli.js')];
    writeFileSync(join(image, 'cli.js'), '');
    writeFileSync(join(image, 'key'), 'x'.repeat(32));
    writeFileSync(unit, systemdUnit({ ...wanted, program }, { 'steeple-relay-key': join(image, 'key') }));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', unit], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('steeple-relay'))).toEqual([]);
    const judged = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', unit], {
      encoding: 'utf8',
    });
    const [, exposure] = /exposure level for steeple-relay\.service: ([\d.]+)/.exec(judged.stdout) ?? [];
    // Of 10. An ordinary unit has 9.6; what is left is the network, which is what the relay is for.
    expect(Number(exposure)).toBeLessThan(2.5);
  });
  test.runIf(there)('is told to start it at boot, in an image; uninstalling leaves the key and the data', () => {
    const place = { platform: 'linux', prefix: image } as const;
    carryOut(installing(wanted, undefined, place));
    const wants = join(image, 'etc/systemd/system/multi-user.target.wants/steeple-relay.service');
    expect(lstatSync(wants).isSymbolicLink()).toBe(true);
    expect(serviceStatus(place)).toMatchObject({ installed: true });
    const key = join(image, 'etc/steeple-relay/key');
    const made = readFileSync(key);
    expect([made.length, statSync(key).mode & 0o777]).toEqual([32, 0o600]);
    carryOut(installing(wanted, undefined, place)); // again, as an upgrade does
    expect(readFileSync(key).equals(made)).toBe(true);
    carryOut(uninstalling(place));
    expect([existsSync(wants), existsSync(key)]).toEqual([false, true]);
    expect(serviceStatus(place)).toMatchObject({ installed: false });
  });
  test('gets words with spaces, percent and dollar signs through unharmed, and its own specifier', () => {
    const odd = { ...wanted, data: '/srv/100% $HOME "x"', options: ['--tls-cert', '%d/tls-cert'] };
    const text = systemdUnit(odd, {});
    expect(text).toContain('"/opt/steeple relay/out/main/cli.js" start --data "/srv/100%% $$HOME \\"x\\""');
    expect(text).toContain('--tls-cert %d/tls-cert');
    expect(text).toContain('ReadWritePaths="/srv/100%%');
  });
  test('may bind a low port only where one is asked for', () => {
    const low = systemdUnit({ ...wanted, options: ['--scim', '0.0.0.0:443'] }, {});
    expect(low).toContain('AmbientCapabilities=CAP_NET_BIND_SERVICE\n');
    expect(systemdUnit(wanted, {})).toContain('CapabilityBoundingSet=\n');
    expect(systemdUnit({ ...wanted, options: ['--scim', '127.0.0.1:0'] }, {})).toContain('AmbientCapabilities=\n');
  });
  test('hands the certificate over: the service can read no other file', () => {
    const steps = installing(
      wanted,
      { cert: '/etc/tls/c.pem', key: '/etc/tls/k.pem' },
      { platform: 'linux', prefix: '' },
    );
    const unit = steps.find((step) => step.do === 'write');
    expect(unit?.do === 'write' && unit.text).toMatch(/LoadCredential=tls-key:\/etc\/tls\/k\.pem/);
    expect(unit?.do === 'write' && unit.text).toMatch(/--tls-cert %d\/tls-cert --tls-key %d\/tls-key/);
    expect(steps.at(-1)).toEqual({ do: 'run', words: ['systemctl', 'enable', '--now', 'steeple-relay'] });
  });
});

describe('launchd and Windows', () => {
  test('a property list that XML and Python’s plistlib read, with odd words whole', () => {
    const text = launchdPlist({ ...wanted, data: '/Users/a & b/<data>' });
    const read = spawnSync(
      'python3',
      ['-c', 'import plistlib, sys, json; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))'],
      {
        input: text,
        encoding: 'utf8',
      },
    );
    expect(JSON.parse(read.stdout)).toMatchObject({
      Label: 'com.steeple-companion.relay',
      ProgramArguments: [...wanted.program, 'start', '--data', '/Users/a & b/<data>', ...wanted.options],
      KeepAlive: { SuccessfulExit: false },
    });
  });
  test('a task in UTF-16 with words quoted as Windows reads them', () => {
    const steps = installing(
      { program: ['C:\\Program Files\\node.exe', 'C:\\x\\cli.js'], data: 'C:\\data dir\\', options: [] },
      undefined,
      { platform: 'win32', prefix: image },
    );
    carryOut(steps);
    const [write] = steps;
    const text = readFileSync(write?.do === 'write' ? write.file : '', 'utf16le');
    expect(text).toContain('<Command>C:\\Program Files\\node.exe</Command>');
    expect(text).toContain('<Arguments>C:\\x\\cli.js start --data &quot;C:\\data dir\\\\&quot;</Arguments>');
    expect(windowsTask(wanted)).toContain('&quot;/opt/steeple relay/out/main/cli.js&quot;');
  });
  test('what this machine is not, is not run: a step that fails says what the system said', () => {
    expect(() => carryOut([{ do: 'run', words: ['no-such-program-here', 'x'] }])).toThrow(
      /no-such-program-here is not on/,
    );
    expect(() => carryOut([{ do: 'run', words: ['sh', '-c', 'echo it is closed >&2; exit 3'] }])).toThrow(
      /it is closed/,
    );
    carryOut([{ do: 'run', words: ['sh', '-c', 'exit 3'], may: true }]);
    expect(() => installing(wanted, undefined, { platform: 'aix', prefix: '' })).toThrow(/aix/);
  });
});

describe('the command', () => {
  test('shows everything it would write and run, and does none of it', async () => {
    const { code, out } = await cli('service', 'install', '--show', '--root', image, '--scim', '127.0.0.1:9000');
    expect(code).toBe(0);
    expect(out).toMatch(/key {5}.*\/etc\/steeple-relay\/key/);
    expect(out).toContain('--scim 127.0.0.1:9000');
    expect(existsSync(join(image, 'etc'))).toBe(false);
  });
  test('--json gives the steps; half a certificate is wrong usage; status is honest', async () => {
    const { out } = await cli('service', 'install', '--show', '--root', image, '--data', '/srv/relay', '--json');
    expect(JSON.parse(out)).toMatchObject({
      data: '/srv/relay',
      steps: [{ do: 'key' }, { do: 'write' }, { do: 'run' }],
    });
    expect(await cli('service', 'install', '--show', '--tls-cert', 'c')).toMatchObject({ code: 2 });
    expect(JSON.parse((await cli('service', 'status', '--root', image, '--json')).out)).toEqual({
      installed: false,
      running: false,
      detail: 'not installed',
    });
    expect((await cli('service', 'uninstall', '--show', '--root', image)).out).toMatch(
      /remove .*steeple-relay\.service/,
    );
  });
});
