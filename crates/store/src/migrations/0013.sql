-- Since when the file of the guests has been as it is, in nanoseconds of this device's clock: a home that was put back
-- shows by it where the disk gave it the inode of the old one. NULL until the first opening that looks.

ALTER TABLE life ADD COLUMN unchanged_since_ns INTEGER;
