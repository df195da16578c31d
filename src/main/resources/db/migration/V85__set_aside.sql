-- Records of a paused store are set aside. A store that is uninstalled in the middle of its backfill leaves hundreds of
-- thousands of them, all due: each claim of that CRM, and the look each second, would read past them.
ALTER TABLE work ADD COLUMN set_aside boolean NOT NULL DEFAULT false;
ALTER TABLE store_pause ADD COLUMN is_set_aside boolean NOT NULL DEFAULT false;     -- all that waited when it began
DROP INDEX work_due;
DROP INDEX work_due_later;
CREATE INDEX work_due ON work (crm, entity, due_at) WHERE claimed_by IS NULL AND NOT later AND NOT set_aside;
CREATE INDEX work_due_later ON work (crm, entity, due_at) WHERE claimed_by IS NULL AND later AND NOT set_aside;
CREATE INDEX work_set_aside ON work (store) WHERE set_aside;
