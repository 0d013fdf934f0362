import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Fields, logger, redact } from '../daemon/log.ts';
import { logFile } from '../daemon/logfile.ts';

const canary = 'Zk7-canary-91xQpLm3Vt8RbN2wYc5HsD0e';

/** What one call writes, parsed; and as it was written. */
function written(act: (log: ReturnType<typeof logger>) => void) {
  const lines: string[] = [];
  act(logger({ level: 'debug', stream: { write: (line) => lines.push(line) } }));
  const raw = lines.join('');
  return { raw, line: JSON.parse(raw === '' ? '{}' : raw) as Record<string, unknown> };
}

test('an event is one line of JSON with level, time, and its fields', () => {
  const { raw, line } = written((log) => log.info('push accepted', { source: 'entra-main', seq: 7, status: 201 }));
  expect(raw.endsWith('}\n') && raw.indexOf('\n') === raw.length - 1).toBe(true);
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    event: 'push accepted',
    source: 'entra-main',
    seq: 7,
    status: 201,
  });
});

test('a line break in a field stays in its line', () => {
  const { raw } = written((log) => log.warn('refused', { detail: 'one\ntwo\u2028three', path: 'a"b' }));
  expect(raw.split('\n')).toHaveLength(2);
});

test('levels below the chosen one are not written', () => {
  const lines: string[] = [];
  const log = logger({ level: 'warn', stream: { write: (line) => lines.push(line) } });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['warn', 'error']);
});

describe('S1 what is not on the list does not get in', () => {
  const body = { userName: 'ada@example.com', password: canary, schemas: [canary] };
  test.each<[string, object]>([
    [
      'a field that is not on it',
      { body: canary, userName: canary, token: canary, headers: { authorization: canary } },
    ],
    ['a body spread into the call', body],
    ['an object in a field that is on it', { detail: body, status: { canary }, subject: [canary], source: body }],
    ['text in a field for numbers', { status: canary, seq: canary }],
    ['more than a word in a field for ids', { source: `a ${canary}`, subject: `"${canary}"`, code: 'x'.repeat(300) }],
    ['what an object inherits', { constructor: canary, __proto__: { detail: canary }, toString: canary }],
  ])('%s', (_what, fields) => {
    const { raw, line } = written((log) => log.info('event', fields as Fields));
    expect(raw).not.toContain(canary);
    expect(Object.keys(line).sort()).toEqual(['dropped', 'event', 'level', 'time']);
  });
});

describe('S1 errors', () => {
  test('are logged with name, code, message, stack and causes, and nothing that hangs on them', () => {
    const root = Object.assign(new TypeError('root'), { code: 'ECONNRESET', socket: { canary } });
    const error = Object.assign(new Error('outer', { cause: root }), {
      headers: { authorization: `Bearer ${canary}` },
    });
    const { raw, line } = written((log) => log.error('failed', { error }));
    expect(raw).not.toContain(canary);
    expect(line.error).toEqual({
      name: 'Error',
      message: 'outer',
      stack: expect.stringContaining('log.test.ts'),
      cause: { name: 'TypeError', message: 'root', code: 'ECONNRESET', stack: expect.stringContaining('root') },
    });
  });

  test.each([
    `Bearer ${canary}`,
    `the header authorization: ${canary} was refused`,
    `{"authorization":"Bearer ${canary}"}`,
    `{"secretToken":"${canary}"}`,
    `GET /x?access_token=${canary}&y=1`,
    `{"password": "${canary}"}`,
    canary,
  ])('lose what looks like a credential: %s', (text) => {
    const error = new Error(text, { cause: new Error(text) });
    const { raw } = written((log) => log.error('failed', { error, detail: text, url: text }));
    expect(raw).not.toContain(canary);
    expect(raw).toContain('[secret]');
  });

  test('do not show half a credential where they are cut', () => {
    const { raw } = written((log) => log.error('failed', { detail: `${'word '.repeat(398)}${canary}` }));
    expect(raw).not.toContain(canary.slice(0, 8));
  });

  test('that go round in circles end', () => {
    const one = new Error('one');
    one.cause = new Error('two', { cause: one });
    expect(written((log) => log.error('failed', { error: one })).raw.length).toBeLessThan(20_000);
  });

  test('that are no errors are named by their type only', () => {
    for (const thrown of [canary, { canary }, null, 7]) {
      const { raw, line } = written((log) => log.error('failed', { error: thrown }));
      expect(raw).not.toContain(canary);
      expect(thrown === null ? {} : line.error).toBeDefined();
    }
  });
});

test('redaction leaves alone what people need to read', () => {
  for (const text of [
    'Steeple refused the token: 401',
    'the token has expired; a password is needed',
    '/srv/steeple/relay/data-2/sealed/upstream-token.json is damaged',
    'user 0190f3c4-7d3e-7a51-9c1e-2b7f3a4d5e6f was held',
    'at connect (node:internal/process/task_queues:105:5)',
    'a-very-long-word-that-has-no-digit-in-it-at-all',
  ]) {
    expect(redact(text)).toBe(text);
  }
});

test('what stands behind Bearer or Basic is taken out, however short', () => {
  expect(redact('sent "Bearer abc/+=" and basic dTpw, then')).toBe('sent "Bearer [secret]" and basic [secret], then');
});

test('a JWT is taken out wherever it stands', () => {
  expect(redact('x=eyJhbGciOi.eyJzdWIi.sig y')).toBe('x=[secret] y');
});

test('without a stream it writes to stderr, and the line before a hard exit is not lost', () => {
  const program = `import { logger } from ${JSON.stringify(resolve('daemon/log.ts'))};
    logger({ level: 'info' }).error('last words', { pid: 1 });
    process.kill(process.pid, 'SIGKILL');`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect([stdout, JSON.parse(stderr).event]).toEqual(['', 'last words']);
});

test('a log in a file is its owner’s, rolls into numbered files, and goes on after another start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  const kept = await logFile(join(folder, 'deep', 'relay.log'), 2);
  const log = logger({ level: 'info', stream: kept });
  log.info('relay started', { data: '/var/lib/relay' });
  kept.close();
  const [name = '', ...more] = readdirSync(join(folder, 'deep'));
  expect([name, more]).toEqual([expect.stringMatching(/^relay\..*1\.log$/), []]);
  expect(statSync(join(folder, 'deep', name)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(join(folder, 'deep', name), 'utf8'))).toMatchObject({ event: 'relay started' });
  const again = await logFile(join(folder, 'deep', 'relay.log'), 2);
  logger({ level: 'info', stream: again }).info('relay stopped');
  again.close();
  expect(
    readFileSync(join(folder, 'deep', name), 'utf8')
      .trim()
      .split('\n'),
  ).toHaveLength(2);
  rmSync(folder, { recursive: true });
});
