-- When a run made its last step. One that only waits, because the CRM fails or refuses its token, is put off again and
-- again, so when it is due says nothing of how far it comes.
ALTER TABLE reconciliation ADD COLUMN stepped_at timestamptz NOT NULL DEFAULT clock_timestamp();   -- or when it was started
