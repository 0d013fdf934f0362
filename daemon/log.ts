/**
 * The log: JSON lines on stderr, one event each, with an allow-list of fields.
 *
 * What is not on the list below is dropped, whatever it is, and only counted; so a request body, a person's attributes
 * or a token cannot slip in by being spread into a call. Free text (details, errors) is cut to a length and goes through
 * `redact` first. There is no field for people's names or addresses: the log names a person by their id.
 *
 * S1  no token or password is ever in the log
 */
import { pino } from 'pino';
import type { LogLevel } from './config.ts';

/** What may be logged, and as what. `id`: one word, as we or a configuration made it; `text`: anybody's words, redacted. */
const fields = {
  attempt: 'number',
  bytes: 'number',
  count: 'number',
  delivery: 'number',
  durationMs: 'number',
  entries: 'number',
  groups: 'number',
  held: 'number',
  mapping: 'number',
  memberships: 'number',
  pid: 'number',
  port: 'number',
  seq: 'number',
  status: 'number',
  users: 'number',
  waitMs: 'number',
  code: 'id',
  host: 'id',
  kind: 'id',
  lane: 'id',
  method: 'id',
  plan: 'id',
  signal: 'id',
  source: 'id',
  state: 'id',
  subject: 'id',
  verdict: 'id',
  version: 'id',
  by: 'text',
  data: 'text',
  detail: 'text',
  path: 'text',
  reason: 'text',
  remedy: 'text',
  url: 'text',
} as const;
type Kinds = typeof fields;
type Field = keyof Kinds;

export type Fields = Readonly<
  { [F in Field]?: (Kinds[F] extends 'number' ? number : string) | null | undefined } & { error?: unknown }
>;
/** `event` is a short fixed phrase of the code ('push refused'); what varies goes into fields. */
export type Log = Readonly<Record<'debug' | 'info' | 'warn' | 'error', (event: string, fields?: Fields) => void>>;

const textLimit = 2000;

/** @param options.stream where lines go instead of stderr */
export function logger(options: Readonly<{ level: LogLevel; stream?: { write(line: string): unknown } }>): Log {
  const sink = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.stream ?? pino.destination({ fd: 2, sync: true }), // sync: the last words of a dying process must get out
  );
  const at = (level: keyof Log) => (event: string, given?: Fields) => sink[level](allowed(given), redact(event));
  return Object.freeze({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') });
}

function allowed(given: Fields = {}): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  let dropped = 0;
  for (const [name, value] of Object.entries(given)) {
    const fit = name === 'error' ? described(value) : fitting(name, value);
    if (fit !== undefined) line[name] = fit;
    else if (value !== undefined && value !== null) dropped += 1;
  }
  return dropped === 0 ? line : { ...line, dropped };
}

function fitting(name: string, value: unknown): unknown {
  const kind = Object.hasOwn(fields, name) ? fields[name as Field] : undefined;
  if (kind === 'number') return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (kind === 'id') return /^[\w.:@+[\]-]{1,200}$/.test(value) ? value : undefined;
  return kind === 'text' ? clean(value) : undefined;
}

/** An error and what caused it, as plain data. Never its other properties: libraries hang requests and headers on them. */
function described(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error)) return { message: `a thrown ${thrown === null ? 'null' : typeof thrown}` };
  const { name, message, stack, cause } = thrown;
  const code = 'code' in thrown ? fitting('code', thrown.code) : undefined;
  return {
    name: clean(name),
    message: clean(message),
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack: clean(stack) }),
    // Chains can loop; five deep has always been enough to find the root.
    ...(cause !== undefined && depth < 5 && { cause: described(cause, depth + 1) }),
  };
}

/** Redacted before it is cut: half a token at the edge would no longer look like one. */
function clean(text: string): string {
  const seen = redact(text.slice(0, 5 * textLimit));
  return seen.length > textLimit ? `${seen.slice(0, textLimit)}…` : seen;
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Takes out what looks like a credential: header values, `token=…` and `"password":"…"`, JWTs, long opaque words. */
export function redact(text: string): string {
  return text
    .replace(/\b(bearer|basic)(\s+)[^\s"',;]+/gi, '$1$2[secret]')
    .replace(/\b(authorization\s*:\s*)(?!(?:bearer|basic)\b)[^\s"',;]+/gi, '$1[secret]')
    .replace(
      /\b(\w*(?:token|password|secret|api[_-]?key)["']?\s*(?:=\s*["']?|["']\s*:\s*["']))[^\s"',;&}]+/gi,
      '$1[secret]',
    )
    .replace(/["']?\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, '[secret]')
    .replace(/[\w+~=-]{32,}/g, (word) =>
      /\d/.test(word) && /[a-z]/i.test(word) && !uuid.test(word) ? '[secret]' : word,
    );
}
