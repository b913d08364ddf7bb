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
            VALUES (\(id), \(judged.id), \(judged.household), \(visit.id), \(occasion.rawValue), \(assessment.ruleSet), \(assessment.verdict.rawValue),
                \(try vault.seal(AssessmentRecord(assessment), in: .assessment(id))))
            """)
    }

    /// Who decided, and why.
    struct JudgedBy: Codable {
        let by: String
        let reason: String
    }

    func keepJudgement(of judged: CaseID, eligible: Bool, by judge: JudgedBy, _ vault: Vault) throws {
        let id = newID()
        try execute(
            "INSERT INTO judgements (id, case_id, eligible, sealed) VALUES (\(id), \(judged), \(eligible), \(try vault.seal(judge, in: .judgement(id))))")
    }

    // MARK: What became of a case

    /// Where review has it now.
    func note(_ moved: CaseID, _ place: CaseStatus, at moment: Instant) throws {
        try execute(
            """
            INSERT INTO case_steps (case_id, teller, place, reasons, at)
            SELECT id, 'review', \(place.rawValue), '', \(moment) FROM cases WHERE id = \(moved)
            """)
    }

    func lastPlaceInReview(of moved: CaseID) throws -> CaseStatus? {
        try first("SELECT place FROM case_steps WHERE case_id = \(moved) AND teller = 'review' ORDER BY id DESC LIMIT 1")?["place"]
    }
}
