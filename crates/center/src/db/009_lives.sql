-- Lives of this center: which one it lives, and others that phones met.

-- Grows from life to life. Where two lives answer, the one with the smaller number is over.
ALTER TABLE center ADD COLUMN life INTEGER NOT NULL DEFAULT 1;

CREATE TABLE rival (
    -- Another life of this center that signed for itself with this center's key, and the device that showed it last.
    epoch       BLOB    NOT NULL PRIMARY KEY CHECK (length(epoch) = 8),
    life        INTEGER NOT NULL,
    device      BLOB    NOT NULL,
    seen_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX quarantine_forks ON quarantine (received_ms) WHERE kind = 'envelope';
