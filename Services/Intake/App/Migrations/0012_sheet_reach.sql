-- How far the account of a sheet that came in or goes out could reach: as the setting lika.reach has it.
ALTER TABLE imports ADD COLUMN reach text NOT NULL DEFAULT '';
ALTER TABLE exports ADD COLUMN reach text NOT NULL DEFAULT '';
