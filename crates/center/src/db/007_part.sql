-- Parts of incidents: a long one goes on in documents of their own, so that none grows without end.

CREATE TABLE incident_part (
    -- A later part, its incident, and which part it is: 2 for the first that follows.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    incident    BLOB    NOT NULL CHECK (length(incident) = 16),
    part        INTEGER NOT NULL,
    -- When the center opened it.
    opened_ms   INTEGER NOT NULL,
    UNIQUE (incident, part)
) STRICT, WITHOUT ROWID;
