-- Claimed times that cannot be true, judged once, when their entry was received. Most records have none.

CREATE TABLE claimed_time (
    record  BLOB    NOT NULL,
    entry   BLOB    NOT NULL CHECK (length(entry) = 16),
    -- Center UTC in milliseconds to order and to age the entry by.
    at_ms   INTEGER NOT NULL,
    -- 1 where pages say *jam salah*; 0 where the claim was only a little ahead of its receipt.
    wrong   INTEGER NOT NULL CHECK (wrong IN (0, 1)),
    PRIMARY KEY (record, entry)
) STRICT, WITHOUT ROWID;
