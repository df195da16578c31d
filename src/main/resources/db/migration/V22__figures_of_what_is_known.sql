-- What can't be told from a body with few fields is unknown now and no longer a wrong amount, and days are of the store's
-- time zone: rows from before are counted anew once after the start.
UPDATE order_figures SET outdated = true;
