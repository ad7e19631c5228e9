-- How far the satellites' time is before this center's, as a device saw it at its last exchange, milliseconds; null where it
-- saw no great difference, or no satellites.
ALTER TABLE contact ADD COLUMN satellite_ahead_ms INTEGER;
