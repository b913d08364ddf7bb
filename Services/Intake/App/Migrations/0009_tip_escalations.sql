-- Whom an overdue tip has gone to.
CREATE TABLE tip_escalations (
    tip_id uuid NOT NULL REFERENCES tips (id),
    level text NOT NULL CHECK (level IN ('community', 'work_team', 'subdistrict', 'county')),
    escalated_at timestamptz NOT NULL,
    PRIMARY KEY (tip_id, level)
);
