/**
 * Entries whose contents can be erased, and entries that can be archived, without a break in the chain (J1).
 *
 * The triggers go on refusing every update and delete, but for two that a decision in the chain stands behind: an entry
 * named in `erasure` may lose contents, and one that a checkpoint covers may leave for the archive.
 */
export const chain = `
ALTER TABLE journal ADD COLUMN v INTEGER NOT NULL DEFAULT 1 CHECK (v IN (1, 2));  -- how its hash is made: store/chain.ts
ALTER TABLE journal ADD COLUMN salt TEXT;                          -- null: of version 1, or erased
ALTER TABLE journal ADD COLUMN digest TEXT;                        -- what stands in for contents erased; null: not erased
ALTER TABLE journal ADD COLUMN erased_by INTEGER;                  -- the decision; null: not erased

CREATE TABLE erasure (
  entry    INTEGER PRIMARY KEY,                -- in the table or in an archive
  decision INTEGER NOT NULL,                   -- the entry that decided it
  remains  TEXT    NOT NULL                    -- JSON: what is left of the body
) STRICT;
CREATE TABLE checkpoint (
  seq      INTEGER PRIMARY KEY,                -- the last entry it archived
  hash     TEXT    NOT NULL,                   -- of that entry: where the chain goes on
  first    INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  file     TEXT    NOT NULL,                   -- its name in DATA/archive
  decision INTEGER NOT NULL,                   -- the entry that says all this
  pushes   INTEGER NOT NULL,
  refusals INTEGER NOT NULL,
  snapshot BLOB                                -- the directory as of seq, a database, zstd; null: a later one has it
) STRICT;

DROP TRIGGER journal_no_update;
DROP TRIGGER journal_no_delete;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
WHEN NOT (NEW.seq = OLD.seq AND NEW.at = OLD.at AND NEW.kind = OLD.kind AND NEW.source IS OLD.source
          AND NEW.actor IS OLD.actor AND NEW.subject IS OLD.subject AND NEW.v = OLD.v AND NEW.hash = OLD.hash
          AND NEW.salt IS NULL AND NEW.digest IS NOT NULL AND (OLD.digest IS NULL OR NEW.digest = OLD.digest)
          AND EXISTS (SELECT 1 FROM erasure
                      WHERE entry = OLD.seq AND decision = NEW.erased_by AND remains = NEW.body))
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
WHEN OLD.seq > (SELECT coalesce(max(seq), 0) FROM checkpoint)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
`;
