-- Whose personal data were destroyed: a proof without a person.
CREATE TABLE purges (
    id uuid PRIMARY KEY,
    household_id uuid NOT NULL UNIQUE,
    purged_at timestamptz NOT NULL,
    reason text NOT NULL,
    deed text NOT NULL,
    key_digest text,
    cells integer NOT NULL
);
CALL confine('purges', 'EXISTS (SELECT FROM households p WHERE p.id = purges.household_id)');
