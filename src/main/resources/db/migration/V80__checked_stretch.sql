-- When the linked records of each CRM were compared last. In the order of their ids, records that were compared together
-- are one stretch, which ends where the next one begins: five thousand rows say it of a million records.
CREATE TABLE reconciliation_stretch (
    crm        text   NOT NULL,
    store      text   NOT NULL,
    entity     text   NOT NULL,
    after_id   text   NOT NULL,                         -- the records whose ids are greater
    records    bigint NOT NULL,                         -- so many, when they were counted last
    noted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    checked_at timestamptz,                             -- null: never since they were noted
    PRIMARY KEY (crm, store, entity, after_id)
);

-- Of a run that may make only so many calls a night.
ALTER TABLE reconciliation
    ADD COLUMN night_calls bigint  NOT NULL DEFAULT 0,      -- calls of this night
    ADD COLUMN night_over  boolean NOT NULL DEFAULT false;  -- it waits for the next one
