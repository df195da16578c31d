-- What of a shop's records the app may not read, each part with what it needs.
ALTER TABLE poll ADD COLUMN denied text[] NOT NULL DEFAULT '{}';
ALTER TABLE poll ADD COLUMN denied_at timestamptz;         -- when an answer said so last, by our clock
ALTER TABLE backfill ADD COLUMN denied text[] NOT NULL DEFAULT '{}';
