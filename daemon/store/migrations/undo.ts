/** What left, for undo files, and what was brought back against what the source says. */
export const undo = `
CREATE TABLE taken (                              -- what destructive writes took, until it is in an undo file, and after
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  person INTEGER NOT NULL REFERENCES person (num),
  kind   TEXT    NOT NULL CHECK (kind IN ('remove', 'revoke', 'downgrade')),
  roles  TEXT    NOT NULL,                        -- JSON: the communities and roles that went with it
  by     TEXT,                                    -- null: nobody had to decide
  reason TEXT,
  file   TEXT                                     -- the undo file it is in; null: none yet
) STRICT;
CREATE INDEX taken_file ON taken (id) WHERE file IS NULL;
CREATE TRIGGER departure_taken AFTER INSERT ON departure BEGIN
  INSERT INTO taken (at, person, kind, roles, by, reason)
  SELECT NEW.at, NEW.person, NEW.kind,
    coalesce(h.roles, json_array(json_object('community', NEW.community, 'role', NEW.role))), h.decided_by, h.reason
  FROM (SELECT 1) LEFT JOIN held h ON h.person = NEW.person AND h.kind = NEW.kind AND h.community = NEW.community
    AND h.state IN ('held', 'approved', 'kept') AND h.state = 'approved';
END;
CREATE TABLE pin (                                -- brought back by an undo: stays until the source gives it again, or a person lifts it
  person    INTEGER NOT NULL REFERENCES person (num),
  community TEXT    NOT NULL,                     -- '': the account itself
  role      TEXT    NOT NULL,                     -- '' for the account
  by        TEXT    NOT NULL,
  at        INTEGER NOT NULL,
  reason    TEXT    NOT NULL,
  file      TEXT    NOT NULL,                     -- the undo file it came from
  PRIMARY KEY (person, community)
) STRICT, WITHOUT ROWID;
`;
