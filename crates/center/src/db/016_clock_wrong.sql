-- The newest position of a device is the fix with the highest number; a clock that was set moves no unit.

-- 1 when the clock that stamped the fix was wrong: at_ms is then the time of receipt, and the age is unknown.
ALTER TABLE fix ADD COLUMN clock_wrong INTEGER NOT NULL DEFAULT 0 CHECK (clock_wrong IN (0, 1));
ALTER TABLE position ADD COLUMN clock_wrong INTEGER NOT NULL DEFAULT 0 CHECK (clock_wrong IN (0, 1));

-- The fix's number; NULL for one that was sent ahead of its trail.
ALTER TABLE position ADD COLUMN number INTEGER;
ALTER TABLE position ADD COLUMN device_ms INTEGER NOT NULL DEFAULT 0;

UPDATE fix SET clock_wrong = 1 WHERE at_ms < 946684800000;
UPDATE position SET
    number = (SELECT max(fix.number) FROM fix
              WHERE fix.device = position.device AND fix.at_ms = position.at_ms
                AND fix.lat_e6 = position.lat_e6 AND fix.lon_e6 = position.lon_e6),
    clock_wrong = at_ms < 946684800000;
UPDATE position SET device_ms = coalesce(
    (SELECT fix.device_ms FROM fix WHERE fix.device = position.device AND fix.number = position.number), at_ms);
