/** Each step of the database's shape, taken by a database that has something in it. */
import { expect, test } from 'vitest';
import { open } from '../daemon/store/db.ts';
import { migrations } from '../daemon/store/migrations.ts';

test('drafts of the mapping: earlier versions of the mapping count as imported, and a draft and its proposals can be kept', () => {
  const at = migrations.findIndex(({ name }) => name === 'drafts of the mapping');
  const before = open(':memory:', migrations.slice(0, at));
  before
    .prepare('INSERT INTO mapping (at, author, note, body) VALUES (?, ?, ?, ?)')
    .run(1, 'ann', '', '{"mode":"managed"}');
  before.exec(migrations[at]?.sql ?? '');
  expect(before.prepare('SELECT version, origin FROM mapping').all()).toEqual([{ version: 1, origin: 'import' }]);
  const draft = before.prepare('INSERT INTO draft (num, base, edition, author, at, body) VALUES (?, 1, 1, ?, 1, NULL)');
  draft.run(1, 'ann');
  expect(() => draft.run(2, 'ann')).toThrow(/CHECK/);
  const propose = before.prepare(
    "INSERT INTO expansion (rule, source, team, community, role, state, since, seq) VALUES ('r', 's', 't', 'c', 'x', ?, 1, 1)",
  );
  propose.run('held');
  expect(() => propose.run('declined')).toThrow(/UNIQUE/);
  propose.run('withdrawn');
  expect(() => propose.run('lost')).toThrow(/CHECK/);
  before.close();
});

test('corrections and drift: what is kept about a person or a group has one of the two, and stands once', () => {
  const db = open(':memory:');
  const correct = db.prepare(
    "INSERT INTO correction (person, target, attribute, given, sent, author, at) VALUES (?, ?, ?, 'a', 'b', 'ann', 1)",
  );
  correct.run(null, 'finance', 'displayName');
  expect(() => correct.run(null, 'finance', 'displayName')).toThrow(/UNIQUE/);
  expect(() => correct.run(null, null, 'displayName')).toThrow(/CHECK/);
  expect(() => correct.run(null, 'sales', 'password')).toThrow(/CHECK/);
  const find = db.prepare(
    "INSERT INTO drift (kind, target, effect, state, found_at) VALUES (?, 'finance', '{}', ?, 1)",
  );
  find.run('group-gone', 'open');
  expect(() => find.run('group-gone', 'adopted')).toThrow(/UNIQUE/);
  find.run('group-gone', 'closed');
  expect(() => find.run('group-moved', 'open')).toThrow(/CHECK/);
  expect(() => find.run('group-renamed', 'lost')).toThrow(/CHECK/);
  db.close();
});

/** A database as the step found it, with somebody who waits to be removed; `take` makes the step. */
function beforeStep(name: string) {
  const at = migrations.findIndex((step) => step.name === name);
  const db = open(':memory:', migrations.slice(0, at));
  db.exec(`
    INSERT INTO source (id, kind, name, created_at) VALUES ('entra', 'entra', 'Entra', 1);
    INSERT INTO person (num, id, source, state, user_name, user_name_key, name, name_key, body, version, created_at, modified_at, seq)
      VALUES (1, 'u-1', 'entra', 'active', 'ada@x.test', 'ada@x.test', 'Ada', 'ada', '{}', 1, 1, 1, 1);
    INSERT INTO team (num, id, source, state, display_name, display_name_key, body, version, created_at, modified_at, seq)
      VALUES (1, 'g-1', 'entra', 'live', 'staff', 'staff', '{}', 1, 1, 1, 1);
    INSERT INTO membership (team, person) VALUES (1, 1);
    INSERT INTO held (person, kind, community, state, rule, why, since, seq, decided_by, decided_at, reason)
      VALUES (1, 'remove', '', 'approved', 'removal', 'it waits', 5, 1, 'ann', 6, 'left');
    INSERT INTO departure (at, kind, person, community, role) VALUES (7, 'revoke', 1, 'hall', 'contributor');
    INSERT INTO plan (id, at, risk, outline) VALUES ('plan-old', 1, 'r', '{}');`);
  return { db, take: () => db.exec(migrations[at]?.sql ?? '') };
}

