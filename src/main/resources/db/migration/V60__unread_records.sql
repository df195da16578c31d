-- A record on which Shopify fails is asked for alone, some times, and then told in the report: it must not stop the others.
ALTER TABLE backfill_rest
    ADD COLUMN failures int NOT NULL DEFAULT 0,
    ADD COLUMN due_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX backfill_rest_next ON backfill_rest (backfill, failures, id);
ALTER TABLE backfill ADD COLUMN unread text[] NOT NULL DEFAULT '{}';    -- ids, each with why
