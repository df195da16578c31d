-- rejected.at is when a person first had to look; a repetition of the same trouble only moves last_at.
ALTER TABLE rejected ADD COLUMN last_at timestamptz NOT NULL DEFAULT clock_timestamp();
UPDATE rejected SET last_at = at;

-- Set anew when a record has what it waited for: what another record or a person took is not this CRM's lag.
COMMENT ON COLUMN work.marked_at IS 'since when this change could have been delivered; while waits_for is set, since when it waits';

-- When the pause began; until moves on while the CRM goes on refusing.
ALTER TABLE crm_pause ADD COLUMN since timestamptz NOT NULL DEFAULT now();
