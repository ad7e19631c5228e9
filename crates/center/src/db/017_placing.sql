-- Checks made once, when a record comes: whether what it names is of its device's scope, and whether the person, the
-- source and the unit that it states fit the enrolment.

-- How the person an entry names stands to the device that brought it: 'proven', 'unproven' or 'nameless'. Empty for
-- entries of the center and for those that came before this column was there. Nothing is withheld for it.
ALTER TABLE entry ADD COLUMN person TEXT NOT NULL DEFAULT '' CHECK (person IN ('', 'proven', 'unproven', 'nameless'));

-- What an entry states that does not fit the enrolment of its device: 'source', 'unit' or 'facility', separated by
-- spaces. Shown, never refused.
ALTER TABLE entry ADD COLUMN mismatch TEXT NOT NULL DEFAULT '';

CREATE INDEX entry_mismatch ON entry (record) WHERE mismatch <> '';

CREATE TABLE device_unit_ever (
    -- Every unit a device was ever enrolled to. Rows are never deleted: what it wrote for an earlier unit stays true.
    device      BLOB    NOT NULL REFERENCES device (id),
    unit        TEXT    NOT NULL,
    PRIMARY KEY (device, unit)
) STRICT, WITHOUT ROWID;

INSERT INTO device_unit_ever (device, unit) SELECT id, unit FROM device;

-- By triggers, so that no way to change a device's unit can forget its history.
CREATE TRIGGER device_unit_first AFTER INSERT ON device BEGIN
    INSERT OR IGNORE INTO device_unit_ever (device, unit) VALUES (NEW.id, NEW.unit);
END;

CREATE TRIGGER device_unit_next AFTER UPDATE OF unit ON device BEGIN
    INSERT OR IGNORE INTO device_unit_ever (device, unit) VALUES (NEW.id, OLD.unit), (NEW.id, NEW.unit);
END;

CREATE TABLE unplaced (
    -- A record whose device named what was never in its scope. While `placed_ms` is 0 its projection hangs on nothing, so
    -- that it is in no list of an incident, in no sum, and told to nobody but its device.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    device      BLOB    NOT NULL REFERENCES device (id),
    -- What it names: 'incident', 'patient' or 'identity' with the id in hexadecimal digits, or 'post' with its code.
    names       TEXT    NOT NULL CHECK (names IN ('incident', 'patient', 'identity', 'post')),
    named       TEXT    NOT NULL,
    since_ms    INTEGER NOT NULL,
    -- When it was placed, and who did; empty when its device's scope came to hold what it names.
    placed_ms   INTEGER NOT NULL DEFAULT 0,
    placed_by   TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE INDEX unplaced_open ON unplaced (device, since_ms) WHERE placed_ms = 0;
