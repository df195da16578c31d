-- What people decided about the identity of held records. It is remembered for good: a record that was said never to be
-- a CRM record is not taken for it again, whatever the two have in common later. A CRM record that was lost (somebody
-- deleted it there, or merged it into another) is remembered too.
CREATE TABLE identity_decision (
    crm        text        NOT NULL,
    store      text        NOT NULL,
    entity     text        NOT NULL,
    record_id  text        NOT NULL,
    crm_id     text        NOT NULL,
    decision   text        NOT NULL CHECK (decision IN ('same', 'never', 'lost')),
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (crm, store, entity, record_id, crm_id)
);

-- The CRM records that a held record may be, by the CRM's ids.
ALTER TABLE rejected ADD COLUMN candidates text[] NOT NULL DEFAULT '{}';

-- Values that the CRM keeps unique and another of its records has, so that the record goes without them: only hashes.
CREATE TABLE withheld_value (
    crm        text NOT NULL,
    store      text NOT NULL,
    entity     text NOT NULL,
    record_id  text NOT NULL,
    field      text NOT NULL,                   -- the CRM's name
    holder     text NOT NULL,                   -- the CRM's id of the record that has the value
    value_hash text NOT NULL,
    PRIMARY KEY (crm, store, entity, record_id, field)
);

-- Since when a record is its CRM record: of several that are one person, the first leads.
ALTER TABLE link ADD COLUMN linked_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE link ALTER COLUMN linked_at SET DEFAULT clock_timestamp();