test('gate: what waits and what left goes on without groups; who leaves from now on is noted; an alarm stands once', () => {
  const { db, take } = beforeStep('gate');
  take();
  expect(db.prepare('SELECT state, decided_by, kept_until, standing, groups, roles FROM held').all()).toEqual([
    { state: 'approved', decided_by: 'ann', kept_until: null, standing: null, groups: '[]', roles: '[]' },
  ]);
  expect(db.prepare('SELECT groups FROM departure').pluck().all()).toEqual(['[]']);
  db.exec("UPDATE person SET name = 'Ada L', modified_at = 8; UPDATE person SET state = 'inactive', modified_at = 9");
  db.exec('DELETE FROM membership');
  expect(db.prepare('SELECT team, person, at FROM exodus ORDER BY team').raw().all()).toEqual([
    [0, 1, 9],
    [1, 1, 0],
  ]);
  db.exec("UPDATE person SET state = 'deleted', modified_at = 10"); // had left already
  expect(db.prepare('SELECT at FROM exodus WHERE team = 0').pluck().get()).toBe(9);
  const raise = db.prepare(
    "INSERT INTO alarm (source, team, gone, before, raised_at, cleared_at) VALUES ('entra', ?, 5, 9, 1, ?)",
  );
  raise.run(null, null);
  expect(() => raise.run(null, null)).toThrow(/UNIQUE/);
  raise.run(1, null);
  raise.run(null, 2);
  const decide = db.prepare(`
    INSERT INTO review_decision (item, person, at, event, first, by, reason, via, session, seq)
    VALUES (1, 1, 1, ?, 0, 'ann', 'r', ?, '', 1)`);
  decide.run('lapse', 'relay');
  expect(() => decide.run('forget', 'relay')).toThrow(/CHECK/);
  expect(() => decide.run('keep', 'post')).toThrow(/CHECK/);
  db.close();
});

test('bundles: one key for each reviewer, one row for each bundle, and nothing of what was there is touched', () => {
  const { db, take } = beforeStep('bundles for review');
  take();
  const enrol = db.prepare("INSERT INTO reviewer VALUES (?, 'Carol', 'k', 'f', 'ann', 1)");
  enrol.run('carol');
  expect(() => enrol.run('carol')).toThrow(/UNIQUE/);
  const send = db.prepare("INSERT INTO bundle VALUES ('b-1', 1, 'ann', 2, 'carol', 'ann', 'k', '{}')");
  send.run();
  expect(() => send.run()).toThrow(/UNIQUE/);
  expect(db.prepare('SELECT count(*) FROM held').pluck().get()).toBe(1);
  db.close();
});

test('plans: those of the old writing go, and nothing else; new ones have a name, a state and parts that go with them', () => {
  const { db, take } = beforeStep('plans by name, external accounts');
  db.exec("INSERT INTO plan_part (plan, line, at, body) VALUES ('plan-old', 'people', 0, x'00')");
  take();
  expect(db.prepare('SELECT (SELECT count(*) FROM plan), (SELECT count(*) FROM plan_part)').raw().get()).toEqual([
    0, 0,
  ]);
  expect(db.prepare('SELECT state FROM held').pluck().all()).toEqual(['approved']);
  db.exec("INSERT INTO plan (id, at, risk, outline) VALUES ('p', 1, 'r', '{}')");
  expect(db.prepare('SELECT state, name, note, kept_by, looked, bytes FROM plan').get()).toEqual({
    ...{ state: 'whole', name: '', note: '', kept_by: null, looked: '{}', bytes: 0 },
  });
  const part = db.prepare("INSERT INTO plan_part (plan, line, at, body) VALUES (?, ?, 0, x'00')");
  for (const line of ['people', 'operations', 'strangers', 'gaps', 'words', 'index', 'movements']) part.run('p', line);
  expect(() => part.run('p', 'other')).toThrow(/CHECK/);
  expect(() => part.run('none', 'people')).toThrow(/FOREIGN KEY/);
  expect(() => db.exec("UPDATE plan SET state = 'lost'")).toThrow(/CHECK/);
  db.exec("DELETE FROM plan WHERE id = 'p'");
  expect(db.prepare('SELECT count(*) FROM plan_part').pluck().get()).toBe(0);
  const declare = db.prepare("INSERT INTO external_account VALUES ('s-1', 'x', 'r', 'o', ?, 'ann', 1)");
  declare.run(null);
  expect(() => declare.run(5)).toThrow(/UNIQUE/);
  db.close();
});

