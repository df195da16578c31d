-- The secret that makes guests' ids: without it nobody can tell from an id whose it is, or try an e-mail against it.
CREATE TABLE guest_key (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    key         text,                           -- hex; null: it is a setting, shopbridge.guests.key
    fingerprint text NOT NULL                   -- tells whether the setting is still the key that ids were made with
);

-- Until every container is of this version, one of an earlier version would still write ids without a key. Its
-- transaction fails instead, as in an outage, and what it was about is done by one of this version.
CREATE FUNCTION refuse_plain_guest_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'guest ids are keyed since this database was upgraded; stop the containers of the earlier version'
        USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;

CREATE TRIGGER plain_guest_id BEFORE INSERT ON mirror_facet FOR EACH ROW
    WHEN (NEW.record_id LIKE 'guest:%' AND length(NEW.record_id) = 30) EXECUTE FUNCTION refuse_plain_guest_id();
CREATE TRIGGER plain_guest_id BEFORE INSERT ON work FOR EACH ROW
    WHEN (NEW.record_id LIKE 'guest:%' AND length(NEW.record_id) = 30) EXECUTE FUNCTION refuse_plain_guest_id();
CREATE TRIGGER plain_guest_id BEFORE INSERT ON link FOR EACH ROW
    WHEN (NEW.record_id LIKE 'guest:%' AND length(NEW.record_id) = 30) EXECUTE FUNCTION refuse_plain_guest_id();
CREATE TRIGGER plain_guest_id BEFORE INSERT ON outcome FOR EACH ROW
    WHEN (NEW.record_id LIKE 'guest:%' AND length(NEW.record_id) = 30) EXECUTE FUNCTION refuse_plain_guest_id();
