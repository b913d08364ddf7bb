-- The divisions to which the transaction is confined, as the setting lika.reach names them; NULL for everywhere.
CREATE FUNCTION reach() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT string_to_array(nullif(current_setting('lika.reach', true), ''), ' ')
$$;

-- Hides the rows of a table that lie elsewhere from whoever is confined, and refuses to write them. The rule is asked for each row;
-- reach() once for each statement, and who is not confined pays for nothing else.
CREATE PROCEDURE confine(place regclass, rule text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', place);
    EXECUTE format('CREATE POLICY reach ON %s USING ((SELECT reach()) IS NULL OR %s)', place, rule);
END $$;
