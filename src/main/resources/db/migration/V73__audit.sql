-- Who did what, when and from where. Rows are added and stay: they have no retention, and no personal data of buyers.
CREATE TABLE audit (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    who       text        NOT NULL,             -- the operator's name; shopbridge: nobody asked for it
    from_host text,                             -- address of the caller; null: it was no request
    did       text        NOT NULL,             -- replayed, closed, decided, …
    what      text        NOT NULL,             -- to what, by its number or name: rejection 12
    details   text        NOT NULL DEFAULT '{}' -- JSON object
);
CREATE INDEX audit_at ON audit (at);

-- The texts of mapping and route files as they were taken in, each once, so that the next change can be shown.
CREATE TABLE taken_in (
    digest text PRIMARY KEY,                    -- SHA-256 of the text, hex
    text   text NOT NULL
);

-- A superuser and the owner of the table have all rights whatever is revoked, so a trigger refuses too.
CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to: what was recorded stays', TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON taken_in
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
REVOKE UPDATE, DELETE, TRUNCATE ON audit, taken_in FROM CURRENT_USER, PUBLIC;
