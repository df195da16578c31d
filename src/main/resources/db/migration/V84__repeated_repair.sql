-- How often in a row repairs wrote a value of a record that the CRM then had otherwise again: never values, only a hash.
CREATE TABLE reconciliation_repeat (
    crm        text NOT NULL,
    store      text NOT NULL,
    entity     text NOT NULL,
    record_id  text NOT NULL,
    difference text NOT NULL,                   -- hash of where it is, what was written and what the CRM has instead
    times      int  NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),      -- of the last repair
    PRIMARY KEY (crm, store, entity, record_id, difference)
);
