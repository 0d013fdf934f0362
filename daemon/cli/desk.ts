/**
 * What every command gets: the relay to ask, who asks, and where the answer goes. `--json` or words is decided here once,
 * so a command states both and does not ask which.
 */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type Ask, client } from './client.ts';
import { osUser, type Paint, paint, type Terminal } from './terminal.ts';

export type Desk = Readonly<{
  ask: Ask;
  /** The data folder, absolute. */
  data: string;
  json: boolean;
  by: string;
  terminal: Terminal;
  paint: Paint;
  /** Prints `value` as one line of JSON, or `words`. */
  say(value: unknown, words: () => string): void;
  /** Ends with another code than 0 without an error, such as `plan --detailed-exitcode`. */
  end(code: number): void;
}>;

export type Globals = Readonly<{ data?: string; json?: boolean; by?: string }>;
export type Setting = Readonly<{ terminal: Terminal; end(code: number): void }>;

/** Binds a command to what it does. `O` is the shape its options declare. */
export function act<O extends object>(
  { terminal, end }: Setting,
  command: Command,
  run: (desk: Desk, args: readonly string[], options: O) => Promise<void>,
  /** Whether it is about a data folder at all: a command may be given a file instead. */
  aboutFolder: (args: readonly string[]) => boolean = () => true,
): Command {
  return command.action(async (...given: unknown[]) => {
    const actual: Command = given.at(-1) as Command; // annotated: `error` ends control flow only on a declared type
    const { data, json = false, by = osUser() } = actual.optsWithGlobals<Globals>();
    if ((data === undefined || data === '') && aboutFolder(actual.args)) {
      actual.error('error: which relay? Give its data folder: --data DIR, or STEEPLE_RELAY_DATA in the environment', {
        exitCode: 2,
      });
    }
    const folder = resolve(data ?? '');
    const desk: Desk = {
      ask: client(folder),
      data: folder,
      json,
      by,
      terminal,
      paint: paint(terminal),
      say: (value, words) => void terminal.stdout.write(`${json ? JSON.stringify(value) : words()}\n`),
      end,
    };
    await run(desk, actual.args, actual.opts<O>());
  });
}

/** Parses a whole number for an argument or an option. */
export function integer(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
