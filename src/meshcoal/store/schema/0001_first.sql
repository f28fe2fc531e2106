-- The first layout. Campaigns, authors, epochs and channels are written once and then named by a number,
-- so that a row of an operation and its indexes stay small.

CREATE TABLE campaigns (
    number INTEGER PRIMARY KEY,
    id     BLOB NOT NULL UNIQUE
);

CREATE TABLE authors (
    number   INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL REFERENCES campaigns (number) ON DELETE CASCADE,
    id       BLOB NOT NULL,
    UNIQUE (campaign, id)
);

CREATE TABLE epochs (
    number   INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL REFERENCES campaigns (number) ON DELETE CASCADE,
    id       BLOB NOT NULL,
    UNIQUE (campaign, id)
);

-- `messages` counts those of the channel, because counting a million takes longer than anybody waits.
CREATE TABLE channels (
    number   INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL REFERENCES campaigns (number) ON DELETE CASCADE,
    id       BLOB NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0,
    UNIQUE (campaign, id)
);

-- `row` is the insertion order, which is a causal order. An author's number implies the campaign.
-- `epoch` is no foreign key: erasing a campaign would then read all operations once per epoch.
-- `encoded` stands last, so that reading the other columns never walks its overflow pages.
CREATE TABLE operations (
    row     INTEGER PRIMARY KEY,
    author  INTEGER NOT NULL REFERENCES authors (number) ON DELETE CASCADE,
    seq     INTEGER NOT NULL,
    depth   INTEGER NOT NULL,
    context INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    epoch   INTEGER NOT NULL,
    opened  INTEGER NOT NULL,
    id      BLOB NOT NULL,
    encoded BLOB NOT NULL
);

-- By id: `names`, filled behind. `handle` is its first 8 bytes; up to the row in `named` all are there.
CREATE TABLE names (
    handle INTEGER NOT NULL,
    row    INTEGER NOT NULL,
    PRIMARY KEY (handle, row)
) WITHOUT ROWID;

CREATE TABLE named (
    row INTEGER PRIMARY KEY
);

-- Not unique: an author may have written two operations at one place, and both are held.
CREATE INDEX operations_by_log ON operations (author, seq);
CREATE INDEX operations_unopened ON operations (epoch) WHERE opened = 0;

-- `about` is the statement that a body belongs to, empty for what belongs to none.
CREATE TABLE bodies (
    row      INTEGER PRIMARY KEY REFERENCES operations (row) ON DELETE CASCADE,
    campaign INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    about    BLOB NOT NULL,
    body     BLOB NOT NULL
);

CREATE INDEX bodies_by_statement ON bodies (campaign, about, kind);

-- `row` is that of the operation, which has what else is to be known. No foreign key: a table that has one is
-- emptied row by row, and only one that is emptied at once is sure to leave nothing.
CREATE TABLE messages (
    row         INTEGER PRIMARY KEY,
    channel     INTEGER NOT NULL,
    depth       INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    reply_to    BLOB NOT NULL,
    thread      BLOB NOT NULL,
    mentions    BLOB NOT NULL,
    bearing     INTEGER NOT NULL,
    text        TEXT NOT NULL
);

CREATE INDEX messages_by_depth ON messages (channel, depth, bearing);
CREATE INDEX messages_by_arrival ON messages (channel, received_ms);
CREATE INDEX messages_calling ON messages (channel, depth) WHERE bearing = 1;
CREATE INDEX messages_by_thread ON messages (thread) WHERE thread <> x'';

-- What was done about messages. No foreign keys, for the same reason: editions hold what was said.
CREATE TABLE marks (
    row         INTEGER PRIMARY KEY,
    channel     INTEGER NOT NULL,
    depth       INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    act         TEXT NOT NULL,
    about       BLOB NOT NULL,
    mentions    BLOB NOT NULL,
    text        TEXT NOT NULL
);

CREATE INDEX marks_by_message ON marks (about);
CREATE INDEX marks_by_arrival ON marks (channel, received_ms);
CREATE INDEX marks_of_pins ON marks (channel, depth) WHERE act IN ('pin', 'unpin');

-- Words of what can be read, by row of the operation, filled behind. Up to the row in `found_to` all are in it
-- but those in `found_late`. The terms are folded by `text.folding`: the tokenizer has only to see blanks.
CREATE VIRTUAL TABLE found USING fts5 (
    terms, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
);

CREATE TABLE found_to (
    row INTEGER PRIMARY KEY
);

CREATE TABLE found_late (
    row INTEGER PRIMARY KEY
);

-- What a message says of the files that go with it: their keys. Gone with the message;
-- no foreign key, for the same reason as above.
CREATE TABLE attached (
    row     INTEGER PRIMARY KEY,
    encoded BLOB NOT NULL
);

CREATE TABLE files (
    number   INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL REFERENCES campaigns (number) ON DELETE CASCADE,
    id       BLOB NOT NULL,
    UNIQUE (campaign, id)
);

-- `sealed` stands last, as `encoded` of an operation does.
CREATE TABLE chunks (
    row    INTEGER PRIMARY KEY,
    file   INTEGER NOT NULL REFERENCES files (number) ON DELETE CASCADE,
    place  INTEGER NOT NULL,
    id     BLOB NOT NULL,
    sealed BLOB NOT NULL
);

CREATE UNIQUE INDEX chunks_by_place ON chunks (file, place);
CREATE INDEX chunks_by_id ON chunks (id);

-- Packed runs that came and are not taken in yet. `packed` stands last, as `encoded` of an operation does.
CREATE TABLE spool (
    row      INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL REFERENCES campaigns (number) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    peer     BLOB NOT NULL,
    ends     BLOB NOT NULL,
    packed   BLOB NOT NULL,
    UNIQUE (campaign, number)
);

-- What must still be done after a crash: `compact` after a campaign was erased, or a table to write anew.
CREATE TABLE chores (
    name TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Documents whose older versions may stay in unused bytes.
CREATE TABLE documents (
    space TEXT NOT NULL,
    key   BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (space, key)
) WITHOUT ROWID;

-- All others. The whole table is written anew soon after any of them was replaced or erased.
CREATE TABLE secrets (
    space TEXT NOT NULL,
    key   BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (space, key)
) WITHOUT ROWID;
