/**
 * `start` and `sandbox`: the two commands that are a server themselves. Each loads its program only when it is asked for,
 * prints one ready line on stdout, stays in the foreground, and ends with 0 on SIGTERM or SIGINT.
 */
import module from 'node:module';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Setting } from './desk.ts';

type Listen = Readonly<{ host: string; port: number }>;

export function startCommand(program: Command, { terminal }: Setting): void {
  program
    .command('start')
    .description('run the relay in the foreground')
    .option('--scim <host:port>', 'where providers push to', '127.0.0.1:8480')
    .option('--console <host:port>', 'where browsers find the console', '127.0.0.1:8481')
    .option('--tls-cert <file>', 'PEM certificate, for both')
    .option('--tls-key <file>', 'PEM private key, for both; both files are read again when they change')
    .option('--scim-client-ca <file>', 'PEM authorities: only providers whose certificate they signed get in')
    .option('--console-client-ca <file>', 'the same, for browsers')
    .option('--public-url <url>', 'what providers call this relay when a proxy stands before it')
    .option(
      '--trust-proxy <ranges>',
      'addresses of that proxy, as CIDR with commas: its X-Forwarded headers are believed',
    )
    .option('--external-checkpoints', 'Litestream replicates the database, and moves its log (docs/recovery.md)')
    .option(
      '--allow-plain-http-off-loopback',
      'listen to other machines without TLS: tokens and people’s data in clear',
    )
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'info')
    .option('--log-file <file>', 'log there, with a new file each day and after 50 MB, instead of on stderr')
    .option('--log-keep <n>', 'how many old log files stay', '14')
    .action(async (_options: object, command: Command) => {
      // Who acts is a matter of calls; the relay itself acts for nobody.
      const { by: _, ...settings } = command.optsWithGlobals();
      const { startConfig } = await import('../config.ts');
      const config = startConfig(settings);
      // A third of a start is making code of the program's text, so that is kept. In the data folder, which is its owner's
      // alone: from a folder for everybody, anybody's code could be read back. Node 20 has no such thing.
      module.enableCompileCache?.(join(config.data, 'cache'));
      const { start } = await import('../main.ts');
      const running = await start(config);
      ready(terminal.stdout, { pid: process.pid, scim: running.scim, console: running.console });
      await stopAsked();
      await running.stop();
    });
}

export function sandboxCommand(program: Command, { terminal }: Setting): void {
  type Options = Readonly<{ data?: string; listen: Listen; sso: boolean; strict?: boolean }>;
  program
    .command('sandbox')
    .description('run a stand-in for a Steeple organization, to try everything without an account')
    .addOption(
      new Option('--listen <host:port>', 'where it answers (default: 127.0.0.1:8490; port 0 takes a free one)')
        .argParser(address)
        .default({ host: '127.0.0.1', port: 8490 }, '127.0.0.1:8490'),
    )
    .option('--no-sso', 'begin before single sign-on is configured: provisioning is refused')
    .option('--strict', 'refuse what strict SCIM servers refuse')
    .action(async (_options: object, command: Command) => {
      const { data, listen, sso, strict = false } = command.optsWithGlobals<Options>();
      const { steeple } = await import('../sandbox/steeple.ts');
      const { close, ...found } = await steeple({ ...listen, sso, strict, ...(data !== undefined && { data }) });
      ready(terminal.stdout, found);
      await stopAsked();
      await close();
    });
}

function address(text: string): Listen {
  const [, six, name, port] = /^(?:\[([^\]]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? name;
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('Write HOST:PORT, such as 127.0.0.1:8490.');
  return { host, port: Number(port) };
}

function ready(stdout: NodeJS.WriteStream, about: object): void {
  stdout.write(`${JSON.stringify({ event: 'ready', ...about })}\n`);
}

/** The first signal asks for an orderly end; a second one of its kind ends at once, as the system would have it. */
const stopAsked = (): Promise<void> =>
  new Promise((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });
