-- Open tips of the register that name a household, as intake tells of them: they hold its cases, also those that are proposed
-- later. A settled one goes. Neither what they say nor who gave them is known here.
CREATE TABLE household_tips (
    tip uuid PRIMARY KEY,
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    raised_at timestamptz NOT NULL,
    FOREIGN KEY (household, campaign) REFERENCES households
);
CREATE INDEX household_tips_household ON household_tips (household, campaign);
