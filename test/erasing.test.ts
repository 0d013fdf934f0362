/** Retention and erasure: entries leave the database, and data leaves entries, and the chain is proven all the same. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { namesIn, placeholder, redacted } from '../daemon/core/redaction.ts';
import { journalDesk } from '../daemon/relay/journal.ts';
import { archive, archivesOf, clearLeftovers, letGo, unpackedLines } from '../daemon/store/archive.ts';
import { erase, finish, owedArchives, resume } from '../daemon/store/erasing.ts';
import { journal as openJournal } from '../daemon/store/journal.ts';
import { exportPage, verify, verifyLines } from '../daemon/store/proof.ts';
import { check } from '../daemon/store/rebuild.ts';
import { stores } from './stores.ts';

let folder: string;
let dir: string;
let clock: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'erasing-'));
  dir = join(folder, 'archive');
  clock = 1000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => stores(join(folder, 'relay.db'), () => clock);
type Kept = Awaited<ReturnType<typeof open>>;
const whole = async (kept: Kept) => {
  expect(await verify(kept.db)).toMatchObject({ ok: true, bad: null });
  expect(await verify(kept.db, archivesOf(kept.db, dir))).toMatchObject({ ok: true, bad: null, first: 1 });
  expect(await check(kept.db)).toMatchObject({ ok: true, differences: [] });
};
const person = (name: string) => ({
  userName: `${name}@company.test`,
  externalId: `ext-${name}`,
  displayName: `${name} Lovelace`,
  title: `title-of-${name}`,
  phoneNumbers: [{ value: `+33-${name}-1`, type: 'work' }],
  emails: [{ value: `${name}.private@home.test`, type: 'home' }],
});
const post = (kept: Kept, name: string) =>
  kept.push({ method: 'POST', kind: 'User', body: person(name) }).then(([id]) => id!);
const patch = (kept: Kept, kind: 'User' | 'Group', id: string, Operations: object[]) =>
  kept.push({ method: 'PATCH', kind, id, body: { Operations } as never });
/** Everything the words of a person could be found in. */
const bytes = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const raw = readFileSync(join(entry.parentPath, entry.name));
      return entry.name.endsWith('.zst') ? zstdDecompressSync(raw).toString('latin1') : raw.toString('latin1');
    })
    .join('\n');

/** Ada comes, is renamed, is in a group beside Ben under her displayed name, is refused once under hers, and leaves. */
async function story(kept: Kept) {
  const [group] = await kept.push({ method: 'POST', kind: 'Group', body: { displayName: 'staff' } });
  const [ada, ben] = [await post(kept, 'adalove'), await post(kept, 'benjam')];
  const members = [
    { value: ada, display: 'adalove Lovelace' },
    { value: ben, display: 'benjam Lovelace' },
  ];
  await patch(kept, 'Group', group!, [{ op: 'add', path: 'members', value: members }]);
  await expect(post(kept, 'adalove')).rejects.toThrow('taken');
  await patch(kept, 'User', ada, [{ op: 'replace', path: 'displayName', value: 'Augusta Byronette' }]);
  await patch(kept, 'User', ada, [{ op: 'replace', value: { userName: 'augusta.byron@company.test' } }]);
  const boss = {
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { displayName: 'Augusta Byronette' } },
  };
  await kept.push({ method: 'POST', kind: 'User', body: { userName: 'eve@company.test', ...boss } });
  return { group: group!, ada, ben };
}
const hers = ['adalove', 'augusta.byron', 'title-of-adalove', '+33-adalove', 'adalove.private@home'];

