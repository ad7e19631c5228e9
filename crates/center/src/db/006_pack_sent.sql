CREATE TABLE pack_sent (
    -- Map packs whose last byte was given to a device, which fetches from where it was cut: all of it went there. A newer
    -- pack of the same name has another hash.
    device      BLOB    NOT NULL CHECK (length(device) = 16),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    sent_ms     INTEGER NOT NULL,
    PRIMARY KEY (device, hash)
) STRICT, WITHOUT ROWID;
