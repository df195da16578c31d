-- An order whose authorized payment has expired is no purchase, as one whose payment was voided. Such rows were counted
-- and have no amount, so those are counted anew once after the start.
UPDATE order_figures SET outdated = true WHERE counted AND net IS NULL;