describe('Retention', () => {
  test('J1 J2 moves old entries out, and the chain is one over archives and database, again and again', async () => {
    const kept = await open();
    await story(kept);
    clock = 2000;
    const before = kept.journal.counts();
    const first = await archive(kept.db, kept.journal, { dir, before: 1500, at: clock, by: 'ann' });
    expect(first).toMatchObject({
      entries: before.entries,
      checkpoint: { first: 1, seq: before.entries, decision: before.entries + 1 },
    });
    expect(kept.db.prepare('SELECT min(seq), count(*) FROM journal').raw().get()).toEqual([before.entries + 1, 1]);
    expect(kept.journal.counts()).toMatchObject({ ...before, entries: before.entries + 1, lastAt: 2000 });
    expect(openJournal(kept.db).counts().lastPush).toBe(before.entries); // the last entry of the archive, so no less than it is
    await whole(kept);
    await post(kept, 'charles');
    clock = 3000;
    expect((await archive(kept.db, kept.journal, { dir, before: 2500, at: clock, by: 'ann' })).entries).toBe(2);
    await post(kept, 'dorothy');
    await whole(kept);
    expect(await archive(kept.db, kept.journal, { dir, before: 2500, at: clock, by: 'ann' })).toEqual({
      checkpoint: null,
      entries: 0,
    });
    expect(kept.db.prepare('SELECT count(*) FROM checkpoint WHERE snapshot IS NOT NULL').pluck().get()).toBe(1);
    await kept.close();
    // After a restart it goes on, and counts as before.
    const again = await open();
    await post(again, 'florence');
    expect(again.journal.counts().entries).toBe(before.entries + 5);
    await whole(again);
    const page = exportPage(again.db, null, 100);
    expect(
      await verifyLines(
        (async function* () {
          yield* page.lines;
        })(),
      ),
    ).toMatchObject({ ok: true, first: before.entries + 3 });
    await again.close();
  });

  test('stops at the first entry that is young, whatever the clock said afterwards', async () => {
    const kept = await open();
    await post(kept, 'adalove');
    clock = 9000;
    await post(kept, 'benjam');
    clock = 1000;
    await post(kept, 'charles');
    expect((await archive(kept.db, kept.journal, { dir, before: 5000, at: 9000, by: 'ann' })).entries).toBe(2);
    await whole(kept);
    await kept.close();
  });

  test('J1 a checkpoint, its snapshot, an archive: an edit of any shows', async () => {
    const kept = await open();
    await story(kept);
    clock = 2000;
    const { checkpoint } = await archive(kept.db, kept.journal, { dir, before: 1500, at: clock, by: 'ann' });
    const { seq, file } = checkpoint!;
    await post(kept, 'charles');
    const bad = async (sql: string, undo: string) => {
      kept.db.exec(sql);
      const found = (await verify(kept.db)).bad;
      kept.db.exec(undo);
      expect(await verify(kept.db)).toMatchObject({ ok: true });
      return found?.seq;
    };
    kept.db.exec('CREATE TABLE aside AS SELECT * FROM checkpoint');
    const undo = 'DELETE FROM checkpoint; INSERT INTO checkpoint SELECT * FROM aside';
    expect(await bad('UPDATE checkpoint SET seq = seq - 1', undo)).toBe(seq);
    expect(await bad(`UPDATE checkpoint SET hash = '${'1'.repeat(64)}'`, undo)).toBe(seq + 1);
    expect(await bad("UPDATE checkpoint SET snapshot = x'00'", undo)).toBe(seq);
    expect(await bad('DELETE FROM checkpoint', undo)).toBe(1);
    // Somebody takes rows away, and says by a checkpoint of their own that they were archived.
    const next = kept.db.prepare('SELECT seq, lower(hex(hash)) FROM journal ORDER BY seq LIMIT 1').raw().get() as [
      number,
      string,
    ];
    expect(
      await bad(
        `INSERT INTO checkpoint SELECT ${next[0]}, '${next[1]}', first, at, file, decision, 0, 0, snapshot FROM aside`,
        undo,
      ),
    ).toBe(next[0]);
    const path = join(dir, file);
    const lines = zstdDecompressSync(readFileSync(path)).toString().split('\n');
    const walked = async (edited: readonly string[]) => {
      writeFileSync(path, zstdCompressSync(edited.join('\n')));
      return verify(kept.db, archivesOf(kept.db, dir));
    };
    expect((await walked(lines.map((line) => line.replace('benjam', 'somebo')))).bad).toMatchObject({
      seq: 4,
      problem: expect.stringContaining(file),
    });
    expect((await walked(lines.filter((_, at) => at !== 5))).bad?.seq).toBe(5);
    expect((await walked(lines.slice(0, -2))).bad?.seq).toBe(seq + 1);
    expect((await walked([lines[0]!, JSON.stringify({ end: 0, hash: '0'.repeat(64) })])).bad?.seq).toBe(1);
    const packed = zstdCompressSync(lines.join('\n'));
    writeFileSync(path, packed.subarray(0, packed.length - 9));
    expect((await verify(kept.db, archivesOf(kept.db, dir))).bad?.problem).toContain('cannot be read any further');
    expect(await walked(lines)).toMatchObject({ ok: true, archives: [file] });
    rmSync(path);
    expect(() => archivesOf(kept.db, dir)).toThrow(`${file} is not in`);
    await kept.close();
  });

  test('J1 killed at any step, nothing is lost: rows go only after the commit, and the rest of them at the next start', async () => {
    const kept = await open();
    await story(kept);
    clock = 2000;
    const entries = kept.journal.counts().entries;
    expect(() => kept.db.exec('DELETE FROM journal WHERE seq = 1')).toThrow('append-only');
    writeFileSync(join(folder, 'archive'), 'a file where the folder should be');
    await expect(archive(kept.db, kept.journal, { dir, before: 1500, at: clock, by: 'ann' })).rejects.toThrow();
    expect(await verify(kept.db)).toMatchObject({ ok: true, entries });
    rmSync(join(folder, 'archive'));
    await archive(kept.db, kept.journal, { dir, before: 1500, at: clock, by: 'ann' });
    // As if it had been killed before the rows were gone: some are put back.
    kept.db.exec(`INSERT INTO journal (seq, at, kind, body, hash) VALUES (3, 1, 'push', '{}', x'00')`);
    expect(await verify(kept.db)).toMatchObject({ ok: true, first: entries + 1 });
    await letGo(kept.db);
    expect(kept.db.prepare('SELECT count(*) FROM journal').pluck().get()).toBe(1);
    await whole(kept);
    await kept.close();
  });
});

