-- A number may be given twice: by a center that was put back, and by itself before, whose part a phone gave back. Both are read,
-- in the order of their ids.

CREATE TABLE incident_part_2 (
    -- A later part, its incident, and which part it is: 2 for the first that follows.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    incident    BLOB    NOT NULL CHECK (length(incident) = 16),
    part        INTEGER NOT NULL,
    -- When the center opened it.
    opened_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO incident_part_2 SELECT record, incident, part, opened_ms FROM incident_part;
DROP TABLE incident_part;
ALTER TABLE incident_part_2 RENAME TO incident_part;
CREATE INDEX incident_part_of ON incident_part (incident, part, record);
