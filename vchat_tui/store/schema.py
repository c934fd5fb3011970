"""The schema of the store, as the list of its migrations.

Times are integer milliseconds since 1970 UTC. `order_at` is the time that decides a message's
place in its conversation: the provider's, held within sane bounds. Ids that consoles hold are
never used twice (AUTOINCREMENT): a reply to a conversation that is gone must reach nobody else.
"""

from __future__ import annotations

STORE_MIGRATIONS = (
    """
CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL              -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    account TEXT NOT NULL,           -- the provider's id of this number or page
    business_account TEXT,           -- the provider's id of the account around it
    settings TEXT NOT NULL,          -- JSON, no secrets
    paused TEXT,                     -- JSON of the error that stopped sending
    created_at INTEGER NOT NULL,
    UNIQUE (channel, account)
) STRICT;

CREATE TABLE secret (
    inbox_id INTEGER NOT NULL REFERENCES inbox ON DELETE CASCADE,
    key TEXT NOT NULL,
    slot TEXT NOT NULL CHECK (slot IN ('current', 'previous')),
    sealed TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (inbox_id, key, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox_health (
    inbox_id INTEGER PRIMARY KEY,    -- 0: webhooks whose signature matched no inbox
    last_good_at INTEGER,
    last_bad_at INTEGER,
    last_bad_reason TEXT,
    handshake_at INTEGER,
    good INTEGER NOT NULL DEFAULT 0,
    bad INTEGER NOT NULL DEFAULT 0,
    last_error TEXT                  -- JSON: what the provider last reported of the account
) STRICT;

CREATE TABLE user (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    named_by_us INTEGER NOT NULL DEFAULT 0,  -- an agent chose the name: profile names no longer change it
    first_name TEXT,
    last_name TEXT,
    email TEXT,
    phone TEXT,
    phone_key TEXT,                  -- one key for the spellings of one number
    phone_by_us INTEGER NOT NULL DEFAULT 0,  -- an agent typed it: webhooks no longer change it
    language TEXT,
    country TEXT,
    details TEXT NOT NULL DEFAULT '{}',
    search_key TEXT NOT NULL,        -- name, e-mail, digits, username: folded
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER
) STRICT;
CREATE INDEX user_by_name ON user (name COLLATE NOCASE, id);
CREATE INDEX user_by_phone ON user (phone_key) WHERE phone_key IS NOT NULL;

-- Search tables are kept by the functions that write (index.py): SQLite refuses virtual tables in
-- triggers of a schema that it does not trust.
CREATE VIRTUAL TABLE user_search USING fts5 (
    search_key, content = 'user', content_rowid = 'id', tokenize = 'trigram'
);

CREATE TABLE identity (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES user,
    inbox_id INTEGER NOT NULL REFERENCES inbox,
    address TEXT,                    -- the provider's id as it writes it (wa_id, later +E164 ...)
    address_key TEXT,                -- one key for the spellings of one number
    business_scoped_id TEXT,
    parent_business_scoped_id TEXT,
    username TEXT,
    profile_name TEXT,
    address_at INTEGER NOT NULL DEFAULT 0,   -- when each name was said: an older one never
    scoped_at INTEGER NOT NULL DEFAULT 0,    -- replaces a newer one
    profile_at INTEGER NOT NULL DEFAULT 0,
    username_at INTEGER NOT NULL DEFAULT 0,
    last_inbound_at INTEGER,         -- opens the window
    created_at INTEGER NOT NULL,
    UNIQUE (inbox_id, address_key),
    UNIQUE (inbox_id, business_scoped_id)
) STRICT;
CREATE INDEX identity_by_user ON identity (user_id);
CREATE INDEX identity_by_address ON identity (address_key) WHERE address_key IS NOT NULL;

CREATE TABLE conversation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES user,
    inbox_id INTEGER NOT NULL REFERENCES inbox,
    identity_id INTEGER NOT NULL UNIQUE REFERENCES identity,
    folder TEXT NOT NULL DEFAULT 'inbox',
    read_id INTEGER NOT NULL DEFAULT 0,      -- customers' messages up to here are read
    unread INTEGER NOT NULL DEFAULT 0,
    last_message_id INTEGER,
    last_message_at INTEGER NOT NULL,
    last_text TEXT,
    last_type TEXT,
    last_direction TEXT,
    last_status TEXT,
    window_ends_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_by_activity ON conversation (folder, last_message_at DESC, id DESC);
CREATE INDEX conversation_unread ON conversation (folder, last_message_at DESC, id DESC) WHERE unread > 0;
CREATE INDEX conversation_by_user ON conversation (user_id);

CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversation,
    inbox_id INTEGER NOT NULL,
    direction TEXT NOT NULL,
    type TEXT NOT NULL,
    text TEXT,
    filename TEXT,
    content TEXT,                    -- JSON of what `text` and `type` do not hold
    author TEXT,
    provider_id TEXT,
    client_id TEXT UNIQUE,
    sender TEXT,
    recipient TEXT,
    from_user_id TEXT,
    profile_name TEXT,
    reply_to TEXT,                   -- a provider id
    status TEXT,
    error TEXT,                      -- JSON
    order_at INTEGER NOT NULL,
    sent_at INTEGER,
    delivered_at INTEGER,
    read_at INTEGER,
    received_at INTEGER NOT NULL,
    webhook_id INTEGER,              -- the journal entry it was read in
    UNIQUE (inbox_id, provider_id)
) STRICT;
CREATE INDEX message_by_place ON message (conversation_id, order_at, id);
CREATE INDEX message_by_quote ON message (inbox_id, reply_to) WHERE reply_to IS NOT NULL;
CREATE INDEX message_in_trouble ON message (id) WHERE status IN ('failed', 'unknown');

-- What one message does to another: reactions, edits, revocations. `target` may not be here yet.
CREATE TABLE effect (
    message_id INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    inbox_id INTEGER NOT NULL,
    target TEXT NOT NULL,            -- a provider id
    kind TEXT NOT NULL,              -- reaction, edit, revoke
    direction TEXT NOT NULL,
    at INTEGER NOT NULL,
    value TEXT                       -- the emoji (absent: taken away), the new text
) STRICT;
CREATE INDEX effect_by_target ON effect (inbox_id, target);

CREATE VIRTUAL TABLE message_search USING fts5 (
    text, filename, content = 'message', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

-- Every status that a provider reported, also for messages that we do not know (yet).
CREATE TABLE delivery (
    inbox_id INTEGER NOT NULL,
    provider_id TEXT NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (inbox_id, provider_id, status)
) STRICT, WITHOUT ROWID;

-- Sends waiting or under way; a row goes when its message is accepted or has failed for good.
CREATE TABLE outbox (
    message_id INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    conversation_id INTEGER NOT NULL,
    inbox_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unknown')),
    attempt INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,        -- not before
    boot_id TEXT,                    -- which run of the server claimed it
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_conversation ON outbox (conversation_id, message_id);

-- One row a send that began: how often a message was tried, and the provider's id of each.
CREATE TABLE attempt (
    message_id INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    callback_data TEXT NOT NULL UNIQUE,
    outcome TEXT,                    -- accepted, rejected, not_sent, unclear, confirmed
    provider_id TEXT,
    PRIMARY KEY (message_id, number)
) STRICT;
CREATE INDEX attempt_by_provider ON attempt (provider_id) WHERE provider_id IS NOT NULL;

CREATE TABLE draft (
    conversation_id INTEGER PRIMARY KEY REFERENCES conversation ON DELETE CASCADE,
    text TEXT NOT NULL,
    cursor_row INTEGER NOT NULL,
    cursor_column INTEGER NOT NULL,
    saved_at INTEGER NOT NULL
) STRICT;

-- Journal entries that did not simply apply; what is not here and not after the position did.
CREATE TABLE webhook_outcome (
    webhook_id INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('ignored', 'dead')),
    error TEXT,
    tries INTEGER NOT NULL DEFAULT 1,
    changed_at INTEGER NOT NULL
) STRICT;

-- Account and template events as they came.
CREATE TABLE account_event (
    id INTEGER PRIMARY KEY,
    inbox_id INTEGER NOT NULL,
    webhook_id INTEGER NOT NULL,
    number INTEGER NOT NULL,         -- which fact of the webhook
    field TEXT NOT NULL,
    event TEXT,
    at INTEGER,
    raw TEXT,
    digest TEXT NOT NULL,
    UNIQUE (inbox_id, digest)
) STRICT;

CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    conversation_id INTEGER,
    subject_id INTEGER,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE projection (
    journal TEXT PRIMARY KEY,
    position INTEGER NOT NULL        -- the last journal entry that was read
) STRICT, WITHOUT ROWID;
INSERT INTO projection VALUES ('webhook', 0);
""",
    """
ALTER TABLE identity ADD COLUMN opted_out_at INTEGER;   -- no marketing (and no broadcast) from then on
ALTER TABLE identity ADD COLUMN opted_out_by TEXT;      -- word, provider, agent
ALTER TABLE identity ADD COLUMN opt_changed_at INTEGER NOT NULL DEFAULT 0; -- when it was last said
ALTER TABLE identity ADD COLUMN unreachable_at INTEGER; -- the provider says: not on this channel
ALTER TABLE identity ADD COLUMN withheld_at INTEGER;    -- ... and: no marketing to them for a day

ALTER TABLE outbox ADD COLUMN bulk INTEGER NOT NULL DEFAULT 0; -- of a broadcast: answers go first
CREATE INDEX outbox_order ON outbox (state, bulk, message_id);

-- The provider refused free text after the customer's message of this time: the window is closed
-- until a newer one, whatever our clock says.
ALTER TABLE conversation ADD COLUMN window_refused_at INTEGER;

CREATE INDEX conversation_closing ON conversation (folder, window_ends_at) WHERE window_ends_at IS NOT NULL;

-- Files of messages, kept in media/ under the hex SHA-256 of their bytes.
CREATE TABLE file (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mime_type TEXT NOT NULL,         -- as their bytes show, not as somebody says
    extension TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Files that a provider has already, so that they are not uploaded again.
CREATE TABLE upload (
    inbox_id INTEGER NOT NULL REFERENCES inbox ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    uploaded_at INTEGER NOT NULL,
    PRIMARY KEY (inbox_id, sha256)
) STRICT, WITHOUT ROWID;

-- The sender leaves a message alone until its provider has the files.
ALTER TABLE outbox ADD COLUMN needs_files INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_needs_files ON outbox (message_id) WHERE needs_files = 1;

-- Files of customers that are still to be fetched; a row goes when the file is here.
CREATE TABLE download (
    message_id INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    number INTEGER NOT NULL,         -- which of the message's files
    inbox_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'failed')),
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0, -- a person wants it: no quota holds it back
    error TEXT,                      -- JSON
    PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX download_due ON download (inbox_id, next_at) WHERE state = 'pending';

-- Templates as the provider last told us.
CREATE TABLE template (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox_id INTEGER NOT NULL REFERENCES inbox ON DELETE CASCADE,
    provider_id TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    quality TEXT,
    reason TEXT,                     -- why it was rejected, paused ...
    named INTEGER NOT NULL DEFAULT 0, -- its variables have names instead of numbers
    components TEXT NOT NULL,        -- JSON, as the provider defines it
    hidden INTEGER NOT NULL DEFAULT 0, -- an admin does not want it in the picker
    changed_at INTEGER NOT NULL,
    UNIQUE (inbox_id, name, language)
) STRICT;
CREATE TABLE template_sync (
    inbox_id INTEGER PRIMARY KEY REFERENCES inbox ON DELETE CASCADE,
    business_account TEXT,           -- whose templates they are
    tried_at INTEGER,
    synced_at INTEGER,               -- the last try that succeeded
    wanted INTEGER NOT NULL DEFAULT 0, -- something says that ours are out of date
    error TEXT                       -- JSON
) STRICT;

-- Until when a provider that brings webhooks only once was asked for those that we missed.
CREATE TABLE reconciliation (
    inbox_id INTEGER PRIMARY KEY REFERENCES inbox ON DELETE CASCADE,
    looked_at INTEGER NOT NULL,
    found INTEGER NOT NULL           -- how many were found so far
) STRICT;

-- Answers written while the window was closed: they go once the customer writes.
CREATE TABLE held (
    message_id INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    conversation_id INTEGER NOT NULL,
    held_at INTEGER NOT NULL,
    release_at INTEGER,              -- the customer wrote: goes then, unless taken back before
    asks TEXT,                       -- does not go by itself, an agent is asked: 'stale', 'taken_back'
    notice_id INTEGER,               -- the template that told the customer of it
    no_notice TEXT                   -- JSON: why the customer was told nothing
) STRICT;
CREATE INDEX held_by_conversation ON held (conversation_id);
CREATE INDEX held_due ON held (release_at) WHERE release_at IS NOT NULL;

-- What the provider last said of an inbox's account: JSON of channels.account.AccountReport.
CREATE TABLE account_check (
    inbox_id INTEGER PRIMARY KEY REFERENCES inbox ON DELETE CASCADE,
    checked_at INTEGER NOT NULL, report TEXT NOT NULL
) STRICT;

-- Links to the page on which a customer reads a conversation: the first browser to open one keeps it.
CREATE TABLE page_link (
    id TEXT PRIMARY KEY,             -- random; the token is this, signed
    conversation_id INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    opened_by TEXT,                  -- SHA-256 of the cookie of that browser
    opened_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE broadcast (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    inbox_id INTEGER NOT NULL REFERENCES inbox,
    client_id TEXT NOT NULL UNIQUE,  -- making it twice is one broadcast
    state TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'running', 'paused', 'done', 'cancelled')),
    content TEXT NOT NULL,           -- JSON: template or text, with merge fields
    author TEXT,
    reason TEXT,                     -- JSON of the error that paused it
    scheduled_at INTEGER,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    quiet TEXT                       -- quiet hours, as quiet_hours.read takes them
) STRICT;
CREATE INDEX broadcast_at_work ON broadcast (state) WHERE state IN ('scheduled', 'running');
CREATE TABLE broadcast_recipient (
    broadcast_id INTEGER NOT NULL REFERENCES broadcast ON DELETE CASCADE,
    number INTEGER NOT NULL,         -- the order in which they are written to
    user_id INTEGER,                 -- absent while only an address is known
    address TEXT,                    -- as it was typed, where it was
    address_key TEXT,
    message_id INTEGER,              -- once it was in the outbox; its status is the recipient's
    state TEXT NOT NULL CHECK (state IN ('pending', 'queued', 'skipped')),
    reason TEXT,                     -- why skipped
    queued_at INTEGER,
    not_before INTEGER NOT NULL DEFAULT 0, -- their quiet hours end then
    PRIMARY KEY (broadcast_id, number),
    UNIQUE (broadcast_id, user_id),
    UNIQUE (broadcast_id, address_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_due ON broadcast_recipient (broadcast_id, not_before, number) WHERE state = 'pending';
CREATE INDEX recipient_by_message ON broadcast_recipient (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX recipient_by_user ON broadcast_recipient (user_id) WHERE user_id IS NOT NULL;

-- Orders on their way to the shop's own system.
CREATE TABLE order_post (
    message_id INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    delivery_id TEXT NOT NULL UNIQUE, -- the same in every try
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'dead')),
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL, give_up_at INTEGER NOT NULL, created_at INTEGER NOT NULL,
    http_status INTEGER, answer TEXT, -- its first 200 characters
    error TEXT, detail TEXT          -- one word, and what more there is to say
) STRICT;
CREATE INDEX order_post_due ON order_post (next_at) WHERE state = 'pending';

-- Settings of parts of the server (notices, smtp), and their secrets.
CREATE TABLE part_setting (
    part TEXT NOT NULL, key TEXT NOT NULL,
    value TEXT NOT NULL,             -- JSON
    PRIMARY KEY (part, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE part_secret (
    part TEXT NOT NULL, key TEXT NOT NULL,
    sealed TEXT NOT NULL, fingerprint TEXT NOT NULL, changed_at INTEGER NOT NULL,
    PRIMARY KEY (part, key)
) STRICT, WITHOUT ROWID;

-- Messages of which it is still to be decided who is told; written with the message itself.
CREATE TABLE notice_due (
    message_id INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE
) STRICT;
-- One row for each person, way and message: told, or not and why.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER REFERENCES message ON DELETE CASCADE, -- absent: a test
    audience TEXT NOT NULL CHECK (audience IN ('agent', 'user')),
    recipient_id INTEGER NOT NULL,   -- 0: there was nobody
    name TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('sms', 'email')),
    address TEXT,
    rule TEXT NOT NULL,              -- what decided
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'skipped', 'failed', 'unknown')),
    bundle TEXT,                     -- the same for messages of which one text told; comes back in statuses
    channel TEXT,                    -- through which it went: whose error codes these are
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    error TEXT,                      -- JSON
    created_at INTEGER NOT NULL,
    sent_at INTEGER,                 -- when it left
    UNIQUE (message_id, way, audience, recipient_id)
) STRICT;
CREATE INDEX notice_due_at ON notice (next_at) WHERE state = 'pending';
CREATE INDEX notice_waiting ON notice (audience, recipient_id, way) WHERE state = 'pending';
CREATE INDEX notice_sending ON notice (id) WHERE state = 'sending';
CREATE INDEX notice_to ON notice (audience, recipient_id, way, sent_at);
CREATE INDEX notice_bundle ON notice (bundle) WHERE bundle IS NOT NULL;
CREATE INDEX notice_by_age ON notice (created_at);

-- The people who answer.
CREATE TABLE agent (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    phone TEXT,                      -- E.164 with +
    phone_key TEXT,
    email TEXT,
    department TEXT,
    language TEXT,
    admin INTEGER NOT NULL DEFAULT 0,
    disabled INTEGER NOT NULL DEFAULT 0, -- works here no more; their messages keep the name
    away INTEGER NOT NULL DEFAULT 0, -- by hand: not online, whatever keys they press
    created_at INTEGER NOT NULL
) STRICT;
-- To whom a conversation is assigned, and who answered last.
ALTER TABLE conversation ADD COLUMN agent_id INTEGER REFERENCES agent ON DELETE SET NULL;
ALTER TABLE conversation ADD COLUMN last_agent_id INTEGER REFERENCES agent ON DELETE SET NULL;
ALTER TABLE conversation ADD COLUMN department TEXT;
CREATE INDEX conversation_by_agent ON conversation (agent_id, folder, last_message_at DESC, id DESC)
    WHERE agent_id IS NOT NULL;
CREATE INDEX conversation_by_last_agent ON conversation (last_agent_id)
    WHERE last_agent_id IS NOT NULL;

-- Links of ours that providers fetch files from end sooner than their uploads do.
ALTER TABLE upload ADD COLUMN usable_until INTEGER;

-- The text on another channel that told the customer of a held answer.
ALTER TABLE held ADD COLUMN sms_id INTEGER;
CREATE INDEX held_by_notice ON held (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX held_by_sms ON held (sms_id) WHERE sms_id IS NOT NULL;

-- Notes that stand for a message in another conversation of the same person.
CREATE TABLE pointer (
    message_id INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE, -- the note
    target_id INTEGER NOT NULL       -- the message
) STRICT;
CREATE INDEX pointer_by_target ON pointer (target_id);

-- Whether a WebP picture moves: providers take larger ones then.
ALTER TABLE file ADD COLUMN animated INTEGER;

-- Of a sandbox: when a customer last joined it, and when the provider said that they are not in.
ALTER TABLE conversation ADD COLUMN joined_at INTEGER;
ALTER TABLE conversation ADD COLUMN not_in_at INTEGER;

-- Webhook addresses that a provider is still to be told.
CREATE TABLE webhook_registration (
    inbox_id INTEGER PRIMARY KEY REFERENCES inbox ON DELETE CASCADE,
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL
) STRICT;
""",
)
