import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// What the rules, and people where the rules leave it to them, made of cases. Kept as it was made, never changed.
extension Work {
    /// Why a case was assessed.
    enum Occasion: String {
        case survey
        /// Somebody joined or left the household.
        case members
    }

    func keep(_ assessment: Assessment, of judged: CampaignCase, by visit: CountingVisit, on occasion: Occasion, _ vault: Vault) throws {
        let id = newID()
        try execute(
            """
            INSERT INTO assessments (id, case_id, household_id, visit_id, occasion, rule_set, verdict, sealed)
            VALUES (\(id), \(judged.id), \(judged.household), \(visit.id), \(occasion), \(assessment.ruleSet), \(assessment.verdict),
                \(try visit.key.seal(AssessmentRecord(assessment), in: .assessment(id))))
            """)
    }

    /// Who decided stands beside it; why is sealed, since it may speak of health.
    func keepJudgement(of judged: CampaignCase, eligible: Bool, because reason: String, _ vault: Vault) throws {
        let id = newID()
        try execute(
            """
            INSERT INTO judgements (id, case_id, eligible, actor, sealed)
            VALUES (\(id), \(judged.id), \(eligible), \(deed.actor.description),
                \(try keys(of: [judged.household], vault)[judged.household].seal(reason, in: .judgement(id))))
            """)
    }

    /// The account that recorded the visit by which a case was judged last.
    func recorder(ofSurveyFor case: CaseID) throws -> Actor? {
        try first(
            "SELECT v.actor FROM assessments a JOIN visits v ON v.id = a.visit_id WHERE a.case_id = \(`case`) ORDER BY a.id DESC LIMIT 1"
        ).map { Actor(account: try $0["actor"]) }
    }

    // MARK: What became of a case

    /// Where review has it now.
    func note(_ moved: CaseID, _ place: CaseStatus, at moment: Instant) throws {
        try execute(
            """
            INSERT INTO case_steps (case_id, teller, place, reasons, actor, at)
            SELECT id, 'review', \(place), '', \(deed.actor.description), \(moment) FROM cases WHERE id = \(moved)
            """)
    }
}
