-- How much each shop's Admin API may be asked, as its last answer said: one budget for all processes. A query takes its
-- points before it is sent.
CREATE TABLE admin_budget (
    store         text PRIMARY KEY,
    available     double precision,     -- points at measured_at; null: no answer has said it yet
    maximum       double precision,     -- of the bucket
    restore_rate  double precision,     -- points that come back in a second
    measured_at   timestamptz,
    closed_until  timestamptz,          -- until when nothing is asked
    closed_status integer               -- the HTTP status that is the reason
);
