/** The relay as a process of its own, driven as a person and a provider would: for books that search what it wrote, or kill it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Ask, client } from '../daemon/cli/client.ts';

const cli = join(import.meta.dirname, '../daemon/cli.ts');
/** No entry in the keychain of the person who runs the tests. */
const environment = { ...process.env, STEEPLE_RELAY_KEYCHAIN: 'off' };

export type Process = Readonly<{
  child: ChildProcessByStdio<null, Readable, Readable>;
  data: string;
  scim: string;
  console: string;
  said: { out: string; err: string };
  /** A call of the admin API, over the folder's socket. */
  ask: Ask;
  /** Ends it, and gives its exit code; `null` after SIGKILL. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}>;

/** Starts a relay on a data folder, and waits for its ready line. */
export const startRelay = (data: string, ...more: readonly string[]): Promise<Process> =>
  startRelayIn({}, data, ...more);
/** The same, with this in its environment besides. */
export async function startRelayIn(
  env: Readonly<Record<string, string>>,
  data: string,
  ...more: readonly string[]
): Promise<Process> {
  const argv = ['start', '--data', data, '--scim', '127.0.0.1:0', '--console', '127.0.0.1:0', ...more];
  const child = spawn(process.execPath, [cli, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment, ...env },
  });
  const said = { out: '', err: '' };
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  await new Promise<void>((done, fail) => {
    child.stdout.on('data', (chunk) => {
      said.out += chunk;
      if (said.out.includes('\n')) done();
    });
    child.once('exit', (code) => fail(new Error(`ended with ${code}: ${said.err}`)));
  });
  const { scim, console } = JSON.parse(said.out) as { scim: string; console: string };
  return {
    child,
    data,
    scim,
    console,
    said,
    ask: client(data),
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      return (await ended)[0] as number | null;
    },
  };
}

/** One command of the command line, with what it said. It does not block, for its Steeple may be in this very process. */
export async function command(data: string, argv: readonly string[], input = '') {
  const child = spawn(process.execPath, [cli, ...argv, '--data', data], { stdio: 'pipe', env: environment });
  child.stdin.end(input);
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { code: code as number | null, out, err };
}

/** Asks again until it is so. The limit is for what hangs. */
export async function until(so: () => Promise<boolean>, what: string, ms = 120_000): Promise<void> {
  for (const end = performance.now() + ms; !(await so()); ) {
    if (performance.now() > end) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
