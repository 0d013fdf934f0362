/**
 * Dialogues: what a provider's client sends, request by request, and what of each answer it needs. Replays one over
 * HTTP, and says where an answer falls short.
 *
 * A dialogue is a JSON file of this folder. Ids and dates are not known before they are given, so texts hold places for
 * them: `{{user.ada}}` in an answer remembers what stands there, and means just that from then on, in requests too.
 * `{{base}}` and `{{token}}` are known from the start; `{{any}}` is a text that is not empty, and is not remembered.
 * An expected object names what the client looks at and says nothing of the rest; `null` in it means unassigned: absent,
 * null or an empty list (RFC 7643 §2.5). A list is compared whole and in order.
 *
 * Requests leave as written, to the byte of the path and with no header added, which no higher client would do. It knows
 * nothing of the relay. Read next: record.ts, which makes the files of the simulated providers.
 */
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

const Exchange = z.strictObject({
  /** For the reader. */
  why: z.string().optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** Below the base URL, query and all, encoded as the client encodes it. */
  path: z.string(),
  /** Besides the dialogue's, or instead of them. */
  headers: z.record(z.string(), z.string()).optional(),
  body: z.json().optional(),
  answer: z.strictObject({
    status: z.int(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.json().optional(),
  }),
});
export type Exchange = z.infer<typeof Exchange>;
export const Dialogue = z.strictObject({
  client: z.string(),
  scene: z.string(),
  /** Where the shapes come from: recorded from what, or written by hand from which public documentation. */
  source: z.string(),
  /** Sent with every request; Content-Type only where there is a body. */
  headers: z.record(z.string(), z.string()),
  exchanges: z.array(Exchange).min(1),
});
export type Dialogue = z.infer<typeof Dialogue>;

type Answer = Readonly<{ status: number; headers: http.IncomingHttpHeaders; text: string }>;
/** An answer with what it was expected to be, and what was known when it came. */
export type Told = Readonly<{ exchange: Exchange; answer: Answer; known: ReadonlyMap<string, string> }>;

const place = /\{\{([\w.-]+)\}\}/g;

/** Plays the client of a dialogue at `base`, up to the first answer that falls short: what follows builds on it. */
export async function replay(dialogue: Dialogue, base: string, token: string): Promise<readonly Told[]> {
  const known = new Map([
    ['base', base],
    ['token', token],
  ]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const told: Told[] = [];
  try {
    for (const exchange of dialogue.exchanges) {
      const answer = await ask(agent, exchange, dialogue.headers, known);
      told.push({ exchange, answer, known: new Map(known) });
      if (shortfalls(exchange.answer, answer, known).length > 0) break;
    }
  } finally {
    agent.destroy();
  }
  return told;
}

function ask(
  agent: http.Agent,
  { method, path, headers: own, body }: Exchange,
  usual: Dialogue['headers'],
  known: ReadonlyMap<string, string>,
): Promise<Answer> {
  const payload = body === undefined ? undefined : JSON.stringify(filled(body, known));
  const headers: Record<string, string | number> = {};
  for (const [name, value] of Object.entries({ ...usual, ...own }))
    if (payload !== undefined || name.toLowerCase() !== 'content-type') headers[name] = filled(value, known) as string;
  if (payload !== undefined) headers['Content-Length'] = Buffer.byteLength(payload);
  return new Promise((resolve, reject) => {
    const request = http.request(`${known.get('base')}${filled(path, known)}`, { method, agent, headers });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const zipped = response.headers['content-encoding'] === 'gzip' && bytes.length > 0;
        const text = (zipped ? gunzipSync(bytes) : bytes).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.end(payload);
  });
}

/** The same value with every place taken by what is known. @throws Error where nothing is known yet */
function filled(value: z.core.util.JSONType, known: ReadonlyMap<string, string>): z.core.util.JSONType {
  if (typeof value === 'string')
    return value.replace(place, (_, name: string) => {
      const found = known.get(name);
      if (found === undefined) throw new Error(`nothing was remembered as {{${name}}}`);
      return found;
    });
  if (Array.isArray(value)) return value.map((item) => filled(item, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, known)]));
}

/** Where an answer is not what was expected, one line each. Remembers in `known` what stands in places not known yet. */
export function shortfalls(expected: Exchange['answer'], answer: Answer, known: Map<string, string>): string[] {
  const lines: string[] = [];
  const fall = (at: string, wanted: unknown, got: unknown) =>
    void lines.push(`${at} should be ${JSON.stringify(wanted)}, and is ${JSON.stringify(got) ?? 'absent'}`);
  const compare = (at: string, wanted: unknown, got: unknown): void => {
    if (wanted === null) {
      if (got !== undefined && got !== null && !(Array.isArray(got) && got.length === 0)) fall(at, wanted, got);
    } else if (typeof wanted === 'string') {
      if (typeof got !== 'string' || !fits(wanted, got, known)) fall(at, wanted, got);
    } else if (Array.isArray(wanted)) {
      if (!Array.isArray(got) || got.length !== wanted.length) fall(at, wanted, got);
      else for (const [index, item] of wanted.entries()) compare(`${at}[${index}]`, item, got[index]);
    } else if (typeof wanted === 'object') {
      if (typeof got !== 'object' || got === null || Array.isArray(got)) fall(at, wanted, got);
      else
        for (const [name, item] of Object.entries(wanted as object))
          compare(`${at}.${name}`, item, Object.hasOwn(got, name) ? (got as Record<string, unknown>)[name] : undefined);
    } else if (wanted !== got) fall(at, wanted, got);
  };
  compare('status', expected.status, answer.status);
  for (const [name, wanted] of Object.entries(expected.headers ?? {}))
    compare(`header ${name}`, wanted, answer.headers[name.toLowerCase()]);
  // A client that gets a body reads it, whether it looks into it or not.
  const read = parsed(answer.text);
  if (read === undefined) fall('body', 'JSON', answer.text);
  else if (answer.status === 204) compare('body', '', answer.text);
  else if (expected.body !== undefined) compare('body', expected.body, read.value);
  return lines;
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Whether the text is as wanted, places and all; what stands in a new place is remembered. */
function fits(wanted: string, got: string, known: Map<string, string>): boolean {
  const names: string[] = [];
  const pattern = wanted.split(place).map((part, index) => {
    if (index % 2 === 0) return literal(part);
    const value = known.get(part);
    if (value !== undefined) return literal(value);
    names.push(part);
    return '(.+)';
  });
  const match = new RegExp(`^${pattern.join('')}$`, 's').exec(got);
  if (match === null) return false;
  for (const [index, name] of names.entries()) if (name !== 'any') known.set(name, match[index + 1] ?? '');
  return true;
}

const literal = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
