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

    private let kinds: [Kind]
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
                kinds: try kinds(sql), households: try total("households"), members: try total("members"), cases: try total("cases"),
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
                count(*) FILTER (WHERE EXISTS (SELECT FROM review.tips t WHERE t.case_id = i.id)) AS objected,
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

    /// Everything that has not come to its end.
    static func stuck(_ sql: Transaction) throws -> [Open] {
        func count(_ what: String, _ query: SQL) throws -> Open { Open(what: what, count: try sql.first(query)?["count"] ?? 0) }
        var open = [
            try count("cases in review", "SELECT count(*) FROM review.cases WHERE status NOT IN ('recorded', 'rejected', 'withdrawn', 'carried_over')"),
            try count("cases in intake", "SELECT count(*) FROM intake.cases WHERE status NOT IN ('marked', 'dropped', 'closed')"),
            try count("requests without an accepted answer", "SELECT count(*) FROM verification.requests WHERE status NOT IN ('accepted', 'superseded')"),
            try count("tips unanswered", "SELECT count(*) FROM review.tips WHERE answered_at IS NULL"),
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

    /// For whoever wants to see more than the table.
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
