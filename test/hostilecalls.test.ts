/** Every call of the contract, on a relay of its own process, with input nobody means well: a sentence comes back, and no bug. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { calls } from '../daemon/contract/admin.ts';
import { type Process, startRelay } from './processes.ts';

let folder: string;
let relay: Process;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  relay = await startRelay(join(folder, 'data'));
});
afterAll(async () => {
  await relay.end('SIGTERM');
  rmSync(folder, { recursive: true });
});

const ask = (call: string, body: string) =>
  new Promise<{ status: number; said: string }>((done, fail) => {
    const headers = { 'content-type': 'application/json' };
    request({ socketPath: join(relay.data, 'admin.sock'), path: `/api/${call}`, method: 'POST', headers }, (answer) =>
      text(answer).then((said) => done({ status: answer.statusCode ?? 0, said }), fail),
    )
      .on('error', fail)
      .end(body);
  });

/** Things that no field means, as they stand in JSON. */
const odd = [
  'null',
  'true',
  '-1',
  '0.5',
  '1e999',
  '9007199254740993',
  '""',
  '"canaryvalue"',
  '"\\ud800"',
  '"\\u0000"',
  '"../../../../etc/passwd"',
  '[]',
  '[null]',
  '[[[[]]]]',
  '{}',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{}}}',
  `"${'x'.repeat(100_000)}"`,
];

type Shape = Readonly<{
  properties?: Record<string, Shape>;
  type?: string;
  enum?: unknown[];
  anyOf?: Shape[];
  const?: unknown;
}> &
  Readonly<{ items?: Shape; minimum?: number; required?: string[]; pattern?: string; format?: string }>;
/** Something the schema takes, as far as it can be told from it. */
function likely(shape: Shape): unknown {
  if (shape.const !== undefined) return shape.const;
  if (shape.enum) return shape.enum[0];
  if (shape.anyOf) return likely(shape.anyOf[0] as Shape);
  switch (shape.type) {
    case 'string':
      return 'some';
    case 'integer':
    case 'number':
      return Math.max(shape.minimum ?? 1, 1);
    case 'boolean':
      return false;
    case 'array':
      return shape.items ? [likely(shape.items)] : [];
    case 'object':
      return Object.fromEntries((shape.required ?? []).map((name) => [name, likely(shape.properties?.[name] ?? {})]));
    default:
      return null;
  }
}

test.each(Object.keys(calls))(
  'I10 S1 %s takes what nobody means as a sentence, never as a fault of its own',
  async (name) => {
    const shape = z.toJSONSchema(calls[name as keyof typeof calls].input, {
      io: 'input',
      unrepresentable: 'any',
    }) as Shape;
    const base = likely({ ...shape, required: Object.keys(shape.properties ?? {}) }) as Record<string, unknown>;
    const bodies = ['[]', 'null', '1', '"x"', '', '{', '{"__proto__":1}', '{"constructor":1}'];
    for (const field of Object.keys(shape.properties ?? {}))
      for (const value of odd) {
        const others = Object.entries(base).filter(([key]) => key !== field);
        const pairs = others.map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`);
        bodies.push(`{${[...pairs, `${JSON.stringify(field)}:${value}`].join(',')}}`);
      }
    for (const body of bodies) {
      const { status, said } = await ask(name, body);
      const about = `${name} ${body.slice(0, 300)} → ${status} ${said.slice(0, 300)}`;
      expect(said, about).not.toMatch(/\n\s+at |node_modules|SQLITE|SqliteError|\.ts:\d/);
      if (status === 200) continue;
      expect(status === 503 || (status >= 400 && status < 500), about).toBe(true);
      const { ok, message } = JSON.parse(said) as { ok: boolean; message: string };
      expect({ ok, told: message.length > 10 }, about).toEqual({ ok: false, told: true });
      expect(message.length, about).toBeLessThan(5000);
    }
  },
  120_000,
);
