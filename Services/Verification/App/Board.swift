import Contracts
import Foundation
import Postgres
import Registry
import ServiceKit
import VerificationDomain

// What the poverty office looks at: counts, and one household. No ID numbers: this service keeps none.

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
    /// Questions that may not go out, by department and reason.
    let withheld: [String: [String: Int]]
    let batches: [Batch]

    struct Batch: Encodable {
        let batch: UUID
        let campaign: CampaignID
        let households: Int
        let openedAt: Instant
    }
}

/// One campaign, by department and by community.
struct CampaignBoard: Encodable {
    let campaign: CampaignID
    let dueOn: LocalDate
    let departments: [DepartmentRow]
    let communities: [CommunityRow]

    struct DepartmentRow: Encodable {
        let department: Department
        let progress: Progress
        /// Results that had no effect.
        let refused: Int
    }

    struct CommunityRow: Encodable {
        /// Twelve digits, or fewer where a household's place is not known to its community.
        let community: String
        let progress: Progress
    }

    /// Counts of questions. What is superseded counts nowhere.
    struct Progress: Encodable {
        /// Sent to a department.
        let asked: Int
        /// Created, and not sent yet.
        let unsent: Int
        /// Of these, ready to go but without a key to which its persons could be sealed.
        let withheld: Int
        /// Accepted.
        let answered: Int
        let discrepant: Int
        let undetermined: Int
        /// Sent back to the department, and not answered since.
        let sentBack: Int
        /// The last day is over, and there is no accepted answer.
        let overdue: Int
        /// From sending to acceptance, half of the answers took no longer, in days.
        let medianDays: Double?
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
        /// What the answer was before the question was asked again.
        let previous: CheckOutcome?
        let objection: Objection?
        /// Why it may not go out.
        let withheld: String?
        let answer: Given?
    }

    /// Who answers for the accepted answer (R19), and what was found.
    struct Given: Encodable {
        let signatory: String
        let post: String
        let signedAt: Instant
        let receivedAt: Instant
        let kid: String
        let findings: [ResultReturned.Finding]
    }
}

/// What a row of `accepted_results` says, read from the very bytes that were signed.
struct GivenAnswer {
    let result: ResultReturned
    let kid: String
    let digest: String
    let receivedAt: Instant

    /// Of a query that names these columns of it.
    static let columns = "a.value, a.kid, a.digest AS signed_digest, a.received_at"

    init(_ row: Row) throws {
        result = try JSON.decode(ResultReturned.self, from: row["value", as: Bytes.self].array)
        (kid, digest, receivedAt) = (try row["kid"], try row["signed_digest"], try row["received_at"])
    }
}

