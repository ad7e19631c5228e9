-- Parts of incidents: a long one goes on in documents of their own.

CREATE TABLE part (
    -- A later part, its incident, and which part it is: 2 for the first that follows.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    incident    BLOB    NOT NULL CHECK (length(incident) = 16),
    number      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX part_of_incident ON part (incident, number);
