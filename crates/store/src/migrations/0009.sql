-- Repair: which life of the center is known, what it told, and what is to be compared with it.

-- The newest testimony of the center, and its number; empty and 0 while none was heard.
ALTER TABLE peer ADD COLUMN testimony BLOB NOT NULL DEFAULT x'';
ALTER TABLE peer ADD COLUMN epoch_number INTEGER NOT NULL DEFAULT 0;
-- 0: nothing is to be compared. 1: what is in scope. 2: own changes of records that were forgotten as well, and the
-- chains first, because this home was put back. 3: like 2, but the chains are known.
ALTER TABLE peer ADD COLUMN comparing INTEGER NOT NULL DEFAULT 0;
-- The record to go on with while comparing, 16 bytes.
ALTER TABLE peer ADD COLUMN compare_from BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
-- Estimated center UTC in milliseconds when everything was last found equal or handed over; 0 while never.
ALTER TABLE peer ADD COLUMN compared_ms INTEGER NOT NULL DEFAULT 0;
-- A center of another, older life answered and was not believed: device UTC in milliseconds; 0 while none.
ALTER TABLE peer ADD COLUMN rival_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peer ADD COLUMN rival BLOB NOT NULL DEFAULT x'';

CREATE TABLE told (
    -- News as the center signed them, so that a center put back from a backup can be shown what it said. Kept while any
    -- change in it is kept.
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    epoch       BLOB    NOT NULL CHECK (length(epoch) = 8),
    news        BLOB    NOT NULL,
    signature   BLOB    NOT NULL
) STRICT;

CREATE TABLE told_change (
    -- Which changes stand in which news.
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    told        INTEGER NOT NULL REFERENCES told (id) ON DELETE CASCADE,
    record      BLOB    NOT NULL,
    PRIMARY KEY (hash, told)
) STRICT, WITHOUT ROWID;

CREATE INDEX told_of ON told_change (told);
CREATE INDEX told_of_record ON told_change (record);

CREATE TABLE differing (
    -- Records that differ from the center's, with what the center said it has: tips as they travel.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    tips        BLOB    NOT NULL,
    -- Times it was asked about without becoming equal.
    tries       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
