-- How far a shop was read by polls, one row for each store and entity. All but the last four are times of the shop's own
-- clock. A window is read page by page: it begins at window_from, and ends with the page that has no other after it.
CREATE TABLE poll (
    store       text        NOT NULL,
    entity      text        NOT NULL,
    watermark   timestamptz NOT NULL,   -- what changed until then is in the inbox
    window_from timestamptz,            -- null: no window is being read
    page_after  text,                   -- Shopify's cursor: up to it the window is in the inbox; null: its first page
    newest      timestamptz,            -- of the window so far
    began_at    timestamptz,            -- of the window: our clock, as those that follow
    complete_at timestamptz,            -- when the last window that was read to its end began
    failed_at   timestamptz,            -- since when polls fail; null: the last one did not
    because     text,                   -- why, without personal data
    PRIMARY KEY (store, entity)
);
