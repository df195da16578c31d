-- Everything Shopbridge knows, in the order in which data flows. Times are UTC instants.

-- inbox: received events, byte for byte.
CREATE TABLE inbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store        text        NOT NULL,
    topic        text        NOT NULL,
    webhook_id   text        NOT NULL,
    fingerprint  bytea       NOT NULL,          -- SHA-256 of topic and body: a redelivery under a new webhook id
    event_id     text,                          -- shared by all deliveries of one merchant action: for tracing only
    triggered_at timestamptz,
    received_at  timestamptz NOT NULL DEFAULT now(),
    body         bytea       NOT NULL,
    UNIQUE (store, webhook_id),
    UNIQUE (store, fingerprint)
);
CREATE INDEX inbox_received_at ON inbox (received_at);

-- Events not yet in the mirror. Apart from inbox, so that handling an event never rewrites its bytes.
CREATE TABLE inbox_waiting (
    id bigint PRIMARY KEY
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- mirror: the newest known state of every Shopify record, one row a facet, each with its own version.
CREATE TABLE mirror_facet (
    store       text             NOT NULL,
    entity      text             NOT NULL,      -- customer, order
    record_id   text             NOT NULL,
    facet       text             NOT NULL,      -- profile, order, email_marketing_consent, tag:vip, refund:123, deleted …
    version_at  timestamptz      NOT NULL,      -- Shopify's own time of this state
    version_tie text COLLATE "C" NOT NULL,      -- decides between states of the same time; compared as bytes
    value       bytea            NOT NULL,      -- JSON
    inbox_id    bigint,                         -- the event that brought it
    PRIMARY KEY (store, entity, record_id, facet)
) WITH (fillfactor = 80);

-- work: the CRM side of these records may be behind. One row a pair, however often it is marked.
CREATE TABLE work (
    crm        text        NOT NULL,
    store      text        NOT NULL,
    entity     text        NOT NULL,
    record_id  text        NOT NULL,
    generation bigint      NOT NULL DEFAULT 1,  -- grows with every mark; a delivery ends the work only if it did not grow meanwhile
    marked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),  -- the oldest change not yet delivered: the lag
    due_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts   integer     NOT NULL DEFAULT 0,
    waits_for  text,                            -- record of the same store and CRM that must be linked first: customer/123
    because    text,                            -- why it waits
    claimed_by bigint,                          -- instance.id
    claimed_at timestamptz,
    inbox_id   bigint,                          -- the newest event that marked it
    PRIMARY KEY (crm, store, entity, record_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX work_due ON work (crm, entity, due_at) WHERE claimed_by IS NULL;
CREATE INDEX work_claimed ON work (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX work_waits_for ON work (crm, store, waits_for) WHERE waits_for IS NOT NULL;

-- A running process. It holds an advisory lock on its id for as long as it lives,
-- so that what a killed process had claimed is free again at once.
CREATE TABLE instance (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now()
);

-- link: which CRM record a Shopify record is, with the values last written there.
CREATE TABLE link (
    crm       text        NOT NULL,
    store     text        NOT NULL,
    entity    text        NOT NULL,             -- customer, order, line_item
    record_id text        NOT NULL,
    parent_id text,                             -- record_id of the order that a line item belongs to
    object    text        NOT NULL,             -- the CRM's name for it: contacts
    crm_id    text        NOT NULL,
    base      text        NOT NULL,             -- JSON object: CRM field -> value last written
    synced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (crm, store, entity, record_id)
) WITH (fillfactor = 80);
CREATE INDEX link_crm_id ON link (crm, object, crm_id);
CREATE INDEX link_parent ON link (crm, store, parent_id) WHERE parent_id IS NOT NULL;

-- Who is creating the CRM record of this person: taken before a create, across all processes,
-- so that two Shopify records of one person never become two CRM records.
CREATE TABLE identity_claim (
    crm        text        NOT NULL,
    object     text        NOT NULL,
    key        bytea       NOT NULL,            -- SHA-256 of field and normalised value
    store      text        NOT NULL,
    entity     text        NOT NULL,
    record_id  text        NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (crm, object, key)
);

-- A CRM that asked us to wait, or that refused our credentials.
CREATE TABLE crm_pause (
    crm     text PRIMARY KEY,
    until   timestamptz NOT NULL,
    because text        NOT NULL
);

-- ledger: one outcome per record and attempt, and per event that reached no record.
CREATE TABLE outcome (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    crm       text,                             -- null: an event that did not get as far as a CRM
    store     text        NOT NULL,
    entity    text,                             -- null: unknown
    record_id text,
    topic     text,                             -- of such an event
    outcome   text        NOT NULL,             -- delivered unchanged skipped waiting held rejected; of events: stale not-handled rejected
    because   text,
    crm_id    text,
    attempt   integer     NOT NULL DEFAULT 1,
    lag_ms    bigint,                           -- from the first change not yet delivered to this outcome
    inbox_id  bigint
);
CREATE INDEX outcome_at ON outcome (at);
CREATE INDEX outcome_record ON outcome (store, entity, record_id, id);

-- What a person must look at: rejected records and events, and records held for review.
CREATE TABLE rejected (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    crm         text,                           -- null: an event
    store       text        NOT NULL,
    entity      text,
    record_id   text,
    topic       text,
    outcome     text        NOT NULL,           -- rejected, held
    errors      text        NOT NULL,           -- JSON array of sentences
    attempts    integer     NOT NULL DEFAULT 1,
    inbox_id    bigint,                         -- the payload: inbox.id
    state       text        NOT NULL DEFAULT 'open',   -- open, replayed, resolved
    resolved_at timestamptz
);
CREATE UNIQUE INDEX rejected_open_record ON rejected (crm, store, entity, record_id) WHERE state = 'open' AND crm IS NOT NULL;
CREATE INDEX rejected_state ON rejected (state, id);

-- lz4 halves the time that 8 kB bodies take; servers built without it keep the default.
DO $$
BEGIN
    ALTER TABLE inbox ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE mirror_facet ALTER COLUMN value SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'This server has no lz4; bodies are compressed with its default.';
END $$;
