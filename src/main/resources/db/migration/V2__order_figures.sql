-- What each order adds to its buyer's figures, brought up to date in the transaction that changes the order. A table of
-- its own: an index on mirror_facet.value would make every update of every facet write all its indexes anew.
CREATE TABLE order_figures (
    store      text        NOT NULL,
    order_id   text        NOT NULL,
    contact    text,                            -- record id of the customer or guest; null: the order names nobody
    counted    boolean     NOT NULL DEFAULT false, -- false: a test, cancelled, voided, deleted, or not yet known
    net        numeric,                         -- shop money: original total less refunds; null: no amounts
    currency   text,                            -- of net
    ordered_at timestamptz,
    source     text,                            -- source_name
    PRIMARY KEY (store, order_id)
) WITH (fillfactor = 80);
CREATE INDEX order_figures_contact ON order_figures (store, contact) WHERE counted;
