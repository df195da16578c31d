-- What each order adds to its buyer's figures, brought up to date in the transaction that changes the order. A table of
-- its own: an index on mirror_facet.value would make every update of every facet write all its indexes anew.
CREATE TABLE order_figures (
    store      text        NOT NULL,
    order_id   text        NOT NULL,
    contact    text,                            -- record id of the customer or guest; null: the order names nobody
    counted    boolean     NOT NULL DEFAULT false, -- false: a test, cancelled, voided, deleted, or not yet known
    net        numeric,                         -- shop money: original total less refunds; null: the order has no amounts
    currency   text,                            -- of net
    ordered_at timestamptz,
    source     text,                            -- source_name
    PRIMARY KEY (store, order_id)
) WITH (fillfactor = 80);
CREATE INDEX order_figures_contact ON order_figures (store, contact) WHERE counted;

-- Both sides changed a field since they last agreed. Values are personal data, so only their hashes are here.
CREATE TABLE conflict (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    crm          text        NOT NULL,
    store        text        NOT NULL,
    entity       text        NOT NULL,
    record_id    text        NOT NULL,
    field        text        NOT NULL,          -- the CRM's name for it
    winner       text        NOT NULL,          -- shopify, crm: whose value stays
    shopify_hash text        NOT NULL,
    crm_hash     text        NOT NULL,
    shopify_time timestamptz,                   -- version time of the facet; null: unknown
    crm_time     timestamptz,                   -- when the CRM says the record last changed; null: it does not say
    inbox_id     bigint
);
-- A decision that is repeated because the write did not succeed is the same conflict.
CREATE UNIQUE INDEX conflict_once
    ON conflict (crm, store, entity, record_id, field, shopify_hash, crm_hash, COALESCE(crm_time, '-infinity'));
CREATE INDEX conflict_at ON conflict (at, id);
