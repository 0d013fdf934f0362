/**
 * What the commands read from and print to, and how things look on it: calm, aligned, in colour only where a person
 * looks at a terminal that shows them (`NO_COLOR` and pipes get plain text).
 *
 * Names come from a directory other people fill in. Printed as they are, a display name with escape sequences could
 * rewrite what the admin sees of a plan; so every value goes through `plain`.
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { Refused } from './client.ts';

export type Terminal = Readonly<{
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}>;

/** Control characters, line breaks and direction marks made visible. */
export const plain = (value: string): string =>
  value.replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

/** https://no-color.org: any non-empty NO_COLOR turns colours off. */
export function paint({ stdout }: Terminal) {
  const shows = stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return (style: Parameters<typeof styleText>[0], value: string): string =>
    shows ? styleText(style, value, { validateStream: false }) : value;
}
export type Paint = ReturnType<typeof paint>;

const graphemes = new Intl.Segmenter();
// Han, kana and hangul, full-width forms and emoji take two columns.
const wide =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const columns = (value: string): number =>
  [...graphemes.segment(value)].reduce((sum, { segment }) => sum + (wide.test(segment) ? 2 : 1), 0);
export const pad = (value: string, width: number): string => value + ' '.repeat(Math.max(0, width - columns(value)));

type Cell = string | number | null;
const shown = (cell: Cell): string => (cell === null ? '' : plain(typeof cell === 'number' ? count(cell) : cell));

/** Columns as wide as their widest cell; numbers to the right. Without rows, `none` is all there is. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[], none: string): string {
  if (rows.length === 0) return none;
  const lines = [heads.map((head) => head.toUpperCase()), ...rows.map((row) => row.map(shown))];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => columns(line[column] ?? ''))));
  const right = heads.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          right[column] ? ' '.repeat(widths[column]! - columns(cell)) + cell : pad(cell, widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Name and value, one a line. */
export function facts(rows: readonly (readonly [name: string, value: Cell])[]): string {
  const width = Math.max(...rows.map(([name]) => columns(name)));
  return rows.map(([name, value]) => `${pad(name, width)}  ${shown(value)}`.trimEnd()).join('\n');
}

export const count = (value: number): string => value.toLocaleString('en-US');
/** '1 person', '2 people'. */
export const many = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`;

/** Local time, to the minute. */
export function time(at: number | null, never = 'never'): string {
  if (at === null) return never;
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** 'people 101–200 of 1,234; the next: --offset 200', or nothing when all are shown. */
export function pageNote(what: string, offset: number, shownRows: number, total: number): string {
  if (shownRows === total) return '';
  const next = offset + shownRows < total ? `; the next: --offset ${offset + shownRows}` : '';
  return `\nShown: ${what} ${count(offset + 1)} to ${count(offset + shownRows)} of ${count(total)}${next}`;
}

/** A file's text, or standard input for `-`. */
export async function readInput({ stdin }: Terminal, file: string): Promise<string> {
  if (file === '-') return text(stdin);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = unread[code] ?? `it cannot be read (${code})`;
    throw new Refused('input', `${file}: ${why}`, { cause });
  }
}
const unread: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a folder',
  EACCES: 'you may not read it',
};

/** A token, from a pipe, a file, or typed without being shown. Tokens are one word; the line's end is not theirs. */
export async function readToken(terminal: Terminal, file: string): Promise<string> {
  const typed = file === '-' && terminal.stdin.isTTY;
  const token = (typed ? await typeSecret(terminal, 'token') : await readInput(terminal, file)).trim();
  if (token === '')
    throw new Refused('input', `There is no token in ${file === '-' ? 'what was given on stdin' : file}`);
  if (/\s/.test(token)) throw new Refused('input', 'A token is one word, and this is more than that');
  return token;
}

/** A passphrase; it may have spaces within. */
export async function readPassphrase(terminal: Terminal, file: string): Promise<string> {
  const typed = file === '-' && terminal.stdin.isTTY;
  const words = (typed ? await typeSecret(terminal, 'passphrase') : await readInput(terminal, file)).trim();
  if (words === '')
    throw new Refused('input', `There is no passphrase in ${file === '-' ? 'what was given on stdin' : file}`);
  return words;
}

async function typeSecret({ stdin, stderr }: Terminal, what: string): Promise<string> {
  const lines = createInterface({ input: stdin, terminal: true }); // no output: nothing is echoed
  stderr.write(`Paste the ${what} and press Enter (it is not shown): `);
  try {
    return await new Promise((done) => {
      const none = () => done('');
      lines.once('line', done).once('close', none).once('SIGINT', none); // here Ctrl-C is a key, not a signal
    });
  } finally {
    lines.close();
    stderr.write('\n');
  }
}

/** Who acts, for the journal. A container's user may have a number and no name. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
