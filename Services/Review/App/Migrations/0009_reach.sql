-- Whoever is confined to some divisions sees and changes only what lies in them (domain.md section 8). This is the second line behind
-- the check of what a path names, and the one that filters every list.

CALL confine('cases', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('meetings', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('windows', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('window_lines', 'EXISTS (SELECT FROM windows p WHERE p.id = window_lines.window_id)');
CALL confine('window_places', 'EXISTS (SELECT FROM windows p WHERE p.id = window_places.window_id)');
CALL confine('rulings', 'EXISTS (SELECT FROM meetings p WHERE p.id = rulings.meeting)');
CALL confine('list_votes', 'EXISTS (SELECT FROM meetings p WHERE p.id = list_votes.meeting)');
CALL confine('certificates', 'EXISTS (SELECT FROM cases p WHERE p.id = certificates.case_id)');
CALL confine('household_tips', 'EXISTS (SELECT FROM cases p WHERE p.household = household_tips.household AND p.campaign = household_tips.campaign)');
