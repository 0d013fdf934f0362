/** The relay as it is installed: out/main/cli.js starts, and its surveying thread is a file of the build, too. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@playwright/test';
import { client } from '../../daemon/cli/client.ts';
import { startSandbox } from '../../daemon/demo/stage.ts';

test('P5 the built relay surveys in its own thread, the same plan twice, and ends when it is told to', async () => {
  const data = mkdtempSync(join(tmpdir(), 'built-'));
  const sandbox = await startSandbox();
  const argv = ['out/main/cli.js', 'start', '--data', data, '--scim', '127.0.0.1:0', '--console', '127.0.0.1:0'];
  const child = spawn(process.execPath, [...argv, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, STEEPLE_RELAY_KEYCHAIN: 'off' },
  });
  const ended = once(child, 'exit');
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    const { scim } = JSON.parse(String(line)) as { scim: string };
    const ask = client(data);
    const { secretToken } = await ask('source.add', { kind: 'scim', name: 'Built', by: 'test' });
    const pushed = await fetch(`${scim}/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secretToken}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ userName: 'ada@example.test', externalId: 'ada', active: true }),
    });
    expect(pushed.status).toBe(201);
    const { scimUrl: url, token } = sandbox.ready;
    await ask('upstream.set', { url, token, by: 'test' });
    const first = await ask('plan.make', {});
    expect(first.summary.create).toBe(1);
    expect((await ask('plan.make', {})).id).toBe(first.id);
  } finally {
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    await sandbox.stop();
    rmSync(data, { recursive: true, force: true });
  }
});
