-- What an order adds to its buyer's figures is now what was paid and not paid back. Rows from before are counted anew
-- once after the start, each in the place of its old one, so that nobody's figures are ever without some orders.
ALTER TABLE order_figures ADD COLUMN outdated boolean NOT NULL DEFAULT false;
UPDATE order_figures SET outdated = true;
CREATE INDEX order_figures_outdated ON order_figures (store, order_id) WHERE outdated;
COMMENT ON COLUMN order_figures.net IS
    'shop money: what was paid and not paid back; null: no amounts, or nothing was paid yet';
