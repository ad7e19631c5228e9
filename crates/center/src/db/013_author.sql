-- Who wrote what was not admitted.

-- The person that the envelope names; empty where nobody was on duty, and for what came before this column was there.
ALTER TABLE quarantine ADD COLUMN author TEXT NOT NULL DEFAULT '';
