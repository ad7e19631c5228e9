-- What a phone knows of its own tracking: which fixes an app made up, and when nobody looked for any.

ALTER TABLE fix ADD COLUMN mock INTEGER NOT NULL DEFAULT 0 CHECK (mock IN (0, 1));
ALTER TABLE position ADD COLUMN mock INTEGER NOT NULL DEFAULT 0 CHECK (mock IN (0, 1));

CREATE TABLE gap (
    -- A stretch of a duty without tracking, as the phone told it, device UTC in milliseconds. Safe to receive again.
    device         BLOB    NOT NULL REFERENCES device (id),
    device_from_ms INTEGER NOT NULL,
    device_until_ms INTEGER NOT NULL,
    -- A code of the phone's; one this build does not know is kept as it is.
    cause          TEXT    NOT NULL,
    -- The same moments on the center's clock.
    from_ms        INTEGER NOT NULL,
    until_ms       INTEGER NOT NULL,
    received_ms    INTEGER NOT NULL,
    PRIMARY KEY (device, device_from_ms, device_until_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX gap_lately ON gap (until_ms);
