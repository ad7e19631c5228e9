-- Floods: what a device brought, counted; changes that wait for a quota; calls for help that are read as one.

CREATE TABLE spent (
    -- Reports, shifts and entries that a device brought, by the time they were made on a clock that is not set. Rows older
    -- than what its quotas look at are dropped.
    device      BLOB    NOT NULL REFERENCES device (id),
    what        TEXT    NOT NULL CHECK (what IN ('report', 'shift', 'entry')),
    -- The record of entries; empty for reports and shifts.
    record      BLOB    NOT NULL,
    at_ms       INTEGER NOT NULL,
    amount      INTEGER NOT NULL
) STRICT;

CREATE INDEX spent_of ON spent (device, what, record, at_ms);

CREATE TABLE carried (
    -- Bytes of envelopes of a device, those kept in quarantine among them, by the hour they came.
    device      BLOB    NOT NULL REFERENCES device (id),
    lane        INTEGER NOT NULL,
    hour        INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    PRIMARY KEY (device, lane, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE away (
    -- The last time a device was away for longer than a pause: from when, and when it came back. What it brings for a
    -- while after that may have been made in between.
    device      BLOB    NOT NULL PRIMARY KEY REFERENCES device (id),
    from_ms     INTEGER NOT NULL,
    back_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- 1 when a person let the change enter whatever its device's quota is.
ALTER TABLE quarantine ADD COLUMN released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1));

CREATE INDEX quarantine_quota ON quarantine (device, received_ms) WHERE verdict = 'park' AND reason = 'quota';

-- For a call for help this column is what it is for an order: 0 while it is open.
UPDATE projection SET ended_ms = max(updated_ms, 1)
WHERE kind = 'sos' AND json <> 'null' AND (json ->> '$.cancelled' IS NOT NULL OR json_array_length(json, '$.answers') > 0);

CREATE INDEX projection_sos_open ON projection (record) WHERE kind = 'sos' AND ended_ms = 0;

CREATE TABLE sos_group (
    -- A call for help and the further ones its device raised while it was open.
    head        BLOB    NOT NULL PRIMARY KEY CHECK (length(head) = 16),
    device      BLOB    NOT NULL,
    further     INTEGER NOT NULL DEFAULT 0,
    -- The newest of them; the head itself while there is none.
    latest      BLOB    NOT NULL CHECK (length(latest) = 16),
    -- How often it sounded again and when it last did, on a clock that is not set; 1 while another sound is due.
    rings       INTEGER NOT NULL DEFAULT 0,
    rung_ms     INTEGER NOT NULL,
    is_due      INTEGER NOT NULL DEFAULT 0 CHECK (is_due IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX sos_group_device ON sos_group (device);

INSERT INTO sos_group (head, device, latest, rung_ms)
SELECT projection.record, change.origin, projection.record, projection.made_ms FROM projection
JOIN change ON change.position = (SELECT min(first.position) FROM change AS first WHERE first.record = projection.record)
WHERE projection.kind = 'sos' AND projection.ended_ms = 0 AND projection.json <> 'null' AND length(change.origin) = 16;

CREATE TABLE sos_joined (
    -- A further call for help, read as part of the one that was open when it came.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    head        BLOB    NOT NULL CHECK (length(head) = 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX sos_joined_head ON sos_joined (head, record);
