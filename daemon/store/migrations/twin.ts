/** One more kind of drift: a second group of one name. SQLite changes no CHECK, so the table is made anew. */
export const twin = `
CREATE TABLE drift_next (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT    NOT NULL CHECK (kind IN ('account-gone', 'account-off', 'account-on', 'attribute', 'member-added',
                                                'member-gone', 'group-gone', 'group-renamed', 'group-twin')),
  person       INTEGER REFERENCES person (num), -- null: it is about a group only
  target       TEXT,                            -- null: it is about an account only
  attribute    TEXT,                            -- null but for kind 'attribute'
  expected     TEXT,                            -- as the relay left it; null: not there
  in_steeple   TEXT,                            -- as a scan saw it; null: not there
  effect       TEXT    NOT NULL,                -- JSON: observed.ts Effect, which makes what was seen the truth
  state        TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'restored', 'adopted', 'ignored', 'closed')),
  found_at     INTEGER NOT NULL,
  decided_by   TEXT,                            -- null: nobody yet
  decided_at   INTEGER,
  reason       TEXT,
  ask_again_at INTEGER                          -- null but for 'ignored'
) STRICT;
INSERT INTO drift_next SELECT id, kind, person, target, attribute, expected, in_steeple, effect, state, found_at, decided_by,
  decided_at, reason, ask_again_at FROM drift;
DROP TABLE drift;
ALTER TABLE drift_next RENAME TO drift;
CREATE UNIQUE INDEX drift_standing ON drift (kind, coalesce(person, 0), coalesce(target, ''), coalesce(attribute, ''))
  WHERE state IN ('open', 'adopted', 'ignored');
CREATE INDEX drift_state ON drift (state, id);
`;