describe('What an archiving left that was killed before its commit', () => {
  test('goes, and with it the words of people it held; an archive of another history stays', async () => {
    const kept = await open();
    await story(kept);
    clock = 2000;
    const { checkpoint } = await archive(kept.db, kept.journal, { dir, before: 1500, at: clock, by: 'ann' });
    const first = checkpoint!.file;
    await post(kept, 'charles');
    clock = 3000;
    const second = (await archive(kept.db, kept.journal, { dir, before: 2500, at: clock, by: 'ann' })).checkpoint!;
    const bytes = readFileSync(join(dir, second.file));
    await kept.close();
    // The same people once more, in a database of their own: as far as the second archive was written, and no further.
    rmSync(join(folder, 'relay.db'));
    clock = 1000;
    const other = await open();
    await story(other);
    clock = 2000;
    await post(other, 'dorothy');
    await clearLeftovers(other.db, dir);
    expect(readdirSync(dir).sort()).toEqual([first, second.file].sort()); // of another history: their hashes are not here
    // And is not written over by one of the same numbers.
    const same = await archive(other.db, other.journal, { dir, before: 1500, at: clock, by: 'ann' });
    expect(same.checkpoint?.file).toBe(first.replace('.ndjson', `-${clock}.ndjson`));
    await whole(other);
    await post(other, 'everett');
    clock = 4000;
    const mine = await archive(other.db, other.journal, {
      dir: join(folder, 'mine'),
      before: 3500,
      at: clock,
      by: 'ann',
    });
    const path = join(dir, 'journal-1-3.ndjson.zst');
    expect(mine.entries).toBeGreaterThan(1);
    await other.close();
    writeFileSync(path, bytes);
    writeFileSync(`${path}.partial`, 'half');
    const again = await open();
    await clearLeftovers(again.db, dir);
    expect(readdirSync(dir)).not.toContain('journal-1-3.ndjson.zst.partial');
    expect(readdirSync(dir)).toContain('journal-1-3.ndjson.zst'); // ends elsewhere than its name says: not ours to judge
    await again.close();
  });
});

