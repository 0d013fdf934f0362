/** I4 in earnest: a disk that is full, a folder that cannot be written, pages that are damaged, a log that was cut. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Unavailable } from '../daemon/errors.ts';
import { open } from '../daemon/store/db.ts';
import { directory } from '../daemon/store/directory.ts';
import { verify } from '../daemon/store/proof.ts';
import { check } from '../daemon/store/rebuild.ts';
import { trouble } from '../daemon/store/trouble.ts';
import { type Process, startRelay } from './processes.ts';
import { stores } from './stores.ts';

let folder: string;
/** A small disk of its own, where the system lets us have one. */
let disk: string | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
  const at = join(folder, 'small');
  mkdirSync(at);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', at], { stdio: 'ignore' });
    disk = at;
  } catch {
    console.log(
      'NOT RUN: a full tmpfs, because this user may not mount one; a database of so many pages stands in for it',
    );
  }
});
afterAll(() => {
  if (disk !== undefined) execFileSync('umount', ['-l', disk]);
  rmSync(folder, { recursive: true, force: true });
});

/** Its directory, with failures told to nobody. */
const quiet = ({ db, journal }: Awaited<ReturnType<typeof stores>>) =>
  directory(db, journal, { newId: randomUUID, now: Date.now, report: () => {} });
const provider = (relay: Process, token: string) => async (method: string, path: string, body?: object) => {
  const response = await fetch(relay.scim + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, retry: response.headers.get('retry-after'), text: await response.text() };
};
const ready = async (relay: Process) => {
  const response = await fetch(new URL('/readyz', relay.console));
  return { status: response.status, retry: response.headers.get('retry-after'), text: await response.text() };
};
const bulky = (userName: string) => ({ userName, title: 'x'.repeat(2000) });

describe('A disk that is full', () => {
  test('I4 I1 answers 503 with words and Retry-After, says so on /readyz, stores nothing by halves, and goes on when there is room', async (context) => {
    if (disk === undefined) return context.skip();
    const data = join(disk, 'relay');
    const relay = await startRelay(data);
    try {
      const { id, secretToken } = await relay.ask('source.add', { kind: 'entra', name: 'Entra', by: 'ann' });
      const scim = provider(relay, secretToken);
      expect((await scim('POST', '/Users', bulky('first@x.test'))).status).toBe(201);
      expect((await ready(relay)).status).toBe(200);
      // All room but a little goes; then the pushes themselves take the rest.
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(64));
      const hog = openSync(join(disk, 'ballast'), 'a');
      expect(() => {
        for (;;) writeSync(hog, Buffer.alloc(16_384));
      }).toThrow('ENOSPC');
      let full: Awaited<ReturnType<typeof scim>> | undefined;
      const accepted: string[] = ['first@x.test'];
      for (let at = 0; full === undefined && at < 3000; at += 1) {
        const answer = await scim('POST', '/Users', bulky(`p${at}@x.test`));
        if (answer.status === 201) accepted.push(`p${at}@x.test`);
        else full = answer;
      }
      expect(full).toMatchObject({ status: 503, text: expect.stringContaining('is full. Free space on it') });
      expect(Number(full?.retry)).toBeGreaterThan(0);
      const at = await ready(relay);
      expect(at).toMatchObject({ status: 503, text: expect.stringContaining('is full') });
      expect(Number(at.retry)).toBeGreaterThan(0);
      // Reading goes on, a decision is refused in the same words, and the log is loud.
      expect((await scim('GET', '/Users?count=1')).status).toBe(200);
      await expect(relay.ask('source.revoke', { id, by: 'ann' })).rejects.toThrow(/is full|revoke/);
      expect(relay.said.err).toContain('pushes was stored');
      unlinkSync(join(disk, 'ballast'));
      // Nobody has to push for it to be ready again.
      closeSync(hog);
      expect((await ready(relay)).status).toBe(200);
      expect((await scim('POST', '/Users', bulky('last@x.test'))).status).toBe(201);
      accepted.push('last@x.test');
      expect(await relay.ask('journal.verify', {})).toMatchObject({ ok: true });
      expect(await relay.ask('journal.check', {})).toMatchObject({ ok: true });
      const { items } = await relay.ask('people', { limit: 5000 });
      expect(items.map(({ userName }) => userName).sort()).toEqual(accepted.sort());
      expect(await relay.end('SIGTERM')).toBe(0);
    } finally {
      await relay.end('SIGKILL');
    }
  });

  test('I4 in a database that may take no more pages, a push is refused whole, and the next one after is taken', async () => {
    const kept = await stores(join(folder, 'pages.db'));
    await kept.push({ method: 'POST', kind: 'User', body: bulky('first@x.test') });
    const pages = kept.db.pragma('page_count', { simple: true }) as number;
    kept.db.pragma(`max_page_count = ${pages + 2}`);
    const before = kept.journal.counts();
    const refused = (
      await quiet(kept).accept([
        {
          source: kept.source,
          method: 'POST',
          kind: 'User',
          body: { userName: 'a@x.test', title: 'x'.repeat(60_000) },
        },
      ])
    )[0]!;
    expect(refused).toMatchObject({ ok: false, error: expect.any(Unavailable) });
    expect(kept.journal.counts()).toEqual(before);
    kept.db.pragma('max_page_count = 1000000');
    await kept.push({ method: 'POST', kind: 'User', body: bulky('b@x.test') });
    expect(await verify(kept.db)).toMatchObject({ ok: true, entries: before.entries + 1 });
    expect(await check(kept.db)).toMatchObject({ ok: true });
    await kept.close();
  });
});