test('undo: what leaves from now on is kept with whose decision it was; what left before is in no undo file', () => {
  const { db, take } = beforeStep('undo');
  db.exec(`UPDATE held SET roles = '[{"community":"hall","role":"contributor"}]'`);
  take();
  expect(db.prepare('SELECT count(*) FROM taken').pluck().get()).toBe(0);
  const leave = db.prepare('INSERT INTO departure (at, kind, person, community, role) VALUES (?, ?, 1, ?, ?)');
  leave.run(8, 'remove', '', '');
  leave.run(9, 'revoke', 'finance', 'administrator');
  const taken = db.prepare('SELECT at, kind, roles, by, reason, file FROM taken ORDER BY id').raw();
  const roles = (community: string, role: string) => JSON.stringify([{ community, role }]);
  expect(taken.all()).toEqual([
    [8, 'remove', roles('hall', 'contributor'), 'ann', 'left', null],
    [9, 'revoke', roles('finance', 'administrator'), null, null, null],
  ]);
  db.exec("UPDATE held SET state = 'held'"); // an item nobody approved is not why something left
  leave.run(10, 'remove', '', '');
  expect(taken.all().at(-1)).toEqual([10, 'remove', roles('', ''), null, null, null]);
  const pin = db.prepare("INSERT INTO pin VALUES (1, ?, '', 'ann', 1, 'r', 'f')");
  pin.run('');
  pin.run('hall');
  expect(() => pin.run('hall')).toThrow(/UNIQUE/);
  db.close();
});

test('fewer indexes on deliveries: what is owed is found as before, a line by what its rows are', () => {
  const { db, take } = beforeStep('fewer indexes on deliveries');
  const put = db.prepare(
    "INSERT INTO delivery (kind, lane, person, target, body, state, due_at, created_at) VALUES (?, 'group:hall', 1, 'hall', '{}', ?, ?, 1)",
  );
  put.run('member.add', 'ready', 0);
  put.run('group.update', 'ready', 7);
  put.run('member.remove', 'sending', 0);
  put.run('member.add', 'dead', 0);
  put.run('member.add', 'done', 0);
  take();
  const found = (index: string, where: string) =>
    db.prepare(`SELECT id FROM delivery INDEXED BY ${index} WHERE ${where} ORDER BY id`).pluck().all();
  const before = Number(db.prepare("SELECT min(id) FROM delivery WHERE lane = 'group:hall'").pluck().get()) - 1;
  const [add, update, remove, dead] = [before + 1, before + 2, before + 3, before + 4];
  const line = "lane = 'group:hall' AND state IN ('ready', 'sending')";
  expect(found('delivery_open', line)).toEqual([add, update, remove]);
  expect(
    found('delivery_open', `${line} AND state = 'ready' AND (kind IN ('member.add', 'member.remove')) = 1`),
  ).toEqual([add]);
  expect(found('delivery_due', "state = 'ready' AND due_at > 0")).toEqual([update]);
  expect(found('delivery_dead', "state = 'dead'")).toEqual([dead]);
  db.close();
});

