-- Customers that Shopify merged into others. Flat: who kept one has not been merged into another itself.
CREATE TABLE customer_merge (
    store     text        NOT NULL,
    absorbed  text        NOT NULL,             -- record id of the customer that is no more
    kept      text        NOT NULL,             -- record id of the customer whose orders and figures are both's
    merged_at timestamptz NOT NULL,
    PRIMARY KEY (store, absorbed)
);
CREATE INDEX customer_merge_kept ON customer_merge (store, kept);
