-- Records that are asked for at the Admin API because something of them is missing, by the rules of mappings/shopify.
CREATE TABLE refresh (
    store      text        NOT NULL,
    entity     text        NOT NULL,
    record_id  text        NOT NULL,
    rule       text        NOT NULL,
    later      boolean     NOT NULL,    -- a backfill brought the record: after those of today
    noted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at     timestamptz NOT NULL,
    answers    int         NOT NULL DEFAULT 0,      -- in which it was still missing
    failures   int         NOT NULL DEFAULT 0,      -- in a row
    because    text,                    -- of the last failure, without personal data
    over       boolean     NOT NULL DEFAULT false,  -- not asked any more; the row keeps the next event from asking again
    PRIMARY KEY (store, entity, record_id, rule)
);
CREATE INDEX refresh_due ON refresh (store, entity, later, due_at) WHERE NOT over;
