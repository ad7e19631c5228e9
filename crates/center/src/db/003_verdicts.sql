-- Verdicts other than acceptance: why a change was overruled, what waits for a change it hangs on, and verdicts that came
-- after the receipt.

-- Why an overruled change has no effect; empty for accepted ones.
ALTER TABLE change ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- When the device was last asked for what a parked change hangs on, center time; 0 while never.
ALTER TABLE quarantine ADD COLUMN asked_ms INTEGER NOT NULL DEFAULT 0;

CREATE INDEX quarantine_parked ON quarantine (record, received_ms) WHERE verdict = 'park';
CREATE INDEX quarantine_parked_of ON quarantine (device) WHERE verdict = 'park';
CREATE INDEX change_overruled ON change (envelope) WHERE verdict = 'overrule';

CREATE TABLE later_verdict (
    -- The final verdict on a change that was parked, for the device that sent it. Told until the device says that it has
    -- it; kept after that.
    number      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    device      BLOB    NOT NULL REFERENCES device (id),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    record      BLOB    NOT NULL CHECK (length(record) = 16),
    verdict     TEXT    NOT NULL CHECK (verdict IN ('accept', 'overrule', 'refuse')),
    reason      TEXT    NOT NULL,
    decided_ms  INTEGER NOT NULL,
    -- 1 once the device said so.
    told        INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1))
) STRICT;

CREATE INDEX later_verdict_untold ON later_verdict (device, number) WHERE told = 0;
