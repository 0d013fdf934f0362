/**
 * The stage of the demo: a sandbox Steeple and a relay, each a process of its own, as a person would start them.
 *
 * They are started through the CLI and found by the ready line they print, so the demo relies on nothing an outsider
 * could not rely on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const RelayReady = z.object({ event: z.literal('ready'), pid: z.int(), scim: z.url(), console: z.url() });
const SandboxReady = z.object({
  event: z.literal('ready'),
  scimUrl: z.url(),
  token: z.string(),
  apiUrl: z.url(),
  apiToken: z.string(),
  admin: z.url(),
});
export type RelayReady = z.infer<typeof RelayReady>;
export type SandboxReady = z.infer<typeof SandboxReady>;
export type Actor<R> = Readonly<{ ready: R; stop(): Promise<void> }>;

const cli = join(import.meta.dirname, '..', 'cli.ts');
const readyWithinMs = 30_000;

/** @param program the command line to start it by: the source, or the built file that a person has */
export const startRelay = (data: string, program = cli): Promise<Actor<RelayReady>> =>
  start(
    'relay',
    [program, 'start', '--data', data, '--scim', '127.0.0.1:0', '--console', '127.0.0.1:0', '--log-level', 'error'],
    RelayReady,
  );

export const startSandbox = (): Promise<Actor<SandboxReady>> =>
  start('sandbox', [cli, 'sandbox', '--listen', '127.0.0.1:0'], SandboxReady);

async function start<R>(name: string, args: readonly string[], shape: z.ZodType<R>): Promise<Actor<R>> {
  // What they log goes to our stderr: when something goes wrong, that is where it says so. A toy token has no business in
  // the keychain of whoever plays the demo.
  const env = { ...process.env, STEEPLE_RELAY_KEYCHAIN: 'off' };
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const line = await firstLine(child, name);
  const ready = shape.safeParse(JSON.parse(line));
  if (!ready.success) throw new Error(`The ${name} said "${line}" instead of that it is ready`);
  return {
    ready: ready.data,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess, name: string): Promise<string> {
  if (child.stdout === null) throw new Error(`The ${name} has no output to read`);
  const lines = createInterface({ input: child.stdout });
  const patience = AbortSignal.timeout(readyWithinMs);
  const gone = once(child, 'exit', { signal: patience }).then(([code]) => {
    throw new Error(`The ${name} ended with ${String(code)} before it was ready`);
  });
  try {
    const [line] = (await Promise.race([once(lines, 'line', { signal: patience }), gone])) as [string];
    gone.catch(() => {}); // later it may end when it likes
    return line;
  } catch (cause) {
    child.kill('SIGKILL');
    throw new Error(`The ${name} did not get ready: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}
