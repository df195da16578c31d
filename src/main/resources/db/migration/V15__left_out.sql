-- Records that a CRM has without some of their fields, because their values were refused. Never the values themselves.
CREATE TABLE left_out (
    id        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    crm       text        NOT NULL,
    store     text        NOT NULL,
    entity    text        NOT NULL,
    record_id text        NOT NULL,
    fields    text[]      NOT NULL,             -- the CRM's names; of a line item with its entity before a dot
    because   text,                             -- of all of them; may quote a value
    mapping   text        NOT NULL,             -- fingerprint of the mapping and its tables that left them out
    PRIMARY KEY (crm, store, entity, record_id)
);
CREATE INDEX left_out_mapping ON left_out (crm, entity, mapping);
