-- Guests whose id was made of an e-mail address in another notation than addresses are compared in today. Filled by the
-- next migration, which alone has the key of guests' ids, and gone with the one after it.
CREATE TABLE moved_guest (
    store   text    NOT NULL,
    old_id  text    NOT NULL,
    new_id  text    NOT NULL,
    renamed boolean NOT NULL DEFAULT false,     -- false: the new id is another record's already, who keeps what both have
    PRIMARY KEY (store, old_id)
);
