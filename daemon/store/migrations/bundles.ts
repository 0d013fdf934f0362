/** Bundles that went out for review, and reviewers with a key of their own. Only public keys: private ones are elsewhere. */
export const bundles = `
CREATE TABLE reviewer (
  name_key    TEXT    PRIMARY KEY,                -- folded: one key for each person
  name        TEXT    NOT NULL,
  public_key  TEXT    NOT NULL,
  fingerprint TEXT    NOT NULL,
  enrolled_by TEXT    NOT NULL,
  enrolled_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bundle (
  id         TEXT    PRIMARY KEY,
  made_at    INTEGER NOT NULL,
  made_by    TEXT    NOT NULL,
  expires_at INTEGER NOT NULL,
  reviewer   TEXT    NOT NULL,
  also       TEXT    NOT NULL,                    -- who else could sign in that name: whoever chose the key
  public_key TEXT    NOT NULL,                    -- decisions are signed with its private half
  marks      TEXT    NOT NULL                     -- JSON: by item, how it was when it went out (core/mark.ts)
) STRICT, WITHOUT ROWID;
`;