extension Work {
    func board(_ plain: PlainPersons) throws -> Board {
        Board(
            files: Dictionary(
                try query("SELECT status, count(*) AS n FROM files GROUP BY status").map { (try $0["status"], try $0["n"]) },
                uniquingKeysWith: +),
            unsent: try first("SELECT count(*) AS n FROM sendings").map { try $0["n"] } ?? 0,
            requests: try counts("SELECT department, status AS what, count(*) AS n FROM requests GROUP BY 1, 2"),
            answers: try counts(
                "SELECT department, outcome AS what, count(*) AS n FROM requests WHERE status = 'accepted' GROUP BY 1, 2"),
            refused: try counts("SELECT department, reason AS what, count(*) AS n FROM refused_results GROUP BY 1, 2"),
            withheld: try counts(
                """
                SELECT r.department, \(PlainPersons.withheld) AS what, count(*) AS n FROM requests r JOIN sendings s USING (household)
                WHERE r.status = 'created' AND r.department = ANY(\(unsealable(plain))) GROUP BY 1, 2
                """),
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

    /// The departments to which nothing may go now.
    private func unsealable(_ plain: PlainPersons) throws -> [Department] {
        guard plain == .refused else { return [] }
        let keys = try sealingKeys()
        return Department.asked.filter { keys[$0] == nil }
    }

    func campaignBoard(of campaign: CampaignID, _ plain: PlainPersons) throws -> CampaignBoard {
        guard let dueOn: LocalDate = try first("SELECT due_on FROM check_plans WHERE campaign = \(campaign) AND due_on IS NOT NULL")?["due_on"]
        else { throw NotFound("campaign \(campaign)") }
        let refused: [String: Int] = try query(
            """
            SELECT x.department, count(*) AS n FROM refused_results x JOIN requests q ON q.id = x.request
            WHERE q.campaign = \(campaign) GROUP BY 1
            """
        ).reduce(into: [:]) { $0[try $1["department"]] = try $1["n"] }
        let departments = try progress(of: campaign, by: "q.department", plain).compactMap { what, progress in
            Department(rawValue: what).map { CampaignBoard.DepartmentRow(department: $0, progress: progress, refused: refused[what] ?? 0) }
        }
        let communities = try progress(of: campaign, by: "left(f.division, 12)", plain).map {
            CampaignBoard.CommunityRow(community: $0, progress: $1)
        }
        let order = Dictionary(uniqueKeysWithValues: Department.allCases.enumerated().map { ($1, $0) })
        return CampaignBoard(
            campaign: campaign, dueOn: dueOn, departments: departments.sorted { (order[$0.department] ?? 0) < (order[$1.department] ?? 0) },
            communities: communities)
    }

    private func progress(
        of campaign: CampaignID, by group: String, _ plain: PlainPersons
    ) throws -> [(what: String, CampaignBoard.Progress)] {
        try query(
            """
            SELECT \(unsafe: group) AS what,
                count(*) FILTER (WHERE q.status <> 'created') AS asked,
                count(*) FILTER (WHERE q.status = 'created') AS unsent,
                count(*) FILTER (WHERE q.status = 'created' AND s.household IS NOT NULL AND q.department = ANY(\(unsealable(plain)))) AS withheld,
                count(*) FILTER (WHERE q.status = 'accepted') AS answered,
                count(*) FILTER (WHERE q.status = 'accepted' AND q.outcome = 'discrepant') AS discrepant,
                count(*) FILTER (WHERE q.status = 'accepted' AND q.outcome = 'cannot_determine') AS undetermined,
                count(*) FILTER (WHERE q.status = 'sent_back') AS sent_back,
                count(*) FILTER (WHERE q.status NOT IN ('created', 'accepted') AND q.due_on < \(today)) AS overdue,
                percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.received_at - q.sent_at)::float8 / 86400) AS median_days
            FROM requests q JOIN files f USING (household) LEFT JOIN sendings s USING (household)
                LEFT JOIN accepted_results a ON a.request = q.id AND a.digest = q.answer_digest
            WHERE q.campaign = \(campaign) AND q.status <> 'superseded'
            GROUP BY 1 ORDER BY 1
            """
        ).map { row in
            let median: Double? = try row["median_days"]
            return (
                try row["what"],
                CampaignBoard.Progress(
                    asked: try row["asked"], unsent: try row["unsent"], withheld: try row["withheld"], answered: try row["answered"],
                    discrepant: try row["discrepant"], undetermined: try row["undetermined"], sentBack: try row["sent_back"],
                    overdue: try row["overdue"], medianDays: median.map { ($0 * 10).rounded() / 10 })
            )
        }
    }

    func standing(of household: HouseholdID, _ plain: PlainPersons) throws -> Standing? {
        guard let file = try first("SELECT * FROM files WHERE household = \(household)") else { return nil }
        let isQueued = try first("SELECT FROM sendings WHERE household = \(household)") != nil
        let unsealable = Set(try isQueued ? self.unsealable(plain) : [])
        let questions = try query(
            """
            SELECT q.id, q.department, q.topic, q.status, q.outcome, q.previous, q.objection, \(unsafe: GivenAnswer.columns)
            FROM requests q LEFT JOIN accepted_results a ON a.request = q.id AND a.digest = q.answer_digest AND q.status = 'accepted'
            WHERE q.household = \(household) AND q.status <> 'superseded' ORDER BY q.department, q.topic
            """
        ).map { row in
            let (status, department): (String, Department) = (try row["status"], try row["department"])
            let given = try row["value", as: Bytes?.self] == nil ? nil : GivenAnswer(row)
            return Standing.Question(
                department: department, topic: try row["topic"], request: try row["id"], status: status, outcome: try row["outcome"],
                previous: try row["previous"], objection: try row["objection"],
                withheld: status == "created" && unsealable.contains(department) ? PlainPersons.withheld : nil,
                answer: given.map {
                    .init(
                        signatory: $0.result.signatory, post: $0.result.post, signedAt: $0.result.signedAt, receivedAt: $0.receivedAt,
                        kid: $0.kid, findings: $0.result.findings)
                })
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
