-- A shop's history, exported by one of Shopify's bulk operations: one row for each store and kind of record.
CREATE TABLE backfill (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store            text NOT NULL,
    entity           text NOT NULL,
    since            date,                          -- null: from the beginning
    state            text NOT NULL DEFAULT 'waiting',
    paused           boolean NOT NULL DEFAULT false,
    operation        text,                          -- Shopify's global id
    url              text,                          -- of the file; signed, for seven days
    expected_lines   bigint,                        -- what Shopify says the file has
    expected_records bigint,
    lines            bigint NOT NULL DEFAULT 0,     -- of the file, that are stored here
    at_line          bigint NOT NULL DEFAULT 0,     -- the last of them whose record is in the inbox
    records          bigint NOT NULL DEFAULT 0,     -- in the inbox
    shop_has         bigint,                        -- by its own count, at the end
    tries            int NOT NULL DEFAULT 0,
    because          text,
    due_at           timestamptz NOT NULL DEFAULT now(),
    asked_at         timestamptz NOT NULL DEFAULT now(),
    began_at         timestamptz,
    ended_at         timestamptz
);
CREATE UNIQUE INDEX backfill_open ON backfill (store, entity) WHERE ended_at IS NULL;

-- The lines of the file until their record is in the inbox. A child may come before its parent.
CREATE TABLE backfill_line (
    backfill bigint NOT NULL REFERENCES backfill ON DELETE CASCADE,
    number   bigint NOT NULL,
    parent   text NOT NULL,                         -- '' for a record itself
    line     bytea NOT NULL,
    PRIMARY KEY (backfill, number)
);
CREATE INDEX backfill_line_parent ON backfill_line (backfill, parent, number);

-- Records of which the file has only a part, to be asked for one by one.
CREATE TABLE backfill_rest (
    backfill bigint NOT NULL REFERENCES backfill ON DELETE CASCADE,
    id       text NOT NULL,
    PRIMARY KEY (backfill, id)
);

-- Work that a backfill brought comes after all other.
ALTER TABLE work ADD COLUMN later boolean NOT NULL DEFAULT false;
DROP INDEX work_due;
CREATE INDEX work_due ON work (crm, entity, due_at) WHERE claimed_by IS NULL AND NOT later;
CREATE INDEX work_due_later ON work (crm, entity, due_at) WHERE claimed_by IS NULL AND later;
