-- What a link is besides the values last written: associations and how it came about, under names with an @.
CREATE FUNCTION without_values(base text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((SELECT json_object_agg(key, value) FROM json_each(base::json) WHERE key LIKE '@%'), '{}')::text
$$;
