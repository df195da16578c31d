-- A shop is asked for an export, and the answer may be lost: before another is asked for, that one is looked for.
ALTER TABLE backfill
    ADD COLUMN export_asked_at timestamptz,                 -- null: not asked, or answered
    ADD COLUMN operations text[] NOT NULL DEFAULT '{}';     -- all that it had, also those that failed
