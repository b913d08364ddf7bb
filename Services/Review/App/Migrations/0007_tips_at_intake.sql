-- Every tip and objection is taken and answered at intake's desk; review knows those that name a household, and how they ended.
DROP TABLE tips;
ALTER TABLE household_tips
    ADD COLUMN due_on date,
    -- What the tipster was told; unknown of those from before.
    ADD COLUMN number integer,
    ADD COLUMN settled_at timestamptz,
    -- None while it is open, and of one that went elsewhere.
    ADD COLUMN outcome text CHECK (outcome IN ('upheld', 'partly_upheld', 'dismissed')),
    ADD CHECK (outcome IS NULL OR settled_at IS NOT NULL);
-- Those from before this migration are due at once.
UPDATE household_tips SET due_on = (raised_at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE household_tips ALTER COLUMN due_on SET NOT NULL;
