-- One reading of a household's numbers serves all checks that are sent together, and is noted once with all their topics.
ALTER TABLE disclosures ADD COLUMN topics text[];
UPDATE disclosures SET topics = ARRAY[topic] WHERE topic IS NOT NULL;
ALTER TABLE disclosures DROP COLUMN topic;
ALTER TABLE disclosures ADD CHECK ((kind = 'verification') = (topics IS NOT NULL));

-- Two indexes held every person's hash, the larger only for those who have left.
DROP INDEX members_id_hash;
CREATE INDEX members_former ON members (id_hash) WHERE state NOT IN ('proposed', 'active');
