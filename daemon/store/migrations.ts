/**
 * The database's shape, as numbered steps that are only ever appended to. `breaking` steps cannot be read by older
 * versions; store/db.ts refuses a database that is newer than the last step here.
 *
 * Numbers (`num`) are the database's own keys: small, never reused, used for joins and for list order. Ids (`id`) are
 * what the outside sees. Every time is in integer milliseconds, given by the caller.
 */

import { bundles } from './migrations/bundles.ts';
import { chain } from './migrations/chain.ts';
import { correction } from './migrations/correction.ts';
import { delivery } from './migrations/delivery.ts';
import { drafts } from './migrations/drafts.ts';
import { drift } from './migrations/drift.ts';
import { gate } from './migrations/gate.ts';
import { people } from './migrations/people.ts';
import { plansStep } from './migrations/plans.ts';
import { twin } from './migrations/twin.ts';
import { undo } from './migrations/undo.ts';
import { words } from './migrations/words.ts';

export type Migration = Readonly<{ number: number; name: string; breaking: boolean; sql: string }>;

export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'first',
    breaking: true,
    sql: `
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL /* JSON */) STRICT, WITHOUT ROWID;

-- sources
CREATE TABLE source (
  id         TEXT    PRIMARY KEY,              -- a slug of the name, fixed at creation: 'entra-main'
  kind       TEXT    NOT NULL CHECK (kind IN ('entra', 'okta', 'scim')),
  name       TEXT    NOT NULL,
  state      TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
  created_at INTEGER NOT NULL,
  seen_at    INTEGER                           -- null: has not called yet; written now and then, not per request
) STRICT, WITHOUT ROWID;
CREATE TABLE source_token (
  hash       BLOB    PRIMARY KEY,              -- SHA-256 of a 256-bit random token; the token itself is nowhere (I7)
  source     TEXT    NOT NULL REFERENCES source (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER                           -- null: the current one; else where its overlap after a rotation ends
) STRICT, WITHOUT ROWID;

-- journal
CREATE TABLE journal (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  kind    TEXT    NOT NULL CHECK (kind IN ('push', 'refusal', 'decision')),
  source  TEXT,                                -- null: not from a source
  actor   TEXT,                                -- null: not by a person
  subject TEXT,                                -- id of the resource or item it is about; null: none
  body    TEXT    NOT NULL,                    -- JSON
  hash    BLOB    NOT NULL                     -- SHA-256 over the hash before it and the rest of this row (J1)
) STRICT;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- directory: what the sources say now
CREATE TABLE person (
  num           INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT    NOT NULL UNIQUE,
  source        TEXT    NOT NULL REFERENCES source (id),
  state         TEXT    NOT NULL CHECK (state IN ('active', 'inactive', 'deleted')),
  user_name     TEXT    NOT NULL,
  user_name_key TEXT    NOT NULL,              -- folded: userName is compared ignoring case (RFC 7643 §4.1.1)
  external_id   TEXT,                          -- null: the source gave none
  name          TEXT    NOT NULL,              -- what a person reads: core/directory.ts calledName
  name_key      TEXT    NOT NULL,              -- the same, folded
  body          TEXT    NOT NULL,              -- JSON: schemas and the attributes as accepted; no id, meta, password
  version       INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  modified_at   INTEGER NOT NULL,
  seq           INTEGER NOT NULL               -- the push that last touched it
) STRICT;
CREATE UNIQUE INDEX person_user_name ON person (user_name_key) WHERE state <> 'deleted';   -- I8
CREATE INDEX person_external_id ON person (source, external_id) WHERE state <> 'deleted';
CREATE INDEX person_active ON person (num) WHERE state = 'active';
CREATE INDEX person_list ON person (source, num) WHERE state <> 'deleted';
CREATE TABLE person_email (                    -- e-mails, folded, but for those that are the userName too: each random
  email_key TEXT    NOT NULL,                  -- index a create must touch is a page to flush, and most are the userName
  person    INTEGER NOT NULL REFERENCES person (num),
  PRIMARY KEY (email_key, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE team (                            -- a SCIM Group ('group' is a word of SQL)
  num           INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT    NOT NULL UNIQUE,
  source        TEXT    NOT NULL REFERENCES source (id),
  state         TEXT    NOT NULL CHECK (state IN ('live', 'deleted')),
  display_name  TEXT    NOT NULL,
  display_name_key TEXT NOT NULL,
  external_id   TEXT,
  body          TEXT    NOT NULL,              -- JSON: schemas and the attributes as accepted; no id, meta, members
  version       INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  modified_at   INTEGER NOT NULL,
  seq           INTEGER NOT NULL
) STRICT;
CREATE INDEX team_display_name ON team (source, display_name_key) WHERE state = 'live';
CREATE INDEX team_external_id ON team (source, external_id) WHERE state = 'live';
CREATE INDEX team_list ON team (source, num) WHERE state = 'live';

CREATE TABLE membership (                      -- people directly in a group
  team   INTEGER NOT NULL REFERENCES team (num),
  person INTEGER NOT NULL REFERENCES person (num),
  PRIMARY KEY (team, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_person ON membership (person, team);
CREATE TABLE nesting (                         -- groups directly in a group; cycles are legal here, and harmless (A5)
  team  INTEGER NOT NULL REFERENCES team (num),
  child INTEGER NOT NULL REFERENCES team (num),
  PRIMARY KEY (team, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX nesting_child ON nesting (child, team);

-- What intake touched and planning has not looked at yet. Written in the push's own commit, so a crash between the two
-- leaves the plan owed, not lost. A team stands for everybody in it, at any depth.
CREATE TABLE owed (
  kind TEXT    NOT NULL CHECK (kind IN ('person', 'team')),
  num  INTEGER NOT NULL,
  seq  INTEGER NOT NULL,                       -- the journal entry it is owed for; 0: what Steeple answered
  PRIMARY KEY (kind, num)
) STRICT, WITHOUT ROWID;

-- mapping
CREATE TABLE community (
  id       TEXT    PRIMARY KEY,
  name     TEXT    NOT NULL,
  state    TEXT    NOT NULL DEFAULT 'listed' CHECK (state IN ('listed', 'missing')),
  origin   TEXT    NOT NULL CHECK (origin IN ('api', 'file', 'hand')),
  seen_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE mapping (
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  author  TEXT    NOT NULL,
  note    TEXT    NOT NULL,
  body    TEXT    NOT NULL                     -- JSON: core/mapping.ts Mapping, links keyed by source and group id (A4)
) STRICT;

-- observed: what Steeple holds, as last confirmed
CREATE TABLE observed_user (
  num           INTEGER PRIMARY KEY AUTOINCREMENT,
  steeple_id    TEXT    NOT NULL UNIQUE,
  user_name     TEXT    NOT NULL,
  user_name_key TEXT    NOT NULL,
  external_id   TEXT,
  active        INTEGER NOT NULL CHECK (active IN (0, 1)),
  body          TEXT    NOT NULL,              -- JSON: core/account.ts Account, for comparing
  person        INTEGER UNIQUE REFERENCES person (num),  -- null: not ours
  origin        TEXT    CHECK (origin IN ('created', 'adopted')),  -- null: not ours
  seen_at       INTEGER NOT NULL,
  CHECK ((person IS NULL) = (origin IS NULL))
) STRICT;
CREATE INDEX observed_user_name ON observed_user (user_name_key);
CREATE INDEX observed_user_external ON observed_user (external_id);
CREATE INDEX observed_user_inactive ON observed_user (num) WHERE active = 0;
CREATE TABLE observed_group (
  num          INTEGER PRIMARY KEY AUTOINCREMENT,
  steeple_id   TEXT    NOT NULL UNIQUE,
  display_name TEXT    NOT NULL,
  external_id  TEXT,
  target       TEXT    UNIQUE,                 -- the target group it serves; null: not ours
  seen_at      INTEGER NOT NULL
) STRICT;
CREATE TABLE observed_member (
  grp INTEGER NOT NULL REFERENCES observed_group (num) ON DELETE CASCADE,
  usr INTEGER NOT NULL REFERENCES observed_user (num) ON DELETE CASCADE,
  PRIMARY KEY (grp, usr)
) STRICT, WITHOUT ROWID;
CREATE INDEX observed_member_user ON observed_member (usr, grp);

-- plans, held items, deliveries
CREATE TABLE plan (
  id   TEXT    PRIMARY KEY,                    -- a hash of its contents (P5)
  at   INTEGER NOT NULL,
  risk TEXT    NOT NULL,                       -- a hash of what it removes and downgrades (G2)
  outline TEXT NOT NULL                        -- JSON: the plan without its lines
) STRICT, WITHOUT ROWID;
CREATE TABLE plan_part (
  plan TEXT    NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
  line TEXT    NOT NULL CHECK (line IN ('people', 'operations')),
  at   INTEGER NOT NULL,                       -- 0 is the first part; each but the last has the same number of lines
  body BLOB    NOT NULL,                       -- a JSON array, zstd
  PRIMARY KEY (plan, line, at)
) STRICT;

CREATE TABLE held (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  person     INTEGER NOT NULL REFERENCES person (num),
  kind       TEXT    NOT NULL CHECK (kind IN ('remove', 'revoke', 'downgrade')),
  community  TEXT    NOT NULL,                 -- '' for kind 'remove', which is about the whole person
  from_role  TEXT,                             -- null for 'remove'
  to_role    TEXT,                             -- null but for 'downgrade'
  state      TEXT    NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'approved', 'kept', 'withdrawn', 'sent')),
  rule       TEXT    NOT NULL,                 -- which rule of the gate holds it (contract/policy.ts GateRule)
  why        TEXT    NOT NULL,                 -- the same in words, with the numbers of that moment
  since      INTEGER NOT NULL,
  seq        INTEGER NOT NULL,                 -- journal entry that caused it
  decided_by TEXT,                             -- null: nobody yet
  decided_at INTEGER,
  reason     TEXT,
  ended_at   INTEGER                           -- null while it is open
) STRICT;
CREATE UNIQUE INDEX held_open ON held (person, kind, community) WHERE state IN ('held', 'approved', 'kept');
CREATE INDEX held_state ON held (state, since);
CREATE INDEX held_person ON held (person, id);

CREATE TABLE delivery (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       TEXT    NOT NULL CHECK (kind IN ('user.create', 'user.update', 'user.deactivate', 'user.delete',
                                              'group.create', 'group.update', 'group.delete', 'member.add', 'member.remove')),
  lane       TEXT    NOT NULL,                 -- the Steeple resource it writes: 'user:<person>' or 'group:<target>' (D1)
  person     INTEGER REFERENCES person (num),  -- null: it is about a group only
  target     TEXT,                             -- null: it is about a person only
  community  TEXT,                             -- the community a membership is about; null: none, or several
  risk       TEXT    CHECK (risk IN ('remove', 'revoke', 'downgrade')),  -- what it takes away; null: nothing (G6)
  role       TEXT,                             -- the role it takes away; null: none
  body       TEXT    NOT NULL,                 -- JSON: what to write
  frees      TEXT,                             -- folded userName it gives up; null: none (P4)
  takes      TEXT,                             -- folded userName it needs free; null: none (P4)
  state      TEXT    NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'sending', 'done', 'dead', 'dropped', 'outdated')),
  attempt    INTEGER NOT NULL DEFAULT 0,
  due_at     INTEGER NOT NULL DEFAULT 0,       -- ready: not before; sending: where its lease ends
  unsure     INTEGER NOT NULL DEFAULT 0 CHECK (unsure IN (0, 1)),  -- an answer was lost: look before writing again (D2)
  status     INTEGER,                          -- last HTTP status from Steeple; null: none yet
  cause      TEXT,                             -- null unless it failed
  remedy     TEXT,
  created_at INTEGER NOT NULL,
  settled_at INTEGER
) STRICT;
CREATE INDEX delivery_open ON delivery (lane, id) WHERE state IN ('ready', 'sending');
CREATE INDEX delivery_head ON delivery (id) WHERE state = 'ready' AND kind NOT IN ('member.add', 'member.remove');
CREATE INDEX delivery_member ON delivery (lane, id) WHERE state = 'ready' AND kind IN ('member.add', 'member.remove');
CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 'ready';
CREATE INDEX delivery_person ON delivery (person, id);
CREATE INDEX delivery_state ON delivery (state, id) WHERE state IN ('dead', 'sending');
CREATE INDEX delivery_busy ON delivery (person) WHERE state = 'sending' OR (state = 'ready' AND unsure = 1);
CREATE INDEX delivery_risk ON delivery (person) WHERE risk IS NOT NULL AND state IN ('ready', 'sending');

-- Departures that left, by kind: what the rolling limits of the gate count (G6).
CREATE TABLE departure (
  at        INTEGER NOT NULL,
  kind      TEXT    NOT NULL CHECK (kind IN ('remove', 'revoke', 'downgrade')),
  person    INTEGER NOT NULL REFERENCES person (num),
  community TEXT    NOT NULL,                  -- '' for 'remove'
  role      TEXT    NOT NULL                   -- '' for 'remove'
) STRICT;
CREATE INDEX departure_at ON departure (at, kind);
`,
  },
  {
    number: 2,
    name: 'limits of sources',
    breaking: false,
    sql: `
ALTER TABLE source ADD COLUMN allow TEXT;      -- JSON array of addresses and CIDR ranges; null: from anywhere
ALTER TABLE source ADD COLUMN rate INTEGER CHECK (rate > 0);  -- requests a second; null: as many as come
`,
  },
  { number: 3, name: 'corrections', breaking: false, sql: correction },
  { number: 4, name: 'drafts of the mapping', breaking: false, sql: drafts },
  { number: 5, name: 'erasable and archivable entries', breaking: true, sql: chain },
  { number: 6, name: 'gate', breaking: true, sql: gate },
  { number: 7, name: 'drift', breaking: false, sql: drift },
  { number: 8, name: 'bundles for review', breaking: false, sql: bundles },
  { number: 9, name: 'plans by name, external accounts', breaking: true, sql: plansStep },
  { number: 10, name: 'undo', breaking: true, sql: undo },
  { number: 11, name: 'fewer indexes on deliveries', breaking: false, sql: delivery },
  { number: 12, name: 'twins as drift', breaking: true, sql: twin },
  { number: 13, name: 'words checked by OR', breaking: false, sql: words },
  { number: 14, name: 'fewer indexes on people', breaking: false, sql: people },
];
