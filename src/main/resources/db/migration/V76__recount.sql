-- Recounts: runs that compare a shop with the mirror, one at a time for each store, and what each has still to look at.
CREATE TABLE recount (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store     text        NOT NULL,
    entities  text[]      NOT NULL,
    repair    boolean     NOT NULL,
    scheduled boolean     NOT NULL,             -- started by the schedule, and not by a person
    since     timestamptz NOT NULL,             -- what the mirror lacks and changed before is a backfill's
    until     timestamptz NOT NULL,             -- what changed in the shop later is left to webhooks and polls
    state     text        NOT NULL DEFAULT 'running',   -- running, done, failed, cancelled
    counted   bigint      NOT NULL DEFAULT 0,   -- records that the shop has
    calls     bigint      NOT NULL DEFAULT 0,
    because   text,
    due_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_at  timestamptz NOT NULL DEFAULT now(),
    ended_at  timestamptz
);
CREATE UNIQUE INDEX recount_open ON recount (store) WHERE ended_at IS NULL;

-- Windows that are still to be listed: seconds of the last change, or ids.
CREATE TABLE recount_window (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recount bigint  NOT NULL REFERENCES recount ON DELETE CASCADE,
    entity  text    NOT NULL,
    low     bigint  NOT NULL,
    high    bigint  NOT NULL,                   -- not within the window
    step    text    NOT NULL                    -- plan, list, count, page
);
CREATE INDEX recount_window_of ON recount_window (recount, id);

-- Records of which the lists differ, to be asked for.
CREATE TABLE recount_suspect (
    recount   bigint NOT NULL REFERENCES recount ON DELETE CASCADE,
    entity    text   NOT NULL,
    record_id text   NOT NULL,
    PRIMARY KEY (recount, entity, record_id)
);

-- What a run found: never values, only ids.
CREATE TABLE recount_difference (
    recount  bigint NOT NULL REFERENCES recount ON DELETE CASCADE,
    entity   text   NOT NULL,
    class    text   NOT NULL,
    found    bigint NOT NULL,
    repaired bigint NOT NULL,
    examples text[] NOT NULL,
    PRIMARY KEY (recount, entity, class)
);

-- Orders by the time of their last change, and customers by the numbers that their ids are: a recount lists ranges.
CREATE INDEX mirror_order_version ON mirror_facet (store, entity, version_at) INCLUDE (record_id) WHERE facet = 'order';
CREATE INDEX mirror_customer_number ON mirror_facet
    (store, entity, (CASE WHEN record_id ~ '^[0-9]{1,18}$' THEN record_id::bigint END)) WHERE facet = 'profile';
