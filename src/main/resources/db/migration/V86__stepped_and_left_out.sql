-- When a run made its last step. One that only waits, because the CRM fails or refuses its token, is put off again and
-- again, so when it is due says nothing of how far it comes.
ALTER TABLE reconciliation ADD COLUMN stepped_at timestamptz NOT NULL DEFAULT clock_timestamp();   -- or when it was started

-- Whether a closed rejection still says that a person has left a record out of a CRM: the last of a record that the mirror
-- has and the CRM lacks. Without it, a reconciliation would find the record as never delivered, and deliver it. Where a
-- mapping has skipped the record since, that closed the rejection, and no person.
CREATE FUNCTION leaves_out(r rejected) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT r.state = 'resolved' AND r.crm IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM rejected n WHERE n.crm = r.crm AND n.store = r.store AND n.entity = r.entity
                        AND n.record_id = r.record_id AND n.id > r.id)
        AND NOT EXISTS (SELECT 1 FROM link l WHERE l.crm = r.crm AND l.store = r.store AND l.entity = r.entity
                        AND l.record_id = r.record_id)
        AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.store = r.store AND o.entity = r.entity
                        AND o.record_id = r.record_id AND o.crm = r.crm AND o.at >= r.at
                        AND o.outcome IN ('delivered', 'unchanged', 'skipped'))
        AND EXISTS (SELECT 1 FROM mirror_facet f WHERE f.store = r.store AND f.entity = r.entity
                    AND f.record_id = r.record_id AND f.facet NOT IN ('deleted', 'merged_into'))
$$;
