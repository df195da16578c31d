-- Names that orders give the carts they were made of, each with the newest order: a cart whose first event comes after its
-- order is found bought. Kept as long as a cart is.
CREATE TABLE ordered_cart (
    store      text        NOT NULL,
    cart       text        NOT NULL,    -- its own token or its checkout's
    ordered_at timestamptz NOT NULL,
    inbox_id   bigint,                  -- the event that told of the order
    PRIMARY KEY (store, cart)
);
