import Contracts
import Foundation
import Postgres
import Registry

/// What came of a round, from the four databases.
struct RoundReport: Sendable {
    struct Kind: Sendable {
        let kind: CaseKind
        let proposed, discrepant, objected, withdrawn, rejected, reported, recorded: Int
    }

    struct Open: Sendable {
        let what: String
        let count: Int
    }

    /// What one department was asked and answered.
    struct DepartmentRow: Sendable {
        let department: Department
        /// What was said about its last day, if it had to be.
        let lastDay: String
        let asked, answered, discrepant, undetermined, late, refused: Int
    }

    private let kinds: [Kind]
    private let departments: [DepartmentRow]
    /// What did not go straight, in words.
    private let turns: [String]
    private let households, members, cases, requests, results, windows: Int
    let stuck: [Open]

    var stuckTotal: Int { stuck.reduce(0) { $0 + $1.count } }

    static func read(_ ledger: Database) async throws -> RoundReport {
        try await ledger.transaction { sql in
            let totals = try sql.first(
                """
                SELECT (SELECT count(*) FROM intake.households) AS households,
                    (SELECT count(*) FROM intake.members WHERE state <> 'refused') AS members,
                    (SELECT count(*) FROM intake.cases) AS cases,
                    (SELECT count(*) FROM verification.requests WHERE status <> 'superseded') AS requests,
                    (SELECT count(*) FROM verification.requests WHERE status = 'accepted') AS results,
                    (SELECT count(*) FROM review.windows) AS windows
                """)
            func total(_ name: String) throws -> Int { try totals?[name] ?? 0 }
            return RoundReport(
                kinds: try kinds(sql), departments: try departments(sql), turns: try turns(sql), households: try total("households"), members: try total("members"), cases: try total("cases"),
                requests: try total("requests"), results: try total("results"), windows: try total("windows"), stuck: try stuck(sql))
        }
    }

    /// A natural change is decided by the police's answer and marked by intake alone; all others end in review.
    private static func kinds(_ sql: Transaction) throws -> [Kind] {
        try sql.query(
            """
            SELECT i.kind, count(*) AS proposed,
                count(*) FILTER (WHERE EXISTS (
                    SELECT FROM verification.requests q WHERE q.household = i.household_id AND q.outcome = 'discrepant')) AS discrepant,
                count(*) FILTER (WHERE EXISTS (SELECT FROM intake.tips t WHERE t.household_id = i.household_id)) AS objected,
                count(*) FILTER (WHERE r.status IN ('withdrawn', 'carried_over')) AS withdrawn,
                count(*) FILTER (WHERE r.status = 'rejected' OR (r.id IS NULL AND i.status IN ('dropped', 'closed'))) AS rejected,
                count(*) FILTER (WHERE EXISTS (
                    SELECT FROM review.outbox o WHERE o.subject = i.id AND o.type = \(CaseReported.name))) AS reported,
                count(*) FILTER (WHERE r.status = 'recorded' OR (r.id IS NULL AND i.status = 'marked')) AS recorded
            FROM intake.cases i LEFT JOIN review.cases r ON r.id = i.id
            GROUP BY i.kind ORDER BY i.kind
            """
        ).map { row in
            Kind(
                kind: try row["kind"], proposed: try row["proposed"], discrepant: try row["discrepant"], objected: try row["objected"],
                withdrawn: try row["withdrawn"], rejected: try row["rejected"], reported: try row["reported"], recorded: try row["recorded"])
        }
    }

