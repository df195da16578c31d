-- Orders made before a day count in their buyers' figures only: a CRM that does not have them gets none of them.
ALTER TABLE backfill ADD COLUMN figures_before date;        -- as it was asked for; null: as before
CREATE TABLE order_cutoff (
    store        text PRIMARY KEY,
    before       date NOT NULL,
    lowered_from date                                       -- an earlier day came: those between are still to be marked
);
