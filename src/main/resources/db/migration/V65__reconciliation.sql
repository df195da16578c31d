-- Reconciliations: runs that compare the records of a CRM with the mirror, one at a time for each CRM.
CREATE TABLE reconciliation (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    crm         text        NOT NULL,
    entities    text[]      NOT NULL,
    since       timestamptz,                    -- only records synchronised since then; null: all
    repairs     text[]      NOT NULL DEFAULT '{}',  -- classes of differences that are repaired
    repair_most bigint,                         -- so many records at most; null: no limit
    dry         boolean     NOT NULL DEFAULT false, -- says what it would repair, and changes nothing
    scheduled   boolean     NOT NULL DEFAULT false, -- started by the schedule, and not by a person
    state       text        NOT NULL DEFAULT 'running',     -- running, done, failed, cancelled
    paused      boolean     NOT NULL DEFAULT false,
    part        int         NOT NULL DEFAULT 0, -- which part of the run is next: three for each entity
    after_store text        NOT NULL DEFAULT '',-- of this part, the last record that was compared
    after_id    text        NOT NULL DEFAULT '',
    page        text,                           -- JSON: the next page of the CRM's list of records with our key
    steps       bigint      NOT NULL DEFAULT 0, -- grows with every step: a process that was overtaken stores nothing
    compared    bigint      NOT NULL DEFAULT 0,
    in_flight   bigint      NOT NULL DEFAULT 0,
    skipped     bigint      NOT NULL DEFAULT 0,
    found       bigint      NOT NULL DEFAULT 0, -- differences
    repaired    bigint      NOT NULL DEFAULT 0, -- records
    calls       bigint      NOT NULL DEFAULT 0,
    because     text,
    due_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_at    timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz
);
CREATE UNIQUE INDEX reconciliation_open ON reconciliation (crm) WHERE ended_at IS NULL;

-- What a run found: never values, only ids.
CREATE TABLE reconciliation_difference (
    reconciliation bigint NOT NULL REFERENCES reconciliation ON DELETE CASCADE,
    entity   text   NOT NULL,
    class    text   NOT NULL,
    field    text   NOT NULL,                   -- '': of the whole record
    found    bigint NOT NULL,
    repaired bigint NOT NULL,
    examples text[] NOT NULL,                   -- the first ones, as main/order/123 -> 456
    PRIMARY KEY (reconciliation, entity, class, field)
);

-- How many records a run compared in each field, and how many of them differed.
CREATE TABLE reconciliation_field (
    reconciliation bigint NOT NULL REFERENCES reconciliation ON DELETE CASCADE,
    entity   text   NOT NULL,
    field    text   NOT NULL,
    compared bigint NOT NULL,
    differed bigint NOT NULL,
    PRIMARY KEY (reconciliation, entity, field)
);

-- A record that a CRM lacks may have been left out by a person.
CREATE INDEX rejected_record ON rejected (crm, store, entity, record_id) WHERE crm IS NOT NULL;
