-- The first schema of the center. Every table says what a row is and what must never happen to it.

CREATE TABLE center (
    -- Who this center is: one row, made at the first start. A restored backup gets another epoch, never another id.
    one         INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    epoch       BLOB    NOT NULL CHECK (length(epoch) = 8),
    name        TEXT    NOT NULL,
    made_ms     INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    -- Small facts of this installation: which regency was seeded, addresses phones were told.
    name        TEXT    NOT NULL PRIMARY KEY,
    value       TEXT    NOT NULL
) STRICT;

CREATE TABLE device (
    -- One enrolled phone. A row is never deleted: its chain stays verifiable after it was revoked.
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    unit        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    public_key  BLOB    NOT NULL CHECK (length(public_key) = 33),
    state       TEXT    NOT NULL CHECK (state IN ('awaiting', 'active', 'revoked')),
    -- Six digits a supervisor compares before confirming.
    code        TEXT    NOT NULL,
    app         TEXT    NOT NULL,
    -- 1 when the platform attested the key; a signal, not a gate.
    attested    INTEGER NOT NULL DEFAULT 0,
    enrolled_ms INTEGER NOT NULL,
    -- When it was last confirmed or revoked, and by whom.
    state_ms    INTEGER NOT NULL,
    state_by    TEXT    NOT NULL
) STRICT;

CREATE INDEX device_unit ON device (unit, state);

CREATE TABLE contact (
    -- What is known of a device's last exchange. Written often, apart from the device itself.
    device        BLOB    NOT NULL PRIMARY KEY REFERENCES device (id),
    last_ms       INTEGER NOT NULL,
    -- Center time minus device time at that exchange.
    offset_ms     INTEGER NOT NULL,
    -- Feed positions the device said it has (acked) and was last told (told), per document lane.
    acked_urgent  INTEGER NOT NULL,
    acked_records INTEGER NOT NULL,
    told_urgent   INTEGER NOT NULL,
    told_records  INTEGER NOT NULL
) STRICT;

CREATE TABLE device_token (
    -- An open session of a device. Only the hash is here; it dies 15 minutes after its last use and after 12 hours.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    device      BLOB    NOT NULL REFERENCES device (id),
    made_ms     INTEGER NOT NULL,
    used_ms     INTEGER NOT NULL
) STRICT;

CREATE INDEX device_token_device ON device_token (device);

CREATE TABLE invitation (
    -- A one-use permission to enrol. The secret is kept only until it was used: an HMAC cannot be checked without it.
    number      BLOB    NOT NULL PRIMARY KEY CHECK (length(number) = 8),
    secret      BLOB    NOT NULL,
    unit        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    -- 1: no person confirms the six digits.
    unattended  INTEGER NOT NULL CHECK (unattended IN (0, 1)),
    made_ms     INTEGER NOT NULL,
    made_by     TEXT    NOT NULL,
    expires_ms  INTEGER NOT NULL,
    -- Wrong answers so far; burnt at five.
    failures    INTEGER NOT NULL DEFAULT 0,
    -- Device made by it and the hash of the request that made it; empty until used.
    device      BLOB    NOT NULL DEFAULT x'',
    request     BLOB    NOT NULL DEFAULT x''
) STRICT;

CREATE TABLE envelope (
    -- Every envelope that joined a device's chain, byte for byte as it arrived. Append only.
    number      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    device      BLOB    NOT NULL REFERENCES device (id),
    lane        INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    manifest    BLOB    NOT NULL CHECK (length(manifest) = 32),
    prev        BLOB    NOT NULL CHECK (length(prev) = 32),
    bytes       BLOB    NOT NULL,
    -- The epoch this center had then; a chain may span several.
    epoch       BLOB    NOT NULL,
    received_ms INTEGER NOT NULL,
    UNIQUE (device, lane, seq)
) STRICT;

