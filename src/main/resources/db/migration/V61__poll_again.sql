-- From when on the next window reads again what an earlier one has read, because changes may have been missed; null: it
-- goes on from the watermark.
ALTER TABLE poll ADD COLUMN again_from timestamptz;
-- Of the window, that are in the inbox: Shopify gives the first 25,000 elements of a list.
ALTER TABLE poll ADD COLUMN pages int NOT NULL DEFAULT 0;
-- From when on changes were left unread because there were more elements than that, and when a window ended so; null: none
-- did. A backfill brings them.
ALTER TABLE poll ADD COLUMN unread_from timestamptz;
ALTER TABLE poll ADD COLUMN unread_at timestamptz;
-- When the subscriptions of a store were compared last: those that were in order then have lost nothing before it but what
-- Shopify still tried to deliver.
CREATE TABLE subscription_check (
    store     text PRIMARY KEY,
    at        timestamptz,
    mended_at timestamptz               -- by a person; a comparison that was asked for before is outdated
);
-- From when on webhooks of the topic may have been missed, instead of when that was found; null: it is not known.
ALTER TABLE subscription_fault DROP COLUMN since;
ALTER TABLE subscription_fault ADD COLUMN missed_since timestamptz;
