-- Progress of a file is shown with its age.

-- Device UTC in milliseconds when the center last said that it holds more of the file; null before.
ALTER TABLE attachment ADD COLUMN moved_ms INTEGER;
