-- Whoever is confined to some divisions sees and changes only what lies in them (domain.md section 8). This is the second line behind
-- the check of what a path names, and the one that filters every list.

CALL confine('households', 'division ^@ ANY ((SELECT reach())::text[])');
CALL confine('members', 'EXISTS (SELECT FROM households p WHERE p.id = members.household_id)');
CALL confine('identifiers', 'EXISTS (SELECT FROM households p WHERE p.id = identifiers.household_id)');
CALL confine('entries', 'EXISTS (SELECT FROM households p WHERE p.id = entries.household_id)');
CALL confine('household_states', 'EXISTS (SELECT FROM households p WHERE p.id = household_states.household_id)');
CALL confine('measures', 'EXISTS (SELECT FROM households p WHERE p.id = measures.household_id)');
CALL confine('movements', 'EXISTS (SELECT FROM households p WHERE p.id = movements.household_id)');
CALL confine('cases', 'EXISTS (SELECT FROM households p WHERE p.id = cases.household_id)');
CALL confine('closings', 'EXISTS (SELECT FROM households p WHERE p.id = closings.household_id)');
CALL confine('department_answers', 'EXISTS (SELECT FROM households p WHERE p.id = department_answers.household_id)');
CALL confine('residence_checks', 'EXISTS (SELECT FROM households p WHERE p.id = residence_checks.household_id)');
CALL confine('visits', 'EXISTS (SELECT FROM households p WHERE p.id = visits.household_id)');
CALL confine('visit_choices', 'EXISTS (SELECT FROM households p WHERE p.id = visit_choices.household_id)');
CALL confine('survey_conflicts', 'EXISTS (SELECT FROM households p WHERE p.id = survey_conflicts.household_id)');
CALL confine('assessments', 'EXISTS (SELECT FROM households p WHERE p.id = assessments.household_id)');
CALL confine('judgements', 'EXISTS (SELECT FROM cases p WHERE p.id = judgements.case_id)');
CALL confine('case_steps', 'EXISTS (SELECT FROM cases p WHERE p.id = case_steps.case_id)');
CALL confine('proposals', 'EXISTS (SELECT FROM cases p WHERE p.id = proposals.case_id)');
CALL confine('locations', 'coalesce(seat ^@ ANY ((SELECT reach())::text[]), EXISTS (SELECT FROM households p WHERE p.id = locations.household_id))');
CALL confine('tips', '(place ^@ ANY ((SELECT reach())::text[]) OR EXISTS (SELECT FROM households p WHERE p.id = tips.household_id))');

-- A sheet holds what its account could reach, and is for those who reach as far.
CALL confine('imports', '(reach <> '''' AND NOT EXISTS (SELECT FROM unnest(string_to_array(reach, '' '')) AS own (place) WHERE NOT own.place ^@ ANY ((SELECT reach())::text[])))');
CALL confine('exports', '(reach <> '''' AND NOT EXISTS (SELECT FROM unnest(string_to_array(reach, '' '')) AS own (place) WHERE NOT own.place ^@ ANY ((SELECT reach())::text[])))');
