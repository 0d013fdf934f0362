/** Decisions with their whole history, items kept until a date, standing approvals, and sources that shrink. */
export const gate = `
ALTER TABLE held ADD COLUMN kept_until INTEGER;   -- null: kept until the source changes its mind
ALTER TABLE held ADD COLUMN standing TEXT;        -- the standing approval that approved it; null: a person, or nobody
ALTER TABLE held ADD COLUMN groups TEXT NOT NULL DEFAULT '[]';  -- JSON: mapped groups it takes the person out of (core/limits.ts)
ALTER TABLE held ADD COLUMN roles TEXT NOT NULL DEFAULT '[]';   -- JSON: communities and roles it takes, as they were when it was opened
CREATE INDEX held_until ON held (kept_until) WHERE state = 'kept' AND kept_until IS NOT NULL;

CREATE TABLE review_decision (                    -- what was decided, also where it was taken back; the journal has it too
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  item    INTEGER NOT NULL REFERENCES held (id),
  person  INTEGER NOT NULL REFERENCES person (num),
  at      INTEGER NOT NULL,
  event   TEXT    NOT NULL CHECK (event IN ('approve', 'keep', 'undo', 'stand', 'lapse', 'return')),
  first   INTEGER NOT NULL CHECK (first IN (0, 1)),  -- 1: the first of the two approvals it needs
  by      TEXT    NOT NULL,                       -- '' where nobody did: 'lapse', 'return'
  reason  TEXT    NOT NULL,
  via     TEXT    NOT NULL CHECK (via IN ('console', 'socket', 'bundle', 'relay')),
  session TEXT    NOT NULL,                       -- tells one console session, or bundle, from another; no secret
  also    TEXT    NOT NULL DEFAULT '',            -- who else could have decided in that name; '': nobody
  until   INTEGER,                                -- null: 'keep' without a date, and all the others
  seq     INTEGER NOT NULL                        -- its journal entry
) STRICT;
CREATE INDEX review_decision_item ON review_decision (item, id);
CREATE INDEX review_decision_person ON review_decision (person, id);

ALTER TABLE departure ADD COLUMN groups TEXT NOT NULL DEFAULT '[]';  -- JSON, as in held
CREATE INDEX departure_person ON departure (person, at);

-- Who left, for noticing that a source shrank; kept for a day. Written in the push's own commit, whoever makes it.
CREATE TABLE exodus (
  team   INTEGER NOT NULL,                        -- the group they left; 0: the source itself, by being switched off or deleted
  person INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (team, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX exodus_at ON exodus (at);
CREATE TRIGGER person_left AFTER UPDATE OF state ON person WHEN OLD.state = 'active' AND NEW.state <> 'active' BEGIN
  INSERT OR REPLACE INTO exodus (team, person, at) VALUES (0, NEW.num, NEW.modified_at);
END;
CREATE TRIGGER membership_left AFTER DELETE ON membership BEGIN
  INSERT OR REPLACE INTO exodus (team, person, at)
  VALUES (OLD.team, OLD.person, coalesce((SELECT at FROM journal ORDER BY seq DESC LIMIT 1), 0));
END;
CREATE TABLE alarm (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  source     TEXT    NOT NULL REFERENCES source (id),
  team       INTEGER REFERENCES team (num),       -- null: the source as a whole
  gone       INTEGER NOT NULL,
  before     INTEGER NOT NULL,
  raised_at  INTEGER NOT NULL,
  cleared_at INTEGER,                             -- null while it stands
  cleared_by TEXT,
  reason     TEXT
) STRICT;
CREATE UNIQUE INDEX alarm_stands ON alarm (source, coalesce(team, 0)) WHERE cleared_at IS NULL;
CREATE INDEX alarm_source ON alarm (source, cleared_at);
`;
