CREATE TABLE archive (
    -- Closed incidents whose state was signed and put into a file of its own. A row is written only after the file was
    -- opened again and compared. What comes after gets the next number: an archive that is there is never changed.
    incident    BLOB    NOT NULL CHECK (length(incident) = 16),
    number      INTEGER NOT NULL CHECK (number > 0),
    -- Below the folder of archives.
    path        TEXT    NOT NULL UNIQUE,
    sha256      BLOB    NOT NULL CHECK (length(sha256) = 32),
    -- What the center signed, and its signature.
    statement   BLOB    NOT NULL,
    signature   BLOB    NOT NULL,
    -- Digest over the records and their heads: another one means that something came after.
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    archived_ms INTEGER NOT NULL,
    PRIMARY KEY (incident, number)
) STRICT, WITHOUT ROWID;
