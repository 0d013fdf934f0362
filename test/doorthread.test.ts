/** The SCIM door in a thread of its own: the same door, whatever happens to the thread. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { MessageChannel, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { certificates } from '../daemon/certificates.ts';
import { doorkeeper } from '../daemon/doorkeeper.ts';
import * as failures from '../daemon/errors.ts';
import { answering, asking, carried, type Downward, gathered, restored } from '../daemon/passage.ts';
import type { Answer, Letter, Provider, Search, Spoilt, View } from '../daemon/provider.ts';
import type { Sources } from '../daemon/store/sources.ts';
import { authority } from './authority.ts';
import { type Door, openDoor } from './door.ts';
import { until } from './processes.ts';

/** As a value is once it has crossed. */
function crossed<T>(value: T): T {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(value);
  const { message } = receiveMessageOnPort(port2)!;
  port1.close();
  return message as T;
}

describe('What crosses', () => {
  test('is one message for all that one turn has to say, in its order', () => {
    const sent: (readonly number[])[] = [];
    const later: (() => void)[] = [];
    const { say, flush } = gathered<number>(
      (items) => sent.push(items),
      (work) => later.push(work),
    );
    for (const item of [1, 2, 3]) say(item);
    expect([sent, later.length]).toEqual([[], 1]);
    later.shift()?.();
    say(4);
    flush();
    later.shift()?.();
    expect(sent).toEqual([[1, 2, 3], [4]]);
  });

  const { Malformed, Conflict, NotFound, PreconditionFailed, TooLarge, TooManyRequests, Unavailable } = failures;
  const refusals: readonly failures.RelayError[] = [
    new Malformed('noTarget', 'Operations[0]: "ä\ud800"'),
    new Conflict('taken'),
    new NotFound('gone'),
    new PreconditionFailed('moved on'),
    new TooLarge('long'),
    new TooManyRequests('slow down', 3),
    new Unavailable('full', 60, { cause: new Error('SQLITE_FULL') }),
    new failures.NotImplemented('no'),
    failures.unknownToken(),
  ];
  test.each(refusals)('I5 is the same refusal on the other side: $constructor.name', (refusal) => {
    const after = restored(crossed(carried(refusal)));
    expect(after).toBeInstanceOf(failures.RelayError);
    expect(failures.toScimError(after)).toEqual(failures.toScimError(refusal));
    expect((after as failures.RelayError).retryAfter).toBe(refusal.retryAfter);
    expect(String((after.cause as Error | undefined)?.message)).toBe(String((refusal.cause as Error)?.message));
  });

  test('stays opaque to the client where it was a bug, and whole for the log', () => {
    const bug = Object.assign(new TypeError('x is not a function', { cause: new Error('deeper') }), { code: 'E_X' });
    const after = restored(crossed(carried(bug)));
    expect(failures.toScimError(after).detail).toBe('Internal error');
    expect(after).toMatchObject({ name: 'TypeError', message: bug.message, stack: bug.stack, code: 'E_X' });
    expect((after.cause as Error).message).toBe('deeper');
    expect(restored(crossed(carried('a word'))).message).toBe('a word');
    const round = new Error('round');
    round.cause = round;
    expect(restored(crossed(carried(round))).message).toBe('round');
  });

  /** A door's end and the relay's, with nothing but a crossing between. */
  function passage(provider: Provider, isKnown: (source: string) => boolean = () => true) {
    const met: unknown[] = [];
    const answer = answering(provider, isKnown, (cause) => met.push(cause));
    const door = asking((call) => {
      void answer(crossed(call) as Parameters<typeof answer>[0]).then((said) => {
        const item = crossed<Downward>(said);
        if (item[0] === 'answer') door.answered(...item);
        else if (item[0] === 'failure') door.failed(item[1], item[2]);
      });
    });
    return { met, ask: door.provider };
  }
  const text = () => fc.oneof(fc.constantFrom('', 'a', 'W/"1"'), fc.string({ unit: 'binary' }));
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
  const without = <T extends object>(value: T): T =>
    Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
  const views = (): fc.Arbitrary<View> =>
    fc
      .record({
        base: text(),
        attributes: maybe(fc.oneof(text(), fc.array(text()))),
        excludedAttributes: maybe(text()),
      })
      .map((view) => ({ ...view }));
  const letters = (): fc.Arbitrary<Letter> =>
    fc
      .record({
        source: text(),
        method: fc.constantFrom<Letter['method']>('POST', 'PUT', 'PATCH', 'DELETE'),
        kind: fc.constantFrom('User' as const, 'Group' as const),
        id: maybe(text()),
        sent: maybe(fc.record({ text: text(), bytes: fc.nat(), sha256: maybe(text()) }).map(without)),
        ifMatch: maybe(text()),
        ifNoneMatch: maybe(text()),
      })
      .map((letter) => without(letter) as Letter);
  const answers = (): fc.Arbitrary<Answer> =>
    fc
      .record({ status: fc.nat(), text: maybe(text()), version: maybe(fc.nat()), location: maybe(text()) })
      .map((answer) => without(answer) as Answer);

  test('I9 arrives as it was asked, whatever it is, and so does its answer', async () => {
    await fc.assert(
      fc.asyncProperty(letters(), views(), answers(), fc.nat(), async (letter, view, said, n) => {
        const seen: unknown[] = [];
        const hear = async (...input: unknown[]) => {
          seen.push(input);
          return said;
        };
        const { ask } = passage({ push: hear, get: hear, search: hear, refuse: hear as never } as Provider);
        expect(await ask.push(letter, view)).toStrictEqual(said);
        expect(await ask.get(letter.source, letter.kind, letter.id ?? '', view)).toStrictEqual(said);
        const asked: Search = { source: letter.source, kinds: [letter.kind], filter: letter.id, count: n };
        expect(await ask.search(asked, view)).toStrictEqual(said);
        const reason = new Malformed('invalidSyntax', letter.source);
        const spoilt: Spoilt = { source: 's', method: 'PUT', kind: 'User', reason, bytes: n, sha256: 'x' };
        await ask.refuse(spoilt);
        const [pushed, got, searched, refused] = seen as unknown[][];
        expect(pushed).toStrictEqual([letter, view]);
        expect(got).toStrictEqual([letter.source, letter.kind, letter.id ?? '', view]);
        expect(searched).toStrictEqual([asked, view]);
        expect(refused).toMatchObject([{ ...spoilt, reason: { message: letter.source, scimType: 'invalidSyntax' } }]);
      }),
      { numRuns: 100 },
    );
  });

  test('is asked of nobody for a source that was revoked in between', async () => {
    let asked = 0;
    const provider = {
      push: async () => {
        asked += 1;
        return { status: 204 };
      },
    } as unknown as Provider;
    const { ask, met } = passage(provider, (source) => source === 'entra');
    const push = { method: 'DELETE', kind: 'User', id: 'x' } as const;
    await ask.push({ ...push, source: 'entra' }, { base: '' });
    await expect(ask.push({ ...push, source: 'okta' }, { base: '' })).rejects.toMatchObject({ status: 401 });
    expect([asked, met]).toEqual([1, []]);
  });
});

