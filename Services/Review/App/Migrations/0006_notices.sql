-- What hung in public, as an object: its canonical form until every copy is gone, its digest for ever.
CREATE TABLE notices (
    window_id uuid PRIMARY KEY REFERENCES windows (id),
    campaign uuid NOT NULL REFERENCES campaigns (id),
    number integer NOT NULL CHECK (number > 0),
    -- Of another number: the notice that this one adds to.
    supplements integer,
    canonical text,
    digest text NOT NULL,
    destroyed_at timestamptz,
    UNIQUE (campaign, number),
    CHECK ((canonical IS NULL) = (destroyed_at IS NOT NULL))
);

-- The ledger of numbered sheets: who did what, who saw it, and the SHA-256 of what shows it.
ALTER TABLE window_places
    ADD COLUMN posted_by text,
    ADD COLUMN posting_witness text,
    ADD COLUMN posting_evidence text,
    ADD COLUMN missing_since timestamptz,
    ADD COLUMN taken_down_by text,
    ADD COLUMN witness text,
    ADD COLUMN evidence text,
    DROP CONSTRAINT window_places_fate_check,
    ADD CONSTRAINT window_places_fate_check CHECK (fate IN ('recalled', 'destroyed', 'lost'));

-- A destroyed list keeps which cases it named, for the gate, and neither names nor numbers of persons.
ALTER TABLE window_lines
    ALTER COLUMN head_name DROP NOT NULL,
    ALTER COLUMN member_count DROP NOT NULL;
