-- Jobs in which a CRM writes many records in its own time. A row is committed before the job is started in the CRM, so
-- that no job runs there that is not known here; one that was made and not committed stays open there and does nothing.
CREATE TABLE bulk_job (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    crm        text        NOT NULL,
    object     text        NOT NULL,            -- the CRM's name for what is written: Contact
    operation  text        NOT NULL,            -- upsert, update
    job_id     text        NOT NULL,            -- the CRM's
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,                     -- null: it is open, and waits for the job of this object before it
    look_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    looks      integer     NOT NULL DEFAULT 0,
    over_at    timestamptz,
    UNIQUE (crm, job_id)
);

-- The records that a job writes. Until it is over nobody delivers them; then its results are taken, and the row goes.
CREATE TABLE bulk_row (
    job         bigint  NOT NULL REFERENCES bulk_job ON DELETE CASCADE,
    crm         text    NOT NULL,
    store       text    NOT NULL,
    entity      text    NOT NULL,               -- the record whose work it is: order
    record_id   text    NOT NULL,
    part_entity text    NOT NULL,               -- what is written: the order itself, or one of its lines
    part_id     text    NOT NULL,
    row_key     text,                           -- by which its result is told; null: it only waits for the job
    sent        text    NOT NULL,               -- JSON: the fields that are written
    base        text    NOT NULL,               -- JSON: link.base once they are
    is_over     boolean NOT NULL DEFAULT false,
    crm_id      text,                           -- of the CRM's record, if it was written
    answer      text,                           -- what the CRM said if it refused it, in its own words
    PRIMARY KEY (job, part_entity, store, part_id)
);
CREATE INDEX bulk_row_record ON bulk_row (crm, store, entity, record_id);
