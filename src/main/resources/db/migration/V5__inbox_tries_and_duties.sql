-- What a process takes in just now, committed before it is read: where the process ends meanwhile, these are the events
-- that may have ended it. Empty between passes. The owner holds an advisory lock on its number during a pass.
CREATE TABLE inbox_pass (
    owner    integer PRIMARY KEY,               -- a random number of the process
    ids      bigint[]    NOT NULL,              -- inbox.id
    began_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE inbox_waiting
    ADD COLUMN tries   smallint NOT NULL DEFAULT 0,      -- processes that ended while they were at it
    ADD COLUMN by_hand boolean  NOT NULL DEFAULT false;  -- a person had it read again
CREATE INDEX inbox_waiting_tried ON inbox_waiting (id) WHERE tries > 0;

-- What the law gives a date: a person must do it by then.
ALTER TABLE rejected ADD COLUMN due_at timestamptz;
CREATE INDEX rejected_due ON rejected (due_at) WHERE due_at IS NOT NULL AND state = 'open';

-- Times that are yet to come silenced their records: neither a trigger's nor a body's was looked at. What was taken for
-- deleted so is delivered again; other states keep what they say, as of now.
WITH forged AS (
    DELETE FROM mirror_facet WHERE facet = 'deleted' AND version_at > now() + interval '1 day'
    RETURNING store, entity, record_id)
INSERT INTO work (crm, store, entity, record_id)
SELECT DISTINCT l.crm, l.store, l.entity, l.record_id FROM forged JOIN link l USING (store, entity, record_id)
ON CONFLICT (crm, store, entity, record_id) DO UPDATE SET generation = work.generation + 1;
UPDATE mirror_facet SET version_at = now() WHERE version_at > now() + interval '1 day';
