-- Archived incidents: what the center signed about them, and the line that stays in the list when their documents go.

CREATE TABLE archive (
    -- One incident in the center's archive; the row is what stays of it on this phone.
    incident    BLOB    NOT NULL PRIMARY KEY CHECK (length(incident) = 16),
    -- The newest archive told: 1 for the first, more for addenda. Center UTC in milliseconds.
    number      INTEGER NOT NULL,
    archived_ms INTEGER NOT NULL,
    -- A line for the list as JSON, without words or people; empty when the incident itself was never here.
    line        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE archived (
    -- Where a record ended, as a signed archive says. Kept for good: a record is forgotten only at these heads.
    record      BLOB    NOT NULL CHECK (length(record) = 16),
    number      INTEGER NOT NULL,
    incident    BLOB    NOT NULL CHECK (length(incident) = 16),
    -- Sorted hashes of 32 bytes each.
    heads       BLOB    NOT NULL,
    PRIMARY KEY (record, number)
) STRICT, WITHOUT ROWID;
