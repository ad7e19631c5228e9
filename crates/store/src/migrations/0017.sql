CREATE TABLE room (
    -- Always empty: what was written here is free pages, held for what must be saved on a full disk.
    bytes       BLOB    NOT NULL
) STRICT;
