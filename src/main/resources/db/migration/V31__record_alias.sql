-- Other names of records that have several, of which not every event has all: a checkout has the token of its cart and
-- its own. The first name that came is the record's id, and stays it.
CREATE TABLE record_alias (
    store     text        NOT NULL,
    entity    text        NOT NULL,
    alias     text        NOT NULL,
    record_id text        NOT NULL,     -- never itself an alias
    seen_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store, entity, alias)
);
