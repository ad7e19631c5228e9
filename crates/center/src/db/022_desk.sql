-- What the desk needs in columns of its own, so that no list is read out of JSON and one damaged row costs itself; and what
-- the center must remember between two desks, two presses and two starts.

-- 1 while there is work to do: an incident that is not closed, an order that is not over, a call for help that nobody ended.
ALTER TABLE projection ADD COLUMN open INTEGER NOT NULL DEFAULT 0 CHECK (open IN (0, 1));
-- Values that people disagree about.
ALTER TABLE projection ADD COLUMN disputes INTEGER NOT NULL DEFAULT 0;

UPDATE projection SET open = CASE
    WHEN NOT json_valid(json) THEN 1
    WHEN json = 'null' THEN 0
    WHEN kind = 'incident' THEN json ->> '$.closed' IS NULL
    WHEN kind = 'assignment' THEN ended_ms = 0 AND coalesce(json ->> '$.status', '') NOT IN ('declined', 'available')
    WHEN kind = 'sos' THEN coalesce(json_array_length(json, '$.answers'), 0) = 0 AND json ->> '$.cancelled' IS NULL
    ELSE 1 END,
  disputes = CASE WHEN NOT json_valid(json) THEN 0 ELSE coalesce(json_array_length(json, '$.disputes'), 0) END;

CREATE INDEX projection_open ON projection (kind, open, record);
CREATE INDEX projection_disputed ON projection (disputes) WHERE disputes > 0;

CREATE TABLE sos_ended (
    -- A call for help that ended while an answer or a cancellation was enough. It stays ended.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16)
) STRICT, WITHOUT ROWID;

INSERT INTO sos_ended (record)
    SELECT record FROM projection WHERE kind = 'sos' AND open = 0 AND json <> 'null';

CREATE TABLE sos_incident (
    -- The incident that a desk made of a call for help; the newest one counts.
    sos         BLOB    NOT NULL CHECK (length(sos) = 16),
    incident    BLOB    NOT NULL CHECK (length(incident) = 16),
    PRIMARY KEY (sos, incident)
) STRICT, WITHOUT ROWID;

CREATE TABLE tick (
    -- The center's own count of milliseconds. It goes on through restarts, and no setting of a clock moves it.
    one         INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    elapsed_ms  INTEGER NOT NULL,
    -- The start of the machine that `boot_ms` is counted from.
    boot        TEXT    NOT NULL,
    boot_ms     INTEGER NOT NULL,
    -- What the wall clock read then: bridges a restart of the machine.
    wall_ms     INTEGER NOT NULL
) STRICT;

CREATE TABLE waiting (
    -- What waits for a person: a call that no unit was sent to, or an order that no crew answered. Gone once it does not wait.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    kind        TEXT    NOT NULL CHECK (kind IN ('call', 'order')),
    -- Since when, on the center's own count.
    since_ms    INTEGER NOT NULL,
    -- Who took it: when on the center's own count and on the wall clock, the person, and the desk as it names itself.
    taken_ms    INTEGER,
    taken_at_ms INTEGER NOT NULL DEFAULT 0,
    taken_by    TEXT    NOT NULL DEFAULT '',
    taken_desk  TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE answered_request (
    -- The answer to a request that carried an Idempotency-Key, written with what the request did. Kept for a day.
    owner       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    -- SHA-256 of method, path and body.
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    status      INTEGER NOT NULL,
    -- The record it made or wrote into; empty where there is none.
    subject     TEXT    NOT NULL,
    answer      TEXT    NOT NULL,
    -- On the center's own count.
    made_ms     INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;

CREATE INDEX answered_request_made ON answered_request (made_ms);
