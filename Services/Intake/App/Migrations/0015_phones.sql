-- One more kind of reading is noted: a telephone, asked for in the moment in which a message goes there.
ALTER TABLE disclosures
    DROP CONSTRAINT disclosures_kind_check,
    ADD CONSTRAINT disclosures_kind_check
        CHECK (kind IN ('verification', 'reveal', 'search', 'explanation', 'map', 'export', 'notification'));
