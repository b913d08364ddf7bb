-- Whoever surveyed a case neither approves nor reports it (domain.md section 8): what stands for their accounts, never a name.
ALTER TABLE cases ADD COLUMN surveyors text[] NOT NULL DEFAULT '{}';
