-- A form answers with where to look next; sent again, it must answer the same.
ALTER TABLE replies ADD COLUMN location text;
