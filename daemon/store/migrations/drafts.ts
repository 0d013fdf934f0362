/** The draft of the mapping, and the links that rules propose. Older versions of the program do without both. */
export const drafts = `
ALTER TABLE mapping ADD COLUMN origin TEXT NOT NULL DEFAULT 'import'
  CHECK (origin IN ('import', 'draft', 'rollback', 'rule'));

-- The one draft. Its row stays when the draft is discarded, so that an edition is never used twice.
CREATE TABLE draft (
  num     INTEGER PRIMARY KEY CHECK (num = 1),
  base    INTEGER NOT NULL,                    -- the version it was begun from; 0: from nothing
  edition INTEGER NOT NULL,                    -- one more with every edit
  author  TEXT    NOT NULL,                    -- who edited it last
  at      INTEGER NOT NULL,
  body    TEXT                                 -- JSON like mapping.body; null: there is no draft now
) STRICT;

-- Links that a rule would make. Not in force: a confirmed one is a link of the mapping, pinned to the group's id (A4).
CREATE TABLE expansion (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  rule       TEXT    NOT NULL,
  source     TEXT    NOT NULL,
  team       TEXT    NOT NULL,                 -- the group's id
  community  TEXT    NOT NULL,
  role       TEXT    NOT NULL,
  state      TEXT    NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'confirmed', 'declined', 'withdrawn')),
  since      INTEGER NOT NULL,
  seq        INTEGER NOT NULL,                 -- the push that had last touched the group when it was found to fit
  decided_by TEXT,                             -- null: nobody yet
  decided_at INTEGER,
  reason     TEXT
) STRICT;
CREATE UNIQUE INDEX expansion_open ON expansion (rule, source, team, community, role)
  WHERE state IN ('held', 'declined');
CREATE INDEX expansion_state ON expansion (state, id);
`;
