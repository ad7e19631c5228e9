-- Tracking: when nobody looked for a position though somebody was on duty, and which fixes a test app made.

CREATE TABLE gap (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- Device UTC in milliseconds.
    from_ms     INTEGER NOT NULL,
    until_ms    INTEGER NOT NULL,
    -- 'restarted', 'ended', 'held_back', 'location_off'.
    cause       TEXT    NOT NULL
) STRICT;

CREATE INDEX gap_by_end ON gap (until_ms);

-- 1 when the platform says that no receiver made this fix.
ALTER TABLE fix ADD COLUMN mock INTEGER NOT NULL DEFAULT 0 CHECK (mock IN (0, 1));