    private static func departments(_ sql: Transaction) throws -> [DepartmentRow] {
        try sql.query(
            """
            SELECT q.department, coalesce(max(d.status), '') AS last_day, count(*) AS asked,
                count(*) FILTER (WHERE q.status = 'accepted') AS answered, count(*) FILTER (WHERE q.outcome = 'discrepant') AS discrepant,
                count(*) FILTER (WHERE q.outcome = 'cannot_determine') AS undetermined,
                count(*) FILTER (WHERE a.received_at AT TIME ZONE 'Asia/Shanghai' >= q.due_on + 1) AS late,
                (SELECT count(*) FROM verification.refused_results r WHERE r.department = q.department) AS refused
            FROM verification.requests q
            LEFT JOIN verification.accepted_results a ON a.request = q.id AND a.digest = q.answer_digest AND q.status = 'accepted'
            LEFT JOIN verification.deadlines d ON d.campaign = q.campaign AND d.department = q.department
            WHERE q.status <> 'superseded' GROUP BY q.department ORDER BY q.department
            """
        ).map { row in
            DepartmentRow(
                department: try row["department"], lastDay: try row["last_day"], asked: try row["asked"], answered: try row["answered"],
                discrepant: try row["discrepant"], undetermined: try row["undetermined"], late: try row["late"], refused: try row["refused"])
        }
    }

    /// Objections and their outcomes, late results and what became of their cases, and what did not fit into the year.
    private static func turns(_ sql: Transaction) throws -> [String] {
        let objections = try sql.query("SELECT outcome, count(*) AS count FROM intake.tips WHERE manner IS NOT NULL GROUP BY 1 ORDER BY 1").map {
            "\(try $0["count", as: Int.self]) \(try $0["outcome", as: String.self])"
        }
        let late = try sql.first(
            """
            SELECT count(*) AS reopened, count(*) FILTER (WHERE c.status = 'recorded') AS revived,
                count(*) FILTER (WHERE c.status = 'withdrawn') AS withdrawn,
                count(*) FILTER (WHERE EXISTS (
                    SELECT FROM review.window_lines l JOIN review.windows w ON w.id = l.window_id
                    WHERE l.case_id = c.id AND EXISTS (
                        SELECT FROM review.windows e WHERE e.level = w.level AND e.division = w.division AND e.id < w.id))) AS again
            FROM review.cases c WHERE EXISTS (
                SELECT FROM review.outbox o WHERE o.subject = c.id AND o.type = \(CaseMoved.name) AND o.data::json ->> 'status' = 'reopened')
            """)
        func figure(_ name: String) throws -> Int { try late?[name] ?? 0 }
        let anew = try sql.first(
            """
            SELECT count(*) AS changed, count(*) FILTER (WHERE EXISTS (
                SELECT FROM review.cases n WHERE n.household = c.household AND n.campaign = c.campaign AND n.kind <> c.kind
                    AND n.status = 'recorded' AND n.proposed_at > c.proposed_at)) AS recorded
            FROM review.cases c WHERE c.reason = 'outcome_changed'
            """)
        let carried = try sql.query("SELECT reason, count(*) AS count FROM review.cases WHERE status = 'carried_over' GROUP BY 1 ORDER BY 1").map {
            "\(try $0["count", as: Int.self]) \(try $0["reason", as: String.self])"
        }
        return [
            "objections answered: \(objections.isEmpty ? "none" : objections.joined(separator: ", "))",
            "late adverse results: \(try figure("reopened")) cases reopened, \(try figure("revived")) went on after their investigation "
                + "(\(try figure("again")) in a later window of their own), \(try figure("withdrawn")) withdrawn",
            "changed to another kind: \(try anew?["changed", as: Int.self] ?? 0), of which \(try anew?["recorded", as: Int.self] ?? 0) "
                + "went the whole way again and were recorded",
            "carried over: \(carried.isEmpty ? "none" : carried.joined(separator: ", "))",
        ]
    }

