/** One relay per data folder: real processes take, hold, lose and take over `relay.lock`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from '../daemon/lock.ts';

let data: string;
let running: ReturnType<typeof spawn>[];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'lock-'));
  running = [];
});
afterEach(async () => {
  for (const child of running) if (child.exitCode === null && child.signalCode === null) await end(child);
  rmSync(data, { recursive: true });
});

const lockModule = JSON.stringify(join(import.meta.dirname, '../daemon/lock.ts'));
/** Takes the lock, says 'held' or why not, and stays until its stdin closes. */
const holder = `
  import { takeLock } from ${lockModule};
  await new Promise((go) => process.stdin.once('data', go));
  try { takeLock(process.argv[1]); console.log('held'); }
  catch (refusal) { console.log(refusal.message); process.exitCode = 1; process.stdin.destroy(); }
`;
type Holder = ReturnType<typeof spawn> & { pid: number };
function start(): Holder {
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder, data], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  running.push(child);
  return child as Holder;
}
async function tries(child: Holder): Promise<string> {
  const said = once(child.stdout!, 'data');
  child.stdin!.write('go\n');
  return String((await said)[0]).trim();
}
async function end(child: ReturnType<typeof spawn>): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
/** The number of a process that is no more. */
async function ended(): Promise<number> {
  const child = start();
  await end(child);
  return child.pid;
}
const lockFile = () => join(data, 'relay.lock');

test('a second start on the same folder is refused at once, and names the process that holds it', async () => {
  const first = start();
  expect(await tries(first)).toBe('held');
  expect(() => takeLock(data)).toThrow(`process ${first.pid}`);
  expect(await tries(start())).toContain(`process ${first.pid}`);
});

test('a folder locked by this very process is refused too', () => {
  const lock = takeLock(data);
  expect(() => takeLock(data)).toThrow(`process ${process.pid}`);
  lock.release();
});

test('a released lock leaves nothing behind and can be taken again', () => {
  takeLock(data).release();
  expect(readdirSync(data)).toEqual([]);
  takeLock(data).release();
});

test('the lock of a killed process is taken over', async () => {
  const first = start();
  expect(await tries(first)).toBe('held');
  await end(first);
  expect(existsSync(lockFile())).toBe(true);
  const lock = takeLock(data);
  expect(JSON.parse(readFileSync(lockFile(), 'utf8')).pid).toBe(process.pid);
  lock.release();
  expect(readdirSync(data)).toEqual([]);
});

test('while one start replaces a dead lock, another start may not', async () => {
  const rival = start();
  expect(await tries(rival)).toBe('held');
  const held = JSON.parse(readFileSync(lockFile(), 'utf8'));
  const dead = { ...held, pid: await ended(), nonce: '00000000-0000-4000-8000-000000000003' };
  renameSync(lockFile(), `${lockFile()}.${dead.nonce}`); // the rival holds the right to replace the dead lock
  writeFileSync(lockFile(), JSON.stringify(dead));
  expect(() => takeLock(data)).toThrow(`process ${rival.pid}`);
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toEqual(dead);
});

test('of many starts that find the same dead lock, exactly one gets it', async () => {
  const dead = { pid: await ended(), born: null, nonce: '00000000-0000-4000-8000-000000000004' };
  const folders = Array.from({ length: 40 }, (_, round) => join(data, String(round)));
  for (const folder of folders) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'relay.lock'), JSON.stringify(dead));
  }
  // Each round begins for all at one moment, so that they meet; who wins, and when, does not matter.
  const race = `
    import { takeLock } from ${lockModule};
    const from = Number(process.argv[1]);
    process.argv.slice(2).forEach((folder, round) => {
      while (Date.now() < from + round * 15);
      try { takeLock(folder); console.log(folder); } catch {}
    });
    setInterval(() => {}, 1000);
    console.log('done');
  `;
  const from = String(Date.now() + 400);
  const won = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', race, from, ...folders], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      running.push(child);
      let said = '';
      for await (const chunk of child.stdout) {
        said += chunk;
        if (said.endsWith('done\n')) break;
      }
      return said.trim().split('\n').slice(0, -1);
    }),
  );
  expect(won.flat().sort()).toEqual([...folders].sort());
  for (const folder of folders) expect(readdirSync(folder)).toEqual(['relay.lock']);
});

test('release leaves a lock alone that is no longer its own', () => {
  const lock = takeLock(data);
  rmSync(lockFile()); // by a person who was sure
  const other = takeLock(data);
  lock.release();
  expect(existsSync(lockFile())).toBe(true);
  other.release();
});

test('a start that died in the middle of a takeover does not stop the next one', async () => {
  const dead = start();
  expect(await tries(dead)).toBe('held');
  await end(dead);
  const held = JSON.parse(readFileSync(lockFile(), 'utf8'));
  const right = { ...held, nonce: '00000000-0000-4000-8000-000000000001' };
  writeFileSync(`${lockFile()}.${held.nonce}`, JSON.stringify(right));
  takeLock(data).release();
  expect(readdirSync(data)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a living process that has the dead one’s number does not keep its lock',
  () => {
    // A container's relay often has the same number after a restart; what differs is when it began.
    const stranger = { pid: process.pid, born: 'another boot/1', nonce: '00000000-0000-4000-8000-000000000002' };
    writeFileSync(lockFile(), JSON.stringify(stranger));
    takeLock(data).release();
  },
);

test('a lock that cannot be read is not guessed about: the refusal says what to do', () => {
  writeFileSync(lockFile(), '');
  expect(() => takeLock(data)).toThrow(/relay\.lock cannot be read as a lock\. If no relay runs .* delete/);
});
