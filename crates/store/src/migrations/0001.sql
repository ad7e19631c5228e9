CREATE TABLE life (
    -- Which life of this home is writing. One row. `counter` is raised by every opening and written to the mark
    -- file beside the database as well; where the two disagree, this database was copied or put back, and the
    -- next change is written by a fresh actor.
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    actor       BLOB    NOT NULL CHECK (length(actor) = 16),
    boot_id     TEXT    NOT NULL,
    -- Boots of this device that the store has seen, or the platform's own count.
    boot        INTEGER NOT NULL,
    counter     INTEGER NOT NULL,
    inode       INTEGER NOT NULL
) STRICT;

CREATE TABLE record (
    -- A document that is on this phone. Its changes are in `change`; this row says what they add up to.
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind             TEXT    NOT NULL,
    schema           INTEGER NOT NULL,
    -- The heads, 32 bytes each, sorted, one after the other.
    heads            BLOB    NOT NULL,
    change_count     INTEGER NOT NULL,
    -- Device UTC in milliseconds when a change was last appended here.
    updated_ms       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
    -- The append-only log, the truth of every document: bytes exactly as their author made them.
    position    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    hash        BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    record      BLOB    NOT NULL,
    -- The record's kind; kept here as well, because own changes outlive a forgotten record.
    kind        TEXT    NOT NULL,
    actor       BLOB    NOT NULL CHECK (length(actor) = 16),
    seq         INTEGER NOT NULL,
    bytes       BLOB    NOT NULL,
    -- 'local': written on this phone. 'center': came in the feed.
    origin      TEXT    NOT NULL CHECK (origin IN ('local', 'center')),
    -- 'pending' until a receipt names it; what came from the center is 'accept'. 'replayed' was written again
    -- under another actor after an earlier change of the document was refused.
    verdict     TEXT    NOT NULL CHECK (verdict IN ('pending', 'accept', 'park', 'overrule', 'refuse', 'replayed')),
    -- The center's reason code for anything but acceptance; empty otherwise.
    reason      TEXT    NOT NULL DEFAULT '',
    -- Device UTC in milliseconds when it was appended here.
    saved_ms    INTEGER NOT NULL,
    -- Center UTC in milliseconds of the receipt that named it; null before.
    received_ms INTEGER,
    UNIQUE (record, actor, seq)
) STRICT;

CREATE INDEX change_of_record ON change (record, position);
CREATE INDEX change_not_taken ON change (verdict) WHERE verdict IN ('refuse', 'overrule');

