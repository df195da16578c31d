-- The CRM's own duplicates: contacts that share an e-mail or phone, whoever made them.
ALTER TABLE reconciliation
    ADD COLUMN listed     bigint NOT NULL DEFAULT 0,    -- contacts of the CRM that were looked at
    ADD COLUMN not_listed text,                         -- why they were not; null: they were, or will be
    ADD COLUMN hash_key   bytea DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());  -- null: it has ended
UPDATE reconciliation SET hash_key = NULL WHERE ended_at IS NOT NULL;

-- While contacts are listed, the hashes of their normalised e-mails, phones and names, with the key of the run. Both are
-- deleted when the run ends.
CREATE TABLE reconciliation_contact (
    reconciliation bigint NOT NULL REFERENCES reconciliation ON DELETE CASCADE,
    crm_id text  COLLATE "C" NOT NULL,
    kind   text  NOT NULL,                              -- email, phone
    hash   bytea NOT NULL,
    name   bytea,                                       -- hash of the contact's name; null: it has none
    PRIMARY KEY (reconciliation, crm_id, kind, hash)
);

-- What contacts share: never a value, only ids.
CREATE TABLE reconciliation_duplicates (
    reconciliation bigint NOT NULL REFERENCES reconciliation ON DELETE CASCADE,
    kind      text   NOT NULL,
    groups    bigint NOT NULL,                          -- of contacts that share a value
    same_name bigint NOT NULL,                          -- of which several contacts have one name
    contacts  bigint NOT NULL,                          -- in any of them
    largest   bigint NOT NULL,                          -- contacts of the largest one
    examples  text   NOT NULL,                          -- JSON: some groups, those with one name and the smallest first
    PRIMARY KEY (reconciliation, kind)
);
