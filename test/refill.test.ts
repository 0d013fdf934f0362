/**
 * A place on the way to Steeple is taken again in the very turn that reads the answer, from what was claimed in advance;
 * and only by what may leave then. The way itself is in the test's hand: it says when which answer has come.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forwarder } from '../daemon/forwarder.ts';
import { logger } from '../daemon/log.ts';
import { type Steeple, steeple } from '../daemon/steeple.ts';
import { type Stores, stores } from './stores.ts';

type Created = Awaited<ReturnType<Steeple['createUser']>>;
const places = 4;
let limit: number;
let relay: Stores;
let client: Steeple;
let sender: ReturnType<typeof forwarder>;
/** Creations on their way, by userName, with how each is answered. */
let underway: Map<string, (answer?: Created) => void>;
let begun: string[];
let on: boolean;

beforeEach(async () => {
  relay = await stores();
  underway = new Map();
  begun = [];
  on = true;
  limit = places;
  await relay.enable();
  for (let at = 0; at < 40; at += 1) await relay.user(`p${at}@x.test`);
  await relay.planning.reconcile(Date.now());
  client = steeple({ url: 'http://127.0.0.1:1/scim/v2', token: 'none' });
  const line: Steeple = {
    ...client,
    learn: async () => {},
    createUser: (body) =>
      new Promise((resolve) => {
        const userName = String(body.userName);
        begun.push(userName);
        underway.set(userName, (answer) => {
          underway.delete(userName);
          resolve(answer ?? { kind: 'ok', status: 201, value: { ...body, id: `id-${userName}` } as never });
        });
      }),
  };
  sender = forwarder({
    outbox: relay.outbox,
    upstream: async () => line,
    allowed: () => ({ on, inFlight: limit, batch: 100, quiet: false }),
    settled: () => {},
    now: Date.now,
    random: () => 0,
    log: logger({ level: 'silent' }),
  });
  sender.wake();
  // Some are claimed in advance once a first answer has come.
  for (let turns = 0; underway.size < places && turns < 1000; turns += 1) await turn();
  answerFirst();
  for (let turns = 0; !sender.isFull() && turns < 1000; turns += 1) await turn();
  begun = [...underway.keys()];
});
afterEach(async () => {
  on = false;
  for (const answer of underway.values()) answer();
  await sender.stop();
  await client.close();
  await relay.close();
});

const turn = () => new Promise((done) => setImmediate(done));
/** All that follows at once, and nothing that waits for a turn of the loop. */
const atOnce = async (): Promise<void> => {
  for (let at = 0; at < 100; at += 1) await Promise.resolve();
};
const first = (): string => [...underway.keys()][0] ?? '';
const answerFirst = (answer?: Created): void => underway.get(first())?.(answer);

test('an answer’s place is taken again before anything else has its turn', async () => {
  expect(underway.size).toBe(places);
  for (let at = 1; at <= 3; at += 1) {
    answerFirst();
    await atOnce();
    expect([underway.size, begun.length]).toEqual([places, places + at]);
  }
  answerFirst();
  answerFirst();
  await atOnce();
  expect([underway.size, begun.length]).toEqual([places, places + 5]);
  expect(new Set(begun).size).toBe(begun.length);
});

test('G1 not once sync is off', async () => {
  on = false;
  answerFirst();
  await atOnce();
  expect([underway.size, begun.length]).toEqual([places - 1, places]);
});

test('not where the policy allows fewer by now', async () => {
  limit = places - 1;
  answerFirst();
  await atOnce();
  expect([underway.size, begun.length]).toEqual([places - 1, places]);
  answerFirst();
  await atOnce();
  expect([underway.size, begun.length]).toEqual([places - 1, places + 1]);
});

test('G5 not by what a push has touched since it was claimed: that goes back, and the next one leaves', async () => {
  const claimed = relay.db
    .prepare<[], { id: string; userName: string }>(
      "SELECT p.id, p.user_name AS userName FROM delivery d JOIN person p ON p.num = d.person WHERE d.state = 'sending' ORDER BY d.id",
    )
    .all()
    .filter(({ userName }) => !begun.includes(userName));
  const [touched, other] = claimed;
  await relay.patchUser(touched?.id ?? '', { active: false });
  answerFirst();
  await atOnce();
  expect([underway.size, begun.length]).toEqual([places - 1, places]);
  for (let turns = 0; underway.size < places && turns < 1000; turns += 1) await turn();
  expect(begun.slice(places)).toEqual([other?.userName]);
});

const refusals: readonly (readonly [law: string, answer: Created])[] = [
  ['D3 not when the answer says to wait', { kind: 'busy', status: 429, detail: 'wait', retryAfterMs: 60_000 }],
  [
    'D4 not when the answer says that the token is refused',
    { kind: 'unauthorized', status: 401, detail: 'no', sso: false },
  ],
];
test.each(refusals)('%s', async (_, answer) => {
  answerFirst(answer);
  await atOnce();
  expect([underway.size, begun.length]).toEqual([places - 1, places]);
});
