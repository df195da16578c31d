-- Found by the record of the CRM that has the value, whenever that record is written.
CREATE INDEX clashing_value_holder ON clashing_value (crm, holder);
