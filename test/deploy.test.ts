/** What is handed to those who run the relay, held against the relay itself: dashboard, container, package. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { metrics } from '../daemon/metrics.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('the dashboard asks for no number that the relay does not give', async () => {
  const counts = { count: 1, oldestAt: 0 };
  const status = {
    startedAt: 0,
    sync: { state: 'on' },
    directory: { users: 1, active: 1, groups: 1, memberships: 1 },
    observed: { users: 1, groups: 1, memberships: 1, at: 0 },
    journal: { entries: 1, pushes: 1, refusals: 1, lastAt: 0 },
    mapping: { version: 1, links: 1, broken: 1 },
    held: counts,
    deliveries: { owed: 1, sending: 1, dead: 1, oldestAt: 0 },
    circuit: { state: 'closed' },
    owesPlan: 0,
  } as unknown as Parameters<typeof metrics>[0]['status'] extends () => Promise<infer S> ? S : never;
  const { text } = metrics({
    status: async () => status,
    expiries: async () => [{ what: 'authority', name: 'x', at: 1, state: 'fine', remedy: '' }],
    journalProblem: () => undefined,
    now: () => 1000,
  });
  const given = new Set([...(await text()).matchAll(/^(steeple_relay_\w+)/gm)].map(([, name]) => name));
  const Board = z.object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
  });
  const { panels } = Board.parse(JSON.parse(read('deploy/grafana.json')));
  const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/steeple_relay_\w+/g) ?? []));
  expect(asked.length).toBeGreaterThan(15);
  for (const name of asked) expect(given, name).toContain(name);
});

test('the package holds what runs and nothing else, and brings only what cannot be built into it', () => {
  const about = z
    .object({
      bin: z.record(z.string(), z.string()),
      files: z.array(z.string()),
      dependencies: z.record(z.string(), z.string()),
    })
    .parse(JSON.parse(read('package.json')));
  expect(about.bin).toEqual({ 'steeple-relay': 'out/main/cli.js' });
  expect(Object.keys(about.dependencies)).toEqual(['better-sqlite3']);
  expect(about.files).toContain('out');
});

test('the container runs as nobody in particular, and keeps everything in its volume', () => {
  const lines = read('deploy/Containerfile').split('\n');
  expect(lines.lastIndexOf('USER node')).toBeGreaterThan(lines.lastIndexOf('FROM docker.io/library/node:24-slim'));
  expect(lines).toContain('VOLUME /data');
  expect(lines.find((line) => line.startsWith('ENV'))).toContain('STEEPLE_RELAY_DATA=/data');
});