test('twins as drift: what was found and chosen before stays, numbers go on, and a second group can be found', () => {
  const { db, take } = beforeStep('twins as drift');
  db.exec(`INSERT INTO drift (kind, target, effect, state, found_at, decided_by) VALUES
    ('group-gone', 'hall', '{}', 'closed', 1, NULL), ('group-renamed', 'hall', '{}', 'adopted', 2, 'ann')`);
  const find = "INSERT INTO drift (kind, target, effect, found_at) VALUES ('group-twin', 'hall', '{}', 3) RETURNING id";
  expect(() => db.prepare(find).get()).toThrow(/CHECK/);
  const all = () => db.prepare('SELECT id, kind, state, found_at, decided_by FROM drift ORDER BY id').raw().all();
  db.exec("DELETE FROM drift WHERE kind = 'group-gone'");
  const before = all();
  const last = Number(db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'drift'").pluck().get());
  take();
  expect(all()).toEqual(before);
  expect(db.prepare(find).pluck().get()).toBe(last + 1);
  expect(() => db.prepare(find).get()).toThrow(/UNIQUE/);
  db.close();
});

test('fewer indexes on people: a list is read in order from one, and so is who is active', () => {
  const { db, take } = beforeStep('fewer indexes on people');
  db.exec(`INSERT INTO source (id, kind, name, created_at) VALUES ('acme', 'okta', 'Acme', 1)`);
  const put = db.prepare(`
    INSERT INTO person (num, id, source, state, user_name, user_name_key, name, name_key, body, version, created_at, modified_at, seq)
    VALUES (@num, @num, 'acme', @state, @num, @num, '', '', '{}', 1, 1, 1, 1)`);
  const states = ['active', 'deleted', 'inactive', 'active'];
  states.forEach((state, index) => void put.run({ num: 10 + index, state }));
  take();
  const asked = (what: string) => {
    const sql = `SELECT num FROM person INDEXED BY person_list WHERE source = 'acme' AND state <> 'deleted' ${what}`;
    const how = db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((step) => (step as { detail: string }).detail);
    return [db.prepare(sql).pluck().all(), how];
  };
  const [all, how] = asked('ORDER BY num');
  expect(all).toEqual([10, 12, 13]);
  expect(how).toEqual([expect.stringMatching(/USING COVERING INDEX person_list \(source=\?\)$/)]);
  expect(asked("AND state = 'active' ORDER BY num")[0]).toEqual([10, 13]);
  db.close();
});

test('words checked by OR: the same words are taken and refused as before, and no row makes an index for it', () => {
  const { db: before } = beforeStep('words checked by OR');
  const at = migrations.findIndex(({ name }) => name === 'words checked by OR');
  const after = open(':memory:', migrations.slice(0, at + 1));
  after.exec(`INSERT INTO source (id, kind, name, created_at) VALUES ('entra', 'entra', 'Entra', 1)`);
  const shape = "SELECT name, sql FROM sqlite_schema WHERE name NOT IN ('journal', 'person', 'delivery') ORDER BY name";
  expect(after.prepare(shape).all()).toEqual(before.prepare(shape).all());
  const inserts = [
    "INSERT INTO journal (seq, at, kind, body, hash) VALUES (?, 1, ?, '{}', x'')",
    `INSERT INTO person (num, id, source, state, user_name, user_name_key, name, name_key, body, version, created_at, modified_at, seq)
      VALUES (?, hex(randomblob(8)), 'entra', ?, hex(randomblob(8)), hex(randomblob(8)), '', '', '{}', 1, 1, 1, 1)`,
    "INSERT INTO delivery (id, lane, kind, body, created_at, state) VALUES (?, '', 'user.create', '{}', 1, ?)",
    "INSERT INTO delivery (id, lane, kind, body, created_at, risk) VALUES (?, '', 'user.create', '{}', 1, ?)",
  ];
  const words = ['push', 'refusal', 'decision', 'active', 'inactive', 'deleted', 'ready', 'sending', 'done', 'dead'];
  words.push('dropped', 'outdated', 'remove', 'revoke', 'downgrade', 'PUSH', '', 'live');
  const taken = (db: ReturnType<typeof open>) =>
    inserts.map((insert, table) =>
      words.filter((word, at) => {
        try {
          return db.prepare(insert).run(100 * table + 10 + at, word).changes === 1;
        } catch (refusal) {
          expect(String(refusal)).toMatch(/CHECK/);
          return false;
        }
      }),
    );
  const most = taken(before);
  expect(most.map(({ length }) => length)).toEqual([3, 3, 6, 3]);
  expect(taken(after)).toEqual(most);
  const opens = (db: ReturnType<typeof open>, insert: string) =>
    db
      .prepare<[number, string], { opcode: string }>(`EXPLAIN ${insert}`)
      .all(1, 'push')
      .filter(({ opcode }) => opcode === 'OpenEphemeral').length;
  expect(inserts.slice(0, 2).map((insert) => [opens(before, insert), opens(after, insert)])).toEqual([
    [1, 0],
    [1, 0],
  ]);
  expect(after.pragma('integrity_check', { simple: true })).toBe('ok');
  // Afterwards nobody may write the schema any more.
  expect(() =>
    after.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '' WHERE name = 'person'"),
  ).toThrow(/may not be modified/);
  before.close();
  after.close();
});
