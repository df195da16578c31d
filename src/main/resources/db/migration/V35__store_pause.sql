-- A store whose app was uninstalled: nothing of it is delivered, and Shopify is asked for nothing, until an operator
-- resumes it. The row stays, so that an event which comes late does not pause a store again that was resumed since.
CREATE TABLE store_pause (
    store      text PRIMARY KEY,
    since      timestamptz NOT NULL,    -- when Shopify says that it happened
    because    text        NOT NULL,
    resumed_at timestamptz              -- null: it is paused
);
