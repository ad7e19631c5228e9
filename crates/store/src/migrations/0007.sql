-- Incidents that are not on this phone, as far as a list shows them.

CREATE TABLE thin (
    -- Told by the center, replaced by the next telling, gone when the record itself comes or is closed.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    -- JSON of what a list shows: kind, priority, village, since when. No name and no word anybody said.
    brief       TEXT    NOT NULL,
    -- When the center told it, center UTC in milliseconds.
    told_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- 1 once all of them were told in this epoch.
ALTER TABLE peer ADD COLUMN thin_known INTEGER NOT NULL DEFAULT 0 CHECK (thin_known IN (0, 1));
