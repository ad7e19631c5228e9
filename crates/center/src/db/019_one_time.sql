-- 1: the password was made by an administrator and opens one sign-in, which replaces it.
ALTER TABLE person ADD COLUMN one_time INTEGER NOT NULL DEFAULT 0 CHECK (one_time IN (0, 1));
