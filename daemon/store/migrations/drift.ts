/** Step "drift": what somebody changed in Steeple, and what a person chose about it (drifts.ts). */
export const drift = `
CREATE TABLE drift (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT    NOT NULL CHECK (kind IN ('account-gone', 'account-off', 'account-on', 'attribute', 'member-added',
                                                'member-gone', 'group-gone', 'group-renamed')),
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
CREATE UNIQUE INDEX drift_standing ON drift (kind, coalesce(person, 0), coalesce(target, ''), coalesce(attribute, ''))
  WHERE state IN ('open', 'adopted', 'ignored');
CREATE INDEX drift_state ON drift (state, id);
`;
