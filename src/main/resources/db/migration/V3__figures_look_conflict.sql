-- When it was last looked whose last order is a day older by now.
CREATE TABLE figures_look (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    at  timestamptz NOT NULL DEFAULT now()
);
INSERT INTO figures_look DEFAULT VALUES;

-- Fields that both sides had changed, and which side's value stays. Never the values themselves.
CREATE TABLE conflict (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    crm          text        NOT NULL,
    store        text        NOT NULL,
    entity       text        NOT NULL,
    record_id    text        NOT NULL,
    crm_id       text        NOT NULL,
    field        text        NOT NULL,          -- the CRM's name for it
    winner       text        NOT NULL,          -- shopify, crm
    shopify_hash text        NOT NULL,          -- SHA-256 of the value as text, hex
    crm_hash     text        NOT NULL,
    shopify_at   timestamptz,                   -- the facet's version time
    crm_at       timestamptz                    -- when the CRM says the field or record changed; null: it doesn't say
);
-- A delivery that is repeated meets the same conflict again.
CREATE UNIQUE INDEX conflict_once ON conflict
    (crm, store, entity, record_id, field, shopify_hash, crm_hash, coalesce(shopify_at, '-infinity'));
CREATE INDEX conflict_at ON conflict (at);
