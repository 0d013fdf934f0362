/**
 * A rehearsal: plans of a company that is not there, in memory, so that the first real plan of a thread finds its code compiled.
 * At 100,000 people that is a third of what the first plan takes; its first pages are read the faster for it, too.
 *
 * It reads nothing of the relay's, and keeps nothing. Its people are half of them in Steeple as they are to be, and half not
 * at all, so that both ways through a plan are gone often enough.
 */
import type { PlanOutline } from './binding.ts';
import { open } from './db.ts';
import { journal } from './journal.ts';
import { plans } from './plans.ts';
import { surveying } from './surveying.ts';

const people = 3_000;
const groups = 60;
const roles = [
  { id: 'contributor', rank: 1 },
  { id: 'administrator', rank: 2 },
];
const links = Array.from({ length: groups }, (_, at) => ({
  source: 's',
  team: `g${at + 1}`,
  community: `c${(at + 1) % 9}`,
  role: at % 5 === 0 ? 'administrator' : 'contributor',
}));

export function rehearse(): PlanOutline {
  const db = open(':memory:');
  try {
    db.exec(`
      INSERT INTO source (id, kind, name, created_at) VALUES ('s', 'scim', 's', 0);
      INSERT INTO setting (key, value) VALUES ('scannedAt', '1');
      WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ${people})
      INSERT INTO person (num, id, source, state, user_name, user_name_key, external_id, name, name_key, body, version, created_at, modified_at, seq)
        SELECT at, 'p' || at, 's', 'active', 'p' || at || '@x', 'p' || at || '@x', 'p' || at, 'P ' || at, 'p ' || at,
          json_object('schemas', json_array(), 'userName', 'p' || at || '@x', 'externalId', 'p' || at,
            'name', json_object('givenName', 'P', 'familyName', 'N ' || at),
            'emails', json_array(json_object('value', 'p' || at || '@x', 'type', 'work', 'primary', json('true')))), 1, 0, 0, 0 FROM n;
      WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ${groups})
      INSERT INTO team (num, id, source, state, display_name, display_name_key, external_id, body, version, created_at, modified_at, seq)
        SELECT at, 'g' || at, 's', 'live', 'g' || at, 'g' || at, 'g' || at, '{}', 1, 0, 0, 0 FROM n;
      WITH RECURSIVE k (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM k WHERE at < 11)
      INSERT OR IGNORE INTO membership (team, person) SELECT 1 + (num * 7 + at * 13) % ${groups}, num FROM person, k;
      INSERT INTO community (id, name, origin, seen_at) SELECT DISTINCT 'c' || (num % 9), 'C ' || (num % 9), 'file', 1 FROM team;
      INSERT INTO observed_user (steeple_id, user_name, user_name_key, external_id, active, body, person, origin, seen_at)
        SELECT 's' || num, user_name, user_name_key, external_id, 1, json_object('userName', user_name, 'externalId',
          external_id, 'givenName', 'P', 'familyName', body ->> '$.name.familyName', 'displayName', '', 'email', user_name),
          num, 'created', 1 FROM person WHERE num % 2 = 0;
      INSERT INTO observed_group (steeple_id, display_name, target, seen_at)
        SELECT 'g' || id, name || ' – Contributors', 'pair:' || id || '/contributor', 1 FROM community;
      INSERT INTO observed_member (grp, usr)
        SELECT DISTINCT g.num, o.num FROM membership m JOIN observed_user o ON o.person = m.person
          JOIN observed_group g ON g.target = 'pair:c' || (m.team % 9) || '/contributor'`);
    db.prepare("INSERT INTO mapping (at, author, note, body) VALUES (1, 'r', '', ?)").run(
      JSON.stringify({ mode: 'managed', nameTemplate: '{community} – {role}', roles, links }),
    );
    const surveys = surveying(db);
    for (let round = 0; round < 2; round += 1) surveys.make('published', 1);
    const { bound } = surveys.make('published', 1);
    const { id } = bound.outline;
    plans(db, journal(db)).put(bound, 1);
    const all = { text: '', change: [], community: '', movement: [] };
    for (let offset = 0; offset < 600; offset += 100) {
      surveys.people(id, undefined, { offset, limit: 100 });
      surveys.people(id, { ...all, text: String(offset) }, { offset: 0, limit: 100 });
      surveys.people(id, { ...all, movement: ['enters'] }, { offset, limit: 100 });
      surveys.operations(id, { offset, limit: 100 });
    }
    return bound.outline;
  } finally {
    db.close();
  }
}
