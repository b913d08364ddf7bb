-- Opinions that were raised at a meeting are tips as well (R22).
ALTER TABLE tips
    DROP CONSTRAINT tips_channel_check,
    ADD CONSTRAINT tips_channel_check CHECK (channel IN ('form', 'box', 'telephone', 'meeting'));
