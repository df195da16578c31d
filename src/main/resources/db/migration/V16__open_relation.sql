-- Records that were delivered without one they point to, because the CRM did not have that one yet: as soon as it does,
-- they are work again.
CREATE TABLE open_relation (
    crm       text NOT NULL,
    store     text NOT NULL,
    entity    text NOT NULL,
    record_id text NOT NULL,
    target    text NOT NULL,                    -- record of the same store: company/123
    PRIMARY KEY (crm, store, entity, record_id, target)
);
CREATE INDEX open_relation_target ON open_relation (crm, store, target);
