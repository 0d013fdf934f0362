import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NotFound, Stale } from '../daemon/errors.ts';
import { type Database, open } from '../daemon/store/db.ts';
import { type Journal, journal } from '../daemon/store/journal.ts';
import { type Sources, sources, tokenHash } from '../daemon/store/sources.ts';

let db: Database;
let log: Journal;
let known: Sources;
beforeEach(() => {
  db = open(':memory:');
  log = journal(db);
  known = sources(db, log);
});
afterEach(() => db.close());

const changes = () => db.prepare<[], number>('SELECT total_changes()').pluck().get();
const token = (letter: string) => letter.repeat(43);
const add = (name: string, letter: string, now = 1) =>
  known.add({ kind: 'entra', name, token: token(letter), by: 'ada', now });

describe('Sources', () => {
  test('are named by a slug of their name that nobody else has', async () => {
    const names = ['Entra – Main', 'entra main', '  Étoile 2 ', '株式会社', 'x'.repeat(80)];
    const ids: string[] = [];
    for (const [index, name] of names.entries()) ids.push(await add(name, String(index)));
    expect(ids).toEqual(['entra-main', 'entra-main-2', 'etoile-2', 'entra', 'x'.repeat(40)]);
  });

  test('I7 are known by their token, of which only the hash is kept', async () => {
    await add('main', 'a');
    expect(known.authenticate(tokenHash(token('a')), 1)).toBe('main');
    for (const wrong of ['', 'a', token('b'), `${token('a')}a`])
      expect(known.authenticate(tokenHash(wrong), 1)).toBeUndefined();
    expect(db.serialize().includes(token('a'))).toBe(false);
    expect(sources(db, log).authenticate(tokenHash(token('a')), 1)).toBe('main');
  });

  test('after a rotation have two tokens until the overlap ends, and one from then on', async () => {
    const id = await add('main', 'a');
    await known.rotate({ id, token: token('b'), overlapMs: 100, by: 'ada', now: 1000 });
    const works = (letter: string, now: number) => known.authenticate(tokenHash(token(letter)), now) === id;
    expect([works('a', 1099), works('a', 1100), works('b', 1099), works('b', 9999)]).toEqual([true, false, true, true]);
    expect(await known.list(1099)).toMatchObject([{ oldTokenUntil: 1100 }]);
    expect(await known.list(1100)).toMatchObject([{ oldTokenUntil: null }]);
  });

  test('do not get a longer overlap by a second rotation, nor any by one of none', async () => {
    const id = await add('main', 'a');
    await known.rotate({ id, token: token('b'), overlapMs: 100, by: 'ada', now: 1000 });
    await known.rotate({ id, token: token('c'), overlapMs: 500, by: 'ada', now: 1050 });
    const works = (now: number) =>
      ['a', 'b', 'c'].filter((letter) => known.authenticate(tokenHash(token(letter)), now) === id);
    expect([works(1099), works(1100), works(1549), works(1550)]).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
      ['b', 'c'],
      ['c'],
    ]);
    await known.rotate({ id, token: token('d'), overlapMs: 0, by: 'ada', now: 1200 });
    expect(works(1200)).toEqual([]);
    expect(known.authenticate(tokenHash(token('d')), 1200)).toBe(id);
  });

  test('that are revoked are known by no token, and can neither be rotated nor revoked again', async () => {
    const id = await add('main', 'a');
    expect(await known.revoke({ id, by: 'ada', now: 5 })).toMatchObject({ id, state: 'revoked' });
    expect(known.authenticate(tokenHash(token('a')), 5)).toBeUndefined();
    await expect(known.rotate({ id, token: token('b'), overlapMs: 0, by: 'ada', now: 6 })).rejects.toThrow(Stale);
    await expect(known.revoke({ id, by: 'ada', now: 6 })).rejects.toThrow(Stale);
    await expect(known.revoke({ id: 'none', by: 'ada', now: 6 })).rejects.toThrow(NotFound);
    expect(known.authenticate(tokenHash(token('b')), 6)).toBeUndefined();
  });

  test('G8 leave a decision in the journal for each change: who, when, what', async () => {
    const id = await add('main', 'a', 3);
    await known.rotate({ id, token: token('b'), overlapMs: 7, by: 'ben', now: 4 });
    await known.revoke({ id, by: 'cho', now: 5 });
    const entries = [...log.entries()].map(({ at, kind, actor, subject, body }) => ({
      at,
      kind,
      actor,
      subject,
      body,
    }));
    expect(entries).toEqual([
      {
        at: 3,
        kind: 'decision',
        actor: 'ada',
        subject: id,
        body: { what: 'source.add', kind: 'entra', name: 'main' },
      },
      { at: 4, kind: 'decision', actor: 'ben', subject: id, body: { what: 'source.rotate', oldTokenUntil: 11 } },
      { at: 5, kind: 'decision', actor: 'cho', subject: id, body: { what: 'source.revoke' } },
    ]);
    expect(await log.verify()).toMatchObject({ ok: true });
  });

  test('are seen without a write per request; the time is written when asked', async () => {
    const id = await add('main', 'a');
    const before = changes();
    for (let now = 10; now < 20; now += 1) known.authenticate(tokenHash(token('a')), now);
    known.authenticate(tokenHash('wrong'), 30);
    expect(changes()).toBe(before);
    expect(await known.list(20)).toMatchObject([{ id, lastSeenAt: 19, users: 0, groups: 0 }]);
    await known.flush();
    expect(await sources(db, log).list(20)).toMatchObject([{ lastSeenAt: 19 }]);
  });

  test('whose time is written down cost nothing more until they are seen again', async () => {
    await add('main', 'a');
    known.authenticate(tokenHash(token('a')), 10);
    await known.flush();
    const before = changes();
    await known.flush();
    expect(changes()).toBe(before);
    expect(await known.list(20)).toMatchObject([{ lastSeenAt: 10 }]);
  });

  test('keep nothing of a token whose time was over when another took its place', async () => {
    const id = await add('main', 'a');
    const kept = () => db.prepare<[], number>('SELECT count(*) FROM source_token').pluck().get();
    await known.rotate({ id, token: token('b'), overlapMs: 100, by: 'ada', now: 1000 });
    expect(kept()).toBe(2);
    await known.rotate({ id, token: token('c'), overlapMs: 100, by: 'ada', now: 1100 });
    expect(kept()).toBe(2);
    expect(known.authenticate(tokenHash(token('b')), 1199)).toBe(id);
    await known.revoke({ id, by: 'ada', now: 1101 });
    expect(kept()).toBe(0);
  });

  test('J1 whose change could not be kept leave no trace, and the journal goes on from where it was', async () => {
    const id = await add('main', 'a');
    const before = await known.list(5);
    // What is read back behind the decision cannot be read, so the decision goes as well.
    db.exec(`CREATE TEMP TRIGGER late AFTER INSERT ON journal WHEN NEW.kind = 'decision' BEGIN
      UPDATE source SET allow = '7' WHERE id = '${id}'; END`);
    await expect(known.set({ id, rate: 7, by: 'ada', now: 5 })).rejects.toThrow();
    db.exec('DROP TRIGGER late');
    expect(await known.list(5)).toEqual(before);
    await known.rotate({ id, token: token('b'), overlapMs: 0, by: 'ada', now: 7 });
    expect(await log.verify()).toMatchObject({ ok: true });
  });
});
