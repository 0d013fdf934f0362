/** Step "corrections": what a person put in place of a value that Steeple refused (corrections.ts). */
export const correction = `
CREATE TABLE correction (
  num       INTEGER PRIMARY KEY AUTOINCREMENT,
  person    INTEGER REFERENCES person (num),   -- null: it is about a group
  target    TEXT,                              -- null: it is about a person
  attribute TEXT    NOT NULL CHECK (attribute IN ('userName', 'givenName', 'familyName', 'displayName', 'email')),
  given     TEXT    NOT NULL,                  -- the value it stands in for: while the source gives that one, it leaves
  sent      TEXT    NOT NULL,
  author    TEXT    NOT NULL,
  at        INTEGER NOT NULL,
  CHECK ((person IS NULL) <> (target IS NULL))
) STRICT;
CREATE UNIQUE INDEX correction_person ON correction (person, attribute) WHERE person IS NOT NULL;
CREATE UNIQUE INDEX correction_target ON correction (target, attribute) WHERE target IS NOT NULL;
`;
