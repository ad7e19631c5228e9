-- Verdicts that come later: what waits at the center, and up to which later verdict this phone knows them.

-- Number of the newest later verdict kept here that the center was not told about yet; 0 for nothing to tell.
ALTER TABLE peer ADD COLUMN verdicts_up_to INTEGER NOT NULL DEFAULT 0;

CREATE INDEX change_parked ON change (record) WHERE verdict = 'park';

-- 'parked' is a state of its own: at the center, and not yet in its document.
CREATE TABLE delivery_new (
    -- How far what was written here got, per record: the least of its changes. No row: nothing of it was
    -- written here.
    record      BLOB    NOT NULL PRIMARY KEY,
    state       TEXT    NOT NULL CHECK (state IN ('refused', 'saved', 'sent', 'parked', 'received')),
    at_ms       INTEGER NOT NULL,
    reason      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO delivery_new (record, state, at_ms, reason) SELECT record, state, at_ms, reason FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_new RENAME TO delivery;
