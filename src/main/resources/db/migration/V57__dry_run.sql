-- A dry run of a backfill: what would become of its records, of which nothing is taken in.
ALTER TABLE backfill
    ADD COLUMN dry_run  boolean NOT NULL DEFAULT false,
    ADD COLUMN forecast text;                       -- JSON, at the end of a dry run
DROP INDEX backfill_open;
CREATE UNIQUE INDEX backfill_open ON backfill (store, entity, dry_run) WHERE ended_at IS NULL;

-- What would become of each record in each CRM, until the dry run ends. A record that is looked at again is there once.
CREATE TABLE backfill_forecast (
    backfill  bigint NOT NULL REFERENCES backfill ON DELETE CASCADE,
    crm       text NOT NULL,                        -- '' where it would reach none
    entity    text NOT NULL,
    record_id text NOT NULL,
    outcome   text NOT NULL,
    because   text,                                 -- of a rejection, without values of the record
    looked_up boolean NOT NULL,                     -- whether the CRM was asked for it
    found_by  text,                                 -- the CRM's field by which it was found
    keys      text[] NOT NULL,                      -- hashes of what the CRM would be searched for
    calls     jsonb NOT NULL,                       -- name of the limit that counts them, and how many
    PRIMARY KEY (backfill, crm, entity, record_id)
);