describe('What stands in the way of storing', () => {
  test('I4 is tried again by whoever asks, until it is over; a damaged file stays damaged', () => {
    const db = open(':memory:');
    const storing = trouble(db);
    const failure = (code: string) => new Sqlite.SqliteError('it failed', code);
    expect([storing.known(), storing.now()]).toEqual([undefined, undefined]);
    storing.met(new Error('a bug'));
    storing.met(new Unavailable('Too many requests are waiting'));
    expect(storing.now()).toBeUndefined();
    db.pragma('query_only = ON');
    storing.met(failure('SQLITE_FULL'));
    expect(storing.now()).toContain('may not write');
    db.pragma('query_only = OFF');
    expect(storing.known()).toContain('may not write');
    expect(storing.now()).toBeUndefined();
    storing.met(failure('SQLITE_FULL'));
    storing.over();
    expect(storing.known()).toBeUndefined();
    storing.met(failure('SQLITE_CORRUPT_INDEX'));
    storing.met(failure('SQLITE_FULL'));
    storing.over();
    expect(storing.now()).toContain('damaged');
    db.close();
  });
});

describe('A folder that cannot be written', () => {
  test('I4 ends the start with 1 and the reason, and one that becomes so refuses pushes with 503', async () => {
    const kept = await stores(join(folder, 'only.db'));
    const before = kept.journal.counts();
    kept.db.pragma('query_only = ON');
    const [refused] = await quiet(kept).accept([
      { source: kept.source, method: 'POST', kind: 'User', body: { userName: 'a@x.test' } },
    ]);
    expect(refused).toMatchObject({
      ok: false,
      error: expect.objectContaining({ status: 503, message: expect.stringContaining('may not write') }),
    });
    kept.db.pragma('query_only = OFF');
    expect(kept.journal.counts()).toEqual(before);
    await kept.push({ method: 'POST', kind: 'User', body: { userName: 'a@x.test' } });
    expect(await check(kept.db)).toMatchObject({ ok: true });
    await kept.close();
    if (disk === undefined) return;
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    try {
      await expect(startRelay(join(disk, 'relay'))).rejects.toThrow(/ended with 1: .*read-only file system/i);
    } finally {
      execFileSync('mount', ['-o', 'remount,rw', disk]);
    }
  });
});

describe('A damaged file', () => {
  test('I4 J1 is a 503 for who meets the damage, said on /readyz, named by verify, and never half a push', async () => {
    const data = join(folder, 'damaged');
    mkdirSync(data);
    const file = join(data, 'relay.db');
    const kept = await stores(file);
    for (let at = 0; at < 40; at += 1) await kept.push({ method: 'POST', kind: 'User', body: bulky(`p${at}@x.test`) });
    const token = 'a-token-of-this-test';
    await kept.sources.add({ kind: 'okta', name: 'Okta', token, by: 'ann', now: Date.now() });
    const page = kept.db
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'person_user_name'")
      .pluck()
      .get() as number;
    await kept.close();
    const size = 4096;
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
    const relay = await startRelay(data);
    try {
      const scim = provider(relay, token);
      const refused = await scim('POST', '/Users', { userName: 'new@x.test' });
      expect(refused).toMatchObject({
        status: 503,
        text: expect.stringContaining('damaged. Stop the relay and restore a backup'),
      });
      expect(Number(refused.retry)).toBeGreaterThan(0);
      expect(await ready(relay)).toMatchObject({ status: 503, text: expect.stringContaining('damaged') });
      expect((await scim('GET', '/Users?filter=userName%20eq%20%22p1%40x.test%22')).status).toBe(503);
      expect(await relay.ask('journal.verify', {})).toMatchObject({ ok: true, entries: 42 });
    } finally {
      await relay.end('SIGKILL');
    }
    // Recovery as docs/recovery.md has it: what the journal says is whole, and a backup from before restores.
  });

  test('I4 that is no database at all ends the start with 1 and the remedy', async () => {
    const data = join(folder, 'nonsense');
    mkdirSync(data);
    writeFileSync(join(data, 'relay.db'), Buffer.alloc(8192, 7));
    await expect(startRelay(data)).rejects.toThrow(/ended with 1: .*damaged\. Stop the relay and restore a backup/s);
  });

  test('I1 J1 J2 with its log cut anywhere, opens on a whole commit: a chain that holds and the directory it gives', async () => {
    const file = join(folder, 'wal.db');
    const kept = await stores(file);
    for (let at = 0; at < 25; at += 1) await kept.push({ method: 'POST', kind: 'User', body: bulky(`p${at}@x.test`) });
    const size = statSync(`${file}-wal`).size;
    const seen = new Set<number>();
    for (const share of [0, 0.001, 0.1, 0.35, 0.5, 0.77, 0.9, 0.999]) {
      const copy = join(folder, 'cut.db');
      for (const end of ['-wal', '-shm']) rmSync(copy + end, { force: true });
      copyFileSync(file, copy);
      copyFileSync(`${file}-wal`, `${copy}-wal`);
      truncateSync(`${copy}-wal`, Math.floor(size * share));
      const db = open(copy);
      const chain = await verify(db);
      expect(chain, String(share)).toMatchObject({ ok: true });
      expect(await check(db), String(share)).toMatchObject({ ok: true });
      expect(db.prepare('SELECT count(*) FROM person').pluck().get()).toBe(Math.max(0, chain.entries - 1));
      seen.add(chain.entries);
      db.close();
    }
    expect(seen.size).toBeGreaterThan(4);
    expect(readFileSync(file).length).toBeGreaterThan(0);
    await kept.close();
  });
});
