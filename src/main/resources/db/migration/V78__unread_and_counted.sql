-- Records that a poll has passed over, because Shopify failed whenever it was asked for one of them alone. Each is asked for
-- by its id until Shopify gives it or has deleted it.
CREATE TABLE poll_unread (
    store    text        NOT NULL,
    entity   text        NOT NULL,
    gid      text        NOT NULL,      -- Shopify's global id, which of a checkout is not that of its record
    since    timestamptz NOT NULL DEFAULT clock_timestamp(),
    failures int         NOT NULL DEFAULT 1,
    due_at   timestamptz NOT NULL DEFAULT clock_timestamp() + interval '1 minute',
    because  text        NOT NULL,      -- the last time, without personal data
    PRIMARY KEY (store, entity, gid)
);

-- How many records of each kind the shop had when a recount counted them: what it found is told as a share of these.
CREATE TABLE recount_counted (
    recount bigint NOT NULL REFERENCES recount ON DELETE CASCADE,
    entity  text   NOT NULL,
    counted bigint NOT NULL,
    PRIMARY KEY (recount, entity)
);
