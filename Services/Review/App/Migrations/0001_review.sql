-- Review: cases on their way to the county, the meetings that judge them, the lists that hang in public, the tips.
-- Nothing here has room for an ID number, a telephone, a birth date, health or income (domain.md section 9).

-- What the plan of a campaign says about windows and dates.
CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    year int NOT NULL,
    subdistrict text NOT NULL,
    publicity_days int NOT NULL CHECK (publicity_days > 0),
    count_first_day boolean NOT NULL,
    data_freeze_on date NOT NULL,
    issued_at timestamptz NOT NULL
);

-- What intake and verification say of a household. Their topics have no order between them, so either may make the row:
-- the register's words are null until intake has spoken. Whoever opens or reopens a case takes this row's lock first.
CREATE TABLE households (
    id uuid NOT NULL,
    campaign uuid NOT NULL,
    population text CHECK (population IN ('registered', 'exited', 'not_registered')),
    head_name text,
    member_count int CHECK (member_count >= 0),
    -- When intake said so; older words do not replace newer ones.
    said_at timestamptz,
    -- When every required department result had been accepted, and how many differ from what was declared.
    verified_at timestamptz,
    discrepant int NOT NULL DEFAULT 0,
    PRIMARY KEY (id, campaign)
);

CREATE TABLE discrepancies (
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    request uuid NOT NULL,
    department text NOT NULL,
    topic text NOT NULL,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (household, campaign, request),
    FOREIGN KEY (household, campaign) REFERENCES households
);

CREATE TABLE cases (
    id uuid PRIMARY KEY,
    household uuid NOT NULL,
    campaign uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('EXIT', 'RETURN', 'NEW', 'REMOVAL', 'CLEAROUT')),
    member uuid,
    division text NOT NULL,
    proposed_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN (
        'proposed', 'surveyed', 'internally_reviewed', 'publicly_reviewed', 'initially_decided', 'community_publicity',
        'resolved', 'approved', 'subdistrict_publicity', 'awaiting_gate', 'reported', 'confirmed', 'announced', 'recorded',
        'withdrawn', 'rejected', 'reopened', 'carried_over')),
    -- Where a reopened case stood.
    suspended text,
    -- The meetings that passed it and the windows that showed it.
    internal_review uuid,
    public_review uuid,
    initial_decision uuid,
    community_window uuid,
    community_ended_at timestamptz,
    resolution uuid,
    approval uuid,
    subdistrict_window uuid,
    subdistrict_ended_at timestamptz,
    open_tips uuid[] NOT NULL,
    discrepancies uuid[] NOT NULL,
    reason text,
    version int NOT NULL,
    FOREIGN KEY (household, campaign) REFERENCES households,
    CHECK ((status = 'reopened') = (suspended IS NOT NULL)),
    CHECK ((status IN ('withdrawn', 'rejected', 'carried_over')) = (reason IS NOT NULL)),
    -- Nothing goes to the county without its gate.
    CHECK (status NOT IN ('reported', 'confirmed', 'announced', 'recorded') OR (
        community_ended_at IS NOT NULL AND resolution IS NOT NULL AND approval IS NOT NULL
        AND subdistrict_ended_at IS NOT NULL AND open_tips = '{}'))
);
CREATE INDEX cases_household ON cases (household, campaign);
CREATE INDEX cases_status ON cases (status, division);

CREATE TABLE meetings (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    division text NOT NULL,
    called int NOT NULL,
    present int NOT NULL CHECK (present BETWEEN 1 AND called),
    held_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL
);

-- What a meeting said of a case, kept even when the case is withdrawn later.
CREATE TABLE rulings (
    meeting uuid NOT NULL REFERENCES meetings,
    case_id uuid NOT NULL REFERENCES cases,
    outcome text NOT NULL CHECK (outcome IN ('pass', 'reject')),
    approving int NOT NULL,
    opposing int NOT NULL,
    abstaining int NOT NULL,
    reason text,
    PRIMARY KEY (meeting, case_id)
);
CREATE INDEX rulings_case ON rulings (case_id);

CREATE TABLE windows (
    id uuid PRIMARY KEY,
    campaign uuid NOT NULL REFERENCES campaigns,
    level text NOT NULL CHECK (level IN ('community', 'subdistrict')),
    division text NOT NULL,
    publicity_days int NOT NULL,
    count_first_day boolean NOT NULL,
    stage text NOT NULL CHECK (stage IN ('planned', 'rendered', 'posting', 'running', 'expired', 'settled', 'recalled')),
    cases int NOT NULL,
    opens_on date,
    closes_at timestamptz,
    ended_at timestamptz,
    late boolean,
    version int NOT NULL,
    CHECK ((stage IN ('running', 'expired', 'settled', 'recalled')) = (closes_at IS NOT NULL)),
    CHECK ((closes_at IS NULL) = (opens_on IS NULL)),
    CHECK ((stage IN ('expired', 'settled', 'recalled')) = (ended_at IS NOT NULL)),
    CHECK (ended_at >= closes_at)
);
CREATE INDEX windows_division ON windows (division, level);

-- Where a list must hang, and what became of each copy.
CREATE TABLE window_places (
    window_id uuid NOT NULL REFERENCES windows,
    place text NOT NULL,
    position int NOT NULL,
    posted_at timestamptz,
    fate text CHECK (fate IN ('recalled', 'destroyed')),
    taken_down_at timestamptz,
    PRIMARY KEY (window_id, place),
    CHECK ((fate IS NULL) = (taken_down_at IS NULL))
);

-- The frozen list: all that the public may see.
CREATE TABLE window_lines (
    window_id uuid NOT NULL REFERENCES windows,
    position int NOT NULL,
    case_id uuid NOT NULL REFERENCES cases,
    kind text NOT NULL,
    division text NOT NULL,
    head_name text NOT NULL,
    member_count int NOT NULL,
    PRIMARY KEY (window_id, position)
);
CREATE INDEX window_lines_case ON window_lines (case_id);

CREATE TABLE tips (
    id uuid PRIMARY KEY,
    campaign uuid NOT NULL,
    case_id uuid REFERENCES cases,
    household uuid,
    investigator text NOT NULL CHECK (investigator IN ('work_team', 'subdistrict')),
    received_at timestamptz NOT NULL,
    due_on date NOT NULL,
    outcome text CHECK (outcome IN ('upheld', 'partly_upheld', 'dismissed')),
    answered_at timestamptz,
    version int NOT NULL,
    CHECK ((outcome IS NULL) = (answered_at IS NULL))
);
CREATE INDEX tips_case ON tips (case_id) WHERE answered_at IS NULL;
