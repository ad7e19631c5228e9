-- Records that a phone can never take, and the record that stands in the place of each.

CREATE TABLE replaced (
    -- The record as it was, with every later part of an incident. Nobody is told about it any more.
    old     BLOB    NOT NULL PRIMARY KEY CHECK (length(old) = 16),
    -- The record that holds the same content, cleaned.
    new     BLOB    NOT NULL CHECK (length(new) = 16),
    at_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
