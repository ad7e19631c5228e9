-- Files that devices may fetch: photographs and thumbnails of the records they are told about, and map packs of their unit.

-- 'thumbnail' or 'photograph', as the entry names it: another limit, another lane.
ALTER TABLE attachment_named ADD COLUMN kind TEXT NOT NULL DEFAULT 'photograph' CHECK (kind IN ('thumbnail', 'photograph'));

CREATE INDEX attachment_named_record ON attachment_named (record);

CREATE TABLE pack (
    -- A map pack by its name. A newer file takes the row; the file of the older one stays on the disk until nothing names it.
    name        TEXT    NOT NULL PRIMARY KEY,
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    kind        TEXT    NOT NULL CHECK (kind IN ('geojson', 'pmtiles')),
    size_bytes  INTEGER NOT NULL,
    added_ms    INTEGER NOT NULL,
    added_by    TEXT    NOT NULL
) STRICT;

CREATE TABLE pack_unit (
    -- Whose phones get a pack: a unit, or everybody under the empty name.
    name        TEXT    NOT NULL REFERENCES pack (name) ON DELETE CASCADE,
    unit        TEXT    NOT NULL,
    PRIMARY KEY (name, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE offer (
    -- A whole file a device may fetch. Numbers only grow: a device says up to which it knows them. Written by the triggers
    -- below in the transaction of whatever made the file fetchable, so that no road to it can forget to.
    number      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    device      BLOB    NOT NULL,
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    -- The record that names it; empty for a map pack.
    record      BLOB    NOT NULL,
    -- The name of a map pack, empty for a picture. With a hash of zeros: this name was withdrawn.
    pack        TEXT    NOT NULL,
    UNIQUE (device, hash, pack)
) STRICT;

CREATE INDEX offer_device ON offer (device, number);

-- A file became whole.
CREATE TRIGGER attachment_whole AFTER UPDATE OF whole ON attachment WHEN NEW.whole = 1 AND OLD.whole = 0 BEGIN
    INSERT OR IGNORE INTO offer (device, hash, record, pack)
    SELECT membership.device, NEW.hash, named.record, '' FROM attachment_named AS named
    JOIN membership ON membership.record = named.record AND membership."left" = 0
    WHERE named.hash = NEW.hash AND membership.device <> NEW.device;
END;

CREATE TRIGGER attachment_whole_at_once AFTER INSERT ON attachment WHEN NEW.whole = 1 BEGIN
    INSERT OR IGNORE INTO offer (device, hash, record, pack)
    SELECT membership.device, NEW.hash, named.record, '' FROM attachment_named AS named
    JOIN membership ON membership.record = named.record AND membership."left" = 0
    WHERE named.hash = NEW.hash AND membership.device <> NEW.device;
END;

-- A record names a file that is whole already.
CREATE TRIGGER attachment_named_late AFTER INSERT ON attachment_named BEGIN
    INSERT OR IGNORE INTO offer (device, hash, record, pack)
    SELECT membership.device, NEW.hash, NEW.record, '' FROM attachment
    JOIN membership ON membership.record = NEW.record AND membership."left" = 0
    WHERE attachment.hash = NEW.hash AND attachment.whole = 1 AND membership.device <> attachment.device;
END;

-- A device is told about a record that names files, perhaps not for the first time: it is told about them anew.
CREATE TRIGGER membership_entered AFTER INSERT ON membership WHEN NEW."left" = 0 BEGIN
    INSERT OR REPLACE INTO offer (device, hash, record, pack)
    SELECT NEW.device, named.hash, NEW.record, '' FROM attachment_named AS named
    JOIN attachment ON attachment.hash = named.hash AND attachment.whole = 1
    WHERE named.record = NEW.record AND attachment.device <> NEW.device;
END;

-- A device came to life: the map packs of its unit.
CREATE TRIGGER device_active AFTER UPDATE OF state ON device WHEN NEW.state = 'active' AND OLD.state <> 'active' BEGIN
    INSERT OR IGNORE INTO offer (device, hash, record, pack)
    SELECT NEW.id, pack.hash, x'', pack.name FROM pack
    WHERE EXISTS (SELECT 1 FROM pack_unit WHERE pack_unit.name = pack.name AND pack_unit.unit IN ('', NEW.unit));
END;

CREATE TRIGGER device_active_at_once AFTER INSERT ON device WHEN NEW.state = 'active' BEGIN
    INSERT OR IGNORE INTO offer (device, hash, record, pack)
    SELECT NEW.id, pack.hash, x'', pack.name FROM pack
    WHERE EXISTS (SELECT 1 FROM pack_unit WHERE pack_unit.name = pack.name AND pack_unit.unit IN ('', NEW.unit));
END;

-- What is whole by now is offered to those who see it.
INSERT OR IGNORE INTO offer (device, hash, record, pack)
SELECT membership.device, attachment.hash, named.record, '' FROM attachment
JOIN attachment_named AS named ON named.hash = attachment.hash
JOIN membership ON membership.record = named.record AND membership."left" = 0
WHERE attachment.whole = 1 AND membership.device <> attachment.device;
