import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import VerificationDomain

// What the poverty office looks at: counts, and one household. No names, no ID numbers: this service keeps none.

struct Board: Encodable {
    /// By the file's state.
    let files: [String: Int]
    /// Households with questions still to be sent.
    let unsent: Int
    /// By department and the request's state, e.g. `{"POLICE": {"sent": 12}}`.
    let requests: [String: [String: Int]]
    /// Accepted answers by department and outcome.
    let answers: [String: [String: Int]]
    /// By department and reason.
    let refused: [String: [String: Int]]
    let batches: [Batch]

    struct Batch: Encodable {
        let batch: UUID
        let campaign: CampaignID
        let households: Int
        let openedAt: Instant
    }
}

struct Standing: Encodable {
    let household: HouseholdID
    let campaign: CampaignID
    let population: CheckedPopulation
    let status: String
    let dueOn: LocalDate?
    let questions: [Question]

    struct Question: Encodable {
        let department: Department
        let topic: VerificationTopic
        let request: RequestID
        let status: String
        let outcome: CheckOutcome?
        let contradiction: Contradiction?
    }
}

extension Contradiction: Encodable {}

extension Work {
    func board() throws -> Board {
        Board(
            files: Dictionary(
                try query("SELECT status, count(*) AS n FROM files GROUP BY status").map { (try $0["status"], try $0["n"]) },
                uniquingKeysWith: +),
            unsent: try first("SELECT count(*) AS n FROM sendings").map { try $0["n"] } ?? 0,
            requests: try counts("SELECT department, status AS what, count(*) AS n FROM requests GROUP BY 1, 2"),
            answers: try counts(
                "SELECT department, outcome AS what, count(*) AS n FROM requests WHERE status = 'accepted' GROUP BY 1, 2"),
            refused: try counts("SELECT department, reason AS what, count(*) AS n FROM refused_results GROUP BY 1, 2"),
            batches: try query("SELECT * FROM batches ORDER BY id").map { row in
                Board.Batch(
                    batch: try row["id"], campaign: try row["campaign"], households: try row["households"],
                    openedAt: try row["opened_at"])
            })
    }

    private func counts(_ statement: SQL) throws -> [String: [String: Int]] {
        try query(statement).reduce(into: [:]) { counts, row in
            counts[try row["department"], default: [:]][try row["what"]] = try row["n"]
        }
    }

    func standing(of household: HouseholdID) throws -> Standing? {
        guard let file = try first("SELECT * FROM files WHERE household = \(household)") else { return nil }
        let questions = try query(
            """
            SELECT id, department, topic, status, outcome, contradiction FROM requests
            WHERE household = \(household) AND status <> 'superseded' ORDER BY department, topic
            """
        ).map { row in
            Standing.Question(
                department: try row["department"], topic: try row["topic"], request: try row["id"],
                status: try row["status"], outcome: try row["outcome"], contradiction: try row["contradiction"])
        }
        return Standing(
            household: household, campaign: try file["campaign"], population: try file["population"],
            status: try file["status"], dueOn: try file["due_on"], questions: questions)
    }

    func isIssued(_ campaign: CampaignID) throws -> Bool {
        try first("SELECT FROM check_plans WHERE campaign = \(campaign) AND due_on IS NOT NULL") != nil
    }

    func keepBatch(_ batch: UUID, of campaign: CampaignID, households: Int) throws {
        try execute(
            """
            INSERT INTO batches (id, campaign, households, opened_at)
            VALUES (\(batch), \(campaign), \(households), \(now))
            """)
    }
}