CREATE TABLE entry (
    -- Which local change carries which entry, for "how far did this note get". An intent so long that it became
    -- several changes has every entry under each of them: the least delivered one counts.
    entry       BLOB    NOT NULL CHECK (length(entry) = 16),
    change      BLOB    NOT NULL REFERENCES change (hash),
    record      BLOB    NOT NULL,
    kind        TEXT    NOT NULL,
    PRIMARY KEY (change, entry)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_of_record ON entry (record);

CREATE TABLE snapshot (
    -- A cache: the document saved, reloaded and compared. `up_to` is the log position it holds; what stands
    -- behind it is applied after. Deleting a row loses nothing.
    record      BLOB    NOT NULL PRIMARY KEY,
    up_to       INTEGER NOT NULL,
    bytes       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE intent (
    -- What the responder meant, beside the changes made from it.
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL,
    command     TEXT    NOT NULL,
    person      TEXT    NOT NULL,
    device_ms   INTEGER NOT NULL,
    -- Hashes of the changes, 32 bytes each, one after the other.
    changes     BLOB    NOT NULL
) STRICT;

CREATE TABLE outbox (
    -- Changes written here that no receipt has named. A row enters in the transaction that writes the change and
    -- leaves in the one that keeps the receipt; nothing else deletes it.
    position    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    change      BLOB    NOT NULL UNIQUE REFERENCES change (hash),
    record      BLOB    NOT NULL,
    kind        TEXT    NOT NULL,
    schema      INTEGER NOT NULL,
    lane        INTEGER NOT NULL,
    -- The one person who acted; an envelope speaks for one person.
    person      TEXT    NOT NULL,
    size_bytes  INTEGER NOT NULL,
    -- Attachments this change names, 32 bytes each.
    attachments BLOB    NOT NULL,
    -- The envelope it was put into; null while none.
    envelope    INTEGER
) STRICT;

CREATE INDEX outbox_of_lane ON outbox (lane, envelope, position);
CREATE INDEX outbox_of_record ON outbox (record);

CREATE TABLE lane (
    -- The envelope chain of each lane: gapless, each naming the manifest before it.
    lane        INTEGER NOT NULL PRIMARY KEY,
    next_seq    INTEGER NOT NULL,
    -- Manifest hash of the envelope before `next_seq`; zeros at the beginning.
    head        BLOB    NOT NULL CHECK (length(head) = 32)
) STRICT;

CREATE TABLE envelope (
    -- An envelope of this device's chain. Frozen: sequence and manifest fixed. Sealed: signed, the bytes that
    -- travel are here and are sent again as they are. Kept after its receipt, so that a center put back from a
    -- backup can be given it again.
    lane        INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    prev        BLOB    NOT NULL CHECK (length(prev) = 32),
    manifest    BLOB    NOT NULL CHECK (length(manifest) = 32),
    epoch       BLOB    NOT NULL,
    person      TEXT    NOT NULL,
    device_ms   INTEGER NOT NULL,
    monotonic_ms INTEGER NOT NULL,
    boot        INTEGER NOT NULL,
    -- Hashes of the changes in their order, 32 bytes each.
    changes     BLOB    NOT NULL,
    attachments BLOB    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('frozen', 'sealed', 'sent', 'receipted')),
    -- Empty while frozen.
    sealed      BLOB    NOT NULL,
    -- Device UTC in milliseconds when it was last handed to the network; null before.
    sent_ms     INTEGER,
    PRIMARY KEY (lane, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX envelope_open ON envelope (lane, seq) WHERE state <> 'receipted';

CREATE TABLE receipt (
    -- Receipts as the center signed them, checked before they were kept.
    lane        INTEGER NOT NULL,
    up_to_seq   INTEGER NOT NULL,
    epoch       BLOB    NOT NULL,
    center_ms   INTEGER NOT NULL,
    payload     BLOB    NOT NULL,
    signature   BLOB    NOT NULL,
    PRIMARY KEY (lane, up_to_seq, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE projection (
    -- A record as people see it, so that no list ever opens a document.
    record      BLOB    NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL,
    -- The incident it belongs to; null for kinds that belong to none.
    incident    BLOB,
    updated_ms  INTEGER NOT NULL,
    -- `domain::record::Record` as JSON.
    body        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX projection_of_kind ON projection (kind, updated_ms);
CREATE INDEX projection_of_incident ON projection (incident, kind);

CREATE TABLE delivery (
    -- How far what was written here got, per record: the least of its changes. No row: nothing of it was
    -- written here.
    record      BLOB    NOT NULL PRIMARY KEY,
    state       TEXT    NOT NULL CHECK (state IN ('refused', 'saved', 'sent', 'received')),
    at_ms       INTEGER NOT NULL,
    reason      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
    -- Whether a document is in this phone's scope. 'left' is the stub that keeps it from being resurrected by a
    -- late message; only a higher generation lets it in again. 'leaving' waits for the last verdict.
    record      BLOB    NOT NULL PRIMARY KEY,
    state       TEXT    NOT NULL CHECK (state IN ('entered', 'leaving', 'left')),
    generation  INTEGER NOT NULL,
    -- The feed position of the entry or the leaving.
    position    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    -- What came in and was not taken: kept as it came, tried again when its document grows.
    hash        BLOB    NOT NULL PRIMARY KEY,
    record      BLOB    NOT NULL,
    bytes       BLOB    NOT NULL,
    reason      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX quarantine_of_record ON quarantine (record);

CREATE TABLE fix (
    -- The trail: numbered without gaps from 1.
    number      INTEGER NOT NULL PRIMARY KEY,
    -- Device UTC, milliseconds.
    at_ms       INTEGER NOT NULL,
    -- Degrees times 10^6.
    lat_e6      INTEGER NOT NULL,
    lon_e6      INTEGER NOT NULL,
    accuracy_m  INTEGER,
    speed_cms   INTEGER,
    -- Center time minus device time as known then, milliseconds.
    offset_ms   INTEGER
) STRICT;

CREATE INDEX fix_by_time ON fix (at_ms);

CREATE TABLE attachment (
    -- A file in the attachment folder, named by its SHA-256.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    record      BLOB    NOT NULL,
    media       TEXT    NOT NULL,
    size_bytes  INTEGER NOT NULL,
    -- Bytes the center has said it holds from the start.
    held_bytes  INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'received', 'damaged')),
    saved_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment (
    -- Who this phone is and which center it trusts. One row, none before enrolment.
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    device      BLOB    NOT NULL CHECK (length(device) = 16),
    unit        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    center      BLOB    NOT NULL CHECK (length(center) = 16),
    center_name TEXT    NOT NULL,
    -- JSON array of addresses, best first.
    urls        TEXT    NOT NULL,
    root_der    BLOB    NOT NULL,
    center_key  BLOB    NOT NULL CHECK (length(center_key) = 32)
) STRICT;

CREATE TABLE peer (
    -- How things stand with the center. One row, none before enrolment.
    id                 INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch              BLOB    NOT NULL CHECK (length(epoch) = 8),
    cursor_urgent      INTEGER NOT NULL,
    cursor_records     INTEGER NOT NULL,
    -- Empty when there is none.
    token              BLOB    NOT NULL,
    -- Center time minus device time, and half the width of what that may be wrong by.
    offset_ms          INTEGER,
    uncertainty_ms     INTEGER,
    -- Device UTC of the newest answer, center UTC of the newest receipt.
    last_exchange_ms   INTEGER,
    last_receipt_ms    INTEGER,
    reach              TEXT    NOT NULL,
    -- Fixes below this number are on the center's disk.
    trail_received     INTEGER NOT NULL
) STRICT;

CREATE TABLE lease (
    -- Who may sync. One row. The monotonic clock counts only beside the same boot.
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    holder      BLOB    NOT NULL,
    boot_id     TEXT    NOT NULL,
    expires_ms  INTEGER NOT NULL,
    fence       INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    -- Preferences and small facts of the app.
    key         TEXT    NOT NULL PRIMARY KEY,
    value       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE draft (
    -- Text of a form that was not sent yet.
    key         TEXT    NOT NULL PRIMARY KEY,
    text        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
