-- Moves these guests to their new ids. One whose new id nobody has is only renamed. Of several who are one guest now,
-- the others are merged into that one as customers are: who delivers them hands over contacts, holds two contacts of one
-- CRM for a person, and has their orders written again.
DO $$
DECLARE
    -- Every table that has records by their whole key.
    keyed text[] := ARRAY(
        SELECT c.table_name::text FROM information_schema.columns c JOIN information_schema.tables t
            USING (table_schema, table_name)
        WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
            AND c.column_name IN ('store', 'entity', 'record_id')
        GROUP BY c.table_name HAVING count(*) = 3);
    -- In the order in which the flow locks them, so that no container of the earlier version waits for us in turn.
    flow text[] := ARRAY['mirror_facet', 'order_figures', 'work', 'link', 'identity_claim', 'conflict', 'outcome',
        'rejected'];
    held text;
BEGIN
    IF NOT EXISTS (SELECT FROM moved_guest) THEN
        RETURN;
    END IF;
    BEGIN
        IF current_setting('lock_timeout') = '0' THEN
            SET LOCAL lock_timeout = '30s';
        END IF;
        EXECUTE (SELECT 'LOCK TABLE ' || string_agg(quote_ident(name), ', ' ORDER BY array_position(flow, name), name)
            || ' IN EXCLUSIVE MODE' FROM (SELECT unnest(keyed || flow) UNION SELECT 'customer_merge') AS t (name));
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        RAISE EXCEPTION 'Guests can''t get their new ids while a container of the earlier version, or somebody else, writes'
            ' to this database: stop it, and start this one again. Nothing was changed'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END;

    -- An address of which two notations are taken off, one after the other: the guest keeps the id of the first.
    DELETE FROM moved_guest m USING moved_guest o WHERE o.store = m.store AND o.old_id = m.new_id;
    UPDATE moved_guest SET renamed = true WHERE (store, old_id) IN (
        SELECT DISTINCT ON (m.store, m.new_id) m.store, m.old_id FROM moved_guest m
        LEFT JOIN link l ON l.store = m.store AND l.entity = 'customer' AND l.record_id = m.old_id
        ORDER BY m.store, m.new_id, l.linked_at NULLS LAST, m.old_id);
    FOREACH held IN ARRAY keyed LOOP
        EXECUTE format('UPDATE moved_guest m SET renamed = false FROM %I r'
            || ' WHERE m.renamed AND r.store = m.store AND r.entity = ''customer'' AND r.record_id = m.new_id', held);
    END LOOP;

    FOREACH held IN ARRAY keyed LOOP
        EXECUTE format('UPDATE %I r SET record_id = m.new_id FROM moved_guest m'
            || ' WHERE m.renamed AND r.store = m.store AND r.entity = ''customer'' AND r.record_id = m.old_id', held);
    END LOOP;
    UPDATE bulk_row r SET part_id = m.new_id FROM moved_guest m
        WHERE m.renamed AND r.store = m.store AND r.part_entity = 'customer' AND r.part_id = m.old_id;
    UPDATE order_figures f SET contact = m.new_id FROM moved_guest m
        WHERE m.renamed AND f.store = m.store AND f.contact = m.old_id;
    -- As Latin-1, which changes no byte, whatever they are.
    UPDATE mirror_facet f
        SET value = convert_to(replace(convert_from(f.value, 'LATIN1'), m.old_id, m.new_id), 'LATIN1') FROM moved_guest m
        WHERE m.renamed AND f.store = m.store AND f.entity = 'customer' AND f.record_id = m.new_id AND f.facet = 'profile';
    UPDATE mirror_facet f SET value = convert_to('"' || m.new_id || '"', 'UTF8') FROM moved_guest m
        WHERE m.renamed AND f.store = m.store AND f.facet = 'contact'
            AND f.value = convert_to('"' || m.old_id || '"', 'UTF8');

    INSERT INTO customer_merge (store, absorbed, kept, merged_at)
        SELECT store, old_id, new_id, now() FROM moved_guest WHERE NOT renamed ON CONFLICT DO NOTHING;
    -- The new id may be known by a link or the ledger alone.
    INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value, inbox_id)
        SELECT DISTINCT ON (m.store, m.new_id) f.store, f.entity, m.new_id, f.facet, f.version_at, f.version_tie,
            convert_to(replace(convert_from(f.value, 'LATIN1'), m.old_id, m.new_id), 'LATIN1'), f.inbox_id
        FROM moved_guest m JOIN mirror_facet f ON f.store = m.store AND f.entity = 'customer' AND f.record_id = m.old_id
            AND f.facet = 'profile'
        WHERE NOT m.renamed ORDER BY m.store, m.new_id, f.version_at DESC, m.old_id
        ON CONFLICT DO NOTHING;
    INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)
        SELECT store, 'customer', old_id, 'merged_into', now(), '0', convert_to('"' || new_id || '"', 'UTF8')
        FROM moved_guest WHERE NOT renamed ON CONFLICT DO NOTHING;

    -- Who had found the contact that the other made, and only filled what was empty in it, writes all of it from now on.
    UPDATE link l SET base = coalesce((SELECT json_object_agg(b.key, b.value) FROM json_each(l.base::json) b
            WHERE b.key <> '@found'), '{}')::text
        FROM moved_guest m JOIN link o ON o.store = m.store AND o.entity = 'customer' AND o.record_id = m.old_id
        WHERE NOT m.renamed AND l.crm = o.crm AND l.store = m.store AND l.entity = 'customer' AND l.record_id = m.new_id
            AND l.object = o.object AND l.crm_id = o.crm_id AND o.base::json -> '@found' IS NULL;

    UPDATE work w SET waits_for = 'customer/' || m.new_id FROM moved_guest m
        WHERE w.store = m.store AND w.waits_for = 'customer/' || m.old_id;
    UPDATE open_relation o SET target = 'customer/' || m.new_id FROM moved_guest m
        WHERE o.store = m.store AND o.target = 'customer/' || m.old_id AND NOT EXISTS (
            SELECT FROM open_relation p WHERE p.crm = o.crm AND p.store = o.store AND p.entity = o.entity
                AND p.record_id = o.record_id AND p.target = 'customer/' || m.new_id);
    -- A CRM that has our key of the contact gets the new one, and the figures of both where two are one. Who was held
    -- because of the other is no longer.
    INSERT INTO work (crm, store, entity, record_id)
        SELECT l.crm, l.store, l.entity, l.record_id FROM moved_guest m
        JOIN link l ON l.store = m.store AND l.entity = 'customer' AND l.record_id IN (m.old_id, m.new_id)
        UNION SELECT r.crm, r.store, r.entity, r.record_id FROM moved_guest m
        JOIN rejected r ON r.store = m.store AND r.entity = 'customer' AND r.record_id IN (m.old_id, m.new_id)
        WHERE r.state = 'open' AND r.crm IS NOT NULL
        ON CONFLICT (crm, store, entity, record_id) DO UPDATE SET generation = work.generation + 1;
END $$;

DROP TABLE moved_guest;
