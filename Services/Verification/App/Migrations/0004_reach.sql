-- Whoever is confined to some divisions sees and changes only what lies in them (domain.md section 8). This is the second line behind
-- the check of what a path names, and the one that filters every list.

CALL confine('files', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('requests', 'EXISTS (SELECT FROM files p WHERE p.household = requests.household)');
CALL confine('accepted_results', 'EXISTS (SELECT FROM requests p WHERE p.id = accepted_results.request)');
CALL confine('sent_back', 'EXISTS (SELECT FROM requests p WHERE p.id = sent_back.request)');
CALL confine('prepared_answers', 'EXISTS (SELECT FROM requests p WHERE p.id = prepared_answers.request)');
