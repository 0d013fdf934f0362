/** What is handed to those who run the relay, held against the relay itself: dashboard, container, package. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { metrics } from '../daemon/metrics.ts';
import { authority } from './authority.ts';
import { startRelay } from './processes.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('the dashboard asks for no number that the relay does not give', async () => {
  const counts = { count: 1, oldestAt: 0 };
  const status = {
    startedAt: 0,
    sync: { state: 'on' },
    directory: { users: 1, active: 1, groups: 1, memberships: 1 },
    observed: { users: 1, groups: 1, memberships: 1, at: 0 },
    journal: { entries: 1, pushes: 1, refusals: 1, lastAt: 0 },
    mapping: { version: 1, links: 1, broken: 1 },
    held: counts,
    deliveries: { owed: 1, sending: 1, dead: 1, oldestAt: 0 },
    circuit: { state: 'closed' },
    owesPlan: 0,
  } as unknown as Parameters<typeof metrics>[0]['status'] extends () => Promise<infer S> ? S : never;
  const { text } = metrics({
    status: async () => status,
    expiries: async () => [{ what: 'authority', name: 'x', at: 1, state: 'fine', remedy: '' }],
    journalProblem: () => undefined,
    now: () => 1000,
  });
  const given = new Set([...(await text()).matchAll(/^(steeple_relay_\w+)/gm)].map(([, name]) => name));
  const Board = z.object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
  });
  const { panels } = Board.parse(JSON.parse(read('deploy/grafana.json')));
  const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/steeple_relay_\w+/g) ?? []));
  expect(asked.length).toBeGreaterThan(15);
  for (const name of asked) expect(given, name).toContain(name);
});

test('the package holds what runs and nothing else, and brings only what cannot be built into it', () => {
  const about = z
    .object({
      bin: z.record(z.string(), z.string()),
      files: z.array(z.string()),
      dependencies: z.record(z.string(), z.string()),
    })
    .parse(JSON.parse(read('package.json')));
  expect(about.bin).toEqual({ 'steeple-relay': 'out/main/cli.js' });
  expect(Object.keys(about.dependencies)).toEqual(['better-sqlite3']);
  expect(about.files).toContain('out');
});

test('a release begins with the audit, and what is handed out carries a list of all that was built in', () => {
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
  expect(scripts.release).toMatch(/^npm run audit && npm run package && npm run fuses && npm pack /);
  for (const name of ['prepack', 'package'])
    expect(scripts[name], name).toContain('npm run --silent sbom > out/sbom.json');
  const { stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], { encoding: 'utf8' });
  const Bill = z.object({ bomFormat: z.literal('CycloneDX'), components: z.array(z.object({ name: z.string() })) });
  const names = Bill.parse(JSON.parse(stdout)).components.map(({ name }) => name);
  for (const name of ['better-sqlite3', 'express', 'zod', 'react', 'undici']) expect(names).toContain(name);
});

test('a release ends where a packed binary has a fuse that is not as it is set', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fuses-'));
  // What @electron/fuses looks for in a binary: its mark, the version, how many there are, and a letter for each.
  const read = (wire: string) => {
    const binary = join(folder, 'steeple-companion');
    const mark = Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, wire.length])]);
    writeFileSync(binary, Buffer.concat([Buffer.alloc(5000), mark, Buffer.from(wire), Buffer.alloc(5000)]));
    const { status, stdout } = spawnSync(process.execPath, ['.ci/fuses.mjs', binary], { encoding: 'utf8' });
    return [status, stdout.trim().replace(`${binary}: `, '')];
  };
  // RunAsNode, cookies, NODE_OPTIONS, --inspect, integrity, only from asar, snapshot, file://, WebAssembly's trap handlers
  expect(read('010011001')).toEqual([0, 'all 9 fuses are as they should be']);
  expect(read('110011001')).toEqual([1, 'RunAsNode is ENABLE, not off']);
  expect(read('010001001')).toEqual([1, 'EnableEmbeddedAsarIntegrityValidation is DISABLE, not on']);
  expect(read('01001100')).toEqual([1, 'WasmTrapHandlers is absent, not on']);
  rmSync(folder, { recursive: true });
});

test('the container runs as nobody in particular, and keeps everything in its volume', () => {
  const lines = read('deploy/Containerfile').split('\n');
  expect(lines.lastIndexOf('USER node')).toBeGreaterThan(lines.lastIndexOf('FROM docker.io/library/node:24-slim'));
  expect(lines).toContain('VOLUME /data');
  expect(lines.find((line) => line.startsWith('ENV'))).toContain('STEEPLE_RELAY_DATA=/data');
});

test('the container is built with the bundler’s native part, and its health check asks a relay that lives, with TLS or without', async () => {
  const lines = read('deploy/Containerfile').split('\n');
  // Left out once, and found when the file was first built: `npm ci --omit=optional` leaves Rolldown without its binary.
  expect(lines.find((line) => line.startsWith('RUN npm ci'))).toBe('RUN npm ci --ignore-scripts');
  const [, argv] = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(lines.join('\n')) ?? [];
  const [program, ...rest] = z.array(z.string()).parse(JSON.parse(argv ?? '[]'));
  expect(program).toBe('node');
  const data = mkdtempSync(join(tmpdir(), 'deploy-'));
  const health = () =>
    new Promise<number | null>((done) =>
      spawn(process.execPath, rest, { env: { ...process.env, STEEPLE_RELAY_DATA: data } }).once('exit', done),
    );
  const { cert, key } = await (await authority()).issue('relay');
  writeFileSync(join(data, 'cert.pem'), cert);
  writeFileSync(join(data, 'key.pem'), key);
  const relay = await startRelay(data, '--tls-cert', join(data, 'cert.pem'), '--tls-key', join(data, 'key.pem'));
  try {
    expect(relay.console).toMatch(/^https:/);
    expect(await health()).toBe(0);
  } finally {
    await relay.end('SIGTERM');
  }
  expect(await health()).toBe(1);
  rmSync(data, { recursive: true });
});

test('the audit before a release is clean only where the advisory service was asked and knows of nothing', () => {
  const audited = (answer: string, code: number) => {
    const npm = `process.stdout.write(${JSON.stringify(answer)}); process.exit(${code})`;
    // `--` makes the rest the program's own arguments.
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['.ci/audit.mjs', process.execPath, '-e', npm, '--'],
      {
        encoding: 'utf8',
      },
    );
    return { status, said: stdout + stderr };
  };
  const counts = { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: 0 };
  const report = (more: object, vulnerabilities = {}) =>
    JSON.stringify({
      vulnerabilities,
      metadata: { vulnerabilities: { ...counts, ...more }, dependencies: { total: 9 } },
    });
  expect(audited(report({}), 0)).toMatchObject({ status: 0, said: expect.stringContaining('Audited 9 packages') });
  const known = { left: { name: 'left', severity: 'high', range: '<2' } };
  expect(audited(report({ high: 1, total: 1 }, known), 1)).toMatchObject({
    status: 1,
    said: expect.stringContaining('1 high'),
  });
  const refused = { message: '405 Method Not Allowed', error: { summary: '', detail: '' } };
  for (const answer of [JSON.stringify(refused), '', 'audit endpoint returned an error', '{}'])
    for (const code of [0, 1])
      expect(audited(answer, code), answer).toMatchObject({ status: 2, said: expect.stringContaining('NOT audited') });
});
