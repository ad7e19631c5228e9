-- Phones that may be two.

-- When the device first said that its home was copied or put back, or its chain went two ways; 0 while neither. From then on it
-- is told what it wrote itself as well, because it may be two that do not know of one another. A new enrolment ends it.
ALTER TABLE device ADD COLUMN copied_ms INTEGER NOT NULL DEFAULT 0;
