-- What people call the divisions, as intake tells: sheets and boards say it beside the code.
CREATE TABLE divisions (
    code text PRIMARY KEY,
    name text NOT NULL
);
