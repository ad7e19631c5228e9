-- Damage: what does not read back as it was written, kept aside and asked of phones; and what befell phones.

CREATE TABLE damaged (
    -- A change whose bytes are not what its hash names. Its row keeps its place in `change`; its bytes are not read before
    -- they are found again.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    record      BLOB    NOT NULL CHECK (length(record) = 16),
    -- As they were found.
    bytes       BLOB    NOT NULL,
    found_ms    INTEGER NOT NULL,
    -- When they were found again; 0 while not.
    mended_ms   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX damaged_open ON damaged (record) WHERE mended_ms = 0;

CREATE TABLE damaged_asked (
    -- Which device was asked for which damaged change, and when.
    hash        BLOB    NOT NULL,
    device      BLOB    NOT NULL,
    asked_ms    INTEGER NOT NULL,
    PRIMARY KEY (hash, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_fault (
    -- What a phone said befell it, under the number it gave it there.
    device      BLOB    NOT NULL CHECK (length(device) = 16),
    number      INTEGER NOT NULL,
    -- Device UTC in milliseconds, as the phone said it.
    at_ms       INTEGER NOT NULL,
    -- A code of the phone's; one this build does not know is kept as it is.
    code        TEXT    NOT NULL,
    count       INTEGER NOT NULL,
    saved       INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    PRIMARY KEY (device, number, at_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX device_fault_lately ON device_fault (received_ms);
