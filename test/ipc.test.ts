/** The door between the window and the main process: who may ask, what may be asked, and what comes back. */
import type { IpcMainInvokeEvent } from 'electron';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Refused } from '../daemon/cli/client.ts';
import { calls as admin } from '../daemon/contract/admin.ts';
import { serve } from '../src/main/ipc.ts';
import { explain } from '../src/main/relay.ts';
import { type Channel, calls, type Handlers, type Reply, relayed } from '../src/preload/contract.ts';

type Answer = (event: IpcMainInvokeEvent, raw: unknown) => Promise<Reply<Channel>>;
const ours = { sender: 'our window' } as unknown as IpcMainInvokeEvent;
const theirs = { sender: 'another frame' } as unknown as IpcMainInvokeEvent;

/** Serves the whole contract; handlers that are not given must not be reached. */
function door(handlers: Partial<Handlers>) {
  const answers = new Map<string, Answer>();
  const reached: string[] = [];
  const all = Object.fromEntries(
    (Object.keys(calls) as Channel[]).map((channel) => [
      channel,
      (input: never) => {
        reached.push(channel);
        const handler = handlers[channel];
        if (handler === undefined) throw new Error(`${channel} was reached`);
        return handler(input);
      },
    ]),
  ) as unknown as Handlers;
  const ipc = { handle: (channel: string, answer: Answer) => void answers.set(channel, answer) };
  serve(ipc, { trusts: (event) => event === ours, explain }, all);
  const ask = (channel: string, raw: unknown, event = ours) => answers.get(channel)!(event, raw);
  return { ask, reached, channels: [...answers.keys()] };
}

test('every channel of the contract is answered, under the prefix, and no other', () => {
  const { channels } = door({});
  expect(channels.toSorted()).toEqual(
    Object.keys(calls)
      .map((channel) => `relay:${channel}`)
      .toSorted(),
  );
});

test('an untrusted sender gets nowhere on any channel, whatever it sends', async () => {
  const { ask, reached, channels } = door({});
  for (const channel of channels)
    expect(await ask(channel, {}, theirs)).toEqual({ ok: false, code: 'untrusted', message: expect.any(String) });
  expect(reached).toEqual([]);
});

test('a payload that is not the contract’s is refused before anything is done', async () => {
  const { ask, reached } = door({});
  const hostile: [string, unknown][] = [
    ['relay:sync.enable', { plan: 'plan-1' }],
    ['relay:sync.enable', { plan: 'plan-1', by: 'Ada', force: true }],
    ['relay:review.approve', { ids: [], by: 'Ada', reason: 'x' }],
    ['relay:review.approve', { ids: ['1'], by: 'Ada', reason: 'x' }],
    ['relay:review.approve', { ids: [1], by: 'Ada', reason: '' }],
    ['relay:app.open', { link: 'https://evil.test/' }],
    ['relay:app.open', { link: 'steeple-help', upstream: 'file:///etc/passwd' }],
    ['relay:plan.make', { limit: 10_001 }],
    ['relay:status', undefined],
    ['relay:status', null],
    ['relay:status', []],
    ['relay:status', { extra: 1 }],
    ['relay:why', JSON.parse('{"userName":"ada","__proto__":{"x":1},"constructor":1}')],
  ];
  for (const [channel, raw] of hostile)
    expect(await ask(channel, raw), `${channel} ${JSON.stringify(raw)}`).toMatchObject({ ok: false, code: 'invalid' });
  expect(reached).toEqual([]);
});

test('what the contract has a default for may be left out, and reaches the handler filled in', async () => {
  const inputs: unknown[] = [];
  const { ask } = door({
    people: async (input) => {
      inputs.push(input);
      return { items: [], total: 0 };
    },
  });
  expect(await ask('relay:people', {})).toEqual({ ok: true, value: { items: [], total: 0 } });
  expect(inputs).toEqual([{ filter: '', offset: 0, limit: 100 }]);
});

test('failures are values: a refusal keeps its words, a bug says nothing of itself', async () => {
  const failing = (thrown: unknown) => door({ status: async () => Promise.reject(thrown) }).ask('relay:status', {});
  expect(await failing(new Refused('stale', 'The plan has changed'))).toEqual({
    ok: false,
    code: 'stale',
    message: 'The plan has changed',
  });
  const bug = await failing(new Error('token abc at /home/ada/relay'));
  expect(bug).toMatchObject({ ok: false, code: 'internal' });
  expect(JSON.stringify(bug)).not.toMatch(/abc|ada/);
});

test('S1 the page is given no secret but what a person has to carry somewhere, by the calls that make it', () => {
  const secret = /token|secret|password|passphrase|ticket/i;
  /** Every text anywhere in an answer that is called like a secret. */
  const texts = (schema: unknown): string[] => {
    if (typeof schema !== 'object' || schema === null) return [];
    const { properties = {}, ...rest } = schema as Readonly<{ properties?: Record<string, unknown> }>;
    const own = Object.entries(properties)
      .filter(([name, value]) => secret.test(name) && JSON.stringify(value).includes('"type":"string"'))
      .map(([name]) => name);
    return [...own, ...Object.values(properties).flatMap(texts), ...Object.values(rest).flatMap(texts)];
  };
  const giving = (some: Readonly<Record<string, { output: z.ZodType }>>): string[] =>
    Object.entries(some)
      .filter(([, { output }]) => texts(z.toJSONSchema(output, { unrepresentable: 'any' })).length > 0)
      .map(([name]) => name);
  expect(giving(admin)).toEqual(expect.arrayContaining(['source.add', 'source.rotate'])); // so the search finds
  const mayGive = ['source.add', 'source.rotate', 'review.export']; // its passphrase, which the person tells the reviewer
  expect(giving(relayed).filter((name) => !mayGive.includes(name))).toEqual([]);
  expect(Object.keys(calls)).not.toContain('console.ticket');
});