CREATE TABLE receipt (
    -- What was signed for a device, so that a question asked again gets the same answer.
    device      BLOB    NOT NULL REFERENCES device (id),
    lane        INTEGER NOT NULL,
    from_seq    INTEGER NOT NULL,
    up_to_seq   INTEGER NOT NULL,
    payload     BLOB    NOT NULL,
    signature   BLOB    NOT NULL,
    PRIMARY KEY (device, lane, from_seq, up_to_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed (
    -- What devices are told, in one order. Append only; a position is never used twice.
    position    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    lane        INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('change', 'entered', 'left')),
    record      BLOB    NOT NULL,
    -- The one device a membership row is for, and the generation; empty and 0 for a change, which is for every member.
    device      BLOB    NOT NULL,
    generation  INTEGER NOT NULL
) STRICT;

CREATE INDEX feed_lane ON feed (lane, position);

CREATE TABLE change (
    -- The truth: every admitted change exactly as received, at its feed position, which is a causal order. Append only.
    position    INTEGER NOT NULL PRIMARY KEY REFERENCES feed (position),
    hash        BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    record      BLOB    NOT NULL CHECK (length(record) = 16),
    actor       BLOB    NOT NULL CHECK (length(actor) = 16),
    seq         INTEGER NOT NULL,
    bytes       BLOB    NOT NULL,
    -- The device it came from and the envelope that brought it; empty and 0 when the center wrote it.
    origin      BLOB    NOT NULL,
    envelope    INTEGER NOT NULL,
    -- The person, as on the roster or at the console.
    author      TEXT    NOT NULL,
    verdict     TEXT    NOT NULL CHECK (verdict IN ('accept', 'overrule')),
    received_ms INTEGER NOT NULL,
    UNIQUE (record, actor, seq)
) STRICT;

CREATE INDEX change_record ON change (record, position);
CREATE INDEX change_actor ON change (actor);
CREATE INDEX change_origin ON change (origin, record);

CREATE TABLE entry (
    -- Which change brought an entry: what lets a timeline show when the center learned of each event.
    record      BLOB    NOT NULL,
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    kind        TEXT    NOT NULL,
    change      BLOB    NOT NULL REFERENCES change (hash),
    PRIMARY KEY (record, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_change ON entry (change);

CREATE TABLE quarantine (
    -- What was not admitted, with its bytes and the reason. Never deleted, never applied.
    hash        BLOB    NOT NULL,
    record      BLOB    NOT NULL,
    kind        TEXT    NOT NULL,
    bytes       BLOB    NOT NULL,
    device      BLOB    NOT NULL,
    lane        INTEGER NOT NULL,
    -- Sequence of the envelope that brought it; 0 for a whole envelope that did not join its chain.
    seq         INTEGER NOT NULL,
    verdict     TEXT    NOT NULL CHECK (verdict IN ('park', 'refuse')),
    reason      TEXT    NOT NULL,
    received_ms INTEGER NOT NULL,
    PRIMARY KEY (device, lane, seq, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
    -- A cache of a document up to a position: reloaded and compared before it was put here. May be emptied at any time.
    record      BLOB    NOT NULL PRIMARY KEY,
    position    INTEGER NOT NULL,
    bytes       BLOB    NOT NULL
) STRICT;

CREATE TABLE projection (
    -- Every record as people see it, made in the transaction that admitted the change. Rebuilt by `check`.
    record      BLOB    NOT NULL PRIMARY KEY CHECK (length(record) = 16),
    kind        TEXT    NOT NULL,
    -- What the record hangs on; empty where it hangs on nothing. `parent` is the patient of an identity.
    incident    BLOB    NOT NULL,
    parent      BLOB    NOT NULL,
    unit        TEXT    NOT NULL,
    post        TEXT    NOT NULL,
    from_ms     INTEGER NOT NULL,
    until_ms    INTEGER NOT NULL,
    -- When an assignment was cancelled, center time; 0 when it was not.
    ended_ms    INTEGER NOT NULL,
    -- JSON of the projected record; the word null while its opening entry is missing.
    json        TEXT    NOT NULL,
    -- Sorted hashes, 32 bytes each.
    heads       BLOB    NOT NULL,
    changes     INTEGER NOT NULL,
    -- Feed position of its newest change.
    position    INTEGER NOT NULL,
    made_ms     INTEGER NOT NULL,
    updated_ms  INTEGER NOT NULL
) STRICT;

CREATE INDEX projection_kind ON projection (kind, record);
CREATE INDEX projection_incident ON projection (incident, kind);
CREATE INDEX projection_parent ON projection (parent);
CREATE INDEX projection_unit ON projection (kind, unit);
CREATE INDEX projection_post ON projection (kind, post, until_ms);

CREATE TABLE membership (
    -- Which records a device is told about, since and until which feed position. `left` is 0 while it is told.
    device      BLOB    NOT NULL REFERENCES device (id),
    record      BLOB    NOT NULL,
    generation  INTEGER NOT NULL,
    entered     INTEGER NOT NULL,
    left        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, record, generation)
) STRICT, WITHOUT ROWID;

CREATE INDEX membership_record ON membership (record, left);

CREATE TABLE fix (
    -- One point of a device's trail, under the number the device gave it. Safe to receive again.
    device      BLOB    NOT NULL REFERENCES device (id),
    number      INTEGER NOT NULL,
    device_ms   INTEGER NOT NULL,
    -- The same moment on the center's clock.
    at_ms       INTEGER NOT NULL,
    lat_e6      INTEGER NOT NULL,
    lon_e6      INTEGER NOT NULL,
    -- Metres and centimetres a second; -1 when the source did not say.
    accuracy_m  INTEGER NOT NULL,
    speed_cms   INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE position (
    -- The newest point known of a device, by the moment it was taken, never by the moment it arrived.
    device      BLOB    NOT NULL PRIMARY KEY REFERENCES device (id),
    at_ms       INTEGER NOT NULL,
    lat_e6      INTEGER NOT NULL,
    lon_e6      INTEGER NOT NULL,
    accuracy_m  INTEGER NOT NULL,
    speed_cms   INTEGER NOT NULL,
    received_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE attachment (
    -- A file named by its SHA-256. While it arrives its bytes are in a `.part` beside it.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    size_bytes  INTEGER NOT NULL,
    held_bytes  INTEGER NOT NULL,
    whole       INTEGER NOT NULL CHECK (whole IN (0, 1)),
    device      BLOB    NOT NULL,
    received_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE attachment_named (
    -- Which records name an attachment; only who sees one of them may read it.
    hash        BLOB    NOT NULL,
    record      BLOB    NOT NULL,
    PRIMARY KEY (hash, record)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    -- Somebody who signs in at the console. Never deleted, only disabled: history names them.
    user        TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    -- Argon2id, PHC string.
    password    TEXT    NOT NULL,
    disabled    INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    made_ms     INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    -- A signed-in browser. Only hashes of cookie and CSRF token are here.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    user        TEXT    NOT NULL REFERENCES person (user),
    csrf        BLOB    NOT NULL,
    made_ms     INTEGER NOT NULL,
    used_ms     INTEGER NOT NULL
) STRICT;

CREATE TABLE api_token (
    -- A bearer token of another system. Only its hash is here.
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    name        TEXT    NOT NULL,
    made_ms     INTEGER NOT NULL,
    revoked_ms  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE roster_import (
    -- One file of the roster office that was taken whole.
    number      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    file_hash   BLOB    NOT NULL CHECK (length(file_hash) = 32),
    rows        INTEGER NOT NULL,
    summary     TEXT    NOT NULL,
    imported_ms INTEGER NOT NULL,
    imported_by TEXT    NOT NULL
) STRICT;

CREATE TABLE boundary (
    -- The outline of a village as imported, GeoJSON geometry.
    code        TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    geometry    TEXT    NOT NULL
) STRICT;

CREATE TABLE audit (
    -- Who did, decided or read what. Each row holds SHA-256(hash of the row before || this row): nothing can be changed,
    -- dropped or swapped without breaking the chain from there on.
    number      INTEGER NOT NULL PRIMARY KEY,
    at_ms       INTEGER NOT NULL,
    by          TEXT    NOT NULL,
    act         TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    hash        BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
