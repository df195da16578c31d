-- "Withheld" is what Shopify keeps back of a customer; a value that another CRM record has clashes.
ALTER TABLE withheld_value RENAME TO clashing_value;