describe('Erasure', () => {
  const ask = (kept: Kept, who: string) =>
    erase(kept.db, kept.journal, { dir, person: who, reason: 'ticket 7', by: 'ann', at: clock });

  test.each(['in the database', 'in an archive', 'in both'])(
    'J1 J2 of somebody whose entries are %s leaves no word of them in any byte, and a chain and a directory that hold',
    async (where) => {
      const kept = await open();
      const { ada, group } = await story(kept);
      if (where === 'in an archive') await kept.push({ method: 'DELETE', kind: 'User', id: ada });
      clock = 2000;
      if (where !== 'in the database')
        await archive(kept.db, kept.journal, { dir, before: 1500, at: clock, by: 'ann' });
      if (where !== 'in an archive') await kept.push({ method: 'DELETE', kind: 'User', id: ada });
      await whole(kept);
      for (const word of hers) expect(bytes(), word).toContain(word);
      const head = kept.journal.lastSeq();
      const done = await ask(kept, 'augusta.byron@company.test');
      expect(done).toMatchObject({ person: ada, decision: head + 1 });
      expect(done.entries).toBeGreaterThanOrEqual(5);
      expect(done.mentions).toHaveLength(1);
      for (const word of hers) expect(bytes(), word).not.toContain(word);
      expect(bytes()).toContain('benjam Lovelace');
      await whole(kept);
      expect(kept.journal.show(done.decision)).toMatchObject({
        actor: 'ann',
        body: { what: 'journal.erase', person: ada, reason: 'ticket 7' },
      });
      expect(await kept.directory.get(kept.source, 'User', ada, { members: true, groups: true })).toBeUndefined();
      // Life goes on: the name is free, the group is there, and so is all after a restart and another archive.
      await post(kept, 'adalove');
      await patch(kept, 'Group', group, [{ op: 'replace', path: 'displayName', value: 'crew' }]);
      clock = 4000;
      await archive(kept.db, kept.journal, { dir, before: 3000, at: clock, by: 'ann' });
      await whole(kept);
      await kept.close();
      const again = await open();
      await whole(again);
      await again.close();
    },
  );

  test('J2 of somebody who is only inactive removes them from the directory, as replaying does', async () => {
    const kept = await open();
    const { ada, group } = await story(kept);
    await patch(kept, 'User', ada, [{ op: 'replace', path: 'active', value: false }]);
    expect(kept.db.prepare('SELECT count(*) FROM membership').pluck().get()).toBe(2);
    await ask(kept, ada);
    expect(kept.db.prepare('SELECT count(*) FROM membership').pluck().get()).toBe(1);
    await whole(kept);
    expect(kept.db.prepare('SELECT state, version FROM person WHERE id = ?').raw().get(ada)).toEqual(['deleted', 0]);
    await patch(kept, 'Group', group, [{ op: 'remove', path: 'members' }]);
    await whole(kept);
    await kept.close();
  });

  test('is refused while anything still needs the data, and says what to do first', async () => {
    const kept = await open();
    const { ada } = await story(kept);
    await expect(ask(kept, ada)).rejects.toThrow('is active at');
    await expect(ask(kept, 'nobody')).rejects.toThrow('Nobody has');
    await kept.push({ method: 'DELETE', kind: 'User', id: ada });
    const num = kept.db.prepare('SELECT num FROM person WHERE id = ?').pluck().get(ada) as number;
    const row =
      "INSERT INTO held (person, kind, community, rule, why, since, seq) VALUES (?, 'remove', '', 'removal', 'x', 1, 1)";
    kept.db.prepare(row).run(num);
    await expect(ask(kept, ada)).rejects.toThrow('waits for a decision');
    kept.db.exec("UPDATE held SET state = 'sent'");
    kept.db
      .prepare(
        "INSERT INTO delivery (kind, lane, person, body, created_at, state) VALUES ('user.update', 'x', ?, '{}', 1, 'dead')",
      )
      .run(num);
    await expect(ask(kept, ada)).rejects.toThrow('still owed to Steeple');
    kept.db.exec("UPDATE delivery SET state = 'dropped'");
    const seen =
      "INSERT INTO observed_user (steeple_id, user_name, user_name_key, active, body, person, origin, seen_at) VALUES ('s', 'augusta.byron@company.test', 'augusta.byron@company.test', 1, '{}', ?, 'created', 1)";
    kept.db.prepare(seen).run(num);
    await expect(ask(kept, ada)).rejects.toThrow('still active in Steeple');
    kept.db.exec('UPDATE observed_user SET active = 0');
    await expect(
      erase(kept.db, kept.journal, { dir, person: ada, reason: 'for Augusta Byronette', by: 'ann', at: 1 }),
    ).rejects.toThrow('names the person');
    const policy = kept.settings.get('policy');
    kept.settings.set('policy', { ...policy, protected: ['Augusta.Byron@company.test'] });
    await expect(ask(kept, ada)).rejects.toThrow('The policy names the person');
    kept.settings.set('policy', policy);
    const before = kept.journal.lastSeq();
    await ask(kept, ada);
    expect(kept.journal.lastSeq()).toBe(before + 1);
    expect(kept.db.prepare('SELECT count(*) FROM observed_user').pluck().get()).toBe(0);
    await whole(kept);
    await kept.close();
  });

  /** Where a person's name could be in the live database: how it comes there in this test, or why it cannot. */
  const tables: Readonly<Record<string, string>> = {
    alarm: 'counts of a source or a group',
    bundle: 'marks of items by number; who reviews',
    checkpoint: 'its directory is checked byte by byte above',
    community: 'a community',
    correction: "(person, attribute, given, sent, author, at) VALUES (@num, 'displayName', @name, @name, 'ann', 1)",
    delivery:
      "(kind, lane, person, body, frees, takes, state, cause, remedy, created_at) VALUES ('user.update', 'x', @num, @name, @name, @name, 'done', @name, @name, 1)",
    departure: 'numbers and communities',
    draft: 'links of groups',
    drift:
      "(kind, person, expected, in_steeple, effect, reason, found_at) VALUES ('attribute', @num, @name, @name, @name, @name, 1)",
    erasure: 'what is left of entries',
    exodus: 'numbers',
    expansion: 'links of groups',
    external_account:
      "(steeple_id, user_name, reason, owner, declared_by, at) VALUES ('s9', @name, 'x', 'ann', 'ann', 1)",
    held: "(person, kind, community, state, rule, why, reason, since, seq) VALUES (@num, 'remove', '', 'sent', 'removal', @name, @name, 1, 1)",
    journal: 'checked byte by byte above',
    mapping: 'links of groups',
    membership: 'numbers',
    nesting: 'numbers',
    observed_group: 'a group',
    observed_member: 'numbers',
    observed_user:
      "(steeple_id, user_name, user_name_key, external_id, active, body, seen_at) VALUES ('s1', @name, lower(@name), @name, 0, @name, 1)",
    owed: 'numbers',
    person: 'checked byte by byte above',
    person_email: 'checked byte by byte above',
    pin: "(person, community, role, by, at, reason, file) VALUES (@num, '', '', 'ann', 1, @name, 'undo-1.json')",
    plan: "(id, at, risk, outline) VALUES ('p1', 1, 'x', @name)",
    plan_part: "(plan, line, at, body) VALUES ('p1', 'people', 0, CAST(@name AS BLOB))",
    review_decision:
      "(item, person, at, event, first, by, reason, via, session, seq) VALUES (1, @num, 1, 'approve', 0, 'ann', @name, 'socket', '', 1)",
    reviewer: 'who reviews',
    setting: 'the policy is looked at first; the others name who decided',
    source: 'a source',
    source_token: 'a hash',
    sqlite_sequence: 'numbers',
    taken: "(at, person, kind, roles, reason, file) VALUES (1, @num, 'remove', '[]', @name, 'undo-1.json')",
    team: 'a group',
  };
  test('leaves the name in no table, whichever there are, and says which undo files have it', async () => {
    const kept = await open();
    const { ada } = await story(kept);
    await kept.push({ method: 'DELETE', kind: 'User', id: ada });
    const all = kept.db
      .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .pluck()
      .all();
    // A new table belongs into the list, and what it has of a person into store/forgetting.ts.
    expect(Object.keys(tables)).toEqual(expect.arrayContaining(all));
    const num = kept.db.prepare('SELECT num FROM person WHERE id = ?').pluck().get(ada);
    for (const [table, row] of Object.entries(tables))
      if (row.startsWith('('))
        kept.db.prepare(`INSERT INTO ${table} ${row}`).run({ num, name: 'Augusta.Byron@company.test' });
    const cells = () =>
      all.flatMap((table) =>
        kept.db
          .prepare<[], unknown[]>(`SELECT * FROM ${table}`)
          .raw()
          .all()
          .flatMap((row) => row.map((cell) => `${table}: ${Buffer.isBuffer(cell) ? cell.toString('latin1') : cell}`)),
      );
    const named = () => [
      ...new Set(
        cells()
          .filter((cell) => /augusta\.byron|adalove/i.test(cell))
          .map((cell) => cell.split(':')[0]),
      ),
    ];
    const planted = Object.keys(tables).filter((table) => tables[table]?.startsWith('('));
    expect(named()).toEqual(expect.arrayContaining(planted));
    const done = await ask(kept, ada);
    expect(named()).toEqual([]);
    expect(done.undo).toEqual(['undo-1.json']);
    await kept.close();
  });

  test('spares somebody else who has the same name today', async () => {
    const kept = await open();
    const old = await post(kept, 'adalove');
    await kept.push({ method: 'DELETE', kind: 'User', id: old });
    const young = await post(kept, 'adalove');
    await expect(ask(kept, 'adalove@company.test')).rejects.toThrow('Name one by id');
    await ask(kept, old);
    await whole(kept);
    expect(await kept.directory.get(kept.source, 'User', young, { members: false, groups: false })).toMatchObject({
      body: expect.stringContaining('adalove@company.test'),
    });
    await kept.close();
  });

  test('J1 an entry emptied with no decision, or to something else than was decided, shows', async () => {
    const kept = await open();
    const { ada } = await story(kept);
    await kept.push({ method: 'DELETE', kind: 'User', id: ada });
    await ask(kept, ada);
    const erased = kept.db
      .prepare<[], { seq: number; body: string }>('SELECT seq, body FROM journal WHERE digest IS NOT NULL')
      .all();
    expect(() => kept.db.exec(`UPDATE journal SET body = '{"x":1}' WHERE seq = ${erased[0]!.seq}`)).toThrow(
      'append-only',
    );
    expect(() =>
      kept.db.exec("UPDATE journal SET body = '{}', digest = 'x', salt = NULL, erased_by = 1 WHERE seq = 4"),
    ).toThrow('append-only');
    kept.db.exec('DROP TRIGGER journal_no_update');
    for (const { seq, body } of erased.slice(0, 2)) {
      const set = kept.db.prepare('UPDATE journal SET body = ? WHERE seq = ?');
      set.run('{"x":1}', seq);
      expect((await verify(kept.db)).bad).toMatchObject({
        seq,
        problem: expect.stringContaining('no decision in the chain'),
      });
      set.run(body, seq);
    }
    // A digest of the right contents, but erased by nobody: Ben's entry, whose digest anybody with the file can work out.
    const { createHash } = await import('node:crypto');
    const row = kept.db
      .prepare<[], { seq: number; salt: string; body: string }>(
        "SELECT seq, salt, body FROM journal WHERE body LIKE '%benjam@%'",
      )
      .get()!;
    const digest = createHash('sha256').update(`${row.salt}\n${row.body}`).digest('hex');
    kept.db
      .prepare("UPDATE journal SET body = '{}', salt = NULL, digest = ?, erased_by = 1 WHERE seq = ?")
      .run(digest, row.seq);
    expect((await verify(kept.db)).bad?.seq).toBe(row.seq);
    await kept.close();
  });

  test('J1 holds for entries of the old way, of which the decision vouches for the hash', async () => {
    const kept = await open();
    const { ada } = await story(kept);
    await kept.push({ method: 'DELETE', kind: 'User', id: ada });
    const { createHash } = await import('node:crypto');
    kept.db.exec(
      "CREATE TABLE rules AS SELECT sql FROM sqlite_schema WHERE name = 'journal_no_update'; DROP TRIGGER journal_no_update",
    );
    let before = '0'.repeat(64);
    for (const row of kept.db.prepare<[], Record<string, never>>('SELECT * FROM journal ORDER BY seq').all()) {
      const head = JSON.stringify([row.seq, row.at, row.kind, row.source, row.actor, row.subject]);
      before = createHash('sha256').update(`${before}\n${head}\n${row.body}`).digest('hex');
      kept.db
        .prepare('UPDATE journal SET v = 1, salt = NULL, hash = ? WHERE seq = ?')
        .run(Buffer.from(before, 'hex'), row.seq);
    }
    kept.journal.forget();
    kept.db.exec(kept.db.prepare<[], string>('SELECT sql FROM rules').pluck().get()!);
    await whole(kept);
    await ask(kept, ada);
    for (const word of hers) expect(bytes(), word).not.toContain(word);
    await whole(kept);
    kept.db.exec('DROP TRIGGER journal_no_update');
    const first = kept.db.prepare<[], number>('SELECT min(seq) FROM journal WHERE digest IS NOT NULL').pluck().get()!;
    kept.db.exec(`UPDATE journal SET at = at + 1 WHERE seq = ${first}`);
    expect((await verify(kept.db)).bad?.seq).toBe(first);
    await kept.close();
  });

  test('while another program reads the old state leaves the log for later, and does not rewrite the file again for it', async () => {
    const kept = await open();
    const { ada } = await story(kept);
    await kept.push({ method: 'DELETE', kind: 'User', id: ada });
    const reader = new Sqlite(join(folder, 'relay.db'), { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM journal').get();
    await ask(kept, ada);
    expect(kept.settings.get('unswept')).toBe('log');
    expect(kept.db.pragma('busy_timeout', { simple: true })).toBe(5000);
    const vacuum = vi.spyOn(kept.db, 'exec');
    await resume(kept.db, dir);
    expect(kept.settings.get('unswept')).toBe('log');
    reader.close();
    await resume(kept.db, dir);
    expect(kept.settings.get('unswept')).toBe('nowhere');
    expect(vacuum).not.toHaveBeenCalled();
    for (const word of hers) expect(bytes(), word).not.toContain(word);
    await kept.close();
  });

  test('whose file the disk has no room to write anew is done all the same, says what lingers, and is finished later', async () => {
    const kept = await open();
    const { ada } = await story(kept);
    await kept.push({ method: 'DELETE', kind: 'User', id: ada });
    const said: string[] = [];
    const desk = journalDesk({
      db: kept.db,
      journal: kept.journal,
      settings: kept.settings,
      dir,
      looking: (look) => look(kept.db),
      recount: () => {},
      changed: () => {},
      log: { info: () => {}, error: (event) => void said.push(event) },
      now: () => clock,
    });
    const exec = kept.db.exec.bind(kept.db);
    const full = vi.spyOn(kept.db, 'exec').mockImplementation((sql) => {
      if (sql === 'VACUUM') throw new Sqlite.SqliteError('database or disk is full', 'SQLITE_FULL');
      return exec(sql);
    });
    const done = await desk.handlers['journal.erase']({ person: ada, reason: 'ticket 7', by: 'ann' });
    expect(done.remains[0]).toContain('can still be read');
    expect(said).toEqual(['what was erased is not out of the files yet']);
    await desk.tick().catch(() => undefined);
    expect(kept.settings.get('unswept')).toBe('file');
    full.mockRestore();
    await desk.tick();
    expect(kept.settings.get('unswept')).toBe('nowhere');
    for (const word of hers) expect(bytes(), word).not.toContain(word);
    await desk.stop();
    await kept.close();
  });

  test('goes on after a crash between the commit and the archive', async () => {
    const kept = await open();
    const { ada } = await story(kept);
    await kept.push({ method: 'DELETE', kind: 'User', id: ada });
    clock = 2000;
    const { checkpoint } = await archive(kept.db, kept.journal, { dir, before: 1500, at: clock, by: 'ann' });
    const path = join(dir, checkpoint!.file);
    const full = readFileSync(path);
    await ask(kept, ada);
    writeFileSync(path, full);
    kept.settings.set('erasing', [checkpoint!.file]);
    expect((await verify(kept.db, archivesOf(kept.db, dir))).ok).toBe(true); // as it was: nothing is wrong, only owed
    await finish(kept.db, dir);
    expect(owedArchives(kept.db)).toEqual([]);
    for (const word of hers) expect(bytes(), word).not.toContain(word);
    for await (const line of unpackedLines(path)) expect(line).not.toContain('augusta');
    await whole(kept);
    await kept.close();
  });
});

describe('Which words are whose', () => {
  test('names, addresses and numbers are; a title, a first name, a manager and a group are not', () => {
    const body = {
      method: 'POST',
      kind: 'User',
      id: 'u',
      body: {
        ...person('adalove'),
        name: { givenName: 'Adalove', formatted: 'A. Lovelace' },
        manager: { value: 'm', displayName: 'Big Boss' },
      },
    };
    expect(namesIn(body).sort()).toEqual([
      '+33-adalove-1',
      'A. Lovelace',
      'adalove Lovelace',
      'adalove.private@home.test',
      'adalove@company.test',
      'ext-adalove',
    ]);
    const operations = [
      { op: 'replace', path: 'userName', value: 'new.name@x.test' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'work@x.test' },
      { op: 'replace', path: 'title', value: 'Engineer' },
      { op: 'replace', value: { displayName: 'A New Name', title: 'Engineer' } },
    ];
    expect(namesIn({ method: 'PATCH', id: 'u', body: { Operations: operations } }).sort()).toEqual([
      'A New Name',
      'new.name@x.test',
      'work@x.test',
    ]);
  });

  test('only whole words go, in any letter case', () => {
    const body = { what: 'policy.set', key: 'protected', value: ['ANNA@x.test', 'joanna@x.test', 'anna@x.testing'] };
    const left = redacted({ kind: 'decision', subject: null, body }, 'u', ['anna@x.test']);
    expect(left.body).toEqual({ ...body, value: [placeholder('u'), 'joanna@x.test', 'anna@x.testing'] });
    expect(redacted({ kind: 'decision', subject: null, body: { what: 'x' } }, 'u', ['anna@x.test'])).toEqual({
      mentions: false,
    });
  });
});
