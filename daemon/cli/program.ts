/**
 * The command line as a whole: which commands there are, and how each way of ending becomes an exit code. 0 done, 1 failed
 * or refused with the reason on stderr, 2 wrong usage; `plan --detailed-exitcode` adds 3.
 *
 * Tokens are never arguments: every user of the machine can read another process's arguments (S1). So there is no such
 * option, and an attempt is refused before commander sees it, in words that do not repeat what was typed.
 */
import { Command, CommanderError } from 'commander';
import { RelayError } from '../errors.ts';
import { version } from '../version.ts';
import { backupCommands } from './backup.ts';
import { bundleCommands } from './bundle.ts';
import { Refused } from './client.ts';
import { deliveryCommands, driftCommands } from './delivery.ts';
import type { Setting } from './desk.ts';
import { groupCommands } from './group.ts';
import { serviceCommands } from './installation.ts';
import { journalCommands } from './journal.ts';
import { communityCommands, mappingCommands } from './mapping.ts';
import { alertCommands, doctorCommand, expiryCommand, keyCommands, networkCommands } from './operations.ts';
import { planCommands } from './plan.ts';
import { gateCommands, policyCommands } from './policy.ts';
import { preflightCommands, syncCommands } from './preflight.ts';
import { sandboxCommand, startCommand } from './process.ts';
import { directoryCommands } from './records.ts';
import { reviewCommands } from './review.ts';
import { consoleCommand, sourceCommands, upstreamCommands } from './setup.ts';
import { shelfCommands } from './shelf.ts';
import { plain, type Terminal } from './terminal.ts';
import { undoCommands } from './undo.ts';

/** Runs one command line, without the program's own name, and gives the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0;
  const end = (other: number) => {
    code = other;
  };
  try {
    refuseTokens(argv);
    await build({ terminal, end }).parseAsync(argv, { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    terminal.stderr.write(`${reason(thrown)}\n`);
    return thrown instanceof Refused && thrown.code === 'usage' ? 2 : 1;
  }
}

function build(setting: Setting): Command {
  const { stdout, stderr } = setting.terminal;
  const program = new Command('steeple-relay')
    .description(
      'Stands between your identity provider and Steeple: shows what a sync would do, and holds removals for a person.',
    )
    .version(version)
    .option('--data <dir>', 'the data folder of the relay', process.env.STEEPLE_RELAY_DATA)
    .option('--json', 'print the answer as one line of JSON')
    .option('--by <name>', 'who acts, for the journal (default: your user name)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // An option's value may be a secret that was mistyped as an argument.
      outputError: (text, write) => write(plainLines(text).replace(/(--?[\w-]+)=[^\s']+/g, '$1=…')),
    })
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or refused, 2 wrong usage.');
  program.commandsGroup('Run:');
  startCommand(program, setting);
  sandboxCommand(program, setting);
  consoleCommand(program, setting);
  serviceCommands(program, setting);
  program.commandsGroup('Set up:');
  upstreamCommands(program, setting);
  sourceCommands(program, setting);
  communityCommands(program, setting);
  mappingCommands(program, setting);
  policyCommands(program, setting);
  networkCommands(program, setting);
  alertCommands(program, setting);
  keyCommands(program, setting);
  program.commandsGroup('Preview and decide:');
  planCommands(program, setting);
  shelfCommands(program, setting);
  preflightCommands(program, setting);
  syncCommands(program, setting);
  bundleCommands(program, reviewCommands(program, setting), setting);
  undoCommands(program, setting);
  gateCommands(program, setting);
  program.commandsGroup('Look:');
  directoryCommands(program, setting);
  groupCommands(program, setting);
  journalCommands(program, setting);
  deliveryCommands(program, setting);
  driftCommands(program, setting);
  program.commandsGroup('Keep:');
  backupCommands(program, setting);
  expiryCommand(program, setting);
  doctorCommand(program, setting);
  return program;
}

function refuseTokens(argv: readonly string[]): void {
  const option = argv.find((word) => /^--?(\w+-)*(token|secret|password|bearer)(=|$)/i.test(word))?.split('=')[0];
  if (option !== undefined)
    throw new Refused(
      'usage',
      `There is no ${plain(option)}: other users of this machine can read a program's arguments. ` +
        'Give the token by --token-stdin or --token-file FILE (the public API’s by --api-token-file FILE).',
    );
}

const plainLines = (text: string): string => text.split('\n').map(plain).join('\n');

/** Failures in words. What is neither a refusal nor an error of the system is a bug, and shows where it happened. */
function reason(thrown: unknown): string {
  if (thrown instanceof Refused || thrown instanceof RelayError) return plainLines(thrown.message);
  const problem = thrown as NodeJS.ErrnoException & { address?: string; port?: number };
  if (problem.code === 'EADDRINUSE')
    return `Another program listens on ${problem.address ?? ''}:${problem.port ?? ''} already. Choose another port.`;
  if (problem.code !== undefined && problem.syscall !== undefined) return plainLines(problem.message);
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
