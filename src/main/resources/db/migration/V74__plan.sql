-- What a changed mappings folder would change in the CRMs, and the records that are to be written because of it.
CREATE TABLE plan (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    crms       text[] NOT NULL,
    sample     int,                             -- about so many records of each kind; null: all
    digest     text NOT NULL,                   -- of what the folder's mappings say for these CRMs
    folder     bytea,                           -- its files, zipped; null: no longer needed
    state      text NOT NULL DEFAULT 'planning', -- planning, planned, applying; applied, cancelled, failed
    paused     boolean NOT NULL DEFAULT false,
    because    text,                            -- what is in the way
    -- How far it is: all before this record, in the order of these columns, has been looked at.
    at_crm     text NOT NULL DEFAULT '',
    at_entity  text NOT NULL DEFAULT '',
    at_store   text NOT NULL DEFAULT '',
    at_record  text NOT NULL DEFAULT '',
    share      double precision NOT NULL DEFAULT 1, -- of the present kind's records that are looked at
    result     text NOT NULL DEFAULT '[]',      -- JSON; examples hold personal data
    looked_at  bigint NOT NULL DEFAULT 0,       -- records
    changes    bigint NOT NULL DEFAULT 0,       -- records that are to be marked
    marked     bigint NOT NULL DEFAULT 0,       -- of them, by apply
    asked_at   timestamptz NOT NULL DEFAULT now(),
    planned_at timestamptz,
    ended_at   timestamptz
);

-- The records that apply has not marked yet.
CREATE TABLE plan_record (
    plan      bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    crm       text NOT NULL,
    store     text NOT NULL,
    entity    text NOT NULL,
    record_id text NOT NULL,
    PRIMARY KEY (plan, crm, store, entity, record_id)
);
