-- Gaps of tracking travel to the center: once each, and only to one that said it takes them.

-- Center time minus device time in milliseconds, as known when the gap ended.
ALTER TABLE gap ADD COLUMN offset_ms INTEGER;
-- 1 when the center has it on its disk.
ALTER TABLE gap ADD COLUMN told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1));

CREATE INDEX gap_untold ON gap (id) WHERE told = 0;

-- 1 when the center last said that it takes gaps.
ALTER TABLE peer ADD COLUMN takes_gaps INTEGER NOT NULL DEFAULT 0 CHECK (takes_gaps IN (0, 1));
