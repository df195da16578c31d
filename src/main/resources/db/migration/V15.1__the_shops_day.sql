-- The day on which an order was placed in the shop. Null of orders that did not change since: the day in UTC is used.
ALTER TABLE order_figures ADD COLUMN ordered_on date;
