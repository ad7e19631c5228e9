-- What this phone knows of the center's time.

-- The moment the offset was learned in: device UTC, monotonic clock, and the boot that clock counts in. Empty before.
ALTER TABLE peer ADD COLUMN learned_device_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peer ADD COLUMN learned_monotonic_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peer ADD COLUMN learned_boot_id TEXT NOT NULL DEFAULT '';

-- Newest center UTC in milliseconds under the center's signature; 0 while none. Only a center whose own clock was set
-- back takes it back.
ALTER TABLE peer ADD COLUMN signed_ms INTEGER NOT NULL DEFAULT 0;
UPDATE peer SET signed_ms = coalesce(last_receipt_ms, 0), learned_device_ms = coalesce(last_exchange_ms, 0);

-- Satellite time minus estimated center time at the newest fix that told it, milliseconds; null while none did.
ALTER TABLE peer ADD COLUMN satellite_ahead_ms INTEGER;
