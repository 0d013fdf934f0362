/**
 * Plans by name, in a smaller writing; and strangers that were declared external. Plans made before are of no use to the new
 * reading, and are made again by asking; what was enabled with them is in the journal.
 */
export const plansStep = `
DELETE FROM plan;
DROP TABLE plan_part;
ALTER TABLE plan ADD COLUMN state TEXT NOT NULL DEFAULT 'whole' CHECK (state IN ('writing', 'whole'));
ALTER TABLE plan ADD COLUMN name TEXT NOT NULL DEFAULT '';   -- '': not kept; it goes when fifty newer ones were made
ALTER TABLE plan ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE plan ADD COLUMN kept_by TEXT;                     -- null: nobody keeps it
ALTER TABLE plan ADD COLUMN looked TEXT NOT NULL DEFAULT '{}'; -- JSON: which parts somebody has looked at, who and when
ALTER TABLE plan ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0; -- of its parts
CREATE TABLE plan_part (
  plan TEXT    NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
  line TEXT    NOT NULL CHECK (line IN ('people', 'operations', 'strangers', 'gaps', 'words', 'index', 'movements')),
  at   INTEGER NOT NULL,                       -- 0 is the first part; of movements: the place of the community
  body BLOB    NOT NULL,                       -- zstd
  PRIMARY KEY (plan, line, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE external_account (                -- strangers made by hand on purpose
  steeple_id TEXT    PRIMARY KEY,
  user_name  TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  owner      TEXT    NOT NULL,
  review_at  INTEGER,                          -- null: need not be looked at again
  declared_by TEXT   NOT NULL,
  at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX external_account_review ON external_account (review_at) WHERE review_at IS NOT NULL;
`;