    /// Everything that has not come to its end.
    static func stuck(_ sql: Transaction) throws -> [Open] {
        func count(_ what: String, _ query: SQL) throws -> Open { Open(what: what, count: try sql.first(query)?["count"] ?? 0) }
        var open = [
            try count("cases in review", "SELECT count(*) FROM review.cases WHERE status NOT IN ('recorded', 'rejected', 'withdrawn', 'carried_over')"),
            try count("cases in intake", "SELECT count(*) FROM intake.cases WHERE status NOT IN ('marked', 'dropped', 'closed')"),
            try count("requests without an accepted answer", "SELECT count(*) FROM verification.requests WHERE status NOT IN ('accepted', 'superseded')"),
            try count("tips unanswered", "SELECT count(*) FROM intake.tips WHERE state NOT IN ('answered', 'closed', 'merged', 'transferred')"),
            try count("lists not taken down", "SELECT count(*) FROM review.windows WHERE stage <> 'recalled'"),
            try count("notices not delivered", "SELECT count(*) FROM notification.notices WHERE status <> 'delivered'"),
        ]
        open.append(Open(what: "batches to relay", count: try pending(sql)))
        for service in serviceNames {
            open.append(try count("messages parked by \(service)", "SELECT count(*) FROM \(unsafe: service).parked_messages"))
        }
        return open
    }

    static func pending(_ sql: Transaction) throws -> Int {
        try serviceNames.reduce(0) { total, service in
            try total + (sql.first("SELECT count(*) FROM \(unsafe: service).outbox_pending")?["count"] ?? 0)
        }
    }

    // MARK: In words

    private static let columns: [(heading: String, of: any KeyPath<Kind, Int> & Sendable)] = [
        ("proposed", \.proposed), ("discrepant", \.discrepant), ("objected", \.objected), ("withdrawn", \.withdrawn), ("rejected", \.rejected),
        ("reported", \.reported), ("recorded", \.recorded),
    ]

    var table: String {
        let heading = "kind".padded(34) + Self.columns.map { $0.heading.leading(11) }.joined()
        let rows = kinds.map { kind in
            kind.kind.label.en.padded(34) + Self.columns.map { "\(kind[keyPath: $0.of])".leading(11) }.joined()
        }
        let sums = "all".padded(34) + Self.columns.map { column in "\(kinds.reduce(0) { $0 + $1[keyPath: column.of] })".leading(11) }.joined()
        return ([heading] + rows + [sums]).joined(separator: "\n")
    }

    private static let departmentColumns: [(heading: String, of: any KeyPath<DepartmentRow, Int> & Sendable)] = [
        ("asked", \.asked), ("answered", \.answered), ("discrepant", \.discrepant), ("undetermined", \.undetermined), ("late", \.late),
        ("refused", \.refused),
    ]

    var departmentTable: String {
        let heading = "department".padded(34) + Self.departmentColumns.map { $0.heading.leading(13) }.joined() + "  last day"
        let rows = departments.map { row in
            row.department.label.en.padded(34) + Self.departmentColumns.map { "\(row[keyPath: $0.of])".leading(13) }.joined() + "  \(row.lastDay)"
        }
        return ([heading] + rows).joined(separator: "\n")
    }

    /// The turns that the round took.
    var turnsTaken: String { turns.joined(separator: "\n") }

    /// For whoever wants to see more than the tables.
    var whereToLook: String {
        let boards = serviceNames.filter { $0 != "intake" }.compactMap { name in Surroundings.optional("LIKA_\(name.uppercased())_URL").map { "\($0)/v1/board" } }
        let logs = Surroundings.optional("LIKA_STATE").map { ["logs: \($0)/log"] } ?? []
        return (["boards: " + boards.joined(separator: "  ")] + logs + ["books: infra/suite run lika ledger; what is parked: infra/suite run lika parked list"])
            .joined(separator: "\n")
    }

    func lastLine(lost: Int, duplicated: Int, seconds: Double) -> String {
        let (reported, recorded) = (kinds.reduce(0) { $0 + $1.reported }, kinds.reduce(0) { $0 + $1.recorded })
        return "demo: households=\(households) members=\(members) cases=\(cases) requests=\(requests) results=\(results) windows=\(windows) "
            + "reported=\(reported) recorded=\(recorded) stuck=\(stuckTotal) lost=\(lost) duplicated=\(duplicated) seconds=\(Int(seconds.rounded()))"
    }
}
