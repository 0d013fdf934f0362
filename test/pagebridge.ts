/** A relay of a test's making, behind the page's bridge: what it answers may change while the page runs, and it keeps every question. */
import { act } from '@testing-library/react';
import type { Status } from '../daemon/contract/status.ts';
import type { Failure, Heard } from '../src/preload/contract.ts';
import type { Bridge } from '../src/renderer/bridge.ts';

export const now = Date.UTC(2026, 10, 23, 12);

export const status = (over: Partial<Status> = {}): Status => ({
  version: '0.1.0',
  startedAt: now,
  pid: 1,
  data: '/var/lib/relay',
  scim: 'http://127.0.0.1:8480/scim/v2',
  sync: { state: 'on', since: now, by: 'Ines', plan: 'plan-1' },
  directory: { users: 3, active: 3, groups: 2, memberships: 4 },
  observed: { users: 3, groups: 2, memberships: 4, at: now },
  journal: { entries: 9, pushes: 8, refusals: 0, lastAt: now },
  mapping: { version: 1, links: 2, broken: 0 },
  held: { count: 0, oldestAt: null },
  alarms: [],
  quietUntil: null,
  deliveries: { owed: 0, sending: 0, dead: 0, oldestAt: null },
  circuit: { state: 'closed', reason: null, remedy: null },
  owesPlan: 0,
  sources: [
    {
      id: 'entra',
      kind: 'entra',
      name: 'Entra',
      state: 'active',
      createdAt: now,
      lastSeenAt: now,
      users: 3,
      groups: 2,
      oldTokenUntil: null,
      allow: null,
      rate: null,
      refusals: { count: 0, lastAt: null, detail: null },
    },
  ],
  upstream: { url: 'https://acme.steeple.example/scim', token: true, apiUrl: null, apiToken: false, kept: 'keychain' },
  ...over,
});

export type Answers = Record<string, (question: never) => unknown>;
export const refused = (code: string, message = ''): Failure => ({ ok: false, code, message });

export function relay(answers: Answers) {
  const asked: [string, unknown][] = [];
  let hear: (heard: Heard) => void = () => {};
  let gone = false;
  const all: Answers = {
    status: () => status(),
    'communities.list': () => [{ id: 'finance', name: 'Finance', state: 'listed', origin: 'api' }],
    'review.list': () => ({ items: [], total: 0 }),
    'journal.show': () => refused('notfound'),
    ...answers,
  };
  const bridge: Bridge = {
    enter: async () => {},
    call: async (name, question) => {
      if (gone) return refused('offline') as never;
      asked.push([name, question]);
      const value = (await all[name]?.(question as never)) ?? refused('notfound', `no answer to ${name}`);
      return (typeof value === 'object' && 'ok' in value ? value : { ok: true, value }) as never;
    },
    listen: (listener) => {
      hear = listener;
      return () => {};
    },
    going: () => () => {},
    open: async () => true,
    attached: async () => undefined,
    named: async () => undefined,
  };
  return {
    bridge,
    asked,
    all,
    hear: (heard: Heard) => hear(heard),
    /** The relay goes away, or comes back. */
    goes: async (away: boolean) => {
      gone = away;
      await act(async () => hear(away ? 'away' : 'here'));
      await act(async () => void (await new Promise((done) => setTimeout(done, 20))));
    },
  };
}
