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
