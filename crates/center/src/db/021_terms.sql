-- Terms of phones: what each knows of them, the letters of its patients, and what patients are called.

-- The device this phone was before it lost its key, as it said when it was enrolled; empty where it said nothing.
ALTER TABLE device ADD COLUMN was BLOB NOT NULL DEFAULT x'';
CREATE INDEX device_key ON device (public_key);

-- Stamp of the terms the device said it has; 0 for none, or for an app without terms.
ALTER TABLE contact ADD COLUMN terms_known INTEGER NOT NULL DEFAULT 0;

CREATE TABLE letters (
    -- Letters that phones number their patients with: each given once, for ever, also where the phone was revoked.
    place       INTEGER NOT NULL PRIMARY KEY,
    device      BLOB    NOT NULL REFERENCES device (id),
    given_ms    INTEGER NOT NULL
) STRICT;

CREATE INDEX letters_of_device ON letters (device);

CREATE TABLE patient_number (
    -- What a patient is called, fixed when the center first had it.
    patient     BLOB    NOT NULL PRIMARY KEY CHECK (length(patient) = 16),
    incident    BLOB    NOT NULL,
    number      TEXT    NOT NULL,
    -- 1 when a phone wrote letters that were given to another.
    is_foreign  INTEGER NOT NULL CHECK (is_foreign IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX patient_number_twice ON patient_number (number, incident);