const threads: Worker[] = [];
const remember = (thread: Worker) => void threads.push(thread);
beforeAll(() => void process.on('worker', remember));
afterAll(() => void process.off('worker', remember));

describe('A door in a thread of its own', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor(undefined, { thread: true, graceMs: 30_000 });
  });
  afterEach(() => door.close());
  const user = (userName: string) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName });
  const entries = () => door.log.tail(100);

  test('I1 I3 I10 takes, shows, refuses and journals as the door in the relay’s thread does', async () => {
    const same = await openDoor();
    const sent: readonly (readonly [body: unknown, headers?: Record<string, string>])[] = [
      [`{"userName":"ada","urn:x:n":{"a":1.0,"b":-0,"c":12345678901234567890},"\u00e4":"\u{1f980}"}`],
      [`{"userName":"ben","__proto__":{"polluted":true}}`],
      ['{"userName":'],
      ['[1]'],
      ['\ufeff{"userName":"cho"}'],
      ['\ufeff{'],
      [gzipSync('{"userName":"dan"}'), { 'content-encoding': 'gzip' }],
      [gzipSync('{"userName"'), { 'content-encoding': 'gzip' }],
      [Buffer.from([0x7b, 0xff, 0x7d])],
      ['{"userName":"eve"}', { 'content-type': 'text/plain' }],
      [`{"userName":"fay","x":${'['.repeat(70)}${']'.repeat(70)}}`],
      [''],
      [{ userName: 'gus', password: 'secret' }],
    ];
    const plain = (text: string) =>
      text
        .replaceAll(door.base, '')
        .replaceAll(same.base, '')
        .replace(/[\da-f]{8}-[\da-f]{4}-[\da-f-]{22}/g, 'id')
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time');
    for (const [body, headers] of sent) {
      const [ours, theirs] = [await door.post('/Users', body, headers), await same.post('/Users', body, headers)];
      expect([ours.status, plain(ours.text)], String(body)).toEqual([theirs.status, plain(theirs.text)]);
    }
    const told = (all: ReturnType<typeof entries>) =>
      all.map(({ kind, source, body }) => [kind, source, plain(JSON.stringify(body))]);
    expect(told(entries())).toEqual(told(same.log.tail(100)));
    // The hash of what nobody could read is that of the bytes as they were sent.
    const whole = gzipSync('{"userName"');
    const hashes = entries().map(({ body }) => (body as { sha256?: string }).sha256);
    for (const bytes of ['{"userName":', '\ufeff{', whole])
      expect(hashes).toContain(createHash('sha256').update(bytes).digest('hex'));
    await same.close();
  });

  test('lets a new token in, and an old one no more, as soon as the change is answered', async () => {
    const now = Date.now();
    const as = (token: string) => door.get('/Users?count=0', { authorization: `Bearer ${token}` });
    // A guesser is kept waiting after five wrong ones.
    for (let turn = 0; turn < 2; turn += 1) {
      const id = await door.known.add({ kind: 'scim', name: `s${turn}`, token: `new-${turn}`, by: 'ann', now });
      expect((await as(`new-${turn}`)).status).toBe(200);
      await door.known.rotate({ id, token: `next-${turn}`, overlapMs: 0, by: 'ann', now: Date.now() });
      expect([(await as(`new-${turn}`)).status, (await as(`next-${turn}`)).status]).toEqual([401, 200]);
      await door.known.set({ id, allow: ['10.0.0.0/8'], by: 'ann', now });
      expect((await as(`next-${turn}`)).status).toBe(403);
      await door.known.set({ id, allow: null, rate: 1, by: 'ann', now });
      const burst = await Promise.all(Array.from({ length: 12 }, () => as(`next-${turn}`)));
      expect(burst.map(({ status }) => status)).toContain(429);
      await door.known.revoke({ id, by: 'ann', now });
      expect((await as(`next-${turn}`)).status).toBe(401);
    }
  });

  test('is told of each change of a source before the change is answered', async () => {
    const waiting = Promise.withResolvers<void>();
    const told: number[] = [];
    door.known.watch(async ({ keys }) => {
      told.push(keys.length);
      await waiting.promise;
    });
    const by = { by: 'ann', now: Date.now() };
    let answered = 0;
    const changes = [
      door.known.add({ kind: 'scim', name: 'New', token: 'new', ...by }),
      door.known.rotate({ id: 'okta', token: 'next', overlapMs: 0, ...by }),
      door.known.set({ id: 'okta', rate: 5, ...by }),
      door.known.revoke({ id: 'okta', ...by }),
    ].map((change) =>
      change.then(() => {
        answered += 1;
      }),
    );
    await new Promise(setImmediate);
    expect([told, answered]).toEqual([[3, 3, 3, 2], 0]);
    waiting.resolve();
    await Promise.all(changes);
    expect(answered).toBe(4);
  });

  test('knows when a source was last seen, and what it was refused', async () => {
    const before = Date.now();
    expect((await door.get('/ServiceProviderConfig')).status).toBe(200);
    expect((await door.post('/Users', '{')).status).toBe(400);
    const seen = async () => (await door.known.list(Date.now())).find(({ id }) => id === 'entra')!;
    await until(async () => ((await seen()).lastSeenAt ?? 0) >= before, 'the source was seen');
    expect((await seen()).refusals).toMatchObject({ count: 1, detail: expect.stringContaining('not JSON') });
  });

  test('refuses what a source began to send and finished after it was revoked, and keeps nothing of it', async () => {
    const { hostname, port, pathname } = new URL(door.base);
    const headers = { authorization: 'Bearer okta', 'content-type': 'application/scim+json', expect: '100-continue' };
    const options = { hostname, port, path: `${pathname}/Users`, method: 'POST', headers, agent: false };
    const [status, text] = await new Promise<readonly [number, string]>((done, fail) => {
      const asking = request(options, (response) => {
        let read = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          read += chunk;
        });
        response.on('end', () => done([response.statusCode ?? 0, read]));
      });
      asking.on('error', fail);
      // It is let in before its body is asked for.
      asking.on('continue', () => {
        void door.known
          .revoke({ id: 'okta', by: 'ann', now: Date.now() })
          .then(() => asking.end('{"userName":"late"}'));
      });
      asking.flushHeaders();
    });
    expect([status, JSON.parse(text).detail]).toEqual([401, failures.unknownToken().message]);
    expect(entries().filter(({ kind }) => kind !== 'decision')).toEqual([]);
  });

  test('is there again on the same port when the thread has died, with all that was answered', async () => {
    expect((await door.post('/Users', user('ada@x.test'))).status).toBe(201);
    const last = threads.at(-1)!;
    const busy = Array.from({ length: 20 }, (_, at) =>
      door.post('/Users', user(`p${at}@x.test`)).then(
        ({ body }) => String(body.id),
        () => undefined,
      ),
    );
    await last.terminate();
    // Meanwhile who may come in is changed, and the next thread begins with it.
    await door.known.add({ kind: 'scim', name: 'New', token: 'new', by: 'ann', now: Date.now() });
    const answered = (await Promise.all(busy)).filter((id) => id !== undefined);
    const back = async () =>
      door.get('/Users?count=0', { authorization: 'Bearer new' }).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(back, 'the door is open again');
    expect(threads.at(-1)).not.toBe(last);
    for (const id of answered) expect((await door.get(`/Users/${id}`)).status).toBe(200);
    expect((await door.get(`/Users?filter=${encodeURIComponent('userName eq "ada@x.test"')}`)).body.totalResults).toBe(
      1,
    );
    expect(door.reports.join('\n')).toMatch(/the SCIM door has died; it is opened again/);
  });

  test('I1 ends in the middle of work: what was answered is stored, and what was stored was let finish', async () => {
    let refused = 0;
    const answered: string[] = [];
    const push = async (at: number): Promise<void> => {
      for (let next = at; next < 400; next += 8) {
        const reply = await door.post('/Users', user(`p${next}@x.test`)).catch(() => undefined);
        if (reply === undefined) {
          refused += 1;
          return;
        }
        expect(reply.status).toBe(201);
        answered.push(String(reply.body.id));
      }
    };
    const work = Promise.all(Array.from({ length: 8 }, (_, at) => push(at)));
    await until(async () => answered.length > 20, 'there is work');
    await door.server.close();
    await work;
    await door.queue.idle();
    expect(refused).toBe(8);
    const stored = door.db.prepare<[], string>('SELECT id FROM person').pluck().all();
    expect(stored.sort()).toEqual(answered.sort());
  });

  test('says so when its address cannot be had, as the door in the relay’s thread does', async () => {
    const port = Number(new URL(door.base).port);
    const sources = { guard: () => ({ keys: [], limits: [] }), watch: () => {} } as unknown as Sources;
    const behind = { provider: {} as Provider, sources, report: () => {}, met: () => {}, trustProxy: false as const };
    for (const beside of [true, false])
      await expect(
        doorkeeper(beside).open(
          { ...behind, now: Date.now, log: { error: () => {}, info: () => {} } },
          { host: '127.0.0.1', port },
        ),
      ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

test('S3 a renewed certificate is shown by a door in a thread of its own, also by the thread after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorthread-'));
  const ours = await authority('Ours');
  const put = async (name: string) => {
    const { cert, key } = await ours.issue(name);
    writeFileSync(join(folder, 'cert'), cert);
    writeFileSync(join(folder, 'key'), key);
  };
  await put('first');
  const tls = certificates({ cert: join(folder, 'cert'), key: join(folder, 'key') });
  const sources = { guard: () => ({ keys: [], limits: [] }), watch: () => {} } as unknown as Sources;
  const listener = await doorkeeper(true).open(
    {
      provider: {} as Provider,
      sources,
      report: () => {},
      met: () => {},
      trustProxy: false,
      now: Date.now,
      log: { error: () => {}, info: () => {} },
    },
    { host: '127.0.0.1', port: 0, tls, graceMs: 100 },
  );
  const shown = () =>
    new Promise<string>((done) => {
      const { hostname: host, port } = new URL(listener.url);
      const socket = connect({ host, port: Number(port), ca: ours.cert }, () => {
        done(String(socket.getPeerCertificate().subject.CN));
        socket.end();
      });
      socket.on('error', () => done('nobody'));
    });
  expect(await shown()).toBe('first');
  await put(`second ${randomBytes(2).toString('hex')}`);
  expect(tls.look()).toBe(true);
  await until(async () => (await shown()).startsWith('second'), 'the new one is shown');
  await threads.at(-1)?.terminate();
  await until(async () => (await shown()) !== 'nobody', 'the door is open again');
  expect(await shown()).toMatch(/^second/);
  await listener.close();
  expect(await shown()).toBe('nobody');
  rmSync(folder, { recursive: true });
});
