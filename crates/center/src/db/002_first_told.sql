-- When a device was first told of a record, and first said that it has it. Later exchanges never move these times; 0 means
-- not yet.

ALTER TABLE membership ADD COLUMN told_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN held_ms INTEGER NOT NULL DEFAULT 0;

-- The latest these moments can have been is the best that is known of what was told before they were kept.
UPDATE membership SET
    told_ms = coalesce((SELECT contact.last_ms FROM contact JOIN feed ON feed.position = membership.entered
                        WHERE contact.device = membership.device
                          AND membership.entered <= CASE feed.lane WHEN 0 THEN contact.told_urgent ELSE contact.told_records END), 0),
    held_ms = coalesce((SELECT contact.last_ms FROM contact JOIN feed ON feed.position = membership.entered
                        WHERE contact.device = membership.device
                          AND membership.entered <= CASE feed.lane WHEN 0 THEN contact.acked_urgent ELSE contact.acked_records END), 0)
WHERE "left" = 0;

CREATE INDEX membership_untold ON membership (device, entered) WHERE told_ms = 0 AND "left" = 0;
CREATE INDEX membership_unheld ON membership (device, entered) WHERE told_ms > 0 AND held_ms = 0;
